#include "learning/feature_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace qd::learning {

using market::Candle;
using market::Timeframe;

namespace {

constexpr auto decisionLength = market::length(Timeframe::M5);

/// Sine and cosine of the time of day and of the week, for each 5m candle of a week.
struct TimeTable {
    static constexpr std::int64_t perDay = base::oneDay / decisionLength;
    static constexpr std::int64_t perWeek = 7 * perDay;
    std::array<std::array<float, 4>, perWeek> rows{};

    TimeTable()
    {
        for (std::int64_t i = 0; i < perWeek; ++i) {
            const double turn = 2.0 * std::numbers::pi;
            const double day = turn * static_cast<double>(i % perDay) / static_cast<double>(perDay);
            const double week = turn * static_cast<double>(i) / static_cast<double>(perWeek);
            rows[static_cast<std::size_t>(i)] = {static_cast<float>(std::sin(day)), static_cast<float>(std::cos(day)),
                                                 static_cast<float>(std::sin(week)),
                                                 static_cast<float>(std::cos(week))};
        }
    }
    [[nodiscard]] static const std::array<float, 4>& at(base::UtcMs time)
    {
        static const TimeTable table;
        const auto weekStart = base::bucketStart(time, 7 * base::oneDay);
        return table.rows[static_cast<std::size_t>((time - weekStart) / decisionLength)];
    }
};

/// A value that float cannot hold is missing, never infinite.
float cell(double value)
{
    const auto f = static_cast<float>(value);
    return std::isfinite(f) ? f : std::numeric_limits<float>::quiet_NaN();
}

} // namespace

FeatureBuilder::FeatureBuilder(const FeatureSet& set)
    : set_(&set),
      fed_(set.source() == FeatureSource::Candles5m ? Timeframe::M5 : Timeframe::M1),
      row_(set.size())
{
    for (const auto tf : {Timeframe::M1, Timeframe::M5, Timeframe::M15, Timeframe::H1}) {
        if (tf >= fed_) {
            levels_.push_back(tf);
            windows_.emplace_back(set, tf);
        }
    }
    forming_.resize(levels_.size() - 1);
    columns_.resize(levels_.size() + 1);
    for (std::uint32_t i = 0; i < set.size(); ++i) {
        const auto& spec = set.specs()[i];
        const auto level = std::ranges::find(levels_, spec.timeframe) - levels_.begin();
        columns_[spec.window == 0 ? levels_.size() : static_cast<std::size_t>(level)].push_back(i);
    }
}

base::Millis FeatureBuilder::warmUp() const
{
    base::Millis most{0};
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        const auto width = market::length(levels_[level]); // one more: the stream may begin in the middle of a candle
        most = std::max(most, width * static_cast<std::int64_t>(windows_[level].needed() + 1));
    }
    return most;
}

RowOutcome FeatureBuilder::add(const Candle& candle)
{
    if (hasCandles_ && candle.start < end_) {
        return RowOutcome::None;
    }
    const auto width = market::length(fed_);
    if (hasCandles_ && candle.start != end_) {
        touchedGap_ = true;
        startAnew();
    }
    end_ = candle.start + width;
    const bool closesDecision = base::bucketStart(end_, decisionLength) == end_;
    if (candle.hasGap) { // it stands for more than it knows
        touchedGap_ = touchedGap_ || hasCandles_;
        hasCandles_ = true;
        startAnew();
        return closesDecision ? decide() : RowOutcome::None;
    }
    hasCandles_ = true;
    windows_[0].add(candle);
    stale_ |= 1U;
    const Candle* whole = levels_[0] == Timeframe::M5 ? &candle : nullptr;
    const Candle* part = &candle;
    for (std::size_t level = 1; level < levels_.size() && part != nullptr; ++level) {
        part = fold(level, *part);
        if (part != nullptr) {
            windows_[level].add(*part);
            stale_ |= 1U << level;
            whole = levels_[level] == Timeframe::M5 ? part : whole;
        }
    }
    if (whole != nullptr) {
        closed_ = *whole;
    }
    return closesDecision ? decide() : RowOutcome::None;
}

const Candle* FeatureBuilder::fold(std::size_t level, const Candle& candle)
{
    auto& forming = forming_[level - 1];
    const auto width = market::length(levels_[level]);
    const auto parts = width / market::length(levels_[level - 1]);
    auto& whole = forming.candle;
    if (base::bucketStart(candle.start, width) == candle.start) {
        whole = candle;
        forming.parts = 1;
    } else if (forming.parts > 0) {
        whole.high = std::max(whole.high, candle.high);
        whole.low = std::min(whole.low, candle.low);
        whole.close = candle.close;
        whole.volume += candle.volume;
        whole.buyVolume += candle.buyVolume;
        whole.trades += candle.trades;
        ++forming.parts;
    }
    if (forming.parts < parts) {
        return nullptr;
    }
    forming.parts = 0;
    return &whole;
}

void FeatureBuilder::startAnew()
{
    for (auto& window : windows_) {
        window.reset();
    }
    for (auto& forming : forming_) {
        forming.parts = 0;
    }
    stale_ = ~0U;
}

RowOutcome FeatureBuilder::decide()
{
    if (!std::ranges::all_of(windows_, &FeatureWindow::isWarm)) {
        ++(touchedGap_ ? counts_.gap : counts_.warmUp);
        return touchedGap_ ? RowOutcome::Gap : RowOutcome::WarmUp;
    }
    touchedGap_ = false;
    rowTime_ = end_;
    fill();
    ++counts_.rows;
    return RowOutcome::Row;
}

void FeatureBuilder::fill()
{
    const auto specs = set_->specs();
    for (std::size_t level = 0; level < levels_.size(); ++level) {
        if ((stale_ >> level & 1U) == 0) {
            continue; // a higher candle's features stand until its next one closes
        }
        for (const auto column : columns_[level]) {
            row_[column] = cell(windows_[level].value(specs[column]));
        }
    }
    stale_ = 0;
    const auto& times = TimeTable::at(end_);
    for (const auto column : columns_.back()) {
        row_[column] =
            times[static_cast<std::size_t>(specs[column].kind) - static_cast<std::size_t>(FeatureKind::DaySin)];
    }
}

} // namespace qd::learning
