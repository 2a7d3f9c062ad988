// `quarterdeck jobs` by the program itself: outside commands come, run, fail, are paused and go; what each prints, its
// exit code (0 done, 1 failed, 2 wrong usage), and what is kept of it.
#include "storage/job_store.h"
#include "storage/journal_store.h"
#include "unit/storage/storage_testkit.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace qd;
using governance::JobState;
using testkit::good;

namespace {

struct Ended {
    int code = -1;
    QString out;
    QString error;
    [[nodiscard]] QJsonDocument json() const { return QJsonDocument::fromJson(out.toUtf8()); }
};

QStringList words(std::initializer_list<const char*> all)
{
    QStringList out;
    for (const auto* one : all) {
        out.append(QString::fromUtf8(one));
    }
    return out;
}

} // namespace

class JobsCliTest : public QObject {
    Q_OBJECT
private:
    QTemporaryDir dir_;

    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("demo.db")).toStdString(); }
    Ended jobs(std::initializer_list<const char*> all) const
    {
        QProcess program;
        program.start(QStringLiteral(QD_PROGRAM), QStringList{QStringLiteral("jobs")} + words(all) +
                                                      QStringList{QStringLiteral("--data-dir"), dir_.path()});
        if (!program.waitForFinished(120'000)) {
            return {.error = program.errorString()};
        }
        return {program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1,
                QString::fromUtf8(program.readAllStandardOutput()), QString::fromUtf8(program.readAllStandardError())};
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
        const auto listed = jobs({"list", "--json"}).json().array();
        QCOMPARE(listed.size(), 1);
        QCOMPARE(listed[0].toObject()[QStringLiteral("times")].toString(), QStringLiteral("daily 03:30"));
        QVERIFY(!listed[0].toObject()[QStringLiteral("next")].toString().isEmpty());
        const auto ran = jobs({"run", "copy", "--json"});
        QVERIFY2(ran.code == 0, qPrintable(ran.error));
        const auto run = ran.json().object();
        QCOMPARE(run[QStringLiteral("state")].toString(), QStringLiteral("succeeded"));
        QCOMPARE(runs("copy").size(), std::size_t{1});
        const auto number = QByteArray::number(run[QStringLiteral("run")].toInteger());
        const auto log = jobs({"log", number.constData(), "--json"}).json().object()[QStringLiteral("lines")].toArray();
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
            QCOMPARE(jobs({"add", "bad", command}).code, 0); // the same name: another command
            const auto ran = jobs({"run", "bad"});
            QVERIFY2(ran.code == 1, command);
            QVERIFY2(runs("bad").front().state == JobState::Failed, command);
            QVERIFY(!runs("bad").front().result.empty());
        }
        QCOMPARE(jobs({"history", "bad", "--json"}).json().array().size(), 4);
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
        QCOMPARE(jobs({"pause", "gone", "--reason", "not now"}).code, 0);
        QCOMPARE(jobs({"resume", "gone"}).code, 0);
        QCOMPARE(jobs({"remove", "gone"}).code, 0);
        QCOMPARE(jobs({"run", "gone"}).code, 1);
        auto reader = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        const auto entries = good(storage::JournalStore(reader).entries());
        const auto paused = std::ranges::find(entries, std::string("job gone paused"), &storage::JournalEntry::what);
        QVERIFY(paused != entries.end());
        QCOMPARE(paused->why, std::string("not now"));
        QVERIFY(std::ranges::find(entries, std::string("job gone removed"), &storage::JournalEntry::what) !=
                entries.end());
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
