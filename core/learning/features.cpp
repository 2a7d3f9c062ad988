#include "learning/features.h"

#include "base/sha256.h"

#include <algorithm>
#include <array>

namespace qd::learning {

using market::Timeframe;

namespace {

struct KindInfo {
    std::string_view name;
    std::string_view unit;
    std::string_view meaning;
    bool isDirected;
};

const KindInfo& infoOf(FeatureKind kind)
{
    static constexpr std::array<KindInfo, 28> table{{
        {"return", "log return", "logarithmic return over the window", true},
        {"return_scaled", "standard deviations", "return over the window by the longest window's volatility", true},
        {"volatility", "log return a candle", "root of the mean squared return", false},
        {"volatility_ratio", "ratio", "volatility of the window by that of the longest", false},
        {"range_volatility", "ratio", "Parkinson's volatility by that of closes", false},
        {"deviation", "standard deviations", "close from the mean of the window's closes", true},
        {"band_width", "share of price", "four standard deviations of the window's closes", false},
        {"mean_distance", "volatilities", "close from the window's mean", true},
        {"gain_share", "share", "gains of all moves of the window, less a half", true},
        {"efficiency", "share", "return of the window by the way that it took", true},
        {"autocorrelation", "correlation", "of neighbouring returns", false},
        {"channel_position", "share", "close between lowest low and highest high, less a half", true},
        {"channel_width", "share of price", "highest high less lowest low", false},
        {"range_ratio", "ratio", "newest range by the window's mean range", false},
        {"body", "share of range", "close less open of the newest candle", true},
        {"wick_balance", "share of range", "lower less upper wick of the newest candle", true},
        {"volume_ratio", "ratio", "newest volume by the window's mean", false},
        {"volume_trend", "ratio", "the window's mean volume by that of the longest", false},
        {"volume_direction", "share", "volume of rising less that of falling candles", true},
        {"vwap_distance", "share of price", "close from the window's volume-weighted price", true},
        {"flow_imbalance", "share", "contracts bought less contracts sold by aggressors", true},
        {"flow_change", "share", "imbalance of the window less that of the longest", true},
        {"trade_rate", "ratio", "trades a candle by those of the longest window", false},
        {"trade_size", "ratio", "contracts a trade by those of the longest window", false},
        {"day_sin", "sine", "of the hour of the UTC day", false},
        {"day_cos", "cosine", "of the hour of the UTC day", false},
        {"week_sin", "sine", "of the day of the week", false},
        {"week_cos", "cosine", "of the day of the week", false},
    }};
    return table[static_cast<std::size_t>(kind)];
}

using Kind = FeatureKind;
constexpr auto m1 = Timeframe::M1;
constexpr auto m5 = Timeframe::M5;
constexpr auto m15 = Timeframe::M15;
constexpr auto h1 = Timeframe::H1;

// The order is the order of a row's values. A change here is a new version: raise `number`.
constexpr int number = 1;
constexpr FeatureSpec candles5m[] = {{Kind::Return, m5, 1},           {Kind::Return, m5, 3},
                                     {Kind::Return, m5, 6},           {Kind::Return, m5, 12},
                                     {Kind::Return, m5, 24},          {Kind::Return, m5, 48},
                                     {Kind::Return, m5, 96},          {Kind::ReturnScaled, m5, 1},
                                     {Kind::ReturnScaled, m5, 6},     {Kind::Volatility, m5, 12},
                                     {Kind::Volatility, m5, 48},      {Kind::Volatility, m5, 96},
                                     {Kind::VolatilityRatio, m5, 6},  {Kind::VolatilityRatio, m5, 24},
                                     {Kind::RangeVolatility, m5, 24}, {Kind::Deviation, m5, 20},
                                     {Kind::Deviation, m5, 96},       {Kind::BandWidth, m5, 20},
                                     {Kind::MeanDistance, m5, 12},    {Kind::MeanDistance, m5, 48},
                                     {Kind::GainShare, m5, 7},        {Kind::GainShare, m5, 14},
                                     {Kind::Efficiency, m5, 12},      {Kind::Efficiency, m5, 48},
                                     {Kind::Autocorrelation, m5, 48}, {Kind::ChannelPosition, m5, 24},
                                     {Kind::ChannelPosition, m5, 96}, {Kind::ChannelWidth, m5, 24},
                                     {Kind::RangeRatio, m5, 24},      {Kind::Body, m5, 1},
                                     {Kind::WickBalance, m5, 1},      {Kind::VolumeRatio, m5, 12},
                                     {Kind::VolumeRatio, m5, 96},     {Kind::VolumeTrend, m5, 12},
                                     {Kind::VolumeDirection, m5, 12}, {Kind::VolumeDirection, m5, 48},
                                     {Kind::VwapDistance, m5, 24},    {Kind::VwapDistance, m5, 96},
                                     {Kind::Return, m15, 1},          {Kind::Return, m15, 4},
                                     {Kind::Return, m15, 16},         {Kind::Deviation, m15, 16},
                                     {Kind::GainShare, m15, 14},      {Kind::ChannelPosition, m15, 32},
                                     {Kind::VolatilityRatio, m15, 8}, {Kind::VolumeTrend, m15, 8},
                                     {Kind::Return, h1, 1},           {Kind::Return, h1, 4},
                                     {Kind::Return, h1, 8},           {Kind::ChannelPosition, h1, 8},
                                     {Kind::VolatilityRatio, h1, 3},  {Kind::VolumeTrend, h1, 2},
                                     {Kind::DaySin, m5, 0},           {Kind::DayCos, m5, 0},
                                     {Kind::WeekSin, m5, 0},          {Kind::WeekCos, m5, 0}};
constexpr FeatureSpec minutes[] = {{Kind::Return, m1, 1},           {Kind::ReturnScaled, m1, 3},
                                   {Kind::GainShare, m1, 14},       {Kind::VolatilityRatio, m1, 10},
                                   {Kind::ChannelPosition, m1, 60}, {Kind::VolumeRatio, m1, 30}};
constexpr FeatureSpec flow[] = {{Kind::FlowImbalance, m1, 1},  {Kind::FlowImbalance, m1, 15},
                                {Kind::FlowImbalance, m5, 12}, {Kind::FlowChange, m5, 3},
                                {Kind::TradeRate, m5, 3},      {Kind::TradeSize, m5, 3}};

std::vector<FeatureSpec> specsOf(FeatureSource source)
{
    std::vector<FeatureSpec> out(std::begin(candles5m), std::end(candles5m));
    if (source != FeatureSource::Candles5m) {
        out.insert(out.end(), std::begin(minutes), std::end(minutes));
    }
    if (source == FeatureSource::Ticks) {
        out.insert(out.end(), std::begin(flow), std::end(flow));
    }
    return out;
}

bool isOfTicks(FeatureKind kind)
{
    return kind == Kind::FlowImbalance || kind == Kind::FlowChange || kind == Kind::TradeRate ||
           kind == Kind::TradeSize;
}

/// What else it looks at beside its own window: the longest one, and the close before the first return.
std::uint16_t reachOf(const FeatureSpec& spec, std::size_t longest)
{
    switch (spec.kind) {
    case Kind::ReturnScaled:
    case Kind::VolatilityRatio:
    case Kind::MeanDistance:
        return static_cast<std::uint16_t>(longest + 1);
    case Kind::VolumeTrend:
    case Kind::FlowChange:
    case Kind::TradeRate:
    case Kind::TradeSize:
        return static_cast<std::uint16_t>(longest);
    case Kind::Return:
    case Kind::Volatility:
    case Kind::RangeVolatility:
    case Kind::GainShare:
    case Kind::Efficiency:
    case Kind::VolumeDirection:
        return static_cast<std::uint16_t>(spec.window + 1);
    case Kind::Autocorrelation:
        return static_cast<std::uint16_t>(spec.window + 2);
    default:
        return spec.window;
    }
}

} // namespace

std::string_view name(FeatureSource source)
{
    constexpr std::string_view names[] = {"5m", "1m", "ticks"};
    return names[static_cast<std::size_t>(source)];
}

FeatureSet::FeatureSet(FeatureSource source)
    : source_(source),
      specs_(specsOf(source)),
      version_(std::string(name(source)) + "-" + std::to_string(number))
{
    base::Sha256 hash;
    hash.add(version_);
    for (const auto& spec : specs_) {
        const auto& kind = infoOf(spec.kind);
        FeatureInfo info{.name = std::string(kind.name),
                         .unit = kind.unit,
                         .meaning = kind.meaning,
                         .lookBack = market::length(spec.timeframe) * reachOf(spec, longest(spec.timeframe)),
                         .source = isOfTicks(spec.kind)   ? FeatureSource::Ticks
                                   : spec.timeframe == m1 ? FeatureSource::Candles1m
                                                          : FeatureSource::Candles5m,
                         .isDirected = kind.isDirected};
        if (spec.window > 0) {
            info.name += "_" + std::string(market::name(spec.timeframe)) + "_" + std::to_string(spec.window);
        }
        hash.add("\n" + info.name + "|" + std::string(info.unit) + "|" + std::string(info.meaning) + "|" +
                 std::to_string(info.lookBack.count()));
        infos_.push_back(std::move(info));
    }
    hash_ = hash.hex();
}

const FeatureSet& FeatureSet::of(FeatureSource source)
{
    static const std::array<FeatureSet, 3> sets{FeatureSet(FeatureSource::Candles5m),
                                                FeatureSet(FeatureSource::Candles1m), FeatureSet(FeatureSource::Ticks)};
    return sets[static_cast<std::size_t>(source)];
}

std::size_t FeatureSet::longest(Timeframe timeframe) const
{
    std::size_t most = 0;
    for (const auto& spec : specs_) {
        most = std::max<std::size_t>(most, spec.timeframe == timeframe ? spec.window : 0);
    }
    return most;
}

void mirror(const FeatureSet& set, std::span<float> row)
{
    const auto infos = set.infos();
    for (std::size_t i = 0; i < row.size(); ++i) {
        row[i] = infos[i].isDirected ? -row[i] : row[i];
    }
}

} // namespace qd::learning
