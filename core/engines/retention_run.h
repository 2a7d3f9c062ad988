// The retention of ticks by policy: what it would free, and its carrying out, a small transaction at a time by the
// store's hand. Any thread with a connection of its own.
#pragma once

#include "base/policy.h"
#include "engines/query_desk.h"
#include "storage/tick_retention.h"

#include <functional>

namespace qd::engines {

/// Of ticks.keep_days and ticks.thin. The nightly replays of changed parameters keep their days, and one more, whatever
/// is wished for.
[[nodiscard]] health::RetentionRule retentionRule(const base::PolicyValues& policy, base::UtcMs now);

[[nodiscard]] base::Result<health::RetentionPreview> retentionPreview(const DeskContext& context,
                                                                      const console::AskRetention& query);

/// Each answers when it is committed.
struct RetentionHands {
    /// Minutes of a UTC day that have no candle yet; larger ones are made of them.
    std::function<base::Result<void>(base::InstrumentId instrument, base::UtcMs day,
                                     std::vector<market::Candle> minutes)>
        keepMinutes;
    std::function<base::Result<void>(storage::OldBlocks blocks)> drop;
    std::function<bool(double fraction)> goesOn; // false: Cancelled, between two pieces
};

/// Answers what has gone. After an error or a stop what has gone until then is gone, and all else is whole.
[[nodiscard]] base::Result<health::RetentionPreview>
runRetention(storage::Database& database, const health::RetentionRule& rule, const RetentionHands& hands);

} // namespace qd::engines
