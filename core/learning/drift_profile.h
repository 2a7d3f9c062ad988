// What a model's features looked like in training, small enough to be kept with it, and how far the rows that it is
// asked about have drifted from that. Plain values; any thread. Source: STATISTICS.md §13.
#pragma once

#include "learning/drift.h"
#include "learning/training_rows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace qd::learning {

struct ColumnProfile {
    PsiReference psi;
    std::vector<float> sample; // rows at equal distances, for KS; missing ones are NaN
    template <typename Archive>
    void state(Archive& a)
    {
        a(psi, sample);
    }
};

struct DriftProfile {
    std::vector<ColumnProfile> columns;
    template <typename Archive>
    void state(Archive& a)
    {
        a(columns);
    }
};
[[nodiscard]] DriftProfile driftProfile(const TrainingRows& rows, std::size_t sampleRows = 1000);

struct ColumnDrift {
    std::size_t column = 0;
    Psi psi;
    KsTest ks;
    DriftLevel level = DriftLevel::Unknown;
};

/// Of each column, the most drifted first (by PSI; columns without one last). Requires recent.columns as in training.
[[nodiscard]] std::vector<ColumnDrift> driftOf(const DriftProfile& profile, const RowTable& recent,
                                               const DriftLimits& limits);

} // namespace qd::learning
