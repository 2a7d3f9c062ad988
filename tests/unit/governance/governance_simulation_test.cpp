// Whole pipelines without an edge, and with one, through the rules: the short version of tests/bench/simulate_gates,
// which prints the figures of the full one. All seeds are fixed, so nothing here depends on chance.
#include "governance_fixtures.h"

#include "governance/simulated_trades.h"
#include "governance/simulation.h"
#include "statistics/equity.h"
#include "statistics/summary.h"

#include <QTest>

#include <cmath>

using namespace governance_fixtures;

class GovernanceSimulationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void simulatedRulesAreWhatTheySay();
    void theSameSeedGivesTheSameRoster();
    void theOldGatesLetNoiseThroughAndOursDoNot();
    void aPlantedEdgeIsFoundWithinNinetyNights();
    void anEdgelessStrategyHardlyFlips();
    void anAaExperimentSeldomAlarmsHoweverOftenOneLooks();
    void aTrulyBetterArmIsFound();
};

void GovernanceSimulationTest::simulatedRulesAreWhatTheySay()
{
    Dice dice(3);
    for (const auto& rule : {edgelessRule(0.4, 6), edgelessRule(0.7, 10), ruleWithEdge(8, 0.68, 8)}) {
        std::vector<double> days;
        std::vector<double> trades;
        for (int day = 0; day < 20'000; ++day) {
            const double rate = std::clamp(rule.winRate + rule.dayDeviation * dice.normal(), 0.0, 1.0);
            double sum = 0;
            for (auto left = dice.poisson(rule.tradesPerDay); left > 0; --left) {
                trades.push_back(rule.draw(dice, rate));
                sum += trades.back();
            }
            days.push_back(sum);
        }
        const double mean = *qd::statistics::mean(trades);
        const double error = *qd::statistics::standardDeviation(trades) / std::sqrt(static_cast<double>(trades.size()));
        QVERIFY(std::abs(mean - rule.expectancy()) < 5 * error);
        QVERIFY(std::abs(*qd::statistics::sharpeRatio(days) - rule.dailySharpe()) < 0.03);
    }
    QVERIFY(std::abs(edgelessRule(0.37, 5).expectancy()) < 1e-12);
    QVERIFY(std::abs(ruleWithEdge(8, 0.68, 8).dailySharpe() * std::sqrt(365.0) - 8) < 1e-6);
}

void GovernanceSimulationTest::theSameSeedGivesTheSameRoster()
{
    const RosterSimulation options{.runs = 2, .nights = 60, .seed = 5, .plantedSharpe = 8};
    const auto a = simulateRoster(options, policies());
    const auto b = simulateRoster(options, policies());
    QVERIFY(a.meanFlips == b.meanFlips && a.archived.with == b.archived.with && a.candidate.with == b.candidate.with);
}

void GovernanceSimulationTest::theOldGatesLetNoiseThroughAndOursDoNot()
{
    RosterSimulation options{.runs = 15, .seed = 1, .gates = GateSet::Old};
    const auto old = simulateRoster(options, policies());
    QCOMPARE(old.ready.with, std::uint64_t{15}); // noise becomes ready in every run
    options.gates = GateSet::Ours;
    const auto ours = simulateRoster(options, policies());
    QVERIFY2(ours.ready.with == 0, std::to_string(ours.ready.with).c_str()); // ≤ 5%
    QVERIFY(ours.archived.share() > 0.5);                                    // nothing stays for ever
}

void GovernanceSimulationTest::aPlantedEdgeIsFoundWithinNinetyNights()
{
    const auto report = simulateRoster({.strategies = 0, .runs = 40, .seed = 2, .plantedSharpe = 8}, policies());
    QVERIFY2(report.plantedReady.share() >= 0.5, std::to_string(report.plantedReady.with).c_str());
    QVERIFY(*report.plantedMedianNight >= 37); // thirty days, then seven nights of sensitivity
}

void GovernanceSimulationTest::anEdgelessStrategyHardlyFlips()
{
    const auto report = simulateRoster({.runs = 8, .seed = 3}, policies());
    QVERIFY2(report.mostFlips <= 4, std::to_string(report.mostFlips).c_str());
}

void GovernanceSimulationTest::anAaExperimentSeldomAlarmsHoweverOftenOneLooks()
{
    for (const auto design : {Design::Split, Design::Paired}) {
        const auto report =
            simulateExperiment({.design = design, .runs = 40, .days = 30, .seed = 1}, policies().experiment);
        QVERIFY2(report.alarms().share() <= 0.05, std::to_string(report.alarms().with).c_str());
        QCOMPARE(report.invalid, std::uint64_t{0});
    }
}

void GovernanceSimulationTest::aTrulyBetterArmIsFound()
{
    for (const auto design : {Design::Split, Design::Paired}) {
        const auto report =
            simulateExperiment({.design = design, .runs = 10, .edge = 0.5, .seed = 2}, policies().experiment);
        QVERIFY(report.bBetter >= 9 && report.aBetter == 0);
        QVERIFY(*report.medianDayOfB >= 14 && *report.medianDayOfB < 50);
    }
}

QTEST_APPLESS_MAIN(GovernanceSimulationTest)
#include "governance_simulation_test.moc"
