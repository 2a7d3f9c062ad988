// An arm of an experiment on one instrument: a further row of its pipeline, beside the strategy's own, with parameters
// and a book of its own (order, position, cooldown). Its trades lie in the ledger under a name of their own, which is
// no strategy's of the roster, and are marked inShadow: no figure of the roster counts them. Plain values. Any thread.
// Source: PRODUCT.md, Experiments.
#pragma once

#include "base/error.h"
#include "base/units.h"
#include "trading/closed_trade.h"
#include "trading/predictor.h"
#include "trading/recorded_input.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qd::trading {

struct ArmName {
    std::string strategy;
    std::int64_t experiment = 0;
    char letter = 'b'; // 'a' or 'b'
    friend bool operator==(const ArmName&, const ArmName&) = default;
};
/// "breakout~4b": the arm's name in the ledger.
[[nodiscard]] std::string ledgerName(const ArmName& name);
/// Empty for a name that is no arm's.
[[nodiscard]] std::optional<ArmName> armName(std::string_view ledgerName);
/// Whether the ledger's name is an arm's and no strategy's of the roster.
[[nodiscard]] inline bool isArm(std::string_view ledgerName)
{
    return ledgerName.contains('~');
}

/// Whether it is of an arm and of no strategy of the roster.
[[nodiscard]] bool isOfArm(const LedgerEvent& event);

struct ArmWish {
    ArmName name;
    bool isSplit = false;             // it takes the decision bars that are its own (takesA); else every one
    std::string parameters;           // ParameterSet::text()
    std::optional<ModelName> model{}; // that it asks; empty: the one that serves its strategy
};
/// InputKind::Arm: its start, and its end: no new entries, and what is open runs to its own end.
[[nodiscard]] RecordedInput armStart(const ArmWish& wish, base::StreamNumber number);
[[nodiscard]] RecordedInput armEnd(const ArmName& name, base::StreamNumber number);
/// Of an armStart(); Malformed for what it cannot have made.
[[nodiscard]] base::Result<ArmWish> armWish(const RecordedInput& input);

/// Of a split, who takes the decision of this bar (the end of the newest candle that it is decided on): A, else B. Even
/// odds, the same on every machine and in replay.
[[nodiscard]] bool takesA(std::int64_t experiment, base::InstrumentId instrument, base::UtcMs decisionBar);

} // namespace qd::trading
