// The nights of sensitivity that the governor replays after a review, and the days unseen when parameters were chosen.
#include "base/log.h"
#include "engines/governor.h"
#include "governance/review_rules.h"
#include "governance/unseen_days.h"
#include "storage/tick_archive.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <set>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

/// The archive days that were unseen when the parameters of `evidence` were chosen.
Result<std::vector<std::int64_t>> unseenDaysOf(storage::Database& database, const GovernanceFacts& facts,
                                               const EvidenceReader& reader, const governance::Evidence& evidence,
                                               const std::vector<base::InstrumentId>& instruments)
{
    const auto tries = storage::TrialsStore(database).of(evidence.subject.strategy);
    if (!tries) {
        return std::unexpected(tries.error());
    }
    const auto chosen = governance::chosenDay(*tries, evidence.parameterHash, evidence.firstDay);
    const auto mostGap = base::policyValue(facts.policy, "review.max_gap");
    std::set<std::int64_t> archived;
    storage::TickArchive archive(database);
    for (const auto id : instruments) {
        const auto days = archive.wholeDays(id);
        if (!days) {
            return std::unexpected(days.error());
        }
        for (const auto day : *days) {
            if (day < chosen &&
                reader.gapShare(id, governance::midnightOf(day), governance::midnightOf(day + 1)) <= mostGap) {
                archived.insert(day);
            }
        }
    }
    return governance::unseenDays(archived, chosen, *tries);
}

} // namespace

// Of each candidate: a night where it has none since the newest nightly review, and its unseen days once.
Result<Governor::NightWork> Governor::nightsDue(GovernanceDesk& desk, storage::Database& database)
{
    NightWork due;
    const auto facts = desk.facts();
    if (!facts) {
        return std::unexpected(facts.error());
    }
    const auto reviewed = database.number("SELECT ifnull(max(time),0) FROM reviews WHERE is_nightly=1");
    if (!reviewed) {
        return std::unexpected(reviewed.error());
    }
    for (const auto& row : facts->input.roster) {
        if (row.stage != governance::Stage::Candidate || *reviewed == 0) {
            continue;
        }
        if (auto added = addDue(due, row, *facts, desk, database, base::UtcMs{*reviewed}); !added) {
            return std::unexpected(added.error());
        }
    }
    return due;
}

Result<void> Governor::addDue(NightWork& due, const governance::RosterRow& candidate, const GovernanceFacts& facts,
                              GovernanceDesk& desk, storage::Database& database, base::UtcMs reviewed)
{
    const auto* info = trading::findStrategy(candidate.strategy);
    const auto* evidence = governance::evidenceOf(facts.input, {candidate.strategy, {}});
    if (info == nullptr || evidence == nullptr) {
        return {};
    }
    storage::ReviewStore store(database);
    const auto nights = store.nights(candidate.strategy, candidate.parameterHash, reviewed);
    const auto unseen = store.unseen(candidate.parameterHash);
    const auto text = parametersOf(database, candidate.strategy, candidate.parameterHash);
    if (!nights || !unseen) {
        return std::unexpected(nights ? unseen.error() : nights.error());
    }
    trading::ParameterSet parameters(info->name, info->parameters);
    if (auto set = text ? parameters.setText(*text) : std::unexpected(text.error()); !set) {
        return set;
    }
    const auto now = facts.input.now;
    SensitivityTask task{.strategy = candidate.strategy,
                         .parameters = parameters,
                         .changes = {},
                         .from = now,
                         .to = now,
                         .policy = base::paperPolicy(facts.policy)};
    if (nights->empty()) {
        const auto& policy = facts.policies.sensitivity;
        const auto from = governance::sensitivityFrom(evidence->trades, candidate.stageSince, now, policy);
        const auto seed = governance::seedOf(evidence->subject, governance::dayOf(now), "sensitivity");
        auto& night = due.nights.emplace_back(
            Night{task, {.strategy = candidate.strategy, .parameterHash = candidate.parameterHash, .from = from}});
        night.task.changes = governance::perturbations(*info, parameters, policy, seed);
        night.task.from = from;
    }
    if (*unseen) {
        return {};
    }
    task.only = desk.evidence().rowsOf(candidate.strategy);
    std::vector<std::int64_t> days;
    // A model has learned from the days before it served, and on those before the first one it would be silent.
    if (!trading::makeStrategy(*info, parameters)->asksModel() && !task.only.empty()) {
        auto found = unseenDaysOf(database, facts, desk.evidence(), *evidence, task.only);
        if (!found) {
            return std::unexpected(found.error());
        }
        days = std::move(*found);
    }
    if (!days.empty()) {
        task.from = governance::midnightOf(days.front());
        task.to = governance::midnightOf(days.back() + 1) - base::Millis{1};
    }
    due.unseen.push_back({.task = std::move(task),
                          .days = std::move(days),
                          .capital = evidence->capital,
                          .row = {.parameterHash = candidate.parameterHash, .time = now}});
    return {};
}

