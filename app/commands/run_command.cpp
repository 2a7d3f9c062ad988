#include "app/commands/api_arguments.h"
#include "app/commands/arguments.h"

#include "base/log.h"
#include "engines/engine_host.h"
#include "engines/service_notice.h"

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QTimer>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <optional>

namespace qd::app {

namespace {

// What happened, a line each on stderr: headless has no other screen.
// True if an engine has failed for good.
bool printEvents(console::Console& console)
{
    bool hasFailed = false;
    for (const auto& event : console.takeEvents()) {
        if (const auto* notice = std::get_if<console::Notice>(&event)) {
            std::fprintf(stderr, "%s %s\n", base::isoText(notice->time).c_str(), notice->text.c_str());
        } else if (const auto* failed = std::get_if<console::EngineFailed>(&event)) {
            std::fprintf(stderr, "%s failed: %s%s\n", failed->engine.c_str(), failed->what.c_str(),
                         failed->restarts ? " It is started again by itself." : "");
            hasFailed = hasFailed || !failed->restarts;
        }
    }
    return hasFailed;
}

/// How far the demo's past is made, where it is being made. False once the engines run.
bool showMaking(const engines::EngineHost& host, std::optional<ProgressBar>& bar)
{
    if (host.isReady()) {
        bar.reset();
        return false;
    }
    if (const auto store = host.store().get(); store && store->making) {
        if (!bar) {
            bar.emplace("making the simulated past");
        }
        bar->show(*store->making);
    }
    return true;
}

void printSummary(const engines::EngineHost& host, bool asJson)
{
    const auto ingest = host.ingest().get();
    const auto paper = host.paper().get();
    const auto store = host.store().get();
    const auto ticks = ingest ? ingest->ticks : 0;
    const auto stored = store ? store->ticks : 0;
    const auto closed = paper ? paper->closedTotal : 0;
    const auto open = paper ? paper->positions.size() : 0;
    const char* format =
        asJson ? "{\"ticks_received\":%llu,\"ticks_stored\":%llu,\"closed_trades\":%u,\"open_positions\":%zu,"
                 "\"database\":\"%s\"}\n"
               : "ticks received %llu, stored %llu; closed trades %u, open positions %zu; database %s\n";
    std::printf(format, static_cast<unsigned long long>(ticks), static_cast<unsigned long long>(stored), closed, open,
                host.info().database.c_str());
}

/// For the service manager, a few times a second.
engines::ServiceState serviceState(const engines::EngineHost& host)
{
    constexpr base::Millis beatWithin{5'000};
    const auto store = host.store().get();
    return {.isReady = host.isReady(),
            .isMaking = store && store->making.has_value(),
            .silent = host.silentEngine(beatWithin),
            .feed = host.info().feed};
}

} // namespace

int runCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("run --headless [--for S] [options]"),
        QStringLiteral("The engines without a window: ingest, store and paper trading. Ctrl+C ends it cleanly."));
    given.parser().addOptions(
        {{QStringLiteral("headless"), QStringLiteral("Required: says that no window is wanted.")},
         {QStringLiteral("for"), QStringLiteral("End after so many seconds, from when the engines run."),
          QStringLiteral("S")},
         {QStringLiteral("rest-url"), QStringLiteral("REST address of a feed given as ws://…"), QStringLiteral("URL")},
         {QStringLiteral("instruments"), QStringLiteral("Only these, e.g. BTC-USDT,ETH-USDT."), QStringLiteral("A,B")},
         {QStringLiteral("seed"), QStringLiteral("Seed of the demo market."), QStringLiteral("N"),
          QStringLiteral("1")}});
    addHistoryOption(given.parser());
    addApiOptions(given.parser());
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    if (!given.isSet("headless")) {
        return reportUsage("'run' wants --headless; without a subcommand the window opens");
    }
    const auto feed = given.feed("demo");
    if (const auto wrong = wrongFeed(feed)) {
        return reportUsage(*wrong);
    }
    if (!given.number("seed", 0) || (given.isSet("for") && !given.number("for", 0.001))) {
        return reportUsage("--for wants seconds over 0, and --seed a whole number");
    }
    if (feed.starts_with("ws") && !given.isSet("rest-url")) {
        return reportUsage("A feed given as an address needs --rest-url too");
    }
    engines::HostOptions options{.dataDir = given.dataDir(),
                                 .feed = feed,
                                 .restUrl = given.value("rest-url"),
                                 .instruments = given.list("instruments"),
                                 .demoSeed = given.parser().value(QStringLiteral("seed")).toULongLong(),
                                 .version = QD_VERSION};
    if (const auto wrong = readHistory(given, options.demoHistory); !wrong.empty()) {
        return reportUsage(wrong);
    }
    if (const auto wrong = readApi(given, options.api); !wrong.empty()) {
        return reportUsage(wrong);
    }
    const auto stop = stopOnSignal();
    std::atomic<bool> isAskedToEnd{false};
    options.isHeadless = true;
    options.stopAsked = [&isAskedToEnd] { isAskedToEnd = true; };
    auto notice = engines::ServiceNotice::fromEnvironment();
    engines::ServiceTeller teller(notice);
    QElapsedTimer sinceBegun;
    sinceBegun.start();
    base::setLogLevel(base::LogLevel::Info);
    auto host = engines::EngineHost::start(std::move(options));
    if (!host) {
        return report(host.error());
    }
    std::fprintf(stderr, "Running on %s without a window. Database: %s. Ctrl+C stops it.\n", feed.c_str(),
                 (*host)->info().database.c_str());
    std::optional<ProgressBar> bar;
    QTimer poll;
    bool hasFailed = false;
    QObject::connect(&poll, &QTimer::timeout, [&] {
        hasFailed = printEvents(**host) || hasFailed;
        teller.tell(serviceState(**host), std::chrono::milliseconds(sinceBegun.elapsed()));
        if (stop.stop_requested() || isAskedToEnd) {
            QCoreApplication::quit();
        }
    });
    poll.start(100);
    const auto seconds = given.parser().value(QStringLiteral("for")).toDouble();
    QTimer ready;
    QObject::connect(&ready, &QTimer::timeout, [&] {
        if (showMaking(**host, bar)) {
            return;
        }
        ready.stop();
        if (seconds > 0) {
            QTimer::singleShot(static_cast<int>(seconds * 1000), QCoreApplication::instance(), &QCoreApplication::quit);
        }
    });
    ready.start(50);
    QCoreApplication::exec();
    notice.stopping();
    (*host)->stop();
    hasFailed = printEvents(**host) || hasFailed;
    printSummary(**host, given.wantsJson());
    return hasFailed && !isAskedToEnd ? exitFailed : exitDone; // who was asked to end is not to be started again
}

} // namespace qd::app
