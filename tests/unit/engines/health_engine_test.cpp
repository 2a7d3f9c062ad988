// The service thread's look at machine and engines: what a dead feed, a silent engine and a machine without sensors do
// to the score, and the day of each probe, over a restart too.
#include "engines/health_engine.h"
#include "engines/host_health.h"
#include "storage/policy_store.h"
#include "testkit/full_disk.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>
#include <thread>

using namespace qd;
using namespace qd::engines;
using base::Millis;
using base::UtcMs;
using testkit::good;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 60'000;
const UtcMs noon{1'750'507'200'000};

class HandClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return {now_.load()}; }
    void pass(Millis time) { now_ += time.count(); }

private:
    std::atomic<std::int64_t> now_{noon.value};
};

/// The engine with mailboxes that a test fills, and the store's thread by hand.
class House {
public:
    /// `dataDir`: whose disk is looked at; empty: a folder of its own.
    explicit House(std::filesystem::path dataDir = {})
        : dataDir_(dataDir.empty() ? std::filesystem::path(folder_.path().toStdString()) : std::move(dataDir))
    {
        ingestPulse.state = storePulse.state = console::EngineState::Running;
        ingestPulse.start(clock.now());
        storePulse.start(clock.now());
        feed(console::FeedState::Online, clock.now());
        store.put({.state = console::EngineState::Running, .path = {}, .writeLagMs = 3, .rate = {}, .detail = {}});
    }
    void feed(console::FeedState state, UtcMs newestTick)
    {
        console::IngestSnapshot seen;
        seen.state = console::EngineState::Running;
        seen.feed = state;
        seen.newestTick = newestTick;
        ingest.put(std::move(seen));
    }
    /// The awake time goes along, and the engines beat.
    void pass(Millis time)
    {
        clock.pass(time);
        ingestPulse.beat(clock.now());
        storePulse.beat(clock.now());
    }
    /// From a start to the look that `isDone` waits for, and the end. It is asked once a look.
    console::HealthSnapshot run(const std::function<bool(const console::HealthSnapshot&)>& isDone)
    {
        AlertDoor door;
        AlertCourier courier([] { return AlertCourier::Notifiers(); });
        AlertDesk desk({.database = database_.file(),
                        .dataDir = dataDir_,
                        .door = door,
                        .store = queue_,
                        .events = events_,
                        .courier = courier,
                        .isReady = [] { return true; }});
        HealthEngine engine({.dataDir = dataDir_,
                             .ingest = ingest,
                             .paper = paper,
                             .store = store,
                             .pulses = {{"Ingest", &ingestPulse}, {"Store writer", &storePulse}},
                             .jobs = jobs,
                             .frames = frames,
                             .care = care,
                             .screen = screen_,
                             .pulse = pulse_,
                             .clock = clock,
                             .governance = governance_,
                             .learning = learning,
                             .alerts = desk,
                             .awake = [this] { return clock.now() - noon; }});
        auto before = screen_.get();
        std::jthread thread([&](const std::stop_token& stop) { engine.run(stop); });
        std::shared_ptr<const console::HealthSnapshot> seen;
        const bool isSeen = QTest::qWaitFor(
            [&] {
                seen = screen_.get();
                return seen && std::exchange(before, seen) != seen && isDone(*seen);
            },
            patience);
        thread.request_stop();
        thread.join();
        if (!isSeen) {
            qFatal("what was waited for did not come");
        }
        auto items = queue_.popAll(0ms);
        for (auto& item : items) {
            const auto& rows = std::get<StoreAlerts>(item);
            database_.write([&] {
                good(storage::AlertStore(*database_).write(rows.alerts));
                if (rows.health) {
                    good(storage::AlertStore(*database_).write(*rows.health));
                }
            });
        }
        return *seen;
    }
    console::HealthSnapshot run()
    {
        return run([](const console::HealthSnapshot&) { return true; });
    }

