#include "trading/learned_slippage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace qd::trading {

namespace {

using statistics::Calibration;

LearnedSlippage learn(const std::vector<MeasuredFill>& fills, std::optional<InstrumentId> instrument, Side side,
                      double priorBps, const statistics::SlippageOptions& options, UtcMs now)
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
    auto ofThis = options;
    ofThis.priorBps = priorBps;
    const auto figures = statistics::slippageStatistics(
        own, ofThis, newest ? std::max(now - *newest, base::Millis{0}) : base::Millis{0});
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
    const auto upper = isLearned && out.interval ? out.interval->upper : options.priorBps;
    out.stress = std::max(out.applied, upper);
    return out;
}

} // namespace

statistics::SlippageOptions slippageOptions(const base::PolicyValues& policy)
{
    const auto of = [&](std::string_view name) { return base::policyValue(policy, name); };
    const auto fills = [&](std::string_view name) { return static_cast<std::uint64_t>(std::llround(of(name))); };
    return {.halfLifeFills = of("execution.half_life_fills"),
            .priorBps = of("execution.assumed_slippage") * 10'000,
            .priorStrength = of("execution.prior_weight"),
            .provisionalFrom = fills("execution.prior_fills"),
            .calibratedFrom = fills("execution.min_fills"),
            .staleAfter = base::oneDay * std::llround(of("execution.stale_days"))};
}

std::vector<LearnedSlippage> learnSlippage(std::vector<MeasuredFill> fills,
                                           const std::vector<InstrumentId>& instruments,
                                           const statistics::SlippageOptions& options, UtcMs now)
{
    std::ranges::sort(fills, {}, [](const MeasuredFill& fill) {
        return std::tuple(fill.time, fill.instrument, fill.side, fill.decisionPrice, fill.paid, fill.quantity);
    });
    std::vector<LearnedSlippage> out;
    for (const auto side : {Side::Buy, Side::Sell}) {
        out.push_back(learn(fills, std::nullopt, side, options.priorBps, options, now));
    }
    auto ordered = instruments;
    std::ranges::sort(ordered);
    for (const auto instrument : ordered) {
        for (const auto side : {Side::Buy, Side::Sell}) {
            const auto prior = out[side == Side::Buy ? 0 : 1].applied;
            out.push_back(learn(fills, instrument, side, prior, options, now));
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