// On the nights' own thread; what is told goes through nightState_, which lives as long as the thread.
void Governor::replayNights(const NightWork& work, const std::stop_token& stop)
{
    const auto state = nightState_;
    auto run = beginJob(links_.jobs, "sensitivity", "after the review", JobBoard::Load::Heavy);
    const std::stop_callback ends(stop, [&run] { run.stop(); });
    const auto token = run.token();
    std::string failure;
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        failure = base::sentence(database.error());
    }
    std::size_t done = 0;
    const auto progressOf = [&](const SensitivityTask& task, const std::string& what) {
        return [&, what](double fraction, const std::string& instrument) {
            const auto share =
                (static_cast<double>(done) + fraction) / static_cast<double>(work.nights.size() + work.unseen.size());
            run.progress(share, task.strategy + " on " + instrument);
            const std::scoped_lock lock(state->mutex);
            state->phase = what + " on " + instrument;
            state->progress = share;
        };
    };
    const auto keepOrTell = [&](Result<storage::GovernanceRecord> made, const std::string& what) {
        const auto kept = made ? keep(std::move(*made), stop, nullptr) : std::unexpected(made.error());
        if (!kept && kept.error().code != ErrorCode::Cancelled) {
            failure = what + " was not replayed: " + base::sentence(kept.error());
            base::log(base::LogLevel::Error, "governor", failure);
            run.say(failure, true);
        }
        ++done;
    };
    for (std::size_t i = 0; database && i < work.nights.size() && !token.stop_requested(); ++i) {
        const auto& [task, row] = work.nights[i];
        const auto words = "sensitivity of " + task.strategy + ", " + std::to_string(task.changes.size()) + " changes";
        const auto night = runSensitivity(*database, task, token, progressOf(task, words));
        storage::GovernanceRecord record;
        if (night) {
            record.night = row;
            record.night->night = *night;
        }
        keepOrTell(night ? Result<storage::GovernanceRecord>(std::move(record)) : std::unexpected(night.error()),
                   "Sensitivity of " + task.strategy);
    }
    for (std::size_t i = 0; database && i < work.unseen.size() && !token.stop_requested(); ++i) {
        const auto& [task, days, capital, row] = work.unseen[i];
        const auto words = std::to_string(days.size()) + " unseen days of " + task.strategy;
        auto gave = days.empty() ? Result<std::vector<storage::UnseenDay>>{}
                                 : runUnseenDays(*database, task, days, capital, token, progressOf(task, words));
        storage::GovernanceRecord record;
        if (gave) {
            record.unseen = row;
            record.unseen->days = std::move(*gave);
        }
        keepOrTell(gave ? Result<storage::GovernanceRecord>(std::move(record)) : std::unexpected(gave.error()),
                   "What was unseen of " + task.strategy);
    }
    if (!failure.empty()) {
        run.fail(failure);
    } else if (token.stop_requested()) {
        run.cancel("cancelled");
    } else {
        const auto candidates = std::max(work.nights.size(), work.unseen.size());
        run.succeed(std::to_string(candidates) + (candidates == 1 ? " candidate" : " candidates"));
    }
    const std::scoped_lock lock(state->mutex);
    state->failure = failure;
    state->isDone = true;
}

} // namespace qd::engines
