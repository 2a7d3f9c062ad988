// Paper trading of one instrument: each strategy has a row with at most one order or position. Pure; one thread at a
// time; owned by its InstrumentPipeline. Prices in ticks, sizes in lots, money in 1e-8 USDT, exchange time. Rules:
// PRODUCT.md, Paper trading that does not flatter; execution_model.h for prices. Beyond them:
// - A market order fills at the first tick or quote whose time is at or after its arrival, at what was in force before
// that
//   item. Without a quote in force it waits for the first tick. A gap on the way cancels it (NotTraded::Gap): nobody
//   saw what it would have paid.
// - A limit order rests from its arrival for its patience, and fills as a target does, in parts, at its price, with the
//   maker's fee; the position begins with the first part. Where the market order of its arrival would pay no more than
//   its price, it is one. The first tick at or after the end of its patience ends it, and so do a gap and the first
//   part that leaves; with nothing filled it is NotTraded::NotFilled.
// - One print decides in this order: stop, archived, signal, time limit, target. On the item of the entry only the
// stop.
// - A time limit acts at the first tick at or after it, as a market order that arrives at the limit.
// - A signal to the other side ends the position, as a market order of its own (reason: signal); it opens none.
// - A target fills in parts (execution_model.h) without patience: it rests until the position ends. Each part pays the
//   maker's fee on its own; the rest leaves with whatever ends the position, and one trade holds all of it.
// - A funding rate is charged on what is open when its settlement is reached: before the first tick or quote at or
// after it
//   does anything, at the newest print. One that comes after its settlement is charged at once, on positions entered
//   before that settlement. Each settlement is charged once; settlements come in growing order.
// - An archived strategy's position leaves at the next quote, at its price, or at the next tick as a market order.
// - While paused, or once the instrument was removed, nothing new is ordered; what is open runs to its own end.
#pragma once

