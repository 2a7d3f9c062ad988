// Gates to `ready`, sensitivity, deadlocks, promotion, the manifest and its signature.
#include "governance_fixtures.h"

#include "base/signature.h"
#include "governance/about_when.h"
#include "governance/gates.h"
#include "governance/manifest.h"
#include "governance/strategy_health.h"
#include "statistics/sharpe.h"
#include "statistics/summary.h"
#include "trading/strategy_catalogue.h"

#include <QTest>

#include <algorithm>
#include <set>
#include <utility>

using namespace governance_fixtures;
using qd::base::ErrorCode;
using qd::statistics::Measure;
using qd::statistics::Undefined;

namespace {

// Eight nights of 32 runs, `earning` of each with a profit factor of 1.5 and the expectancy `mean`.
std::vector<SensitivityNight> nights(std::size_t count, std::size_t earning, double mean = 1, double unchanged = 1)
{
    std::vector<SensitivityNight> out;
    for (std::size_t i = 0; i < count; ++i) {
        SensitivityNight night{at(33 + static_cast<double>(i)), {40, 1.5, unchanged}, {}};
        for (std::size_t run = 0; run < 32; ++run) {
            night.runs.push_back(run < earning ? PerturbedRun{40, 1.0, mean} : PerturbedRun{40, 0.999, mean});
        }
        out.push_back(night);
    }
    return out;
}

// A candidate that passes every gate.
ReadyInput good()
{
    auto evidence = steady("x", 60, {3, 3, 3, -4, 3, 3, -4, 3});
    std::mt19937_64 random(5);
    std::normal_distribution<double> normal(0, 14);
    for (auto& day : evidence.days) {
        day.pnl += normal(random);
    }
    auto row = rowOf("x", Stage::Candidate);
    row.stageSince = at(40);
    return {.now = at(60),
            .row = row,
            .evidence = evidence,
            .unseenReturns = {},
            .trials = {},
            .nullExpectancy = 0.5,
            .sensitivity = nights(7, 32),
            .signOffs = {true, true, true},
            .incumbent = {}};
}

GateResult gate(const Checklist& list, Gate wanted)
{
    return list.gates.at(static_cast<std::size_t>(wanted));
}
GateState state(const ReadyInput& input, Gate wanted, const qd::base::PolicyValues& changed = {})
{
    return gate(checklistOf(input, policies(changed)), wanted).state;
}

std::string doubled(std::string text)
{
    std::ranges::replace(text, '\'', '"');
    return text;
}

Manifest manifestOf(const ReadyInput& input)
{
    const auto list = checklistOf(input, policies());
    return {.row = promoted(input.row, list, "", at(61)).value(),
            .made = at(61),
            .feed = "DEMO",
            .build = "0.1.0",
            .parameters = {{"fast", 9}, {"stop_atr", 1.5}},
            .costs = {{"fees.taker", 0.0006}},
            .instruments = {"BTC-USDT"},
            .timeframes = {"1m"},
            .checklist = list,
            .redReason = "",
            .ledgerHash = std::string(64, 'a'),
            .policyHash = policyHash({}),
            .models = {}};
}

} // namespace

class GatesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGoodCandidatePassesEveryGate();
    void withoutEvidenceEveryGateWaits();
    void withoutATradeNothingIsGreen();
    void theWinRatesLowerEndHasToBeOverSixtyPercentAndBreakEven();
    void theSharpeGateIsThePolicysAndNeedsThirtyDays();
    void expectancyHasToBeatTheNoiseNull();
    void theDeflatedSharpeFallsWithWhatWasTried();
    void deflationIsNeverByNothing();
    void unseenDaysLengthenTheRecord();
    void drawdownAtItsLimitPasses();
    void tooGoodToBeTrueWantsThreeSignatures();
    void theOldErrorConvergenceIsAGate();
    void sensitivityWantsSevenNightsEightyPercentAndHalfTheExpectancy();
    void changesFillTheHypercubeWithinTheSpread();
    void wholeParametersAlwaysMoveAndStayLegal();
    void sensitivityReplaysSinceCandidacyStretched();
    void againstZeroTheIntervalDecides();
    void anExperimentDecidesInPlaceOfZero();
    void aboutWhenFollowsThePresentRate();
    void deadlocksAreToldOnTheFirstDay();
    void theOldErrorLabelAtFifteen();
    void aStrategyWithoutEvidenceIsUnknownNeverGreen();
    void aHardFailureHoldsStrategyAndPipelineDown();
    void aRedGateWantsAReasonAndMarksForEver();
    void onlyACandidateIsPromoted();
    void theManifestIsTheSameBytesAndEscaped();
    void onlyTheReadyHaveAManifest();
    void aSignatureHoldsForItsBytesAndKeyOnly();
};

