// The governor on its thread with a clock of the test's, on a real database; the test is paper and store. Nights of
// sensitivity from the review to their rows, what a kill left half done, and a pulse that beats while it waits.
#include "engines/gate_answers.h"
#include "engines/governor.h"
#include "engines/offline_decisions.h"
#include "engines/recovery.h"
#include "storage/review_store.h"
#include "testkit/made_ledger.h"
#include "testkit/tape.h"

#include <QTest>

#include <atomic>
#include <memory>
#include <set>
#include <thread>

using namespace qd;
using namespace qd::engines;
using namespace std::chrono_literals;
using base::UtcMs;
using governance::Stage;
using storage::Database;
using storage::ProposalState;
using testkit::good;

namespace {

constexpr int patience = 120'000;
const std::string candidate = "momentum";

class TestClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return {time_.load()}; }
    void set(UtcMs time) { time_ = time.value; }

private:
    std::atomic<std::int64_t> time_{0};
};

/// The governor, and a thread that writes what it decides.
class Rig {
public:
    explicit Rig(std::filesystem::path file) : file_(std::move(file)) {}
    ~Rig() { stop(); }

    void start()
    {
        channels_ = std::make_unique<Channels>();
        hands_ = std::jthread([this](const std::stop_token& token) { write(token); });
        governor_ = std::jthread([this](const std::stop_token& token) {
            auto& c = *channels_;
            Governor({file_, c.door, c.paper, c.store, c.events, c.screen, c.pulse, clock}).run(token);
        });
    }
    void stop()
    {
        if (!channels_) {
            return;
        }
        governor_ = {};
        hands_ = {};
        channels_.reset();
    }
    [[nodiscard]] Database reader() const { return good(Database::open(file_, Database::Mode::ReadOnly)); }
    [[nodiscard]] std::int64_t number(const char* sql) const
    {
        auto database = reader();
        return good(database.number(sql));
    }
    [[nodiscard]] std::string phase() const
    {
        const auto shown = channels_->screen.get();
        return shown ? shown->phase : std::string();
    }
    [[nodiscard]] auto shown() const { return channels_->screen.get(); }
    [[nodiscard]] std::int64_t beat() const { return channels_->pulse.beatMs; }
    void send(console::CommandId id, console::Command command) { good(channels_->door.send(id, std::move(command))); }
    /// The scheduler's turn of archiving, to its end.
    base::Result<std::string> archive(bool isGivenUp)
    {
        const auto turn = std::make_shared<ArchiveTurn>();
        turn->isGivenUp = isGivenUp;
        auto end = turn->end.get_future();
        good(channels_->door.send(turn));
        if (end.wait_for(std::chrono::milliseconds(patience)) != std::future_status::ready) {
            qFatal("the turn does not end");
        }
        return end.get();
    }
    [[nodiscard]] bool isDone(console::CommandId id)
    {
        for (const auto& event : channels_->events.take()) {
            if (const auto* done = std::get_if<console::CommandDone>(&event)) {
                done_.insert(done->id);
            }
        }
        return done_.contains(id);
    }

    TestClock clock;
    std::atomic<bool> holds{false}; // nobody answers
    std::atomic<bool> isAsked{false};

private:
    struct Channels {
        GovernorDoor door;
        PaperCommands paper{100};
        StoreQueue store{100};
        EventLog events;
        base::Mailbox<console::GovernanceSnapshot> screen;
        Heartbeat pulse;
    };

    void write(const std::stop_token& token)
    {
        auto database = good(Database::open(file_, Database::Mode::ReadWrite));
        const auto hold = [&] {
            for (isAsked = true; holds && !token.stop_requested();) {
                std::this_thread::sleep_for(1ms);
            }
        };
        while (!token.stop_requested()) {
            for (auto& item : channels_->store.popAll(2ms)) {
                hold();
                auto& kept = std::get<StoreGovernance>(item);
                good(database.begin());
                auto id = storage::ReviewStore(database).write(kept.record);
                good(database.commit(false));
                kept.answer.set_value(std::move(id));
            }
            for (auto& command : channels_->paper.popAll(2ms)) {
                hold();
                const auto& order = std::get<CarryOut>(command.command);
                order.answer->set_value(carryOutOffline(database, order));
            }
        }
    }

    std::filesystem::path file_;
    std::unique_ptr<Channels> channels_;
    std::set<console::CommandId> done_;
    std::jthread hands_;
    std::jthread governor_;
};

/// Two days (or more) of two instruments, traded by the pipeline; momentum is a candidate.
struct Traded {
    QTemporaryDir folder;
    std::filesystem::path file = folder.filePath(QStringLiteral("demo.db")).toStdString();
    UtcMs end;
    std::string hash;

