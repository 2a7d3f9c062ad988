// What a model sees of the market: the named features, their sets by source, and each set's hash. Everything is a
// ratio, a share or a number of standard deviations; no price or volume enters as it stands. No feature looks further
// back than its look-back says, so training and serving agree bit for bit wherever either began. Pure. Any thread.
// Source: PRODUCT.md, The models; issue of the models, 1.
#pragma once

#include "base/units.h"
#include "market/candle.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::learning {

/// Where the rows of a set come from. A feature whose source a set lacks is absent from it, not missing.
enum class FeatureSource : std::uint8_t {
    Candles5m, // closed 5m candles
    Candles1m, // closed 1m candles
    Ticks,     // closed 1m candles made of ticks: they know the aggressor's side and the number of trades
};
[[nodiscard]] std::string_view name(FeatureSource source); // "5m", "1m", "ticks"

/// The names' first words. n is the feature's window in its own candles, L the timeframe's longest.
enum class FeatureKind : std::uint8_t {
    Return,          // logarithmic, over n
    ReturnScaled,    // Return over n / (volatility over L · √n)
    Volatility,      // root of the mean squared return over n
    VolatilityRatio, // Volatility over n / over L
    RangeVolatility, // Parkinson's over n / Volatility over n
    Deviation,       // (close − mean)/standard deviation of n closes
    BandWidth,       // four standard deviations / mean of n closes
    MeanDistance,    // (close/mean of n − 1)/(volatility over L)
    GainShare,       // gains/(gains + losses) of n returns − ½
    Efficiency,      // return over n / way of n
    Autocorrelation, // of returns at lag 1, over n
    ChannelPosition, // between the lowest low and the highest high of n, − ½
    ChannelWidth,    // that channel / close
    RangeRatio,      // the newest range / mean of n
    Body,            // (close − open)/range of the newest
    WickBalance,     // (lower wick − upper wick)/range of the newest
    VolumeRatio,     // the newest volume / mean of n
    VolumeTrend,     // mean volume of n / of L
    VolumeDirection, // volume of rising less of falling candles / all, over n
    VwapDistance,    // close/volume-weighted price of n − 1
    FlowImbalance,   // bought less sold / all by aggressors, over n
    FlowChange,      // FlowImbalance over n − over L
    TradeRate,       // trades a candle over n / over L
    TradeSize,       // volume a trade over n / over L
    DaySin,          // of the hour of the day
    DayCos,
    WeekSin, // of the day of the week
    WeekCos,
};

struct FeatureSpec {
    FeatureKind kind{};
    market::Timeframe timeframe{};
    std::uint16_t window = 0; // candles of that timeframe; 0 for times of day
};

struct FeatureInfo {
    std::string name; // "return_5m_12"
    std::string_view unit;
    std::string_view meaning;
    base::Millis lookBack;   // until the row's own moment
    FeatureSource source{};  // the least that it needs
    bool isDirected = false; // its sign turns when the market is mirrored
};

class FeatureSet {
public:
    /// The set in force of that source. There is one object for each; it lives for ever.
    [[nodiscard]] static const FeatureSet& of(FeatureSource source);

    [[nodiscard]] FeatureSource source() const { return source_; }
    [[nodiscard]] std::span<const FeatureSpec> specs() const { return specs_; }
    [[nodiscard]] std::span<const FeatureInfo> infos() const { return infos_; }
    [[nodiscard]] std::size_t size() const { return specs_.size(); }
    /// "5m-1": source and number.
    [[nodiscard]] const std::string& version() const { return version_; }
    /// SHA-256 over the version and every feature's name, unit, meaning and look-back: a model names the set that it
    /// was trained on by it.
    [[nodiscard]] const std::string& hash() const { return hash_; }
    /// The longest look-back, in candles of `timeframe`.
    [[nodiscard]] std::size_t longest(market::Timeframe timeframe) const;

private:
    explicit FeatureSet(FeatureSource source);
    FeatureSource source_;
    std::vector<FeatureSpec> specs_;
    std::vector<FeatureInfo> infos_;
    std::string version_;
    std::string hash_;
};

/// The row as it would be in a market mirrored in log price: directed features change their sign.
void mirror(const FeatureSet& set, std::span<float> row);

} // namespace qd::learning