void GatesTest::aGoodCandidatePassesEveryGate()
{
    const auto list = checklistOf(good(), policies());
    QCOMPARE(list.gates.size(), std::size_t{12});
    for (std::size_t i = 0; i < list.gates.size(); ++i) {
        QCOMPARE(list.gates[i].gate, static_cast<Gate>(i));
        QVERIFY2(list.gates[i].state == GateState::Passed, text(list.gates[i].figure).c_str());
        QVERIFY(!list.gates[i].isDeadlock);
    }
    QVERIFY(list.isPassed() && list.red().empty());
}

void GatesTest::withoutEvidenceEveryGateWaits()
{
    auto input = good();
    input.evidence.trades.clear();
    input.evidence.days.clear();
    input.sensitivity.clear();
    const auto list = checklistOf(input, policies());
    for (const auto& one : list.gates) {
        QVERIFY2(one.state == GateState::Waiting, std::string(name(one.gate)).c_str());
    }
    QVERIFY(list.red().starts_with("trades, win rate, daily Sharpe"));
}

void GatesTest::withoutATradeNothingIsGreen()
{
    auto input = good();
    const auto first = input.evidence.trades.front();
    input.evidence.trades.clear();
    for (auto& day : input.evidence.days) {
        day.pnl = 0;
    }
    for (const auto of : {Gate::Drawdown, Gate::NotTooGood}) {
        const auto none = gate(checklistOf(input, policies()), of);
        QCOMPARE(none.state, GateState::Waiting);
        QCOMPARE(none.note, std::string("waits for trades"));
    }
    auto falls = input; // by a trade that is still open
    falls.evidence.days[10].pnl = -250;
    QCOMPARE(state(falls, Gate::Drawdown, {{"ready.max_drawdown", 0.2}}), GateState::Failed);
    input.evidence.trades = {first};
    for (const auto of : {Gate::Drawdown, Gate::NotTooGood}) {
        const auto one = gate(checklistOf(input, policies()), of);
        QCOMPARE(one.state, GateState::Passed);
        QCOMPARE(one.note, std::string());
    }
}

void GatesTest::theWinRatesLowerEndHasToBeOverSixtyPercentAndBreakEven()
{
    const auto input = good(); // 75% of 480: the lower end is some 71%, break-even 4/7
    const auto lower = gate(checklistOf(input, policies()), Gate::WinRate).figure.interval->lower;
    QCOMPARE(state(input, Gate::WinRate, {{"librarian.min_win_rate", lower - 1e-9}}), GateState::Passed);
    QCOMPARE(state(input, Gate::WinRate, {{"librarian.min_win_rate", lower}}), GateState::Failed);
    auto costly = input;
    for (auto& trade : costly.evidence.trades) {
        trade.net = trade.net < 0 ? -8 : 3; // break-even at 73%
    }
    QCOMPARE(state(costly, Gate::WinRate), GateState::Failed);
    QVERIFY(gate(checklistOf(costly, policies()), Gate::WinRate).figure.limit > 0.72);
}

void GatesTest::theSharpeGateIsThePolicysAndNeedsThirtyDays()
{
    auto input = good();
    const auto list = checklistOf(input, policies());
    const double sharpe = *gate(list, Gate::Sharpe).figure.value;
    QCOMPARE(state(input, Gate::Sharpe, {{"librarian.min_sharpe", sharpe}}), GateState::Passed);
    QCOMPARE(state(input, Gate::Sharpe, {{"librarian.min_sharpe", sharpe + 1e-9}}), GateState::Failed);
    input.evidence.days.resize(29);
    QCOMPARE(state(input, Gate::Sharpe), GateState::Waiting);
    const auto waits = gate(checklistOf(input, policies()), Gate::Sharpe);
    QVERIFY(waits.note.ends_with(" provisional") && !waits.figure.value && !waits.figure.interval); // passes no gate
    QCOMPARE(state(input, Gate::Days), GateState::Waiting);
    QCOMPARE(gate(checklistOf(input, policies()), Gate::Days).daysLeft, std::optional(1.0));
    input.evidence.days.resize(30);
    QCOMPARE(state(input, Gate::Days), GateState::Passed);
}

