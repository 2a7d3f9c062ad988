// The pipeline as a whole: recorded market data, replay in any order, restart anywhere, and no look into the future.
// Longer than 500 lines because all of it shares one ledger, one recorded file and one way to run.
#include "testkit/recorded_trades.h"
#include "testkit/tape.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>
#include <thread>

using namespace qd;
using namespace qd::trading;
using base::InstrumentId;

namespace {

constexpr InstrumentId ltc{7};

struct Ledger {
    std::vector<ClosedTrade> trades;
    std::vector<UntradedSignal> signals;
    std::vector<CandleClosed> candles;

    explicit Ledger(const LedgerEvents& events = {})
    {
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                trades.push_back(*trade);
            } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                signals.push_back(*signal);
            } else if (const auto* candle = std::get_if<CandleClosed>(&event)) {
                candles.push_back(*candle);
            }
        }
    }
    [[nodiscard]] std::string hash(const std::map<InstrumentId, market::Instrument>& instruments) const
    {
        return ledgerHash(trades, signals, instruments);
    }
};

LedgerEvents run(const market::Instrument& instrument, const std::vector<market::StreamItem>& items)
{
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument);
    LedgerEvents out;
    for (const auto& item : items) {
        pipeline.feed(item, out);
    }
    return out;
}

// Every decision of a run, traded or not: what the strategies said.
std::vector<DecisionStamp> decisions(const LedgerEvents& events)
{
    std::vector<DecisionStamp> out;
    for (const auto& event : events) {
        if (const auto* opened = std::get_if<OpenPosition>(&event)) {
            out.push_back(opened->decision);
        } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
            out.push_back(signal->decision);
        }
    }
    std::ranges::sort(out, [](const DecisionStamp& a, const DecisionStamp& b) {
        return std::tie(a.number, a.strategy) < std::tie(b.number, b.strategy);
    });
    out.erase(std::ranges::unique(out).begin(), out.end()); // a position is told again when a part of it leaves
    return out;
}

// The independent few lines: candles of a run of ticks without gap, straight from the definition.
std::vector<market::Candle> candlesByDefinition(const std::vector<market::Tick>& ticks, base::Millis width)
{
    std::map<std::int64_t, market::Candle> buckets;
    for (const auto& tick : ticks) {
        const auto key = tick.time.value / width.count();
        auto [found, isNew] = buckets.try_emplace(key);
        auto& candle = found->second;
        if (isNew) {
            candle.start = {key * width.count()};
            candle.open = candle.high = candle.low = tick.price;
        }
        candle.high = std::max(candle.high, tick.price);
        candle.low = std::min(candle.low, tick.price);
        candle.close = tick.price;
        candle.volume.value += std::abs(tick.signedSize);
        candle.buyVolume += std::max<std::int64_t>(tick.signedSize, 0);
        candle.trades += 1;
    }
    std::vector<market::Candle> out;
    for (const auto& [key, candle] : buckets) {
        for (auto missing = out.empty() ? key : out.back().start.value / width.count() + 1; missing < key; ++missing) {
            const auto p = out.back().close;
            out.push_back({.start = {missing * width.count()}, .open = p, .high = p, .low = p, .close = p});
        }
        out.push_back(candle);
    }
    if (!out.empty()) {
        out.front().hasGap = true; // what came before the first tick of its bucket is not known
    }
    return out;
}

} // namespace

class TradingPipelineTest : public QObject {
    Q_OBJECT

private:
    market::Instrument instrument_ = testkit::instrumentOf(ltc.value, "LTC-USDT");
    std::map<InstrumentId, market::Instrument> instruments_{{ltc, instrument_}};
    std::vector<market::Tick> recorded_;

private Q_SLOTS:
    void initTestCase();
    void candlesOfTheRecordedRunEqualThoseByDefinition();
    void recordedTradesMakeAtLeastFiftyClosedTradesAndTheSameHashTwice();
    void speedOfTheRecordedReplay();
    void instrumentsInAnyInterleavingAndOnTwoThreadsGiveOneHash();
    void aRestartAtAnyPointGivesTheSameLedgerAndTheSameState();
    void aStateOfOtherStrategiesOrScalesOrWithAFlippedBitIsDamagedAndLeavesTheInstrumentNew();
    void cuttingTheFutureOffChangesNoSignalBefore();
    void aSwitchedOffStrategyTradesOnInShadow();
    void aLateTickMarksTheCandleInWorkAndIsNeverTradedOn();
    void aGapMarksCandlesAndBlocksTheirSignals();
    void candlesThatCloseTogetherComeSmallestFirstBeforeAnyDecision();
    void theHashDependsOnEveryFigureAndNotOnTheOrderOfEvents();
    void csvLinesHaveAsManyFieldsAsTheirHeaders();
};

