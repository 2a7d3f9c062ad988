// The tick archive: blocks of delta-coded, zstd-compressed columns as BLOB rows, the open block's tail as small rows
// (ARCHITECTURE.md, The tick archive). One object a connection, used by that connection's thread. Quotes likewise.
// A block keeps the scales it was written with. Readers get the instrument's present scales, if every price and size of
// the block is a whole number of them, else NotOnScale naming the block: nothing is ever rounded.
#pragma once

#include "market/instrument.h"
#include "market/tick.h"
#include "storage/database.h"
#include "storage/missing_blocks.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace qd::storage {

using base::InstrumentId;
using base::StreamNumber;
using base::UtcMs;

struct NumberedTick {
    StreamNumber number;
    market::Tick tick;
    friend bool operator==(const NumberedTick&, const NumberedTick&) = default;
};

struct NumberedQuote {
    StreamNumber number;
    market::Quote quote;
    friend bool operator==(const NumberedQuote&, const NumberedQuote&) = default;
};

/// What is known of one instrument's ticks without decoding a block.
struct ArchiveSummary {
    std::uint64_t ticks = 0;
    std::int64_t firstId = 0;
    std::int64_t lastId = 0;
    UtcMs firstTime;
    UtcMs lastTime;
    StreamNumber lastNumber; // newest of ticks, quotes, funding rates and gap marks, also of blocks that were set aside
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0; // of the blobs
};

/// Writes within the caller's transaction. After a failed commit or rollback call reload().
class TickArchiveWriter {
public:
    explicit TickArchiveWriter(Database& database);
    ~TickArchiveWriter();

    /// Ticks in growing id order, later than all that is there; a tick at or before the newest id goes the way of
    /// addLate(). Writes the tail row; folds the tail into a block of 16,384 when full.
    [[nodiscard]] base::Result<void> append(InstrumentId instrument, std::span<const NumberedTick> ticks);
    /// Ticks in growing id order into a hole: no block or tail may begin or end between the first and the last of them
    /// (Conflict). Makes blocks of up to 16,384 at once, and a smaller one of the rest.
    [[nodiscard]] base::Result<void> insertIntoHole(InstrumentId instrument, std::span<const NumberedTick> ticks);
    /// Rewrites the block (or tail) where it belongs. False: that id is there already, nothing changed.
    [[nodiscard]] base::Result<bool> addLate(InstrumentId instrument, const NumberedTick& tick);
    [[nodiscard]] base::Result<void> appendQuotes(InstrumentId instrument, std::span<const NumberedQuote> quotes);
    /// Folds every tail into blocks, e.g. at the end of an import.
    [[nodiscard]] base::Result<void> seal();
    /// Forgets what is cached of the tails and reads it anew.
    [[nodiscard]] base::Result<void> reload();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Both ends within.
struct NumberRange {
    std::int64_t first = 1;
    std::int64_t last = INT64_MAX;
    std::optional<UtcMs> before; // of the ticks on its two sides, where there are any
    std::optional<UtcMs> after;
};

/// A closed range of exchange time; defaults take everything.
struct TimeRange {
    UtcMs from{INT64_MIN};
    UtcMs to{INT64_MAX};
};

/// A block that cannot be read is left out of every read, which goes on with the next one; missing() names it.
class TickArchive {
public:
    explicit TickArchive(Database& database) : database_(database) {}

    /// Spans of decoded ticks in id order, touching only the blocks of the range. `take` answers false to stop early.
    [[nodiscard]] base::Result<void> read(InstrumentId instrument, TimeRange range,
                                          const std::function<bool(std::span<const NumberedTick>)>& take);
    [[nodiscard]] base::Result<void> readQuotes(InstrumentId instrument, TimeRange range,
                                                const std::function<bool(std::span<const NumberedQuote>)>& take);
    /// Everything of the instrument's stream after `after`, merged by stream number: ticks, quotes, late ticks,
    /// funding rates, gap marks. An item is a late tick if its id lies before one with a smaller number. A gap mark
    /// (cause disk) stands where a block of ticks cannot be read. `take` may swap another vector in.
    [[nodiscard]] base::Result<void> readStream(InstrumentId instrument, StreamNumber after,
                                                const std::function<bool(std::vector<market::StreamItem>&)>& take);
    [[nodiscard]] base::Result<ArchiveSummary> summary(InstrumentId instrument);
    /// UTC days (since 1970-01-01) wholly between the oldest and the newest tick that a block of ticks meets. A hole
    /// within a block is not seen without decoding it.
    [[nodiscard]] base::Result<std::set<std::int64_t>> wholeDays(InstrumentId instrument);
    /// Number of the newest quote; 0 before the first.
    [[nodiscard]] base::Result<StreamNumber> newestQuote(InstrumentId instrument);
    /// The stream numbers that ticks with ids from `first` to `last` may take so that replay meets them in the order of
    /// their ids; first > last if there are none. No range at all if something lies between these ids.
    [[nodiscard]] base::Result<std::optional<NumberRange>> numbersBetween(InstrumentId instrument, std::int64_t first,
                                                                          std::int64_t last);
    /// Decodes every block and tail and checks checksum, order, bounds and counts. One error for each bad block.
    /// Candles' blocks too. `progress` answers false to stop (Cancelled).
    [[nodiscard]] base::Result<std::vector<base::Error>>
    verify(const std::function<bool(double fraction)>& progress = {});
    /// The same, and each bad block is moved to damaged_blocks; a write connection's, within the caller's transaction.
    [[nodiscard]] base::Result<std::vector<base::Error>>
    verifyAndSetAside(const std::function<bool(double fraction)>& progress = {});
    /// Everything that was ever set aside, of ticks, quotes and candles.
    [[nodiscard]] base::Result<std::vector<MissingBlock>> setAside();
    /// What the reads of this object had to leave out so far.
    [[nodiscard]] const std::vector<MissingBlock>& missing() const { return missing_.all(); }
    /// Blocks and tail pieces decoded by this object so far: what a range query touched.
    [[nodiscard]] std::uint64_t blocksDecoded() const { return blocksDecoded_; }

private:
    template <typename Rows, typename Row>
    [[nodiscard]] base::Result<void> readRange(InstrumentId instrument, TimeRange range,
                                               const std::function<bool(std::span<const Row>)>& take);
    using Watch = std::function<bool(double fraction)>;
    [[nodiscard]] base::Result<std::vector<base::Error>> verifyAll(const Watch& progress, bool setsAside);
    template <typename Rows>
    [[nodiscard]] base::Result<void> verifyKind(const Watch& progress, bool setsAside, std::vector<base::Error>& bad);
    template <typename Rows>
    [[nodiscard]] base::Result<void> addSetAside(MissingBlocks& all);

    Database& database_;
    MissingBlocks missing_;
    std::uint64_t blocksDecoded_ = 0;
};

} // namespace qd::storage