void GatesTest::expectancyHasToBeatTheNoiseNull()
{
    auto input = good();
    const double mean = *gate(checklistOf(input, policies()), Gate::Expectancy).figure.value;
    input.nullExpectancy = mean - 1e-9;
    QCOMPARE(state(input, Gate::Expectancy), GateState::Passed);
    input.nullExpectancy = mean;
    QCOMPARE(state(input, Gate::Expectancy), GateState::Failed);
    input.nullExpectancy = -5; // noise that loses is no excuse to lose less
    QCOMPARE(state(input, Gate::Expectancy), GateState::Passed);
    input.nullExpectancy.reset();
    QCOMPARE(state(input, Gate::Expectancy), GateState::Waiting);
    for (auto& trade : input.evidence.trades) {
        trade.net = -1;
    }
    QCOMPARE(state(input, Gate::Expectancy), GateState::Failed);
}

void GatesTest::theDeflatedSharpeFallsWithWhatWasTried()
{
    auto input = good();
    const auto figure = [&] { return *gate(checklistOf(input, policies()), Gate::Dsr).figure.value; };
    const double psr = *gate(checklistOf(input, policies()), Gate::Psr).figure.value;
    QCOMPARE(figure(), psr); // one try: nothing to deflate
    // Daily returns of tries without skill, some of them clones of each other.
    const auto tried = [&](std::size_t different, std::uint32_t tries) {
        std::vector<qd::trading::TryReturns> known;
        for (std::size_t i = 0; i < 20; ++i) {
            known.push_back({firstDay, dailyReturns(noisy("try", 60, 3, 0, 4, 100 + i % different))});
        }
        return Trials{static_cast<double>(tries), qd::trading::deflationOf(known, tries, 30)};
    };
    input.trials = tried(20, 20);
    const double twenty = figure();
    const auto sample = qd::statistics::sharpeSample(dailyReturns(input.evidence)).value();
    QCOMPARE(
        twenty,
        qd::statistics::deflatedSharpe(sample, *input.trials.deflation.spread, input.trials.deflation.tries).value());
    QVERIFY(twenty < psr);
    QVERIFY(input.trials.deflation.tries > 15);
    input.trials.deflation.tries = tried(1, 20).deflation.tries; // twenty clones are one try
    QVERIFY(std::abs(input.trials.deflation.tries - 1) < 1e-9);
    QVERIFY(figure() > twenty);
    input.trials = {500, {.tries = 500, .spread = 0.3}};
    QCOMPARE(state(input, Gate::Dsr), GateState::Failed);
}

void GatesTest::deflationIsNeverByNothing()
{
    auto input = good();
    input.trials = {20, qd::trading::deflationOf({}, 20, 30)}; // nothing is known of any of them
    QCOMPARE(state(input, Gate::Dsr), GateState::Waiting);
    input.trials.deflation.spread = 0.01;
    QCOMPARE(state(input, Gate::Dsr), GateState::Passed);
}

void GatesTest::unseenDaysLengthenTheRecord()
{
    auto input = good();
    const auto alone = gate(checklistOf(input, policies()), Gate::Dsr).figure;
    const auto counted = [&] {
        const auto dsr = gate(checklistOf(input, policies()), Gate::Dsr);
        return std::ranges::find(dsr.beside, "archive days among them", &Figure::name)->value.value();
    };
    const auto note = [&] { return gate(checklistOf(input, policies()), Gate::Dsr).note; };
    QCOMPARE(counted(), 0.0);
    QCOMPARE(note(), std::string("the archive's unseen days are replayed in the coming night"));
    input.row.stage = Stage::Paper;
    QVERIFY(note().ends_with("in the first night of candidacy"));
    const auto rule = std::exchange(input.row.strategy, "ml_gbt_5m"); // its archive days are never replayed
    QCOMPARE(note(), std::string("running days alone: its model learned from the archive"));
    input.row.strategy = rule;
    input.row.stage = Stage::Candidate;
    input.unseenReturns.emplace(); // there are none
    QCOMPARE(note(), std::string());
    QCOMPARE(counted(), 0.0);
    QCOMPARE(gate(checklistOf(input, policies()), Gate::Dsr).figure.n, alone.n);
    input.unseenReturns = dailyReturns(input.evidence);
    QCOMPARE(counted(), static_cast<double>(input.unseenReturns->size()));
    const auto both = gate(checklistOf(input, policies()), Gate::Dsr).figure;
    QCOMPARE(both.n, 2 * alone.n);
    QVERIFY(*both.value > *alone.value);
    QCOMPARE(gate(checklistOf(input, policies()), Gate::Psr).figure.n, alone.n); // the running record alone
}

