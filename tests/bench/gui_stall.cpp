// How long the window's own thread is kept from its events: the longest time between two turns of a timer of 1 ms, on
// the Markets page, over some seconds. Prints one JSON object. Modes: `idle` (no feed), `ticks PORT` (a server made by
// bench_quarterdeck serve), `import CSV` (that file imported beside the window).
#include "bench/bench.h"
#include "engines/engine_host.h"
#include "engines/file_import.h"
#include "ui/main_window.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <thread>

namespace {

using namespace qd;
using Clock = std::chrono::steady_clock;
constexpr int warmUpMs = 3'000;
constexpr int measuredMs = 15'000;

class StallMeter {
public:
    StallMeter()
    {
        timer_.setTimerType(Qt::PreciseTimer);
        QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] {
            const auto now = Clock::now();
            gapsMs.push_back(std::chrono::duration<double, std::milli>(now - last_).count());
            last_ = now;
        });
    }
    void start()
    {
        last_ = Clock::now();
        timer_.start(1);
    }
    std::vector<double> gapsMs;

private:
    QTimer timer_;
    Clock::time_point last_;
};

int run(QApplication& application, const QStringList& arguments)
{
    const QTemporaryDir dir;
    const auto mode = arguments.value(1);
    engines::HostOptions options{
        .dataDir = dir.path().toStdString(), .feed = engines::importedFeed, .version = "bench"};
    if (mode == QLatin1String("ticks")) {
        const auto address = "127.0.0.1:" + arguments.value(2).toStdString();
        options.feed = "ws://" + address + "/ws/public";
        options.restUrl = "http://" + address;
        options.instruments = {"BTC-USDT"};
    }
    auto host = bench::need(engines::EngineHost::start(options));
    ui::UiOptions look;
    look.settingsFile = dir.filePath(QStringLiteral("window.ini"));
    look.page = QStringLiteral("Markets");
    look.size = QSize(1600, 1000);
    ui::MainWindow window(*host, look);
    window.show();
    StallMeter meter;
    std::thread importer;
    QTimer::singleShot(warmUpMs, &application, [&] {
        meter.start();
        if (mode == QLatin1String("import")) {
            importer = std::thread([&, file = arguments.value(2).toStdString()] {
                const auto until = Clock::now() + std::chrono::milliseconds(measuredMs);
                for (int i = 0; Clock::now() < until; ++i) { // into databases of its own, again and again
                    const auto database = dir.filePath(QStringLiteral("i%1.db").arg(i)).toStdString();
                    (void)bench::need(
                        engines::importFile({.database = database, .file = file, .instrument = "BTC-USDT"}, {}));
                    std::filesystem::remove(database);
                }
            });
        }
    });
    QTimer::singleShot(warmUpMs + measuredMs, &application, &QApplication::quit);
    (void)QApplication::exec();
    if (importer.joinable()) {
        importer.join();
    }
    const auto seen = host->ingest().get();
    host->stop();
    std::ranges::sort(meter.gapsMs);
    const auto at = [&](double share) {
        return meter.gapsMs[static_cast<std::size_t>(share * static_cast<double>(meter.gapsMs.size() - 1))];
    };
    std::printf("{\"mode\": \"%s\", \"turns\": %zu, \"ticks\": %llu, \"p99_ms\": %.2f, \"p999_ms\": %.2f, "
                "\"longest_ms\": %.2f}\n",
                mode.toUtf8().constData(), meter.gapsMs.size(), static_cast<unsigned long long>(seen ? seen->ticks : 0),
                at(0.99), at(0.999), meter.gapsMs.back());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    try {
        return run(application, QApplication::arguments());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
