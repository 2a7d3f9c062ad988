// Which database belongs to which feed. Pure; any thread.
#pragma once

#include <filesystem>
#include <string>

namespace qd::engines {

/// The feed of recorded files: a database of its own, and no exchange.
inline constexpr const char* importedFeed = "imported";

/// "demo.db", "blofin.db", "imported.db", or a name made of the address's letters and digits.
[[nodiscard]] std::filesystem::path databaseOf(const std::filesystem::path& dataDir, const std::string& feed);

} // namespace qd::engines
