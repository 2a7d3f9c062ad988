// Runs the program itself as a person at a terminal would, and says how it ended. QD_PROGRAM is its file. One thread.
#pragma once

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace qd::testkit {

struct Ended {
    int code = -1; // it was killed, or did not end in time: `error` says so
    QString out;
    QString error;
    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out.toUtf8()).object(); }
    [[nodiscard]] QJsonArray rows() const { return QJsonDocument::fromJson(out.toUtf8()).array(); }
    /// Done, and nothing to complain of.
    [[nodiscard]] bool isWell() const { return code == 0 && error.isEmpty(); }
};

/// Of one that runs no more.
inline Ended endOf(QProcess& program)
{
    return {program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1,
            QString::fromUtf8(program.readAllStandardOutput()), QString::fromUtf8(program.readAllStandardError())};
}

inline Ended runProgram(const QStringList& arguments, const QByteArray& input = {})
{
    constexpr int patience = 180'000; // ms
    QProcess program;
    program.start(QStringLiteral(QD_PROGRAM), arguments);
    program.write(input);
    program.closeWriteChannel();
    if (!program.waitForFinished(patience)) {
        return {.error = program.errorString()};
    }
    return endOf(program);
}

/// Words with single spaces between them.
inline QStringList wordsOf(const char* words)
{
    return QString::fromLatin1(words).split(QLatin1Char(' '));
}

} // namespace qd::testkit
