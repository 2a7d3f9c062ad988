#include "bench/bench.h"
#include "engines/engine_host.h"

#include <QCoreApplication>

#include <cstdio>
#include <filesystem>
#include <thread>

namespace qd::bench {

void benchLive(int port, std::size_t count, const std::string& folder)
{
    using namespace std::chrono_literals;
    int argc = 1;
    char name[] = "bench_quarterdeck";
    char* argv[] = {name, nullptr};
    const QCoreApplication application(argc, argv);

    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto address = "127.0.0.1:" + std::to_string(port);
    auto host = need(engines::EngineHost::start({.dataDir = folder,
                                                 .feed = "ws://" + address + "/ws/public",
                                                 .restUrl = "http://" + address,
                                                 .instruments = {"BTC-USDT"},
                                                 .version = "bench"}));
    const auto deadline = std::chrono::steady_clock::now() + 180s;
    const auto wait = [&](const auto& isDone) {
        while (!isDone()) {
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("The engines did not get through all ticks within three minutes");
            }
            std::this_thread::sleep_for(2ms);
        }
    };
    wait([&] {
        const auto seen = host->ingest().get();
        return seen && seen->ticks > 0;
    });
    const auto start = std::chrono::steady_clock::now();
    const auto before = host->ingest().get()->ticks;
    const auto cpuBefore = cpuSeconds();
    wait([&] {
        const auto seen = host->store().get();
        return seen && seen->ticks >= count;
    });
    const auto storedSeconds = secondsSince(start);
    host->stop(); // paper finishes what it has
    const auto seconds = secondsSince(start);
    const auto cpu = cpuSeconds() - cpuBefore;
    const auto paper = host->paper().get();
    const auto timed = static_cast<double>(count - before);
    std::printf("{\"ticks\": %zu, \"stored_per_s\": %.0f, \"finished_per_s\": %.0f, \"cpu_us_per_tick\": %.3f, "
                "\"closed_trades\": %u}\n",
                count, timed / storedSeconds, timed / seconds, cpu / timed * 1e6, paper ? paper->closedTotal : 0);
}

} // namespace qd::bench
