// What the operator may ask of the engines. Plain values; each travels to its owner's thread with an id, and an event
// with that id comes back when it is done: committed by the store, or refused with an error.
#pragma once

#include "market/candle.h"

#include <cstdint>
#include <string>
#include <variant>

namespace qd::console {

using CommandId = std::uint64_t;

/// The switch of a strategy; off is shadow. Journalled.
struct SetStrategyEnabled {
    std::string strategy;
    bool enabled = true;
    std::string reason;
};

/// Which candles ChartSnapshot shows from now on.
struct WatchChart {
    base::InstrumentId instrument;
    market::Timeframe timeframe = market::Timeframe::M5;
};

/// Retry the connection now instead of at the end of the back-off.
struct ReconnectNow {};

using Command = std::variant<SetStrategyEnabled, WatchChart, ReconnectNow>;

} // namespace qd::console
