#include "engines/model_desk.h"

#include "engines/experiment_evidence.h"
#include "engines/model_experiments.h"
#include "governance/figure.h"
#include "learning/gradient_boosting.h"
#include "storage/experiment_store.h"
#include "storage/instrument_store.h"
#include "storage/model_store.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::Actor;
using governance::Change;
using governance::ModelRecord;
using governance::ModelStage;

namespace {

constexpr std::size_t mostLetters = 10'000;               // of a reason
constexpr std::size_t mostBytes = std::size_t{64} << 20U; // of a file

Result<void> checkReason(const std::string& reason, bool mayBeEmpty, const char* why)
{
    if (reason.size() > mostLetters) {
        return base::fail(ErrorCode::OutOfRange, "reason", "longer than 10,000 letters");
    }
    const bool isBlank = reason.find_first_not_of(" \t\r\n") == std::string::npos;
    return isBlank && !mayBeEmpty ? base::fail(ErrorCode::OutOfRange, "reason", std::string("it is empty: ") + why)
                                  : Result<void>{};
}

std::string shown(const ModelRecord& record)
{
    return governance::versionName(record.name.key, record.name.number);
}

/// Whether an experiment against today's champion was won by this version.
Result<bool> hasWon(storage::Database& database, const InForce& inForce, const ModelRecord& record)
{
    const auto all = storage::ExperimentStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    const auto* serves = governance::champion(inForce.models, record.name.key);
    for (const auto& one : *all) {
        if (serves == nullptr || !one.ended || one.plan.comparison != governance::Comparison::Models ||
            one.plan.b != shown(record) || one.plan.a != shown(*serves)) {
            continue;
        }
        const auto assessment = assessed(database, one, *one.ended);
        if (!assessment) {
            return std::unexpected(assessment.error());
        }
        if (assessment->verdict == statistics::Verdict::BBetter) {
            return true;
        }
    }
    return false;
}

/// Its stage as its audit's findings earn it, whatever the file says of itself.
learning::ModelVersion judged(learning::ModelVersion version)
{
    version.lineage.verdict =
        std::max(version.lineage.verdict, learning::AuditReport{.findings = version.lineage.audit}.verdict());
    return version;
}

/// Of a file nobody restores a backup of the database: what is damaged there cannot be read here.
std::unexpected<base::Error> refusedFile(const base::Error& why)
{
    return why.code == ErrorCode::Damaged ? base::fail(ErrorCode::Malformed, "model file", "damaged: " + why.detail)
                                          : base::fail(why.code, "model file", why.detail);
}

/// The version in the bytes of a file, if it can serve here.
Result<learning::ModelVersion> versionIn(const std::string& bytes)
{
    if (bytes.size() > mostBytes) {
        return base::fail(ErrorCode::OutOfRange, "model file", "a file of over 64 MB is no model of this program");
    }
    auto version = learning::unpacked(bytes);
    if (!version) {
        return refusedFile(version.error());
    }
    if (const auto here = learning::boostLibraryVersion(); version->lineage.library != here) {
        return base::fail(ErrorCode::Unsupported, "model file",
                          "it was trained by XGBoost " + version->lineage.library + ", this is " + here);
    }
    if (const auto trees = learning::servedTrees(*version); !trees) {
        return refusedFile(trees.error());
    }
    return judged(std::move(*version));
}

std::string importedWhat(const std::string& version, governance::TrainingOutcome outcome)
{
    return version + " imported: " + std::string(governance::sentence(outcome));
}

} // namespace

std::string evidenceText(const ModelRecord& record)
{
    governance::Figure quality{.name = learning::isRegression(record.name.key.family) ? "R2" : "AUC",
                               .unit = governance::Unit::Ratio,
                               .value = record.quality.value,
                               .interval = record.quality.interval,
                               .confidence = 0.95,
                               .n = record.quality.n,
                               .of = "rows out of sample"};
    auto out = governance::text(quality) + "; trained on " + std::to_string(record.rows) + " rows until " +
               base::isoText(record.knows) + "; audit " + std::string(learning::name(record.verdict));
    for (const auto flag : record.flags) {
        out.append(", ").append(learning::name(flag));
        out.append(record.signedOff.contains(flag) ? " (signed off)" : " (flagged)");
    }
    return out + (record.spansRegimes ? "" : "; regime-limited");
}

// What expires does so by exchange time; before the first trade there is only the clock.
Result<base::UtcMs> ModelDesk::now()
{
    const auto newest = ledgerNow(database_);
    if (!newest) {
        return std::unexpected(newest.error());
    }
    return newest->value_or(clock_.now());
}

Result<std::int64_t> ModelDesk::carryOut(governance::Decision decision, std::vector<storage::AddedModel> models)
{
    decision.time = clock_.now();
    CarryOut order{.decision = std::move(decision), .models = std::move(models)};
    return carryOut_(std::move(order));
}

