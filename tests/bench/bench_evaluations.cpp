#include "bench/bench.h"
#include "engines/evaluation_queries.h"
#include "storage/instrument_store.h"
#include "trading/strategy_catalogue.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <random>
#include <stdexcept>

namespace qd::bench {

namespace {

constexpr std::size_t wanted = 33'400;
constexpr std::size_t instrumentCount = 20;
constexpr int days = 60;
constexpr base::UtcMs start{1'758'844'800'000}; // 2025-09-26, midnight
constexpr auto timeframe = market::Timeframe::H4;

/// Each row one after the other, held up to ten hours, over 60 days: some 2 of 5 over a midnight.
trading::ClosedTrade tradeOf(const std::string& strategy, base::InstrumentId instrument, std::int64_t number,
                             base::UtcMs entered, std::mt19937_64& random)
{
    trading::ClosedTrade out;
    auto& decision = out.position.decision;
    decision.instrument = instrument;
    decision.strategy = strategy;
    decision.parameterHash = trading::ParameterSet(strategy, trading::findStrategy(strategy)->parameters).hash();
    decision.side = random() % 2 == 0 ? market::Side::Buy : market::Side::Sell;
    decision.number = {number};
    decision.time = entered;
    out.position.size = {5'000};
    out.position.entry = {.time = entered, .number = {number + 1}, .price = {10'000}, .fee = {30'000'000}};
    const base::Millis held{static_cast<std::int64_t>(random() % 36'000'000) + 1};
    out.exit = {.time = entered + held, .number = {number + 5}, .price = {10'000}, .fee = {30'000'000}};
    out.net = {static_cast<std::int64_t>(random() % 2'000'000'000) - 1'000'000'000};
    out.optimistic = out.net;
    out.pessimistic = out.net;
    return out;
}

void fill(storage::Database& database)
{
    storage::LedgerStore ledger(database);
    storage::CandleStore candles(database);
    std::mt19937_64 random(1);
    const auto catalogue = trading::strategyCatalogue();
    const auto rows = catalogue.size() * instrumentCount;
    std::size_t made = 0;
    need(database.begin());
    for (std::size_t i = 0; i < instrumentCount; ++i) {
        market::Instrument instrument;
        instrument.name = "I" + std::to_string(i) + "-USDT";
        instrument.tick = base::Scale::ofDecimals(2);
        instrument.lot = base::Scale::ofDecimals(3);
        instrument = need(storage::InstrumentStore(database).put(instrument));
        std::vector<market::Candle> bars;
        for (int bar = 0; bar < days * 6; ++bar) {
            const market::Price close{9'800 + static_cast<std::int64_t>(random() % 400)};
            bars.push_back({.start = start + bar * market::length(timeframe),
                            .open = close,
                            .high = close,
                            .low = close,
                            .close = close,
                            .volume = {1}});
        }
        need(candles.append(instrument.id, timeframe, bars));
        for (std::size_t s = 0; s < catalogue.size(); ++s) {
            const auto row = i * catalogue.size() + s;
            const auto count = (row + 1) * wanted / rows - row * wanted / rows;
            const auto every = base::Millis{days * base::oneDay.count() / static_cast<std::int64_t>(count)};
            for (std::size_t n = 0; n < count; ++n, ++made) {
                const auto at = start + static_cast<std::int64_t>(n) * every;
                need(ledger.apply(tradeOf(std::string(catalogue[s].name), instrument.id,
                                          static_cast<std::int64_t>(n) * 10 + 1, at, random)));
            }
        }
    }
    for (int minute = 0; minute < days * 288; ++minute) {
        need(ledger.addEquity({start + minute * base::Millis{300'000}, base::usdt(260'000), base::usdt(260'000)}));
    }
    need(database.commit(true));
}

} // namespace

void makeLedger(const std::string& file)
{
    std::filesystem::remove(file);
    auto database = need(storage::Database::open(file, storage::Database::Mode::ReadWrite));
    fill(database);
}

void benchEvaluations(const std::string& folder)
{
    const auto file = std::filesystem::path(folder) / "evaluations.db";
    makeLedger(file.string());
    auto database = need(storage::Database::open(file, storage::Database::Mode::ReadOnly));
    const auto policy = base::defaultPaperPolicy();
    double first = std::numeric_limits<double>::max();
    double firstCpu = first; // a shared machine makes the clock's figure larger
    double nextCpu = first;
    double next = first;
    double top = first;
    std::size_t rows = 0;
    std::uint32_t trades = 0;
    for (int round = 0; round < 5; ++round) {
        engines::EvaluationDesk desk;
        auto begun = std::chrono::steady_clock::now();
        auto cpu = cpuSeconds();
        const auto all = need(desk.answer(database, {.days = 0}, policy));
        first = std::min(first, secondsSince(begun));
        firstCpu = std::min(firstCpu, cpuSeconds() - cpu);
        begun = std::chrono::steady_clock::now();
        cpu = cpuSeconds();
        const auto again = need(desk.answer(database, {.days = 0}, policy));
        next = std::min(next, secondsSince(begun));
        nextCpu = std::min(nextCpu, cpuSeconds() - cpu);
        begun = std::chrono::steady_clock::now();
        const auto best = trading::best(again.rows, 10);
        top = std::min(top, secondsSince(begun));
        rows = all.rows.size() + all.strategies.size() + 1;
        trades = again.roster.trades;
        if (best.empty() || trades != wanted) {
            throw std::runtime_error("the evaluations are not those of all trades");
        }
    }
    std::printf("{\"trades\": %u, \"evaluations\": %zu, \"first_ms\": %.2f, \"first_cpu_ms\": %.2f, \"next_ms\": %.2f, "
                "\"next_cpu_ms\": %.2f, \"top_ms\": %.4f}\n",
                trades, rows, first * 1e3, firstCpu * 1e3, next * 1e3, nextCpu * 1e3, top * 1e3);
}

} // namespace qd::bench
