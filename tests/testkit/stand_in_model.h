// A library of models for tests: rows by the builder that serves, and answers that are no model's but behave like one.
#pragma once

#include "learning/served_rows.h"
#include "trading/predictor.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>

namespace qd::testkit {

/// Never expired, unless it is told what it knows.
constexpr base::UtcMs knowsAll{INT64_MAX / 2};

/// The same row of the 5m set gives the same probability: high where the last candle ran on, near the mean of twenty.
class StandInPredictor : public trading::Predictor {
public:
    explicit StandInPredictor(base::UtcMs knows = knowsAll, double weight = 1) : knows_(knows), weight_(weight) {}
    [[nodiscard]] std::size_t rowSet() const override
    {
        return static_cast<std::size_t>(learning::FeatureSource::Candles5m);
    }
    [[nodiscard]] base::UtcMs knows() const override { return knows_; }
    [[nodiscard]] float predict(std::span<const float> row) const override
    {
        constexpr std::size_t scaledMove = 7; // return_scaled_5m_1
        constexpr std::size_t deviation = 15; // deviation_5m_20
        constexpr std::size_t body = 29;
        double sum = 0.1;
        for (const auto& [at, weight] : {std::pair{scaledMove, 0.06}, {deviation, -0.1}, {body, 0.2}}) {
            sum += std::isfinite(row[at]) ? weight_ * weight * static_cast<double>(row[at]) : 0;
        }
        return static_cast<float>(1.0 / (1.0 + std::exp(-sum)));
    }

private:
    base::UtcMs knows_;
    double weight_;
};

/// Has a stand-in by "any" hash, and what is put into it.
class StandInLibrary final : public trading::ModelLibrary {
public:
    [[nodiscard]] std::unique_ptr<trading::FeatureRows> makeRows() const override
    {
        return std::make_unique<learning::ServedRows>();
    }
    [[nodiscard]] base::Result<std::shared_ptr<const trading::Predictor>> find(const std::string& hash) const override
    {
        const auto found = models.find(hash);
        return found != models.end() ? base::Result<std::shared_ptr<const trading::Predictor>>(found->second)
                                     : base::fail(base::ErrorCode::NotFound, "model", "no such bytes");
    }
    std::map<std::string, std::shared_ptr<const trading::Predictor>> models{
        {"any", std::make_shared<const StandInPredictor>()}};
};

/// The stand-in by its name and hash, as it is recorded.
inline const std::string standIn = "gbt_5m 7|any";
inline const std::string standInDirection = "direction_predictor@COIN-USDT 1|any";

} // namespace qd::testkit
