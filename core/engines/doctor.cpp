#include "engines/doctor.h"

#include "engines/owner_line.h"
#include "engines/secret_file.h"
#include "engines/signing_key_file.h"
#include "governance/night_figures.h"
#include "health/backups.h"
#include "storage/backup_store.h"
#include "storage/database.h"
#include "storage/gap_store.h"
#include "storage/policy_store.h"
#include "storage/schema_migrator.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iterator>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace qd::engines {

namespace fs = std::filesystem;
using storage::Database;

namespace {

constexpr std::uint64_t megabyte = 1'000'000;
constexpr std::uint64_t gigabyte = 1'000 * megabyte;

DoctorRow ok(std::string what)
{
    return {.check = {}, .finding = Finding::Ok, .what = std::move(what), .why = {}, .todo = {}};
}
DoctorRow skip(std::string what)
{
    return {.check = {}, .finding = Finding::Skip, .what = std::move(what), .why = {}, .todo = {}};
}
DoctorRow warn(std::string what, std::string todo)
{
    return {.check = {}, .finding = Finding::Warn, .what = std::move(what), .why = {}, .todo = std::move(todo)};
}
DoctorRow bad(std::string what, std::string todo)
{
    return {.check = {}, .finding = Finding::Fail, .what = std::move(what), .why = {}, .todo = std::move(todo)};
}
DoctorRow bad(const base::Error& error)
{
    return bad(base::sentence(error), "See the sentence; the others go on.");
}

std::string fixed(double value, int decimals)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string sizeText(std::uint64_t bytes)
{
    const auto amount = static_cast<double>(bytes);
    return bytes >= gigabyte ? fixed(amount / 1e9, 1) + " GB" : fixed(amount / 1e6, 1) + " MB";
}

bool isThere(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(path, ignored);
}

DoctorRow lookAtFolder(const DoctorOptions& options)
{
    const auto folder = options.dataDir.string();
    if (!isThere(options.dataDir)) {
        return skip(folder + " is not there yet; the first start makes it");
    }
    if (!fs::is_directory(options.dataDir)) {
        return bad(folder + " is no folder", "Give another one with --data-dir.");
    }
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
        return bad(folder + " cannot be written by this user", "Change its owner or its permissions.");
    }
    return ok(folder);
}

DoctorRow lookAtDatabase(const DoctorOptions& options)
{
    if (!isThere(options.database)) {
        return skip("there is none of this feed yet; the first start makes it");
    }
    auto database = Database::open(options.database, Database::Mode::ReadOnly);
    if (!database) {
        return bad(base::sentence(database.error()),
                   database.error().code == base::ErrorCode::Damaged
                       ? "'quarterdeck restore FILE' puts a backup in its place, with the console closed."
                       : "See the sentence.");
    }
    const auto known = static_cast<int>(storage::embeddedMigrations().size());
    const auto version = storage::schemaVersion(database->handle(), known);
    if (!version) {
        return bad(version.error());
    }
    const auto what = options.database.filename().string() + ", " + sizeText(database->fileBytes()) + ", schema " +
                      std::to_string(*version) + " of " + std::to_string(known);
    return *version == known ? ok(what)
                             : warn(what, "The next start brings it up to date, and keeps a copy of before.");
}

DoctorRow lookAtStructure(const DoctorOptions& options)
{
    constexpr std::uint64_t most = 512 * megabyte; // more takes too long here
    if (!isThere(options.database)) {
        return skip("there is no database yet");
    }
    auto database = Database::open(options.database, Database::Mode::ReadOnly);
    if (!database) {
        return skip("it cannot be opened");
    }
    if (database->fileBytes() > most) {
        return skip("it is large (" + sizeText(database->fileBytes()) + "); 'quarterdeck verify' reads all of it");
    }
    auto check = database->prepare("PRAGMA quick_check(1)");
    const auto stepped = check ? check->step() : base::Result<bool>(std::unexpected(check.error()));
    if (!stepped) {
        return bad(stepped.error());
    }
    const std::string said(check->text(0));
    return said == "ok" ? ok("SQLite finds nothing wrong in its pages")
                        : bad("parts of the file do not hang together (" + said + ")",
                              "'quarterdeck verify' says how much; 'quarterdeck restore FILE' puts a backup in its "
                              "place, with the console closed.");
}

