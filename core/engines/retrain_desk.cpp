#include "engines/retrain_desk.h"

#include "engines/model_experiments.h"
#include "governance/policies.h"
#include "storage/calibration_store.h"
#include "storage/experiment_store.h"
#include "storage/instrument_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"

#include <algorithm>
#include <array>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::ModelKey;
using governance::TrainingOutcome;
using learning::Family;

namespace {

constexpr std::array families{Family::Gbt5m, Family::Direction, Family::Volatility, Family::StopHit, Family::Fill};
constexpr base::Millis retryAfter = base::oneDay; // by itself, after a run that failed

/// `isServed`: a version was in service before.
std::string_view wordOf(TrainingOutcome outcome, bool isServed)
{
    switch (outcome) {
    case TrainingOutcome::FirstChampion:
        return "first champion";
    case TrainingOutcome::Challenger:
        return "challenger";
    case TrainingOutcome::KeptOld:
        return isServed ? "kept the old one" : "no signal";
    case TrainingOutcome::Waits:
        return "next challenger";
    case TrainingOutcome::Quarantined:
        break;
    }
    return "quarantined";
}

/// What of its audit failed, in the audit's own sentences.
std::string findingsOf(const learning::Lineage& lineage)
{
    std::string out;
    for (const auto& finding : lineage.audit) {
        if (finding.level == learning::LeakLevel::Fail) {
            out += " " + std::string(name(finding.detector)) + ": " + finding.evidence;
        }
    }
    return out;
}

} // namespace

bool isFailedTraining(std::string_view outcome)
{
    return outcome == "failed" || outcome == "cancelled" || outcome == "timed out";
}

std::vector<ModelKey> modelsOf(const std::vector<market::Instrument>& instruments)
{
    std::vector<ModelKey> out;
    for (const auto family : families) {
        if (family != Family::Direction) {
            out.push_back({family, {}});
            continue;
        }
        for (const auto& instrument : instruments) {
            out.push_back({family, instrument.name});
        }
    }
    return out;
}

Result<std::vector<ModelKey>> modelsNamed(std::string_view name, const std::vector<market::Instrument>& instruments)
{
    std::vector<ModelKey> out;
    std::string known;
    for (const auto& key : modelsOf(instruments)) {
        const auto family = learning::name(key.family);
        if (name == "all" || name == family || name == governance::text(key)) {
            out.push_back(key);
        }
        if (known.find(family) == std::string::npos) {
            known.append(known.empty() ? "" : ", ").append(family);
        }
    }
    if (out.empty()) {
        return base::fail(ErrorCode::NotFound, std::string(name),
                          "no model of that name; there are " + known +
                              ", of direction_predictor one for each instrument (direction_predictor@BTC-USDT), and "
                              "all");
    }
    return out;
}

Result<std::uint64_t> tradesFor(storage::Database& database, const ModelKey& key, base::UtcMs since)
{
    auto statement =
        database.prepare(key.family == Family::Gbt5m ? "SELECT count(*) FROM trades WHERE exit_time>? AND strategy=?"
                                                     : "SELECT count(*) FROM trades WHERE exit_time>?");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, since.value);
    if (key.family == Family::Gbt5m) {
        statement->bind(1, gbtStrategy);
    }
    const auto row = statement->step();
    return row ? Result<std::uint64_t>(static_cast<std::uint64_t>(statement->integer(0)))
               : std::unexpected(row.error());
}

Result<DataOrder> RetrainDesk::orderFor(const ModelKey& key)
{
    const auto inForce = readInForce(database_);
    const auto slippage = storage::CalibrationStore(database_).newest();
    auto all = storage::InstrumentStore(database_).all();
    if (!inForce || !slippage) {
        return std::unexpected(!inForce ? inForce.error() : slippage.error());
    }
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto parameters = inForce->parameters.find(std::string(gbtStrategy));
    if (parameters == inForce->parameters.end()) {
        return base::fail(ErrorCode::NotFound, std::string(gbtStrategy), "it is not in the catalogue");
    }
    DataOrder out{
        .rule = labelRule(key.family, parameters->second, paperPolicyOf(inForce->policy, standard_), slippage->rows)};
    for (auto& instrument : *all) {
        if (key.instrument.empty() || instrument.name == key.instrument) {
            out.instruments.push_back(std::move(instrument));
        }
    }
    return out;
}

