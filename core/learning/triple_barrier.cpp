#include "learning/triple_barrier.h"

namespace qd::learning {

std::string_view name(BarrierReason reason)
{
    constexpr std::string_view names[] = {"tp", "sl", "vertical", "incomplete"};
    return names[static_cast<std::size_t>(reason)];
}

BarrierOutcome tripleBarrier(std::span<const PriceBar> bars, const BarrierEvent& event, const BarrierRule& rule)
{
    const double side = event.side < 0 ? -1.0 : 1.0;
    BarrierOutcome out{.entry = bars[event.index].close};
    out.takeProfit = out.entry * (1.0 + side * rule.takeProfit * event.volatility);
    out.stopLoss = out.entry * (1.0 - side * rule.stopLoss * event.volatility);
    const auto last = event.index + event.horizon;
    if (last >= bars.size()) {
        return out;
    }
    const auto end = [&](std::size_t index, BarrierReason reason, int label, double price) {
        out.reason = reason;
        out.label = label;
        out.endIndex = index;
        out.result = side * (price / out.entry - 1.0) - rule.roundTripCost;
        return out;
    };
    const bool isTouch = rule.price == BarrierPrice::Touch;
    for (auto i = event.index + 1; i <= last; ++i) {
        const double best = isTouch ? (side > 0 ? bars[i].high : bars[i].low) : bars[i].close;
        const double worst = isTouch ? (side > 0 ? bars[i].low : bars[i].high) : bars[i].close;
        const bool isTaken = side * best >= side * out.takeProfit;
        if (side * worst <= side * out.stopLoss) {
            out.isAmbiguous = isTaken;
            return end(i, BarrierReason::StopLoss, -1, isTouch ? out.stopLoss : bars[i].close);
        }
        if (isTaken) {
            return end(i, BarrierReason::TakeProfit, 1, isTouch ? out.takeProfit : bars[i].close);
        }
    }
    return end(last, BarrierReason::Vertical, 0, bars[last].close);
}

statistics::Measure ambiguousShare(std::span<const BarrierOutcome> outcomes)
{
    std::size_t labelled = 0;
    std::size_t ambiguous = 0;
    for (const auto& outcome : outcomes) {
        labelled += outcome.label ? 1U : 0U;
        ambiguous += outcome.label && outcome.isAmbiguous ? 1U : 0U;
    }
    if (labelled == 0) {
        return std::unexpected(statistics::Undefined::TooFew);
    }
    return static_cast<double>(ambiguous) / static_cast<double>(labelled);
}

} // namespace qd::learning
