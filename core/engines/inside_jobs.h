// What is known of the console's own jobs without a console: the command line has to refuse what one would. Pure.
#pragma once

#include <string_view>

namespace qd::engines {

/// A job that cannot be paused. What the gap check misses cannot be fetched later: REST forgets all but the newest
/// trades. Trainings follow their check or a wish; the back-fill has a switch of its own.
[[nodiscard]] inline bool isAlwaysOn(std::string_view job)
{
    return job == "gap-check" || job == "retrain" || job == "backfill";
}

} // namespace qd::engines
