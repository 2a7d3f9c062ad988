// What a start does about the simulated past before any engine runs: makes it at the demo's very first start, goes on
// with one that was cut short, and shows how far it is. Store's thread.
#pragma once

#include "engines/engine_messages.h"
#include "engines/simulated_history.h"

#include <optional>
#include <string>

namespace qd::engines {

struct DemoPast {
    bool isDemo = true; // else only what was cut short is completed
    DemoHistory wish;
    std::uint64_t seed = 1;
    std::vector<std::string> instruments; // empty: all that the demo market has
};

struct DemoPastLinks {
    base::Mailbox<console::StoreSnapshot>& store;
    base::Mailbox<console::IngestSnapshot>& ingest;
    EventLog& events;
    Heartbeat& pulse;
    const base::Clock& clock;
};

/// How far it is and how long it takes still, by what it took so far: "the 200 days behind the simulated market are
/// being made: 37%, about 2 min left". Without a time while too little is done to tell. Pure.
[[nodiscard]] std::string makingText(base::Millis past, double fraction, base::Millis spent);

/// Where the made past ends; none where there is none.
[[nodiscard]] base::Result<std::optional<base::UtcMs>> makeDemoPast(storage::Database& database, const DemoPast& past,
                                                                    const base::PaperPolicy& policy,
                                                                    const DemoPastLinks& links,
                                                                    const std::stop_token& stop);

} // namespace qd::engines
