// Decisions about many at once and about what is open: one row of the journal, all of it or nothing, entries paused
// over a restart, a position closed by hand; each the same after a kill and in replay.
#include "engines/replay.h"
#include "storage/journal_store.h"
#include "testkit/one_ledger.h"
#include "testkit/paper_rig.h"

#include <QTest>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using testkit::expectOneLedger;
using testkit::good;
using testkit::PaperRig;

namespace {

std::vector<storage::JournalEntry> journal(PaperRig& rig)
{
    auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
    return good(storage::JournalStore(reader).after(0));
}

console::SetPolicy paused(const char* value)
{
    return {{{"trading.paused", value}}, "away"};
}

} // namespace

class GroupDecisionsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manyAreSwitchedByOneDecisionOrNone()
    {
        PaperRig rig;
        QVERIFY(!rig.done(console::SetStrategyEnabled{"reversal", false, "first"}));
        const std::vector<std::string> three{"momentum", "breakout", "reversal"};
        QVERIFY(!rig.done(console::SetStrategiesEnabled{three, false, "costs more than it earns"}));
        QTRY_VERIFY(!rig.row("breakout").isEnabled && !rig.row("momentum").isEnabled);
        auto rows = journal(rig);
        QCOMPARE(rig.decisions[rig.lastId], std::vector{rows.back().id});             // its own row, for the undo
        QVERIFY(!rig.done(console::SetStrategiesEnabled{three, false, "once more"})); // so it is already
        QVERIFY(rig.decisions[rig.lastId].empty());
        QCOMPARE(journal(rig).size(), rows.size());
        QCOMPARE(rows.size(), std::size_t{2}); // one that was off already is not told again
        QCOMPARE(rows.back().what, std::string("disabled breakout, momentum"));
        QCOMPARE(rows.back().why, std::string("costs more than it earns"));
        QCOMPARE(rows.back().changes.size(), std::size_t{2});
        QVERIFY(rows.back().evidence.starts_with("breakout: ") && rows.back().evidence.contains("; momentum: "));

        const auto refused = rig.done(console::SetStrategiesEnabled{{"breakout", "nobody", "momentum"}, true, "back"});
        QVERIFY(refused && refused->code == ErrorCode::NotFound);
        QVERIFY(!rig.done(console::SetStrategiesEnabled{three, false, "so it is already"}));
        QCOMPARE(journal(rig).size(), std::size_t{2});

        auto back = rig.decision(governance::inverse(rows.back().changes));
        back.decision.undoes = rows.back().id;
        QVERIFY(!rig.done(back));
        QTRY_VERIFY(rig.row("breakout").isEnabled && rig.row("momentum").isEnabled);
        QVERIFY(!rig.row("reversal").isEnabled);
    }

    void pausedNobodyEntersAlsoOverARestartUntilItIsTakenBack()
    {
        PaperRig rig;
        rig.feed(26'000);
        rig.settle();
        QVERIFY(!rig.done(paused("1")));
        QCOMPARE(rig.done(paused("2"))->code, ErrorCode::OutOfRange);
        rig.feed(3'000);
        rig.settle();
        rig.stop();
        rig.start();
        rig.feed(3'000);
        rig.settle();
        QVERIFY(!rig.done(paused("0")));
        rig.feed(rig.tapes[0].size() - rig.next[0]);
        rig.settle();
        rig.stop();
        std::size_t before = 0;
        std::size_t after = 0;
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const auto decided = trade.position.decision.number.value;
            QVERIFY(decided <= 26'000 || decided > 32'000);
            ++(decided <= 26'000 ? before : after);
        }
        QVERIFY2(before > 0 && after > 0,
                 (std::to_string(before) + " before, " + std::to_string(after) + " after").c_str());
        std::size_t kept = 0;
        for (const auto& signal : good(storage::LedgerStore(*rig.store).signals())) {
            kept += signal.reason == trading::NotTraded::Paused ? 1 : 0;
        }
        QVERIFY(kept > 0); // what they would have done is there to be read
        expectOneLedger(rig);
    }

    void aPositionIsClosedByHandWithAReasonAndItsStrategyRunsOn()
    {
        PaperRig rig;
        std::optional<trading::OpenPosition> open;
        for (std::size_t fed = 0; fed < 24'000 && !open; fed += 400) {
            rig.feed(400);
            rig.settle();
            (void)QTest::qWaitFor([&] { return rig.shown() && !rig.shown()->positions.empty(); }, 300);
            open =
                rig.shown()->positions.empty() ? std::nullopt : std::optional(rig.shown()->positions.front().position);
        }
        QVERIFY(open);
        const auto strategy = open->decision.strategy;
        const auto instrument = open->decision.instrument;
        QCOMPARE(rig.done(console::ClosePosition{strategy, instrument, " "})->code, ErrorCode::OutOfRange);
        QCOMPARE(rig.done(console::ClosePosition{"nobody", instrument, "x"})->code, ErrorCode::NotFound);
        QCOMPARE(rig.done(console::ClosePosition{strategy, {99}, "x"})->code, ErrorCode::NotFound);
        QVERIFY(journal(rig).empty());
        QVERIFY(!rig.done(console::ClosePosition{strategy, instrument, "news"}));
        const auto rows = journal(rig);
        QCOMPARE(rows.size(), std::size_t{1});
        QVERIFY(rows[0].what.starts_with("closed " + strategy + " on ") && rows[0].why == "news");
        QVERIFY(rows[0].changes.empty()); // a closed trade is not taken back
        rig.feed(rig.tapes[0].size() - rig.next[0]);
        rig.settle();
        QVERIFY(rig.row(strategy).stage == governance::Stage::Paper && rig.row(strategy).isEnabled);
        rig.stop();
        std::size_t byHand = 0;
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const bool isIt = trade.position.decision == open->decision;
            byHand += trade.reason == trading::ExitReason::Archived ? 1 : 0;
            QVERIFY(isIt == (trade.reason == trading::ExitReason::Archived));
        }
        QCOMPARE(byHand, std::size_t{1});
        expectOneLedger(rig);
    }
};

QTEST_GUILESS_MAIN(GroupDecisionsTest)
#include "group_decisions_test.moc"
