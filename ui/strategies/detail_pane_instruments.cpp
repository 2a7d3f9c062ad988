// The detail pane's tab Instruments: a row an instrument with its switch and figures.
#include "ui/command_desk.h"
#include "ui/strategies/detail_pane.h"

#include <set>

namespace qd::ui {

void DetailPane::showInstruments(const std::shared_ptr<const console::Evaluations>& evaluations)
{
    std::vector<InstrumentEntry> rows;
    std::set<base::InstrumentId> known;
    if (entry_.figures) {
        const bool isPending = context_.commands.isPending(strategy());
        rows.push_back({entry_.figures, tr("All pooled"), true, std::nullopt, entry_.of.isEnabled, isPending,
                        StrategiesModel::offText(entry_.of, context_.now(), context_.zone)});
    }
    if (evaluations) {
        for (const auto& row : evaluations->rows) {
            if (row.strategy == entry_.of.name && row.instrument) {
                auto entry =
                    instrumentEntry(*row.instrument, format::text(feedInstrument(ingest_.get(), *row.instrument).name));
                entry.of = std::shared_ptr<const trading::Evaluation>(evaluations, &row);
                known.insert(*row.instrument);
                rows.push_back(std::move(entry));
            }
        }
    }
    if (rows.size() == 1 && rows.front().of->trades == 0 && rows.front().of->inShadow == 0) {
        rows.clear(); // the sentence says more than a row of dashes
    }
    for (std::size_t i = 0; ingest_ && !rows.empty() && i < ingest_->instruments.size(); ++i) {
        const auto& instrument = ingest_->instruments[i].instrument;
        if (!known.contains(instrument.id)) {
            rows.push_back(instrumentEntry(instrument.id, format::text(instrument.name)));
        }
    }
    instruments_->update(std::move(rows));
}

InstrumentEntry DetailPane::instrumentEntry(base::InstrumentId id, const QString& name) const
{
    InstrumentEntry out{nullptr, name, false, id, true, context_.commands.isPending(strategy(), id), {}};
    if (const auto found = entry_.of.instruments.find(id); found != entry_.of.instruments.end()) {
        const auto& state = found->second;
        out.isOn = state.isOn;
        if (!state.isOn) {
            const QString who = state.by == governance::Actor::Operator ? tr("off by you") : tr("off by policy");
            out.since =
                state.since.value > 0 ? tr("%1 since %2").arg(who, format::day(state.since, context_.zone)) : who;
        }
    }
    return out;
}

void DetailPane::switchInstrument(int row)
{
    const auto& entry = instruments_->row(row);
    if (entry.isPooled) {
        context_.commands.setStrategyEnabled(strategy(), !entry.isOn);
    } else if (entry.id) {
        context_.commands.setInstrumentEnabled(strategy(), *entry.id, entry.name, !entry.isOn);
    }
}

} // namespace qd::ui
