// Exact numbers: decimals, scales, money and times, at their edges and over random values.
#include "base/decimal.h"
#include "base/units.h"
#include "base/utc_time.h"

#include <QTest>

#include <array>
#include <limits>
#include <random>
#include <string>

using namespace qd::base;

namespace {

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode::Internal : result.error().code;
}

Scale scaleOf(const char* step)
{
    return Scale::ofStep(parseDecimal(step).value()).value();
}

} // namespace

class DecimalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void decimalsAreReadExactlyAndNormalised();
    void whatIsNoDecimalIsMalformed();
    void eighteenDigitsFitAndNineteenOverflow();
    void decimalsPrintWithoutExponent();
    void productsAreExactOrOverflow();
    void aNumberOnTheScaleIsACountOfSteps();
    void aNumberBetweenTwoStepsIsNotOnTheScale();
    void countsOverflowAtTheEdgeOfTheirType();
    void aStepIsPositiveAndOfAtMostEighteenPlaces();
    void textShowsAllDecimalsOfTheScale();
    void readingWhatWasPrintedGivesTheSameCount();
    void approximateValuesAreClose();
    void significantDecimalsLeaveClosingZerosOut();
    void mulDivRoundsHalfToEven();
    void feesAreExact();
    void bucketsFloorTowardsThePast();
    void timesPrintAsIsoAndReadBack();
    void whatIsNoTimeIsMalformed();
};

