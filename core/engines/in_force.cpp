#include "engines/in_force.h"

#include "base/known_names.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::Change;
using governance::ChangeKind;

namespace {

bool isText(std::string_view name)
{
    return std::ranges::find(base::policyTexts(), name, &base::PolicyText::name) != base::policyTexts().end();
}

// Why policyNumberOf() refuses it, in the words of who typed it.
base::Error wrongPolicy(const std::string& name, const std::string& typed)
{
    const auto entries = base::policyEntries();
    const auto entry = std::ranges::find(entries, name, &base::PolicyEntry::name);
    if (entry == entries.end()) {
        std::vector<std::string> known;
        for (const auto& one : entries) {
            known.emplace_back(one.name);
        }
        for (const auto& one : base::policyTexts()) {
            known.emplace_back(one.name);
        }
        const auto meant = base::unknownName("no such policy", name, known);
        return {ErrorCode::NotFound, name,
                meant.ends_with('?') ? meant : "no such policy; 'quarterdeck policy get' lists them all"};
    }
    double value = 0;
    const auto* end = typed.data() + typed.size();
    const auto [read, error] = std::from_chars(typed.data(), end, value);
    const auto range = base::policyNumber(entry->least) + "…" + base::policyNumber(entry->most) +
                       (entry->unit.empty() ? "" : " ") + std::string(entry->unit);
    const auto shown = typed.substr(0, 100);
    if (error == std::errc::invalid_argument || read != end) {
        return {ErrorCode::Malformed, name, "\"" + shown + "\" is no number; it wants one within " + range};
    }
    return {ErrorCode::OutOfRange, name, shown + " is not within " + range};
}

// A value of the policy, checked, as the text of a change.
Result<std::string> policyValueOf(const std::string& name, const std::string& typed)
{
    if (isText(name)) {
        auto legal = base::checkPolicyText(name, typed);
        return legal ? Result<std::string>(typed) : std::unexpected(legal.error());
    }
    const auto number = base::policyNumberOf(name, typed);
    return number ? Result<std::string>(base::policyNumber(*number)) : std::unexpected(wrongPolicy(name, typed));
}

Result<void> setPolicy(Carried& out, const Change& change)
{
    auto& policy = out.after.policy;
    const auto now = policyInForce(policy, change.subject);
    if (now != change.before) {
        return base::fail(now ? ErrorCode::Conflict : ErrorCode::NotFound, change.subject,
                          now ? "it is " + *now + ", not " + change.before : "no such policy");
    }
    const auto value = policyValueOf(change.subject, change.after);
    if (!value) {
        return std::unexpected(value.error());
    }
    if (isText(change.subject)) {
        policy.texts[change.subject] = *value;
        out.rows.texts[change.subject] = *value;
    } else {
        const auto number = base::policyNumberOf(change.subject, *value).value_or(0); // it was one
        policy.numbers[change.subject] = number;
        out.rows.numbers[change.subject] = number;
    }
    return {};
}

// The parameters of a row whose record is of another hash now.
Result<void> setParameters(Carried& out, const governance::RosterRow& row, const CarryOut& wish)
{
    const auto given = wish.parameters.find(row.parameterHash);
    const auto known = out.after.texts.find(row.parameterHash);
    if (given == wish.parameters.end() && known == out.after.texts.end()) {
        return base::fail(ErrorCode::NotFound, row.strategy,
                          "nobody knows the parameters of hash " + row.parameterHash);
    }
    const auto& text = given != wish.parameters.end() ? given->second : known->second;
    const auto* info = trading::findStrategy(row.strategy);
    if (info == nullptr) {
        return base::fail(ErrorCode::NotFound, row.strategy, "no strategy of that name in the roster");
    }
    trading::ParameterSet wanted(info->name, info->parameters); // a text of before may lack later ones
    if (auto legal = wanted.setText(text); !legal) {
        return legal;
    }
    if (wanted.hash() != row.parameterHash) {
        return base::fail(ErrorCode::Malformed, row.strategy,
                          "these parameters have the hash " + wanted.hash() + ", not " + row.parameterHash);
    }
    out.after.texts[row.parameterHash] = wanted.text();
    out.after.parameters.insert_or_assign(row.strategy, std::move(wanted));
    return {};
}

// Whether it is the model of this change that an experiment compares.
bool compares(const governance::ExperimentPlan& plan, const governance::Change& change)
{
    if (plan.comparison != governance::Comparison::Models) {
        return false;
    }
    if (governance::isShadow(plan)) {
        return change.subject.starts_with(plan.subject + " ");
    }
    const auto* info = trading::findStrategy(plan.subject);
    return info != nullptr && trading::familyOf(change.subject) == info->model;
}

// While an experiment runs, what it compares stays as it is: its strategy's parameters, and what any trade costs.
Result<void> checkFrozen(const InForce& now, const CarryOut& wish)
{
    const auto champion = governance::name(governance::ModelStage::Champion);
    const auto ends = wish.experiment && wish.experiment->ended ? wish.experiment->ended->id : 0;
    for (const auto& experiment : now.experiments) {
        const auto& plan = experiment.plan;
        const auto refuse = [&](const std::string& subject, const std::string& what) {
            return base::fail(ErrorCode::Conflict, subject,
                              "experiment " + std::to_string(plan.id) + " on " + plan.subject + " runs " + what +
                                  "; end it first");
        };
        for (const auto& change : plan.id == ends ? std::vector<Change>{} : wish.decision.changes) {
            if (change.kind == ChangeKind::Policy && storage::isCost(change.subject)) {
                return refuse(change.subject, "at today's costs");
            }
            const bool isOfChampion = change.before == champion || change.after == champion;
            if (change.kind == ChangeKind::ModelStage && isOfChampion && compares(plan, change)) {
                return refuse(change.subject, "against today's champion");
            }
            if (change.kind == ChangeKind::ModelStage && change.subject == plan.b &&
                change.before == name(governance::ModelStage::Challenger)) {
                return refuse(change.subject, "with it as its arm B");
            }
            const bool isArchiving =
                change.kind == ChangeKind::Stage && change.after == name(governance::Stage::Archived);
            if (change.subject == plan.subject && (change.kind == ChangeKind::Record || isArchiving)) {
                return refuse(change.subject, "with today's parameters");
            }
        }
    }
    return {};
}

// Whether what A was planned to be is in force: its parameters, or its model with the parameters of both.
bool isIncumbent(const InForce& now, const governance::RosterRow& row, const storage::StoredExperiment& begun)
{
    const auto& plan = begun.plan;
    if (plan.comparison != governance::Comparison::Models) {
        return row.parameterHash == (plan.comparison == governance::Comparison::OnOff ? plan.b : plan.a);
    }
    const auto* info = trading::findStrategy(row.strategy);
    const auto key = governance::modelKey(info != nullptr ? info->model : std::string_view());
    const auto* serves = key ? governance::champion(now.models, *key) : nullptr;
    return serves != nullptr && governance::versionName(serves->name.key, serves->name.number) == plan.a &&
           now.parameters.at(row.strategy).text() == begun.parametersA;
}

// What it was planned on still holds.
bool isAsPlanned(const InForce& now, const storage::StoredExperiment& begun)
{
    const auto& plan = begun.plan;
    if (storage::frozenPolicy(now.policy.numbers) != begun.policy) {
        return false;
    }
    if (governance::isShadow(plan)) {
        const auto a = governance::versionOf(plan.a);
        const auto* serves = a ? governance::champion(now.models, a->key) : nullptr;
        return serves != nullptr && serves->name == *a;
    }
    const auto* row = governance::findRow(now.roster, plan.subject);
    return row != nullptr && governance::runs(*row) && isIncumbent(now, *row, begun);
}

Result<void> takeStep(Carried& out, const storage::ExperimentStep& step)
{
    auto& running = out.after.experiments;
    const auto idOf = [](const storage::StoredExperiment& one) { return one.plan.id; };
    if (step.begun) {
        const auto& plan = step.begun->plan;
        const auto other = std::ranges::find(running, plan.subject, [](const auto& one) { return one.plan.subject; });
        if (other != running.end() || plan.id <= out.after.newestExperiment) {
            return base::fail(ErrorCode::Conflict, plan.subject, "another experiment has begun since");
        }
        // It was planned on what was committed then; what is in force now may be ahead of that.
        if (!isAsPlanned(out.after, *step.begun)) {
            return base::fail(ErrorCode::Conflict, plan.subject,
                              "its stage, parameters, model or costs have changed since; begin it anew");
        }
        out.after.newestExperiment = plan.id;
        running.push_back(*step.begun);
    }
    for (const auto id : {step.ended ? step.ended->id : 0, step.extended ? step.extended->id : 0}) {
        if (id != 0 && std::ranges::find(running, id, idOf) == running.end()) {
            return base::fail(ErrorCode::NotFound, "experiment " + std::to_string(id), "it does not run any more");
        }
    }
    if (step.extended) {
        std::ranges::find(running, step.extended->id, idOf)->extendedDays += step.extended->days;
    }
    if (step.ended) {
        running.erase(std::ranges::find(running, step.ended->id, idOf));
    }
    out.rows.experiment = step;
    return {};
}

// Stages of versions, all or none; what a new one is comes with the wish, its bytes lie on the shelf.
Result<void> setModels(Carried& out, const CarryOut& wish)
{
    std::vector<governance::ModelRecord> added;
    for (const auto& model : wish.models) {
        added.push_back(model.record);
    }
    auto changed =
        governance::changedModels(std::move(out.after.models), added, wish.decision.changes, wish.decision.time);
    if (!changed) {
        return std::unexpected(changed.error());
    }
    out.after.models = std::move(*changed);
    out.rows.models = wish.models;
    return {};
}

} // namespace

