#include "engines/retrain_engine.h"

#include "base/log.h"
#include "engines/decision_hands.h"
#include "storage/experiment_store.h"
#include "storage/instrument_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "storage/trade_book_reader.h"

#include <algorithm>
#include <future>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using governance::ModelKey;
using namespace std::chrono_literals;

namespace {

constexpr auto tick = 250ms;
constexpr auto publishEvery = 100ms;
constexpr auto checkWaitsEvery = 200ms;
constexpr auto registryEvery = 1s;
constexpr base::Millis lookEvery{3'600'000};
constexpr std::size_t mostOutcomes = 50;

/// The next full hour, so that the first look after each UTC midnight comes by itself.
UtcMs nextHour(UtcMs now)
{
    return base::bucketStart(now, lookEvery) + lookEvery;
}

} // namespace

Result<std::int64_t> RetrainEngine::carryOut(CarryOut decision, const std::stop_token& stop)
{
    decision.answer = std::make_shared<std::promise<Result<std::int64_t>>>();
    auto answer = decision.answer->get_future();
    if (!links_.paper.push({0, std::move(decision)})) {
        return base::fail(ErrorCode::Cancelled, "paper", "paper trading has ended");
    }
    return awaited(std::move(answer), "paper", stop, &links_.pulse, links_.clock);
}

Result<std::int64_t> RetrainEngine::keep(storage::LearningRecord record, const std::stop_token& stop)
{
    StoreLearning item{.record = std::move(record), .answer = {}};
    auto answer = item.answer.get_future();
    if (!links_.store.push(std::move(item))) {
        return base::fail(ErrorCode::Cancelled, "store", "the store has ended");
    }
    return awaited(std::move(answer), "store", stop, &links_.pulse, links_.clock);
}

void RetrainEngine::fail(const std::string& doing, const base::Error& error)
{
    if (error.code == ErrorCode::Cancelled) {
        return;
    }
    ++failures_;
    const auto what = doing + ": " + base::sentence(error);
    if (std::exchange(failure_, what) != what) {
        base::log(base::LogLevel::Error, "retrain", what);
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, what});
    }
    shown_.detail = failure_;
}

void RetrainEngine::run(const std::stop_token& stop)
{
    links_.pulse.start(links_.clock.now());
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        fail("Models cannot be trained", database.error());
        links_.pulse.state = shown_.state = console::EngineState::Failed;
        publish(true);
        return;
    }
    RetrainDesk desk(*database,
                     {[&](CarryOut decision) { return carryOut(std::move(decision), stop); },
                      [&](storage::LearningRecord record) { return keep(std::move(record), stop); }},
                     &links_.shelf, links_.policy, links_.clock);
    ModelWatch watch(*database);
    watch_ = &watch;
    if (const auto kept = keep({.abandoned = links_.clock.now()}, stop); !kept) {
        fail("Trainings that were broken off cannot be recorded", kept.error());
    }
    rememberRuns(*database);
    nextLook_ = links_.clock.now() + links_.firstLook;
    links_.pulse.state = shown_.state = console::EngineState::Running;
    while (!stop.stop_requested()) {
        links_.pulse.beat(links_.clock.now());
        obey(*database, tick);
        look(*database, desk, stop);
        watchRegistry(*database);
        if (!waiting_.empty() && !stop.stop_requested()) {
            trainNext(*database, desk, stop);
        }
        publish(false);
    }
    watch_ = nullptr;
    for (const auto& command : links_.door.popAll(0ms)) {
        links_.events.push(
            console::CommandDone{command.id, base::Error{ErrorCode::Cancelled, "retrain", "the console is closing"}});
    }
    links_.pulse.state = console::EngineState::Stopped;
}