void GatesTest::drawdownAtItsLimitPasses()
{
    auto input = good();
    for (auto& day : input.evidence.days) {
        day.pnl = 0;
    }
    input.evidence.days[10].pnl = -250; // of 1,000: a quarter, exactly
    QCOMPARE(state(input, Gate::Drawdown, {{"ready.max_drawdown", 0.25}}), GateState::Passed);
    input.evidence.days[11].pnl = -0.01;
    QCOMPARE(state(input, Gate::Drawdown, {{"ready.max_drawdown", 0.25}}), GateState::Failed);
}

void GatesTest::tooGoodToBeTrueWantsThreeSignatures()
{
    auto input = good(); // its Sharpe is over six
    input.signOffs = {true, false, true};
    const auto result = gate(checklistOf(input, policies()), Gate::NotTooGood);
    QCOMPARE(result.state, GateState::Failed);
    QVERIFY(result.note.starts_with("too good to be true: sharpe"));
    QCOMPARE(state(input, Gate::NotTooGood, {{"toogood.sharpe", 100}}), GateState::Passed);
    input.signOffs.noiseNull = true;
    QVERIFY(gate(checklistOf(input, policies()), Gate::NotTooGood).note.ends_with("signed off"));
}

void GatesTest::theOldErrorConvergenceIsAGate()
{
    auto input = good();
    for (auto& trade : input.evidence.trades) {
        if (trade.closed > at(53)) {
            trade.net = -trade.net;
        }
    }
    const auto result = gate(checklistOf(input, policies()), Gate::Convergence);
    QCOMPARE(result.state, GateState::Failed);
    QCOMPARE(*result.figure.value, 2.0);
    QVERIFY(!checklistOf(input, policies()).isPassed());
    for (auto& trade : input.evidence.trades) {
        trade.net = std::abs(trade.net);
        trade.regime.reset();
    }
    QCOMPARE(gate(checklistOf(input, policies()), Gate::Convergence).note, std::string("waiting for reference"));
}

void GatesTest::sensitivityWantsSevenNightsEightyPercentAndHalfTheExpectancy()
{
    const auto rule = policies().sensitivity;
    const auto judged = [&](const std::vector<SensitivityNight>& all) { return judgeSensitivity(all, rule).state; };
    QCOMPARE(judged({}), SensitivityState::Waiting);
    QCOMPARE(judged(nights(6, 32)), SensitivityState::Waiting);
    QCOMPARE(judged(nights(7, 32)), SensitivityState::Passed);
    auto pooled = nights(7, 26); // 182 of 224 are 81.25%
    QCOMPARE(judged(pooled), SensitivityState::Passed);
    pooled[0].runs = nights(1, 23)[0].runs; // 179 of 224 are 79.9%
    QCOMPARE(judged(pooled), SensitivityState::Failed);
    pooled[0].runs = nights(1, 24)[0].runs; // 180 are 80.4%
    QCOMPARE(judged(pooled), SensitivityState::Passed);
    QCOMPARE(judged(nights(7, 32, 0.5)), SensitivityState::Passed);
    QCOMPARE(judged(nights(7, 32, 0.499)), SensitivityState::Failed);
    QCOMPARE(judged(nights(7, 32, -1, -4)), SensitivityState::Failed); // a loser is not robust
    auto old = nights(8, 32);
    old[0].runs = nights(1, 0)[0].runs; // the eighth night back does not count
    QCOMPARE(judged(old), SensitivityState::Passed);
    auto few = nights(7, 32);
    few.back().unchanged.trades = 29;
    QCOMPARE(judged(few), SensitivityState::Waiting);
    auto kinds = nights(7, 32);
    for (auto& night : kinds) {
        for (std::size_t i = 0; i < 7; ++i) {
            night.runs[i] = {0, std::unexpected(Undefined::NoTrades), std::unexpected(Undefined::NoTrades)};
        }
    }
    QCOMPARE(judged(kinds), SensitivityState::Failed); // what no longer trades does not earn
    QCOMPARE(perturbedRun(std::vector{1.0, 2.0}).profitFactor.error(), Undefined::NoLosses);
    for (auto& night : kinds) {
        for (std::size_t i = 0; i < 7; ++i) {
            night.runs[i] = perturbedRun(std::vector(40, 1.0));
        }
    }
    QCOMPARE(judged(kinds), SensitivityState::Passed); // nothing lost: no profit factor, but it earns
}

