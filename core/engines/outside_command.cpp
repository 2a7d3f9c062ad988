#include "engines/outside_command.h"

#include <QByteArray>
#include <QProcess>
#include <QString>

#include <chrono>
#include <csignal>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace qd::engines {

namespace {

constexpr int stepMs = 100;
constexpr int graceMs = 2'000;
constexpr qsizetype longestLine = 4'096; // one without an end

/// Tells what has come, whole lines at a time.
void tell(JobRun& run, QByteArray& rest, QByteArray more, governance::CommandEnd& end, bool isLast)
{
    rest += more;
    for (;;) {
        auto cut = rest.indexOf('\n');
        if (cut < 0 && (rest.size() >= longestLine || (isLast && !rest.isEmpty()))) {
            cut = std::min(rest.size(), longestLine);
        }
        if (cut < 0) {
            break;
        }
        const auto line = QString::fromUtf8(rest.left(cut)).trimmed().toStdString();
        rest.remove(0, cut < rest.size() && rest[cut] == '\n' ? cut + 1 : cut);
        if (!line.empty()) {
            end.hasSpoken = true;
            end.lastLine = line.substr(0, 200);
            run.say(line);
        }
    }
    if (!more.isEmpty()) {
        run.beat();
    }
}

/// Asks all of the group to end, and kills what has not after the grace.
void endGroup(pid_t group)
{
    (void)::kill(-group, SIGTERM);
    for (int waited = 0; waited < graceMs && ::kill(-group, 0) == 0; waited += stepMs) {
        std::this_thread::sleep_for(std::chrono::milliseconds(stepMs));
    }
    (void)::kill(-group, SIGKILL);
}

} // namespace

void runOutside(JobRun& run, const std::string& command, const std::filesystem::path& folder)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    process.setWorkingDirectory(QString::fromStdString(folder.string()));
    process.setChildProcessModifier([] { // its own group, so that what it starts ends with it
        (void)::setpgid(0, 0);
        (void)::prctl(PR_SET_PDEATHSIG, SIGTERM); // a console that dies takes the shell with it
        sigset_t none;                            // the console's threads block what ends it
        sigemptyset(&none);
        (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
        (void)::setpriority(PRIO_PROCESS, 0, 10);
    });
    run.say("$ " + command);
    process.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QString::fromStdString(command)});
    governance::CommandEnd end;
    if (!process.waitForStarted()) {
        end.why = process.errorString().toStdString();
        run.fail(governance::verdictOn(end).words);
        return;
    }
    end.hasStarted = true;
    const auto group = static_cast<pid_t>(process.processId());
    const auto stop = run.token();
    QByteArray rest;
    while (process.state() != QProcess::NotRunning && !stop.stop_requested()) {
        (void)process.waitForFinished(stepMs); // not for output: a command may close its own and go on
        tell(run, rest, process.readAll(), end, false);
    }
    if (process.state() != QProcess::NotRunning) {
        (void)::kill(-group, SIGTERM);
        (void)process.waitForFinished(graceMs);
        endGroup(group); // what the shell had started
        (void)process.waitForFinished(graceMs);
        run.cancel("the console asked it to end"); // unless its end was told already
        return;
    }
    tell(run, rest, process.readAll(), end, true);
    if (::kill(-group, 0) == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(stepMs)); // one that has just ended answers, too
        if (::kill(-group, 0) == 0) {
            run.say("what it left running is ended with it");
            endGroup(group);
            tell(run, rest, process.readAll(), end, true);
        }
    }
    if (process.exitStatus() == QProcess::CrashExit) {
        end.signal = process.exitCode();
    } else {
        end.code = process.exitCode();
    }
    const auto verdict = governance::verdictOn(end);
    verdict.event == governance::JobEvent::Succeed ? run.succeed(verdict.words) : run.fail(verdict.words);
}

} // namespace qd::engines
