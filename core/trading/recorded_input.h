// What changes paper trading from outside the market, as one instrument's stream saw it: recorded with the stream
// number after which it is in force, so that replay and restart apply it between the same two items. Plain value. Any
// thread.
#pragma once

#include "base/units.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace qd::trading {

enum class InputKind : std::uint8_t {
    Strategy,    // a strategy's switch
    Trading,     // all trading: paused while not enabled; `strategy` is empty
    CloseAll,    // ends what the strategy has under way; `enabled` says nothing
    Entries,     // this instrument: no new entries while not enabled, for it was removed; `strategy` is empty
    Parameters,  // the strategy's, as `parameters`; `enabled` says nothing
    Calibration, // what market orders on this instrument are charged, as `parameters`; `strategy` is empty
    Runs,        // the strategy is archived while not enabled: it hears the market, and says nothing
    Policy,      // fees, latency and the like on this instrument, as `parameters`; `strategy` is empty
    Arm,         // an arm of an experiment begins, or ends while not enabled: trading/arm.h
    Model,       // which version of a model serves, or none while not enabled: `strategy` is the model's key
};
inline constexpr auto lastInputKind = InputKind::Model;

[[nodiscard]] std::string_view name(InputKind kind); // "strategy", "trading" …: the store's words

struct RecordedInput {
    base::StreamNumber number; // of the item before it
    InputKind kind = InputKind::Strategy;
    std::string strategy;
    bool enabled = true;
    std::string parameters{}; // ParameterSet::text(), textOf(ExecutionCharge), base::paperPolicyText(), text(ModelName)
    friend bool operator==(const RecordedInput&, const RecordedInput&) = default;
};

} // namespace qd::trading
