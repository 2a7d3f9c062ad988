// Fails a test that makes Qt warn. Installed once by the test's initTestCase(); verify() in cleanup(). GUI thread and
// others.
#pragma once

#include <QMutex>
#include <QString>
#include <QStringList>
#include <QTest>

#include <array>

namespace qd::testkit {

class StrictLog {
public:
    static void install() { qInstallMessageHandler(&StrictLog::handle); }
    /// What was warned of since the last call, apart from what the platform plugin says by itself.
    [[nodiscard]] static QStringList take()
    {
        const QMutexLocker lock(&mutex());
        return std::exchange(lines(), {});
    }

private:
    static void handle(QtMsgType type, const QMessageLogContext&, const QString& text)
    {
        if (type == QtDebugMsg || type == QtInfoMsg) {
            return;
        }
        static constexpr std::array platform{"XDG_RUNTIME_DIR", "propagateSizeHints", "QXcbConnection", "xkbcommon",
                                             "This plugin does not"};
        for (const auto* known : platform) {
            if (text.contains(QLatin1String(known))) {
                return;
            }
        }
        const QMutexLocker lock(&mutex());
        lines() << text;
    }
    static QMutex& mutex()
    {
        static QMutex one;
        return one;
    }
    static QStringList& lines()
    {
        static QStringList all;
        return all;
    }
};

} // namespace qd::testkit

/// In cleanup(): the test function that just ended must not have made Qt warn.
#define QD_VERIFY_QUIET()                                                                                              \
    do {                                                                                                               \
        const auto warned = qd::testkit::StrictLog::take();                                                            \
        QVERIFY2(warned.isEmpty(), qPrintable(warned.join(QStringLiteral("\n"))));                                     \
    } while (false)
