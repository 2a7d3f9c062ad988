#include "engines/todays_inputs.h"

namespace qd::engines {

base::Result<TodaysInputs> todaysInputs(storage::Database& database, base::InstrumentId instrument)
{
    storage::LedgerStore ledger(database);
    auto switches = ledger.switches();
    auto inputs = ledger.switchInputs(instrument);
    if (!switches || !inputs) {
        return std::unexpected(!switches ? switches.error() : inputs.error());
    }
    TodaysInputs today{std::move(*switches), {}, {}};
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
