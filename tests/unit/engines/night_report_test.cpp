// The night report out of real ledgers: what is collected, what is kept, and what the next night makes of it.
#include "engines/night_json.h"
#include "engines/night_report.h"
#include "storage/alert_store.h"
#include "storage/backup_store.h"
#include "storage/gap_store.h"
#include "storage/job_store.h"
#include "storage/model_store.h"
#include "storage/night_store.h"
#include "storage/policy_store.h"
#include "storage/review_store.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace qd;
using namespace qd::engines;
using namespace qd::governance;
using base::Millis;
using testkit::good;
using testkit::Store;

namespace {

constexpr UtcMs now{1'750'572'000'000}; // 2025-06-22 06:00 UTC
constexpr Millis hour{3'600'000};

class FixedClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return ::now; }
};

/// A database of which all clocks are UTC.
class Night {
public:
    Night()
    {
        store.write([&] { good(storage::PolicyStore(*store).setText("display.zone", "UTC")); });
    }
    [[nodiscard]] NightFigures figures(NightWish wish = {.now = now}) { return good(nightFigures(*store, wish)); }
    storage::NightReportRow keep(NightWish wish = {.now = now})
    {
        auto row = good(nightRow(*store, wish));
        store.write([&] { good(storage::NightStore(*store).add(row)); });
        return row;
    }
    Store store;
};

