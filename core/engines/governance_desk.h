// Holds reviews and carries out what needs evidence: proposals, stages, undo, sign-offs, notes. How a decision gets
// into the database is its owner's: through paper and store while the console runs, at once for the command line. One
// thread with a read-only connection of its own; a review takes a second or so. Errors are told in words; nothing is
// ever half done.
#pragma once

#include "console/commands.h"
#include "engines/decision_hands.h"
#include "engines/governance_facts.h"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace qd::engines {

/// What became of proposals that were applied together.
struct Applied {
    std::vector<std::int64_t> decisions; // in the journal
    std::optional<base::Error> refused;  // the detail names what was applied, and what was not and why; empty: all were
};

class GovernanceDesk {
public:
    using Hands = DecisionHands;
    GovernanceDesk(storage::Database& database, Hands hands, const base::Clock& clock);

    [[nodiscard]] base::Result<GovernanceFacts> facts();
    /// What it would be if it were held now.
    [[nodiscard]] base::Result<governance::Review> dryReview();
    /// Kept; then what the policy carries out by itself. `failures`: what of that was refused, in words.
    [[nodiscard]] base::Result<void> review(bool isNightly, std::vector<std::string>& failures);
    /// What came of the newest one, in a few words; "held" where that cannot be read.
    [[nodiscard]] std::string heldText();
    /// What the policy carries out by itself of the newest review, if that was nightly, as far as it is still open: a
    /// kill may have come between the two. Nothing where review.auto_apply was set since.
    [[nodiscard]] base::Result<void> applyAutomatic(std::vector<std::string>& failures);
    /// The week's archiving: of what the newest review proposes to archive because it never converged, what the policy
    /// carries out by itself. In words what became of it.
    /// `goesOn`: asked between two; no: the rest is left, Cancelled.
    [[nodiscard]] base::Result<std::string> archiveStale(std::vector<std::string>& failures,
                                                         const std::function<bool()>& goesOn = {});
    /// Each by itself and computed anew; an error where none of them could be.
    [[nodiscard]] base::Result<Applied> apply(std::span<const std::int64_t> proposals, const std::string& reason);
    [[nodiscard]] base::Result<std::int64_t> dismiss(std::span<const std::int64_t> proposals,
                                                     const std::string& reason);
    // Of these: the id of the decision in the journal; 0 where nothing was to be done.
    [[nodiscard]] base::Result<std::int64_t> setStage(const console::SetStage& wish);
    /// One decision: all of them or none.
    [[nodiscard]] base::Result<std::int64_t> archive(const console::ArchiveStrategies& wish);
    [[nodiscard]] base::Result<std::int64_t> undo(const console::UndoDecision& wish);
    [[nodiscard]] base::Result<std::int64_t> signOff(const console::SignOff& wish);
    [[nodiscard]] base::Result<std::int64_t> note(const console::AddNote& note);

    [[nodiscard]] const EvidenceReader& evidence() const { return evidence_; }
    [[nodiscard]] EvidenceReader& evidence() { return evidence_; }

private:
    struct Newest {                // review, and what is known now
        storage::ReviewRow review; // with its proposals
        std::vector<storage::ProposalRow> rows;
        GovernanceFacts facts;
        bool isSetSince = false; // review.auto_apply, after the review
    };
    /// Empty before the first one.
    [[nodiscard]] base::Result<std::optional<Newest>> newest();
    /// Those of `chosen` that are still open; how many.
    [[nodiscard]] base::Result<std::size_t> carryOutChosen(const Newest& of,
                                                           const std::vector<governance::Proposal>& chosen,
                                                           std::vector<std::string>& failures,
                                                           const std::function<bool()>& goesOn = {});
    [[nodiscard]] base::Result<std::vector<storage::ProposalRow>> openProposals(std::span<const std::int64_t> wanted);
    [[nodiscard]] base::Result<std::int64_t> applyOne(const storage::ProposalRow& row, governance::Actor by,
                                                      const std::string& reason);
    [[nodiscard]] base::Result<governance::RosterRow> staged(const GovernanceFacts& facts,
                                                             const governance::RosterRow& row,
                                                             const console::SetStage& wish, std::string& evidence);
    /// The texts of the hashes that its Record changes lead to.
    [[nodiscard]] base::Result<void> addParameters(CarryOut& decision);

    storage::Database& database_;
    Hands hands_;
    const base::Clock& clock_;
    EvidenceReader evidence_;
};

} // namespace qd::engines
