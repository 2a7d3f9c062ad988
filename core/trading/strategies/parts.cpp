#include "trading/strategies/parts.h"

#include <array>
#include <charconv>
#include <utility>

namespace qd::trading {

std::size_t countOf(const ParameterSet& parameters, std::string_view name)
{
    return static_cast<std::size_t>(std::llround(parameters[name]));
}

std::optional<Bracket> bracketOf(market::Side side, market::Price price, double atr, double stopAtr, double targetAtr)
{
    if (!(atr > 0)) {
        return std::nullopt;
    }
    const std::int64_t direction = side == market::Side::Buy ? 1 : -1;
    const auto away = [&](double multiple) { return std::max<std::int64_t>(1, std::llround(multiple * atr)); };
    const Bracket bracket{.stop = {price.value - direction * away(stopAtr)},
                          .target = {price.value + direction * away(targetAtr)}};
    if (bracket.stop.value < 1 || bracket.target.value < 1) {
        return std::nullopt;
    }
    return bracket;
}

std::string figure(double value, int decimals)
{
    std::array<char, 64> text{};
    const auto [end, error] =
        std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, decimals);
    return error == std::errc{} ? std::string(text.data(), end) : std::string("very much");
}

Exits::Exits(const ParameterSet& p)
    : stopAtr_(p["stop_atr"]),
      targetAtr_(p["target_atr"]),
      timeLimit_(static_cast<std::int64_t>(countOf(p, "time_limit_min")) * 60'000)
{
}

std::optional<Signal> Exits::atMarket(market::Side side, market::Price close, double atr, std::string why) const
{
    const auto bracket = bracketOf(side, close, atr, stopAtr_, targetAtr_);
    if (!bracket) {
        return std::nullopt;
    }
    return Signal{.side = side,
                  .stop = bracket->stop,
                  .target = bracket->target,
                  .timeLimit = timeLimit_,
                  .why = std::move(why),
                  .limit = std::nullopt};
}

std::optional<Signal> Exits::byLimit(market::Side side, market::Price close, double atr, double offsetAtr,
                                     std::string why) const
{
    const auto away = std::llround(offsetAtr * atr);
    const market::Price limit{side == market::Side::Buy ? close.value - away : close.value + away};
    auto signal = limit.value > 0 ? atMarket(side, limit, atr, std::move(why)) : std::nullopt;
    if (signal) {
        signal->limit = limit;
    }
    return signal;
}

std::vector<Parameter> withExits(std::vector<Parameter> own, double atr, double stopAtr, double targetAtr,
                                 double timeLimitMinutes)
{
    own.push_back({"atr", "candles", 2, 200, atr, "length of the average true range"});
    own.push_back({"stop_atr", "ATR", 0.1, 20, stopAtr, "distance of the stop"});
    own.push_back({"target_atr", "ATR", 0.1, 40, targetAtr, "distance of the target"});
    own.push_back({"time_limit_min", "min", 1, 10'080, timeLimitMinutes, "longest holding time"});
    return own;
}

Parameter limitOffset(double standard)
{
    return {"limit_offset_atr", "ATR", 0, 5, standard, "how far behind the close the entry order rests"};
}

std::string Listening::silence() const
{
    if (isWarm()) {
        return {};
    }
    std::string out = "warming up: " + std::to_string(candles_) + " of " + std::to_string(warmUp_) + " candles of " +
                      std::string(market::name(timeframe_));
    if (candles_ > 0) {
        const auto left = static_cast<std::int64_t>(warmUp_ - candles_ + 1); // with the one that forms now
        out += ", until about " + base::isoText(newest_ + market::length(timeframe_) * left);
    }
    return out;
}

std::optional<double> TurningPoints::peakOf(const market::Window& window)
{
    if (!window.isFull()) {
        return std::nullopt;
    }
    const auto wing = window.size() / 2;
    std::size_t i = 0;
    double before = 0;
    double middle = 0;
    bool isPeak = true;
    window.forEach([&](double x) {
        if (i < wing) {
            before = i == 0 ? x : std::max(before, x);
        } else if (i == wing) {
            middle = x;
            isPeak = wing == 0 || middle > before;
        } else {
            isPeak = isPeak && middle >= x;
        }
        ++i;
    });
    return isPeak ? std::optional(middle) : std::nullopt;
}

} // namespace qd::trading
