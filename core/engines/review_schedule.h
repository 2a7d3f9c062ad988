// When the nightly review is due: so many minutes into the local day of a zone. A local time that a change of the
// clocks skips is the end of what was skipped; one that comes twice is its first. Pure but for the system's table of
// zones. Any thread. Source: PRODUCT.md, Jobs: local times.
#pragma once

#include "base/utc_time.h"

#include <optional>
#include <string>

namespace qd::engines {

struct ReviewSchedule {
    int minutes = 1'200; // review.time
    std::string zone;    // IANA name; empty or unknown: the machine's
};

/// The first one after `time`.
[[nodiscard]] base::UtcMs nextReview(const ReviewSchedule& schedule, base::UtcMs time);
/// The newest at or before `time`.
[[nodiscard]] base::UtcMs newestReview(const ReviewSchedule& schedule, base::UtcMs time);
/// One is due at `now`: since the newest that was held by the clock, or since `since` if none ever was, the time came.
[[nodiscard]] bool isReviewDue(const ReviewSchedule& schedule, std::optional<base::UtcMs> held, base::UtcMs since,
                               base::UtcMs now);

} // namespace qd::engines
