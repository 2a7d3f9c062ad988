// Arms of experiments in the pipeline: books of their own beside a roster that does not notice, even odds of a split,
// and the same rows whatever ends the process in the middle.
#include "testkit/tape.h"
#include "trading/arm.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace qd;
using namespace qd::trading;
using base::InstrumentId;

namespace {

constexpr InstrumentId coin{1};
const std::string b4 = "breakout~4b";
const std::string otherStop = "stop_atr=1|target_atr=1.5";

/// Rows unique by decision, as a store keeps them, and the counts of a split by (arm, day).
struct Rows {
    std::map<std::pair<std::string, std::int64_t>, ClosedTrade> trades;
    std::map<std::pair<std::string, std::int64_t>, UntradedSignal> signals;
    std::map<std::pair<std::string, std::int64_t>, std::uint64_t> asked;
    friend bool operator==(const Rows&, const Rows&) = default;

    void take(const LedgerEvents& events)
    {
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                const auto& d = trade->position.decision;
                trades.try_emplace({d.strategy, d.number.value}, *trade);
            } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                signals.try_emplace({signal->decision.strategy, signal->decision.number.value}, *signal);
            } else if (const auto* bars = std::get_if<ArmAsked>(&event)) {
                asked[{bars->arm, bars->day}] = bars->bars;
            }
        }
    }
    [[nodiscard]] Rows ofRoster() const
    {
        auto out = *this;
        std::erase_if(out.trades, [](const auto& row) { return isArm(row.first.first); });
        std::erase_if(out.signals, [](const auto& row) { return isArm(row.first.first); });
        out.asked.clear();
        return out;
    }
    [[nodiscard]] std::vector<ClosedTrade> of(const std::string& name) const
    {
        std::vector<ClosedTrade> out;
        for (const auto& [key, trade] : trades) {
            if (key.first == name) {
                out.push_back(trade);
            }
        }
        return out;
    }
    [[nodiscard]] std::string hash(const market::Instrument& instrument) const
    {
        std::vector<ClosedTrade> t;
        std::vector<UntradedSignal> s;
        for (const auto& [key, trade] : trades) {
            t.push_back(trade);
        }
        for (const auto& [key, signal] : signals) {
            s.push_back(signal);
        }
        return ledgerHash(t, s, {{instrument.id, instrument}});
    }
};

std::vector<market::StreamItem> tapeOf(std::uint64_t seed, std::size_t count)
{
    auto items = testkit::withHourlyFunding(
        testkit::randomTape(coin, seed, count, {.volatility = 0.0005, .gapShare = 0.0002}), seed);
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].number = {static_cast<std::int64_t>(i) + 1};
    }
    return items;
}

/// Runs a tape with inputs; every `saveEvery` items it is saved, and what was saved goes on in a new pipeline.
Rows run(const market::Instrument& instrument, const std::vector<market::StreamItem>& tape,
         const std::vector<RecordedInput>& inputs, std::size_t saveEvery = 0)
{
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument);
    Rows rows;
    LedgerEvents events;
    std::size_t next = 0;
    for (std::size_t i = 0; i < tape.size(); ++i) {
        for (; next < inputs.size() && inputs[next].number < tape[i].number; ++next) {
            if (!pipeline.apply(coin, inputs[next])) {
                throw std::runtime_error("refused");
            }
        }
        pipeline.feed(tape[i], events);
        if (saveEvery > 0 && i % saveEvery == saveEvery - 1) {
            const auto saved = pipeline.save(coin);
            pipeline = TradingPipeline(base::defaultPaperPolicy());
            pipeline.addInstrument(instrument);
            if (!pipeline.restore(coin, saved) || pipeline.save(coin) != saved) {
                throw std::runtime_error("not restored");
            }
        }
    }
    rows.take(events);
    return rows;
}

