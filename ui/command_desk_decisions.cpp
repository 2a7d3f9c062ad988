// What the desk sends for the operator's decisions, and which of them wait.
#include "ui/command_desk.h"

#include "ui/format.h"
#include "ui/settings/policy_model.h"

#include <algorithm>

namespace qd::ui {

namespace {

/// As the journal names it.
QString subjectOf(const QString& strategy, base::InstrumentId instrument)
{
    return strategy + QLatin1Char('@') + QString::number(instrument.value);
}

QString stageWords(const QString& strategy, governance::Stage to)
{
    switch (to) {
    case governance::Stage::Paper:
        return CommandDesk::tr("%1 is on paper again").arg(strategy);
    case governance::Stage::Candidate:
        return CommandDesk::tr("%1 is a candidate").arg(strategy);
    case governance::Stage::Ready:
        return CommandDesk::tr("%1 is ready for live").arg(strategy);
    case governance::Stage::Archived:
        return CommandDesk::tr("%1 archived: it does not run").arg(strategy);
    }
    return strategy;
}

QString endWords(console::ExperimentEnd how)
{
    switch (how) {
    case console::ExperimentEnd::PromoteB:
        return CommandDesk::tr("Experiment on %1 ended: B is promoted");
    case console::ExperimentEnd::KeepA:
        return CommandDesk::tr("Experiment on %1 ended: A stays");
    case console::ExperimentEnd::Stop:
        return CommandDesk::tr("Experiment on %1 stopped");
    }
    return {};
}

} // namespace

void CommandDesk::setInstrumentEnabled(const QString& strategy, base::InstrumentId instrument, const QString& name,
                                       bool enabled)
{
    if (isPending(strategy, instrument)) {
        return;
    }
    Request request;
    request.what = (enabled ? tr("%1 switched on for %2") : tr("%1 switched off for %2: there it goes on in shadow"))
                       .arg(strategy, name);
    request.strategy = strategy;
    request.instrument = instrument;
    request.isJournalled = true;
    send(console::SetStrategyEnabled{strategy.toStdString(), enabled, "switched by hand", instrument},
         std::move(request));
}

void CommandDesk::setStage(const QString& strategy, governance::Stage to, const QString& reason)
{
    if (isPending(strategy)) {
        return;
    }
    Request request;
    request.what = stageWords(strategy, to);
    request.strategy = strategy;
    request.isJournalled = true;
    send(console::SetStage{strategy.toStdString(), to, reason.toStdString()}, std::move(request));
}

void CommandDesk::archive(const QStringList& strategies, const QString& reason)
{
    console::ArchiveStrategies command{{}, reason.toStdString()};
    Request request;
    request.strategies = free(strategies);
    request.isJournalled = true;
    for (const auto& name : request.strategies) {
        command.strategies.push_back(name.toStdString());
    }
    if (!request.strategies.isEmpty()) {
        request.what = tr("%1 archived").arg(format::named(request.strategies, tr("strategies")));
        send(std::move(command), std::move(request));
    }
}

void CommandDesk::setPolicy(const std::map<std::string, std::string>& values, const QString& reason)
{
    Request request;
    for (const auto& [name, value] : values) {
        request.policy << format::text(name);
    }
    request.what =
        values.size() == 1
            ? tr("%1 is %2 now").arg(request.policy.first(), policyText(values.begin()->first, values.begin()->second))
            : tr("%1 values of the policy changed").arg(values.size());
    request.isJournalled = true;
    send(console::SetPolicy{values, reason.toStdString()}, std::move(request));
}

void CommandDesk::setPaused(bool isPaused, const QString& reason)
{
    const QString name = QStringLiteral("trading.paused");
    if (isPolicyPending(name)) {
        return;
    }
    Request request;
    request.what =
        isPaused ? tr("Entries are paused: what is open runs to its own end") : tr("Entries are taken again");
    request.policy = {name};
    request.isJournalled = true;
    send(console::SetPolicy{{{name.toStdString(), isPaused ? "1" : "0"}}, reason.toStdString()}, std::move(request));
}

void CommandDesk::closePosition(const QString& strategy, base::InstrumentId instrument, const QString& name,
                                const QString& reason)
{
    if (isClosing(strategy, instrument)) {
        return;
    }
    Request request;
    request.what = tr("%1 on %2 is closed at the next quote").arg(strategy, name);
    request.closing = subjectOf(strategy, instrument);
    send(console::ClosePosition{strategy.toStdString(), instrument, reason.toStdString()}, std::move(request));
}

void CommandDesk::reviewNow()
{
    if (!isReviewPending()) {
        Request request;
        request.what = tr("The review was held");
        request.isReview = true;
        send(console::ReviewNow{}, std::move(request));
    }
}

void CommandDesk::applyProposals(const std::vector<std::int64_t>& ids, const QStringList& subjects,
                                 const QString& reason)
{
    std::vector<std::int64_t> free;
    std::ranges::copy_if(ids, std::back_inserter(free), [this](auto id) { return !isProposalPending(id); });
    if (free.empty()) {
        return;
    }
    Request request;
    request.what = free.size() == 1 && subjects.size() == 1
                       ? tr("Applied: %1").arg(subjects.first().section(QLatin1Char('@'), 0, 0))
                       : tr("%1 proposals applied").arg(free.size());
    request.proposals = free;
    request.isJournalled = true;
    send(console::ApplyProposals{free, reason.toStdString()}, std::move(request));
}

void CommandDesk::dismissProposals(const std::vector<std::int64_t>& ids, const QString& reason)
{
    std::vector<std::int64_t> free;
    std::ranges::copy_if(ids, std::back_inserter(free), [this](auto id) { return !isProposalPending(id); });
    if (!free.empty()) {
        Request request;
        request.what = free.size() == 1 ? tr("Proposal dismissed") : tr("%1 proposals dismissed").arg(free.size());
        request.proposals = free;
        send(console::DismissProposals{free, reason.toStdString()}, std::move(request));
    }
}

void CommandDesk::undoDecision(std::int64_t id, const QString& what, const QString& reason)
{
    if (!isDecisionPending(id)) {
        Request request;
        request.what = tr("Taken back: %1").arg(what);
        request.decision = id;
        send(console::UndoDecision{id, reason.toStdString()}, std::move(request));
    }
}

void CommandDesk::endExperiment(std::int64_t id, const QString& subject, console::ExperimentEnd how,
                                const QString& reason)
{
    if (!isExperimentPending(id)) {
        Request request;
        request.what = endWords(how).arg(subject);
        request.experiment = id;
        send(console::EndExperiment{id, how, reason.toStdString()}, std::move(request));
    }
}

bool CommandDesk::isPending(const QString& strategy, base::InstrumentId instrument) const
{
    return any([&](const Request& r) { return r.strategy == strategy && r.instrument == instrument; });
}

bool CommandDesk::isProposalPending(std::int64_t id) const
{
    return any([&](const Request& r) { return std::ranges::find(r.proposals, id) != r.proposals.end(); });
}

bool CommandDesk::isDecisionPending(std::int64_t id) const
{
    return any([&](const Request& r) { return r.decision == id; });
}

bool CommandDesk::isPolicyPending(const QString& name) const
{
    return any([&](const Request& r) { return r.policy.contains(name); });
}

bool CommandDesk::isExperimentPending(std::int64_t id) const
{
    return any([&](const Request& r) { return r.experiment == id; });
}

bool CommandDesk::isClosing(const QString& strategy, base::InstrumentId instrument) const
{
    return any([&](const Request& r) { return r.closing == subjectOf(strategy, instrument); });
}

bool CommandDesk::isReviewPending() const
{
    return any([](const Request& r) { return r.isReview; });
}

} // namespace qd::ui
