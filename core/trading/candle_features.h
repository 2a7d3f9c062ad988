// The features of closed 5m candles that ml_gbt_5m's model is asked with, and trained on: one code for both. Those that
// have a direction are told from the side of the trade, so that one model serves longs and shorts. Pure; one thread at
// a time; lengths in candles, distances in ATR. The set has a version: a model knows which it was trained on.
#pragma once

#include "market/candle.h"
#include "market/indicators/moving_averages.h"
#include "market/indicators/oscillators.h"
#include "market/indicators/volatility.h"
#include "market/indicators/volume.h"
#include "market/indicators/window.h"

#include <array>
#include <optional>
#include <string_view>

namespace qd::trading {

class CandleFeatures {
public:
    static constexpr std::string_view version = "5m-1";
    static constexpr std::array<std::string_view, 17> names{
        "move_1",   "move_3", "move_6",      "move_12",    "move_24",   "move_48",     "vwap_48",      "rsi_14", "z_20",
        "ema_9_21", "body",   "wick_behind", "wick_ahead", "atr_share", "range_ratio", "volume_ratio", "hour"};
    using Row = std::array<double, names.size()>;
    static constexpr std::size_t longestAverage = 21; // of those that remember their seed
    static constexpr std::size_t longestWindow = 97;

    void add(const market::Candle& candle);
    /// For an entry to `side` at the close of the newest candle. Empty until all windows are full, and while nothing
    /// moves. NaN: a feature that is undefined there.
    [[nodiscard]] std::optional<Row> row(market::Side side) const;
    void reset() { *this = CandleFeatures(); }
    template <typename Archive>
    void state(Archive& a)
    {
        a(closes_, range_, atr_, ranges_, vwap_, rsi_, z_, fast_, slow_, volumes_, newest_);
    }

private:
    market::Window closes_{49};
    market::TrueRange range_;
    market::Atr atr_{14};
    market::Window ranges_{96}; // true ranges
    market::RollingVwap vwap_{48};
    market::Rsi rsi_{14};
    market::ZScore z_{20};
    market::Ema fast_{9};
    market::Ema slow_{21};
    market::Window volumes_{97}; // the newest's, and 96 before it
    market::Candle newest_;
};

} // namespace qd::trading