InForce inForceByDefault()
{
    InForce out;
    for (const auto& info : trading::strategyCatalogue()) {
        trading::ParameterSet parameters(info.name, info.parameters);
        governance::RosterRow row;
        row.strategy = info.name;
        row.parameterHash = parameters.hash();
        out.texts[row.parameterHash] = parameters.text();
        out.parameters.emplace(row.strategy, std::move(parameters));
        out.roster.push_back(std::move(row));
    }
    for (const auto& entry : base::policyEntries()) {
        out.policy.numbers.emplace(entry.name, entry.standard);
    }
    for (const auto& entry : base::policyTexts()) {
        out.policy.texts.emplace(entry.name, entry.standard);
    }
    return out;
}

Result<InForce> readInForce(storage::Database& database)
{
    auto out = inForceByDefault();
    auto saved = storage::RosterStore(database).rows();
    auto recorded = storage::LedgerStore(database).parameters();
    const auto trials = storage::TrialsStore(database).of({});
    auto numbers = storage::PolicyStore(database).values();
    auto texts = storage::PolicyStore(database).texts();
    if (!saved || !recorded || !trials) {
        return std::unexpected(!saved ? saved.error() : !recorded ? recorded.error() : trials.error());
    }
    if (!numbers || !texts) {
        return std::unexpected(!numbers ? numbers.error() : texts.error());
    }
    auto experiments = storage::ExperimentStore(database).running();
    const auto newest = storage::ExperimentStore(database).newestId();
    if (!experiments || !newest) {
        return std::unexpected(experiments ? newest.error() : experiments.error());
    }
    auto models = storage::ModelStore(database).registry();
    if (!models) {
        return std::unexpected(models.error());
    }
    out.experiments = std::move(*experiments);
    out.newestExperiment = *newest;
    out.models = std::move(*models);
    out.policy = {std::move(*numbers), std::move(*texts)};
    for (const auto& trial : *trials) {
        out.texts.emplace(trial.parameterHash, trial.parameters);
    }
    for (auto& row : out.roster) {
        auto& parameters = out.parameters.at(row.strategy);
        const auto own = std::ranges::find(*saved, row.strategy, [](const auto& s) { return s.row.strategy; });
        // Before there was a roster, parameters were recorded as inputs alone.
        const auto text = own != saved->end() && !own->parameters.empty() ? own->parameters : (*recorded)[row.strategy];
        const bool isLegal = text.empty() || parameters.setText(text).has_value();
        if (own != saved->end()) {
            const auto strategy = row.strategy;
            row = std::move(own->row);
            row.strategy = strategy;
        }
        const auto hash = parameters.hash();
        if (!isLegal || (!row.parameterHash.empty() && row.parameterHash != hash)) { // settleUnreadable() keeps it so
            row.recordSince = {};
            row.stage = governance::runs(row) ? governance::Stage::Paper : row.stage;
        }
        row.parameterHash = hash;
        out.texts[row.parameterHash] = parameters.text();
    }
    return out;
}

