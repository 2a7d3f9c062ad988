// A Console whose engines are the test: it sets snapshots, sees the commands, answers when it likes. Any thread reads.
#pragma once

#include "console/console.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace qd::testkit {

class FakeConsole final : public console::Console {
public:
    console::ConsoleInfo consoleInfo{"demo", "/tmp/quarterdeck/demo.db", "0.1.0", {1'764'060'000'000}};
    base::Mailbox<console::IngestSnapshot> ingestBox;
    base::Mailbox<console::PaperSnapshot> paperBox;
    base::Mailbox<console::ChartSnapshot> chartBox;
    base::Mailbox<console::StoreSnapshot> storeBox;
    base::Mailbox<console::HealthSnapshot> healthBox;
    base::Mailbox<console::GovernanceSnapshot> governanceBox;
    base::Mailbox<console::LearningSnapshot> learningBox;
    base::Mailbox<console::JobsSnapshot> jobsBox;
    std::vector<std::pair<console::CommandId, console::Command>> sent;
    std::vector<console::Event> events;                      // handed out at the next takeEvents()
    std::function<void(const console::WatchChart&)> onWatch; // what the paper engine would do
    std::vector<std::pair<console::QueryId, console::Query>> asked;
    std::vector<console::QueryId> cancelled;
    std::vector<console::QueryEvent> answers;                           // handed out at the next takeAnswers()
    std::function<void(console::QueryId, const console::Query&)> onAsk; // what the query desk would do
    int frames = 0;
    double lastGap = 0;

    [[nodiscard]] console::ConsoleInfo info() const override { return consoleInfo; }
    [[nodiscard]] const base::Mailbox<console::IngestSnapshot>& ingest() const override { return ingestBox; }
    [[nodiscard]] const base::Mailbox<console::PaperSnapshot>& paper() const override { return paperBox; }
    [[nodiscard]] const base::Mailbox<console::ChartSnapshot>& chart() const override { return chartBox; }
    [[nodiscard]] const base::Mailbox<console::StoreSnapshot>& store() const override { return storeBox; }
    [[nodiscard]] const base::Mailbox<console::HealthSnapshot>& health() const override { return healthBox; }
    [[nodiscard]] const base::Mailbox<console::GovernanceSnapshot>& governance() const override
    {
        return governanceBox;
    }
    [[nodiscard]] const base::Mailbox<console::LearningSnapshot>& learning() const override { return learningBox; }
    [[nodiscard]] const base::Mailbox<console::JobsSnapshot>& jobs() const override { return jobsBox; }
    console::CommandId send(console::Command command) override
    {
        sent.emplace_back(++lastId_, command);
        if (const auto* watched = std::get_if<console::WatchChart>(&command); watched != nullptr && onWatch) {
            onWatch(*watched);
        }
        return lastId_;
    }
    [[nodiscard]] std::vector<console::Event> takeEvents() override { return std::exchange(events, {}); }
    console::QueryId ask(console::Query query) override
    {
        asked.emplace_back(++lastQuery_, query);
        if (onAsk) {
            onAsk(lastQuery_, asked.back().second);
        }
        return lastQuery_;
    }
    void cancel(console::QueryId query) override { cancelled.push_back(query); }
    [[nodiscard]] std::vector<console::QueryEvent> takeAnswers() override { return std::exchange(answers, {}); }
    void reportFrame(double, double gapMs) override
    {
        ++frames;
        lastGap = gapMs;
    }

    /// Answers the newest command of this kind; false if there is none. `decisions`: what the journal has of it.
    template <typename Kind>
    bool answer(std::vector<std::int64_t> decisions = {})
    {
        const auto id = newestId<Kind>();
        if (id) {
            events.emplace_back(console::CommandDone{*id, std::nullopt, std::move(decisions)});
        }
        return id.has_value();
    }
    template <typename Kind>
    bool answer(const base::Error& error, std::vector<std::int64_t> done = {})
    {
        const auto id = newestId<Kind>();
        if (id) {
            events.emplace_back(console::CommandDone{*id, error, std::move(done)});
        }
        return id.has_value();
    }
    template <typename Kind>
    [[nodiscard]] const Kind* newest() const
    {
        for (auto it = sent.rbegin(); it != sent.rend(); ++it) {
            if (const auto* found = std::get_if<Kind>(&it->second)) {
                return found;
            }
        }
        return nullptr;
    }

private:
    template <typename Kind>
    [[nodiscard]] std::optional<console::CommandId> newestId() const
    {
        for (auto it = sent.rbegin(); it != sent.rend(); ++it) {
            if (std::holds_alternative<Kind>(it->second)) {
                return it->first;
            }
        }
        return std::nullopt;
    }

