// What the operator's decisions have put in force (roster, parameters, policy, models), what a decision makes of it,
// and which recorded inputs put that in force on an instrument. Owned by paper's thread while engines run, by the
// command line else. Plain values and pure functions, but for readInForce(). Any thread.
#pragma once

#include "console/snapshots.h"
#include "engines/engine_messages.h"
#include "governance/decision.h"
#include "governance/model_registry.h"
#include "storage/decision_writer.h"
#include "trading/trading_pipeline.h"

#include <map>
#include <string>
#include <vector>

namespace qd::engines {

struct InForce {
    governance::Roster roster;                               // of the catalogue, in its order
    std::map<std::string, trading::ParameterSet> parameters; // of each of its strategies
    std::map<std::string, std::string> texts;                // parameters by hash, as far as they are known
    console::PolicyView policy;                              // every entry
    std::vector<storage::StoredExperiment> experiments;      // that run
    std::int64_t newestExperiment = 0;                       // its number; 0 before the first
    governance::ModelRegistry models;                        // every version; champions serve
};

/// Before any decision: all at their defaults.
[[nodiscard]] InForce inForceByDefault();
/// What the database says; what this version does not know or no longer allows is left out.
[[nodiscard]] base::Result<InForce> readInForce(storage::Database& database);

/// What paper trading goes by now: `standard` with what was decided.
[[nodiscard]] base::Result<base::PaperPolicy> policyInForce(storage::Database& database,
                                                            const base::PaperPolicy& standard);
/// The same of a picture of the policy, all of whose values are legal.
[[nodiscard]] base::PaperPolicy paperPolicyOf(const console::PolicyView& policy, const base::PaperPolicy& standard);

/// A decision that can be carried out: what is in force then, and what is written. The inputs are still to be added.
struct Carried {
    InForce after;
    storage::DecisionRows rows;
};
/// All of it or nothing. Conflict where a change does not find its `before` in force, NotFound for parameters that
/// nobody knows the text of, OutOfRange for a value of the policy, Unsupported for what paper does not own.
[[nodiscard]] base::Result<Carried> carriedOut(const InForce& now, const CarryOut& wish);

/// The changes that set these values of the policy, as typed; none for those that are in force already.
[[nodiscard]] base::Result<std::vector<governance::Change>> policyChanges(const console::PolicyView& policy,
                                                                          const std::map<std::string, std::string>& to);
/// The value of the policy in force as the text of a change; empty for an unknown name.
[[nodiscard]] std::optional<std::string> policyInForce(const console::PolicyView& policy, const std::string& name);

/// What holds on one instrument.
struct Held {
    struct OfStrategy {
        bool isOn = true; // the strategy and this instrument of it
        bool runs = true;
        std::string parameters;
        friend bool operator==(const OfStrategy&, const OfStrategy&) = default;
    };
    std::map<std::string, OfStrategy> strategies; // that run on it by the catalogue
    std::string policy;                           // base::paperPolicyText()
    std::map<std::string, std::string> arms;      // of experiments: TradingPipeline::arms()
    std::map<std::string, std::string> models;    // that serve: TradingPipeline::models()
    friend bool operator==(const Held&, const Held&) = default;
};
[[nodiscard]] Held heldBy(const InForce& inForce, const market::Instrument& instrument);
[[nodiscard]] Held heldBy(const trading::TradingPipeline& pipeline, base::InstrumentId instrument);
/// What leads from one to the other behind `number`; what is archived ends at the next quote.
[[nodiscard]] std::vector<storage::SwitchInput> inputsBetween(const Held& from, const Held& to,
                                                              base::InstrumentId instrument, base::StreamNumber number);

} // namespace qd::engines
