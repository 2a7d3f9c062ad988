// The part of PaperEngine that changes what is traded: decisions, new instruments, pauses, each recorded with the
// stream number at which it took effect.
#include "base/known_names.h"
#include "engines/paper_engine.h"
#include "trading/parameter_order.h"

#include <algorithm>
#include <set>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

// In force with the next item; recorded, so that replay and restart do the same.
void PaperEngine::record(std::vector<storage::SwitchInput> inputs)
{
    handOver(false);
    for (const auto& input : inputs) {
        (void)pipeline_.apply(input.instrument, input.recorded()); // what can be refused was checked before
    }
    StoreInputs recorded{.sequence = ++sequence_, .inputs = std::move(inputs)};
    waiting_.push_back({sequence_, nullptr});
    if (!links_.store.push(std::move(recorded))) {
        waiting_.pop_back();
    }
}

void PaperEngine::addInstrument(const market::Instrument& instrument)
{
    pipeline_.addInstrument(instrument);
    instruments_.push_back(instrument);
    view_.setInstrument(instrument);
    recordWhatHolds(instrument);
}

// What was decided before holds for a new instrument too, and is recorded as inputs of its stream.
void PaperEngine::recordWhatHolds(const market::Instrument& instrument)
{
    auto inputs = inputsBetween(heldBy(pipeline_, instrument.id), heldBy(inForce_, instrument), instrument.id,
                                pipeline_.fed(instrument.id));
    if (!inputs.empty()) {
        record(std::move(inputs));
    }
}

void PaperEngine::obey(const PaperCommand& command)
{
    const auto id = command.id;
    const auto decide = [&](const auto& wish) {
        const auto carry = wanted(wish);
        if (!carry) {
            answer(id, nullptr, carry.error());
        } else if (carry->decision.changes.empty()) { // so it is already
            links_.events.push(console::CommandDone{id, std::nullopt});
        } else {
            carryOut(id, *carry);
        }
    };
    if (const auto* decision = std::get_if<CarryOut>(&command.command)) {
        carryOut(id, *decision);
        return;
    }
    const auto& wish = std::get<console::Command>(command.command);
    if (const auto* watch = std::get_if<console::WatchChart>(&wish)) {
        watched_ = watch->instrument;
        watchedTimeframe_ = watch->timeframe;
        watchedRevision_ = UINT64_MAX;
        marksStale_ = true;
        changed_ = true;
        publish(true);
        links_.events.push(console::CommandDone{id, std::nullopt});
    } else if (const auto* enabled = std::get_if<console::SetStrategyEnabled>(&wish)) {
        decide(*enabled);
    } else if (const auto* many = std::get_if<console::SetStrategiesEnabled>(&wish)) {
        decide(*many);
    } else if (const auto* position = std::get_if<console::ClosePosition>(&wish)) {
        closePosition(id, *position);
    } else if (const auto* parameters = std::get_if<console::SetParameters>(&wish)) {
        decide(*parameters);
    } else if (const auto* policy = std::get_if<console::SetPolicy>(&wish)) {
        decide(*policy);
    } else {
        answer(id, nullptr, {ErrorCode::Unsupported, "paper", "that is not for paper trading to carry out"});
    }
}

Result<governance::RosterRow> PaperEngine::rowOf(const std::string& strategy) const
{
    const auto* row = governance::findRow(inForce_.roster, strategy);
    return row != nullptr ? Result<governance::RosterRow>(*row)
                          : base::fail(ErrorCode::NotFound, strategy,
                                       base::unknownAmong("no strategy of that name in the roster", strategy,
                                                          inForce_.roster, &governance::RosterRow::strategy));
}

governance::Decision PaperEngine::decision(std::vector<governance::Change> changes, const std::string& why,
                                           std::string evidence) const
{
    auto what = governance::text(changes);
    return {.id = 0,
            .time = links_.clock.now(),
            .by = governance::Actor::Operator,
            .changes = std::move(changes),
            .what = std::move(what),
            .why = why,
            .evidence = std::move(evidence),
            .undoes = {}};
}

