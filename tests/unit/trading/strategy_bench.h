// One strategy on a bench: fed with 5m candles, which it also gets as closed 15m and 1h candles, and asked after each.
#pragma once

#include "market/indicators/volatility.h"
#include "testkit/recorded_candles.h"
#include "testkit/stand_in_model.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>

namespace qd::testkit {

using namespace trading;
using market::Candle;
using market::Timeframe;

inline Candle candleOf(std::int64_t index, std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close,
                       std::int64_t volume = 100)
{
    return {.start = {index * 300'000},
            .open = {open},
            .high = {high},
            .low = {low},
            .close = {close},
            .volume = {volume},
            .buyVolume = volume / 2};
}

/// Candles without a body, 20 ticks from high to low: their ATR is 20 exactly.
inline std::vector<Candle> calm(std::size_t count, std::int64_t price = 10'000)
{
    std::vector<Candle> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(candleOf(static_cast<std::int64_t>(i), price, price + 10, price - 10, price));
    }
    return out;
}

/// Two waves, one on the other: trends, pullbacks and turning points by the rule of a sine.
inline std::vector<Candle> wave(std::size_t count, double slow = 400, double fast = 90)
{
    std::vector<Candle> out;
    std::int64_t before = 10'000;
    for (std::size_t i = 0; i < count; ++i) {
        const auto t = static_cast<double>(i);
        const std::int64_t close =
            10'000 + std::llround(slow * std::sin(t / 61.0) + fast * std::sin(t / 5.3) + 13 * std::sin(1.7 * t));
        const auto jitter = static_cast<std::int64_t>(i * 7'919 % 11);
        out.push_back(candleOf(static_cast<std::int64_t>(i), before, std::max(before, close) + 4 + jitter,
                               std::min(before, close) - 4 - (jitter * 5) % 11, close,
                               80 + static_cast<std::int64_t>(i * 37 % 61)));
        before = close;
    }
    return out;
}

/// A random walk of candles that open where the one before closed; some without movement, quiet and wild hours.
inline std::vector<Candle> walk(std::uint64_t seed, std::size_t count)
{
    std::mt19937_64 random(seed);
    const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
    std::vector<Candle> out;
    double price = 100'000;
    for (std::size_t i = 0; i < count; ++i) {
        const double wild = (i / 90) % 3 == 0 ? 0.3 : 1.0;
        const std::int64_t open = std::llround(price);
        auto high = open;
        auto low = open;
        for (int step = 0; step < 8; ++step) {
            price += random() % 50 == 0 ? 0.0 : wild * 90.0 * (uniform() + uniform() + uniform() - 1.5);
            high = std::max<std::int64_t>(high, std::llround(price));
            low = std::min<std::int64_t>(low, std::llround(price));
        }
        out.push_back(candleOf(static_cast<std::int64_t>(i), open, high, low, std::llround(price),
                               static_cast<std::int64_t>(1 + 900 * wild * uniform())));
    }
    return out;
}

struct Said {
    std::size_t at = 0;
    market::Side side = market::Side::Buy;
    std::int64_t stop = 0;
    std::int64_t target = 0;
    std::optional<market::Price> limit;
    std::string why;
    friend bool operator==(const Said&, const Said&) = default;
};

using Values = std::initializer_list<std::pair<std::string_view, double>>;

class StrategyBench {
public:
    explicit StrategyBench(std::string_view name, Values values = {}) : info(findStrategy(name))
    {
        ParameterSet parameters(info->name, info->parameters);
        for (const auto& [parameter, value] : values) {
            if (!parameters.set(parameter, value)) {
                throw std::logic_error("illegal: " + std::string(parameter));
            }
        }
        strategy = makeStrategy(*info, parameters);
        ask(std::make_shared<StandInPredictor>());
    }
    void ask(std::shared_ptr<const Predictor> predictor)
    {
        model = std::make_shared<const ModelAtHand>(ModelAtHand{.name = {std::string(info->model) + " 7", "any"},
                                                                .predictor = std::move(predictor),
                                                                .why = {},
                                                                .rows = &rows_});
        strategy->useModel(model);
    }

    /// The next candle; what the strategy says at its close.
    std::optional<Said> hear(const Candle& candle, const OwnPosition* own = nullptr)
    {
        rows_.add(Timeframe::M5, candle);
        strategy->onCandle(Timeframe::M5, candle);
        fold(fifteen_, candle, Timeframe::M15);
        fold(hour_, candle, Timeframe::H1);
        const auto said = strategy->decide(own);
        ++heard_;
        return said ? std::optional(
                          Said{heard_ - 1, said->side, said->stop.value, said->target.value, said->limit, said->why})
                    : std::nullopt;
    }
    std::vector<Said> listen(const std::vector<Candle>& candles, std::size_t from = 0)
    {
        std::vector<Said> all;
        heard_ = from;
        for (std::size_t i = from; i < candles.size(); ++i) {
            if (auto said = hear(candles[i])) {
                all.push_back(std::move(*said));
            }
        }
        return all;
    }
    /// What it says to the last of these candles.
    std::optional<Said> answer(const std::vector<Candle>& candles)
    {
        const auto all = listen(candles);
        return !all.empty() && all.back().at + 1 == candles.size() ? std::optional(all.back()) : std::nullopt;
    }

    const StrategyInfo* info;
    std::unique_ptr<Strategy> strategy;
    std::shared_ptr<const ModelAtHand> model;

private:
    void fold(std::optional<Candle>& larger, const Candle& candle, Timeframe timeframe)
    {
        const auto width = market::length(timeframe);
        const auto start = base::bucketStart(candle.start, width);
        if (!larger || larger->start != start) {
            larger = candle;
            larger->start = start;
        }
        larger->high = std::max(larger->high, candle.high);
        larger->low = std::min(larger->low, candle.low);
        larger->close = candle.close;
        larger->volume += candle.volume;
        const bool isRead = std::ranges::find(info->timeframes, timeframe) != info->timeframes.end();
        if (isRead && candle.start + market::length(Timeframe::M5) == start + width) {
            strategy->onCandle(timeframe, *larger);
        }
    }

    learning::ServedRows rows_;
    std::optional<Candle> fifteen_;
    std::optional<Candle> hour_;
    std::size_t heard_ = 0;
};

/// The candles up to the first at which a strategy with these values speaks to that side (0: any); empty if it never
/// does.
inline std::vector<Candle> untilItSpeaks(std::string_view name, const std::vector<Candle>& candles, Values values = {},
                                         int side = 0)
{
    for (const auto& said : StrategyBench(name, values).listen(candles)) {
        if (side == 0 || static_cast<int>(said.side) == side) {
            return {candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(said.at) + 1};
        }
    }
    return {};
}

/// ATR at the last of these candles.
inline double atrOf(const std::vector<Candle>& candles, std::size_t length)
{
    market::Atr atr(length);
    for (const auto& c : candles) {
        atr.add(static_cast<double>(c.high.value), static_cast<double>(c.low.value),
                static_cast<double>(c.close.value));
    }
    return atr.value().value();
}

} // namespace qd::testkit
