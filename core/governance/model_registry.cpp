#include "governance/model_registry.h"

#include <algorithm>

namespace qd::governance {

using base::ErrorCode;
using base::Result;
using learning::Detector;

namespace {

constexpr std::string_view flagged = "flagged";
constexpr std::string_view signedWord = "signed off";

std::string stageText(ModelStage stage)
{
    return std::string(name(stage));
}

Change stageChange(const ModelRecord& record, ModelStage to)
{
    return {ChangeKind::ModelStage, versionName(record.name.key, record.name.number), stageText(record.stage),
            stageText(to)};
}

bool hasOpenFlags(const ModelRecord& record)
{
    return !std::ranges::includes(record.signedOff, record.flags);
}

// Newest first.
std::vector<const ModelRecord*> versionsOf(const ModelRegistry& registry, const ModelKey& key)
{
    std::vector<const ModelRecord*> out;
    for (const auto& record : registry) {
        if (record.name.key == key) {
            out.push_back(&record);
        }
    }
    std::ranges::sort(out, std::ranges::greater{}, [](const ModelRecord* r) { return r->name.number; });
    return out;
}

const ModelRecord* inStage(const ModelRegistry& registry, const ModelKey& key, ModelStage stage)
{
    const auto found =
        std::ranges::find_if(registry, [&](const ModelRecord& r) { return r.name.key == key && r.stage == stage; });
    return found == registry.end() ? nullptr : &*found;
}

ModelRecord* findOwn(ModelRegistry& registry, const VersionName& name)
{
    const auto found = std::ranges::find(registry, name, &ModelRecord::name);
    return found == registry.end() ? nullptr : &*found;
}

std::string shown(const VersionName& name)
{
    return versionName(name.key, name.number);
}

// "version 12": behind the model's name it need not be said again.
std::string numberText(const ModelRecord& record)
{
    return "version " + std::to_string(record.name.number);
}

// Whoever has the only place of a stage leaves it to another one.
void makeRoom(const ModelRegistry& registry, const ModelKey& key, ModelStage stage, std::vector<Change>& changes)
{
    if (const auto* other = inStage(registry, key, stage)) {
        changes.push_back(stageChange(*other, ModelStage::Shadow));
    }
}

// The challenger is an arm of an experiment: nobody takes its place before that ends.
bool isTried(const ModelRegistry& registry, const ModelKey& key, std::span<const VersionName> compared)
{
    const auto* tried = inStage(registry, key, ModelStage::Challenger);
    return tried != nullptr && std::ranges::find(compared, tried->name) != compared.end();
}

Result<void> set(ModelRecord& record, const ModelSubject& subject, const Change& change, UtcMs now)
{
    if (!subject.flag) {
        const auto stage = modelStageOf(change.after);
        if (!stage) {
            return std::unexpected(stage.error());
        }
        record.stage = *stage;
        record.stageSince = now;
        return {};
    }
    if (change.after == signedWord && record.signable.contains(*subject.flag)) {
        record.signedOff.insert(*subject.flag);
    } else if (change.after == flagged) {
        record.signedOff.erase(*subject.flag);
    } else {
        return base::fail(ErrorCode::Unsupported, change.subject, "no such value: " + change.after);
    }
    return {};
}

Result<void> addNew(ModelRegistry& registry, std::span<const ModelRecord> added, const Change& change,
                    const ModelSubject& subject, UtcMs now)
{
    const auto fresh = std::ranges::find(added, subject.version, &ModelRecord::name);
    if (fresh == added.end() || subject.flag) {
        return base::fail(ErrorCode::NotFound, change.subject, "no such version");
    }
    if (findModel(registry, subject.version) != nullptr) {
        return base::fail(ErrorCode::Conflict, change.subject, "there is such a version already");
    }
    registry.push_back(*fresh);
    return set(registry.back(), subject, change, now);
}

Result<void> changeOne(ModelRegistry& registry, std::span<const ModelRecord> added, const Change& change, UtcMs now)
{
    const auto subject = modelSubject(change.subject);
    if (!subject) {
        return std::unexpected(subject.error());
    }
    if (change.before.empty()) {
        return addNew(registry, added, change, *subject, now);
    }
    auto* record = findOwn(registry, subject->version);
    const auto value = modelInForce(registry, change);
    if (record == nullptr || !value) {
        return base::fail(ErrorCode::NotFound, change.subject, "not in the registry");
    }
    if (*value != change.before) {
        return base::fail(ErrorCode::Conflict, change.subject, "it is " + *value + ", not " + change.before);
    }
    return set(*record, *subject, change, now);
}

// What no registry may be, whatever led there.
Result<void> checked(const ModelRegistry& registry)
{
    for (const auto& record : registry) {
        const bool isTriedOrServes = record.stage == ModelStage::Champion || record.stage == ModelStage::Challenger;
        if (!isTriedOrServes) {
            continue;
        }
        const auto* first = inStage(registry, record.name.key, record.stage);
        if (first != &record) {
            return base::fail(ErrorCode::Conflict, shown(record.name),
                              shown(first->name) + " is " + stageText(record.stage) + " already");
        }
    }
    for (const auto& record : registry) {
        const bool isOut = record.stage == ModelStage::Quarantined || record.stage == ModelStage::Retired;
        if (!isOut && hasOpenFlags(record)) {
            return base::fail(ErrorCode::Conflict, shown(record.name), "its audit's flags are not signed off");
        }
    }
    return {};
}

void sortRegistry(ModelRegistry& registry)
{
    std::ranges::sort(registry, [](const ModelRecord& a, const ModelRecord& b) {
        return a.name.key != b.name.key ? a.name.key < b.name.key : a.name.number > b.name.number;
    });
}

std::string counted(std::uint64_t n, std::string_view one, std::string_view many)
{
    return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

} // namespace

const ModelRecord* findModel(const ModelRegistry& registry, const VersionName& name)
{
    const auto found = std::ranges::find(registry, name, &ModelRecord::name);
    return found == registry.end() ? nullptr : &*found;
}

const ModelRecord* champion(const ModelRegistry& registry, const ModelKey& key)
{
    return inStage(registry, key, ModelStage::Champion);
}

const ModelRecord* challenger(const ModelRegistry& registry, const ModelKey& key)
{
    return inStage(registry, key, ModelStage::Challenger);
}

std::uint32_t nextNumber(const ModelRegistry& registry, const ModelKey& key)
{
    const auto versions = versionsOf(registry, key);
    return versions.empty() ? 1 : versions.front()->name.number + 1;
}

std::optional<std::string> modelInForce(const ModelRegistry& registry, const Change& change)
{
    const auto subject = modelSubject(change.subject);
    const auto* record = subject ? findModel(registry, subject->version) : nullptr;
    if (record == nullptr || (subject->flag && !record->flags.contains(*subject->flag))) {
        return std::nullopt;
    }
    if (!subject->flag) {
        return stageText(record->stage);
    }
    return std::string(record->signedOff.contains(*subject->flag) ? signedWord : flagged);
}

Result<ModelRegistry> changedModels(ModelRegistry registry, std::span<const ModelRecord> added,
                                    std::span<const Change> changes, UtcMs now)
{
    for (const auto& change : changes) {
        if (change.kind != ChangeKind::ModelStage) {
            continue;
        }
        if (auto done = changeOne(registry, added, change, now); !done) {
            return std::unexpected(done.error());
        }
    }
    if (auto fine = checked(registry); !fine) {
        return std::unexpected(fine.error());
    }
    sortRegistry(registry);
    return registry;
}

Admission admitted(const ModelRegistry& registry, const ModelRecord& fresh, bool hasSignal,
                   std::span<const VersionName> compared)
{
    const auto& key = fresh.name.key;
    const auto becomes = [&](ModelStage stage) {
        return Change{ChangeKind::ModelStage, shown(fresh.name), "", stageText(stage)};
    };
    if (fresh.verdict != learning::AuditVerdict::Clean || !fresh.flags.empty()) {
        return {TrainingOutcome::Quarantined, {becomes(ModelStage::Quarantined)}};
    }
    if (!hasSignal) {
        return {TrainingOutcome::KeptOld, {becomes(ModelStage::Retired)}};
    }
    // One that was signed off is no first honest version, and one that the operator took out of service still is one.
    const bool isFirst = champion(registry, key) == nullptr && std::ranges::none_of(registry, [&](const auto& other) {
                             return other.name.key == key && other.verdict == learning::AuditVerdict::Clean &&
                                    (other.stage == ModelStage::Challenger || other.stage == ModelStage::Shadow);
                         });
    if (isFirst) {
        return {TrainingOutcome::FirstChampion, {becomes(ModelStage::Champion)}};
    }
    if (isTried(registry, key, compared)) {
        return {TrainingOutcome::Waits, {becomes(ModelStage::Shadow)}};
    }
    Admission out{TrainingOutcome::Challenger, {}};
    makeRoom(registry, key, ModelStage::Challenger, out.changes);
    out.changes.push_back(becomes(ModelStage::Challenger));
    return out;
}

const ModelRecord* nextChallenger(const ModelRegistry& registry, const ModelKey& key, UtcMs begun,
                                  const ModelPolicy& policy, UtcMs now)
{
    for (const auto* record : versionsOf(registry, key)) {
        if (record->stage == ModelStage::Shadow && record->stageSince > begun && !isExpired(*record, policy, now)) {
            return record;
        }
    }
    return nullptr;
}

Result<std::vector<Change>> modelStaged(const ModelRegistry& registry, const VersionName& version, ModelStage to,
                                        const ModelPolicy& policy, UtcMs now)
{
    const auto* record = findModel(registry, version);
    const auto refused = [&](std::string why) {
        return base::fail(ErrorCode::Conflict, shown(version), std::move(why));
    };
    if (record == nullptr) {
        return base::fail(ErrorCode::NotFound, shown(version), "no such version");
    }
    if (record->stage == to) {
        return refused("it is " + stageText(to) + " already");
    }
    if (to == ModelStage::Quarantined) {
        return refused("only its audit puts a version there; retire it instead");
    }
    if (to != ModelStage::Retired && hasOpenFlags(*record)) {
        const bool never = !std::ranges::includes(record->signable, record->flags);
        return refused(never ? "its audit found what can never be signed off: it never serves"
                             : "its audit flagged it: sign its flags off first");
    }
    if (to == ModelStage::Champion && isExpired(*record, policy, now)) {
        return refused("what it learned from is over " + std::to_string(policy.expiry / base::oneDay) +
                       " days old: it has expired; train anew");
    }
    std::vector<Change> changes;
    if (to == ModelStage::Champion || to == ModelStage::Challenger) {
        makeRoom(registry, version.key, to, changes);
    }
    changes.push_back(stageChange(*record, to));
    return changes;
}

Result<std::vector<Change>> modelSignedOff(const ModelRegistry& registry, const VersionName& version, Detector detector,
                                           std::span<const VersionName> compared)
{
    const auto* record = findModel(registry, version);
    const auto flag = std::string(learning::name(detector));
    if (record == nullptr) {
        return base::fail(ErrorCode::NotFound, shown(version), "no such version");
    }
    if (!record->flags.contains(detector)) {
        return base::fail(ErrorCode::NotFound, shown(version), "its audit did not flag it: " + flag);
    }
    if (!record->signable.contains(detector)) {
        return base::fail(ErrorCode::Unsupported, shown(version), flag + " can never be signed off");
    }
    if (record->signedOff.contains(detector)) {
        return base::fail(ErrorCode::Conflict, shown(version), flag + " is signed off already");
    }
    if (record->stage != ModelStage::Quarantined) {
        return base::fail(ErrorCode::Conflict, shown(version),
                          "it is " + stageText(record->stage) + "; only what is quarantined is signed off");
    }
    std::vector<Change> changes{
        {ChangeKind::ModelStage, shown(version) + ": " + flag, std::string(flagged), std::string(signedWord)}};
    if (record->signedOff.size() + 1 == record->flags.size()) {
        const bool waits = isTried(registry, version.key, compared);
        if (!waits) {
            makeRoom(registry, version.key, ModelStage::Challenger, changes);
        }
        changes.push_back(stageChange(*record, waits ? ModelStage::Shadow : ModelStage::Challenger));
    }
    return changes;
}

std::vector<Change> retirements(const ModelRegistry& registry, const ModelPolicy& policy,
                                std::span<const VersionName> compared, UtcMs now)
{
    std::set<ModelKey> keys;
    for (const auto& record : registry) {
        keys.insert(record.name.key);
    }
    std::vector<Change> changes;
    for (const auto& key : keys) {
        std::size_t newer = 0;
        for (const auto* record : versionsOf(registry, key)) {
            if (record->stage == ModelStage::Retired) {
                continue;
            }
            const bool isOver = newer >= policy.keepVersions || now - record->trained > policy.retireAfter;
            const bool isSpared =
                record->stage == ModelStage::Champion || std::ranges::find(compared, record->name) != compared.end();
            ++newer;
            if (isOver && !isSpared) {
                changes.push_back(stageChange(*record, ModelStage::Retired));
            }
        }
    }
    return changes;
}

bool isExpired(const ModelRecord& record, const ModelPolicy& policy, UtcMs now)
{
    return now - record.knows > policy.expiry;
}

bool hasConverged(const ModelRegistry& registry, const ModelKey& key, const ModelPolicy& policy)
{
    const auto versions = versionsOf(registry, key);
    if (policy.convergedVersions == 0 || versions.size() < policy.convergedVersions) {
        return false;
    }
    const double nothing = learning::isRegression(key.family) ? 0.0 : 0.5;
    double lowest = 0;
    double highest = 0;
    for (std::size_t i = 0; i < policy.convergedVersions; ++i) {
        const auto& interval = versions[i]->quality.interval;
        if (!interval || interval->lower <= nothing || hasOpenFlags(*versions[i])) {
            return false;
        }
        lowest = i == 0 ? interval->lower : std::max(lowest, interval->lower);
        highest = i == 0 ? interval->upper : std::min(highest, interval->upper);
    }
    return lowest <= highest;
}

RetrainDue retrainDue(const ModelRegistry& registry, const ModelKey& key, std::uint64_t tradesSince, bool hasDrifted,
                      const ModelPolicy& policy, UtcMs now)
{
    const auto versions = versionsOf(registry, key);
    if (versions.empty()) {
        return {.isDue = true, .why = "no version yet"};
    }
    const auto& newest = *versions.front();
    const auto age = now - newest.trained;
    RetrainDue out{.trades = tradesSince,
                   .days = static_cast<double>(age.count()) / static_cast<double>(base::oneDay.count())};
    const auto wholeDays = static_cast<std::uint64_t>(std::max<std::int64_t>(age / base::oneDay, 0));
    const auto* serves = champion(registry, key);
    if (hasDrifted && (serves == nullptr || serves == &newest)) {
        out.isDue = true;
        out.why = "what it sees has drifted since " + numberText(newest);
        return out;
    }
    const bool isOld = age >= policy.retrainEvery;
    if (!isOld) {
        out.next = newest.trained + policy.retrainEvery;
    }
    if (serves == nullptr || isExpired(*serves, policy, now)) { // who waits for its trades would wait for ever
        out.isDue = isOld;
        out.why = counted(wholeDays, "day", "days") +
                  (isOld ? std::string() : " of " + std::to_string(policy.retrainEvery / base::oneDay)) + " since " +
                  numberText(newest) + ", and none serves";
        return out;
    }
    const bool hasTrades = tradesSince >= policy.retrainTrades;
    const auto trades = counted(tradesSince, "trade", "trades");
    if (isOld && hasTrades) {
        out.isDue = true;
        out.why = counted(wholeDays, "day", "days") + " and " + trades + " since " + numberText(newest);
        return out;
    }
    out.why = isOld       ? trades + " of " + std::to_string(policy.retrainTrades) + " since " + numberText(newest)
              : hasTrades ? counted(wholeDays, "day", "days") + " of " +
                                std::to_string(policy.retrainEvery / base::oneDay) + " since " + numberText(newest)
                          : counted(wholeDays, "day", "days") + " of " +
                                std::to_string(policy.retrainEvery / base::oneDay) + " and " + trades + " of " +
                                std::to_string(policy.retrainTrades) + " since " + numberText(newest);
    return out;
}

} // namespace qd::governance
