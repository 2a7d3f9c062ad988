#include "ui/charts/line_chart.h"

#include "ui/charts/chart_export.h"
#include "ui/charts/chart_scale.h"

#include <QAreaSeries>
#include <QCategoryAxis>
#include <QContextMenuEvent>
#include <QGraphicsLayout>
#include <QLineSeries>
#include <QLocale>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr double leastSpanMs = 10'000;
constexpr double margin = 6;

double ms(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

/// One unbroken stretch of the line.
struct Stretch {
    QLineSeries* line = nullptr;
    QLineSeries* edge = nullptr; // upper edge of the area
    QAreaSeries* area = nullptr;

    void show(const QList<QPointF>& points) const
    {
        line->replace(points);
        edge->replace(points);
        line->setVisible(!points.isEmpty());
        area->setVisible(!points.isEmpty());
    }
};

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

struct LineChart::Parts {
    LineChart* self;
    QChart* chart;
    QCategoryAxis* timeAxis;
    QCategoryAxis* valueAxis;
    std::vector<Stretch> stretches;

    Series series;
    base::Millis gapAfter{};
    std::optional<Range> asked;  // by the caller
    std::optional<Range> zoomed; // by the reader
    std::optional<std::pair<double, QString>> limit;
    Formatter formatter;
    QString title = QObject::tr("Value");
    QString emptyText;
    ChartColors colors;
    QColor ChartColors::* lineColor = &ChartColors::focus;
    QTimeZone zone = QTimeZone::utc();
    Range values;
    QPixmap still; // all but the crosshair
    bool isStale = true;
    std::optional<double> pointerX;
    std::optional<double> dragX;

    [[nodiscard]] Range wholeTime() const
    {
        if (asked) {
            return *asked;
        }
        return series.empty() ? Range{} : Range{ms(series.front().first), ms(series.back().first)};
    }
    [[nodiscard]] Range time() const { return zoomed.value_or(wholeTime()); }
    [[nodiscard]] LinearScale timeScale() const
    {
        return {time(), chart->plotArea().left(), chart->plotArea().right()};
    }
    [[nodiscard]] LinearScale valueScale() const
    {
        return {values, chart->plotArea().bottom(), chart->plotArea().top()};
    }
    [[nodiscard]] QString text(double value) const
    {
        return formatter ? formatter(value) : QLocale::c().toString(value, 'g', 6);
    }
    /// The points in view and one more at either side, so that the line leaves the picture where it should.
    [[nodiscard]] std::pair<std::size_t, std::size_t> seen() const
    {
        const auto [low, high] = time();
        const auto from = std::ranges::partition_point(series, [l = low](const auto& p) { return ms(p.first) < l; });
        const auto to = std::ranges::partition_point(series, [h = high](const auto& p) { return ms(p.first) <= h; });
        return {static_cast<std::size_t>(from - series.begin()) - (from == series.begin() ? 0 : 1),
                static_cast<std::size_t>(to - series.begin()) + (to == series.end() ? 0 : 1)};
    }
    void layAxes();
    void layLine();
    void paintColors();
    Stretch& stretch(std::size_t i);
    void paintLimit(QPainter& p) const;
    void paintCrosshair(QPainter& p) const;
    [[nodiscard]] ChartExport exports() const;
};

void LineChart::Parts::layAxes()
{
    Range range{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    const auto include = [&range](double value) { range = {std::min(range.low, value), std::max(range.high, value)}; };
    const auto [from, to] = seen();
    for (auto i = from; i < to; ++i) {
        include(series[i].second);
    }
    if (limit) {
        include(limit->first);
    }
    if (range.low > range.high) {
        range = {0, 1};
    }
    if (range.span() <= 0) {
        const double half = range.low == 0 ? 1 : std::abs(range.low) * 0.01;
        range = {range.low - half, range.low + half};
    }
    const int rows = std::clamp(static_cast<int>(self->height() / 55), 2, 6);
    const double step = niceStep(range.span(), rows);
    values = {std::floor(range.low / step + 1e-9) * step, std::ceil(range.high / step - 1e-9) * step};
    std::vector<std::pair<QString, double>> labels;
    for (const double value : niceTicks(values, rows + 2)) {
        labels.emplace_back(text(std::abs(value) < step * 1e-9 ? 0 : value), value);
    }
    setLabels(valueAxis, values, labels);

    const int columns = std::clamp(self->width() / 110, 2, 9);
    labels.clear();
    for (const auto& tick : timeTicks(time(), columns, zone)) {
        labels.emplace_back(tick.text, ms(tick.time));
    }
    setLabels(timeAxis, time(), labels);
}

Stretch& LineChart::Parts::stretch(std::size_t i)
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
        points.push_back({scale.pixel(ms(series[i].first)), series[i].second});
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
        one.area->setBrush(QColor(line.red(), line.green(), line.blue(), 30));
    }
    for (auto* axis : {timeAxis, valueAxis}) {
        axis->setLabelsColor(colors.textFaint);
        axis->setLabelsFont(colors.figures);
        axis->setGridLinePen(QPen(colors.tint(colors.hairline, 0.7), 1));
        axis->setLinePen(Qt::NoPen);
    }
    self->setBackgroundBrush(colors.surface);
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
    const QPointF place(timeScale().pixel(ms(point->first)), valueScale().pixel(point->second));
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

LineChart::LineChart(QWidget* parent) : QChartView(parent), parts_(std::make_unique<Parts>())
{
    auto& d = *parts_;
    d.self = this;
    d.chart = new QChart;
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
    setChart(d.chart);
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
    parts_->series = std::move(series);
    parts_->gapAfter = gapAfter;
    rebuild();
}

void LineChart::setTimeRange(base::UtcMs from, base::UtcMs to)
{
    parts_->asked = Range{ms(from), std::max(ms(to), ms(from) + 1)};
    parts_->zoomed.reset();
    rebuild();
}

void LineChart::clearTimeRange()
{
    parts_->asked.reset();
    parts_->zoomed.reset();
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
    return series.size() < 2 || series.front().first == series.back().first;
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
        const bool isIn = scale.range().holds(ms(d.series[i].first));
        if (isIn && (!best || std::abs(ms(d.series[i].first) - time) < std::abs(ms(best->first) - time))) {
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
