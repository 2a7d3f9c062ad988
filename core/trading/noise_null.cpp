#include "trading/noise_null.h"

#include "statistics/summary.h"
#include "trading/candle_pipeline.h"

#include <algorithm>
#include <cmath>

namespace qd::trading {

namespace {

/// SplitMix64's finisher: every bit of the answer hangs on every bit of the question.
std::uint64_t mixed(std::uint64_t x)
{
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

constexpr double mostTicks = 0x1p52; // beyond it a double has no whole ticks

} // namespace

bool isMirrored(std::uint64_t seed, UtcMs start)
{
    return (mixed(mixed(seed) ^ static_cast<std::uint64_t>(start.value)) & 1) != 0;
}

// The bar before ended with newest_: from there the path goes on.
void NoiseMirror::begin(UtcMs start, Price first)
{
    if (hasBegun_) {
        became_ = exact(newest_);
        before_ = static_cast<double>(newest_.value);
    } else {
        hasBegun_ = true;
        became_ = before_ = static_cast<double>(first.value);
        newest_ = first;
    }
    flips_ = seed_ && isMirrored(*seed_, start);
}

double NoiseMirror::exact(Price price) const
{
    const auto p = static_cast<double>(price.value);
    return std::clamp(flips_ ? became_ * (before_ / p) : became_ * (p / before_), 1.0, mostTicks);
}

Price NoiseMirror::whole(Price price) const
{
    return {std::llround(exact(price))};
}

market::Tick NoiseMirror::of(const market::Tick& tick)
{
    if (tick.price.value <= 0) {
        return tick; // no such price can be mirrored, and none is traded on
    }
    if (tick.time >= end_) {
        const auto start = base::bucketStart(tick.time, barLength);
        begin(start, tick.price);
        end_ = start + barLength;
    }
    newest_ = tick.price;
    auto out = tick;
    out.price = whole(tick.price);
    out.signedSize = flips_ ? -tick.signedSize : tick.signedSize;
    return out;
}

// A quote of a bar that has no print yet begins it.
market::Quote NoiseMirror::of(const market::Quote& quote)
{
    if (quote.bid.value <= 0 || quote.ask < quote.bid) {
        return quote;
    }
    if (quote.time >= end_) {
        const auto start = base::bucketStart(quote.time, barLength);
        begin(start, quote.bid);
        end_ = start + barLength;
    }
    auto out = quote;
    out.bid = whole(flips_ ? quote.ask : quote.bid);
    out.ask = whole(flips_ ? quote.bid : quote.ask);
    if (quote.bid < quote.ask && out.ask <= out.bid) {
        out.ask = {out.bid.value + 1}; // a spread stays one
    }
    if (flips_) {
        std::swap(out.bidSize, out.askSize);
    }
    return out;
}

market::StreamItem NoiseMirror::operator()(const market::StreamItem& item)
{
    auto out = item;
    if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
        out.what = of(*tick);
    } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
        out.what = of(*quote);
    }
    return out;
}

market::Candle NoiseMirror::operator()(const market::Candle& candle)
{
    if (candle.low.value <= 0) {
        return candle;
    }
    begin(candle.start, candle.open);
    newest_ = candle.close;
    auto out = candle;
    out.open = whole(candle.open);
    out.high = whole(flips_ ? candle.low : candle.high);
    out.low = whole(flips_ ? candle.high : candle.low);
    out.close = whole(candle.close);
    out.buyVolume = flips_ ? candle.volume.value - candle.buyVolume : candle.buyVolume;
    return out;
}

void NullTally::add(const ClosedTrade& trade, Money notional)
{
    ++trades;
    shares += static_cast<double>(trade.net.value) / static_cast<double>(notional.value);
}

void NullTally::add(const NullTally& other)
{
    trades += other.trades;
    shares += other.shares;
}

statistics::Measure NullTally::expectancy() const
{
    return trades == 0 ? std::unexpected(statistics::Undefined::NoTrades)
                       : statistics::measureOf(shares / static_cast<double>(trades));
}

void tally(LedgerEvents& events, Money notional, NullTallies& out)
{
    for (const auto& event : events) {
        if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
            out[trade->position.decision.strategy].add(*trade, notional);
        }
    }
    events.clear();
}

void runOnCandles(const CandleMarket& market, std::optional<std::uint64_t> seed, const MakeRunners& make,
                  NullTallies& out)
{
    NoiseMirror mirror(seed);
    std::vector<market::Candle> series;
    series.reserve(market.candles.size());
    for (const auto& candle : market.candles) {
        series.push_back(mirror(candle));
    }
    CandlePipeline pipeline(make(series), market.instrument, market.policy, market.timeframe);
    if (market.charge) {
        pipeline.setCharge(*market.charge);
    }
    LedgerEvents events;
    for (const auto& candle : series) {
        pipeline.feed(candle, events);
        if (!events.empty()) {
            tally(events, market.policy.notional, out);
        }
    }
}

void judge(NullResult& result, const NullTally& real, std::span<const NullTally> runs)
{
    result.trades = real.trades;
    const auto expectancy = real.expectancy();
    result.real = expectancy ? std::optional(*expectancy) : std::nullopt;
    std::vector<double> sorted;
    for (const auto& run : runs) {
        if (const auto one = run.expectancy()) {
            sorted.push_back(*one);
        }
    }
    std::ranges::sort(sorted);
    result.expectancies.assign(sorted.begin(), sorted.end());
    if (sorted.empty()) {
        return;
    }
    result.median = *statistics::quantileOfSorted(sorted, 0.5);
    result.p95 = *statistics::quantileOfSorted(sorted, 0.95);
    if (result.real) {
        const auto better = sorted.end() - std::ranges::upper_bound(sorted, *result.real);
        result.share = static_cast<double>(better) / static_cast<double>(sorted.size());
    }
}

} // namespace qd::trading
