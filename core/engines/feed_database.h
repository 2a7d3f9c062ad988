// Which database belongs to which feed, and the folder that they lie in. Any thread.
#pragma once

#include "base/error.h"

#include <filesystem>
#include <string>

namespace qd::engines {

/// The feed of recorded files: a database of its own, and no exchange.
inline constexpr const char* importedFeed = "imported";

/// "demo.db", "blofin.db", "imported.db", or a name made of the address's letters and digits.
[[nodiscard]] std::filesystem::path databaseOf(const std::filesystem::path& dataDir, const std::string& feed);

/// Makes it where it is not there, for this user alone (mode 0700); one that is there keeps its mode. Io.
[[nodiscard]] base::Result<void> makeDataDir(const std::filesystem::path& dataDir);

} // namespace qd::engines
