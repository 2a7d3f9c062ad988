// `quarterdeck jobs` by the program itself: outside commands come, run, fail, are paused and go; what each prints, its
// exit code (0 done, 1 failed, 2 wrong usage), and what is kept of it. And `quarterdeck null`, the weekly job by hand.
#include "market/candle_builder.h"
#include "storage/candle_store.h"
#include "storage/job_store.h"
#include "storage/journal_store.h"
#include "testkit/program.h"
#include "testkit/tape.h"
#include "unit/storage/storage_testkit.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using governance::JobState;
using testkit::Ended;
using testkit::good;

namespace {

QStringList words(std::initializer_list<const char*> all)
{
    QStringList out;
    for (const auto* one : all) {
        out.append(QString::fromUtf8(one));
    }
    return out;
}

/// A data directory with some days of minutes of two instruments, on which momentum trades.
class Minutes {
public:
    Minutes()
    {
        testkit::Store store(file());
        for (const auto* name : {"ONE-USDT", "TWO-USDT"}) {
            const auto id = store.add(name);
            std::vector<market::Candle> candles;
            market::CandleBuilder minutes(market::Timeframe::M1);
            for (const auto& item : testkit::randomTape(
                     id, id.value == 1 ? 5 : 6, 60'000,
                     {.price = 90'000, .meanGapMs = 8'000, .quoteShare = 0, .gapShare = 0, .lateShare = 0})) {
                minutes.add(std::get<market::Tick>(item.what), candles);
            }
            store.write([&] { good(storage::CandleStore(*store).append(id, market::Timeframe::M1, candles)); });
        }
    }
    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("demo.db")).toStdString(); }
    [[nodiscard]] Ended null(const char* options) const
    {
        return testkit::runProgram(testkit::wordsOf("null --strategies momentum") + testkit::wordsOf(options) +
                                   QStringList{QStringLiteral("--data-dir"), dir_.path()});
    }
    [[nodiscard]] std::int64_t kept() const
    {
        auto reader = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        return good(reader.number("SELECT count(*) FROM null_runs"));
    }
    void change(const char* sql) const
    {
        auto writer = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
        good(writer.run(sql));
    }

private:
    QTemporaryDir dir_;
};

} // namespace

class JobsCliTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir dir_;

    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("demo.db")).toStdString(); }
    Ended jobs(std::initializer_list<const char*> all) const
    {
        return testkit::runProgram(QStringList{QStringLiteral("jobs")} + words(all) +
                                   QStringList{QStringLiteral("--data-dir"), dir_.path()});
    }
    [[nodiscard]] std::vector<governance::JobRunRow> runs(const std::string& job) const
    {
        auto reader = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        return good(storage::JobStore(reader).runs(job, 100));
    }