void GatesTest::changesFillTheHypercubeWithinTheSpread()
{
    const auto* info = qd::trading::findStrategy("breakout");
    const qd::trading::ParameterSet now(info->name, info->parameters);
    const auto rule = policies().sensitivity;
    const auto changes = perturbations(*info, now, rule, 7);
    QCOMPARE(changes.size(), std::size_t{32});
    QCOMPARE(std::ranges::count(changes, 2.0, &Perturbation::costFactor), 8);
    std::set<int> strata; // of a parameter that is not whole: each once
    for (const auto& change : changes) {
        const double share = change.parameters["stop_atr"] / now["stop_atr"] - 1;
        QVERIFY(std::abs(share) <= 0.2);
        strata.insert(static_cast<int>(std::floor((share + 0.2) / 0.4 * 32)));
    }
    QCOMPARE(strata.size(), std::size_t{32});
    const auto again = perturbations(*info, now, rule, 7);
    const auto other = perturbations(*info, now, rule, 8);
    bool differs = false;
    for (std::size_t i = 0; i < changes.size(); ++i) {
        QCOMPARE(again[i].parameters.hash(), changes[i].parameters.hash());
        differs = differs || other[i].parameters.hash() != changes[i].parameters.hash();
    }
    QVERIFY(differs);
}

void GatesTest::wholeParametersAlwaysMoveAndStayLegal()
{
    const auto rule = policies().sensitivity;
    for (const auto& info : qd::trading::strategyCatalogue()) {
        const qd::trading::ParameterSet now(info.name, info.parameters);
        for (const auto& change : perturbations(info, now, rule, 3)) {
            for (const auto& parameter : info.parameters) {
                const double value = change.parameters[parameter.name];
                QVERIFY(value >= parameter.least && value <= parameter.most);
                if (parameter.unit == "candles") {
                    QCOMPARE(value, std::round(value));
                    QVERIFY(value != now[parameter.name]);
                }
            }
        }
    }
}

void GatesTest::sensitivityReplaysSinceCandidacyStretched()
{
    const auto rule = policies().sensitivity;
    const auto fast = steady("x", 60, std::vector(10, 1.0)).trades;
    QCOMPARE(sensitivityFrom(fast, at(40), at(60), rule), at(40)); // since candidacy
    QCOMPARE(sensitivityFrom(fast, at(58), at(60), rule), at(53)); // at least seven days
    const auto slow = steady("x", 60, {1.0}).trades;
    QCOMPARE(sensitivityFrom(slow, at(58), at(60), rule), at(30.5) - hour); // thirty trades
    QCOMPARE(sensitivityFrom({}, at(58), at(60), rule), at(53));
}

void GatesTest::againstZeroTheIntervalDecides()
{
    auto input = good();
    const auto passed = gate(checklistOf(input, policies()), Gate::Incumbent);
    QVERIFY(*passed.figure.value > 0 && passed.figure.n == 60);
    for (auto& day : input.evidence.days) {
        day.pnl -= 9;
    }
    const auto waits = gate(checklistOf(input, policies()), Gate::Incumbent);
    QCOMPARE(waits.state, GateState::Waiting);
    for (auto& day : input.evidence.days) {
        day.pnl -= 60;
    }
    QCOMPARE(state(input, Gate::Incumbent), GateState::Failed);
    auto few = good();
    few.evidence.trades.erase(few.evidence.trades.begin(), few.evidence.trades.end() - 99);
    QCOMPARE(state(few, Gate::Incumbent), GateState::Waiting);
    few = good();
    few.evidence.trades.erase(few.evidence.trades.begin(), few.evidence.trades.end() - 100);
    QCOMPARE(state(few, Gate::Incumbent), GateState::Passed);
    for (auto& trade : few.evidence.trades) {
        trade.net = std::abs(trade.net);
    }
    QCOMPARE(state(few, Gate::Incumbent), GateState::Waiting); // ten losses are wanted, the approximation needs them
    auto rule = policies();
    rule.experiment.minBlocks = 61; // of an experiment's days none is spared here
    QCOMPARE(gate(checklistOf(good(), rule), Gate::Incumbent).state, GateState::Waiting);
    QCOMPARE(gate(checklistOf(good(), rule), Gate::Incumbent).daysLeft, std::optional(1.0));
    rule.experiment.minBlocks = 60;
    QCOMPARE(gate(checklistOf(good(), rule), Gate::Incumbent).state, GateState::Passed);
}

