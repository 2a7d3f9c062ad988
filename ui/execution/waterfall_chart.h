// Where the money of the trades in the filter went: gross, minus slippage, gap through the stop, fees and funding, is
// net. A row a step, each bar beginning where the one before it ended. Up and Down choose a step, Ctrl+C copies, a
// right click exports. GUI thread; parent owns. Money in USDT.
#pragma once

#include "console/queries.h"
#include "ui/theme.h"

#include <QWidget>

#include <array>
#include <optional>
#include <vector>

namespace qd::ui {

struct ChartExport;

struct WaterfallStep {
    enum class Kind : std::uint8_t { Sum, Cost };
    QString name;
    base::Money value; // as it is told: a cost is positive
    Kind kind = Kind::Cost;
    base::Money from; // the bar, before and after the step
    base::Money to;
    QString help;
};
/// Gross, four costs, net; the bars close exactly, for money is whole.
[[nodiscard]] std::vector<WaterfallStep> waterfallSteps(const console::Waterfall& waterfall);

class WaterfallChart final : public QWidget {
    Q_OBJECT
public:
    explicit WaterfallChart(const Theme& theme, QWidget* parent = nullptr);

    void setWaterfall(const std::optional<console::Waterfall>& waterfall);
    void setEmptyText(const QString& text);
    [[nodiscard]] const std::vector<WaterfallStep>& steps() const { return steps_; }
    [[nodiscard]] QString helpAt(const QPointF& point) const;
    [[nodiscard]] QString csv() const;
    [[nodiscard]] QRectF barRect(std::size_t step) const;
    [[nodiscard]] QSize minimumSizeHint() const override { return {300, 132}; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void paintStep(QPainter& p, std::size_t step) const;
    [[nodiscard]] QRectF rowRect(std::size_t step) const;
    [[nodiscard]] QRectF plot() const;
    [[nodiscard]] double x(base::Money value) const;
    [[nodiscard]] Meaning toneOf(const WaterfallStep& step) const;
    [[nodiscard]] std::optional<std::size_t> stepAt(const QPointF& point) const;
    [[nodiscard]] ChartExport exports();
    void choose(std::size_t step);

    const Theme& theme_;
    QString emptyText_;
    std::vector<WaterfallStep> steps_;
    std::optional<std::size_t> current_;
};

} // namespace qd::ui
