#include "trading/paper_broker.h"

#include "trading/execution_band.h"

#include <algorithm>

namespace qd::trading {

namespace {

constexpr Price noHigh{std::numeric_limits<std::int64_t>::min()};
constexpr Price noLow{std::numeric_limits<std::int64_t>::max()};

void widen(OpenPosition& position, Price high, Price low)
{
    const bool isLong = position.decision.side == Side::Buy;
    position.best = isLong ? std::max(position.best, high) : std::min(position.best, low);
    position.worst = isLong ? std::min(position.worst, low) : std::max(position.worst, high);
}

constexpr UtcMs never{std::numeric_limits<std::int64_t>::max()};
constexpr UtcMs atOnce{std::numeric_limits<std::int64_t>::min()};
constexpr std::size_t mostUpcoming = 64; // an exchange tells one or two settlements ahead

} // namespace

PaperBroker::PaperBroker(market::Instrument instrument, const base::PaperPolicy& policy, std::vector<Row> rows)
    : instrument_(std::move(instrument)),
      policy_(policy),
      names_(std::move(rows)),
      rows_(names_.size())
{
}

void PaperBroker::act(const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    foldExtremes();
    settle(tick.time, out);
    for (auto& row : rows_) {
        act(row, tick, number, out);
    }
    setTriggers();
}

void PaperBroker::act(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    if (row.isClosing && row.pending) {
        cancel(row, NotTraded::Archived, out);
    }
    bool isFresh = false;
    if (row.pending && row.pending->decision.limit) {
        isFresh = fillLimit(row, tick, number, out);
    } else if (row.pending && tick.time >= row.pending->arrival) {
        // A print that sets the price is part of the entry; one that comes after an entry by quote may hit the stop.
        const bool byPrint = row.pending->waitsForPrint || !view_.hasQuote;
        if (const auto price = entryPrice(*row.pending, view_, tick.price)) {
            enter(row, *price, tick.time, number, out);
            if (byPrint) {
                return;
            }
            isFresh = true;
        }
    }
    if (!row.position) {
        return;
    }
    const auto side = row.position->decision.side;
    if (hitsStop(side, row.position->decision.stop, tick.price)) {
        leave(row, ExitReason::Stop, 2 * row.position->decision.stop.value, tick.price, tick.time, number, out);
    } else if (isFresh) {
        return;
    } else if (const auto reason = marketExit(row, tick.time)) {
        const auto byQuote = priceByQuote(opposite(side), view_);
        const auto decided = *reason == ExitReason::TimeLimit ? view_.midHalfTicks() : row.exitDecisionHalfTicks;
        leave(row, *reason, decided, byQuote ? *byQuote : priceByPrint(opposite(side), view_, tick.price), tick.time,
              number, out);
    } else {
        takeTarget(row, tick, number, out);
    }
}

std::optional<ExitReason> PaperBroker::marketExit(const PaperRow& row, UtcMs time)
{
    if (row.isClosing) {
        return ExitReason::Archived;
    }
    if (time >= row.exitDue) {
        return ExitReason::Signal;
    }
    return time >= row.position->timeLimit ? std::optional(ExitReason::TimeLimit) : std::nullopt;
}

void PaperBroker::takeTarget(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    auto& position = *row.position;
    const auto target = position.decision.target;
    const bool isThrough = tradesThrough(position.decision.side, target, tick.price);
    if (!isThrough && tick.price != target) {
        return;
    }
    const auto filled = filledBy(tick.size(), isThrough, position.rest(), row.queue);
    if (filled == position.rest()) {
        leave(row, ExitReason::Target, 2 * target.value, target, tick.time, number, out);
    } else if (filled.value > 0) {
        const auto got = worth(target, filled);
        position.closedSize += filled;
        position.closedWorth += got;
        position.closedFees += got * policy_.makerFee;
        row.pending.reset(); // what is still to come in of a limit entry
        out.emplace_back(position);
    }
}

// A limit order that arrives where `view` is in force: a market order if that pays no more than the limit, else it
// rests. True if it was filled.
bool PaperBroker::takes(PaperRow& row, const MarketView& view, UtcMs time, StreamNumber number, LedgerEvents& out)
{
    auto& pending = *row.pending;
    const auto limit = *pending.decision.limit;
    pending.rests = true;
    pending.queue = assumedQueue(pending.size);
    const auto price = priceByQuote(pending.decision.side, view);
    if (!price || worse(pending.decision.side, *price, limit) != limit) {
        return false;
    }
    enter(row, *price, time, number, out);
    return true;
}

// True if this tick filled any of it.
bool PaperBroker::fillLimit(PaperRow& row, const market::Tick& tick, StreamNumber number, LedgerEvents& out)
{
    auto& pending = *row.pending;
    if (tick.time < pending.arrival) {
        return false;
    }
    if (!pending.rests && takes(row, view_, tick.time, number, out)) {
        return true;
    }
    if (tick.time >= pending.patienceEnd) {
        cancel(row, NotTraded::NotFilled, out);
        return false;
    }
    const auto limit = *pending.decision.limit;
    const bool isThrough = tradesThrough(opposite(pending.decision.side), limit, tick.price);
    if (!isThrough && tick.price != limit) {
        return false;
    }
    const auto filled = filledBy(tick.size(), isThrough, pending.size, pending.queue);
    if (filled.value <= 0) {
        return false;
    }
    if (row.position) {
        row.position->size += filled;
    } else {
        row.position = opened(row, limit, filled, tick.time, number);
    }
    auto& position = *row.position;
    position.entry.fee = worth(limit, position.size) * policy_.makerFee;
    row.queue = assumedQueue(position.size);
    pending.size = pending.size - filled;
    if (pending.size.value == 0) {
        row.pending.reset();
    }
    out.emplace_back(position);
    return true;
}

void PaperBroker::onQuote(const market::Quote& quote, StreamNumber number, LedgerEvents& out)
{
    const auto before = view_;
    view_.add(quote);
    const bool concernsNobody =
        quote.time < dueAt_ && (!view_.hasQuote || (view_.bid > lowest_ && view_.ask < highest_));
    if (concernsNobody) {
        return;
    }
    foldExtremes();
    settle(quote.time, out);
    for (auto& row : rows_) {
        act(row, quote, before, number, out);
    }
    setTriggers();
}

void PaperBroker::act(PaperRow& row, const market::Quote& quote, const MarketView& before, StreamNumber number,
                      LedgerEvents& out)
{
    if (row.isClosing && row.pending) {
        cancel(row, NotTraded::Archived, out);
    }
    if (row.pending && row.pending->decision.limit) {
        if (quote.time >= row.pending->arrival && !row.pending->rests) {
            (void)takes(row, before, quote.time, number, out);
        }
    } else if (row.pending && quote.time >= row.pending->arrival) {
        if (const auto price = entryPrice(*row.pending, before, std::nullopt)) {
            enter(row, *price, quote.time, number, out);
        }
    }
    if (!row.position) {
        return;
    }
    const auto side = row.position->decision.side;
    const auto seen = side == Side::Buy ? view_.bid : view_.ask;
    if (view_.hasQuote && hitsStop(side, row.position->decision.stop, seen)) {
        leave(row, ExitReason::Stop, 2 * row.position->decision.stop.value, seen, quote.time, number, out);
    } else if (row.isClosing) {
        if (view_.hasQuote) {
            leave(row, ExitReason::Archived, row.exitDecisionHalfTicks, seen, quote.time, number, out);
        }
    } else if (quote.time >= row.exitDue) {
        if (const auto price = priceByQuote(opposite(side), before)) {
            leave(row, ExitReason::Signal, row.exitDecisionHalfTicks, *price, quote.time, number, out);
        }
    }
}

void PaperBroker::onFunding(const market::FundingRate& rate, UtcMs newest, LedgerEvents& out)
{
    if (rate.settlement <= settledUntil_) {
        return;
    }
    if (rate.settlement <= newest) {
        foldExtremes(); // what is told of a position is whole
        charge(rate, out);
        return;
    }
    const auto at = std::ranges::lower_bound(upcoming_, rate.settlement, {}, &market::FundingRate::settlement);
    if (at != upcoming_.end() && at->settlement == rate.settlement) {
        *at = rate;
    } else if (upcoming_.size() < mostUpcoming) {
        upcoming_.insert(at, rate);
    }
    setTriggers();
}

void PaperBroker::settle(UtcMs time, LedgerEvents& out)
{
    while (!upcoming_.empty() && upcoming_.front().settlement <= time) {
        charge(upcoming_.front(), out);
        upcoming_.erase(upcoming_.begin());
    }
}

void PaperBroker::charge(const market::FundingRate& rate, LedgerEvents& out)
{
    settledUntil_ = rate.settlement;
    for (auto& row : rows_) {
        if (row.position && row.position->entry.time < rate.settlement) {
            auto& position = *row.position;
            position.funding += fundingOf(position.decision.side, worth(view_.last, position.rest()), rate.rate);
            out.emplace_back(position);
        }
    }
}

bool PaperBroker::isIdle() const
{
    return std::ranges::none_of(rows_, [](const PaperRow& row) { return row.pending || row.position; });
}

void PaperBroker::addRow(Row row)
{
    names_.push_back(std::move(row));
    if (rows_.size() < names_.size()) {
        rows_.emplace_back().isEnabled = false;
    }
}

void PaperBroker::removeRow(std::size_t row)
{
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(row));
    rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(row));
    setTriggers();
}

