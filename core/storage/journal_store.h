// The journal of decisions: when, by whom, what, why, the evidence at that time, what changed from what to what, and so
// how to undo it. Rows are only ever added. Writes within the transaction that carries out the decision; reads work on
// any connection.
#pragma once

#include "governance/decision.h"
#include "storage/tick_archive.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

struct JournalEntry {
    std::int64_t id = 0; // given by add()
    UtcMs time;
    std::string by; // "operator", "policy"
    std::string what;
    std::string why;
    std::string evidence;
    std::string undo; // for the reader; empty: cannot be undone
    std::vector<governance::Change> changes{};
    std::optional<std::int64_t> undoes{};
    friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

/// The same decision in the other form. Rows of old times changed things, but do not say so in `changes`.
[[nodiscard]] JournalEntry entryOf(const governance::Decision& decision);
[[nodiscard]] governance::Decision decisionOf(const JournalEntry& entry);

class JournalStore {
public:
    explicit JournalStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(const JournalEntry& entry);
    /// The id that it was given.
    [[nodiscard]] base::Result<std::int64_t> record(const governance::Decision& decision);
    /// Newest first, at most `limit`.
    [[nodiscard]] base::Result<std::vector<JournalEntry>> entries(TimeRange range = {}, std::size_t limit = 1'000);
    /// NotFound.
    [[nodiscard]] base::Result<JournalEntry> entry(std::int64_t id);
    /// Those of a greater id, oldest first.
    [[nodiscard]] base::Result<std::vector<JournalEntry>> after(std::int64_t id);

private:
    Database& database_;
};

} // namespace qd::storage
