// Old ticks and quotes that the policy wants to be rid of: which whole blocks may go, and their going. What paper's
// saved state has not traded on yet, what came since an open position was decided, and each instrument's newest block
// stay, so a restart goes on as if nothing had gone. Plans on any connection; drops within the writer's transaction.
#pragma once

#include "health/retention.h"
#include "storage/candle_store.h"
#include "storage/database.h"

#include <vector>

namespace qd::storage {

/// Blocks of one instrument by row; a piece of a plan.
struct OldBlocks {
    base::InstrumentId instrument;
    std::vector<std::int64_t> ticks;
    std::vector<std::int64_t> quotes;
    std::vector<base::UtcMs> days; // UTC days that these ticks are of, oldest first
    base::UtcMs before;            // they are older than this
};

struct RetentionPlan {
    health::RetentionPreview preview;
    std::vector<OldBlocks> goes; // at most `blocksAtOnce` blocks each, oldest first
};

inline constexpr std::size_t blocksAtOnce = 32; // some 100 ms of the writer's

/// Reads heads alone, no block. Days are whole UTC days before that of `rule.now`, or of the newest tick if that is
/// earlier: a clock that was set ahead deletes nothing.
[[nodiscard]] base::Result<RetentionPlan> planRetention(Database& database, const health::RetentionRule& rule);

/// Whatever has become needed since the plan stays all the same, and what another row of the same number holds now.
[[nodiscard]] base::Result<void> dropBlocks(Database& database, const OldBlocks& blocks);

/// The minutes of that day that have trades in the archive and no stored candle, oldest first.
[[nodiscard]] base::Result<std::vector<market::Candle>> unkeptMinutes(Database& database, base::InstrumentId instrument,
                                                                      base::UtcMs day);

/// How the file stands, from its header and the heads of its blocks.
struct StoreFigures {
    std::uint64_t pages = 0;
    std::uint64_t freePages = 0;
    std::uint64_t pageBytes = 0;
    double bytesPerDay = 0; // by which the file grew over the last complete days that hold ticks, at most 7; 0: unknown
};
[[nodiscard]] base::Result<StoreFigures> storeFigures(Database& database);

} // namespace qd::storage
