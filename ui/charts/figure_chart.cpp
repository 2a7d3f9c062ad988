#include "ui/charts/figure_chart.h"

#include <QContextMenuEvent>
#include <QLocale>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <limits>

namespace qd::ui {

namespace {

constexpr double axisHeight = 20;
constexpr double legendHeight = 18;

QString plain(const FigureChart::Formatter& formatter, double value)
{
    return formatter ? formatter(value) : QLocale::c().toString(value, 'g', 4);
}

} // namespace

FigureChart::FigureChart(QWidget* parent) : QWidget(parent)
{
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void FigureChart::setLines(std::vector<Line> lines)
{
    lines_ = std::move(lines);
    for (auto& line : lines_) {
        std::erase_if(line.points, [](const Point& p) { return !std::isfinite(p.x) || !std::isfinite(p.y); });
    }
    view_.reset();
    QStringList said;
    for (const auto& line : lines_) {
        QStringList values;
        for (const auto& point : line.points) {
            values << plain(yText_, point.y);
        }
        said << line.name + QStringLiteral(": ") + values.join(QStringLiteral(", "));
    }
    setAccessibleDescription(isEmpty() ? emptyText_ : said.join(QStringLiteral("; ")));
    update();
}

void FigureChart::setFormatters(Formatter x, Formatter y, Formatter head)
{
    xText_ = std::move(x);
    yText_ = std::move(y);
    headText_ = std::move(head);
    update();
}

void FigureChart::setTicks(std::vector<double> ticks)
{
    ticks_ = std::move(ticks);
    update();
}

void FigureChart::setBounds(std::optional<Range> x, std::optional<Range> y)
{
    boundsX_ = x;
    boundsY_ = y;
    update();
}

void FigureChart::setTitle(const QString& title)
{
    title_ = title;
    setAccessibleName(title);
}

void FigureChart::setEmptyText(const QString& text)
{
    if (text == emptyText_) {
        return;
    }
    emptyText_ = text;
    if (isEmpty()) {
        setAccessibleDescription(text);
    }
    update();
}

void FigureChart::setColors(const ChartColors& colors)
{
    colors_ = colors;
    update();
}

bool FigureChart::isEmpty() const
{
    const auto* main = mainLine();
    return main == nullptr || main->points.empty();
}

const FigureChart::Line* FigureChart::mainLine() const
{
    const auto found = std::ranges::find_if(lines_, &Line::isMain);
    return found != lines_.end() ? &*found : nullptr;
}

Range FigureChart::fullX() const
{
    Range out{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    for (const auto& line : lines_) {
        for (const auto& point : line.points) {
            out = {std::min(out.low, point.x), std::max(out.high, point.x)};
        }
    }
    if (boundsX_) {
        out = {std::min(out.low, boundsX_->low), std::max(out.high, boundsX_->high)};
    }
    return out.span() > 0 ? padded(out, 0.03) : Range{out.low - 0.5, out.high + 0.5};
}

Range FigureChart::shownY() const
{
    const auto x = shownX();
    Range out{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    const auto hold = [&](double value) { out = {std::min(out.low, value), std::max(out.high, value)}; };
    for (const auto& line : lines_) {
        for (const auto& point : line.points) {
            if (x.holds(point.x)) {
                hold(point.y);
                if (point.interval) {
                    hold(point.interval->low);
                    hold(point.interval->high);
                }
            }
        }
    }
    if (boundsY_) {
        hold(boundsY_->low);
        hold(boundsY_->high);
    }
    return out.span() > 0 ? padded(out, 0.06) : Range{out.low - 0.5, out.low + 0.5};
}

QRectF FigureChart::plot() const
{
    const QFontMetricsF metrics(colors_.figures);
    double label = 0;
    for (const double tick : niceTicks(shownY(), 5)) {
        label = std::max(label, metrics.horizontalAdvance(plain(yText_, tick)));
    }
    return QRectF(rect()).adjusted(label + 10, 4 + legendHeight, -8, -axisHeight);
}

void FigureChart::paintAxes(QPainter& p, const LinearScale& x, const LinearScale& y) const
{
    const auto area = plot();
    const QFontMetricsF metrics(colors_.figures);
    p.setRenderHint(QPainter::Antialiasing, false);
    p.setFont(colors_.figures);
    for (const double tick : niceTicks(shownY(), std::clamp(static_cast<int>(area.height() / 34), 2, 5))) {
        const double at = std::round(y.pixel(tick));
        p.setPen(QPen(colors_.hairline, 1));
        p.drawLine(QPointF(area.left(), at), QPointF(area.right(), at));
        p.setPen(colors_.textFaint);
        p.drawText(QRectF(0, at - 9, area.left() - 6, 18), int(Qt::AlignRight | Qt::AlignVCenter), plain(yText_, tick));
    }
    const auto ticks =
        ticks_.empty() ? niceTicks(shownX(), std::clamp(static_cast<int>(area.width() / 70), 2, 8)) : ticks_;
    double free = area.left() - 12;
    p.setPen(colors_.textFaint);
    for (const double tick : ticks) {
        const QString label = plain(xText_, tick);
        const double half = metrics.horizontalAdvance(label) / 2;
        const double at = x.pixel(tick);
        if (at < area.left() - 1 || at > area.right() + 1 || at - half < free) {
            continue;
        }
        const double left = std::min(at - half, area.right() + 6 - 2 * half);
        p.drawText(QRectF(left, area.bottom() + 3, 2 * half + 1, axisHeight - 4), Qt::AlignCenter, label);
        free = at + half + 10;
    }
    p.setRenderHint(QPainter::Antialiasing);
}

void FigureChart::paintLine(QPainter& p, const Line& line, const LinearScale& x, const LinearScale& y) const
{
    const auto& color = colors_.*line.color;
    QPolygonF upper;
    QPolygonF lower;
    QPolygonF way;
    for (const auto& point : line.points) {
        const double at = x.pixel(point.x);
        way << QPointF(at, y.pixel(point.y));
        if (point.interval) {
            upper << QPointF(at, y.pixel(point.interval->high));
            lower.prepend(QPointF(at, y.pixel(point.interval->low)));
        }
    }
    if (upper.size() > 1) {
        p.setPen(Qt::NoPen);
        p.setBrush(QColor(color.red(), color.green(), color.blue(), 38)); // lets the grid through
        p.drawPolygon(upper + lower);
    } else if (upper.size() == 1) {
        p.setPen(QPen(color, 1));
        p.drawLine(upper.front(), lower.front());
    }
    p.setBrush(Qt::NoBrush);
    p.setPen(QPen(color, line.isMain ? 2 : 1.4, line.isDashed ? Qt::DashLine : Qt::SolidLine));
    p.drawPolyline(way);
    if (line.isMain || way.size() == 1) {
        p.setPen(Qt::NoPen);
        p.setBrush(color);
        for (const auto& at : way) {
            p.drawEllipse(at, 2.6, 2.6);
        }
    }
}

void FigureChart::paintLegend(QPainter& p) const
{
    const QFontMetricsF metrics(colors_.words);
    double left = plot().left();
    p.setFont(colors_.words);
    for (const auto& line : lines_) {
        if (line.points.empty() || line.name.isEmpty()) {
            continue;
        }
        const double width = metrics.horizontalAdvance(line.name);
        if (left + 22 + width > this->width()) {
            break;
        }
        p.setPen(QPen(colors_.*line.color, 2, line.isDashed ? Qt::DashLine : Qt::SolidLine));
        p.drawLine(QPointF(left, legendHeight / 2), QPointF(left + 16, legendHeight / 2));
        p.setPen(colors_.textSecond);
        p.drawText(QRectF(left + 21, 0, width + 2, legendHeight), Qt::AlignVCenter | Qt::AlignLeft, line.name);
        left += 21 + width + 16;
    }
}

const FigureChart::Point* FigureChart::nearest(double pixel) const
{
    const auto* main = mainLine();
    if (main == nullptr || main->points.empty()) {
        return nullptr;
    }
    const auto area = plot();
    const LinearScale x(shownX(), area.left(), area.right());
    const auto found = std::ranges::min_element(main->points, {},
                                                [&](const Point& point) { return std::abs(x.pixel(point.x) - pixel); });
    return &*found;
}

QStringList FigureChart::toldAt(double pixel) const
{
    const auto* at = nearest(pixel);
    if (at == nullptr) {
        return {};
    }
    QStringList out{plain(headText_ ? headText_ : xText_, at->x)};
    for (const auto& line : lines_) {
        const auto found = std::ranges::find(line.points, at->x, &Point::x);
        if (found == line.points.end()) {
            continue;
        }
        QString told = (line.name.isEmpty() ? title_ : line.name) + QLatin1Char(' ') + plain(yText_, found->y);
        if (found->interval) {
            told += QStringLiteral(" (") + plain(yText_, found->interval->low) + QStringLiteral(" to ") +
                    plain(yText_, found->interval->high) + QLatin1Char(')');
        }
        out << (found->note.isEmpty() ? told : told + QStringLiteral(", ") + found->note);
    }
    return out;
}

void FigureChart::paintCrosshair(QPainter& p, const LinearScale& x, const LinearScale& y) const
{
    const auto* at = pointer_ && !pan_ ? nearest(*pointer_) : nullptr;
    const auto area = plot();
    if (at == nullptr || !shownX().holds(at->x)) {
        return;
    }
    const double column = std::round(x.pixel(at->x)) + 0.5;
    p.setPen(QPen(colors_.textFaint, 1, Qt::DotLine));
    p.drawLine(QPointF(column, area.top()), QPointF(column, area.bottom()));
    p.setPen(Qt::NoPen);
    p.setBrush(colors_.text);
    p.drawEllipse(QPointF(column, y.pixel(at->y)), 3.4, 3.4);
    const QStringList told = toldAt(*pointer_);
    const QFontMetricsF metrics(colors_.figures);
    double width = 0;
    for (const auto& line : told) {
        width = std::max(width, metrics.horizontalAdvance(line));
    }
    const double step = metrics.height() + 1;
    QRectF tag(column + 8, area.top() + 2, width + 14, static_cast<double>(told.size()) * step + 8);
    if (tag.right() > this->width()) {
        tag.moveRight(column - 8);
    }
    tag.moveLeft(std::max(0.0, tag.left()));
    p.setPen(QPen(colors_.hairline, 1));
    p.setBrush(colors_.raised);
    p.drawRoundedRect(tag, 4, 4);
    p.setFont(colors_.figures);
    for (qsizetype i = 0; i < told.size(); ++i) {
        p.setPen(i == 0 ? colors_.textSecond : colors_.text);
        p.drawText(QRectF(tag.left() + 7, tag.top() + 4 + static_cast<double>(i) * step, width + 2, step),
                   int(Qt::AlignVCenter | Qt::AlignLeft), told[i]);
    }
}

void FigureChart::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), colors_.surface);
    p.setRenderHint(QPainter::Antialiasing);
    if (isEmpty()) {
        p.setPen(colors_.textSecond);
        p.setFont(colors_.words);
        p.drawText(QRectF(rect()).adjusted(24, 4, -24, -4), int(Qt::AlignCenter) | int(Qt::TextWordWrap), emptyText_);
    } else {
        const auto area = plot();
        const LinearScale x(shownX(), area.left(), area.right());
        const LinearScale y(shownY(), area.bottom(), area.top());
        paintAxes(p, x, y);
        p.save();
        p.setClipRect(area.adjusted(-4, -4, 4, 4));
        for (const bool isMain : {false, true}) { // the main one lies over the others
            for (const auto& line : lines_) {
                if (line.isMain == isMain) {
                    paintLine(p, line, x, y);
                }
            }
        }
        p.restore();
        paintLegend(p);
        paintCrosshair(p, x, y);
    }
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing, false);
        p.setPen(QPen(colors_.focus, 1, Qt::DotLine));
        p.setBrush(Qt::NoBrush);
        p.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

QString FigureChart::csv() const
{
    const auto field = [](QString text) {
        return text.contains(QLatin1Char(',')) ? QLatin1Char('"') + text + QLatin1Char('"') : text;
    };
    QString out = QStringLiteral("line,x,y,low,high\n");
    const auto number = [](double value) { return QString::number(value, 'g', 9); };
    for (const auto& line : lines_) {
        for (const auto& point : line.points) {
            out += field(line.name.isEmpty() ? title_ : line.name) + QLatin1Char(',') + number(point.x) +
                   QLatin1Char(',') + number(point.y) + QLatin1Char(',') +
                   (point.interval ? number(point.interval->low) : QString()) + QLatin1Char(',') +
                   (point.interval ? number(point.interval->high) : QString()) + QLatin1Char('\n');
        }
    }
    return out;
}

ChartExport FigureChart::exports()
{
    return {.fileName = title_ + QStringLiteral(".csv"),
            .picture = [this] { return grab(); },
            .csv = [this] { return csv(); },
            .reset =
                [this] {
                    view_.reset();
                    update();
                }};
}

void FigureChart::zoom(double at, double factor)
{
    const auto full = fullX();
    const auto next = zoomedAbout(shownX(), at, factor, full.span() / 20, full.span());
    view_ = clampedInto(next, full);
    if (view_->span() >= full.span() * 0.999) {
        view_.reset();
    }
    update();
}

void FigureChart::mouseMoveEvent(QMouseEvent* event)
{
    pointer_ = event->position().x();
    if (pan_) {
        const auto area = plot();
        const double by = (pan_->first - *pointer_) * pan_->second.span() / std::max(1.0, area.width());
        view_ = clampedInto(panned(pan_->second, by), fullX());
    }
    update();
}

void FigureChart::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && view_) {
        pan_ = {event->position().x(), *view_};
    }
}

