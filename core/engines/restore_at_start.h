// A restore that was made ready takes force before its database is opened, and is journalled in it. Any thread.
#pragma once

#include "base/utc_time.h"

#include <filesystem>
#include <string>

namespace qd::engines {

struct RestoreTold {
    std::filesystem::path kept; // the database of before; empty: there was none
    std::string sentence;       // empty: nothing was made ready, and nothing was done
};

/// Busy while a process writes to the database; then all is as it was.
[[nodiscard]] base::Result<RestoreTold> restoreAtStart(const std::filesystem::path& database, base::UtcMs now);

} // namespace qd::engines
