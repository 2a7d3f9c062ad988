// Gradient-boosted trees by XGBoost's C API (1.7): handles that end themselves, errors as values, models as bytes.
// Deterministic: the same rows, parameters, seed and number of threads give the same bytes. One object, one thread at a
// time; XGBoost itself works on `threads` threads. No exception leaves it. Source: STATISTICS.md §20.
#pragma once

#include "base/error.h"
#include "learning/leakage.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::learning {

enum class Objective : std::uint8_t { Logistic, SquaredError };

struct BoostParameters {
    Objective objective = Objective::Logistic;
    std::uint32_t rounds = 300; // trees at most
    std::uint32_t depth = 6;
    double eta = 0.05;
    std::uint32_t bins = 256;
    double lambda = 1;
    double alpha = 0;
    double gamma = 0;
    double minChildWeight = 1;
    double subsample = 1;
    double columnSample = 1; // of each tree
    double baseScore = 0.5;
    std::uint32_t seed = 0;
    std::uint32_t threads = 1;   // more only on a quiet machine: OpenMP's waiting threads spin and take it from others
    std::uint32_t patience = 30; // rounds without a better validation loss; only where there is a validation slice

    friend bool operator==(const BoostParameters&, const BoostParameters&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(objective, rounds, depth, eta, bins, lambda, alpha, gamma, minChildWeight, subsample, columnSample, baseScore,
          seed, threads, patience);
    }
};

/// "1.7.4": of the library that is loaded.
[[nodiscard]] std::string boostLibraryVersion();

/// Rows that XGBoost has taken over, with or without labels.
class BoostMatrix {
public:
    /// NaN is missing. OutOfRange for no rows, an infinite value, or labels of another number.
    [[nodiscard]] static base::Result<BoostMatrix> of(const RowTable& rows, std::span<const float> labels,
                                                      std::uint32_t threads = 1);
    [[nodiscard]] void* handle() const { return handle_.get(); }

private:
    struct Free {
        void operator()(void* handle) const;
    };
    explicit BoostMatrix(void* handle) : handle_(handle) {}
    std::unique_ptr<void, Free> handle_;
};

class Booster {
public:
    /// `validation` may be null. Both must outlive growing.
    [[nodiscard]] static base::Result<Booster> start(const BoostParameters& parameters, const BoostMatrix& train,
                                                     const BoostMatrix* validation = nullptr);
    /// Of bytes() or of a JSON model. Damaged for what is no such model, Unsupported for another kind of model.
    [[nodiscard]] static base::Result<Booster> fromBytes(std::string_view bytes, std::uint32_t threads = 1);

    /// One tree more.
    [[nodiscard]] base::Result<void> grow(const BoostMatrix& train);
    /// Log loss or root mean squared error, as XGBoost sums it, in float.
    [[nodiscard]] base::Result<double> loss(const BoostMatrix& rows);
    enum class Output : std::uint8_t { Prediction, Margin, PathContributions };
    [[nodiscard]] base::Result<std::vector<float>> predict(const BoostMatrix& rows, Output output = {}) const;
    /// Only the first `trees`.
    [[nodiscard]] base::Result<Booster> first(std::uint32_t trees) const;
    /// The model in XGBoost's UBJSON.
    [[nodiscard]] base::Result<std::string> bytes() const;
    [[nodiscard]] std::uint32_t trees() const { return trees_; }

private:
    struct Free {
        void operator()(void* handle) const;
    };
    Booster(void* handle, std::uint32_t trees) : handle_(handle), trees_(trees) {}
    std::unique_ptr<void, Free> handle_;
    std::uint32_t trees_ = 0;
};

/// Called after each tree; false cancels.
using FitProgress = std::function<bool(std::uint32_t tree, std::uint32_t of)>;

struct FitData {
    RowTable rows;
    std::span<const float> labels;
};

struct Fit {
    std::string bytes;
    std::uint32_t trees = 0;
    std::vector<double> validationLoss; // after each tree, up to where it stopped
};

/// Grows `rounds` trees, or stops where the validation has not improved for `patience` and keeps the trees up to its
/// best. OutOfRange where there is nothing to learn: too few rows, one class only, a label that is no number;
/// Cancelled.
[[nodiscard]] base::Result<Fit> fit(const BoostParameters& parameters, const FitData& train,
                                    const std::optional<FitData>& validation = {}, const FitProgress& progress = {});

} // namespace qd::learning
