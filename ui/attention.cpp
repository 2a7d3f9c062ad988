#include "ui/attention.h"

#include "ui/decision_words.h"
#include "ui/models/model_actions.h"
#include "ui/models/model_words.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>

namespace qd::ui {

namespace {

using console::EngineState;
using console::FeedState;
using console::Severity;

QString tr(const char* source, int n = -1)
{
    return QCoreApplication::translate("attention", source, nullptr, n);
}

QString withDetail(const QString& sentence, const std::string& detail)
{
    return detail.empty() ? sentence : sentence + QLatin1Char(' ') + format::text(detail);
}

void addFeed(std::vector<Attention>& out, const console::IngestSnapshot& ingest)
{
    const QString feed = QStringLiteral("feed");
    const QString markets = QStringLiteral("Health");
    switch (ingest.feed) {
    case FeedState::Online:
    case FeedState::CatchingUp:
    case FeedState::Subscribing:
        break;
    case FeedState::Connecting:
        if (ingest.reconnects > 0) {
            out.push_back({feed, Severity::Warning, tr("The feed is being reconnected"),
                           withDetail(tr("No new prices come in; open positions keep their stops."), ingest.detail),
                           markets});
        }
        break;
    case FeedState::Offline:
        if (ingest.state != EngineState::Starting && ingest.state != EngineState::Idle) {
            out.push_back({feed, Severity::Error, tr("The feed is offline"),
                           withDetail(tr("No new prices come in, so no strategy decides."), ingest.detail), markets});
        }
        break;
    case FeedState::Silent:
        out.push_back({feed, Severity::Warning, tr("The feed is silent"),
                       withDetail(tr("Connected, but no instrument has traded for a while."), ingest.detail), markets});
        break;
    }
    std::uint64_t malformed = 0;
    QStringList kinds;
    for (const auto& [kind, count] : ingest.malformed) {
        malformed += count;
        if (count > 0) {
            kinds << format::text(kind) + QLatin1Char(' ') + format::count(count);
        }
    }
    if (malformed > 0) {
        out.push_back(
            {QStringLiteral("malformed"), Severity::Warning,
             tr("%1 frames could not be read").arg(format::count(malformed)),
             tr("They were set aside and counted (%1); the stream went on.").arg(kinds.join(QStringLiteral(", "))),
             QStringLiteral("Health")});
    }
}

void addEngine(std::vector<Attention>& out, const QString& name, EngineState state, const std::string& detail)
{
    if (state == EngineState::Failed) {
        out.push_back({QStringLiteral("engine ") + name, Severity::Error, tr("%1 has failed").arg(name),
                       withDetail(tr("If it does not come back by itself in a minute, restart the program."), detail),
                       QStringLiteral("Health")});
    } else if (state == EngineState::Struggling) {
        out.push_back({QStringLiteral("engine ") + name, Severity::Warning, tr("%1 is struggling").arg(name),
                       withDetail(tr("It works, but behind its time."), detail), QStringLiteral("Health")});
    }
}

QString amount(const console::ProbeRow& probe, double value)
{
    if (probe.unit == "ms") {
        return format::milliseconds(value);
    }
    if (probe.unit == "%") {
        return format::percent(value / 100, 0);
    }
    return format::decimal(value, 0) + (probe.unit.empty() ? QString() : QLatin1Char(' ') + format::text(probe.unit));
}

void addProbes(std::vector<Attention>& out, const console::HealthSnapshot& health)
{
    for (const auto& probe : health.probes) {
        if (!probe.value || probe.limit <= 0 || *probe.value < probe.limit || probe.name == "Failed jobs") {
            continue; // each failed job has a row of its own
        }
        QString note = probe.note.empty() ? QString() : QLatin1Char(' ') + format::text(probe.note) + QLatin1Char('.');
        if (note.size() > 1) {
            note[1] = note[1].toUpper();
        }
        out.push_back({QStringLiteral("probe ") + format::text(probe.name),
                       *probe.value >= 2 * probe.limit ? Severity::Error : Severity::Warning,
                       tr("%1 is over its limit").arg(format::text(probe.name)),
                       tr("%1 of %2 permitted.").arg(amount(probe, *probe.value), amount(probe, probe.limit)) + note,
                       QStringLiteral("Health")});
    }
    for (const auto& service : health.services) {
        const bool isKnown = std::any_of(out.begin(), out.end(), [&](const Attention& a) {
            return a.key.startsWith(QStringLiteral("engine ")) &&
                   a.key.mid(7).compare(format::text(service.name), Qt::CaseInsensitive) == 0;
        });
        if (service.state == EngineState::Failed && !isKnown) {
            addEngine(out, format::text(service.name), service.state, service.detail);
        }
    }
}

/// What is said of a cause elsewhere: an open alert takes its place, so that one cause is one row.
QStringList otherKeys(const std::string& cause)
{
    static const std::map<std::string, QStringList> keys{
        {"feed", {QStringLiteral("feed"), QStringLiteral("probe Tick lag")}},
        {"store", {QStringLiteral("store"), QStringLiteral("engine Store"), QStringLiteral("probe Write lag")}},
        {"temperature", {QStringLiteral("probe CPU temperature")}},
        {"memory", {QStringLiteral("probe Memory")}},
        {"cpu", {QStringLiteral("probe CPU")}},
        {"screen", {QStringLiteral("probe Screen stall")}},
        {"disk", {QStringLiteral("probe Disk")}},
        {"units", {QStringLiteral("probe Failed units")}},
        {"engines", {QStringLiteral("probe Heartbeats")}},
        {"backup",
         {QStringLiteral("probe Backup"), QStringLiteral("probe Proven restore"), QStringLiteral("job backup")}},
    };
    const auto found = keys.find(cause);
    return found == keys.end() ? QStringList{format::text(cause)} : found->second; // "job calibration"
}

void addAlerts(std::vector<Attention>& out, const console::AlertsView& alerts)
{
    for (const auto& alert : alerts.open) {
        if (alert.telling == health::Telling::OnceADay) {
            continue; // these decisions have rows of their own
        }
        const auto others = otherKeys(alert.cause);
        std::erase_if(out, [&](const Attention& row) {
            return others.contains(row.key) ||
                   (alert.cause == "engines" && row.key.startsWith(QStringLiteral("engine ")));
        });
        if (std::ranges::find(alerts.waiting, alert.id) == alerts.waiting.end()) {
            continue;
        }
        QString text = format::text(alert.detail);
        if (!alert.suspects.empty()) {
            text += (text.isEmpty()                    ? QString()
                     : text.endsWith(QLatin1Char('.')) ? QStringLiteral(" ")
                                                       : QStringLiteral(". ")) +
                    tr("Busiest then: %1").arg(format::text(alert.suspects));
        }
        out.push_back({.key = QStringLiteral("alert %1").arg(alert.id),
                       .severity = alert.telling == health::Telling::AtOnce ? Severity::Error : Severity::Warning,
                       .title = format::text(alert.title),
                       .text = text,
                       .page = QStringLiteral("Health"),
                       .kind = AttentionKind::Alert,
                       .thing = QStringLiteral("alert %1").arg(alert.id),
                       .id = alert.id});
    }
}

void addProposals(std::vector<Attention>& out, const Snapshots& snapshots)
{
    const auto* ingest = snapshots.ingest.get();
    for (const auto& row : snapshots.governance->proposals) {
        if (row.state != console::ProposalState::Open) {
            continue;
        }
        const auto& of = row.proposal;
        QStringList evidence;
        for (const auto& figure : of.figures) {
            evidence << say::line(figure);
        }
        if (of.lookingBack) {
            evidence << say::lookingBack(*of.lookingBack);
        }
        evidence << say::record(of.record);
        const auto* judged = say::weightiest(of.figures);
        out.push_back(
            {QStringLiteral("proposal %1").arg(row.id), Severity::Info, say::title(of, ingest),
             judged == nullptr ? format::text(governance::sentence(of.rule)) : say::brief(*judged) + QLatin1Char('.'),
             QStringLiteral("Strategies"), AttentionKind::Proposal, format::text(of.subject.strategy),
             format::text(of.subject.strategy), row.id, evidence.join(QLatin1Char('\n'))});
    }
    for (const auto& held : snapshots.governance->held) {
        if (held.why == governance::Hold::TooGood) {
            const QString strategy = format::text(held.subject.strategy);
            out.push_back({QStringLiteral("sign-off ") + strategy,
                           Severity::Info,
                           tr("%1 looks too good to be true").arg(strategy),
                           tr("Open its tests and sign them off; until then it is no candidate."),
                           QStringLiteral("Strategies"),
                           AttentionKind::SignOff,
                           strategy,
                           strategy,
                           0,
                           {}});
        }
    }
}

void addVerdicts(std::vector<Attention>& out, const console::GovernanceSnapshot& governance)
{
    for (const auto& line : governance.experiments) {
        if (!say::supported(line.advice)) {
            continue;
        }
        const QString subject = format::text(line.subject);
        out.push_back({QStringLiteral("experiment %1").arg(line.id),
                       Severity::Info,
                       tr("Experiment on %1: %2").arg(subject, say::verdict(line.verdict)),
                       say::advice(line.advice),
                       QStringLiteral("Experiments"),
                       AttentionKind::Verdict,
                       QString::number(line.id),
                       {},
                       line.id,
                       {}});
    }
}

/// The gates may be some seconds old: a strategy that is no candidate any more is left out.
void addPromotions(std::vector<Attention>& out, const console::Gates& gates, const console::PaperSnapshot* paper)
{
    const auto isCandidate = [paper](const governance::RosterRow& row) {
        const auto isIt = [&](const console::StrategyRow& s) {
            return s.name == row.strategy && s.stage != governance::Stage::Candidate;
        };
        return row.stage == governance::Stage::Candidate &&
               (paper == nullptr || std::ranges::none_of(paper->strategies, isIt));
    };
    for (const auto& row : gates.rows) {
        if (!isCandidate(row.row) || !row.checklist.isPassed()) {
            continue;
        }
        const QString strategy = format::text(row.row.strategy);
        QStringList evidence;
        for (const auto& gate : row.checklist.gates) {
            evidence << say::line(gate.figure);
        }
        out.push_back({QStringLiteral("promote ") + strategy, Severity::Info, tr("Promote %1 to ready").arg(strategy),
                       tr("All %1 gates are passed.").arg(row.checklist.gates.size()), QStringLiteral("Strategies"),
                       AttentionKind::Promotion, strategy, strategy, 0, evidence.join(QLatin1Char('\n'))});
    }
}

Attention ofModel(const QString& key, const QString& title, const QString& text, const QString& thing)
{
    return {.key = key + QLatin1Char(' ') + thing,
            .severity = Severity::Info,
            .title = title,
            .text = text,
            .page = QStringLiteral("Models"),
            .kind = AttentionKind::Model,
            .thing = thing};
}

/// Failed, and not trained again since.
void addFailedTrainings(std::vector<Attention>& out, const console::LearningSnapshot& learning)
{
    std::vector<std::string> seen; // newest first
    for (const auto& outcome : learning.outcomes) {
        if (std::ranges::find(seen, outcome.model) != seen.end()) {
            continue;
        }
        seen.push_back(outcome.model);
        if (outcome.isFailure && outcome.what != "cancelled") {
            const QString model = format::text(outcome.model);
            auto item = ofModel(QStringLiteral("training"), tr("The training of %1 failed").arg(model),
                                withDetail(tr("What serves goes on serving."), outcome.why), model);
            item.severity = Severity::Warning;
            out.push_back(std::move(item));
        }
    }
}

/// Whose newest run ended as it should not. A training says so itself.
void addFailedJobs(std::vector<Attention>& out, const Snapshots& snapshots)
{
    for (const auto& job : snapshots.jobs->jobs) {
        const bool isTold = job.name == "retrain" && snapshots.learning;
        if (job.isPaused || isTold || !job.last || !governance::isBad(job.last->state)) {
            continue;
        }
        out.push_back(
            {.key = QStringLiteral("job ") + format::text(job.name),
             .severity = Severity::Warning,
             .title = tr("%1: %2").arg(format::text(job.title), format::text(governance::name(job.last->state))),
             .text = withDetail(tr("Its log says more; Run now tries it again."), job.last->result),
             .page = QStringLiteral("Schedule"),
             .thing = format::text(job.name)});
    }
}

void addVersion(std::vector<Attention>& out, const console::ModelLine& line, bool isCompared)
{
    const auto& record = line.record;
    const auto family = record.name.key.family;
    const QString name = format::text(governance::versionName(record.name.key, record.name.number));
    if (record.stage == governance::ModelStage::Champion && line.isExpired) {
        auto item = ofModel(QStringLiteral("expired"), tr("%1 has expired").arg(name),
                            tr("It is too old to decide: what asks it is silent until a newer one is champion."), name);
        item.severity = Severity::Warning;
        out.push_back(std::move(item));
    } else if (record.stage == governance::ModelStage::Challenger && !isCompared) {
        out.push_back(ofModel(
            QStringLiteral("challenger"), tr("%1 waits as challenger").arg(name),
            tr("%1. No experiment compares it with the champion.").arg(say::quality(family, record.quality)), name));
    } else if (record.stage == governance::ModelStage::Quarantined &&
               record.verdict == learning::AuditVerdict::WantsSignature) {
        out.push_back(ofModel(
            QStringLiteral("quarantined"), tr("%1 is quarantined").arg(name),
            tr("Its audit found what may be a leak. Look at the flags, then sign them off or retire it."), name));
    }
}

void addModels(std::vector<Attention>& out, const Snapshots& snapshots)
{
    addFailedTrainings(out, *snapshots.learning);
    if (!snapshots.models) {
        return;
    }
    const auto& rows = snapshots.models->rows;
    const auto challengers = std::ranges::count(rows, governance::ModelStage::Challenger,
                                                [](const console::ModelLine& l) { return l.record.stage; });
    const bool isAnyCompared = snapshots.learning->challengers < static_cast<std::size_t>(challengers);
    for (const auto& line : rows) {
        const auto& key = line.record.name.key;
        const auto isIts = [&](const console::ExperimentLine& one) {
            return one.subject == governance::text(key) || format::text(one.subject) == strategyOf(key.family);
        };
        addVersion(out, line,
                   isAnyCompared && snapshots.governance &&
                       std::ranges::any_of(snapshots.governance->experiments, isIts));
    }
}

} // namespace

std::vector<Attention> attention(const Snapshots& snapshots, const console::Gates* gates)
{
    std::vector<Attention> out;
    if (snapshots.ingest) {
        addFeed(out, *snapshots.ingest);
        const bool isFeedKnown = !out.empty() && out.front().key == QStringLiteral("feed");
        if (!isFeedKnown || snapshots.ingest->state == EngineState::Failed) { // one cause, one line
            addEngine(out, tr("Ingest"), snapshots.ingest->state, snapshots.ingest->detail);
        }
    }
    if (snapshots.paper) {
        addEngine(out, tr("Paper trading"), snapshots.paper->state, {});
        if (snapshots.paper->policy && say::isPaused(*snapshots.paper->policy)) {
            out.push_back(
                {.key = QStringLiteral("paused"),
                 .severity = Severity::Warning,
                 .title = tr("Entries are paused"),
                 .text = tr("No strategy enters anywhere; what is open runs to its own end. Ctrl+Shift+P takes "
                            "entries again."),
                 .page = QStringLiteral("Settings"),
                 .thing = QStringLiteral("trading.paused")});
        }
    }
    if (snapshots.store) {
        if (!snapshots.store->detail.empty()) {
            out.push_back({QStringLiteral("store"), Severity::Error, tr("The archive cannot be written"),
                           withDetail(tr("Trading waits until it can."), snapshots.store->detail),
                           QStringLiteral("Health")});
        } else {
            addEngine(out, tr("Store"), snapshots.store->state, {});
        }
        if (snapshots.store->making) {
            out.push_back({QStringLiteral("making"), Severity::Info,
                           tr("The simulated past is being made: %1").arg(format::percent(*snapshots.store->making, 0)),
                           withDetail(tr("Charts and trades come when it is done, once and for all. If you close the "
                                         "window, the next start goes on from here."),
                                      snapshots.ingest ? snapshots.ingest->detail : std::string()),
                           QStringLiteral("Health")});
        }
    }
    if (snapshots.health) {
        addProbes(out, *snapshots.health);
    }
    if (snapshots.governance) {
        addEngine(out, tr("Review"), snapshots.governance->state, snapshots.governance->detail);
    }
    if (snapshots.jobs) {
        addEngine(out, tr("Jobs"), snapshots.jobs->state, snapshots.jobs->detail);
        addFailedJobs(out, snapshots);
    }
    if (snapshots.learning) {
        addEngine(out, tr("Retraining"), snapshots.learning->state, snapshots.learning->detail);
    }
    if (snapshots.health && snapshots.health->alerts) {
        addAlerts(out, *snapshots.health->alerts);
    }
    std::vector<Attention> decisions;
    if (gates != nullptr) {
        addPromotions(decisions, *gates, snapshots.paper.get());
    }
    if (snapshots.governance) {
        addVerdicts(decisions, *snapshots.governance);
        addProposals(decisions, snapshots);
    }
    if (snapshots.learning) {
        addModels(decisions, snapshots);
    }
    std::ranges::move(decisions, std::back_inserter(out));
    std::stable_sort(out.begin(), out.end(),
                     [](const Attention& a, const Attention& b) { return a.severity > b.severity; });
    return out;
}

} // namespace qd::ui