Result<CarryOut> PaperEngine::wanted(const console::SetStrategyEnabled& wish) const
{
    const auto row = rowOf(wish.strategy);
    if (!row) {
        return std::unexpected(row.error());
    }
    const auto known = [&](const market::Instrument& one) { return one.id == wish.instrument; };
    const auto instrument = std::ranges::find_if(instruments_, known);
    if (wish.instrument && instrument == instruments_.end()) {
        return base::fail(ErrorCode::NotFound, wish.strategy, "it trades no such instrument");
    }
    const auto now = links_.clock.now();
    const auto next = governance::switched(*row, wish.instrument, wish.enabled, governance::Actor::Operator, now);
    if (!next) {
        return std::unexpected(next.error());
    }
    auto out =
        decision(governance::changesBetween(*row, *next), wish.reason, view_.evidence(wish.strategy, wish.instrument));
    out.what = std::string(wish.enabled ? "enabled " : "disabled ") + wish.strategy +
               (wish.instrument ? " on " + instrument->name : std::string());
    return CarryOut{.decision = std::move(out)};
}

// Those that are so already are left out.
Result<CarryOut> PaperEngine::wanted(const console::SetStrategiesEnabled& wish) const
{
    std::vector<governance::Change> changes;
    std::string names;
    std::string evidence;
    const std::set<std::string> each(wish.strategies.begin(), wish.strategies.end());
    for (const auto& strategy : each) {
        const auto* row = governance::findRow(inForce_.roster, strategy);
        if (row != nullptr && governance::runs(*row) && row->whole.isOn == wish.enabled) {
            continue;
        }
        const auto one = wanted(console::SetStrategyEnabled{strategy, wish.enabled, wish.reason});
        if (!one) {
            return std::unexpected(one.error());
        }
        const auto& decided = one->decision;
        changes.insert(changes.end(), decided.changes.begin(), decided.changes.end());
        names.append(names.empty() ? "" : ", ").append(strategy);
        evidence.append(evidence.empty() ? "" : "; ").append(strategy).append(": ").append(decided.evidence);
    }
    auto out = decision(std::move(changes), wish.reason, std::move(evidence));
    out.what = (wish.enabled ? "enabled " : "disabled ") + names;
    return CarryOut{.decision = std::move(out)};
}

Result<CarryOut> PaperEngine::wanted(const console::SetParameters& wish) const
{
    const auto row = rowOf(wish.strategy);
    if (!row) {
        return std::unexpected(row.error());
    }
    auto parameters = inForce_.parameters.at(wish.strategy);
    if (auto legal = parameters.setText(wish.parameters); !legal) {
        return std::unexpected(legal.error());
    }
    const auto hash = parameters.hash();
    if (hash == row->parameterHash) {
        return CarryOut{};
    }
    if (auto ordered = trading::checkOrder(wish.strategy, parameters); !ordered) {
        return std::unexpected(ordered.error());
    }
    const auto now = links_.clock.now();
    const auto next = governance::reparametrised(*row, hash, now);
    if (!next) {
        return std::unexpected(next.error());
    }
    CarryOut out{.decision = decision(governance::changesBetween(*row, *next), wish.reason,
                                      view_.evidence(wish.strategy) + "; hash " + row->parameterHash + " before, " +
                                          hash + " now")};
    out.decision.what = "parameters of " + wish.strategy + ": " + parameters.text();
    out.parameters[hash] = parameters.text();
    out.trial = trading::TrialRow{.time = now,
                                  .strategy = wish.strategy,
                                  .parameterHash = hash,
                                  .parameters = parameters.text(),
                                  .origin = wish.origin,
                                  .tries = std::max(wish.tries, 1U),
                                  .from = wish.from,
                                  .to = wish.to};
    return out;
}

Result<CarryOut> PaperEngine::wanted(const console::SetPolicy& wish) const
{
    auto changes = policyChanges(inForce_.policy, wish.values);
    if (!changes) {
        return std::unexpected(changes.error());
    }
    return CarryOut{.decision = decision(std::move(*changes), wish.reason, view_.evidenceOfRoster())};
}

