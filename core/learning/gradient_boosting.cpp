#include "learning/gradient_boosting.h"

#include "learning/flat_trees.h"

#include <xgboost/c_api.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace qd::learning {

using base::ErrorCode;
using base::Result;

namespace {

std::unexpected<base::Error> refused(const char* doing)
{
    return base::fail(ErrorCode::Internal, "xgboost", std::string(doing) + ": " + XGBGetLastError());
}

std::string shortest(double value)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

Result<void> configure(BoosterHandle booster, const BoostParameters& p)
{
    const bool isLogistic = p.objective == Objective::Logistic;
    const std::pair<const char*, std::string> entries[] = {
        {"booster", "gbtree"},
        {"tree_method", "hist"},
        {"objective", isLogistic ? "binary:logistic" : "reg:squarederror"},
        {"eval_metric", isLogistic ? "logloss" : "rmse"},
        {"base_score", shortest(p.baseScore)}, // set, because 2.x estimates it
        {"max_depth", std::to_string(p.depth)},
        {"eta", shortest(p.eta)},
        {"max_bin", std::to_string(p.bins)},
        {"lambda", shortest(p.lambda)},
        {"alpha", shortest(p.alpha)},
        {"gamma", shortest(p.gamma)},
        {"min_child_weight", shortest(p.minChildWeight)},
        {"subsample", shortest(p.subsample)},
        {"colsample_bytree", shortest(p.columnSample)},
        {"seed", std::to_string(p.seed)},
        {"nthread", std::to_string(p.threads)},
        {"verbosity", "0"}};
    for (const auto& [key, value] : entries) {
        if (XGBoosterSetParam(booster, key, value.c_str()) != 0) {
            return refused(key);
        }
    }
    return {};
}

Result<void> checkLabels(const BoostParameters& parameters, std::span<const float> labels)
{
    constexpr std::size_t fewest = 10;
    if (labels.size() < fewest) {
        return base::fail(ErrorCode::OutOfRange, "rows",
                          std::to_string(labels.size()) + " rows are too few to learn from");
    }
    if (!std::ranges::all_of(labels, [](float v) { return std::isfinite(v); })) {
        return base::fail(ErrorCode::OutOfRange, "labels", "a label is no number");
    }
    const auto [least, most] = std::ranges::minmax(labels);
    if (least == most) {
        return base::fail(ErrorCode::OutOfRange, "labels",
                          parameters.objective == Objective::Logistic ? "one class only" : "all labels are equal");
    }
    return {};
}

} // namespace

