#include "ui/execution/instrument_book.h"

#include "ui/questions.h"

namespace qd::ui {

bool InstrumentBook::learn(const console::IngestSnapshot& ingest)
{
    bool isNew = listed_.size() != ingest.instruments.size();
    for (std::size_t i = 0; i < ingest.instruments.size(); ++i) {
        const auto& instrument = ingest.instruments[i].instrument;
        const auto found = known_.find(instrument.id);
        if (found == known_.end() || found->second != instrument) {
            known_.insert_or_assign(instrument.id, instrument);
            isNew = true;
        }
        isNew = isNew || listed_[i].second != instrument.id;
    }
    if (isNew) {
        listed_.clear();
        for (const auto& row : ingest.instruments) {
            listed_.emplace_back(format::text(row.instrument.name), row.instrument.id);
        }
        Q_EMIT learned();
    }
    return isNew;
}

void InstrumentBook::want(const trading::ClosedTrade& trade)
{
    const auto& decision = trade.position.decision;
    if (known_.contains(decision.instrument) || !asked_.insert(decision.instrument).second) {
        return;
    }
    context_.questions.ask(console::AskTrade{decision.instrument, decision.strategy, decision.number}, this,
                           [this, id = decision.instrument](const console::Answer& answer) {
                               const auto* detail = std::get_if<console::TradeDetail>(&answer.value);
                               if (answer.error || detail == nullptr) {
                                   asked_.erase(id); // the next trade of it asks again
                                   Q_EMIT notFound(answer.error.value_or(base::Error{}));
                                   return;
                               }
                               known_.insert_or_assign(id, detail->instrument);
                               Q_EMIT learned();
                           });
}

const market::Instrument* InstrumentBook::find(base::InstrumentId id) const
{
    const auto found = known_.find(id);
    return found == known_.end() ? nullptr : &found->second;
}

QString InstrumentBook::nameOf(base::InstrumentId id) const
{
    const auto* instrument = find(id);
    return instrument != nullptr ? format::text(instrument->name) : tr("instrument %1").arg(id.value);
}

} // namespace qd::ui
