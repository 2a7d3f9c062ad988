// A day of the market, or two, in minutes through the real pipeline: a loopback exchange that began so many hours ago
// runs, as fast as its sockets are taken from, until it is now; every engine and the HTTP API run as ever, and the jobs
// of each hour are begun when the market comes to it. Prints the memory of each simulated hour, and its slope; flat
// means that the slope after the hours that fill what is bounded is under a limit. QD_DAY_HOURS: how many, 3 in every
// run, 48 in `tests/run.sh --full` (label soak). What goes by the machine's own clock (alerts, heartbeats, the next
// time of a job) sees minutes only.
#include "base/heap.h"
#include "engines/engine_host.h"
#include "storage/database.h"
#include "storage/job_store.h"
#include "storage/tick_archive.h"
#include "testkit/exchange_thread.h"
#include "testkit/http_client.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <fstream>
#include <malloc.h>
#include <thread>

using namespace qd;
using testkit::good;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t hourMs = 3'600'000;
// The archive's open blocks (16,384 ticks and as many quotes of each instrument) and SQLite's page caches fill.
constexpr int warmUpHours = 18;
constexpr int backupHours = 6; // from one backup to the next; each is over within two of these quick hours
// MB. A leak of 30 KB a minute is over it; what stays under is the heap's own disorder, and pools that fill for days.
constexpr double mostPerHour = 1.5;
constexpr auto hourTakesAtMost = 300s;

/// What the process holds of its own, without libraries and what it shares.
double residentMb()
{
    std::ifstream in("/proc/self/statm");
    std::uint64_t all = 0;
    std::uint64_t resident = 0;
    std::uint64_t shared = 0;
    in >> all >> resident >> shared;
    return static_cast<double>(resident - shared) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// What is allocated of the heap.
double liveMb()
{
    const auto heap = ::mallinfo2();
    return static_cast<double>(heap.uordblks + heap.hblkhd) / 1e6;
}

/// The least of each run of `backupHours`: what a backup needs while it is under way is its own affair.
std::vector<double> floorsOf(std::span<const double> hours)
{
    std::vector<double> floors;
    for (; !hours.empty(); hours = hours.subspan(std::min<std::size_t>(backupHours, hours.size()))) {
        floors.push_back(std::ranges::min(hours.first(std::min<std::size_t>(backupHours, hours.size()))));
    }
    return floors;
}

/// Of what stands at 0, 1, 2 …: the median of the slopes between any two (Theil and Sen).
double slope(std::span<const double> values)
{
    std::vector<double> slopes;
    for (std::size_t j = 1; j < values.size(); ++j) {
        for (std::size_t i = 0; i < j; ++i) {
            slopes.push_back((values[j] - values[i]) / static_cast<double>(j - i));
        }
    }
    if (slopes.empty()) {
        return 0;
    }
    const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
    std::ranges::nth_element(slopes, middle);
    return *middle;
}

} // namespace

class DayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aDayOfTheMarketLeavesTheMemoryFlat();

private:
    void hourHasBegun(engines::EngineHost& host, int hour);
    void askEverything(const engines::EngineHost& host);

    std::uint64_t answers_ = 0;
};

// What the clock begins: each hour, or at its time of the day.
void DayTest::hourHasBegun(engines::EngineHost& host, int hour)
{
    host.send(console::RunJob{"calibration"}); // four times an hour by the clock
    if (hour % 6 == 2) {
        host.send(console::RunJob{"backup"});
    }
    if (hour % 24 == 6) {
        host.send(console::RunJob{"night"});
        host.send(console::RunJob{"store-care"});
    }
    if (hour % 24 == 8) {
        host.send(console::RunJob{"restore-proof"});
    }
    if (hour % 24 == 20) {
        host.send(console::ReviewNow{});
    }
    if (hour % 3 == 1) {
        host.send(console::TestAlerts{"desktop"});
    }
}

void DayTest::askEverything(const engines::EngineHost& host)
{
    for (const auto* path :
         {"/api/v1/status", "/api/v1/strategies", "/api/v1/evaluations", "/api/v1/trades?limit=500", "/api/v1/models",
          "/api/v1/experiments", "/api/v1/health", "/api/v1/jobs", "/api/v1/journal", "/metrics"}) {
        const auto reply = testkit::httpGet(host.apiPort(), path);
        QVERIFY2(reply.status == 200, (std::string(path) + " " + reply.raw.substr(0, 200)).c_str());
        ++answers_;
    }
}

