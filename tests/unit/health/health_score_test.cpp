#include "health/health_score.h"
#include "health/probe.h"
#include "testkit/golden.h"

#include <array>
#include <limits>

using namespace qd::health;
using qd::testkit::goldenAgrees;
using qd::testkit::goldenNumber;

namespace {

constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// A reading of 100 for every part.
std::vector<Reading> allWell()
{
    std::vector<Reading> readings;
    for (std::size_t i = 0; i < partCount; ++i) {
        readings.push_back({static_cast<Part>(i), 100.0});
    }
    return readings;
}

std::vector<Reading> allWellBut(Part part, std::optional<double> score)
{
    auto readings = allWell();
    readings[static_cast<std::size_t>(part)].score = score;
    return readings;
}

HostHealth assess(const std::vector<Reading>& readings, const std::vector<std::string>& hardFailures = {})
{
    return assessHost(readings, hardFailures);
}

QString text(std::string_view view)
{
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

} // namespace

class HealthScoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aTrendIsTheChangeOfTheMeansAnHour()
    {
        const std::array before{40.0, 42.0};
        const std::array after{50.0, 51.0, 52.0};
        QCOMPARE(trendPerHour(before, after, 1), std::optional(10.0));
        QCOMPARE(trendPerHour(after, before, 2), std::optional(-5.0));
        QCOMPARE(trendPerHour({}, after, 1), std::nullopt); // there is no hour of it yet
        QCOMPARE(trendPerHour(before, {}, 1), std::nullopt);
        QCOMPARE(trendPerHour(before, after, 0), std::nullopt);
    }

    void aProbeScores100UpToHalfItsLimit()
    {
        QCOMPARE(probeScore(-5, 90), std::optional(100.0));
        QCOMPARE(probeScore(0, 90), std::optional(100.0));
        QCOMPARE(probeScore(44.999, 90), std::optional(100.0));
        QCOMPARE(probeScore(45, 90), std::optional(100.0));
        QVERIFY(*probeScore(45.001, 90) < 100);
    }

    void aProbeScores50AtItsLimitAndFallsOnBothSides()
    {
        QVERIFY(*probeScore(89.999, 90) > 50);
        QCOMPARE(probeScore(90, 90), std::optional(50.0));
        QVERIFY(*probeScore(90.001, 90) < 50);
        QCOMPARE(probeScore(67.5, 90), std::optional(75.0));
        QCOMPARE(probeScore(135, 90), std::optional(25.0));
    }

    void aProbeScores0FromTwiceItsLimit()
    {
        QVERIFY(*probeScore(179.99, 90) > 0);
        QCOMPARE(probeScore(180, 90), std::optional(0.0));
        QCOMPARE(probeScore(1e12, 90), std::optional(0.0));
        QCOMPARE(probeScore(std::numeric_limits<double>::infinity(), 90), std::optional(0.0));
    }

    void aProbeWithoutAValueOrWithoutALimitHasNoScore()
    {
        QCOMPARE(probeScore(notANumber, 90), std::nullopt);
        QCOMPARE(probeScore(10, 0), std::nullopt);
        QCOMPARE(probeScore(10, -1), std::nullopt);
        QCOMPARE(probeScore(10, notANumber), std::nullopt);
    }

    void eachBandBeginsAtItsEdge()
    {
        const std::array<std::pair<double, Label>, 5> edges{
            {{0, Label::Critical}, {25, Label::Poor}, {50, Label::Fair}, {70, Label::Good}, {85, Label::Excellent}}};
        for (std::size_t i = 0; i < edges.size(); ++i) {
            const auto [edge, label] = edges[i];
            const auto below = std::nextafter(edge, -1.0);
            const auto above = std::nextafter(edge, 101.0);
            QCOMPARE(labelOf(below), i == 0 ? Label::Critical : edges[i - 1].second);
            QCOMPARE(labelOf(edge), label);
            QCOMPARE(labelOf(above), label);
        }
        QCOMPARE(labelOf(100), Label::Excellent);
    }

    void fifteenIsCriticalAndNoEvidenceIsUnknown()
    {
        QCOMPARE(labelOf(15), Label::Critical);
        QCOMPARE(labelOf(std::nullopt), Label::Unknown);
        QCOMPARE(labelOf(notANumber), Label::Unknown);
        QCOMPARE(text(name(labelOf(15))), QStringLiteral("CRITICAL"));
        QCOMPARE(text(name(labelOf(std::nullopt))), QStringLiteral("UNKNOWN"));
    }

