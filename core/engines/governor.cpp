#include "engines/governor.h"

#include "base/log.h"
#include "engines/experiment_evidence.h"
#include "engines/low_priority.h"
#include "storage/policy_store.h"
#include "storage/review_store.h"

#include <algorithm>
#include <future>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr auto tick = 250ms;
constexpr base::Millis retryAfter{60'000};
constexpr auto lookEvery = 20s; // at experiments

console::ProposalState stateOf(storage::ProposalState state)
{
    switch (state) {
    case storage::ProposalState::Open:
        return console::ProposalState::Open;
    case storage::ProposalState::Applied:
        return console::ProposalState::Applied;
    case storage::ProposalState::Dismissed:
        return console::ProposalState::Dismissed;
    case storage::ProposalState::Gone:
        break;
    }
    return console::ProposalState::Gone;
}

} // namespace

Result<std::int64_t> Governor::carryOut(CarryOut decision, const std::stop_token& stop)
{
    decision.answer = std::make_shared<std::promise<Result<std::int64_t>>>();
    auto answer = decision.answer->get_future();
    if (!links_.paper.push({0, std::move(decision)})) {
        return base::fail(ErrorCode::Cancelled, "paper", "paper trading has ended");
    }
    return awaited(std::move(answer), "paper", stop, &links_.pulse, links_.clock);
}

Result<std::int64_t> Governor::keep(storage::GovernanceRecord record, const std::stop_token& stop, Heartbeat* pulse)
{
    StoreGovernance item{.record = std::move(record), .answer = {}};
    auto answer = item.answer.get_future();
    if (!links_.store.push(std::move(item))) {
        return base::fail(ErrorCode::Cancelled, "store", "the store has ended");
    }
    return awaited(std::move(answer), "store", stop, pulse, links_.clock);
}

void Governor::fail(const std::string& doing, const base::Error& error)
{
    const auto what = doing + ": " + base::sentence(error);
    if (std::exchange(failure_, what) != what) {
        base::log(base::LogLevel::Error, "governor", what);
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, what});
    }
    changed_ = true;
}

void Governor::run(const std::stop_token& stop)
{
    lowerPriority();
    links_.pulse.start(links_.clock.now());
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        fail("The nightly review cannot be held", database.error());
        links_.screen.put(console::GovernanceSnapshot{.state = console::EngineState::Failed, .detail = failure_});
        links_.pulse.state = console::EngineState::Failed;
        return;
    }
    const DecisionHands hands{
        [&](CarryOut decision) { return carryOut(std::move(decision), stop); },
        [&](storage::GovernanceRecord record) { return keep(std::move(record), stop, &links_.pulse); }};
    Desks desks{.governance = {*database, hands, links_.clock},
                .experiments = {*database, hands, links_.clock},
                .models = {*database, hands.carryOut, links_.clock}};
    links_.pulse.state = console::EngineState::Running;
    while (!stop.stop_requested()) {
        links_.pulse.beat(links_.clock.now());
        for (const auto& command : links_.door.popAll(tick)) {
            obey(desks, command);
        }
        if (const auto read = readSchedule(*database); !read) {
            fail("The policy cannot be read", read.error());
        }
        tendExperiments(desks.experiments, *database);
        publish(*database); // before a review, which takes its time where there is much to read
        tendReview(desks.governance, *database);
        tendModels(desks.models);
        tendNights(desks.governance, *database, stop);
        publish(*database);
    }
    nightThread_.reset();
    for (const auto& command : links_.door.popAll(0ms)) {
        if (command.turn) {
            continue; // its promise breaks
        }
        links_.events.push(
            console::CommandDone{command.id, base::Error{ErrorCode::Cancelled, "governor", "the console is closing"}});
    }
    links_.pulse.state = console::EngineState::Stopped;
}