void GatesTest::anExperimentDecidesInPlaceOfZero()
{
    auto input = good();
    input.incumbent =
        IncumbentResult{.state = GateState::Failed, .figure = {.name = "B less A"}, .daysLeft = {}, .note = "Keep A."};
    QCOMPARE(state(input, Gate::Incumbent), GateState::Failed);
    input.incumbent->state = GateState::Passed;
    QVERIFY(checklistOf(input, policies()).isPassed());
}

void GatesTest::aboutWhenFollowsThePresentRate()
{
    auto input = good();
    input.evidence = steady("x", 5, {3, 3, -4, 3});
    const auto list = checklistOf(input, policies());
    QCOMPARE(gate(list, Gate::Trades).daysLeft, std::optional(2.5)); // 10 trades of 30 are missing, 4 a day
    QCOMPARE(gate(list, Gate::Days).daysLeft, std::optional(25.0));
    QCOMPARE(gate(list, Gate::Convergence).daysLeft, std::optional(17.5)); // three windows of 7.5 days
    QCOMPARE(gate(list, Gate::Incumbent).daysLeft, std::optional(20.0));
    // The days are over and the figure is missed: of that no day is known, so none is said.
    auto strict = policies();
    strict.ready.sharpe = 1e6;
    const auto missed = checklistOf(good(), strict);
    QCOMPARE(gate(missed, Gate::Sharpe).state, GateState::Failed);
    QCOMPARE(gate(missed, Gate::Sharpe).daysLeft, std::nullopt);
    QCOMPARE(gate(checklistOf(good(), policies()), Gate::Sharpe).daysLeft, std::optional(0.0)); // passed: it is there
    for (const auto& each : missed.gates) {
        QVERIFY(each.state == GateState::Passed || !each.daysLeft || *each.daysLeft > 0);
    }
    QCOMPARE(whenWinRateIsOver(0.6, 0.6, 0.95), std::nullopt);
    const double n = whenWinRateIsOver(0.6, 0.7, 0.95).value();
    const auto lower = [](double trades) {
        return qd::statistics::wilson(static_cast<std::uint64_t>(std::floor(0.7 * trades)),
                                      static_cast<std::uint64_t>(trades))
            .lower;
    };
    QVERIFY(lower(n) > 0.6 && n > 60 && n < 120);
    const qd::statistics::SequenceOptions options{.alpha = 0.05, .tightestAt = 30, .null = 0};
    const double days = whenIntervalLeavesZeroOut(0.4, 1, options).value();
    const auto known = qd::statistics::confidenceSequence(days, 0.4, 1.0, options);
    QVERIFY(known.interval->lower > 0);
    QVERIFY(qd::statistics::confidenceSequence(days - 1, 0.4, 1.0, options).interval->lower <= 0);
    QCOMPARE(whenIntervalLeavesZeroOut(0, 1, options), std::nullopt);
    QVERIFY(whenIntervalIsWithin(0.1, 0, 1, options) > whenIntervalIsWithin(0.2, 0, 1, options));
    QCOMPARE(whenIntervalIsWithin(0.1, 0.1, 1, options), std::nullopt);
}

