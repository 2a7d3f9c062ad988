// The folder that databases, keys and tokens lie in. Any thread.
#pragma once

#include "base/error.h"

#include <filesystem>

namespace qd::engines {

/// Makes it where it is not there, for this user alone (mode 0700); one that is there keeps its mode. Io.
[[nodiscard]] base::Result<void> makeDataDir(const std::filesystem::path& dataDir);

} // namespace qd::engines
