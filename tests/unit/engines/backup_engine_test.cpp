// The backup thread with a real store: by schedule, on demand, cancelled, without its folder, rotated; a restore made
// ready; and the retention of ticks, after which paper starts as if nothing had gone.
#include "engines/backup_engine.h"

#include "engines/engine_host.h"
#include "engines/recovery.h"
#include "engines/retention_run.h"
#include "engines/simulated_history.h"
#include "exchange/default_instruments.h"
#include "storage/backup.h"
#include "testkit/backup_rig.h"

#include <QTest>

#include <thread>

using namespace qd;
using namespace qd::engines;
using testkit::good;
namespace fs = std::filesystem;

namespace {

constexpr auto start = testkit::rigStart;
using Rig = testkit::BackupRig;
using Place = testkit::BackupPlace;

/// Some days of the simulated market, traded by the real pipeline.
void simulateInto(const fs::path& file, int days)
{
    std::vector<std::string> names;
    for (const auto& instrument : exchange::defaultInstruments(1)) {
        names.push_back(instrument.name);
    }
    const auto history = historyOf({.candlesOnly = base::Millis{0}, .withTicks = days * base::oneDay, .rate = 0.3}, 7,
                                   names, base::bucketStart(start, base::oneDay));
    (void)good(simulate({.database = file, .history = history}, {}));
}

std::string savedState(Recovered& recovered)
{
    std::string out;
    for (const auto& instrument : recovered.paper.instruments) {
        out += recovered.paper.pipeline.save(instrument.id);
    }
    return out;
}

} // namespace

class BackupEngineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsDueAndHeldUpIsDueSinceThenAndNotAlwaysFromNowOn()
    {
        const Place place;
        Rig rig(place.file());
        rig.isWaiting = true; // ticks come first
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.state == console::EngineState::Running && now.next; }));
        const auto due = *rig.screen.get()->next;
        rig.clock.ms += 30'000;
        for (int i = 0; i < 2; ++i) { // the second one is of after that
            const auto seen = rig.screen.get();
            QTRY_VERIFY_WITH_TIMEOUT(rig.screen.get() != seen, 60'000);
        }
        QCOMPARE(rig.screen.get()->next->value, due.value);
        QVERIFY(rig.screen.get()->backups.empty());
    }

    void theScheduleMakesProvesAndRotates()
    {
        const Place place;
        Rig rig(place.file());
        rig.set("backup.keep_recent", 2);
        rig.set("backup.keep_daily", 0);
        rig.set("backup.keep_weekly", 0);
        rig.run();
        for (std::size_t n = 1; n <= 3; ++n) {
            QVERIFY(rig.waitFor([n](const auto& now) { return now.backups.size() >= n && !now.isBusy; }));
            const auto now = rig.screen.get();
            QCOMPARE(now->backups.size(), n);
            QVERIFY2(now->backups.front().isGood(), now->backups.front().error.c_str());
            QCOMPARE(now->backups.front().by, std::string("schedule"));
            QCOMPARE(now->next->value, now->backups.front().began.value + 6 * 3'600'000);
            rig.clock.ms += 6 * 3'600'000;
        }
        QVERIFY(rig.waitFor([](const auto& now) { return now.backups.size() >= 4 && !now.isBusy; }));
        rig.settle();
        rig.stop();
        QCOMPARE(rig.files(), (std::vector<std::string>{"demo-20251126-200000.db", "demo-20251127-020000.db"}));
        const auto rows = rig.rows();
        QCOMPARE(rows.size(), std::size_t{4});
        QVERIFY(!rows[0].removed && !rows[1].removed && rows[2].removed && rows[3].removed);
        const auto runs = rig.runs("backup"); // each was a run of the job
        QCOMPARE(runs.size(), std::size_t{4});
        for (const auto& run : runs) {
            QCOMPARE(run.state, governance::JobState::Succeeded);
            QVERIFY2(run.result.find("restored and compared") != std::string::npos, run.result.c_str());
        }
        QVERIFY(!rig.runs("store-care").empty());
    }

    void theNewestBackupIsProvenAnewAsAJob()
    {
        const Place place;
        Rig rig(place.file());
        const auto proven = [&](std::size_t count) {
            QVERIFY(!rig.ask(console::RunJob{"restore-proof"}));
            QVERIFY(QTest::qWaitFor(
                [&] {
                    const auto kept = rig.runs("restore-proof");
                    return kept.size() == count && kept.front().ended;
                },
                60'000));
        };
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.backups.size() == 1 && !now.isBusy; }));
        proven(1);
        auto runs = rig.runs("restore-proof");
        QVERIFY2(runs.front().state == governance::JobState::Succeeded, runs.front().result.c_str());
        QCOMPARE(rig.files().size(), std::size_t{1}); // no scratch file is left
        // What has gone bad since it was made is found.
        {
            QFile file(QString::fromStdString(rig.screen.get()->backups.front().file));
            QVERIFY(file.open(QIODevice::ReadWrite));
            QVERIFY(file.seek(file.size() / 2));
            file.write(QByteArray(4'096, 'x'));
        }
        proven(2);
        runs = rig.runs("restore-proof");
        QVERIFY2(runs.front().state == governance::JobState::Failed, runs.front().result.c_str());
        QCOMPARE(rig.files().size(), std::size_t{1});
    }

    void whatWasMovedAwayFillsNoPlaceOfWhatIsThere()
    {
        const Place place;
        Rig rig(place.file());
        rig.set("backup.keep_recent", 2);
        rig.set("backup.keep_daily", 0);
        rig.set("backup.keep_weekly", 0);
        rig.run();
        for (std::size_t n = 1; n <= 3; ++n) {
            QVERIFY(rig.waitFor([n](const auto& now) { return now.backups.size() >= n && !now.isBusy; }));
            if (n == 2) {
                fs::remove(rig.screen.get()->backups.front().file);
            }
            rig.clock.ms += n < 3 ? 6 * 3'600'000 : 0;
        }
        rig.stop();
        QCOMPARE(rig.files(), (std::vector<std::string>{"demo-20251126-080000.db", "demo-20251126-200000.db"}));
    }

    void theScheduleWaitsForTicksAndTrades()
    {
        const Place place;
        Rig rig(place.file());
        rig.isWaiting = true;
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.state == console::EngineState::Running && now.next; }));
        QTest::qWait(1'500); // some of its looks
        QVERIFY(rig.screen.get()->backups.empty());
        rig.isWaiting = false;
        QVERIFY(rig.waitFor([](const auto& now) { return now.backups.size() == 1; }));
    }

    void withoutAFolderOneIsRefusedAndWithoutTheChosenOneItIsSaid()
    {
        const Place place;
        Rig rig(place.file(), false);
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.state == console::EngineState::Running; }));
        const auto none = rig.ask(console::BackUpNow{});
        QVERIFY(none.has_value());
        QCOMPARE(none->code, base::ErrorCode::Conflict);
        QVERIFY(rig.waitFor([](const auto& now) { return now.state == console::EngineState::Running && !now.next; }));
        rig.stop();

        Rig gone(place.dir.filePath(QStringLiteral("other.db")).toStdString(), false);
        gone.setFolder("/nowhere/at/all");
        gone.run();
        QVERIFY(gone.waitFor([](const auto& now) { return now.backups.size() == 1; })); // the schedule's
        const auto now = gone.screen.get();
        QCOMPARE(now->folderTrouble, std::string("there is no such folder"));
        QVERIFY(now->detail.find("The backup failed") == 0);
        QVERIFY(!now->backups.front().isGood());
        QCOMPARE(now->standing.score.value_or(-1), 50.0);
        const auto failed = gone.ask(console::BackUpNow{});
        QVERIFY(failed.has_value());
        QCOMPARE(failed->code, base::ErrorCode::NotFound);
        QVERIFY(std::ranges::any_of(gone.told, [](const auto& event) {
            const auto* notice = std::get_if<console::Notice>(&event);
            return notice != nullptr && notice->severity == console::Severity::Warning;
        }));
    }

    void aCancelLeavesNothingAndIsNoFailure()
    {
        const Place place;
        {
            testkit::Store store(place.file()); // some seconds' worth
            good(store->run("CREATE TABLE ballast(x)"));
            for (int mb = 0; mb < 64; ++mb) {
                store.write([&] { good(store->run("INSERT INTO ballast VALUES(randomblob(1048576))")); });
            }
        }
        Rig rig(place.file());
        rig.isWaiting = true; // the schedule
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.state == console::EngineState::Running; }));
        QVERIFY(rig.waitFor([](const auto& now) { return !now.policy.folder.empty(); }));
        const auto backup = rig.send(console::BackUpNow{});
        QVERIFY(rig.waitFor([](const auto& now) { return now.isBusy; }));
        const auto second = rig.send(console::BackUpNow{});
        const auto cancel = rig.send(console::CancelBackup{});
        const auto ended = rig.answerOf(backup);
        QVERIFY(ended.has_value());
        QCOMPARE(ended->code, base::ErrorCode::Cancelled);
        for (const auto& event : rig.told) {
            if (const auto* done = std::get_if<console::CommandDone>(&event); done && done->id == second) {
                QCOMPARE(done->error->code, base::ErrorCode::Busy);
            } else if (done && done->id == cancel) {
                QVERIFY(!done->error);
            }
        }
        const auto idle = rig.ask(console::CancelBackup{});
        QVERIFY(idle && idle->code == base::ErrorCode::NotFound);
        rig.stop();
        QCOMPARE(rig.files(), std::vector<std::string>{});
        QCOMPARE(rig.rows().size(), std::size_t{1});
        QVERIFY(rig.rows().front().isCancelled());
    }

    void leftoversOfAKilledOneGo()
    {
        const Place place;
        Rig rig(place.file());
        for (const auto* name : {"demo-20251126-010101.db.part", "demo-20251126-010101.db.scratch-wal", "mine.db.part",
                                 "demo-2-20251126-010101.db.part"}) {
            QFile file(QString::fromStdString(rig.folder() + "/" + name));
            QVERIFY(file.open(QIODevice::WriteOnly));
        }
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.backups.size() == 1 && !now.isBusy; }));
        QCOMPARE(rig.files(), (std::vector<std::string>{"demo-2-20251126-010101.db.part", "demo-20251126-080000.db",
                                                        "mine.db.part"}));
    }

    void aRestoreIsMadeReadyRefusedOrDropped()
    {
        const Place place;
        Rig rig(place.file());
        rig.run();
        QVERIFY(rig.waitFor([](const auto& now) { return now.backups.size() == 1 && !now.isBusy; }));
        const auto file = rig.screen.get()->backups.front().file;
        QVERIFY(!rig.ask(console::StageRestore{file}));
        QVERIFY(storage::isRestoreStaged(place.file()));
        QVERIFY(rig.screen.get()->staged.find(file) == 0);
        QVERIFY(!rig.ask(console::DropRestore{}));
        QVERIFY(!storage::isRestoreStaged(place.file()));
        QVERIFY(rig.screen.get()->staged.empty());
        const auto missing = rig.ask(console::StageRestore{"/nowhere.db"});
        QVERIFY(missing && missing->code == base::ErrorCode::NotFound);
        // One of another feed would be taken for this one's.
        const fs::path foreign = fs::path(rig.folder()) / "blofin.db";
        {
            const testkit::Store other(foreign);
        }
        (void)good(storage::makeBackup(
            {.database = foreign, .file = fs::path(rig.folder()) / "blofin-backup.db", .now = start}));
        const auto refused = rig.ask(console::StageRestore{rig.folder() + "/blofin-backup.db"});
        QVERIFY(refused && refused->code == base::ErrorCode::Conflict);
        // And so would a copy of its database, which says nothing of itself; one of ours has our name.
        const auto unnamed = rig.ask(console::StageRestore{foreign});
        QVERIFY(unnamed && unnamed->code == base::ErrorCode::Conflict);
        QVERIFY(!storage::isRestoreStaged(place.file()));
        fs::rename(foreign, fs::path(rig.folder()) / "demo.by-hand.db");
        QVERIFY(!rig.ask(console::StageRestore{rig.folder() + "/demo.by-hand.db"}));
        QVERIFY(storage::isRestoreStaged(place.file()));
    }

    void whatWasMadeReadyTakesForceWhenTheConsoleStarts()
    {
        const Place place;
        fs::path backup;
        {
            testkit::Store store(place.file());
            store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(1,2)")); });
            backup = place.file().parent_path() / "b.bak";
            (void)good(storage::makeBackup({.database = place.file(), .file = backup, .now = start}));
            store.write([&] { good(store->run("INSERT INTO equity(time,equity) VALUES(3,4)")); });
            (void)good(storage::stageRestore(backup, place.file()));
        }
        {
            auto host =
                good(EngineHost::start({.dataDir = place.file().parent_path(),
                                        .feed = "demo",
                                        .demoHistory = {.candlesOnly = base::Millis{0}, .withTicks = base::Millis{0}},
                                        .historyDays = 0,
                                        .version = "test"}));
            QVERIFY(QTest::qWaitFor([&] { return host->isReady(); }, 60'000));
            bool isTold = false;
            for (const auto& event : host->takeEvents()) {
                const auto* notice = std::get_if<console::Notice>(&event);
                isTold = isTold || (notice != nullptr && notice->text.find("The database was restored from a backup of "
                                                                           "2025-11-26T08:00:00") == 0);
            }
            QVERIFY(isTold);
            QVERIFY(QTest::qWaitFor([&] { return host->health().get() && host->health().get()->care; }, 60'000));
            const auto health = host->health().get();
            const auto probe = std::ranges::find(health->probes, std::string("Backup"), &console::ProbeRow::name);
            QVERIFY(probe != health->probes.end());
            QVERIFY(!probe->score.has_value()); // nobody wished for any: it does not count
            QCOMPARE(probe->note, std::string("no folder is chosen for backups"));
            const auto id = host->ask(console::AskRetention{.keepDays = 30, .thin = true});
            std::optional<console::Answer> answer;
            QVERIFY(QTest::qWaitFor(
                [&] {
                    for (auto& event : host->takeAnswers()) {
                        if (auto* one = std::get_if<console::Answer>(&event); one != nullptr && one->id == id) {
                            answer = std::move(*one);
                        }
                    }
                    return answer.has_value();
                },
                60'000));
            QVERIFY(!answer->error);
            QCOMPARE(std::get<health::RetentionPreview>(answer->value).rule.keepDays, 30);
        }
        auto database = good(storage::Database::open(place.file(), storage::Database::Mode::ReadOnly));
        QCOMPARE(good(database.number("SELECT count(*) FROM equity WHERE time IN (1,3)")), 1);
        QCOMPARE(good(database.number("SELECT count(*) FROM journal WHERE what LIKE 'The database was restored%'")), 1);
        QCOMPARE(good(database.number("SELECT count(*) FROM backup_origin")), 0); // it is no copy of that any more
        QVERIFY(!storage::isRestoreStaged(place.file()));
    }

    void afterTheRetentionOfTicksPaperStartsAsBefore()
    {
        const Place place;
        simulateInto(place.file(), 14);
        std::string before;
        std::uint64_t positions = 0;
        {
            auto database = good(storage::Database::open(place.file(), storage::Database::Mode::ReadWrite));
            auto recovered = good(recover(database, base::defaultPaperPolicy(), {}));
            before = savedState(recovered);
            positions = recovered.paper.past.positions.size();
            // As after a kill a while before: the saved state is older than the archive's end, so a start has to read.
            QCOMPARE(recovered.replayedItems, std::uint64_t{0});
        }
        QVERIFY(!before.empty());
        std::uint64_t ticksBefore = 0;
        {
            Rig rig(place.file(), false);
            auto& writer = rig.writer();
            const auto id = good(storage::InstrumentStore(writer).all()).front().id;
            ticksBefore = good(storage::TickArchive(writer).summary(id)).ticks;
            good(writer.run("DELETE FROM candle_blocks; DELETE FROM candle_tails")); // so that they have to be made
            int candlesAsked = 0;
            std::size_t dropped = 0;
            const RetentionHands counts{.keepMinutes = [&](auto, auto, const auto&) -> base::Result<void> {
                                            return ++candlesAsked, base::Result<void>{};
                                        },
                                        .drop = [&](const auto& blocks) -> base::Result<void> {
                                            return dropped += blocks.ticks.size(), base::Result<void>{};
                                        },
                                        .goesOn = [](double) { return true; }};
            (void)good(runRetention(writer, {.way = health::OldTicks::Keep, .keepDays = 8, .now = start}, counts));
            QCOMPARE(dropped, std::size_t{0});
            (void)good(runRetention(writer, {.way = health::OldTicks::Drop, .keepDays = 8, .now = start}, counts));
            QVERIFY(dropped > 0);
            QCOMPARE(candlesAsked, 0);
            rig.set("ticks.keep_days", 1); // the nightly replays keep eight all the same
            rig.run();
            QVERIFY(rig.waitFor([](const auto& now) { return !now.retention.empty() && now.daysUntilFull > 0; }));
            rig.stop();
            QVERIFY(good(storage::TickArchive(writer).summary(id)).ticks < ticksBefore);
            auto first = good(storage::TickArchive(writer).summary(id)).firstTime;
            QVERIFY(first <= start - base::oneDay * 8);
            // Each minute of what went has its candle.
            const auto candles = good(storage::CandleStore(writer).count(
                id, market::Timeframe::M1, {base::UtcMs{0}, first - base::Millis{60'000}}));
            QVERIFY2(candles > 3 * 1'000, qPrintable(QString::number(candles)));
            QVERIFY(good(storage::CandleStore(writer).count(id, market::Timeframe::H1,
                                                            {base::UtcMs{0}, first - base::oneDay})) > 20);
        }
        auto database = good(storage::Database::open(place.file(), storage::Database::Mode::ReadWrite));
        auto recovered = good(recover(database, base::defaultPaperPolicy(), {}));
        QCOMPARE(savedState(recovered), before);
        QCOMPARE(recovered.paper.past.positions.size(), positions);
        QVERIFY(good(storage::TickArchive(database).verify()).empty());
    }

    void aReaderThatHoldsTheLogBackIsSeenUntilItEnds()
    {
        const Place place;
        Rig rig(place.file(), false);
        auto reader = good(storage::Database::open(place.file(), storage::Database::Mode::ReadOnly));
        good(reader.run("BEGIN"));
        (void)good(reader.number("SELECT count(*) FROM instruments"));
        good(rig.writer().run("CREATE TABLE ballast(x); INSERT INTO ballast VALUES(randomblob(2000000))"));
        rig.run();
        const auto held = [&] {
            const auto now = rig.storeScreen.get();
            return now && now->longestReader.has_value();
        };
        QVERIFY(QTest::qWaitFor(held, 60'000));
        QVERIFY(rig.storeScreen.get()->walBytes > 1'000'000);
        good(reader.run("COMMIT"));
        QVERIFY(QTest::qWaitFor([&] { return !held(); }, 60'000));
    }

    void theRuleKeepsWhatTheNightlyReplaysWant()
    {
        QVERIFY(retentionRule({}, start).way == health::OldTicks::Keep);
        base::PolicyValues values{{"ticks.keep_days", 7}};
        QCOMPARE(retentionRule(values, start).keepDays, 8); // under
        values["ticks.keep_days"] = 8;
        QCOMPARE(retentionRule(values, start).keepDays, 8); // at
        values["ticks.keep_days"] = 9;
        QCOMPARE(retentionRule(values, start).keepDays, 9); // over
        QVERIFY(retentionRule(values, start).way == health::OldTicks::Thin);
        values["ticks.thin"] = 0;
        QVERIFY(retentionRule(values, start).way == health::OldTicks::Drop);
    }
};

QTEST_GUILESS_MAIN(BackupEngineTest)
#include "backup_engine_test.moc"