    explicit Traded(std::size_t ticksOfEach = 25'000)
    {
        testkit::Store store(file);
        for (const auto* name : {"ONE-USDT", "TWO-USDT"}) {
            const auto id = store.add(name);
            const auto tape = testkit::randomTape(
                id, id.value == 1 ? 5 : 6, ticksOfEach,
                {.price = 90'000, .meanGapMs = 8'000, .quoteShare = 0, .gapShare = 0, .lateShare = 0});
            std::vector<storage::NumberedTick> ticks;
            for (const auto& item : tape) {
                ticks.push_back({item.number, std::get<market::Tick>(item.what)});
            }
            end = std::max(end, ticks.back().tick.time);
            store.write([&] { good(storage::TickArchiveWriter(*store).append(id, ticks)); });
        }
        good(recover(*store, base::defaultPaperPolicy(), {}));
        hash = row(*store).parameterHash;
        makeCandidate(*store);
    }
    static governance::RosterRow row(Database& database)
    {
        return *governance::findRow(good(readInForce(database)).roster, candidate);
    }
    void makeCandidate(Database& database) const
    {
        CarryOut order;
        order.decision = {
            .time = end, .changes = {governance::stageChange(row(database), Stage::Candidate)}, .what = "a candidate"};
        good(carryOutOffline(database, order));
    }
    /// Other parameters at that time, by a try that was evaluated on the day `seen`.
    void change(Database& database, UtcMs at, std::int64_t seen)
    {
        auto parameters = testkit::defaultsOf(candidate);
        good(parameters.set("roc", 10));
        hash = parameters.hash();
        const auto before = row(database);
        CarryOut order;
        order.decision = {.time = at,
                          .changes =
                              governance::changesBetween(before, good(governance::reparametrised(before, hash, at))),
                          .what = "other parameters"};
        order.parameters[hash] = parameters.text();
        order.trial = trading::TrialRow{.time = at,
                                        .strategy = candidate,
                                        .parameterHash = hash,
                                        .parameters = parameters.text(),
                                        .origin = "stop-lab",
                                        .from = governance::midnightOf(seen) + base::Millis{60'000},
                                        .to = governance::midnightOf(seen) + base::Millis{120'000}};
        good(carryOutOffline(database, order));
        makeCandidate(database);
    }
};

} // namespace

class GovernorNightsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCandidateIsReplayedAfterTheNightlyReviewOnce();
    void daysUnseenWhenTheParametersWereChosenAreReplayedOnceAndCountAtTheGate();
    void aNightThatWasCutShortIsMadeByTheNextStart();
    void whatAKillLeftOfTheNightlyReviewIsAppliedByTheNextStart();
    void aTurnOfArchivingThatWasGivenUpArchivesNothing();
    void itBeatsWhileItWaitsForOthers();
    void itIsShownBeforeTheReviewThatAStartMakesUpFor();
};

void GovernorNightsTest::aCandidateIsReplayedAfterTheNightlyReviewOnce()
{
    const Traded past;
    Rig rig(past.file);
    rig.clock.set(past.end);
    rig.start();
    constexpr auto nights = "SELECT count(*) FROM sensitivity_nights";
    QTRY_COMPARE_WITH_TIMEOUT(rig.number("SELECT count(*) FROM reviews WHERE is_nightly=1"), 1, patience);
    QTRY_COMPARE_WITH_TIMEOUT(rig.number(nights), 1, patience); // of the 14 strategies one is a candidate
    auto reader = rig.reader();
    const auto kept = good(storage::ReviewStore(reader).nights(candidate, past.hash, UtcMs{0}));
    QCOMPARE(kept.size(), std::size_t{1});
    QCOMPARE(kept[0].runs.size(), static_cast<std::size_t>(base::policyDefault("sensitivity.runs")));
    const auto closed =
        good(reader.number("SELECT count(*) FROM trades WHERE strategy='momentum' AND exit_time<=(SELECT max(time) "
                           "FROM reviews)"));
    QVERIFY(closed > 3);
    QTRY_COMPARE_WITH_TIMEOUT(rig.number("SELECT count(*) FROM unseen_looks"), 1, patience);
    QVERIFY(good(storage::ReviewStore(reader).unseen(past.hash))->empty()); // all that is archived is its record
    QVERIFY(std::abs(static_cast<double>(closed) - static_cast<double>(kept[0].unchanged.trades)) <=
            2); // held at the end
    QTRY_COMPARE_WITH_TIMEOUT(rig.phase(), std::string(), patience);

    // The night after brings a review, but no data that the candidate was not replayed on.
    rig.clock.set(past.end + base::oneDay);
    QTRY_COMPARE_WITH_TIMEOUT(rig.number("SELECT count(*) FROM reviews WHERE is_nightly=1"), 2, patience);
    rig.clock.set(past.end + base::oneDay + testkit::MadeLedger::hour);
    QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    QCOMPARE(rig.number(nights), 1);
    rig.stop();
    rig.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    QCOMPARE(rig.number(nights), 1);
}

void GovernorNightsTest::daysUnseenWhenTheParametersWereChosenAreReplayedOnceAndCountAtTheGate()
{
    Traded past(45'000);
    const auto first = trading::dayOf(UtcMs{1'750'000'000'000}) + 1; // whole days are this one and the next two
    const auto chosen = first + 3;
    QVERIFY(trading::dayOf(past.end) == chosen);
    Rig rig(past.file);
    rig.clock.set(past.end);
    const auto atTheGate = [&] {
        auto database = good(Database::open(past.file, Database::Mode::ReadWrite));
        auto desk = offlineDesk(database, rig.clock);
        const auto facts = good(desk.facts());
        return good(readyInput(database, facts, desk.evidence(), candidate)).unseenReturns;
    };
    {
        auto database = good(Database::open(past.file, Database::Mode::ReadWrite));
        past.change(database, governance::midnightOf(chosen) + testkit::MadeLedger::hour, first);
    }
    QVERIFY(!atTheGate());
    rig.start();
    constexpr auto looks = "SELECT count(*) FROM unseen_looks";
    QTRY_COMPARE_WITH_TIMEOUT(rig.number(looks), 1, patience);
    auto reader = rig.reader();
    const auto kept = *good(storage::ReviewStore(reader).unseen(past.hash));
    QCOMPARE(kept.size(), std::size_t{2});
    QCOMPARE(kept[0].day, first + 1); // the first was seen, and that of the choice is none
    QCOMPARE(kept[1].day, first + 2);
    QVERIFY(kept[0].value != 0 || kept[1].value != 0);
    QTRY_COMPARE_WITH_TIMEOUT(rig.phase(), std::string(), patience);
    rig.stop();
    QCOMPARE(*atTheGate(), (std::vector{kept[0].value, kept[1].value}));

    rig.clock.set(past.end + base::oneDay); // the next review asks no more
    rig.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.number("SELECT count(*) FROM reviews WHERE is_nightly=1"), 2, patience);
    rig.clock.set(past.end + base::oneDay + testkit::MadeLedger::hour);
    QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    QCOMPARE(rig.number(looks), 1);
}

void GovernorNightsTest::aNightThatWasCutShortIsMadeByTheNextStart()
{
    const Traded past;
    Rig rig(past.file);
    rig.clock.set(past.end);
    rig.start();
    constexpr auto nights = "SELECT count(*) FROM sensitivity_nights"; // on a fast machine it is over by then
    QTRY_VERIFY_WITH_TIMEOUT(rig.phase().starts_with("sensitivity of momentum") || rig.number(nights) == 1, patience);
    rig.stop();
    rig.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.number(nights), 1, patience);
    QCOMPARE(rig.number("SELECT count(*) FROM reviews WHERE is_nightly=1"), 1); // the review is not held again
}

void GovernorNightsTest::whatAKillLeftOfTheNightlyReviewIsAppliedByTheNextStart()
{
    constexpr UtcMs end{1'764'028'800'000};
    QTemporaryDir folder;
    const auto file = folder.filePath(QStringLiteral("demo.db")).toStdString();
    Rig rig(file);
    rig.clock.set(end + base::Millis{60'000});
    {
        testkit::MadeLedger ledger(file, end, 25, 60);
        const auto losing = [](int n) { return n % 3 == 0 ? 1.0 : -3.0; };
        for (const auto* strategy : {"breakout", "reversal", "momentum"}) {
            ledger.add(strategy, 3, losing);
        }
        auto desk = offlineDesk(*ledger.store, rig.clock);
        const auto facts = good(desk.facts());
        const auto set = policyDecision(facts, {{"review.auto_apply", "1"}, {"review.max_changes", "2"}}, "by itself",
                                        rig.clock.now());
        good(carryOutOffline(*ledger.store, good(set)));
        rig.clock.set(end + base::Millis{120'000});
        // The review is committed; the program is killed before anything of it is applied.
        ledger.store.write([&] {
            storage::GovernanceRecord record;
            record.review = storage::ReviewRow{.heldAt = rig.clock.now(),
                                               .isNightly = true,
                                               .review = governance::reviewOf(facts.input, facts.policies)};
            good(storage::ReviewStore(*ledger.store).write(record));
        });
    }
    constexpr auto open = "SELECT count(*) FROM proposals WHERE state='open'";
    constexpr auto applied = "SELECT count(*) FROM proposals WHERE state='applied'";
    QCOMPARE(rig.number(open), 3);
    rig.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.number(applied), 2, patience);
    QCOMPARE(rig.number("SELECT count(*) FROM journal WHERE by='policy' AND why LIKE '%auto_apply%'"), 2);
    rig.stop();
    rig.start(); // once, however often it starts
    rig.clock.set(rig.clock.now() + base::Millis{1'000});
    QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    rig.send(1, console::AddNote{"by now it has looked"});
    QTRY_VERIFY_WITH_TIMEOUT(rig.isDone(1), patience);
    rig.send(2, console::AddNote{"twice"});
    QTRY_VERIFY_WITH_TIMEOUT(rig.isDone(2), patience);
    QCOMPARE(rig.number(applied), 2);
    QCOMPARE(rig.number(open), 1);
    QCOMPARE(rig.number("SELECT count(*) FROM reviews"), 1);
}

void GovernorNightsTest::aTurnOfArchivingThatWasGivenUpArchivesNothing()
{
    constexpr UtcMs end{1'764'028'800'000};
    const QTemporaryDir folder;
    const auto file = folder.filePath(QStringLiteral("demo.db")).toStdString();
    Rig rig(file);
    rig.clock.set(end + testkit::MadeLedger::hour);
    {
        testkit::MadeLedger ledger(file, end, 40, 60); // over archive.after_days
        ledger.add("momentum", 2, [](int n) { return n % 2 == 0 ? 1.0 : -1.0; });
        auto desk = offlineDesk(*ledger.store, rig.clock);
        const auto set = policyDecision(good(desk.facts()), {{"review.auto_apply", "1"}, {"review.max_changes", "1"}},
                                        "by itself", rig.clock.now());
        good(carryOutOffline(*ledger.store, good(set)));
        rig.clock.set(rig.clock.now() + base::Millis{1'000});
        std::vector<std::string> failures;
        good(desk.review(true, failures));
    }
    constexpr auto decisions = "SELECT count(*) FROM journal";
    const auto before = rig.number(decisions);
    rig.start();
    const auto givenUp = rig.archive(true);
    QVERIFY(!givenUp);
    QCOMPARE(givenUp.error().code, base::ErrorCode::Cancelled);
    QCOMPARE(rig.number(decisions), before);
    const auto said = good(rig.archive(false));
    QVERIFY2(said.starts_with("1 archived"), said.c_str());
    QCOMPARE(rig.number(decisions), before + 1);
}

// A review takes its time where there is much to read: until then the page would show nothing at all.
void GovernorNightsTest::itIsShownBeforeTheReviewThatAStartMakesUpFor()
{
    const Traded past;
    Rig rig(past.file);
    rig.clock.set(past.end); // a review is due
    rig.holds = true;        // what it decides is not kept before we say so
    rig.start();
    QTRY_VERIFY_WITH_TIMEOUT(rig.isAsked.load(), patience);
    const auto before = rig.shown();
    QVERIFY(before != nullptr);
    QCOMPARE(before->state, console::EngineState::Running);
    QVERIFY(!before->reviewed);
    rig.holds = false;
    QTRY_VERIFY_WITH_TIMEOUT(rig.shown()->reviewed.has_value(), patience);
}

void GovernorNightsTest::itBeatsWhileItWaitsForOthers()
{
    const Traded past;
    Rig rig(past.file);
    rig.clock.set(past.end - base::oneDay * 30); // no review is due
    rig.start();
    rig.holds = true;
    rig.send(1, console::AddNote{"is anybody there?"});
    QTRY_VERIFY_WITH_TIMEOUT(rig.isAsked.load(), patience);
    for (int i = 0; i < 3; ++i) { // the store is slow: for how long does not matter
        rig.clock.set(rig.clock.now() + base::Millis{90'000});
        QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    }
    QVERIFY(!rig.isDone(1));
    rig.isAsked = false;
    rig.holds = false;
    QTRY_VERIFY_WITH_TIMEOUT(rig.isDone(1), patience);
    rig.holds = true; // and now it is paper
    rig.send(2, console::SetStage{"breakout", Stage::Archived, "enough"});
    QTRY_VERIFY_WITH_TIMEOUT(rig.isAsked.load(), patience);
    rig.clock.set(rig.clock.now() + base::Millis{90'000});
    QTRY_COMPARE_WITH_TIMEOUT(rig.beat(), rig.clock.now().value, patience);
    rig.holds = false;
    QTRY_VERIFY_WITH_TIMEOUT(rig.isDone(2), patience);
}

QTEST_GUILESS_MAIN(GovernorNightsTest)
#include "governor_nights_test.moc"
