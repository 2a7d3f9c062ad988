// A table of labelled rows in time order: what a model is trained on and judged by. Plain value; ms, UTC.
#pragma once

#include "learning/leakage.h"
#include "learning/splits.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace qd::learning {

/// Rows that were not made, by reason.
struct RowLosses {
    std::uint64_t warmUp = 0;    // the stream had not lasted for the longest look-back
    std::uint64_t gap = 0;       // the features touch a gap
    std::uint64_t labelGap = 0;  // the label would cross one
    std::uint64_t labelEdge = 0; // its horizon is beyond the data
    std::uint64_t undefined = 0; // no movement, no ATR, a price that did not move either way
    std::uint64_t thinned = 0;   // left out on purpose
    friend bool operator==(const RowLosses&, const RowLosses&) = default;
    RowLosses& operator+=(const RowLosses& other);
    template <typename Archive>
    void state(Archive& a)
    {
        a(warmUp, gap, labelGap, labelEdge, undefined, thinned);
    }
};
/// "812 rows: … left out for warm-up, …".
[[nodiscard]] std::string sentence(const RowLosses& losses, std::size_t rows);

/// Whose a row is, and what it looked at.
struct RowTag {
    LabelSpan span;
    std::uint32_t series = 0; // its instrument, a number of the caller
    std::int32_t side = 1;    // −1: a short, whose directed features are mirrored
    float volatility = 0;     // realised over the day before, annualised; NaN where not known
    double entry = 0;         // price at the decision
    friend bool operator==(const RowTag&, const RowTag&) = default;
};

struct TrainingRows {
    std::size_t columns = 0;
    std::vector<std::string> names; // of the columns
    std::vector<float> values;
    std::vector<float> labels;
    std::vector<RowTag> tags;
    RowLosses losses;

    [[nodiscard]] std::size_t size() const { return labels.size(); }
    [[nodiscard]] RowTable table() const { return {values, columns}; }
    [[nodiscard]] std::span<const float> row(std::size_t i) const { return table().row(i); }
    [[nodiscard]] std::vector<LabelSpan> spans() const;
    void append(std::span<const float> row, float label, const RowTag& tag);
    /// Of the same columns; afterwards in time order again (ties by series, long before short).
    void merge(TrainingRows other);
    /// These rows, in this order.
    [[nodiscard]] TrainingRows selected(std::span<const std::uint32_t> rows) const;
    [[nodiscard]] TrainingRows onlyColumns(std::size_t first, std::size_t count) const;
    /// Labels as classes.
    [[nodiscard]] std::vector<std::uint8_t> classes() const;
    /// SHA-256 over names, values, labels, spans, series and sides.
    [[nodiscard]] std::string hash() const;
    /// Mean number of rows whose label looks at a moment that a row's label looks at, itself included; at least 1.
    [[nodiscard]] double overlap() const;
};

} // namespace qd::learning