void Governor::obey(Desks& desks, const GovernorCommand& command)
{
    if (command.turn) {
        command.turn->end.set_value(archiveStale(desks.governance, command.turn->isGivenUp));
        changed_ = true;
        return;
    }
    const bool isReview = std::holds_alternative<console::ReviewNow>(command.command);
    auto done = carryOutCommand(desks, command.command);
    if (isReview) {
        links_.door.endReview();
    }
    changed_ = true;
    nextLook_ = {}; // what it began or ended is seen at once
    wantsNights_ = wantsNights_ || std::holds_alternative<console::SetStage>(command.command);
    links_.events.push(console::CommandDone{command.id, std::move(done.error), std::move(done.decisions)});
}

Result<std::string> Governor::archiveStale(GovernanceDesk& desk, const std::atomic<bool>& isGivenUp)
{
    std::vector<std::string> failures;
    auto said = desk.archiveStale(failures, [&isGivenUp] { return !isGivenUp; });
    tellRefused(failures);
    if (said) {
        for (const auto& failure : failures) {
            said->append("; not archived: ").append(failure);
        }
    }
    return said;
}

Done Governor::carryOutCommand(Desks& desks, const console::Command& command)
{
    auto& desk = desks.governance;
    auto& experiments = desks.experiments;
    if (std::holds_alternative<console::ReviewNow>(command)) {
        const auto held = review(desk, false);
        return {{}, held ? std::optional<base::Error>() : held.error()};
    }
    if (const auto* apply = std::get_if<console::ApplyProposals>(&command)) {
        auto applied = desk.apply(apply->proposals, apply->reason);
        return applied ? Done{std::move(applied->decisions), std::move(applied->refused)} : Done{{}, applied.error()};
    }
    if (const auto* dismiss = std::get_if<console::DismissProposals>(&command)) {
        return doneBy(desk.dismiss(dismiss->proposals, dismiss->reason));
    }
    if (const auto* stage = std::get_if<console::SetStage>(&command)) {
        return doneBy(desk.setStage(*stage));
    }
    if (const auto* archive = std::get_if<console::ArchiveStrategies>(&command)) {
        return doneBy(desk.archive(*archive));
    }
    if (const auto* undo = std::get_if<console::UndoDecision>(&command)) {
        return doneBy(desk.undo(*undo));
    }
    if (const auto* sign = std::get_if<console::SignOff>(&command)) {
        return doneBy(desk.signOff(*sign));
    }
    if (const auto* note = std::get_if<console::AddNote>(&command)) {
        return doneBy(desk.note(*note));
    }
    if (const auto* start = std::get_if<console::StartExperiment>(&command)) {
        const auto begun = experiments.start(*start);
        return {{}, begun ? std::optional<base::Error>() : begun.error()};
    }
    if (const auto* end = std::get_if<console::EndExperiment>(&command)) {
        return doneBy(experiments.end(*end));
    }
    if (const auto* extend = std::get_if<console::ExtendExperiment>(&command)) {
        return doneBy(experiments.extend(*extend));
    }
    if (const auto* staged = std::get_if<console::SetModelStage>(&command)) {
        return doneBy(desks.models.setStage(*staged));
    }
    if (const auto* signedOff = std::get_if<console::SignOffModel>(&command)) {
        return doneBy(desks.models.signOff(*signedOff));
    }
    if (const auto* imported = std::get_if<console::ImportModel>(&command)) {
        const auto version = desks.models.importVersion(*imported);
        return {{}, version ? std::optional<base::Error>() : version.error()};
    }
    return {{}, base::Error{ErrorCode::Internal, "governor", "not a decision that wants evidence"}};
}

// Once a UTC day, and at the start.
void Governor::tendModels(ModelDesk& models)
{
    const auto today = links_.clock.now().value / base::oneDay.count();
    if (today == retiredOn_ || since_.value == INT64_MAX) {
        return;
    }
    retiredOn_ = today;
    if (const auto retired = models.retire(); !retired) {
        fail("Versions of models that are too old or too many could not retire", retired.error());
    }
}