Result<RetrainDesk::Prepared> RetrainDesk::prepare(const ModelKey& key, const std::string& trigger)
{
    auto order = orderFor(key);
    const auto policy = storage::PolicyStore(database_).values();
    storage::ModelStore models(database_);
    auto registry = models.registry();
    if (!order || !policy) {
        return std::unexpected(!order ? order.error() : policy.error());
    }
    if (!registry) {
        return std::unexpected(registry.error());
    }
    Prepared out{.task = {.model = governance::text(key),
                          .triesOf = key.family == Family::Gbt5m ? std::string(gbtStrategy) : governance::text(key),
                          .order = std::move(*order),
                          .reason = trigger,
                          .limits = retrainLimits(*policy),
                          .now = clock_.now()},
                 .registry = std::move(*registry)};
    if (const auto* serves = governance::champion(out.registry, key)) {
        // One that cannot be read any more serves nobody, and holds up nothing.
        if (auto version = models.version(governance::versionName(key, serves->name.number))) {
            out.task.champion = std::move(*version);
        }
    }
    return out;
}

RetrainEnd RetrainDesk::train(const ModelKey& key, const std::string& trigger, const OnStep& onStep,
                              const WhyTimedOut& whyTimedOut)
{
    const auto model = governance::text(key);
    storage::RetrainRun run{.model = model, .trigger = trigger, .started = clock_.now()};
    const auto begun = hands_.keep({.begins = run});
    auto made = begun ? tryToTrain(key, trigger, onStep) : Result<RetrainEnd>(std::unexpected(begun.error()));
    RetrainEnd end;
    if (made) {
        end = std::move(*made);
    } else {
        const auto& error = made.error();
        end.error = error;
        end.outcome = {.isFailure = true,
                       .what = error.code == ErrorCode::Cancelled ? "cancelled" : "failed",
                       .why = error.detail.empty() ? base::sentence(error) : error.detail};
        const auto timedOut =
            error.code == ErrorCode::Cancelled && whyTimedOut ? whyTimedOut() : std::optional<std::string>();
        if (timedOut) {
            end.outcome.what = "timed out";
            end.outcome.why = *timedOut;
        } else if (error.code == ErrorCode::DiskFull) {
            end.outcome.why = "the disk is full: " + error.detail;
        }
    }
    end.outcome.model = model;
    end.outcome.at = clock_.now();
    if (begun) {
        run.id = *begun;
        run.ended = end.outcome.at;
        run.outcome = end.outcome.what;
        run.version = end.outcome.version;
        run.why = end.outcome.why;
        if (const auto kept = hands_.keep({.ends = run}); !kept && !end.error) {
            end.outcome.why += "; its run could not be recorded: " + kept.error().detail;
        }
    }
    return end;
}

Result<RetrainEnd> RetrainDesk::tryToTrain(const ModelKey& key, const std::string& trigger, const OnStep& onStep)
{
    auto prepared = prepare(key, trigger);
    if (!prepared) {
        return std::unexpected(prepared.error());
    }
    auto made = retrain(database_, prepared->task, onStep);
    if (!made) {
        return std::unexpected(made.error());
    }
    if (onStep && !onStep({.phase = "saving", .fraction = 1})) {
        return base::fail(ErrorCode::Cancelled, prepared->task.model, "the training was cancelled");
    }
    if (!made->tries.empty()) {
        if (const auto kept = hands_.keep({.tries = made->tries}); !kept) {
            return std::unexpected(kept.error());
        }
    }
    return admit(key, *prepared, std::move(*made));
}

