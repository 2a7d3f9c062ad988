// The Ed25519 key of a data directory, mode 0600, made at its first use. Any thread; two at once end with one key.
#pragma once

#include "base/signature.h"

#include <filesystem>

namespace qd::engines {

/// Io where it cannot be written or read, Malformed where the file holds no key, Conflict where others may read it.
[[nodiscard]] base::Result<base::SigningKey> signingKeyIn(const std::filesystem::path& file);
/// "manifest-key.pem" in the data directory.
[[nodiscard]] std::filesystem::path signingKeyFile(const std::filesystem::path& dataDir);

} // namespace qd::engines
