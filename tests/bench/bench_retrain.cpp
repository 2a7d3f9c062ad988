#include "bench/bench.h"
#include "bench/markets.h"
#include "engines/engine_host.h"
#include "engines/file_import.h"
#include "engines/offline_decisions.h"
#include "testkit/recorded_candles.h"

#include <QCoreApplication>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace qd::bench {

namespace {

using namespace std::chrono_literals;

double peakMegabytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1'000;
}

void importOne(const std::filesystem::path& database, const char* instrument, const char* file, bool isCandles)
{
    const auto path = testkit::sharedFile(file);
    if (path.empty()) {
        throw std::runtime_error("QD_SHARED names no folder that holds the recorded candles and trades");
    }
    engines::ImportOptions options{.database = database, .file = path, .instrument = instrument};
    if (isCandles) {
        options.candles = market::Timeframe::M5;
    }
    (void)need(engines::importFile(options, {}));
}

void printScore(const char* name, const learning::KeptScore& s)
{
    std::printf("| %s | %llu | %llu | %u | %.3f | %.3f to %.3f | %.4f | %.4f | %.3f | %.3f | %.3f |\n", name,
                static_cast<unsigned long long>(s.trainRows), static_cast<unsigned long long>(s.testRows), s.trees,
                s.quality, s.qualityLow, s.qualityHigh, s.loss, s.majorityLoss, s.accuracy, s.majority, s.ownQuality);
}

void print(const engines::RetrainEnd& end, double seconds)
{
    std::printf("\n### %s: %s, %.1f s, peak %.0f MB\n%s\n", end.outcome.model.c_str(), end.outcome.what.c_str(),
                seconds, peakMegabytes(), end.outcome.why.c_str());
    if (!end.version) {
        return;
    }
    const auto& lineage = end.version->lineage;
    std::printf("%s\nparameters %s, stride %u\n\n", sentence(lineage.losses, lineage.rows).c_str(),
                engines::text(lineage.parameters).c_str(), lineage.rule.stride);
    std::printf(
        "| fold | train | test | trees | AUC or R2 | 95 %% | loss | loss of majority | accuracy | majority | own "
        "rule |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (std::size_t i = 0; i < lineage.folds.size(); ++i) {
        printScore(std::to_string(i + 1).c_str(), lineage.folds[i]);
    }
    printScore("all", lineage.pooled);
    for (const auto& finding : lineage.audit) {
        std::printf("- %s: %s. %s\n", std::string(name(finding.detector)).c_str(),
                    std::string(name(finding.level)).c_str(), finding.evidence.c_str());
    }
    std::fflush(stdout);
}

class Application {
    int argc_ = 1;
    char name_[18] = "bench_quarterdeck";
    char* argv_[2] = {name_, nullptr};
    QCoreApplication application_{argc_, argv_};
};

/// Eight instruments' half years beside the feed's own, so that there is something to train on.
struct Percentiles {
    double p50 = 0;
    double p99 = 0;
};
Percentiles percentiles(std::vector<double> values)
{
    if (values.empty()) {
        return {};
    }
    std::ranges::sort(values);
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    return {at(0.5), at(0.99)};
}

} // namespace

void benchRetrain(const std::string& folder, const std::string& model)
{
    const auto file = std::filesystem::path(folder) / "imported.db";
    if (!std::filesystem::exists(file)) {
        std::filesystem::create_directories(folder);
        for (const auto& recorded : testkit::recordedCandles) {
            importOne(file, recorded.name, recorded.file, true);
        }
        importOne(file, "LTC-USDT", "data/trades_binance-spot_LTCUSDT_20250621-20250622.csv.gz", false);
    }
    auto database = need(storage::Database::open(file, storage::Database::Mode::ReadWrite));
    const base::SystemClock clock;
    const auto policy = base::defaultPaperPolicy();
    auto desk = engines::offlineRetraining(database, policy, clock);
    const auto instruments = need(storage::InstrumentStore(database).all());
    for (const auto& key : need(engines::modelsNamed(model, instruments))) {
        const auto begun = std::chrono::steady_clock::now();
        const auto end = desk.train(key, "bench", {});
        print(end, secondsSince(begun));
    }
}

void benchRetrainLatency(int port, std::size_t count, const std::string& folder)
{
    const Application application;
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const auto address = "127.0.0.1:" + std::to_string(port);
    engines::HostOptions options{.dataDir = folder,
                                 .feed = "ws://" + address + "/ws/public",
                                 .restUrl = "http://" + address,
                                 .instruments = {"BTC-USDT"},
                                 .version = "bench",
                                 .firstTraining = base::oneDay};
    addMarkets(engines::databaseOf(options.dataDir, options.feed));
    std::vector<double> calm; // paper's thread until the host has stopped
    std::vector<double> busy;
    std::atomic<bool> trains{false};
    std::atomic<std::size_t> seen{0};
    options.decided = [&](const market::StreamBatch& batch) {
        const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
        auto& into = trains ? busy : calm;
        for (const auto& item : batch) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                into.push_back(static_cast<double>(now - tick->id) / 1'000);
            }
        }
        seen = calm.size() + busy.size();
    };
    auto host = need(engines::EngineHost::start(std::move(options)));
    const auto deadline = std::chrono::steady_clock::now() + 300s;
    std::size_t trained = 0;
    while (seen < count && std::chrono::steady_clock::now() < deadline) {
        if (seen > count / 2 && !trains.exchange(true)) {
            (void)host->send(console::RetrainModel{"all", "bench"});
        }
        std::this_thread::sleep_for(2ms);
    }
    const auto shown = host->learning().get();
    trained = shown ? shown->outcomes.size() + (shown->running ? 1 : 0) : 0;
    const auto begun = std::chrono::steady_clock::now();
    host->stop();
    const auto stopped = secondsSince(begun);
    const auto ticks = host->ingest().get()->ticks;
    const auto stored = host->store().get()->ticks;
    const auto a = percentiles(calm);
    const auto b = percentiles(busy);
    std::printf("{\"ticks\": %zu, \"calm_p50_us\": %.1f, \"calm_p99_us\": %.1f, \"training_p50_us\": %.1f, "
                "\"training_p99_us\": %.1f, \"p99_times\": %.2f, \"models\": %zu, \"ticks_lost\": %lld, "
                "\"stopped_s\": %.2f, \"peak_mb\": %.0f}\n",
                calm.size() + busy.size(), a.p50, a.p99, b.p50, b.p99, a.p99 > 0 ? b.p99 / a.p99 : 0.0, trained,
                static_cast<long long>(ticks) - static_cast<long long>(stored), stopped, peakMegabytes());
}

} // namespace qd::bench
