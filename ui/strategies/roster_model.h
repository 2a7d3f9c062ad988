// The roster: one row a strategy, its switch and the figures of the chosen window. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/strategies/figures.h"

namespace qd::ui {

/// What is known of a strategy now. The figures come with an answer of their own; null before the first.
struct StrategyEntry {
    console::StrategyRow of;
    std::shared_ptr<const trading::Evaluation> figures;
};

class StrategiesModel final : public RowModel<StrategyEntry> {
    Q_OBJECT
public:
    enum ColumnId : int {
        Name,
        On,
        Stage,
        Equity,
        Trades,
        Won,
        Sharpe,
        Deflated,
        ProfitFactor,
        Drawdown,
        Expectancy,
        Null,
        Band,
        Net,
        Idea
    };
    explicit StrategiesModel(const PageContext& context, QObject* parent);

    /// -1 if there is none.
    [[nodiscard]] int rowOf(const QString& strategy) const;
    /// "off by you since 14:02", "off by policy since 3 Nov", "" while it is on.
    [[nodiscard]] static QString offText(const console::StrategyRow& row, base::UtcMs now, format::Zone zone);

protected:
    [[nodiscard]] QVariant cell(const StrategyEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const StrategyEntry& a, const StrategyEntry& b) const override;
    [[nodiscard]] bool isEqual(const StrategyEntry& a, const StrategyEntry& b) const override;

private:
    [[nodiscard]] QVariant nameCell(const StrategyEntry& row, int role) const;
    [[nodiscard]] QVariant switchCell(const StrategyEntry& row, int role) const;
    [[nodiscard]] QVariant stageCell(const StrategyEntry& row, int role) const;

    const PageContext context_;
};

} // namespace qd::ui
