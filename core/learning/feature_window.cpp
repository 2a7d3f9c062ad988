#include "learning/feature_window.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numbers>

namespace qd::learning {

namespace {

constexpr double returnUnit = 0x1p-40;
constexpr double squareUnit = 0x1p-50;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

std::uint64_t fixed(double value, double unit)
{
    const double scaled = value / unit; // exact: a power of two
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5)));
}

double logRatio(std::int64_t over, std::int64_t under)
{
    if (over == under) {
        return 0;
    }
    if (over <= 0 || under <= 0) {
        return over > under ? 1.0 : -1.0;
    }
    return std::clamp(std::log(static_cast<double>(over) / static_cast<double>(under)), -1.0, 1.0);
}

double ratio(double numerator, double denominator)
{
    return denominator != 0 ? numerator / denominator : missing;
}

void addWide(std::array<std::uint64_t, 2>& sum, base::Int128 term)
{
    const auto low = static_cast<std::uint64_t>(term);
    sum[0] += low;
    sum[1] += static_cast<std::uint64_t>(term >> 64) + (sum[0] < low ? 1U : 0U);
}

} // namespace

FeatureWindow::FeatureWindow(const FeatureSet& set, market::Timeframe timeframe)
    : longest_(std::max<std::size_t>(1, set.longest(timeframe))),
      mask_(std::bit_ceil(longest_ + 1) - 1),
      sums_(mask_ + 1)
{
    for (std::size_t i = 0; i < set.size(); ++i) {
        const auto& spec = set.specs()[i];
        if (spec.timeframe == timeframe) {
            const auto reach = set.infos()[i].lookBack / market::length(timeframe);
            needed_ = std::max(needed_, static_cast<std::size_t>(reach));
        }
        const bool wants = spec.kind == FeatureKind::ChannelPosition || spec.kind == FeatureKind::ChannelWidth;
        if (wants && spec.timeframe == timeframe && std::ranges::find(channels_, spec.window) == channels_.end()) {
            channels_.push_back(spec.window);
            highs_.emplace_back(spec.window);
            lows_.emplace_back(spec.window);
        }
    }
}

void FeatureWindow::add(const market::Candle& c)
{
    const auto high = c.high.value;
    const auto low = c.low.value;
    const auto close = c.close.value;
    Sums next = at(0);
    if (bars_ > 0) {
        const double r = logRatio(close, newest_.close.value);
        next.returns += fixed(r, returnUnit);
        next.way += fixed(std::abs(r), returnUnit);
        next.squares += fixed(r * r, squareUnit);
        next.products += fixed(r * previousReturn_, squareUnit);
        next.directed += static_cast<std::uint64_t>(r > 0 ? c.volume.value : r < 0 ? -c.volume.value : 0);
        previousReturn_ = r;
    }
    const double range = logRatio(high, low);
    next.ranges2 += fixed(range * range, squareUnit);
    next.closes += static_cast<std::uint64_t>(close);
    next.ranges += static_cast<std::uint64_t>(high - low);
    next.volume += static_cast<std::uint64_t>(c.volume.value);
    next.flow += static_cast<std::uint64_t>(2 * c.buyVolume - c.volume.value);
    next.trades += static_cast<std::uint64_t>(c.trades);
    addWide(next.closes2, static_cast<base::Int128>(close) * close);
    addWide(next.traded, static_cast<base::Int128>(high + low + close) * c.volume.value);
    ++bars_;
    sums_[bars_ & mask_] = next;
    for (auto& extreme : highs_) {
        extreme.add(static_cast<double>(high));
    }
    for (auto& extreme : lows_) {
        extreme.add(static_cast<double>(low));
    }
    newest_ = c;
    longVolatility_ = bars_ > longest_ ? volatility(longest_) : 0;
}

void FeatureWindow::reset()
{
    bars_ = 0;
    sums_[0] = {};
    for (auto& extreme : highs_) {
        extreme.reset();
    }
    for (auto& extreme : lows_) {
        extreme.reset();
    }
    newest_ = {};
    previousReturn_ = 0;
    longVolatility_ = 0;
}

base::Int128 FeatureWindow::wideSum(WideField field, std::size_t n) const
{
    const auto& now = at(0).*field;
    const auto& then = at(n).*field;
    const auto low = now[0] - then[0];
    const auto high = now[1] - then[1] - (now[0] < then[0] ? 1U : 0U);
    return static_cast<base::Int128>(static_cast<std::int64_t>(high)) * (static_cast<base::Int128>(1) << 64) + low;
}

double FeatureWindow::volatility(std::size_t n) const
{
    return std::sqrt(sum(&Sums::squares, n) * squareUnit / static_cast<double>(n));
}

