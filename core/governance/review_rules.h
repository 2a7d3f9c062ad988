// The rules of the nightly review, one by one: each takes the evidence of one subject and answers whether it holds,
// with the figures that it went by. Pure. Any thread. Source: PRODUCT.md, The nightly review.
#pragma once

#include "governance/convergence.h"
#include "governance/evaluation.h"
#include "governance/figure.h"
#include "governance/review.h"

#include <vector>

namespace qd::governance {

struct Judgement {
    bool holds = false;
    std::vector<Figure> figures;
};

/// The upper end of the interval of expectancy is under zero, over the newest days, stretched until the trades suffice.
[[nodiscard]] Judgement judgeDisable(const Evidence& evidence, UtcMs now, const ReviewPolicy& policy);
/// The lower end is over zero over the trades since it was switched off, from enough of them on.
[[nodiscard]] Judgement judgeReenable(const Evidence& evidence, UtcMs offSince, UtcMs now, const ReviewPolicy& policy);
/// How often it fell within the days that count, tonight's fall included.
[[nodiscard]] std::size_t fallsWith(const Subject& subject, std::span<const PastDecision> past, UtcMs recordSince,
                                    UtcMs now, const ReviewPolicy& policy);

struct CandidateJudgement : Judgement {
    std::vector<TooGood> flags;
    double rank = 0; // lower end of the Sharpe ratio's interval
};
[[nodiscard]] CandidateJudgement judgeCandidate(const Evidence& evidence, UtcMs now, const Policies& policies);

struct ConvergenceJudgement : Judgement {
    bool lacksRegimes = false; // it would hold, were it not only for regimes that the market has not shown
};
/// The clock has run out without convergence.
[[nodiscard]] ConvergenceJudgement judgeNotConverged(const Evidence& evidence, const Policies& policies);

[[nodiscard]] RuleRecord recordAfter(Rule rule, const ReviewInput& input, const ReviewPolicy& policy);
/// The roster of tonight over its newest days, with the subject counted as tonight and counted as `on`.
[[nodiscard]] LookingBack lookingBack(const ReviewInput& input, const Subject& subject, bool on,
                                      const ReviewPolicy& policy);

/// The evidence of the parameters in force; null if there is none.
[[nodiscard]] const Evidence* evidenceOf(const ReviewInput& input, const Subject& subject);

} // namespace qd::governance
