#include "bench/bench.h"
#include "engines/engine_host.h"

#include <QCoreApplication>

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

namespace qd::bench {

namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t million = 1'000'000;

engines::HostOptions optionsFor(int port, const std::string& folder)
{
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto address = "127.0.0.1:" + std::to_string(port);
    return {.dataDir = folder,
            .feed = "ws://" + address + "/ws/public",
            .restUrl = "http://" + address,
            .instruments = {"BTC-USDT"},
            .version = "bench"};
}

template <typename IsDone>
void waitFor(const IsDone& isDone)
{
    const auto deadline = std::chrono::steady_clock::now() + 180s;
    while (!isDone()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("The engines did not get through all ticks within three minutes");
        }
        std::this_thread::sleep_for(2ms);
    }
}

double residentMegabytes()
{
    std::ifstream in("/proc/self/statm");
    double pages = 0;
    in >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

class Application {
    int argc_ = 1;
    char name_[18] = "bench_quarterdeck";
    char* argv_[2] = {name_, nullptr};
    QCoreApplication application_{argc_, argv_};
};

} // namespace

void benchLive(int port, std::size_t count, const std::string& folder)
{
    const Application application;
    auto host = need(engines::EngineHost::start(optionsFor(port, folder)));
    waitFor([&] {
        const auto seen = host->ingest().get();
        return seen && seen->ticks > 0;
    });
    const auto start = std::chrono::steady_clock::now();
    const auto before = host->ingest().get()->ticks;
    const auto cpuBefore = cpuSeconds();
    std::vector<double> memory;
    waitFor([&] {
        const auto seen = host->store().get();
        while (seen && seen->ticks / million > memory.size()) {
            memory.push_back(residentMegabytes());
        }
        return seen && seen->ticks >= count;
    });
    const auto storedSeconds = secondsSince(start);
    host->stop(); // paper finishes what it has
    const auto seconds = secondsSince(start);
    const auto cpu = cpuSeconds() - cpuBefore;
    const auto paper = host->paper().get();
    const auto timed = static_cast<double>(count - before);
    std::printf("{\"ticks\": %zu, \"stored_per_s\": %.0f, \"finished_per_s\": %.0f, \"cpu_us_per_tick\": %.3f, "
                "\"closed_trades\": %u, \"megabytes_by_million\": [",
                count, timed / storedSeconds, timed / seconds, cpu / timed * 1e6, paper ? paper->closedTotal : 0);
    for (std::size_t i = 0; i < memory.size(); ++i) {
        std::printf("%s%.1f", i == 0 ? "" : ", ", memory[i]);
    }
    std::printf("]}\n");
}

void benchLatency(int port, std::size_t count, const std::string& folder)
{
    const Application application;
    std::vector<double> microseconds; // paper's thread until the host has stopped
    microseconds.reserve(count);
    std::atomic<std::size_t> seen{0};
    auto options = optionsFor(port, folder);
    options.decided = [&](const market::StreamBatch& batch) {
        const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
        for (const auto& item : batch) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                microseconds.push_back(static_cast<double>(now - tick->id) / 1'000);
            }
        }
        seen = microseconds.size();
    };
    auto host = need(engines::EngineHost::start(std::move(options)));
    waitFor([&] { return seen >= count; });
    host->stop();
    std::ranges::sort(microseconds);
    const auto at = [&](double share) {
        return microseconds[static_cast<std::size_t>(share * static_cast<double>(microseconds.size() - 1))];
    };
    std::printf("{\"ticks\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.0f}\n",
                microseconds.size(), at(0.5), at(0.99), at(0.999), microseconds.back());
}

void benchSwitch(int port, std::size_t throws, const std::string& folder)
{
    const Application application;
    auto host = need(engines::EngineHost::start(optionsFor(port, folder)));
    const auto ticks = [&] {
        const auto seen = host->ingest().get();
        return seen ? seen->ticks : 0;
    };
    waitFor([&] { return ticks() > 50'000; }); // they flow
    std::vector<double> committed;
    std::vector<double> shown;
    const auto before = ticks();
    const auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < throws; ++i) {
        const bool isOn = i % 2 != 0;
        const auto start = std::chrono::steady_clock::now();
        const auto id = host->send(console::SetStrategyEnabled{"momentum", isOn, "bench"});
        waitFor([&] {
            return std::ranges::any_of(host->takeEvents(), [&](const console::Event& event) {
                const auto* done = std::get_if<console::CommandDone>(&event);
                return done != nullptr && done->id == id && !done->error;
            });
        });
        committed.push_back(secondsSince(start) * 1'000);
        waitFor([&] {
            const auto paper = host->paper().get();
            const auto row = std::ranges::find(paper->strategies, "momentum", &console::StrategyRow::name);
            return row->isEnabled == isOn;
        });
        shown.push_back(secondsSince(start) * 1'000);
        std::this_thread::sleep_for(100ms);
    }
    const auto rate = static_cast<double>(ticks() - before) / secondsSince(begun);
    host->stop();
    const auto stored = host->store().get()->ticks;
    std::ranges::sort(committed);
    std::ranges::sort(shown);
    std::printf("{\"throws\": %zu, \"ticks_per_s\": %.0f, \"committed_p50_ms\": %.1f, \"committed_max_ms\": %.1f, "
                "\"shown_max_ms\": %.1f, \"ticks_lost\": %lld}\n",
                throws, rate, committed[committed.size() / 2], committed.back(), shown.back(),
                static_cast<long long>(ticks()) - static_cast<long long>(stored));
}

} // namespace qd::bench
