// Turns ticks into candles of one timeframe, in exchange time. Pure. One thread at a time. Rules (PRODUCT.md, Time is
// exchange time): a candle closes when a tick of a later bucket arrives; a bucket without trades and without gap is
// flat with volume 0; one inside a gap does not exist; candles that touch a gap are marked, and so is the first of a
// stream (the trades of its bucket before the first tick are not known) and one that a late tick belongs to.
#pragma once

#include "market/candle.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace qd::market {

class CandleBuilder {
public:
    /// A stream that stays silent for longer than this, and without a gap mark, is taken for a gap all the same: nobody
    /// wants a month of flat candles after a faulty clock.
    static constexpr base::Millis longestQuiet{7 * base::oneDay};

    explicit CandleBuilder(Timeframe timeframe) : timeframe_(timeframe) {}

    /// Adds a tick. Candles that it closes, oldest first, are appended to `closed`: the one in work, then flat ones.
    /// A tick earlier than the bucket in work (exchange times may step back a little) counts in the bucket in work.
    void add(const Tick& tick, std::vector<Candle>& closed)
    {
        if (hasOpen_ && tick.time < openEnd_) [[likely]] {
            fold(tick);
            return;
        }
        roll(tick, closed);
    }

    /// Trades may be missing between the newest tick and the next one.
    void markGap();
    /// A tick of that time was not handed over in its turn; the candle in work lacks it. Closed candles stay as they
    /// are.
    void markLate(UtcMs time);

    /// The candle in work, if any tick came yet.
    [[nodiscard]] std::optional<Candle> forming() const { return hasOpen_ ? std::optional(open_) : std::nullopt; }
    /// End of the bucket in work; the next tick at or after it closes. The past before the first tick.
    [[nodiscard]] UtcMs closesAt() const { return openEnd_; }
    [[nodiscard]] Timeframe timeframe() const { return timeframe_; }

    template <typename Archive>
    void state(Archive& a)
    {
        a(open_, openEnd_, hasOpen_, gapPending_);
    }

private:
    void fold(const Tick& tick)
    {
        open_.high = std::max(open_.high, tick.price);
        open_.low = std::min(open_.low, tick.price);
        open_.close = tick.price;
        open_.volume += tick.size();
        open_.buyVolume += tick.signedSize > 0 ? tick.signedSize : 0;
        ++open_.trades;
        open_.hasGap = open_.hasGap || gapPending_;
        gapPending_ = false;
    }
    void roll(const Tick& tick, std::vector<Candle>& closed);

    Timeframe timeframe_;
    Candle open_;
    UtcMs openEnd_{INT64_MIN};
    bool hasOpen_ = false;
    bool gapPending_ = true; // nothing is known of the time before the first tick
};

} // namespace qd::market
