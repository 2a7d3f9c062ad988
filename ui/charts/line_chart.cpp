#include "ui/charts/line_chart.h"

#include "ui/charts/line_chart_parts.h"

#include <QContextMenuEvent>
#include <QGraphicsLayout>
#include <QLocale>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr double leastSpanMs = 10'000;

} // namespace

// The view is given its chart at birth: one that setChart() replaces would be left to nobody.
LineChart::LineChart(QWidget* parent) : QChartView(new QChart, parent), parts_(std::make_unique<Parts>())
{
    auto& d = *parts_;
    d.self = this;
    d.chart = chart();
    d.timeAxis = new QCategoryAxis(d.chart);
    d.valueAxis = new QCategoryAxis(d.chart);
    d.chart->legend()->hide();
    d.chart->setBackgroundVisible(false);
    d.chart->setMargins({0, 8, 0, 0});
    d.chart->layout()->setContentsMargins(0, 0, 0, 0);
    d.chart->addAxis(d.timeAxis, Qt::AlignBottom);
    d.chart->addAxis(d.valueAxis, Qt::AlignLeft);
    for (auto* axis : {d.timeAxis, d.valueAxis}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setTruncateLabels(false);
    }
    d.timeAxis->setGridLineVisible(false);
    setFrameShape(NoFrame);
    setRenderHint(QPainter::Antialiasing);
    setMinimumSize(160, 90);
    setMouseTracking(true);
    viewport()->setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    d.paintColors();
    connect(d.chart, &QChart::plotAreaChanged, this, [this] { parts_->layLine(); });
    connect(scene(), &QGraphicsScene::changed, this, [this] {
        parts_->isStale = true;
        viewport()->update();
    });
    setSeries({});
}

LineChart::~LineChart() = default;

void LineChart::rebuild()
{
    const bool shows = !isEmpty();
    parts_->timeAxis->setVisible(shows);
    parts_->valueAxis->setVisible(shows);
    if (shows) {
        parts_->layAxes();
        parts_->layLine();
    } else {
        for (const auto& one : parts_->stretches) {
            one.show({});
        }
    }
    parts_->isStale = true;
    viewport()->update();
}

void LineChart::setSeries(Series series, base::Millis gapAfter)
{
    if (series == parts_->series && gapAfter == parts_->gapAfter) {
        return; // callers hand over what they have at frame rate; laying out anew is for what differs
    }
    parts_->series = std::move(series);
    parts_->gapAfter = gapAfter;
    rebuild();
}

void LineChart::setFormer(std::vector<Series> former)
{
    std::erase_if(former, [](const Series& one) { return one.empty(); });
    if (former == parts_->former) {
        return;
    }
    parts_->former = std::move(former);
    rebuild();
}

void LineChart::setTimeRange(base::UtcMs from, base::UtcMs to)
{
    parts_->asked = Range{inMs(from), std::max(inMs(to), inMs(from) + 1)};
    parts_->zoomed.reset();
    rebuild();
}

void LineChart::clearTimeRange()
{
    parts_->asked.reset();
    parts_->zoomed.reset();
    rebuild();
}

void LineChart::setLeastSpan(base::Millis span)
{
    parts_->leastSpan = span;
    rebuild();
}

void LineChart::setValueRange(double low, double high)
{
    parts_->bounds = Range{low, high};
    rebuild();
}

void LineChart::clearValueRange()
{
    parts_->bounds.reset();
    rebuild();
}

void LineChart::setLimit(double value, const QString& label)
{
    parts_->limit.emplace(value, label);
    rebuild();
}

void LineChart::clearLimit()
{
    parts_->limit.reset();
    rebuild();
}

void LineChart::setReference(double value)
{
    parts_->reference = value;
    rebuild();
}

void LineChart::setFormatter(Formatter formatter)
{
    parts_->formatter = std::move(formatter);
    rebuild();
}

void LineChart::setEmptyText(const QString& text)
{
    parts_->emptyText = text;
    parts_->isStale = true;
    viewport()->update();
}

void LineChart::setTitle(const QString& title)
{
    parts_->title = title;
    setAccessibleName(title);
}

void LineChart::setLineColor(QColor ChartColors::* meaning)
{
    parts_->lineColor = meaning;
    parts_->paintColors();
    rebuild();
}

void LineChart::setFilled(bool isFilled)
{
    parts_->isFilled = isFilled;
    parts_->paintColors();
    rebuild();
}

void LineChart::setColors(const ChartColors& colors)
{
    parts_->colors = colors;
    parts_->paintColors();
    rebuild();
}

void LineChart::setZone(const QTimeZone& zone)
{
    parts_->zone = zone;
    rebuild();
}

bool LineChart::isEmpty() const
{
    const auto& series = parts_->series;
    return parts_->former.empty() && (series.size() < 2 || series.front().first == series.back().first);
}

QString LineChart::csv() const
{
    QString out = QStringLiteral("time,") + parts_->title + QLatin1Char('\n');
    for (const auto& [time, value] : parts_->series) {
        out += QString::fromStdString(base::isoText(time)) + QLatin1Char(',') +
               QString::number(value, 'g', QLocale::FloatingPointShortest) + QLatin1Char('\n');
    }
    return out;
}

