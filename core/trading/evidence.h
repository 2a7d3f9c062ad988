// The evidence of a book: the trades of each (strategy, instrument, parameter hash), what they gained each day, and
// which hash of a row is the newest. Pure. One thread at a time; holds pointers into the inputs' book. Internal to
// trading.
#pragma once

#include "trading/evaluate.h"

#include <optional>

namespace qd::trading {

/// A parameter hash on a row: its trades of all times, and what they gained each day.
struct Evidence {
    std::vector<const BookTrade*> byExit; // not in shadow
    std::vector<const BookTrade*> byEntry;
    std::uint32_t inShadow = 0; // of the window
    DailyPnl daily;
    std::optional<UtcMs> since; // the first entry
};

class EvidenceTable {
public:
    explicit EvidenceTable(const EvaluationInputs& inputs);

    /// Rows with a trade or a position, in shadow or not, by their numbers in the book.
    [[nodiscard]] std::vector<std::uint32_t> rows() const;
    /// What is in force now, though it may have no trade yet.
    [[nodiscard]] const Evidence& newestOf(std::uint32_t row) const;
    [[nodiscard]] const std::string& hashOf(std::uint32_t row) const;
    /// The trades of these that left at `from` or later, by exit or by entry.
    [[nodiscard]] std::vector<const BookTrade*> windowOf(std::span<const Evidence* const> parts, UtcMs from,
                                                         bool isByEntry) const;
    /// Everything, by row and hash.
    [[nodiscard]] const std::map<std::pair<std::uint32_t, std::uint32_t>, Evidence>& all() const { return evidence_; }

private:
    void addTrades();
    void addPositions();
    void addDaysOf(const BookTrade& trade, Evidence& evidence) const;
    [[nodiscard]] Evidence& evidenceOf(const BookTrade& trade);
    [[nodiscard]] std::size_t numberOf(const BookTrade* trade) const
    {
        return static_cast<std::size_t>(trade - in_.book.trades().data());
    }

    const EvaluationInputs& in_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Evidence> evidence_;
    std::vector<Evidence*> known_;                     // the same, by row × hashes + hash
    std::vector<std::uint32_t> exitRank_;              // of each trade of the book
    std::vector<std::uint32_t> entryRank_;             // likewise
    std::vector<std::optional<std::uint32_t>> newest_; // hash of the newest trade of each row
};

} // namespace qd::trading
