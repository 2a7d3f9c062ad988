// Small models that are trained in a moment: of a made market, on labels that one feature decides, so that they are
// sure of themselves. Needs the room learning.
#pragma once

#include "learning/model_version.h"
#include "unit/learning/training_fixtures.h"

#include <cmath>
#include <memory>

namespace qd::testkit {

struct ModelWish {
    learning::Family family = learning::Family::Gbt5m;
    learning::FeatureSource source = learning::FeatureSource::Candles5m;
    std::size_t column = 29; // whose sign is the label: of the 5m set the newest candle's body
    base::UtcMs knows{1'750'000'000'000};
    std::string instrument = "A-USDT";
    learning::BoostParameters parameters{.rounds = 12, .depth = 3, .eta = 0.3};
};

inline std::shared_ptr<const learning::ModelVersion> trainedModel(const ModelWish& wish = {})
{
    const auto& set = learning::FeatureSet::of(wish.source);
    const auto rule = learning::standardRule(wish.family);
    const bool isByMinute = wish.source != learning::FeatureSource::Candles5m;
    auto candles = learning::fixtures::market(isByMinute ? market::Timeframe::M1 : market::Timeframe::M5,
                                              isByMinute ? 2'500 : 700, 3);
    for (std::size_t i = 0; i < candles.size(); ++i) {
        candles[i].buyVolume = candles[i].volume.value * static_cast<std::int64_t>(i % 7) / 7;
    }
    auto rows = learning::fixtures::rowsOf(set, rule, candles);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows.labels[i] = rows.row(i)[wish.column] > 0 ? 1.0F : 0.0F;
    }
    auto lineage = learning::lineageOf(rows, rule, set, {wish.instrument}, wish.parameters, {}, {}, "test");
    lineage.to = wish.knows.value;
    lineage.verdict = learning::AuditVerdict::Clean;
    return std::make_shared<const learning::ModelVersion>(learning::fixtures::need(learning::train(lineage, rows)));
}

} // namespace qd::testkit