void PaperBroker::close(std::size_t row)
{
    auto& state = rows_[row];
    if (!state.isClosing && (state.pending || state.position)) {
        state.isClosing = true;
        state.exitDecisionHalfTicks = view_.midHalfTicks();
    }
    setTriggers();
}

void PaperBroker::cancel(PaperRow& row, NotTraded reason, LedgerEvents& out)
{
    if (!row.position) { // else a part of it traded
        out.emplace_back(UntradedSignal{std::move(row.pending->decision), reason});
        row.isClosing = false;
    }
    row.pending.reset();
}

void PaperBroker::onGap(LedgerEvents& out)
{
    view_.endQuote();
    for (auto& row : rows_) {
        if (row.pending) {
            cancel(row, NotTraded::Gap, out);
        }
        if (row.position) {
            row.position->hasGap = true;
        }
    }
    setTriggers();
}

// What a due order pays; `view` is what was in force before the item that finds it due, `print` that item if it is a
// tick. Empty: it arrived without a quote in force, and waits for the first print.
std::optional<Price> PaperBroker::entryPrice(PaperOrder& pending, const MarketView& view, std::optional<Price> print)
{
    const auto side = pending.decision.side;
    const auto byQuote = priceByQuote(side, view);
    if (byQuote && !pending.waitsForPrint) {
        return byQuote;
    }
    pending.waitsForPrint = true;
    if (!print) {
        return std::nullopt;
    }
    const auto byPrint = priceByPrint(side, view, *print);
    return byQuote ? worse(side, *byQuote, byPrint)
                   : byPrint; // a quote that came while it waited may only make it dearer
}

