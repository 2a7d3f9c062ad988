#include "governance/evidence.h"

#include "base/sha256.h"
#include "statistics/bootstrap.h"
#include "statistics/resample.h"

#include <algorithm>
#include <charconv>

namespace qd::governance {

std::string text(const Subject& subject)
{
    return subject.instrument ? subject.strategy + " on instrument " + std::to_string(subject.instrument->value)
                              : subject.strategy;
}

TradeResult tradeResult(const trading::ClosedTrade& trade, std::optional<RegimeMark> regime)
{
    return {.opened = trade.position.entry.time,
            .closed = trade.exit.time,
            .net = base::toUsdt(trade.net),
            .inShadow = trade.position.inShadow,
            .regime = regime};
}

std::span<const TradeResult> tradesBetween(std::span<const TradeResult> trades, UtcMs from, UtcMs to)
{
    const auto first = std::ranges::lower_bound(trades, from, {}, &TradeResult::closed);
    const auto last = std::ranges::lower_bound(first, trades.end(), to, {}, &TradeResult::closed);
    return {first, last};
}

std::vector<double> netsOf(std::span<const TradeResult> trades)
{
    std::vector<double> nets;
    nets.reserve(trades.size());
    for (const auto& trade : trades) {
        nets.push_back(trade.net);
    }
    return nets;
}

std::size_t runningDays(const Evidence& evidence)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(evidence.days, [](const EvidenceDay& day) { return day.use != DayUse::NotRunning; }));
}

std::size_t newestDays(const Evidence& evidence, std::size_t most)
{
    auto first = evidence.days.size();
    for (std::size_t ran = 0; first > 0 && ran < most; --first) {
        ran += evidence.days[first - 1].use == DayUse::NotRunning ? 0U : 1U;
    }
    return first;
}

std::vector<double> dailyReturns(const Evidence& evidence, std::size_t most)
{
    std::vector<double> returns;
    for (auto i = newestDays(evidence, most); i < evidence.days.size(); ++i) {
        if (evidence.days[i].use != DayUse::NotRunning) {
            returns.push_back(evidence.days[i].pnl / evidence.capital);
        }
    }
    return returns;
}

std::size_t daysOnTheClock(const Evidence& evidence)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(evidence.days, [](const EvidenceDay& day) { return day.use == DayUse::Counts; }));
}

std::optional<double> tradesPerDay(const Evidence& evidence, std::size_t window)
{
    const auto days = std::min(window, runningDays(evidence));
    if (days == 0) {
        return std::nullopt;
    }
    const auto end = evidence.firstDay + static_cast<std::int64_t>(evidence.days.size());
    const auto from = evidence.firstDay + static_cast<std::int64_t>(newestDays(evidence, window));
    const auto trades = tradesBetween(evidence.trades, midnightOf(from), midnightOf(end));
    return static_cast<double>(trades.size()) / static_cast<double>(days);
}

statistics::Estimate expectancyOf(std::span<const double> nets, double confidence, std::size_t replicates,
                                  std::uint64_t seed)
{
    auto estimate = statistics::meanEstimate(nets, confidence);
    if (replicates == 0 || nets.size() < 2) {
        return estimate;
    }
    statistics::StationaryResampler resampler(nets.size(), statistics::meanBlockLength(nets), seed);
    const auto drawn = statistics::bootstrapMean(nets, statistics::resamplesOf(resampler, replicates), confidence);
    estimate.error = drawn.replicateError;
    estimate.interval = drawn.percentile;
    return estimate;
}

std::uint64_t seedOf(const Subject& subject, std::int64_t day, std::string_view purpose)
{
    std::string text(purpose);
    text.append("|").append(subject.strategy).append("|");
    text.append(subject.instrument ? std::to_string(subject.instrument->value) : "all");
    text.append("|").append(std::to_string(day));
    const auto hex = base::sha256Hex(text);
    std::uint64_t seed = 0;
    std::from_chars(hex.data(), hex.data() + 16, seed, 16);
    return seed;
}

} // namespace qd::governance
