#include "base/heap.h"
#include "bench/bench.h"

#include <sys/resource.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <string_view>

namespace qd::bench {

std::vector<market::Tick> loadTicks(const std::string& file, std::size_t most)
{
    struct Row {
        std::int64_t time;
        std::int32_t price;
        std::uint32_t size;
    };
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        throw std::runtime_error("There is no tick file " + file);
    }
    std::vector<market::Tick> ticks;
    for (Row row{}; ticks.size() < most && in.read(reinterpret_cast<char*>(&row), sizeof row);) {
        const auto size = static_cast<std::int64_t>(row.size >> 1);
        ticks.push_back({.id = static_cast<std::int64_t>(ticks.size()) + 1,
                         .time = {row.time},
                         .price = {row.price},
                         .signedSize = (row.size & 1) != 0 ? -size : size});
    }
    return ticks;
}

market::Instrument benchInstrument()
{
    market::Instrument instrument;
    instrument.name = "BTC-USDT";
    instrument.tick = base::Scale::ofDecimals(1);
    instrument.lot = base::Scale::ofDecimals(1);
    instrument.contractValue = {1, -3};
    return instrument;
}

std::string tradeFrame(const market::Tick& tick)
{
    char text[300];
    const auto size = tick.size().value;
    const int length = std::snprintf(
        text, sizeof text,
        R"({"arg":{"channel":"trades","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"%lld","price":"%lld.%lld",)"
        R"("size":"%lld.%lld","side":"%s","ts":"%lld"}]})",
        static_cast<long long>(tick.id), static_cast<long long>(tick.price.value / 10),
        static_cast<long long>(tick.price.value % 10), static_cast<long long>(size / 10),
        static_cast<long long>(size % 10), tick.signedSize < 0 ? "sell" : "buy",
        static_cast<long long>(tick.time.value));
    return {text, static_cast<std::size_t>(length)};
}

double cpuSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

namespace {

int run(const std::vector<std::string>& arguments)
{
    const auto is = [&](std::string_view mode, std::size_t count) {
        return arguments.size() == count + 1 && arguments[0] == mode;
    };
    if (is("frames", 2)) {
        benchFrames(arguments[1], std::stoull(arguments[2]));
    } else if (is("archive", 2)) {
        benchArchive(arguments[1], arguments[2]);
    } else if (is("import", 3)) {
        benchImport(arguments[1], arguments[2], arguments[3]);
    } else if (is("indicators", 1)) {
        benchIndicators(arguments[1]);
    } else if (is("strategies", 1)) {
        benchStrategies(arguments[1]);
    } else if (is("backup", 2)) {
        benchBackup(arguments[1], arguments[2]);
    } else if (is("evaluations", 1)) {
        benchEvaluations(arguments[1]);
    } else if (is("api", 3)) {
        benchApi(arguments[1], std::stoi(arguments[2]), std::stoi(arguments[3]));
    } else if (is("api-of", 4)) {
        benchApiOf(arguments[1], arguments[2], std::stoi(arguments[3]), std::stoi(arguments[4]));
    } else if (is("api-at", 3)) {
        benchApiAt(static_cast<std::uint16_t>(std::stoul(arguments[1])), std::stoi(arguments[2]),
                   std::stoi(arguments[3]));
    } else if (is("stoplab", 1) || is("stoplab", 2)) {
        benchStopLab(arguments[1], arguments.size() > 2);
    } else if (is("replay-archive", 3)) {
        makeReplayArchive(arguments[1], std::stoull(arguments[2]), arguments[3]);
    } else if (is("replay-champion", 1)) {
        addChampion(arguments[1]);
    } else if (is("replay", 1)) {
        benchReplay(arguments[1]);
    } else if (is("candle-archive", 2)) {
        makeCandleArchive(arguments[1], arguments[2]);
    } else if (is("candle-replay", 2)) {
        benchCandleReplay(arguments[1], arguments[2]);
    } else if (is("features", 1)) {
        benchFeatures(arguments[1]);
    } else if (is("families", 1)) {
        trainFamilies(std::stoull(arguments[1]));
    } else if (is("model", 4)) {
        benchModel(std::stoull(arguments[1]), std::stoull(arguments[2]),
                   static_cast<std::uint32_t>(std::stoul(arguments[3])),
                   static_cast<std::uint32_t>(std::stoul(arguments[4])));
    } else if (is("walk", 4)) {
        benchWalk(std::stoull(arguments[1]), std::stoull(arguments[2]),
                  static_cast<std::uint32_t>(std::stoul(arguments[3])),
                  static_cast<std::uint32_t>(std::stoul(arguments[4])));
    } else if (is("permutations", 3)) {
        benchPermutations(std::stoull(arguments[1]), std::stoull(arguments[2]),
                          static_cast<std::uint32_t>(std::stoul(arguments[3])));
    } else if (is("live", 3)) {
        benchLive(std::stoi(arguments[1]), std::stoull(arguments[2]), arguments[3]);
    } else if (is("latency", 3)) {
        benchLatency(std::stoi(arguments[1]), std::stoull(arguments[2]), arguments[3]);
    } else if (is("retrain", 2)) {
        benchRetrain(arguments[1], arguments[2]);
    } else if (is("retrain-latency", 3)) {
        benchRetrainLatency(std::stoi(arguments[1]), std::stoull(arguments[2]), arguments[3]);
    } else if (is("switch", 3)) {
        benchSwitch(std::stoi(arguments[1]), std::stoull(arguments[2]), arguments[3]);
    } else if (is("serve", 2)) {
        serveFrames(arguments[1], std::stoull(arguments[2]), 0, 1);
    } else if (is("serve", 3)) {
        serveFrames(arguments[1], std::stoull(arguments[2]), std::stod(arguments[3]), 1);
    } else if (is("serve", 4)) {
        serveFrames(arguments[1], std::stoull(arguments[2]), std::stod(arguments[3]), std::stoull(arguments[4]));
    } else {
        std::fputs(
            "usage: bench_quarterdeck frames TICKS N | archive TICKS FOLDER | import CSV ticks|candles FOLDER\n"
            "       | indicators TICKS | strategies TICKS | evaluations FOLDER | stoplab DATABASE [replay]\n"
            "       | backup DATABASE FOLDER\n"
            "       | replay-archive TICKS ROUNDS FOLDER | replay-champion FOLDER | replay FOLDER\n"
            "       | candle-archive CSV FOLDER | candle-replay FOLDER STRATEGY\n"
            "       | features TICKS | model ROWS COLUMNS TREES THREADS | families PERMUTATIONS\n"
            "       | walk ROWS COLUMNS TREES THREADS | permutations ROWS COLUMNS THREADS\n"
            "       | serve TICKS N [PER_SECOND [BURST]] | live PORT N FOLDER | latency PORT N FOLDER | switch "
            "PORT N FOLDER\n"
            "       | api FOLDER ROUNDS CLIENTS | api-of DATABASE FOLDER ROUNDS CLIENTS | api-at PORT ROUNDS CLIENTS\n"
            "       | retrain FOLDER MODEL|all | retrain-latency PORT N FOLDER\n",
            stderr);
        return 2;
    }
    return 0;
}

} // namespace

} // namespace qd::bench

int main(int argc, char** argv)
{
    qd::base::boundHeap(); // as the program does
    try {
        return qd::bench::run({argv + 1, argv + argc});
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
