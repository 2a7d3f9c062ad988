#include "governance/review.h"

#include "governance/review_rules.h"

#include <algorithm>

namespace qd::governance {

using base::ErrorCode;
using base::Result;

std::string_view name(Rule rule)
{
    switch (rule) {
    case Rule::Disable:
        return "disable";
    case Rule::Reenable:
        return "re-enable";
    case Rule::ThirdFall:
        return "third-fall";
    case Rule::NotConverged:
        return "not-converged";
    case Rule::Candidate:
        return "candidate";
    }
    return "";
}

std::string_view sentence(Rule rule)
{
    switch (rule) {
    case Rule::Disable:
        return "Disable: the whole interval of expectancy lies under zero.";
    case Rule::Reenable:
        return "Re-enable: since it was switched off the whole interval of expectancy lies over zero.";
    case Rule::ThirdFall:
        return "Archive: it would be disabled once more than may be.";
    case Rule::NotConverged:
        return "Archive: it never converged in the time it had.";
    case Rule::Candidate:
        return "Candidate: win rate, daily Sharpe ratio and trades reach the limits.";
    }
    return "";
}

std::string_view sentence(Hold hold)
{
    switch (hold) {
    case Hold::Experiment:
        return "An experiment runs: reported, not changed.";
    case Hold::TooSoon:
        return "It has not been off for long enough.";
    case Hold::TooManyFalls:
        return "It fell too often: off until the first fall is forgotten.";
    case Hold::TooGood:
        return "Too good to be true: look-ahead test, noise null and replay are to be opened and signed off.";
    case Hold::NoPlace:
        return "There are as many candidates as there may be.";
    case Hold::Regimes:
        return "It earns, but calm or wild markets are missing yet.";
    }
    return "";
}

namespace {

int urgency(Rule rule)
{
    return rule == Rule::Candidate ? 2 : rule == Rule::Reenable ? 1 : 0;
}

std::vector<Change> changesOf(Rule rule, const RosterRow& row, std::optional<InstrumentId> instrument)
{
    switch (rule) {
    case Rule::Disable: {
        std::vector<Change> changes{switchChange(row, instrument, false)};
        if (!instrument && row.stage != Stage::Paper) {
            changes.push_back(stageChange(row, Stage::Paper));
        }
        return changes;
    }
    case Rule::Reenable:
        return {switchChange(row, instrument, true)};
    case Rule::ThirdFall:
    case Rule::NotConverged:
        return {stageChange(row, Stage::Archived)};
    case Rule::Candidate:
        return {stageChange(row, Stage::Candidate)};
    }
    return {};
}

// By hand, and not longer ago than a policy's own switch would have to wait; a stage is not a switch.
bool reversesOperator(const RosterRow& row, std::optional<InstrumentId> instrument, UtcMs now, std::size_t days)
{
    const auto own = instrument ? row.instruments.find(*instrument) : row.instruments.end();
    const auto& last = own == row.instruments.end() ? row.whole : own->second;
    const bool isYoung = now - last.since < base::oneDay * static_cast<std::int64_t>(days);
    return last.by == Actor::Operator && last.since.value > 0 && (isYoung || !last.isOn);
}

// Whoever applied it: it was this rule's decision, and one more would flap all the same. A record that began since
// starts anew, as it does for falls.
bool wasTakenBack(const RosterRow& row, const Subject& subject, const ReviewInput& input, std::size_t withinDays)
{
    const auto from = std::max(row.recordSince, input.now - base::oneDay * static_cast<std::int64_t>(withinDays));
    return std::ranges::any_of(input.past, [&](const PastDecision& decision) {
        return decision.rule == Rule::Reenable && !decision.isUndone && decision.subject == subject &&
               decision.at > from;
    });
}

// Makes proposals of what the rules find; one object a review.
class Reviewer {
public:
    Reviewer(const ReviewInput& input, const Policies& policies) : input_(input), policies_(policies) {}

    Review make()
    {
        review_.at = input_.now;
        review_.gapShare = input_.gapShare;
        review_.abstains = input_.gapShare > policies_.review.maxGap;
        if (review_.abstains) {
            return std::move(review_);
        }
        for (const auto& row : input_.roster) {
            if (runs(row) && !judgeWhole(row)) {
                judgeInstruments(row);
            }
        }
        chooseCandidates();
        std::ranges::stable_sort(review_.proposals, {}, [](const Proposal& p) { return urgency(p.rule); });
        return std::move(review_);
    }

private:
    struct Choice {
        const RosterRow* row;
        CandidateJudgement judged;
    };

