#include "engines/model_experiments.h"

#include "trading/predictor.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::ModelStage;

namespace {

base::Millis timeLimitOf(const trading::ParameterSet& parameters)
{
    const auto& values = parameters.values();
    const auto minutes = values.find("time_limit_min");
    return base::Millis{minutes == values.end() ? 0 : static_cast<std::int64_t>(minutes->second * 60'000)};
}

std::string shown(const governance::ModelRecord& record)
{
    return governance::versionName(record.name.key, record.name.number);
}

/// B of the wish, and A, which serves.
struct Pair {
    const governance::ModelRecord* a = nullptr;
    const governance::ModelRecord* b = nullptr;
};

Result<Pair> pairOf(const InForce& inForce, const console::StartExperiment& wish, const std::string& subject,
                    base::UtcMs now)
{
    const auto name = governance::versionOf(wish.parameters);
    if (!name) {
        return std::unexpected(name.error());
    }
    const auto* b = governance::findModel(inForce.models, *name);
    const auto refused = [&](std::string why) {
        return base::fail(ErrorCode::Conflict, wish.parameters, std::move(why));
    };
    if (b == nullptr) {
        return base::fail(ErrorCode::NotFound, wish.parameters, "no such version");
    }
    if (modelSubjectOf(governance::text(name->key)) != subject) {
        return refused("it is no version of what " + subject + " asks");
    }
    if (b->stage == ModelStage::Quarantined || b->stage == ModelStage::Retired) {
        return refused("it is " + std::string(governance::name(b->stage)));
    }
    if (governance::isExpired(*b, governance::policiesFrom(inForce.policy.numbers).models, now)) {
        return refused("it has expired; train anew");
    }
    const auto* a = governance::champion(inForce.models, name->key);
    if (a == nullptr) {
        return refused("there is no champion to compare it with: promote it instead");
    }
    return Pair{a, b};
}

} // namespace

std::string modelSubjectOf(const std::string& strategyOrModel)
{
    for (const auto& info : trading::strategyCatalogue()) {
        if (info.name == strategyOrModel || (!info.model.empty() && info.model == strategyOrModel)) {
            return std::string(info.name);
        }
    }
    return strategyOrModel;
}

Result<storage::StoredExperiment> plannedModels(const InForce& inForce, const console::StartExperiment& wish,
                                                std::int64_t id, base::UtcMs exchangeTime, base::UtcMs clock)
{
    const auto subject = modelSubjectOf(wish.strategy);
    const auto pair = pairOf(inForce, wish, subject, exchangeTime);
    if (!pair) {
        return std::unexpected(pair.error());
    }
    const bool makesTrades = trading::findStrategy(subject) != nullptr;
    if (!makesTrades && wish.design == governance::Design::Split) {
        return base::fail(ErrorCode::Conflict, subject,
                          "it makes no trades that could be split: both versions predict the same rows in shadow");
    }
    if (!makesTrades && pair->a->featureSet != pair->b->featureSet) {
        return base::fail(ErrorCode::Conflict, shown(*pair->b),
                          "it looks at other features (" + pair->b->featureSet + ") than " + shown(*pair->a) + " (" +
                              pair->a->featureSet + "), so no row is the same to both: promote it with a reason");
    }
    const auto parameters = inForce.parameters.find(subject);
    const auto& policy = inForce.policy.numbers;
    std::vector<governance::ExperimentPlan> running;
    std::ranges::transform(inForce.experiments, std::back_inserter(running), &storage::StoredExperiment::plan);
    auto plan = governance::planned({.id = id,
                                     .subject = subject,
                                     .design = wish.design,
                                     .comparison = governance::Comparison::Models,
                                     .a = shown(*pair->a),
                                     .b = shown(*pair->b),
                                     .policy = governance::policiesFrom(policy).experiment},
                                    makesTrades ? timeLimitOf(parameters->second) : base::Millis{0}, exchangeTime,
                                    makesTrades ? governance::findRow(inForce.roster, subject) : nullptr, running);
    if (!plan) {
        return std::unexpected(plan.error());
    }
    return storage::StoredExperiment{.plan = *plan,
                                     .created = clock,
                                     .parametersA = makesTrades ? parameters->second.text() : std::string(),
                                     .parametersB = trading::text(trading::ModelName{plan->b, pair->b->bytesHash}),
                                     .policy = storage::frozenPolicy(policy),
                                     .reason = wish.reason};
}

Result<std::vector<governance::Change>> endOfModels(const storage::StoredExperiment& experiment, const InForce& inForce,
                                                    console::ExperimentEnd how, base::UtcMs now)
{
    const auto b = governance::versionOf(experiment.plan.b);
    if (!b) {
        return std::unexpected(b.error());
    }
    const auto policy = governance::policiesFrom(inForce.policy.numbers).models;
    const auto* record = governance::findModel(inForce.models, *b);
    const bool wasChallenger = record != nullptr && record->stage == ModelStage::Challenger;
    Result<std::vector<governance::Change>> changes;
    if (how == console::ExperimentEnd::PromoteB) {
        changes = governance::modelStaged(inForce.models, *b, ModelStage::Champion, policy, now);
    } else if (how == console::ExperimentEnd::KeepA && wasChallenger) {
        changes = governance::modelStaged(inForce.models, *b, ModelStage::Shadow, policy, now);
    }
    // Looked for before these changes: what they send to shadow did not wait there.
    const auto* next = governance::nextChallenger(inForce.models, b->key, experiment.created, policy, now);
    if (!changes || !wasChallenger || next == nullptr) {
        return changes;
    }
    const auto then = governance::changedModels(inForce.models, {}, *changes, now);
    const auto follows = then ? governance::modelStaged(*then, next->name, ModelStage::Challenger, policy, now)
                              : Result<std::vector<governance::Change>>(std::unexpected(then.error()));
    if (!follows) {
        return std::unexpected(follows.error());
    }
    changes->insert(changes->end(), follows->begin(), follows->end());
    return changes;
}

std::vector<governance::VersionName> comparedModels(std::span<const storage::StoredExperiment> running)
{
    std::vector<governance::VersionName> out;
    for (const auto& experiment : running) {
        if (experiment.plan.comparison != governance::Comparison::Models) {
            continue;
        }
        for (const auto* text : {&experiment.plan.a, &experiment.plan.b}) {
            if (auto name = governance::versionOf(*text)) {
                out.push_back(std::move(*name));
            }
        }
    }
    return out;
}

} // namespace qd::engines
