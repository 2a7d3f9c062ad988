// The part of PaperEngine that changes what is traded: switches, parameters, pauses, each recorded with the stream
// number at which it took effect.
#include "engines/paper_engine.h"

#include <algorithm>

namespace qd::engines {

// In force with the next item; recorded, so that replay and restart do the same.
void PaperEngine::record(std::vector<storage::SwitchInput> inputs)
{
    handOver(false);
    for (const auto& input : inputs) {
        (void)pipeline_.apply(input.instrument, input.recorded()); // only parameters can be refused
    }
    StoreInputs recorded{.sequence = ++sequence_, .inputs = std::move(inputs)};
    waiting_.push_back({sequence_, nullptr, std::nullopt});
    if (!links_.store.push(std::move(recorded))) {
        waiting_.pop_back();
    }
}

void PaperEngine::addInstrument(const market::Instrument& instrument)
{
    pipeline_.addInstrument(instrument);
    instruments_.push_back(instrument);
    view_.setInstrument(instrument);
    recordWhatHolds(instrument.id, true);
}

// What was switched or changed before holds for a new instrument too, and is recorded as an input of its stream. For
// one that is not new, only where a kill came between the two.
void PaperEngine::recordWhatHolds(base::InstrumentId instrument, bool isNew)
{
    std::vector<storage::SwitchInput> inputs;
    const auto fed = pipeline_.fed(instrument);
    for (const auto& [strategy, state] : switches_) {
        const bool recorded = isNew || pipeline_.isEnabled(instrument, strategy);
        if (!pipeline_.parameters(instrument, strategy).empty() && recorded != state.enabled) {
            inputs.push_back({instrument, fed, strategy, state.enabled});
        }
    }
    for (const auto& [strategy, parameters] : parameters_) {
        const auto present = pipeline_.parameters(instrument, strategy);
        if (!present.empty() && (isNew || present != parameters.text())) {
            inputs.push_back({instrument, fed, strategy, true, trading::InputKind::Parameters, parameters.text()});
        }
    }
    if (!inputs.empty()) {
        record(std::move(inputs));
    }
}

bool PaperEngine::recordSwitch(console::CommandId id, const storage::SwitchState& state,
                               std::vector<storage::SwitchInput> inputs)
{
    StoreSwitch thrown{.sequence = ++sequence_, .command = id, .state = state, .inputs = std::move(inputs)};
    waiting_.push_back({sequence_, nullptr, state});
    if (links_.store.push(std::move(thrown))) {
        return true;
    }
    waiting_.pop_back();
    return false;
}

void PaperEngine::obey(const PaperCommand& command)
{
    if (const auto* watch = std::get_if<console::WatchChart>(&command.command)) {
        watched_ = watch->instrument;
        watchedTimeframe_ = watch->timeframe;
        watchedRevision_ = UINT64_MAX;
        marksStale_ = true;
        changed_ = true;
        publish(true);
        links_.events.push(console::CommandDone{command.id, std::nullopt});
    } else if (const auto* wish = std::get_if<console::SetStrategyEnabled>(&command.command)) {
        setEnabled(command.id, *wish);
    } else if (const auto* set = std::get_if<console::SetParameters>(&command.command)) {
        setParameters(command.id, *set);
    }
}

// Like a switch: in force at once, recorded for each instrument, answered when it is committed. What is not legal
// changes nothing.
void PaperEngine::setParameters(console::CommandId id, const console::SetParameters& wish)
{
    const auto* info = trading::findStrategy(wish.strategy);
    if (info == nullptr) {
        links_.events.push(console::CommandDone{
            id, base::Error{base::ErrorCode::NotFound, wish.strategy, "no strategy of that name in the catalogue"}});
        return;
    }
    const auto known = parameters_.find(wish.strategy);
    const auto before =
        known != parameters_.end() ? known->second : trading::ParameterSet(info->name, info->parameters);
    auto wanted = before;
    if (auto legal = wanted.setText(wish.parameters); !legal) {
        links_.events.push(console::CommandDone{id, legal.error()});
        return;
    }
    if (wanted.text() == before.text()) {
        links_.events.push(console::CommandDone{id, std::nullopt});
        return;
    }
    handOver(false);
    (void)pipeline_.setParameters(wish.strategy, wanted.text()); // they are legal
    StoreInputs changed{.sequence = ++sequence_, .inputs = {}, .command = id};
    for (const auto& instrument : instruments_) {
        changed.inputs.push_back({instrument.id, pipeline_.fed(instrument.id), wish.strategy, true,
                                  trading::InputKind::Parameters, wanted.text()});
    }
    const auto now = links_.clock.now();
    changed.journal = storage::JournalEntry{.id = 0,
                                            .time = now,
                                            .by = "operator",
                                            .what = "parameters of " + wish.strategy + ": " + wanted.text(),
                                            .why = wish.reason,
                                            .evidence = "hash " + before.hash() + " before, " + wanted.hash() + " now",
                                            .undo = "parameters " + wish.strategy + " " + before.text()};
    changed.trial = trading::TrialRow{.time = now,
                                      .strategy = wish.strategy,
                                      .parameterHash = wanted.hash(),
                                      .parameters = wanted.text(),
                                      .origin = wish.origin,
                                      .tries = std::max(wish.tries, 1U),
                                      .from = wish.from,
                                      .to = wish.to};
    parameters_.insert_or_assign(wish.strategy, wanted);
    waiting_.push_back({.sequence = sequence_,
                        .events = nullptr,
                        .thrown = std::nullopt,
                        .parameters = std::pair(wish.strategy, std::move(wanted)),
                        .inputs = changed.inputs});
    if (!links_.store.push(std::move(changed))) {
        waiting_.pop_back();
        links_.events.push(
            console::CommandDone{id, base::Error{base::ErrorCode::Cancelled, wish.strategy, "the console is closing"}});
    }
}

// In force at once in the pipeline; answered by the store when it is committed.
void PaperEngine::setEnabled(console::CommandId id, const console::SetStrategyEnabled& wish)
{
    if (trading::findStrategy(wish.strategy) == nullptr) {
        links_.events.push(console::CommandDone{
            id, base::Error{base::ErrorCode::NotFound, wish.strategy, "no strategy of that name in the catalogue"}});
        return;
    }
    handOver(false);
    pipeline_.setEnabled(wish.strategy, wish.enabled);
    const storage::SwitchState state{.strategy = wish.strategy,
                                     .enabled = wish.enabled,
                                     .since = links_.clock.now(),
                                     .by = "operator",
                                     .reason = wish.reason};
    switches_[wish.strategy] = state;
    std::vector<storage::SwitchInput> inputs;
    for (const auto& instrument : instruments_) {
        inputs.push_back({instrument.id, pipeline_.fed(instrument.id), wish.strategy, wish.enabled});
    }
    if (!recordSwitch(id, state, std::move(inputs))) {
        links_.events.push(
            console::CommandDone{id, base::Error{base::ErrorCode::Cancelled, wish.strategy, "the console is closing"}});
    }
}

} // namespace qd::engines
