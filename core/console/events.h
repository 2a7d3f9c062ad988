// What the engines tell once. Plain values, pulled by the screen at frame rate.
#pragma once

#include "base/error.h"
#include "console/commands.h"
#include "trading/closed_trade.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qd::console {

enum class Severity : std::uint8_t { Info, Warning, Error };

/// A command's end: no error means done and committed. With an error and decisions it was done in part; the error says
/// of what is left why it was not.
struct CommandDone {
    CommandId id = 0;
    std::optional<base::Error> error;
    std::vector<std::int64_t> decisions{}; // the journal's rows of it; none: it changed nothing
};

/// One line of what happened, for the status strip and the log: plain English, no time in it.
struct Notice {
    base::UtcMs time;
    Severity severity = Severity::Info;
    std::string text;
};

/// Committed by the store.
struct TradeClosed {
    trading::ClosedTrade trade;
};

struct EngineFailed {
    std::string engine;
    std::string what;
    bool restarts = true; // the host starts it again by itself
};

using Event = std::variant<CommandDone, Notice, TradeClosed, EngineFailed>;

} // namespace qd::console