Result<void> Governor::review(GovernanceDesk& desk, bool isNightly)
{
    auto run = beginJob(links_.jobs, "review", isNightly ? "by the clock" : "by you");
    std::vector<std::string> failures;
    const auto held = desk.review(isNightly, failures);
    tellRefused(failures);
    for (const auto& failure : failures) {
        run.say("not applied: " + failure, true);
    }
    if (held) {
        const auto words = desk.heldText();
        run.succeed(failures.empty() ? words : words + "; not all was applied");
    } else if (held.error().code == ErrorCode::Cancelled) {
        run.cancel("the console is closing");
    } else {
        run.fail(base::sentence(held.error()));
    }
    return held;
}

void Governor::tellRefused(const std::vector<std::string>& failures)
{
    for (const auto& failure : failures) {
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning,
                                           "The review could not apply a proposal: " + failure});
    }
    changed_ = true;
}

// The program may have ended between a nightly review and what the policy carries out of it. Once a review and run.
void Governor::resumeReview(GovernanceDesk& desk)
{
    if (!heldNightly_ || appliedOf_ == heldNightly_ || !links_.door.beginReview()) {
        return;
    }
    std::vector<std::string> failures;
    const auto applied = desk.applyAutomatic(failures);
    links_.door.endReview();
    tellRefused(failures);
    if (applied) {
        appliedOf_ = heldNightly_;
        return;
    }
    triedAt_ = links_.clock.now();
    if (applied.error().code != ErrorCode::Cancelled) {
        fail("What the nightly review proposed was not applied", applied.error());
    }
}

// A failed one is tried again after a minute.
void Governor::tendReview(GovernanceDesk& desk, storage::Database& database)
{
    const auto now = links_.clock.now();
    if (since_.value == INT64_MAX || (triedAt_ && now - *triedAt_ < retryAfter)) {
        return;
    }
    const bool isPaused = links_.jobs != nullptr && links_.jobs->isPaused("review");
    if (isPaused || !isReviewDue(schedule_, heldNightly_, since_, now)) {
        resumeReview(desk);
        return;
    }
    if (!links_.door.beginReview()) {
        return;
    }
    triedAt_ = now;
    const auto held = review(desk, true);
    links_.door.endReview();
    if (!held) {
        fail("The nightly review was not held", held.error());
        return;
    }
    failure_.clear();
    triedAt_.reset();
    wantsNights_ = true;
    std::size_t open = 0;
    if (const auto newest = storage::ReviewStore(database).newest(); newest && *newest) {
        appliedOf_ = (*newest)->heldAt;
        const auto rows = storage::ReviewStore(database).proposalsOf((*newest)->id);
        open = rows ? static_cast<std::size_t>(
                          std::ranges::count(*rows, storage::ProposalState::Open, &storage::ProposalRow::state))
                    : 0;
    }
    links_.events.push(console::Notice{now, console::Severity::Info,
                                       "The nightly review was held: " + std::to_string(open) +
                                           (open == 1 ? " proposal waits." : " proposals wait.")});
}

Result<void> Governor::readSchedule(storage::Database& database)
{
    storage::PolicyStore policy(database);
    const auto minutes = policy.get("review.time");
    const auto texts = policy.texts();
    const auto held = storage::ReviewStore(database).newestNightly();
    if (!minutes || !texts) {
        return std::unexpected(minutes ? texts.error() : minutes.error());
    }
    if (!held) {
        return std::unexpected(held.error());
    }
    if (since_.value == INT64_MAX) { // the ledger begins once
        const auto first = database.number(
            "SELECT min(t) FROM (SELECT min(time) t FROM equity UNION ALL SELECT min(entry_time) FROM trades)");
        if (!first) {
            return std::unexpected(first.error());
        }
        since_ = *first > 0 ? base::UtcMs{*first} : since_;
    }
    const auto zone = texts->find("display.zone");
    const ReviewSchedule read{static_cast<int>(*minutes), zone == texts->end() ? std::string() : zone->second};
    changed_ = changed_ || read.minutes != schedule_.minutes || read.zone != schedule_.zone || *held != heldNightly_;
    schedule_ = read;
    heldNightly_ = *held;
    return {};
}

