// simulateRoster() of simulation.h.
#include "governance/review_rules.h"
#include "governance/simulated_trades.h"
#include "governance/simulation.h"
#include "statistics/equity.h"
#include "statistics/summary.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace qd::governance {

namespace {

constexpr std::int64_t firstDay = 20'454; // any day will do
constexpr double capital = 4'000;         // of four rows
constexpr base::Millis reviewTime = base::oneDay / 24 * 20;

// Calm, ordinary and wild days, each lasting about five; shared by all strategies of a run.
class Regime {
public:
    explicit Regime(Dice& dice) : dice_(dice) { change(); }
    RegimeMark next()
    {
        if (dice_.uniform() < 0.2) {
            change();
        }
        return mark_;
    }

private:
    void change()
    {
        const double u = dice_.uniform();
        mark_ = {u < 0.2, u >= 0.8};
    }
    Dice& dice_;
    RegimeMark mark_;
};

struct Player {
    SimulatedRule rule;
    bool isPlanted = false;
    std::size_t flips = 0;
    bool wasCandidate = false;
    std::optional<std::size_t> readyNight;
    std::vector<SensitivityNight> sensitivity;
};

// One run: the strategies, their evidence and the roster, from night to night.
class Run {
public:
    Run(const RosterSimulation& options, const Policies& policies, std::uint64_t seed)
        : options_(options),
          policies_(policies),
          dice_(seed),
          regime_(dice_)
    {
        for (std::size_t i = 0; i < options.strategies; ++i) {
            add(edgelessRule(dice_.between(0.30, 0.72), dice_.between(3, 14)), false);
        }
        if (options.plantedSharpe > 0) {
            add(ruleWithEdge(options.plantedSharpe, 0.68, 8), true);
        }
    }

    void night(std::size_t day)
    {
        const auto mark = regime_.next();
        std::vector<std::vector<TradeResult>> evening(players_.size());
        const auto now = midnightOf(firstDay + static_cast<std::int64_t>(day)) + reviewTime;
        for (std::size_t i = 0; i < players_.size(); ++i) {
            for (auto& trade : tradesOf(players_[i].rule, day, mark)) {
                auto& later = trade.closed < now ? input_.evidence[i].trades : evening[i];
                trade.inShadow = !isOn(input_.roster[i]);
                later.push_back(trade);
            }
        }
        input_.now = now;
        options_.gates == GateSet::Ours ? reviewOurs(day) : reviewOld(day);
        for (std::size_t i = 0; i < players_.size(); ++i) {
            close(i, day, evening[i]);
        }
    }

    const std::vector<Player>& players() const { return players_; }
    const Roster& roster() const { return input_.roster; }

private:
    void add(const SimulatedRule& rule, bool isPlanted)
    {
        const auto name = "s" + std::to_string(players_.size());
        players_.push_back({.rule = rule, .isPlanted = isPlanted});
        input_.roster.push_back({.strategy = name, .parameterHash = name, .recordSince = midnightOf(firstDay)});
        input_.evidence.push_back(
            {.subject = {name, {}}, .parameterHash = name, .capital = capital, .firstDay = firstDay});
        input_.signOffs[name] = {true, true, true};
    }

