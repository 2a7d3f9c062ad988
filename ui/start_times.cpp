#include "ui/start_times.h"

#include "base/log.h"

#include <QFile>

#include <algorithm>
#include <ctime>
#include <string_view>
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

std::string waitsFor(const Snapshots& newest)
{
    const std::pair<bool, std::string_view> needs[]{
        {newest.store != nullptr, "store"},
        {newest.health != nullptr, "health"},
        {newest.jobs != nullptr, "jobs"},
        {newest.governance != nullptr, "governance"},
        {newest.models != nullptr, "models"},
        {newest.learning != nullptr, "learning"},
        {newest.paper != nullptr, "paper"},
        {newest.chart != nullptr, "chart"},
        {newest.ingest != nullptr, "ingest"},
        {newest.ingest && (newest.ingest->state == console::EngineState::Idle || newest.ingest->newestTick.value > 0),
         "ticks"},
    };
    std::string names;
    for (const auto& [isThere, name] : needs) {
        if (!isThere) {
            names.append(names.empty() ? "" : ", ").append(name);
        }
    }
    return names;
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
    if (isLive_) {
        return;
    }
    const auto missing = waitsFor(newest);
    isLive_ = missing.empty();
    if (isLive_) {
        tell("all pages live", lastMissing_.empty() ? "" : "; " + lastMissing_ + " came last");
    }
    lastMissing_ = missing;
}

void StartTimes::tell(const std::string& what, const std::string& more) const
{
    const auto ms = processMs_ + static_cast<double>(since_.nsecsElapsed()) / 1e6;
    base::log(base::LogLevel::Info, "window",
              what + " " + std::to_string(static_cast<int>(ms)) + " ms after the start" + more);
}

} // namespace qd::ui
