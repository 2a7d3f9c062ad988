// A model that serves one instrument: the builder of its feature set, fed candle by candle, and its trees, shared by
// all instruments. Predicting neither allocates nor locks. One thread at a time; top() is for decisions that became
// orders, off the thread that trades. Source: PRODUCT.md *Serving*.
#pragma once

#include "learning/feature_builder.h"
#include "learning/model_version.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::learning {

struct NamedContribution {
    std::string feature;
    float value = 0; // of the row; NaN where it is missing
    float moved = 0; // the margin
};

class ServedModel {
public:
    /// As servedTrees().
    [[nodiscard]] static base::Result<ServedModel> of(const ModelVersion& version);
    /// The same model for another instrument, not warm yet.
    [[nodiscard]] ServedModel fresh() const { return ServedModel(*set_, family_, trees_); }

    /// The next closed candle of fed().
    RowOutcome add(const market::Candle& candle)
    {
        outcome_ = builder_.add(candle);
        return outcome_;
    }
    [[nodiscard]] market::Timeframe fed() const { return builder_.fed(); }
    [[nodiscard]] const FeatureBuilder& builder() const { return builder_; }
    /// At the newest candle; for a short of the mirrored row; `distance` (ATR) where the family asks about one. None
    /// where that candle closed no row. A probability, or the logarithm of a volatility.
    [[nodiscard]] std::optional<float> predict(int side = 1, float distance = 0);
    /// The row that predict() last answered.
    [[nodiscard]] std::span<const float> asked() const { return row_; }
    [[nodiscard]] std::vector<NamedContribution> top(std::size_t most) const { return topOf(row_, most); }
    /// Of a row that was kept, on any thread.
    [[nodiscard]] std::vector<NamedContribution> topOf(std::span<const float> row, std::size_t most) const;

    template <typename Archive>
    void state(Archive& a)
    {
        a(builder_);
        if constexpr (Archive::isReading) {
            outcome_ = RowOutcome::None;
        }
    }

private:
    ServedModel(const FeatureSet& set, Family family, std::shared_ptr<const FlatTrees> trees);
    const FeatureSet* set_;
    Family family_;
    std::shared_ptr<const FlatTrees> trees_;
    FeatureBuilder builder_;
    RowOutcome outcome_ = RowOutcome::None;
    std::vector<float> row_;
};

} // namespace qd::learning
