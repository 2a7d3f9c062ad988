// The tables of the detail pane: signals that did not trade and their reasons, instruments, trades, tries. GUI thread;
// owned by the pane. Prices with the instrument's own decimals; money in USDT.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/strategies/figures.h"

namespace qd::ui {

/// "cooldown: a trade of this row ended less than paper.cooldown_s ago"
[[nodiscard]] QString whyNotText(trading::NotTraded reason);
/// Of an instrument that is in the feed no more: "#12".
[[nodiscard]] market::Instrument feedInstrument(const console::IngestSnapshot* ingest, base::InstrumentId id);

struct ReasonEntry {
    trading::NotTraded reason = trading::NotTraded::Cooldown;
    std::uint64_t count = 0;
    std::uint64_t all = 0;
};
class ReasonsModel final : public RowModel<ReasonEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Reason, Count, Share, Means };
    explicit ReasonsModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const ReasonEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const ReasonEntry& a, const ReasonEntry& b) const override;
    [[nodiscard]] bool isEqual(const ReasonEntry& a, const ReasonEntry& b) const override;
};

struct SignalEntry {
    trading::UntradedSignal of;
    QString instrument;
};
class SignalsModel final : public RowModel<SignalEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Time, Instrument, Side, Reason };
    explicit SignalsModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const SignalEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const SignalEntry& a, const SignalEntry& b) const override;
    [[nodiscard]] bool isEqual(const SignalEntry& a, const SignalEntry& b) const override;

private:
    const PageContext context_;
};

/// A row of the strategy on one instrument, or on all of them together.
struct InstrumentEntry {
    std::shared_ptr<const trading::Evaluation> of;
    QString name; // "All pooled" for the pooled row
    bool isPooled = false;
    std::optional<base::InstrumentId> id{}; // empty: of the pooled row, which has the strategy's switch
    bool isOn = true;
    bool isPending = false;
    QString since{}; // "off by you since 3 Nov"; empty while on
};
class StrategyInstrumentsModel final : public RowModel<InstrumentEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, On, Won, Sharpe, Expectancy, Trades, Equity, ProfitFactor, Drawdown, Deflated };
    explicit StrategyInstrumentsModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const InstrumentEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const InstrumentEntry& a, const InstrumentEntry& b) const override;
    [[nodiscard]] bool isEqual(const InstrumentEntry& a, const InstrumentEntry& b) const override;
};

struct StrategyTradeEntry {
    trading::ClosedTrade of;
    market::Instrument instrument;
};
class StrategyTradesModel final : public RowModel<StrategyTradeEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Instrument, Side, Net, Return, By, Held, Closed, Entry, Exit, Hash };
    explicit StrategyTradesModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const StrategyTradeEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const StrategyTradeEntry& a, const StrategyTradeEntry& b) const override;
    [[nodiscard]] bool isEqual(const StrategyTradeEntry& a, const StrategyTradeEntry& b) const override;

private:
    const PageContext context_;
};

struct TrialEntry {
    trading::TrialRow of;
    bool isInForce = false;
    QString changes; // to the defaults
};
class TrialsModel final : public RowModel<TrialEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Hash, Origin, Tries, Time, Changes };
    explicit TrialsModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const TrialEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const TrialEntry& a, const TrialEntry& b) const override;
    [[nodiscard]] bool isEqual(const TrialEntry& a, const TrialEntry& b) const override;

private:
    const PageContext context_;
};

} // namespace qd::ui
