#include "ui/charts/candle_painter.h"

#include "ui/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace qd::ui {

namespace {

constexpr double legendHeight = 22;
constexpr double timeAxisHeight = 22;
constexpr double tagPadding = 6;
constexpr double markHalf = 5;

using Rects = QList<QRectF>;

double asDouble(base::Price price)
{
    return static_cast<double>(price.value);
}
double ms(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

QString priceText(const CandleScene& scene, double ticks)
{
    return format::price(scene.instrument, base::Price{static_cast<std::int64_t>(std::llround(ticks))});
}

/// Fills rectangles of one colour; edges lie on whole pixels, so no smoothing.
void fill(QPainter& p, const Rects& rects, const QColor& color)
{
    p.setPen(Qt::NoPen);
    p.setBrush(color);
    p.drawRects(rects.constData(), static_cast<int>(rects.size()));
}

/// The shapes of bars, sorted by what they are painted with.
struct Shapes {
    Rects up;
    Rects down;
    Rects upVolume;
    Rects downVolume;
    Rects gaps;
};

void addBar(Shapes& shapes, const Bar& bar, const CandleGeometry& at, double pitch)
{
    const double center = std::floor(bar.x);
    const double width = std::max(1.0, 2 * std::floor(pitch * 0.36) + (pitch >= 3 ? 1 : 0));
    const double left = center - std::floor(width / 2);
    const auto y = [&](base::Price price) { return std::round(at.price.pixel(asDouble(price))); };
    auto& rects = bar.close >= bar.open ? shapes.up : shapes.down;
    const double top = y(bar.high);
    rects.append({center, top, 1, std::max(1.0, y(bar.low) - top)});
    if (width > 1) {
        const double bodyTop = y(std::max(bar.open, bar.close));
        rects.append({left, bodyTop, width, std::max(1.0, y(std::min(bar.open, bar.close)) - bodyTop)});
    }
    if (bar.volume > 0) {
        const double height = std::max(1.0, std::round(bar.volume / at.mostVolume * at.volume.height()));
        (bar.close >= bar.open ? shapes.upVolume : shapes.downVolume)
            .append({left, std::floor(at.volume.bottom()) - height, width, height});
    }
    if (bar.hasGap) {
        shapes.gaps.append({left - 1, std::floor(at.volume.bottom()) + 1, width + 2, 2});
    }
}

void paintShapes(QPainter& p, const Shapes& shapes, const ChartColors& colors)
{
    fill(p, shapes.upVolume, colors.tint(colors.gain, 0.33));
    fill(p, shapes.downVolume, colors.tint(colors.loss, 0.33));
    fill(p, shapes.up, colors.gain);
    fill(p, shapes.down, colors.loss);
    fill(p, shapes.gaps, colors.warning);
}

double pitchOf(const CandleScene& scene, const CandleGeometry& at)
{
    return at.time.pixelsPerUnit() * static_cast<double>(scene.length().count());
}

Bar formingBar(const CandleScene& scene, const CandleGeometry& at)
{
    const auto& candle = *scene.forming;
    const double middle = ms(candle.start) + static_cast<double>(scene.length().count()) / 2;
    return {at.time.pixel(middle),
            scene.closed.size(),
            1,
            candle.start,
            candle.open,
            candle.high,
            candle.low,
            candle.close,
            static_cast<double>(candle.volume.value),
            candle.hasGap};
}

struct OverlayLine {
    double OverlayPoint::* value;
    QColor color;
    double width;
};

std::vector<OverlayLine> overlayLines(const CandleScene& scene)
{
    std::vector<OverlayLine> lines;
    const auto& colors = scene.colors;
    if (scene.shown.bollinger) {
        const auto quiet = colors.tint(colors.focus, 0.6);
        lines.push_back({&OverlayPoint::upper, quiet, 1});
        lines.push_back({&OverlayPoint::middle, colors.tint(colors.focus, 0.35), 1});
        lines.push_back({&OverlayPoint::lower, quiet, 1});
    }
    if (scene.shown.vwap) {
        lines.push_back({&OverlayPoint::vwap, colors.second, 1.4});
    }
    if (scene.shown.ema) {
        lines.push_back({&OverlayPoint::ema, colors.warning, 1.4});
    }
    return lines;
}

bool isJoined(const CandleScene& scene, std::size_t i)
{
    return i > 0 && scene.closed[i].start - scene.closed[i - 1].start <= scene.length();
}

/// More than a candle a column: an upright stroke from the column's least to its greatest value says all that a
/// polyline would, at a tenth of its price.
void paintDenseOverlay(QPainter& p, const CandleScene& scene, const CandleGeometry& at, const OverlayLine& line)
{
    Rects strokes;
    strokes.reserve(static_cast<qsizetype>(at.bars.size()));
    for (const auto& bar : at.bars) {
        double low = std::numeric_limits<double>::infinity();
        double high = -low;
        // NaN compares false with everything and so leaves both as they are.
        for (auto i = bar.first - (isJoined(scene, bar.first) ? 1 : 0); i < bar.first + bar.count; ++i) {
            const double value = scene.overlays[i].*line.value;
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
        if (low <= high) {
            const double top = std::floor(at.price.pixel(high));
            strokes.append({std::floor(bar.x), top, 1, std::max(1.0, std::floor(at.price.pixel(low)) - top)});
        }
    }
    fill(p, strokes, line.color);
}

void paintOverlay(QPainter& p, const CandleScene& scene, const CandleGeometry& at, const OverlayLine& line)
{
    const auto half = static_cast<double>(scene.length().count()) / 2;
    auto [from, to] = candlesIn(scene.closed, scene.length(), at.time.range());
    from -= from > 0 ? 1 : 0;
    to += to < scene.closed.size() ? 1 : 0;
    // Single lines with square ends: the raster engine has a short way for them, and none for a polyline.
    QList<QLineF> lines;
    lines.reserve(static_cast<qsizetype>(to - from));
    QPointF before;
    for (auto i = from; i < to; ++i) {
        const double value = scene.overlays[i].*line.value;
        const QPointF now(at.time.pixel(ms(scene.closed[i].start) + half), at.price.pixel(value));
        if (i > from && !std::isnan(before.y()) && !std::isnan(value) && isJoined(scene, i)) {
            lines.append({before, now});
        }
        before = now;
    }
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(QPen(line.color, line.width, Qt::SolidLine, Qt::SquareCap));
    p.drawLines(lines);
    p.setRenderHint(QPainter::Antialiasing, false);
}

/// From the newest closed candle to the forming one.
void paintOverlayEnd(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    if (scene.overlays.empty() || !scene.formingOverlay ||
        scene.forming->start - scene.closed.back().start > scene.length()) {
        return;
    }
    const auto half = static_cast<double>(scene.length().count()) / 2;
    p.setRenderHint(QPainter::Antialiasing);
    for (const auto& line : overlayLines(scene)) {
        const double before = scene.overlays.back().*line.value;
        const double now = *scene.formingOverlay.*line.value;
        if (!std::isnan(before) && !std::isnan(now)) {
            p.setPen(QPen(line.color, line.width));
            p.drawLine(QPointF(at.time.pixel(ms(scene.closed.back().start) + half), at.price.pixel(before)),
                       QPointF(at.time.pixel(ms(scene.forming->start) + half), at.price.pixel(now)));
        }
    }
    p.setRenderHint(QPainter::Antialiasing, false);
}

void paintMarks(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    p.setRenderHint(QPainter::Antialiasing);
    for (const auto& [tip, index] : markPlaces(scene, at)) {
        const auto& mark = scene.marks[index];
        const auto color = mark.isEntry ? scene.colors.focus : scene.colors.second;
        const double down = mark.isEntry ? 1.7 * markHalf : -1.7 * markHalf;
        p.setPen(QPen(color, 1.2));
        p.setBrush(mark.inShadow ? scene.colors.surface : color);
        p.drawPolygon(QPolygonF({tip, tip + QPointF(markHalf, down), tip + QPointF(-markHalf, down)}));
    }
    p.setRenderHint(QPainter::Antialiasing, false);
}

/// Words stand at the right edge of the plot, under one another where lines lie close; a dotted line leads to them.
void paintLevels(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    p.setFont(scene.colors.words);
    const QFontMetricsF metrics(scene.colors.words);
    std::vector<QRectF> taken;
    for (const auto& level : scene.levels) {
        const auto color = scene.colors.*level.tone;
        const double y = std::round(at.price.pixel(level.price));
        const double from = std::max(at.plot.left(), at.time.pixel(ms(level.from)));
        const double to = std::max(from + 8, std::min(at.plot.right(), at.time.pixel(ms(level.to))));
        if (from > at.plot.right() || y < at.plot.top() || y > at.plot.bottom()) {
            continue;
        }
        const double width = metrics.horizontalAdvance(level.text) + 2;
        QRectF words(at.plot.right() - width, y - metrics.height() / 2, width, metrics.height());
        const auto hit = [&] {
            return std::ranges::find_if(taken, [&](const auto& t) { return t.intersects(words); });
        };
        for (auto other = hit(); other != taken.end(); other = hit()) {
            words.moveTop(other->bottom() + 1);
        }
        taken.push_back(words);
        p.setPen(QPen(color, 1, level.isDashed ? Qt::DashLine : Qt::SolidLine));
        p.drawLine(QPointF(from, y), QPointF(to, y));
        p.setPen(QPen(scene.colors.tint(color, 0.5), 1, Qt::DotLine));
        p.drawLine(QPointF(to + 2, y), QPointF(std::max(to + 2, words.left() - 6), words.center().y()));
        p.setPen(color);
        p.drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, level.text);
    }
}

void paintMoments(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    p.setFont(scene.colors.words);
    const QFontMetricsF metrics(scene.colors.words);
    for (const auto& moment : scene.moments) {
        const double x = std::round(at.time.pixel(ms(moment.time)));
        if (x < at.plot.left() || x > at.plot.right()) {
            continue;
        }
        p.setPen(QPen(scene.colors.textFaint, 1, Qt::DotLine));
        p.drawLine(QPointF(x, at.plot.top()), QPointF(x, at.plot.bottom()));
        QRectF words(x + 5, at.plot.top() + 2, metrics.horizontalAdvance(moment.text) + 2, metrics.height());
        if (words.right() > at.plot.right()) {
            words.moveRight(x - 5);
        }
        p.setPen(scene.colors.textSecond);
        p.drawText(words, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine, moment.text);
    }
}

void paintAxes(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    const auto& colors = scene.colors;
    const auto grid = colors.tint(colors.hairline, 0.6);
    p.setFont(colors.figures);
    const QFontMetricsF metrics(colors.figures);
    for (const auto price : at.priceTicks) {
        const double y = std::round(at.price.pixel(static_cast<double>(price)));
        p.fillRect(QRectF(at.plot.left(), y, at.plot.width(), 1), grid);
        p.setPen(colors.textFaint);
        p.drawText(QRectF(at.plot.right() + tagPadding + 2, y - 10, 200, 20), Qt::AlignLeft | Qt::AlignVCenter,
                   priceText(scene, static_cast<double>(price)));
    }
    double free = at.plot.left();
    for (const auto& tick : at.timeTicks) {
        const double x = std::round(at.time.pixel(ms(tick.time)));
        const double width = metrics.horizontalAdvance(tick.text);
        p.fillRect(QRectF(x, at.volume.bottom() + 3, 1, 3), colors.hairline);
        if (x - width / 2 >= free && x + width / 2 <= at.plot.right() + 30) {
            p.setPen(tick.isDay ? colors.textSecond : colors.textFaint);
            p.drawText(QRectF(x - width / 2 - 2, at.volume.bottom() + 6, width + 4, timeAxisHeight - 6),
                       Qt::AlignHCenter | Qt::AlignVCenter, tick.text);
            free = x + width / 2 + 10;
        }
    }
}

void paintTag(QPainter& p, const QRectF& rect, const QString& text, const QColor& fillColor, const QColor& textColor)
{
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    p.setBrush(fillColor);
    p.drawRoundedRect(rect, 3, 3);
    p.setRenderHint(QPainter::Antialiasing, false);
    p.setPen(textColor);
    p.drawText(rect, Qt::AlignCenter, text);
}

QRectF priceTagRect(const CandleGeometry& at, const QFontMetricsF& metrics, const QString& text, double y)
{
    const double height = metrics.height() + 4;
    return {at.plot.right() + 2, std::round(y - height / 2), metrics.horizontalAdvance(text) + 2 * tagPadding, height};
}

} // namespace

QString compact(double value)
{
    struct Unit {
        double size;
        const char16_t* name;
    };
    constexpr std::array units{Unit{1e9, u" G"}, Unit{1e6, u" M"}, Unit{1e3, u" k"}, Unit{1, u""}};
    for (const auto& unit : units) {
        if (std::abs(value) >= unit.size) {
            const double scaled = value / unit.size;
            const int decimals = std::abs(scaled) >= 100 ? 0 : std::abs(scaled) >= 10 ? 1 : 2;
            return format::decimal(scaled, decimals) + QString::fromUtf16(unit.name);
        }
    }
    return format::decimal(value, value == 0 ? 0 : 4);
}

void paintStill(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    paintAxes(p, scene, at);
    Shapes shapes;
    const double pitch = pitchOf(scene, at);
    p.save();
    p.setClipRect(QRectF(at.plot.left(), 0, at.plot.width(), at.volume.bottom() + 4));
    for (const auto& bar : at.bars) {
        addBar(shapes, bar, at, pitch);
    }
    paintShapes(p, shapes, scene.colors);
    p.setClipRect(at.plot);
    for (const auto& line : overlayLines(scene)) {
        pitch < 1 ? paintDenseOverlay(p, scene, at, line) : paintOverlay(p, scene, at, line);
    }
    paintLevels(p, scene, at);
    paintMoments(p, scene, at);
    paintMarks(p, scene, at);
    p.restore();
}

void paintLive(QPainter& p, const CandleScene& scene, const CandleGeometry& at)
{
    if (scene.forming) {
        Shapes shapes;
        p.save();
        p.setClipRect(QRectF(at.plot.left(), 0, at.plot.width(), at.volume.bottom() + 4));
        addBar(shapes, formingBar(scene, at), at, pitchOf(scene, at));
        paintShapes(p, shapes, scene.colors);
        p.setClipRect(at.plot);
        paintOverlayEnd(p, scene, at);
        p.restore();
    }
    if (!scene.last) {
        return;
    }
    const double y = at.price.pixel(asDouble(*scene.last));
    if (y < at.plot.top() || y > at.plot.bottom()) {
        return;
    }
    p.setPen(QPen(scene.colors.focus, 1, Qt::DotLine));
    p.drawLine(QPointF(at.plot.left(), std::round(y)), QPointF(at.plot.right(), std::round(y)));
    const auto text = priceText(scene, asDouble(*scene.last));
    p.setFont(scene.colors.figures);
    paintTag(p, priceTagRect(at, QFontMetricsF(scene.colors.figures), text, y), text, scene.colors.tag,
             scene.colors.onTag);
}

void paintCrosshair(QPainter& p, const CandleScene& scene, const CandleGeometry& at, const QPointF& pointer)
{
    const auto& colors = scene.colors;
    const auto inside = QRectF(at.plot.topLeft(), QPointF(at.plot.right(), at.volume.bottom()));
    if (!inside.contains(pointer)) {
        return;
    }
    // The upright line snaps to the middle of the candle; in a gap it stands where the pointer is.
    const auto half = static_cast<double>(scene.length().count()) / 2;
    const auto start = base::bucketStart({static_cast<std::int64_t>(at.time.value(pointer.x()))}, scene.length());
    const bool isOnCandle = candleAt(scene, at, pointer.x()).has_value();
    const double x = std::floor(isOnCandle ? at.time.pixel(ms(start) + half) : pointer.x());
    p.setPen(QPen(colors.textFaint, 1, Qt::DashLine));
    p.drawLine(QPointF(x, at.plot.top()), QPointF(x, at.volume.bottom()));
    p.drawLine(QPointF(at.plot.left(), std::floor(pointer.y())), QPointF(at.plot.right(), std::floor(pointer.y())));

    p.setFont(colors.figures);
    const QFontMetricsF metrics(colors.figures);
    if (pointer.y() <= at.plot.bottom()) {
        const auto price = priceText(scene, at.price.value(pointer.y()));
        paintTag(p, priceTagRect(at, metrics, price, pointer.y()), price, colors.hairline, colors.text);
    }
    const auto moment = momentText(start, scene.zone, false);
    QRectF tag(0, at.volume.bottom() + 3, metrics.horizontalAdvance(moment) + 2 * tagPadding, metrics.height() + 3);
    tag.moveLeft(std::clamp(std::round(x - tag.width() / 2), 0.0, std::max(0.0, at.plot.right() - tag.width())));
    paintTag(p, tag, moment, colors.hairline, colors.text);
}

namespace {

/// A word of the legend, with the shorter form for narrow charts.
struct LegendPart {
    QString full;
    QString brief;
    QColor color;
    double after = 0;
};

std::vector<LegendPart> legendOf(const CandleScene& scene, const market::Candle& candle, const OverlayPoint* overlay)
{
    const auto& colors = scene.colors;
    const auto tone = candle.close >= candle.open ? colors.gain : colors.loss;
    std::vector<LegendPart> out;
    const auto add = [&out](const QString& text, const QColor& color, double after) {
        out.push_back({text, text, color, after});
    };
    const std::array<std::pair<QString, base::Price>, 4> prices{{{QObject::tr("O"), candle.open},
                                                                 {QObject::tr("H"), candle.high},
                                                                 {QObject::tr("L"), candle.low},
                                                                 {QObject::tr("C"), candle.close}}};
    for (const auto& [name, price] : prices) {
        add(name, colors.textFaint, 4);
        add(priceText(scene, asDouble(price)), tone, 9);
    }
    if (candle.open.value > 0) {
        add(format::signedPercent(asDouble(candle.close) / asDouble(candle.open) - 1, 2), tone, 12);
    }
    add(QObject::tr("V"), colors.textFaint, 4);
    add(compact(scene.instrument.coins(candle.volume)), colors.textSecond, 12);
    if (candle.hasGap) {
        out.push_back({QObject::tr("gap: trades may be missing"), QObject::tr("gap"), colors.warning, 12});
    }
    if (overlay == nullptr) {
        return out;
    }
    const auto addOverlay = [&](bool isShown, const QString& full, const QString& brief, double value,
                                const QColor& color) {
        const auto text = QLatin1Char(' ') + (std::isnan(value) ? format::undefined() : priceText(scene, value));
        if (isShown) {
            out.push_back({full + text, brief + text, color, 12});
        }
    };
    addOverlay(scene.shown.ema, QObject::tr("EMA 26"), QObject::tr("EMA"), overlay->ema, colors.warning);
    addOverlay(scene.shown.bollinger, QObject::tr("Bollinger 20/2"), QObject::tr("BB"), overlay->middle,
               colors.tint(colors.focus, 0.8));
    addOverlay(scene.shown.vwap, QObject::tr("VWAP 60"), QObject::tr("VW"), overlay->vwap, colors.second);
    return out;
}

} // namespace

void paintLegend(QPainter& p, const CandleScene& scene, const CandleGeometry& at, std::optional<double> pointerX)
{
    const auto& colors = scene.colors;
    const auto newest = scene.forming ? scene.closed.size() : scene.closed.size() - 1;
    const auto index = pointerX ? candleAt(scene, at, *pointerX) : std::optional(newest);
    p.setFont(colors.figures);
    const QFontMetricsF metrics(colors.figures);
    double x = at.plot.left();
    const auto say = [&](const QString& text, const QColor& color, double after) {
        const double width = metrics.horizontalAdvance(text);
        if (x + width <= at.plot.right()) {
            p.setPen(color);
            p.drawText(QRectF(x, 0, width + 1, legendHeight - 4), Qt::AlignLeft | Qt::AlignVCenter, text);
            x += width + after;
        }
    };
    if (!index) {
        say(QObject::tr("no candle: nothing was traded or recorded here"), colors.textFaint, 0);
        return;
    }
    const auto& candle = *index < scene.closed.size() ? scene.closed[*index] : *scene.forming;
    const auto overlay = *index < scene.overlays.size() ? std::optional(scene.overlays[*index]) : scene.formingOverlay;
    const auto parts = legendOf(scene, candle, overlay ? &*overlay : nullptr);
    double wanted = 0;
    for (const auto& part : parts) {
        wanted += metrics.horizontalAdvance(part.full) + part.after;
    }
    const bool isNarrow = wanted > at.plot.right() - at.plot.left();
    for (const auto& part : parts) {
        say(isNarrow ? part.brief : part.full, part.color, isNarrow ? part.after * 0.7 : part.after);
    }
}

} // namespace qd::ui
