// What was imported from where, so that the same file again adds nothing. Writes within the writer's transaction.
#pragma once

#include "storage/tick_archive.h"

#include <string>

namespace qd::storage {

/// An imported source: the hash of its decompressed bytes, so that a second import of the same file adds nothing.
struct ImportSource {
    std::string hash;
    std::string kind; // "ticks" or "candles 1m" …
    InstrumentId instrument;
    UtcMs first;
    UtcMs last;
    std::uint64_t rows = 0;
    UtcMs importedAt;
    friend bool operator==(const ImportSource&, const ImportSource&) = default;
};

class ImportStore {
public:
    explicit ImportStore(Database& database) : database_(database) {}
    /// In the order in which they were imported.
    [[nodiscard]] base::Result<std::vector<ImportSource>> sources(InstrumentId instrument);
    /// Conflict if the same hash of that kind is there for the instrument.
    [[nodiscard]] base::Result<void> add(const ImportSource& source);

private:
    Database& database_;
};

} // namespace qd::storage
