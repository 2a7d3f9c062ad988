// A session with everything in it, on a tape: every reason of exit, partial fills, funding, late ticks, REST fills,
// thrown switches, a pause, an archiving and a crash. What its replay from the recorded inputs gives is what it gave
// itself; and where it is saved and restored does not show.
#include "testkit/stand_in_model.h"
#include "testkit/tape.h"
#include "trading/trading_pipeline.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace qd;
using namespace qd::trading;
using base::InstrumentId;
using base::Millis;
using base::StreamNumber;
using base::UtcMs;

namespace {

constexpr InstrumentId coin{1};

/// What a store keeps of it: rows unique by decision.
struct Store {
    std::map<std::pair<std::string, std::int64_t>, ClosedTrade> trades;
    std::map<std::pair<std::string, std::int64_t>, UntradedSignal> signals;
    std::vector<RecordedInput> inputs;
    std::string state; // newest saved, with the number that it covers
    StreamNumber covers;

    void take(const LedgerEvents& events)
    {
        for (const auto& event : events) {
            if (const auto* trade = std::get_if<ClosedTrade>(&event)) {
                const auto& d = trade->position.decision;
                trades.try_emplace({d.strategy, d.number.value}, *trade);
            } else if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                signals.try_emplace({signal->decision.strategy, signal->decision.number.value}, *signal);
            }
        }
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

/// A random tape with funding every hour, told some minutes before or (each fifth) after its settlement, and after each
/// gap a run of late ticks: what REST gave back.
std::vector<market::StreamItem> sessionTape(std::uint64_t seed, std::size_t count)
{
    const auto plain =
        testkit::randomTape(coin, seed, count, {.volatility = 0.0005, .gapShare = 0.0002, .lateShare = 0.001});
    std::vector<market::StreamItem> items;
    const auto add = [&items](auto what) {
        items.push_back({.instrument = coin, .number = {}, .received = {}, .what = what});
    };
    for (const auto& item : testkit::withHourlyFunding(plain, seed)) {
        items.push_back(item);
        if (const auto* gap = std::get_if<market::GapMark>(&item.what)) {
            for (std::int64_t i = 0; i < 20; ++i) {
                add(market::LateTick{{.id = i, .time = gap->from + Millis{i}, .price = {1}, .signedSize = 1'000'000}});
            }
        }
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i].number = {static_cast<std::int64_t>(i) + 1};
    }
    return items;
}

/// The recorded inputs in force before `item`, from `next` on.
void applyInputs(TradingPipeline& pipeline, const std::vector<RecordedInput>& inputs, std::size_t& next,
                 StreamNumber item)
{
    for (; next < inputs.size() && inputs[next].number < item; ++next) {
        (void)pipeline.apply(coin, inputs[next]);
    }
}

Store replayed(const market::Instrument& instrument, const std::vector<market::StreamItem>& tape,
               const std::vector<RecordedInput>& inputs)
{
    TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument);
    Store store;
    std::size_t next = 0;
    LedgerEvents events;
    for (const auto& item : tape) {
        applyInputs(pipeline, inputs, next, item.number);
        pipeline.feed(item, events);
    }
    store.take(events);
    return store;
}

/// The session as it runs: inputs are thrown and recorded, the state is saved now and then, and `crashes` ends the
/// process after those items, keeping only what the store has.
class LiveSession {
public:
    explicit LiveSession(const market::Instrument& instrument) : instrument_(instrument) { start(); }

