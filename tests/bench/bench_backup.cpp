#include "bench/bench.h"

#include "storage/backup.h"
#include "storage/database.h"
#include "storage/instrument_store.h"
#include "storage/tick_archive.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace qd::bench {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t ticksAtOnce = 2'000;
constexpr auto every = 100ms; // so 20,000 a second

/// `cp` and `sync`, as an operator would.
double copySeconds(const fs::path& from, const fs::path& to)
{
    const auto start = Clock::now();
    const auto command =
        "cp --reflink=never '" + from.string() + "' '" + to.string() + "' && sync '" + to.string() + "'";
    if (std::system(command.c_str()) != 0) {
        throw std::runtime_error("cp or sync failed");
    }
    const auto seconds = secondsSince(start);
    fs::remove(to);
    return seconds;
}

/// Commits ticks at a fixed rate as the store does, until it is stopped; `worst` is the longest that a batch was late.
void write(storage::Database& database, base::InstrumentId instrument, const std::atomic<bool>& isDone, double& worst,
           std::size_t& written)
{
    storage::TickArchiveWriter writer(database);
    const auto last = need(storage::TickArchive(database).summary(instrument));
    auto id = last.lastId;
    auto number = last.lastNumber.value;
    auto due = Clock::now();
    auto synced = due;
    while (!isDone) {
        std::vector<storage::NumberedTick> ticks;
        for (std::size_t i = 0; i < ticksAtOnce; ++i) {
            ++id;
            ticks.push_back({{++number},
                             {.id = id,
                              .time = last.lastTime + base::Millis{id - last.lastId},
                              .price = {640'000 + id % 50},
                              .signedSize = id % 2 == 0 ? 3 : -5}});
        }
        need(database.begin());
        need(writer.append(instrument, ticks));
        const bool isDurable = Clock::now() - synced >= 1s;
        need(database.commit(isDurable));
        synced = isDurable ? Clock::now() : synced;
        worst = std::max(worst, secondsSince(due));
        written += ticksAtOnce;
        due += every;
        std::this_thread::sleep_until(due);
    }
}

storage::MadeBackup backUp(const fs::path& database, const fs::path& file, double& seconds)
{
    const auto start = Clock::now();
    auto made = need(storage::makeBackup({.database = database, .file = file, .now = base::SystemClock().now()}));
    seconds = secondsSince(start);
    fs::remove(file);
    return made;
}

/// Each in turn with the bare copy, so that both meet the same machine.
struct Rounds {
    std::vector<double> bare;
    std::vector<double> copied;
    std::vector<double> proven;
    double cpu = 0; // of one backup, with whoever writes beside it
    storage::MadeBackup last;
};

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

Rounds inTurn(const fs::path& database, const fs::path& file, int rounds)
{
    Rounds out;
    for (int i = 0; i < rounds; ++i) {
        out.bare.push_back(copySeconds(database, file));
        const double before = cpuSeconds();
        double seconds = 0;
        out.last = backUp(database, file, seconds);
        out.cpu += (cpuSeconds() - before) / rounds;
        out.copied.push_back(out.last.copySeconds);
        out.proven.push_back(seconds);
    }
    return out;
}

} // namespace

void benchBackup(const std::string& source, const std::string& folder)
{
    constexpr int rounds = 7;
    fs::create_directories(folder);
    const auto database = fs::path(folder) / "bench.db";
    fs::copy_file(source, database, fs::copy_options::overwrite_existing);
    (void)need(storage::Database::open(database, storage::Database::Mode::ReadWrite)); // of an older version too
    ::sync();
    const auto file = fs::path(folder) / "backup.db";
    (void)copySeconds(database, file); // the pages of both sides are warm
    const auto idle = inTurn(database, file, rounds);
    auto writer = need(storage::Database::open(database, storage::Database::Mode::ReadWrite));
    const auto instruments = need(storage::InstrumentStore(writer).all());
    std::atomic<bool> isDone = false;
    double worst = 0;
    std::size_t written = 0;
    std::thread ticks([&] { write(writer, instruments.front().id, isDone, worst, written); });
    std::this_thread::sleep_for(1s);
    const double before = worst;
    worst = 0;
    const auto busy = inTurn(database, file, rounds);
    isDone = true;
    ticks.join();
    const auto& made = busy.last;
    std::printf("{\"bytes\":%llu,\"rounds\":%d,\"cp_sync_s\":%.3f,\"copy_s\":%.3f,\"proven_s\":%.3f,\"cpu_s\":%.3f,"
                "\"proven_by_cp\":%.2f,\"cp_sync_busy_s\":%.3f,\"copy_busy_s\":%.3f,\"proven_busy_s\":%.3f,"
                "\"cpu_busy_s\":%.3f,\"proven_busy_by_cp\":%.2f,\"proven_busy_by_cp_busy\":%.2f,"
                "\"copied_by_pages\":%.3f,\"ticks_written\":%zu,\"late_before_s\":%.3f,\"late_s\":%.3f,\"rows\":%llu,"
                "\"blocks\":%llu}\n",
                static_cast<unsigned long long>(made.bytes), rounds, median(idle.bare), median(idle.copied),
                median(idle.proven), idle.cpu, median(idle.proven) / median(idle.bare), median(busy.bare),
                median(busy.copied), median(busy.proven), busy.cpu, median(busy.proven) / median(idle.bare),
                median(busy.proven) / median(busy.bare),
                static_cast<double>(made.pagesCopied) / static_cast<double>(made.pages), written, before, worst,
                static_cast<unsigned long long>(made.restored.proof.rows()),
                static_cast<unsigned long long>(made.restored.blocks));
}

} // namespace qd::bench
