// Experiments: plan, arms, blocks, gates, verdicts, about when; and the gate simulator.
#include "governance_fixtures.h"

#include "governance/experiment.h"
#include "governance/gate_simulator.h"

#include <QTest>

#include <algorithm>

using namespace governance_fixtures;
using qd::base::ErrorCode;
using qd::statistics::Verdict;

namespace {

ExperimentPlan planOf(Design design = Design::Paired, Comparison comparison = Comparison::Parameters)
{
    return {.id = 4,
            .subject = "x",
            .design = design,
            .comparison = comparison,
            .a = comparison == Comparison::OnOff ? "off" : "h1",
            .b = "h2",
            .begins = at(0),
            .blockDays = 1,
            .policy = policies().experiment};
}

// `aDay` trades a day of a normal result.
ArmEvidence arm(std::size_t days, std::size_t aDay, double mean, double deviation, std::uint64_t seed)
{
    ArmEvidence out{.trades = noisy("x", days, aDay, mean, deviation, seed).trades, .asked = {}};
    for (std::size_t day = 0; day < days; ++day) {
        out.asked[firstDay + static_cast<std::int64_t>(day)] = 100;
    }
    return out;
}

Assessment assessed(const ExperimentPlan& plan, const Observations& seen, double day, std::optional<Latch> past = {})
{
    return assess(plan, seen, past, at(day));
}

const PromotionGate& gate(const Assessment& assessment, std::string_view name)
{
    return *std::ranges::find(assessment.gates, name, &PromotionGate::name);
}

} // namespace

class ExperimentTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anExperimentBeginsAtMidnightWithBlocksOverTheTimeLimit();
    void collisionsAndNonsenseAreRefused();
    void theArmIsTheSameEverywhereAndEven();
    void blocksAreCompleteUtcDaysAndZeroWithoutTrades();
    void nothingIsSaidUnderThirtyTradesOrTenWinsAndLosses();
    void aBetterArmIsFoundPaired();
    void aBetterArmIsFoundSplit();
    void aWorseArmIsStoppedForHarm();
    void equalArmsWithinTheMarginAreEquivalent();
    void pairedWaitsForFourteenBlocks();
    void tradesHeldTogetherCountAsOne();
    void aVerdictIsLatched();
    void aWrongSplitRevokesEvenALatchedVerdict();
    void bThatSignalsMoreIsNoWrongSplit();
    void promotionWantsAllGatesAndTheIntervalOrAReason();
    void theSharpeOfBHasToReachThatOfA();
    void onAgainstOffCountsOnAlone();
    void withoutAVerdictAStays();
    void aboutHowMuchMore();
    void tradesBeforeTheBeginningDoNotCount();
    void aTightIntervalOfTheIncumbentGate();
    void aPromotedArmBringsTheTradesOfItsExperiment();
    void theGateSimulatorIsSeededAndOrdered();
    void noLookAfterTheLastDayIsSimulated();
    void theOldGateIsCloseToACoinFlip();
    void anArmOfASplitGetsHalfOfTheTrades();
    void onAgainstOffIsHeldAgainstNothingEarned();
    void theIntervalMakesAGateThatMeansSomething();
};

void ExperimentTest::anExperimentBeginsAtMidnightWithBlocksOverTheTimeLimit()
{
    const auto row = rowOf("x");
    auto plan = planned(planOf(), 30 * hour / 60, at(3.5), &row, {}).value();
    QCOMPARE(plan.begins, at(4));
    QCOMPARE(plan.blockDays, std::size_t{1});
    QCOMPARE(planned(planOf(), oneDay, at(3), &row, {}).value().begins, at(3));
    QCOMPARE(planned(planOf(), oneDay, at(3), &row, {}).value().blockDays, std::size_t{1});
    QCOMPARE(planned(planOf(), oneDay + Millis{1}, at(3), &row, {}).value().blockDays, std::size_t{2});
}