    // Whether the strategy as a whole is off or leaves tonight, so that its instruments need no judgement.
    bool judgeWhole(const RosterRow& row)
    {
        const Subject subject{row.strategy, std::nullopt};
        const auto* evidence = evidenceOf(input_, subject);
        if (evidence == nullptr) {
            return !row.whole.isOn;
        }
        if (row.whole.isOn) {
            if (auto fall = judgeDisable(*evidence, input_.now, policies_.review); fall.holds) {
                const bool isLast = fallsWith(subject, input_.past, row.recordSince, input_.now, policies_.review) >=
                                    policies_.review.falls;
                // Archived, the arms of its experiment would end: until that is over it is switched off, and no more.
                const bool isCompared = input_.inExperiment.contains(row.strategy);
                propose(isLast && !isCompared ? Rule::ThirdFall : Rule::Disable, row, subject, std::move(fall.figures));
                return true;
            }
        }
        auto unsettled = judgeNotConverged(*evidence, policies_);
        if (unsettled.holds) {
            propose(Rule::NotConverged, row, subject, std::move(unsettled.figures));
            return true;
        }
        if (unsettled.lacksRegimes) {
            hold(Rule::NotConverged, subject, Hold::Regimes, std::move(unsettled.figures));
        }
        if (!row.whole.isOn) {
            judgeOff(row, subject, row.whole, *evidence);
        } else if (row.stage == Stage::Paper) {
            if (auto choice = judgeCandidate(*evidence, input_.now, policies_); choice.holds) {
                choices_.push_back({&row, std::move(choice)});
            }
        }
        return !row.whole.isOn;
    }

    void judgeInstruments(const RosterRow& row)
    {
        for (const auto& evidence : input_.evidence) {
            const auto& subject = evidence.subject;
            if (!subject.instrument || subject.strategy != row.strategy ||
                evidence.parameterHash != row.parameterHash) {
                continue;
            }
            const auto own = row.instruments.find(*subject.instrument);
            if (own != row.instruments.end() && !own->second.isOn) {
                judgeOff(row, subject, own->second, evidence);
            } else if (auto fall = judgeDisable(evidence, input_.now, policies_.review); fall.holds) {
                propose(Rule::Disable, row, subject, std::move(fall.figures));
            }
        }
    }

    void judgeOff(const RosterRow& row, const Subject& subject, const Switch& off, const Evidence& evidence)
    {
        auto rise = judgeReenable(evidence, off.since, input_.now, policies_.review);
        if (!rise.holds) {
            return;
        }
        const auto falls = fallsWith(subject, input_.past, row.recordSince, input_.now, policies_.review) - 1;
        if (input_.now - off.since < base::oneDay * static_cast<std::int64_t>(policies_.review.reenableDays)) {
            hold(Rule::Reenable, subject, Hold::TooSoon, std::move(rise.figures));
        } else if (subject.instrument && falls >= policies_.review.falls) {
            hold(Rule::Reenable, subject, Hold::TooManyFalls, std::move(rise.figures));
        } else {
            propose(Rule::Reenable, row, subject, std::move(rise.figures));
        }
    }

    void chooseCandidates()
    {
        auto taken = static_cast<std::size_t>(std::ranges::count(input_.roster, Stage::Candidate, &RosterRow::stage));
        std::ranges::stable_sort(choices_, std::greater{}, [](const Choice& c) { return c.judged.rank; });
        for (auto& [row, judged] : choices_) {
            const Subject subject{row->strategy, std::nullopt};
            const auto signedOff = input_.signOffs.find(row->parameterHash);
            if (!judged.flags.empty() && (signedOff == input_.signOffs.end() || !signedOff->second.areComplete())) {
                hold(Rule::Candidate, subject, Hold::TooGood, std::move(judged.figures));
            } else if (taken >= policies_.review.maxCandidates) {
                hold(Rule::Candidate, subject, Hold::NoPlace, std::move(judged.figures));
            } else if (propose(Rule::Candidate, *row, subject, std::move(judged.figures))) {
                ++taken;
            }
        }
    }

    void hold(Rule rule, const Subject& subject, Hold why, std::vector<Figure> figures)
    {
        review_.held.push_back({rule, subject, why, std::move(figures)});
    }

