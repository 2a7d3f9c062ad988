#include "health/backups.h"

#include "health/probe.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace qd::health {

using base::Millis;
using base::UtcMs;

namespace {

constexpr Millis oneWeek = 7 * base::oneDay;
constexpr Millis fromThursday = 4 * base::oneDay; // 1970-01-01 was one; the first Monday came four days later
constexpr double hour = 3'600'000;

const BackupRow* newestGood(std::span<const BackupRow> newestFirst)
{
    const auto found = std::ranges::find_if(newestFirst, &BackupRow::isGood);
    return found == newestFirst.end() ? nullptr : &*found;
}

bool isIn(std::string_view folder, std::string_view file)
{
    while (folder.size() > 1 && folder.ends_with('/')) { // as it may be typed
        folder.remove_suffix(1);
    }
    const auto slash = file.rfind('/');
    return slash != std::string_view::npos && file.substr(0, std::max<std::size_t>(slash, 1)) == folder;
}

std::string hoursText(Millis age)
{
    const auto minutes = age.count() / 60'000;
    return minutes < 120 ? std::to_string(std::max<std::int64_t>(0, minutes)) + " min"
                         : std::to_string(minutes / 60) + " h";
}

} // namespace

std::optional<UtcMs> nextBackup(std::span<const BackupRow> rows, const BackupPolicy& policy, UtcMs now)
{
    if (policy.folder.empty()) {
        return std::nullopt;
    }
    const auto newest =
        std::ranges::find_if(rows, [](const BackupRow& row) { return row.by == "schedule" || !row.isCancelled(); });
    if (newest == rows.end() || newest->began > now) {
        return now;
    }
    const bool isDone = newest->isGood() || newest->isCancelled();
    return newest->began + (isDone ? policy.every : std::min(backupRetry, policy.every));
}

void shorten(std::vector<BackupRow>& newestFirst, std::size_t most)
{
    for (auto i = newestFirst.size(); i > 0 && newestFirst.size() > most; --i) {
        const auto row = newestFirst.begin() + static_cast<std::ptrdiff_t>(i - 1);
        if (!row->isGood() || row->removed) {
            newestFirst.erase(row);
        }
    }
}

std::vector<std::int64_t> rotated(std::span<const BackupRow> rows, const BackupPolicy& policy)
{
    std::vector<const BackupRow*> present;
    for (const auto& row : rows) {
        if (row.isGood() && !row.removed && row.by != "command line" && isIn(policy.folder, row.file)) {
            present.push_back(&row);
        }
    }
    std::ranges::sort(present, [](const auto* a, const auto* b) {
        return a->began != b->began ? a->began > b->began : a->id > b->id;
    });
    std::vector<std::int64_t> out;
    std::set<UtcMs> days;
    std::set<UtcMs> weeks;
    for (std::size_t i = 0; i < present.size(); ++i) {
        const auto began = present[i]->began;
        const auto day = base::bucketStart(began, base::oneDay);
        const auto week = base::bucketStart(began - fromThursday, oneWeek);
        // The newest of a day stands for it, until there are days enough.
        const bool isOfDay = days.size() < policy.keepDaily && days.insert(day).second;
        const bool isOfWeek = weeks.size() < policy.keepWeekly && weeks.insert(week).second;
        if (i >= std::max<std::size_t>(1, policy.keepRecent) && !isOfDay && !isOfWeek) {
            out.push_back(present[i]->id);
        }
    }
    std::ranges::reverse(out);
    return out;
}

BackupStanding backupStanding(std::span<const BackupRow> newestFirst, const BackupPolicy& policy, UtcMs now,
                              UtcMs started)
{
    BackupStanding out;
    const auto* good = newestGood(newestFirst);
    if (good != nullptr) {
        out.age = std::max(Millis{0}, now - good->began);
    }
    if (policy.folder.empty()) {
        out.note = good != nullptr ? "proven " + hoursText(*out.age) + " ago; no folder is chosen for further ones"
                                   : "no folder is chosen for backups";
        return out;
    }
    const auto limit = 2 * static_cast<double>(policy.every.count()) / hour;
    if (good != nullptr) {
        out.score = probeScore(static_cast<double>(out.age->count()) / hour, limit);
        out.note = "restored and compared " + hoursText(*out.age) + " ago";
    } else if (now - started > 2 * policy.every) {
        out.score = 0;
        out.note = "none yet";
    } else {
        out.note = "the first is not made yet";
    }
    const auto newest = std::ranges::find_if_not(newestFirst, &BackupRow::isCancelled);
    if (newest != newestFirst.end() && !newest->isGood()) {
        out.score = std::min(50.0, out.score.value_or(50));
        out.note = "the newest failed: " + newest->error;
    }
    return out;
}

std::optional<double> daysUntilFull(std::uint64_t freeBytes, double bytesPerDay)
{
    if (!(bytesPerDay > 0) || !std::isfinite(bytesPerDay)) {
        return std::nullopt;
    }
    return static_cast<double>(freeBytes) / bytesPerDay;
}

} // namespace qd::health
