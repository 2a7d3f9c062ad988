// What the window computes without a window: text of numbers and errors, the theme file, the palette's search, what
// needs the operator, where a gauge points.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/attention.h"
#include "ui/fuzzy.h"
#include "ui/theme.h"
#include "ui/widgets/gauge.h"
#include "ui/widgets/paint.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

QString thin(const char* text)
{
    return QString::fromUtf8(text).replace(QLatin1Char('_'), format::thinSpace);
}

} // namespace

class UiRulesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void groupsOfThreeAreSplitByAThinSpace();
    void minusIsTheTypographicOneAndZeroHasNoSign();
    void whatIsNotANumberIsADash();
    void moneyIsExactAndRoundsHalfToEven();
    void pricesHaveTheDecimalsOfTheirInstrument();
    void plainTextForSpreadsheetsHasNeitherThinSpaceNorTypographicMinus();
    void durationsChangeTheirUnitsAtTheEdges();
    void millisecondsAndBytesAndRatesStayShort();
    void aMomentCarriesItsDateUnlessItIsToday();
    void everyErrorCodeHasASentenceOfItsOwn();

    void theThemeFileIsCompleteInBothModes();
    void aThemeFileWithoutAColourIsRefusedByName();
    void everyTextIsReadableOnEverySurface();
    void contrastOfBlackOnWhiteIsTwentyOne();
    void gainAndLossSwapToBlueAndOrangeAndNothingElseChanges();

    void aFewLettersFindTheThing();
    void beginningsOfWordsBeatTheMiddle();

    void nothingNeedsAnybodyWhenAllIsWell();
    void theFeedNeedsAttentionInEachStateThatIsNotOnline();
    void aProbeNeedsAttentionFromItsLimitOn();
    void malformedFramesFailedEnginesAndAStoreErrorAreTold();
    void oneCauseIsToldOnce();
    void aPastThatIsBeingMadeIsToldAndNoAlarm();

    void gaugesPointToTheValueAndTurnAtTheLimit();
    void sparklinesSpanTheirBox();
};