void GatesTest::deadlocksAreToldOnTheFirstDay()
{
    QVERIFY(deadlocksAt(3, policies()).empty()); // 90 trades in 30 days, at the edge
    const auto slow = deadlocksAt(2.99, policies());
    QCOMPARE(slow.size(), std::size_t{1});
    QCOMPARE(slow[0].gate, Gate::Convergence);
    QCOMPARE(deadlocksAt(0.9, policies()).size(), std::size_t{3});
    QCOMPARE(deadlocksAt(0, policies()).size(), std::size_t{3});
    QVERIFY(deadlocksAt(2.99, policies({{"archive.after_days", 31}})).empty());
    // The strategy of one day.
    auto input = good();
    input.evidence = steady("x", 1, {3, -4});
    const auto result = gate(checklistOf(input, policies()), Gate::Convergence);
    QVERIFY(result.isDeadlock);
    QCOMPARE(result.note,
             std::string("in about 45 days at the present rate; what has not converged is archived after 30 days"));
    input.evidence = steady("x", 1, {});
    QCOMPARE(gate(checklistOf(input, policies()), Gate::Trades).note,
             std::string("never at the present rate; the window of a candidate ends after 30 days"));
    // What trades by a model alone, and has none.
    input.row.strategy = "ml_gbt_5m";
    QVERIFY(!gate(checklistOf(input, policies()), Gate::Trades).note.contains("model"));
    input.evidence.days.back().use = DayUse::NoModel;
    QVERIFY(gate(checklistOf(input, policies()), Gate::Trades)
                .note.ends_with("30 days; without a model it makes no trade: train gbt_5m on Models"));
    QVERIFY(!gate(checklistOf(input, policies()), Gate::Incumbent).note.contains("without a model"));
}

namespace {

Evaluation evaluationOf(double psr, double drawdown)
{
    Evaluation out{.days = 30};
    out.psr = psr;
    out.drawdown = drawdown;
    return out;
}
Convergence windowsOf(std::initializer_list<double> expectancies)
{
    Convergence out;
    for (const double expectancy : expectancies) {
        out.windows.push_back({.trades = 30, .expectancy = expectancy});
    }
    return out;
}

} // namespace

void GatesTest::theOldErrorLabelAtFifteen()
{
    // Edge 30 of weight 3, drawdown 0 of 2, convergence 0 of 1: fifteen, which the old dashboard called healthy.
    const auto rule = policies({{"ready.max_drawdown", 1}});
    const auto bad = strategyHealth(evaluationOf(0.30, 0.30), windowsOf({-1, -1, -1}), false, rule);
    QCOMPARE(*bad.whole.score, 15.0);
    QCOMPARE(bad.whole.label, qd::health::Label::Critical);
    QVERIFY(bad.cap.empty());
    const auto good = strategyHealth(evaluationOf(0.95, 0.0), windowsOf({1, 1, 1}), false, rule);
    QCOMPARE(*good.whole.score, 100.0);
    QCOMPARE(good.whole.label, qd::health::Label::Excellent);
    QCOMPARE(*strategyHealth(evaluationOf(0.5, 0.10), windowsOf({1, 1, -1}), false, rule).parts[1].score, 70.0);
}

void GatesTest::aStrategyWithoutEvidenceIsUnknownNeverGreen()
{
    const auto none = strategyHealth(Evaluation{}, Convergence{}, false, policies());
    QVERIFY(!none.whole.score && none.whole.label == qd::health::Label::Unknown);
    auto young = evaluationOf(0.9, 0.0);
    young.psr = std::unexpected(Undefined::TooFew);
    QCOMPARE(strategyHealth(young, windowsOf({1}), false, policies()).whole.label, qd::health::Label::Unknown);
    QCOMPARE(pipelineHealth({}, "").whole.label, qd::health::Label::Unknown);
    QCOMPARE(pipelineHealth(std::vector{none, none}, "").whole.label, qd::health::Label::Unknown);
}

void GatesTest::aHardFailureHoldsStrategyAndPipelineDown()
{
    const auto at10 = strategyHealth(evaluationOf(0.95, 0.10), windowsOf({1, 1, 1}), false, policies());
    QVERIFY(at10.cap.empty() && *at10.whole.score > 85); // at the limit
    const auto deep = strategyHealth(evaluationOf(0.95, 0.1001), windowsOf({1, 1, 1}), false, policies());
    QCOMPARE(*deep.whole.score, 24.0);
    QCOMPARE(deep.cap, std::string("its drawdown is over the limit"));
    const auto stale = strategyHealth(evaluationOf(0.95, 0.0), windowsOf({1, 1, 1}), true, policies());
    QCOMPARE(stale.whole.label, qd::health::Label::Critical);
    const std::vector both{at10, deep};
    QCOMPARE(*pipelineHealth(both, "").whole.score, (*at10.whole.score + 24) / 2);
    QCOMPARE(*pipelineHealth(both, "the feed is dead").whole.score, 24.0);
}

