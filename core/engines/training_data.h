// The rows of a model from what is archived: one feature source for all its instruments, chosen by what there is, gaps
// of the ledger marked, at most so many rows (the others are thinned out evenly by time and counted), read block by
// block. And the same rows again, of a lineage, or one by one without what came later. One thread with a connection of
// its own; blocks for seconds to minutes. Errors are told in words with counts. Source: PRODUCT.md, The models.
#pragma once

#include "engines/archive_feed.h"
#include "engines/regime_history.h"
#include "learning/audit.h"
#include "learning/model_version.h"
#include "market/instrument.h"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

/// Share of what is to be read, and of what; false cancels, between two blocks.
using OnRows = std::function<bool(double fraction, const std::string& instrument)>;

struct DataOrder {
    /// Neighbouring rows ask about the same hours, so more of them cost time and memory (about 300 bytes each, a few
    /// times over while it trains) and tell little.
    static constexpr std::size_t standardRows = 48'000;
    /// Two folds' worth: under it nothing can be trained and judged.
    static constexpr std::size_t fewestRows = 500;
    /// 5m candles, under which nobody begins by himself: three days and the longest look-back.
    static constexpr std::size_t fewestBars = 1'000;
    /// A source that reaches so far back is enough; else the one that reaches furthest is taken.
    static constexpr int enoughDays = 30;

    learning::LabelRule rule;                    // its stride is chosen, unless `source` is given
    std::vector<market::Instrument> instruments; // in the order of the rows' series
    std::size_t mostRows = standardRows;
    base::UtcMs until{INT64_MAX}; // data from here on is not looked at
    std::optional<learning::FeatureSource> source{};
    base::UtcMs from{INT64_MIN}; // no rows before it; features look at what was before
};

/// Where the rows' volatility lay in each row's own instrument's reference (STATISTICS.md §14).
struct RowRegimes {
    std::vector<double> fifths; // shares of the rows; empty where no instrument has a reference
    bool spans = false;
};

struct TrainingData {
    learning::TrainingRows rows;
    learning::LabelRule rule; // with the stride that was taken
    learning::FeatureSource source{};
    std::string sourceWhy; // "5m candles: 249 days"
    std::vector<market::Instrument> instruments;
    base::UtcMs until; // nothing from here on was looked at: the end of the newest candle, or what was ordered
    RowRegimes regimes;
};

/// OutOfRange where too little is archived or too few rows are left, with counts; Unsupported for a rule that the
/// source cannot resolve; Cancelled.
[[nodiscard]] base::Result<TrainingData> readTrainingData(storage::Database& database, const DataOrder& order,
                                                          const RegimeRule& regime, double leastShare,
                                                          const OnRows& progress);

/// The order that makes the rows of a lineage again. NotFound where one of its instruments is not there.
[[nodiscard]] base::Result<DataOrder> orderOf(const learning::Lineage& lineage,
                                              const std::vector<market::Instrument>& instruments);

/// For the audit: each row made again from the archive's candles or ticks that had closed by then, nothing later. The
/// database and the data must outlive it.
[[nodiscard]] learning::Remake remakeFromArchive(storage::Database& database, const TrainingData& data,
                                                 UntoldGaps gaps);

/// What a source holds, in 5m candles of all these instruments, and the source that is taken.
struct SourceChoice {
    learning::FeatureSource source{};
    std::uint64_t bars = 0;
    std::uint64_t longest = 0; // of one instrument
    std::string why;
};
/// OutOfRange where nothing is archived that the family could learn from.
[[nodiscard]] base::Result<SourceChoice> chooseSource(storage::Database& database, const DataOrder& order);

} // namespace qd::engines
