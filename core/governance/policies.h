// The policy's values in force, sorted by the rules that take them: read once, handed over as arguments, so that no
// rule asks for a name. Pure. Any thread. Ratios are a year's unless said otherwise; shares are fractions.
// Source: PRODUCT.md, Policy and defaults.
#pragma once

#include "base/policy.h"
#include "base/utc_time.h"
#include "trading/track_record.h"

#include <cstddef>
#include <cstdint>

namespace qd::governance {

/// When a figure may be said at all.
struct FigurePolicy {
    trading::EvaluationLimits sharpe; // the same as on every screen
    std::size_t psrDays = 0;          // under this no probabilistic Sharpe
};

struct ConvergencePolicy {
    std::size_t windows = 0;
    std::size_t windowTrades = 0;
    base::Millis windowSpan{};
    double minShare = 0; // of the trades, in low and in high volatility each
};

struct ReviewPolicy {
    std::size_t windowDays = 0;
    std::size_t maxWindowDays = 0;
    std::size_t evidenceDays = 0;
    std::size_t minTrades = 0;
    double confidence = 0;
    std::size_t replicates = 0; // 0: Student's closed form
    std::size_t reenableDays = 0;
    std::size_t reenableTrades = 0;
    std::size_t reenableApartDays = 0;
    std::size_t falls = 0;
    std::size_t fallsDays = 0;
    std::size_t archiveAfterDays = 0;
    double candidateWinRate = 0;
    double candidateSharpe = 0;
    std::size_t candidateTrades = 0;
    std::size_t maxCandidates = 0;
    double maxGap = 0;
    std::size_t maxChanges = 0;
    bool autoApply = false;
    std::size_t recordShortDays = 0;
    std::size_t recordLongDays = 0;
    double startEquity = 0; // USDT
};

struct TooGoodPolicy {
    double sharpe = 0;
    std::size_t minTrades = 0;
    double profitFactor = 0;
    double winRate = 0;
    double payoff = 0;
    double drawdown = 0;
    double cagr = 0;
};

struct SensitivityPolicy {
    std::size_t days = 0;
    std::size_t minTrades = 0;
    double spread = 0;
    std::size_t runs = 0;
    std::size_t doubleCostRuns = 0;
    double minProfitFactor = 0;
    double minPass = 0;
    double minExpectancy = 0; // share of the unchanged one
};

struct ReadyPolicy {
    std::size_t minTrades = 0;
    std::size_t minDays = 0;
    double confidence = 0;
    double winRate = 0;
    double sharpe = 0;
    double maxDrawdown = 0;
    double minPsr = 0;
    double minDsr = 0;
};

struct ExperimentPolicy {
    std::uint64_t minTrades = 0; // an arm, for promotion
    std::uint64_t minWins = 0;
    std::uint64_t minLosses = 0;
    std::uint64_t verdictTrades = 0; // an arm, for any verdict
    double alpha = 0;
    double margin = 0; // R
    std::size_t maxDays = 0;
    double tightestBlocks = 0;
    std::size_t minBlocks = 0; // complete ones before a paired verdict
    double srmP = 0;
    std::size_t sharpeDays = 0; // from here on arms are compared by their daily Sharpe ratio
};

struct ModelPolicy {
    base::Millis expiry{};             // model.expiry_days
    std::size_t keepVersions = 0;      // model.keep_versions
    base::Millis retireAfter{};        // model.retire_days
    std::size_t convergedVersions = 0; // model.converged_versions
    std::size_t retrainTrades = 0;     // retrain.min_trades
    base::Millis retrainEvery{};       // retrain.every_days
};

struct Policies {
    FigurePolicy figures;
    ConvergencePolicy convergence;
    ReviewPolicy review;
    TooGoodPolicy tooGood;
    SensitivityPolicy sensitivity;
    ReadyPolicy ready;
    ExperimentPolicy experiment;
    ModelPolicy models;
};

/// What is not in `values` is at its default.
[[nodiscard]] Policies policiesFrom(const base::PolicyValues& values);

} // namespace qd::governance
