// Parameters, the catalogue, and what holds for every strategy of it: nothing of the future, warm-up, saved state.
#include "strategy_bench.h"
#include "testkit/counted_allocations.h"
#include "trading/strategies/parts.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <limits>
#include <set>

using namespace qd;
using namespace qd::testkit;
using market::Side;

namespace {

/// Candles of 5m until a strategy may speak: ten times its longest average, in the largest timeframe it reads.
std::size_t warmUpOf(std::string_view name)
{
    const std::map<std::string_view, std::size_t> candles{{"mtf_trend_align", 210 * 12},
                                                          {"mtf_momentum_confirm", 140 * 12},
                                                          {"ml_gbt_5m", 140},
                                                          {"vwap_reversion", 100},
                                                          {"bb_squeeze", 200},
                                                          {"support_resistance", 153},
                                                          {"candle_patterns", 100},
                                                          {"ema_crossover", 210},
                                                          {"breakout", 100},
                                                          {"momentum", 260},
                                                          {"reversal", 100},
                                                          {"rsi_divergence", 140},
                                                          {"volume_mean_reversion", 100}};
    return candles.at(name);
}

} // namespace

class StrategiesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void parametersAreRefusedOutsideTheirRangeAndUnknown();
    void aChangedParameterChangesTheHashAndTheSameOnesKeepIt();
    void theHashIsThatOfTheWrittenForm();
    void writtenParametersAreReadBackAndMalformedOnesChangeNothing();
    void thirteenStrategiesStateWhatTheyReadAndTheirRanges();
    void bracketsLieOnTheRightSidesAtLeastATickAway();
    void bothSidesAreTradedAndExitsAreOnTheRightSides();
    void nobodySpeaksBeforeItIsWarmAndSaysSo();
    void aLaterStartConvergesToTheSameSignals();
    void anotherFutureChangesNothingBeforeIt();
    void aLongHoleStartsAnewAndAShortOneDoesNot();
    void aStrategyGoesOnExactlyFromItsSavedState();
    void aChangedThresholdKeepsWhatWasHeardAndAChangedLengthDoesNot();
    void aMarketThatStandsStillMakesNoSignal();
    void listeningAllocatesNothing();
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
            const bool isLeast = parameter.least == parameter.standard;
            QVERIFY(changed.set(parameter.name, isLeast ? parameter.most : parameter.least).has_value());
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

void StrategiesTest::writtenParametersAreReadBackAndMalformedOnesChangeNothing()
{
    for (const auto& info : strategyCatalogue()) {
        ParameterSet changed(info.name, info.parameters);
        QVERIFY(changed.set("stop_atr", 1.2345678901234567));
        ParameterSet read(info.name, info.parameters);
        QVERIFY(read.setText(changed.text()));
        QCOMPARE(read.hash(), changed.hash());
        for (const auto* bad : {"stop_atr", "stop_atr=", "stop_atr=1x", "=1", "stop_atr=1|nothing=2", "stop_atr=1000",
                                "stop_atr=1|", "|", "stop_atr=nan"}) {
            const bool isFine = std::string_view(bad) == "stop_atr=1|"; // an end is no parameter
            QCOMPARE(read.setText(bad).has_value(), isFine);
            QVERIFY(isFine || read.hash() == changed.hash());
            QVERIFY(read.setText(changed.text()));
        }
    }
}

