// Which rows of the ledger a table asks for, and a page of them. Plain values; any thread.
#pragma once

#include "trading/closed_trade.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::trading {

enum class TradeResult : std::uint8_t { Any, Won, Lost }; // won: net over zero

/// Empty means all.
struct TradeFilter {
    std::string strategy;
    std::optional<InstrumentId> instrument;
    std::optional<ExitReason> reason;
    TradeResult result = TradeResult::Any;
    bool withShadow = false;
    std::string parameterHash;
    std::optional<UtcMs> from; // of the exit
    std::optional<UtcMs> to;
    friend bool operator==(const TradeFilter&, const TradeFilter&) = default;
};

enum class TradeOrder : std::uint8_t { Exit, Strategy, Instrument, Side, Net, Return, Held, Reason };

struct AskTrades {
    TradeFilter filter;
    TradeOrder order = TradeOrder::Exit;
    bool isDescending = true;
    std::uint64_t offset = 0;
    std::uint32_t limit = 200; // ≤ 1,000
};
struct TradesPage {
    std::uint64_t total = 0; // that pass the filter
    std::uint64_t offset = 0;
    std::vector<ClosedTrade> rows;
};

/// Signals that did not trade, newest first.
struct AskSignals {
    std::string strategy;
    std::optional<InstrumentId> instrument;
    std::uint64_t offset = 0;
    std::uint32_t limit = 200;
};
struct SignalsPage {
    std::uint64_t total = 0;
    std::map<NotTraded, std::uint64_t> byReason; // of all that pass
    std::vector<UntradedSignal> rows;
};

/// A parameter set that could have been chosen (PRODUCT.md, Tries are counted).
struct TrialRow {
    UtcMs time;
    std::string strategy;
    std::string parameterHash;
    std::string parameters; // ParameterSet::text()
    std::string origin;     // "default", "edit", "search", "arm", "stop-lab"
    std::uint32_t tries = 1;
    std::optional<UtcMs> from; // the range it was evaluated on; empty: it has run only forwards
    std::optional<UtcMs> to;
};
} // namespace qd::trading
