// /metrics in Prometheus' text format 0.0.4: families with help and type, names with their unit. Of the snapshots
// alone.
#include "engines/api_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace qd::engines {

namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Backslash, quote and line end are escaped, as the format wants it.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '\\' || c == '"') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

class Metrics {
public:
    enum class Kind { Gauge, Counter };

    /// A family; its values follow, or value() at once where it has no labels.
    Metrics& family(std::string_view name, Kind kind, std::string_view help)
    {
        name_ = "quarterdeck_" + std::string(name);
        out_ += "# HELP " + name_ + ' ' + std::string(help) + "\n# TYPE " + name_ +
                (kind == Kind::Gauge ? " gauge\n" : " counter\n");
        return *this;
    }
    Metrics& value(double number, Labels labels = {})
    {
        out_ += name_;
        char between = '{';
        for (const auto& [label, text] : labels) {
            out_ += between;
            out_ += std::string(label) + "=\"" + escaped(text) + '"';
            between = ',';
        }
        std::array<char, 40> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out_ += labels.size() == 0 ? " " : "} ";
        out_.append(digits.data(), end).append("\n");
        return *this;
    }
    Metrics& gauge(std::string_view name, double number, std::string_view help)
    {
        return family(name, Kind::Gauge, help).value(number);
    }
    Metrics& gauge(std::string_view name, const std::optional<double>& number, std::string_view help)
    {
        return number ? gauge(name, *number, help) : *this; // an unknown figure has no sample
    }
    template <typename T>
    Metrics& counter(std::string_view name, T number, std::string_view help)
    {
        return family(name, Kind::Counter, help).value(static_cast<double>(number));
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string name_;
    std::string out_;
};

void addEngines(Metrics& out, const ApiContext& context)
{
    const auto rows = servicesNow(context);
    out.family("engine_up", Metrics::Kind::Gauge, "1 while the engine runs and its heart beats");
    for (const auto& row : rows) {
        const bool isUp = row.state == console::EngineState::Running || row.state == console::EngineState::Idle;
        out.value(isUp ? 1 : 0, {{"engine", row.name}, {"state", apiWord(row.state)}});
    }
    out.family("engine_restarts_total", Metrics::Kind::Counter, "Restarts after a failure");
    for (const auto& row : rows) {
        out.value(row.restarts, {{"engine", row.name}});
    }
    out.family("engine_beat_age_seconds", Metrics::Kind::Gauge, "Since the engine's newest heartbeat");
    for (const auto& row : rows) {
        if (row.sinceBeat) {
            out.value(secondsOf(*row.sinceBeat), {{"engine", row.name}});
        }
    }
}

void addIngest(Metrics& out, const console::IngestSnapshot& ingest, base::UtcMs now)
{
    out.gauge("feed_online", ingest.feed == console::FeedState::Online ? 1.0 : 0.0, "1 while the feed is online");
    out.counter("ticks_received_total", ingest.ticks, "Ticks accepted since the start");
    out.counter("ticks_duplicate_total", ingest.duplicates, "Ticks that came twice");
    out.counter("ticks_late_total", ingest.late, "Ticks that came late");
    out.counter("ticks_filled_total", ingest.filled, "Ticks that only REST gave");
    out.family("messages_malformed_total", Metrics::Kind::Counter, "Messages that could not be read");
    for (const auto& [kind, count] : ingest.malformed) {
        out.value(static_cast<double>(count), {{"kind", kind}});
    }
    out.counter("reconnects_total", ingest.reconnects, "Connections made anew");
    out.gauge("gaps_today", static_cast<double>(ingest.gapsToday),
              "Interruptions since 00:00 UTC in which trades were lost");
    out.gauge("ticks_per_second", ingest.ticksPerSecond, "Ticks over the last 5 s");
    if (ingest.newestTick.value > 0) {
        out.gauge("newest_tick_age_seconds", secondsOf(now - ingest.newestTick),
                  "Since the newest tick's exchange time");
    }
    out.gauge("instruments", static_cast<double>(ingest.instruments.size()), "Instruments of the feed");
}

void addPaper(Metrics& out, const console::PaperSnapshot& paper)
{
    if (paper.policy) {
        out.gauge("trading_paused", base::policyValue(paper.policy->numbers, "trading.paused"),
                  "1 while no strategy enters anywhere");
    }
    out.gauge("equity_usdt", base::toUsdt(paper.equity), "Equity, marked to market");
    out.gauge("capital_usdt", base::toUsdt(paper.startEquity), "Capital of the rows that are switched on");
    out.gauge("gain_ratio", paper.gain, "Gain since the first point of equity, of the capital");
    out.gauge("today_usdt", base::toUsdt(paper.today), "Change of equity since 00:00 UTC");
    out.gauge("drawdown_ratio", paper.drawdown, "Below the peak now, of the capital");
    out.gauge("max_drawdown_ratio", paper.maxDrawdown, "Deepest fall from a peak, of the capital");
    out.gauge("open_positions", static_cast<double>(paper.positions.size()), "Paper positions that are open");
    out.counter("trades_closed_total", paper.closedTotal, "Paper trades closed, shadow trades aside");
    out.gauge("profit_factor_7d", paper.profitFactor, "Gains by losses of the last 7 days");
    out.gauge("tick_lag_p50_milliseconds", paper.tickLagP50, "Exchange time to decision, median of 5 min");
    out.gauge("tick_lag_p99_milliseconds", paper.tickLagP99, "Exchange time to decision, 99th percentile of 5 min");
    out.family("strategy_enabled", Metrics::Kind::Gauge, "1 while the strategy is switched on");
    for (const auto& row : paper.strategies) {
        out.value(row.isEnabled ? 1 : 0, {{"strategy", row.name}, {"stage", governance::name(row.stage)}});
    }
    out.family("strategy_trades_closed_total", Metrics::Kind::Counter, "Paper trades closed by the strategy");
    for (const auto& row : paper.strategies) {
        out.value(row.closed, {{"strategy", row.name}});
    }
    out.family("strategy_net_usdt", Metrics::Kind::Gauge, "Net of the strategy's closed trades");
    for (const auto& row : paper.strategies) {
        out.value(base::toUsdt(row.net), {{"strategy", row.name}});
    }
}

void addStore(Metrics& out, const console::StoreSnapshot& store)
{
    out.gauge("store_ok", store.detail.empty() ? 1.0 : 0.0, "1 while the store writes");
    out.gauge("store_ticks", static_cast<double>(store.ticks), "Ticks in the archive");
    out.gauge("store_bytes", static_cast<double>(store.bytes), "Database and write-ahead log");
    out.gauge("store_wal_bytes", static_cast<double>(store.walBytes), "Write-ahead log");
    out.gauge("write_lag_milliseconds", store.writeLagMs, "Hand-over to committed, worst of 5 s");
    out.gauge("store_rows_per_second", store.rowsPerSecond, "Rows written");
}

void addHealth(Metrics& out, const console::HealthSnapshot& health)
{
    out.gauge("health_score", health.score, "Health score, 0 to 100");
    out.family("probe_value", Metrics::Kind::Gauge, "What a probe measured, in its unit");
    for (const auto& row : health.probes) {
        if (row.value) {
            out.value(*row.value, {{"probe", row.name}, {"unit", row.unit}});
        }
    }
    out.family("probe_limit", Metrics::Kind::Gauge, "The limit of a probe, in its unit");
    for (const auto& row : health.probes) {
        out.value(row.limit, {{"probe", row.name}, {"unit", row.unit}});
    }
    if (!health.alerts) { // not read yet: that none is open is not known
        return;
    }
    out.family("open_alerts", Metrics::Kind::Gauge, "Alerts that are open, by when they are told");
    for (const auto telling : {health::Telling::AtOnce, health::Telling::OnceADay, health::Telling::Never}) {
        const auto open = std::ranges::count(health.alerts->open, telling, &health::Alert::telling);
        out.value(static_cast<double>(open), {{"telling", health::name(telling)}});
    }
    out.gauge("waiting_alerts", static_cast<double>(health.alerts->waiting.size()),
              "Open alerts that nobody has acknowledged or put to sleep");
}

void addApi(Metrics& out, const ApiCounters& counters)
{
    constexpr std::array classes{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};
    out.family("api_answers_total", Metrics::Kind::Counter, "Answers of this API by status");
    for (std::size_t i = 2; i < classes.size(); ++i) {
        out.value(static_cast<double>(counters.byClass[i].load()), {{"status", classes[i]}});
    }
    out.counter("api_refused_connections_total", counters.refused.load(), "Connections that were too many");
    out.counter("api_answer_seconds_total", static_cast<double>(counters.micros.load()) / 1e6, "Time spent on answers");
}

} // namespace

ApiAnswer apiMetrics(const ApiContext& context, const ApiQuestion&)
{
    Metrics out;
    const auto info = context.console.info();
    out.family("build_info", Metrics::Kind::Gauge, "Version and feed")
        .value(1, {{"version", info.version}, {"feed", info.feed}});
    out.gauge("start_time_seconds", static_cast<double>(info.startedAt.value) / 1e3, "Start of the console, Unix time");
    addEngines(out, context);
    if (const auto ingest = context.console.ingest().get()) {
        addIngest(out, *ingest, context.now);
    }
    if (const auto paper = context.console.paper().get()) {
        addPaper(out, *paper);
    }
    if (const auto store = context.console.store().get()) {
        addStore(out, *store);
    }
    if (const auto governance = context.console.governance().get()) {
        std::size_t open = 0;
        for (const auto& row : governance->proposals) {
            open += row.state == console::ProposalState::Open ? 1 : 0;
        }
        out.gauge("open_proposals", static_cast<double>(open), "Proposals of the review that wait");
    }
    if (const auto health = context.console.health().get()) {
        addHealth(out, *health);
    }
    addApi(out, context.counters);
    return {.body = out.take(), .type = "text/plain; version=0.0.4; charset=utf-8"};
}

} // namespace qd::engines