    bool propose(Rule rule, const RosterRow& row, const Subject& subject, std::vector<Figure> figures)
    {
        // But harm: off, it runs on in shadow, so both arms go on.
        if (rule != Rule::Disable && input_.inExperiment.contains(row.strategy)) {
            hold(rule, subject, Hold::Experiment, std::move(figures));
            return false;
        }
        Proposal proposal{.rule = rule,
                          .subject = subject,
                          .parameterHash = row.parameterHash,
                          .changes = changesOf(rule, row, subject.instrument),
                          .figures = std::move(figures),
                          .lookingBack = {},
                          .record = recordAfter(rule, input_, policies_.review)};
        if (rule != Rule::Candidate) {
            proposal.lookingBack = lookingBack(input_, subject, rule == Rule::Reenable, policies_.review);
        }
        if (rule != Rule::Candidate &&
            reversesOperator(row, subject.instrument, input_.now, policies_.review.reenableDays)) {
            proposal.onlyByHand = OnlyByHand::ReversesOperator;
        } else if (rule == Rule::Reenable && wasTakenBack(row, subject, input_, policies_.review.reenableApartDays)) {
            proposal.onlyByHand = OnlyByHand::TakenBackAlready;
        }
        review_.proposals.push_back(std::move(proposal));
        return true;
    }

    const ReviewInput& input_;
    const Policies& policies_;
    Review review_;
    std::vector<Choice> choices_;
};

std::string text(const RecordAfter& record)
{
    std::string out = std::to_string(record.days) + " days after: ";
    if (record.decisions == 0) {
        return out + "no past decision that is old enough and traded on";
    }
    out += "right " + std::to_string(record.right) + " of " + std::to_string(record.decisions);
    return record.meanNet ? out + ", mean " + text(*record.meanNet, Unit::Usdt) : out;
}

} // namespace

std::string reasonText(const Proposal& proposal)
{
    std::string out(sentence(proposal.rule));
    for (const auto& figure : proposal.figures) {
        out.append(" ").append(text(figure)).append(";");
    }
    if (const auto& back = proposal.lookingBack) {
        out.append(" looking back, always flattering, the roster's net of its newest ");
        out.append(std::to_string(back->days)).append(" days: ");
        out.append(text(back->with.net, Unit::Usdt)).append(" with this change, ");
        out.append(text(back->without.net, Unit::Usdt)).append(" without;");
    }
    out.append(" this rule's past decisions, ").append(text(proposal.record.soon));
    return out.append("; ").append(text(proposal.record.later)).append(".");
}

Review reviewOf(const ReviewInput& input, const Policies& policies)
{
    return Reviewer(input, policies).make();
}

Result<Proposal> recomputed(const Proposal& proposal, const ReviewInput& input, const Policies& policies)
{
    const auto subject = text(proposal.subject);
    auto review = reviewOf(input, policies);
    if (review.abstains) {
        return base::fail(ErrorCode::Conflict, subject, "the review abstains now: too much of its window is gap");
    }
    const auto same = std::ranges::find_if(review.proposals, [&](const Proposal& other) {
        return other.rule == proposal.rule && other.subject == proposal.subject && other.changes == proposal.changes &&
               other.parameterHash == proposal.parameterHash;
    });
    if (same == review.proposals.end()) {
        return base::fail(ErrorCode::Conflict, subject,
                          "the verdict changed since: " + std::string(name(proposal.rule)) + " does not hold now");
    }
    return std::move(*same);
}

namespace {

// `strategies`: those that the same night changes already.
std::vector<Proposal> withoutAsking(const Review& review, const ReviewPolicy& policy, bool ofTheWeek,
                                    std::set<std::string> strategies)
{
    std::vector<Proposal> chosen;
    for (const auto& proposal : review.proposals) {
        const bool hasPlace = strategies.contains(proposal.subject.strategy) || strategies.size() < policy.maxChanges;
        const bool isMeant = (proposal.rule == Rule::NotConverged) == ofTheWeek;
        if (policy.autoApply && isMeant && proposal.onlyByHand == OnlyByHand::No && hasPlace) {
            strategies.insert(proposal.subject.strategy);
            chosen.push_back(proposal);
        }
    }
    return chosen;
}

} // namespace

std::vector<Proposal> automatic(const Review& review, const ReviewPolicy& policy)
{
    return withoutAsking(review, policy, false, {});
}

std::vector<Proposal> automaticArchive(const Review& review, const ReviewPolicy& policy)
{
    std::set<std::string> tonight;
    for (const auto& of : automatic(review, policy)) {
        tonight.insert(of.subject.strategy);
    }
    return withoutAsking(review, policy, true, std::move(tonight));
}

Decision decisionOf(const Proposal& proposal, Actor by, std::string why, UtcMs now)
{
    return {.id = 0,
            .time = now,
            .by = by,
            .changes = proposal.changes,
            .what = std::string(name(proposal.rule)) + " " + text(proposal.subject),
            .why = std::move(why),
            .evidence = reasonText(proposal),
            .undoes = {}};
}

} // namespace qd::governance
