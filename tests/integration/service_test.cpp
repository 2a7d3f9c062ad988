// The program as a service, by itself on a data directory: what it tells a service manager (a socket of ours in the
// place of systemd's), when, and that it ends cleanly by SIGTERM.
#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <csignal>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

/// The manager's end. Abstract, so that the length of a folder's name does not matter.
class Manager {
public:
    Manager()
    {
        socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::memcpy(at.sun_path + 1, name_.constData() + 1, static_cast<std::size_t>(name_.size()) - 1);
        const auto size =
            static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + static_cast<std::size_t>(name_.size()));
        if (::bind(socket_, reinterpret_cast<const sockaddr*>(&at), size) != 0) {
            qFatal("bind");
        }
    }
    ~Manager() { ::close(socket_); }
    [[nodiscard]] QString name() const { return QString::fromLatin1(name_); }
    /// Takes what comes until one begins with `what`, for so long.
    bool hears(const char* what, int ms)
    {
        QElapsedTimer since;
        since.start();
        while (since.elapsed() < ms) {
            pollfd wanted{socket_, POLLIN, 0};
            if (::poll(&wanted, 1, 100) <= 0) {
                continue;
            }
            std::array<char, 4'096> buffer{};
            const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
            heard << QString::fromUtf8(buffer.data(), size);
            if (heard.back().startsWith(QLatin1String(what))) {
                return true;
            }
        }
        return false;
    }
    QStringList heard;

private:
    QByteArray name_ = "@quarterdeck-service-test-" + QByteArray::number(::getpid());
    int socket_ = -1;
};

class Service {
public:
    explicit Service(const QString& folder, const QString& manager)
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("NOTIFY_SOCKET"), manager);
        environment.insert(QStringLiteral("WATCHDOG_USEC"), QStringLiteral("2000000"));
        program.setProcessEnvironment(environment);
        program.start(QStringLiteral(QD_PROGRAM),
                      {QStringLiteral("run"), QStringLiteral("--headless"), QStringLiteral("--data-dir"), folder,
                       QStringLiteral("--feed"), QStringLiteral("demo"), QStringLiteral("--history"),
                       QStringLiteral("0"), QStringLiteral("--instruments"), QStringLiteral("BTC-USDT")});
    }
    bool endsCleanly()
    {
        ::kill(static_cast<pid_t>(program.processId()), SIGTERM);
        return program.waitForFinished(60'000) && program.exitStatus() == QProcess::NormalExit &&
               program.exitCode() == 0;
    }
    QProcess program;
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
    QProcess verify; // what it left is whole
    verify.start(QStringLiteral(QD_PROGRAM), {QStringLiteral("verify"), QStringLiteral("--data-dir"), folder.path(),
                                              QStringLiteral("--feed"), QStringLiteral("demo")});
    QVERIFY(verify.waitForFinished(60'000));
    QVERIFY2(verify.exitCode() == 0, verify.readAllStandardError().constData());
}

QTEST_GUILESS_MAIN(ServiceTest)
#include "service_test.moc"
