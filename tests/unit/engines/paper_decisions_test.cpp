// Decisions on paper's thread: checked, recorded with the stream number, committed as a whole, shown only then, and the
// same after a restart, after a kill and in replay.
#include "engines/replay.h"
#include "storage/journal_store.h"
#include "storage/policy_store.h"
#include "storage/trials_store.h"
#include "testkit/one_ledger.h"
#include "testkit/paper_rig.h"

#include <QTest>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using governance::ChangeKind;
using testkit::expectOneLedger;
using testkit::good;
using testkit::PaperRig;
using testkit::storedHash;
using trading::InputKind;

namespace {

std::vector<storage::JournalEntry> journal(PaperRig& rig)
{
    auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
    return good(storage::JournalStore(reader).after(0));
}

std::vector<storage::SwitchInput> inputsOf(PaperRig& rig, std::size_t instrument)
{
    auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
    return good(storage::LedgerStore(reader).switchInputs(rig.known[instrument].id));
}

/// Trades and signals decided by a strategy on an instrument behind `number`.
std::size_t decisionsBehind(PaperRig& rig, const std::string& strategy, base::InstrumentId instrument,
                            std::int64_t number)
{
    storage::LedgerStore ledger(*rig.store);
    std::size_t out = 0;
    const auto counts = [&](const trading::DecisionStamp& d) {
        return d.strategy == strategy && d.instrument == instrument && d.number.value > number;
    };
    for (const auto& trade : good(ledger.trades())) {
        out += counts(trade.position.decision) ? 1 : 0;
    }
    for (const auto& signal : good(ledger.signals())) {
        out += counts(signal.decision) ? 1 : 0;
    }
    return out;
}

} // namespace

class PaperDecisionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSwitchIsOneRowOfEverythingAndIsUndone()
    {
        PaperRig rig;
        rig.feed(5'000);
        rig.settle();
        QVERIFY(!rig.done(console::SetStrategyEnabled{"breakout", false, "too wild"}));
        QTRY_VERIFY(!rig.row("breakout").isEnabled);
        const auto row = rig.row("breakout");
        QVERIFY(row.enabledBy == "operator" && row.enabledSince.value > 0);
        auto rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{1});
        QCOMPARE(rows[0].changes, (std::vector<governance::Change>{{ChangeKind::Switch, "breakout", "on", "off"}}));
        QVERIFY(rows[0].why == "too wild" && rows[0].evidence.starts_with("with its parameters: "));
        for (std::size_t i = 0; i < 2; ++i) {
            const auto inputs = inputsOf(rig, i);
            QCOMPARE(inputs.size(), std::size_t{1});
            QVERIFY(inputs[0].kind == InputKind::Strategy && !inputs[0].enabled && inputs[0].number.value == 5'000);
        }
        const auto again = rig.done(console::SetStrategyEnabled{"breakout", false, "again"});
        QVERIFY(again && again->code == ErrorCode::Conflict);
        QCOMPARE(rig.done(console::SetStrategyEnabled{"nobody", false, ""})->code, ErrorCode::NotFound);
        QCOMPARE(rig.done(console::SetStrategyEnabled{"breakout", false, "", base::InstrumentId{77}})->code,
                 ErrorCode::NotFound);
        QCOMPARE(rig.done(console::SetStage{"breakout", governance::Stage::Archived, ""})->code,
                 ErrorCode::Unsupported); // the governor's
        auto undo = rig.decision(governance::inverse(rows[0].changes));
        undo.decision.undoes = rows[0].id;
        undo.proposal = 7;
        undo.answer = std::make_shared<std::promise<base::Result<std::int64_t>>>();
        auto answer = undo.answer->get_future();
        QVERIFY(!rig.done(undo));
        rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{2});
        QVERIFY(rows[1].undoes == rows[0].id);
        QCOMPARE(good(answer.get()), rows[1].id);
        QCOMPARE(rig.applied, std::pair(std::int64_t{7}, rows[1].id));
        QTRY_VERIFY(rig.row("breakout").isEnabled);
        rig.stop();
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row("breakout").isEnabled && rig.row("breakout").enabledSince.value > 0);
    }

    void whatDoesNotFitChangesNothing()
    {
        PaperRig rig(2'000, 1);
        auto wrong = rig.decision(
            {{ChangeKind::Switch, "breakout", "on", "off"}, {ChangeKind::Stage, "momentum", "candidate", "ready"}});
        wrong.answer = std::make_shared<std::promise<base::Result<std::int64_t>>>();
        auto answer = wrong.answer->get_future();
        QCOMPARE(rig.done(wrong)->code, ErrorCode::Conflict);
        QCOMPARE(answer.get().error().code, ErrorCode::Conflict);
        QCOMPARE(rig.done(rig.decision({{ChangeKind::Switch, "breakout", "on", "off"},
                                        {ChangeKind::Experiment, "experiment 4", "runs", "stopped"}}))
                     ->code,
                 ErrorCode::Unsupported);
        QCOMPARE(rig.done(rig.decision({{ChangeKind::Switch, "breakout", "on", "off"},
                                        {ChangeKind::Policy, "fees.taker", "0.5", "0.001"}}))
                     ->code,
                 ErrorCode::Conflict);
        auto unknown = governance::recordChange(*governance::findRow(inForceByDefault().roster, "breakout"),
                                                "0123456789abcdef", {5});
        QCOMPARE(rig.done(rig.decision({unknown}))->code, ErrorCode::NotFound);
        QVERIFY(journal(rig).empty() && inputsOf(rig, 0).empty());
        QVERIFY(rig.row("breakout").isEnabled);
    }

    void ofTwoChangesAtOnceTheOrderHolds()
    {
        PaperRig rig(2'000, 1);
        const auto first = ++rig.lastId;
        const auto second = ++rig.lastId;
        const auto third = ++rig.lastId;
        (void)rig.channels->commands.push(
            {first, console::Command(console::SetStrategyEnabled{"breakout", false, "1"})});
        (void)rig.channels->commands.push(
            {second, console::Command(console::SetStrategyEnabled{"breakout", true, "2"})});
        (void)rig.channels->commands.push(
            {third, console::Command(console::SetStrategyEnabled{"breakout", false, "3"})});
        QVERIFY(!rig.awaited(first) && !rig.awaited(second) && !rig.awaited(third));
        QTRY_VERIFY(!rig.row("breakout").isEnabled);
        const auto rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{3});
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(rows[i].why, std::to_string(i + 1));
        }
    }

    void thePolicyIsSetAsAWholeOrNotAtAll()
    {
        PaperRig rig(2'000, 1);
        QTRY_VERIFY(rig.shown() && rig.shown()->policy);
        const auto before = *rig.shown()->policy;
        const auto refused =
            rig.done(console::SetPolicy{{{"fees.taker", "0.001"}, {"paper.latency_ms", "60001"}}, "test"});
        QVERIFY(refused && refused->code == ErrorCode::OutOfRange && refused->subject == "paper.latency_ms");
        QVERIFY2(refused->detail.find("0…60000 ms") != std::string::npos, refused->detail.c_str());
        QCOMPARE(rig.done(console::SetPolicy{{{"fees.taker", "much"}}, ""})->code, ErrorCode::Malformed);
        QCOMPARE(rig.done(console::SetPolicy{{{"no.such", "1"}}, ""})->code, ErrorCode::NotFound);
        QCOMPARE(rig.done(console::SetPolicy{{{"display.zone", "not a zone!"}}, ""})->code, ErrorCode::OutOfRange);
        QVERIFY(!rig.done(console::SetPolicy{{{"fees.taker", "6e-4"}}, "as it is"})); // no change, no row
        QVERIFY(journal(rig).empty() && *rig.shown()->policy == before);

        QVERIFY(!rig.done(console::SetPolicy{
            {{"fees.taker", "1e-3"}, {"paper.latency_ms", "60000"}, {"display.zone", "Europe/Vienna"}}, "test"}));
        QTRY_VERIFY(base::policyValue(rig.shown()->policy->numbers, "fees.taker") == 0.001);
        QCOMPARE(rig.shown()->policy->texts.at("display.zone"), std::string("Europe/Vienna"));
        const auto rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{1});
        QCOMPARE(rows[0].changes, (std::vector<governance::Change>{
                                      {ChangeKind::Policy, "display.zone", "", "Europe/Vienna"},
                                      {ChangeKind::Policy, "fees.taker", base::policyNumber(0.0006), "0.001"},
                                      {ChangeKind::Policy, "paper.latency_ms", "150", "60000"}}));
        const auto inputs = inputsOf(rig, 0);
        QCOMPARE(inputs.size(), std::size_t{1});
        QVERIFY(inputs[0].kind == InputKind::Policy);
        QCOMPARE(inputs[0].parameters, std::string("fees.taker=0.001|paper.latency_ms=60000"));
        QVERIFY(!rig.done(rig.decision(governance::inverse(rows[0].changes))));
        QTRY_VERIFY(*rig.shown()->policy == before);
        auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
        QCOMPARE(good(reader.number("SELECT count(*) FROM policy")), 0); // defaults are not stored
        QVERIFY(!rig.done(console::SetPolicy{{{"feed.silence_s", "7"}}, "test"}));
        QTRY_COMPARE(rig.channels->silenceMs.load(), std::int64_t{7'000}); // ingest is told, once it is committed
        QVERIFY(!rig.done(console::SetPolicy{{{"health.clock_s", "4.5"}}, "test"}));
        QTRY_COMPARE(rig.channels->clockOffMs.load(), std::int64_t{4'500}); // likewise
    }

    void feesAndLatencyChangeInTheMiddleAndReplayAndRestartDoTheSame()
    {
        PaperRig rig;
        rig.feed(12'000);
        rig.settle();
        QVERIFY(!rig.done(console::SetPolicy{
            {{"fees.taker", "0.002"}, {"paper.latency_ms", "4000"}, {"paper.notional", "900"}}, "test"}));
        rig.feed(10'000);
        rig.settle();
        rig.stop();
        rig.start(); // with other values in force than the engine is made with
        QTRY_VERIFY(rig.shown() && rig.shown()->policy &&
                    base::policyValue(rig.shown()->policy->numbers, "paper.latency_ms") == 4'000);
        rig.feed(8'000);
        rig.settle();
        QVERIFY(!rig.done(console::SetPolicy{{{"fees.taker", "0.0006"}, {"paper.cooldown_s", "0"}}, "test"}));
        rig.feed(10'000);
        rig.settle();
        rig.stop();
        std::size_t large = 0;
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const auto& p = trade.position;
            const auto worth = rig.known[0].notional(p.entry.price, p.size).value();
            const bool isLarge = worth > base::usdt(600);
            QVERIFY(!isLarge || p.decision.number.value > 12'000);
            large += isLarge ? 1 : 0;
        }
        QVERIFY(large > 5);
        const auto current = good(replay({.database = rig.store.file(), .current = true}, {})).ledgerHash;
        QVERIFY(current != storedHash(*rig.store)); // today's from the first item on
        expectOneLedger(rig);
    }

    void aSwitchOfOneInstrumentPutsOnlyThatInShadow()
    {
        PaperRig rig;
        const auto busy = rig.busiest(1, 8'200, 24'000);
        rig.feed(8'000);
        rig.settle();
        const auto capital = rig.shown()->startEquity;
        QVERIFY(!rig.done(console::SetStrategyEnabled{busy, false, "there", rig.known[1].id}));
        QTRY_VERIFY(rig.row(busy).instruments.contains(rig.known[1].id));
        QVERIFY(rig.row(busy).isEnabled && !rig.row(busy).instruments.at(rig.known[1].id).isOn);
        QCOMPARE(rig.shown()->startEquity, capital - base::usdt(1'000));
        QVERIFY(inputsOf(rig, 0).empty() && inputsOf(rig, 1).size() == 1);
        rig.feed(16'000);
        rig.settle();
        rig.stop();
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row(busy).instruments.contains(rig.known[1].id));
        QVERIFY(!rig.done(console::SetStrategyEnabled{busy, true, "back", rig.known[1].id}));
        rig.feed(16'000);
        rig.settle();
        rig.stop();
        std::array<std::size_t, 2> shadows{};
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const auto number = trade.position.entry.number.value;
            if (trade.position.decision.strategy == busy && trade.position.inShadow) {
                ++shadows[trade.position.decision.instrument == rig.known[1].id ? 1 : 0];
                QVERIFY(number > 8'000 && number <= 24'000);
            }
        }
        QVERIFY(shadows[0] == 0 && shadows[1] > 0);
        expectOneLedger(rig);
    }

    void anArchivedStrategyClosesSaysNothingAndIsRevived()
    {
        PaperRig rig;
        const auto busy = rig.busiest(0, 0, 20'000);
        const auto isOpen = [&] {
            const auto shown = rig.shown();
            return shown && std::ranges::any_of(shown->positions, [&](const console::PositionRow& row) {
                       return row.position.decision.strategy == busy;
                   });
        };
        std::size_t fed = 0;
        for (; fed < 24'000 && !isOpen(); fed += 400) {
            rig.feed(400);
            rig.settle();
            QTest::qWait(200); // committed and shown
        }
        QVERIFY(isOpen());
        QVERIFY(!rig.done(rig.stage(busy, "paper", "archived")));
        QTRY_VERIFY(rig.row(busy).stage == governance::Stage::Archived);
        QVERIFY(rig.row(busy).silence.starts_with("archived"));
        QCOMPARE(rig.done(console::SetStrategyEnabled{busy, false, ""})->code, ErrorCode::Conflict);
        const auto& first = trading::findStrategy(busy)->parameters.front();
        const auto other = first.least != first.standard ? first.least : first.most;
        QCOMPARE(
            rig.done(console::SetParameters{busy, std::string(first.name) + "=" + base::policyNumber(other), ""})->code,
            ErrorCode::Conflict);
        const auto archivedAt = static_cast<std::int64_t>(fed);
        rig.feed(3'000);
        rig.settle();
        rig.stop();
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row(busy).stage == governance::Stage::Archived);
        rig.feed(2'000);
        rig.settle();
        const auto row = *governance::findRow(inForceByDefault().roster, busy);
        const auto now = base::SystemClock().now();
        auto revival = rig.decision(
            {{ChangeKind::Stage, busy, "archived", "paper"}, governance::recordChange(row, row.parameterHash, now)});
        revival.trial = trading::TrialRow{
            .time = now, .strategy = busy, .parameterHash = row.parameterHash, .parameters = "", .origin = "revival"};
        QVERIFY(!rig.done(revival));
        QTRY_VERIFY(rig.row(busy).stage == governance::Stage::Paper && rig.row(busy).recordSince == now);
        const auto revivedAt = static_cast<std::int64_t>(rig.next[0]);
        rig.feed(rig.tapes[0].size() - rig.next[0]);
        rig.settle();
        rig.stop();
        std::size_t archived = 0;
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            archived += trade.reason == trading::ExitReason::Archived ? 1 : 0;
            QVERIFY(trade.reason != trading::ExitReason::Archived || trade.position.decision.strategy == busy);
        }
        QVERIFY(archived > 0);
        std::size_t after = 0;
        for (const auto& instrument : rig.known) {
            after += decisionsBehind(rig, busy, instrument.id, revivedAt);
            QCOMPARE(decisionsBehind(rig, busy, instrument.id, archivedAt) -
                         decisionsBehind(rig, busy, instrument.id, revivedAt),
                     std::size_t{0});
        }
        QVERIFY(after > 0);
        const auto tries = good(storage::TrialsStore(*rig.store).of(busy));
        QCOMPARE(tries.size(), std::size_t{2}); // by default, and once more
        expectOneLedger(rig);
    }

    void otherParametersAreAnotherRecordBackOnPaperAndCanBeTakenBack()
    {
        PaperRig rig(12'000, 1);
        rig.feed(2'000);
        rig.settle();
        const auto hash = rig.row("breakout").parameterHash;
        QVERIFY(!rig.done(rig.stage("breakout", "paper", "candidate")));
        auto red = rig.stage("breakout", "candidate", "ready");
        red.redReason = "the operator knows";
        QVERIFY(!rig.done(red));
        QTRY_VERIFY(rig.row("breakout").stage == governance::Stage::Ready && rig.row("breakout").passedRed);
        const auto crossed = rig.done(console::SetParameters{"ema_crossover", "fast=21|slow=9", "the other way"});
        QVERIFY(crossed && crossed->code == ErrorCode::OutOfRange);
        QVERIFY2(crossed->detail.find("fast = 21 has to be less than slow = 9") != std::string::npos,
                 crossed->detail.c_str());
        QVERIFY(!rig.done(console::SetParameters{"breakout", "stop_atr=1", "tighter", "stop-lab", 80, base::UtcMs{1},
                                                 base::UtcMs{2}}));
        QTRY_VERIFY(rig.row("breakout").stage == governance::Stage::Paper);
        const auto changed = rig.row("breakout");
        QVERIFY(changed.parameterHash != hash && changed.recordSince.value > 0 && changed.passedRed);
        auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
        const auto tries = good(storage::TrialsStore(reader).of("breakout"));
        QVERIFY(tries.size() == 2 && tries[0].origin == "stop-lab" && tries[0].tries == 80U);
        const auto rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{3});
        QCOMPARE(rows[2].changes.size(), std::size_t{2}); // stage and record
        rig.feed(2'000);
        rig.settle();
        rig.stop();
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row("breakout").parameterHash == changed.parameterHash);
        QVERIFY(rig.row("breakout").passedRed && rig.row("breakout").recordSince == changed.recordSince);
        QVERIFY(!rig.done(rig.decision(governance::inverse(rows[2].changes)))); // its text is known of old
        QTRY_VERIFY(rig.row("breakout").parameterHash == hash);
        QVERIFY(rig.row("breakout").stage == governance::Stage::Ready);
        rig.feed(8'000);
        rig.settle();
        rig.stop();
        expectOneLedger(rig);
    }

    void noTickIsLostWhileSwitchesFlip()
    {
        PaperRig rig;
        std::vector<console::CommandId> sent;
        bool isOn = true;
        while (rig.next[0] < rig.tapes[0].size()) {
            rig.feed(500, 100);
            isOn = !isOn;
            sent.push_back(++rig.lastId);
            (void)rig.channels->commands.push(
                {sent.back(), console::Command(console::SetStrategyEnabled{"momentum", isOn, "flip"})});
        }
        for (const auto id : sent) {
            QVERIFY(!rig.awaited(id));
        }
        rig.settle();
        rig.stop();
        for (std::size_t i = 0; i < 2; ++i) {
            const auto ticks = std::ranges::count_if(
                rig.tapes[i], [](const auto& item) { return std::holds_alternative<market::Tick>(item.what); });
            const auto summary = good(storage::TickArchive(*rig.store).summary(rig.known[i].id));
            QCOMPARE(summary.ticks, static_cast<std::uint64_t>(ticks));
            const auto state = good(storage::LedgerStore(*rig.store).loadState(rig.known[i].id));
            QCOMPARE(state->first, rig.tapes[i].back().number); // and each was decided on
        }
        QCOMPARE(good(storage::JournalStore(*rig.store).after(0)).size(), sent.size());
        expectOneLedger(rig);
    }

    void aDecisionWithoutEnginesHoldsFromTheNextItemOn()
    {
        PaperRig rig;
        rig.feed(10'000);
        rig.settle();
        rig.stop();
        const auto now = good(readInForce(*rig.store));
        const auto carried = good(carriedOut(
            now, rig.decision({{ChangeKind::Switch, "breakout@" + std::to_string(rig.known[1].id.value), "on", "off"},
                               {ChangeKind::Stage, "reversal", "paper", "archived"},
                               {ChangeKind::Policy, "paper.latency_ms", "150", "900"}})));
        auto rows = carried.rows;
        for (const auto& instrument : rig.known) {
            const auto newest = good(storage::TickArchive(*rig.store).summary(instrument.id)).lastNumber;
            std::ranges::move(
                inputsBetween(heldBy(now, instrument), heldBy(carried.after, instrument), instrument.id, newest),
                std::back_inserter(rows.inputs));
        }
        rig.store.write([&] { QVERIFY(good(storage::writeDecision(*rig.store, rows)) > 0); });
        const auto recorded = inputsOf(rig, 1).size();
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row("reversal").stage == governance::Stage::Archived);
        QVERIFY(!rig.row("breakout").instruments.at(rig.known[1].id).isOn);
        rig.feed(10'000);
        rig.settle();
        rig.stop();
        QCOMPARE(inputsOf(rig, 1).size(), recorded); // nothing had to be recorded anew
        for (const auto& instrument : rig.known) {
            QCOMPARE(decisionsBehind(rig, "reversal", instrument.id, 10'000), std::size_t{0});
        }
        expectOneLedger(rig);
    }
};

QTEST_GUILESS_MAIN(PaperDecisionsTest)
#include "paper_decisions_test.moc"
