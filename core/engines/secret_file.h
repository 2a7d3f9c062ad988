// A file of the data directory that only its owner may read (mode 0600): the manifest's key, the API's token, what
// signs the alerts. Any thread; two that make it at once end with one content.
#pragma once

#include "base/error.h"

#include <filesystem>
#include <functional>
#include <string>

namespace qd::engines {

/// What the file holds, at most 4 kB; made with what `make` gives where there is none. Io where it cannot be written or
/// read, Conflict where others may read it.
[[nodiscard]] base::Result<std::string> secretIn(const std::filesystem::path& file,
                                                 const std::function<base::Result<std::string>()>& make);

/// The bearer token of the HTTP API, "api-token" in the data directory: 64 hex digits, made at the first start.
/// Malformed where the file holds fewer than 16 characters.
[[nodiscard]] base::Result<std::string> apiTokenIn(const std::filesystem::path& dataDir);
[[nodiscard]] std::filesystem::path apiTokenFile(const std::filesystem::path& dataDir);

/// What signs the webhook's posts, "alerts-secret" in the data directory: the same, made at its first use.
[[nodiscard]] base::Result<std::string> alertSecretIn(const std::filesystem::path& dataDir);
[[nodiscard]] std::filesystem::path alertSecretFile(const std::filesystem::path& dataDir);

} // namespace qd::engines
