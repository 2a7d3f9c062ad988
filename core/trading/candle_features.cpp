#include "trading/candle_features.h"

#include <algorithm>
#include <limits>

namespace qd::trading {

namespace {

double real(market::Price price)
{
    return static_cast<double>(price.value);
}

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

} // namespace

void CandleFeatures::add(const market::Candle& candle)
{
    const double high = real(candle.high);
    const double low = real(candle.low);
    const double close = real(candle.close);
    const auto volume = static_cast<double>(candle.volume.value);
    volumes_.add(volume);
    closes_.add(close);
    range_.add(high, low, close);
    atr_.add(high, low, close);
    if (range_.value()) {
        ranges_.add(*range_.value());
    }
    vwap_.add(high, low, close, volume);
    rsi_.add(close);
    z_.add(close);
    fast_.add(close);
    slow_.add(close);
    newest_ = candle;
}

std::optional<CandleFeatures::Row> CandleFeatures::row(market::Side side) const
{
    const auto atr = atr_.value();
    if (!closes_.isFull() || !ranges_.isFull() || !volumes_.isFull() || !atr || !(*atr > 0)) {
        return std::nullopt;
    }
    const double usualRange = ranges_.mean();
    const double volume = volumes_.newest();
    const double usualVolume = (volumes_.sum() - volume) / static_cast<double>(volumes_.size() - 1);
    const double s = side == market::Side::Buy ? 1 : -1;
    const double open = real(newest_.open);
    const double high = real(newest_.high);
    const double low = real(newest_.low);
    const double close = real(newest_.close);
    constexpr std::array<std::size_t, 6> lookbacks{1, 3, 6, 12, 24, 48};
    std::array<double, lookbacks.size()> then{};
    std::size_t age = closes_.size(); // of what forEach tells next, one too many
    closes_.forEach([&](double value) {
        --age;
        const auto at = std::ranges::find(lookbacks, age);
        if (at != lookbacks.end()) {
            then[static_cast<std::size_t>(at - lookbacks.begin())] = value;
        }
    });
    Row row{};
    for (std::size_t i = 0; i < lookbacks.size(); ++i) {
        row[i] = s * (close - then[i]) / *atr;
    }
    const auto vwap = vwap_.value();
    const auto z = z_.value();
    const double above = (high - std::max(open, close)) / *atr;
    const double below = (std::min(open, close) - low) / *atr;
    constexpr double hours = 3'600'000.0;
    row[6] = vwap ? s * (close - *vwap) / *atr : missing;
    row[7] = s * (rsi_.value().value_or(50) - 50);
    row[8] = z ? s * *z : missing;
    row[9] = s * (fast_.value().value_or(0) - slow_.value().value_or(0)) / *atr;
    row[10] = s * (close - open) / *atr;
    row[11] = s > 0 ? below : above;
    row[12] = s > 0 ? above : below;
    row[13] = close > 0 ? *atr / close : missing;
    row[14] = usualRange > 0 ? *atr / usualRange : missing;
    row[15] = usualVolume > 0 ? volume / usualVolume : missing;
    row[16] = static_cast<double>((newest_.start - base::bucketStart(newest_.start, base::oneDay)).count()) / hours;
    return row;
}

} // namespace qd::trading
