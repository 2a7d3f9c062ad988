#include "trading/paper_broker.h"

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
    for (auto& row : rows_) {
        bool isFresh = false;
        if (row.pending && tick.time >= row.pending->arrival) {
            // A print that sets the price is part of the entry; one that comes after an entry by quote may hit the
            // stop.
            const bool byPrint = row.pending->waitsForPrint || !view_.hasQuote;
            if (const auto price = entryPrice(*row.pending, view_, tick.price)) {
                enter(row, *price, tick.time, number, out);
                if (byPrint) {
                    continue;
                }
                isFresh = true;
            }
        }
        if (!row.position) {
            continue;
        }
        const auto& position = *row.position;
        const auto side = position.decision.side;
        if (hitsStop(side, position.decision.stop, tick.price)) {
            leave(row, ExitReason::Stop, tick.price, tick.time, number, out);
        } else if (isFresh) {
            continue;
        } else if (tick.time >= position.timeLimit) {
            const auto exit = opposite(side);
            const auto byQuote = priceByQuote(exit, view_);
            leave(row, ExitReason::TimeLimit, byQuote ? *byQuote : priceByPrint(exit, view_, tick.price), tick.time,
                  number, out);
        } else if (tradesThrough(side, position.decision.target, tick.price)) {
            leave(row, ExitReason::Target, position.decision.target, tick.time, number, out);
        } else if (tick.price == position.decision.target) {
            row.tradedAtTarget += tick.size();
            if (clearsQueue(row.tradedAtTarget, position.size)) {
                leave(row, ExitReason::Target, position.decision.target, tick.time, number, out);
            }
        }
    }
    setTriggers();
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
    for (auto& row : rows_) {
        if (row.pending && quote.time >= row.pending->arrival) {
            if (const auto price = entryPrice(*row.pending, before, std::nullopt)) {
                enter(row, *price, quote.time, number, out);
            }
        }
        if (row.position && view_.hasQuote) {
            const auto side = row.position->decision.side;
            const auto seen = side == Side::Buy ? view_.bid : view_.ask;
            if (hitsStop(side, row.position->decision.stop, seen)) {
                leave(row, ExitReason::Stop, seen, quote.time, number, out);
            }
        }
    }
    setTriggers();
}

void PaperBroker::onGap(LedgerEvents& out)
{
    view_.endQuote();
    for (auto& row : rows_) {
        if (row.pending) {
            out.emplace_back(UntradedSignal{std::move(row.pending->decision), NotTraded::Gap});
            row.pending.reset();
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

void PaperBroker::enter(PaperRow& row, Price price, UtcMs time, StreamNumber number, LedgerEvents& out)
{
    auto& pending = *row.pending;
    row.position = OpenPosition{
        .decision = std::move(pending.decision),
        .size = pending.size,
        .entry = {.time = time, .number = number, .price = price, .fee = worth(price, pending.size) * policy_.takerFee},
        .timeLimit = time + pending.timeLimit,
        .best = price,
        .worst = price,
        .hasGap = false,
        .inShadow = !row.isEnabled};
    row.pending.reset();
    row.tradedAtTarget = {};
    out.emplace_back(*row.position);
}

void PaperBroker::leave(PaperRow& row, ExitReason reason, Price price, UtcMs time, StreamNumber number,
                        LedgerEvents& out)
{
    ClosedTrade trade{.position = std::move(*row.position), .reason = reason};
    row.position.reset();
    auto& position = trade.position;
    widen(position, price, price);
    const auto paid = worth(position.entry.price, position.size);
    const auto got = worth(price, position.size);
    const auto rate = reason == ExitReason::Target ? policy_.makerFee : policy_.takerFee;
    trade.exit = {.time = time, .number = number, .price = price, .fee = got * rate};
    trade.gross = position.decision.side == Side::Buy ? got - paid : paid - got;
    trade.fees = position.entry.fee + trade.exit.fee;
    trade.net = trade.gross - trade.fees - trade.funding;
    row.cooldownUntil = time + policy_.cooldown;
    out.emplace_back(std::move(trade));
}

std::optional<NotTraded> PaperBroker::obstacle(const PaperRow& row, UtcMs time, bool touchesGap) const
{
    if (row.position) {
        return NotTraded::PositionOpen;
    }
    if (row.pending) {
        return NotTraded::OrderPending;
    }
    if (time < row.cooldownUntil) {
        return NotTraded::Cooldown;
    }
    if (touchesGap) {
        return NotTraded::Gap;
    }
    // Sizes are whole lots: where the smallest order is worth more than the notional, it would be another trade.
    const auto least = instrument_.notional(view_.last, instrument_.minSize);
    if (view_.last.value <= 0 || !least || *least > policy_.notional) {
        return NotTraded::TooSmall;
    }
    return std::nullopt;
}

void PaperBroker::order(std::size_t row, const Signal& signal, StreamNumber number, UtcMs time, bool touchesGap,
                        LedgerEvents& out)
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
                           .why = signal.why};
    if (const auto reason = obstacle(rows_[row], time, touchesGap)) {
        out.emplace_back(UntradedSignal{std::move(decision), *reason});
        return;
    }
    rows_[row].pending = PaperOrder{.decision = std::move(decision),
                                    .size = instrument_.sizeFor(policy_.notional, view_.last),
                                    .arrival = time + policy_.latency,
                                    .timeLimit = signal.timeLimit};
    setTriggers();
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

// Prices that no Money can hold are refused by ingest's scales long before; should one come, the amount stays at the
// edge.
Money PaperBroker::worth(Price price, Quantity size) const
{
    constexpr Money most{std::numeric_limits<std::int64_t>::max() / 4};
    const auto amount = instrument_.notional(price, size);
    return amount ? std::clamp(*amount, -most, most) : most;
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
    dueAt_ = never;
    for (const auto& row : rows_) {
        if (row.pending) {
            dueAt_ = std::min(dueAt_, row.pending->arrival);
        }
        if (row.position) {
            const auto& decision = row.position->decision;
            lowest_ = std::max(lowest_, std::min(decision.stop, decision.target));
            highest_ = std::min(highest_, std::max(decision.stop, decision.target));
            dueAt_ = std::min(dueAt_, row.position->timeLimit);
        }
    }
}

} // namespace qd::trading
