// The tables of one kind of archive rows: blocks and tails of a series, found by key, time or stream number without
// reading them, loaded into rows at the present scales, and written. Internal to storage; used by the connection's
// thread. Reads want a transaction around them (ReadTransaction), so that a tail is not folded between two statements.
#pragma once

#include "storage/missing_blocks.h"
#include "storage/row_codec.h"

#include <functional>
#include <optional>

namespace qd::storage {

/// One consistent view of the database for as long as it lives; nothing where a transaction is open already.
class ReadTransaction {
public:
    explicit ReadTransaction(Database& database);
    ~ReadTransaction();
    ReadTransaction(const ReadTransaction&) = delete;
    ReadTransaction& operator=(const ReadTransaction&) = delete;
    [[nodiscard]] const base::Result<void>& begun() const { return begun_; }

private:
    Database& database_;
    base::Result<void> begun_;
    bool isOwn_ = false;
};

/// What is known of a block or a tail's piece without reading its data.
struct BlockHead {
    std::int64_t row = 0;
    std::int64_t series = 0;
    bool isTail = false;
    std::int64_t firstKey = 0;
    std::int64_t lastKey = 0;
    std::int64_t minTime = 0;
    std::int64_t maxTime = 0;
    std::int64_t firstNumber = 0; // smallest and largest
    std::int64_t lastNumber = 0;
    std::int64_t count = 0;
    std::int64_t bytes = 0;
};

/// Of one series, as far as a reader and a writer want to know.
struct SeriesInfo {
    std::int64_t series = 0;
    std::string name; // for errors: "BTC-USDT"
    Scales scales;    // present
};
/// NotFound for an instrument that was never put into the table.
[[nodiscard]] base::Result<SeriesInfo> instrumentSeries(Database& database, InstrumentId instrument);

template <typename Rows>
class BlockTable {
public:
    using Row = typename Rows::Row;
    explicit BlockTable(Database& database) : database_(database) {}

    struct Filter {
        std::int64_t minTime = INT64_MIN; // blocks whose times meet the range
        std::int64_t maxTime = INT64_MAX;
        std::optional<std::int64_t> afterNumber; // blocks with a number beyond this
    };
    /// Blocks, then tails, by key.
    [[nodiscard]] base::Result<std::vector<BlockHead>> heads(std::int64_t series, const Filter& filter);
    /// The same of every series.
    [[nodiscard]] base::Result<std::vector<BlockHead>> allHeads();
    /// Rows in their own scales, without any check but the codec's.
    [[nodiscard]] base::Result<Scales> loadRaw(const BlockHead& head, std::vector<Row>& rows);
    /// How many rows its bytes say they are; they are those that were written, or Damaged.
    [[nodiscard]] base::Result<std::size_t> count(const BlockHead& head);
    /// Rows at the present scales. Damaged or NotOnScale name the block.
    [[nodiscard]] base::Result<void> load(const SeriesInfo& info, const BlockHead& head, std::vector<Row>& rows);

    /// The block or tail piece that holds `key` or would: the last that begins at or before it.
    [[nodiscard]] base::Result<std::optional<BlockHead>> lastBefore(std::int64_t series, std::int64_t key, bool ofTail);
    [[nodiscard]] base::Result<void> insert(std::int64_t series, bool intoTail, const Scales& scales,
                                            std::span<const Row> rows);
    [[nodiscard]] base::Result<void> remove(const BlockHead& head);
    /// Moves what cannot be read to damaged_blocks, with as many of its bytes as there are; of ticks a gap row takes
    /// its place. False: not even the row can be taken out of its table, so it stays and every read leaves it out.
    [[nodiscard]] base::Result<bool> setAside(const SeriesInfo& info, const BlockHead& head, const std::string& why);
    /// Adds those set aside of a series that the filter meets.
    [[nodiscard]] base::Result<void> addSetAside(const SeriesInfo& info, const Filter& filter, MissingBlocks& missing);
    /// Every piece from the one that begins with `fromKey` on.
    [[nodiscard]] base::Result<void> removeTail(std::int64_t series, std::int64_t fromKey);

    [[nodiscard]] static MissingBlock missingOf(const SeriesInfo& info, const BlockHead& head, std::string why);
    [[nodiscard]] static std::string label(std::string_view name, const BlockHead& head);
    [[nodiscard]] static BlockHead headOf(std::int64_t series, bool isTail, std::span<const Row> rows);

private:
    /// At the block's scales and data, to be reset.
    [[nodiscard]] base::Result<Statement*> rowOf(const BlockHead& head);
    [[nodiscard]] base::Result<Statement*> prepared(std::optional<Statement>& slot, const std::string& sql);
    [[nodiscard]] base::Result<void> appendHeads(const std::string& where, bool ofTail,
                                                 std::span<const std::int64_t> values, std::vector<BlockHead>& out);

    Database& database_;
    RowCodec<Rows> codec_;
    std::array<std::optional<Statement>, 2> load_; // [0] of blocks, [1] of tails
    std::array<std::optional<Statement>, 2> insert_;
    std::array<std::optional<Statement>, 2> before_;
    std::optional<Statement> removeTail_;
};

extern template class BlockTable<TickRows>;
extern template class BlockTable<QuoteRows>;
extern template class BlockTable<CandleRows>;

} // namespace qd::storage
