// Slippage learned from measured market orders, by instrument and side: STATISTICS.md §16 over fill_meter.h's measures.
// Pure. Any thread. Basis points of the decision price; positive is a cost.
#pragma once

#include "base/policy.h"
#include "statistics/execution_statistics.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"

#include <map>
#include <optional>
#include <vector>

namespace qd::trading {

/// One market order, measured.
struct MeasuredFill {
    InstrumentId instrument;
    Side side = Side::Buy;
    UtcMs time; // of its decision
    double decisionPrice = 0;
    std::optional<double> paid; // empty: there was no data behind it
    double quantity = 0;        // coins
};

struct LearnedSlippage {
    std::optional<InstrumentId> instrument; // empty: all instruments, the prior of each
    Side side = Side::Buy;
    std::uint64_t fills = 0;
    std::uint64_t unusable = 0;
    statistics::Calibration status = statistics::Calibration::Uncalibrated;
    statistics::Measure mean = std::unexpected(statistics::Undefined::TooFew); // fading, as the interval is
    statistics::Defined<statistics::Interval> interval = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure median = std::unexpected(statistics::Undefined::TooFew);
    statistics::Measure p95 = std::unexpected(statistics::Undefined::TooFew);
    double prior = 0;
    double applied = 0; // shrunk towards the prior; the prior alone until provisional
    double stress = 0;  // the interval's upper end, the assumed one until provisional; never under `applied`
    friend bool operator==(const LearnedSlippage&, const LearnedSlippage&) = default;
};

/// The policy's; the prior is execution.assumed_slippage.
[[nodiscard]] statistics::SlippageOptions slippageOptions(const base::PolicyValues& policy);

/// Both sides of all instruments together first, then of each in `instruments`, by id, buys first. The prior of all is
/// `options`', that of an instrument what is applied to all.
[[nodiscard]] std::vector<LearnedSlippage> learnSlippage(std::vector<MeasuredFill> fills,
                                                         const std::vector<InstrumentId>& instruments,
                                                         const statistics::SlippageOptions& options, UtcMs now);

/// What each instrument's market orders are charged by these rows.
[[nodiscard]] std::map<InstrumentId, ExecutionCharge> chargesOf(const std::vector<LearnedSlippage>& rows);

} // namespace qd::trading
