// A ZIP of what one needs to see who helps: version, doctor, policy, schema, counts, the console's log; and no secret.
// Every text goes through redacted(), whatever it came from. Keys, tokens, trades, prices and reasons are never read.
// Blocks for seconds. Any thread. Source: PRODUCT.md, Command line: support.
#pragma once

#include "engines/doctor.h"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace qd::engines {

struct SupportFile {
    std::string name;
    std::string text;
};

/// What must not be in a text that is handed on, besides what is known by its form.
struct Secrets {
    std::vector<std::string> words; // the API's token
    std::string home;               // becomes ~
    std::string user;               // becomes (user)
};
[[nodiscard]] Secrets secretsOf(const std::filesystem::path& dataDir);
/// Without these, private keys, bearer tokens, runs of 40 hex digits and more, names and passwords in addresses, and
/// whatever follows the host of an address that is not this machine or the exchange. Pure.
[[nodiscard]] std::string redacted(std::string text, const Secrets& secrets);
/// Whether the value of a policy of this name is left out. Pure.
[[nodiscard]] bool isSecretName(std::string_view name);

[[nodiscard]] std::string doctorText(std::span<const DoctorRow> rows);
[[nodiscard]] std::vector<SupportFile> supportFiles(const DoctorOptions& options, const std::string& version);
/// A new file, for this user alone; AlreadyExists where it is there. Whole or not at all.
[[nodiscard]] base::Result<void> writeZip(const std::filesystem::path& file, std::span<const SupportFile> files,
                                          base::UtcMs now);

} // namespace qd::engines
