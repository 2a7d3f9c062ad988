// The switches, parameters and learned costs that hold now on one instrument, for a run over the past that takes them
// from its first item on. Any thread with its own connection.
#pragma once

#include "storage/database.h"
#include "storage/ledger_store.h"
#include "trading/execution_charge.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

struct TodaysInputs {
    std::vector<storage::SwitchState> switches;
    std::map<std::string, std::string> parameters;  // by strategy, as ParameterSet::text()
    std::optional<trading::ExecutionCharge> charge; // empty: nothing was learned yet

    template <typename Pipeline>
    [[nodiscard]] base::Result<void> applyTo(Pipeline& pipeline) const
    {
        for (const auto& state : switches) {
            pipeline.setEnabled(state.strategy, state.enabled);
        }
        for (const auto& [strategy, text] : parameters) {
            if (auto set = pipeline.setParameters(strategy, text); !set) {
                return set;
            }
        }
        if (charge) {
            pipeline.setCharge(*charge);
        }
        return {};
    }
};

[[nodiscard]] base::Result<TodaysInputs> todaysInputs(storage::Database& database, base::InstrumentId instrument);

} // namespace qd::engines
