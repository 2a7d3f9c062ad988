// Parameters, the catalogue, and the strategies by themselves: what they say on which candles.
#include "testkit/tape.h"
#include "trading/strategies/parts.h"
#include "trading/strategy_catalogue.h"

#include <QTest>

#include <algorithm>
#include <limits>
#include <random>

using namespace qd;
using namespace qd::trading;
using market::Candle;
using market::Side;
using market::Timeframe;

namespace {

Candle candleOf(std::int64_t minute, std::int64_t close, std::int64_t range = 10, std::int64_t volume = 100)
{
    return {.start = {minute * 60'000},
            .open = {close},
            .high = {close + range},
            .low = {close - range},
            .close = {close},
            .volume = {volume}};
}

std::unique_ptr<Strategy> make(std::string_view name)
{
    const auto* info = findStrategy(name);
    return makeStrategy(*info, ParameterSet(info->name, info->parameters));
}

// A random walk of candles, some without movement.
std::vector<Candle> walk(std::uint64_t seed, std::size_t count, std::int64_t step)
{
    std::mt19937_64 random(seed);
    std::vector<Candle> candles;
    std::int64_t price = 100'000;
    for (std::size_t i = 0; i < count; ++i) {
        price += static_cast<std::int64_t>(random() % 201) - 100;
        candles.push_back(candleOf(static_cast<std::int64_t>(i) * step, price,
                                   1 + static_cast<std::int64_t>(random() % 80),
                                   static_cast<std::int64_t>(random() % 1'000)));
    }
    return candles;
}

struct Said {
    std::size_t at;
    Side side;
    std::int64_t stop;
    std::int64_t target;
    std::string why;
    friend bool operator==(const Said&, const Said&) = default;
};

std::vector<Said> listen(Strategy& strategy, Timeframe timeframe, const std::vector<Candle>& candles,
                         std::size_t from = 0)
{
    std::vector<Said> said;
    for (std::size_t i = from; i < candles.size(); ++i) {
        strategy.onCandle(timeframe, candles[i]);
        if (const auto s = strategy.decide()) {
            said.push_back({i, s->side, s->stop.value, s->target.value, s->why});
        }
    }
    return said;
}

struct Kind {
    std::string_view name;
    Timeframe timeframe;
    std::int64_t minutes;
};
constexpr std::array kinds{Kind{"ema_crossover", Timeframe::M1, 1}, Kind{"breakout", Timeframe::M5, 5}};

} // namespace

class StrategiesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void parametersAreRefusedOutsideTheirRangeAndUnknown();
    void aChangedParameterChangesTheHashAndTheSameOnesKeepIt();
    void theHashIsThatOfTheWrittenForm();
    void everyStrategyOfTheCatalogueStatesWhatItReadsAndItsRanges();
    void bracketsLieOnTheRightSidesAtLeastATickAway();
    void theEmaCrossoverSpeaksWhenTheAverageStandsClearAndOnlyOnce();
    void theBreakoutComparesWithTheChannelBeforeAndWantsVolume();
    void bothSidesAreTradedAndStopsAreOnTheRightSides();
    void noStrategySpeaksBeforeItIsWarm();
    void aLaterStartConvergesToTheSameSignals();
    void aLongHoleStartsAnewAndAShortOneDoesNot();
    void aStrategyGoesOnExactlyFromItsSavedState();
    void aMarketThatStandsStillMakesNoSignal();
};

void StrategiesTest::parametersAreRefusedOutsideTheirRangeAndUnknown()
{
    const auto* info = findStrategy("ema_crossover");
    ParameterSet p(info->name, info->parameters);
    QCOMPARE(p["fast"], 9.0);
    QVERIFY(p.set("fast", 2).has_value());
    QVERIFY(p.set("fast", 200).has_value());
    const auto before = p.hash();
    QCOMPARE(p.set("fast", 1.999).error().code, base::ErrorCode::OutOfRange);
    QCOMPARE(p.set("fast", 200.001).error().code, base::ErrorCode::OutOfRange);
    QCOMPARE(p.set("fast", std::numeric_limits<double>::quiet_NaN()).error().code, base::ErrorCode::OutOfRange);
    QCOMPARE(p.set("fat", 9).error().code, base::ErrorCode::NotFound);
    QCOMPARE(p.hash(), before);
    QVERIFY_EXCEPTION_THROWN((void)p["fat"], std::out_of_range);
}

void StrategiesTest::aChangedParameterChangesTheHashAndTheSameOnesKeepIt()
{
    for (const auto& info : strategyCatalogue()) {
        const ParameterSet standard(info.name, info.parameters);
        QCOMPARE(standard.hash(), ParameterSet(info.name, info.parameters).hash());
        QCOMPARE(standard.hash().size(), std::size_t{16});
        for (const auto& parameter : info.parameters) {
            auto changed = standard;
            QVERIFY(changed.set(parameter.name, parameter.least).has_value());
            QVERIFY(changed.hash() != standard.hash());
            QVERIFY(changed.set(parameter.name, parameter.standard).has_value());
            QCOMPARE(changed.hash(), standard.hash());
        }
    }
    QVERIFY(ParameterSet("a", {}).hash() != ParameterSet("b", {}).hash());
}

void StrategiesTest::theHashIsThatOfTheWrittenForm()
{
    const std::vector<Parameter> parameters{{"z", "", 0, 10, 0.1, ""}, {"a", "", 0, 1e9, 1'000'000, ""}};
    // printf 'rule|a=1e+06|z=0.1' | sha256sum
    QCOMPARE(ParameterSet("rule", parameters).hash(), std::string("141cd19486c13045"));
}

void StrategiesTest::everyStrategyOfTheCatalogueStatesWhatItReadsAndItsRanges()
{
    QVERIFY(!findStrategy("no such strategy"));
    QVERIFY(strategyCatalogue().size() >= 2);
    for (const auto& info : strategyCatalogue()) {
        QCOMPARE(findStrategy(info.name), &info);
        QVERIFY(!info.timeframes.empty() && !info.idea.empty());
        for (const auto& p : info.parameters) {
            QVERIFY(p.least <= p.standard && p.standard <= p.most && !p.meaning.empty());
        }
        for (const auto* needed : {"stop_atr", "target_atr", "time_limit_min"}) {
            QVERIFY(std::ranges::find(info.parameters, needed, &Parameter::name) != info.parameters.end());
        }
    }
}

void StrategiesTest::bracketsLieOnTheRightSidesAtLeastATickAway()
{
    const auto lng = bracketOf(Side::Buy, {1'000}, 10.0, 1.5, 3.0);
    QCOMPARE(lng->stop.value, 985);
    QCOMPARE(lng->target.value, 1'030);
    const auto shrt = bracketOf(Side::Sell, {1'000}, 10.0, 1.5, 3.0);
    QCOMPARE(shrt->stop.value, 1'015);
    QCOMPARE(shrt->target.value, 970);
    const auto tiny = bracketOf(Side::Buy, {1'000}, 0.001, 1.5, 3.0);
    QCOMPARE(tiny->stop.value, 999);
    QCOMPARE(tiny->target.value, 1'001);
    QVERIFY(!bracketOf(Side::Buy, {1'000}, 0.0, 1.5, 3.0));
    QVERIFY(!bracketOf(Side::Buy, {1'000}, std::numeric_limits<double>::quiet_NaN(), 1.5, 3.0));
    QVERIFY(bracketOf(Side::Sell, {31}, 10.0, 1.5, 3.0));
    QVERIFY(!bracketOf(Side::Sell, {30}, 10.0, 1.5, 3.0));
    QVERIFY(bracketOf(Side::Buy, {16}, 10.0, 1.5, 3.0));
    QVERIFY(!bracketOf(Side::Buy, {15}, 10.0, 1.5, 3.0));
}

void StrategiesTest::theEmaCrossoverSpeaksWhenTheAverageStandsClearAndOnlyOnce()
{
    // Falling for long, then rising: one cross, one signal, to the long side.
    std::vector<Candle> candles;
    std::int64_t price = 100'000;
    for (int i = 0; i < 300; ++i) {
        candles.push_back(candleOf(i, price -= 5));
    }
    for (int i = 300; i < 400; ++i) {
        candles.push_back(candleOf(i, price += 5));
    }
    auto strategy = make("ema_crossover");
    const auto said = listen(*strategy, Timeframe::M1, candles);
    QCOMPARE(said.size(), std::size_t{1});
    QCOMPARE(said.front().side, Side::Buy);
    QVERIFY(said.front().at > 300);
    QVERIFY(said.front().why.starts_with("EMA 9 crossed over EMA 21"));

    // The first side that is taken is no cross, however late it comes.
    std::vector<Candle> still;
    for (int i = 0; i < 300; ++i) {
        still.push_back(candleOf(i, 100'000));
    }
    for (int i = 300; i < 360; ++i) {
        still.push_back(candleOf(i, 100'000 + 20 * (i - 299)));
    }
    QVERIFY(listen(*make("ema_crossover"), Timeframe::M1, still).empty());

    // With a least separation that is never reached, silence.
    const auto* info = findStrategy("ema_crossover");
    ParameterSet wide(info->name, info->parameters);
    QVERIFY(wide.set("min_separation_atr", 5).has_value());
    QVERIFY(listen(*makeStrategy(*info, wide), Timeframe::M1, candles).empty());
}

void StrategiesTest::theBreakoutComparesWithTheChannelBeforeAndWantsVolume()
{
    const auto said = [](std::int64_t close, std::int64_t volume) {
        std::vector<Candle> candles;
        for (int i = 0; i < 200; ++i) {
            candles.push_back(candleOf(5 * i, 10'000)); // channel 9'990 … 10'010, volume 100
        }
        candles.push_back(candleOf(1'000, close, 10, volume));
        auto strategy = make("breakout");
        const auto all = listen(*strategy, Timeframe::M5, candles);
        return all.empty() ? 0 : static_cast<int>(all.front().side);
    };
    QCOMPARE(said(10'010, 500), 0);
    QCOMPARE(said(10'011, 500), 1);
    QCOMPARE(said(9'990, 500), 0);
    QCOMPARE(said(9'989, 500), -1);
    QCOMPARE(said(10'011, 100), 0); // not more than its average
    QCOMPARE(said(10'011, 101), 1);
}

void StrategiesTest::bothSidesAreTradedAndStopsAreOnTheRightSides()
{
    for (const auto& kind : kinds) {
        auto strategy = make(kind.name);
        const auto candles = walk(1, 4'000, kind.minutes);
        int longs = 0;
        int shorts = 0;
        for (const auto& s : listen(*strategy, kind.timeframe, candles)) {
            const auto close = candles[s.at].close.value;
            (s.side == Side::Buy ? longs : shorts) += 1;
            QVERIFY(s.side == Side::Buy ? s.stop < close && close < s.target : s.target < close && close < s.stop);
            QVERIFY(!s.why.empty());
        }
        QVERIFY(longs > 5 && shorts > 5);
    }
}

void StrategiesTest::noStrategySpeaksBeforeItIsWarm()
{
    for (const auto& [kind, warm] : {std::pair{kinds[0], std::size_t{210}}, std::pair{kinds[1], std::size_t{100}}}) {
        std::size_t earliest = std::numeric_limits<std::size_t>::max();
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            auto strategy = make(kind.name);
            const auto said = listen(*strategy, kind.timeframe, walk(seed, 400, kind.minutes));
            earliest = said.empty() ? earliest : std::min(earliest, said.front().at);
        }
        QVERIFY(earliest + 1 >= warm);
        QVERIFY(earliest < warm + 20); // and it does speak soon after
    }
}

void StrategiesTest::aLaterStartConvergesToTheSameSignals()
{
    for (const auto& kind : kinds) {
        const auto candles = walk(3, 4'000, kind.minutes);
        auto whole = make(kind.name);
        const auto reference = listen(*whole, kind.timeframe, candles);
        for (const std::size_t start : {37U, 500U, 1'111U}) {
            auto late = make(kind.name);
            const auto said = listen(*late, kind.timeframe, candles, start);
            std::vector<Said> wanted;
            std::ranges::copy_if(reference, std::back_inserter(wanted),
                                 [&](const Said& s) { return s.at > start + 420; });
            std::vector<Said> got;
            std::ranges::copy_if(said, std::back_inserter(got), [&](const Said& s) { return s.at > start + 420; });
            QVERIFY(got.size() > 20);
            QVERIFY(got == wanted);
        }
    }
}

void StrategiesTest::aLongHoleStartsAnewAndAShortOneDoesNot()
{
    for (const auto& [kind, tolerated] : {std::pair{kinds[0], 21}, std::pair{kinds[1], 20}}) {
        for (const auto& [missing, startsAnew] : {std::pair{tolerated - 1, false}, std::pair{tolerated, true}}) {
            auto candles = walk(5, 1'200, kind.minutes);
            for (std::size_t i = 600; i < candles.size(); ++i) {
                candles[i].start.value += missing * kind.minutes * 60'000;
            }
            auto strategy = make(kind.name);
            auto fresh = make(kind.name);
            std::vector<Said> said;
            for (const auto& s : listen(*strategy, kind.timeframe, candles)) {
                if (s.at >= 600) {
                    said.push_back(s);
                }
            }
            QCOMPARE(said == listen(*fresh, kind.timeframe, candles, 600), startsAnew);
        }
    }
}

void StrategiesTest::aStrategyGoesOnExactlyFromItsSavedState()
{
    for (const auto& kind : kinds) {
        auto candles = walk(7, 1'500, kind.minutes);
        for (std::size_t i = 700; i < candles.size(); ++i) { // a hole that starts it anew
            candles[i].start.value += 25 * kind.minutes * 60'000;
        }
        auto whole = make(kind.name);
        const auto wanted = listen(*whole, kind.timeframe, candles);
        QVERIFY(!wanted.empty());
        std::vector<Said> got;
        auto strategy = make(kind.name);
        for (std::size_t i = 0; i < candles.size(); ++i) {
            base::StateWriter writer;
            strategy->save(writer);
            auto next = make(kind.name);
            base::StateReader reader(writer.bytes());
            next->restore(reader);
            QVERIFY(reader.isComplete());
            const auto before = strategy->decide(); // the answer to the newest candle is part of the state
            const auto after = next->decide();
            QCOMPARE(before.has_value(), after.has_value());
            strategy = std::move(next);
            const auto one = listen(*strategy, kind.timeframe,
                                    {candles.begin(), candles.begin() + static_cast<std::ptrdiff_t>(i) + 1}, i);
            got.insert(got.end(), one.begin(), one.end());
        }
        QVERIFY(got == wanted);
    }
}

void StrategiesTest::aMarketThatStandsStillMakesNoSignal()
{
    for (const auto& kind : kinds) {
        std::vector<Candle> candles;
        for (int i = 0; i < 500; ++i) {
            candles.push_back(candleOf(i * kind.minutes, 1'000, 0, 0));
        }
        auto strategy = make(kind.name);
        QVERIFY(listen(*strategy, kind.timeframe, candles).empty());
    }
}

QTEST_GUILESS_MAIN(StrategiesTest)
#include "strategies_test.moc"
