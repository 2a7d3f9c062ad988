#include "engines/model_watch.h"

#include "base/state.h"
#include "storage/instrument_store.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::UtcMs;
using governance::ModelStage;

namespace {

constexpr double clip = 1e-15; // as MetricOptions'

UtcMs dayStart(UtcMs time)
{
    return base::bucketStart(time, base::oneDay);
}

double lossOf(learning::Family family, float predicted, float real)
{
    if (learning::isRegression(family)) {
        const double off = static_cast<double>(predicted) - static_cast<double>(real);
        return off * off;
    }
    const double p = std::clamp(static_cast<double>(predicted), clip, 1 - clip);
    return real > 0.5F ? -std::log(p) : -std::log(1 - p);
}

bool isWatched(ModelStage stage)
{
    return stage == ModelStage::Champion || stage == ModelStage::Challenger || stage == ModelStage::Shadow;
}

/// What rows depend on, as bytes; the stride is the watch's own.
std::string rowsKey(const learning::Lineage& lineage)
{
    auto rule = lineage.rule;
    rule.stride = ModelWatch::stride;
    base::StateWriter writer;
    writer(rule, lineage.source, lineage.instruments);
    return writer.take();
}

struct DaySums {
    std::uint64_t rows = 0;
    double loss = 0;
    double champion = 0;
};

} // namespace

bool hasDrifted(const learning::FlatTrees& trees, std::span<const std::size_t> inAlarm,
                const learning::DriftLimits& limits)
{
    const auto& gain = trees.totalGain();
    std::vector<std::size_t> order(gain.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order,
                      [&](std::size_t a, std::size_t b) { return std::pair(-gain[a], a) < std::pair(-gain[b], b); });
    order.resize(std::min(order.size(), limits.important));
    const auto count = std::ranges::count_if(order, [&](std::size_t column) {
        return gain[column] > 0 && std::ranges::find(inAlarm, column) != inAlarm.end();
    });
    return static_cast<std::size_t>(count) >= limits.drifted;
}

Result<std::vector<ModelWatch::Watched>> ModelWatch::watched(UtcMs now)
{
    storage::ModelStore store(database_);
    const auto registry = store.registry();
    if (!registry) {
        return std::unexpected(registry.error());
    }
    std::vector<Watched> out;
    for (const auto& record : *registry) {
        if (!isWatched(record.stage)) {
            continue;
        }
        const auto name = governance::versionName(record.name.key, record.name.number);
        auto& version = versions_[name];
        if (!version) {
            auto read = store.version(name);
            if (!read) { // damaged: it serves nobody either
                versions_.erase(name);
                continue;
            }
            version = std::move(*read);
        }
        auto trees = learning::servedTrees(*version);
        const auto days = store.days(name);
        const auto drift = store.newestDrift(name);
        if (!days || !drift) {
            return std::unexpected(!days ? days.error() : drift.error());
        }
        if (!trees) { // of other features than there are now
            continue;
        }
        const auto yesterday = dayStart(now) - base::oneDay;
        const auto since =
            days->empty() ? dayStart(record.knows) : std::min(days->back().day - base::oneDay, yesterday);
        const bool wantsDrift = now - record.knows >= base::oneDay * driftDays &&
                                (!hasLooked_ || !*drift || dayStart((*drift)->time) < dayStart(now));
        out.push_back({record, name, version, std::move(*trees),
                       std::max({since, dayStart(record.knows), dayStart(now) - base::oneDay * mostDays}), wantsDrift});
    }
    return out;
}

Result<WatchResult> ModelWatch::look(UtcMs now, const learning::DriftLimits& limits,
                                     const std::function<bool()>& goesOn)
{
    const auto all = watched(now);
    if (!all) {
        return std::unexpected(all.error());
    }
    std::map<std::string, Group> groups;
    for (const auto& one : *all) {
        groups[governance::text(one.record.name.key) + "\n" + rowsKey(one.version->lineage)].push_back(&one);
    }
    WatchResult out;
    for (const auto& [key, group] : groups) {
        // Its label, its instruments may have been others: it answers the group's rows if it knows their features.
        const auto& first = *group.front();
        const auto champion = std::ranges::find_if(*all, [&](const Watched& one) {
            return one.record.stage == ModelStage::Champion && one.record.name.key == first.record.name.key &&
                   one.version->lineage.source == first.version->lineage.source;
        });
        if (auto looked = lookAt(group, champion == all->end() ? nullptr : &*champion, now, limits, goesOn, out);
            !looked) {
            return std::unexpected(looked.error());
        }
    }
    hasLooked_ = true;
    return out;
}

