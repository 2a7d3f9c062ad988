// Looks whether everything that the console needs is there: files, database, owner, machine, network. Each check is a
// row of its own with what was seen, why it matters and what to do; one that fails itself is a row that says so, and
// the others go on. Changes nothing. Blocks for seconds at most. Any thread. Source: PRODUCT.md, Command line: doctor.
#pragma once

#include "base/policy.h"
#include "base/utc_time.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

enum class Finding : std::uint8_t { Ok, Warn, Fail, Skip };
[[nodiscard]] std::string_view name(Finding finding); // "ok", "warn", "fail", "skip"

struct DoctorRow {
    std::string check; // "disk space"
    Finding finding = Finding::Skip;
    std::string what; // was seen; of a skipped one why it was not looked at
    std::string why;  // it matters
    std::string todo; // empty where nothing is to be done
};

struct DoctorOptions {
    std::filesystem::path dataDir;
    std::filesystem::path database; // may not exist yet
    std::string feed;               // "blofin" is asked whether it is there
    std::uint16_t apiPort = 8888;
    bool asksNetwork = true;
    base::UtcMs now;
    std::filesystem::path root = "/"; // of proc/ and sys/
};

struct DoctorCheck {
    std::string name;
    std::string why;
    std::function<DoctorRow()> look; // fills finding, what and todo
};
/// Each by itself, in order. An exception is a failed row.
[[nodiscard]] std::vector<DoctorRow> examine(const std::vector<DoctorCheck>& checks);
[[nodiscard]] std::vector<DoctorCheck> doctorChecks(const DoctorOptions& options);
/// Of the machine and its network: doctor_host.cpp. Appends.
void addHostChecks(std::vector<DoctorCheck>& out, const DoctorOptions& options);

/// The policy in force where the database can be read; empty, so the defaults, otherwise.
[[nodiscard]] base::PolicyValues limitsInForce(const DoctorOptions& options);

// Rules, each with its edges; what `policy` does not name is the default. Pure.
[[nodiscard]] DoctorRow judgeFree(std::uint64_t freeBytes, std::uint64_t totalBytes);
[[nodiscard]] DoctorRow judgeMemory(std::uint64_t availableBytes, std::uint64_t totalBytes);
[[nodiscard]] DoctorRow judgeLog(std::uint64_t walBytes);
[[nodiscard]] DoctorRow judgeTemperature(double celsius, const std::string& sensor, const base::PolicyValues& policy);
/// `mode`: permission bits of a file that only its owner may read.
[[nodiscard]] DoctorRow judgeSecret(const std::string& file, std::uint32_t mode);
[[nodiscard]] DoctorRow judgeOffset(base::Millis offset, const base::PolicyValues& policy);
[[nodiscard]] DoctorRow judgeGaps(std::size_t interruptions, const base::PolicyValues& policy);
/// The process that holds a lock on that inode, of /proc/locks; empty: none.
[[nodiscard]] std::optional<int> lockHolder(const std::string& procLocks, std::uint64_t inode);

} // namespace qd::engines