    void theShownScoreIsRoundedDownSoThatItNeverContradictsItsLabel()
    {
        QCOMPARE(shownScore(24.99), 24);
        QCOMPARE(shownScore(25), 25);
        QCOMPARE(shownScore(84.9999), 84);
        QCOMPARE(shownScore(-3), 0);
        QCOMPARE(shownScore(130), 100);
    }

    void theWeightsAreThoseOfTheProduct()
    {
        const std::array<double, partCount> weights{3, 2, 2, 2, 1, 1, 1, 1};
        for (std::size_t i = 0; i < partCount; ++i) {
            QCOMPARE(weight(static_cast<Part>(i)), weights[i]);
            // One part at 0 and the rest at 100: what is lost is its share of the weight, 13 in all.
            const auto health = assess(allWellBut(static_cast<Part>(i), 0.0));
            QVERIFY(goldenAgrees(health.score, 100 * (13 - weights[i]) / 13));
        }
    }

    void anUnknownPartIsLeftOutAndNotTakenAsGoodOrBad()
    {
        auto readings = allWellBut(Part::Temperature, std::nullopt);
        readings[static_cast<std::size_t>(Part::Feed)].score = 40;
        const auto health = assess(readings);
        QVERIFY(goldenAgrees(health.score, (3 * 40 + 9 * 100) / 12.0));
        QVERIFY(goldenAgrees(health.coverage, 12.0 / 13));
        QCOMPARE(health.parts[static_cast<std::size_t>(Part::Temperature)].score, std::nullopt);
    }

    void tooLittleKnownIsUnknownUnderAtAndOverTheEdge()
    {
        const auto coverage = [](double known, double unknown) {
            const std::array components{Component{.score = 90, .weight = known},
                                        Component{.score = {}, .weight = unknown}};
            return composite(components);
        };
        QCOMPARE(coverage(5.9, 4.1).label, Label::Unknown);
        QCOMPARE(coverage(5.9, 4.1).score, std::nullopt);
        QCOMPARE(coverage(6, 4).label, Label::Excellent);
        QCOMPARE(coverage(6.1, 3.9).label, Label::Excellent);
        QCOMPARE(assess({}).label, Label::Unknown);
        QCOMPARE(composite({}).label, Label::Unknown);
    }

    void aPartIsAsWellAsTheWorstOfItsReadings()
    {
        auto readings = allWell();
        readings.push_back({Part::Feed, 30.0});
        readings.push_back({Part::Feed, 60.0});
        readings.push_back({Part::Feed, std::nullopt});
        readings.push_back({Part::Feed, notANumber});
        QCOMPARE(assess(readings).parts[0].score, std::optional(30.0));
    }

    void aHardFailureHoldsTheScoreAt24HoweverWellTheRestIs()
    {
        const auto capped = assess(allWell(), {"the disk is full"});
        QCOMPARE(capped.score, std::optional(24.0));
        QCOMPARE(capped.label, Label::Critical);
        QCOMPARE(capped.cap, std::string("the disk is full"));
        QCOMPARE(assess({}, {"the feed is dead"}).score, std::optional(0.0)); // nothing known but that
        QCOMPARE(assess(allWell(), {"the feed is dead", "the disk is full"}).cap,
                 std::string("the feed is dead; the disk is full"));

        std::vector<Reading> allBad;
        for (std::size_t i = 0; i < partCount; ++i) {
            allBad.push_back({static_cast<Part>(i), 10.0});
        }
        QVERIFY(goldenAgrees(assess(allBad, {"x"}).score, 10)); // a cap never raises
    }

    void thePartThatWouldRaiseTheScoreMostIsNamedWithItsPoints()
    {
        auto readings = allWell();
        readings[static_cast<std::size_t>(Part::Feed)].score = 80;   // 3 × 20 = 60
        readings[static_cast<std::size_t>(Part::Memory)].score = 30; // 1 × 70 = 70
        auto health = assess(readings);
        QCOMPARE(health.raisesMost, std::optional(Part::Memory));
        QVERIFY(goldenAgrees(health.parts[static_cast<std::size_t>(Part::Memory)].wouldRaise, 70.0 / 13));
        QCOMPARE(explanation(health), std::string("memory would raise it most, by 5 points"));

        readings[static_cast<std::size_t>(Part::Memory)].score = 40; // 60 too: the heavier part is named
        QCOMPARE(assess(readings).raisesMost, std::optional(Part::Feed));

        readings[static_cast<std::size_t>(Part::Memory)].score = 100;
        readings[static_cast<std::size_t>(Part::Feed)].score = 99.9;
        QCOMPARE(explanation(assess(readings)), std::string("feed would raise it most, by 1 point"));
        QCOMPARE(explanation(assess(allWell())), std::string("every part that is measured is at 100"));
    }