base::PaperPolicy paperPolicyOf(const console::PolicyView& policy, const base::PaperPolicy& standard)
{
    return base::paperPolicyOf(standard, base::paperPolicyText(policy.numbers)).value_or(standard);
}

Result<base::PaperPolicy> policyInForce(storage::Database& database, const base::PaperPolicy& standard)
{
    const auto numbers = storage::PolicyStore(database).values();
    return numbers ? base::paperPolicyOf(standard, base::paperPolicyText(*numbers)) : std::unexpected(numbers.error());
}

Result<Carried> carriedOut(const InForce& now, const CarryOut& wish)
{
    const auto& decision = wish.decision;
    if (auto free = checkFrozen(now, wish); !free) {
        return std::unexpected(free.error());
    }
    Carried out{.after = now, .rows = {.decision = decision}};
    if (wish.experiment) {
        if (auto taken = takeStep(out, *wish.experiment); !taken) {
            return std::unexpected(taken.error());
        }
    }
    std::vector<Change> ofRoster;
    for (const auto& change : decision.changes) {
        if (change.kind == ChangeKind::Policy) {
            if (auto set = setPolicy(out, change); !set) {
                return std::unexpected(set.error());
            }
        } else if (change.kind == ChangeKind::Experiment) {
            return base::fail(ErrorCode::Unsupported, change.subject, "paper trading does not hold it");
        } else if (change.kind != ChangeKind::ModelStage) {
            ofRoster.push_back(change);
        }
    }
    if (auto set = setModels(out, wish); !set) {
        return std::unexpected(set.error());
    }
    auto roster = governance::changed(now.roster, ofRoster, decision.by, decision.time);
    if (!roster) {
        return std::unexpected(roster.error());
    }
    out.after.roster = std::move(*roster);
    bool hasOtherParameters = false;
    for (std::size_t i = 0; i < now.roster.size(); ++i) {
        auto& row = out.after.roster[i];
        if (!wish.redReason.empty() && row.stage == governance::Stage::Ready && now.roster[i].stage != row.stage) {
            row.passedRed = true;
        }
        if (row == now.roster[i]) {
            continue;
        }
        if (row.parameterHash != now.roster[i].parameterHash) {
            hasOtherParameters = true;
            if (auto set = setParameters(out, row, wish); !set) {
                return std::unexpected(set.error());
            }
        }
        out.rows.roster.push_back({row, out.after.parameters.at(row.strategy).text()});
    }
    out.rows.trial = wish.trial;
    out.rows.isTryAnyway = !hasOtherParameters && !wish.experiment;
    return out;
}

