// One instrument's archive as the maker of rows wants it: closed candles of a feature source in order, the ticks where
// that is the source, and where something may be missing. Block by block: memory does not grow with the archive. One
// thread with a connection of its own. Prices in ticks, times in exchange time.
#pragma once

#include "learning/features.h"
#include "market/candle.h"
#include "market/tick.h"
#include "storage/database.h"
#include "storage/tick_archive.h"

#include <functional>
#include <map>
#include <utility>
#include <vector>

namespace qd::engines {

/// Times between which trades may be missing and no stored candle says so, by instrument, ascending: those that were
/// found after their candles had closed, and both ends of those that were seen as they came (what lies between has no
/// candle, or one that the exchange gave later, which is whole).
using UntoldGaps = std::map<base::InstrumentId, std::vector<std::pair<base::UtcMs, base::UtcMs>>>;
[[nodiscard]] base::Result<UntoldGaps> untoldGaps(storage::Database& database);

struct FeedTaker {
    std::function<void(const market::Candle&)> candle; // closed; marked where something may be missing
    std::function<void(const market::Tick&)> tick{};   // after the candles that it closed; source ticks only
    std::function<void()> gap{};                       // trades may be missing from here on
    std::function<bool(base::UtcMs reached)> goesOn{}; // after each block; false stops
};

/// What closed until `range.to` and began at `range.from` or later. Candles of the first bucket of ticks are marked, as
/// their beginning is not known.
[[nodiscard]] base::Result<void> feedArchive(storage::Database& database, const UntoldGaps& gaps,
                                             base::InstrumentId instrument, learning::FeatureSource source,
                                             storage::TimeRange range, const FeedTaker& taker);

/// The number before the first tick at `from` or later; INT64_MAX where there is none.
[[nodiscard]] base::Result<base::StreamNumber> numberBefore(storage::TickArchive& archive, base::InstrumentId id,
                                                            base::UtcMs from);

} // namespace qd::engines