// Every hour, and when it is asked for.
void RetrainEngine::look(storage::Database& database, RetrainDesk& desk, const std::stop_token& stop)
{
    constexpr const char* job = "retrain-check";
    const bool isDue = links_.clock.now() >= nextLook_;
    if (links_.nextLook != nullptr) {
        *links_.nextLook = nextLook_.value;
    }
    const bool isWaiting = links_.waits && !links_.waits().empty();
    const bool isWished = links_.jobs != nullptr && !isWaiting && links_.jobs->takeWish(job);
    if ((!isDue && !isWished) || isWaiting) {
        return;
    }
    nextLook_ = isDue ? nextHour(links_.clock.now()) : nextLook_;
    if (links_.nextLook != nullptr) { // a training may follow, and take its time
        *links_.nextLook = nextLook_.value;
    }
    failure_.clear(); // what fails again is told again
    shown_.detail.clear();
    if (!isWished && links_.jobs != nullptr && links_.jobs->isPaused(job)) {
        return;
    }
    check_ = beginJob(links_.jobs, job, isWished ? "by you" : "by the clock");
    const auto before = failures_;
    check_.progress(0, "predictions in shadow");
    lookAtShadow(database, stop);
    check_.progress(0.5, "what is due");
    const auto waited = waiting_.size();
    const bool fills = links_.fillsHistory && links_.fillsHistory();
    if (!fills) {
        lookAtSchedule(database, desk);
    }
    const auto due = waiting_.size() - waited;
    if (failures_ == before) {
        check_.succeed(fills      ? "nothing trains by itself while the past is being fetched"
                       : due == 0 ? "nothing is due"
                                  : std::to_string(due) + (due == 1 ? " model is due" : " models are due"));
    } else {
        check_.fail(failure_);
    }
    check_ = {};
}

// What ended before this start, and what the last one broke off.
void RetrainEngine::rememberRuns(storage::Database& database)
{
    const auto runs = storage::ModelStore(database).runs({}, mostOutcomes);
    if (!runs) {
        fail("Past trainings cannot be read", runs.error());
        return;
    }
    for (const auto& run : *runs) {
        if (run.ended) {
            shown_.outcomes.push_back({.model = run.model,
                                       .version = run.version,
                                       .at = *run.ended,
                                       .isFailure = isFailedTraining(run.outcome),
                                       .what = run.outcome,
                                       .why = run.why});
        }
    }
}

void RetrainEngine::obey(storage::Database& database, std::chrono::milliseconds timeout)
{
    for (const auto& command : links_.door.popAll(timeout)) {
        Result<void> done = base::fail(ErrorCode::Internal, "retrain", "not a wish to train");
        if (const auto* wish = std::get_if<console::RetrainModel>(&command.command)) {
            done = want(database, *wish);
        } else if (const auto* end = std::get_if<console::CancelRetrain>(&command.command)) {
            done = cancel(end->model);
        }
        links_.events.push(
            console::CommandDone{command.id, done ? std::optional<base::Error>() : std::optional(done.error())});
        publish(true);
    }
}

bool RetrainEngine::isUnderWay(const ModelKey& key) const
{
    return runs_ == key || std::ranges::find(waiting_, key, &Wanted::key) != waiting_.end();
}

// Of a family those that are not under way yet; Busy where all are.
Result<void> RetrainEngine::want(storage::Database& database, const console::RetrainModel& wish)
{
    const auto instruments = storage::InstrumentStore(database).all();
    const auto keys = instruments ? modelsNamed(wish.model, *instruments)
                                  : Result<std::vector<ModelKey>>(std::unexpected(instruments.error()));
    if (!keys) {
        return std::unexpected(keys.error());
    }
    const auto before = waiting_.size();
    for (const auto& key : *keys) {
        if (!isUnderWay(key)) {
            waiting_.push_back({key, "by you" + (wish.reason.empty() ? std::string() : ": " + wish.reason)});
        }
    }
    if (waiting_.size() == before) {
        return base::fail(ErrorCode::Busy, wish.model, "it trains or waits to be trained already");
    }
    return {};
}

Result<void> RetrainEngine::cancel(const std::string& model)
{
    const auto isMeant = [&](const ModelKey& key) {
        return model.empty() || model == governance::text(key) || model == learning::name(key.family);
    };
    const auto waited = std::erase_if(waiting_, [&](const Wanted& wanted) { return isMeant(wanted.key); });
    const bool ends = runs_ && isMeant(*runs_);
    isCancelled_ = isCancelled_ || ends;
    return waited > 0 || ends ? Result<void>{}
                              : base::fail(ErrorCode::NotFound, model, "no such training runs or waits");
}

