#include "trading/trade_book.h"

#include <algorithm>

namespace qd::trading {

namespace {

constexpr std::int64_t mostDays = 200 * 365; // more is a damaged time, not a history

/// Of the whole position, after its entry fee.
Money unrealised(const BookTrade& trade, const market::Instrument& instrument, Price mark)
{
    const bool isLong = trade.size.value > 0;
    const auto moved = isLong ? mark - trade.entry : trade.entry - mark;
    return instrument.notional(moved, isLong ? trade.size : -trade.size).value_or(Money{}) - trade.entryFee;
}

} // namespace

std::uint32_t TradeBook::rowOf(std::string_view strategy, InstrumentId instrument)
{
    const auto [found, isNew] =
        rowNumbers_.try_emplace({std::string(strategy), instrument}, static_cast<std::uint32_t>(rows_.size()));
    if (isNew) {
        rows_.push_back(found->first);
    }
    return found->second;
}

std::uint32_t TradeBook::hashOf(std::string_view hash)
{
    if (const auto known = hashNumbers_.find(hash); known != hashNumbers_.end()) {
        return known->second;
    }
    hashes_.emplace_back(hash);
    return hashNumbers_.emplace(hash, static_cast<std::uint32_t>(hashes_.size() - 1)).first->second;
}

BookTrade TradeBook::entryOf(const OpenPosition& position, const market::Instrument& instrument)
{
    const auto& decision = position.decision;
    return {.row = rowOf(decision.strategy, decision.instrument),
            .hash = hashOf(decision.parameterHash),
            .entered = position.entry.time,
            .entry = position.entry.price,
            .size = decision.side == Side::Buy ? position.size : -position.size,
            .entryFee = position.entry.fee,
            .notional = instrument.notional(position.entry.price, position.size).value_or(Money{}),
            .net = {},
            .optimistic = {},
            .pessimistic = {},
            .inShadow = position.inShadow};
}

BookTrade TradeBook::entryOf(const ClosedTrade& trade, const market::Instrument& instrument)
{
    auto out = entryOf(trade.position, instrument);
    out.left = trade.exit.time;
    out.net = trade.net;
    out.optimistic = trade.optimistic;
    out.pessimistic = trade.pessimistic;
    return out;
}

void MidnightMarks::add(UtcMs start, base::Millis length, Price close)
{
    const auto end = start + length;
    if (end <= lastEnd_) {
        return;
    }
    // Midnights since the last candle had no later close: nothing traded, or a gap.
    if (last_) {
        for (auto day = dayOf(lastEnd_) + 1;
             midnightOf(day) < end && midnightOf(day) - lastEnd_ < mostDays * base::oneDay; ++day) {
            closes_.emplace_back(midnightOf(day), *last_);
        }
    }
    last_ = close;
    lastEnd_ = end;
    const auto midnight = base::bucketStart(end, base::oneDay);
    if (midnight == end) {
        closes_.emplace_back(midnight, close);
    }
    settled_ = midnight;
}

std::optional<Price> MidnightMarks::at(UtcMs midnight) const
{
    if (last_ && lastEnd_ <= midnight) {
        return last_;
    }
    const auto after = std::ranges::upper_bound(closes_, midnight, {}, &std::pair<UtcMs, Price>::first);
    return after == closes_.begin() ? std::nullopt : std::optional(std::prev(after)->second);
}

void DailyPnl::add(std::int64_t day, Money pnl)
{
    if (days_.empty()) {
        first_ = day;
    }
    if (day < first_) {
        days_.insert(days_.begin(), static_cast<std::size_t>(std::min(first_ - day, mostDays)), Money{});
        first_ = day;
    }
    const auto at = static_cast<std::size_t>(std::min(day - first_, mostDays));
    if (days_.size() <= at) {
        days_.resize(at + 1);
    }
    days_[at] += pnl;
}

void DailyPnl::add(const DailyPnl& other)
{
    for (std::size_t i = 0; i < other.days_.size(); ++i) {
        add(other.first_ + static_cast<std::int64_t>(i), other.days_[i]);
    }
}

Money DailyPnl::at(std::int64_t day) const
{
    const auto index = day - first_;
    return index < 0 || static_cast<std::size_t>(index) >= days_.size() ? Money{}
                                                                        : days_[static_cast<std::size_t>(index)];
}

void addDays(DailyPnl& to, const BookTrade& trade, const market::Instrument& instrument, const MidnightMarks& marks,
             std::int64_t until)
{
    Money before;
    auto day = dayOf(trade.entered);
    if (until - day > mostDays) {
        return;
    }
    // A sample at exactly midnight belongs to the new day, so an exit at that moment was held over it.
    for (; day < until && midnightOf(day + 1) <= trade.left; ++day) {
        const auto mark = marks.at(midnightOf(day + 1));
        const auto worth = mark                          ? unrealised(trade, instrument, *mark)
                           : day == dayOf(trade.entered) ? -trade.entryFee
                                                         : before;
        to.add(day, worth - before);
        before = worth;
    }
    if (day < until) { // it left on that day
        to.add(day, trade.net - before);
    }
}

} // namespace qd::trading
