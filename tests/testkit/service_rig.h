// The program itself without a window, and a socket of ours in the place of systemd's, which hears how far it is. Owned
// by the test, on whose thread all of it is called.
#pragma once

#include <QElapsedTimer>
#include <QProcess>
#include <QStringList>

#include <array>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace qd::testkit {

/// The manager's end. Abstract, so that the length of a folder's name does not matter.
class ServiceManager {
public:
    ServiceManager()
    {
        static int made = 0;
        name_ += '-' + QByteArray::number(++made);
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
    ~ServiceManager() { ::close(socket_); }
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

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

/// The program, started with these arguments, as that manager's service.
class ServiceProgram {
public:
    ServiceProgram(const QString& path, const QStringList& arguments, const QString& manager)
    {
        auto environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("NOTIFY_SOCKET"), manager);
        environment.insert(QStringLiteral("WATCHDOG_USEC"), QStringLiteral("2000000"));
        program.setProcessEnvironment(environment);
        program.start(path, arguments);
        program.waitForStarted();
    }
    void tell(int signal) const { ::kill(static_cast<pid_t>(program.processId()), signal); }
    /// By itself, with exit code 0, within so long.
    bool hasEnded(int ms)
    {
        return program.waitForFinished(ms) && program.exitStatus() == QProcess::NormalExit && program.exitCode() == 0;
    }
    bool endsCleanly()
    {
        tell(SIGTERM);
        return hasEnded(60'000);
    }
    QProcess program;
};

} // namespace qd::testkit