FeatureWindow::Moments FeatureWindow::closesOf(std::size_t n) const
{
    // n·Σx² − (Σx)² is exact in 128 bits for prices under 2^56 ticks
    const auto total = static_cast<base::Int128>(static_cast<std::int64_t>(at(0).closes - at(n).closes));
    const auto count = static_cast<double>(n);
    const auto spread = static_cast<base::Int128>(n) * wideSum(&Sums::closes2, n) - total * total;
    return {static_cast<double>(total) / count, std::sqrt(static_cast<double>(spread)) / count};
}

FeatureWindow::Extremes FeatureWindow::channelOf(std::size_t n) const
{
    const auto i = static_cast<std::size_t>(std::ranges::find(channels_, n) - channels_.begin());
    return {highs_[i].value(), lows_[i].value()};
}

double FeatureWindow::value(const FeatureSpec& spec) const
{
    return spec.kind < FeatureKind::VolumeRatio ? priceValue(spec) : volumeValue(spec);
}

double FeatureWindow::priceValue(const FeatureSpec& spec) const
{
    const std::size_t n = spec.window;
    const auto close = static_cast<double>(newest_.close.value);
    const auto range = static_cast<double>(newest_.high.value - newest_.low.value);
    switch (spec.kind) {
    case FeatureKind::Return:
        return sum(&Sums::returns, n) * returnUnit;
    case FeatureKind::ReturnScaled:
        return ratio(sum(&Sums::returns, n) * returnUnit, longVolatility_ * std::sqrt(static_cast<double>(n)));
    case FeatureKind::Volatility:
        return volatility(n);
    case FeatureKind::VolatilityRatio:
        return ratio(volatility(n), longVolatility_);
    case FeatureKind::RangeVolatility:
        return ratio(
            std::sqrt(sum(&Sums::ranges2, n) * squareUnit / (4.0 * std::numbers::ln2 * static_cast<double>(n))),
            volatility(n));
    case FeatureKind::Deviation: {
        const auto [mean, deviation] = closesOf(n);
        return ratio(close - mean, deviation);
    }
    case FeatureKind::BandWidth: {
        const auto [mean, deviation] = closesOf(n);
        return ratio(4.0 * deviation, mean);
    }
    case FeatureKind::MeanDistance:
        return ratio(ratio(close * static_cast<double>(n), sum(&Sums::closes, n)) - 1.0, longVolatility_);
    case FeatureKind::GainShare: // (gains − losses)/(gains + losses)/2
        return ratio(0.5 * sum(&Sums::returns, n), sum(&Sums::way, n));
    case FeatureKind::Efficiency:
        return ratio(sum(&Sums::returns, n), sum(&Sums::way, n));
    case FeatureKind::Autocorrelation:
        return ratio(sum(&Sums::products, n), sum(&Sums::squares, n));
    case FeatureKind::ChannelPosition: {
        const auto [high, low] = channelOf(n);
        return ratio(close - low, high - low) - 0.5;
    }
    case FeatureKind::ChannelWidth: {
        const auto [high, low] = channelOf(n);
        return ratio(high - low, close);
    }
    case FeatureKind::RangeRatio:
        return ratio(range * static_cast<double>(n), sum(&Sums::ranges, n));
    case FeatureKind::Body:
        return ratio(static_cast<double>(newest_.close.value - newest_.open.value), range);
    case FeatureKind::WickBalance: // lower − upper = (min − low) − (high − max)
        return ratio(
            static_cast<double>(newest_.open.value + newest_.close.value - newest_.low.value - newest_.high.value),
            range);
    default:
        return missing;
    }
}

double FeatureWindow::volumeValue(const FeatureSpec& spec) const
{
    const std::size_t n = spec.window;
    const double share = static_cast<double>(longest_) / static_cast<double>(n);
    const double volume = sum(&Sums::volume, n);
    const auto imbalance = [&](std::size_t of) { return ratio(sum(&Sums::flow, of), sum(&Sums::volume, of)); };
    switch (spec.kind) {
    case FeatureKind::VolumeRatio:
        return ratio(static_cast<double>(newest_.volume.value) * static_cast<double>(n), volume);
    case FeatureKind::VolumeTrend:
        return ratio(volume * share, sum(&Sums::volume, longest_));
    case FeatureKind::VolumeDirection:
        return ratio(sum(&Sums::directed, n), volume);
    case FeatureKind::VwapDistance:
        return ratio(3.0 * static_cast<double>(newest_.close.value) * volume,
                     static_cast<double>(wideSum(&Sums::traded, n))) -
               1.0;
    case FeatureKind::FlowImbalance:
        return imbalance(n);
    case FeatureKind::FlowChange:
        return imbalance(n) - imbalance(longest_);
    case FeatureKind::TradeRate:
        return ratio(sum(&Sums::trades, n) * share, sum(&Sums::trades, longest_));
    case FeatureKind::TradeSize:
        return ratio(ratio(volume, sum(&Sums::trades, n)),
                     ratio(sum(&Sums::volume, longest_), sum(&Sums::trades, longest_)));
    default:
        return missing;
    }
}

} // namespace qd::learning
