// What a trained model answers: the probability of its event for one row of features. The models themselves live in
// another room; rules know only this. Pure and const: the same row gives the same answer, on any thread.
#pragma once

#include <span>
#include <string>

namespace qd::trading {

class Predictor {
public:
    virtual ~Predictor() = default;
    /// The model version, as the operator reads it: "gbt_5m 12".
    [[nodiscard]] virtual std::string version() const = 0;
    /// 0…1. Requires the features in the order in which they were trained; NaN is a missing one.
    [[nodiscard]] virtual double probability(std::span<const double> features) const = 0;
};

} // namespace qd::trading
