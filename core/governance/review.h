// The nightly review: what the policy would change in the roster, with the figures that say so. A pure function of
// evidence, roster, policy, past decisions, the share of gap and the time; the dry run at any hour is the same call.
// Any thread; ms for a strategy with the bootstrap: not the GUI's. Source: PRODUCT.md, The nightly review.
#pragma once

#include "governance/decision.h"
#include "governance/evidence.h"
#include "governance/figure.h"
#include "governance/roster.h"
#include "governance/too_good.h"

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace qd::governance {

enum class Rule : std::uint8_t { Disable, Reenable, ThirdFall, NotConverged, Candidate };
[[nodiscard]] std::string_view name(Rule rule);     // "disable", "re-enable": the journal's words
[[nodiscard]] std::string_view sentence(Rule rule); // what it wants, for the operator

/// A decision that came of a rule, and was carried out.
struct PastDecision {
    std::int64_t id = 0;
    UtcMs at;
    Rule rule = Rule::Disable;
    Subject subject;
    bool isUndone = false;
};

/// What happened after a rule's past decisions, so long after each.
struct RecordAfter {
    std::size_t days = 0;
    std::size_t decisions = 0;     // old enough, and with trades since
    std::size_t withoutTrades = 0; // old enough, but nothing traded: an archived one does not run
    std::size_t right = 0;         // it lost after it was disabled, earned after it was enabled
    statistics::Measure meanNet = std::unexpected(statistics::Undefined::NoTrades); // USDT, of the subject
};
struct RuleRecord {
    RecordAfter soon;
    RecordAfter later;
};

/// The roster's newest days as if the change had been in force all along: looking back, always flattering.
struct RosterResult {
    double net = 0;                                                              // USDT
    statistics::Measure sharpe = std::unexpected(statistics::Undefined::TooFew); // a year
    statistics::Measure drawdown = std::unexpected(statistics::Undefined::TooFew);
};
struct LookingBack {
    std::size_t days = 0;
    RosterResult with;
    RosterResult without;
};

/// Why a proposal is never applied without asking. Stored as one byte: the numbers stay.
enum class OnlyByHand : std::uint8_t {
    No = 0,
    ReversesOperator = 1, // it changes back what the operator set by hand not long ago
    TakenBackAlready = 2, // re-enabled before within reenable.apart_days: noise must not flap on and off
};

struct Proposal {
    Rule rule = Rule::Disable;
    Subject subject;
    std::string parameterHash;
    std::vector<Change> changes;
    std::vector<Figure> figures;
    std::optional<LookingBack> lookingBack; // of those that change who counts
    RuleRecord record;
    OnlyByHand onlyByHand = OnlyByHand::No;
};
/// Rule, figures and what follows, as the journal keeps them.
[[nodiscard]] std::string reasonText(const Proposal& proposal);

enum class Hold : std::uint8_t {
    Experiment,   // one runs: reported, not changed, but for harm
    TooSoon,      // off for less than reenable.min_days
    TooManyFalls, // an instrument's third fall: off until the first is forgotten
    TooGood,      // flags that are not signed off
    NoPlace,      // as many candidates as there may be
    Regimes,      // earns, but calm or wild markets are missing yet: the clock of archiving stands
};
[[nodiscard]] std::string_view sentence(Hold hold);

/// What a rule would want if nothing held it.
struct Held {
    Rule rule = Rule::Disable;
    Subject subject;
    Hold why = Hold::Experiment;
    std::vector<Figure> figures;
};

struct Review {
    UtcMs at;
    bool abstains = false; // more gap in its window than review.max_gap
    double gapShare = 0;
    std::vector<Proposal> proposals; // disable and archive first, then re-enable, then candidates by rank
    std::vector<Held> held;
};

struct ReviewInput {
    UtcMs now;
    Roster roster;
    std::vector<Evidence> evidence; // of strategies and of their instruments; also of hashes that were
    std::vector<PastDecision> past;
    double gapShare = 0;                      // of the window's time
    std::set<std::string> inExperiment;       // strategies
    std::map<std::string, SignOffs> signOffs; // by parameter hash
};

[[nodiscard]] Review reviewOf(const ReviewInput& input, const Policies& policies);

/// The same proposal, computed anew from what is known now; Conflict if its verdict changed.
[[nodiscard]] base::Result<Proposal> recomputed(const Proposal& proposal, const ReviewInput& input,
                                                const Policies& policies);
/// What is carried out without asking after a review: at most review.max_changes strategies, harm first. Empty without
/// review.auto_apply. What never converged does no harm: it waits for the week's archiving.
[[nodiscard]] std::vector<Proposal> automatic(const Review& review, const ReviewPolicy& policy);
/// Of the same review what the week's archiving carries out without asking: what never converged. Both are of one
/// night: together at most review.max_changes strategies.
[[nodiscard]] std::vector<Proposal> automaticArchive(const Review& review, const ReviewPolicy& policy);
/// The journal row of a proposal that is carried out.
[[nodiscard]] Decision decisionOf(const Proposal& proposal, Actor by, std::string why, UtcMs now);

} // namespace qd::governance