void GatesTest::aRedGateWantsAReasonAndMarksForEver()
{
    auto input = good();
    QVERIFY(!promoted(input.row, checklistOf(input, policies()), "", at(61)).value().passedRed);
    input.sensitivity.clear();
    const auto list = checklistOf(input, policies());
    const auto refused = promoted(input.row, list, " \n", at(61));
    QCOMPARE(refused.error().code, ErrorCode::Conflict);
    QCOMPARE(refused.error().detail, std::string("red gates want a reason: sensitivity"));
    const auto row = promoted(input.row, list, "I have seen its replay", at(61)).value();
    QVERIFY(row.passedRed && row.stage == Stage::Ready);
    const auto back = staged(staged(row, Stage::Paper, at(62)).value(), Stage::Candidate, at(63)).value();
    QVERIFY(promoted(back, checklistOf(good(), policies()), "", at(64)).value().passedRed);
}

void GatesTest::onlyACandidateIsPromoted()
{
    const auto list = checklistOf(good(), policies());
    for (const auto stage : {Stage::Paper, Stage::Ready, Stage::Archived}) {
        QCOMPARE(promoted(rowOf("x", stage), list, "because", at(61)).error().code, ErrorCode::Conflict);
    }
}

void GatesTest::theManifestIsTheSameBytesAndEscaped()
{
    auto manifest = manifestOf(good());
    const auto text = manifestText(manifest).value();
    QCOMPARE(manifestText(manifest).value(), text);
    const std::string begins = "{'build':'0.1.0','costs':{'fees.taker':0.0006},'feed':'DEMO',"
                               "'format':'quarterdeck-manifest-1','gates':[{'figure':{";
    const std::string holds = "'parameters':{'fast':9,'stop_atr':1.5},'passed_red':false";
    const std::string ends = "'strategy':'x','timeframes':['1m']}\n";
    QVERIFY(text.starts_with(doubled(begins)) && text.contains(doubled(holds)) && text.ends_with(doubled(ends)));
    QVERIFY(text.contains(doubled("'real_money':false")));
    manifest.redReason = "a \"quote\", a \\ and a\nline";
    const std::string escaped = "a \\\"quote\\\", a \\\\ and a\\u000aline";
    QVERIFY(manifestText(manifest).value().contains(escaped));
    manifest.parameters["fast"] = std::nan("");
    QCOMPARE(manifestText(manifest).error().code, ErrorCode::Malformed);
    QVERIFY(policyHash({}) == policyHash({{"prune.min_trades", 30}}));
    QVERIFY(policyHash({}) != policyHash({{"prune.min_trades", 31}}));
}

void GatesTest::onlyTheReadyHaveAManifest()
{
    auto manifest = manifestOf(good());
    manifest.row.stage = Stage::Candidate;
    QCOMPARE(manifestText(manifest).error().code, ErrorCode::Conflict);
}

void GatesTest::aSignatureHoldsForItsBytesAndKeyOnly()
{
    using namespace qd::base;
    const auto key = SigningKey::generate().value();
    const auto other = SigningKey::generate().value();
    const auto text = manifestText(manifestOf(good())).value();
    const auto signature = key.sign(text).value();
    const auto pem = key.publicPem().value();
    QCOMPARE(signature.size(), std::size_t{64});
    QVERIFY(verifySignature(text, signature, pem).has_value());
    auto tampered = text;
    tampered.replace(tampered.find("0.0006"), 6, "0.0001");
    QCOMPARE(verifySignature(tampered, signature, pem).error().code, ErrorCode::Damaged);
    QCOMPARE(verifySignature(text, signature, other.publicPem().value()).error().code, ErrorCode::Damaged);
    QCOMPARE(verifySignature(text, signature.substr(0, 63), pem).error().code, ErrorCode::Damaged);
    QCOMPARE(verifySignature(text, "", pem).error().code, ErrorCode::Damaged);
    QCOMPARE(verifySignature(text, signature, "nonsense").error().code, ErrorCode::Malformed);
    const auto again = SigningKey::fromPem(key.privatePem().value()).value();
    QCOMPARE(again.sign(text).value(), signature); // Ed25519 has no chance in it
    QCOMPARE(SigningKey::fromPem(pem).error().code, ErrorCode::Malformed);
    QCOMPARE(SigningKey::fromPem("").error().code, ErrorCode::Malformed);
}

QTEST_APPLESS_MAIN(GatesTest)
#include "gates_test.moc"
