// The rows of features of one instrument for those that serve, by the builder that makes the rows of training, one for
// each set; and a model version's trees as what trading asks. One thread at a time; a predictor: any thread.
// Source: PRODUCT.md *Serving*.
#pragma once

#include "learning/feature_builder.h"
#include "learning/model_version.h"
#include "trading/predictor.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace qd::learning {

/// Its sets are those of FeatureSource, in that order.
class ServedRows final : public trading::FeatureRows {
public:
    ServedRows();

    void add(market::Timeframe timeframe, const market::Candle& candle) override;
    [[nodiscard]] std::span<const float> row(std::size_t set, market::Side side) override;
    [[nodiscard]] std::string silence(std::size_t set) const override;
    [[nodiscard]] std::string fingerprint() const override;
    void save(base::StateWriter& a) const override { a(*this); }
    void restore(base::StateReader& a) override { a(*this); }

    template <typename Archive>
    void state(Archive& a)
    {
        a(closed_);
        for (auto& one : sets_) {
            a(one.builder, one.newest);
        }
    }

private:
    struct Set {
        FeatureBuilder builder;
        RowOutcome newest = RowOutcome::None; // at the newest 5m candle that it closed
    };
    std::array<Set, 3> sets_;
    base::UtcMs closed_; // the end of the newest 5m candle
    std::vector<float> row_;
};

/// As servedTrees(); Unsupported also for a family that asks about a distance: no strategy does.
[[nodiscard]] base::Result<std::shared_ptr<const trading::Predictor>> predictorOf(const ModelVersion& version);

} // namespace qd::learning
