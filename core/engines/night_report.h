// The night report out of what is stored: figures from the ledgers of a database, kept nights as documents, and the job
// that makes one each morning. Reads on the caller's connection; changes nothing but through the store's queue. Any
// thread that may block on files. Source: PRODUCT.md, Night report.
#pragma once

#include "console/queries.h"
#include "engines/engine_messages.h"
#include "engines/job_board.h"
#include "engines/store_answer.h"
#include "governance/night_document.h"
#include "storage/database.h"

#include <filesystem>
#include <optional>
#include <string>

namespace qd::engines {

inline constexpr const char* nightJobName = "night";

/// What a process holds in memory, and since when it runs; empty where it is none. `root` holds proc/: "/" but in
/// tests.
struct ProcessMemory {
    double bytes = 0;
    base::UtcMs since;
};
[[nodiscard]] std::optional<ProcessMemory> processMemory(int process, const std::filesystem::path& root = "/");

struct NightWish {
    base::UtcMs now;
    std::optional<ProcessMemory> console{}; // of the one that owns the database; empty: none runs
    bool isKept = true;                     // from the report of an earlier day on; else from the newest of all
};
[[nodiscard]] base::Result<governance::NightFigures> nightFigures(storage::Database& database, const NightWish& wish);
/// As a row that can be kept: its day is that of `now` in display.zone.
[[nodiscard]] base::Result<storage::NightReportRow> nightRow(storage::Database& database, const NightWish& wish);

/// One that is kept, by day; "" the newest. NotFound.
[[nodiscard]] base::Result<console::NightReport> keptNight(storage::Database& database, const std::string& date);
/// For this moment, without being kept.
[[nodiscard]] base::Result<console::NightReport> nightNow(storage::Database& database, NightWish wish);
[[nodiscard]] base::Result<console::Nights> keptNights(storage::Database& database);

/// The job: makes a report, keeps it through the store, and answers its headline.
[[nodiscard]] base::Result<std::string> runNightReport(const std::filesystem::path& database, const StoreLinks& store,
                                                       const base::Clock& clock, JobRun& run);

} // namespace qd::engines
