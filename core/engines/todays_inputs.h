// The switches, stages, parameters, models, policy and learned costs that hold now on one instrument, for a run over
// the past that takes them from its first item on. Any thread with its own connection.
#pragma once

#include "storage/database.h"
#include "storage/ledger_store.h"
#include "trading/execution_charge.h"

#include <map>
#include <optional>
#include <string>

namespace qd::engines {

struct TodaysInputs {
    std::map<std::string, bool> switches;           // of each strategy on this instrument
    std::map<std::string, bool> runs;               // false: archived
    std::map<std::string, std::string> parameters;  // by strategy, as ParameterSet::text()
    std::map<std::string, std::string> models;      // that serve: text(ModelName) by key
    std::string policy;                             // base::paperPolicyText()
    std::optional<trading::ExecutionCharge> charge; // empty: nothing was learned yet

    template <typename Pipeline>
    [[nodiscard]] base::Result<void> applyTo(Pipeline& pipeline) const
    {
        for (const auto& [strategy, isOn] : switches) {
            pipeline.setEnabled(strategy, isOn);
        }
        for (const auto& [strategy, isRunning] : runs) {
            pipeline.setRuns(strategy, isRunning);
        }
        for (const auto& [strategy, text] : parameters) {
            if (auto set = pipeline.setParameters(strategy, text); !set) {
                return set;
            }
        }
        for (const auto& [key, model] : models) {
            if (auto set = pipeline.setModel(key, model); !set) {
                return set;
            }
        }
        if (charge) {
            pipeline.setCharge(*charge);
        }
        return pipeline.setPolicy(policy);
    }
};

[[nodiscard]] base::Result<TodaysInputs> todaysInputs(storage::Database& database, base::InstrumentId instrument);

} // namespace qd::engines