std::optional<std::pair<base::UtcMs, double>> LineChart::pointAt(double x) const
{
    const auto& d = *parts_;
    if (isEmpty()) {
        return std::nullopt;
    }
    const auto scale = d.timeScale();
    const double time = scale.value(x);
    const auto [from, to] = d.seen();
    std::optional<std::pair<base::UtcMs, double>> best;
    for (auto i = from; i < to; ++i) {
        const bool isIn = scale.range().holds(inMs(d.series[i].first));
        if (isIn && (!best || std::abs(inMs(d.series[i].first) - time) < std::abs(inMs(best->first) - time))) {
            best = d.series[i];
        }
    }
    return best;
}

void LineChart::drawBackground(QPainter* painter, const QRectF& rect)
{
    QChartView::drawBackground(painter, rect);
    const auto& d = *parts_;
    if (d.limit && !isEmpty()) {
        auto above = d.chart->plotArea();
        above.setBottom(d.valueScale().pixel(d.limit->first));
        painter->fillRect(above, d.colors.tint(d.colors.loss, 0.07));
    }
}

void LineChart::drawForeground(QPainter* painter, const QRectF&)
{
    const auto& d = *parts_;
    if (isEmpty()) {
        painter->setPen(d.colors.textSecond);
        painter->setFont(d.colors.words);
        painter->drawText(QRectF(viewport()->rect()).adjusted(24, 8, -24, -8), Qt::AlignCenter | Qt::TextWordWrap,
                          d.emptyText);
        return;
    }
    d.paintReference(*painter);
    d.paintFormer(*painter);
    if (d.limit) {
        d.paintLimit(*painter);
    }
}

void LineChart::paintEvent(QPaintEvent*)
{
    auto& d = *parts_;
    const auto ratio = devicePixelRatioF();
    const auto pixels = (QSizeF(viewport()->size()) * ratio).toSize();
    if (d.isStale || d.still.size() != pixels) {
        d.still = QPixmap(pixels);
        d.still.setDevicePixelRatio(ratio);
        d.still.fill(d.colors.surface);
        QPainter p(&d.still);
        p.setRenderHint(QPainter::Antialiasing);
        render(&p, QRectF(viewport()->rect()), viewport()->rect());
        d.isStale = false;
    }
    QPainter p(viewport());
    p.drawPixmap(0, 0, d.still);
    p.setRenderHint(QPainter::Antialiasing);
    d.paintCrosshair(p);
}

void LineChart::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    rebuild();
}

void LineChart::mouseMoveEvent(QMouseEvent* event)
{
    auto& d = *parts_;
    const double x = event->position().x();
    if (d.dragX && !isEmpty()) {
        const auto scale = d.timeScale();
        d.zoomed = clampedInto(panned(d.time(), scale.value(*d.dragX) - scale.value(x)), d.wholeTime());
        d.dragX = x;
        rebuild();
    }
    d.pointerX = x;
    viewport()->update();
}

void LineChart::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        parts_->dragX = event->position().x();
    }
}

void LineChart::mouseReleaseEvent(QMouseEvent*)
{
    parts_->dragX.reset();
}

void LineChart::mouseDoubleClickEvent(QMouseEvent*)
{
    parts_->zoomed.reset();
    rebuild();
}

void LineChart::wheelEvent(QWheelEvent* event)
{
    auto& d = *parts_;
    if (isEmpty() || event->angleDelta().y() == 0) {
        event->ignore();
        return;
    }
    const auto whole = d.wholeTime();
    const double factor = std::pow(0.8, event->angleDelta().y() / 120.0);
    d.zoomed = clampedInto(zoomedAbout(d.time(), d.timeScale().value(event->position().x()), factor,
                                       std::min(leastSpanMs, whole.span()), whole.span()),
                           whole);
    rebuild();
    event->accept();
}

void LineChart::leaveEvent(QEvent* event)
{
    parts_->pointerX.reset();
    viewport()->update();
    QChartView::leaveEvent(event);
}

void LineChart::keyPressEvent(QKeyEvent* event)
{
    auto& d = *parts_;
    const auto whole = d.wholeTime();
    const auto time = d.time();
    const auto middle = (time.low + time.high) / 2;
    const auto zoom = [&](double factor) {
        d.zoomed =
            clampedInto(zoomedAbout(time, middle, factor, std::min(leastSpanMs, whole.span()), whole.span()), whole);
    };
    if (isEmpty()) {
        QChartView::keyPressEvent(event);
        return;
    }
    if (event->matches(QKeySequence::Copy)) {
        copyPicture(d.exports());
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
        d.zoomed = clampedInto(panned(time, -time.span() / 10), whole);
        break;
    case Qt::Key_Right:
        d.zoomed = clampedInto(panned(time, time.span() / 10), whole);
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(0.8);
        break;
    case Qt::Key_Minus:
        zoom(1.25);
        break;
    case Qt::Key_Home:
        d.zoomed = clampedInto(panned(time, whole.low - time.low), whole);
        break;
    case Qt::Key_End:
        d.zoomed = clampedInto(panned(time, whole.high - time.high), whole);
        break;
    default:
        QChartView::keyPressEvent(event);
        return;
    }
    rebuild();
}

void LineChart::contextMenuEvent(QContextMenuEvent* event)
{
    auto* menu = chartMenu(this, parts_->exports());
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(event->globalPos());
}

} // namespace qd::ui
