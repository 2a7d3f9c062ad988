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
    /// Everything, by row and hash.
    [[nodiscard]] const std::map<std::pair<std::uint32_t, std::uint32_t>, Evidence>& all() const { return evidence_; }

private:
    void addTrades();
    void addPositions();
    void addDaysOf(const BookTrade& trade, Evidence& evidence) const;

    const EvaluationInputs& in_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Evidence> evidence_;
    std::vector<std::optional<std::uint32_t>> newest_; // hash of the newest trade of each row
};

} // namespace qd::trading
