// The owner's local socket: who may reach it, what it takes, what it refuses and how long it waits; the operator's
// commands as JSON and back; what a heartbeat says at, under and over its edge, and what the service manager hears of
// it.
#include "engines/command_json.h"
#include "engines/owner_line.h"
#include "engines/owner_socket.h"
#include "engines/pulses.h"
#include "engines/service_notice.h"
#include "testkit/service_rig.h"

#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;

namespace {

/// Echoes; {"ask": "wait"} waits for the stop.
QJsonObject echo(const QJsonObject& request, const std::stop_token& stop)
{
    while (request.value(QLatin1String("ask")) == QLatin1String("wait") && !stop.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {{QStringLiteral("heard"), request}};
}

std::string said(const std::filesystem::path& database, const std::string& bytes)
{
    auto socket = connectToOwner(database);
    if (!socket) {
        return base::sentence(socket.error());
    }
    HttpBytes line(std::move(*socket), std::chrono::seconds(20), 1 << 20);
    line.write(bytes);
    line.flush();
    return readLine(line).value_or("");
}

std::vector<console::Command> everyCommand()
{
    return {console::SetStrategyEnabled{"breakout", false, "wild", base::InstrumentId{7}},
            console::SetStrategyEnabled{"breakout", true, ""},
            console::SetStage{"momentum", governance::Stage::Ready, "all green"},
            console::SetPolicy{{{"prune.min_trades", "40"}, {"display.zone", "Europe/Berlin"}}, "more"},
            console::ReviewNow{},
            console::ApplyProposals{{3, 9}, "they lose"},
            console::DismissProposals{{3}, ""},
            console::UndoDecision{12, "calm again"},
            console::AddNote{"the line was down \xc2\xb7 again"},
            console::StartExperiment{"breakout", governance::Design::Split, governance::Comparison::OnOff, "", "why"},
            console::StartExperiment{"ml_gbt_5m", governance::Design::Paired, governance::Comparison::Models,
                                     "gbt_5m 13", "why"},
            console::EndExperiment{4, console::ExperimentEnd::PromoteB, "won"},
            console::EndExperiment{4, console::ExperimentEnd::Stop, "enough"},
            console::RetrainModel{"gbt_5m", "drift"},
            console::CancelRetrain{},
            console::SetModelStage{"gbt_5m 12", governance::ModelStage::Champion, "won"},
            console::SignOffModel{"gbt_5m 12", learning::Detector::Permutation, "opened it"},
            console::AcknowledgeAlert{5},
            console::SnoozeAlert{5, 1.5},
            console::RunJob{"gaps"},
            console::CancelJob{"gaps"},
            console::RemoveJob{"mine", "not any more"},
            console::SetJobPaused{"gaps", true, "a slow disk"},
            console::AddJob{"mine", "echo 'x' | sort", "daily 20:00", base::Millis{60'000}, "off site"},
            console::AddJob{"mine", "true", "by hand", {}},
            console::ImportModel{std::string("\0\x01\xff bytes", 9), "from there"}};
}

} // namespace

class OwnerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCommandComesBackAsItWentOut();
    void whatIsNoCommandIsRefused_data();
    void whatIsNoCommandIsRefused();
    void anErrorComesBackAsItWentOut();
    void onlyThisUserReachesIt();
    void aFileOfOneWhoWasKilledIsReplacedAndAnothersIsLeftAlone();
    void aFolderMayHaveALongName();
    void nonsenseIsAnsweredAndASlowOneIsCut();
    void tooManyAreRefusedAndTheStopEndsAll();
    void aHeartbeatIsJudgedAtItsEdge();
    void anEngineIsSilentFromItsEdgeOn();
    void theWatchdogIsFedWhileAllAnswerAndNotWhileOneDoesNot_data();
    void theWatchdogIsFedWhileAllAnswerAndNotWhileOneDoesNot();
};

void OwnerTest::everyCommandComesBackAsItWentOut()
{
    for (const auto& command : everyCommand()) {
        const auto json = jsonOf(command);
        QVERIFY(json);
        const auto line = QJsonDocument(*json).toJson(QJsonDocument::Compact);
        const auto back = commandOf(QJsonDocument::fromJson(line).object());
        QVERIFY2(back, back ? "" : base::sentence(back.error()).c_str());
        QCOMPARE(back->index(), command.index());
        QCOMPARE(QJsonDocument(*jsonOf(*back)).toJson(QJsonDocument::Compact), line);
        if (const auto* model = std::get_if<console::ImportModel>(&*back)) {
            QCOMPARE(model->bytes, std::get<console::ImportModel>(command).bytes);
        }
    }
    QVERIFY(!jsonOf(console::Command(console::WatchChart{}))); // the window's alone
}

void OwnerTest::whatIsNoCommandIsRefused_data()
{
    QTest::addColumn<QByteArray>("json");
    const auto row = [](const char* json) { QTest::newRow(json) << QByteArray(json); };
    row("{}");
    row(R"({"command":"reboot"})");
    row(R"({"command":"note"})");
    row(R"({"command":"note","text":7})");
    row(R"({"command":"note","text":"x","more":1})");
    row(R"({"command":"strategy-switch","strategy":"breakout","on":"yes","reason":"x"})");
    row(R"({"command":"strategy-switch","strategy":"breakout","on":true,"instrument":0})");
    row(R"({"command":"strategy-switch","strategy":"breakout","on":true,"instrument":1.5})");
    row(R"({"command":"strategy-stage","strategy":"breakout","stage":"rich","reason":"x"})");
    row(R"({"command":"policy","values":{},"reason":"x"})");
    row(R"({"command":"policy","values":{"prune.min_trades":40},"reason":"x"})");
    row(R"({"command":"apply","proposals":[],"reason":"x"})");
    row(R"({"command":"apply","proposals":[0],"reason":"x"})");
    row(R"({"command":"apply","proposals":["1"],"reason":"x"})");
    row(R"({"command":"undo","decision":1e16})");
    row(R"({"command":"experiment-end","experiment":1,"how":"maybe","reason":"x"})");
    row(R"({"command":"model-import","base64":"&&&","reason":"x"})");
    row(R"({"command":"model-sign-off","version":"gbt_5m 1","detector":"nose","reason":"x"})");
    QTest::newRow("a long text") << QByteArray(R"({"command":"note","text":")") + QByteArray(longestText + 1, 'x') +
                                        "\"}";
}

void OwnerTest::whatIsNoCommandIsRefused()
{
    QFETCH(QByteArray, json);
    QVERIFY(!commandOf(QJsonDocument::fromJson(json).object()));
}

void OwnerTest::anErrorComesBackAsItWentOut()
{
    for (const auto code : {ErrorCode::Malformed, ErrorCode::Conflict, ErrorCode::Busy, ErrorCode::Internal}) {
        const base::Error error{code, "breakout", "it is off already"};
        QCOMPARE(errorOf(jsonOf(error)), error);
    }
    QCOMPARE(errorOf(QJsonObject{{QStringLiteral("code"), QStringLiteral("no-such")}}).code, ErrorCode::Internal);
}

void OwnerTest::onlyThisUserReachesIt()
{
    const QTemporaryDir folder;
    const std::filesystem::path database = folder.filePath(QStringLiteral("demo.db")).toStdString();
    {
        const auto socket = OwnerSocket::open(database, echo);
        QVERIFY(socket);
        struct stat status = {};
        QCOMPARE(::lstat(ownerSocketOf(database).c_str(), &status), 0);
        QVERIFY(S_ISSOCK(status.st_mode));
        QCOMPARE(status.st_mode & 0777U, 0600U);
        QCOMPARE(said(database, "{\"a\":1}\n"), std::string("{\"heard\":{\"a\":1}}\n"));
        QVERIFY(!QFileInfo::exists(folder.filePath(QStringLiteral("demo.db.sock.new"))));
    }
    QVERIFY(!QFileInfo::exists(folder.filePath(QStringLiteral("demo.db.sock"))));
    const auto nobody = connectToOwner(database);
    QVERIFY(!nobody && nobody.error().code == ErrorCode::NotFound);
}

void OwnerTest::aFileOfOneWhoWasKilledIsReplacedAndAnothersIsLeftAlone()
{
    const QTemporaryDir folder;
    const std::filesystem::path database = folder.filePath(QStringLiteral("demo.db")).toStdString();
    { // a socket file that nobody listens at any more
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::strncpy(at.sun_path, ownerSocketOf(database).c_str(), sizeof at.sun_path - 1);
        const Socket killed(::socket(AF_UNIX, SOCK_STREAM, 0));
        QCOMPARE(::bind(killed.handle(), reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
    }
    QCOMPARE(connectToOwner(database).error().code, ErrorCode::NotFound);
    auto first = OwnerSocket::open(database, echo);
    QVERIFY(first);
    QVERIFY(said(database, "{\"a\":1}\n").starts_with("{\"heard\""));
    auto second = OwnerSocket::open(database, echo); // as after a take-over: the file is the newer one's
    QVERIFY(second);
    (*first)->stop();
    QVERIFY2(said(database, "{\"a\":1}\n").starts_with("{\"heard\""), "the older one took the newer one's file away");
}

void OwnerTest::aFolderMayHaveALongName()
{
    const QTemporaryDir folder;
    const std::filesystem::path longOne = folder.filePath(QString(200, QLatin1Char('d'))).toStdString();
    std::filesystem::create_directory(longOne);
    const auto socket = OwnerSocket::open(longOne / "demo.db", echo);
    QVERIFY2(socket, socket ? "" : base::sentence(socket.error()).c_str());
    QVERIFY(said(longOne / "demo.db", "{\"a\":1}\n").starts_with("{\"heard\""));
    QVERIFY(!OwnerSocket::open(longOne / (std::string(120, 'n') + ".db"), echo)); // but not the file
    QVERIFY(!OwnerSocket::open(longOne / "nowhere" / "demo.db", echo));
}

void OwnerTest::nonsenseIsAnsweredAndASlowOneIsCut()
{
    const QTemporaryDir folder;
    const std::filesystem::path database = folder.filePath(QStringLiteral("demo.db")).toStdString();
    const auto socket =
        OwnerSocket::open(database, echo, {.bytes = 1'000, .patience = std::chrono::milliseconds(200), .atOnce = 4});
    QVERIFY(socket);
    for (const auto& bytes : {std::string("hello\n"), std::string("[1]\n"), std::string("\n"),
                              std::string("\0\xff\n", 3), std::string(2'000, 'x') + "\n", std::string("{\"a\":1}")}) {
        const auto reply = said(database, bytes);
        QVERIFY2(reply.starts_with("{\"error\"") && reply.contains("malformed"), reply.c_str());
    }
    QVERIFY(said(database, "{\"a\":1}\n").starts_with("{\"heard\"")); // and goes on
}

void OwnerTest::tooManyAreRefusedAndTheStopEndsAll()
{
    const QTemporaryDir folder;
    const std::filesystem::path database = folder.filePath(QStringLiteral("demo.db")).toStdString();
    std::atomic<int> inside{0};
    const auto answer = [&inside](const QJsonObject& request, const std::stop_token& stop) {
        ++inside;
        return echo(request, stop);
    };
    const auto socket =
        OwnerSocket::open(database, answer, {.bytes = 1'000, .patience = std::chrono::seconds(20), .atOnce = 2});
    QVERIFY(socket);
    std::array<std::string, 2> replies;
    {
        std::vector<std::jthread> waiting; // joined at the end of the block
        for (auto& reply : replies) {
            waiting.emplace_back([&] { reply = said(database, "{\"ask\":\"wait\"}\n"); });
        }
        QTRY_COMPARE_WITH_TIMEOUT(inside.load(), 2, 20'000);
        const auto refused = said(database, "{\"a\":1}\n");
        QVERIFY2(refused.contains("busy"), refused.c_str());
        (*socket)->stop();
    }
    for (const auto& reply : replies) {
        QVERIFY2(reply.starts_with("{\"heard\""), reply.c_str());
    }
}

void OwnerTest::anEngineIsSilentFromItsEdgeOn()
{
    constexpr base::Millis within{5'000}; // of run_command.cpp
    const base::UtcMs start{1'764'060'000'000};
    Heartbeat pulse;
    pulse.start(start);
    QVERIFY(isSilent(pulse, start, within)); // it beats, but does not run
    for (const auto state :
         {console::EngineState::Starting, console::EngineState::Running, console::EngineState::Struggling}) {
        pulse.state = state;
        QVERIFY(!isSilent(pulse, start + base::Millis{4'999}, within));
        QVERIFY(!isSilent(pulse, start + base::Millis{5'000}, within));
        QVERIFY(isSilent(pulse, start + base::Millis{5'001}, within));
        QVERIFY(isSilent(pulse, start - base::Millis{5'001}, within)); // a clock set back
    }
    pulse.state = console::EngineState::Failed;
    QVERIFY(isSilent(pulse, start, within));
}

void OwnerTest::theWatchdogIsFedWhileAllAnswerAndNotWhileOneDoesNot_data()
{
    QTest::addColumn<QString>("engine");
    for (const auto* engine : {"ingest", "paper", "store"}) {
        QTest::newRow(engine) << QString::fromLatin1(engine);
    }
}

void OwnerTest::theWatchdogIsFedWhileAllAnswerAndNotWhileOneDoesNot()
{
    using namespace std::chrono_literals;
    QFETCH(QString, engine);
    testkit::ServiceManager manager;
    ServiceNotice notice(manager.name().toStdString(), std::chrono::microseconds(20s));
    ServiceTeller teller(notice);
    teller.tell({.feed = "demo"}, 0ms);
    QVERIFY(manager.hears("EXTEND_TIMEOUT_USEC=30000000", 5'000));
    QVERIFY(manager.heard.contains(QStringLiteral("STATUS=reading what is stored")));
    const ServiceState well{.isReady = true, .isMaking = false, .silent = "", .feed = "demo"};
    teller.tell(well, 5'000ms); // a quarter of the manager's patience: not yet
    QVERIFY(manager.hears("STATUS=running on demo", 5'000));
    teller.tell(well, 5'001ms);
    QVERIFY(manager.hears("WATCHDOG=1", 5'000));
    QCOMPARE(manager.heard.count(QStringLiteral("WATCHDOG=1")), 1);
    auto hung = well;
    hung.silent = engine.toStdString();
    for (auto now = 5'100ms; now < 60'000ms; now += 100ms) {
        teller.tell(hung, now);
    }
    notice.stopping(); // the last word, so that all before it is heard
    QVERIFY(manager.hears("STOPPING=1", 5'000));
    QCOMPARE(manager.heard.count(QStringLiteral("WATCHDOG=1")), 1);
    QCOMPARE(manager.heard.count(QStringLiteral("STATUS=%1 does not answer").arg(engine)), 1); // said once
    teller.tell(well, 60'000ms);                                                               // it is well again
    QVERIFY(manager.hears("WATCHDOG=1", 5'000));
    QVERIFY(manager.heard.contains(QStringLiteral("STATUS=running on demo")));
}

void OwnerTest::aHeartbeatIsJudgedAtItsEdge()
{
    Heartbeat pulse;
    const base::UtcMs start{1'764'060'000'000};
    const auto stateAt = [&](base::UtcMs now) { return serviceRow("Paper trading", pulse, now).state; };
    QCOMPARE(stateAt(start), console::EngineState::Idle);
    QVERIFY(!serviceRow("x", pulse, start).sinceBeat);
    pulse.start(start);
    pulse.state = console::EngineState::Running;
    QCOMPARE(stateAt(start + silentAfter - base::Millis{1}), console::EngineState::Running);
    QCOMPARE(stateAt(start + silentAfter), console::EngineState::Running);
    QCOMPARE(stateAt(start + silentAfter + base::Millis{1}), console::EngineState::Struggling);
    QVERIFY(serviceRow("x", pulse, start + base::Millis{7'500}).detail.contains("7 s"));
    QCOMPARE(stateAt(start - silentAfter - base::Millis{1}), console::EngineState::Struggling); // a clock set back
    pulse.state = console::EngineState::Failed;
    QCOMPARE(stateAt(start), console::EngineState::Failed);
    static_assert(silentAfter == base::Millis{3'500}, "looked at each second, said within five; no jitter is news");
}

QTEST_GUILESS_MAIN(OwnerTest)
#include "owner_test.moc"