void StrategiesTest::thirteenStrategiesStateWhatTheyReadAndTheirRanges()
{
    QVERIFY(!findStrategy("no such strategy"));
    const std::set<std::string_view> wanted{"mtf_trend_align",
                                            "mtf_momentum_confirm",
                                            "ml_gbt_5m",
                                            "vwap_reversion",
                                            "bb_squeeze",
                                            "support_resistance",
                                            "candle_patterns",
                                            "ema_crossover",
                                            "breakout",
                                            "momentum",
                                            "reversal",
                                            "rsi_divergence",
                                            "volume_mean_reversion"};
    std::set<std::string_view> names;
    std::set<std::string_view> ideas;
    for (const auto& info : strategyCatalogue()) {
        names.insert(info.name);
        ideas.insert(info.idea);
        QCOMPARE(findStrategy(info.name), &info);
        QVERIFY(!info.timeframes.empty() && !info.idea.empty());
        for (const auto& p : info.parameters) {
            QVERIFY(p.least <= p.standard && p.standard <= p.most && !p.meaning.empty() && !p.unit.empty());
        }
        for (const auto* needed : {"stop_atr", "target_atr", "time_limit_min"}) {
            QVERIFY(std::ranges::find(info.parameters, needed, &Parameter::name) != info.parameters.end());
        }
    }
    QVERIFY(names == wanted);
    QCOMPARE(ideas.size(), wanted.size());
    QCOMPARE(makeRunners({}, "BTC-USDT").size(), wanted.size());
    QCOMPARE(makeRunners({"breakout", "no such strategy"}, "BTC-USDT").size(), std::size_t{1});
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

void StrategiesTest::bothSidesAreTradedAndExitsAreOnTheRightSides()
{
    const auto candles = walk(1, 30'000);
    for (const auto& info : strategyCatalogue()) {
        int longs = 0;
        int shorts = 0;
        for (const auto& s : StrategyBench(info.name).listen(candles)) {
            const auto close = s.limit ? s.limit->value : candles[s.at].close.value;
            (s.side == Side::Buy ? longs : shorts) += 1;
            QVERIFY(s.side == Side::Buy ? s.stop < close && close < s.target : s.target < close && close < s.stop);
            QVERIFY(!s.why.empty());
            if (s.limit) { // never on the far side of the market
                QVERIFY(s.side == Side::Buy ? *s.limit <= candles[s.at].close : *s.limit >= candles[s.at].close);
            }
        }
        QVERIFY2(longs > 3 && shorts > 3, std::string(info.name).c_str());
    }
}

void StrategiesTest::nobodySpeaksBeforeItIsWarmAndSaysSo()
{
    for (const auto& info : strategyCatalogue()) {
        const auto warm = warmUpOf(info.name);
        std::size_t earliest = std::numeric_limits<std::size_t>::max();
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            StrategyBench bench(info.name);
            const auto said = bench.listen(walk(seed, warm + 400));
            earliest = said.empty() ? earliest : std::min(earliest, said.front().at);
            QVERIFY(bench.strategy->silence().empty());
        }
        QVERIFY2(earliest + 1 >= warm, std::string(info.name).c_str());
        QVERIFY2(earliest < warm + 200, std::string(info.name).c_str()); // and it does speak soon after
        StrategyBench bench(info.name);
        (void)bench.listen(walk(1, warm - 1));
        const auto why = bench.strategy->silence();
        QVERIFY2(why.starts_with("warming up: "), why.c_str());
        QVERIFY2(why.contains(", until about ") && why.ends_with("Z"), why.c_str());
    }
}

void StrategiesTest::aLaterStartConvergesToTheSameSignals()
{
    const auto candles = walk(3, 24'000);
    for (const auto& info : strategyCatalogue()) {
        const auto reference = StrategyBench(info.name).listen(candles);
        for (const std::size_t start : {36U, 1'212U, 5'004U}) { // on the hour, as the candles of 1h begin
            const auto said = StrategyBench(info.name).listen(candles, start);
            const auto agreed = start + warmUpOf(info.name) + 300;
            std::vector<Said> wanted;
            std::ranges::copy_if(reference, std::back_inserter(wanted), [&](const Said& s) { return s.at > agreed; });
            std::vector<Said> got;
            std::ranges::copy_if(said, std::back_inserter(got), [&](const Said& s) { return s.at > agreed; });
            QVERIFY2(got.size() > 5, std::string(info.name).c_str());
            QVERIFY2(got == wanted, std::string(info.name).c_str());
        }
    }
}

// Ticks through the whole pipeline, with two futures after each cut. A rule that read an unfinished candle of a larger
// timeframe, or the tick that closes one, would speak otherwise before the cut.
void StrategiesTest::anotherFutureChangesNothingBeforeIt()
{
    const auto instrument = instrumentOf(1, "COIN-USDT");
    const auto candles = walk(9, 6'000);
    std::vector<market::Tick> ticks; // open, high, low, close of each candle
    for (const auto& c : candles) {
        const auto size = std::max<std::int64_t>(1, c.volume.value);
        for (const auto& [at, price] : {std::pair{0, c.open}, {80'000, c.high}, {160'000, c.low}, {290'000, c.close}}) {
            ticks.push_back({.id = static_cast<std::int64_t>(ticks.size()) + 1,
                             .time = c.start + base::Millis{at},
                             .price = price,
                             .signedSize = at == 80'000 ? size : -size});
        }
    }
    const auto decisionsOf = [&](const std::vector<market::Tick>& of) {
        auto policy = base::defaultPaperPolicy();
        policy.silence = base::Millis{200'000};
        TradingPipeline pipeline(policy, {}, std::make_shared<StandInLibrary>());
        pipeline.addInstrument(instrument);
        if (!pipeline.setModel("gbt_5m", standIn)) {
            throw std::logic_error("no model");
        }
        LedgerEvents events;
        for (const auto& item : streamOf(instrument.id, of)) {
            pipeline.feed(item, events);
        }
        std::map<std::pair<std::int64_t, std::string>, std::tuple<int, std::int64_t, std::int64_t, std::string>> out;
        const auto add = [&](const DecisionStamp& d) {
            out.try_emplace({d.number.value, d.strategy}, static_cast<int>(d.side), d.stop.value, d.target.value,
                            d.why);
        };
        for (const auto& event : events) {
            if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                add(signal->decision);
            } else if (const auto* position = std::get_if<OpenPosition>(&event)) {
                add(position->decision);
            }
        }
        return out;
    };
    const auto whole = decisionsOf(ticks);
    std::set<std::string> heard;
    for (const auto& [key, what] : whole) {
        heard.insert(key.second);
    }
    QCOMPARE(heard.size(), strategyCatalogue().size());
    std::mt19937_64 random(4);
    for (int turn = 0; turn < 12; ++turn) {
        const auto cut = ticks.size() / 2 + random() % (ticks.size() / 2);
        auto other = ticks;
        for (auto i = cut; i < other.size(); ++i) { // the rest mirrored at the price of the cut
            other[i].price = {std::max<std::int64_t>(1, 2 * ticks[cut].price.value - ticks[i].price.value)};
        }
        const auto changed = decisionsOf(other);
        const auto before = [&](const auto& all) { // an order that is still under way has not told its decision yet
            return std::pair(all.begin(), all.lower_bound({static_cast<std::int64_t>(cut) - 1, ""}));
        };
        const auto [first, last] = before(whole);
        const auto [otherFirst, otherLast] = before(changed);
        QVERIFY(std::distance(first, last) > 100);
        QVERIFY(std::equal(first, last, otherFirst, otherLast));
        QVERIFY(changed != whole);
    }
}

void StrategiesTest::aLongHoleStartsAnewAndAShortOneDoesNot()
{
    for (const auto& [name, tolerated] : {std::pair{"ema_crossover", 21}, std::pair{"breakout", 20},
                                          std::pair{"momentum", 26}, std::pair{"vwap_reversion", 48}}) {
        for (const auto& [missing, startsAnew] : {std::pair{tolerated - 1, false}, std::pair{tolerated, true}}) {
            auto candles = walk(5, 2'400);
            for (std::size_t i = 600; i < candles.size(); ++i) {
                candles[i].start.value += missing * 300'000;
            }
            std::vector<Said> said;
            for (const auto& s : StrategyBench(name).listen(candles)) {
                if (s.at >= 600) {
                    said.push_back(s);
                }
            }
            QCOMPARE(said == StrategyBench(name).listen(candles, 600), startsAnew);
        }
    }
}

void StrategiesTest::aStrategyGoesOnExactlyFromItsSavedState()
{
    for (const auto& info : strategyCatalogue()) {
        const auto warm = warmUpOf(info.name);
        auto candles = walk(7, 2 * warm + 1'200);
        for (std::size_t i = warm + 500; i < candles.size(); ++i) { // a hole
            candles[i].start.value += 36'000'000;
        }
        const auto wanted = StrategyBench(info.name).listen(candles);
        QVERIFY(!wanted.empty());
        std::vector<Said> got;
        StrategyBench bench(info.name);
        for (std::size_t i = 0; i < candles.size(); ++i) {
            if (i < 50 || i % 7 == 0 || i > candles.size() - 100) {
                base::StateWriter writer;
                bench.strategy->save(writer);
                auto next = std::move(StrategyBench(info.name).strategy);
                next->useModel(bench.model);
                base::StateReader reader(writer.bytes());
                next->restore(reader);
                QVERIFY(reader.isComplete());
                base::StateWriter again;
                next->save(again);
                QVERIFY(again.bytes() == writer.bytes());
                const auto before = bench.strategy->decide(nullptr); // the answer to the newest candle is part of it
                const auto after = next->decide(nullptr);
                QCOMPARE(before.has_value(), after.has_value());
                QCOMPARE(bench.strategy->silence(), next->silence());
                bench.strategy = std::move(next);
            }
            if (auto said = bench.hear(candles[i])) {
                got.push_back(std::move(*said));
            }
        }
        QVERIFY2(got == wanted, std::string(info.name).c_str());
    }
}

void StrategiesTest::aChangedThresholdKeepsWhatWasHeardAndAChangedLengthDoesNot()
{
    const auto candles = walk(2, 6'000);
    learning::ServedRows rows;
    const StandInLibrary library;
    const auto model = modelAtHand({"gbt_5m 7", "any"}, &library, &rows);
    for (const auto& candle : candles) {
        rows.add(Timeframe::M5, candle);
    }
    for (const auto& info : strategyCatalogue()) {
        auto runner = std::move(makeRunners({std::string(info.name)}, "COIN-USDT").front());
        runner.strategy->useModel(model);
        for (const auto& candle : candles) {
            for (const auto timeframe : info.timeframes) {
                runner.strategy->onCandle(timeframe, candle);
            }
        }
        QVERIFY(runner.strategy->silence().empty());
        const auto hash = runner.parameterHash;
        QVERIFY(!runner.setParameters("stop_atr=1000", model));
        QCOMPARE(runner.parameterHash, hash);
        QVERIFY(runner.setParameters("stop_atr=1.25", model));
        QVERIFY(runner.parameterHash != hash);
        QCOMPARE(runner.parameters["stop_atr"], 1.25);
        QVERIFY2(runner.strategy->silence().empty(), runner.strategy->silence().c_str());
        QVERIFY(runner.setParameters("atr=40", model));
        QCOMPARE(runner.parameters["stop_atr"], 1.25);
        QVERIFY(runner.strategy->silence().starts_with("warming up: 0 of "));
    }
}

void StrategiesTest::aMarketThatStandsStillMakesNoSignal()
{
    for (const auto& info : strategyCatalogue()) {
        std::vector<Candle> candles;
        for (int i = 0; i < 3'500; ++i) {
            candles.push_back(candleOf(i, 1'000, 1'000, 1'000, 1'000, 0));
        }
        QVERIFY(StrategyBench(info.name).listen(candles).empty());
    }
}

void StrategiesTest::listeningAllocatesNothing()
{
    const auto candles = walk(8, 4'000);
    for (const auto& info : strategyCatalogue()) {
        StrategyBench bench(info.name);
        std::size_t quiet = 0;
        for (const auto& candle : candles) {
            const auto before = allocations;
            const auto said = bench.hear(candle);
            if (!said) { // words are text
                QCOMPARE(allocations, before);
                ++quiet;
            }
        }
        QVERIFY2(quiet > 2'000, std::string(info.name).c_str());
    }
    // And a tick between closes allocates nothing anywhere, with orders and positions under way.
    TradingPipeline pipeline(base::defaultPaperPolicy(), {}, std::make_shared<StandInLibrary>());
    pipeline.addInstrument(instrumentOf(1, "COIN-USDT"));
    QVERIFY(pipeline.setModel("gbt_5m", standIn));
    const auto tape = randomTape({1}, 3, 60'000, {.gapShare = 0, .lateShare = 0});
    LedgerEvents events;
    std::size_t quiet = 0;
    for (const auto& item : tape) {
        events.clear();
        const auto before = allocations;
        pipeline.feed(item, events);
        if (events.empty()) {
            QCOMPARE(allocations, before);
            ++quiet;
        }
    }
    QVERIFY(quiet > 50'000);
}

QTEST_GUILESS_MAIN(StrategiesTest)
#include "strategies_test.moc"
