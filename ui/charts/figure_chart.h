// Figures over figures that are no moments: folds, probabilities, days. Lines, dashed or not, the main one with its
// interval as a band. Crosshair with every line's value, wheel zoom, drag pan, double click resets; a right click
// copies the picture or the CSV. GUI thread; owned by its parent. Values in the caller's units; NaN is a hole.
#pragma once

#include "ui/charts/chart_colors.h"
#include "ui/charts/chart_export.h"
#include "ui/charts/chart_scale.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

namespace qd::ui {

class FigureChart final : public QWidget {
    Q_OBJECT
public:
    struct Point {
        double x = 0;
        double y = 0;
        std::optional<Range> interval{};
        QString note{}; // beside its value under the crosshair: "n 812"
    };
    struct Line {
        QString name;
        std::vector<Point> points; // by x
        QColor ChartColors::* color = &ChartColors::focus;
        bool isDashed = false;
        bool isMain = false; // the crosshair steps along its points
    };
    using Formatter = std::function<QString(double)>;

    explicit FigureChart(QWidget* parent = nullptr);
    void setLines(std::vector<Line> lines);
    /// `head` is the crosshair's first line for an x; without one the axis' text.
    void setFormatters(Formatter x, Formatter y, Formatter head = {});
    /// Only these stand on the axis of x; none: round ones.
    void setTicks(std::vector<double> ticks);
    /// Shown at least; empty: what the lines need.
    void setBounds(std::optional<Range> x, std::optional<Range> y);
    void setTitle(const QString& title);
    /// What would be here and how it comes; shown while no line has a point.
    void setEmptyText(const QString& text);
    void setColors(const ChartColors& colors);

    [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
    [[nodiscard]] bool isEmpty() const;
    [[nodiscard]] QString emptyText() const { return emptyText_; }
    [[nodiscard]] QString csv() const;
    /// What the crosshair says at the point nearest to this x of the widget; empty: there is none.
    [[nodiscard]] QStringList toldAt(double pixel) const;
    [[nodiscard]] QSize sizeHint() const override { return {360, 200}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {180, 120}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    [[nodiscard]] Range fullX() const;
    [[nodiscard]] Range shownX() const { return view_.value_or(fullX()); }
    [[nodiscard]] Range shownY() const;
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] const Line* mainLine() const;
    [[nodiscard]] const Point* nearest(double pixel) const;
    void zoom(double at, double factor);
    void paintAxes(QPainter& p, const LinearScale& x, const LinearScale& y) const;
    void paintLine(QPainter& p, const Line& line, const LinearScale& x, const LinearScale& y) const;
    void paintLegend(QPainter& p) const;
    void paintCrosshair(QPainter& p, const LinearScale& x, const LinearScale& y) const;
    [[nodiscard]] ChartExport exports();
    void stepPointer(int by);

    std::vector<Line> lines_;
    std::vector<double> ticks_;
    Formatter xText_;
    Formatter yText_;
    Formatter headText_;
    std::optional<Range> boundsX_;
    std::optional<Range> boundsY_;
    std::optional<Range> view_; // zoomed in
    ChartColors colors_;
    QString title_;
    QString emptyText_;
    std::optional<double> pointer_;               // pixel
    std::optional<std::pair<double, Range>> pan_; // pixel and view where the drag began
};

} // namespace qd::ui
