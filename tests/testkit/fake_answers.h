// What the query desk would answer, made up: plausible evaluations, trades, signals, tries and nulls of the whole
// roster, the same for the same strategy. For tests of pages and their pictures.
#pragma once

#include "statistics/intervals.h"
#include "testkit/fake_console.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>

namespace qd::testkit {

/// How a made-up strategy has done in the window.
struct Story {
    const char* name;
    bool isEnabled;
    std::uint32_t trades;
    std::uint32_t won;
    double sharpe; // 0: none
    bool isProvisional;
    double profitFactor;
    double drawdown;
    double expectancy; // share of notional
    double null95;     // of the null; 0: not run
};

inline constexpr std::array stories{
    Story{"mtf_trend_align", true, 118, 74, 2.34, false, 1.61, 0.031, 0.0031, 0.0011},
    Story{"ml_gbt_5m", true, 192, 108, 1.19, false, 1.28, 0.052, 0.0012, 0.0009},
    Story{"mtf_momentum_confirm", true, 95, 52, 0.92, false, 1.21, 0.044, 0.0007, 0.0010},
    Story{"breakout", true, 61, 34, 1.32, true, 1.18, 0.06, 0.0005, 0.0012},
    Story{"momentum", true, 44, 23, 0.88, true, 1.07, 0.079, 0.0002, 0},
    Story{"reversal", true, 12, 7, 0, false, 1.22, 0.019, 0.0006, 0},
    Story{"rsi_divergence", false, 0, 0, 0, false, 0, 0, 0, 0.0008},
    Story{"ema_crossover", false, 905, 378, -1.92, false, 0.71, 0.188, -0.0011, 0.0004},
    Story{"vwap_reversion", false, 1'204, 459, -2.77, false, 0.62, 0.242, -0.0016, 0.0003},
    Story{"bb_squeeze", false, 733, 293, -2.31, false, 0.66, 0.21, -0.0013, 0.0005},
    Story{"support_resistance", true, 688, 293, -0.45, false, 0.98, 0.157, -0.0001, 0.0005},
    Story{"candle_patterns", false, 1'510, 557, -3.02, false, 0.58, 0.275, -0.0019, 0.0002},
    Story{"volume_mean_reversion", false, 27, 13, 0, false, 0.97, 0.048, -0.0001, 0}};

inline const Story& storyOf(const std::string& strategy)
{
    const auto found = std::ranges::find(stories, strategy, [](const Story& s) { return std::string(s.name); });
    return found == stories.end() ? stories.front() : *found;
}

inline trading::Evaluation evaluationOf(const Story& of, std::optional<base::InstrumentId> instrument, double share)
{
    using statistics::Interval;
    trading::Evaluation out;
    out.strategy = of.name;
    out.instrument = instrument;
    out.limits = trading::evaluationLimits({});
    out.parameterHash = "9f31c2a47be05d18";
    out.trades = static_cast<std::uint32_t>(of.trades * share);
    out.won = std::min(out.trades, static_cast<std::uint32_t>(of.won * share));
    out.inShadow = of.isEnabled ? 0 : 212;
    out.winInterval = statistics::wilson(out.won, out.trades);
    out.tries = 5;
    if (out.trades == 0) {
        return out;
    }
    const double n = out.trades;
    const double half = 0.012 / std::sqrt(n);
    out.winRate = out.won / n;
    out.profitFactor = of.profitFactor;
    out.expectancy = of.expectancy;
    out.expectancyInterval = Interval{of.expectancy - half, of.expectancy + half};
    const double net = of.expectancy * 500 * n;
    const auto money = [](double usdt) { return base::Money{static_cast<std::int64_t>(usdt * 1e8)}; };
    out.net = money(net);
    out.optimistic = money(net + 0.0004 * 500 * n);
    out.pessimistic = money(net - 0.0005 * 500 * n);
    out.maxDrawdown = of.drawdown;
    out.medianHoldSeconds = 6'276;
    if (of.sharpe != 0 && out.trades >= 30) {
        out.sharpe = {of.sharpe, Interval{of.sharpe - 1.4, of.sharpe + 1.4}, of.isProvisional ? 38U : 61U,
                      of.isProvisional};
        if (!of.isProvisional) {
            out.psr = of.sharpe > 0 ? 0.98 : 0.03;
            out.deflated = of.sharpe > 0 ? 0.91 : 0.01;
        }
    }
    if (of.null95 > 0 && !instrument) {
        out.null =
            trading::NullFigures{200, of.expectancy, -0.0012, of.null95, of.expectancy > of.null95 ? 0.01 : 0.31};
    }
    const auto points = std::min<std::size_t>(out.trades, 60);
    out.equity = walk(points, 0, std::max(1.0, std::abs(net) / 12), static_cast<unsigned>(of.trades + 3));
    for (std::size_t i = 0; i < out.equity.size(); ++i) {
        out.equity[i] += static_cast<float>(net * static_cast<double>(i) / static_cast<double>(points));
    }
    return out;
}

inline console::Evaluations plausibleEvaluations(base::UtcMs now, std::uint32_t days)
{
    console::Evaluations out;
    out.to = now;
    out.from = days == 0 ? base::UtcMs{} : base::bucketStart(now, base::oneDay) - base::oneDay * days;
    for (const auto& story : stories) {
        out.strategies.push_back(evaluationOf(story, std::nullopt, 1));
        for (std::int64_t id = 1; id <= 5; ++id) {
            out.rows.push_back(evaluationOf(story, base::InstrumentId{id}, id == 1 ? 0.4 : 0.15));
        }
    }
    return out;
}

/// `count` trades of the strategy up to `now`, newest first; a fifth of them, the oldest, under former parameters.
inline std::vector<trading::ClosedTrade> plausibleTrades(const std::string& strategy, base::UtcMs now,
                                                         std::size_t count)
{
    const auto& of = storyOf(strategy);
    const auto steps = walk(count, 0, 5, 17);
    std::vector<trading::ClosedTrade> out;
    for (std::size_t i = 0; i < count; ++i) {
        auto trade = closedTrade(now - base::Millis{static_cast<std::int64_t>(i) * (25 * base::oneDay.count()) /
                                                    static_cast<std::int64_t>(std::max<std::size_t>(count, 1))});
        const auto id = static_cast<std::int64_t>(i % 5) + 1;
        const bool isLong = i % 3 != 0;
        static constexpr std::array<std::int64_t, 5> ticks{641'204, 313'120, 14'231, 6'121, 1'847};
        static constexpr std::array<std::int64_t, 5> lots{78, 1'597, 35'134, 8'168'600, 270'709'000'000};
        trade.position.entry.price = {ticks[i % 5]};
        trade.exit.price = {ticks[i % 5] * (isLong ? 1'003 : 997) / 1'000};
        trade.position.size = {lots[i % 5]}; // worth 500 USDT
        trade.position.decision.strategy = strategy;
        trade.position.decision.instrument = {id};
        trade.position.decision.number = {static_cast<std::int64_t>(900'000 - i)};
        trade.position.decision.side = isLong ? market::Side::Buy : market::Side::Sell;
        trade.position.decision.parameterHash = i >= count * 4 / 5 ? "17aa03c9be21f460" : "9f31c2a47be05d18";
        trade.position.entry.time =
            trade.exit.time - base::Millis{600'000 + static_cast<std::int64_t>(i * 377'000 % 9'000'000)};
        const double step = i > 0 ? static_cast<double>(steps[i] - steps[i - 1]) : 0;
        trade.net = {static_cast<std::int64_t>((of.expectancy * 500 + step) * 1e8)};
        trade.reason = trade.net.value > 0 ? trading::ExitReason::Target
                       : i % 4 == 0        ? trading::ExitReason::TimeLimit
                                           : trading::ExitReason::Stop;
        out.push_back(trade);
    }
    return out;
}

inline console::TradesPage pageOf(const std::vector<trading::ClosedTrade>& all, const console::AskTrades& query)
{
    console::TradesPage out;
    out.total = all.size();
    out.offset = query.offset;
    for (std::size_t i = query.offset; i < all.size() && out.rows.size() < query.limit; ++i) {
        out.rows.push_back(all[i]);
    }
    return out;
}

inline console::SignalsPage plausibleSignals(const std::string& strategy, base::UtcMs now)
{
    using trading::NotTraded;
    console::SignalsPage out;
    out.byReason = {{NotTraded::Cooldown, 19},
                    {NotTraded::PositionOpen, 9},
                    {NotTraded::StaleData, 4},
                    {NotTraded::Gap, 2},
                    {NotTraded::NotFilled, 1}};
    std::vector<NotTraded> reasons;
    for (const auto& [reason, count] : out.byReason) {
        reasons.insert(reasons.end(), count, reason);
    }
    out.total = reasons.size();
    for (std::size_t i = 0; i < reasons.size(); ++i) {
        const auto when = now - base::Millis{static_cast<std::int64_t>(i + 1) * 2'311'000};
        trading::UntradedSignal signal;
        signal.decision = position(strategy, static_cast<std::int64_t>(i % 5) + 1,
                                   i % 2 == 0 ? market::Side::Buy : market::Side::Sell, 310'000, when)
                              .decision;
        signal.decision.number = {static_cast<std::int64_t>(i + 1)};
        signal.reason = reasons[(i * 11) % reasons.size()];
        out.rows.push_back(signal);
    }
    return out;
}

inline console::Trials plausibleTrials(const std::string& strategy, base::UtcMs now)
{
    console::Trials out;
    const auto* info = trading::findStrategy(strategy);
    if (info == nullptr) {
        return out;
    }
    trading::ParameterSet set(info->name, info->parameters);
    out.rows.push_back({now - base::oneDay * 90, strategy, set.hash(), set.text(), "default", 1, {}, {}});
    if (set.set("stop_atr", 2.5)) {
        out.rows.insert(out.rows.begin(),
                        {now - base::oneDay * 26, strategy, set.hash(), set.text(), "edit", 1, {}, {}});
    }
    return out;
}

inline console::NullTable plausibleNull(base::UtcMs now)
{
    console::NullTable out;
    for (const auto& story : stories) {
        if (story.null95 <= 0) {
            continue;
        }
        console::NullRow row;
        row.strategy = story.name;
        row.parameterHash = "9f31c2a47be05d18";
        row.time = now - base::oneDay * 2;
        row.seeds = 200;
        if (story.trades > 0) {
            row.real = story.expectancy;
        }
        row.figures = {200, story.expectancy, -0.0012, story.null95, story.expectancy > story.null95 ? 0.01 : 0.31};
        std::mt19937 random(story.trades);
        std::normal_distribution<double> normal(-0.0012, (story.null95 + 0.0012) / 1.645);
        for (int i = 0; i < 200; ++i) {
            row.expectancies.push_back(static_cast<float>(normal(random)));
        }
        std::ranges::sort(row.expectancies);
        out.rows.push_back(std::move(row));
    }
    return out;
}

/// The whole roster in the paper snapshot, in the catalogue's order.
inline console::PaperSnapshot paperWithRoster(base::UtcMs now)
{
    auto out = plausiblePaper(now);
    out.strategies.clear();
    for (const auto& info : trading::strategyCatalogue()) {
        const auto& of = storyOf(std::string(info.name));
        auto row = strategy(std::string(info.name), std::string(info.idea), of.isEnabled, of.trades, of.won,
                            of.expectancy * 500 * of.trades);
        const trading::ParameterSet set(info.name, info.parameters);
        row.parameters = {set.values().begin(), set.values().end()};
        if (!of.isEnabled) {
            row.enabledBy = row.name == "candle_patterns" ? "policy" : "operator";
            row.enabledSince = now - base::oneDay * 6;
        }
        if (row.name == "ml_gbt_5m") {
            row.silence = "no model: train gbt_5m on Models";
        }
        out.strategies.push_back(std::move(row));
    }
    return out;
}

/// Answers to every short question, at the next pull; long runs are left to the test.
inline void answerPlausibly(FakeConsole& console, base::UtcMs now)
{
    console.onAsk = [&console, now](console::QueryId id, const console::Query& query) {
        console::Answer answer;
        answer.id = id;
        if (const auto* figures = std::get_if<console::AskEvaluations>(&query)) {
            answer.value = plausibleEvaluations(now, figures->days);
        } else if (const auto* trades = std::get_if<console::AskTrades>(&query)) {
            const auto& of = storyOf(trades->filter.strategy);
            const std::size_t shadow = trades->filter.withShadow && !of.isEnabled ? 212 : 0;
            auto all = plausibleTrades(trades->filter.strategy, now, of.trades + shadow);
            for (std::size_t i = 0; i < shadow; ++i) {
                all[i].position.inShadow = true;
            }
            answer.value = pageOf(all, *trades);
        } else if (const auto* untraded = std::get_if<console::AskSignals>(&query)) {
            answer.value = plausibleSignals(untraded->strategy, now);
        } else if (const auto* trials = std::get_if<console::AskTrials>(&query)) {
            answer.value = plausibleTrials(trials->strategy, now);
        } else if (std::holds_alternative<console::AskNull>(query)) {
            answer.value = plausibleNull(now);
        } else {
            return;
        }
        console.answers.emplace_back(std::move(answer));
    };
}

} // namespace qd::testkit
