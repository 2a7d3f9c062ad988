#include "engines/model_queries.h"

#include "engines/experiment_evidence.h"
#include "engines/model_watch.h"
#include "engines/retrain_desk.h"
#include "engines/retrain_rules.h"
#include "storage/instrument_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using governance::ModelRecord;
using learning::Family;

namespace {

constexpr std::size_t topFeatures = 5;

std::string_view purposeOf(Family family)
{
    switch (family) {
    case Family::Gbt5m:
        return "Does an entry of ml_gbt_5m, with its own stop, target, time limit and costs, earn? Its probability "
               "over the "
               "threshold is what ml_gbt_5m trades on.";
    case Family::Direction:
        return "Is the close higher or lower some bars ahead? A filter of mtf_momentum_confirm, off by default.";
    case Family::Volatility:
        return "How volatile do the next hours become? Feeds the regime and hints for sizes.";
    case Family::StopHit:
        return "Is a stop at this distance hit before the time is over? Informs the stop lab.";
    case Family::Fill:
        return "Is a limit order at this distance filled within its patience, by what trades through its price, or at "
               "it beyond the queue that is assumed? Informs limit entries.";
    }
    return "";
}

struct Known {
    std::vector<storage::StoredModel> all;
    governance::ModelRegistry registry;
    governance::ModelPolicy policy;
    base::UtcMs now; // as trading sees it: of the newest trade, else the clock
};

Result<Known> knownOf(const DeskContext& context)
{
    auto all = storage::ModelStore(context.database).all();
    const auto values = storage::PolicyStore(context.database).values();
    const auto newest = ledgerNow(context.database);
    if (!all || !values) {
        return std::unexpected(all ? values.error() : all.error());
    }
    if (!newest) {
        return std::unexpected(newest.error());
    }
    Known out{.all = std::move(*all),
              .registry = {},
              .policy = governance::policiesFrom(*values).models,
              .now = newest->value_or(context.clock.now())};
    for (const auto& model : out.all) {
        out.registry.push_back(model.record);
    }
    return out;
}

console::ModelLine lineOf(const Known& known, const storage::StoredModel& model)
{
    return {model.record, governance::isExpired(model.record, known.policy, known.now), model.why};
}

/// A column of a version's rows: a feature of its set, or behind them the distance that is asked about.
struct Column {
    std::string name;
    std::string meaning;
};
Column columnOf(const learning::Lineage& lineage, std::size_t column)
{
    const auto infos = learning::FeatureSet::of(lineage.source).infos();
    if (column < infos.size()) {
        return {infos[column].name, std::string(infos[column].meaning)};
    }
    return {"distance", "distance that is asked about, in ATR"};
}

std::vector<console::FeatureImportance> importanceOf(const learning::Lineage& lineage, const learning::FlatTrees& trees)
{
    const auto& gain = trees.totalGain();
    const double all = std::accumulate(gain.begin(), gain.end(), 0.0);
    std::vector<console::FeatureImportance> out;
    for (std::size_t c = 0; c < gain.size() && all > 0; ++c) {
        if (gain[c] > 0) {
            auto column = columnOf(lineage, c);
            out.push_back({std::move(column.name), std::move(column.meaning), gain[c] / all});
        }
    }
    std::ranges::stable_sort(out, std::ranges::greater{}, &console::FeatureImportance::gain);
    return out;
}

/// Whether what a version sees has drifted, as the newest look says.
Result<bool> isDrifting(storage::Database& database, const ModelRecord* of)
{
    storage::ModelStore models(database);
    const auto name = of != nullptr ? governance::versionName(of->name.key, of->name.number) : std::string();
    const auto drift =
        of != nullptr ? models.newestDrift(name) : Result<std::optional<storage::ModelDrift>>(std::nullopt);
    if (!drift) {
        return std::unexpected(drift.error());
    }
    const auto version = *drift ? models.version(name) : Result<std::shared_ptr<const learning::ModelVersion>>(nullptr);
    const auto trees = version && *version ? learning::servedTrees(**version)
                                           : Result<learning::FlatTrees>(std::unexpected(base::Error{}));
    if (!trees) {
        return false; // it serves nobody either
    }
    std::vector<std::size_t> inAlarm;
    for (std::size_t column = 0; column < trees->totalGain().size(); ++column) {
        const auto feature = std::ranges::find((*drift)->features, columnOf((*version)->lineage, column).name,
                                               &storage::ModelDrift::Feature::name);
        if (feature != (*drift)->features.end() && feature->level == learning::DriftLevel::Drift) {
            inAlarm.push_back(column);
        }
    }
    const auto policy = storage::PolicyStore(database).values();
    if (!policy) {
        return std::unexpected(policy.error());
    }
    return hasDrifted(*trees, inAlarm, driftLimits(*policy));
}

Result<console::ModelFamily> familyOf(const DeskContext& context, const Known& known, const governance::ModelKey& key)
{
    console::ModelFamily out{.key = key,
                             .purpose = std::string(purposeOf(key.family)),
                             .hasConverged = governance::hasConverged(known.registry, key, known.policy),
                             .due = {}};
    const auto newest = std::ranges::find(known.registry, key, [](const ModelRecord& r) { return r.name.key; });
    std::uint64_t trades = 0;
    bool drifted = false;
    if (newest != known.registry.end()) {
        storage::ModelStore models(context.database);
        const auto counted = tradesFor(context.database, key, newest->knows);
        const auto seen = isDrifting(context.database, governance::champion(known.registry, key));
        if (!counted || !seen) {
            return std::unexpected(counted ? seen.error() : counted.error());
        }
        trades = *counted;
        drifted = *seen;
    }
    out.due = governance::retrainDue(known.registry, key, trades, drifted, known.policy, context.clock.now());
    return out;
}

std::vector<console::FeatureDrift> driftOf(const storage::ModelDrift& drift)
{
    std::vector<console::FeatureDrift> out;
    for (const auto& feature : drift.features) {
        out.push_back({feature.name, feature.psi, feature.ks, feature.level});
    }
    return out;
}

std::vector<console::ShadowDay> shadowOf(const std::vector<storage::ModelDay>& days)
{
    std::vector<console::ShadowDay> out;
    for (const auto& day : days) {
        if (day.rows == 0) {
            continue;
        }
        const auto rows = static_cast<double>(day.rows);
        out.push_back({day.day, day.rows, day.loss / rows,
                       day.championLoss ? std::optional(*day.championLoss / rows) : std::nullopt});
    }
    return out;
}

/// When the entry was decided; empty where neither a closed nor an open trade is of it.
Result<std::optional<base::UtcMs>> decidedAt(storage::Database& database, const console::AskTradeModel& query)
{
    auto row =
        database.prepare("SELECT max(decided_time) FROM (SELECT decided_time FROM trades WHERE instrument=?1 AND "
                         "strategy=?2 AND decided_number=?3 UNION ALL SELECT decided_time FROM positions WHERE "
                         "instrument=?1 AND strategy=?2 AND decided_number=?3)");
    if (!row) {
        return std::unexpected(row.error());
    }
    row->bind(0, query.instrument.value).bind(1, query.strategy).bind(2, query.decision.value);
    const auto isThere = row->step();
    if (!isThere) {
        return std::unexpected(isThere.error());
    }
    return row->isNull(0) ? std::nullopt : std::optional(base::UtcMs{row->integer(0)});
}

// What its trees say of the kept row; nothing where they cannot be read any more: which version it was is known none
// the less.
void explain(console::TradeModel& out, const learning::ModelVersion& version, const storage::TradeModelRow& kept)
{
    out.from = {version.lineage.from};
    out.to = {version.lineage.to};
    const auto trees = learning::servedTrees(version);
    if (!trees || version.bytesHash != kept.hash || kept.row.size() != trees->features()) {
        return;
    }
    for (const auto& moved : trees->topContributions(kept.row, topFeatures)) {
        out.top.push_back({columnOf(version.lineage, moved.feature).name, kept.row[moved.feature], moved.value});
    }
}

} // namespace

