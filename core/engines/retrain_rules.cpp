#include "engines/retrain_rules.h"

#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace qd::engines {

using learning::BoostParameters;
using learning::Family;

namespace {

constexpr double basisPoint = 1e-4;

double fraction(base::RatePpm rate)
{
    return static_cast<double>(rate.value) * 1e-6;
}

/// Of all instruments, both sides together; the assumed one for a side without a row.
double slippageOfBoth(const std::vector<trading::LearnedSlippage>& rows, base::RatePpm assumed)
{
    double sum = 0;
    for (const auto side : {market::Side::Buy, market::Side::Sell}) {
        const auto found = std::ranges::find_if(
            rows, [&](const trading::LearnedSlippage& row) { return !row.instrument && row.side == side; });
        sum += found == rows.end() ? fraction(assumed) : found->applied * basisPoint;
    }
    return sum;
}

std::string figure(double value, int decimals)
{
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%.*f", decimals, value);
    return out.data();
}

std::string shortest(double value)
{
    std::array<char, 40> out{};
    std::snprintf(out.data(), out.size(), "%g", value);
    return out.data();
}

} // namespace

learning::LabelRule labelRule(Family family, const trading::ParameterSet& ofStrategy, const base::PaperPolicy& policy,
                              const std::vector<trading::LearnedSlippage>& slippage)
{
    auto rule = learning::standardRule(family);
    rule.latency = policy.latency;
    if (family == Family::Gbt5m) {
        rule.atr = static_cast<std::uint32_t>(std::llround(ofStrategy["atr"]));
        rule.stopAtr = ofStrategy["stop_atr"];
        rule.targetAtr = ofStrategy["target_atr"];
        rule.horizon = base::Millis{std::llround(ofStrategy["time_limit_min"] * 60'000)};
        rule.roundTripCost = 2 * fraction(policy.takerFee) + slippageOfBoth(slippage, policy.assumedSlippage);
    } else if (family == Family::Fill) {
        rule.horizon = std::max(policy.limitPatience, base::Millis(market::length(market::Timeframe::M1)));
        rule.limitNotional = policy.notional;
    }
    return rule;
}

RetrainLimits retrainLimits(const base::PolicyValues& policy)
{
    const auto value = [&](std::string_view name) { return base::policyValue(policy, name); };
    const auto whole = [&](std::string_view name) { return static_cast<std::size_t>(std::llround(value(name))); };
    RetrainLimits out;
    auto& leak = out.audit.leak;
    leak.warnSeparation = value("leakage.warn_feature_auc");
    leak.failSeparation = value("leakage.max_feature_auc");
    leak.shiftShare = value("leakage.shift_collapse");
    leak.truncationTolerance = value("leakage.truncation_tolerance");
    leak.truncationPoints = whole("leakage.truncation_rows");
    leak.permutationP = value("leakage.permutation_p");
    leak.permutationMean = value("leakage.max_null_auc");
    leak.duplicateShare = value("leakage.max_duplicates");
    leak.accuracy = value("leakage.max_accuracy");
    leak.accuracyOverMajority = value("leakage.accuracy_over_majority");
    leak.auc = value("leakage.max_auc");
    out.audit.aucOverOwn = value("leakage.over_distance_auc");
    out.audit.r2OverOwn = value("leakage.over_yesterday_r2");
    out.audit.permutationMeanR2 = value("leakage.max_null_r2");
    out.audit.permutations = whole("leakage.permutations");
    out.regime = {whole("convergence.reference_days"), value("convergence.regime_low"),
                  value("convergence.regime_high")};
    out.regimeShare = value("convergence.min_share");
    return out;
}

learning::DriftLimits driftLimits(const base::PolicyValues& policy)
{
    const auto count = [&](std::string_view name) {
        return static_cast<std::size_t>(std::llround(base::policyValue(policy, name)));
    };
    return {.watch = base::policyValue(policy, "drift.psi_watch"),
            .alarm = base::policyValue(policy, "drift.psi_alarm"),
            .ksAlarm = base::policyValue(policy, "drift.ks_alarm"),
            .floor = base::policyValue(policy, "drift.psi_floor"),
            .rows = {count("drift.grey_rows"), count("drift.min_rows")},
            .rowsPerBin = count("drift.rows_per_bin"),
            .important = count("drift.important"),
            .drifted = count("drift.drifted")};
}

std::vector<BoostParameters> candidatesOf(Family family, std::uint32_t seed)
{
    BoostParameters standard{.rounds = 300,
                             .depth = 4,
                             .eta = 0.05,
                             .minChildWeight = 20,
                             .subsample = 0.8,
                             .columnSample = 0.5,
                             .seed = seed,
                             .threads = 1};
    if (learning::isRegression(family)) {
        standard.objective = learning::Objective::SquaredError;
    }
    std::vector<BoostParameters> others;
    for (const auto depth : {3U, 4U, 6U}) {
        for (const auto eta : {0.05, 0.1}) {
            for (const auto least : {20.0, 100.0}) {
                auto other = standard;
                other.depth = depth;
                other.eta = eta;
                other.minChildWeight = least;
                if (other != standard) {
                    others.push_back(other);
                }
            }
        }
    }
    std::mt19937_64 random(seed); // no library distribution: the same on every machine
    std::vector<BoostParameters> out{standard};
    while (out.size() < searchCandidates) {
        const auto at = static_cast<std::ptrdiff_t>(random() % others.size());
        out.push_back(others[static_cast<std::size_t>(at)]);
        others.erase(others.begin() + at);
    }
    return out;
}

std::string text(const BoostParameters& parameters)
{
    return "depth=" + std::to_string(parameters.depth) + "|eta=" + shortest(parameters.eta) +
           "|min_child_weight=" + shortest(parameters.minChildWeight);
}

std::uint32_t seedOf(std::string_view model, const std::string& dataHash)
{
    const auto hash = base::sha256Hex(std::string(model) + "|" + dataHash).substr(0, 8);
    std::uint32_t seed = 0;
    std::from_chars(hash.data(), hash.data() + hash.size(), seed, 16);
    return seed >> 1; // XGBoost reads a signed one
}

std::string figuresOf(const learning::Lineage& lineage)
{
    const auto& pooled = lineage.pooled;
    const char* quality = learning::isRegression(lineage.rule.family) ? "R² " : "AUC ";
    std::string out = std::isfinite(pooled.quality) ? quality + figure(pooled.quality, 3) : quality + std::string("–");
    if (std::isfinite(pooled.qualityLow)) {
        out += " (" + figure(pooled.qualityLow, 3) + " to " + figure(pooled.qualityHigh, 3) + ")";
    }
    return out + " over " + std::to_string(lineage.folds.size()) + " folds, " + std::to_string(lineage.rows) +
           " rows of " + std::string(name(lineage.source)) + "; audit " + std::string(name(lineage.verdict)) +
           (lineage.hasSignal ? "" : ", no signal");
}

base::Result<std::string> columnNotes(const learning::TrainingRows& rows)
{
    std::vector<std::string> dead;
    for (std::size_t c = 0; c < rows.columns; ++c) {
        std::optional<float> first;
        bool changes = false;
        for (std::size_t i = 0; i < rows.size() && !changes; ++i) {
            const float value = rows.row(i)[c];
            if (!std::isnan(value)) {
                changes = first && *first != value;
                first = value;
            }
        }
        if (!changes) {
            dead.push_back(rows.names[c]);
        }
    }
    if (dead.size() == rows.columns) {
        return base::fail(base::ErrorCode::OutOfRange, "features",
                          "none of the " + std::to_string(rows.columns) + " columns ever changes");
    }
    if (dead.empty()) {
        return std::string();
    }
    constexpr std::size_t told = 5;
    auto out =
        std::to_string(dead.size()) + (dead.size() == 1 ? " feature never changes: " : " features never change: ");
    for (std::size_t i = 0; i < std::min(told, dead.size()); ++i) {
        out += (i == 0 ? "" : ", ") + dead[i];
    }
    return out + (dead.size() > told ? " …" : "");
}

} // namespace qd::engines
