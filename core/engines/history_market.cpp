#include "engines/history_market.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace qd::engines {

namespace {

constexpr std::size_t blockRows = 16'384; // whole blocks, so that no row is written as a tail first
constexpr std::size_t candleRows = 4'096;
constexpr std::size_t mostFlat = 64;  // candles without trades, one after another; only so that nothing is moved
constexpr double candleRate = 0.06;   // of the usual trades, where only candles are kept: some a minute
constexpr double leastQuotes = 0.1;   // of the usual: one in 15 s, so that decisions find the market alive
constexpr double leastRate = 0.000'1; // a wish for no ticks at all
constexpr double largestRate = 200;
constexpr base::Millis rateStep{6 * 3'600'000};
constexpr double candlePace = 0.25; // of a second of candles beside one of ticks, for the progress only

double seconds(base::Millis time)
{
    return static_cast<double>(time.count()) / 1'000;
}

} // namespace

HistoryMarket::HistoryMarket(const storage::SimulatedHistory& history, std::vector<market::Instrument> instruments)
    : history_(history),
      instruments_(std::move(instruments)),
      streams_(instruments_.size())
{
    for (const auto& instrument : instruments_) {
        characters_.push_back(exchange::marketCharacter(instrument));
        tradesPerSecond_ += characters_.back().tradesPerSecond;
    }
}

void HistoryMarket::run(const Take& take)
{
    if (!instruments_.empty() && makeCandles(take)) {
        (void)makeTicks(take);
    }
}

double HistoryMarket::rateFor(double ticks, base::UtcMs from, base::UtcMs to) const
{
    return std::clamp(ticks / (tradesPerSecond_ * std::max(1.0, seconds(to - from))), leastRate, largestRate);
}

double HistoryMarket::fractionAt(base::UtcMs time) const
{
    const double before = candlePace * seconds(history_.ticksFrom - history_.candlesFrom);
    const double all = before + seconds(history_.until - history_.ticksFrom);
    const double done = time < history_.ticksFrom ? candlePace * seconds(time - history_.candlesFrom)
                                                  : before + seconds(time - history_.ticksFrom);
    return all > 0 ? std::clamp(done / all, 0.0, 1.0) : 1;
}

exchange::MarketSimulator HistoryMarket::newMarket(base::UtcMs from, exchange::MarketTuning tuning,
                                                   std::uint64_t salt) const
{
    auto characters = characters_;
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        if (streams_[i].last.value > 0) {
            characters[i].startPrice = instruments_[i].priceValue(streams_[i].last);
        }
    }
    tuning.keepsVolume = true;
    return {history_.seed + salt, from, instruments_, characters, tuning};
}

bool HistoryMarket::makeCandles(const Take& take)
{
    if (history_.candlesFrom >= history_.ticksFrom) {
        return true;
    }
    for (auto& stream : streams_) {
        for (const auto timeframe : market::allTimeframes) {
            stream.builders.emplace_back(timeframe);
            stream.candles.emplace_back();
        }
    }
    constexpr std::uint64_t salt = 0x9E3779B97F4A7C15ULL; // another past than the one with ticks
    auto simulated = newMarket(history_.candlesFrom, {.rate = candleRate, .quotes = 0}, salt);
    while (simulated.nextTime() < history_.ticksFrom) {
        const auto event = simulated.next();
        if (!addToCandles(event.index, event.tick, take)) {
            return false;
        }
    }
    // A trade at the very next price and moment, which belongs to no candle here, closes what is in work.
    for (std::size_t i = 0; i < streams_.size(); ++i) {
        const market::Tick end{.id = 0, .time = history_.ticksFrom, .price = streams_[i].last, .signedSize = 0};
        if (streams_[i].last.value > 0 && !addToCandles(i, end, take)) {
            return false;
        }
    }
    return flushCandles(take);
}

