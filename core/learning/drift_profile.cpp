#include "learning/drift_profile.h"

#include <algorithm>
#include <utility>

namespace qd::learning {

namespace {

std::vector<double> columnOf(const RowTable& rows, std::size_t column)
{
    std::vector<double> out(rows.rows());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = rows.row(i)[column];
    }
    return out;
}

} // namespace

DriftProfile driftProfile(const TrainingRows& rows, std::size_t sampleRows)
{
    DriftProfile out;
    const auto table = rows.table();
    for (std::size_t c = 0; c < rows.columns; ++c) {
        const auto values = columnOf(table, c);
        ColumnProfile profile{.psi = psiReference(values)};
        const auto kept = std::min(sampleRows, values.size());
        for (std::size_t k = 0; k < kept; ++k) {
            profile.sample.push_back(static_cast<float>(values[k * values.size() / kept]));
        }
        out.columns.push_back(std::move(profile));
    }
    return out;
}

std::vector<ColumnDrift> driftOf(const DriftProfile& profile, const RowTable& recent, const DriftLimits& limits)
{
    std::vector<ColumnDrift> out;
    for (std::size_t c = 0; c < profile.columns.size(); ++c) {
        const auto& known = profile.columns[c];
        const auto values = columnOf(recent, c);
        ColumnDrift drift{.column = c, .psi = psi(known.psi, values, limits)};
        drift.ks = ksTest(std::vector<double>(known.sample.begin(), known.sample.end()), values);
        drift.level = driftLevel(drift.psi, drift.ks, limits);
        out.push_back(std::move(drift));
    }
    std::ranges::sort(out, [](const ColumnDrift& a, const ColumnDrift& b) {
        return std::pair(-a.psi.value.value_or(-1), a.column) < std::pair(-b.psi.value.value_or(-1), b.column);
    });
    return out;
}

} // namespace qd::learning
