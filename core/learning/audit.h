// The leakage audit of one trained family: runs all six detectors with the family's limits, says what each saw, and
// whether the model may be registered, may be after a signature, or never. Not shared between threads.
// Source: STATISTICS.md §12, PRODUCT.md *Leakage audit*.
#pragma once

#include "learning/leakage.h"
#include "learning/regime.h"
#include "learning/walk_forward.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qd::learning {

enum class Detector : std::uint8_t { SingleFeature, FutureShift, Truncation, Permutation, Overlap, TooGood };
[[nodiscard]] std::string_view name(Detector detector); // "single feature", "future shift" …

struct AuditFinding {
    Detector detector{};
    LeakLevel level = LeakLevel::Ok;
    bool canBeSignedOff = true; // of a Fail: truncation, overlap and split never
    bool isRun = true;          // false: it could not be, and the evidence says why; that quarantines, too
    std::string evidence;       // a sentence with its figures

    template <typename Archive>
    void state(Archive& a)
    {
        a(detector, level, canBeSignedOff, isRun, evidence);
    }
    friend bool operator==(const AuditFinding&, const AuditFinding&) = default;
};

enum class AuditVerdict : std::uint8_t { Clean, WantsSignature, Quarantined };
[[nodiscard]] std::string_view name(AuditVerdict verdict);

struct AuditReport {
    std::vector<AuditFinding> findings; // one a detector, in their order
    bool hasSignal = true;              // false: no leak, and no reason to replace what is there
    bool spansRegimes = false;          // false: the model is regime-limited
    std::optional<RegimeSpan> regime;   // none where too little is known of the volatility

    [[nodiscard]] AuditVerdict verdict() const;
};

struct AuditLimits {
    LeakLimits leak;
    double aucOverOwn = 0.15; // fill, stop_hit: over the model that knows the distance alone
    double r2OverOwn = 0.20;  // volatility: over yesterday's
    double permutationMeanR2 = 0.03;
    std::size_t permutations = 99;
    std::size_t permutationRows = 10'000;
    std::uint32_t permutationTrees = 50;
    RegimeLimits regime;
};

/// How the rows can be made again without what came later: values of row i (and its entry price) from all data, and
/// from the data up to it alone. Empty where there is no row.
struct Remake {
    std::size_t bars = 0; // rows to choose from
    RowValues full;
    RowValues truncated;
};

/// Makes each row of the table again from the closed candles of its series (by the rows' number) that had closed by
/// then; the table itself is what all data gave. The rows, the set and the candles must outlive it.
[[nodiscard]] Remake remakeOf(const TrainingRows& rows, const FeatureSet& set,
                              std::vector<std::span<const market::Candle>> series);

struct AuditInput {
    Family family = Family::Gbt5m;
    const TrainingRows* rows = nullptr;
    const WalkForwardScores* scores = nullptr;
    BoostParameters parameters;
    Remake remake;
    std::span<const double> regimeReference; // realised volatility of the instruments' own history; may be empty
    std::uint64_t seed = 1;
};

/// Called with each tree of the refits of the permutation check, `done` of which are over; false cancels.
using OnPermutation = std::function<bool(std::size_t done, std::size_t of)>;

/// Cancelled, or an error of XGBoost; findings are no errors.
[[nodiscard]] base::Result<AuditReport> audit(const AuditInput& input, const AuditLimits& limits = {},
                                              const OnPermutation& progress = {});

} // namespace qd::learning
