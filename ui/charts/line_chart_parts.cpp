#include "ui/charts/line_chart_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qd::ui {

namespace {

constexpr double margin = 6;

/// QCategoryAxis refuses a label that it has already ("15:00" of two days), so each gets its own number of invisible
/// characters behind it.
void setLabels(QCategoryAxis* axis, Range range, const std::vector<std::pair<QString, double>>& labels)
{
    for (const auto& label : axis->categoriesLabels()) {
        axis->remove(label);
    }
    axis->setStartValue(range.low);
    axis->setRange(range.low, range.high);
    int number = 0;
    for (const auto& [text, value] : labels) {
        axis->append(text + QString(number++, QChar(0x200B)), value);
    }
}

} // namespace

void LineChart::Parts::layAxes()
{
    Range range{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    const auto include = [&range](double value) { range = {std::min(range.low, value), std::max(range.high, value)}; };
    const auto [from, to] = seen();
    for (auto i = from; i < to; ++i) {
        include(series[i].second);
    }
    for (const auto& one : former) {
        for (const auto& [when, value] : one) {
            if (time().holds(inMs(when))) {
                include(value);
            }
        }
    }
    if (limit) {
        include(limit->first);
    }
    if (reference) {
        include(*reference);
    }
    if (range.low > range.high) {
        range = {0, 1};
    }
    if (range.span() <= 0) {
        const double half = range.low == 0 ? 1 : std::abs(range.low) * 0.01;
        range = {range.low - half, range.low + half};
    }
    range = bounds.value_or(range);
    const int rows = std::clamp(static_cast<int>(self->height() / 55), 2, 6);
    const double step = niceStep(range.span(), rows);
    values =
        bounds.value_or(Range{std::floor(range.low / step + 1e-9) * step, std::ceil(range.high / step - 1e-9) * step});
    std::vector<std::pair<QString, double>> labels;
    for (const double value : niceTicks(values, rows + 2)) {
        labels.emplace_back(text(std::abs(value) < step * 1e-9 ? 0 : value), value);
    }
    setLabels(valueAxis, values, labels);

    const int columns = std::clamp(self->width() / 110, 2, 9);
    labels.clear();
    for (const auto& tick : timeTicks(time(), columns, zone)) {
        // A label stands centred under its tick: one so near the edge would be cut.
        const double room = (time().high - inMs(tick.time)) / std::max(1.0, time().span()) * self->width();
        if (room > 24) {
            labels.emplace_back(tick.text, inMs(tick.time));
        }
    }
    setLabels(timeAxis, time(), labels);
}

LineStretch& LineChart::Parts::stretch(std::size_t i)
{
    while (stretches.size() <= i) {
        auto* edge = new QLineSeries(chart);
        auto* area = new QAreaSeries(edge);
        auto* line = new QLineSeries;
        for (QAbstractSeries* one : std::initializer_list<QAbstractSeries*>{area, line}) {
            chart->addSeries(one);
            one->attachAxis(timeAxis);
            one->attachAxis(valueAxis);
        }
        stretches.push_back({line, edge, area});
        paintColors();
    }
    return stretches[i];
}

void LineChart::Parts::layLine()
{
    const auto [from, to] = seen();
    const auto scale = timeScale();
    std::vector<LinePoint> points;
    std::size_t used = 0;
    const auto flush = [&] {
        QList<QPointF> list;
        for (const auto& point : thinned(points, 1)) {
            list.append({scale.value(point.x), point.y});
        }
        if (!list.isEmpty()) {
            stretch(used++).show(list);
        }
        points.clear();
    };
    for (auto i = from; i < to; ++i) {
        if (i > from && series[i].first - series[i - 1].first > gapAfter) {
            flush();
        }
        points.push_back({scale.pixel(inMs(series[i].first)), series[i].second});
    }
    flush();
    for (auto i = used; i < stretches.size(); ++i) {
        stretches[i].show({});
    }
}

void LineChart::Parts::paintColors()
{
    const auto line = colors.*lineColor;
    for (const auto& one : stretches) {
        one.line->setPen(QPen(line, 1.6));
        one.area->setPen(Qt::NoPen);
        one.area->setBrush(QColor(line.red(), line.green(), line.blue(), isFilled ? 30 : 0));
    }
    for (auto* axis : {timeAxis, valueAxis}) {
        axis->setLabelsColor(colors.textFaint);
        axis->setLabelsFont(colors.figures);
        axis->setGridLinePen(QPen(colors.tint(colors.hairline, 0.7), 1));
        axis->setLinePen(Qt::NoPen);
    }
    self->setBackgroundBrush(colors.surface);
}

void LineChart::Parts::paintReference(QPainter& p) const
{
    if (reference) {
        const auto plot = chart->plotArea();
        const double y = valueScale().pixel(*reference);
        p.setPen(QPen(colors.warning, 1, Qt::DashLine));
        p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    }
}

void LineChart::Parts::paintFormer(QPainter& p) const
{
    const auto x = timeScale();
    const auto y = valueScale();
    p.save();
    p.setClipRect(chart->plotArea());
    p.setPen(QPen(colors.textFaint, 1.3, Qt::DashLine));
    for (const auto& one : former) {
        std::vector<LinePoint> points;
        points.reserve(one.size());
        for (const auto& [when, value] : one) {
            points.push_back({x.pixel(inMs(when)), y.pixel(value)});
        }
        QPolygonF line;
        for (const auto& point : thinned(points, 1)) {
            line << QPointF(point.x, point.y);
        }
        p.drawPolyline(line);
    }
    p.restore();
}

void LineChart::Parts::paintLimit(QPainter& p) const
{
    const auto plot = chart->plotArea();
    const double y = valueScale().pixel(limit->first);
    p.setPen(QPen(colors.loss, 1, Qt::DashLine));
    p.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    p.setFont(colors.words);
    const double height = QFontMetricsF(colors.words).height();
    const double top = y - height - 2 < plot.top() ? y + 2 : y - height - 2;
    const double width = QFontMetricsF(colors.words).horizontalAdvance(limit->second) + 8;
    const QRectF label(plot.right() - width, top, width, height);
    p.fillRect(label, colors.tint(colors.loss, 0.07));
    p.drawText(label, Qt::AlignCenter, limit->second);
}

void LineChart::Parts::paintCrosshair(QPainter& p) const
{
    const auto point = pointerX ? self->pointAt(*pointerX) : std::nullopt;
    if (!point) {
        return;
    }
    const auto plot = chart->plotArea();
    const QPointF place(timeScale().pixel(inMs(point->first)), valueScale().pixel(point->second));
    p.setPen(QPen(colors.textFaint, 1, Qt::DotLine));
    p.drawLine(QPointF(place.x(), plot.top()), QPointF(place.x(), plot.bottom()));
    p.drawLine(QPointF(plot.left(), place.y()), QPointF(plot.right(), place.y()));
    p.setPen(QPen(colors.surface, 2));
    p.setBrush(colors.*lineColor);
    p.drawEllipse(place, 4.5, 4.5);

    const auto words = text(point->second) + QStringLiteral("  ·  ") + momentText(point->first, zone, false);
    const QFontMetricsF metrics(colors.figures);
    QRectF tag(0, plot.top() + 2, metrics.horizontalAdvance(words) + 2 * margin, metrics.height() + margin);
    tag.moveLeft(std::clamp(place.x() + 8, plot.left(), std::max(plot.left(), plot.right() - tag.width())));
    if (tag.contains(place)) {
        tag.moveBottom(plot.bottom() - 2);
    }
    p.setPen(QPen(colors.hairline, 1));
    p.setBrush(colors.raised);
    p.drawRoundedRect(tag, 4, 4);
    p.setPen(colors.text);
    p.setFont(colors.figures);
    p.drawText(tag, Qt::AlignCenter, words);
}

ChartExport LineChart::Parts::exports() const
{
    return {.fileName = title + QStringLiteral(".csv"),
            .picture = [chart = self] { return chart->grab(); },
            .csv = [chart = self] { return chart->csv(); },
            .reset =
                [this] {
                    self->parts_->zoomed.reset();
                    self->rebuild();
                }};
}

} // namespace qd::ui
