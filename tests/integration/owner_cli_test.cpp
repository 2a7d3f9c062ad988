// One owner: while a console runs on a database, the program's subcommands change it through that console, and those
// that look read it beside it. And status that cannot lie: an engine whose thread hangs is said not to answer.
#include "console/heartbeat_limit.h"
#include "engines/command_json.h"
#include "engines/engine_host.h"
#include "engines/owner_line.h"
#include "engines/owner_socket.h"
#include "storage/experiment_store.h"
#include "storage/job_store.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "storage/review_store.h"
#include "storage/roster_store.h"
#include "storage/writer_lock.h"
#include "testkit/ledger_folder.h"

#include <QJsonArray>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <latch>
#include <optional>

using namespace qd;
using console::EngineState;
using governance::Stage;
using testkit::Ended;
using testkit::good;

namespace {

/// Recorded files that a console owns: no market moves, so nothing but commands changes anything.
struct Owned : testkit::LedgerFolder {
    Owned() : LedgerFolder("imported.db") {}
    void start()
    {
        host = good(engines::EngineHost::start({.dataDir = folder(),
                                                .feed = engines::importedFeed,
                                                .version = "test",
                                                .firstTraining = base::Millis{3'600'000},
                                                .firstBackup = base::Millis{3'600'000},
                                                .stopAsked = [this] { isAskedToEnd = true; }}));
    }

    std::atomic<bool> isAskedToEnd{false};
    std::unique_ptr<engines::EngineHost> host;
};

console::ServiceRow rowOf(const std::vector<console::ServiceRow>& rows, const std::string& name)
{
    const auto found = std::ranges::find(rows, name, &console::ServiceRow::name);
    return found == rows.end() ? console::ServiceRow{} : *found;
}
EngineState stateOf(const std::vector<console::ServiceRow>& rows, const std::string& name)
{
    return rowOf(rows, name).state;
}

/// What the screen was told of an engine, look by look, in the console's own times: a loaded machine makes a look late,
/// but not its record of when it was.
class Looks {
public:
    static constexpr base::Millis unknown{INT64_MAX};
    void see(const console::HealthSnapshot& health, const std::string& engine)
    {
        const auto at = rowOf(health.services, "Service").uptime.value_or(base::Millis{0});
        if (at == last) {
            return; // the same look
        }
        const auto apart = last.count() == 0 ? unknown : at - last;
        quickest = std::min(quickest, apart);
        last = at;
        const auto row = rowOf(health.services, engine);
        const auto silence = row.sinceBeat.value_or(base::Millis{0});
        if (row.state == EngineState::Running) {
            longestLie = std::max(longestLie, silence);
        } else if (row.state == EngineState::Struggling && !toldAfter) {
            toldAfter = silence;
            beforeThat = apart;
        }
    }
    base::Millis last{0};
    base::Millis quickest = unknown;       // between two looks
    base::Millis longestLie{0};            // without a beat, and said to run
    std::optional<base::Millis> toldAfter; // its last beat
    base::Millis beforeThat = unknown;     // from the look before to the one that told
};

} // namespace

class OwnerCliTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theOwnerSaysWhoItIs();
    void decisionsGoThroughTheOwner();
    void aReviewAndAnExperimentGoThroughTheOwner();
    void aReviewThatTheConsoleOvertookIsAppliedAnew_data();
    void aReviewThatTheConsoleOvertookIsAppliedAnew();
    void ratesThatCannotBeSaidStopNoChange();
    void onlyATrainingThatEndedWellIsASuccess_data();
    void onlyATrainingThatEndedWellIsASuccess();
    void whatTheOwnerRefusesIsToldInTheSameWords();
    void whatOnlyLooksSaysWhatTheOwnerIsAtAndWhatIsNext();
    void aHungEngineIsSaidNotToAnswer();
    void askedToEndTheProgramEndsCleanlyAndLetsGo();
};

