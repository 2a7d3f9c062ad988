#include "learning/flat_trees.h"

#include "learning/ubjson.h"

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

std::unexpected<base::Error> damaged(const std::string& what)
{
    return base::fail(ErrorCode::Damaged, "model", what);
}

const UbjValue* at(const UbjValue* from, std::initializer_list<std::string_view> path)
{
    for (const auto name : path) {
        from = from == nullptr ? nullptr : from->find(name);
    }
    return from;
}

std::string textOf(const UbjValue* value)
{
    return value != nullptr && value->kind == UbjValue::Kind::Text ? value->text : std::string();
}

template <typename T>
Result<T> numberOf(const UbjValue* value, const char* what)
{
    const auto text = textOf(value);
    T number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        return damaged(std::string("no ") + what + " in it");
    }
    return number;
}

/// A column of numbers, whatever types they have.
std::vector<double> columnOf(const UbjValue& tree, std::string_view name)
{
    const auto* column = tree.find(name);
    if (column == nullptr || column->kind != UbjValue::Kind::Array) {
        return column == nullptr ? std::vector<double>() : column->numbers;
    }
    std::vector<double> out;
    for (const auto& item : column->items) {
        out.push_back(item.number);
    }
    return out;
}

constexpr std::size_t mostFeatures = 4096;

} // namespace

struct FlatTrees::TreeColumns {
    std::vector<double> left;
    std::vector<double> right;
    std::vector<double> feature;
    std::vector<double> cut;
    std::vector<double> missingLeft;
    std::vector<double> gain;
    std::vector<double> cover;

    [[nodiscard]] std::size_t size() const { return left.size(); }
    [[nodiscard]] bool isLeaf(std::size_t i) const { return left[i] < 0; }
};

Result<FlatTrees::TreeColumns> FlatTrees::columnsOf(const UbjValue& tree, std::size_t features)
{
    TreeColumns c{columnOf(tree, "left_children"),    columnOf(tree, "right_children"), columnOf(tree, "split_indices"),
                  columnOf(tree, "split_conditions"), columnOf(tree, "default_left"),   columnOf(tree, "loss_changes"),
                  columnOf(tree, "sum_hessian")};
    const auto n = c.size();
    if (n == 0) {
        return damaged("a tree without nodes");
    }
    for (const auto* column : {&c.right, &c.feature, &c.cut, &c.missingLeft, &c.gain, &c.cover}) {
        if (column->size() != n) {
            return damaged("columns of a tree differ in length");
        }
    }
    if (!columnOf(tree, "categories").empty()) {
        return base::fail(ErrorCode::Unsupported, "model", "it splits by categories");
    }
    // A child comes after its parent and has but one: so every walk ends.
    std::vector<bool> isChild(n, false);
    const auto isFree = [&](double child, std::size_t parent) {
        return child > static_cast<double>(parent) && child < static_cast<double>(n) && child == std::floor(child) &&
               !isChild[static_cast<std::size_t>(child)];
    };
    for (std::size_t i = 0; i < n; ++i) {
        if (!std::isfinite(c.cut[i])) {
            return damaged("a split or leaf that is no number");
        }
        if (c.isLeaf(i)) {
            continue;
        }
        const bool hasFeature = c.feature[i] >= 0 && c.feature[i] < static_cast<double>(features);
        if (!hasFeature || c.left[i] == c.right[i] || !isFree(c.left[i], i) || !isFree(c.right[i], i)) {
            return damaged("a split that leads nowhere");
        }
        isChild[static_cast<std::size_t>(c.left[i])] = true;
        isChild[static_cast<std::size_t>(c.right[i])] = true;
    }
    return c;
}

Result<void> FlatTrees::add(const TreeColumns& tree)
{
    // Means from the leaves up: children come after their parents.
    std::vector<double> mean(tree.size());
    for (auto i = tree.size(); i-- > 0;) {
        if (tree.isLeaf(i)) {
            mean[i] = tree.cut[i];
            continue;
        }
        const auto l = static_cast<std::size_t>(tree.left[i]);
        const auto r = static_cast<std::size_t>(tree.right[i]);
        const double cover = tree.cover[l] + tree.cover[r];
        mean[i] = cover > 0 ? (mean[l] * tree.cover[l] + mean[r] * tree.cover[r]) / cover : (mean[l] + mean[r]) / 2;
    }
    // Breadth first, so that siblings lie side by side.
    struct Place {
        std::size_t source;
        std::uint32_t target;
        std::uint16_t depth;
    };
    const auto root = static_cast<std::uint32_t>(nodes_.size());
    std::vector<Place> queue{{0, root, 0}};
    nodes_.emplace_back();
    means_.emplace_back();
    std::uint16_t depth = 0;
    for (std::size_t q = 0; q < queue.size(); ++q) {
        const auto [source, target, level] = queue[q];
        depth = std::max(depth, level);
        means_[target] = static_cast<float>(mean[source]);
        auto& node = nodes_[target];
        node.cut = static_cast<float>(tree.cut[source]);
        node.left = target;
        if (tree.isLeaf(source)) {
            continue;
        }
        node.feature = static_cast<std::uint16_t>(tree.feature[source]);
        node.step = 1;
        node.missingGoes = tree.missingLeft[source] != 0 ? 0 : 1;
        gain_[node.feature] += tree.gain[source];
        const auto left = static_cast<std::uint32_t>(nodes_.size());
        node.left = left;
        const auto below = static_cast<std::uint16_t>(level + 1);
        queue.push_back({static_cast<std::size_t>(tree.left[source]), left, below});
        queue.push_back({static_cast<std::size_t>(tree.right[source]), left + 1, below});
        nodes_.resize(nodes_.size() + 2);
        means_.resize(nodes_.size());
    }
    roots_.push_back(root);
    depths_.push_back(depth);
    return {};
}