    void feed(const market::StreamItem& item)
    {
        LedgerEvents events;
        pipeline_.feed(item, events);
        store.take(events); // committed at once
    }
    void throwSwitch(InputKind kind, const std::string& strategy, bool enabled)
    {
        switch (kind) {
        case InputKind::Strategy:
            pipeline_.setEnabled(strategy, enabled);
            break;
        case InputKind::Trading:
            pipeline_.setPaused(!enabled);
            break;
        case InputKind::Entries:
            pipeline_.apply(coin, {.number = {}, .kind = kind, .strategy = {}, .enabled = enabled});
            break;
        case InputKind::CloseAll:
            pipeline_.closeAll(strategy);
            break;
        case InputKind::Runs:
            pipeline_.setRuns(strategy, enabled);
            break;
        case InputKind::Parameters:
        case InputKind::Calibration:
        case InputKind::Policy:
        case InputKind::Arm:
        case InputKind::Model:
            QFAIL("by setParameters(), calibrate() and setPolicy(); arms_test, model_input_test");
        }
        store.inputs.push_back({pipeline_.fed(coin), kind, strategy, enabled});
    }
    void setParameters(const std::string& strategy, const std::string& text)
    {
        QVERIFY(pipeline_.setParameters(strategy, text));
        store.inputs.push_back({pipeline_.fed(coin), InputKind::Parameters, strategy, true, text});
    }
    void setPolicy(const std::string& text)
    {
        store.inputs.push_back({pipeline_.fed(coin), InputKind::Policy, "", true, text});
        QVERIFY(pipeline_.apply(coin, store.inputs.back()));
    }
    void calibrate(const std::string& text)
    {
        store.inputs.push_back({pipeline_.fed(coin), InputKind::Calibration, "", true, text});
        QVERIFY(pipeline_.apply(coin, store.inputs.back()));
    }
    void save()
    {
        store.state = pipeline_.save(coin);
        store.covers = pipeline_.fed(coin);
    }
    void crash(const std::vector<market::StreamItem>& archive)
    {
        const auto until = pipeline_.fed(coin);
        start();
        QVERIFY(pipeline_.restore(coin, store.state).has_value());
        auto next = static_cast<std::size_t>(
            std::ranges::lower_bound(store.inputs, store.covers, {}, &RecordedInput::number) - store.inputs.begin());
        for (const auto& item : archive) {
            if (item.number > store.covers && item.number <= until) {
                applyInputs(pipeline_, store.inputs, next, item.number);
                feed(item);
            }
        }
        applyInputs(pipeline_, store.inputs, next, {INT64_MAX});
    }
    [[nodiscard]] std::optional<OpenPosition> openOf(const std::string& strategy) const
    {
        for (const auto& position : pipeline_.openPositions()) {
            if (position.decision.strategy == strategy) {
                return position;
            }
        }
        return std::nullopt;
    }

    Store store;

private:
    void start()
    {
        pipeline_ = TradingPipeline(base::defaultPaperPolicy());
        pipeline_.addInstrument(instrument_);
    }
    market::Instrument instrument_;
    TradingPipeline pipeline_{base::PaperPolicy{}};
};

std::size_t share(std::size_t count, int percent)
{
    return count * static_cast<std::size_t>(percent) / 100;
}

} // namespace

class TradingSessionTest : public QObject {
    Q_OBJECT

private:
    market::Instrument instrument_ = testkit::instrumentOf(coin.value, "COIN-USDT");

private Q_SLOTS:
    void aSessionWithEverythingInItReplaysToTheSameLedger();
    void savingAndRestoringAnywhereNeverChangesTheLedger();
    void aDecisionAfterMoreSilenceThanThePolicyIsStale();
};