/// Something of everything, in the night and before it.
void fill(Store& store)
{
    const auto btc = store.add("BTC-USDT");
    const auto eth = store.add("ETH-USDT");
    governance::Proposal proposal{.rule = Rule::Disable, .subject = {"breakout", btc}, .parameterHash = "abc"};
    storage::ReviewRow review{.heldAt = now - hour * 10, .isNightly = true, .review = {.at = now - hour * 10}};
    review.review.proposals = {proposal};
    store.write([&] {
        storage::GapStore gaps(*store);
        good(gaps.add({.instrument = btc,
                       .number = {1},
                       .from = now - hour * 30,
                       .to = now - hour * 29,
                       .measure = market::GapMeasure::Exact}));
        for (const auto instrument : {btc, eth}) {
            good(gaps.add({.instrument = instrument,
                           .number = {2},
                           .from = now - hour * 3,
                           .to = now - hour * 2,
                           .found = 7,
                           .measure = market::GapMeasure::Exact}));
        }
        const auto run = [](std::int64_t id, JobState state, UtcMs ended) {
            return JobRunRow{.id = id,
                             .job = "backup",
                             .trigger = "by the clock",
                             .state = state,
                             .staged = ended - Millis{5'000},
                             .begun = ended - Millis{5'000},
                             .ended = ended,
                             .beat = ended,
                             .awake = Millis{5'000},
                             .result = "the folder is gone"};
        };
        good(storage::JobStore(*store).write(
            {.jobs = {{.name = "backup", .title = "Backup", .times = "every 6 h", .anchor = now}},
             .runs = {run(1, JobState::Succeeded, now - hour * 25), run(2, JobState::Succeeded, now - hour * 5),
                      run(3, JobState::Failed, now - hour)}}));
        (void)good(storage::ReviewStore(*store).add(review));
        storage::ModelStore models(*store);
        auto training = storage::RetrainRun{.model = "gbt_5m", .trigger = "14 days", .started = now - hour * 4};
        training.id = good(models.begin(training));
        training.ended = now - hour * 3;
        training.outcome = "kept the old one";
        training.why = "no signal";
        good(models.end(training));
        storage::AlertStore alerts(*store);
        const auto alert = [](std::int64_t id, const std::string& cause, UtcMs opened, std::optional<UtcMs> cleared) {
            return health::Alert{.id = id,
                                 .cause = cause,
                                 .rule = cause + ".x",
                                 .title = "About " + cause,
                                 .opened = opened,
                                 .toldBy = "desktop",
                                 .cleared = cleared};
        };
        good(alerts.write(std::vector{alert(1, "feed", now - hour * 40, now - hour * 39), // of another night
                                      alert(2, "disk", now - hour * 40, {}),              // goes on
                                      alert(3, "feed", now - hour * 3, now - hour * 2),
                                      alert(4, "night", now - hour * 23, now - hour * 4)})); // this report's own
        good(alerts.write(storage::HealthNow{.time = now - hour * 2,
                                             .json = "{}",
                                             .values = {{now - hour * 20, "Memory", 40},
                                                        {now - hour * 10, "Memory", 70},
                                                        {now - hour * 2, "Memory", 50},
                                                        {now - hour * 2, "Disk", 99}}}));
        storage::BackupStore backups(*store);
        (void)good(
            backups.add({.began = now - hour * 5, .by = "schedule", .file = "/b/1", .bytes = 900, .proof = "p"}));
        (void)good(backups.add({.began = now - hour, .by = "schedule", .file = "/b/2", .error = "the folder is gone"}));
    });
}

} // namespace

class NightReportTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theFirstReportLooksBackADay()
    {
        Night night;
        const auto of = night.figures();
        QVERIFY(of.isFirst);
        QCOMPARE(of.from, now - base::oneDay);
        QCOMPARE(of.to, now);
        QVERIFY(of.gaps.empty() && of.jobs.empty() && of.alerts.empty() && of.retrains.empty());
        QVERIFY(!of.memory.bytes && !of.memory.growth && !of.database.growth && !of.database.perDay);
        QVERIFY(of.database.bytes > 0 && of.database.freeBytes.value_or(0) > 0);
    }

    void whatASecondReviewProposesAgainIsOneProposal()
    {
        Night night;
        fill(night.store);
        const auto held = [&](UtcMs at, const std::string& strategy) {
            governance::Proposal proposal{.rule = Rule::Disable, .subject = {strategy, {}}, .parameterHash = "abc"};
            if (strategy == "breakout") {
                proposal.subject.instrument = good(storage::InstrumentStore(*night.store).all()).front().id;
            }
            storage::ReviewRow review{.heldAt = at, .review = {.at = at}};
            review.review.proposals = {proposal};
            night.store.write([&] { (void)good(storage::ReviewStore(*night.store).add(review)); });
        };
        held(now - hour * 2, "breakout"); // as the one of the evening
        auto of = night.figures();
        QCOMPARE(of.reviews.held, 2U);
        QCOMPARE(of.proposals.size(), std::size_t{1});
        QCOMPARE(of.proposals[0].at, now - hour * 2);
        QCOMPARE(of.proposals[0].state, std::string("open"));
        held(now - hour, "momentum"); // the other is proposed no more, which is news
        of = night.figures();
        QCOMPARE(of.proposals.size(), std::size_t{2});
        QCOMPARE(of.proposals[0].state, std::string("gone"));
        QCOMPARE(of.proposals[1].subject, std::string("momentum"));
    }

    void eachLedgerGivesWhatIsOfTheNight()
    {
        Night night;
        fill(night.store);
        const auto of = night.figures();
        QCOMPARE(of.gaps.size(), std::size_t{1});
        QCOMPARE(of.gaps[0].instruments, (std::vector<std::string>{"BTC-USDT", "ETH-USDT"}));
        QCOMPARE(of.gaps[0].filled, 2U);
        QCOMPARE(of.gaps[0].found, std::int64_t{14});
        QCOMPARE(of.jobs.size(), std::size_t{1});
        QCOMPARE(of.jobs[0].title, std::string("Backup"));
        QCOMPARE(of.jobs[0].runs, 2U);
        QCOMPARE(of.jobs[0].failed, 1U);
        QCOMPARE(of.jobs[0].seconds, 10.0);
        QCOMPARE(of.jobs[0].trouble, std::string("the folder is gone"));
        QCOMPARE(of.reviews.held, 1U);
        QCOMPARE(of.proposals.size(), std::size_t{1});
        QCOMPARE(of.proposals[0].subject, std::string("breakout on BTC-USDT"));
        QCOMPARE(of.proposals[0].state, std::string("open"));
        QCOMPARE(of.retrains.size(), std::size_t{1});
        QCOMPARE(of.retrains[0].why, std::string("no signal"));
        QCOMPARE(of.alerts.size(), std::size_t{2});
        QCOMPARE(of.alerts[0].title, std::string("About disk"));
        QVERIFY(!of.alerts[0].isNew && !of.alerts[0].cleared);
        QVERIFY(of.alerts[1].isNew && of.alerts[1].cleared);
        QCOMPARE(of.backups.made, 1U);
        QCOMPARE(of.backups.failed, 1U);
        QCOMPARE(of.backups.bytes, 900.0);
        QCOMPARE(of.memory.machineFrom, std::optional(40.0));
        QCOMPARE(of.memory.machineTo, std::optional(50.0));
        QCOMPARE(of.memory.machineMost, std::optional(70.0));
    }

    void theNextOneBeginsWhereTheOneBeforeEnded()
    {
        Night night;
        fill(night.store);
        const ProcessMemory first{.bytes = 100e6, .since = now - hour * 50};
        night.keep({.now = now - hour * 3, .console = first}); // of the same local day
        QCOMPARE(night.figures().from, now - base::oneDay);    // it will take that one's place
        QCOMPARE(night.figures({.now = now, .isKept = false}).from, now - hour * 3);
        const auto next = night.figures({.now = now + base::oneDay, .console = ProcessMemory{130e6, first.since}});
        QVERIFY(!next.isFirst);
        QCOMPARE(next.from, now - hour * 3);
        QCOMPARE(next.memory.growth, std::optional(30e6));
        QVERIFY(next.database.growth.has_value() && next.database.perDay.has_value());
        const auto other = night.figures({.now = now + base::oneDay, .console = ProcessMemory{130e6, now}});
        QVERIFY(!other.memory.growth); // another console
        // left by a clock that was ahead
        night.keep({.now = now + base::oneDay * 30});
        QCOMPARE(night.figures({.now = now + base::oneDay}).from, now - hour * 3);
    }

    void theDaysUntilTheDiskIsFullComeFromTheGrowthOfTheLastNights()
    {
        Night night;
        auto row = night.keep({.now = now - base::oneDay * 2});
        auto of = good(nightFrom(row.figures));
        of.database.bytes -= 2e6; // as if it had grown by 1 MB a day since
        row.figures = nightJson(of);
        night.store.write([&] { good(storage::NightStore(*night.store).add(row)); });
        const auto next = night.figures();
        QVERIFY(next.database.perDay.has_value());
        QVERIFY(std::abs(*next.database.perDay - 1e6) < 0.2e6);
        QVERIFY(next.database.daysLeft.has_value());
        const auto expected = *next.database.freeBytes / *next.database.perDay;
        QVERIFY(std::abs(*next.database.daysLeft - expected) < 1);
    }

    void aRowThatCannotBeReadDoesNotKeepTonightFromBeingTold()
    {
        Night night;
        night.store.write([&] {
            good(storage::NightStore(*night.store)
                     .add({.date = "2025-06-21", .from = {1}, .to = now - base::oneDay, .figures = "no JSON"}));
        });
        const auto of = night.figures();
        QCOMPARE(of.from, now - base::oneDay);
        QVERIFY(!of.isFirst && !of.database.growth);
        const auto damaged = keptNight(*night.store, "2025-06-21");
        QVERIFY(!damaged);
        QCOMPARE(damaged.error().code, base::ErrorCode::Damaged);
    }

    void figuresAreTheSameWhenTheyAreReadAgain()
    {
        Night night;
        fill(night.store);
        auto of = night.figures({.now = now, .console = ProcessMemory{1e8, now - hour}});
        of.database.daysLeft = 12.5;
        QCOMPARE(good(nightFrom(nightJson(of))), of);
        QCOMPARE(good(nightFrom("{}")), NightFigures());
        QVERIFY(!nightFrom("[]"));
        QVERIFY(!nightFrom(""));
    }

    void keptOnesAreListedAndToldWithThoseBeforeThem()
    {
        Night night;
        const auto none = keptNight(*night.store, "");
        QVERIFY(!none);
        QCOMPARE(none.error().code, base::ErrorCode::NotFound);
        QVERIFY(good(keptNights(*night.store)).rows.empty());
        for (int i = 8; i >= 0; --i) {
            night.keep({.now = now - base::oneDay * i});
        }
        fill(night.store);
        const auto listed = good(keptNights(*night.store)).rows;
        QCOMPARE(listed.size(), std::size_t{9});
        QCOMPARE(listed.front().date, std::string("2025-06-22"));
        const auto newest = good(keptNight(*night.store, ""));
        QCOMPARE(newest.date, std::string("2025-06-22"));
        QVERIFY(newest.isKept);
        const auto text = asText(newest.document);
        QVERIFY(text.contains("2025-06-22 06:00 UTC"));
        QVERIFY(text.contains("Each figure lies where it did on the last 8 nights"));
        QVERIFY(asText(good(keptNight(*night.store, "2025-06-16")).document).contains("Too few to compare: 2 nights"));
        const auto unkept = good(nightNow(*night.store, {.now = now + hour}));
        QVERIFY(!unkept.isKept && unkept.date.empty());
        QCOMPARE(good(keptNights(*night.store)).rows.size(), std::size_t{9});
    }

    void theJobKeepsOneThroughTheStoreAndAnswersItsHeadline()
    {
        Night night;
        fill(night.store);
        StoreQueue queue{16};
        std::jthread writer([&] {
            while (!queue.isDone()) {
                for (auto& item : queue.popAll(std::chrono::milliseconds(50))) {
                    auto& wish = std::get<StoreNight>(item);
                    night.store.write([&] { good(storage::NightStore(*night.store).add(wish.row)); });
                    wish.answer.set_value({});
                }
            }
        });
        JobRun run;
        const std::atomic<bool> isFailing{false};
        const auto said = good(runNightReport(night.store.file(), {queue, isFailing}, FixedClock(), run));
        queue.close();
        writer.join();
        QVERIFY(said.starts_with("1 interruption (1 h), 1 run of a job went wrong"));
        const auto kept = good(storage::NightStore(*night.store).newest());
        QVERIFY(kept.has_value());
        QCOMPARE(kept->headline, said);
        QVERIFY(good(nightFrom(kept->figures)).memory.bytes.value_or(0) > 1e6);              // this process's
        QVERIFY(!runNightReport(night.store.file(), {queue, isFailing}, FixedClock(), run)); // the store has ended
        StoreQueue stuck{16}; // and one that cannot write is not waited for
        const std::atomic<bool> cannot{true};
        const auto lost = runNightReport(night.store.file(), {stuck, cannot}, FixedClock(), run);
        QVERIFY(!lost && lost.error().detail.starts_with("the store does not write"));
    }

    void aProcessIsReadFromTheKernelsFiles()
    {
        const QTemporaryDir root;
        const std::filesystem::path proc = root.filePath(QStringLiteral("proc")).toStdString();
        std::filesystem::create_directories(proc / "77");
        std::ofstream(proc / "77" / "statm") << "9000 250 3 4 0 5 0\n";
        const auto perSecond = ::sysconf(_SC_CLK_TCK);
        std::ofstream(proc / "77" / "stat")
            << "77 (a ) name) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 " << 90 * perSecond << " 20 21\n";
        std::ofstream(proc / "stat") << "cpu 1 2 3\nbtime 1750000000\n";
        const auto found = processMemory(77, root.path().toStdString());
        QVERIFY(found.has_value());
        QCOMPARE(found->bytes, 250.0 * static_cast<double>(::sysconf(_SC_PAGESIZE)));
        QCOMPARE(found->since, (UtcMs{1'750'000'090'000}));
        QVERIFY(!processMemory(78, root.path().toStdString()));
    }
};

QTEST_GUILESS_MAIN(NightReportTest)
#include "night_report_test.moc"
