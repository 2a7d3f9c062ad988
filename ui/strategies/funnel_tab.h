// From signals to closed trades: how many were left at each step, and why the others did not trade. A reason that is
// chosen filters the log. GUI thread; owned by the detail pane.
#pragma once

#include "ui/strategies/strategy_models.h"

class QBoxLayout;

namespace qd::ui {

class DataTable;
class TextLabel;

struct FunnelStep {
    QString name;
    std::uint64_t count = 0;
    QString help;
    friend bool operator==(const FunnelStep&, const FunnelStep&) = default;
};
/// `notFilled`: of its limit orders. Each step is at most the one before.
[[nodiscard]] std::vector<FunnelStep> funnelOf(const console::StrategyRow& row, std::uint64_t notFilled);

/// Bars, one a step, as long as what is left.
class FunnelBars final : public QWidget {
    Q_OBJECT
public:
    FunnelBars(const Theme& theme, QWidget* parent = nullptr);
    void setSteps(std::vector<FunnelStep> steps);
    [[nodiscard]] const std::vector<FunnelStep>& steps() const { return steps_; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    const Theme& theme_;
    std::vector<FunnelStep> steps_;
};

class FunnelTab final : public QWidget {
    Q_OBJECT
public:
    explicit FunnelTab(const PageContext& context, QWidget* parent = nullptr);
    void show(const console::StrategyRow& row);
    using QWidget::show;
    void setSignals(const console::SignalsPage& page, const console::IngestSnapshot* ingest);
    void clear();
    void restyle();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void showSteps();

    const PageContext context_;
    QBoxLayout* layout_;
    FunnelBars* bars_;
    TextLabel* title_;
    TextLabel* logTitle_;
    ReasonsModel* reasons_;
    SignalsModel* signals_;
    DataTable* reasonTable_;
    DataTable* signalTable_;
    console::StrategyRow row_;
    std::uint64_t notFilled_ = 0;
};

} // namespace qd::ui