std::string boostLibraryVersion()
{
    int major = 0;
    int minor = 0;
    int patch = 0;
    XGBoostVersion(&major, &minor, &patch);
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

void BoostMatrix::Free::operator()(void* handle) const
{
    XGDMatrixFree(handle);
}

void Booster::Free::operator()(void* handle) const
{
    XGBoosterFree(handle);
}

Result<BoostMatrix> BoostMatrix::of(const RowTable& rows, std::span<const float> labels, std::uint32_t threads)
{
    if (rows.rows() == 0 || rows.rows() * rows.columns != rows.values.size() ||
        (!labels.empty() && labels.size() != rows.rows())) {
        return base::fail(ErrorCode::OutOfRange, "rows",
                          std::to_string(rows.values.size()) + " values in rows of " + std::to_string(rows.columns) +
                              ", " + std::to_string(labels.size()) + " labels");
    }
    if (std::ranges::any_of(rows.values, [](float v) { return std::isinf(v); })) {
        return base::fail(ErrorCode::OutOfRange, "rows", "a value is infinite");
    }
    DMatrixHandle handle = nullptr;
    if (XGDMatrixCreateFromMat_omp(rows.values.data(), rows.rows(), rows.columns,
                                   std::numeric_limits<float>::quiet_NaN(), &handle, static_cast<int>(threads)) != 0) {
        return refused("taking rows");
    }
    BoostMatrix out(handle);
    if (!labels.empty() && XGDMatrixSetFloatInfo(handle, "label", labels.data(), labels.size()) != 0) {
        return refused("taking labels");
    }
    return out;
}

Result<Booster> Booster::start(const BoostParameters& parameters, const BoostMatrix& train,
                               const BoostMatrix* validation)
{
    const std::array<DMatrixHandle, 2> known{train.handle(), validation ? validation->handle() : nullptr};
    BoosterHandle handle = nullptr;
    if (XGBoosterCreate(known.data(), validation ? 2 : 1, &handle) != 0) {
        return refused("starting");
    }
    Booster out(handle, 0);
    if (auto done = configure(handle, parameters); !done) {
        return std::unexpected(done.error());
    }
    return out;
}

Result<Booster> Booster::fromBytes(std::string_view bytes, std::uint32_t threads)
{
    const bool isJson = bytes.starts_with("{\"");
    if (!isJson) { // XGBoost trusts what it reads; so our own reader looks first
        if (auto trees = FlatTrees::of(bytes); !trees) {
            return std::unexpected(trees.error());
        }
    }
    BoosterHandle handle = nullptr;
    if (XGBoosterCreate(nullptr, 0, &handle) != 0) {
        return refused("making room for a model");
    }
    Booster out(handle, 0);
    if (XGBoosterSetParam(handle, "verbosity", "0") != 0 ||
        XGBoosterSetParam(handle, "nthread", std::to_string(threads).c_str()) != 0) {
        return refused("making room for a model");
    }
    int rounds = 0;
    if (XGBoosterLoadModelFromBuffer(handle, bytes.data(), bytes.size()) != 0 ||
        XGBoosterBoostedRounds(handle, &rounds) != 0) {
        return base::fail(ErrorCode::Damaged, "model", XGBGetLastError());
    }
    out.trees_ = static_cast<std::uint32_t>(rounds);
    if (isJson) {
        const auto own = out.bytes();
        if (!own) {
            return std::unexpected(own.error());
        }
        if (auto trees = FlatTrees::of(*own); !trees) {
            return std::unexpected(trees.error());
        }
    }
    return out;
}

Result<void> Booster::grow(const BoostMatrix& train)
{
    if (XGBoosterUpdateOneIter(handle_.get(), static_cast<int>(trees_), train.handle()) != 0) {
        return refused("growing a tree");
    }
    ++trees_;
    return {};
}

Result<double> Booster::loss(const BoostMatrix& rows)
{
    DMatrixHandle matrix = rows.handle();
    const char* label = "rows";
    const char* text = nullptr;
    if (XGBoosterEvalOneIter(handle_.get(), static_cast<int>(trees_) - 1, &matrix, &label, 1, &text) != 0) {
        return refused("measuring the loss");
    }
    const std::string_view said(text); // "[39]\trows-logloss:0.38690…"
    const auto colon = said.rfind(':');
    double value = 0;
    if (colon == std::string_view::npos ||
        std::from_chars(said.data() + colon + 1, said.data() + said.size(), value).ec != std::errc{}) {
        return base::fail(ErrorCode::Internal, "xgboost", "no loss in: " + std::string(said));
    }
    return value;
}

Result<std::vector<float>> Booster::predict(const BoostMatrix& rows, Output output) const
{
    const int type = output == Output::Prediction ? 0 : output == Output::Margin ? 1 : 3;
    const auto config = R"({"type":)" + std::to_string(type) +
                        R"(,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* values = nullptr;
    if (XGBoosterPredictFromDMatrix(handle_.get(), rows.handle(), config.c_str(), &shape, &dimensions, &values) != 0) {
        return refused("predicting");
    }
    std::size_t count = 1;
    for (bst_ulong d = 0; d < dimensions; ++d) {
        count *= shape[d];
    }
    return std::vector<float>(values, values + count);
}

Result<Booster> Booster::first(std::uint32_t trees) const
{
    BoosterHandle handle = nullptr;
    if (XGBoosterSlice(handle_.get(), 0, static_cast<int>(trees), 1, &handle) != 0) {
        return refused("cutting trees off");
    }
    return Booster(handle, trees);
}

Result<std::string> Booster::bytes() const
{
    bst_ulong length = 0;
    const char* data = nullptr;
    if (XGBoosterSaveModelToBuffer(handle_.get(), R"({"format":"ubj"})", &length, &data) != 0) {
        return refused("saving");
    }
    return std::string(data, length);
}

namespace {

/// Where the validation stopped improving.
class Patience {
public:
    explicit Patience(std::uint32_t rounds) : rounds_(rounds) {}
    /// False when it is time to stop.
    [[nodiscard]] bool goesOn(double loss, std::uint32_t trees)
    {
        if (trees == 1 || loss < best_) {
            best_ = loss;
            bestTrees_ = trees;
        }
        return trees - bestTrees_ < rounds_;
    }
    [[nodiscard]] std::uint32_t bestTrees() const { return bestTrees_; }

private:
    std::uint32_t rounds_;
    double best_ = 0;
    std::uint32_t bestTrees_ = 0;
};

Result<Fit> finished(const Booster& booster, std::uint32_t trees, std::vector<double> losses)
{
    if (trees < booster.trees()) {
        const auto cut = booster.first(trees);
        if (!cut) {
            return std::unexpected(cut.error());
        }
        return finished(*cut, trees, std::move(losses));
    }
    auto bytes = booster.bytes();
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    return Fit{std::move(*bytes), trees, std::move(losses)};
}

} // namespace

Result<Fit> fit(const BoostParameters& parameters, const FitData& train, const std::optional<FitData>& validation,
                const FitProgress& progress)
{
    if (auto checked = checkLabels(parameters, train.labels); !checked) {
        return std::unexpected(checked.error());
    }
    const auto rows = BoostMatrix::of(train.rows, train.labels, parameters.threads);
    if (!rows) {
        return std::unexpected(rows.error());
    }
    std::optional<BoostMatrix> judged;
    if (validation) {
        auto matrix = BoostMatrix::of(validation->rows, validation->labels, parameters.threads);
        if (!matrix) {
            return std::unexpected(matrix.error());
        }
        judged = std::move(*matrix);
    }
    auto booster = Booster::start(parameters, *rows, judged ? &*judged : nullptr);
    if (!booster) {
        return std::unexpected(booster.error());
    }
    Patience patience(parameters.patience);
    std::vector<double> losses;
    while (booster->trees() < parameters.rounds) {
        if (auto grown = booster->grow(*rows); !grown) {
            return std::unexpected(grown.error());
        }
        if (progress && !progress(booster->trees(), parameters.rounds)) {
            return base::fail(ErrorCode::Cancelled, "training", "after tree " + std::to_string(booster->trees()));
        }
        if (judged) {
            const auto loss = booster->loss(*judged);
            if (!loss) {
                return std::unexpected(loss.error());
            }
            losses.push_back(*loss);
            if (!patience.goesOn(*loss, booster->trees())) {
                break;
            }
        }
    }
    return finished(*booster, judged ? patience.bestTrees() : booster->trees(), std::move(losses));
}

} // namespace qd::learning