RecordedInput paired(std::int64_t at, const std::string& parameters, std::int64_t experiment = 4)
{
    return armStart({{"breakout", experiment, 'b'}, false, parameters}, {at});
}
RecordedInput split(std::int64_t at, char letter, const std::string& parameters)
{
    return armStart({{"breakout", 5, letter}, true, parameters}, {at});
}

} // namespace

class ArmsTest : public QObject {
    Q_OBJECT

private:
    market::Instrument instrument_ = testkit::instrumentOf(coin.value, "COIN-USDT");

private Q_SLOTS:
    void aNameIsReadBackAndWhatIsNoneIsNot();
    void aSplitHasEvenOddsAndDoesNotDependOnTheOtherExperiment();
    void theRosterTradesBitForBitTheSameBesideArms();
    void anArmOfTheSameParametersTradesAsTheRosterDoesInABookOfItsOwn();
    void anArmHasItsOwnBookAndItsExitsAreItsOwn();
    void anArmThatEndsOpensNothingMoreAndGoesOnceFlat();
    void aSplitGivesEachBarToOneArmAndCountsIt();
    void savingAndRestoringAnywhereGivesTheSameRows();
    void whatIsLearnedOfCostsMeanwhileReachesNeitherArm();
    void aStartThatTheSavedStateCoversChangesNothingTheSecondTime();
    void whatIsNoArmIsRefusedAndAStrategyThatDoesNotRunHasNone();
};

void ArmsTest::aNameIsReadBackAndWhatIsNoneIsNot()
{
    QCOMPARE(ledgerName({"breakout", 4, 'b'}), b4);
    QVERIFY(armName(b4) == (ArmName{"breakout", 4, 'b'}));
    for (const auto* no : {"breakout", "breakout~", "breakout~4", "breakout~b", "~4b", "breakout~4c", "breakout~0b",
                           "breakout~-1b", "breakout~4xb", "breakout~99999999999999999999b"}) {
        QVERIFY2(!armName(no), no);
    }
    QVERIFY(isArm(b4) && !isArm("breakout"));
    const auto wish = armWish(split(3, 'a', otherStop));
    QVERIFY(wish && wish->isSplit && wish->parameters == otherStop && wish->name.letter == 'a');
    QVERIFY(!armWish(paired(3, otherStop))->isSplit);
    QVERIFY(!armWish(armEnd({"breakout", 4, 'b'}, {3})));
}

