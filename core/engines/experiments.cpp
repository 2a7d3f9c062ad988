#include "engines/experiments.h"

#include "base/known_names.h"
#include "engines/in_force.h"
#include "engines/model_experiments.h"
#include "trading/parameter_order.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using console::ExperimentEnd;
using governance::Advice;
using governance::Comparison;

namespace {

/// After a midnight, until what was done before it is in the ledger: instruments do not come at the same moment.
constexpr base::Millis settling{60'000};

/// What the policy does without being asked.
bool endsByItself(const governance::Assessment& assessment)
{
    const bool isOver =
        assessment.isOver && (assessment.advice == Advice::KeepA || assessment.advice == Advice::StopInvalid);
    return assessment.advice == Advice::StopForHarm || isOver;
}

std::string nameOf(std::int64_t id)
{
    return "experiment " + std::to_string(id);
}

base::Millis timeLimitOf(const trading::ParameterSet& parameters)
{
    const auto& values = parameters.values();
    const auto minutes = values.find("time_limit_min");
    return base::Millis{minutes == values.end() ? 0 : static_cast<std::int64_t>(minutes->second * 60'000)};
}

std::string numberText(double value)
{
    std::array<char, 32> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

/// What B changes of A.
std::string differenceText(const trading::ParameterSet& a, const trading::ParameterSet& b)
{
    std::string out;
    for (const auto& [name, value] : b.values()) {
        if (a[name] != value) {
            out.append(out.empty() ? "" : ", ").append(name).append(" ");
            out.append(numberText(a[name])).append(" to ").append(numberText(value));
        }
    }
    return out;
}

std::string evidenceText(const governance::Assessment& assessment)
{
    std::string out = "verdict " + std::string(name(assessment.verdict)) + " after " +
                      std::to_string(assessment.blocks) + " complete blocks";
    for (const auto& gate : assessment.gates) {
        out += "; " + governance::text(gate.figure) + (gate.isPassed ? " (passed)" : " (not passed)");
    }
    return out;
}

std::string_view outcomeOf(ExperimentEnd how)
{
    switch (how) {
    case ExperimentEnd::PromoteB:
        return storage::outcomePromoted;
    case ExperimentEnd::KeepA:
        return storage::outcomeKept;
    case ExperimentEnd::Stop:
        break;
    }
    return storage::outcomeStopped;
}

} // namespace

// Exchange time, as everything that experiments observe; before the first trade there is only the clock.
Result<UtcMs> ExperimentDesk::now()
{
    const auto newest = ledgerNow(database_);
    if (!newest) {
        return std::unexpected(newest.error());
    }
    return newest->value_or(clock_.now());
}

Result<storage::StoredExperiment> ExperimentDesk::runningOne(std::int64_t id)
{
    auto found = storage::ExperimentStore(database_).find(id);
    if (!found) {
        return std::unexpected(found.error());
    }
    if (!*found) {
        return base::fail(ErrorCode::NotFound, nameOf(id), "there is none of that number");
    }
    if ((*found)->ended) {
        return base::fail(ErrorCode::Conflict, nameOf(id), "it has ended: " + (*found)->outcome);
    }
    return std::move(**found);
}

Result<std::int64_t> ExperimentDesk::start(const console::StartExperiment& wish)
{
    if (wish.comparison == Comparison::Models) {
        return startModels(wish);
    }
    if (trading::findStrategy(wish.strategy) == nullptr) {
        return base::fail(ErrorCode::NotFound, wish.strategy,
                          base::unknownAmong("no strategy of that name in the roster", wish.strategy,
                                             trading::strategyCatalogue(), &trading::StrategyInfo::name));
    }
    const auto at = now();
    const auto inForce = readInForce(database_);
    auto running = storage::ExperimentStore(database_).running();
    const auto newest = storage::ExperimentStore(database_).newestId();
    if (!at || !inForce) {
        return std::unexpected(at ? inForce.error() : at.error());
    }
    if (!running || !newest) {
        return std::unexpected(running ? newest.error() : running.error());
    }
    const auto& a = inForce->parameters.at(wish.strategy);
    const auto& policy = inForce->policy.numbers;
    auto b = a;
    if (auto legal = b.setText(wish.parameters); !legal) {
        return std::unexpected(legal.error());
    }
    const bool isOnOff = wish.comparison == Comparison::OnOff;
    if (auto ordered = isOnOff ? Result<void>{} : trading::checkOrder(wish.strategy, b); !ordered) {
        return std::unexpected(ordered.error());
    }
    if (isOnOff && b.text() != a.text()) {
        return base::fail(ErrorCode::Conflict, wish.strategy,
                          "on against off is of the parameters in force; other ones are compared against them");
    }
    std::vector<governance::ExperimentPlan> plans;
    std::ranges::transform(*running, std::back_inserter(plans), &storage::StoredExperiment::plan);
    auto plan = governance::planned({.id = *newest + 1,
                                     .subject = wish.strategy,
                                     .design = wish.design,
                                     .comparison = wish.comparison,
                                     .a = isOnOff ? "off" : a.hash(),
                                     .b = b.hash(),
                                     .policy = governance::policiesFrom(policy).experiment},
                                    std::max(timeLimitOf(a), timeLimitOf(b)), *at,
                                    governance::findRow(inForce->roster, wish.strategy), plans);
    if (!plan) {
        return std::unexpected(plan.error());
    }
    CarryOut decision;
    const auto clock = clock_.now();
    decision.decision = {.time = clock,
                         .by = governance::Actor::Operator,
                         .what = nameOf(plan->id) + " begins on " + wish.strategy + ": " +
                                 std::string(name(plan->comparison)) + ", " + std::string(name(plan->design)) +
                                 (isOnOff ? "" : ": B has " + differenceText(a, b)),
                         .why = wish.reason,
                         .evidence = "A is " + plan->a + ", B is " + plan->b};
    decision.experiment =
        storage::ExperimentStep{.begun = storage::StoredExperiment{.plan = *plan,
                                                                   .created = clock,
                                                                   .parametersA = a.text(),
                                                                   .parametersB = b.text(),
                                                                   .policy = storage::frozenPolicy(policy),
                                                                   .reason = wish.reason}};
    if (!isOnOff) {
        decision.trial = trading::TrialRow{.time = clock,
                                           .strategy = wish.strategy,
                                           .parameterHash = b.hash(),
                                           .parameters = b.text(),
                                           .origin = "arm"};
    }
    if (auto done = hands_.carryOut(std::move(decision)); !done) {
        return done;
    }
    return plan->id;
}

Result<std::int64_t> ExperimentDesk::startModels(const console::StartExperiment& wish)
{
    const auto at = now();
    const auto inForce = readInForce(database_);
    if (!at || !inForce) {
        return std::unexpected(at ? inForce.error() : at.error());
    }
    auto begun = plannedModels(*inForce, wish, inForce->newestExperiment + 1, *at, clock_.now());
    if (!begun) {
        return std::unexpected(begun.error());
    }
    const auto& plan = begun->plan;
    const auto id = plan.id;
    CarryOut decision;
    decision.decision = {.time = begun->created,
                         .by = governance::Actor::Operator,
                         .what = nameOf(id) + " begins on " + plan.subject + ": " + std::string(name(plan.comparison)) +
                                 (governance::isShadow(plan) ? ", in shadow" : ", " + std::string(name(plan.design))),
                         .why = wish.reason,
                         .evidence = "A is " + plan.a + ", B is " + plan.b};
    decision.experiment = storage::ExperimentStep{.begun = std::move(*begun)};
    if (auto done = hands_.carryOut(std::move(decision)); !done) {
        return done;
    }
    return id;
}

Result<std::int64_t> ExperimentDesk::finish(const storage::StoredExperiment& experiment,
                                            const governance::Assessment& assessment, ExperimentEnd how,
                                            governance::Actor by, const std::string& why)
{
    const auto& plan = experiment.plan;
    CarryOut decision;
    decision.decision = {.time = clock_.now(),
                         .by = by,
                         .what = nameOf(plan.id) + " on " + plan.subject + " ends: " + std::string(outcomeOf(how)),
                         .why = why,
                         .evidence = evidenceText(assessment)};
    decision.experiment = storage::ExperimentStep{
        .ended = storage::ExperimentStep::End{plan.id, assessment.at, std::string(outcomeOf(how)), why}};
    if (plan.comparison == Comparison::Models) {
        const auto inForce = readInForce(database_);
        auto changes = inForce ? endOfModels(experiment, *inForce, how, assessment.at)
                               : Result<std::vector<governance::Change>>(std::unexpected(inForce.error()));
        if (!changes) {
            return std::unexpected(changes.error());
        }
        decision.decision.changes = std::move(*changes);
    } else if (how == ExperimentEnd::PromoteB) {
        const auto inForce = readInForce(database_);
        if (!inForce) {
            return std::unexpected(inForce.error());
        }
        const auto* row = governance::findRow(inForce->roster, plan.subject);
        if (row == nullptr) {
            return base::fail(ErrorCode::NotFound, plan.subject, "not in the roster");
        }
        decision.decision.changes = governance::promotionChanges(plan, *row);
        decision.parameters.emplace(plan.b, experiment.parametersB);
    }
    return hands_.carryOut(std::move(decision));
}

Result<std::int64_t> ExperimentDesk::end(const console::EndExperiment& wish)
{
    const auto experiment = runningOne(wish.experiment);
    const auto at = now();
    if (!experiment || !at) {
        return std::unexpected(experiment ? at.error() : experiment.error());
    }
    const auto assessment = assessed(database_, *experiment, *at);
    if (!assessment) {
        return std::unexpected(assessment.error());
    }
    if (wish.how == ExperimentEnd::PromoteB) {
        if (auto may = governance::mayPromoteB(*assessment, wish.reason); !may) {
            return std::unexpected(may.error());
        }
    }
    return finish(*experiment, *assessment, wish.how, governance::Actor::Operator, wish.reason);
}

Result<std::int64_t> ExperimentDesk::extend(const console::ExtendExperiment& wish)
{
    const auto experiment = runningOne(wish.experiment);
    if (!experiment) {
        return std::unexpected(experiment.error());
    }
    constexpr std::uint32_t most = 3'650;
    if (wish.days == 0 || wish.days > most - std::min(experiment->extendedDays, most)) {
        return base::fail(ErrorCode::OutOfRange, nameOf(wish.experiment),
                          "between 1 and " + std::to_string(most) + " days in all");
    }
    const auto at = now();
    const auto assessment =
        at ? assessed(database_, *experiment, *at) : Result<governance::Assessment>(std::unexpected(at.error()));
    if (!assessment) {
        return std::unexpected(assessment.error());
    }
    CarryOut decision;
    const auto days = experiment->plan.policy.maxDays + experiment->extendedDays;
    decision.decision = {.time = clock_.now(),
                         .by = governance::Actor::Operator,
                         .what = nameOf(wish.experiment) + " on " + experiment->plan.subject + " goes on for " +
                                 std::to_string(days + wish.days) + " days instead of " + std::to_string(days),
                         .why = wish.reason,
                         .evidence = evidenceText(*assessment)};
    decision.experiment =
        storage::ExperimentStep{.extended = storage::ExperimentStep::Extension{wish.experiment, wish.days}};
    return hands_.carryOut(std::move(decision));
}

// What the policy does by itself: the assessment of the first midnight at which it has to, else none. Midnights that
// nobody looked at yet come in order, as if somebody had: what a restart missed is made up for. The newest one that was
// looked at comes again, since what it ended may not have been carried out.
Result<std::optional<governance::Assessment>> ExperimentDesk::look(const storage::StoredExperiment& experiment,
                                                                   UtcMs newestMidnight)
{
    const auto plan = experiment.inForce();
    const auto seen = books_.observations(database_, plan);
    const auto course = storage::ExperimentStore(database_).course(plan.id);
    if (!seen || !course) {
        return std::unexpected(seen ? course.error() : seen.error());
    }
    storage::ExperimentNight night{.id = plan.id};
    auto latch = experiment.latch;
    std::optional<governance::Assessment> ending;
    auto midnight = course->empty() ? plan.begins + base::oneDay : course->back().time;
    for (; midnight <= newestMidnight && !ending; midnight = midnight + base::oneDay) {
        auto assessment = governance::assess(plan, *seen, latch, midnight);
        if (assessment.latch && (!latch || latch->verdict != assessment.latch->verdict)) {
            night.latch = latch = assessment.latch;
        }
        const bool isNew = course->empty() || midnight > course->back().time;
        if (isNew && assessment.difference.mean && assessment.difference.interval) {
            const auto& interval = *assessment.difference.interval;
            night.points.push_back({midnight, *assessment.difference.mean, interval.lower, interval.upper});
        }
        if (endsByItself(assessment)) {
            ending = std::move(assessment);
        }
    }
    if (night.latch || !night.points.empty()) {
        storage::GovernanceRecord record;
        record.experiments.push_back(std::move(night));
        if (const auto kept = hands_.keep(std::move(record)); !kept) {
            return std::unexpected(kept.error());
        }
    }
    return ending;
}

Result<void> ExperimentDesk::tend(std::vector<std::string>& told)
{
    auto running = storage::ExperimentStore(database_).running();
    const auto at = now();
    if (!running || !at) {
        return std::unexpected(running ? at.error() : running.error());
    }
    Result<void> first; // what failed of one does not stop the others
    for (const auto& experiment : *running) {
        if (auto tended = tendOne(experiment, *at, told); !tended && first) {
            first = std::move(tended);
        }
    }
    return first;
}

// Of an experiment of models: the version of an arm that decides no more by its age, so that no verdict can come.
Result<std::optional<std::string>> ExperimentDesk::expiredArm(const storage::StoredExperiment& experiment, UtcMs at)
{
    if (experiment.plan.comparison != Comparison::Models) {
        return std::nullopt;
    }
    const auto inForce = readInForce(database_);
    if (!inForce) {
        return std::unexpected(inForce.error());
    }
    const auto policy = governance::policiesFrom(inForce->policy.numbers).models;
    for (const auto& version : {experiment.plan.b, experiment.plan.a}) {
        const auto name = governance::versionOf(version);
        const auto* record = name ? governance::findModel(inForce->models, *name) : nullptr;
        if (record != nullptr && governance::isExpired(*record, policy, at)) {
            return version;
        }
    }
    return std::nullopt;
}

Result<void> ExperimentDesk::tendOne(const storage::StoredExperiment& experiment, UtcMs at,
                                     std::vector<std::string>& told)
{
    const auto midnight = base::bucketStart(at - settling, base::oneDay);
    auto& lookedAt = lookedAt_[experiment.plan.id];
    if (midnight <= experiment.plan.begins || lookedAt == midnight) {
        return {};
    }
    auto ending = look(experiment, midnight);
    if (!ending) {
        return std::unexpected(ending.error());
    }
    auto how = ExperimentEnd::KeepA;
    std::string why;
    if (*ending) {
        how = (*ending)->advice == Advice::StopInvalid ? ExperimentEnd::Stop : how;
        why = (*ending)->advice == Advice::KeepA ? "Its time is over without a verdict for B: A stays."
                                                 : std::string(sentence((*ending)->advice));
        if (how == ExperimentEnd::KeepA && experiment.plan.comparison == Comparison::OnOff) {
            why += " The switch stays as it is: off is the operator's step, or the nightly review's.";
        }
    } else {
        const auto expired = expiredArm(experiment, midnight);
        if (!expired) {
            return std::unexpected(expired.error());
        }
        if (*expired) {
            const auto fresh = runningOne(experiment.plan.id); // with the latch of the midnights just looked at
            auto now = fresh ? assessed(database_, *fresh, midnight)
                             : Result<governance::Assessment>(std::unexpected(fresh.error()));
            if (!now) {
                return std::unexpected(now.error());
            }
            *ending = std::move(*now);
            how = ExperimentEnd::Stop;
            why = **expired + " has expired and decides no more: train anew.";
        }
    }
    if (*ending) {
        if (auto done = finish(experiment, **ending, how, governance::Actor::Policy, why); !done) {
            return std::unexpected(done.error());
        }
        told.push_back("Experiment " + std::to_string(experiment.plan.id) + " on " + experiment.plan.subject +
                       " has ended. " + why);
    }
    lookedAt = midnight;
    return {};
}

} // namespace qd::engines