Result<console::Models> modelAnswer(const DeskContext& context, const console::AskModels& /*query*/)
{
    const auto known = knownOf(context);
    const auto instruments = storage::InstrumentStore(context.database).all();
    if (!known || !instruments) {
        return std::unexpected(known ? instruments.error() : known.error());
    }
    console::Models out;
    for (const auto& key : modelsOf(*instruments)) {
        auto family = familyOf(context, *known, key);
        if (!family) {
            return std::unexpected(family.error());
        }
        out.families.push_back(std::move(*family));
    }
    for (const auto& model : known->all) {
        out.rows.push_back(lineOf(*known, model));
    }
    return out;
}

Result<console::ModelDetail> modelAnswer(const DeskContext& context, const console::AskModel& query)
{
    storage::ModelStore models(context.database);
    const auto known = knownOf(context);
    const auto stored = models.find(query.version);
    if (!known || !stored) {
        return std::unexpected(known ? stored.error() : known.error());
    }
    if (!*stored) {
        return base::fail(ErrorCode::NotFound, query.version, "no such version");
    }
    const auto version = models.version(query.version);
    const auto drift = models.newestDrift(query.version);
    const auto days = models.days(query.version);
    const auto trades = models.tradesOf(query.version);
    if (!version || !drift) {
        return std::unexpected(version ? drift.error() : version.error());
    }
    if (!days || !trades) {
        return std::unexpected(days ? trades.error() : days.error());
    }
    console::ModelDetail out{.line = lineOf(*known, **stored),
                             .lineage = (*version)->lineage,
                             .importance = {},
                             .drift = *drift ? driftOf(**drift) : std::vector<console::FeatureDrift>{},
                             .driftAt = *drift ? std::optional((*drift)->time) : std::nullopt,
                             .regimeShares = (*stored)->regimeShares,
                             .shadow = shadowOf(*days),
                             .trades = *trades};
    if (const auto trees = learning::servedTrees(**version)) { // of another feature set: no name fits its columns
        out.importance = importanceOf(out.lineage, *trees);
    }
    return out;
}

Result<console::TradeModel> modelAnswer(const DeskContext& context, const console::AskTradeModel& query)
{
    storage::ModelStore models(context.database);
    const auto kept = models.tradeModel(query.instrument.value, query.strategy, query.decision.value);
    if (!kept) {
        return std::unexpected(kept.error());
    }
    console::TradeModel out;
    if (!*kept) {
        return out;
    }
    const auto& row = **kept;
    out.version = row.version;
    out.prediction = row.prediction;
    out.threshold = row.threshold;
    if (const auto version = models.version(row.version)) {
        explain(out, **version, row);
    }
    const auto at = decidedAt(context.database, query);
    if (!at) {
        return std::unexpected(at.error());
    }
    if (*at) {
        const auto drift = models.driftAt(row.version, **at);
        if (!drift) {
            return std::unexpected(drift.error());
        }
        if (*drift) {
            out.drift = driftOf(**drift);
            out.drift.resize(std::min(out.drift.size(), topFeatures));
        }
    }
    return out;
}

Result<console::ModelBytes> modelAnswer(const DeskContext& context, const console::AskModelBytes& query)
{
    auto bytes = storage::ModelStore(context.database).packed(query.version);
    if (!bytes) {
        return std::unexpected(bytes.error());
    }
    return console::ModelBytes{std::move(*bytes)};
}

} // namespace qd::engines