void ExperimentTest::collisionsAndNonsenseAreRefused()
{
    auto row = rowOf("x");
    const auto refused = [&](const ExperimentPlan& wish, std::vector<ExperimentPlan> running = {}) {
        const auto plan = planned(wish, hour, at(3), &row, running);
        return !plan && plan.error().code == ErrorCode::Conflict;
    };
    QVERIFY(!refused(planOf()));
    QVERIFY(refused(planOf(), {planOf()}));
    auto other = planOf();
    other.subject = "y";
    QVERIFY(!refused(planOf(), {other}));
    auto same = planOf();
    same.b = same.a;
    QVERIFY(refused(same));
    QVERIFY(refused(planOf(Design::Split, Comparison::OnOff)));
    row.stage = Stage::Archived;
    QVERIFY(refused(planOf()));
}

void ExperimentTest::theArmIsTheSameEverywhereAndEven()
{
    int b = 0;
    int together = 0;
    for (int bar = 0; bar < 4'000; ++bar) {
        const auto mine = armOf(4, {1}, at(bar / 1440.0));
        QCOMPARE(mine, armOf(4, {1}, at(bar / 1440.0)));
        b += mine == Arm::B ? 1 : 0;
        together += mine == armOf(4, {2}, at(bar / 1440.0)) ? 1 : 0;
    }
    QVERIFY(std::abs(b - 2'000) < 130); // four deviations
    QVERIFY(std::abs(together - 2'000) < 130);
    QCOMPARE(armOf(4, {1}, UtcMs{1'767'225'600'000}), Arm::A); // for ever: replay depends on it
}

void ExperimentTest::blocksAreCompleteUtcDaysAndZeroWithoutTrades()
{
    const std::vector trades{tradeAt(0.5, 1), tradeAt(0.9999, 2), tradeAt(1, 4), tradeAt(3.5, 8), tradeAt(4.2, 16)};
    QCOMPARE(blockSums(trades, planOf(), at(4.5)), (std::vector<double>{3, 4, 0, 8}));
    auto plan = planOf();
    plan.blockDays = 2;
    QCOMPARE(blockSums(trades, plan, at(5.9)), (std::vector<double>{7, 8}));
    plan.begins = at(10);
    QVERIFY(blockSums(trades, plan, at(5)).empty());
}

void ExperimentTest::nothingIsSaidUnderThirtyTradesOrTenWinsAndLosses()
{
    const auto at30 = [](std::size_t trades, std::size_t wins) {
        ArmEvidence out;
        for (std::size_t i = 0; i < trades; ++i) {
            out.trades.push_back(
                tradeAt(0.1 + static_cast<double>(i) * 0.9, i < wins ? 4.0 + static_cast<double>(i % 3) : -1.0));
        }
        return out;
    };
    const auto verdict = [&](std::size_t trades, std::size_t wins) {
        Observations seen{arm(40, 3, -5, 1, 3), at30(trades, wins)};
        for (std::size_t i = 0; i < 12; ++i) {
            seen.a.trades[i].net = 1; // A has its ten wins
        }
        return assessed(planOf(), seen, 40).tonight;
    };
    QCOMPARE(verdict(30, 20), Verdict::BBetter);
    QCOMPARE(verdict(29, 19), Verdict::Collecting);
    QCOMPARE(verdict(30, 21), Verdict::Collecting); // nine losses
    QCOMPARE(verdict(40, 9), Verdict::Collecting);
}

void ExperimentTest::aBetterArmIsFoundPaired()
{
    const Observations seen{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    const auto found = assessed(planOf(), seen, 40);
    QCOMPARE(found.verdict, Verdict::BBetter);
    QCOMPARE(found.advice, Advice::PromoteB);
    QVERIFY(found.gatesPass() && found.supportsB() && found.blocks == 40);
    QVERIFY(found.difference.interval->upper < 0); // A − B
    QVERIFY(mayPromoteB(found, "").has_value());
    QVERIFY(!found.srmP); // both arms take every decision: no split to test
}

void ExperimentTest::aBetterArmIsFoundSplit()
{
    const Observations seen{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    const auto found = assessed(planOf(Design::Split), seen, 40);
    QCOMPARE(found.verdict, Verdict::BBetter);
    QVERIFY(found.srmP && *found.srmP > 0.5);
    QCOMPARE(found.margin, 0.05 * qd::statistics::tradeStatistics(netsOf(seen.a.trades)).averageLoss.value());
}

void ExperimentTest::aWorseArmIsStoppedForHarm()
{
    const Observations seen{arm(20, 5, 2, 4, 1), arm(20, 5, -2, 4, 2)};
    const auto found = assessed(planOf(), seen, 20);
    QCOMPARE(found.verdict, Verdict::ABetter);
    QCOMPARE(found.advice, Advice::StopForHarm);
    QCOMPARE(mayPromoteB(found, "I like it").error().code, ErrorCode::Conflict); // its expectancy is red
}

void ExperimentTest::equalArmsWithinTheMarginAreEquivalent()
{
    auto plan = planOf();
    plan.policy.margin = 1; // a day of five trades: five average losses
    Observations seen{arm(40, 5, 0.1, 4, 1), {}};
    seen.b = seen.a;
    for (std::size_t i = 0; i < seen.b.trades.size(); ++i) {
        seen.b.trades[i].net += i % 2 == 0 ? 0.1 : -0.1;
    }
    const auto found = assessed(plan, seen, 40);
    QCOMPARE(found.verdict, Verdict::Equivalent);
    QCOMPARE(found.advice, Advice::KeepA);
    plan.policy.margin = 1e-6;
    QCOMPARE(assessed(plan, seen, 40).verdict, Verdict::Undecided);
}

void ExperimentTest::pairedWaitsForFourteenBlocks()
{
    const Observations seen{arm(40, 10, 0.1, 4, 1), arm(40, 10, 4, 4, 2)}; // 30 trades an arm on the third day
    QCOMPARE(assessed(planOf(), seen, 13.9).verdict, Verdict::Collecting);
    QCOMPARE(assessed(planOf(), seen, 14).verdict, Verdict::BBetter);
    QCOMPARE(assessed(planOf(Design::Split), seen, 13.9).verdict, Verdict::BBetter);
}

void ExperimentTest::tradesHeldTogetherCountAsOne()
{
    // Each result four times over, held at the same time: four times the trades, no more knowledge.
    const Observations alone{arm(40, 5, 0.1, 4, 1), arm(40, 5, 1.2, 4, 2)};
    Observations fourfold;
    for (std::size_t side = 0; side < 2; ++side) {
        const auto& from = side == 0 ? alone.a : alone.b;
        auto& to = side == 0 ? fourfold.a : fourfold.b;
        to.asked = from.asked;
        for (const auto& trade : from.trades) {
            to.trades.insert(to.trades.end(), 4, trade);
        }
    }
    const auto plan = planOf(Design::Split);
    const auto one = assessed(plan, alone, 40).difference;
    const auto four = assessed(plan, fourfold, 40).difference;
    QCOMPARE(*four.mean, *one.mean);
    QVERIFY(*four.halfWidth > 0.9 * *one.halfWidth); // half of it, if they counted as independent
    auto few = fourfold;
    few.a.trades.resize(4 * 29); // 116 trades in 29 clusters
    QCOMPARE(assessed(plan, few, 40).verdict, Verdict::Collecting);
}

void ExperimentTest::aVerdictIsLatched()
{
    const Observations seen{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    const auto first = assessed(planOf(), seen, 40);
    QCOMPARE(first.latch->at, at(40));
    auto later = seen;
    for (auto& trade : later.b.trades) {
        trade.net = -trade.net;
    }
    const auto second = assessed(planOf(), later, 45, first.latch);
    QCOMPARE(second.verdict, Verdict::BBetter);
    QVERIFY(second.tonight != Verdict::BBetter); // told beside it, not silently
    QCOMPARE(second.latch->at, at(40));
    QVERIFY(!second.gatesPass() && second.advice == Advice::Wait);
}

void ExperimentTest::aWrongSplitRevokesEvenALatchedVerdict()
{
    Observations seen{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    for (auto& [day, bars] : seen.b.asked) {
        bars = 70;
    }
    const auto found = assessed(planOf(Design::Split), seen, 40, Latch{Verdict::BBetter, at(39)});
    QCOMPARE(found.verdict, Verdict::InvalidSrm);
    QCOMPARE(found.advice, Advice::StopInvalid);
    QCOMPARE(found.latch->verdict, Verdict::InvalidSrm);
    QCOMPARE(mayPromoteB(found, "but it is better").error().code, ErrorCode::Conflict);
    QVERIFY(assessed(planOf(), seen, 40).verdict == Verdict::BBetter); // paired: nothing was split
}

void ExperimentTest::bThatSignalsMoreIsNoWrongSplit()
{
    const Observations seen{arm(40, 4, 0.1, 4, 1), arm(40, 9, 2.5, 4, 2)}; // asked alike, traded twice as often
    QCOMPARE(assessed(planOf(Design::Split), seen, 40).verdict, Verdict::BBetter);
}

void ExperimentTest::promotionWantsAllGatesAndTheIntervalOrAReason()
{
    const auto few = assessed(planOf(), {arm(33, 3, 0.1, 4, 1), arm(33, 3, 3.5, 4, 2)}, 33); // 99 trades an arm
    QCOMPARE(few.verdict, Verdict::BBetter);
    QCOMPARE(few.advice, Advice::Wait);
    QCOMPARE(mayPromoteB(few, "reason").error().detail, std::string("not passed: trades of A, trades of B"));
    const auto enough = assessed(planOf(), {arm(34, 3, 0.1, 4, 1), arm(34, 3, 3.5, 4, 2)}, 34);
    QCOMPARE(enough.advice, Advice::PromoteB);
    const auto unclear = assessed(planOf(), {arm(34, 3, 0.6, 4, 1), arm(34, 3, 1.0, 4, 6)}, 34);
    QVERIFY(unclear.gatesPass() && unclear.verdict == Verdict::Undecided);
    QCOMPARE(mayPromoteB(unclear, " ").error().code, ErrorCode::Conflict);
    QVERIFY(mayPromoteB(unclear, "its drawdown is half as deep").has_value());
}

void ExperimentTest::theSharpeOfBHasToReachThatOfA()
{
    Observations seen{arm(34, 3, 1, 4, 1), {}};
    seen.b = seen.a;
    QVERIFY(gate(assessed(planOf(), seen, 34), "Sharpe ratio of B").isPassed); // equal, at the edge
    seen.b.trades.back().net -= 0.01;
    QVERIFY(!gate(assessed(planOf(), seen, 34), "Sharpe ratio of B").isPassed);
    QCOMPARE(gate(assessed(planOf(), seen, 34), "Sharpe ratio of B").figure.of, std::string_view("days"));
    QCOMPARE(gate(assessed(planOf(), seen, 29), "Sharpe ratio of B").figure.of, std::string_view("trades"));
}

void ExperimentTest::onAgainstOffCountsOnAlone()
{
    const Observations good{{}, arm(40, 4, 2.5, 4, 2)};
    const auto found = assessed(planOf(Design::Paired, Comparison::OnOff), good, 40);
    QCOMPARE(found.verdict, Verdict::BBetter);
    QCOMPARE(found.advice, Advice::PromoteB);
    QCOMPARE(found.gates.size(), std::size_t{4}); // trades, wins, losses, expectancy: off has no Sharpe ratio
    const Observations bad{{}, arm(40, 4, -2.5, 4, 2)};
    QCOMPARE(assessed(planOf(Design::Paired, Comparison::OnOff), bad, 40).advice, Advice::StopForHarm);
}

void ExperimentTest::withoutAVerdictAStays()
{
    const Observations seen{arm(70, 2, 0.1, 4, 1), arm(70, 2, 0.1, 4, 2)};
    const auto before = assessed(planOf(), seen, 59.99);
    QVERIFY(!before.isOver && before.advice == Advice::Wait);
    const auto after = assessed(planOf(), seen, 60);
    QVERIFY(after.isOver && after.verdict == Verdict::Undecided);
    QCOMPARE(after.advice, Advice::KeepA);
}

void ExperimentTest::aboutHowMuchMore()
{
    const Observations seen{arm(60, 5, 0.1, 6, 1), arm(60, 5, 3.1, 6, 2)};
    const auto early = assessed(planOf(), seen, 12);
    QVERIFY(!early.latch && early.moreDays && *early.moreDays > 0);
    QCOMPARE(*early.moreTrades, std::ceil(*early.moreDays * 5));
    const auto found = assessed(planOf(), seen, 60);
    QVERIFY(found.latch && !found.moreDays);
    const auto same = assessed(planOf(), {seen.a, seen.a}, 12); // no difference, no variance: nothing to say
    QVERIFY(!same.moreDays && same.verdict == Verdict::Collecting);
}

void ExperimentTest::tradesBeforeTheBeginningDoNotCount()
{
    auto plan = planOf();
    plan.begins = at(20);
    const Observations seen{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    const auto found = assessed(plan, seen, 40);
    QCOMPARE(found.blocks, std::size_t{20});
    QCOMPARE(*gate(found, "trades of B").figure.value, 100.0);
    QCOMPARE(assessed(plan, seen, 19).verdict, Verdict::Collecting);
}

void ExperimentTest::aTightIntervalOfTheIncumbentGate()
{
    const Observations good{arm(40, 5, 0.1, 4, 1), arm(40, 5, 2.5, 4, 2)};
    auto found = assessed(planOf(), good, 40);
    auto result = incumbentResult(planOf(), found);
    QCOMPARE(result.state, GateState::Passed);
    QCOMPARE(*result.figure.value, -found.difference.interval->upper);
    const Observations bad{good.b, good.a};
    QCOMPARE(incumbentResult(planOf(), assessed(planOf(), bad, 40)).state, GateState::Failed);
    QCOMPARE(incumbentResult(planOf(), assessed(planOf(), {}, 1)).state, GateState::Waiting);
}

void ExperimentTest::aPromotedArmBringsTheTradesOfItsExperiment()
{
    auto plan = planOf();
    plan.begins = at(12);
    const Roster roster{rowOf("x", Stage::Candidate)};
    const auto changes = promotionChanges(plan, roster[0]);
    const auto after = changed(roster, changes, Actor::Operator, at(50)).value();
    QCOMPARE(after[0].parameterHash, std::string("h2"));
    QCOMPARE(after[0].recordSince, at(12));
    QCOMPARE(after[0].stage, Stage::Paper);
    const auto back = changed(after, inverse(changes), Actor::Operator, at(51)).value();
    QCOMPARE(back[0].parameterHash, std::string("h1"));
    QCOMPARE(back[0].stage, Stage::Candidate);
    auto off = rowOf("x");
    off.whole.isOn = false;
    const auto onOff = planOf(Design::Paired, Comparison::OnOff);
    QCOMPARE(promotionChanges(onOff, off), (std::vector<Change>{{ChangeKind::Switch, "x", "off", "on"}}));
    QVERIFY(promotionChanges(onOff, rowOf("x")).empty());
    QVERIFY(promotionChanges(planOf(Design::Paired, Comparison::Models), off).empty());
}

namespace {

// Trades of a fair strategy whose average is `edge` of their deviation.
GateQuestion question(double edge, bool wantsInterval)
{
    GateQuestion out{.gate = policies().experiment};
    std::mt19937_64 random(9);
    std::normal_distribution<double> normal(0, 1);
    for (int i = 0; i < 4'000; ++i) {
        out.trades.push_back(normal(random));
    }
    double sum = 0;
    for (const double trade : out.trades) {
        sum += trade;
    }
    for (double& trade : out.trades) {
        trade += edge - sum / 4'000;
    }
    out.wantsInterval = wantsInterval;
    out.design = Design::Split;
    out.tradesPerDay = 20;       // 10 an arm
    out.daysBeforeFirst = 10;    // 100 trades an arm
    out.gate.sharpeDays = 1'000; // a trade, as the old gate did
    return out;
}

} // namespace

void ExperimentTest::theGateSimulatorIsSeededAndOrdered()
{
    auto asked = question(0.05, false);
    asked.runs = 500;
    const auto rates = simulateGate(asked).value();
    QVERIFY(rates[0].rate() < rates[1].rate() && rates[1].rate() < rates[2].rate());
    for (std::size_t i = 0; i < 3; ++i) {
        QCOMPARE(simulateGate(asked).value()[i].passed, rates[i].passed);
        QVERIFY(rates[i].interval.lower < rates[i].rate() && rates[i].rate() < rates[i].interval.upper);
    }
    asked.looks = 15;
    QVERIFY(simulateGate(asked).value()[0].rate() > rates[0].rate()); // looking again helps the worse one
    asked.looks = 0;
    QCOMPARE(simulateGate(asked).error(), qd::statistics::Undefined::OutOfRange);
    asked.looks = 1;
    asked.trades.resize(29);
    QCOMPARE(simulateGate(asked).error(), qd::statistics::Undefined::TooFew);
}

void ExperimentTest::noLookAfterTheLastDayIsSimulated()
{
    auto asked = question(0.5, false);
    asked.runs = 100;
    asked.looks = 1;
    asked.gate.maxDays = asked.daysBeforeFirst - 1; // under: the first look comes too late
    QCOMPARE(simulateGate(asked).value()[2].passed, std::uint64_t{0});
    asked.gate.maxDays = asked.daysBeforeFirst; // at
    const auto once = simulateGate(asked).value();
    QVERIFY(once[2].passed > 50);
    asked.looks = 50; // of these one is in time, and what comes after is not even drawn: the figures are the same
    const auto often = simulateGate(asked).value();
    for (std::size_t i = 0; i < often.size(); ++i) {
        QCOMPARE(often[i].passed, once[i].passed);
    }
}

void ExperimentTest::theOldGateIsCloseToACoinFlip()
{
    auto once = question(0.06, false);
    const auto rates = simulateGate(once).value();
    QVERIFY(std::abs(rates[1].rate() - 0.455) < 0.04); // PRODUCT.md: 44–47%
    QVERIFY(std::abs(rates[0].rate() - 0.34) < 0.04);  // 34%
    QVERIFY(std::abs(rates[2].rate() - 0.61) < 0.05);  // only 61%
    once.looks = 15;
    QVERIFY(std::abs(simulateGate(once).value()[0].rate() - 0.55) < 0.06); // 55%
}

void ExperimentTest::theIntervalMakesAGateThatMeansSomething()
{
    auto asked = question(0.05, true);
    asked.looks = 50;
    asked.runs = 500;
    const auto rates = simulateGate(asked).value();
    QVERIFY(rates[0].rate() <= 0.05 && rates[1].rate() <= 0.05);
    for (double& trade : asked.trades) {
        trade += 0.35; // one that is twice as good as this is a different thing
    }
    const auto found = simulateGate(asked).value();
    QVERIFY(found[2].rate() > 0.8 && found[2].medianDays && *found[2].medianDays <= 60);
    QVERIFY(found[1].rate() <= 0.05);
}

void ExperimentTest::anArmOfASplitGetsHalfOfTheTrades()
{
    auto asked = question(0.06, false);
    asked.runs = 200;
    asked.tradesPerDay = 19.8; // 99 an arm at the look
    const auto rates = simulateGate(asked).value();
    for (const auto& rate : rates) {
        QCOMPARE(rate.passed, std::uint64_t{0});
    }
    asked.tradesPerDay = 20; // 100
    QVERIFY(simulateGate(asked).value()[2].rate() > 0.4);
    asked.design = Design::Paired; // each arm takes all of them
    asked.tradesPerDay = 9.9;
    QCOMPARE(simulateGate(asked).value()[2].passed, std::uint64_t{0});
    asked.tradesPerDay = 10;
    QVERIFY(simulateGate(asked).value()[2].rate() > 0.4);
}

void ExperimentTest::onAgainstOffIsHeldAgainstNothingEarned()
{
    auto asked = question(0.2, false);
    asked.runs = 400;
    asked.design = Design::Paired;
    asked.comparison = Comparison::OnOff;
    asked.tradesPerDay = 10;
    const auto rates = simulateGate(asked).value();
    QCOMPARE(rates[0].factor, -0.5);
    QCOMPARE(rates[1].factor, 0.0);
    // By counts and a positive average alone: what earns nothing passes every other time.
    QVERIFY(std::abs(rates[1].rate() - 0.5) < 0.08);
    QVERIFY(rates[0].rate() < 0.25 && rates[2].rate() > 0.9);
    asked.wantsInterval = true;
    asked.looks = 50;
    const auto strict = simulateGate(asked).value();
    QVERIFY(strict[1].rate() <= 0.05 && strict[2].rate() > strict[1].rate());
    asked.trades.assign(100, -1.0); // the strategy loses: on that earns nothing is held against off all the same
    asked.trades[0] = 40;
    QVERIFY(simulateGate(asked).value()[0].rate() <= 0.05);
    asked.design = Design::Split; // off trades nothing: there is nothing to split
    QCOMPARE(simulateGate(asked).error(), qd::statistics::Undefined::OutOfRange);
}

QTEST_APPLESS_MAIN(ExperimentTest)
#include "experiment_test.moc"
