#include "engines/instrument_list.h"

#include "exchange/default_instruments.h"
#include "storage/feed_choices.h"

#include <algorithm>

namespace qd::engines {

base::Result<InstrumentList> readInstrumentList(storage::Database& database, const RecoveredPaper& paper,
                                                const std::vector<std::string>& given, const std::string& feed)
{
    storage::FeedChoices choices(database);
    const auto kept = choices.wantedInstruments();
    const auto isCancelled = choices.isHistoryCancelled();
    if (!kept || !isCancelled) {
        return std::unexpected(!kept ? kept.error() : isCancelled.error());
    }
    InstrumentList list{.wanted = given.empty() ? *kept : given,
                        .leaving = {},
                        .isGiven = !given.empty(),
                        .isHistoryCancelled = *isCancelled};
    if (list.wanted.empty() && (feed == "demo" || feed == "blofin")) {
        for (const auto& instrument : exchange::defaultInstruments()) {
            list.wanted.push_back(instrument.name);
        }
    }
    for (const auto& instrument : paper.instruments) {
        if (!list.isGiven && !list.wanted.empty() && !paper.pipeline.isIdle(instrument.id) &&
            std::ranges::find(list.wanted, instrument.name) == list.wanted.end()) {
            list.leaving.push_back(instrument.name);
        }
    }
    return list;
}

} // namespace qd::engines
