// One value over time as a line with a filled area: equity, a temperature. Qt Charts gives axes, grid, line and area;
// the line is thinned to two points a pixel column, and all of it kept as a pixmap under the crosshair. Crosshair with
// the value; a right click copies the picture or the CSV. GUI thread; owned by its parent. Times UTC, values in the
// caller's unit, printed by the caller's formatter.
#pragma once

#include "base/utc_time.h"
#include "ui/charts/chart_colors.h"

#include <QChartView>
#include <QTimeZone>

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace qd::ui {

class LineChart : public QChartView {
    Q_OBJECT
public:
    using Series = std::vector<std::pair<base::UtcMs, double>>;
    using Formatter = std::function<QString(double)>;

    explicit LineChart(QWidget* parent = nullptr);
    ~LineChart() override;

    /// Oldest first. Neighbours farther apart than `gapAfter` are not joined.
    void setSeries(Series series, base::Millis gapAfter = base::Millis{std::numeric_limits<std::int64_t>::max()});
    /// Lines of another time of the same thing (evidence under older parameters), dashed; they have no crosshair.
    void setFormer(std::vector<Series> former);
    /// The span of time that is shown; without one, that of the series.
    void setTimeRange(base::UtcMs from, base::UtcMs to);
    void clearTimeRange();
    /// Without a time range of its own: at least so much time, up to the newest point.
    void setLeastSpan(base::Millis span);
    /// The values of the axis, as of a percentage; without them those of the line.
    void setValueRange(double low, double high);
    void clearValueRange();
    /// A dashed line with its label, and the space above it shaded.
    void setLimit(double value, const QString& label);
    void clearLimit();
    /// A quiet dashed line at this value, always in view: zero of a difference.
    void setReference(double value);
    /// Of axis and crosshair; plain numbers without one.
    void setFormatter(Formatter formatter);
    /// What would be here and how it comes; shown while fewer than two points are.
    void setEmptyText(const QString& text);
    /// What the line is, for the reader of the screen and the head of the CSV's column.
    void setTitle(const QString& title);
    /// Which of the colours the line has: &ChartColors::focus at first.
    void setLineColor(QColor ChartColors::* meaning);
    /// Whether the space under the line is tinted; it is at first.
    void setFilled(bool isFilled);
    void setColors(const ChartColors& colors);
    void setZone(const QTimeZone& zone);

    [[nodiscard]] QString csv() const;
    [[nodiscard]] bool isEmpty() const;
    /// The point nearest to this x of the widget, if the chart shows one.
    [[nodiscard]] std::optional<std::pair<base::UtcMs, double>> pointAt(double x) const;

protected:
    void paintEvent(QPaintEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void drawBackground(QPainter* painter, const QRectF& rect) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    struct Parts;
    void rebuild();
    std::unique_ptr<Parts> parts_;
};

} // namespace qd::ui
