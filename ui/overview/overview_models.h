// The tables of Overview: the roster with its switches, and the ranking of strategy on instrument. GUI thread.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class RosterModel final : public RowModel<console::StrategyRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, On, Open, Closed, Won, Net, Signals, Blocked, Idea };
    RosterModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::StrategyRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::StrategyRow& a, const console::StrategyRow& b) const override;
    [[nodiscard]] bool isEqual(const console::StrategyRow& a, const console::StrategyRow& b) const override;

private:
    const PageContext context_;
};

/// A row of the ranking with the name of its instrument.
struct RankedRow {
    console::EvaluationRow of;
    QString instrument;
};

class RankingModel final : public RowModel<RankedRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Equity, Trades, Won, Sharpe, ProfitFactor, Drawdown, Net };
    explicit RankingModel(QObject* parent);
    /// Trades that a Sharpe ratio needs (sharpe.min_trades).
    void setMinTrades(std::uint32_t trades);

protected:
    [[nodiscard]] QVariant cell(const RankedRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const RankedRow& a, const RankedRow& b) const override;
    [[nodiscard]] bool isEqual(const RankedRow& a, const RankedRow& b) const override;

private:
    [[nodiscard]] QVariant shown(const RankedRow& row, int column) const;
    [[nodiscard]] QVariant raw(const RankedRow& row, int column) const;
    [[nodiscard]] QVariant why(const RankedRow& row, int column) const;

    std::uint32_t minTrades_ = 0;
};

} // namespace qd::ui