void RetrainEngine::lookAtSchedule(storage::Database& database, RetrainDesk& desk)
{
    auto instruments = storage::InstrumentStore(database).all();
    const auto left = storage::leftInstruments(database);
    if (!instruments || !left) {
        fail("The schedule of trainings cannot be read", !instruments ? instruments.error() : left.error());
        return;
    }
    std::erase_if(*instruments, [&](const market::Instrument& one) { // nothing new comes of them
        return std::ranges::find(*left, one.id) != left->end();
    });
    for (const auto& key : modelsOf(*instruments)) {
        links_.pulse.beat(links_.clock.now());
        check_.beat();
        if (isUnderWay(key)) {
            continue;
        }
        const auto due = desk.due(key, watch_->drifted().contains(governance::text(key)));
        if (!due) {
            fail("The schedule of trainings cannot be read", due.error());
            return;
        }
        if (due->isDue) {
            waiting_.push_back({key, due->why});
        }
    }
}

void RetrainEngine::lookAtShadow(storage::Database& database, const std::stop_token& stop)
{
    const auto policy = storage::PolicyStore(database).values();
    if (!policy) {
        fail("The policy cannot be read", policy.error());
        return;
    }
    auto looked = watch_->look(links_.clock.now(), driftLimits(*policy), [&] {
        links_.pulse.beat(links_.clock.now());
        obey(database, 0ms);
        check_.beat();
        return !stop.stop_requested();
    });
    if (!looked) {
        fail("Predictions in shadow cannot be looked at", looked.error());
        return;
    }
    if (looked->days.empty() && looked->drifts.empty()) {
        return;
    }
    if (const auto kept = keep({.days = std::move(looked->days), .drifts = std::move(looked->drifts)}, stop); !kept) {
        fail("Predictions in shadow cannot be kept", kept.error());
    }
}

void RetrainEngine::trainNext(storage::Database& database, RetrainDesk& desk, const std::stop_token& stop)
{
    const auto wanted = waiting_.front();
    waiting_.pop_front();
    runs_ = wanted.key;
    isCancelled_ = false;
    run_ = beginJob(links_.jobs, "retrain", wanted.trigger);
    run_.say("trains " + governance::text(wanted.key));
    shown_.running = console::RetrainProgress{.model = governance::text(wanted.key),
                                              .trigger = wanted.trigger,
                                              .phase = std::string(collecting),
                                              .since = links_.clock.now()};
    publish(true);
    auto end = pause(database, stop) ? trainApart(database, desk, wanted, stop)
                                     : RetrainEnd{.outcome = {.model = governance::text(wanted.key),
                                                              .at = links_.clock.now(),
                                                              .isFailure = true,
                                                              .what = "cancelled",
                                                              .why = "before it began"},
                                                  .version = nullptr,
                                                  .error = {}};
    runs_.reset();
    shown_.running.reset();
    const auto& outcome = end.outcome;
    const auto said =
        (outcome.version.empty() ? outcome.model : outcome.version) + ": " + outcome.what + ". " + outcome.why;
    base::log(outcome.isFailure ? base::LogLevel::Warning : base::LogLevel::Info, "retrain", said);
    if (outcome.what == "cancelled") {
        run_.cancel(said);
    } else {
        outcome.isFailure ? run_.fail(said) : run_.succeed(said);
    }
    run_ = {};
    if (!stop.stop_requested()) {
        const bool isBad = outcome.isFailure && outcome.what != "cancelled";
        links_.events.push(console::Notice{
            links_.clock.now(),
            isBad || outcome.what == "quarantined" ? console::Severity::Warning : console::Severity::Info, said});
    }
    shown_.outcomes.insert(shown_.outcomes.begin(), std::move(end.outcome));
    shown_.outcomes.resize(std::min(shown_.outcomes.size(), mostOutcomes));
    nextRegistry_ = {};
    watchRegistry(database);
    publish(true);
}