Result<void> ModelWatch::lookAt(const Group& group, const Watched* champion, UtcMs now,
                                const learning::DriftLimits& limits, const std::function<bool()>& goesOn,
                                WatchResult& out)
{
    const auto& lineage = group.front()->version->lineage;
    const auto instruments = storage::InstrumentStore(database_).all();
    const auto gaps = untoldGaps(database_);
    if (!instruments || !gaps) {
        return std::unexpected(!instruments ? instruments.error() : gaps.error());
    }
    auto from = now;
    for (const auto* one : group) {
        from = std::min(from, one->from);
        if (one->wantsDrift) {
            from = std::min(from, now - base::oneDay * driftDays);
        }
    }
    const auto& set = learning::FeatureSet::of(lineage.source);
    auto rule = lineage.rule;
    rule.stride = stride;
    learning::TrainingRows rows;
    bool isCancelled = false;
    std::uint32_t series = 0;
    for (const auto& name : lineage.instruments) {
        const auto instrument = std::ranges::find(*instruments, name, &market::Instrument::name);
        auto maker = learning::RowMaker::of(
            set, rule, series++,
            instrument == instruments->end() ? std::nullopt : std::optional<market::Instrument>(*instrument));
        if (!maker) {
            return std::unexpected(maker.error());
        }
        if (instrument == instruments->end()) {
            continue;
        }
        const auto begin = from - learning::FeatureBuilder(set).warmUp() - market::length(market::Timeframe::H1);
        const auto fed = feedArchive(database_, *gaps, instrument->id, lineage.source, {begin, now},
                                     {.candle = [&](const market::Candle& candle) { maker->add(candle); },
                                      .tick = [&](const market::Tick& tick) { maker->add(tick); },
                                      .gap = [&] { maker->markGap(); },
                                      .goesOn =
                                          [&](UtcMs) {
                                              isCancelled = goesOn && !goesOn();
                                              return !isCancelled;
                                          }});
        if (isCancelled) {
            return base::fail(ErrorCode::Cancelled, "models", "while the newest rows were made");
        }
        if (!fed) {
            return std::unexpected(fed.error());
        }
        rows.merge(maker->finish());
    }
    addDays(group, champion, rows, out);
    for (const auto* one : group) {
        if (one->wantsDrift) {
            addDrift(*one, rows, now, limits, out);
        }
    }
    return {};
}

void ModelWatch::addDays(const Group& group, const Watched* champion, const learning::TrainingRows& rows,
                         WatchResult& out) const
{
    for (const auto* one : group) {
        const auto* beside = one == champion ? nullptr : champion;
        const auto known = beside != nullptr ? std::max(one->record.knows, beside->record.knows) : one->record.knows;
        const auto family = one->record.name.key.family;
        std::map<std::int64_t, DaySums> days;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const UtcMs t0{rows.tags[i].span.t0};
            if (t0 <= known || t0 < one->from) {
                continue;
            }
            auto& day = days[dayStart(t0).value];
            ++day.rows;
            day.loss += lossOf(family, one->trees.predict(rows.row(i)), rows.labels[i]);
            if (beside != nullptr) {
                day.champion += lossOf(family, beside->trees.predict(rows.row(i)), rows.labels[i]);
            }
        }
        for (const auto& [day, sums] : days) {
            out.days.push_back({.version = one->name,
                                .day = {day},
                                .rows = sums.rows,
                                .loss = sums.loss,
                                .champion = beside != nullptr ? beside->name : std::string(),
                                .championLoss = beside != nullptr ? std::optional(sums.champion) : std::nullopt});
        }
    }
}

void ModelWatch::addDrift(const Watched& of, const learning::TrainingRows& rows, UtcMs now,
                          const learning::DriftLimits& limits, WatchResult& out)
{
    const auto since = std::max(of.record.knows, now - base::oneDay * driftDays);
    std::vector<std::uint32_t> newest;
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        if (rows.tags[i].span.t0 > since.value) {
            newest.push_back(i);
        }
    }
    if (newest.empty() || of.version->profile.columns.size() != rows.columns) {
        return;
    }
    const auto recent = rows.selected(newest);
    const auto drift = learning::driftOf(of.version->profile, recent.table(), limits);
    storage::ModelDrift row{.version = of.name, .time = now, .features = {}};
    std::vector<std::size_t> inAlarm;
    for (const auto& column : drift) {
        if (column.level == learning::DriftLevel::Drift) {
            inAlarm.push_back(column.column);
        }
        const auto optional = [](const statistics::Measure& m) { return m ? std::optional(*m) : std::nullopt; };
        row.features.push_back(
            {rows.names[column.column], optional(column.psi.value), optional(column.ks.distance), column.level});
    }
    out.drifts.push_back(std::move(row));
    if (of.record.stage == ModelStage::Champion) {
        const auto model = governance::text(of.record.name.key);
        if (hasDrifted(of.trees, inAlarm, limits)) {
            drifted_.insert(model);
        } else {
            drifted_.erase(model);
        }
    }
}

} // namespace qd::engines
