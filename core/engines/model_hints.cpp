#include "engines/model_hints.h"

#include "engines/archive_feed.h"
#include "engines/in_force.h"
#include "engines/regime_history.h"
#include "learning/feature_builder.h"
#include "market/indicators/volatility.h"
#include "storage/candle_fill.h"
#include "storage/candle_store.h"
#include "storage/instrument_store.h"
#include "storage/model_store.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using learning::Family;
using learning::FeatureSource;

namespace {

constexpr auto anHour = market::length(market::Timeframe::H1);
constexpr std::size_t fewestHours = 24 * 30; // of a history that says where a forecast lies

struct Serving {
    std::string name;
    std::shared_ptr<const learning::ModelVersion> version;
    learning::FlatTrees trees;
};

/// The newest row of an instrument in one feature set.
struct NewestRow {
    std::vector<float> values;
    UtcMs at;
    double close = 0; // ticks
    double atr = 0;
};

using RowKey = std::pair<base::InstrumentId, FeatureSource>;

/// Rows are made when they are asked for, once each.
class NewestRows {
public:
    NewestRows(storage::Database& database, UntoldGaps gaps) : database_(database), gaps_(std::move(gaps)) {}

    /// Null where it has none: too little, or a gap not long ago.
    [[nodiscard]] Result<const NewestRow*> of(base::InstrumentId id, FeatureSource source, std::uint32_t atrLength)
    {
        const auto known = rows_.find({id, source});
        if (known != rows_.end()) {
            return known->second ? &*known->second : nullptr;
        }
        auto made = make(id, source, atrLength);
        if (!made) {
            return std::unexpected(made.error());
        }
        const auto& kept = rows_[{id, source}] = std::move(*made);
        return kept ? &*kept : nullptr;
    }

private:
    [[nodiscard]] Result<UtcMs> newest(base::InstrumentId id, FeatureSource source)
    {
        if (source == FeatureSource::Ticks) {
            const auto summary = storage::TickArchive(database_).summary(id);
            return summary ? Result<UtcMs>(summary->lastTime) : std::unexpected(summary.error());
        }
        const auto timeframe = source == FeatureSource::Candles1m ? market::Timeframe::M1 : market::Timeframe::M5;
        const auto last = storage::CandleStore(database_).read(id, timeframe, {}, 1);
        if (!last) {
            return std::unexpected(last.error());
        }
        return last->empty() ? UtcMs{0} : last->back().start + market::length(timeframe);
    }
    [[nodiscard]] Result<std::optional<NewestRow>> make(base::InstrumentId id, FeatureSource source,
                                                        std::uint32_t atrLength)
    {
        const auto end = newest(id, source);
        if (!end) {
            return std::unexpected(end.error());
        }
        std::optional<NewestRow> out;
        if (end->value == 0) {
            return out;
        }
        learning::FeatureBuilder builder(learning::FeatureSet::of(source));
        market::Atr atr(atrLength);
        const auto take = [&](const market::Candle& candle) {
            const auto outcome = builder.add(candle);
            if (outcome == learning::RowOutcome::None) {
                return;
            }
            if (outcome != learning::RowOutcome::Row) {
                out.reset();
                atr.reset();
                return;
            }
            const auto& five = builder.decisionCandle();
            atr.add(static_cast<double>(five.high.value), static_cast<double>(five.low.value),
                    static_cast<double>(five.close.value));
            out = NewestRow{.values = {builder.row().begin(), builder.row().end()},
                            .at = builder.rowTime(),
                            .close = static_cast<double>(five.close.value),
                            .atr = atr.value().value_or(0)};
        };
        // Twice the look-back, so that the average true range has candles enough.
        const auto from = base::bucketStart(*end - 2 * builder.warmUp() - anHour, anHour);
        const auto fed = feedArchive(database_, gaps_, id, source, {from, *end + base::Millis{1}}, {.candle = take});
        return fed ? Result<std::optional<NewestRow>>(std::move(out)) : std::unexpected(fed.error());
    }

