// What says that a database holds a simulated market: of what its history is made, and whether all of it is there. One
// row at most. put() within the writer's transaction.
#pragma once

#include "base/utc_time.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

/// Names exactly one history: the same values give the same ticks and the same ledger.
struct SimulatedHistory {
    std::uint64_t seed = 1;
    std::vector<std::string> instruments; // names, in the order of the simulation
    base::UtcMs candlesFrom;              // from here to ticksFrom there are candles only
    base::UtcMs ticksFrom;
    base::UtcMs until;
    std::uint64_t ticks = 0;  // wished, about
    std::uint64_t trades = 0; // wished, about; 0: as many as come
    bool isComplete = false;
    friend bool operator==(const SimulatedHistory&, const SimulatedHistory&) = default;
};

class SimulatedStore {
public:
    explicit SimulatedStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<std::optional<SimulatedHistory>> get();
    /// Takes the place of what is there.
    [[nodiscard]] base::Result<void> put(const SimulatedHistory& history);

private:
    Database& database_;
};

/// One line for an operator: "simulated market, seed 1: candles from …, ticks from … to …".
[[nodiscard]] std::string sentence(const SimulatedHistory& history);

} // namespace qd::storage
