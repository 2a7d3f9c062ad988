// Rows of the roster as decisions leave them, and a view that is told of one.
#pragma once

#include "engines/in_force.h"
#include "engines/ledger_view.h"

#include <string>

namespace qd::testkit {

/// The switch of a strategy, thrown by the operator, in a view of default parameters.
inline void throwSwitch(engines::LedgerView& view, const std::string& strategy, bool isOn, base::UtcMs since)
{
    const auto byDefault = engines::inForceByDefault();
    auto row = *governance::findRow(byDefault.roster, strategy);
    row.whole = {isOn, governance::Actor::Operator, since};
    view.setRow(row, byDefault.parameters.at(strategy));
}

} // namespace qd::testkit
