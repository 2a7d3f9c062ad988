#include "learning/served_model.h"

#include <algorithm>

namespace qd::learning {

base::Result<ServedModel> ServedModel::of(const ModelVersion& version)
{
    auto trees = servedTrees(version);
    if (!trees) {
        return std::unexpected(trees.error());
    }
    return ServedModel(FeatureSet::of(version.lineage.source), version.lineage.rule.family,
                       std::make_shared<const FlatTrees>(std::move(*trees)));
}

ServedModel::ServedModel(const FeatureSet& set, Family family, std::shared_ptr<const FlatTrees> trees)
    : set_(&set),
      family_(family),
      trees_(std::move(trees)),
      builder_(set),
      row_(trees_->features())
{
}

std::optional<float> ServedModel::predict(int side, float distance)
{
    if (outcome_ != RowOutcome::Row) {
        return std::nullopt;
    }
    const auto row = builder_.row();
    std::ranges::copy(row, row_.begin());
    if (side < 0) {
        mirror(*set_, std::span(row_).first(row.size()));
    }
    if (hasDistance(family_)) {
        row_.back() = distance;
    }
    return trees_->predict(row_);
}

std::vector<NamedContribution> ServedModel::topOf(std::span<const float> row, std::size_t most) const
{
    std::vector<NamedContribution> out;
    for (const auto& [feature, moved] : trees_->topContributions(row, most)) {
        const auto infos = set_->infos();
        out.push_back({feature < infos.size() ? infos[feature].name : "distance", row[feature], moved});
    }
    return out;
}

} // namespace qd::learning
