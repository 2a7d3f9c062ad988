#include "bench/bench.h"
#include "engines/engine_host.h"
#include "testkit/http_client.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

namespace qd::bench {

namespace {

constexpr std::array paths{"/api/v1/status",
                           "/api/v1/strategies",
                           "/api/v1/evaluations",
                           "/api/v1/trades",
                           "/api/v1/models",
                           "/api/v1/experiments",
                           "/api/v1/health",
                           "/api/v1/journal",
                           "/api/v1/trades?limit=500",
                           "/metrics",
                           "/api/v1/evaluations?days=0&of=rows&limit=500"};

using Times = std::map<std::string, std::vector<double>>; // ms by path

void ask(std::uint16_t port, int rounds, Times& into)
{
    for (int i = 0; i < rounds; ++i) {
        for (const auto* path : paths) {
            const auto begun = std::chrono::steady_clock::now();
            const auto reply = testkit::httpGet(port, path);
            if (reply.status != 200) {
                throw std::runtime_error(std::string(path) + " answered " + reply.raw.substr(0, 200));
            }
            into[path].push_back(secondsSince(begun) * 1e3);
        }
    }
}

double quantile(std::vector<double>& sorted, double share)
{
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

void print(Times& times, int clients)
{
    std::vector<double> all;
    std::printf("{\"clients\": %d, \"paths\": {", clients);
    for (auto& [path, ms] : times) {
        std::ranges::sort(ms);
        all.insert(all.end(), ms.begin(), ms.end());
        std::printf("%s\"%s\": {\"p50_ms\": %.2f, \"p99_ms\": %.2f}", all.size() == ms.size() ? "" : ", ", path.c_str(),
                    quantile(ms, 0.5), quantile(ms, 0.99));
    }
    std::ranges::sort(all);
    std::printf("}, \"answers\": %zu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f}\n", all.size(),
                quantile(all, 0.5), quantile(all, 0.99), all.back());
}

} // namespace

void benchApiAt(std::uint16_t port, int rounds, int clients)
{
    Times times;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    std::string failure;
    for (int i = 0; i < clients; ++i) {
        threads.emplace_back([&] {
            Times own;
            try {
                ask(port, rounds, own);
            } catch (const std::exception& e) {
                const std::scoped_lock lock(mutex);
                failure = e.what();
            }
            const std::scoped_lock lock(mutex);
            for (const auto& [path, ms] : own) {
                times[path].insert(times[path].end(), ms.begin(), ms.end());
            }
        });
    }
    threads.clear(); // joins
    if (!failure.empty()) {
        throw std::runtime_error(failure);
    }
    print(times, clients);
}

namespace {

void benchApiOn(const std::filesystem::path& dir, int rounds, int clients)
{
    engines::HostOptions options{.dataDir = dir, .feed = "imported", .version = "bench"};
    options.api = engines::ApiOptions{.port = 0, .perSecond = 1e9, .atOnce = 1e9};
    options.api->askPatience = base::Millis{60'000};
    const auto host = need(engines::EngineHost::start(std::move(options)));
    while (host->apiPort() == 0 || !host->isReady() || !host->paper().get() || !host->health().get()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    Times first; // what each reads once and then only what is newer
    ask(host->apiPort(), 1, first);
    benchApiAt(host->apiPort(), rounds, clients);
    host->stop();
}

} // namespace

void benchApi(const std::string& folder, int rounds, int clients)
{
    const auto dir = std::filesystem::path(folder) / "api";
    std::filesystem::create_directories(dir);
    makeLedger((dir / "imported.db").string());
    benchApiOn(dir, rounds, clients);
}

void benchApiOf(const std::string& database, const std::string& folder, int rounds, int clients)
{
    const auto dir = std::filesystem::path(folder) / "api-of";
    std::filesystem::create_directories(dir);
    std::filesystem::copy_file(database, dir / "imported.db", std::filesystem::copy_options::overwrite_existing);
    benchApiOn(dir, rounds, clients);
}

} // namespace qd::bench
