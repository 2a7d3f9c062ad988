// Experiments in the database: what was fixed comes back to the bit, one end each, and arms that nobody of the roster
// sees.
#include "governance/policies.h"
#include "storage/experiment_store.h"
#include "storage/ledger_store.h"
#include "storage/trade_book_reader.h"
#include "storage/trade_pages.h"
#include "storage_testkit.h"

#include <QTest>

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
using base::UtcMs;
using statistics::Verdict;

namespace {

StoredExperiment experiment(std::int64_t id, const std::string& policy)
{
    return {.plan = {.id = id,
                     .subject = "breakout",
                     .design = governance::Design::Split,
                     .comparison = governance::Comparison::Parameters,
                     .a = "aaaa",
                     .b = "bbbb",
                     .begins = {86'400'000},
                     .blockDays = 2,
                     .policy = governance::policiesFrom(*policyOf(policy)).experiment},
            .created = {5},
            .parametersA = "stop_atr=2",
            .parametersB = "stop_atr=1",
            .policy = policy,
            .reason = "the stop is too far"};
}

trading::ClosedTrade trade(base::InstrumentId instrument, const std::string& strategy, std::int64_t number)
{
    trading::ClosedTrade out;
    auto& p = out.position;
    p.decision = {.instrument = instrument,
                  .strategy = strategy,
                  .parameterHash = strategy.contains('~') ? "bbbb" : "aaaa",
                  .number = {number},
                  .time = {1'000 + number},
                  .stop = {90},
                  .target = {120}};
    p.size = {1'000};
    p.entry = {.time = {1'000 + number}, .number = {number}, .price = {100}, .fee = {1}};
    p.timeLimit = {9'000'000};
    p.best = p.worst = {100};
    p.inShadow = strategy.contains('~');
    out.exit = {.time = {2'000 + number}, .number = {number + 1}, .price = {110}, .fee = {1}};
    out.gross = {1'000};
    out.net = {998};
    return out;
}

} // namespace

class ExperimentStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatWasFixedComesBackToTheBit()
    {
        Store store;
        ExperimentStore experiments(*store);
        base::PolicyValues values{{"ab.margin", 0.1 + 0.2}, {"ab.max_days", 90}, {"paper.latency_ms", 333}};
        const auto policy = frozenPolicy(values);
        const auto wanted = experiment(7, policy);
        QCOMPARE(wanted.plan.policy.margin, 0.1 + 0.2);
        good(experiments.add(wanted));
        const auto all = good(experiments.all());
        QCOMPARE(all.size(), std::size_t{1});
        const auto& got = all.front();
        QCOMPARE(got.policy, policy);
        QCOMPARE(got.plan.policy.margin, 0.1 + 0.2);
        QCOMPARE(got.plan.policy.maxDays, std::size_t{90});
        QCOMPARE(base::policyValue(good(policyOf(got.policy)), "paper.latency_ms"), 333.0);
        QVERIFY(got.plan.design == wanted.plan.design && got.plan.comparison == wanted.plan.comparison);
        QCOMPARE(got.plan.begins, wanted.plan.begins);
        QCOMPARE(got.plan.blockDays, wanted.plan.blockDays);
        QVERIFY(got.plan.subject == "breakout" && got.plan.a == "aaaa" && got.plan.b == "bbbb");
        QVERIFY(got.parametersA == "stop_atr=2" && got.parametersB == "stop_atr=1" && got.reason == wanted.reason);
        QVERIFY(!got.latch && !got.ended && got.outcome.empty());
        QCOMPARE(good(experiments.newestId()), std::int64_t{7});
        QVERIFY(!experiments.add(wanted)); // its number names its arms
    }

    void latchExtensionCourseAndEndAreKept()
    {
        Store store;
        ExperimentStore experiments(*store);
        const auto policy = frozenPolicy({});
        good(experiments.add(experiment(1, policy)));
        good(experiments.add(experiment(2, policy)));
        good(experiments.latch(1, {Verdict::BBetter, {77}}));
        good(experiments.extend(1, 10));
        good(experiments.extend(1, 5));
        good(experiments.addPoint(1, {{200}, 1, 0, 2}));
        good(experiments.addPoint(1, {{100}, 3, 2, 4}));
        good(experiments.addPoint(1, {{200}, 1.5, 0.5, 2.5}));
        store.reopen();
        ExperimentStore again(*store);
        const auto running = good(again.running());
        QCOMPARE(running.size(), std::size_t{2});
        QCOMPARE(running[0].plan.id, std::int64_t{2});
        const auto& first = running[1];
        QVERIFY(first.latch && first.latch->verdict == Verdict::BBetter && first.latch->at == UtcMs{77});
        QCOMPARE(first.inForce().policy.maxDays, first.plan.policy.maxDays + 15);
        QVERIFY(good(again.course(1)) == (std::vector<CoursePoint>{{{100}, 3, 2, 4}, {{200}, 1.5, 0.5, 2.5}}));
        QCOMPARE(good(again.promoted()), std::int64_t{0});
        good(again.end(2, {300}, outcomePromoted, "it earns more"));
        QCOMPARE(good(again.promoted()), std::int64_t{1});
        QCOMPARE(again.end(2, {400}, outcomeKept, "").error().code, ErrorCode::NotFound); // once
        QCOMPARE(again.extend(2, 1).error().code, ErrorCode::NotFound);
        QCOMPARE(again.end(9, {400}, outcomeKept, "").error().code, ErrorCode::NotFound);
        const auto all = good(again.all());
        QCOMPARE(all[0].plan.id, std::int64_t{1}); // the one that runs
        QVERIFY(all[1].ended == UtcMs{300} && all[1].outcome == outcomePromoted && all[1].why == "it earns more");
        good(store->run("UPDATE experiments SET design='both' WHERE id=2"));
        QCOMPARE(again.all().error().code, ErrorCode::Damaged);
    }

    void aFrozenPolicyIsReadBackAndWhatIsNoneIsMalformed()
    {
        const auto frozen = frozenPolicy({{"ab.confidence", 0.99}});
        const auto values = good(policyOf(frozen));
        QCOMPARE(base::policyValue(values, "ab.confidence"), 0.99);
        for (const auto& entry : base::policyEntries()) {
            QCOMPARE(values.contains(entry.name), isFrozen(entry.name));
        }
        QVERIFY(good(policyOf("")).empty());
        for (const auto* no : {"ab.margin", "ab.margin=", "=1", "ab.margin=x", "ab.margin=1x"}) {
            QCOMPARE(policyOf(no).error().code, ErrorCode::Malformed);
        }
        QVERIFY(good(policyOf("of.another.version=1")).empty());
    }

    void whatArmsWereAskedIsCountedOnce()
    {
        Store store;
        const auto btc = store.add("BTC-USDT");
        const auto eth = store.add("ETH-USDT");
        LedgerStore ledger(*store);
        for (int i = 0; i < 2; ++i) { // a replay after a crash tells it again
            good(ledger.apply(trading::ArmAsked{btc, "breakout~1a", 20'000, 140}));
            good(ledger.apply(trading::ArmAsked{eth, "breakout~1a", 20'000, 150}));
            good(ledger.apply(trading::ArmAsked{btc, "breakout~1a", 20'001, 7}));
            good(ledger.apply(trading::ArmAsked{btc, "breakout~1b", 20'000, 148}));
        }
        ExperimentStore experiments(*store);
        QVERIFY(good(experiments.asked("breakout~1a")) ==
                (std::map<std::int64_t, std::uint64_t>{{20'000, 290}, {20'001, 7}}));
        QVERIFY(good(experiments.asked("breakout~1b")) == (std::map<std::int64_t, std::uint64_t>{{20'000, 148}}));
        QVERIFY(good(experiments.asked("breakout~2a")).empty());
    }

    void noFigureOfTheRosterSeesAnArm()
    {
        Store store;
        const auto btc = store.add("BTC-USDT");
        LedgerStore ledger(*store);
        good(ledger.apply(trade(btc, "breakout", 10)));
        good(ledger.apply(trade(btc, "breakout~1b", 20)));
        good(ledger.apply(trade(btc, "breakout~1a", 30)));
        good(ledger.apply(trade(btc, "breakout~1b", 40).position));
        good(ledger.apply(trade(btc, "breakout", 50).position));
        good(ledger.apply(trading::UntradedSignal{trade(btc, "breakout~1b", 60).position.decision}));
        QCOMPARE(good(ledger.openPositions()).size(), std::size_t{2});
        QCOMPARE(good(ledger.rosterPositions()).size(), std::size_t{1});
        QCOMPARE(good(ledger.trades()).size(), std::size_t{3}); // the ledger itself holds all
        QCOMPARE(good(tradesPage(*store, {.filter = {.withShadow = true}})).total, std::uint64_t{1});
        QCOMPARE(good(tradesPage(*store, {.filter = {.strategy = "breakout~1b", .withShadow = true}})).total,
                 std::uint64_t{1});
        QCOMPARE(good(tradesOf(*store, {.withShadow = true})).size(), std::size_t{1});
        QCOMPARE(good(tradesAfter(*store, 0)).rows.size(), std::size_t{1});
        QCOMPARE(good(signalsPage(*store, {})).total, std::uint64_t{0});
        QVERIFY(good(untradedSignals(*store)).empty());
        QCOMPARE(good(newestDecisions(*store)).size(), std::size_t{1});

        Instruments instruments;
        for (const auto& instrument : good(InstrumentStore(*store).all())) {
            instruments.emplace(instrument.id, instrument);
        }
        trading::TradeBook book;
        good(readTrades(*store, 0, instruments, book));
        QCOMPARE(book.trades().size(), std::size_t{1});
        trading::TradeBook early;
        good(readTrades(*store, 0, instruments, early, Arms::Promoted));
        QCOMPARE(early.trades().size(), std::size_t{1}); // none is promoted yet
        ExperimentStore experiments(*store);
        good(experiments.add(experiment(1, frozenPolicy({}))));
        good(experiments.end(1, {300}, outcomePromoted, ""));
        trading::TradeBook after;
        good(readTrades(*store, 0, instruments, after, Arms::Promoted));
        QCOMPARE(after.trades().size(), std::size_t{2}); // B's are the strategy's now, A's of a split are not
        QCOMPARE(after.rows().size(), std::size_t{1});
        QVERIFY(after.trades()[1].inShadow);
    }
};

QTEST_GUILESS_MAIN(ExperimentStoreTest)
#include "experiment_store_test.moc"
