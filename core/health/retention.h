// What the retention of ticks would free, and what it leaves alone because something needs it. Values. Any thread.
#pragma once

#include "base/units.h"
#include "base/utc_time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace qd::health {

/// What becomes of ticks and quotes older than ticks.keep_days. Thin: their candles stay, and are made first where they
/// are missing. Drop: nothing is made; candles that are stored stay all the same.
enum class OldTicks : std::uint8_t { Keep, Thin, Drop };

struct RetentionRule {
    OldTicks way = OldTicks::Keep;
    std::int64_t keepDays = 0;
    base::UtcMs now;
};

/// Of one instrument.
struct RetentionLine {
    base::InstrumentId instrument;
    std::string name;
    std::uint64_t blocks = 0;
    std::uint64_t ticks = 0;
    std::uint64_t quotes = 0;
    std::uint64_t bytes = 0; // of the blocks; the file gives them back when it is idle
    base::UtcMs until;       // exchange time of the newest that goes
    std::string kept;        // why older ones stay, in words; empty: none does
};

struct RetentionPreview {
    RetentionRule rule;
    std::vector<RetentionLine> lines; // of instruments that lose any, or keep some against the rule
    std::uint64_t ticks = 0;
    std::uint64_t quotes = 0;
    std::uint64_t bytes = 0;
};

} // namespace qd::health