    console::CommandId lastId_ = 0;
    console::QueryId lastQuery_ = 0;
};

/// A walk of `n` values around `start`, the same for the same seed.
inline std::vector<float> walk(std::size_t n, double start, double step, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, step);
    std::vector<float> out;
    double value = start;
    for (std::size_t i = 0; i < n; ++i) {
        value += normal(random);
        out.push_back(static_cast<float>(value));
    }
    return out;
}

inline market::Instrument instrument(std::int64_t id, const std::string& name, int decimals)
{
    market::Instrument out;
    out.id = {id};
    out.name = name;
    out.tick = base::Scale::ofDecimals(decimals);
    out.lot = base::Scale::ofDecimals(1);
    out.contractValue = {1, -3};
    return out;
}

inline console::IngestSnapshot plausibleIngest(base::UtcMs now)
{
    console::IngestSnapshot out;
    out.state = console::EngineState::Running;
    out.feed = console::FeedState::Online;
    out.address = "ws://127.0.0.1:40123/ws/public";
    out.ticks = 4'713'902;
    out.ticksPerSecond = 1'284;
    out.newestTick = now;
    out.rate = walk(60, 1'284, 60, 1);
    struct Quoted {
        const char* name;
        int decimals;
        double price;
        double change;
    };
    static constexpr std::array quoted{
        Quoted{"BTC-USDT", 1, 64'120.4, 0.012},    Quoted{"ETH-USDT", 2, 3'131.20, 0.028},
        Quoted{"SOL-USDT", 2, 142.31, -0.004},     Quoted{"XRP-USDT", 4, 0.6121, 0.009},
        Quoted{"SHIB-USDT", 8, 0.00001847, 0.041}, Quoted{"DOGE-USDT", 4, 0.1190, -0.011},
        Quoted{"ADA-USDT", 4, 0.4402, 0.002},      Quoted{"AVAX-USDT", 2, 28.10, -0.020},
        Quoted{"LINK-USDT", 2, 13.92, 0.007},      Quoted{"LTC-USDT", 2, 71.20, 0.003},
        Quoted{"BNB-USDT", 1, 588.1, 0.005},       Quoted{"DOT-USDT", 3, 5.910, -0.008}};
    std::int64_t id = 0;
    for (const auto& q : quoted) {
        console::InstrumentRow row;
        row.instrument = instrument(++id, q.name, q.decimals);
        const market::Price last{static_cast<std::int64_t>(std::llround(q.price * std::pow(10.0, q.decimals)))};
        row.last = last;
        row.quote = market::Quote{now, {last.value - 1}, {last.value + 1}, {120}, {90}};
        row.change24h = q.change;
        row.lastTime = now;
        row.ticks = 390'000;
        row.isFresh = true;
        out.instruments.push_back(row);
    }
    return out;
}

inline console::StrategyRow strategy(const std::string& name, const std::string& idea, bool isEnabled,
                                     std::uint32_t closed, std::uint32_t won, double net)
{
    console::StrategyRow out;
    out.name = name;
    out.idea = idea;
    out.isEnabled = isEnabled;
    out.enabledBy = "default";
    out.parameterHash = "9f31c2a47be05d18";
    out.signals = closed + 41;
    out.blocked = 35;
    out.open = 3;
    out.closed = closed;
    out.won = won;
    out.net = {static_cast<std::int64_t>(net * 1e8)};
    return out;
}

inline console::EvaluationRow evaluation(const std::string& name, std::int64_t instrument, std::uint32_t trades,
                                         std::uint32_t won, double low, double high, std::optional<double> sharpe,
                                         double net, unsigned seed)
{
    console::EvaluationRow out;
    out.strategy = name;
    out.instrument = {instrument};
    out.trades = trades;
    out.won = won;
    out.winLow = low;
    out.winHigh = high;
    out.sharpe = sharpe;
    if (sharpe) {
        out.sharpeLow = *sharpe - 3.1;
        out.sharpeHigh = *sharpe + 3.1;
        out.sharpeDays = 41;
        out.isProvisional = trades < 40;
    }
    out.profitFactor = net > 0 ? 1.42 : 0.81;
    out.maxDrawdown = 0.048;
    out.net = {static_cast<std::int64_t>(net * 1e8)};
    out.equity = walk(std::min<std::size_t>(trades, 60), 0, 3, seed);
    for (std::size_t i = 0; i < out.equity.size(); ++i) {
        out.equity[i] += static_cast<float>(net * static_cast<double>(i) / static_cast<double>(out.equity.size()));
    }
    return out;
}

inline trading::OpenPosition position(const std::string& strategy, std::int64_t instrument, market::Side side,
                                      std::int64_t entry, base::UtcMs when)
{
    trading::OpenPosition out;
    out.decision.instrument = {instrument};
    out.decision.strategy = strategy;
    out.decision.parameterHash = "9f31c2a47be05d18";
    out.decision.side = side;
    out.decision.time = when;
    out.decision.stop = {entry - 400 * static_cast<int>(side)};
    out.decision.target = {entry + 600 * static_cast<int>(side)};
    out.decision.why = "20-bar high broken";
    out.size = {1'600};
    out.entry = {when, {12}, {entry}, {30'000'000}};
    out.timeLimit = when + base::Millis{3'600'000};
    return out;
}

inline console::PaperSnapshot plausiblePaper(base::UtcMs now)
{
    console::PaperSnapshot out;
    out.state = console::EngineState::Running;
    out.startEquity = base::usdt(10'000);
    out.equity = {1'042'816'000'000};
    out.since = now - base::oneDay * 3;
    out.today = {6'140'000'000};
    out.closedToday = 14;
    out.wonToday = 9;
    out.closedTotal = 412;
    out.profitFactor = 1.32;
    out.drawdown = 0.031;
    out.maxDrawdown = 0.052;
    auto curve = std::make_shared<std::vector<console::EquityPoint>>();
    const auto values = walk(1'200, 10'000, 6, 7);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto back = base::Millis{static_cast<std::int64_t>(values.size() - 1 - i) * 216'000};
        curve->push_back({now - back, {static_cast<std::int64_t>(static_cast<double>(values[i]) * 1e8)}});
    }
    out.curve = curve;
    out.strategies = {
        strategy("breakout", "close over the previous Donchian channel with volume", true, 231, 124, 318.42),
        strategy("ema_crossover", "EMA 9/21 with a least separation", true, 181, 78, -97.06)};
    out.evaluations = {evaluation("breakout", 2, 100, 71, 0.61, 0.79, 7.62, 84.1, 1),
                       evaluation("breakout", 5, 92, 64, 0.60, 0.78, 6.77, 61.0, 2),
                       evaluation("breakout", 1, 34, 19, 0.39, 0.71, 1.12, 21.5, 3),
                       evaluation("ema_crossover", 3, 41, 21, 0.36, 0.66, -0.41, -12.2, 4),
                       evaluation("ema_crossover", 2, 12, 7, 0.32, 0.81, std::nullopt, 6.0, 5),
                       evaluation("ema_crossover", 10, 8, 2, 0.07, 0.59, std::nullopt, -9.3, 6)};
    out.evaluations[4].profitFactor.reset();
    for (int i = 0; i < 3; ++i) {
        console::PositionRow row;
        row.position =
            position(i == 1 ? "ema_crossover" : "breakout", i + 1, i == 1 ? market::Side::Sell : market::Side::Buy,
                     i == 0   ? 642'010
                     : i == 1 ? 311'840
                              : 14'302,
                     now - base::Millis{(i + 1) * 760'000});
        row.last = market::Price{i == 0 ? 641'204 : i == 1 ? 313'120 : 14'231};
        row.unrealised = {i == 1 ? -205'000'000 : 164'000'000};
        row.unrealisedFraction = i == 1 ? -0.0041 : 0.0033;
        out.positions.push_back(row);
    }
    out.microsPerTick = 0.9;
    out.rate = walk(60, 1'284, 40, 9);
    out.tickLagP50 = 11;
    out.tickLagP99 = 38;
    return out;
}

inline trading::ClosedTrade closedTrade(base::UtcMs now)
{
    trading::ClosedTrade out;
    out.position = position("breakout", 2, market::Side::Buy, 310'980, now - base::Millis{6'240'000});
    out.exit = {now, {99}, {312'910}, {30'000'000}};
    out.reason = trading::ExitReason::Target;
    out.gross = {368'800'000};
    out.fees = {60'000'000};
    out.net = {308'800'000};
    return out;
}

inline console::StoreSnapshot plausibleStore()
{
    console::StoreSnapshot out;
    out.state = console::EngineState::Running;
    out.path = "/tmp/quarterdeck/demo.db";
    out.ticks = 24'713'902;
    out.bytes = 118'400'000;
    out.writeLagMs = 4;
    out.rowsPerSecond = 31'000;
    out.rate = walk(60, 31'000, 2'500, 11);
    return out;
}

inline console::HealthSnapshot plausibleHealth(base::UtcMs now)
{
    using console::EngineState;
    console::HealthSnapshot out;
    out.score = 92;
    out.label = console::HealthLabel::Excellent;
    out.raise = "memory would raise it most, by 2 points";
    out.probes = {{"CPU temperature", 61, 85, "°C", "", 82},
                  {"CPU", 34, 90, "%", "load 0.7", 100},
                  {"Memory", 72, 90, "%", "5.6 of 7.8 GB", 70},
                  {"Disk", 28, 90, "%", "61 GB free", 100},
                  {"Tick lag", 38, 500, "ms", "p99, limit 500 ms", 100},
                  {"Write lag", 4, 1'000, "ms", "", 100},
                  {"Gaps today", 0, 10, "", "none missing", 100}};
    const auto beat = [](const char* name, EngineState state, std::int64_t up, std::int64_t since) {
        console::ServiceRow row;
        row.name = name;
        row.state = state;
        if (state == EngineState::Running) {
            row.uptime = base::Millis{up};
        }
        row.sinceBeat = base::Millis{since};
        return row;
    };
    out.services = {beat("Ingest", EngineState::Running, 25'920'000, 200),
                    beat("Paper trading", EngineState::Running, 25'920'000, 100),
                    beat("Store writer", EngineState::Running, 25'920'000, 0),
                    beat("Health", EngineState::Running, 25'921'000, 400),
                    beat("Demo exchange", EngineState::Running, 25'922'000, 100)};
    auto history = std::make_shared<console::ProbeHistory>();
    const auto temperature = walk(1'440, 62, 0.5, 21);
    const auto load = walk(1'440, 0.34, 0.01, 22);
    for (std::size_t i = 0; i < temperature.size(); ++i) {
        const auto time = now - base::Millis{static_cast<std::int64_t>(temperature.size() - 1 - i) * 60'000};
        const double pull = 60 + 0.2 * (static_cast<double>(temperature[i]) - 60);
        (*history)["CPU temperature"].push_back({time, i > 1'000 && i < 1'080 ? pull + 27 : pull});
        (*history)["CPU"].push_back({time, 100 * std::clamp(static_cast<double>(load[i]), 0.05, 0.95)});
        (*history)["Memory"].push_back({time, 60 + 0.01 * static_cast<double>(i)});
        (*history)["Tick lag"].push_back({time, 30 + 20 * static_cast<double>(load[i])});
    }
    out.history = history;
    return out;
}

/// Two proven backups and one that failed between them; the folder is on another disk.
inline console::CareSnapshot plausibleCare(base::UtcMs now)
{
    console::CareSnapshot out;
    out.state = console::EngineState::Running;
    out.policy.folder = "/mnt/backups";
    out.folderFree = 412'000'000'000;
    const auto row = [&](std::int64_t id, int hoursAgo, const std::string& error) {
        return health::BackupRow{.id = id,
                                 .began = now - base::Millis{hoursAgo * 3'600'000LL},
                                 .took = base::Millis{2'400},
                                 .by = "schedule",
                                 .file = "/mnt/backups/demo-2025112" + std::to_string(id) + "-060000.db",
                                 .bytes = error.empty() ? 118'400'000U : 0U,
                                 .proof = error.empty() ? "23 tables, 33,412 rows and 1,512 blocks restored and "
                                                          "compared, sha256 3fa2c1d09b7e4a15"
                                                        : "",
                                 .error = error,
                                 .removed = {}};
    };
    out.backups = {row(3, 2, ""), row(2, 8, "the disk is full"), row(1, 14, "")};
    out.next = now + base::Millis{4 * 3'600'000LL};
    out.standing = health::backupStanding(out.backups, out.policy, now, now - base::oneDay);
    out.freePageBytes = 2'100'000;
    out.bytesPerDay = 3'900'000;
    out.daysUntilFull = 15'000;
    return out;
}

/// The candles of the watched chart: 140 of them up to `now`, ending near `last`.
inline console::ChartSnapshot plausibleChart(base::UtcMs now,
                                             const console::WatchChart& watched = {{2}, market::Timeframe::M5},
                                             std::int64_t last = 313'120)
{
    console::ChartSnapshot out;
    out.instrument = watched.instrument;
    out.timeframe = watched.timeframe;
    auto closed = std::make_shared<std::vector<market::Candle>>();
    auto marks = std::make_shared<std::vector<console::TradeMark>>();
    constexpr std::size_t n = 140;
    const double step = static_cast<double>(last) * 0.0022;
    auto closes = walk(n, 0, step, 31);
    const auto width = market::length(out.timeframe);
    const base::UtcMs end = base::bucketStart(now, width);
    const auto priceAt = [&](std::size_t i) {
        return last + static_cast<std::int64_t>(static_cast<double>(closes[i]) - static_cast<double>(closes.back()));
    };
    std::int64_t open = priceAt(0);
    for (std::size_t i = 0; i < n; ++i) {
        const auto close = priceAt(i);
        const base::UtcMs start = end - width * static_cast<std::int64_t>(n - i);
        const auto reach = static_cast<std::int64_t>(step * (0.3 + static_cast<double>(i * 37 % 100) / 90));
        const std::int64_t volume = 800 + static_cast<std::int64_t>(i * 91 % 1'700);
        closed->push_back({start,
                           {open},
                           {std::max(open, close) + reach},
                           {std::min(open, close) - reach},
                           {close},
                           {volume},
                           volume / 2,
                           40,
                           false});
        if (i % 30 == 20) {
            marks->push_back(
                {start + base::Millis{1'000}, {close}, market::Side::Buy, true, false, "breakout long, entry"});
            marks->push_back({start + width * 6, {close}, market::Side::Sell, false, false, "breakout long, exit"});
        }
        open = close;
    }
    out.closed = closed;
    out.marks = marks;
    out.forming =
        market::Candle{end, {open}, {std::max(open, last)}, {std::min(open, last)}, {last}, {400}, 250, 20, false};
    out.last = market::Price{last};
    return out;
}

/// All mailboxes filled, as after some hours of running.
inline void fill(FakeConsole& console, base::UtcMs now)
{
    console.consoleInfo.startedAt = now - base::Millis{25'920'000};
    console.ingestBox.put(plausibleIngest(now));
    console.paperBox.put(plausiblePaper(now));
    console.onWatch = [&console, now](const console::WatchChart& watched) {
        std::int64_t last = 313'120;
        for (const auto& row : console.ingestBox.get()->instruments) {
            last = row.instrument.id == watched.instrument && row.last ? row.last->value : last;
        }
        console.chartBox.put(plausibleChart(now, watched, last));
    };
    console.onWatch({{2}, market::Timeframe::M5});
    console.storeBox.put(plausibleStore());
    auto health = plausibleHealth(now);
    health.care = std::make_shared<const console::CareSnapshot>(plausibleCare(now));
    console.healthBox.put(std::move(health));
}

} // namespace qd::testkit