void TradingSessionTest::aSessionWithEverythingInItReplaysToTheSameLedger()
{
    const auto tape = sessionTape(11, 120'000);
    LiveSession live(instrument_);
    int closings = 0;
    int crashes = 0;
    int lates = 0;
    bool hadPartialAtCrash = false;
    for (std::size_t i = 0; i < tape.size(); ++i) {
        live.feed(tape[i]);
        lates += std::holds_alternative<market::LateTick>(tape[i].what) ? 1 : 0;
        if (i % 997 == 0) {
            live.save();
        }
        if (i == share(tape.size(), 20) || i == share(tape.size(), 30)) {
            live.throwSwitch(InputKind::Strategy, "breakout", i != share(tape.size(), 20));
        }
        if (i == share(tape.size(), 40) || i == share(tape.size(), 43)) {
            live.throwSwitch(InputKind::Trading, "", i != share(tape.size(), 40));
        }
        if (i == share(tape.size(), 46)) { // another stop and target at once, and a length that warms up anew
            live.setParameters("breakout", "stop_atr=1|target_atr=2");
            live.setParameters("reversal", "range=30|limit_offset_atr=0");
        }
        if (i == share(tape.size(), 25) || i == share(tape.size(), 75)) {
            live.calibrate(i == share(tape.size(), 25) ? "buy=1.50/9.00|sell=2.50/12.00"
                                                       : "buy=0.70/3.00|sell=0.00/4.00");
        }
        if (i == share(tape.size(), 33) || i == share(tape.size(), 58)) { // other fees and a longer way; and back
            live.setPolicy(i == share(tape.size(), 33) ? "fees.maker=0|fees.taker=0.001|paper.latency_ms=3000" : "");
        }
        if (i == share(tape.size(), 35) || i == share(tape.size(), 70)) { // archived and revived
            if (i == share(tape.size(), 35)) {
                live.throwSwitch(InputKind::CloseAll, "reversal", true);
            }
            live.throwSwitch(InputKind::Runs, "reversal", i != share(tape.size(), 35));
        }
        const auto open = live.openOf("breakout");
        if (closings < 3 && i > share(tape.size(), 50 + 10 * closings) && open) {
            live.throwSwitch(InputKind::CloseAll, "breakout", true);
            ++closings;
        }
        // The process ends with a target half filled, once, and four times more anywhere.
        const bool isPartial = open && open->closedSize.value > 0;
        if ((isPartial && !hadPartialAtCrash) || i == share(tape.size(), 21) || i == share(tape.size(), 36) ||
            i == share(tape.size(), 41) || i == share(tape.size(), 77)) {
            hadPartialAtCrash = hadPartialAtCrash || isPartial;
            ++crashes;
            live.crash(tape);
        }
    }
    std::map<ExitReason, int> reasons;
    int partial = 0;
    int funded = 0;
    int inShadow = 0;
    for (const auto& [key, trade] : live.store.trades) {
        ++reasons[trade.reason];
        partial += trade.position.closedSize.value > 0 ? 1 : 0;
        funded += trade.funding.value != 0 ? 1 : 0;
        inShadow += trade.position.inShadow ? 1 : 0;
    }
    std::set<NotTraded> blocked;
    for (const auto& [key, signal] : live.store.signals) {
        blocked.insert(signal.reason);
    }
    for (const auto& [reason, count] : reasons) {
        qInfo("%d trades left by %s", count, std::string(name(reason)).c_str());
    }
    qInfo("%zu trades, %d in parts, %d with funding, %d in shadow, %d late ticks, %d crashes", live.store.trades.size(),
          partial, funded, inShadow, lates, crashes);
    QVERIFY(live.store.trades.size() >= 50);
    for (int reason = 0; reason <= static_cast<int>(ExitReason::Archived); ++reason) {
        QVERIFY2(reasons[static_cast<ExitReason>(reason)] > 0, name(static_cast<ExitReason>(reason)).data());
    }
    QVERIFY(partial > 0 && funded > 0 && inShadow > 0 && lates > 20 && hadPartialAtCrash);
    QCOMPARE(crashes, 5);
    QCOMPARE(closings, 3);
    QVERIFY(blocked.contains(NotTraded::Paused) && blocked.contains(NotTraded::Gap));

    const auto again = replayed(instrument_, tape, live.store.inputs);
    QCOMPARE(again.trades.size(), live.store.trades.size());
    QVERIFY(again.trades == live.store.trades);
    QCOMPARE(again.hash(instrument_), live.store.hash(instrument_));
    for (std::size_t i = 0; i < live.store.inputs.size(); ++i) { // and switches, parameters, stages and policy matter
        const auto kind = live.store.inputs[i].kind;
        if (i == 0 || kind == InputKind::Parameters || kind == InputKind::Runs || kind == InputKind::Policy) {
            auto fewer = live.store.inputs;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            QVERIFY(replayed(instrument_, tape, fewer).hash(instrument_) != live.store.hash(instrument_));
        }
    }
    auto uncalibrated = live.store.inputs; // a calibration decides the band, and nothing that the hash holds
    std::erase_if(uncalibrated, [](const RecordedInput& input) { return input.kind == InputKind::Calibration; });
    QCOMPARE(uncalibrated.size() + 2, live.store.inputs.size());
    QVERIFY(replayed(instrument_, tape, uncalibrated).trades != live.store.trades);
    QCOMPARE(replayed(instrument_, tape, uncalibrated).hash(instrument_), live.store.hash(instrument_));
    for (const auto& [key, trade] : live.store.trades) { // an archived one decides nothing
        const auto number = static_cast<std::size_t>(trade.position.decision.number.value);
        QVERIFY(trade.position.decision.strategy != "reversal" || number <= share(tape.size(), 35) + 1 ||
                number > share(tape.size(), 70));
    }
    std::map<std::string, std::set<std::string>> hashes; // of the parameters that made each strategy's trades
    for (const auto& [key, trade] : live.store.trades) {
        hashes[trade.position.decision.strategy].insert(trade.position.decision.parameterHash);
    }
    QCOMPARE(hashes["breakout"].size(), std::size_t{2});
    QCOMPARE(hashes["reversal"].size(), std::size_t{2});
    QCOMPARE(hashes["candle_patterns"].size(), std::size_t{1});
}

void TradingSessionTest::savingAndRestoringAnywhereNeverChangesTheLedger()
{
    std::ptrdiff_t trades = 0;
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const auto tape = sessionTape(seed, 50'000);
        std::mt19937_64 random(seed);
        std::vector<RecordedInput> inputs;
        for (std::int64_t at = 500; at < static_cast<std::int64_t>(tape.size());
             at += 400 + static_cast<std::int64_t>(random() % 900)) {
            const auto kind = static_cast<InputKind>(random() % (static_cast<std::uint64_t>(lastInputKind) + 1));
            const bool isReversal = random() % 2 == 0;
            inputs.push_back({{at}, kind, isReversal ? "reversal" : "breakout", random() % 3 != 0});
            if (kind == InputKind::Parameters) {
                inputs.back().parameters = "stop_atr=" + std::to_string(1 + random() % 3) +
                                           (random() % 4 == 0 ? "|atr=" + std::to_string(8 + random() % 3) : "");
            } else if (kind == InputKind::Calibration) {
                const auto bps = std::to_string(random() % 9);
                inputs.back() = {{at}, kind, "", true, "buy=" + bps + ".00/9.00|sell=" + bps + ".50/9.50"};
            } else if (kind == InputKind::Policy) {
                inputs.back() = {{at},
                                 kind,
                                 "",
                                 true,
                                 "fees.taker=0.00" + std::to_string(random() % 9) +
                                     "|paper.cooldown_s=" + std::to_string(random() % 900) +
                                     "|paper.latency_ms=" + std::to_string(random() % 3'000)};
            } else if (kind == InputKind::Model) {
                const bool isOff = random() % 4 == 0;
                inputs.back() = {{at},
                                 kind,
                                 "gbt_5m",
                                 !isOff,
                                 isOff               ? ""
                                 : random() % 2 == 0 ? testkit::standIn
                                                     : "gbt_5m 8|lost"};
            }
        }
        LedgerEvents wanted;
        const auto library = std::make_shared<testkit::StandInLibrary>();
        TradingPipeline whole(base::defaultPaperPolicy(), {}, library);
        whole.addInstrument(instrument_);
        LedgerEvents got;
        TradingPipeline parts(base::defaultPaperPolicy(), {}, library);
        parts.addInstrument(instrument_);
        std::size_t nextOfWhole = 0;
        std::size_t nextOfParts = 0;
        int restarts = 0;
        for (const auto& item : tape) {
            applyInputs(whole, inputs, nextOfWhole, item.number);
            applyInputs(parts, inputs, nextOfParts, item.number);
            whole.feed(item, wanted);
            parts.feed(item, got);
            const auto open = parts.openPositions();
            const bool isPartial = std::ranges::any_of(open, [](const auto& p) { return p.closedSize.value > 0; });
            if (random() % (isPartial ? 20 : 800) == 0) {
                TradingPipeline next(base::defaultPaperPolicy(), {}, library);
                next.addInstrument(instrument_);
                const auto bytes = parts.save(coin);
                QVERIFY(next.restore(coin, bytes).has_value());
                QVERIFY(next.save(coin) == bytes);
                parts = std::move(next);
                ++restarts;
            }
        }
        QVERIFY(restarts > 20);
        trades += std::ranges::count_if(wanted, [](const auto& e) { return std::holds_alternative<ClosedTrade>(e); });
        QVERIFY(got == wanted);
        QVERIFY(parts.save(coin) == whole.save(coin));
    }
    QVERIFY(trades > 30);
}

void TradingSessionTest::aDecisionAfterMoreSilenceThanThePolicyIsStale()
{
    const auto tape = testkit::randomTape(coin, 42, 50'000, {.gapShare = 0, .lateShare = 0});
    const auto store = replayed(instrument_, tape, {});
    const auto reasonAfter = [&](std::size_t at, Millis silence) -> std::optional<NotTraded> {
        TradingPipeline pipeline(base::defaultPaperPolicy());
        pipeline.addInstrument(instrument_);
        LedgerEvents out;
        UtcMs newest{0};
        for (std::size_t i = 0; i < at; ++i) {
            pipeline.feed(tape[i], out);
            std::visit(
                [&newest](const auto& what) {
                    if constexpr (requires { what.time; }) {
                        newest = std::max(newest, what.time);
                    }
                },
                tape[i].what);
        }
        auto item = tape[at];
        std::get<market::Tick>(item.what).time = newest + silence;
        out.clear();
        pipeline.feed(item, out);
        for (const auto& event : out) {
            if (const auto* signal = std::get_if<UntradedSignal>(&event)) {
                return signal->reason;
            }
        }
        return std::nullopt;
    };
    int tried = 0;
    for (const auto& [key, trade] : store.trades) {
        const auto at = static_cast<std::size_t>(trade.position.decision.number.value - 1);
        const auto into =
            trade.position.decision.time - base::bucketStart(trade.position.decision.time, Millis{60'000});
        if (into < Millis{5'000} && tried < 5) { // the silence ends in the same minute
            ++tried;
            QCOMPARE(reasonAfter(at, Millis{30'000}), std::nullopt); // an order on its way
            QCOMPARE(reasonAfter(at, Millis{30'001}), std::optional(NotTraded::StaleData));
        }
    }
    QVERIFY(tried > 2);
}

QTEST_GUILESS_MAIN(TradingSessionTest)
#include "trading_session_test.moc"
