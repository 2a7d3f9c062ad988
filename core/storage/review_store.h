// Nightly reviews and what became of their proposals, sign-offs by parameter hash, nights of sensitivity, and archive
// days unseen when parameters were chosen. A proposal lasts until the next review. Writes within the caller's
// transaction on the writer's connection; reads work on any. Times: `time` is exchange time, `heldAt` the wall clock's.
#pragma once

#include "governance/gates.h"
#include "governance/review.h"
#include "storage/database.h"
#include "storage/experiment_store.h"
#include "storage/journal_store.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

using base::UtcMs;

enum class ProposalState : std::uint8_t { Open, Applied, Dismissed, Gone };
[[nodiscard]] std::string_view name(ProposalState state); // "open", "applied" …: the rows' words

struct ReviewRow {
    std::int64_t id = 0; // given by add()
    UtcMs heldAt;
    bool isNightly = false; // held by the clock; else it was asked for
    governance::Review review;
};

struct ProposalRow {
    std::int64_t id = 0;
    governance::Proposal proposal;
    ProposalState state = ProposalState::Open;
    std::string note;
    std::optional<std::int64_t> decision;
};

struct ProposalEnd {
    std::int64_t id = 0;
    ProposalState state = ProposalState::Gone;
    std::string note;
    std::optional<std::int64_t> decision{}; // of the journal
};

struct SignOffRow {
    std::string parameterHash;
    std::string test; // "look-ahead", "noise-null", "replay"; as ranTest() says: it ran, and `reason` is what it found
    UtcMs time;
    std::string strategy;
    std::string reason;
};
/// "ran replay": the row that such a test leaves before it can be signed off. The newest one stays.
[[nodiscard]] std::string ranTest(std::string_view test);

struct NightRow {
    std::string strategy;
    std::string parameterHash;
    UtcMs from; // of the days replayed
    governance::SensitivityNight night;
};

struct UnseenDay {
    std::int64_t day = 0; // UTC, since 1970-01-01
    double value = 0;     // net over the strategy's capital
    friend bool operator==(const UnseenDay&, const UnseenDay&) = default;
};
/// Once a parameter hash, also where there are no such days.
struct UnseenRow {
    std::string parameterHash;
    UtcMs time; // of the look
    std::vector<UnseenDay> days{};
};

/// What one decision of the governor's leaves beside the roster, written as a whole.
struct GovernanceRecord {
    std::optional<JournalEntry> journal;
    std::optional<ReviewRow> review;
    std::vector<ProposalEnd> ends; // those that were dismissed bear the journal's row
    std::optional<SignOffRow> signOff;
    std::optional<NightRow> night;
    std::vector<ExperimentNight> experiments{}; // what a look at them leaves
    std::optional<UnseenRow> unseen{};
};

class ReviewStore {
public:
    explicit ReviewStore(Database& database) : database_(database) {}

    /// With its proposals; those of the review before that are still open are gone.
    [[nodiscard]] base::Result<std::int64_t> add(const ReviewRow& row);
    /// Without proposals; empty before the first.
    [[nodiscard]] base::Result<std::optional<ReviewRow>> newest();
    /// When the newest of those held by the clock was held; empty before the first.
    [[nodiscard]] base::Result<std::optional<UtcMs>> newestNightly();
    /// Held at or after `from`, oldest first; without proposals and what was held.
    [[nodiscard]] base::Result<std::vector<ReviewRow>> since(UtcMs from);
    [[nodiscard]] base::Result<std::vector<ProposalRow>> proposalsOf(std::int64_t review);
    /// Conflict where it is open no more: nothing was changed.
    [[nodiscard]] base::Result<void> end(const ProposalEnd& end);
    /// Answers the id of the journal's row; 0 without one. Conflict where a proposal is open no more: nothing was
    /// written.
    [[nodiscard]] base::Result<std::int64_t> write(const GovernanceRecord& record);
    /// Those that came of a proposal and were carried out, by time; which of them were undone is the journal's.
    [[nodiscard]] base::Result<std::vector<governance::PastDecision>> pastDecisions();

    [[nodiscard]] base::Result<void> add(const SignOffRow& row); // the same again replaces
    [[nodiscard]] base::Result<std::map<std::string, governance::SignOffs>> signOffs();
    /// What look-ahead test and replay found of these parameters; the noise null's figures are NullStore's.
    [[nodiscard]] base::Result<governance::TestsRun> testsRun(std::string_view parameterHash);

    [[nodiscard]] base::Result<void> add(const NightRow& row);
    /// Of those parameters since `from`, by time.
    [[nodiscard]] base::Result<std::vector<governance::SensitivityNight>>
    nights(std::string_view strategy, std::string_view parameterHash, UtcMs from);
    /// UTC days on which a night was made, of each strategy.
    [[nodiscard]] base::Result<std::map<std::string, std::vector<std::int64_t>>> nightDays();

    /// Days stay as they were first replayed: nothing is written for a hash that was looked at before.
    [[nodiscard]] base::Result<void> add(const UnseenRow& row);
    /// By day; no vector at all while nobody has looked.
    [[nodiscard]] base::Result<std::optional<std::vector<UnseenDay>>> unseen(std::string_view parameterHash);

private:
    [[nodiscard]] base::Result<void> checkOpen(const std::vector<ProposalEnd>& ends);

    Database& database_;
};

} // namespace qd::storage