DoctorRow lookAtLog(const DoctorOptions& options)
{
    std::error_code none;
    const auto bytes = fs::file_size(options.database.string() + "-wal", none);
    return none ? skip("there is none") : judgeLog(bytes);
}

DoctorRow lookAtOwner(const DoctorOptions& options)
{
    const auto owner = OwnerLine(options.database).owner();
    if (owner) {
        return ok(owner->sentence() + (owner->doing.empty() ? "" : "; it is starting: " + owner->doing));
    }
    const auto holder = writerOf(options.database, options.root);
    if (!holder) {
        return ok("no console runs on it");
    }
    const auto process = std::to_string(*holder);
    if (owner.error().code == base::ErrorCode::NotFound) {
        return warn("process " + process + " owns it and listens at no local socket",
                    "A subcommand that writes is at work, or the console begins or ends just now: look again in a "
                    "moment.");
    }
    if (owner.error().code == base::ErrorCode::Busy || owner.error().code == base::ErrorCode::ReadOnly) {
        return warn("process " + process + " owns it: " + owner.error().detail,
                    "Look again in a moment, as the user that it runs as.");
    }
    return bad("process " + process + " owns it and does not answer: " + owner.error().detail,
               "End it (kill " + process + "), and start the console again.");
}

DoctorRow lookAtEngines(const DoctorOptions& options)
{
    const auto owner = OwnerLine(options.database).owner();
    if (!owner) {
        return skip("no console runs on this database");
    }
    std::string troubled;
    bool isFailed = false;
    std::size_t running = 0;
    for (const auto& engine : owner->engines) {
        using console::EngineState;
        isFailed = isFailed || engine.state == EngineState::Failed;
        running += engine.state == EngineState::Running ? 1 : 0;
        if (engine.state == EngineState::Failed || engine.state == EngineState::Struggling) {
            troubled += (troubled.empty() ? "" : "; ") + engine.name +
                        (engine.state == EngineState::Failed ? " has failed" : " struggles") +
                        (engine.detail.empty() ? "" : ": " + engine.detail);
        }
    }
    if (!troubled.empty()) {
        const auto* todo = "See Health; if it does not pass by itself in a minute, restart the console.";
        return isFailed ? bad(troubled, todo) : warn(troubled, todo);
    }
    return ok(std::to_string(running) + " engines run, each with a fresh heartbeat" +
              (owner->score ? "; health " + fixed(*owner->score, 0) + ", " + owner->label : ""));
}

DoctorRow lookAtSecret(const fs::path& file)
{
    struct stat status = {};
    if (::lstat(file.c_str(), &status) != 0) {
        return skip(file.filename().string() + " is not there yet; it is made at its first use");
    }
    return judgeSecret(file.filename().string(), status.st_mode);
}

