#include "engines/todays_inputs.h"

#include "engines/in_force.h"

#include <algorithm>

namespace qd::engines {

base::Result<TodaysInputs> todaysInputs(storage::Database& database, base::InstrumentId instrument)
{
    storage::LedgerStore ledger(database);
    auto saved = storage::RosterStore(database).rows();
    auto inputs = ledger.switchInputs(instrument);
    const auto inForce = readInForce(database);
    const auto all = storage::InstrumentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    if (!saved || !inputs || !inForce) {
        return std::unexpected(!saved ? saved.error() : !inputs ? inputs.error() : inForce.error());
    }
    TodaysInputs today;
    today.policy = base::paperPolicyText(inForce->policy.numbers);
    if (const auto own = std::ranges::find(*all, instrument, &market::Instrument::id); own != all->end()) {
        today.models = heldBy(*inForce, *own).models;
    }
    for (const auto& [row, parameters] : *saved) {
        const auto own = row.instruments.find(instrument);
        today.switches[row.strategy] = row.whole.isOn && (own == row.instruments.end() || own->second.isOn);
        today.runs[row.strategy] = governance::runs(row);
    }
    for (auto& input : *inputs) { // by number: the last one holds
        if (input.kind == trading::InputKind::Parameters) {
            today.parameters[input.strategy] = std::move(input.parameters);
        } else if (input.kind == trading::InputKind::Calibration) {
            const auto charge = trading::executionCharge(input.parameters);
            if (!charge) {
                return std::unexpected(charge.error());
            }
            today.charge = *charge;
        }
    }
    return today;
}

} // namespace qd::engines
