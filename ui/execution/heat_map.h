// The stop lab's grid: a row a target, a column a stop, a figure in each cell, coloured by what it means. Today's cell
// is outlined, the best one marked; cells with too few trades are grey. Arrows move, Ctrl+C copies, a right click
// exports. GUI thread; parent owns.
#pragma once

#include "console/queries.h"
#include "ui/theme.h"

#include <QStringList>
#include <QWidget>

#include <memory>

namespace qd::ui {

struct ChartExport;

enum class LabFigure : std::uint8_t { ProfitFactor, Expectancy, WinRate, Trades };

/// "0.94", "+0.03%", "41%", "812"; an em dash where it is undefined.
[[nodiscard]] QString cellText(const console::StopLabFigures& cell, LabFigure figure);
/// −1…1: how good or bad, for colours; 0…1 for figures that are neither. Empty: grey.
[[nodiscard]] std::optional<double> cellStrength(const console::StopLab& lab, std::size_t cell, LabFigure figure);
[[nodiscard]] QColor cellColor(const console::StopLab& lab, std::size_t cell, LabFigure figure, const Theme& theme);

/// Shares as per cent, all with as many decimals as the finest of them needs, at least one.
[[nodiscard]] QStringList axisTexts(const std::vector<double>& shares);

class HeatMap final : public QWidget {
    Q_OBJECT
public:
    explicit HeatMap(const Theme& theme, QWidget* parent = nullptr);

    void setLab(std::shared_ptr<const console::StopLab> lab);
    void setFigure(LabFigure figure);
    [[nodiscard]] QRectF cellRect(std::size_t cell) const;
    [[nodiscard]] std::optional<std::size_t> cellAt(const QPointF& point) const;
    [[nodiscard]] std::optional<std::size_t> current() const { return current_; }
    /// All that is known of one cell.
    [[nodiscard]] QString cellHelp(std::size_t cell) const;
    /// A line a cell: target, stop, trades, profit factor, expectancy, win rate, marks.
    [[nodiscard]] QString csv() const;
    [[nodiscard]] QSize minimumSizeHint() const override { return {320, 150}; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void paintCells(QPainter& p) const;
    void paintAxes(QPainter& p) const;
    void paintMark(QPainter& p, std::size_t cell, Meaning tone, bool isDouble) const;
    void go(int stops, int targets);
    void tell();
    [[nodiscard]] QRectF grid() const;
    [[nodiscard]] ChartExport exports();

    const Theme& theme_;
    std::shared_ptr<const console::StopLab> lab_;
    LabFigure figure_ = LabFigure::ProfitFactor;
    std::optional<std::size_t> current_;
};

} // namespace qd::ui