DoctorRow lookAtBackups(const DoctorOptions& options)
{
    if (!isThere(options.database)) {
        return skip("there is no database yet");
    }
    auto database = Database::open(options.database, Database::Mode::ReadOnly);
    const auto rows = database ? storage::BackupStore(*database).newest() : std::unexpected(database.error());
    const auto texts = rows ? storage::PolicyStore(*database).texts() : std::unexpected(rows.error());
    if (!texts) {
        return bad(texts.error());
    }
    const auto hours = storage::PolicyStore(*database).get("backup.every_hours");
    const auto folder = texts->find("backup.folder");
    const health::BackupPolicy policy{.folder = folder == texts->end() ? std::string() : folder->second,
                                      .every = base::Millis{std::llround(hours.value_or(6) * 3'600'000)}};
    if (!policy.folder.empty() && ::access(policy.folder.c_str(), W_OK | X_OK) != 0) {
        return bad("the folder " + policy.folder + " cannot be written",
                   "Mount it, or choose another in the console: Health, Storage.");
    }
    const auto standing = health::backupStanding(*rows, policy, options.now, base::UtcMs{0});
    const auto age = standing.age ? "the newest proven one is " +
                                        fixed(static_cast<double>(standing.age->count()) / 3'600'000, 1) + " h old"
                                  : std::string("there is none");
    if (policy.folder.empty()) {
        return warn("no folder is chosen for backups; " + age,
                    "Choose one on another disk: Health, Storage in the console, or 'quarterdeck policy set "
                    "backup.folder /mnt/… --reason "
                    "…'.");
    }
    if (!standing.age || standing.score.value_or(100) <= 50) {
        // The job runs in a console alone; without one the copy is made by the command itself.
        const bool isOwned = OwnerLine(options.database).owner().has_value();
        return bad(age + (standing.note.empty() ? "" : "; " + standing.note),
                   (isOwned ? "Make one with 'quarterdeck jobs run backup'"
                            : "Start the console, or make one with 'quarterdeck backup " + policy.folder + "'") +
                       std::string("; 'quarterdeck jobs history backup' says how the last ones ended."));
    }
    return ok(age + ", in " + policy.folder);
}

DoctorRow lookAtGaps(const DoctorOptions& options)
{
    if (!isThere(options.database)) {
        return skip("there is no database yet");
    }
    auto database = Database::open(options.database, Database::Mode::ReadOnly);
    const storage::TimeRange day{options.now - base::oneDay, options.now};
    const auto rows = database ? storage::GapStore(*database).all(day)
                               : base::Result<std::vector<storage::GapRow>>(std::unexpected(database.error()));
    if (!rows) {
        return bad(rows.error());
    }
    std::vector<governance::NightLoss> losses; // counted as the night report counts them
    for (const auto& row : *rows) {
        losses.push_back({{}, storage::gapOf(row)});
    }
    return judgeGaps(governance::nightGaps(losses, day.from, day.to).size(), limitsInForce(options));
}

} // namespace

std::string_view name(Finding finding)
{
    constexpr std::array names{"ok", "warn", "fail", "skip"};
    return names.at(static_cast<std::size_t>(finding));
}

std::vector<DoctorRow> examine(const std::vector<DoctorCheck>& checks)
{
    std::vector<DoctorRow> out;
    for (const auto& check : checks) {
        DoctorRow row;
        try {
            row = check.look();
        } catch (const std::exception& e) {
            row = bad("the check itself failed: " + std::string(e.what()),
                      "Please report it with 'quarterdeck support'.");
        }
        row.check = check.name;
        row.why = check.why;
        out.push_back(std::move(row));
    }
    return out;
}

std::vector<DoctorCheck> doctorChecks(const DoctorOptions& options)
{
    std::vector<DoctorCheck> out;
    const auto add = [&](const char* what, const char* why, DoctorRow (*look)(const DoctorOptions&)) {
        out.push_back({what, why, [options, look] { return look(options); }});
    };
    add("data folder", "Databases, keys and settings lie in it.", lookAtFolder);
    add("database", "It holds the archive, the ledger and every decision.", lookAtDatabase);
    add("database pages", "A damaged page is better found before it is needed.", lookAtStructure);
    add("write-ahead log", "It grows while somebody reads an old moment, and fills the disk.", lookAtLog);
    add("owner", "One program writes to a database; the others ask it.", lookAtOwner);
    add("engines", "What shows as running must be alive.", lookAtEngines);
    out.push_back({"API token", "Whoever reads it may give orders to the console.",
                   [options] { return lookAtSecret(apiTokenFile(options.dataDir)); }});
    out.push_back({"signing key", "Whoever reads it can sign manifests in your name.",
                   [options] { return lookAtSecret(signingKeyFile(options.dataDir)); }});
    add("backups", "A disk that dies takes all with it that lies on it alone.", lookAtBackups);
    add("gaps", "What was missed cannot be traded on, nor learned from.", lookAtGaps);
    addHostChecks(out, options);
    return out;
}