    void theExplanationOfWhatIsUnknownOrCappedSaysWhy()
    {
        QCOMPARE(explanation(assess(allWell(), {"the disk is full"})),
                 std::string("held at 24 or less: the disk is full"));
        std::vector<Reading> readings{{Part::Feed, 100.0}, {Part::WriteLag, 100.0}, {Part::Disk, 100.0}};
        QCOMPARE(explanation(assess(readings)),
                 std::string("too little is known: nothing is measured of jobs, memory, CPU, temperature, backup"));
        readings.push_back({Part::Memory, 100.0}); // 8 of 13 is over 0.6
        QCOMPARE(assess(readings).label, Label::Excellent);
    }

    void bandsAgreeWithTheGoldenVectors()
    {
        GOLDEN(cases, "health_score");
        const auto bands = cases.value(QStringLiteral("bands")).toObject();
        const auto scores = bands.value(QStringLiteral("inputs")).toObject().value(QStringLiteral("score")).toArray();
        const auto wanted = bands.value(QStringLiteral("expected")).toObject().value(QStringLiteral("band")).toArray();
        QVERIFY(scores.size() > 20);
        QCOMPARE(scores.size(), wanted.size());
        for (int i = 0; i < scores.size(); ++i) {
            QCOMPARE(text(name(labelOf(goldenNumber(scores[i])))), wanted[i].toString());
        }
    }

    void compositesAgreeWithTheGoldenVectors()
    {
        GOLDEN(cases, "health_score");
        const auto all = cases.value(QStringLiteral("composite")).toObject();
        QCOMPARE(all.value(QStringLiteral("params")).toObject().value(QStringLiteral("min_coverage")).toDouble(),
                 leastCoverage);
        const auto inputs =
            all.value(QStringLiteral("inputs")).toObject().value(QStringLiteral("components")).toArray();
        const auto results =
            all.value(QStringLiteral("expected")).toObject().value(QStringLiteral("results")).toArray();
        QVERIFY(inputs.size() > 5);
        QCOMPARE(inputs.size(), results.size());
        for (int i = 0; i < inputs.size(); ++i) {
            std::vector<Component> components;
            for (const auto& entry : inputs[i].toArray()) {
                const auto object = entry.toObject();
                components.push_back({.score = goldenNumber(object.value(QStringLiteral("score"))),
                                      .weight = object.value(QStringLiteral("weight")).toDouble(),
                                      .isHardFail = object.value(QStringLiteral("hard_fail")).toBool()});
            }
            const auto got = composite(components);
            const auto want = results[i].toObject();
            QVERIFY2(goldenAgrees(got.score, goldenNumber(want.value(QStringLiteral("score")))),
                     qPrintable(QString::number(i)));
            QVERIFY(goldenAgrees(got.coverage, goldenNumber(want.value(QStringLiteral("coverage")))));
            QCOMPARE(text(name(got.label)), want.value(QStringLiteral("band")).toString());
        }
    }

    void piecewiseMapsAgreeWithTheGoldenVectors()
    {
        GOLDEN(cases, "health_score");
        const auto map = cases.value(QStringLiteral("piecewise_linear_drawdown")).toObject();
        std::vector<Corner> corners;
        for (const auto& point :
             map.value(QStringLiteral("params")).toObject().value(QStringLiteral("points")).toArray()) {
            corners.push_back({point.toArray()[0].toDouble(), point.toArray()[1].toDouble()});
        }
        const auto inputs = map.value(QStringLiteral("inputs")).toObject().value(QStringLiteral("x")).toArray();
        const auto wanted = map.value(QStringLiteral("expected")).toObject().value(QStringLiteral("score")).toArray();
        QVERIFY(inputs.size() > 10);
        for (int i = 0; i < inputs.size(); ++i) {
            QVERIFY(goldenAgrees(piecewiseLinear(goldenNumber(inputs[i]).value_or(notANumber), corners),
                                 goldenNumber(wanted[i])));
        }
    }
};

QTEST_GUILESS_MAIN(HealthScoreTest)
#include "health_score_test.moc"
