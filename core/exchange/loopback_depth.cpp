#include "exchange/loopback_depth.h"

#include <algorithm>
#include <utility>

namespace qd::exchange {

namespace {

constexpr std::size_t topLevels = 5; // of books5

// 1 to 4, from the price alone: a level keeps its size while it stands.
std::int64_t weightOf(std::int64_t price)
{
    auto z = static_cast<std::uint64_t>(price) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 29)) * 0xbf58476d1ce4e5b9;
    return 1 + static_cast<std::int64_t>(z >> 62);
}

void appendNumber(std::string& out, const std::string& text, bool isQuoted)
{
    out.append(isQuoted ? "\"" : "").append(text).append(isQuoted ? "\"" : "");
}

} // namespace

void LoopbackDepth::setQuote(const market::Quote& quote)
{
    quote_ = quote;
    takenBid_ = takenAsk_ = 0;
    isDirty_ = true;
}

void LoopbackDepth::addTrade(const market::Tick& tick)
{
    if (!quote_) {
        return;
    }
    const auto spread = quote_->ask.value - quote_->bid.value;
    if (tick.signedSize > 0) {
        if (tick.price > quote_->ask) { // it walked the asks up: the spread goes along
            quote_->ask = tick.price;
            quote_->bid = {std::max<std::int64_t>(1, tick.price.value - spread)};
            takenAsk_ = takenBid_ = 0;
        }
        takenAsk_ += tick.signedSize;
    } else {
        if (tick.price < quote_->bid) {
            quote_->bid = tick.price;
            quote_->ask = {tick.price.value + spread};
            takenAsk_ = takenBid_ = 0;
        }
        takenBid_ -= tick.signedSize;
    }
    isDirty_ = true;
}

LoopbackDepth::Book LoopbackDepth::wanted() const
{
    Book book;
    const auto fill = [&](Side& side, std::int64_t best, std::int64_t step, std::int64_t size, std::int64_t taken) {
        for (std::size_t i = 0; i < levelsKept; ++i) {
            const auto price = best + step * static_cast<std::int64_t>(i);
            const auto full = std::max<std::int64_t>(1, size) * (i == 0 ? 1 : weightOf(price));
            side[i] = price > 0 ? Level{price, std::max<std::int64_t>(1, i == 0 ? full - taken : full)} : Level{};
        }
    };
    fill(book.bids, quote_->bid.value, -1, quote_->bidSize.value, takenBid_);
    fill(book.asks, quote_->ask.value, 1, quote_->askSize.value, takenAsk_);
    return book;
}

std::optional<base::UtcMs> LoopbackDepth::dueAt() const
{
    return isDirty_ ? std::optional(toldAt_ + cadence) : std::nullopt;
}

LoopbackDepth::Change LoopbackDepth::settle(base::UtcMs now)
{
    if (!isDirty_ || (sequence_ != 0 && now < toldAt_ + cadence)) {
        return {};
    }
    isDirty_ = false;
    const auto next = wanted();
    if (sequence_ != 0 && next == told_) {
        return {};
    }
    before_ = std::exchange(told_, next);
    toldAt_ = now;
    previous_ = sequence_;
    sequence_ = sequence_ == 0 ? 1'000'000 : sequence_ + 1 + next.bids[0].lots % 60; // ids skip numbers
    const auto differs = [](const Side& a, const Side& b) {
        return !std::equal(a.begin(), a.begin() + topLevels, b.begin());
    };
    return {.any = true, .inTop = differs(before_.bids, told_.bids) || differs(before_.asks, told_.asks)};
}

void LoopbackDepth::appendLevels(std::string& out, const market::Instrument& instrument, const Side& levels,
                                 std::size_t count, bool isQuoted)
{
    bool isFirst = true;
    for (std::size_t i = 0; i < std::min(count, levelsKept) && levels[i].lots > 0; ++i) {
        out.append(std::exchange(isFirst, false) ? "[" : ",[");
        appendNumber(out, instrument.priceText({levels[i].price}), isQuoted);
        out.append(",");
        appendNumber(out, instrument.sizeText({levels[i].lots}), isQuoted);
        out.append("]");
    }
}

void LoopbackDepth::appendChanges(std::string& out, const market::Instrument& instrument, const Side& from,
                                  const Side& to)
{
    bool isFirst = true;
    const auto add = [&](std::int64_t price, std::int64_t lots) {
        out.append(std::exchange(isFirst, false) ? "[" : ",[").append(instrument.priceText({price})).append(",");
        out.append(instrument.sizeText({lots})).append("]");
    };
    const auto has = [](const Side& side, std::int64_t price) {
        return std::any_of(side.begin(), side.end(), [price](const Level& level) { return level.price == price; });
    };
    for (const auto& level : to) {
        if (level.lots > 0 && std::find(from.begin(), from.end(), level) == from.end()) {
            add(level.price, level.lots);
        }
    }
    for (const auto& level : from) {
        if (level.lots > 0 && !has(to, level.price)) {
            add(level.price, 0);
        }
    }
}

void LoopbackDepth::appendEnd(std::string& out, std::int64_t previous) const
{
    out.append(R"(],"ts":")").append(std::to_string(toldAt_.value));
    out.append(R"(","prevSeqId":")").append(std::to_string(previous));
    out.append(R"(","seqId":")").append(std::to_string(sequence_)).append(R"("})");
}

void LoopbackDepth::appendSnapshot(std::string& out, const market::Instrument& instrument, std::size_t levels) const
{
    out.append(R"({"asks":[)");
    appendLevels(out, instrument, told_.asks, levels, false);
    out.append(R"(],"bids":[)");
    appendLevels(out, instrument, told_.bids, levels, false);
    appendEnd(out, 0);
}

void LoopbackDepth::appendUpdate(std::string& out, const market::Instrument& instrument) const
{
    out.append(R"({"asks":[)");
    appendChanges(out, instrument, before_.asks, told_.asks);
    out.append(R"(],"bids":[)");
    appendChanges(out, instrument, before_.bids, told_.bids);
    appendEnd(out, previous_);
}

void LoopbackDepth::appendRest(std::string& out, const market::Instrument& instrument, std::size_t size) const
{
    out.append(R"({"asks":[)");
    appendLevels(out, instrument, told_.asks, size, true);
    out.append(R"(],"bids":[)");
    appendLevels(out, instrument, told_.bids, size, true);
    out.append(R"(],"ts":")").append(std::to_string(toldAt_.value)).append(R"("})");
}

} // namespace qd::exchange
