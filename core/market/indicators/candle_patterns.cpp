#include "market/indicators/candle_patterns.h"

#include <algorithm>

namespace qd::market {

namespace {

// TA-Lib's default candle settings: the share of a mean that decides.
constexpr double dojiBody = 0.1;
constexpr double noShadow = 0.1;
constexpr double nearLow = 0.2;

constexpr std::uint32_t mostBars = 13;

} // namespace

void CandlePatternFinder::add(double open, double high, double low, double close)
{
    beforeThat_ = before_;
    before_ = now_;
    now_ = {.open = open, .high = high, .low = low, .close = close};
    const auto meanOf = [](const Window& window) { return window.isFull() ? window.mean() : 0; };
    now_.meanBody = meanOf(bodies_);
    now_.meanRange = meanOf(ranges_);
    now_.meanNearRange = meanOf(nearRanges_);
    bodies_.add(now_.body());
    ranges_.add(now_.range());
    nearRanges_.add(now_.range());
    bars_ = std::min(bars_ + 1, mostBars);
}

CandlePatterns CandlePatternFinder::value() const
{
    const auto from = [this](std::uint32_t bar, int pattern) {
        return bars_ >= bar ? std::optional(pattern) : std::nullopt;
    };
    return {.engulfing = from(3, engulfing()),
            .doji = from(11, doji()),
            .hammer = from(12, hammer()),
            .morningStar = from(13, morningStar()),
            .eveningStar = from(13, eveningStar())};
}

void CandlePatternFinder::reset()
{
    bars_ = 0;
    bodies_.clear();
    ranges_.clear();
    nearRanges_.clear();
    now_ = before_ = beforeThat_ = {};
}

int CandlePatternFinder::engulfing() const
{
    if (now_.isWhite() == before_.isWhite()) {
        return 0;
    }
    // One of the ends may be shared, not both.
    const bool covers = now_.top() >= before_.top() && now_.bottom() <= before_.bottom() &&
                        (now_.top() != before_.top() || now_.bottom() != before_.bottom());
    if (!covers) {
        return 0;
    }
    const bool sharesAnEnd = now_.open == before_.close || now_.close == before_.open;
    return (now_.isWhite() ? 1 : -1) * (sharesAnEnd ? 80 : 100);
}

int CandlePatternFinder::doji() const
{
    return now_.body() <= dojiBody * now_.meanRange ? 100 : 0;
}

int CandlePatternFinder::hammer() const
{
    const double upper = now_.high - now_.top();
    const double lower = now_.bottom() - now_.low;
    const bool isHammer = now_.body() < now_.meanBody && lower > now_.body() && upper < noShadow * now_.meanRange &&
                          now_.bottom() <= before_.low + nearLow * before_.meanNearRange;
    return isHammer ? 100 : 0;
}

/// A long body, a short one, and one that is not short, the first and the last of different colour.
bool CandlePatternFinder::isStarShaped() const
{
    return beforeThat_.isWhite() != now_.isWhite() && beforeThat_.body() > beforeThat_.meanBody &&
           before_.body() <= before_.meanBody && now_.body() > now_.meanBody;
}

int CandlePatternFinder::morningStar() const
{
    const bool isStar = isStarShaped() && now_.isWhite() && before_.top() < beforeThat_.bottom() &&
                        now_.close > beforeThat_.close + penetration_ * beforeThat_.body();
    return isStar ? 100 : 0;
}

int CandlePatternFinder::eveningStar() const
{
    const bool isStar = isStarShaped() && !now_.isWhite() && before_.bottom() > beforeThat_.top() &&
                        now_.close < beforeThat_.close - penetration_ * beforeThat_.body();
    return isStar ? -100 : 0;
}

} // namespace qd::market