void FigureChart::mouseReleaseEvent(QMouseEvent*)
{
    pan_.reset();
    update();
}

void FigureChart::mouseDoubleClickEvent(QMouseEvent*)
{
    view_.reset();
    update();
}

void FigureChart::leaveEvent(QEvent* event)
{
    pointer_.reset();
    update();
    QWidget::leaveEvent(event);
}

void FigureChart::wheelEvent(QWheelEvent* event)
{
    if (isEmpty() || event->angleDelta().y() == 0) {
        event->ignore();
        return;
    }
    const auto area = plot();
    zoom(LinearScale(shownX(), area.left(), area.right()).value(event->position().x()),
         event->angleDelta().y() > 0 ? 0.8 : 1.25);
    event->accept();
}

void FigureChart::stepPointer(int by)
{
    const auto* main = mainLine();
    if (main == nullptr || main->points.empty()) {
        return;
    }
    const auto area = plot();
    const LinearScale x(shownX(), area.left(), area.right());
    const auto last = static_cast<std::ptrdiff_t>(main->points.size()) - 1;
    const auto at = pointer_ ? nearest(*pointer_) - main->points.data() + by : by > 0 ? 0 : last;
    pointer_ = x.pixel(main->points[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, last))].x);
    update();
}

void FigureChart::keyPressEvent(QKeyEvent* event)
{
    const double middle = shownX().low + shownX().span() / 2;
    if (event->matches(QKeySequence::Copy)) {
        copyPicture(exports());
    } else if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        stepPointer(event->key() == Qt::Key_Left ? -1 : 1);
    } else if (!isEmpty() && (event->key() == Qt::Key_Plus || event->key() == Qt::Key_Equal)) {
        zoom(middle, 0.8);
    } else if (!isEmpty() && event->key() == Qt::Key_Minus) {
        zoom(middle, 1.25);
    } else {
        QWidget::keyPressEvent(event);
    }
}

void FigureChart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = chartMenu(this, exports());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(event->globalPos());
}

} // namespace qd::ui