// The position that the row's order begins; its fee is still to come.
OpenPosition PaperBroker::opened(PaperRow& row, Price price, Quantity size, UtcMs time, StreamNumber number)
{
    auto& pending = *row.pending;
    auto decision = pending.decision; // a limit order still needs its price
    row.exitDue = never;
    return {.decision = std::move(decision),
            .size = size,
            .entry = {.time = time, .number = number, .price = price, .fee = {}},
            .timeLimit = time + pending.timeLimit,
            .best = price,
            .worst = price,
            .hasGap = false,
            .inShadow = !row.isEnabled};
}

void PaperBroker::enter(PaperRow& row, Price price, UtcMs time, StreamNumber number, LedgerEvents& out)
{
    row.position = opened(row, price, row.pending->size, time, number);
    row.position->entry.fee = worth(price, row.position->size) * policy_.takerFee;
    row.pending.reset();
    row.queue = assumedQueue(row.position->size);
    out.emplace_back(*row.position);
}

void PaperBroker::leave(PaperRow& row, ExitReason reason, std::int64_t decided, Price price, UtcMs time,
                        StreamNumber number, LedgerEvents& out)
{
    auto& position = *row.position;
    const auto paid = worth(position.entry.price, position.size);
    const auto got = worth(price, position.rest());
    const auto rate = reason == ExitReason::Target ? policy_.makerFee : policy_.takerFee;
    auto trade = closedTrade(std::move(position), reason,
                             {.time = time, .number = number, .price = price, .fee = got * rate}, paid, got);
    trade.exitDecisionHalfTicks = decided;
    setBand(trade, instrument_, policy_, row.frozen.value_or(charge()));
    out.emplace_back(std::move(trade));
    row.position.reset();
    row.pending.reset(); // what was still to come in of a limit entry
    row.exitDue = never;
    row.isClosing = false;
    row.cooldownUntil = time + policy_.cooldown;
}

