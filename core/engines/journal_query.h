// Answers AskJournal: rows that pass the filter, whether each can be taken back now, and what happened after it. Read
// only. Any thread with facts of its own.
#pragma once

#include "console/queries.h"
#include "engines/governance_facts.h"

namespace qd::engines {

/// OutOfRange for more than 1,000 rows. `evidence` has read the facts, which need not hold its evidence.
[[nodiscard]] base::Result<console::JournalPage>
journalPage(const GovernanceFacts& facts, const EvidenceReader& evidence, const console::AskJournal& query);

/// "7 days after: 12 trades, net 3.20 USDT; 30 days after: too early."; empty for a decision about no strategy.
[[nodiscard]] std::string whatHappenedNext(const GovernanceFacts& facts, const EvidenceReader& evidence,
                                           const governance::Decision& decision);

} // namespace qd::engines