#include "base/policy.h"
#include "market/instrument.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"
#include "trading/execution_model.h"
#include "trading/strategy.h"

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace qd::trading {

/// An order on its way to the market, or resting there (decision.limit).
struct PaperOrder {
    DecisionStamp decision;
    Quantity size; // that is not filled yet
    UtcMs arrival;
    base::Millis timeLimit{};
    bool waitsForPrint = false; // at market: it arrived while no quote was in force
    bool rests = false;         // by limit: it has arrived
    UtcMs patienceEnd{};        // by limit
    Quantity queue;             // by limit: what stands before it
    template <typename Archive>
    void state(Archive& a)
    {
        auto limit = timeLimit.count();
        a(decision, size, arrival, limit, waitsForPrint, rests, patienceEnd, queue);
        timeLimit = base::Millis{limit};
    }
};
/// What a row has under way: an order, a position, or both where a limit order is filled in part.
struct PaperRow {
    bool isEnabled = true;
    UtcMs cooldownUntil{std::numeric_limits<std::int64_t>::min()};
    std::optional<PaperOrder> pending;
    std::optional<OpenPosition> position;
    Quantity queue;                                          // that stands before the position's target
    UtcMs exitDue{std::numeric_limits<std::int64_t>::max()}; // when the order to leave by a signal arrives
    bool isClosing = false;                                  // archived: leaves at the next quote or tick
    std::int64_t exitDecisionHalfTicks = 0;                  // of the signal or the archiving: the mid at that moment
    std::optional<ExecutionCharge> frozen;                   // instead of the newest charge; its owner keeps it
    template <typename Archive>
    void state(Archive& a)
    {
        a(isEnabled, cooldownUntil, pending, position, queue, exitDue, isClosing, exitDecisionHalfTicks);
    }
};

class PaperBroker {
public:
    struct Row {
        std::string strategy;
        std::string parameterHash;
    };

    PaperBroker(market::Instrument instrument, const base::PaperPolicy& policy, std::vector<Row> rows);

    void onTick(const market::Tick& tick, StreamNumber number, LedgerEvents& out)
    {
        if (tick.price <= lowest_ || tick.price >= highest_ || tick.time >= dueAt_) [[unlikely]] {
            act(tick, number, out);
        }
        view_.add(tick);
        highSince_ = std::max(highSince_, tick.price);
        lowSince_ = std::min(lowSince_, tick.price);
    }
    void onQuote(const market::Quote& quote, StreamNumber number, LedgerEvents& out);
    void onGap(LedgerEvents& out);
    /// `newest`: time of the newest tick or quote.
    void onFunding(const market::FundingRate& rate, UtcMs newest, LedgerEvents& out);

    /// The order of a signal for `row`, decided at the tick that was fed last. `doubt`: what speaks against the data
    /// behind it (Gap, StaleData, ModelExpired). False: it cannot become an order; an UntradedSignal is appended.
    bool order(std::size_t row, const Signal& signal, StreamNumber number, UtcMs time, std::optional<NotTraded> doubt,
               LedgerEvents& out);

    void setEnabled(std::size_t row, bool enabled) { rows_[row].isEnabled = enabled; }
    [[nodiscard]] bool isEnabled(std::size_t row) const { return rows_[row].isEnabled; }
    void setPaused(bool paused) { isPaused_ = paused; }
    /// What market orders here are made worse by in the pessimistic band, from the next closing on; until it is told,
    /// policy's assumed slippage.
    void setCharge(const ExecutionCharge& charge) { charge_ = charge; }
    [[nodiscard]] ExecutionCharge charge() const { return charge_.value_or(assumedCharge(policy_.assumedSlippage)); }
    /// The charge of one row whatever is learned from now on; empty: it goes with the others again. Not of state().
    void freezeCharge(std::size_t row, const std::optional<ExecutionCharge>& charge) { rows_[row].frozen = charge; }
    /// For what is decided, filled and closed from now on; an order on its way keeps its times.
    void setPolicy(const base::PaperPolicy& policy) { policy_ = policy; }
    /// False: the instrument was removed.
    [[nodiscard]] bool isPaused() const { return isPaused_; }
    void setTakesEntries(bool takesEntries) { takesEntries_ = takesEntries; }
    [[nodiscard]] bool takesEntries() const { return takesEntries_; }
    /// No order and no position.
    [[nodiscard]] bool isIdle() const;
    [[nodiscard]] bool isIdle(std::size_t row) const { return !rows_[row].pending && !rows_[row].position; }
    /// Ends what the row has under way at the next quote or tick.
    void close(std::size_t row);
    void appendPositions(std::vector<OpenPosition>& out) const;
    [[nodiscard]] std::optional<OwnPosition> own(std::size_t row) const;
    /// Behind the others, in shadow for ever; where a state with it was read, it names that row.
    void addRow(Row row);
    /// Requires an idle one.
    void removeRow(std::size_t row);
    [[nodiscard]] std::size_t rowCount() const { return rows_.size(); }
    [[nodiscard]] const std::string& nameOf(std::size_t row) const { return names_[row].strategy; } // in the ledger
    /// Of what `row` decides from now on.
    void setParameterHash(std::size_t row, std::string hash) { names_[row].parameterHash = std::move(hash); }

    template <typename Archive>
    void state(Archive& a)
    {
        auto closedTo = static_cast<std::uint8_t>((isPaused_ ? 1 : 0) | (takesEntries_ ? 0 : 2));
        a(view_, highSince_, lowSince_, rows_, closedTo, upcoming_, settledUntil_, charge_);
        if constexpr (Archive::isReading) {
            isPaused_ = (closedTo & 1) != 0;
            takesEntries_ = (closedTo & 2) == 0;
            setTriggers();
        }
    }

private:
    void act(const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    void act(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    void act(PaperRow& row, const market::Quote& quote, const MarketView& before, StreamNumber number,
             LedgerEvents& out);
    [[nodiscard]] static std::optional<ExitReason> marketExit(const PaperRow& row, UtcMs time);
    void takeTarget(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    void settle(UtcMs time, LedgerEvents& out);
    void charge(const market::FundingRate& rate, LedgerEvents& out);
    static void cancel(PaperRow& row, NotTraded reason, LedgerEvents& out);
    [[nodiscard]] static std::optional<Price> entryPrice(PaperOrder& pending, const MarketView& view,
                                                         std::optional<Price> print);
    void enter(PaperRow& row, Price price, UtcMs time, StreamNumber number, LedgerEvents& out);
    [[nodiscard]] static OpenPosition opened(PaperRow& row, Price price, Quantity size, UtcMs time,
                                             StreamNumber number);
    [[nodiscard]] bool takes(PaperRow& row, const MarketView& view, UtcMs time, StreamNumber number, LedgerEvents& out);
    [[nodiscard]] bool fillLimit(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    /// `decided`: half ticks (ClosedTrade::exitDecisionHalfTicks).
    void leave(PaperRow& row, ExitReason reason, std::int64_t decided, Price price, UtcMs time, StreamNumber number,
               LedgerEvents& out);
    [[nodiscard]] std::optional<NotTraded> obstacle(const PaperRow& row, UtcMs time, Price price,
                                                    std::optional<NotTraded> doubt) const;
    [[nodiscard]] Money worth(Price price, Quantity size) const { return worthOf(instrument_, price, size); }
    void foldExtremes();
    void setTriggers();

    market::Instrument instrument_;
    base::PaperPolicy policy_;
    std::vector<Row> names_;

    MarketView view_;
    Price highSince_{std::numeric_limits<std::int64_t>::min()}; // of prints since foldExtremes()
    Price lowSince_{std::numeric_limits<std::int64_t>::max()};
    std::vector<PaperRow> rows_;
    bool isPaused_ = false;
    bool takesEntries_ = true;
    std::vector<market::FundingRate> upcoming_; // by settlement
    UtcMs settledUntil_{std::numeric_limits<std::int64_t>::min()};
    std::optional<ExecutionCharge> charge_;

    // One band over all stops and targets: a print inside it, before dueAt_, concerns nobody. Derived from rows_.
    Price lowest_{std::numeric_limits<std::int64_t>::min()};
    Price highest_{std::numeric_limits<std::int64_t>::max()};
    UtcMs dueAt_{std::numeric_limits<std::int64_t>::max()}; // earliest arrival of an order, time limit or settlement
};

} // namespace qd::trading
