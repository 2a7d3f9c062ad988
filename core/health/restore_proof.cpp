#include "health/restore_proof.h"

#include "health/probe.h"

#include <algorithm>

namespace qd::health {

using base::Millis;
using base::UtcMs;

namespace {

std::string agoText(Millis age)
{
    const auto hours = age.count() / 3'600'000;
    return hours < 1    ? "less than an hour ago"
           : hours < 48 ? std::to_string(hours) + " h ago"
                        : std::to_string(hours / 24) + " days ago";
}

} // namespace

BackupStanding restoreStanding(std::span<const BackupRow> newestFirst, const std::optional<RestoreTry>& newest,
                               const BackupPolicy& policy, UtcMs now)
{
    BackupStanding out;
    const auto good = std::ranges::find_if(newestFirst, &BackupRow::isGood);
    if (good == newestFirst.end()) {
        out.note = "not available: there is no backup yet";
        return out;
    }
    const auto made = good->began + good->took;
    const bool isTriedSince = newest && newest->at > made;
    const auto proven = isTriedSince && newest->isGood ? newest->at : made;
    out.age = std::max(Millis{0}, now - proven);
    out.note = (proven == made ? "when the newest backup was made, " : "by the weekly try, ") + agoText(*out.age);
    if (!policy.folder.empty()) {
        constexpr auto limit = static_cast<double>(proofLimit.count());
        out.score = probeScore(static_cast<double>(out.age->count()), limit);
    }
    if (isTriedSince && !newest->isGood) {
        if (out.score) {
            out.score = std::min(50.0, *out.score);
        }
        out.note = "the newest try came to nothing: " + newest->words;
    }
    return out;
}

} // namespace qd::health
