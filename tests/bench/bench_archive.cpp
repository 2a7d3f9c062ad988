#include "bench/bench.h"
#include "engines/file_import.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <span>

namespace qd::bench {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t spanTicks = 16'384;
constexpr std::size_t transactionTicks = 16 * spanTicks; // as floors/block_store commits

fs::path freshDatabase(const std::string& folder)
{
    const auto file = fs::path(folder) / "bench.db";
    fs::create_directories(folder);
    for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
        fs::remove(file.string() + suffix);
    }
    return file;
}

double writeAll(storage::Database& database, base::InstrumentId instrument,
                const std::vector<storage::NumberedTick>& ticks)
{
    storage::TickArchiveWriter writer(database);
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at < ticks.size(); at += transactionTicks) {
        const auto part = std::span(ticks).subspan(at, std::min(transactionTicks, ticks.size() - at));
        need(database.begin());
        for (std::size_t i = 0; i < part.size(); i += spanTicks) {
            need(writer.append(instrument, part.subspan(i, std::min(spanTicks, part.size() - i))));
        }
        if (at + part.size() == ticks.size()) {
            need(writer.seal());
        }
        need(database.commit(false));
    }
    const auto seconds = secondsSince(start);
    need(database.checkpoint());
    return seconds;
}

/// Seconds to read `range`; counts what came, and compares it with `ticks` from `first` on when `isChecked`.
double readRange(storage::Database& database, base::InstrumentId instrument, storage::TimeRange range,
                 const std::vector<storage::NumberedTick>& ticks, bool isChecked, std::size_t& count)
{
    storage::TickArchive archive(database);
    count = 0;
    std::int64_t sum = 0;
    bool isEqual = true;
    const auto start = std::chrono::steady_clock::now();
    need(archive.read(instrument, range, [&](std::span<const storage::NumberedTick> found) {
        isEqual = isEqual && (!isChecked || std::ranges::equal(found, std::span(ticks).subspan(count, found.size())));
        count += found.size();
        sum += found.empty() ? 0 : found.back().tick.price.value;
        return true;
    }));
    const auto seconds = secondsSince(start);
    if (!isEqual || sum == 0) {
        throw std::runtime_error("The archive gave back other ticks than it got");
    }
    return seconds;
}

} // namespace

void benchArchive(const std::string& tickFile, const std::string& folder)
{
    std::vector<storage::NumberedTick> ticks;
    for (const auto& tick : loadTicks(tickFile, std::numeric_limits<std::size_t>::max())) {
        ticks.push_back({{static_cast<std::int64_t>(ticks.size()) + 1}, tick});
    }
    const auto file = freshDatabase(folder);
    auto database = need(storage::Database::open(file, storage::Database::Mode::ReadWrite));
    const auto instrument = need(storage::InstrumentStore(database).put(benchInstrument())).id;
    const auto writeSeconds = writeAll(database, instrument, ticks);

    std::size_t count = 0;
    (void)readRange(database, instrument, {}, ticks, true, count);
    if (count != ticks.size()) {
        throw std::runtime_error("The archive holds another number of ticks than it got");
    }
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < 4; ++round) {
        best = std::min(best, readRange(database, instrument, {}, ticks, false, count));
    }
    // A hundredth of the time, out of the middle.
    const auto from = ticks.front().tick.time.value;
    const auto length = ticks.back().tick.time.value - from;
    std::size_t inRange = 0;
    const auto rangeSeconds = readRange(database, instrument, {{from + length / 2}, {from + length / 2 + length / 100}},
                                        ticks, false, inRange);
    const auto summary = need(storage::TickArchive(database).summary(instrument));
    const auto n = static_cast<double>(ticks.size());
    std::printf("{\"ticks\": %zu, \"blocks\": %llu, \"bytes_per_tick\": %.4f, \"file_bytes_per_tick\": %.4f, "
                "\"write_ticks_per_s\": %.0f, \"read_ticks_per_s\": %.0f, \"range_ticks\": %zu, \"range_ms\": %.3f}\n",
                ticks.size(), static_cast<unsigned long long>(summary.blocks), static_cast<double>(summary.bytes) / n,
                static_cast<double>(fs::file_size(file)) / n, n / writeSeconds, n / best, inRange, rangeSeconds * 1000);
}

void benchImport(const std::string& csvFile, const std::string& kind, const std::string& folder)
{
    const auto file = freshDatabase(folder);
    engines::ImportOptions options{.database = file, .file = csvFile, .instrument = "BTC-USDT"};
    if (kind == "candles") {
        options.candles = market::Timeframe::M1;
    }
    const auto start = std::chrono::steady_clock::now();
    const auto outcome = need(engines::importFile(options, {}));
    const auto seconds = secondsSince(start);
    std::printf("{\"rows\": %llu, \"seconds\": %.4f, \"rows_per_s\": %.0f, \"file_bytes_per_row\": %.4f}\n",
                static_cast<unsigned long long>(outcome.rows), seconds, static_cast<double>(outcome.rows) / seconds,
                static_cast<double>(fs::file_size(file)) / static_cast<double>(outcome.rows));
}

} // namespace qd::bench