    storage::Database& database_;
    UntoldGaps gaps_;
    std::map<RowKey, std::optional<NewestRow>> rows_;
};

Result<std::vector<Serving>> serving(storage::Database& database)
{
    storage::ModelStore store(database);
    const auto registry = store.registry();
    if (!registry) {
        return std::unexpected(registry.error());
    }
    std::vector<Serving> out;
    for (const auto& record : *registry) {
        if (record.stage != governance::ModelStage::Champion) {
            continue;
        }
        const auto name = governance::versionName(record.name.key, record.name.number);
        auto version = store.version(name);
        auto trees =
            version ? learning::servedTrees(**version) : Result<learning::FlatTrees>(std::unexpected(version.error()));
        if (trees) { // what cannot be read says nothing
            out.push_back({name, std::move(*version), std::move(*trees)});
        }
    }
    return out;
}

double asked(const Serving& model, const NewestRow& row, int side, std::optional<double> distance)
{
    auto values = row.values;
    if (side < 0) {
        learning::mirror(learning::FeatureSet::of(model.version->lineage.source), values);
    }
    if (distance) {
        values.push_back(static_cast<float>(*distance));
    }
    return model.trees.predict(values);
}

double meanOfSides(const Serving& model, const NewestRow& row, double distance)
{
    return (asked(model, row, 1, distance) + asked(model, row, -1, distance)) / 2;
}

/// The middle one of what the strategies are set to; 0 where none has such a parameter.
double usual(const InForce& inForce, std::string_view parameter)
{
    std::vector<double> values;
    for (const auto& [strategy, parameters] : inForce.parameters) {
        const auto* info = trading::findStrategy(strategy);
        if (info != nullptr &&
            std::ranges::find(info->parameters, parameter, &trading::Parameter::name) != info->parameters.end()) {
            values.push_back(parameters[parameter]);
        }
    }
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Hour by hour of the newest `days` days, from the coarsest candles that reach far enough: what was imported in one
/// timeframe has no others. Empty: none does.
Result<std::vector<double>> hourlyVolatilities(storage::Database& database, base::InstrumentId id, std::int64_t days)
{
    constexpr auto hour = market::length(RegimeHistory::timeframe);
    using market::Timeframe;
    for (const auto timeframe : {RegimeHistory::timeframe, Timeframe::M15, Timeframe::M5, Timeframe::M1}) {
        RegimeHistory history;
        std::vector<market::Candle> parts; // of the hour in work
        const auto read = storage::CandleStore(database).scan(id, timeframe, {}, [&](const auto& all) {
            for (const auto& candle : all) {
                const auto end = candle.start + market::length(timeframe);
                parts.push_back(candle);
                if (base::bucketStart(end, hour) == end) {
                    for (const auto& whole : storage::largerCandles(parts, RegimeHistory::timeframe, end)) {
                        history.add(whole);
                    }
                    parts.clear();
                }
            }
            return true;
        });
        if (!read) {
            return std::unexpected(read.error());
        }
        auto out = history.begin() ? history.volatilities(history.end() - base::oneDay * days, history.end())
                                   : std::vector<double>();
        if (out.size() >= fewestHours) {
            return out;
        }
    }
    return {};
}

/// Where an annualised volatility lies in the instrument's newest `days` days; empty: too little history.
Result<std::optional<double>> percentile(storage::Database& database, base::InstrumentId id, double volatility,
                                         std::int64_t days)
{
    const auto reference = hourlyVolatilities(database, id, days);
    if (!reference || reference->empty()) {
        return reference ? Result<std::optional<double>>(std::nullopt) : std::unexpected(reference.error());
    }
    const auto rank = learning::percentileRank(*reference, volatility);
    return rank ? std::optional(*rank) : std::nullopt;
}

void say(console::InstrumentHint& hint, const Serving& model, const NewestRow& row, const console::ModelHints& all)
{
    hint.at = std::max(hint.at, row.at);
    switch (model.version->lineage.rule.family) {
    case Family::Gbt5m:
        break; // its strategy trades on it
    case Family::Direction:
        hint.rises = asked(model, row, 1, std::nullopt);
        break;
    case Family::Volatility:
        hint.volatility = std::exp(asked(model, row, 1, std::nullopt));
        break;
    case Family::StopHit:
        if (all.stopDistance > 0) {
            hint.stopHit = meanOfSides(model, row, all.stopDistance);
        }
        break;
    case Family::Fill:
        if (all.fillDistance > 0) {
            hint.fills = meanOfSides(model, row, all.fillDistance);
        }
        break;
    }
}

bool isAbout(const Serving& model, const std::string& instrument)
{
    const auto& known = model.version->lineage.instruments;
    return std::ranges::find(known, instrument) != known.end();
}

} // namespace

Result<console::ModelHints> modelAnswer(const DeskContext& context, const console::AskModelHints&)
{
    const auto models = serving(context.database);
    const auto instruments = storage::InstrumentStore(context.database).all();
    const auto inForce = readInForce(context.database);
    auto gaps = untoldGaps(context.database);
    if (!models || !instruments) {
        return std::unexpected(!models ? models.error() : instruments.error());
    }
    if (!inForce || !gaps) {
        return std::unexpected(!inForce ? inForce.error() : gaps.error());
    }
    console::ModelHints out{.fillDistance = usual(*inForce, "limit_offset_atr"),
                            .stopDistance = usual(*inForce, "stop_atr")};
    std::ranges::transform(*models, std::back_inserter(out.versions), &Serving::name);
    NewestRows rows(context.database, std::move(*gaps));
    const auto days =
        static_cast<std::int64_t>(base::policyValue(inForce->policy.numbers, "convergence.reference_days"));
    for (const auto& instrument : *instruments) {
        console::InstrumentHint hint{.instrument = instrument.id, .name = instrument.name};
        for (const auto& model : *models) {
            if (!isAbout(model, instrument.name)) {
                continue;
            }
            const auto& lineage = model.version->lineage;
            const auto row = rows.of(instrument.id, lineage.source, lineage.rule.atr);
            if (!row) {
                return std::unexpected(row.error());
            }
            if (*row != nullptr) {
                say(hint, model, **row, out);
            }
        }
        if (hint.volatility) {
            const auto rank = percentile(context.database, instrument.id, *hint.volatility, days);
            if (!rank) {
                return std::unexpected(rank.error());
            }
            hint.volatilityPercentile = *rank;
        }
        if (hint.at.value > 0) {
            out.rows.push_back(std::move(hint));
        }
    }
    return out;
}

Result<std::vector<std::optional<double>>> predictedHits(storage::Database& database,
                                                         std::optional<base::InstrumentId> instrument,
                                                         const std::vector<double>& stops)
{
    std::vector<std::optional<double>> out;
    const auto models = serving(database);
    if (!models) {
        return std::unexpected(models.error());
    }
    const auto model = std::ranges::find(*models, Family::StopHit,
                                         [](const Serving& one) { return one.version->lineage.rule.family; });
    if (model == models->end()) {
        return out;
    }
    const auto instruments = storage::InstrumentStore(database).all();
    auto gaps = untoldGaps(database);
    if (!instruments || !gaps) {
        return std::unexpected(!instruments ? instruments.error() : gaps.error());
    }
    NewestRows rows(database, std::move(*gaps));
    std::vector<double> sums(stops.size());
    std::size_t count = 0;
    for (const auto& one : *instruments) {
        if ((instrument && one.id != *instrument) || !isAbout(*model, one.name)) {
            continue;
        }
        const auto& lineage = model->version->lineage;
        const auto row = rows.of(one.id, lineage.source, lineage.rule.atr);
        if (!row) {
            return std::unexpected(row.error());
        }
        if (*row == nullptr || !((*row)->atr > 0)) {
            continue;
        }
        ++count;
        for (std::size_t i = 0; i < stops.size(); ++i) {
            sums[i] += meanOfSides(*model, **row, stops[i] * (*row)->close / (*row)->atr);
        }
    }
    for (std::size_t i = 0; count > 0 && i < stops.size(); ++i) {
        out.emplace_back(sums[i] / static_cast<double>(count));
    }
    return out;
}

} // namespace qd::engines
