// What a line chart is made of: axes and series of Qt Charts, the points, the range, the kept picture. Belongs to
// LineChart alone, which line_chart.h describes.
#pragma once

#include "ui/charts/chart_export.h"
#include "ui/charts/chart_scale.h"
#include "ui/charts/line_chart.h"

#include <QAreaSeries>
#include <QCategoryAxis>
#include <QLineSeries>
#include <QPixmap>

namespace qd::ui {

[[nodiscard]] inline double inMs(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

/// One unbroken stretch of the line.
struct LineStretch {
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

struct LineChart::Parts {
    LineChart* self;
    QChart* chart;
    QCategoryAxis* timeAxis;
    QCategoryAxis* valueAxis;
    std::vector<LineStretch> stretches;

    Series series;
    std::vector<Series> former;
    base::Millis gapAfter{};
    base::Millis leastSpan{};
    std::optional<Range> bounds; // of the values, by the caller
    std::optional<Range> asked;  // by the caller
    std::optional<Range> zoomed; // by the reader
    std::optional<std::pair<double, QString>> limit;
    std::optional<double> reference;
    Formatter formatter;
    QString title = QObject::tr("Value");
    QString emptyText;
    ChartColors colors;
    QColor ChartColors::* lineColor = &ChartColors::focus;
    QTimeZone zone = QTimeZone::utc();
    Range values;
    QPixmap still; // all but the crosshair
    bool isFilled = true;
    bool isStale = true;
    std::optional<double> pointerX;
    std::optional<double> dragX;

    [[nodiscard]] Range wholeTime() const
    {
        if (asked) {
            return *asked;
        }
        Range whole = series.empty() ? Range{} : Range{inMs(series.front().first), inMs(series.back().first)};
        for (const auto& one : former) {
            whole = series.empty() ? Range{inMs(one.front().first), inMs(one.back().first)}
                                   : Range{std::min(whole.low, inMs(one.front().first)),
                                           std::max(whole.high, inMs(one.back().first))};
        }
        whole.low = std::min(whole.low, whole.high - static_cast<double>(leastSpan.count()));
        return whole;
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
        const auto from = std::ranges::partition_point(series, [l = low](const auto& p) { return inMs(p.first) < l; });
        const auto to = std::ranges::partition_point(series, [h = high](const auto& p) { return inMs(p.first) <= h; });
        return {static_cast<std::size_t>(from - series.begin()) - (from == series.begin() ? 0 : 1),
                static_cast<std::size_t>(to - series.begin()) + (to == series.end() ? 0 : 1)};
    }
    void layAxes();
    void layLine();
    void paintColors();
    LineStretch& stretch(std::size_t i);
    void paintReference(QPainter& p) const;
    void paintFormer(QPainter& p) const;
    void paintLimit(QPainter& p) const;
    void paintCrosshair(QPainter& p) const;
    [[nodiscard]] ChartExport exports() const;
};

} // namespace qd::ui
