// Night reports: one row a local day, its figures as JSON (engines/night_json). The newest 400 are kept. Writes within
// the caller's transaction on the writer's connection; reads work on any.
#pragma once

#include "base/utc_time.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

struct NightReportRow {
    std::string date; // local, "2025-06-22"
    base::UtcMs from;
    base::UtcMs to; // when it was made
    std::string headline;
    std::string figures; // JSON; empty in lists
    friend bool operator==(const NightReportRow&, const NightReportRow&) = default;
};

class NightStore {
public:
    static constexpr std::size_t kept = 400;

    explicit NightStore(Database& database) : database_(database) {}
    /// Takes the place of one of the same day.
    [[nodiscard]] base::Result<void> add(const NightReportRow& row);
    /// NotFound.
    [[nodiscard]] base::Result<NightReportRow> of(std::string_view date);
    /// Empty before the first.
    [[nodiscard]] base::Result<std::optional<NightReportRow>> newest();
    /// Of earlier days, newest first.
    [[nodiscard]] base::Result<std::vector<NightReportRow>> before(std::string_view date, std::size_t most);
    /// All, newest first, without figures.
    [[nodiscard]] base::Result<std::vector<NightReportRow>> list();

private:
    Database& database_;
};

} // namespace qd::storage
