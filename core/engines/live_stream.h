// What ingest knows of one instrument's stream. Plain state, ingest thread.
#pragma once

#include "console/snapshots.h"
#include "exchange/gap_filler.h"
#include "market/instrument.h"
#include "market/sequence_guard.h"

#include <optional>
#include <vector>

namespace qd::engines {

struct LiveStream {
    market::Instrument instrument;
    market::SequenceGuard guard;
    base::StreamNumber number; // of the newest item
    base::UtcMs lastTime;      // of the newest tick
    std::int64_t lastId = 0;
    std::optional<market::GapCause> pendingGap;
    console::InstrumentRow row;
    market::FundingRate funding;  // newest handed over; settlement 0: none yet
    std::int64_t heardAt = 0;     // our clock, ms: of anything
    std::int64_t tickAt = 0;      // our clock, ms: of a new tick, or of the subscription
    bool isActive = true;         // subscribed to; else it was removed, and answers to old questions may still come
    base::UtcMs firstTime;        // of the first tick since it is active; 0 before
    std::int64_t firstTickAt = 0; // our clock, ms

    exchange::MinuteLots minutes;
    exchange::ArrivalGaps arrivals;
    exchange::GapBook gaps;
    std::int64_t runOfIds = 0; // ticks since an id was left out

    // GapWatch's
    bool isAskingTrades = false;
    bool isAskingCandles = false;
    bool isUrgent = false;
    std::int64_t tradesAskedAt = 0;
    std::int64_t candlesDueAt = 0;
    std::vector<exchange::RestCandle> pages; // answers so far, oldest first
    int pagesAsked = 0;
};

} // namespace qd::engines
