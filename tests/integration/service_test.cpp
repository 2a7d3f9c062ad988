// The program as a service, by itself on a data directory: what it tells a service manager (a socket of ours in the
// place of systemd's), when, and that it ends cleanly by SIGTERM.
#include "testkit/program.h"
#include "testkit/service_rig.h"

#include <QTemporaryDir>
#include <QTest>

using namespace qd;

namespace {

using Manager = testkit::ServiceManager;

class Service : public testkit::ServiceProgram {
public:
    Service(const QString& folder, const QString& manager)
        : ServiceProgram(QStringLiteral(QD_PROGRAM),
                         {QStringLiteral("run"), QStringLiteral("--headless"), QStringLiteral("--data-dir"), folder,
                          QStringLiteral("--feed"), QStringLiteral("demo"), QStringLiteral("--history"),
                          QStringLiteral("0"), QStringLiteral("--instruments"), QStringLiteral("BTC-USDT")},
                         manager)
    {
    }
};

} // namespace

class ServiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theManagerHearsReadyStatusWatchdogAndStopping();
    void sigtermEndsItCleanlyInEachPhase_data();
    void sigtermEndsItCleanlyInEachPhase();
};

void ServiceTest::theManagerHearsReadyStatusWatchdogAndStopping()
{
    QTemporaryDir folder;
    Manager manager;
    Service service(folder.path(), manager.name());
    QVERIFY2(manager.hears("READY=1", 120'000), service.program.readAllStandardError().constData());
    QVERIFY2(!manager.heard.contains(QStringLiteral("WATCHDOG=1")), "it said that it lives before it did");
    QVERIFY(manager.hears("STATUS=running on demo", 20'000));
    QVERIFY(manager.hears("WATCHDOG=1", 20'000));
    QVERIFY(manager.hears("WATCHDOG=1", 20'000));
    QVERIFY(service.endsCleanly());
    QVERIFY(manager.hears("STOPPING=1", 5'000));
    QCOMPARE(manager.heard.count(QStringLiteral("READY=1")), 1);
}

void ServiceTest::sigtermEndsItCleanlyInEachPhase_data()
{
    QTest::addColumn<int>("lines");
    QTest::newRow("as soon as it listens to signals") << 1; // its first word on stderr
    QTest::newRow("while the engines start") << 2;
    QTest::newRow("while they run") << 3;
}

void ServiceTest::sigtermEndsItCleanlyInEachPhase()
{
    QFETCH(int, lines);
    QTemporaryDir folder;
    Manager manager;
    Service service(folder.path(), manager.name());
    if (lines == 3) {
        QVERIFY(manager.hears("READY=1", 120'000));
    } else {
        QVERIFY(lines == 1 ? (service.program.setReadChannel(QProcess::StandardError),
                              service.program.waitForReadyRead(60'000))
                           : manager.hears("STATUS=", 60'000));
    }
    QVERIFY2(service.endsCleanly(), service.program.readAllStandardError().constData());
    const auto verified = testkit::runProgram({QStringLiteral("verify"), QStringLiteral("--data-dir"), folder.path(),
                                               QStringLiteral("--feed"), QStringLiteral("demo")});
    QVERIFY2(verified.code == 0, qPrintable(verified.error)); // what it left is whole
}

QTEST_GUILESS_MAIN(ServiceTest)
#include "service_test.moc"
