// Whether the archive's blocks are the bytes that were written, by the checksum of each, and as many rows as its head
// says: less than TickArchive::verify() looks at, and several times as fast. Blocks; any thread, with its connection.
#pragma once

#include "storage/database.h"
#include "storage/database_proof.h"

#include <memory>

namespace qd::storage {

struct BlockChecksums {
    std::uint64_t blocks = 0; // and tail pieces, of ticks, quotes and candles
    std::vector<base::Error> bad;
};

/// One view of the database for the whole of it. Cancelled, Io.
[[nodiscard]] base::Result<BlockChecksums> checkBlockChecksums(Database& database, const KeepGoing& keepGoing = {});

/// The same of rows that are read for another reason: each is shown to see(), and a thread beside looks at its block.
/// One thread uses it.
class BlockChecksumsBeside {
public:
    /// Reads which blocks there have to be.
    [[nodiscard]] static base::Result<std::unique_ptr<BlockChecksumsBeside>> begin(Database& database);
    /// What it has not looked at yet, it leaves.
    ~BlockChecksumsBeside();
    BlockChecksumsBeside(const BlockChecksumsBeside&) = delete;
    BlockChecksumsBeside& operator=(const BlockChecksumsBeside&) = delete;

    /// A row of any table, all columns as the table has them. Waits while the thread has enough to do.
    void see(const std::string& table, sqlite3_stmt* row);
    /// Once all were seen: waits for the thread. Bad ones in the order of checkBlockChecksums().
    [[nodiscard]] BlockChecksums end();

private:
    struct Impl;
    explicit BlockChecksumsBeside(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::storage
