// Pure mathematics against the golden vectors, and at its edges.
#include "statistics/intervals.h"
#include "statistics/normal.h"
#include "statistics/summary.h"
#include "testkit/golden.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace qd::statistics;
using qd::testkit::goldenAgrees;
using qd::testkit::goldenNumber;

namespace {

QJsonArray list(const QJsonObject& entry, const char* group, const char* name)
{
    return entry.value(QLatin1String(group)).toObject().value(QLatin1String(name)).toArray();
}

std::vector<double> numbers(const QJsonArray& values)
{
    std::vector<double> out;
    for (const auto& value : values) {
        out.push_back(value.toDouble());
    }
    return out;
}

} // namespace

class StatisticsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wilsonAgreesWithTheGoldenVectors();
    void wilsonIsExactAtItsEnds();
    void theNormalDistributionAgreesWithTheGoldenVectors();
    void theQuantileIsTheInverseOfTheDistribution();
    void meanAndDeviationAgreeWithTheGoldenVectors();
    void aSummaryOfTooFewOrEqualValuesSaysSo();
};

void StatisticsTest::wilsonAgreesWithTheGoldenVectors()
{
    GOLDEN(cases, "confidence_intervals");
    for (const auto* name : {"wilson_95", "wilson_99"}) {
        const auto entry = cases.value(QLatin1String(name)).toObject();
        const double confidence =
            entry.value(QLatin1String("params")).toObject().value(QLatin1String("confidence")).toDouble();
        const auto wins = list(entry, "inputs", "wins");
        const auto n = list(entry, "inputs", "n");
        QVERIFY(!wins.isEmpty());
        for (int i = 0; i < wins.size(); ++i) {
            const auto got = wilson(static_cast<std::uint64_t>(wins[i].toInt()),
                                    static_cast<std::uint64_t>(n[i].toInt()), confidence);
            QVERIFY(goldenAgrees(got.lower, goldenNumber(list(entry, "expected", "lower")[i])));
            QVERIFY(goldenAgrees(got.upper, goldenNumber(list(entry, "expected", "upper")[i])));
        }
    }
}

void StatisticsTest::wilsonIsExactAtItsEnds()
{
    QVERIFY((wilson(0, 0) == Interval{0.0, 1.0}));
    QCOMPARE(wilson(0, 12).lower, 0.0);
    QCOMPARE(wilson(12, 12).upper, 1.0);
    QVERIFY(wilson(0, 12).upper > 0.2 && wilson(0, 12).upper < 0.3);
    QVERIFY(wilson(1, 12).lower > 0.0 && wilson(11, 12).upper < 1.0);
    QVERIFY(wilson(70, 100, 0.99).lower < wilson(70, 100, 0.95).lower);
}

void StatisticsTest::theNormalDistributionAgreesWithTheGoldenVectors()
{
    GOLDEN(cases, "special_functions");
    const auto cdf = cases.value(QStringLiteral("normal_cdf")).toObject();
    const auto z = list(cdf, "inputs", "z");
    QVERIFY(!z.isEmpty());
    for (int i = 0; i < z.size(); ++i) {
        QVERIFY(goldenAgrees(normalCdf(z[i].toDouble()), goldenNumber(list(cdf, "expected", "cdf")[i])));
        QVERIFY(goldenAgrees(normalCdf(-z[i].toDouble()), goldenNumber(list(cdf, "expected", "sf")[i])));
    }
    const auto quantile = cases.value(QStringLiteral("normal_quantile")).toObject();
    const auto p = list(quantile, "inputs", "p");
    QVERIFY(!p.isEmpty());
    for (int i = 0; i < p.size(); ++i) {
        QVERIFY2(goldenAgrees(normalQuantile(p[i].toDouble()), goldenNumber(list(quantile, "expected", "z")[i])),
                 qPrintable(QString::number(p[i].toDouble())));
    }
}

void StatisticsTest::theQuantileIsTheInverseOfTheDistribution()
{
    QCOMPARE(normalQuantile(0.5) + 1.0, 1.0);
    QVERIFY(std::abs(normalQuantile(0.975) - 1.959963984540054) < 1e-14);
    for (double z = -8.0; z <= 0.0; z += 0.01) {
        QVERIFY(std::abs(normalQuantile(normalCdf(z)) - z) < 1e-12);
    }
    QCOMPARE(normalQuantile(0.0), -std::numeric_limits<double>::infinity());
    QCOMPARE(normalQuantile(1.0), std::numeric_limits<double>::infinity());
    QVERIFY(std::isnan(normalQuantile(-0.001)) && std::isnan(normalQuantile(1.001)));
    QVERIFY(std::isnan(normalQuantile(std::numeric_limits<double>::quiet_NaN())));
}

void StatisticsTest::meanAndDeviationAgreeWithTheGoldenVectors()
{
    GOLDEN(cases, "confidence_intervals");
    const auto entry = cases.value(QStringLiteral("mean_t_ci_returns_180")).toObject();
    const auto x = numbers(list(entry, "inputs", "x"));
    const auto want = entry.value(QLatin1String("expected")).toObject();
    QCOMPARE(x.size(), std::size_t{180});
    QVERIFY(goldenAgrees(mean(x), goldenNumber(want.value(QLatin1String("mean")))));
    QVERIFY(goldenAgrees(*standardDeviation(x) / std::sqrt(180.0), goldenNumber(want.value(QLatin1String("se")))));
}

void StatisticsTest::aSummaryOfTooFewOrEqualValuesSaysSo()
{
    const std::vector<double> one{4.0};
    const std::vector<double> two{4.0, 6.0};
    const std::vector<double> equal(40, 0.1);
    QVERIFY(!mean({}) && !standardDeviation({}) && !standardDeviation(one));
    QCOMPARE(*mean(one), 4.0);
    QCOMPARE(*standardDeviation(two), std::sqrt(2.0));
    QCOMPARE(*standardDeviation(equal), 0.0);
}

QTEST_GUILESS_MAIN(StatisticsTest)
#include "statistics_test.moc"