// A database that is damaged or not there has rows of its own; here it only has no say.
base::PolicyValues limitsInForce(const DoctorOptions& options)
{
    if (!isThere(options.database)) {
        return {};
    }
    auto database = Database::open(options.database, Database::Mode::ReadOnly);
    return database ? storage::PolicyStore(*database).values().value_or(base::PolicyValues()) : base::PolicyValues();
}

DoctorRow judgeFree(std::uint64_t freeBytes, std::uint64_t totalBytes)
{
    constexpr std::uint64_t failsUnder = 200 * megabyte;
    constexpr std::uint64_t warnsUnder = 2 * gigabyte;
    const auto what = sizeText(freeBytes) + " of " + sizeText(totalBytes) + " are free";
    if (freeBytes < failsUnder) {
        return bad(what, "Free some space now: the store stops writing when the disk is full.");
    }
    if (freeBytes < warnsUnder || freeBytes < totalBytes / 20) {
        return warn(what, "Free some space, or let old ticks go (policy ticks.keep_days).");
    }
    return ok(what);
}

DoctorRow judgeMemory(std::uint64_t availableBytes, std::uint64_t totalBytes)
{
    const auto what = sizeText(availableBytes) + " of " + sizeText(totalBytes) + " are available";
    return availableBytes < totalBytes / 10 ? warn(what, "Close what takes the memory; under 10% the machine swaps.")
                                            : ok(what);
}

DoctorRow judgeLog(std::uint64_t walBytes)
{
    constexpr std::uint64_t most = 256 * megabyte;
    const auto what = sizeText(walBytes) + " wait in the log";
    return walBytes > most
               ? warn(what, "End the program that reads the database for so long; Health names how long it does.")
               : ok(what);
}

DoctorRow judgeTemperature(double celsius, const std::string& sensor, const base::PolicyValues& policy)
{
    const auto what = fixed(celsius, 0) + " °C" + (sensor.empty() ? "" : " (" + sensor + ")");
    if (celsius >= base::policyValue(policy, "health.cpu_temp_critical_c")) {
        return bad(what, "Cool it, or end what heats it, before it throttles or stops.");
    }
    return celsius >= base::policyValue(policy, "health.cpu_temp_c")
               ? warn(what, "See which process heats it, and the fan.")
               : ok(what);
}

DoctorRow judgeSecret(const std::string& file, std::uint32_t mode)
{
    if (!S_ISREG(mode)) {
        return bad(file + " is no ordinary file", "Remove it; it is made again at its next use.");
    }
    return (mode & 077) != 0 ? bad("others may read " + file, "Run 'chmod 600' on it.")
                             : ok(file + " is for this user alone");
}

DoctorRow judgeOffset(base::Millis offset, const base::PolicyValues& policy)
{
    const auto most = base::policyValue(policy, "health.clock_s") * 1'000;
    const auto what = "the exchange's clock less ours is " + std::to_string(offset.count()) + " ms";
    return std::abs(static_cast<double>(offset.count())) > most
               ? bad(what, "Set the clock: 'sudo timedatectl set-ntp true'.")
               : ok(what);
}

DoctorRow judgeGaps(std::size_t interruptions, const base::PolicyValues& policy)
{
    const double most = base::policyValue(policy, "health.gaps_a_day");
    const auto what =
        std::to_string(interruptions) + (interruptions == 1 ? " interruption" : " interruptions") + " in the last 24 h";
    return static_cast<double>(interruptions) > most ? warn(what, "'quarterdeck gaps' lists them with their causes.")
                                                     : ok(what);
}

std::optional<int> lockHolder(const std::string& procLocks, std::uint64_t inode)
{
    std::istringstream lines(procLocks);
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string number;
        std::string kind;
        std::string advisory;
        std::string access;
        std::string place; // device:device:inode
        int process = 0;
        if (!(words >> number >> kind >> advisory >> access >> process >> place) || kind != "FLOCK") {
            continue; // "->" of one who waits, and locks of other kinds
        }
        const auto colon = place.rfind(':');
        if (access == "WRITE" && colon != std::string::npos && place.substr(colon + 1) == std::to_string(inode)) {
            return process;
        }
    }
    return std::nullopt;
}

} // namespace qd::engines