// Costs a few reads; a verdict is kept before long, and a night is made up for whenever it was missed.
void Governor::tendExperiments(ExperimentDesk& experiments, storage::Database& database)
{
    const auto now = std::chrono::steady_clock::now();
    if (now < nextLook_) {
        return;
    }
    nextLook_ = now + lookEvery;
    std::vector<std::string> told;
    if (const auto looked = experiments.tend(told); !looked && looked.error().code != ErrorCode::Cancelled) {
        fail("Experiments cannot be looked at", looked.error());
    }
    for (auto& what : told) {
        changed_ = true;
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Info, std::move(what)});
    }
    auto lines = runningLines(database, links_.clock.now());
    if (!lines) {
        fail("Experiments cannot be looked at", lines.error());
    } else if (*lines != experiments_) {
        experiments_ = std::move(*lines);
        changed_ = true;
    }
}

void Governor::tendNights(GovernanceDesk& desk, storage::Database& database, const std::stop_token& stop)
{
    if (nightState_) {
        const std::scoped_lock lock(nightState_->mutex);
        changed_ = true; // its progress
        if (nightState_->isDone) {
            if (!nightState_->failure.empty()) {
                failure_ = nightState_->failure;
                links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, failure_});
            }
            nightThread_.reset();
        }
    }
    if (nightState_ && !nightThread_) {
        nightState_.reset();
    }
    const bool isPaused = links_.jobs != nullptr &&
                          (links_.jobs->isPaused("sensitivity") || !links_.jobs->heavyAtWork().empty()); // for now
    if (!wantsNights_ || nightThread_ || isPaused || stop.stop_requested()) {
        return;
    }
    wantsNights_ = false;
    auto due = nightsDue(desk, database);
    if (!due) {
        fail("Sensitivity cannot be replayed", due.error());
        return;
    }
    if (due->nights.empty() && due->unseen.empty()) {
        return;
    }
    nightState_ = std::make_shared<NightState>();
    nightThread_ = std::make_unique<base::WorkerThread>(
        "sensitivity",
        [this, work = std::move(*due)](const std::stop_token& own) {
            lowerPriority();
            replayNights(work, own);
        },
        [state = nightState_](const std::string& what) {
            const std::scoped_lock lock(state->mutex);
            state->failure = what;
            state->isDone = true;
        });
}

void Governor::publish(storage::Database& database)
{
    if (!std::exchange(changed_, false)) {
        return;
    }
    console::GovernanceSnapshot out{.state = console::EngineState::Running};
    storage::ReviewStore store(database);
    auto newest = store.newest();
    auto rows = newest && *newest ? store.proposalsOf((*newest)->id) : Result<std::vector<storage::ProposalRow>>{};
    if (!newest || !rows) {
        fail("The newest review cannot be read", newest ? rows.error() : newest.error());
        out.state = console::EngineState::Struggling;
    } else if (*newest) {
        out.reviewed = (*newest)->heldAt;
        out.abstains = (*newest)->review.abstains;
        out.gapShare = (*newest)->review.gapShare;
        out.held = std::move((*newest)->review.held);
        for (auto& row : *rows) {
            out.proposals.push_back({row.id, std::move(row.proposal), stateOf(row.state), std::move(row.note)});
        }
    }
    out.experiments = experiments_;
    out.nextReview = nextReview(schedule_, links_.clock.now());
    if (nightState_) {
        const std::scoped_lock lock(nightState_->mutex);
        out.phase = nightState_->phase;
        out.progress = nightState_->progress;
    }
    out.detail = failure_;
    links_.screen.put(std::move(out));
}

} // namespace qd::engines