Result<RetrainEnd> RetrainDesk::admit(const ModelKey& key, Prepared& prepared, Retrained made)
{
    // As it is now: the operator may have promoted or retired one while it trained.
    const auto registry = storage::ModelStore(database_).registry();
    const auto experiments = storage::ExperimentStore(database_).running();
    if (!registry || !experiments) {
        return std::unexpected(registry ? experiments.error() : registry.error());
    }
    auto version = std::make_shared<const learning::ModelVersion>(std::move(made.version));
    const auto& lineage = version->lineage;
    const auto number = governance::nextNumber(*registry, key);
    auto record = governance::recordOf(*version, number, clock_.now());
    if (!record) {
        return std::unexpected(record.error());
    }
    const auto admission = governance::admitted(*registry, *record, lineage.hasSignal, comparedModels(*experiments));
    const bool isServed = governance::champion(*registry, key) != nullptr;
    RetrainEnd end{.outcome = {.version = governance::versionName(key, number),
                               .what = std::string(wordOf(admission.outcome, isServed))},
                   .version = version,
                   .error = {}};
    auto& why = end.outcome.why;
    why = (admission.outcome == TrainingOutcome::KeptOld && !isServed ? std::string("no signal, and none served before")
                                                                      : std::string(sentence(admission.outcome))) +
          "; " + figuresOf(lineage) + ".";
    if (admission.outcome == TrainingOutcome::Quarantined) {
        why += findingsOf(lineage);
    }
    if (!made.notes.empty()) {
        why += " Note: " + made.notes + ".";
    }
    if (admission.changes.empty()) {
        end.outcome.version.clear();
        return end;
    }
    if (shelf_ != nullptr) {
        shelf_->put(version);
    }
    CarryOut order{.decision = {.id = 0,
                                .time = clock_.now(),
                                .by = governance::Actor::Policy,
                                .changes = admission.changes,
                                .what = "trained " + end.outcome.version + ": " + end.outcome.what,
                                .why = prepared.task.reason,
                                .evidence = figuresOf(lineage),
                                .undoes = {}},
                   .models = {{.record = *record, .why = why, .version = version, .regimeShares = made.regimeShares}}};
    const auto carried = hands_.carryOut(std::move(order));
    if (!carried) {
        return std::unexpected(carried.error());
    }
    return end;
}

Result<governance::RetrainDue> RetrainDesk::due(const ModelKey& key, bool hasDrifted)
{
    storage::ModelStore models(database_);
    const auto registry = models.registry();
    const auto policy = storage::PolicyStore(database_).values();
    const auto runs = models.runs(governance::text(key), 1);
    if (!registry || !policy) {
        return std::unexpected(!registry ? registry.error() : policy.error());
    }
    if (!runs) {
        return std::unexpected(runs.error());
    }
    base::UtcMs knows{0};
    for (const auto& record : *registry) {
        if (record.name.key == key) {
            knows = std::max(knows, record.knows);
        }
    }
    const auto trades = tradesFor(database_, key, knows);
    if (!trades) {
        return std::unexpected(trades.error());
    }
    const auto now = clock_.now();
    auto out =
        governance::retrainDue(*registry, key, *trades, hasDrifted, governance::policiesFrom(*policy).models, now);
    if (!out.isDue) {
        return out;
    }
    if (!runs->empty() && isFailedTraining(runs->front().outcome) && now - runs->front().started < retryAfter) {
        out.isDue = false;
        out.next = runs->front().started + retryAfter;
        out.why = "the last run " + runs->front().outcome + ": " + runs->front().why;
        return out;
    }
    const auto order = orderFor(key);
    if (!order) {
        return std::unexpected(order.error());
    }
    const auto choice = chooseSource(database_, *order);
    if (!choice && choice.error().code != ErrorCode::OutOfRange) {
        return std::unexpected(choice.error());
    }
    if (!choice || choice->longest < DataOrder::fewestBars) {
        out.isDue = false;
        out.why = "too little is archived yet" + (choice ? " (" + choice->why + ")" : std::string());
    }
    return out;
}

} // namespace qd::engines
