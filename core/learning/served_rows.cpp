#include "learning/served_rows.h"

#include <algorithm>

namespace qd::learning {

using market::Candle;
using market::Timeframe;

namespace {

class TreePredictor final : public trading::Predictor {
public:
    TreePredictor(FlatTrees trees, FeatureSource source, base::UtcMs knows)
        : trees_(std::move(trees)),
          source_(source),
          knows_(knows)
    {
    }
    [[nodiscard]] std::size_t rowSet() const override { return static_cast<std::size_t>(source_); }
    [[nodiscard]] base::UtcMs knows() const override { return knows_; }
    [[nodiscard]] float predict(std::span<const float> row) const override { return trees_.predict(row); }

private:
    FlatTrees trees_;
    FeatureSource source_;
    base::UtcMs knows_;
};

} // namespace

ServedRows::ServedRows()
    : sets_{Set{FeatureBuilder(FeatureSet::of(FeatureSource::Candles5m))},
            Set{FeatureBuilder(FeatureSet::of(FeatureSource::Candles1m))},
            Set{FeatureBuilder(FeatureSet::of(FeatureSource::Ticks))}}
{
    std::size_t most = 0;
    for (const auto& one : sets_) {
        most = std::max(most, one.builder.set().size());
    }
    row_.resize(most);
}

void ServedRows::add(Timeframe timeframe, const Candle& candle)
{
    for (auto& one : sets_) {
        if (one.builder.fed() != timeframe) {
            continue;
        }
        auto outcome = RowOutcome::None;
        const bool isBlind = one.builder.set().source() == FeatureSource::Ticks && candle.volume.value > 0 &&
                             candle.trades == 0; // its aggressors were not recorded
        if (isBlind) {
            auto marked = candle;
            marked.hasGap = true;
            outcome = one.builder.add(marked);
        } else {
            outcome = one.builder.add(candle);
        }
        one.newest = outcome == RowOutcome::None ? one.newest : outcome;
    }
    if (timeframe == Timeframe::M5) {
        closed_ = candle.start + market::length(Timeframe::M5);
    }
}

std::span<const float> ServedRows::row(std::size_t set, market::Side side)
{
    const auto& one = sets_.at(set);
    if (one.newest != RowOutcome::Row || one.builder.rowTime() != closed_) {
        return {};
    }
    const auto made = one.builder.row();
    const auto out = std::span(row_).first(made.size());
    std::ranges::copy(made, out.begin());
    if (side == market::Side::Sell) {
        mirror(one.builder.set(), out);
    }
    return out;
}

std::string ServedRows::silence(std::size_t set) const
{
    const auto& one = sets_.at(set);
    if (one.newest == RowOutcome::Row) {
        return {};
    }
    const auto hours = std::chrono::ceil<std::chrono::hours>(one.builder.warmUp()).count();
    return "warming up: its features want " + std::to_string(hours) + " hours without a gap";
}

std::string ServedRows::fingerprint() const
{
    std::string out;
    for (const auto& one : sets_) {
        out.append(out.empty() ? "" : "|").append(one.builder.set().hash());
    }
    return out;
}

base::Result<std::shared_ptr<const trading::Predictor>> predictorOf(const ModelVersion& version)
{
    const auto family = version.lineage.rule.family;
    if (hasDistance(family)) {
        return base::fail(base::ErrorCode::Unsupported, std::string(name(family)),
                          "it answers for a distance, which no strategy asks about");
    }
    auto trees = servedTrees(version);
    if (!trees) {
        return std::unexpected(trees.error());
    }
    return std::make_shared<const TreePredictor>(std::move(*trees), version.lineage.source,
                                                 base::UtcMs{version.lineage.to});
}

} // namespace qd::learning