Result<std::int64_t> ModelDesk::setStage(const console::SetModelStage& wish)
{
    const auto name = governance::versionOf(wish.version);
    const auto inForce = readInForce(database_);
    const auto at = now();
    if (!name) {
        return std::unexpected(name.error());
    }
    if (!inForce || !at) {
        return std::unexpected(inForce ? at.error() : inForce.error());
    }
    const auto policy = governance::policiesFrom(inForce->policy.numbers).models;
    auto changes = governance::modelStaged(inForce->models, *name, wish.to, policy, *at);
    if (!changes) {
        return std::unexpected(changes.error());
    }
    const auto& record = *governance::findModel(inForce->models, *name);
    const auto won = hasWon(database_, *inForce, record);
    if (!won) {
        return std::unexpected(won.error());
    }
    const bool isUnproven = wish.to == ModelStage::Champion && !*won;
    const bool isWithdrawn = record.stage == ModelStage::Champion;
    const auto* why = isUnproven
                          ? "no experiment was won by it against the champion; say in a few words why it shall serve"
                          : "it serves; say in a few words why it shall not";
    if (auto legal = checkReason(wish.reason, !isUnproven && !isWithdrawn, why); !legal) {
        return std::unexpected(legal.error());
    }
    auto what = "stage of " + governance::text(*changes);
    return carryOut({.by = Actor::Operator,
                     .changes = std::move(*changes),
                     .what = std::move(what),
                     .why = wish.reason,
                     .evidence = evidenceText(record)});
}

Result<std::int64_t> ModelDesk::signOff(const console::SignOffModel& wish)
{
    if (auto legal = checkReason(wish.reason, false, "say in a few words why this is no leak"); !legal) {
        return std::unexpected(legal.error());
    }
    const auto name = governance::versionOf(wish.version);
    const auto inForce = readInForce(database_);
    if (!name || !inForce) {
        return std::unexpected(name ? inForce.error() : name.error());
    }
    const auto& registry = inForce->models;
    auto changes = governance::modelSignedOff(registry, *name, wish.detector, comparedModels(inForce->experiments));
    if (!changes) {
        return std::unexpected(changes.error());
    }
    return carryOut({.by = Actor::Operator,
                     .changes = std::move(*changes),
                     .what = "signed off: " + std::string(learning::name(wish.detector)) + " of " + wish.version,
                     .why = wish.reason,
                     .evidence = evidenceText(*governance::findModel(registry, *name))});
}

Result<std::string> ModelDesk::importVersion(const console::ImportModel& wish)
{
    if (auto legal = checkReason(wish.reason, true, ""); !legal) {
        return std::unexpected(legal.error());
    }
    auto version = versionIn(wish.bytes);
    if (!version) {
        return std::unexpected(version.error());
    }
    storage::ModelStore models(database_);
    const auto same = models.byHash(version->bytesHash);
    const auto registry = models.registry();
    const auto experiments = storage::ExperimentStore(database_).running();
    const auto key = governance::keyOf(version->lineage);
    if (!same || !registry) {
        return std::unexpected(same ? registry.error() : same.error());
    }
    if (!experiments) {
        return std::unexpected(experiments.error());
    }
    if (!key) {
        return std::unexpected(key.error());
    }
    if (*same) {
        return base::fail(ErrorCode::AlreadyExists, **same, "these are its very bytes: it is here already");
    }
    if (!key->instrument.empty()) {
        const auto all = storage::InstrumentStore(database_).all();
        if (!all) {
            return std::unexpected(all.error());
        }
        if (std::ranges::find(*all, key->instrument, &market::Instrument::name) == all->end()) {
            return base::fail(ErrorCode::NotFound, key->instrument, "this database has no such instrument");
        }
    }
    const auto clock = clock_.now();
    auto record = governance::recordOf(*version, governance::nextNumber(*registry, *key),
                                       std::min(clock, base::UtcMs{version->lineage.to}));
    if (!record) {
        return std::unexpected(record.error());
    }
    const auto admission =
        governance::admitted(*registry, *record, version->lineage.hasSignal, comparedModels(*experiments));
    if (admission.outcome == governance::TrainingOutcome::FirstChampion) {
        if (auto legal =
                checkReason(wish.reason, false, "it would serve at once, by the audit of where it was trained");
            !legal) {
            return std::unexpected(legal.error());
        }
    }
    const auto name = shown(*record);
    const auto evidence = evidenceText(*record);
    const auto why = "imported: " + std::string(governance::sentence(admission.outcome));
    std::vector<storage::AddedModel> added{
        {std::move(*record), why, std::make_shared<const learning::ModelVersion>(std::move(*version))}};
    if (auto done = carryOut({.by = Actor::Operator,
                              .changes = admission.changes,
                              .what = importedWhat(name, admission.outcome),
                              .why = wish.reason,
                              .evidence = evidence},
                             std::move(added));
        !done) {
        return std::unexpected(done.error());
    }
    return name;
}

Result<std::vector<std::string>> ModelDesk::retire()
{
    const auto inForce = readInForce(database_);
    if (!inForce) {
        return std::unexpected(inForce.error());
    }
    const auto policy = governance::policiesFrom(inForce->policy.numbers).models;
    const auto compared = comparedModels(inForce->experiments);
    auto changes = governance::retirements(inForce->models, policy, compared, clock_.now());
    std::vector<std::string> told;
    std::string evidence;
    for (const auto& change : changes) {
        told.push_back(change.subject);
        if (const auto name = governance::versionOf(change.subject)) {
            if (const auto* record = governance::findModel(inForce->models, *name)) {
                evidence.append(evidence.empty() ? "" : "; ").append(change.subject).append(": ");
                evidence.append(evidenceText(*record));
            }
        }
    }
    if (changes.empty()) {
        return told;
    }
    auto what = "versions retire: " + governance::text(changes);
    auto done = carryOut({.by = Actor::Policy,
                          .changes = std::move(changes),
                          .what = std::move(what),
                          .why = "over " + std::to_string(policy.keepVersions) + " newest versions, or older than " +
                                 std::to_string(policy.retireAfter / base::oneDay) + " days",
                          .evidence = std::move(evidence)});
    if (!done) {
        return std::unexpected(done.error());
    }
    return told;
}

} // namespace qd::engines