    std::vector<TradeResult> tradesOf(const SimulatedRule& rule, std::size_t day, RegimeMark mark)
    {
        const double rate = std::clamp(rule.winRate + rule.dayDeviation * dice_.normal(), 0.0, 1.0);
        std::vector<TradeResult> trades(dice_.poisson(rule.tradesPerDay));
        const auto start = midnightOf(firstDay + static_cast<std::int64_t>(day));
        for (auto& trade : trades) {
            trade.closed = start + base::Millis{static_cast<std::int64_t>(dice_.uniform() * 86'399'999.0)};
            trade.opened = trade.closed - base::Millis{600'000};
            trade.net = rule.draw(dice_, rate);
            trade.regime = mark;
        }
        std::ranges::sort(trades, {}, &TradeResult::closed);
        return trades;
    }

    // Midnight: the day is complete.
    void close(std::size_t i, std::size_t day, std::vector<TradeResult>& evening)
    {
        auto& evidence = input_.evidence[i];
        if (!runs(input_.roster[i])) {
            evidence.trades.resize(tradesBetween(evidence.trades, UtcMs{INT64_MIN}, input_.now).size());
            return;
        }
        for (auto& trade : evening) {
            trade.inShadow = !isOn(input_.roster[i]);
            evidence.trades.push_back(trade);
        }
        const auto start = midnightOf(firstDay + static_cast<std::int64_t>(day));
        double pnl = 0;
        for (const auto& trade : tradesBetween(evidence.trades, start, start + base::oneDay)) {
            pnl += trade.net;
        }
        const bool isClockStopped = input_.roster[i].stage == Stage::Candidate;
        evidence.days.push_back({pnl, isClockStopped ? DayUse::Sensitivity : DayUse::Counts});
    }

    void reviewOurs(std::size_t day)
    {
        const auto review = reviewOf(input_, policies_);
        auto chosen = automatic(review, policies_.review);
        if (day % 7 == 6) { // the week's archiving
            std::ranges::move(automaticArchive(review, policies_.review), std::back_inserter(chosen));
        }
        for (const auto& proposal : chosen) {
            auto next = changed(input_.roster, proposal.changes, Actor::Policy, input_.now);
            if (!next) {
                continue; // an earlier one of this night took its ground away
            }
            const auto i = indexOf(proposal.subject.strategy);
            players_[i].flips += isOn(input_.roster[i]) != isOn((*next)[i]) && runs((*next)[i]) ? 1U : 0U;
            input_.roster = std::move(*next);
            input_.past.push_back(
                {static_cast<std::int64_t>(input_.past.size()), input_.now, proposal.rule, proposal.subject});
            if (input_.roster[i].stage == Stage::Candidate) {
                players_[i].wasCandidate = true;
                players_[i].sensitivity.clear();
            }
        }
        for (std::size_t i = 0; i < players_.size(); ++i) {
            if (input_.roster[i].stage == Stage::Candidate) {
                judgeCandidate(i, day);
            }
        }
    }

    void judgeCandidate(std::size_t i, std::size_t day)
    {
        auto& player = players_[i];
        const auto& row = input_.roster[i];
        const auto& evidence = input_.evidence[i];
        player.sensitivity.push_back(sensitivityNight(player.rule, evidence, row.stageSince));
        const auto n = static_cast<double>(std::max<std::size_t>(evidence.trades.size(), 1));
        constexpr double z95 = 1.6448536269514722;
        const auto list = checklistOf({.now = input_.now,
                                       .row = row,
                                       .evidence = evidence,
                                       .trials = trials(),
                                       .nullExpectancy = z95 * std::sqrt(player.rule.square() / n),
                                       .sensitivity = player.sensitivity,
                                       .signOffs = {true, true, true}},
                                      policies_);
        if (list.isPassed()) {
            player.readyNight = day;
            input_.roster[i] = staged(row, Stage::Ready, input_.now).value();
        }
    }

    // As if each other parameter set took seven of ten trades alike, and others for the rest; at double costs a tenth
    // of an average loss more a trade.
    SensitivityNight sensitivityNight(const SimulatedRule& rule, const Evidence& evidence, UtcMs candidateSince)
    {
        const auto& policy = policies_.sensitivity;
        const auto from = sensitivityFrom(evidence.trades, candidateSince, input_.now, policy);
        const auto nets = netsOf(tradesBetween(evidence.trades, from, input_.now));
        SensitivityNight night{input_.now, perturbedRun(nets), {}};
        for (std::size_t i = 0; i < policy.runs; ++i) {
            auto other = nets;
            for (auto& net : other) {
                net = dice_.uniform() < 0.3 ? rule.draw(dice_, rule.winRate) : net;
                net -= i < policy.doubleCostRuns ? 0.1 * rule.loss : 0;
            }
            night.runs.push_back(perturbedRun(other));
        }
        return night;
    }

    Trials trials() const
    {
        // The tries' Sharpe ratios spread as those of rules without an edge over 90 days do.
        const double error = 1 / std::sqrt(90.0);
        return {.tries = options_.tries, .deflation = {.tries = options_.tries, .spread = error}};
    }

    void reviewOld(std::size_t day)
    {
        for (std::size_t i = 0; i < players_.size(); ++i) {
            auto& player = players_[i];
            const auto nets = netsOf(input_.evidence[i].trades);
            const auto recent =
                netsOf(tradesBetween(input_.evidence[i].trades, input_.now - 7 * base::oneDay, input_.now));
            const auto week = statistics::tradeStatistics(recent);
            const double perYear = static_cast<double>(recent.size()) / 7 * 365;
            const auto naive = statistics::scaled(statistics::sharpeRatio(recent), std::sqrt(perYear));
            player.wasCandidate =
                player.wasCandidate || (week.winRate && *week.winRate >= 0.6 && naive && *naive >= 1.5);
            if (!player.wasCandidate || player.readyNight) {
                continue;
            }
            const auto all = statistics::tradeStatistics(nets);
            const auto mine = statistics::sharpeRatio(nets);
            const auto other = statistics::sharpeRatio(netsOf(input_.evidence[(i + 1) % players_.size()].trades));
            if (all.n >= 100 && all.wins >= 10 && all.losses >= 10 && all.net > 0 && mine && other && *mine >= *other) {
                player.readyNight = day;
            }
        }
    }

    std::size_t indexOf(const std::string& strategy) const
    {
        return static_cast<std::size_t>(std::ranges::find(input_.roster, strategy, &RosterRow::strategy) -
                                        input_.roster.begin());
    }

    const RosterSimulation& options_;
    const Policies& policies_;
    Dice dice_;
    Regime regime_;
    std::vector<Player> players_;
    ReviewInput input_;
};

void add(ShareOfRuns& share, bool with)
{
    ++share.runs;
    share.with += with ? 1U : 0U;
}

} // namespace

RosterReport simulateRoster(const RosterSimulation& options, const Policies& given)
{
    auto policies = given;
    policies.review.autoApply = true;
    policies.review.replicates = 0; // tables use closed forms
    RosterReport out;
    std::vector<double> readyNights;
    double flips = 0;
    for (std::size_t i = 0; i < options.runs; ++i) {
        Run run(options, policies, options.seed * 1'000'003 + i);
        for (std::size_t day = 0; day < options.nights; ++day) {
            run.night(day);
        }
        bool anyCandidate = false;
        bool anyReady = false;
        for (std::size_t s = 0; s < run.players().size(); ++s) {
            const auto& player = run.players()[s];
            if (player.isPlanted) {
                add(out.plantedCandidate, player.wasCandidate);
                add(out.plantedReady, player.readyNight.has_value());
                if (player.readyNight) {
                    readyNights.push_back(static_cast<double>(*player.readyNight + 1));
                }
                continue;
            }
            anyCandidate = anyCandidate || player.wasCandidate;
            anyReady = anyReady || player.readyNight.has_value();
            flips += static_cast<double>(player.flips);
            out.mostFlips = std::max(out.mostFlips, player.flips);
            add(out.flipsOver4, player.flips > 4);
            add(out.archived, !runs(run.roster()[s]));
        }
        add(out.candidate, anyCandidate);
        add(out.ready, anyReady);
    }
    out.meanFlips = out.archived.runs == 0 ? 0 : flips / static_cast<double>(out.archived.runs);
    out.plantedMedianNight = statistics::quantile(readyNights, 0.5);
    return out;
}

} // namespace qd::governance
