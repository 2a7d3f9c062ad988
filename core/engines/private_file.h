// A small file that only this user may read, mode 0600: a key, a secret. Any thread; two that make it at once end with
// one content.
#pragma once

#include "base/error.h"

#include <filesystem>
#include <string>
#include <string_view>

namespace qd::engines {

/// Io where it cannot be read, Conflict where others may read it, too.
[[nodiscard]] base::Result<std::string> readPrivateFile(const std::filesystem::path& path);
/// Written beside and linked into place: nobody ever sees half of it, and the first one wins.
[[nodiscard]] base::Result<void> makePrivateFile(const std::filesystem::path& path, std::string_view content);
/// The secret that signs what the webhook gets: "alerts-secret" in the data directory, made at its first use.
[[nodiscard]] base::Result<std::string> alertSecretIn(const std::filesystem::path& dataDir);

} // namespace qd::engines
