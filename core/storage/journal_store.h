// The journal of decisions: when, by whom, what, why, the evidence at that time and how to undo it. Rows are only ever
// added. Writes within the transaction that carries out the decision.
#pragma once

#include "storage/tick_archive.h"

#include <string>

namespace qd::storage {

struct JournalEntry {
    std::int64_t id = 0; // given by add()
    UtcMs time;
    std::string by; // "operator", "policy"
    std::string what;
    std::string why;
    std::string evidence;
    std::string undo; // empty: cannot be undone
    friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

class JournalStore {
public:
    explicit JournalStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<void> add(const JournalEntry& entry);
    /// Newest first, at most `limit`.
    [[nodiscard]] base::Result<std::vector<JournalEntry>> entries(TimeRange range = {}, std::size_t limit = 1'000);

private:
    Database& database_;
};

} // namespace qd::storage
