// Counts and hashes of everything that a database holds, by which a copy is compared with what it is a copy of. Any
// thread, on a connection of its own; hold a read transaction where others write. Errors: Damaged, Io, Cancelled.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace qd::storage {

/// Told about every MB; false stops with Cancelled.
using KeepGoing = std::function<bool(double fraction)>;

struct TableProof {
    std::string table;
    std::uint64_t rows = 0;
    std::string hash; // SHA-256 over every value in the table's order
    friend bool operator==(const TableProof&, const TableProof&) = default;
};

struct DatabaseProof {
    std::vector<TableProof> tables; // by name
    [[nodiscard]] std::uint64_t rows() const;
    [[nodiscard]] std::string hash() const; // of all of them
    friend bool operator==(const DatabaseProof&, const DatabaseProof&) = default;
};

/// Shown each row once it is hashed, for whoever wants to look at it too: reading costs as much as hashing.
using RowSeen = std::function<void(const std::string& table, sqlite3_stmt* row)>;

/// Of every table but backup_origin, which says where a copy comes from, and so differs.
[[nodiscard]] base::Result<DatabaseProof> proofOf(sqlite3* database, const KeepGoing& keepGoing = {},
                                                  const RowSeen& seen = {});

/// The first table in which they differ, in words; empty: in none.
[[nodiscard]] std::string difference(const DatabaseProof& one, const DatabaseProof& other);

} // namespace qd::storage