// In force at once in the pipeline; shown and answered when it is committed.
void PaperEngine::carryOut(console::CommandId id, const CarryOut& wish)
{
    auto carried = carriedOut(inForce_, wish);
    if (!carried) {
        answer(id, wish.answer, carried.error());
        return;
    }
    handOver(false);
    for (const auto& model : wish.models) {
        if (links_.shelf != nullptr && model.version) {
            links_.shelf->put(model.version);
        }
    }
    auto& rows = carried->rows;
    if (rows.decision.evidence.empty() && !rows.roster.empty()) {
        rows.decision.evidence = view_.evidence(rows.roster.front().row.strategy);
    }
    for (const auto& instrument : instruments_) {
        auto inputs = inputsBetween(heldBy(inForce_, instrument), heldBy(carried->after, instrument), instrument.id,
                                    pipeline_.fed(instrument.id));
        for (auto& input : inputs) {
            (void)pipeline_.apply(input.instrument, input.recorded()); // it was checked
            rows.inputs.push_back(std::move(input));
        }
    }
    Decided decided{.rows = rows.roster, .policy = nullptr, .inputs = rows.inputs};
    if (carried->after.policy != inForce_.policy) {
        decided.policy = std::make_shared<const console::PolicyView>(carried->after.policy);
    }
    inForce_ = std::move(carried->after);
    waiting_.push_back({++sequence_, nullptr, std::move(decided)});
    StoreDecision item{.sequence = sequence_,
                       .command = id,
                       .rows = std::move(rows),
                       .proposal = wish.proposal,
                       .answer = wish.answer};
    if (!links_.store.push(std::move(item))) {
        waiting_.pop_back();
        answer(id, wish.answer, {ErrorCode::Cancelled, "paper", "the console is closing"});
    }
}

// A recorded input like any other, with its row of the journal; what it did is a closed trade, so nothing leads back.
void PaperEngine::closePosition(console::CommandId id, const console::ClosePosition& wish)
{
    const auto row = rowOf(wish.strategy);
    if (!row) {
        answer(id, nullptr, row.error());
        return;
    }
    if (wish.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
        answer(id, nullptr, {ErrorCode::OutOfRange, "reason", "it is empty; say why in a few words"});
        return;
    }
    const auto instrument = std::ranges::find(instruments_, wish.instrument, &market::Instrument::id);
    const auto open = pipeline_.openPositions();
    const bool isOpen = std::ranges::any_of(open, [&](const trading::OpenPosition& position) {
        return position.decision.strategy == wish.strategy && position.decision.instrument == wish.instrument;
    });
    if (!isOpen || instrument == instruments_.end()) {
        answer(id, nullptr, {ErrorCode::NotFound, wish.strategy, "it has no position there any more"});
        return;
    }
    handOver(false);
    const storage::SwitchInput input{wish.instrument, pipeline_.fed(wish.instrument), wish.strategy, true,
                                     trading::InputKind::CloseAll};
    (void)pipeline_.apply(input.instrument, input.recorded()); // cannot be refused
    auto decided = decision({}, wish.reason, view_.evidence(wish.strategy, wish.instrument));
    decided.what = "closed " + wish.strategy + " on " + instrument->name + ": by hand, at the next quote";
    StoreDecision item{
        .sequence = ++sequence_, .command = id, .rows = {.decision = std::move(decided), .inputs = {input}}};
    waiting_.push_back({sequence_, nullptr});
    if (!links_.store.push(std::move(item))) {
        waiting_.pop_back();
        answer(id, nullptr, {ErrorCode::Cancelled, "paper", "the console is closing"});
    }
}

void PaperEngine::answer(console::CommandId id, const DecisionAnswer& answer, const base::Error& error)
{
    if (answer) {
        answer->set_value(std::unexpected(error));
    }
    if (id != 0) {
        links_.events.push(console::CommandDone{id, error});
    }
}

void PaperEngine::showDecided(const Decided& decided)
{
    for (const auto& [row, text] : decided.rows) {
        auto parameters = inForce_.parameters.at(row.strategy); // of the newest decision, which may not be committed
        (void)parameters.setText(text);
        view_.setRow(row, parameters);
    }
    for (const auto& input : decided.inputs) {
        if (input.kind == trading::InputKind::Parameters) { // the record of a row starts at zero
            const auto own = std::ranges::find(decided.rows, input.strategy,
                                               [](const storage::SavedRow& saved) { return saved.row.strategy; });
            view_.useParameters(input.strategy, input.instrument, own->row.parameterHash, input.number);
        }
    }
    if (decided.policy) {
        shownPolicy_ = decided.policy;
        const auto policy = paperPolicyOf(*decided.policy, standard_);
        view_.setPolicy(policy, trading::evaluationLimits(decided.policy->numbers));
        if (links_.silenceMs != nullptr) {
            *links_.silenceMs = policy.silence.count();
        }
        if (links_.clockOffMs != nullptr) {
            *links_.clockOffMs = base::policySeconds(decided.policy->numbers, "health.clock_s").count();
        }
    }
}

} // namespace qd::engines
