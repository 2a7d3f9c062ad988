// Which instruments the feed shall have at a start: the command line's, else the operator's list, else the feed's own.
// Pure, but for what it reads of the database. Store thread, at the start.
#pragma once

#include "engines/recovery.h"

#include <string>
#include <vector>

namespace qd::engines {

struct InstrumentList {
    std::vector<std::string> wanted;  // those that the exchange offers are subscribed; empty: all it offers, at most 20
    std::vector<std::string> leaving; // removed, but not without a position or an order yet
    bool isGiven = false;             // by the command line: a change holds for this run and is not kept
    bool isHistoryCancelled = false;
};

/// `given`: by the command line; empty: nothing was. What has a position or an order beside the list is leaving.
[[nodiscard]] base::Result<InstrumentList> readInstrumentList(storage::Database& database, const RecoveredPaper& paper,
                                                              const std::vector<std::string>& given,
                                                              const std::string& feed);

} // namespace qd::engines
