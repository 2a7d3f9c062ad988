// Evidence made by formula, for tests of the room's rules. Days are counted from 2026-01-01.
#pragma once

#include "governance/evidence.h"
#include "governance/policies.h"
#include "governance/roster.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace governance_fixtures {

using namespace qd::governance;
using qd::base::Millis;
using qd::base::oneDay;

inline constexpr std::int64_t firstDay = 20'454; // 2026-01-01
inline constexpr Millis hour = oneDay / 24;

inline UtcMs at(double days)
{
    return midnightOf(firstDay) + Millis{static_cast<std::int64_t>(std::llround(days * 86'400'000))};
}

inline Policies policies(const qd::base::PolicyValues& changed = {})
{
    return policiesFrom(changed);
}

/// Regimes in turn: one trade of ten calm, one wild.
inline RegimeMark markOf(std::size_t i)
{
    return {i % 10 == 0, i % 10 == 5};
}

inline TradeResult tradeAt(double day, double net, bool inShadow = false)
{
    return {at(day) - hour, at(day), net, inShadow, RegimeMark{}};
}

/// Days 0…`days` − 1, each with `nets` closed evenly over it; the daily PnL is their sum.
inline Evidence steady(std::string strategy, std::size_t days, const std::vector<double>& nets, double capital = 1'000)
{
    Evidence out{.subject = {std::move(strategy), {}},
                 .parameterHash = "h1",
                 .capital = capital,
                 .trades = {},
                 .firstDay = firstDay,
                 .days = {}};
    for (std::size_t day = 0; day < days; ++day) {
        double pnl = 0;
        for (std::size_t i = 0; i < nets.size(); ++i) {
            auto trade = tradeAt(
                static_cast<double>(day) + (static_cast<double>(i) + 0.5) / static_cast<double>(nets.size()), nets[i]);
            trade.regime = markOf(out.trades.size());
            out.trades.push_back(trade);
            pnl += nets[i];
        }
        out.days.push_back({pnl, DayUse::Counts});
    }
    return out;
}

/// The same with normal noise on each trade.
inline Evidence noisy(std::string strategy, std::size_t days, std::size_t aDay, double mean, double deviation,
                      std::uint64_t seed)
{
    auto out = steady(std::move(strategy), days, std::vector<double>(aDay, mean));
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0, deviation);
    for (auto& day : out.days) {
        day.pnl = 0;
    }
    for (auto& trade : out.trades) {
        trade.net += normal(random);
        out.days[static_cast<std::size_t>(dayOf(trade.closed) - firstDay)].pnl += trade.net;
    }
    return out;
}

inline RosterRow rowOf(std::string strategy, Stage stage = Stage::Paper)
{
    return {.strategy = std::move(strategy),
            .stage = stage,
            .stageSince = {},
            .whole = {},
            .instruments = {},
            .parameterHash = "h1",
            .recordSince = {}};
}

} // namespace governance_fixtures