void OwnerCliTest::theOwnerSaysWhoItIs()
{
    Owned owned;
    const engines::OwnerLine line(owned.file());
    QCOMPARE(line.owner().error().code, base::ErrorCode::NotFound);
    owned.start();
    const auto owner = good(line.owner());
    QCOMPARE(owner.process, static_cast<std::int64_t>(::getpid()));
    QVERIFY(owner.feed == "imported" && owner.version == "test" && !owner.isHeadless);
    QCOMPARE(owner.since, owned.host->info().startedAt);
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(good(line.owner()).engines, "Paper trading"), EngineState::Running, 60'000);
    QVERIFY(good(line.owner()).isReady);
    const auto backup = [&]() -> std::optional<engines::OwnedJob> { // as the Schedule page has it
        for (const auto& job : good(line.jobs())) {
            if (job.name == "backup") {
                return job;
            }
        }
        return std::nullopt;
    };
    QTRY_VERIFY_WITH_TIMEOUT(backup().has_value(), 60'000);
    QVERIFY(!backup()->times.empty() && !backup()->isPaused);
    QVERIFY(owned.run("jobs pause backup --reason quiet").isWell());
    QTRY_VERIFY_WITH_TIMEOUT(backup()->isPaused && !backup()->next, 60'000);
    QVERIFY(!owned.isAskedToEnd);
    QVERIFY(line.askToStop());
    QTRY_VERIFY(owned.isAskedToEnd);
    owned.host->stop();
    QCOMPARE(line.owner().error().code, base::ErrorCode::NotFound);
}

void OwnerCliTest::decisionsGoThroughTheOwner()
{
    Owned owned;
    owned.start();
    QVERIFY(owned.run("strategy disable breakout --reason wild").isWell());
    QVERIFY(!owned.row("breakout").whole.isOn);
    auto journal = owned.journal();
    QCOMPARE(journal.size(), std::size_t{1});
    QCOMPARE(journal[0].why, std::string("wild (by the command line)"));
    QCOMPARE(journal[0].by, std::string("operator"));
    const auto shown = [&] { // the console itself has it in force, not only the file
        const auto paper = owned.host->paper().get();
        return paper && std::ranges::any_of(paper->strategies, [](const console::StrategyRow& row) {
                   return row.name == "breakout" && !row.isEnabled;
               });
    };
    QTRY_VERIFY_WITH_TIMEOUT(shown(), 30'000);
    QVERIFY(owned.run("strategy disable momentum --instrument COIN-USDT --reason wild").isWell());
    QCOMPARE(owned.row("momentum").instruments.size(), std::size_t{1});
    QVERIFY(owned.run("strategy promote momentum --reason promising").isWell());
    QCOMPARE(owned.row("momentum").stage, Stage::Candidate);
    QVERIFY(owned.run("policy set prune.min_trades 40 --reason more").isWell());
    QCOMPARE(owned.policy("prune.min_trades"), 40.0);
    QVERIFY(owned.run("note the line was down").isWell());
    const auto undone = owned.run({QStringLiteral("journal"), QStringLiteral("undo"), QString::number(journal[0].id),
                                   QStringLiteral("--reason"), QStringLiteral("calm again")});
    QVERIFY2(undone.isWell(), qPrintable(undone.error));
    QVERIFY(owned.row("breakout").whole.isOn);
    QCOMPARE(owned.journal().size(), std::size_t{6});
    for (const auto& event : owned.host->takeEvents()) { // they were answered to the one who waited
        QVERIFY(!std::holds_alternative<console::CommandDone>(event));
    }
    QVERIFY(owned.run("journal").out.contains(QLatin1String("by the command line"))); // looking works beside it
}

void OwnerCliTest::aReviewAndAnExperimentGoThroughTheOwner()
{
    Owned owned;
    owned.start();
    const auto apply = [&] {
        return owned.run({QStringLiteral("review"), QStringLiteral("--apply"), QStringLiteral("--reason"),
                          QStringLiteral("they lose")});
    };
    auto applied = apply();
    while (applied.error.contains(QLatin1String("one is under way"))) { // the console makes up for last night's
        QTest::qWait(500);
        applied = apply();
    }
    QVERIFY2(applied.isWell(), qPrintable(applied.error));
    QVERIFY(!owned.row("breakout").whole.isOn && !owned.row("reversal").whole.isOn && owned.row("momentum").whole.isOn);
    const auto started = owned.run("experiment start momentum stop_atr=2.5 --reason wider");
    QVERIFY2(started.isWell() && started.out.contains(QLatin1String("Experiment 1")), qPrintable(started.error));
    QVERIFY(owned.run("experiment stop 1 --reason enough").isWell());
    auto database = owned.reader();
    const auto kept = *good(storage::ExperimentStore(database).find(1));
    QVERIFY(kept.ended && kept.outcome == storage::outcomeStopped);
    QCOMPARE(kept.why, std::string("enough (by the command line)"));
}

void OwnerCliTest::aReviewThatTheConsoleOvertookIsAppliedAnew_data()
{
    QTest::addColumn<int>("overtaken"); // so many times the owner holds a review of its own before it is asked to apply
    QTest::addColumn<int>("asked");     // to apply, so often
    QTest::addColumn<int>("code");
    QTest::newRow("not at all") << 0 << 1 << 0;
    QTest::newRow("once: its own proposals are asked for") << 1 << 2 << 0;
    QTest::newRow("again and again: that is told") << 9 << 2 << 1;
}

// `review --apply` beside a console whose nightly review falls between its two questions: the owner is the test.
void OwnerCliTest::aReviewThatTheConsoleOvertookIsAppliedAnew()
{
    QFETCH(int, overtaken);
    QFETCH(int, asked);
    QFETCH(int, code);
    Owned owned;
    testkit::Store store(owned.file()); // it holds the writer's lock, as a console does
    std::int64_t held = 0;
    const auto hold = [&] {
        storage::ReviewRow row{.heldAt = base::UtcMs{++held}, .review = {}};
        row.review.proposals.push_back({.subject = {"breakout", {}}, .parameterHash = "h"});
        store.write([&] { good(storage::ReviewStore(*store).add(row)); });
    };
    std::vector<std::int64_t> newest; // proposals that were open when each was asked for
    std::vector<std::vector<std::int64_t>> applied;
    const auto answer = [&](const QJsonObject& request, const std::stop_token&) -> QJsonObject {
        if (request.contains(QLatin1String("ask"))) {
            return {{QStringLiteral("process"), 7}};
        }
        const auto command = good(engines::commandOf(request.value(QLatin1String("send")).toObject()));
        if (std::holds_alternative<console::ReviewNow>(command)) {
            hold();
        } else if (const auto* wish = std::get_if<console::ApplyProposals>(&command)) {
            applied.push_back(wish->proposals);
            if (static_cast<int>(applied.size()) <= overtaken) {
                hold();
                const base::Error error{base::ErrorCode::Conflict, "proposal", "it is open no more"};
                return {{QStringLiteral("error"), engines::jsonOf(error)}};
            }
            const auto review = good(storage::ReviewStore(*store).newest());
            newest = {good(storage::ReviewStore(*store).proposalsOf(review->id)).at(0).id};
        }
        return {{QStringLiteral("is_done"), true}};
    };
    const auto socket = good(engines::OwnerSocket::open(owned.file(), answer));
    const auto ended = owned.run("review --apply --reason weekly");
    socket->stop(); // joins: what its threads wrote is ours
    QCOMPARE(ended.code, code);
    QCOMPARE(static_cast<int>(applied.size()), asked);
    QVERIFY2(code != 0 || (applied.back() == newest && ended.error.isEmpty()), qPrintable(ended.error));
    QVERIFY(code == 0 || ended.error.contains(QLatin1String("it is open no more")));
    QVERIFY(applied.size() < 2 || applied[0] != applied[1]);
}

// The evidence cannot be read, for a table of it is gone; the owner, which is the test, sets the value all the same.
void OwnerCliTest::ratesThatCannotBeSaidStopNoChange()
{
    Owned owned;
    testkit::Store store(owned.file()); // it holds the writer's lock, as a console does
    store.write([&] {
        auto drop = good((*store).prepare("DROP TABLE sign_offs"));
        (void)good(drop.step());
    });
    std::atomic<int> wishes{0};
    const auto answer = [&](const QJsonObject& request, const std::stop_token&) -> QJsonObject {
        if (request.contains(QLatin1String("ask"))) {
            return {{QStringLiteral("process"), 7}};
        }
        const auto command = good(engines::commandOf(request.value(QLatin1String("send")).toObject()));
        const auto* wish = std::get_if<console::SetPolicy>(&command);
        wishes += wish != nullptr && wish->values.contains("ab.min_trades") ? 1 : 0;
        return {{QStringLiteral("is_done"), true}};
    };
    const auto socket = good(engines::OwnerSocket::open(owned.file(), answer));
    const auto ended = owned.run("policy set ab.min_trades 90 --reason sooner --json");
    socket->stop();
    QVERIFY2(ended.code == 0, qPrintable(ended.error));
    QCOMPARE(wishes.load(), 1);
    QVERIFY2(ended.error.contains(QLatin1String("How often the gate passes cannot be said")), qPrintable(ended.error));
    const auto told = ended.json();
    QCOMPARE(told.value(QLatin1String("done")).toString(), QStringLiteral("ab.min_trades is 90"));
    QVERIFY(told.value(QLatin1String("gate")).isNull());
    QVERIFY(!told.value(QLatin1String("gate_why_not")).toString().isEmpty());
}

void OwnerCliTest::onlyATrainingThatEndedWellIsASuccess_data()
{
    QTest::addColumn<QString>("outcome"); // of its run; empty: there is none
    QTest::addColumn<int>("code");
    QTest::newRow("somebody took it out of the queue") << QString() << 1;
    QTest::newRow("it timed out") << QStringLiteral("timed out") << 1;
    QTest::newRow("it failed") << QStringLiteral("failed") << 1;
    QTest::newRow("it trained") << QStringLiteral("no signal") << 0;
}

// `retrain` beside a console that trains nothing after it took the wish, or ends the run at once: the owner is the
// test.
void OwnerCliTest::onlyATrainingThatEndedWellIsASuccess()
{
    QFETCH(QString, outcome);
    QFETCH(int, code);
    Owned owned;
    testkit::Store store(owned.file()); // it holds the writer's lock, as a console does
    const auto answer = [&](const QJsonObject& request, const std::stop_token&) -> QJsonObject {
        if (request.contains(QLatin1String("ask"))) {
            return {{QStringLiteral("process"), 7}};
        }
        if (!outcome.isEmpty()) {
            storage::RetrainRun run{.model = "gbt_5m", .trigger = "by you", .started = base::UtcMs{1}};
            store.write([&] {
                run.id = good(storage::ModelStore(*store).begin(run));
                run.ended = base::UtcMs{2};
                run.outcome = outcome.toStdString();
                run.why = "as the test wants it";
                good(storage::ModelStore(*store).end(run));
            });
        }
        return {{QStringLiteral("is_done"), true}};
    };
    const auto socket = good(engines::OwnerSocket::open(owned.file(), answer));
    const auto ended = owned.run("retrain gbt_5m --json");
    socket->stop();
    QVERIFY2(ended.code == code, qPrintable(ended.error + ended.out));
    const auto models = ended.json().value(QLatin1String("models")).toArray();
    QCOMPARE(models.size(), 1);
    QCOMPARE(models.at(0)[QStringLiteral("model")].toString(), QStringLiteral("gbt_5m"));
    QCOMPARE(models.at(0)[QStringLiteral("outcome")].toString(),
             outcome.isEmpty() ? QStringLiteral("cancelled") : outcome);
    QCOMPARE(ended.error.contains(QLatin1String("gbt_5m: it was cancelled (it was taken out of the queue before it "
                                                "began)")),
             outcome.isEmpty());
}

void OwnerCliTest::whatTheOwnerRefusesIsToldInTheSameWords()
{
    const auto words = {"strategy disable nobody --reason x",
                        "strategy enable breakout --reason x",
                        "strategy revive momentum --reason x",
                        "policy set prune.min_trades 1 --reason x",
                        "journal undo 4711 --reason x",
                        "experiment stop 7 --reason x",
                        "experiment start nobody stop_atr=2 --reason x"};
    Owned alone;
    Owned owned;
    owned.start();
    for (const char* one : words) {
        const auto offline = alone.run(one);
        const auto beside = owned.run(one);
        QCOMPARE(beside.code, 1);
        QCOMPARE(beside.error.count(QLatin1Char('\n')), 1);
        QCOMPARE(beside.code, offline.code);
        QCOMPARE(beside.error, offline.error);
    }
    QVERIFY(owned.journal().empty());
}

// Beside a console that starts, one that runs, and one that cannot be reached: the owner is the test.
void OwnerCliTest::whatOnlyLooksSaysWhatTheOwnerIsAtAndWhatIsNext()
{
    Owned owned;
    testkit::Store store(owned.file()); // it holds the writer's lock, as a console does
    store.write([&] {
        good(storage::JobStore(*store).write({.jobs = {{.name = "backup",
                                                        .title = "Backup",
                                                        .times = "by backup.every_hours",
                                                        .command = "",
                                                        .anchor = {1}}}}));
    });
    const auto next = QStringLiteral("2031-01-02T03:04:05.000Z");
    std::atomic<bool> isReady{false};
    const auto answer = [&](const QJsonObject& request, const std::stop_token&) -> QJsonObject {
        if (request.value(QLatin1String("ask")) == QLatin1String("jobs")) {
            const QJsonObject backup{{QStringLiteral("name"), QStringLiteral("backup")},
                                     {QStringLiteral("times"), QStringLiteral("every 6 h")},
                                     {QStringLiteral("next"), next}};
            return {{QStringLiteral("jobs"), QJsonArray{backup}}};
        }
        return {{QStringLiteral("process"), 7},
                {QStringLiteral("is_ready"), isReady.load()},
                {QStringLiteral("doing"), isReady ? QString() : QStringLiteral("it reads what is stored")}};
    };
    const auto socket = good(engines::OwnerSocket::open(owned.file(), answer));
    const auto starting = owned.run("jobs list");
    QVERIFY2(starting.error.contains(QLatin1String("The console is starting (process 7): it reads what is stored")),
             qPrintable(starting.error));
    const auto health = owned.run("health");
    QVERIFY2(health.out.contains(QLatin1String("the console (process 7) is starting: it reads what is stored")),
             qPrintable(health.out));
    isReady = true;
    const auto listed = owned.run("jobs list");
    QVERIFY2(listed.isWell() && listed.error.isEmpty(), qPrintable(listed.error));
    QVERIFY2(listed.out.contains(QLatin1String("every 6 h")) && listed.out.contains(QLatin1String("2031-01-02")),
             qPrintable(listed.out));
    socket->stop();
    const auto paused = owned.run("jobs pause backup --reason x");
    QCOMPARE(paused.code, 1);
    QVERIFY2(paused.error.contains(QLatin1String("listens at no local socket")), qPrintable(paused.error));
}

void OwnerCliTest::aHungEngineIsSaidNotToAnswer()
{
    const QTemporaryDir folder;
    std::latch goOn(1);
    std::atomic<bool> hangs{false};
    const auto host = good(engines::EngineHost::start({.dataDir = folder.path().toStdString(),
                                                       .feed = "demo",
                                                       .instruments = {"BTC-USDT"},
                                                       .demoHistory = {.candlesOnly = {}, .withTicks = {}},
                                                       .version = "test",
                                                       .firstTraining = base::Millis{3'600'000},
                                                       .firstBackup = base::Millis{3'600'000},
                                                       .decided = [&](const market::StreamBatch&) { // on paper's thread
                                                           hangs = true;
                                                           goOn.wait();
                                                       }}));
    QTRY_VERIFY_WITH_TIMEOUT(hangs.load(), 120'000);
    Looks looks;
    base::Millis lie{
        0}; // of the list that the API and the subcommands are answered from, at the moment of the question
    bool isHung = false;
    const auto isTold = [&] {
        const auto row = rowOf(host->services(), "Paper trading");
        isHung = row.state == EngineState::Struggling && row.detail.contains("not answered");
        lie = isHung ? lie : std::max(lie, row.sinceBeat.value_or(base::Millis{0}));
        if (const auto health = host->health().get()) {
            looks.see(*health, "Paper trading");
        }
        return isHung && looks.toldAfter && looks.quickest <= base::Millis{1'400};
    };
    QTRY_VERIFY_WITH_TIMEOUT(isTold(), 60'000);
    // Within five seconds of its last beat: the list at once; the screen at the first look after the limit, and from
    // the limit to the next look but one there are less than five.
    constexpr base::Millis promised{5'000};
    QVERIFY2(lie <= console::silentAfter, qPrintable(QString::number(lie.count())));
    QVERIFY2(looks.longestLie <= console::silentAfter, qPrintable(QString::number(looks.longestLie.count())));
    QVERIFY2(console::silentAfter + looks.quickest <= promised, qPrintable(QString::number(looks.quickest.count())));
    if (looks.beforeThat <= promised - console::silentAfter) { // that look was in time, as on a machine that has time
        QVERIFY2(*looks.toldAfter <= promised, qPrintable(QString::number(looks.toldAfter->count())));
    }
    QTRY_COMPARE_WITH_TIMEOUT(host->silentEngine(base::Millis{4'000}), std::string("paper"), 60'000);
    QCOMPARE(host->paper().get() ? host->paper().get()->state : EngineState::Running, EngineState::Running); // its lie
    const auto told = [&](EngineState state) { // what the screen's snapshot of health says
        const auto health = host->health().get();
        return health && stateOf(health->services, "Paper trading") == state;
    };
    QTRY_VERIFY_WITH_TIMEOUT(told(EngineState::Struggling), 60'000);
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(host->services(), "Store writer"), EngineState::Running, 60'000); // it alone
    goOn.count_down();
    QTRY_VERIFY_WITH_TIMEOUT(told(EngineState::Running), 60'000); // and it is well again
    QTRY_COMPARE_WITH_TIMEOUT(host->silentEngine(base::Millis{4'000}), std::string(), 60'000);
}

void OwnerCliTest::askedToEndTheProgramEndsCleanlyAndLetsGo()
{
    Owned owned; // nobody owns it yet
    QProcess program;
    program.start(QStringLiteral(QD_PROGRAM),
                  {QStringLiteral("run"), QStringLiteral("--headless"), QStringLiteral("--feed"),
                   QStringLiteral("imported"), QStringLiteral("--data-dir"),
                   QString::fromStdString(owned.file().parent_path().string()), QStringLiteral("--api-port"),
                   QStringLiteral("0")});
    const engines::OwnerLine line(owned.file());
    QTRY_VERIFY_WITH_TIMEOUT(line.owner(), 120'000);
    const auto owner = good(line.owner());
    QVERIFY(owner.isHeadless && owner.process == program.processId());
    QCOMPARE(storage::WriterLock::take(owned.file()).error().code, base::ErrorCode::Busy);
    QVERIFY(line.askToStop());
    QVERIFY(program.waitForFinished(120'000));
    QVERIFY(program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0);
    QVERIFY(storage::WriterLock::take(owned.file()));
    QCOMPARE(line.owner().error().code, base::ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(OwnerCliTest)
#include "owner_cli_test.moc"