void DecimalTest::decimalsAreReadExactlyAndNormalised()
{
    const std::array<std::pair<const char*, Decimal>, 14> cases{{{"0", {0, 0}},
                                                                 {"-0.000", {0, 0}},
                                                                 {"1", {1, 0}},
                                                                 {"-12.5", {-125, -1}},
                                                                 {"61837.63000000", {6'183'763, -2}},
                                                                 {"0.000000001", {1, -9}},
                                                                 {"1e-9", {1, -9}},
                                                                 {"2.5E3", {25, 2}},
                                                                 {"2.5e+3", {25, 2}},
                                                                 {"1000", {1, 3}},
                                                                 {"007", {7, 0}},
                                                                 {"100.001", {100'001, -3}},
                                                                 {"0e5", {0, 0}},
                                                                 {"0.10", {1, -1}}}};
    for (const auto& [text, wanted] : cases) {
        const auto got = parseDecimal(text);
        QVERIFY2(got && *got == wanted, text);
    }
}

void DecimalTest::whatIsNoDecimalIsMalformed()
{
    for (const auto* text : {"", "-", ".", "-.", "+1", " 1", "1 ", "1,5", "1.2.3", "1e", "1e-", "0x10", "nan", "inf",
                             "--1", "1-", "1e5.5", "\xc2\xbd"}) {
        QVERIFY2(codeOf(parseDecimal(text)) == ErrorCode::Malformed, text);
        QVERIFY2(codeOf(Scale::ofDecimals(2).parse(text)) == ErrorCode::Malformed, text);
    }
    QCOMPARE(codeOf(parseDecimal(std::string("1\0", 2))), ErrorCode::Malformed);
}

void DecimalTest::eighteenDigitsFitAndNineteenOverflow()
{
    QCOMPARE(parseDecimal("999999999999999999")->mantissa, 999'999'999'999'999'999);
    QCOMPARE(codeOf(parseDecimal("9999999999999999999")), ErrorCode::Overflow);
    QCOMPARE(parseDecimal("0.123456789012345678")->exponent, -18);
    QCOMPARE(codeOf(parseDecimal("0.1234567890123456789")), ErrorCode::Overflow);
    QCOMPARE(codeOf(parseDecimal("1000000000000000001")), ErrorCode::Overflow); // zeros inside count
    QCOMPARE(parseDecimal("1000000000000000000000")->exponent, 21);             // closing ones do not
    QVERIFY(parseDecimal("0.0000000000000000000000001").has_value());
}

void DecimalTest::decimalsPrintWithoutExponent()
{
    QCOMPARE(toText({1, -9}), std::string("0.000000001"));
    QCOMPARE(toText({-125, -1}), std::string("-12.5"));
    QCOMPARE(toText({25, 2}), std::string("2500"));
    QCOMPARE(toText({0, 0}), std::string("0"));
    QCOMPARE(toText({-5, -1}), std::string("-0.5"));
    QCOMPARE(toText({std::numeric_limits<std::int64_t>::min(), -2}), std::string("-92233720368547758.08"));
    std::mt19937_64 random(1);
    for (int i = 0; i < 20'000; ++i) {
        const Decimal value{static_cast<std::int64_t>(random() % 2'000'000'000'000'000'000) - 999'999'999'999'999'999,
                            static_cast<int>(random() % 30) - 20};
        const auto back = parseDecimal(toText(value));
        QVERIFY(back.has_value());
        Decimal normal = value;
        while (normal.mantissa != 0 && normal.mantissa % 10 == 0) {
            normal = {normal.mantissa / 10, normal.exponent + 1};
        }
        QVERIFY(*back == (normal.mantissa == 0 ? Decimal{} : normal));
    }
}

void DecimalTest::productsAreExactOrOverflow()
{
    QVERIFY((*multiply({25, -1}, {4, -3}) == Decimal{1, -2}));
    QVERIFY((*multiply({0, 0}, {4, -3}) == Decimal{0, 0}));
    QVERIFY((*multiply({-3, 2}, {7, 1}) == Decimal{-21, 3}));
    QVERIFY(multiply({3'037'000'499, 0}, {3'037'000'499, 0}).has_value());
    QCOMPARE(codeOf(multiply({3'037'000'500, 0}, {3'037'000'500, 0})), ErrorCode::Overflow);
}

void DecimalTest::aNumberOnTheScaleIsACountOfSteps()
{
    QCOMPARE(*scaleOf("0.01").parse("61837.63000000"), 6'183'763);
    QCOMPARE(*scaleOf("1e-9").parse("0.000012345"), 12'345); // SHIB
    QCOMPARE(*scaleOf("1e-9").parse("1.2345e-5"), 12'345);
    QCOMPARE(*scaleOf("0.5").parse("100.5"), 201);
    QCOMPARE(*scaleOf("10").parse("1000"), 100);
    QCOMPARE(*scaleOf("25").parse("100"), 4);
    QCOMPARE(*scaleOf("0.01").parse("-0.01"), -1);
    QCOMPARE(*scaleOf("0.01").parse("0"), 0);
    QCOMPARE(*Scale().parse("7"), 7);
}

void DecimalTest::aNumberBetweenTwoStepsIsNotOnTheScale()
{
    QCOMPARE(codeOf(scaleOf("0.01").parse("0.015")), ErrorCode::NotOnScale);
    QCOMPARE(codeOf(scaleOf("0.01").parse("0.001")), ErrorCode::NotOnScale);
    QCOMPARE(codeOf(scaleOf("1e-9").parse("0.0000000001")), ErrorCode::NotOnScale);
    QCOMPARE(codeOf(scaleOf("0.5").parse("0.3")), ErrorCode::NotOnScale);
    QCOMPARE(codeOf(scaleOf("25").parse("110")), ErrorCode::NotOnScale);
    QCOMPARE(codeOf(scaleOf("10").parse("5")), ErrorCode::NotOnScale);
}

void DecimalTest::countsOverflowAtTheEdgeOfTheirType()
{
    const auto fine = Scale::ofDecimals(9);
    QCOMPARE(*fine.parse("9223372036"), 9'223'372'036'000'000'000);
    QCOMPARE(codeOf(fine.parse("9223372037")), ErrorCode::Overflow);
    QCOMPARE(*fine.parse("-9223372036"), -9'223'372'036'000'000'000);
    QCOMPARE(codeOf(fine.parse("-9223372037")), ErrorCode::Overflow);
    QCOMPARE(*Scale::ofDecimals(18).parse("9"), 9'000'000'000'000'000'000);
    QCOMPARE(codeOf(Scale::ofDecimals(18).parse("10")), ErrorCode::Overflow);
    QCOMPARE(codeOf(fine.parse("1e400")), ErrorCode::Overflow);
}

void DecimalTest::aStepIsPositiveAndOfAtMostEighteenPlaces()
{
    QCOMPARE(codeOf(Scale::ofStep({0, 0})), ErrorCode::OutOfRange);
    QCOMPARE(codeOf(Scale::ofStep({-1, -2})), ErrorCode::OutOfRange);
    QVERIFY(Scale::ofStep({1, -18}).has_value());
    QCOMPARE(codeOf(Scale::ofStep({1, -19})), ErrorCode::OutOfRange);
    QVERIFY(Scale::ofStep({1, 18}).has_value());
    QCOMPARE(codeOf(Scale::ofStep({1, 19})), ErrorCode::OutOfRange);
    QCOMPARE(codeOf(Scale::ofStep({1, 60})), ErrorCode::OutOfRange);
}

void DecimalTest::textShowsAllDecimalsOfTheScale()
{
    QCOMPARE(scaleOf("0.01").text(6'183'760), std::string("61837.60"));
    QCOMPARE(scaleOf("0.01").text(0), std::string("0.00"));
    QCOMPARE(scaleOf("0.01").text(-5), std::string("-0.05"));
    QCOMPARE(scaleOf("0.5").text(201), std::string("100.5"));
    QCOMPARE(scaleOf("10").text(100), std::string("1000"));
    QCOMPARE(scaleOf("10").text(0), std::string("0"));
    QCOMPARE(scaleOf("1e-9").text(12'345), std::string("0.000012345"));
    QCOMPARE(Scale::ofDecimals(18).text(std::numeric_limits<std::int64_t>::min()),
             std::string("-9.223372036854775808"));
    QCOMPARE(Scale::ofStep({999'999'999'999'999'999, 18})->text(1),
             std::string("999999999999999999000000000000000000"));
    QCOMPARE(scaleOf("0.5").decimals(), 1);
    QCOMPARE(scaleOf("10").decimals(), 0);
    QCOMPARE(scaleOf("1e-9").decimals(), 9);
}

void DecimalTest::readingWhatWasPrintedGivesTheSameCount()
{
    std::mt19937_64 random(2);
    constexpr std::array<std::int64_t, 6> mantissas{1, 2, 5, 25, 3, 125};
    for (int i = 0; i < 50'000; ++i) {
        const auto scale =
            Scale::ofStep({mantissas[random() % mantissas.size()], static_cast<int>(random() % 13) - 10}).value();
        const auto steps =
            static_cast<std::int64_t>(random() >> (8 + random() % 50)) * (random() % 2 == 0 ? 1 : -1) / 1'000;
        const auto back = scale.parse(scale.text(steps));
        if (back) {
            QCOMPARE(*back, steps);
        } else { // only digits that no decimal holds may fail
            QCOMPARE(back.error().code, ErrorCode::Overflow);
            QVERIFY(scale.text(steps).size() > 18);
        }
    }
}

void DecimalTest::approximateValuesAreClose()
{
    QCOMPARE(scaleOf("0.01").value(6'183'763), 61'837.63);
    QCOMPARE(scaleOf("10").value(3), 30.0);
    QCOMPARE(scaleOf("1e-9").value(1), 1e-9);
    QCOMPARE(toDouble({-125, -1}), -12.5);
    QCOMPARE(toDouble({25, 2}), 2'500.0);
}

void DecimalTest::significantDecimalsLeaveClosingZerosOut()
{
    QCOMPARE(significantDecimals("61837.63000000"), 2);
    QCOMPARE(significantDecimals("61837"), 0);
    QCOMPARE(significantDecimals("1000"), 0);
    QCOMPARE(significantDecimals("0.000000001"), 9);
    QCOMPARE(significantDecimals("5.0"), 0);
    QCOMPARE(significantDecimals("five"), 0);
}

void DecimalTest::mulDivRoundsHalfToEven()
{
    QCOMPARE(mulDiv(5, 1, 10), 0);
    QCOMPARE(mulDiv(15, 1, 10), 2);
    QCOMPARE(mulDiv(25, 1, 10), 2);
    QCOMPARE(mulDiv(-5, 1, 10), 0);
    QCOMPARE(mulDiv(-15, 1, 10), -2);
    QCOMPARE(mulDiv(14, 1, 10), 1);
    QCOMPARE(mulDiv(16, 1, 10), 2);
    QCOMPARE(mulDiv(-16, 1, 10), -2);
    QCOMPARE(mulDiv(INT64_MAX, INT64_MAX, INT64_MAX), INT64_MAX);
    QCOMPARE(mulDiv(INT64_MIN, 1, 1), INT64_MIN);
}

void DecimalTest::feesAreExact()
{
    QCOMPARE((usdt(500) * RatePpm{600}).value, 30'000'000);
    QCOMPARE((usdt(500) * RatePpm{200}).value, 10'000'000);
    QCOMPARE((Money{1} * RatePpm{600}).value, 0);
    QCOMPARE((Money{2'500} * RatePpm{600}).value, 2); // 1.5 to the even 2
    QCOMPARE(toUsdt(usdt(-3)), -3.0);
}

void DecimalTest::bucketsFloorTowardsThePast()
{
    constexpr Millis minute{60'000};
    QCOMPARE(bucketStart({59'999}, minute).value, 0);
    QCOMPARE(bucketStart({60'000}, minute).value, 60'000);
    QCOMPARE(bucketStart({60'001}, minute).value, 60'000);
    QCOMPARE(bucketStart({-1}, minute).value, -60'000);
    QCOMPARE(bucketStart({-60'000}, minute).value, -60'000);
    QCOMPARE(bucketStart({-60'001}, minute).value, -120'000);
}

void DecimalTest::timesPrintAsIsoAndReadBack()
{
    QCOMPARE(isoText({0}), std::string("1970-01-01T00:00:00.000Z"));
    QCOMPARE(isoText({1'750'558'420'763}), std::string("2025-06-22T02:13:40.763Z"));
    QCOMPARE(isoText({-1}), std::string("1969-12-31T23:59:59.999Z"));
    QCOMPARE(isoText({951'782'400'000}), std::string("2000-02-29T00:00:00.000Z"));
    QCOMPARE(parseUtc("2025-06-22T02:13:40Z")->value, 1'750'558'420'000);
    QCOMPARE(parseUtc("2025-06-22 02:13")->value, 1'750'558'380'000);
    QCOMPARE(parseUtc("2025-06-22")->value, 1'750'550'400'000);
    QCOMPARE(parseUtc("1750507467356")->value, 1'750'507'467'356);
    std::mt19937_64 random(3);
    for (int i = 0; i < 20'000; ++i) {
        const UtcMs t{static_cast<std::int64_t>(random() % 300'000'000'000'000) - 60'000'000'000'000};
        QCOMPARE(parseUtc(isoText(t)).value(), t);
        QCOMPARE(isoText(t).size(), std::size_t{24});
    }
}

void DecimalTest::whatIsNoTimeIsMalformed()
{
    for (const auto* text : {"", "yesterday", "2025-13-01", "2025-00-10", "2025-02-29", "2025-06-31",
                             "2025-06-22T24:00", "2025-06-22T12:60", "2025-06-22T12", "2025-06-22T12:00:00.1",
                             "2025-06-22T12:00:00Zx", "2025-6-22", "2025-06-2-", "-025-06-22"}) {
        QVERIFY2(codeOf(parseUtc(text)) == ErrorCode::Malformed, text);
    }
}

QTEST_GUILESS_MAIN(DecimalTest)
#include "decimal_test.moc"
