#include "app/commands/decisions.h"

#include "storage/review_store.h"

#include <QJsonArray>

#include <cstdio>

namespace qd::app {

namespace {

std::string percent(double share)
{
    return governance::text(share, governance::Unit::Share);
}

void printText(const governance::Review& review, const base::PolicyValues& policy)
{
    std::printf("review of %s; %s of its window is gap\n", base::isoText(review.at).c_str(),
                percent(review.gapShare).c_str());
    if (review.abstains) {
        std::printf("It abstains: that is more than %s.\n",
                    percent(base::policyValue(policy, "review.max_gap")).c_str());
        return;
    }
    for (const auto& proposal : review.proposals) {
        // Its changes name whom they are of, its reason begins with what the rule does.
        std::printf("\n%s\n  %s\n", governance::text(proposal.changes).c_str(),
                    governance::reasonText(proposal).c_str());
    }
    for (const auto& held : review.held) {
        std::printf("\nheld back: %s %s. %s\n", std::string(governance::name(held.rule)).c_str(),
                    governance::text(held.subject).c_str(), std::string(governance::sentence(held.why)).c_str());
    }
    if (review.proposals.empty() && review.held.empty()) {
        std::printf("Nothing to change.\n");
    }
}

template <typename Of>
QJsonArray figuresOf(const Of& of)
{
    QJsonArray out;
    for (const auto& figure : of.figures) {
        out.append(jsonOf(figure));
    }
    return out;
}

QJsonValue instrumentOf(const governance::Subject& subject)
{
    return subject.instrument ? QJsonValue(static_cast<qint64>(subject.instrument->value)) : QJsonValue();
}

QJsonObject json(const governance::Review& review, const std::string& error)
{
    QJsonArray proposals;
    for (const auto& proposal : review.proposals) {
        proposals.append(QJsonObject{{QStringLiteral("rule"), jsonText(governance::name(proposal.rule))},
                                     {QStringLiteral("strategy"), jsonText(proposal.subject.strategy)},
                                     {QStringLiteral("instrument"), instrumentOf(proposal.subject)},
                                     {QStringLiteral("parameter_hash"), jsonText(proposal.parameterHash)},
                                     {QStringLiteral("changes"), jsonText(governance::text(proposal.changes))},
                                     {QStringLiteral("why"), jsonText(governance::reasonText(proposal))},
                                     {QStringLiteral("figures"), figuresOf(proposal)}});
    }
    QJsonArray held;
    for (const auto& one : review.held) {
        held.append(QJsonObject{{QStringLiteral("rule"), jsonText(governance::name(one.rule))},
                                {QStringLiteral("strategy"), jsonText(one.subject.strategy)},
                                {QStringLiteral("instrument"), instrumentOf(one.subject)},
                                {QStringLiteral("why"), jsonText(governance::sentence(one.why))},
                                {QStringLiteral("figures"), figuresOf(one)}});
    }
    return {{QStringLiteral("at"), jsonText(base::isoText(review.at))},
            {QStringLiteral("abstains"), review.abstains},
            {QStringLiteral("gap_share"), review.gapShare},
            {QStringLiteral("proposals"), proposals},
            {QStringLiteral("held"), held},
            {QStringLiteral("error"), error.empty() ? QJsonValue() : QJsonValue(jsonText(error))}};
}

struct AppliedReview {
    std::int64_t review = 0; // whose proposals these were; 0: none was held
    base::Result<void> outcome{};
};

std::int64_t newestReview(const Decisions& decisions)
{
    const auto newest = storage::ReviewStore(*decisions.database).newest();
    return newest && *newest ? (*newest)->id : 0;
}

AppliedReview applyNewest(Decisions& decisions, const std::string& reason)
{
    AppliedReview out{.review = newestReview(decisions)};
    const auto rows = storage::ReviewStore(*decisions.database).proposalsOf(out.review);
    if (!rows) {
        out.outcome = std::unexpected(rows.error());
        return out;
    }
    std::vector<std::int64_t> open;
    for (const auto& row : *rows) {
        if (row.state == storage::ProposalState::Open) {
            open.push_back(row.id);
        }
    }
    if (open.empty()) {
        return out;
    }
    if (decisions.owner) {
        out.outcome = decisions.owner->send(console::ApplyProposals{open, reason});
        return out;
    }
    const auto applied = decisions.desk->apply(open, reason);
    if (!applied) {
        out.outcome = std::unexpected(applied.error());
    } else if (applied->refused) {
        out.outcome = std::unexpected(*applied->refused);
    }
    return out;
}

/// Holds it, keeps it, and carries out all of its proposals that still hold.
base::Result<void> applyAll(Decisions& decisions, const std::string& reason)
{
    std::vector<std::string> failures;
    const auto& owner = decisions.owner;
    if (auto held = owner ? owner->send(console::ReviewNow{}) : decisions.desk->review(false, failures); !held) {
        return held;
    }
    auto done = applyNewest(decisions, reason);
    if (!done.outcome && owner && newestReview(decisions) != done.review) {
        done = applyNewest(decisions, reason); // the console held its own meanwhile, whose proposals these are now
    }
    return done.outcome;
}

} // namespace

int reviewCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("review [--apply [--reason TEXT]]"),
                    QStringLiteral("The nightly review as it would be now: a dry run, which changes nothing. With "
                                   "--apply it is held, and all that it proposes is carried out."));
    given.parser().addOptions({{QStringLiteral("apply"), QStringLiteral("Carry out what it proposes.")},
                               {QStringLiteral("reason"), QStringLiteral("Why, for the journal."),
                                QStringLiteral("TEXT"), QStringLiteral("review --apply")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const bool applies = given.isSet("apply");
    int code = exitDone;
    const auto decisions = openDecisions(given, applies, code);
    if (!decisions) {
        return code;
    }
    const auto facts = decisions->desk->facts();
    if (!facts) {
        return report(facts.error());
    }
    const auto review = governance::reviewOf(facts->input, facts->policies);
    const auto applied = applies ? applyAll(*decisions, given.value("reason")) : base::Result<void>{};
    if (given.wantsJson()) {
        printJson(json(review, applied ? std::string() : base::sentence(applied.error())));
    } else {
        printText(review, facts->policy);
    }
    return applied ? exitDone : report(applied.error());
}

} // namespace qd::app
