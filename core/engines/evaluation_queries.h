// Answers AskEvaluations from the ledger, the candles' closes at midnight and the trials. Keeps what it read and asks
// only for what is newer, so that a second question costs no reading of old trades. One object a connection and
// thread. Read only.
#pragma once

#include "base/policy.h"
#include "console/queries.h"
#include "engines/known_trades.h"
#include "trading/evaluate.h"

#include <map>
#include <vector>

namespace qd::engines {

class EvaluationDesk {
public:
    /// "Now" is the newest time in the ledger: of an exit or a point of the equity, so that recorded times have their
    /// windows too. Without either, everything is empty.
    [[nodiscard]] base::Result<console::Evaluations>
    answer(storage::Database& database, const console::AskEvaluations& query, const base::PaperPolicy& policy);

private:
    [[nodiscard]] base::Result<void> refresh(storage::Database& database);
    [[nodiscard]] base::UtcMs now() const;

    KnownTrades known_;
    /// A choice's overfitting takes longer than all the rest, and changes once a day.
    [[nodiscard]] trading::Choice choiceOf(trading::RosterReturns returns, const trading::EvaluationLimits& limits,
                                           const base::PolicyValues& policy, std::uint32_t days);

    struct KnownChoice {
        trading::RosterReturns of;
        trading::OverfittingBlocks blocks;
        trading::EvaluationLimits limits;
        trading::Choice found;
    };
    std::map<std::uint32_t, KnownChoice> choices_; // by the window's days
    std::vector<trading::CapitalChange> capital_;
    base::UtcMs newestEquity_{INT64_MIN};
};

} // namespace qd::engines