bool HistoryMarket::addToCandles(std::size_t index, const market::Tick& tick, const Take& take)
{
    auto& stream = streams_[index];
    stream.last = tick.price;
    for (std::size_t i = 0; i < stream.builders.size(); ++i) {
        auto& candles = stream.candles[i];
        if (candles.capacity() == 0) {
            candles.reserve(candleRows + mostFlat);
        }
        stream.builders[i].add(tick, candles);
        if (candles.size() >= candleRows) {
            CandleRun run{market::allTimeframes[i], {candles.begin(), candles.begin() + candleRows}};
            candles.erase(candles.begin(), candles.begin() + candleRows);
            if (!take({instruments_[index].id, std::move(run), fractionAt(tick.time)})) {
                return false;
            }
        }
    }
    return true;
}

bool HistoryMarket::flushCandles(const Take& take)
{
    for (std::size_t index = 0; index < streams_.size(); ++index) {
        auto& stream = streams_[index];
        for (std::size_t i = 0; i < stream.candles.size(); ++i) {
            CandleRun run{market::allTimeframes[i], std::move(stream.candles[i])};
            if (!run.candles.empty() &&
                !take({instruments_[index].id, std::move(run), fractionAt(history_.ticksFrom)})) {
                return false;
            }
        }
        stream.builders.clear();
        stream.candles.clear();
    }
    return true;
}

bool HistoryMarket::makeTicks(const Take& take)
{
    if (history_.ticksFrom >= history_.until || history_.ticks == 0) {
        return true;
    }
    const auto wished = static_cast<double>(history_.ticks);
    const double rate = rateFor(wished, history_.ticksFrom, history_.until);
    auto simulated =
        newMarket(history_.ticksFrom, {.rate = rate, .quotes = std::clamp(rate, leastQuotes, 1.0)}, /*salt*/ 0);
    double made = 0;
    auto nextStep = history_.ticksFrom + rateStep;
    for (auto time = simulated.nextTime(); time < history_.until; time = simulated.nextTime()) {
        if (time >= nextStep) {
            simulated.setRate(rateFor(wished - made, nextStep, history_.until));
            nextStep = nextStep + rateStep;
        }
        const auto event = simulated.next();
        made += event.isTrade ? 1 : 0;
        if (!add(event.index, event, take)) {
            return false;
        }
    }
    return flushAll(take);
}

bool HistoryMarket::add(std::size_t index, const exchange::SimulatedEvent& event, const Take& take)
{
    auto& stream = streams_[index];
    ++stream.number.value;
    const auto put = [&](auto& rows, const auto& row, base::UtcMs time) {
        if (rows.capacity() < blockRows) {
            rows.reserve(blockRows);
        }
        rows.push_back({stream.number, row});
        if (rows.size() < blockRows) {
            return true;
        }
        return take({instruments_[index].id, std::exchange(rows, {}), fractionAt(time)});
    };
    if (event.isTrade) {
        stream.last = event.tick.price;
        return put(stream.ticks, event.tick, event.tick.time);
    }
    return put(stream.quotes, event.quote, event.quote.time);
}

bool HistoryMarket::flushAll(const Take& take)
{
    for (std::size_t index = 0; index < streams_.size(); ++index) {
        auto& stream = streams_[index];
        if (!stream.ticks.empty() && !take({instruments_[index].id, std::exchange(stream.ticks, {}), 1})) {
            return false;
        }
        if (!stream.quotes.empty() && !take({instruments_[index].id, std::exchange(stream.quotes, {}), 1})) {
            return false;
        }
    }
    return true;
}

std::uint64_t ticksAtRate(const std::vector<std::string>& instruments, base::Millis time, double rate)
{
    double perSecond = 0;
    for (const auto& instrument : exchange::defaultInstruments()) {
        if (std::ranges::find(instruments, instrument.name) != instruments.end()) {
            perSecond += exchange::marketCharacter(instrument).tradesPerSecond;
        }
    }
    return static_cast<std::uint64_t>(std::llround(perSecond * seconds(time) * rate));
}

} // namespace qd::engines