    /// The policy, as the store has it; clocks are UTC.
    void set(std::string_view name, double value)
    {
        database_.write([&] {
            good(storage::PolicyStore(*database_).set(name, value));
            good(storage::PolicyStore(*database_).setText("display.zone", "UTC"));
        });
    }

    HandClock clock;
    base::Mailbox<console::IngestSnapshot> ingest;
    base::Mailbox<console::PaperSnapshot> paper;
    base::Mailbox<console::StoreSnapshot> store;
    base::Mailbox<console::JobsSnapshot> jobs;
    base::Mailbox<console::CareSnapshot> care;
    base::Mailbox<console::LearningSnapshot> learning;
    Heartbeat ingestPulse;
    Heartbeat storePulse;
    FrameMeter frames;

private:
    QTemporaryDir folder_;
    const std::filesystem::path dataDir_;
    testkit::Store database_;
    StoreQueue queue_{1'000};
    EventLog events_;
    Heartbeat pulse_;
    base::Mailbox<console::HealthSnapshot> screen_;
    base::Mailbox<console::GovernanceSnapshot> governance_;
};

const console::ProbeRow& probeOf(const console::HealthSnapshot& health, std::string_view name)
{
    const auto found = std::ranges::find(health.probes, name, &console::ProbeRow::name);
    if (found == health.probes.end()) {
        qFatal("no such probe");
    }
    return *found;
}

/// What caps the score, and the alert that tells of it.
struct Cap {
    std::string cap;
    std::string rule;
    std::string cause;
};

/// Ill: capped at once or after its limit, and told by its alert. Well again: neither.
void capsAndTells(House& house, const Cap& wanted, const std::function<void(bool isIll)>& make)
{
    const auto openOf = [&](const console::HealthSnapshot& health) -> const health::Alert* {
        if (!health.alerts) {
            return nullptr;
        }
        const auto found = std::ranges::find(health.alerts->open, wanted.cause, &health::Alert::cause);
        return found == health.alerts->open.end() ? nullptr : &*found;
    };
    const auto minutely = [&](const std::function<bool(const console::HealthSnapshot&)>& isDone) {
        return house.run([&, isDone](const console::HealthSnapshot& health) {
            house.pass(Millis{60'000});
            return isDone(health);
        });
    };
    const auto well = house.run();
    QCOMPARE(well.cap, std::string());
    QVERIFY(well.score.value_or(0) > health::hardFailCap);
    make(true);
    const auto ill = minutely([&](const auto& health) { return !health.cap.empty() && openOf(health) != nullptr; });
    QCOMPARE(ill.cap, wanted.cap);
    QVERIFY(ill.score && *ill.score <= health::hardFailCap);
    QCOMPARE(ill.label, console::HealthLabel::Critical);
    QCOMPARE(openOf(ill)->rule, wanted.rule);
    make(false);
    const auto again = minutely([&](const auto& health) { return health.cap.empty() && openOf(health) == nullptr; });
    QVERIFY(again.alerts &&
            std::ranges::find(again.alerts->past, wanted.rule, &health::Alert::rule) != again.alerts->past.end());
    QVERIFY(again.score.value_or(0) > health::hardFailCap);
}

} // namespace

class HealthEngineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFeedCapsTheScoreOnceItWasAwayForLongerThanItsLimit()
    {
        House house;
        QVERIFY(house.run().cap.empty());
        house.feed(console::FeedState::Offline, house.clock.now() - base::oneDay); // but nobody listened until now
        const auto pass = [&](Millis time) {
            house.clock.pass(time);
            house.ingestPulse.beat(house.clock.now());
            house.storePulse.beat(house.clock.now());
        };
        int looks = 0;
        bool isCappedAtIt = false;
        const auto seen = house.run([&, last = UtcMs{}](const console::HealthSnapshot& health) mutable {
            if (const auto newest = health.history->at("Disk").back().time; looks < 2 && newest != last) {
                last = newest;
                isCappedAtIt = isCappedAtIt || !health.cap.empty();
                pass(looks++ == 0 ? Millis{300'000} : Millis{30'000}); // feed.dead_s: at, then over
            }
            return !health.cap.empty();
        });
        QVERIFY(!isCappedAtIt);
        QCOMPARE(seen.cap, std::string("the feed is dead"));
        QVERIFY(seen.score.value_or(0) <= health::hardFailCap);
        QCOMPARE(seen.label, console::HealthLabel::Critical);
        QVERIFY(seen.raise.find("the feed is dead") != std::string::npos);
    }

    void aDeadFeedCapsTheScoreAndIsToldUntilItIsBack()
    {
        House house;
        capsAndTells(house, {.cap = "the feed is dead", .rule = "feed.dead", .cause = "feed"}, [&](bool isIll) {
            house.feed(isIll ? console::FeedState::Offline : console::FeedState::Online, house.clock.now());
        });
    }

    void aStoreThatDoesNotWriteCapsTheScoreAndIsToldUntilItWrites()
    {
        House house;
        capsAndTells(house, {.cap = "the store does not write: no reply", .rule = "store.failing", .cause = "store"},
                     [&](bool isIll) {
                         house.store.put({.state = console::EngineState::Running,
                                          .path = {},
                                          .writeLagMs = 3,
                                          .rate = {},
                                          .detail = isIll ? "no reply" : ""});
                     });
    }

    void aClockThatIsOffCapsTheScoreAndIsToldUntilItIsRight()
    {
        House house;
        const auto ticksAreOld = [&](double milliseconds) {
            console::PaperSnapshot seen;
            seen.tickLagP50 = milliseconds;
            house.paper.put(std::move(seen));
        };
        ticksAreOld(2'000); // health.clock_s, at its edge
        QVERIFY(house.run().cap.empty());
        capsAndTells(house,
                     {.cap = "ticks are more than 2 s old when they come: clock or line is off",
                      .rule = "clock.off",
                      .cause = "clock"},
                     [&](bool isIll) { ticksAreOld(isIll ? 2'001 : 2'000); });
    }

    void aClockAheadOrBehindTheExchangesIsOffWhateverTheTicksAge()
    {
        for (const int side : {1, -1}) {
            House house;
            const auto offBy = [&](std::int64_t ms) {
                console::IngestSnapshot seen;
                seen.state = console::EngineState::Running;
                seen.feed = console::FeedState::Online;
                seen.newestTick = house.clock.now();
                seen.clockOffset = Millis{side * ms};
                house.ingest.put(std::move(seen));
            };
            offBy(2'000); // health.clock_s, at its edge
            QVERIFY(house.run().cap.empty());
            capsAndTells(house,
                         {.cap = std::string("this machine's clock is 2.5 s ") + (side > 0 ? "behind" : "ahead of") +
                                 " the exchange's",
                          .rule = "clock.off",
                          .cause = "clock"},
                         [&](bool isIll) { offBy(isIll ? 2'500 : 2'000); });
            offBy(2'001);
            QVERIFY(!house.run().cap.empty());
        }
    }

    void aFullDiskCapsTheScoreAndIsToldUntilThereIsRoom()
    {
        testkit::onASmallDisk("96m", [](const std::filesystem::path& disk) {
            House house(disk);
            const auto greedy = disk / "greedy";
            capsAndTells(house, {.cap = "the disk is full", .rule = "disk.full", .cause = "disk"}, [&](bool isIll) {
                if (!isIll) {
                    std::filesystem::remove(greedy);
                    return;
                }
                std::ofstream file(greedy);
                const std::string mb(1'000'000, 'x');
                for (int i = 0; i < 90; ++i) { // of 96: a margin that is less than full
                    file << mb;
                }
                QVERIFY(file.flush());
            });
        });
    }

    void aStoreThatDoesNotWriteCapsTheScore()
    {
        House house;
        house.store.put({.state = console::EngineState::Running, .path = {}, .rate = {}, .detail = "the disk is full"});
        const auto seen = house.run();
        QCOMPARE(seen.cap, std::string("the store does not write: the disk is full"));
        QCOMPARE(seen.label, console::HealthLabel::Critical);
        QVERIFY(!probeOf(seen, "Write lag").value);
    }

    void theSlowestHeartbeatIsAProbeAndAFailedEngineHasNoScoreAtAll()
    {
        House house;
        const auto scoreAfter = [&](Millis silence) {
            house.ingestPulse.beatMs = house.clock.now().value - silence.count();
            house.storePulse.beat(house.clock.now());
            return *probeOf(house.run(), "Heartbeats").score;
        };
        QCOMPARE(scoreAfter(silentAfter / 2), 100.0); // at half of its limit
        QCOMPARE(scoreAfter(silentAfter), 50.0);      // from here on it is said to struggle
        QCOMPARE(scoreAfter(silentAfter * 2), 0.0);
        const auto silent = house.run();
        QCOMPARE(probeOf(silent, "Heartbeats").note, std::string("slowest: Ingest"));
        const auto feed = std::ranges::find(silent.parts, std::string("feed"), &console::HealthPartRow::name);
        QCOMPARE(feed->score, std::optional(0.0)); // of which it is a reading
        house.ingestPulse.beat(house.clock.now());
        house.storePulse.state = console::EngineState::Failed;
        const auto failed = house.run();
        QCOMPARE(probeOf(failed, "Heartbeats").score, std::optional(0.0));
        QCOMPARE(probeOf(failed, "Heartbeats").note, std::string("Store writer has failed"));
    }

    void untilPaperTellsOfThePolicyTheStoredOneSaysWhenItIsQuiet()
    {
        House house;
        house.set("alerts.quiet_from", 11 * 60); // it is noon
        house.set("alerts.quiet_to", 13 * 60);
        const auto atStart = house.run();
        QVERIFY(atStart.alerts && atStart.alerts->isQuiet);
        console::PaperSnapshot paper; // the operator has changed it meanwhile
        paper.policy = std::make_shared<const console::PolicyView>(
            console::PolicyView{.numbers = {{"alerts.quiet_from", 0}, {"alerts.quiet_to", 0}}, .texts = {}});
        house.paper.put(std::move(paper));
        const auto known = house.run();
        QVERIFY(known.alerts && !known.alerts->isQuiet);
    }

    void aScreenThatStallsForLongIsAnAlertAndOneBlinkIsNone()
    {
        House house;
        const auto isOpen = [](const console::HealthSnapshot& health) {
            return health.alerts &&
                   std::ranges::find(health.alerts->open, "screen", &health::Alert::cause) != health.alerts->open.end();
        };
        bool isEarly = false;
        int looks = 0;
        (void)house.run([&](const console::HealthSnapshot& health) {
            house.frames.add(house.clock.now(), 10, 100); // at its limit: red
            isEarly = isEarly || (looks < 3 && isOpen(health));
            house.pass(++looks == 1 ? Millis{0} : Millis{60'000}); // 5 × alerts.open_s
            return isOpen(health);
        });
        QVERIFY(!isEarly);
        (void)house.run([&](const console::HealthSnapshot& health) {
            house.frames.add(house.clock.now(), 10, 89);
            house.pass(Millis{60'000});
            return health.alerts && !isOpen(health);
        });
    }

    void theLastProvenRestoreIsAProbeOfItsOwnWithADay()
    {
        House house;
        console::CareSnapshot care;
        care.policy.folder = "/mnt/backups";
        care.next = house.clock.now() + Millis{90 * 60'000};
        house.care.put(care);
        const auto none = house.run();
        QVERIFY(!probeOf(none, "Proven restore").value && !probeOf(none, "Proven restore").score);
        QCOMPARE(probeOf(none, "Proven restore").note, std::string("not available: there is no backup yet"));
        QVERIFY(!none.history->contains("Proven restore"));
        care.backups = {{.id = 1, .began = house.clock.now() - base::oneDay, .by = "you", .proof = "restored"}};
        house.care.put(care);
        const auto first = house.run();
        QCOMPARE(probeOf(first, "Proven restore").value, std::optional(1.0)); // days
        QCOMPARE(probeOf(first, "Proven restore").score, std::optional(100.0));
        QVERIFY(probeOf(first, "Backup").note.ends_with("; the next in 90 min"));
        console::JobsSnapshot jobs;
        jobs.jobs = {{.name = "restore-proof", .title = "Proven restore"}};
        jobs.jobs[0].last = governance::JobRunRow{.id = 7,
                                                  .job = "restore-proof",
                                                  .state = governance::JobState::Succeeded,
                                                  .ended = house.clock.now() - Millis{12 * 3'600'000},
                                                  .result = "restored and equal"};
        house.jobs.put(jobs);
        const auto tried = house.run();
        QCOMPARE(probeOf(tried, "Proven restore").value, std::optional(0.5));
        jobs.jobs[0].last->state = governance::JobState::Orphaned; // which says nothing about any backup
        house.jobs.put(jobs);
        QCOMPARE(probeOf(house.run(), "Proven restore").value, std::optional(1.0));
        jobs.jobs[0].last->state = governance::JobState::Failed;
        jobs.jobs[0].last->result = "the file is damaged";
        house.jobs.put(jobs);
        house.clock.pass(Millis{31'000});
        const auto failed = house.run();
        QCOMPARE(probeOf(failed, "Proven restore").score, std::optional(50.0));
        QVERIFY(probeOf(failed, "Proven restore").note.contains("the file is damaged"));
        const auto part = std::ranges::find(failed.parts, std::string("backup"), &console::HealthPartRow::name);
        QCOMPARE(part->score, std::optional(50.0)); // it is a reading of that part
        QVERIFY(!failed.history->at("Proven restore").empty());
    }

    void aTryOfARestoreThatTimedOutCameToNothing()
    {
        House house;
        console::CareSnapshot care;
        care.policy.folder = "/mnt/backups";
        care.backups = {{.id = 1, .began = house.clock.now() - base::oneDay, .by = "you", .proof = "restored"}};
        house.care.put(care);
        console::JobsSnapshot jobs;
        jobs.jobs = {{.name = "restore-proof", .title = "Proven restore"}};
        jobs.jobs[0].last = governance::JobRunRow{.id = 7,
                                                  .job = "restore-proof",
                                                  .state = governance::JobState::TimedOut,
                                                  .ended = house.clock.now() - Millis{12 * 3'600'000},
                                                  .result = "no sign of life for 60 s"};
        house.jobs.put(jobs);
        // A later one that nobody let come to its end says nothing, so what is known stays.
        jobs.jobs[0].last->state = governance::JobState::Cancelled;
        jobs.jobs[0].last->result = "by you";
        const auto seen = house.run([&, looks = 0](const console::HealthSnapshot&) mutable {
            house.jobs.put(jobs);
            return ++looks == 3;
        });
        const auto& probe = probeOf(seen, "Proven restore");
        QCOMPARE(probe.value, std::optional(1.0)); // days since the backup, which was restored when it was made
        QCOMPARE(probe.score, std::optional(50.0));
        QCOMPARE(probe.note, std::string("the newest try came to nothing: no sign of life for 60 s"));
    }

    void aJobThatFailsIsAProbeAndAnAlertOfItsOwn()
    {
        House house;
        const auto line = [](const char* name, governance::JobState state) {
            console::JobLine out{.name = name, .title = std::string("The ") + name};
            out.last = governance::JobRunRow{.id = 1, .job = name, .state = state, .result = "no rows"};
            return out;
        };
        console::JobsSnapshot jobs;
        jobs.jobs = {line("calibration", governance::JobState::Orphaned), line("night", governance::JobState::TimedOut),
                     line("review", governance::JobState::Cancelled), line("retrain", governance::JobState::Failed)};
        house.jobs.put(jobs);
        const auto open = [](const console::HealthSnapshot& health) {
            std::vector<std::string> out;
            if (health.alerts) {
                for (const auto& alert : health.alerts->open) {
                    if (alert.cause.starts_with("job ")) {
                        out.push_back(alert.title + " (" + alert.detail + ")");
                    }
                }
            }
            return out;
        };
        const std::vector<std::string> two{"Job failed: The calibration (orphaned: no rows)",
                                           "Job failed: The night (timed out: no rows)"};
        const auto seen = house.run([&](const console::HealthSnapshot& health) { return open(health) == two; });
        QCOMPARE(probeOf(seen, "Failed jobs").value, std::optional(3.0));
        house.jobs.put(console::JobsSnapshot()); // a start: nothing is known of them yet
        const auto blind = house.run([&](const console::HealthSnapshot& health) { return open(health) == two; });
        QVERIFY(blind.alerts->open.front().hasNoData);
        jobs.jobs[0].last->state = governance::JobState::Succeeded;
        jobs.jobs[1].isPaused = true;
        house.jobs.put(jobs);
        (void)house.run([&](const console::HealthSnapshot& health) { return health.alerts && open(health).empty(); });
    }

    void aTrainingThatTimedOutOrHangsIsAnAlert()
    {
        House house;
        const auto detail = [](const console::HealthSnapshot& health) {
            const auto none = std::string("none");
            if (!health.alerts) {
                return none;
            }
            const auto found = std::ranges::find(health.alerts->open, std::string("job.failed"), &health::Alert::rule);
            return found == health.alerts->open.end() ? none : found->detail;
        };
        const auto becomes = [&](const std::string& text) {
            const auto seen = house.run([&](const console::HealthSnapshot& health) {
                house.pass(Millis{60'000});
                return detail(health) == text;
            });
            QCOMPARE(detail(seen), text);
        };
        console::LearningSnapshot learning;
        learning.outcomes = {{.model = "gbt_5m", .isFailure = true, .what = "cancelled", .why = "by you"}};
        house.learning.put(learning);
        console::JobsSnapshot jobs;
        jobs.jobs = {{.name = "retrain", .title = "Retraining"}};
        jobs.jobs[0].last = governance::JobRunRow{
            .id = 7, .job = "retrain", .state = governance::JobState::TimedOut, .result = "no sign of life for 60 s"};
        house.jobs.put(jobs);
        becomes("retraining is timed out: no sign of life for 60 s"); // its thread hangs: no outcome yet
        jobs.jobs[0].last->state = governance::JobState::Succeeded;
        house.jobs.put(jobs);
        becomes("none");
        learning.outcomes = {{.model = "gbt_5m", .isFailure = true, .what = "timed out", .why = "no sign of life"}};
        house.learning.put(learning);
        becomes("training of gbt_5m: no sign of life");
    }

    void whatTheHealthEngineSeesOverItsLimitLetsATrainingWait()
    {
        House house;
        const auto waits = [&](double tickLag, double writeLag) {
            console::PaperSnapshot paper;
            paper.tickLagP99 = tickLag;
            house.paper.put(std::move(paper));
            house.store.put({.state = console::EngineState::Running, .path = {}, .writeLagMs = writeLag, .rate = {}});
            auto seen = house.run();
            std::erase_if(seen.probes,
                          [](const auto& probe) { return probe.name == temperatureProbe; }); // of who tests
            return trainingWaits(seen);
        };
        const double tickLimit = base::policyDefault("health.tick_lag_ms");
        const double writeLimit = base::policyDefault("health.write_lag_ms");
        QCOMPARE(waits(tickLimit, writeLimit), std::string());
        QCOMPARE(waits(tickLimit + 1, writeLimit), std::string("ticks lag"));
        QCOMPARE(waits(tickLimit, writeLimit + 1), std::string("the store lags"));
        QCOMPARE(trainingWaits({}), std::string()); // nothing is known yet
    }

    void aHotProcessorLetsATrainingWait()
    {
        const QTemporaryDir root;
        const auto chip = std::filesystem::path(root.path().toStdString()) / "sys/class/hwmon/hwmon0";
        std::filesystem::create_directories(chip);
        std::ofstream(chip / "name") << "coretemp\n";
        const auto waits = [&](double degrees) {
            std::ofstream(chip / "temp1_input") << static_cast<int>(degrees * 1'000) << '\n';
            HostProbes machine(chip, root.path().toStdString());
            console::HealthSnapshot health;
            std::vector<health::Reading> readings;
            std::vector<std::string> failures;
            addHostProbes(machine.measure({}), {}, health.probes, readings, failures);
            return trainingWaits(health);
        };
        const double limit = base::policyDefault("health.cpu_temp_c");
        QCOMPARE(waits(limit), std::string());
        QCOMPARE(waits(limit + 1), std::string("the processor is hot"));
        std::filesystem::remove(chip / "name"); // no sensor, no reason
        QCOMPARE(waits(limit + 1), std::string());
    }

    void aMachineWithoutSourcesSaysSoAndWhatItLacksDoesNotCount()
    {
        HostFigures blind;
        blind.cpuTemperature.note = "no sensor of the processor on this machine";
        console::HealthSnapshot health;
        std::vector<health::Reading> readings;
        std::vector<std::string> failures;
        addHostProbes(blind, {}, health.probes, readings, failures);
        assess(health, readings, failures);
        for (const auto* name : {"CPU temperature", "Memory", "Disk"}) {
            QVERIFY(probeOf(health, name).note.starts_with("not available here"));
            QVERIFY(!probeOf(health, name).score);
            QVERIFY(probeOf(health, name).limit > 0);
        }
        QCOMPARE(health.label, console::HealthLabel::Unknown);
        readings.push_back({health::Part::Feed, 100.0}); // 9 of 13 are known: as well as if nothing were missing
        readings.push_back({health::Part::WriteLag, 100.0});
        readings.push_back({health::Part::Disk, 100.0});
        readings.push_back({health::Part::Jobs, 100.0});
        assess(health, readings, failures);
        QCOMPARE(health.score, std::optional(100.0));
    }

    void eachProbeKeepsADayAndARestartForgetsNone()
    {
        House house;
        const auto points = [](const console::HealthSnapshot& health, const std::string& probe) {
            const auto found = health.history->find(probe);
            return found == health.history->end() ? std::size_t{0} : found->second.size();
        };
        for (const auto& probe : house.run().probes) {
            QVERIFY2(probe.limit > 0, probe.name.c_str());
        }
        house.clock.pass(Millis{3'600'000});
        house.ingestPulse.beat(house.clock.now());
        house.storePulse.beat(house.clock.now());
        const auto again =
            house.run([&](const console::HealthSnapshot& health) { return points(health, "Disk") == 2; });
        const auto& disk = again.history->at("Disk");
        QCOMPARE(disk[0].time, noon);
        QCOMPARE(disk[1].time, noon + Millis{3'600'000});
        QVERIFY(probeOf(again, "Disk").trend.has_value()); // over that hour
        QCOMPARE(points(again, "Write lag"), std::size_t{2});
        house.clock.pass(base::oneDay - Millis{3'600'000} + Millis{1}); // the first is older than a day
        house.ingestPulse.beat(house.clock.now());
        house.storePulse.beat(house.clock.now());
        const auto next = house.run([&](const console::HealthSnapshot& health) { return points(health, "Disk") == 2; });
        QCOMPARE(next.history->at("Disk")[0].time, noon + Millis{3'600'000});
    }
};

QTEST_GUILESS_MAIN(HealthEngineTest)
#include "health_engine_test.moc"
