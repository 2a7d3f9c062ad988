// How long the window's own thread is kept from its events: the longest time between two turns of a timer of 1 ms, on
// the Markets page, over some seconds. Prints one JSON object. Modes: `idle` (no feed), `ticks PORT` (a server made by
// bench_quarterdeck serve), `import CSV` (that file imported beside the window), `switch PORT` (the same server while
// switches of the roster are thrown on the Strategies page; says when each was shown, and what the archive lacks),
// `train PORT` (the same server while all models are trained on made candles),
// `pages FOLDER [ROUNDS]` (the demo feed on the database in that folder: from page to page, until each is painted).
#include "base/heap.h"
#include "bench/bench.h"
#include "bench/markets.h"
#include "engines/engine_host.h"
#include "engines/file_import.h"
#include "ui/main_window.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/data_table.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <cstdio>
#include <map>
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

/// Throws the first strategy's switch, again and again, as a click does, and measures until the roster shows it.
class Thrower {
public:
    Thrower(ui::MainWindow& window, const console::Console& console) : window_(window), console_(console)
    {
        QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { look(); });
    }
    void start() { timer_.start(5); }
    void stop() { timer_.stop(); }
    std::vector<double> shownMs;

private:
    void look()
    {
        const auto& page = static_cast<ui::StrategiesPage&>(window_.page(2));
        const auto paper = console_.paper().get();
        if (table_ == nullptr) {
            for (auto* one : page.findChildren<ui::DataTable*>()) {
                table_ = one->view()->accessibleName() == QLatin1String("Roster") ? one : table_;
            }
        }
        if (!paper || paper->strategies.empty() || table_ == nullptr || table_->proxy()->rowCount() == 0) {
            return;
        }
        const auto& row = const_cast<ui::StrategiesPage&>(page).roster().row(0).of;
        const auto now = Clock::now();
        if (wished_ && row.isEnabled == *wished_) {
            shownMs.push_back(std::chrono::duration<double, std::milli>(now - thrownAt_).count());
            wished_.reset();
        } else if (!wished_ && now - thrownAt_ > std::chrono::milliseconds(300)) {
            wished_ = !row.isEnabled;
            thrownAt_ = now;
            Q_EMIT table_->switched(0);
        }
    }

    ui::MainWindow& window_;
    const console::Console& console_;
    ui::DataTable* table_ = nullptr;
    QTimer timer_;
    std::optional<bool> wished_;
    Clock::time_point thrownAt_;
};

double share(const std::vector<double>& sorted, double part)
{
    return sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
}

void waitFor(int ms)
{
    QElapsedTimer since;
    since.start();
    while (!since.hasExpired(ms)) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// From the click until the page is painted, with what is known then; answers of the desks come later and are part of
/// the longest time between two turns of the event loop.
int runPages(const QString& folder, int rounds)
{
    auto host = bench::need(engines::EngineHost::start(
        {.dataDir = folder.toStdString(), .feed = "demo", .demoHistory = {}, .version = "bench"}));
    ui::UiOptions look;
    look.size = QSize(1600, 1000);
    ui::MainWindow window(*host, look);
    window.show();
    while (!host->isReady()) {
        waitFor(50);
    }
    waitFor(warmUpMs);
    StallMeter meter;
    meter.start();
    std::vector<double> all;
    std::vector<double> first;
    std::map<QString, double> worst;
    for (int round = 0; round <= rounds; ++round) {
        for (const auto& page : ui::MainWindow::pageNames()) {
            const auto clicked = Clock::now();
            window.showPage(page);
            QCoreApplication::sendPostedEvents();
            window.repaint();
            const double ms = std::chrono::duration<double, std::milli>(Clock::now() - clicked).count();
            (round == 0 ? first : all).push_back(ms);
            worst[page] = std::max(worst[page], ms);
            waitFor(100);
        }
    }
    host->stop();
    std::ranges::sort(all);
    std::ranges::sort(first);
    std::ranges::sort(meter.gapsMs);
    std::printf("{\"mode\": \"pages\", \"switches\": %zu, \"p50_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f, "
                "\"first_max_ms\": %.2f, \"longest_stall_ms\": %.2f, \"worst_ms\": {",
                all.size(), share(all, 0.5), share(all, 0.99), all.back(), first.back(), meter.gapsMs.back());
    const char* between = "";
    for (const auto& [page, ms] : worst) {
        std::printf("%s\"%s\": %.2f", between, qPrintable(page), ms);
        between = ", ";
    }
    std::printf("}}\n");
    return 0;
}

int run(QApplication& application, const QStringList& arguments)
{
    if (arguments.value(1) == QLatin1String("pages")) {
        return runPages(arguments.value(2), std::max(1, arguments.value(3, QStringLiteral("30")).toInt()));
    }
    const QTemporaryDir dir;
    const auto mode = arguments.value(1);
    engines::HostOptions options{
        .dataDir = dir.path().toStdString(), .feed = engines::importedFeed, .version = "bench"};
    const bool isThrown = mode == QLatin1String("switch");
    const bool isTraining = mode == QLatin1String("train");
    if (mode == QLatin1String("ticks") || isThrown || isTraining) {
        const auto address = "127.0.0.1:" + arguments.value(2).toStdString();
        options.feed = "ws://" + address + "/ws/public";
        options.restUrl = "http://" + address;
        options.instruments = {"BTC-USDT"};
    }
    if (isTraining) {
        bench::addMarkets(engines::databaseOf(options.dataDir, options.feed));
        options.firstTraining = base::oneDay; // when we ask
    }
    auto host = bench::need(engines::EngineHost::start(options));
    ui::UiOptions look;
    look.settingsFile = dir.filePath(QStringLiteral("window.ini"));
    look.page = isThrown ? QStringLiteral("Strategies") : QStringLiteral("Markets");
    look.size = QSize(1600, 1000);
    ui::MainWindow window(*host, look);
    window.show();
    StallMeter meter;
    Thrower thrower(window, *host);
    std::thread importer;
    QTimer::singleShot(warmUpMs, &application, [&] {
        meter.start();
        if (isThrown) {
            thrower.start();
        }
        if (isTraining) {
            (void)host->send(console::RetrainModel{"all", "bench"});
        }
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
    thrower.stop();
    host->stop();
    const auto seen = host->ingest().get();
    const auto stored = host->store().get();
    std::ranges::sort(meter.gapsMs);
    const auto& shown = thrower.shownMs;
    const auto lost =
        static_cast<long long>(seen ? seen->ticks : 0) - static_cast<long long>(stored ? stored->ticks : 0);
    std::printf("{\"mode\": \"%s\", \"turns\": %zu, \"ticks\": %llu, \"ticks_lost\": %lld, \"throws\": %zu, "
                "\"shown_max_ms\": %.1f, \"p99_ms\": %.2f, \"p999_ms\": %.2f, \"longest_ms\": %.2f}\n",
                mode.toUtf8().constData(), meter.gapsMs.size(), static_cast<unsigned long long>(seen ? seen->ticks : 0),
                lost, shown.size(), shown.empty() ? 0.0 : *std::ranges::max_element(shown), share(meter.gapsMs, 0.99),
                share(meter.gapsMs, 0.999), meter.gapsMs.back());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    qd::base::boundHeap(); // as the program does
    QApplication application(argc, argv);
    try {
        return run(application, QApplication::arguments());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
