#include "bench/bench.h"
#include "engines/file_import.h"
#include "engines/replay.h"
#include "storage/ledger_store.h"
#include "storage/model_store.h"
#include "storage/tick_archive.h"
#include "testkit/trained_model.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>

namespace qd::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t spanTicks = 16'384;
constexpr std::int64_t between = 60'000; // ms from one round of the file to the next, as floors/replay has it

fs::path databaseIn(const std::string& folder)
{
    return fs::path(folder) / "replay.db";
}

void removeDatabase(const fs::path& file)
{
    for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
        fs::remove(file.string() + suffix);
    }
}

/// MB of a line of /proc/self/status.
double megabytes(const std::string& name)
{
    std::ifstream in("/proc/self/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(name + ":")) {
            return std::stod(line.substr(name.size() + 1)) / 1024;
        }
    }
    throw std::runtime_error("/proc/self/status has no " + name);
}

/// A replay with its ledger kept and committed; memory as it was before, and at most.
void printReplay(engines::ReplayOptions options, const std::string& folder)
{
    options.keepsTrades = false;
    options.ledger = fs::path(folder) / "ledger.db";
    removeDatabase(options.ledger);
    const auto idle = megabytes("VmRSS");
    const auto cpu = cpuSeconds();
    const auto start = std::chrono::steady_clock::now();
    const auto done = need(engines::replay(options, {}));
    const auto seconds = secondsSince(start);
    auto ledger = need(storage::Database::open(options.ledger, storage::Database::Mode::ReadOnly));
    const auto stored = need(storage::LedgerStore(ledger).counts());
    if (stored.trades != done.trades || stored.signals != done.untraded) {
        throw std::runtime_error("The ledger holds another number of rows than the replay made");
    }
    std::printf("{\"ticks\": %llu, \"trades\": %llu, \"untraded\": %llu, \"seconds\": %.4f, \"cpu_seconds\": %.4f, "
                "\"idle_megabytes\": %.1f, \"most_megabytes\": %.1f, \"hash\": \"%s\"}\n",
                static_cast<unsigned long long>(done.ticks), static_cast<unsigned long long>(done.trades),
                static_cast<unsigned long long>(done.untraded), seconds, cpuSeconds() - cpu, idle, megabytes("VmHWM"),
                done.ledgerHash.c_str());
}

} // namespace

void makeReplayArchive(const std::string& tickFile, std::size_t rounds, const std::string& folder)
{
    const auto ticks = loadTicks(tickFile, std::numeric_limits<std::size_t>::max());
    fs::create_directories(folder);
    removeDatabase(databaseIn(folder));
    auto database = need(storage::Database::open(databaseIn(folder), storage::Database::Mode::ReadWrite));
    need(database.begin());
    const auto instrument = need(storage::InstrumentStore(database).put(benchInstrument())).id;
    need(database.commit(false));
    std::int64_t shift = 0;
    std::int64_t number = 0;
    std::vector<storage::NumberedTick> part;
    for (std::size_t round = 0; round < rounds; ++round) {
        storage::TickArchiveWriter writer(database);
        need(database.begin());
        for (std::size_t at = 0; at < ticks.size(); at += spanTicks) {
            part.clear();
            for (std::size_t i = at; i < std::min(at + spanTicks, ticks.size()); ++i) {
                auto tick = ticks[i];
                tick.id = ++number;
                tick.time = {tick.time.value + shift};
                part.push_back({{number}, tick});
            }
            need(writer.append(instrument, part));
        }
        need(writer.seal());
        need(database.commit(false));
        shift += ticks.back().time.value + between - ticks.front().time.value;
    }
    need(database.checkpoint());
    std::printf("{\"ticks\": %lld}\n", static_cast<long long>(number));
}

void addChampion(const std::string& folder)
{
    auto database = need(storage::Database::open(databaseIn(folder), storage::Database::Mode::ReadWrite));
    const auto instrument = need(storage::InstrumentStore(database).all()).front();
    const auto summary = need(storage::TickArchive(database).summary(instrument.id));
    const auto version = testkit::trainedModel(
        {.knows = summary.firstTime, .instrument = instrument.name, .parameters = {.rounds = 300, .depth = 6}});
    auto record = need(governance::recordOf(*version, 1, summary.firstTime));
    record.stage = governance::ModelStage::Champion;
    need(database.begin());
    need(storage::ModelStore(database).add({record, "made", version}));
    const auto name = trading::text({"gbt_5m 1", version->bytesHash});
    need(storage::LedgerStore(database).addInputs(
        {{instrument.id, {0}, "gbt_5m", true, trading::InputKind::Model, name}}));
    need(database.commit(false));
    need(database.checkpoint());
    std::printf("{\"trees\": %u}\n", version->lineage.trees);
}

void benchReplay(const std::string& folder)
{
    printReplay({.database = databaseIn(folder)}, folder);
}

void makeCandleArchive(const std::string& csvFile, const std::string& folder)
{
    fs::create_directories(folder);
    removeDatabase(databaseIn(folder));
    const engines::ImportOptions options{
        .database = databaseIn(folder), .file = csvFile, .instrument = "XBT-USDT", .candles = market::Timeframe::M1};
    const auto done = need(engines::importFile(options, {}));
    std::printf("{\"rows\": %llu}\n", static_cast<unsigned long long>(done.rows));
}

void benchCandleReplay(const std::string& folder, const std::string& strategy)
{
    engines::ReplayOptions options{
        .database = databaseIn(folder), .strategies = {strategy}, .candles = market::Timeframe::M1};
    options.policy.notional = base::usdt(200'000); // this file counts in whole coins
    printReplay(options, folder);
}

} // namespace qd::bench