private Q_SLOTS:
    void initTestCase() { const testkit::Store made(file()); }

    void commandsAreListedRunAndTheirOutputIsKept()
    {
        QCOMPARE(jobs({"add", "copy", "echo one; echo two >&2", "--when", "daily 03:30", "--timeout", "60"}).code, 0);
        const auto listed = jobs({"list", "--json"}).rows();
        QCOMPARE(listed.size(), 1);
        QCOMPARE(listed[0].toObject()[QStringLiteral("times")].toString(), QStringLiteral("daily 03:30"));
        QVERIFY(!listed[0].toObject()[QStringLiteral("next")].toString().isEmpty());
        const auto ran = jobs({"run", "copy", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.error));
        const auto run = ran.json();
        QCOMPARE(run[QStringLiteral("state")].toString(), QStringLiteral("succeeded"));
        QCOMPARE(runs("copy").size(), std::size_t{1});
        const auto number = QByteArray::number(run[QStringLiteral("run")].toInteger());
        const auto log = jobs({"log", number.constData(), "--json"}).json()[QStringLiteral("lines")].toArray();
        QStringList said;
        for (const auto& line : log) {
            said.append(line.toObject()[QStringLiteral("text")].toString());
        }
        QVERIFY2(said.contains(QStringLiteral("one")) && said.contains(QStringLiteral("two")),
                 qPrintable(said.join(QLatin1Char('|'))));
    }

    void whatDiesOrIsSilentHasFailed()
    {
        for (const auto* command : {"echo half; exit 3", "true", "/no/such/program", "echo x; kill -9 $$"}) {
            QCOMPARE(jobs({"add", "bad", command}).code, 0);
            const auto ran = jobs({"run", "bad"});
            QVERIFY2(ran.code == 1, command);
            QVERIFY2(runs("bad").front().state == JobState::Failed, command);
            QVERIFY(!runs("bad").front().result.empty());
            QCOMPARE(jobs({"remove", "bad"}).code, 0); // its runs stay
        }
        QCOMPARE(jobs({"history", "bad", "--json"}).rows().size(), 4);
    }

    void aTakenNameIsRefusedAndItsCommandStays()
    {
        QCOMPARE(jobs({"add", "mine", "echo first", "--when", "daily 03:30"}).code, 0);
        const auto again = jobs({"add", "mine", "echo second"});
        QCOMPARE(again.code, 1);
        QVERIFY2(again.error.contains(QStringLiteral("'quarterdeck jobs remove mine'")) &&
                     again.error.contains(QStringLiteral("echo first")),
                 qPrintable(again.error));
        QVERIFY(jobs({"list"}).out.contains(QStringLiteral("$ echo first")));
        QCOMPARE(jobs({"remove", "mine"}).code, 0);
        QCOMPARE(jobs({"add", "mine", "echo second"}).code, 0);
        QVERIFY(jobs({"list"}).out.contains(QStringLiteral("$ echo second")));
    }

    void aWordThatMeansNoneOrSeveralIsSaidToDoSo()
    {
        const auto now = base::SystemClock().now();
        {
            auto writer = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(writer.begin());
            good(storage::JobStore(writer).write(
                {.jobs = {
                     {.name = "twin-a", .title = "Twins", .times = "by hand", .command = "true", .anchor = now},
                     {.name = "twin-b", .title = "Twins", .times = "by hand", .command = "true", .anchor = now}}}));
            good(writer.commit(false));
        }
        const auto several = jobs({"pause", "twins"});
        QCOMPARE(several.code, 1);
        QVERIFY2(several.error.contains(QStringLiteral("twin-a, twin-b")), qPrintable(several.error));
        const auto slip = jobs({"run", "twin_a"});
        QCOMPARE(slip.code, 1);
        QVERIFY2(slip.error.contains(QStringLiteral("do you mean twin-a?")), qPrintable(slip.error));
    }

    void whatTakesTooLongIsTimedOut()
    {
        QCOMPARE(jobs({"add", "slow", "echo begins; sleep 600", "--timeout", "1"}).code, 0);
        QCOMPARE(jobs({"run", "slow"}).code, 1);
        QCOMPARE(runs("slow").front().state, JobState::TimedOut);
    }

    void pausesAndRemovalsAreJournalled()
    {
        QCOMPARE(jobs({"add", "gone", "echo x"}).code, 0);
        QCOMPARE(jobs({"pause", "gone", "--reason", "not now"}).out, QStringLiteral("job gone paused\n"));
        QCOMPARE(jobs({"resume", "gone", "--json"}).json()[QStringLiteral("done")].toString(),
                 QStringLiteral("job gone resumed"));
        QCOMPARE(jobs({"remove", "gone"}).out, QStringLiteral("job gone removed\n"));
        QCOMPARE(jobs({"run", "gone"}).code, 1);
        auto reader = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        const auto entries = good(storage::JournalStore(reader).entries());
        const auto paused = std::ranges::find(entries, std::string("job gone paused"), &storage::JournalEntry::what);
        QVERIFY(paused != entries.end());
        QCOMPARE(paused->why, std::string("not now"));
        QVERIFY(std::ranges::find(entries, std::string("job gone removed"), &storage::JournalEntry::what) !=
                entries.end());
    }

    void theListHasAHeadWhatIsNextAndHowLongWhatRunsHasRun()
    {
        const auto now = base::SystemClock().now();
        {
            auto writer = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(writer.begin());
            good(storage::JobStore(writer).write({.jobs = {{.name = "calibration",
                                                            .title = "Execution calibration",
                                                            .times = "every 15 min",
                                                            .command = "",
                                                            .anchor = now - base::oneDay * 9},
                                                           {.name = "review",
                                                            .title = "Nightly review",
                                                            .times = "daily 20:00",
                                                            .command = "",
                                                            .anchor = now - base::oneDay * 9}},
                                                  .runs = {{.id = 9'001,
                                                            .job = "calibration",
                                                            .trigger = "by the clock",
                                                            .state = JobState::Running,
                                                            .staged = now - base::Millis{90'000},
                                                            .begun = now - base::Millis{90'000},
                                                            .beat = now - base::Millis{90'000}},
                                                           {.id = 9'002,
                                                            .job = "review",
                                                            .trigger = "by the clock",
                                                            .state = JobState::Succeeded,
                                                            .staged = now - base::Millis{1'000},
                                                            .begun = now - base::Millis{1'000},
                                                            .ended = now,
                                                            .beat = now,
                                                            .result = "2 proposals"}}}));
            good(writer.commit(false));
        }
        const auto listed = jobs({});
        QVERIFY2(listed.out.startsWith(QStringLiteral("JOB ")), qPrintable(listed.out));
        QVERIFY(listed.out.section(QLatin1Char('\n'), 0, 0).contains(QStringLiteral("NEXT")));
        QVERIFY(jobs({"history", "review"}).out.contains(QStringLiteral("WHY: RESULT")));
        const auto rows = jobs({"list", "--json"}).rows();
        const auto row = [&](const char* name) {
            for (const auto& one : rows) {
                if (one.toObject()[QStringLiteral("name")].toString() == QLatin1String(name)) {
                    return one.toObject();
                }
            }
            return QJsonObject();
        };
        const auto timeOf = [](const QJsonValue& value) { return base::parseUtc(value.toString().toStdString()); };
        // By its newest run, not by when it was first listed, nine days ago.
        const auto next = timeOf(row("calibration")[QStringLiteral("next")]);
        QVERIFY(next && *next - now == base::Millis{15 * 60'000 - 90'000});
        const auto review = timeOf(row("review")[QStringLiteral("next")]);
        QVERIFY(review && *review > now && *review - now <= base::oneDay);
        const auto seconds =
            row("calibration")[QStringLiteral("last")].toObject()[QStringLiteral("seconds")].toDouble();
        QVERIFY2(seconds >= 90 && seconds < 600, qPrintable(QString::number(seconds)));
    }

    void aJobIsKnownByItsTitleTooAndOneThatIsAlwaysOnIsNotPaused()
    {
        const auto now = base::SystemClock().now();
        {
            auto writer = good(storage::Database::open(file(), storage::Database::Mode::ReadWrite));
            good(writer.begin());
            good(storage::JobStore(writer).write(
                {.jobs = {
                     {.name = "null", .title = "Noise null", .times = "weekly Sat 02:00", .command = "", .anchor = now},
                     {.name = "gap-check",
                      .title = "Gap check",
                      .times = "every 1 min",
                      .command = "",
                      .anchor = now}}}));
            good(writer.commit(false));
        }
        QCOMPARE(jobs({"pause", "noise NULL"}).out, QStringLiteral("job null paused\n"));
        QCOMPARE(jobs({"resume", "null"}).out, QStringLiteral("job null resumed\n"));
        QVERIFY(jobs({"run", "Noise null"}).error.contains(QStringLiteral("null"))); // it runs in a console alone
        QCOMPARE(jobs({"run", "Noise nil"}).code, 1);
        const auto refused = jobs({"pause", "Gap check"});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.error.contains(QStringLiteral("cannot be paused")), qPrintable(refused.error));
        const auto resumed = jobs({"resume", "Gap check"});
        QCOMPARE(resumed.code, 1);
        QVERIFY2(resumed.error.contains(QStringLiteral("it is never paused")), qPrintable(resumed.error));
    }

    void aSignalCancelsWhatRunsAndAllThatItStarted()
    {
        QCOMPARE(jobs({"add", "long", "sleep 1000 & echo $! > child; echo begins; wait"}).code, 0);
        QProcess program;
        program.start(QStringLiteral(QD_PROGRAM), {QStringLiteral("jobs"), QStringLiteral("run"),
                                                   QStringLiteral("long"), QStringLiteral("--data-dir"), dir_.path()});
        QFile child(dir_.filePath(QStringLiteral("child")));
        QTRY_VERIFY_WITH_TIMEOUT(child.exists() && child.size() > 1, 60'000);
        program.terminate(); // SIGTERM
        QVERIFY(program.waitForFinished(60'000));
        QCOMPARE(program.exitStatus(), QProcess::NormalExit); // it ends by itself, with the run kept
        QCOMPARE(program.exitCode(), 1);
        QCOMPARE(runs("long").front().state, JobState::Cancelled);
        QVERIFY(child.open(QIODevice::ReadOnly));
        const auto pid = child.readAll().trimmed().toInt();
        QVERIFY(pid > 0);
        const auto isGone = [pid] { // or a corpse that nobody has buried yet
            QFile state(QStringLiteral("/proc/%1/stat").arg(pid));
            return !state.open(QIODevice::ReadOnly) || state.readAll().contains(") Z ");
        };
        QTRY_VERIFY_WITH_TIMEOUT(isGone(), 60'000);
    }

    void aSmallNullIsPrintedAndNotKept()
    {
        const Minutes minutes;
        for (const auto& [options, why] :
             {std::pair{"--seeds 20 --instruments ONE-USDT", "it ran on some instruments only"},
              std::pair{"--seeds 20 --days 59", "it ran on fewer than 60 days"},
              std::pair{"--seeds 19", "it had fewer than 20 seeds"}}) {
            const auto ended = minutes.null(options);
            QVERIFY2(ended.code == 0 && ended.out.contains(QStringLiteral("\nmomentum ")), qPrintable(ended.error));
            QCOMPARE(ended.error, QStringLiteral("This null was not kept: %1. The one that the gates go by stays as it "
                                                 "was.\n")
                                      .arg(QLatin1String(why)));
            QCOMPARE(minutes.kept(), 0);
        }
        const auto large = minutes.null("--seeds 20");
        QVERIFY2(large.isWell(), qPrintable(large.error));
        QCOMPARE(minutes.kept(), 1);
    }

    void aNullThatCannotBeStoredIsPrintedAndFails()
    {
        const Minutes minutes;
        minutes.change("CREATE TRIGGER full BEFORE INSERT ON null_runs BEGIN SELECT RAISE(ABORT, 'no room'); END");
        const auto text = minutes.null("--seeds 20");
        QCOMPARE(text.code, 1);
        QVERIFY2(text.out.contains(QStringLiteral("\nmomentum ")), qPrintable(text.out)); // an hour's work, it may be
        QVERIFY2(text.error.startsWith(QStringLiteral("This null was not kept: ")) &&
                     text.error.count(QLatin1Char('\n')) == 1,
                 qPrintable(text.error));
        const auto json = minutes.null("--seeds 20 --json");
        QCOMPARE(json.code, 1);
        QCOMPARE(json.json()[QStringLiteral("rows")].toArray().size(), 1);
        QCOMPARE(minutes.kept(), 0);
        minutes.change("DROP TRIGGER full");
        QVERIFY(minutes.null("--seeds 20").isWell());
        QCOMPARE(minutes.kept(), 1);
    }

    void wrongWordsAreSaid()
    {
        QCOMPARE(jobs({"add", "a"}).code, 2);
        QCOMPARE(jobs({"log", "x"}).code, 2);
        QCOMPARE(jobs({"dance"}).code, 2);
        const auto when = jobs({"add", "a", "true", "--when", "now and then"});
        QCOMPARE(when.code, 1);
        QVERIFY2(when.error.contains(QStringLiteral("daily 20:00")), qPrintable(when.error));
        QCOMPARE(jobs({"log", "999999"}).code, 1);
        QCOMPARE(jobs({"pause", "nobody"}).code, 1);
    }
};

QTEST_GUILESS_MAIN(JobsCliTest)
#include "jobs_cli_test.moc"
