#include "ui/start_times.h"

#include "base/log.h"

#include <QFile>

#include <algorithm>
#include <ctime>
#include <unistd.h>
#include <utility>

namespace qd::ui {

namespace {

/// By the kernel, which counts in hundredths of a second.
double processAgeMs()
{
    QFile file(QStringLiteral("/proc/self/stat"));
    if (!file.open(QIODevice::ReadOnly)) {
        return 0;
    }
    const auto line = file.readAll();
    const auto words = line.mid(line.lastIndexOf(')') + 2).split(' '); // the name before may hold anything
    constexpr int startField = 19;                                     // the 22nd of proc(5), which counts from 1
    timespec now{};
    if (words.size() <= startField || ::clock_gettime(CLOCK_BOOTTIME, &now) != 0) {
        return 0;
    }
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return (static_cast<double>(now.tv_sec) - words[startField].toDouble() / ticks) * 1e3 +
           static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

bool isLive(const Snapshots& newest)
{
    const bool haveSpoken = newest.ingest && newest.paper && newest.chart && newest.store && newest.health &&
                            newest.governance && newest.learning && newest.jobs && newest.models;
    return haveSpoken && (newest.ingest->state == console::EngineState::Idle || newest.ingest->newestTick.value > 0);
}

double countedAge(double age, double asked)
{
    constexpr double first = 60'000; // a window that comes later is of another feed
    const double counted = std::max(0.0, age - asked);
    return counted < first ? counted : 0;
}

StartTimes::StartTimes(std::chrono::milliseconds asked)
    : processMs_(countedAge(processAgeMs(), static_cast<double>(asked.count())))
{
    since_.start();
}

void StartTimes::painted()
{
    if (!std::exchange(isPainted_, true)) {
        tell("first frame painted");
    }
}

void StartTimes::look(const Snapshots& newest)
{
    if (!isLive_ && isLive(newest)) {
        isLive_ = true;
        tell("all pages live");
    }
}

void StartTimes::tell(const std::string& what) const
{
    const auto ms = processMs_ + static_cast<double>(since_.nsecsElapsed()) / 1e6;
    base::log(base::LogLevel::Info, "window",
              what + " " + std::to_string(static_cast<int>(ms)) + " ms after the start");
}

} // namespace qd::ui
