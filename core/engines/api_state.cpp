// The API's answers that come from the newest snapshots: status, strategies, health.
#include "engines/api_json.h"
#include "engines/host_health.h"

#include <algorithm>
#include <unistd.h>

namespace qd::engines {

using console::EngineState;

std::string_view apiWord(EngineState state)
{
    switch (state) {
    case EngineState::Idle:
        return "idle";
    case EngineState::Starting:
        return "starting";
    case EngineState::Running:
        return "running";
    case EngineState::Struggling:
        return "struggling";
    case EngineState::Failed:
        return "failed";
    case EngineState::Stopped:
        return "stopped";
    }
    return "unknown";
}

std::string_view apiWord(console::FeedState state)
{
    using console::FeedState;
    switch (state) {
    case FeedState::Offline:
        return "offline";
    case FeedState::Connecting:
        return "connecting";
    case FeedState::Subscribing:
        return "subscribing";
    case FeedState::CatchingUp:
        return "catching-up";
    case FeedState::Online:
        return "online";
    case FeedState::Silent:
        return "silent";
    }
    return "unknown";
}

std::string_view apiWord(console::HealthLabel label)
{
    using console::HealthLabel;
    switch (label) {
    case HealthLabel::Unknown:
        return "unknown";
    case HealthLabel::Critical:
        return "critical";
    case HealthLabel::Poor:
        return "poor";
    case HealthLabel::Fair:
        return "fair";
    case HealthLabel::Good:
        return "good";
    case HealthLabel::Excellent:
        return "excellent";
    }
    return "unknown";
}

std::vector<console::ServiceRow> servicesNow(const ApiContext& context)
{
    return serviceRows(context.pulses, context.now);
}

const market::Instrument* findInstrument(const console::IngestSnapshot* ingest, base::InstrumentId id)
{
    if (ingest == nullptr) {
        return nullptr;
    }
    const auto row = std::ranges::find(ingest->instruments, id, [](const auto& one) { return one.instrument.id; });
    return row == ingest->instruments.end() ? nullptr : &row->instrument;
}

std::string instrumentName(const console::IngestSnapshot* ingest, base::InstrumentId id)
{
    const auto* found = findInstrument(ingest, id);
    return found != nullptr ? found->name : '#' + std::to_string(id.value);
}

std::optional<base::InstrumentId> instrumentNamed(const console::IngestSnapshot* ingest, std::string_view name)
{
    if (ingest == nullptr) {
        return std::nullopt;
    }
    const auto row = std::ranges::find(ingest->instruments, name,
                                       [](const auto& one) -> std::string_view { return one.instrument.name; });
    return row == ingest->instruments.end() ? std::nullopt : std::optional(row->instrument.id);
}

namespace {

QJsonObject engineJson(const console::ServiceRow& row)
{
    JsonFields out;
    out.add("name", row.name).add("state", apiWord(row.state)).add("restarts", row.restarts).add("detail", row.detail);
    out.add("uptime_s", row.uptime ? QJsonValue(secondsOf(*row.uptime)) : QJsonValue());
    out.add("since_beat_s", row.sinceBeat ? QJsonValue(secondsOf(*row.sinceBeat)) : QJsonValue());
    return out.take();
}

QJsonArray enginesJson(const ApiContext& context)
{
    QJsonArray out;
    for (const auto& row : servicesNow(context)) {
        out.append(engineJson(row));
    }
    return out;
}

QJsonValue ingestJson(const console::IngestSnapshot* ingest)
{
    if (ingest == nullptr) {
        return {};
    }
    JsonFields malformed;
    for (const auto& [kind, count] : ingest->malformed) {
        malformed.add(kind.c_str(), count);
    }
    JsonFields out;
    out.add("state", apiWord(ingest->state)).add("feed", apiWord(ingest->feed)).add("address", ingest->address);
    out.add("detail", ingest->detail).add("ticks", ingest->ticks).add("ticks_per_second", ingest->ticksPerSecond);
    out.add("duplicates", ingest->duplicates).add("late", ingest->late).add("filled", ingest->filled);
    out.add("malformed", malformed.take()).add("reconnects", ingest->reconnects);
    out.add("gaps_today", ingest->gapsToday).add("newest_tick", ingest->newestTick);
    out.add("instruments", ingest->instruments.size());
    out.add("clock_offset_ms",
            ingest->clockOffset ? QJsonValue(static_cast<qint64>(ingest->clockOffset->count())) : QJsonValue());
    return out.take();
}

QJsonObject positionJson(const console::PositionRow& row, const console::IngestSnapshot* ingest)
{
    const auto& position = row.position;
    const auto* instrument = findInstrument(ingest, position.decision.instrument);
    JsonFields out;
    out.add("strategy", position.decision.strategy)
        .add("instrument", instrumentName(ingest, position.decision.instrument))
        .add("side", position.decision.side == market::Side::Buy ? "long" : "short")
        .add("entered", position.entry.time)
        .add("unrealised", row.unrealised)
        .add("unrealised_share", row.unrealisedFraction)
        .add("in_shadow", position.inShadow);
    if (instrument != nullptr) {
        out.add("size", instrument->sizeText(position.rest()))
            .add("entry", instrument->priceText(position.entry.price))
            .add("stop", instrument->priceText(position.decision.stop))
            .add("target", instrument->priceText(position.decision.target));
    }
    return out.take();
}

QJsonValue paperJson(const console::PaperSnapshot* paper, const console::IngestSnapshot* ingest)
{
    if (paper == nullptr) {
        return {};
    }
    QJsonArray positions;
    for (const auto& row : paper->positions) {
        positions.append(positionJson(row, ingest));
    }
    JsonFields out;
    out.add("state", apiWord(paper->state));
    out.add("is_paused", paper->policy ? QJsonValue(base::policyValue(paper->policy->numbers, "trading.paused") != 0)
                                       : QJsonValue());
    out.add("capital", paper->startEquity).add("equity", paper->equity).add("since", paper->since);
    out.add("gain", paper->gain).add("today", paper->today);
    out.add("closed_today", paper->closedToday).add("won_today", paper->wonToday);
    out.add("closed_total", paper->closedTotal).add("profit_factor_7d", paper->profitFactor);
    out.add("drawdown", paper->drawdown).add("max_drawdown", paper->maxDrawdown);
    out.add("tick_lag_p50_ms", paper->tickLagP50).add("tick_lag_p99_ms", paper->tickLagP99);
    out.add("micros_per_tick", paper->microsPerTick).add("positions", positions);
    return out.take();
}

QJsonValue storeJson(const console::StoreSnapshot* store)
{
    if (store == nullptr) {
        return {};
    }
    JsonFields out;
    out.add("state", apiWord(store->state)).add("ticks", store->ticks).add("bytes", store->bytes);
    out.add("wal_bytes", store->walBytes).add("write_lag_ms", store->writeLagMs);
    out.add("rows_per_second", store->rowsPerSecond).add("detail", store->detail);
    out.add("making_past", store->making);
    return out.take();
}

QJsonValue governanceJson(const console::GovernanceSnapshot* governance)
{
    if (governance == nullptr) {
        return {};
    }
    const auto open =
        std::ranges::count(governance->proposals, console::ProposalState::Open, &console::ProposalRow::state);
    JsonFields out;
    out.add("state", apiWord(governance->state)).add("next_review", governance->nextReview);
    out.add("reviewed", governance->reviewed).add("open_proposals", open);
    out.add("running_experiments", governance->experiments.size());
    out.add("phase", governance->phase).add("progress", governance->progress).add("detail", governance->detail);
    return out.take();
}

QJsonValue learningJson(const console::LearningSnapshot* learning)
{
    if (learning == nullptr) {
        return {};
    }
    QJsonArray waiting;
    for (const auto& model : learning->waiting) {
        waiting.append(jsonString(model));
    }
    QJsonValue running;
    if (const auto& now = learning->running) {
        running = JsonFields()
                      .add("model", now->model)
                      .add("trigger", now->trigger)
                      .add("phase", now->phase)
                      .add("progress", now->fraction)
                      .add("since", now->since)
                      .add("waits", now->waits)
                      .take();
    }
    JsonFields out;
    out.add("state", apiWord(learning->state)).add("running", running).add("waiting", waiting);
    out.add("quarantined", learning->quarantined).add("challengers", learning->challengers);
    out.add("detail", learning->detail);
    return out.take();
}

QJsonObject strategyJson(const console::StrategyRow& row, const console::IngestSnapshot* ingest)
{
    JsonFields parameters;
    for (const auto& [name, value] : row.parameters) {
        parameters.add(name.c_str(), value);
    }
    QJsonArray off;
    for (const auto& [id, one] : row.instruments) {
        if (!one.isOn) {
            off.append(jsonString(instrumentName(ingest, id)));
        }
    }
    JsonFields out;
    out.add("name", row.name).add("idea", row.idea).add("is_enabled", row.isEnabled);
    out.add("enabled_since", row.enabledSince).add("enabled_by", row.enabledBy);
    out.add("stage", governance::name(row.stage)).add("stage_since", row.stageSince);
    out.add("record_since", row.recordSince).add("passed_red", row.passedRed).add("off_instruments", off);
    out.add("parameter_hash", row.parameterHash).add("parameters", parameters.take());
    out.add("silence", row.silence).add("signals", row.signals).add("blocked", row.blocked);
    out.add("open", row.open).add("closed", row.closed).add("won", row.won).add("net", row.net);
    return out.take();
}

} // namespace

ApiAnswer apiStatus(const ApiContext& context, const ApiQuestion&)
{
    const auto info = context.console.info();
    const auto ingest = context.console.ingest().get();
    const auto paper = context.console.paper().get();
    const auto store = context.console.store().get();
    const auto governance = context.console.governance().get();
    const auto learning = context.console.learning().get();
    const auto health = context.console.health().get();
    JsonFields out;
    out.add("version", info.version).add("feed", info.feed).add("is_simulated", info.isSimulated);
    out.add("database", info.database)
        .add("process", ::getpid())
        .add("started", info.startedAt)
        .add("now", context.now);
    out.add("engines", enginesJson(context));
    out.add("ingest", ingestJson(ingest.get())).add("paper", paperJson(paper.get(), ingest.get()));
    out.add("store", storeJson(store.get())).add("governance", governanceJson(governance.get()));
    out.add("learning", learningJson(learning.get()));
    out.add("health", health ? QJsonValue(JsonFields()
                                              .add("score", health->score)
                                              .add("label", apiWord(health->label))
                                              .add("cap", health->cap)
                                              .take())
                             : QJsonValue());
    return jsonAnswer(out.take());
}

ApiAnswer apiStrategies(const ApiContext& context, const ApiQuestion&)
{
    const auto paper = context.console.paper().get();
    if (!paper) {
        return apiError(503, "starting", "Paper trading has not started yet. Ask again in a moment.");
    }
    const auto ingest = context.console.ingest().get();
    QJsonArray items;
    for (const auto& row : paper->strategies) {
        items.append(strategyJson(row, ingest.get()));
    }
    return jsonAnswer(JsonFields().add("total", items.size()).add("items", items).take());
}

ApiAnswer apiHealth(const ApiContext& context, const ApiQuestion&)
{
    const auto health = context.console.health().get();
    if (!health) {
        return apiError(503, "starting", "Health has not been looked at yet. Ask again in a moment.");
    }
    QJsonArray probes;
    for (const auto& row : health->probes) {
        JsonFields probe;
        probe.add("name", row.name).add("value", row.value).add("limit", row.limit).add("unit", row.unit);
        probe.add("note", row.note).add("score", row.score).add("trend_per_hour", row.trend);
        probes.append(probe.take());
    }
    JsonFields out;
    out.add("score", health->score).add("label", apiWord(health->label)).add("cap", health->cap);
    out.add("raise", health->raise);
    out.add("open_alerts",
            health->alerts ? QJsonValue(static_cast<qint64>(health->alerts->open.size())) : QJsonValue());
    out.add("parts", partsJson(*health)).add("probes", probes).add("engines", enginesJson(context));
    return jsonAnswer(out.take());
}

} // namespace qd::engines