void TradingPipelineTest::initTestCase()
{
    const auto path = testkit::sharedFile("data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz");
    if (!path.empty()) {
        recorded_ = testkit::readTrades(path, instrument_.tick, instrument_.lot);
        QCOMPARE(recorded_.size(), std::size_t{152'763});
    }
}

void TradingPipelineTest::candlesOfTheRecordedRunEqualThoseByDefinition()
{
    if (recorded_.empty()) {
        QSKIP("no recorded trades: QD_SHARED names no folder with data/");
    }
    std::vector<market::Tick> run;
    for (const auto& tick : recorded_) {
        if (tick.time.value >= 1'750'558'420'763 && tick.time.value <= 1'750'610'855'708) {
            run.push_back(tick);
        }
    }
    QCOMPARE(run.size(), std::size_t{78'599});
    const Ledger ledger(::run(instrument_, testkit::streamOf(ltc, run)));
    for (const auto timeframe : market::allTimeframes) {
        auto wanted = candlesByDefinition(run, market::length(timeframe));
        wanted.pop_back(); // in work at the end of the run
        std::vector<market::Candle> got;
        for (const auto& closed : ledger.candles) {
            if (closed.timeframe == timeframe) {
                got.push_back(closed.candle);
            }
        }
        QVERIFY(!wanted.empty());
        QCOMPARE(got.size(), wanted.size());
        QVERIFY2(got == wanted, market::name(timeframe).data());
    }
}

void TradingPipelineTest::recordedTradesMakeAtLeastFiftyClosedTradesAndTheSameHashTwice()
{
    if (recorded_.empty()) {
        QSKIP("no recorded trades: QD_SHARED names no folder with data/");
    }
    const auto items = testkit::streamOf(ltc, recorded_);
    const Ledger first(run(instrument_, items));
    const Ledger second(run(instrument_, items));
    std::map<std::string, int> count;
    for (const auto& trade : first.trades) {
        ++count[trade.position.decision.strategy];
    }
    std::map<std::string, int> blocked;
    for (const auto& signal : first.signals) {
        ++blocked[signal.decision.strategy + ": " + std::string(name(signal.reason))];
    }
    for (const auto& [reason, signals] : blocked) {
        qInfo("%s: %d signals", reason.c_str(), signals);
    }
    for (const auto& [strategy, trades] : count) {
        qInfo("%s: %d closed trades", strategy.c_str(), trades);
    }
    QVERIFY(first.trades.size() >= 50);
    QVERIFY(count.size() >= 8); // the rest needs days of candles, or a model
    QVERIFY(count["breakout"] > 0 && count["ema_crossover"] > 0);
    QCOMPARE(first.hash(instruments_), second.hash(instruments_));
}

void TradingPipelineTest::speedOfTheRecordedReplay()
{
    if (recorded_.empty()) {
        QSKIP("no recorded trades: QD_SHARED names no folder with data/");
    }
    const auto items = testkit::streamOf(ltc, recorded_);
    QBENCHMARK
    {
        QVERIFY(!run(instrument_, items).empty());
    }
}

void TradingPipelineTest::instrumentsInAnyInterleavingAndOnTwoThreadsGiveOneHash()
{
    std::map<InstrumentId, market::Instrument> instruments;
    std::vector<std::vector<market::StreamItem>> tapes;
    for (std::int64_t id = 1; id <= 3; ++id) {
        instruments[{id}] = testkit::instrumentOf(id, "COIN" + std::to_string(id) + "-USDT");
        tapes.push_back(testkit::randomTape({id}, 100 + static_cast<std::uint64_t>(id), 60'000));
    }
    const auto runAll = [&](const std::vector<const market::StreamItem*>& items) {
        TradingPipeline pipeline(base::defaultPaperPolicy());
        for (const auto& [id, instrument] : instruments) {
            pipeline.addInstrument(instrument);
        }
        LedgerEvents out;
        for (const auto* item : items) {
            pipeline.feed(*item, out);
        }
        return out;
    };
    std::vector<const market::StreamItem*> oneByOne;
    for (const auto& tape : tapes) {
        for (const auto& item : tape) {
            oneByOne.push_back(&item);
        }
    }
    const auto reference = Ledger(runAll(oneByOne));
    QVERIFY(reference.trades.size() > 20);
    const auto wanted = reference.hash(instruments);

    std::mt19937_64 random(5);
    for (int turn = 0; turn < 3; ++turn) {
        std::vector<std::size_t> next(tapes.size(), 0);
        std::vector<const market::StreamItem*> mixed;
        while (mixed.size() < oneByOne.size()) {
            const auto which = random() % tapes.size();
            if (next[which] < tapes[which].size()) {
                mixed.push_back(&tapes[which][next[which]++]);
            }
        }
        QCOMPARE(Ledger(runAll(mixed)).hash(instruments), wanted);
    }

    std::vector<LedgerEvents> parts(tapes.size());
    {
        const auto one = [&](std::size_t i) {
            parts[i] = run(instruments.at({static_cast<std::int64_t>(i) + 1}), tapes[i]);
        };
        std::jthread other([&] {
            one(0);
            one(2);
        });
        one(1);
    }
    LedgerEvents all;
    for (auto& part : parts) {
        all.insert(all.end(), part.begin(), part.end());
    }
    QCOMPARE(Ledger(all).hash(instruments), wanted);
}

void TradingPipelineTest::aRestartAtAnyPointGivesTheSameLedgerAndTheSameState()
{
    const auto tape = testkit::randomTape(ltc, 42, 50'000);
    TradingPipeline whole(base::defaultPaperPolicy());
    whole.addInstrument(instrument_);
    LedgerEvents wanted;
    for (const auto& item : tape) {
        whole.feed(item, wanted);
    }
    QVERIFY(Ledger(wanted).trades.size() > 10);

    std::mt19937_64 random(7);
    for (int turn = 0; turn < 8; ++turn) {
        TradingPipeline pipeline(base::defaultPaperPolicy());
        pipeline.addInstrument(instrument_);
        LedgerEvents got;
        std::size_t fed = 0;
        while (fed < tape.size()) {
            const auto until = std::min(tape.size(), fed + 1 + random() % 9'000);
            for (; fed < until; ++fed) {
                pipeline.feed(tape[fed], got);
            }
            const auto bytes = pipeline.save(ltc);
            TradingPipeline next(base::defaultPaperPolicy());
            next.addInstrument(instrument_);
            const auto restored = next.restore(ltc, bytes);
            QVERIFY2(restored.has_value(), restored ? "" : restored.error().detail.c_str());
            QCOMPARE(next.fed(ltc), pipeline.fed(ltc));
            QVERIFY(next.save(ltc) == bytes);
            QVERIFY(next.openPositions() == pipeline.openPositions());
            pipeline = std::move(next);
        }
        QVERIFY(got == wanted);
        QVERIFY(pipeline.save(ltc) == whole.save(ltc));
    }
}

void TradingPipelineTest::aStateOfOtherStrategiesOrScalesOrWithAFlippedBitIsDamagedAndLeavesTheInstrumentNew()
{
    const auto tape = testkit::randomTape(ltc, 43, 5'000);
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument_);
    LedgerEvents out;
    for (const auto& item : tape) {
        pipeline.feed(item, out);
    }
    const auto bytes = pipeline.save(ltc);
    const auto refused = [&](TradingPipeline& to, const std::string& what) {
        const auto done = to.restore(ltc, what);
        return !done && done.error().code == base::ErrorCode::Damaged && to.fed(ltc).value == 0;
    };
    TradingPipeline same(base::defaultPaperPolicy());
    same.addInstrument(instrument_);
    const auto fresh = same.save(ltc);
    for (std::size_t at = 0; at < bytes.size(); at += 1 + bytes.size() / 97) {
        auto flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 4);
        QVERIFY(refused(same, flipped));
    }
    QVERIFY(refused(same, ""));
    QVERIFY(refused(same, bytes.substr(0, bytes.size() - 1)));
    QVERIFY(refused(same, bytes + "x"));
    QVERIFY(same.save(ltc) == fresh);

    TradingPipeline fewer(base::defaultPaperPolicy(), {"breakout"});
    fewer.addInstrument(instrument_);
    QVERIFY(refused(fewer, bytes));
    TradingPipeline finer(base::defaultPaperPolicy());
    finer.addInstrument(testkit::instrumentOf(ltc.value, "LTC-USDT", 3, 3));
    QVERIFY(refused(finer, bytes));

    QVERIFY(same.restore(ltc, bytes).has_value());
    QCOMPARE(same.restore({99}, bytes).error().code, base::ErrorCode::NotFound);
}

void TradingPipelineTest::cuttingTheFutureOffChangesNoSignalBefore()
{
    const auto tape = testkit::randomTape(ltc, 44, 40'000);
    const auto all = decisions(run(instrument_, tape));
    QVERIFY(all.size() > 20);
    std::mt19937_64 random(9);
    for (int turn = 0; turn < 25; ++turn) {
        // Half of the cuts right behind a decision: the tick at which it fell is the last one seen.
        const auto cut = turn % 2 == 0 ? 1 + random() % tape.size()
                                       : static_cast<std::size_t>(all[random() % all.size()].number.value);
        const std::vector<market::StreamItem> past(tape.begin(), tape.begin() + static_cast<std::ptrdiff_t>(cut));
        TradingPipeline pipeline(base::defaultPaperPolicy());
        pipeline.addInstrument(instrument_);
        LedgerEvents out;
        for (const auto& item : past) {
            pipeline.feed(item, out);
        }
        // Orders on the way at the cut have made no event yet: one tick lets them fill, a later one ends what rests.
        const auto last = std::get_if<market::Tick>(&past.back().what);
        const base::UtcMs now = last ? last->time : base::UtcMs{0};
        for (const auto& [after, ms] : {std::pair<std::int64_t, std::int64_t>{1, 150}, {2, 60'150}}) {
            pipeline.feed({.instrument = ltc,
                           .number = {static_cast<std::int64_t>(cut) + after},
                           .received = {},
                           .what = market::Tick{.id = (1 << 30) + after,
                                                .time = now + base::Millis{ms},
                                                .price = {8'000},
                                                .signedSize = 1}},
                          out);
        }
        auto got = decisions(out);
        std::erase_if(got, [&](const DecisionStamp& d) { return d.number.value > static_cast<std::int64_t>(cut); });
        std::vector<DecisionStamp> wanted;
        std::ranges::copy_if(all, std::back_inserter(wanted),
                             [&](const DecisionStamp& d) { return d.number.value <= static_cast<std::int64_t>(cut); });
        const auto key = [](const DecisionStamp& d) { return std::tie(d.number, d.strategy); };
        std::ranges::sort(got, {}, key); // what rests is told later
        std::ranges::sort(wanted, {}, key);
        if (!last) { // cut at something without a time of its own: the order on the way may be missing
            while (wanted.size() > got.size()) {
                wanted.pop_back();
            }
        }
        QVERIFY(got == wanted);
    }
}

void TradingPipelineTest::aSwitchedOffStrategyTradesOnInShadow()
{
    const auto tape = testkit::randomTape(ltc, 42, 50'000);
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.setEnabled("breakout", false); // before the instrument is there
    pipeline.addInstrument(instrument_);
    LedgerEvents out;
    for (std::size_t i = 0; i < tape.size(); ++i) {
        if (i == tape.size() / 2) {
            pipeline.setEnabled(ltc, "ema_crossover", false);
            pipeline.setEnabled("no such strategy", false);
        }
        pipeline.feed(tape[i], out);
    }
    const Ledger ledger(out);
    const Ledger on(run(instrument_, tape));
    QCOMPARE(ledger.trades.size(), on.trades.size());
    int inShadow = 0;
    for (std::size_t i = 0; i < ledger.trades.size(); ++i) {
        auto position = ledger.trades[i].position;
        const bool isBreakout = position.decision.strategy == "breakout";
        const bool isLater = position.entry.number.value > static_cast<std::int64_t>(tape.size() / 2);
        QCOMPARE(position.inShadow, isBreakout || (isLater && position.decision.strategy == "ema_crossover"));
        inShadow += position.inShadow ? 1 : 0;
        position.inShadow = false;
        QVERIFY(position == on.trades[i].position);
    }
    QVERIFY(inShadow > 0 && inShadow < static_cast<int>(ledger.trades.size()));
}

void TradingPipelineTest::aLateTickMarksTheCandleInWorkAndIsNeverTradedOn()
{
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument_, 10);
    LedgerEvents out;
    std::int64_t number = 0;
    const auto feed =
        [&](std::variant<market::Tick, market::Quote, market::LateTick, market::GapMark, market::FundingRate> what) {
            pipeline.feed({.instrument = ltc, .number = {++number}, .received = {}, .what = what}, out);
        };
    feed(market::Tick{.id = 1, .time = {60'000}, .price = {100}, .signedSize = 5});
    feed(market::Tick{.id = 3, .time = {120'000}, .price = {100}, .signedSize = 5});
    feed(market::Tick{.id = 9, .time = {180'000}, .price = {101}, .signedSize = 5});
    feed(market::LateTick{{.id = 2, .time = {119'999}, .price = {1}, .signedSize = 5}}); // of a closed candle
    QVERIFY(!pipeline.forming(ltc, market::Timeframe::M1)->hasGap);
    feed(market::LateTick{{.id = 8, .time = {180'000}, .price = {1}, .signedSize = 5}});
    const auto forming = *pipeline.forming(ltc, market::Timeframe::M1);
    QVERIFY(forming.hasGap);
    QCOMPARE(forming.low, base::Price{101});
    QCOMPARE(forming.trades, 1);
    const auto closed = pipeline.history(ltc, market::Timeframe::M1)->all();
    QCOMPARE(closed.size(), std::size_t{2});
    QVERIFY(closed[0].hasGap); // the first of the stream
    QVERIFY(!closed[1].hasGap);
}

void TradingPipelineTest::aGapMarksCandlesAndBlocksTheirSignals()
{
    // With a gap in every candle, every signal is kept as blocked by it and nothing trades.
    auto tape = testkit::randomTape(ltc, 42, 50'000, {.gapShare = 0});
    std::vector<market::StreamItem> holed;
    base::UtcMs marked{0};
    for (const auto& item : tape) {
        const auto* tick = std::get_if<market::Tick>(&item.what);
        if (tick && base::bucketStart(tick->time, market::length(market::Timeframe::M1)) != marked) {
            holed.push_back(
                {.instrument = ltc, .number = {}, .received = {}, .what = market::GapMark{.from = tick->time}});
            marked = base::bucketStart(tick->time, market::length(market::Timeframe::M1));
        }
        holed.push_back(item);
    }
    for (std::size_t i = 0; i < holed.size(); ++i) {
        holed[i].number = {static_cast<std::int64_t>(i) + 1};
    }
    const Ledger ledger(run(instrument_, holed));
    QVERIFY(ledger.trades.empty());
    QVERIFY(ledger.signals.size() > 20);
    for (const auto& signal : ledger.signals) {
        QCOMPARE(signal.reason, NotTraded::Gap);
    }
    QVERIFY(std::ranges::all_of(ledger.candles, [](const CandleClosed& c) { return c.candle.hasGap; }));
}

void TradingPipelineTest::candlesThatCloseTogetherComeSmallestFirstBeforeAnyDecision()
{
    auto tape = testkit::randomTape(ltc, 42, 50'000, {.gapShare = 0});
    for (std::size_t i = 30'000; i < tape.size(); ++i) { // 9 hours of silence: many flat candles close with one tick
        std::visit(
            [](auto& what) {
                if constexpr (requires { what.time; }) {
                    what.time = what.time + base::Millis{9 * 3'600'000};
                }
            },
            tape[i].what);
    }
    const auto events = run(instrument_, tape);
    base::UtcMs end{0};
    int timeframe = -1;
    bool sawCandles = false;
    for (const auto& event : events) {
        if (const auto* closed = std::get_if<CandleClosed>(&event)) {
            const auto itsEnd = closed->candle.start + market::length(closed->timeframe);
            QVERIFY(itsEnd > end || (itsEnd == end && static_cast<int>(closed->timeframe) > timeframe));
            end = itsEnd;
            timeframe = static_cast<int>(closed->timeframe);
            sawCandles = true;
        } else if (const auto* signal = std::get_if<UntradedSignal>(&event);
                   signal && signal->reason != NotTraded::Gap && signal->reason != NotTraded::NotFilled) {
            QVERIFY(sawCandles && signal->decision.time >= end);
        }
    }
}

void TradingPipelineTest::theHashDependsOnEveryFigureAndNotOnTheOrderOfEvents()
{
    const Ledger ledger(run(instrument_, testkit::randomTape(ltc, 42, 50'000)));
    const auto wanted = ledger.hash(instruments_);
    auto shuffled = ledger;
    std::ranges::shuffle(shuffled.trades, std::mt19937_64(1));
    std::ranges::shuffle(shuffled.signals, std::mt19937_64(2));
    QCOMPARE(shuffled.hash(instruments_), wanted);

    const auto changed = [&](auto change) {
        auto copy = ledger;
        change(copy.trades.front());
        return copy.hash(instruments_) != wanted;
    };
    QVERIFY(changed([](ClosedTrade& t) { t.net.value += 1; }));
    QVERIFY(changed([](ClosedTrade& t) { t.exit.price.value += 1; }));
    QVERIFY(changed([](ClosedTrade& t) { t.position.decision.decisionPriceHalfTicks += 1; }));
    QVERIFY(changed([](ClosedTrade& t) { t.position.hasGap = !t.position.hasGap; }));
    QVERIFY(changed([](ClosedTrade& t) { t.position.decision.parameterHash[0] ^= 1; }));
    auto fewer = ledger;
    fewer.signals.pop_back();
    QVERIFY(fewer.hash(instruments_) != wanted);
    QVERIFY(ledger.hash({}) != ledgerHash({}, {}, {})); // an unknown instrument's rows count all the same
    QCOMPARE(ledgerHash({}, {}, {}), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

void TradingPipelineTest::csvLinesHaveAsManyFieldsAsTheirHeaders()
{
    const Ledger ledger(run(instrument_, testkit::randomTape(ltc, 42, 50'000)));
    const auto fields = [](const std::string& line) {
        bool isInside = false;
        int count = 1;
        for (const char c : line) {
            isInside = c == '"' ? !isInside : isInside;
            count += c == ',' && !isInside ? 1 : 0;
        }
        return count;
    };
    auto trade = ledger.trades.front();
    trade.position.decision.why = "a \"quoted\", word";
    QCOMPARE(fields(tradeCsv(trade, instrument_)), fields(tradeCsvHeader()));
    QVERIFY(tradeCsv(trade, instrument_).ends_with("\"a \"\"quoted\"\", word\""));
    QCOMPARE(fields(signalCsv(ledger.signals.front(), instrument_)), fields(signalCsvHeader()));

    ClosedTrade odd = trade;
    odd.position.decision.decisionPriceHalfTicks = 16'001; // 80.005: half a tick of 0.01, exactly
    QVERIFY(tradeCsv(odd, instrument_).find(",80.005,") != std::string::npos);
}

QTEST_GUILESS_MAIN(TradingPipelineTest)
#include "trading_pipeline_test.moc"