void UiRulesTest::groupsOfThreeAreSplitByAThinSpace()
{
    QCOMPARE(format::integer(0), QStringLiteral("0"));
    QCOMPARE(format::integer(999), QStringLiteral("999"));
    QCOMPARE(format::integer(1'000), thin("1_000"));
    QCOMPARE(format::integer(-1'000), thin("−1_000"));
    QCOMPARE(format::integer(24'713'902), thin("24_713_902"));
    QCOMPARE(format::count(std::numeric_limits<std::uint64_t>::max()), thin("18_446_744_073_709_551_615"));
    QCOMPARE(format::integer(std::numeric_limits<std::int64_t>::min()), thin("−9_223_372_036_854_775_808"));
    QCOMPARE(format::decimal(61'837.6, 2), thin("61_837.60"));
    QCOMPARE(format::decimal(0.123456, 6), QStringLiteral("0.123456")); // no groups behind the point
    QCOMPARE(format::decimal(999'999.995, 0), thin("1_000_000"));
}

void UiRulesTest::minusIsTheTypographicOneAndZeroHasNoSign()
{
    QCOMPARE(format::signedDecimal(0.31, 2), QStringLiteral("+0.31"));
    QCOMPARE(format::signedDecimal(-0.31, 2), QString::fromUtf8("−0.31"));
    QCOMPARE(format::signedDecimal(0.0, 2), QStringLiteral("0.00"));
    QCOMPARE(format::signedDecimal(-0.0, 2), QStringLiteral("0.00"));
    QCOMPARE(format::signedDecimal(-0.004, 2), QStringLiteral("0.00"));
    QCOMPARE(format::signedDecimal(0.004, 2), QStringLiteral("0.00"));
    QCOMPARE(format::signedDecimal(-0.006, 2), QString::fromUtf8("−0.01"));
    QCOMPARE(format::decimal(-0.004, 2), QStringLiteral("0.00"));
    QCOMPARE(format::signedPercent(0.0428, 2), QStringLiteral("+4.28%"));
    QCOMPARE(format::signedPercent(-0.5, 0), QString::fromUtf8("−50%"));
    QCOMPARE(format::percentInterval(0.61, 0.79), QString::fromUtf8("61–79"));
    QCOMPARE(format::ofNeeded(12, 30), QStringLiteral("12/30"));
}

void UiRulesTest::whatIsNotANumberIsADash()
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinite = std::numeric_limits<double>::infinity();
    const QString dash = QString::fromUtf8("—");
    QCOMPARE(format::decimal(nan, 2), dash);
    QCOMPARE(format::decimal(-infinite, 2), dash);
    QCOMPARE(format::signedDecimal(infinite, 2), dash);
    QCOMPARE(format::percent(nan, 1), dash);
    QCOMPARE(format::signedPercent(nan, 1), dash);
    QCOMPARE(format::percentInterval(nan, 1), dash);
    QCOMPARE(format::decimal(std::optional<double>(), 2), dash);
    QCOMPARE(format::percent(std::optional<double>(), 2), dash);
    QCOMPARE(format::milliseconds(nan), dash);
    QCOMPARE(format::rate(infinite), dash);
}

void UiRulesTest::moneyIsExactAndRoundsHalfToEven()
{
    QCOMPARE(format::money({1'042'816'000'000}), thin("10_428.16"));
    QCOMPARE(format::money({500'000}), QStringLiteral("0.00")); // 0.005: half, to even
    QCOMPARE(format::money({500'001}), QStringLiteral("0.01"));
    QCOMPARE(format::money({1'500'000}), QStringLiteral("0.02")); // 0.015: half, to even
    QCOMPARE(format::money({-499'999}), QStringLiteral("0.00"));  // no "−0.00"
    QCOMPARE(format::signedMoney({6'140'000'000}), QStringLiteral("+61.40"));
    QCOMPARE(format::signedMoney({-9'706'000'000}), QString::fromUtf8("−97.06"));
    QCOMPARE(format::signedMoney({0}), QStringLiteral("0.00"));
    QCOMPARE(format::money({1}, 8), QStringLiteral("0.00000001"));
    QCOMPARE(format::money({std::numeric_limits<std::int64_t>::max()}), thin("92_233_720_368.55"));
}

void UiRulesTest::pricesHaveTheDecimalsOfTheirInstrument()
{
    const auto shib = testkit::instrument(1, "SHIB-USDT", 9);
    const auto btc = testkit::instrument(2, "BTC-USDT", 1);
    QCOMPARE(format::price(shib, market::Price{18'470}), QStringLiteral("0.000018470"));
    QCOMPARE(format::price(btc, market::Price{641'204}), thin("64_120.4"));
    QCOMPARE(format::price(btc, std::optional<market::Price>()), QString::fromUtf8("—"));
    QCOMPARE(format::size(btc, market::Quantity{1'600}), QStringLiteral("160.0"));
}

void UiRulesTest::plainTextForSpreadsheetsHasNeitherThinSpaceNorTypographicMinus()
{
    QCOMPARE(format::plain(thin("−10_428.16")), QStringLiteral("-10428.16"));
    QCOMPARE(format::plain(format::undefined()), QString());
    QCOMPARE(format::plain(QStringLiteral("ETH-USDT")), QStringLiteral("ETH-USDT"));
}

void UiRulesTest::durationsChangeTheirUnitsAtTheEdges()
{
    using base::Millis;
    const auto of = [](std::int64_t ms) { return format::duration(Millis{ms}); };
    QCOMPARE(of(-5), QStringLiteral("0.0 s"));
    QCOMPARE(of(200), QStringLiteral("0.2 s"));
    QCOMPARE(of(9'949), QStringLiteral("9.9 s"));
    QCOMPARE(of(9'950), QStringLiteral("10 s"));
    QCOMPARE(of(59'499), QStringLiteral("59 s"));
    QCOMPARE(of(59'500), QStringLiteral("1 m"));
    QCOMPARE(of(95'000), QStringLiteral("1 m 35 s"));
    QCOMPARE(of(38 * 60'000), QStringLiteral("38 m"));
    QCOMPARE(of(3'599'000), QStringLiteral("59 m"));
    QCOMPARE(of(3'600'000), QStringLiteral("1 h"));
    QCOMPARE(of(25'920'000), QStringLiteral("7 h 12 m"));
    QCOMPARE(of(86'340'000), QStringLiteral("23 h 59 m"));
    QCOMPARE(of(86'400'000), QStringLiteral("1 d"));
    QCOMPARE(of(3 * 86'400'000LL + 4 * 3'600'000), QStringLiteral("3 d 4 h"));
}

void UiRulesTest::millisecondsAndBytesAndRatesStayShort()
{
    QCOMPARE(format::milliseconds(0), QStringLiteral("0 ms"));
    QCOMPARE(format::milliseconds(0.9), QStringLiteral("0.9 ms"));
    QCOMPARE(format::milliseconds(9.96), QStringLiteral("10 ms"));
    QCOMPARE(format::milliseconds(999.4), QStringLiteral("999 ms"));
    QCOMPARE(format::milliseconds(1'300), QStringLiteral("1.3 s"));
    QCOMPARE(format::bytes(0), QStringLiteral("0 B"));
    QCOMPARE(format::bytes(999), QStringLiteral("999 B"));
    QCOMPARE(format::bytes(1'000), QStringLiteral("1.0 kB"));
    QCOMPARE(format::bytes(118'400'000), QStringLiteral("118 MB"));
    QCOMPARE(format::bytes(999'600'000), QStringLiteral("1.0 GB"));
    QCOMPARE(format::rate(1'284), thin("1_284"));
    QCOMPARE(format::rate(9'999), thin("9_999"));
    QCOMPARE(format::rate(31'000), QStringLiteral("31 k"));
    QCOMPARE(format::rate(1'900'000), QStringLiteral("1.9 M"));
}

void UiRulesTest::aMomentCarriesItsDateUnlessItIsToday()
{
    const base::UtcMs now{1'764'081'228'000}; // 2025-11-25 14:33:48 UTC
    QCOMPARE(format::clock(now, format::Zone::Utc), QStringLiteral("14:33:48 UTC"));
    QCOMPARE(format::hourMinute(now, format::Zone::Utc), QStringLiteral("14:33"));
    QCOMPARE(format::moment(now, now, format::Zone::Utc), QStringLiteral("14:33:48"));
    QCOMPARE(format::moment(now - base::oneDay, now, format::Zone::Utc), QStringLiteral("24 Nov 14:33:48"));
    QCOMPARE(format::moment(now - base::oneDay * 365, now, format::Zone::Utc), QStringLiteral("25 Nov 2024 14:33:48"));
    QCOMPARE(format::day(now, format::Zone::Utc), QStringLiteral("25 Nov"));
}

void UiRulesTest::everyErrorCodeHasASentenceOfItsOwn()
{
    QSet<QString> seen;
    const int last = static_cast<int>(base::ErrorCode::Internal);
    for (int i = 0; i <= last; ++i) {
        const QString line = format::sentence({static_cast<base::ErrorCode>(i), "BTC-USDT", "for the log"});
        QVERIFY2(line.contains(QStringLiteral("BTC-USDT")), qPrintable(line));
        QVERIFY2(line.endsWith(QLatin1Char('.')), qPrintable(line));
        QVERIFY2(!line.contains(QStringLiteral("for the log")), qPrintable(line));
        seen << line;
    }
    QCOMPARE(seen.size(), last + 1);
    QCOMPARE(format::sentence({base::ErrorCode::Cancelled, "", ""}).left(11), QStringLiteral("The request"));
}

void UiRulesTest::theThemeFileIsCompleteInBothModes()
{
    const auto file = parseTheme(embeddedTheme());
    QVERIFY(file.has_value());
    for (std::size_t i = 0; i < meaningCount; ++i) {
        QVERIFY(file->dark[i].isValid());
        QVERIFY(file->light[i].isValid());
    }
    // Nothing in the file that no widget can name.
    const auto root = QJsonDocument::fromJson(embeddedTheme()).object();
    QSet<QString> names;
    for (std::size_t i = 0; i < meaningCount; ++i) {
        names << name(static_cast<Meaning>(i));
    }
    QCOMPARE(names.size(), static_cast<qsizetype>(meaningCount));
    for (const auto* mode : {"dark", "light"}) {
        for (const auto& key : root.value(QLatin1String(mode)).toObject().keys()) {
            QVERIFY2(names.contains(key), qPrintable(key));
        }
    }
}

void UiRulesTest::aThemeFileWithoutAColourIsRefusedByName()
{
    QByteArray broken = embeddedTheme();
    broken.replace("\"hairline\"", "\"hairlime\"");
    const auto result = parseTheme(broken);
    QVERIFY(!result.has_value());
    QCOMPARE(result.error().code, base::ErrorCode::Malformed);
    QVERIFY(result.error().detail.find("hairline") != std::string::npos);
    QVERIFY(!parseTheme("{").has_value());
    QVERIFY(!parseTheme({}).has_value());
}

void UiRulesTest::everyTextIsReadableOnEverySurface()
{
    Theme theme;
    const std::array texts{Meaning::Text, Meaning::TextMuted, Meaning::TextFaint, Meaning::Gain,
                           Meaning::Loss, Meaning::Warning,   Meaning::Focus,     Meaning::SecondSeries};
    const std::array surfaces{Meaning::Background, Meaning::Rail,      Meaning::Card,
                              Meaning::Raised,     Meaning::Selection, Meaning::Hover};
    for (const auto mode : {Mode::Dark, Mode::Light}) {
        for (const bool isSwapped : {false, true}) {
            theme.setMode(mode);
            theme.setBlueOrange(isSwapped);
            for (const auto text : texts) {
                for (const auto surface : surfaces) {
                    const double found = contrast(theme.color(text), theme.color(surface));
                    const auto what = QStringLiteral("%1 on %2 in mode %3: %4")
                                          .arg(name(text), name(surface))
                                          .arg(static_cast<int>(mode))
                                          .arg(found);
                    QVERIFY2(found >= 4.5, qPrintable(what));
                }
            }
            QVERIFY(contrast(theme.color(Meaning::OnPrimary), theme.color(Meaning::Primary)) >= 4.5);
        }
    }
}

void UiRulesTest::contrastOfBlackOnWhiteIsTwentyOne()
{
    QCOMPARE(contrast(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrast(Qt::white, Qt::white), 1.0);
    QCOMPARE(mixed(QColor(0, 0, 0), QColor(200, 100, 50), 0.5), QColor(100, 50, 25));
}

void UiRulesTest::gainAndLossSwapToBlueAndOrangeAndNothingElseChanges()
{
    Theme theme;
    const Colors before = theme.colors();
    QSignalSpy changed(&theme, &Theme::changed);
    theme.setBlueOrange(true);
    theme.setBlueOrange(true);
    QCOMPARE(changed.size(), 1);
    for (std::size_t i = 0; i < meaningCount; ++i) {
        const auto meaning = static_cast<Meaning>(i);
        const bool swaps = meaning == Meaning::Gain || meaning == Meaning::Loss;
        QCOMPARE(theme.colors()[i] != before[i], swaps);
    }
    QVERIFY(theme.color(Meaning::Gain).blue() > theme.color(Meaning::Gain).red());
    QVERIFY(theme.color(Meaning::Loss).red() > theme.color(Meaning::Loss).blue());
}

void UiRulesTest::aFewLettersFindTheThing()
{
    QVERIFY(fuzzyScore(u"", u"Markets").has_value());
    QVERIFY(fuzzyScore(u"mkt", u"Markets").has_value());
    QVERIFY(fuzzyScore(u"MKT", u"markets").has_value());
    QVERIFY(fuzzyScore(u"emacross", u"Switch ema_crossover off").has_value());
    QVERIFY(fuzzyScore(u"off ema", u"Switch ema_crossover off") == std::nullopt); // order counts
    QVERIFY(fuzzyScore(u"x", u"Markets") == std::nullopt);
    QVERIFY(fuzzyScore(u"marketsx", u"Markets") == std::nullopt);
}

void UiRulesTest::beginningsOfWordsBeatTheMiddle()
{
    QVERIFY(*fuzzyScore(u"eth", u"ETH-USDT") > *fuzzyScore(u"eth", u"Use the light theme"));
    QVERIFY(*fuzzyScore(u"set", u"Settings") > *fuzzyScore(u"set", u"Reset it all"));
    QVERIFY(*fuzzyScore(u"market", u"Markets") > *fuzzyScore(u"market", u"Markets in a longer name"));
}

void UiRulesTest::nothingNeedsAnybodyWhenAllIsWell()
{
    QVERIFY(attention({}).empty());
    testkit::FakeConsole console;
    testkit::fill(console, {1'764'081'228'000});
    const Snapshots all{console.ingestBox.get(), console.paperBox.get(), console.chartBox.get(), console.storeBox.get(),
                        console.healthBox.get()};
    QVERIFY(attention(all).empty());
}

void UiRulesTest::theFeedNeedsAttentionInEachStateThatIsNotOnline()
{
    using console::FeedState;
    auto ingest = testkit::plausibleIngest({});
    const auto countIn = [&](FeedState state) {
        ingest.feed = state;
        Snapshots snapshots;
        snapshots.ingest = std::make_shared<const console::IngestSnapshot>(ingest);
        return attention(snapshots).size();
    };
    QCOMPARE(countIn(FeedState::Online), 0U);
    QCOMPARE(countIn(FeedState::Offline), 1U);
    QCOMPARE(countIn(FeedState::Silent), 1U);
    QCOMPARE(countIn(FeedState::Connecting), 0U); // the first connection of the day is nothing to worry about
    ingest.reconnects = 1;
    QCOMPARE(countIn(FeedState::Connecting), 1U);
    ingest.state = console::EngineState::Starting;
    QCOMPARE(countIn(FeedState::Offline), 0U);
}

void UiRulesTest::aProbeNeedsAttentionFromItsLimitOn()
{
    auto health = testkit::plausibleHealth({});
    const auto found = [&](double value) {
        health.probes[0].value = value;
        Snapshots snapshots;
        snapshots.health = std::make_shared<const console::HealthSnapshot>(health);
        return attention(snapshots);
    };
    QVERIFY(found(84.9).empty());
    QCOMPARE(found(85).size(), 1U);
    QCOMPARE(found(85).front().severity, console::Severity::Warning);
    QCOMPARE(found(169.9).front().severity, console::Severity::Warning);
    QCOMPARE(found(170).front().severity, console::Severity::Error);
    QCOMPARE(found(85).front().page, QStringLiteral("Health"));
    health.probes[0].value.reset();
    health.probes[0].limit = 0;
    Snapshots unmeasured;
    unmeasured.health = std::make_shared<const console::HealthSnapshot>(health);
    QVERIFY(attention(unmeasured).empty());
}

void UiRulesTest::malformedFramesFailedEnginesAndAStoreErrorAreTold()
{
    auto ingest = testkit::plausibleIngest({});
    ingest.malformed = {{"json", 3}, {"price", 1}};
    auto store = testkit::plausibleStore();
    store.detail = "disk full";
    auto paper = testkit::plausiblePaper({});
    paper.state = console::EngineState::Failed;
    Snapshots snapshots;
    snapshots.ingest = std::make_shared<const console::IngestSnapshot>(ingest);
    snapshots.paper = std::make_shared<const console::PaperSnapshot>(paper);
    snapshots.store = std::make_shared<const console::StoreSnapshot>(store);
    const auto items = attention(snapshots);
    QCOMPARE(items.size(), 3U);
    QCOMPARE(items[0].severity, console::Severity::Error); // gravest first
    QCOMPARE(items[1].severity, console::Severity::Error);
    QCOMPARE(items[2].key, QStringLiteral("malformed"));
    QVERIFY(items[2].title.startsWith(QStringLiteral("4 ")));
    QVERIFY(items[1].text.contains(QStringLiteral("disk full")));
}

void UiRulesTest::oneCauseIsToldOnce()
{
    auto ingest = testkit::plausibleIngest({});
    ingest.feed = console::FeedState::Offline;
    ingest.state = console::EngineState::Struggling;
    auto health = testkit::plausibleHealth({});
    health.services[1].state = console::EngineState::Failed; // "Paper trading", which its own snapshot tells too
    auto paper = testkit::plausiblePaper({});
    paper.state = console::EngineState::Failed;
    Snapshots snapshots;
    snapshots.ingest = std::make_shared<const console::IngestSnapshot>(ingest);
    snapshots.paper = std::make_shared<const console::PaperSnapshot>(paper);
    snapshots.health = std::make_shared<const console::HealthSnapshot>(health);
    QCOMPARE(attention(snapshots).size(), 2U);
}

void UiRulesTest::aPastThatIsBeingMadeIsToldAndNoAlarm()
{
    Snapshots snapshots;
    console::StoreSnapshot store{.state = console::EngineState::Starting, .making = 0.434};
    snapshots.store = std::make_shared<const console::StoreSnapshot>(store);
    snapshots.ingest = std::make_shared<const console::IngestSnapshot>(
        console::IngestSnapshot{.state = console::EngineState::Starting, .feed = console::FeedState::CatchingUp});
    const auto items = attention(snapshots);
    QCOMPARE(items.size(), 1U);
    QCOMPARE(items[0].severity, console::Severity::Info);
    QVERIFY2(items[0].title.contains(QStringLiteral("43")), qPrintable(items[0].title));
    store.making.reset();
    snapshots.store = std::make_shared<const console::StoreSnapshot>(store);
    QVERIFY(attention(snapshots).empty());
}

void UiRulesTest::gaugesPointToTheValueAndTurnAtTheLimit()
{
    QCOMPARE(gaugeShare(50, 90, QStringLiteral("%")), 0.5);
    QCOMPARE(gaugeShare(500, 500, QStringLiteral("ms")), 0.8);
    QCOMPARE(gaugeShare(9'000, 500, QStringLiteral("ms")), 1.0);
    QCOMPARE(gaugeShare(-3, 500, QStringLiteral("ms")), 0.0);
    QCOMPARE(gaugeShare(3, 0, QString()), 0.0);
    QCOMPARE(gaugeTone(74.9, 100), Meaning::Gain);
    QCOMPARE(gaugeTone(75, 100), Meaning::Warning);
    QCOMPARE(gaugeTone(99.9, 100), Meaning::Warning);
    QCOMPARE(gaugeTone(100, 100), Meaning::Loss);
    QCOMPARE(gaugeTone(5, 0), Meaning::Gain);
}

void UiRulesTest::sparklinesSpanTheirBox()
{
    const QRectF box(10, 20, 100, 40);
    QVERIFY(paint::sparkPoints({}, box).isEmpty());
    const auto line = paint::sparkPoints({1, 3, 2}, box);
    QCOMPARE(line.size(), 3);
    QCOMPARE(line[0], QPointF(10, 60));
    QCOMPARE(line[1], QPointF(60, 20));
    QCOMPARE(line[2], QPointF(110, 40));
    for (const auto& point : paint::sparkPoints({5, 5, 5}, box)) {
        QCOMPARE(point.y(), 40.0); // flat lies in the middle
    }
}

QTEST_MAIN(UiRulesTest)
#include "ui_rules_test.moc"
