#include "trading/learned_slippage.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace qd::trading {

namespace {

using statistics::Calibration;

LearnedSlippage learn(const std::vector<MeasuredFill>& fills, std::optional<InstrumentId> instrument, Side side,
                      double priorBps, double assumedBps, UtcMs now)
{
    std::vector<statistics::Fill> own;
    std::optional<UtcMs> newest;
    for (const auto& fill : fills) {
        if (fill.side != side || (instrument && fill.instrument != *instrument)) {
            continue;
        }
        own.push_back(
            {.side = side == Side::Buy ? 1 : -1,
             .decisionPrice = fill.paid ? fill.decisionPrice : std::numeric_limits<double>::quiet_NaN(), // unusable
             .fillPrice = fill.paid.value_or(0),
             .quantity = fill.quantity});
        newest = fill.paid ? fill.time : newest;
    }
    const auto figures = statistics::slippageStatistics(
        own, {.priorBps = priorBps}, newest ? std::max(now - *newest, base::Millis{0}) : base::Millis{0});
    const bool isLearned = figures.calibration != Calibration::Uncalibrated;
    LearnedSlippage out{.instrument = instrument,
                        .side = side,
                        .fills = figures.n,
                        .unusable = figures.unusable,
                        .status = figures.calibration,
                        .mean = figures.fading.mean,
                        .interval = figures.fading.interval,
                        .median = figures.n > 0 ? figures.median : std::unexpected(statistics::Undefined::TooFew),
                        .p95 = figures.n > 0 ? figures.p95 : std::unexpected(statistics::Undefined::TooFew),
                        .prior = priorBps,
                        .applied = figures.toCharge};
    const auto upper = isLearned && out.interval ? out.interval->upper : assumedBps;
    out.stress = std::max(out.applied, upper);
    return out;
}

} // namespace

std::vector<LearnedSlippage> learnSlippage(std::vector<MeasuredFill> fills,
                                           const std::vector<InstrumentId>& instruments, base::RatePpm assumed,
                                           UtcMs now)
{
    std::ranges::sort(fills, {}, [](const MeasuredFill& fill) {
        return std::tuple(fill.time, fill.instrument, fill.side, fill.decisionPrice, fill.paid, fill.quantity);
    });
    const auto assumedBps = static_cast<double>(assumed.value) / 100.0;
    std::vector<LearnedSlippage> out;
    for (const auto side : {Side::Buy, Side::Sell}) {
        out.push_back(learn(fills, std::nullopt, side, assumedBps, assumedBps, now));
    }
    auto ordered = instruments;
    std::ranges::sort(ordered);
    for (const auto instrument : ordered) {
        for (const auto side : {Side::Buy, Side::Sell}) {
            const auto prior = out[side == Side::Buy ? 0 : 1].applied;
            out.push_back(learn(fills, instrument, side, prior, assumedBps, now));
        }
    }
    return out;
}

std::map<InstrumentId, ExecutionCharge> chargesOf(const std::vector<LearnedSlippage>& rows)
{
    std::map<InstrumentId, ExecutionCharge> out;
    for (const auto& row : rows) {
        if (row.instrument) {
            auto& charge = out[*row.instrument];
            (row.side == Side::Buy ? charge.buy : charge.sell) = chargeOf(row.applied, row.stress);
        }
    }
    return out;
}

} // namespace qd::trading
