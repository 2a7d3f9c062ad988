// A disk that can be full: a small file system of a test's own, made without being root (user namespaces), as any
// Debian 12 allows. A container without privileges does not: there files that may not grow stand in. One thread.
#pragma once

#include <QCoreApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>

namespace qd::testkit {

/// Runs the test function that calls this once more, alone and in a process of its own, where `work` gets the root of
/// an empty file system of `size` ("24m"). Skipped where this user may not mount one. The last call of its test
/// function.
inline void onASmallDisk(const char* size, const std::function<void(const std::filesystem::path&)>& work)
{
    constexpr int patience = 120'000;                // ms
    constexpr int cannotMount = 77;                  // of the script
    if (qEnvironmentVariableIsSet("QD_FULL_DISK")) { // the inner run
        work(qEnvironmentVariable("QD_FULL_DISK").toStdString());
        return;
    }
    const QString test = QLatin1String(QTest::currentTestFunction());
    const QTemporaryDir folder;
    const auto script = QStringLiteral("mount -t tmpfs -o size=%1 none '%2' || exit 77; QD_FULL_DISK='%2' exec '%3' %4")
                            .arg(QLatin1String(size), folder.path(), QCoreApplication::applicationFilePath(), test);
    QProcess inner;
    inner.start(QStringLiteral("unshare"), {QStringLiteral("-rm"), QStringLiteral("sh"), QStringLiteral("-c"), script});
    if (!inner.waitForStarted()) {
        QSKIP("no unshare: a full disk cannot be made here");
    }
    QVERIFY2(inner.waitForFinished(patience), "the run on the small disk has no end");
    const auto said = inner.readAllStandardOutput() + inner.readAllStandardError();
    if (inner.exitCode() == cannotMount || said.contains("unshare failed") ||
        said.contains("Operation not permitted")) {
        QSKIP("no file system of one's own is allowed here: a full disk cannot be made");
    }
    const auto passed = QStringLiteral("PASS   : %1::%2()")
                            .arg(QLatin1String(QTest::testObject()->metaObject()->className()), test)
                            .toLatin1();
    QVERIFY2(inner.exitCode() == 0 && said.contains(passed), said.constData());
}

/// While it lives no file of this process grows beyond `bytes`: a write fails (EFBIG). It wants no privilege.
class SmallFiles {
public:
    explicit SmallFiles(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) // which would end the process
    {
        if (::getrlimit(RLIMIT_FSIZE, &before_) != 0) {
            qFatal("the limit of files is not told");
        }
        set({.rlim_cur = std::min(bytes, before_.rlim_max), .rlim_max = before_.rlim_max});
    }
    ~SmallFiles()
    {
        set(before_);
        std::signal(SIGXFSZ, handler_);
    }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

private:
    static void set(const rlimit& limit)
    {
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
            qFatal("the limit of files cannot be set");
        }
    }
    void (*handler_)(int);
    rlimit before_{};
};

} // namespace qd::testkit
