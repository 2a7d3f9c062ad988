// Appends rows to the series of one kind: small tail pieces at each call, a block when a tail is full. Internal to
// storage; used by the writer's thread within the caller's transaction.
// What it remembers of a tail is checked against the table at each call, so a rolled back transaction or another writer
// object on the same connection does no harm. Pieces are merged in powers of 16: a tail has at most some dozens of
// them and each row is written about four times, however small the appends are.
#pragma once

#include "storage/block_table.h"

#include <map>

namespace qd::storage {

template <typename Rows>
class SeriesWriter {
public:
    using Row = typename Rows::Row;
    explicit SeriesWriter(Database& database) : database_(database), table_(database) {}

    /// Rows in growing key order; one at or before the newest is inserted where it belongs, if it is not there yet.
    [[nodiscard]] base::Result<void> append(const SeriesInfo& info, std::span<const Row> rows);
    /// Rows in growing key order where there is nothing yet, as blocks of their own; Conflict if there is.
    [[nodiscard]] base::Result<void> insertIntoHole(const SeriesInfo& info, std::span<const Row> rows);
    /// False: its key is there already.
    [[nodiscard]] base::Result<bool> insert(const SeriesInfo& info, const Row& row);
    /// The largest key there is.
    [[nodiscard]] base::Result<std::optional<std::int64_t>> newest(const SeriesInfo& info);
    /// Folds the tail of this series into a block; the next call reads anew what there is.
    [[nodiscard]] base::Result<void> foldTail(const SeriesInfo& info);
    /// Folds every tail of every series.
    [[nodiscard]] base::Result<void> seal();
    void forget() { tails_.clear(); }

private:
    struct Piece {
        std::int64_t firstKey = 0;
        std::size_t begin = 0; // its first row in Tail::rows
    };
    /// What tells whether somebody else has written, or a transaction was rolled back.
    struct Signature {
        std::int64_t pieces = 0;
        std::int64_t rows = 0;
        std::int64_t bytes = 0;
        std::int64_t blocks = 0;
        std::int64_t lastKey = 0;
        friend bool operator==(const Signature&, const Signature&) = default;
    };
    struct Tail {
        Scales scales;
        std::vector<Row> rows;
        std::vector<Piece> pieces;
        std::optional<std::int64_t> lastBlockKey;
        Signature signature;
        [[nodiscard]] std::optional<std::int64_t> newest() const
        {
            const auto last = rows.empty() ? lastBlockKey : std::optional(Rows::key(rows.back()));
            return lastBlockKey && last ? std::max(*last, *lastBlockKey) : last;
        }
    };

    [[nodiscard]] base::Result<Signature> signatureOf(std::int64_t series);
    [[nodiscard]] base::Result<Tail*> tailOf(const SeriesInfo& info);
    [[nodiscard]] base::Result<void> load(const SeriesInfo& info, Tail& tail);
    [[nodiscard]] base::Result<void> sign(std::int64_t series, Tail& tail);
    [[nodiscard]] base::Result<void> appendRun(const SeriesInfo& info, Tail& tail, std::span<const Row> rows);
    [[nodiscard]] base::Result<void> fold(std::int64_t series, Tail& tail);
    [[nodiscard]] base::Result<void> addPiece(std::int64_t series, Tail& tail, std::size_t begin);
    [[nodiscard]] base::Result<void> mergePieces(std::int64_t series, Tail& tail);
    [[nodiscard]] base::Result<bool> insertIntoTail(std::int64_t series, Tail& tail, const Row& row);
    [[nodiscard]] base::Result<bool> insertIntoBlock(const SeriesInfo& info, const Row& row);
    [[nodiscard]] base::Result<bool> insertBesideDamaged(const SeriesInfo& info, const Row& row,
                                                         const BlockHead& damaged, const std::string& why);
    [[nodiscard]] base::Result<std::optional<BlockHead>> blockFor(std::int64_t series, std::int64_t key);

    Database& database_;
    BlockTable<Rows> table_;
    std::optional<Statement> signature_;
    std::map<std::int64_t, Tail> tails_;
};

extern template class SeriesWriter<TickRows>;
extern template class SeriesWriter<QuoteRows>;
extern template class SeriesWriter<CandleRows>;

} // namespace qd::storage