std::optional<NotTraded> PaperBroker::obstacle(const PaperRow& row, UtcMs time, Price price,
                                               std::optional<NotTraded> doubt) const
{
    if (isPaused_) {
        return NotTraded::Paused;
    }
    if (!takesEntries_ && !row.position && !row.pending) {
        return NotTraded::Removed;
    }
    if (row.position) {
        return NotTraded::PositionOpen;
    }
    if (row.pending) {
        return NotTraded::OrderPending;
    }
    if (time < row.cooldownUntil) {
        return NotTraded::Cooldown;
    }
    if (doubt) {
        return doubt;
    }
    // Sizes are whole lots: where the smallest order is worth more than the notional, it would be another trade.
    const auto least = instrument_.notional(price, instrument_.minSize);
    if (price.value <= 0 || !least || *least > policy_.notional) {
        return NotTraded::TooSmall;
    }
    return std::nullopt;
}

bool PaperBroker::order(std::size_t row, const Signal& signal, StreamNumber number, UtcMs time,
                        std::optional<NotTraded> doubt, LedgerEvents& out)
{
    DecisionStamp decision{.instrument = instrument_.id,
                           .strategy = names_[row].strategy,
                           .parameterHash = names_[row].parameterHash,
                           .side = signal.side,
                           .number = number,
                           .time = time,
                           .decisionPriceHalfTicks = view_.midHalfTicks(),
                           .stop = signal.stop,
                           .target = signal.target,
                           .why = signal.why,
                           .limit = signal.limit};
    const auto price = signal.limit.value_or(view_.last);
    if (const auto reason = obstacle(rows_[row], time, price, doubt)) {
        const auto& position = rows_[row].position;
        const bool leaves = *reason == NotTraded::PositionOpen && !doubt && position->decision.side != signal.side;
        if (leaves && rows_[row].exitDue == never) {
            rows_[row].exitDue = time + policy_.latency;
            if (!rows_[row].isClosing) {
                rows_[row].exitDecisionHalfTicks = decision.decisionPriceHalfTicks;
            }
            setTriggers();
        }
        out.emplace_back(UntradedSignal{std::move(decision), *reason});
        return false;
    }
    rows_[row].pending = PaperOrder{.decision = std::move(decision),
                                    .size = instrument_.sizeFor(policy_.notional, price),
                                    .arrival = time + policy_.latency,
                                    .timeLimit = signal.timeLimit,
                                    .patienceEnd = time + policy_.latency + policy_.limitPatience,
                                    .queue = {}};
    setTriggers();
    return true;
}

void PaperBroker::appendPositions(std::vector<OpenPosition>& out) const
{
    for (const auto& row : rows_) {
        if (row.position) {
            out.push_back(*row.position);
            if (highSince_ != noHigh) {
                widen(out.back(), highSince_, lowSince_);
            }
        }
    }
}

std::optional<OwnPosition> PaperBroker::own(std::size_t row) const
{
    const auto& position = rows_[row].position;
    return position ? std::optional(OwnPosition{position->decision.side, position->entry.price, position->entry.time})
                    : std::nullopt;
}

void PaperBroker::foldExtremes()
{
    if (highSince_ != noHigh) {
        for (auto& row : rows_) {
            if (row.position) {
                widen(*row.position, highSince_, lowSince_);
            }
        }
    }
    highSince_ = noHigh;
    lowSince_ = noLow;
}

void PaperBroker::setTriggers()
{
    lowest_ = noHigh;
    highest_ = noLow;
    dueAt_ = upcoming_.empty() ? never : upcoming_.front().settlement;
    for (const auto& row : rows_) {
        if (row.isClosing) {
            dueAt_ = atOnce;
        }
        if (row.pending) {
            const auto& pending = *row.pending;
            dueAt_ = std::min(dueAt_, pending.rests ? pending.patienceEnd : pending.arrival);
            if (pending.rests && pending.decision.side == Side::Buy) {
                lowest_ = std::max(lowest_, *pending.decision.limit);
            } else if (pending.rests) {
                highest_ = std::min(highest_, *pending.decision.limit);
            }
        }
        if (row.position) {
            const auto& decision = row.position->decision;
            lowest_ = std::max(lowest_, std::min(decision.stop, decision.target));
            highest_ = std::min(highest_, std::max(decision.stop, decision.target));
            dueAt_ = std::min({dueAt_, row.position->timeLimit, row.exitDue});
        }
    }
}

} // namespace qd::trading
