// An experiment (A/B): what is fixed before its first observation, how decisions are given to arms, and what its
// observations say at any moment, however often one looks. Plain values and pure functions. Any thread. Money in USDT
// after costs; times UTC. Source: PRODUCT.md, Experiments; STATISTICS.md §8–9.
#pragma once

#include "governance/decision.h"
#include "governance/evidence.h"
#include "governance/figure.h"
#include "governance/gates.h"
#include "statistics/sequential.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::governance {

enum class Design : std::uint8_t {
    Paired, // both arms take every decision, each in its own book: sums over blocks of days
    Split,  // a hash gives each decision to one arm: trades
};
enum class Comparison : std::uint8_t { Models, Parameters, OnOff }; // off earns nothing: on's blocks against zero
[[nodiscard]] std::string_view name(Design design);
[[nodiscard]] std::string_view name(Comparison comparison);

/// All that tunes the inference: stored when it is created and never touched again.
struct ExperimentPlan {
    std::int64_t id = 0;
    std::string subject; // a strategy, or a family of models
    Design design = Design::Paired;
    Comparison comparison = Comparison::Parameters;
    std::string a; // the incumbent's parameter hash or model; "off" is nothing
    std::string b;
    UtcMs begins;              // at 00:00 UTC: blocks are whole days
    std::size_t blockDays = 1; // longer than the time limit of a trade
    ExperimentPolicy policy;   // as it was
};
/// Begins at the first midnight from `now` on. Conflict for two equal arms, for on/off that is split (off trades
/// nothing), for an archived strategy, or where an experiment on the same subject runs.
[[nodiscard]] base::Result<ExperimentPlan> planned(ExperimentPlan wish, base::Millis timeLimit, UtcMs now,
                                                   const RosterRow* row, std::span<const ExperimentPlan> running);

/// Whether its subject is a model that makes no trades ("fill_predictor"): both versions predict the same rows in
/// shadow, and the daily mean difference of their losses is what is compared.
[[nodiscard]] bool isShadow(const ExperimentPlan& plan);

enum class Arm : std::uint8_t { A, B };
/// The arm of one decision of a split: even odds, the same on every machine and in replay.
[[nodiscard]] Arm armOf(std::int64_t experiment, InstrumentId instrument, UtcMs decisionBar);

struct ArmEvidence {
    std::vector<TradeResult> trades;             // of this arm's book since the experiment begins, by closing
    std::map<std::int64_t, std::uint64_t> asked; // decision bars at which its rule was asked, by UTC day; split only
};
/// Both versions on the same rows of one UTC day: mean losses (log loss, or squared error).
struct ShadowLoss {
    std::int64_t day = 0; // days since 1970
    std::uint64_t rows = 0;
    double a = 0;
    double b = 0;
};
struct Observations {
    ArmEvidence a;
    ArmEvidence b;
    std::vector<ShadowLoss> shadow{}; // of such an experiment alone, by day
};

/// Sums of net by complete blocks from `begins` on; a block without a trade is 0.
[[nodiscard]] std::vector<double> blockSums(std::span<const TradeResult> trades, const ExperimentPlan& plan, UtcMs now);

/// Once said, a verdict is not taken back: later data may not revoke it.
struct Latch {
    statistics::Verdict verdict = statistics::Verdict::Collecting;
    UtcMs at;
};

enum class Advice : std::uint8_t { Wait, PromoteB, KeepA, StopForHarm, StopInvalid };
[[nodiscard]] std::string_view sentence(Advice advice);

struct PromotionGate {
    std::string_view name;
    bool isPassed = false;
    Figure figure;
};

struct Assessment {
    UtcMs at;
    statistics::Verdict verdict = statistics::Verdict::Collecting; // the latched one, once there is one
    statistics::Verdict tonight = statistics::Verdict::Collecting; // what the data alone say now
    std::optional<Latch> latch;
    /// A − B a block (paired) or a trade (split); the screen prints B − A. In shadow: by how much A's loss is less.
    statistics::SequenceState difference;
    double margin = 0;      // of equivalence, in the same unit
    std::size_t blocks = 0; // complete ones
    std::vector<PromotionGate> gates;
    statistics::Measure srmP = std::unexpected(statistics::Undefined::TooFew);
    std::optional<double> moreTrades; // an arm, about, until a verdict at the present figures
    std::optional<double> moreDays;
    bool isOver = false; // ab.max_days have passed
    Advice advice = Advice::Wait;

    /// All gates and the interval: what the primary button needs. Without the interval the operator may promote with a
    /// reason.
    [[nodiscard]] bool supportsB() const { return advice == Advice::PromoteB; }
    [[nodiscard]] bool gatesPass() const;
};

/// `past`: the latch of the assessment before, if any; the caller keeps what comes back.
[[nodiscard]] Assessment assess(const ExperimentPlan& plan, const Observations& seen, const std::optional<Latch>& past,
                                UtcMs now);
/// The same between two looks that latch, for the screen and for an ending: figures of now, but the verdict of `past`
/// alone. A verdict that is shown is never taken back, whoever looked and when.
[[nodiscard]] Assessment assessBetweenLooks(const ExperimentPlan& plan, const Observations& seen,
                                            const std::optional<Latch>& past, UtcMs now);

/// What ends an experiment: Conflict for promoting B while its gates are not passed, or, while the interval does not
/// support it, without a reason.
[[nodiscard]] base::Result<void> mayPromoteB(const Assessment& assessment, std::string_view reason);

/// What promoting B changes in the roster. Other parameters bring the trades that they made here: their record begins
/// with the experiment, in the stage paper, and counts as one more try. On is the switch. Of models the roster knows
/// nothing: empty.
[[nodiscard]] std::vector<Change> promotionChanges(const ExperimentPlan& plan, const RosterRow& row);

/// The gate `against the incumbent` of a strategy whose challenger is B.
[[nodiscard]] IncumbentResult incumbentResult(const ExperimentPlan& plan, const Assessment& assessment);

} // namespace qd::governance
