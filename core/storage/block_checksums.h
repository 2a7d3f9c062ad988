// Whether the archive's blocks are the bytes that were written, by the checksum of each, and as many rows as its head
// says: less than TickArchive::verify() looks at, and several times as fast. Blocks; any thread, with its connection.
#pragma once

#include "storage/database.h"
#include "storage/database_proof.h"

namespace qd::storage {

struct BlockChecksums {
    std::uint64_t blocks = 0; // and tail pieces, of ticks, quotes and candles
    std::vector<base::Error> bad;
};

/// One view of the database for the whole of it. Cancelled, Io.
[[nodiscard]] base::Result<BlockChecksums> checkBlockChecksums(Database& database, const KeepGoing& keepGoing = {});

} // namespace qd::storage
