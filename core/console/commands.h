// What the operator may ask of the engines. Plain values; each travels to its owner's thread with an id, and an event
// with that id comes back when it is done: committed by the store, or refused with an error.
#pragma once

#include "market/candle.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qd::console {

using CommandId = std::uint64_t;

/// The switch of a strategy; off is shadow. Journalled.
struct SetStrategyEnabled {
    std::string strategy;
    bool enabled = true;
    std::string reason;
};

/// The parameters of a strategy from now on, as ParameterSet::text(); names left out keep their values. What is open
/// keeps its exits; evidence starts anew under the new hash. Journalled; one more try.
struct SetParameters {
    std::string strategy;
    std::string parameters;
    std::string reason;
    std::string origin = "edit";       // of the try: "edit", "stop-lab"
    std::uint32_t tries = 1;           // that this one was chosen from
    std::optional<base::UtcMs> from{}; // what the choice was made on; empty: it has only run forwards
    std::optional<base::UtcMs> to{};
};

/// Which candles ChartSnapshot shows from now on.
struct WatchChart {
    base::InstrumentId instrument;
    market::Timeframe timeframe = market::Timeframe::M5;
};

/// Retry the connection now instead of at the end of the back-off.
struct ReconnectNow {};

/// Instruments that the feed shall have from now on, or no more. A removed one takes no new entries; it stays until its
/// positions have ended, and keeps its archive. Journalled.
struct ChangeInstruments {
    std::vector<std::string> add;
    std::vector<std::string> remove;
    std::string reason;
};

/// Ask the exchange what it offers: IngestSnapshot::offer.
struct AskOffer {};

/// Stops the back-fill of candles, or takes it up again; a restart remembers.
struct SetHistoryCancelled {
    bool cancelled = true;
};

using Command = std::variant<SetStrategyEnabled, SetParameters, WatchChart, ReconnectNow, ChangeInstruments, AskOffer,
                             SetHistoryCancelled>;

} // namespace qd::console
