// A row of the gap ledger: where trades may be missing, why, what REST gave back and what stayed missing. Plain value.
// Times in exchange time, sizes in the instrument's lots. Source: PRODUCT.md, Data that tells the truth about itself.
#pragma once

#include "market/tick.h"

#include <optional>
#include <string_view>

namespace qd::market {

/// How `Gap::missing` is known.
enum class GapMeasure : std::uint8_t {
    Open,     // not yet: the exchange has not closed the minutes, or does not answer
    Exact,    // the ids run on without a hole across the gap: nothing is missing
    ByVolume, // the contracts of the exchange's closed one-minute candles less ours
    Unknown,  // the exchange has no candles of that time any more, or we came in the middle of that minute
};
[[nodiscard]] constexpr std::string_view name(GapMeasure measure)
{
    constexpr std::string_view names[] = {"open", "exact", "by volume", "unknown"};
    return names[static_cast<std::size_t>(measure)];
}

struct Gap {
    StreamNumber number; // in the instrument's stream, unique
    UtcMs from;
    UtcMs to;
    GapCause cause = GapCause::Socket;
    std::int64_t found = 0; // trades that REST gave back
    std::optional<Quantity> missing;
    GapMeasure measure = GapMeasure::Open;
    bool isMarked = true; // a GapMark in the stream; losses that are found later have none
    friend bool operator==(const Gap&, const Gap&) = default;
};

} // namespace qd::market