void ArmsTest::aSplitHasEvenOddsAndDoesNotDependOnTheOtherExperiment()
{
    int heads = 0;
    int same = 0;
    constexpr int bars = 20'000;
    for (int i = 0; i < bars; ++i) {
        const base::UtcMs bar{1'700'000'000'000 + i * 300'000LL};
        heads += takesA(1, coin, bar) ? 1 : 0;
        same += takesA(1, coin, bar) == takesA(2, coin, bar) ? 1 : 0;
    }
    QVERIFY2(std::abs(heads - bars / 2) < 283, qPrintable(QString::number(heads))); // four deviations
    QVERIFY2(std::abs(same - bars / 2) < 283, qPrintable(QString::number(same)));
    QVERIFY(takesA(1, coin, {1'700'000'000'000}) == takesA(1, coin, {1'700'000'000'000}));
}

void ArmsTest::theRosterTradesBitForBitTheSameBesideArms()
{
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const auto tape = tapeOf(seed, 60'000);
        const std::vector<RecordedInput> roster{
            {.number = {20'000}, .kind = InputKind::CloseAll, .strategy = "breakout"},
            {.number = {40'000}, .kind = InputKind::Trading, .enabled = false},
            {.number = {41'000}, .kind = InputKind::Trading, .enabled = true}};
        auto inputs = roster;
        inputs.push_back(paired(0, otherStop));
        inputs.push_back(armStart({{"reversal", 9, 'b'}, false, "range=30|limit_offset_atr=0.3"}, {5'000}));
        inputs.push_back(split(10'000, 'a', "stop_atr=2"));
        inputs.push_back(split(10'000, 'b', otherStop));
        inputs.push_back(armEnd({"breakout", 4, 'b'}, {30'000}));
        std::ranges::stable_sort(inputs, {}, &RecordedInput::number);
        const auto alone = run(instrument_, tape, roster);
        const auto beside = run(instrument_, tape, inputs);
        QVERIFY(!beside.of(b4).empty() && !beside.of("reversal~9b").empty());
        QVERIFY(alone.trades.size() > 20);
        QVERIFY(beside.ofRoster() == alone);
        QVERIFY(beside.hash(instrument_) != alone.hash(instrument_)); // the ledger as a whole holds the arms
    }
}

void ArmsTest::anArmOfTheSameParametersTradesAsTheRosterDoesInABookOfItsOwn()
{
    const auto tape = tapeOf(7, 60'000);
    const auto rows = run(instrument_, tape, {paired(0, "stop_atr=2")}); // before the first item
    const auto* info = findStrategy("breakout");
    const auto standard = run(instrument_, tape, {paired(0, ParameterSet(info->name, info->parameters).text())});
    const auto arm = standard.of(b4);
    const auto own = standard.of("breakout");
    QVERIFY(own.size() >= 5);
    QCOMPARE(arm.size(), own.size());
    for (std::size_t i = 0; i < arm.size(); ++i) {
        QVERIFY(arm[i].position.inShadow && !own[i].position.inShadow);
        QCOMPARE(arm[i].net.value, own[i].net.value);
        QVERIFY(arm[i].exit == own[i].exit);
        QCOMPARE(arm[i].position.decision.parameterHash, own[i].position.decision.parameterHash);
    }
    QVERIFY(rows.of(b4) != arm);
    // One that starts in the middle has heard what the strategy's row has heard.
    const auto late = run(instrument_, tape, {paired(30'000, ParameterSet(info->name, info->parameters).text())});
    const auto firstOfArm = late.of(b4);
    QVERIFY(!firstOfArm.empty());
    const auto number = firstOfArm.front().position.decision.number;
    const auto first =
        std::ranges::find_if(own, [](const auto& t) { return t.position.decision.number.value > 30'000; });
    QVERIFY(first != own.end() && number <= first->position.decision.number);
}

void ArmsTest::anArmHasItsOwnBookAndItsExitsAreItsOwn()
{
    int apart = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto rows = run(instrument_, tapeOf(seed, 60'000), {paired(0, otherStop)});
        const auto own = rows.of("breakout");
        std::map<std::int64_t, const ClosedTrade*> byNumber;
        for (const auto& trade : own) {
            byNumber[trade.position.decision.number.value] = &trade;
        }
        for (const auto& trade : rows.of(b4)) {
            const auto same = byNumber.find(trade.position.decision.number.value);
            if (same != byNumber.end()) { // one decision, two books: the nearer stop is left at its own price
                QVERIFY(trade.position.decision.stop != same->second->position.decision.stop);
                apart += trade.exit != same->second->exit ? 1 : 0;
            }
        }
    }
    QVERIFY(apart > 5);
}

void ArmsTest::anArmThatEndsOpensNothingMoreAndGoesOnceFlat()
{
    const auto tape = tapeOf(3, 80'000);
    const auto whole = run(instrument_, tape, {paired(0, otherStop)});
    for (const auto& trade : whole.of(b4)) { // ended in the middle of each trade in turn
        const auto middle = (trade.position.entry.number.value + trade.exit.number.value) / 2;
        const auto ended = run(instrument_, tape, {paired(0, otherStop), armEnd({"breakout", 4, 'b'}, {middle})});
        const auto rows = ended.of(b4);
        QVERIFY(!rows.empty());
        QVERIFY(rows.back() == trade); // to its own end, and nothing after it
        QVERIFY(ended.ofRoster() == whole.ofRoster());
        for (const auto& [key, signal] : ended.signals) {
            QVERIFY(key.first != b4 || key.second <= trade.exit.number.value);
        }
    }
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument_);
    const auto without = pipeline.save(coin);
    QVERIFY(pipeline.apply(coin, paired(0, otherStop)));
    QVERIFY(pipeline.arms(coin) == (std::map<std::string, std::string>{{b4, "paired|" + otherStop}}));
    QVERIFY(pipeline.apply(coin, armEnd({"breakout", 4, 'b'}, {0})));
    QVERIFY(pipeline.arms(coin).empty());
    LedgerEvents events;
    for (std::size_t i = 0; i < 3'000; ++i) {
        pipeline.feed(tape[i], events);
    }
    TradingPipeline never(base::defaultPaperPolicy());
    never.addInstrument(instrument_);
    for (std::size_t i = 0; i < 3'000; ++i) {
        never.feed(tape[i], events);
    }
    QCOMPARE(pipeline.save(coin), never.save(coin)); // nothing is left of it
}

void ArmsTest::aSplitGivesEachBarToOneArmAndCountsIt()
{
    const auto tape = tapeOf(5, 150'000);
    const auto rows = run(instrument_, tape, {split(0, 'a', ""), split(0, 'b', otherStop)});
    const auto a = rows.of("breakout~5a");
    const auto b = rows.of("breakout~5b");
    QVERIFY(a.size() >= 5 && b.size() >= 5);
    std::set<std::int64_t> numbers;
    for (const auto& trade : a) {
        numbers.insert(trade.position.decision.number.value);
    }
    for (const auto& trade : b) {
        QVERIFY(!numbers.contains(trade.position.decision.number.value));
    }
    // Each bar is one arm's: of a whole day there are as many as five-minute candles that close.
    std::map<std::int64_t, std::uint64_t> byDay;
    for (const auto& [key, bars] : rows.asked) {
        byDay[key.second] += bars;
    }
    QVERIFY(byDay.size() >= 1);
    const auto* info = findStrategy("breakout");
    const auto most =
        static_cast<std::uint64_t>(base::oneDay.count() / market::length(info->timeframes.front()).count());
    for (const auto& [day, bars] : byDay) {
        QVERIFY2(bars <= most, qPrintable(QString::number(bars)));
    }
    for (const auto& [day, bars] : byDay) {
        const auto ofA = rows.asked.contains({"breakout~5a", day}) ? rows.asked.at({"breakout~5a", day}) : 0;
        const auto deviation = std::sqrt(static_cast<double>(bars)) / 2;
        QVERIFY(std::abs(static_cast<double>(ofA) - static_cast<double>(bars) / 2) <= 4 * deviation + 1);
    }
}

void ArmsTest::savingAndRestoringAnywhereGivesTheSameRows()
{
    const auto tape = tapeOf(11, 100'000);
    const std::vector<RecordedInput> inputs{
        paired(3'000, otherStop),
        split(9'000, 'a', ""),
        split(9'000, 'b', otherStop),
        {.number = {20'000}, .kind = InputKind::Parameters, .strategy = "breakout", .parameters = "channel=30"},
        armEnd({"breakout", 4, 'b'}, {50'000}),
        paired(60'000, "channel=40", 6),
        armEnd({"breakout", 5, 'a'}, {80'000}),
        armEnd({"breakout", 5, 'b'}, {80'000})};
    const auto whole = run(instrument_, tape, inputs);
    QVERIFY(!whole.of(b4).empty() && !whole.of("breakout~6b").empty() && !whole.asked.empty());
    for (const auto every : {997U, 4'441U, 30'011U}) {
        const auto pieces = run(instrument_, tape, inputs, every);
        QVERIFY(pieces == whole);
        QCOMPARE(pieces.hash(instrument_), whole.hash(instrument_));
    }
}

void ArmsTest::whatIsLearnedOfCostsMeanwhileReachesNeitherArm()
{
    const auto tape = tapeOf(11, 100'000);
    const auto learned = [](std::int64_t at, double bps) {
        const auto side = chargeOf(bps, 2 * bps);
        return RecordedInput{.number = {at}, .kind = InputKind::Calibration, .parameters = textOf({side, side})};
    };
    const std::vector<RecordedInput> before{learned(2'000, 3), paired(3'000, otherStop),
                                            armEnd({"breakout", 4, 'b'}, {60'000})};
    auto meanwhile = before;
    meanwhile.insert(meanwhile.begin() + 2, learned(20'000, 40));
    const auto plain = run(instrument_, tape, before);
    const auto learning = run(instrument_, tape, meanwhile);
    QVERIFY(plain.of(b4).size() > 5);
    QVERIFY(plain.of(b4) == learning.of(b4)); // also what is open when it ends
    std::size_t incumbent = 0;
    std::size_t worse = 0;
    for (const auto& [key, trade] : plain.trades) {
        const auto& other = learning.trades.at(key);
        const auto closed = trade.exit.number.value;
        const bool isFrozen = isArm(key.first) || (key.first == "breakout" && closed <= 60'000);
        incumbent += key.first == "breakout" && closed > 20'000 && closed <= 60'000 ? 1 : 0;
        if (isFrozen || closed <= 20'000) {
            QVERIFY(trade == other);
        } else {
            QVERIFY(trade.net == other.net && other.pessimistic <= trade.pessimistic);
            worse += other.pessimistic < trade.pessimistic && key.first == "breakout" ? 1 : 0;
        }
    }
    QVERIFY(incumbent > 3 && worse > 3); // frozen while it is A, and no longer
    for (const auto every : {997U, 30'011U}) {
        QVERIFY(run(instrument_, tape, meanwhile, every) == learning);
    }
}

void ArmsTest::aStartThatTheSavedStateCoversChangesNothingTheSecondTime()
{
    const auto tape = tapeOf(2, 10'000);
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument_);
    LedgerEvents events;
    for (std::size_t i = 0; i < 5'000; ++i) {
        pipeline.feed(tape[i], events);
    }
    QVERIFY(pipeline.apply(coin, paired(5'000, otherStop)));
    const auto once = pipeline.save(coin);
    QVERIFY(pipeline.apply(coin, paired(5'000, "stop_atr=3")));
    QCOMPARE(pipeline.save(coin), once);
    QVERIFY(pipeline.parameters(coin, "breakout").contains("stop_atr=") && pipeline.isEnabled(coin, "breakout"));
    QVERIFY(pipeline.parameters(coin, b4).empty()); // of the roster it is none
    auto damaged = once;
    damaged[damaged.size() - 100] ^= 1;
    TradingPipeline other(base::defaultPaperPolicy());
    other.addInstrument(instrument_);
    QVERIFY(!other.restore(coin, damaged));
    QVERIFY(other.restore(coin, once));
    QVERIFY(other.arms(coin).size() == 1 && other.arms(coin).contains(b4));
}

void ArmsTest::whatIsNoArmIsRefusedAndAStrategyThatDoesNotRunHasNone()
{
    TradingPipeline pipeline(base::defaultPaperPolicy(), {"reversal"});
    pipeline.addInstrument(instrument_);
    const auto before = pipeline.save(coin);
    QVERIFY(pipeline.apply(coin, paired(0, otherStop)));
    QVERIFY(!pipeline.apply(coin, armStart({{"reversal", 3, 'b'}, false, "stop_atr=1e9"}, {0})));
    QVERIFY(!pipeline.apply(coin, armStart({{"reversal", 3, 'b'}, false, "nonsense=1"}, {0})));
    QVERIFY(!pipeline.apply(coin, {.number = {}, .kind = InputKind::Arm, .strategy = "reversal", .enabled = true}));
    QVERIFY(pipeline.apply(coin, armEnd({"reversal", 3, 'b'}, {0})));
    QCOMPARE(pipeline.save(coin), before);
    QVERIFY(pipeline.arms(coin).empty());
}

QTEST_GUILESS_MAIN(ArmsTest)
#include "arms_test.moc"