std::optional<std::string> policyInForce(const console::PolicyView& policy, const std::string& name)
{
    if (const auto number = policy.numbers.find(name); number != policy.numbers.end()) {
        return base::policyNumber(number->second);
    }
    const auto text = policy.texts.find(name);
    return text != policy.texts.end() ? std::optional(text->second) : std::nullopt;
}

Result<std::vector<Change>> policyChanges(const console::PolicyView& policy,
                                          const std::map<std::string, std::string>& to)
{
    std::vector<Change> out;
    for (const auto& [name, typed] : to) {
        auto value = policyValueOf(name, typed);
        if (!value) {
            return std::unexpected(value.error());
        }
        if (auto now = policyInForce(policy, name).value_or(""); now != *value) {
            out.push_back({ChangeKind::Policy, name, std::move(now), std::move(*value)});
        }
    }
    return out;
}

Held heldBy(const InForce& inForce, const market::Instrument& instrument)
{
    Held out{.strategies = {}, .policy = base::paperPolicyText(inForce.policy.numbers), .arms = {}, .models = {}};
    for (const auto& record : inForce.models) {
        auto key = governance::text(record.name.key);
        if (record.stage == governance::ModelStage::Champion && trading::mayAsk(key, instrument.name)) {
            out.models[std::move(key)] = trading::text(
                trading::ModelName{governance::versionName(record.name.key, record.name.number), record.bytesHash});
        }
    }
    for (const auto& experiment : inForce.experiments) {
        const auto* info = trading::findStrategy(experiment.plan.subject);
        if (info != nullptr && trading::runsOn(*info, instrument.name)) {
            for (const auto& arm : experiment.arms()) {
                out.arms.emplace(trading::ledgerName(arm.name), trading::armStart(arm, {}).parameters);
            }
        }
    }
    for (const auto& row : inForce.roster) {
        const auto* info = trading::findStrategy(row.strategy);
        if (info != nullptr && trading::runsOn(*info, instrument.name)) {
            const auto own = row.instruments.find(instrument.id);
            out.strategies[row.strategy] = {row.whole.isOn && (own == row.instruments.end() || own->second.isOn),
                                            governance::runs(row), inForce.parameters.at(row.strategy).text()};
        }
    }
    return out;
}