// This thread waits meanwhile, so all that is its own is that one's until the end.
RetrainEnd RetrainEngine::trainApart(storage::Database& database, RetrainDesk& desk, const Wanted& wanted,
                                     const std::stop_token& stop)
{
    return std::async(std::launch::async,
                      [&] {
                          if (links_.beforeTraining) {
                              links_.beforeTraining();
                          }
                          return desk.train(
                              wanted.key, wanted.trigger,
                              [&](const RetrainStep& at) { return step(database, at, stop); },
                              [&] { return isCancelled_ ? run_.whyTimedOut() : std::nullopt; });
                      })
        .get();
}

bool RetrainEngine::step(storage::Database& database, const RetrainStep& at, const std::stop_token& stop)
{
    links_.pulse.beat(links_.clock.now());
    auto& running = *shown_.running;
    running.phase = at.what.empty() ? std::string(at.phase) : std::string(at.phase) + " of " + at.what;
    running.fold = at.fold;
    running.folds = at.folds;
    running.tree = at.tree;
    running.trees = at.trees;
    running.fraction = at.fraction;
    running.left = at.left;
    run_.progress(at.fraction, running.model + ": " + running.phase);
    isCancelled_ = isCancelled_ || run_.token().stop_requested();
    obey(database, 0ms);
    publish(false);
    if (at.phase == collecting) { // inside a reading of the database, which must not be held open
        return !stop.stop_requested() && !isCancelled_;
    }
    return pause(database, stop);
}

// Waits while it has to, and answers whether the training goes on.
bool RetrainEngine::pause(storage::Database& database, const std::stop_token& stop)
{
    const auto goesOn = [&] { return !stop.stop_requested() && !isCancelled_; };
    const auto now = std::chrono::steady_clock::now();
    if (!links_.waits || now - checkedWaits_ < checkWaitsEvery) {
        return goesOn();
    }
    checkedWaits_ = now;
    while (goesOn()) {
        shown_.running->waits = links_.waits();
        if (shown_.running->waits.empty()) {
            break;
        }
        links_.pulse.beat(links_.clock.now());
        run_.beat();
        publish(false);
        obey(database, checkWaitsEvery);
    }
    return goesOn();
}

// Others change it, too: the operator, an undo, an import.
void RetrainEngine::watchRegistry(storage::Database& database)
{
    const auto now = std::chrono::steady_clock::now();
    if (now < nextRegistry_) {
        return;
    }
    nextRegistry_ = now + registryEvery;
    auto registry = storage::ModelStore(database).registry();
    const auto experiments = storage::ExperimentStore(database).running();
    if (!registry || !experiments) {
        fail("The registry of models cannot be read", !registry ? registry.error() : experiments.error());
        return;
    }
    const auto same = [](const governance::ModelRecord& a, const governance::ModelRecord& b) {
        return a.name == b.name && a.stage == b.stage && a.signedOff == b.signedOff;
    };
    const bool changed = !std::ranges::equal(*registry, registry_, same);
    registry_ = std::move(*registry);
    std::size_t quarantined = 0;
    std::size_t challengers = 0;
    for (const auto& record : registry_) {
        const auto name = governance::versionName(record.name.key, record.name.number);
        const bool canBeSigned = !record.flags.empty() && std::ranges::includes(record.signable, record.flags);
        quarantined += record.stage == governance::ModelStage::Quarantined && canBeSigned ? 1U : 0U;
        const bool isCompared =
            std::ranges::any_of(*experiments, [&](const storage::StoredExperiment& one) { return one.plan.b == name; });
        challengers += record.stage == governance::ModelStage::Challenger && !isCompared ? 1U : 0U;
    }
    if (changed || quarantined != shown_.quarantined || challengers != shown_.challengers) {
        ++shown_.revision;
        shown_.quarantined = quarantined;
        shown_.challengers = challengers;
        publish(true);
    }
}

void RetrainEngine::publish(bool force)
{
    const auto now = std::chrono::steady_clock::now();
    if (!force && now - published_ < publishEvery) {
        return;
    }
    const bool isSame = !force && !shown_.running && links_.screen.version() > 0;
    published_ = now;
    if (isSame) {
        return; // nothing moves
    }
    shown_.waiting.clear();
    std::ranges::transform(waiting_, std::back_inserter(shown_.waiting),
                           [](const Wanted& wanted) { return governance::text(wanted.key); });
    links_.screen.put(shown_);
}

} // namespace qd::engines
