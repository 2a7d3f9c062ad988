// Five candle patterns with TA-Lib's default settings, incremental; no trend is checked. Pure; one thread at a time.
// Prices in any unit. A pattern is empty until warm. Source: STATISTICS.md §19.
#pragma once

#include "market/indicators/window.h"

#include <cstdint>
#include <optional>

namespace qd::market {

/// 0 none, ±100 the pattern; engulfing ±80 where one end of the two bodies is shared.
struct CandlePatterns {
    std::optional<int> engulfing;   // from the 3rd bar
    std::optional<int> doji;        // from the 11th; its sign has no meaning
    std::optional<int> hammer;      // from the 12th
    std::optional<int> morningStar; // from the 13th
    std::optional<int> eveningStar; // from the 13th
};

class CandlePatternFinder {
public:
    /// `penetration`: how far into the first body of a star the third must close, as a share of it.
    explicit CandlePatternFinder(double penetration = 0.3) : penetration_(penetration) {}

    void add(double open, double high, double low, double close);
    /// Of the newest bar.
    [[nodiscard]] CandlePatterns value() const;
    void reset();
    template <typename Archive>
    void state(Archive& a)
    {
        a(bars_, bodies_, ranges_, nearRanges_, now_, before_, beforeThat_);
    }

private:
    /// A bar and the means over the bars before it.
    struct Bar {
        double open = 0;
        double high = 0;
        double low = 0;
        double close = 0;
        double meanBody = 0;      // of 10
        double meanRange = 0;     // of 10
        double meanNearRange = 0; // of 5

        [[nodiscard]] double body() const { return close >= open ? close - open : open - close; }
        [[nodiscard]] double range() const { return high - low; }
        [[nodiscard]] bool isWhite() const { return close >= open; }
        [[nodiscard]] double top() const { return close >= open ? close : open; }
        [[nodiscard]] double bottom() const { return close >= open ? open : close; }
        template <typename Archive>
        void state(Archive& a)
        {
            a(open, high, low, close, meanBody, meanRange, meanNearRange);
        }
    };
    [[nodiscard]] int engulfing() const;
    [[nodiscard]] int doji() const;
    [[nodiscard]] int hammer() const;
    [[nodiscard]] bool isStarShaped() const;
    [[nodiscard]] int morningStar() const;
    [[nodiscard]] int eveningStar() const;

    double penetration_;
    std::uint32_t bars_ = 0; // seen, counted up to 13
    Window bodies_{10};
    Window ranges_{10};
    Window nearRanges_{5};
    Bar now_;
    Bar before_;
    Bar beforeThat_;
};

} // namespace qd::market
