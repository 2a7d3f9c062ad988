// What market orders would have paid according to recorded ticks and quotes: the execution calibrator's measure. It
// sees an instrument's stream in order and never a fill of the paper broker's. Pure; one thread at a time. Prices in
// ticks, sizes in lots, exchange time.
// - An order is decided right after the item of its number, or, where a time decided (a time limit), right before the
//   first tick or quote at or after it; it arrives `latency` after the time of its decision.
// - It pays what execution_model.h says of the market in force before the first item at or after its arrival; where no
//   quote was in force it waits for a print. A gap on the way, and the end of the stream, leave it without a price.
#pragma once

#include "market/tick.h"
#include "trading/execution_model.h"

#include <optional>
#include <span>
#include <vector>

namespace qd::trading {

struct MeasuredOrder {
    Side side = Side::Buy;
    std::optional<StreamNumber> number; // of the item at which it was decided; empty: decided at `time`
    UtcMs time;                         // of its decision
    std::int64_t decisionHalfTicks = 0; // 0: the mid in force, else the last print, as recorded
    std::optional<Price> paid;          // the measure
    bool isOnItsWay = false;            // decided; neither priced nor lost in a gap: the stream ended before
};

class FillMeter {
public:
    /// `orders` are measured in place and outlive the meter; `begin`: what the stream before the first item left.
    FillMeter(std::span<MeasuredOrder> orders, base::Millis latency, MarketView begin = {});
    void feed(const market::StreamItem& item);
    [[nodiscard]] const MarketView& view() const { return view_; }
    /// Nothing is left to be decided or to arrive.
    [[nodiscard]] bool isDone() const;

private:
    struct UnderWay {
        MeasuredOrder* order;
        UtcMs arrival;
        bool waitsForPrint = false;
    };
    void decide(MeasuredOrder& order);
    void decideAt(UtcMs time);
    void arrive(UtcMs time, std::optional<Price> print);

    base::Millis latency_;
    MarketView view_;
    std::vector<MeasuredOrder*> byNumber_;
    std::vector<MeasuredOrder*> byTime_;
    std::size_t nextNumber_ = 0;
    std::size_t nextTime_ = 0;
    std::vector<UnderWay> underWay_;
};

} // namespace qd::trading
