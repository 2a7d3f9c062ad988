// The probability of backtest overfitting at the edges of STATISTICS.md §6 (golden_check has the values).
#include "statistics/overfitting.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace qd::statistics;

namespace {

using Numbers = std::vector<double>;
constexpr double hole = std::numeric_limits<double>::quiet_NaN();

bool near(const Measure& got, double want, double tolerance = 1e-12)
{
    return got && std::abs(*got - want) <= tolerance * std::max(1.0, std::abs(want));
}

Numbers noise(std::size_t n, std::uint64_t seed, double drift = 0.0)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(drift, 0.01);
    Numbers out;
    for (std::size_t i = 0; i < n; ++i) {
        out.push_back(normal(random));
    }
    return out;
}

} // namespace

class OverfittingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void overfittingRefusesWhatItCannotSplit();
    void noiseOverfitsAndSkillDoesNot();
    void aColumnWithoutVarianceDropsTheSubset();
    void tiesGoToTheLowestColumn();
};

void OverfittingTest::overfittingRefusesWhatItCannotSplit()
{
    const auto rows = noise(64, 2);
    QCOMPARE(backtestOverfitting(rows, 1).error(), Undefined::TooFew);
    QCOMPARE(backtestOverfitting(rows, 0).error(), Undefined::TooFew);
    QCOMPARE(backtestOverfitting(rows, 3).error(), Undefined::OutOfRange);
    QCOMPARE(backtestOverfitting(rows, 2, {.blocks = 5}).error(), Undefined::OutOfRange);
    QCOMPARE(backtestOverfitting(rows, 2, {.blocks = 22}).error(), Undefined::OutOfRange);
    QCOMPARE(backtestOverfitting(std::span(rows).first(6), 2, {.blocks = 4}).error(), Undefined::TooFew);
    auto damaged = rows;
    damaged[9] = hole;
    QCOMPARE(backtestOverfitting(damaged, 2).error(), Undefined::NotFinite);
    QCOMPARE(backtestOverfitting(rows, 2)->combinations, std::size_t{70}); // 8 blocks under 160 rows
    QCOMPARE(backtestOverfitting(noise(320, 2), 2)->combinations, std::size_t{12'870});
    QCOMPARE(backtestOverfitting(noise(318, 2), 2)->combinations, std::size_t{70});
    QCOMPARE(backtestOverfitting(noise(330, 2), 2)->rowsDropped, std::size_t{5});
}

void OverfittingTest::noiseOverfitsAndSkillDoesNot()
{
    constexpr std::size_t columns = 10;
    double total = 0.0;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        total += *backtestOverfitting(noise(160 * columns, seed), columns, {.blocks = 8})->probability;
    }
    QVERIFY2(total / 30.0 > 0.35 && total / 30.0 < 0.75, qPrintable(QString::number(total / 30.0)));
    auto skilled = noise(160 * columns, 1);
    for (std::size_t row = 0; row < 160; ++row) {
        skilled[row * columns + 4] += 0.02;
    }
    const auto skill = backtestOverfitting(skilled, columns, {.blocks = 8});
    QVERIFY(near(skill->probability, 0.0) && near(skill->lossProbability, 0.0));
    QVERIFY(std::ranges::all_of(skill->best, [](std::size_t best) { return best == 4; }));
    QVERIFY(near(skill->meanInSample, *skill->meanOutOfSample, 1e-9)); // by symmetry, as each half is once the other
}

void OverfittingTest::aColumnWithoutVarianceDropsTheSubset()
{
    auto rows = noise(40 * 2, 3);
    for (std::size_t row = 0; row < 20; ++row) { // the first half of the second column is flat
        rows[row * 2 + 1] = 0.1;
    }
    const auto out = backtestOverfitting(rows, 2, {.blocks = 4});
    QCOMPARE(out->combinations, std::size_t{6});
    QCOMPARE(out->dropped, std::size_t{2});
    QCOMPARE(out->logits.size(), std::size_t{4});
    const auto flat = backtestOverfitting(Numbers(80, 0.1), 2, {.blocks = 4});
    QCOMPARE(flat->dropped, std::size_t{6});
    QCOMPARE(flat->probability.error(), Undefined::NoVariance);
    QCOMPARE(flat->slope.error(), Undefined::NoVariance);
}

void OverfittingTest::tiesGoToTheLowestColumn()
{
    const auto one = noise(48, 6);
    Numbers rows;
    for (const double r : one) {
        rows.insert(rows.end(), {r, r, r});
    }
    const auto out = backtestOverfitting(rows, 3, {.blocks = 4});
    QVERIFY(std::ranges::all_of(out->best, [](std::size_t best) { return best == 0; }));
    QVERIFY(std::ranges::all_of(out->logits, [](double logit) { return logit == 0.0; })); // the midrank, exactly
    QVERIFY(near(out->probability, 1.0));                                                 // λ ≤ 0 counts
}

QTEST_GUILESS_MAIN(OverfittingTest)
#include "overfitting_test.moc"
