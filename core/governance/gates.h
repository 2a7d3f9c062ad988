// The gates to `ready`: a checklist of one strategy, each gate passed, failed or waiting, with its figure, its limit
// and about when it would pass at the present rate. Pure. Any thread. Source: PRODUCT.md, Gates to `ready`;
// STATISTICS.md §5.
#pragma once

#include "governance/convergence.h"
#include "governance/evaluation.h"
#include "governance/figure.h"
#include "governance/roster.h"
#include "governance/sensitivity.h"
#include "governance/too_good.h"
#include "trading/deflation.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class Gate : std::uint8_t {
    Trades,
    WinRate,
    Sharpe,
    Expectancy,
    Psr,
    Dsr,
    Drawdown,
    Days,
    NotTooGood,
    Convergence,
    Sensitivity,
    Incumbent,
};
[[nodiscard]] std::string_view name(Gate gate); // "trades", "win rate" …

enum class GateState : std::uint8_t { Waiting, Failed, Passed };
[[nodiscard]] std::string_view name(GateState state);

struct GateResult {
    Gate gate = Gate::Trades;
    GateState state = GateState::Waiting;
    Figure figure;
    std::vector<Figure> beside;
    std::optional<double> daysLeft; // about, at the present rate; empty: not known, or not at the present figures
    bool isDeadlock = false;        // cannot be reached at the present rate before something else ends it
    std::string note;               // what it waits for, in words; may be empty
};

/// What was tried in the strategy's family.
struct Trials {
    double tries = 1;             // all of them, deleted ones too; the one that runs is one
    trading::Deflation deflation; // trading::deflationOf() them, on daily returns
};

/// The comparison with the incumbent of an experiment (experiment.h makes it); without one the strategy's own blocks
/// are held against zero.
struct IncumbentResult {
    GateState state = GateState::Waiting;
    Figure figure;
    std::optional<double> daysLeft;
    std::string note;
};

struct ReadyInput {
    UtcMs now;
    RosterRow row;
    Evidence evidence; // of the strategy over all its instruments
    /// Daily, of archive days that no try of the family covered; empty: not replayed yet.
    std::optional<std::vector<double>> unseenReturns;
    Trials trials;
    std::optional<double> nullExpectancy; // 95th percentile of the noise null, USDT a trade; empty: not run yet
    std::vector<SensitivityNight> sensitivity;
    SignOffs signOffs;
    std::optional<IncumbentResult> incumbent;
};

struct Checklist {
    std::vector<GateResult> gates; // all twelve, in the order of Gate

    [[nodiscard]] bool isPassed() const;
    /// The gates that are not passed, by name: "win rate, sensitivity"; empty if all are.
    [[nodiscard]] std::string red() const;
};
[[nodiscard]] Checklist checklistOf(const ReadyInput& input, const Policies& policies);

/// A gate or rule that cannot be reached at this rate: it wants more days than something else leaves.
struct Deadlock {
    Gate gate = Gate::Trades;
    double needsDays = 0; // infinite without any trade
    double hasDays = 0;
    std::string_view because; // what ends it
};
/// To be told on the first day.
[[nodiscard]] std::vector<Deadlock> deadlocksAt(double tradesPerDay, const Policies& policies);

/// The promotion from candidate to ready: Conflict where the row is no candidate, or where a gate is red and no reason
/// is given; with a reason it goes through and the row is marked for ever.
[[nodiscard]] base::Result<RosterRow> promoted(const RosterRow& row, const Checklist& checklist,
                                               std::string_view reason, UtcMs now);

} // namespace qd::governance