Held heldBy(const trading::TradingPipeline& pipeline, base::InstrumentId instrument)
{
    Held out{.strategies = {},
             .policy = pipeline.policy(instrument),
             .arms = pipeline.arms(instrument),
             .models = pipeline.models(instrument)};
    for (const auto& info : trading::strategyCatalogue()) {
        if (auto parameters = pipeline.parameters(instrument, info.name); !parameters.empty()) {
            out.strategies[std::string(info.name)] = {pipeline.isEnabled(instrument, info.name),
                                                      pipeline.runs(instrument, info.name), std::move(parameters)};
        }
    }
    return out;
}

std::vector<storage::SwitchInput> inputsBetween(const Held& from, const Held& to, base::InstrumentId instrument,
                                                base::StreamNumber number)
{
    using trading::InputKind;
    std::vector<storage::SwitchInput> out;
    if (from.policy != to.policy) {
        out.push_back({instrument, number, {}, true, InputKind::Policy, to.policy});
    }
    for (const auto& [key, model] : from.models) {
        if (!to.models.contains(key)) {
            out.push_back({instrument, number, key, false, InputKind::Model});
        }
    }
    for (const auto& [key, model] : to.models) {
        if (const auto present = from.models.find(key); present == from.models.end() || present->second != model) {
            out.push_back({instrument, number, key, true, InputKind::Model, model});
        }
    }
    for (const auto& [arm, begun] : from.arms) {
        if (!to.arms.contains(arm)) {
            out.push_back({instrument, number, arm, false, InputKind::Arm});
        }
    }
    for (const auto& [arm, begun] : to.arms) {
        const auto name = trading::armName(arm);
        if (!from.arms.contains(arm) && name && from.strategies.contains(name->strategy)) {
            out.push_back({instrument, number, arm, true, InputKind::Arm, begun});
        }
    }
    for (const auto& [strategy, wanted] : to.strategies) {
        const auto found = from.strategies.find(strategy);
        if (found == from.strategies.end()) {
            continue; // a pipeline of some strategies only
        }
        const auto& present = found->second;
        if (present.parameters != wanted.parameters) {
            out.push_back({instrument, number, strategy, true, InputKind::Parameters, wanted.parameters});
        }
        if (present.isOn != wanted.isOn) {
            out.push_back({instrument, number, strategy, wanted.isOn, InputKind::Strategy});
        }
        if (present.runs && !wanted.runs) {
            out.push_back({instrument, number, strategy, true, InputKind::CloseAll});
        }
        if (present.runs != wanted.runs) {
            out.push_back({instrument, number, strategy, wanted.runs, InputKind::Runs});
        }
    }
    return out;
}

} // namespace qd::engines