void DayTest::aDayOfTheMarketLeavesTheMemoryFlat()
{
    base::boundHeap(); // as the program does
    const int hours = std::max(3, qEnvironmentVariableIntValue("QD_DAY_HOURS"));
    const QTemporaryDir dir;
    const std::filesystem::path folder = dir.path().toStdString();
    std::filesystem::create_directories(folder / "kept");
    const base::UtcMs begins{base::SystemClock().now().value - hours * hourMs};
    testkit::ExchangeThread exchange({.seed = 24, .rate = 3, .startAt = begins});
    QCOMPARE(exchange.error(), std::string());
    engines::HostOptions options{.dataDir = folder,
                                 .feed = exchange.webSocket(),
                                 .restUrl = exchange.rest(),
                                 .historyDays = 3,
                                 .version = "test",
                                 .api = engines::ApiOptions{.port = 0, .perSecond = 1e9, .atOnce = 1e9},
                                 .firstTraining = base::Millis{24 * hourMs}, // its memory comes and goes by the GB
                                 .notifiers = [] { return engines::AlertCourier::Notifiers{}; }};
    options.api->askPatience = base::Millis{60'000};
    const auto file = engines::databaseOf(options.dataDir, options.feed);
    auto host = good(engines::EngineHost::start(options));
    QTRY_VERIFY_WITH_TIMEOUT(host->isReady() && host->apiPort() != 0 && host->health().get(), 60'000);
    host->send(console::SetPolicy{{{"backup.folder", (folder / "kept").string()}}, "test"});

    std::vector<double> own; // MB of each hour, the least
    std::vector<double> live;
    double leastOwn = residentMb();
    double leastLive = liveMb();
    double most = 0;
    auto began = std::chrono::steady_clock::now();
    const auto start = began;
    for (int hour = 0; hour < hours;) {
        std::this_thread::sleep_for(50ms);
        leastOwn = std::min(leastOwn, residentMb());
        leastLive = std::min(leastLive, liveMb());
        most = std::max(most, residentMb());
        (void)host->takeEvents();
        (void)host->takeAnswers();
        const auto seen = host->ingest().get();
        const auto now = std::chrono::steady_clock::now();
        QVERIFY2(now - began < hourTakesAtMost, "the market stands still");
        if (!seen || seen->newestTick.value < begins.value + (hour + 1) * hourMs - 5'000) {
            continue;
        }
        base::returnFreeMemory(); // as the scheduler does each quarter of an hour by the machine's clock
        own.push_back(std::min(std::exchange(leastOwn, residentMb()), residentMb()));
        live.push_back(std::exchange(leastLive, liveMb()));
        qInfo("hour %2d: %.1f MB, %.1f MB of it allocated, %llu ticks, %.1f s", hour + 1, own.back(), live.back(),
              static_cast<unsigned long long>(seen->ticks), std::chrono::duration<double>(now - began).count());
        began = now;
        askEverything(*host);
        hourHasBegun(*host, ++hour);
    }
    const auto warm = std::min<std::size_t>(warmUpHours, own.size() / 2);
    const double ownPerHour = slope(floorsOf(std::span(own).subspan(warm))) / backupHours;
    const double livePerHour = slope(floorsOf(std::span(live).subspan(warm))) / backupHours;
    qInfo("%d hours in %.0f s: %.1f MB after %zu hours, %.1f MB at the end, %.1f MB at most; slope %.3f MB an hour, "
          "%.3f MB of what is allocated",
          hours, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(), own[warm], warm,
          own.back(), most, ownPerHour, livePerHour);
    const auto ticks = host->ingest().get()->ticks;
    QTRY_VERIFY_WITH_TIMEOUT(host->store().get()->ticks >= ticks, 60'000);
    { // the last backup is given its time
        auto reader = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
        QTRY_VERIFY_WITH_TIMEOUT(good(reader.number("SELECT count(*) FROM backups WHERE error='' AND proof<>''")) >= 1,
                                 120'000);
    }
    host->stop();

    // All of it was done, not skipped.
    auto reader = good(storage::Database::open(file, storage::Database::Mode::ReadOnly));
    QVERIFY(good(storage::TickArchive(reader).verify()).empty());
    QVERIFY(ticks > static_cast<std::uint64_t>(hours) * 50'000);
    QVERIFY(good(reader.number("SELECT count(*) FROM job_runs WHERE state='succeeded' AND job='calibration'")) >= 2);
    QCOMPARE(good(reader.number("SELECT count(*) FROM job_runs WHERE state IN ('failed','timed out','orphaned')")), 0);
    if (hours >= 2 * warmUpHours) { // in less the strategies that look far back are still silent
        QVERIFY(good(reader.number("SELECT count(*) FROM trades")) > 0);
        QVERIFY2(livePerHour < mostPerHour, qPrintable(QStringLiteral("%1 MB an hour").arg(livePerHour)));
        QVERIFY2(ownPerHour < mostPerHour, qPrintable(QStringLiteral("%1 MB an hour").arg(ownPerHour)));
    }
}

QTEST_GUILESS_MAIN(DayTest)
#include "day_test.moc"
