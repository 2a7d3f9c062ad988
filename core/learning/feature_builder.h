// Makes the row of features at each closed 5m candle, from the closed candles of its set's source, one by one: the one
// code for training and serving. It makes the 5m, 15m and 1h candles itself, so both see the same. Rows that touch a
// gap or lack warm-up are left out and counted. Pure; one thread at a time; allocates when it is made and never again.
// Prices in ticks: a builder belongs to one instrument at one tick size.
#pragma once

#include "learning/feature_window.h"
#include "learning/features.h"
#include "market/candle.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace qd::learning {

enum class RowOutcome : std::uint8_t {
    None,   // no 5m candle closed
    Row,    // row() is that of the 5m candle that closed
    WarmUp, // the stream has not lasted for the longest look-back yet
    Gap,    // a candle is missing or marked within the longest look-back
};

struct RowCounts {
    std::uint64_t rows = 0;
    std::uint64_t warmUp = 0;
    std::uint64_t gap = 0;
    template <typename Archive>
    void state(Archive& a)
    {
        a(rows, warmUp, gap);
    }
    friend bool operator==(const RowCounts&, const RowCounts&) = default;
};

class FeatureBuilder {
public:
    explicit FeatureBuilder(const FeatureSet& set);

    /// The next closed candle of the source's timeframe. A candle that is not newer than the last is ignored (None).
    RowOutcome add(const market::Candle& candle);
    /// The newest row. Requires that the newest outcome was Row; valid until the next add().
    [[nodiscard]] std::span<const float> row() const { return row_; }
    /// When the newest row was known: the close of its 5m candle.
    [[nodiscard]] base::UtcMs rowTime() const { return rowTime_; }
    /// The 5m candle that closed at rowTime().
    [[nodiscard]] const market::Candle& decisionCandle() const { return closed_; }
    [[nodiscard]] const RowCounts& counts() const { return counts_; }
    [[nodiscard]] const FeatureSet& set() const { return *set_; }
    /// Of the candles that are fed.
    [[nodiscard]] market::Timeframe fed() const { return fed_; }
    /// From the first candle on until the first row, at most.
    [[nodiscard]] base::Millis warmUp() const;

    template <typename Archive>
    void state(Archive& a)
    {
        for (auto& window : windows_) {
            a(window);
        }
        for (auto& forming : forming_) {
            a(forming);
        }
        a(end_, hasCandles_, touchedGap_, counts_);
        if constexpr (Archive::isReading) {
            stale_ = ~0U;
        }
    }

private:
    /// A higher candle in work; only whole ones count.
    struct Forming {
        market::Candle candle;
        std::int64_t parts = 0; // 0: none in work
        template <typename Archive>
        void state(Archive& a)
        {
            a(candle, parts);
        }
    };
    [[nodiscard]] const market::Candle* fold(std::size_t level, const market::Candle& candle);
    [[nodiscard]] RowOutcome decide();
    void startAnew();
    void fill();

    const FeatureSet* set_;
    market::Timeframe fed_;
    std::vector<FeatureWindow> windows_; // 1m (where it is the source), 5m, 15m, 1h
    std::vector<market::Timeframe> levels_;
    std::vector<Forming> forming_; // of the levels above the fed one
    base::UtcMs end_;              // of the newest candle
    bool hasCandles_ = false;
    bool touchedGap_ = false; // since it started anew: rows are left out for a gap, not for warm-up
    RowCounts counts_;
    market::Candle closed_;
    base::UtcMs rowTime_;
    std::vector<float> row_;
    std::vector<std::vector<std::uint32_t>> columns_; // of each level; behind them the times of day
    std::uint32_t stale_ = ~0U;                       // bit of each level whose window has a candle that row_ lacks
};

} // namespace qd::learning