Result<FlatTrees> FlatTrees::of(std::string_view bytes)
{
    const auto document = readUbjson(bytes);
    if (!document) {
        return std::unexpected(document.error());
    }
    const auto* learner = document->find("learner");
    const auto* booster = at(learner, {"gradient_booster", "model"});
    const auto* trees = at(booster, {"trees"});
    if (trees == nullptr || trees->kind != UbjValue::Kind::Array) {
        return damaged("no trees in it");
    }
    FlatTrees out;
    const auto objective = textOf(at(learner, {"objective", "name"}));
    const bool isLogistic = objective == "binary:logistic";
    if (textOf(at(learner, {"gradient_booster", "name"})) != "gbtree" ||
        (!isLogistic && objective != "reg:squarederror") ||
        textOf(at(booster, {"gbtree_model_param", "num_parallel_tree"})) != "1") {
        return base::fail(ErrorCode::Unsupported, "model",
                          "neither binary:logistic nor reg:squarederror: " + objective);
    }
    const auto features =
        numberOf<std::size_t>(at(learner, {"learner_model_param", "num_feature"}), "number of features");
    const auto score = numberOf<float>(at(learner, {"learner_model_param", "base_score"}), "base score");
    if (!features || !score) {
        return std::unexpected(features ? score.error() : features.error());
    }
    if (*features == 0 || *features > mostFeatures || (isLogistic && !(*score > 0 && *score < 1))) {
        return damaged("features or base score out of range");
    }
    out.objective_ = isLogistic ? Objective::Logistic : Objective::SquaredError;
    out.baseMargin_ = isLogistic ? -std::log(1.0F / *score - 1.0F) : *score;
    out.gain_.assign(*features, 0);
    for (const double part : columnOf(*document, "version")) {
        out.writtenBy_ += (out.writtenBy_.empty() ? "" : ".") + std::to_string(static_cast<int>(part));
    }
    for (const auto& tree : trees->items) {
        const auto columns = columnsOf(tree, *features);
        if (!columns) {
            return std::unexpected(columns.error());
        }
        if (auto added = out.add(*columns); !added) {
            return std::unexpected(added.error());
        }
    }
    return out;
}

inline std::uint32_t FlatTrees::next(std::uint32_t at, std::span<const float> row) const
{
    const Node& node = nodes_[at];
    const float value = row[node.feature];
    const bool isMissing = value != value; // NaN
    const auto goesRight =
        static_cast<std::uint32_t>((isMissing & (node.missingGoes != 0)) | (!isMissing & !(value < node.cut)));
    return node.left + (goesRight & node.step);
}

float FlatTrees::margin(std::span<const float> row) const
{
    // Several trees are walked side by side, because each step waits for memory; their leaves are added in the order of
    // the trees, as XGBoost does.
    constexpr std::size_t abreast = 8;
    float sum = baseMargin_;
    for (std::size_t first = 0; first < roots_.size(); first += abreast) {
        const auto count = std::min(abreast, roots_.size() - first);
        std::array<std::uint32_t, abreast> place{};
        std::uint16_t depth = 0;
        for (std::size_t t = 0; t < count; ++t) {
            place[t] = roots_[first + t];
            depth = std::max(depth, depths_[first + t]);
        }
        for (std::size_t t = count; t < abreast; ++t) {
            place[t] = place[0];
        }
        for (std::uint16_t d = 0; d < depth; ++d) {
            for (auto& p : place) {
                p = next(p, row);
            }
        }
        for (std::size_t t = 0; t < count; ++t) {
            sum += nodes_[place[t]].cut;
        }
    }
    return sum;
}

float FlatTrees::fromMargin(float margin) const
{
    return objective_ == Objective::Logistic ? 1.0F / (std::exp(std::min(-margin, 88.7F)) + 1.0F) : margin;
}

float FlatTrees::predict(std::span<const float> row) const
{
    return fromMargin(margin(row));
}

void FlatTrees::predict(const RowTable& rows, std::span<float> out) const
{
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        out[i] = predict(rows.row(i));
    }
}

std::vector<float> FlatTrees::contributions(std::span<const float> row) const
{
    std::vector<double> sums(features() + 1, 0.0);
    sums.back() = baseMargin_;
    for (const auto root : roots_) {
        sums.back() += means_[root];
        for (auto at = root; nodes_[at].step != 0;) {
            const auto child = next(at, row);
            sums[nodes_[at].feature] += static_cast<double>(means_[child]) - means_[at];
            at = child;
        }
    }
    return {sums.begin(), sums.end()};
}

std::vector<Contribution> FlatTrees::topContributions(std::span<const float> row, std::size_t most) const
{
    const auto all = contributions(row);
    std::vector<Contribution> out;
    for (std::uint32_t f = 0; f < features(); ++f) {
        if (all[f] != 0 && std::isfinite(all[f])) {
            out.push_back({f, all[f]});
        }
    }
    std::ranges::sort(out, {}, [](const Contribution& c) { return std::pair(-std::abs(c.value), c.feature); });
    out.resize(std::min(most, out.size()));
    return out;
}

} // namespace qd::learning
