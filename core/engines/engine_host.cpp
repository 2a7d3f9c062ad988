#include "engines/engine_host.h"

#include "base/log.h"
#include "engines/at_exit.h"
#include "engines/calibration_job.h"
#include "engines/data_folder.h"
#include "engines/demo_past.h"
#include "engines/governor.h"
#include "engines/host_impl.h"
#include "engines/look_ahead_run.h"
#include "engines/null_queries.h"
#include "engines/restore_at_start.h"
#include "engines/signing_key_file.h"
#include "engines/store_engine.h"
#include "engines/unreadable_parameters.h"

#include <algorithm>
#include <optional>
#include <thread>

namespace qd::engines {

using base::Result;
using namespace std::chrono_literals;

namespace {

// Items, not ticks: a batch holds up to 4,096.
// In ticks. A feed of single ticks must not wait for the store's next commit, nor one of large batches fill the memory.
constexpr std::size_t storeQueueTicks = 256 * 1'024;
constexpr std::size_t paperQueueTicks = 256 * 1'024;
constexpr std::size_t itemWeight = 8; // of an item beside its ticks, about

std::size_t weightOf(const StoreItem& item)
{
    const auto* ticks = std::get_if<StoreTicks>(&item);
    return itemWeight + (ticks != nullptr ? ticks->batch->size() : itemWeight);
}

std::size_t weightOf(const PaperItem& item)
{
    const auto* batch = std::get_if<SharedBatch>(&item);
    return itemWeight + (batch != nullptr ? (*batch)->size() : itemWeight);
}
constexpr auto firstBackOff = 500ms;
constexpr auto longestBackOff = 30'000ms;

/// The console was closed while it started: nothing failed.
bool wasCancelled(const StartState& state)
{
    return state.error && state.error->code == base::ErrorCode::Cancelled;
}

FeedAddress blofinAddress()
{
    return {"wss://openapi.blofin.com/ws/public", "https://openapi.blofin.com"};
}

} // namespace

EngineHost::Impl::Impl(HostOptions o, storage::Database opened)
    : options(std::move(o)),
      database(std::move(opened)),
      storeQueue(storeQueueTicks, weightOf),
      paperQueue(paperQueueTicks, weightOf),
      paperCommands(256),
      library(std::make_shared<const ModelLibrary>(storedModels(databaseOf(options.dataDir, options.feed)), &shelf)),
      started(clock.now()),
      start(startPromise.get_future().share()),
      address(addressPromise.get_future().share())
{
}

std::unique_ptr<base::WorkerThread> EngineHost::Impl::spawn(std::string name, Heartbeat& pulse,
                                                            void (Impl::*body)(const std::stop_token&))
{
    return std::make_unique<base::WorkerThread>(
        name, [this, body](const std::stop_token& stop) { (this->*body)(stop); },
        [this, name, &pulse](const std::string& what) { failed(name, what, pulse, false); });
}

void EngineHost::Impl::failed(const std::string& engine, const std::string& what, Heartbeat& pulse, bool restarts)
{
    pulse.state = console::EngineState::Failed;
    base::log(base::LogLevel::Error, engine, what);
    events.push(console::EngineFailed{engine, what, restarts});
}

void EngineHost::Impl::startAll()
{
    storeThread = spawn("store", storePulse, &Impl::runStore);
    paperThread = spawn("paper", paperPulse, &Impl::runPaper);
    if (options.feed == "demo") {
        demoThread = spawn("demo exchange", demoPulse, &Impl::runDemo);
    } else if (options.feed == importedFeed) {
        addressPromise.set_value(FeedAddress{});
    } else if (options.feed == "blofin") {
        addressPromise.set_value(blofinAddress());
    } else {
        addressPromise.set_value(FeedAddress{options.feed, options.restUrl});
    }
    ingestThread = spawn("ingest", ingestPulse, &Impl::runIngest);
    serviceThread = spawn("service", servicePulse, &Impl::runService);
    desk = std::make_unique<QueryDesk>(
        QueryDesk::Links{.database = databaseOf(options.dataDir, options.feed),
                         .policy = options.policy,
                         .clock = clock,
                         .waitUntilReady = [this](const std::stop_token& stop) { return waitUntilReady(stop); },
                         .keepNull =
                             [this](auto results, const std::stop_token& stop) {
                                 return keepThrough({storeQueue, storeIsFailing}, std::move(results), stop);
                             },
                         .keepTest =
                             [this](storage::SignOffRow row, const std::stop_token& stop) {
                                 return keepTestThrough({storeQueue, storeIsFailing}, std::move(row), stop);
                             },
                         .manifest = {.keyFile = signingKeyFile(options.dataDir),
                                      .feed = options.feed == "demo"     ? "DEMO"
                                              : options.feed == "blofin" ? "BLOFIN · PAPER"
                                                                         : options.feed + " · PAPER",
                                      .build = options.version},
                         .pipelineFailure = [this] { return pipelineFailure(); }});
    governorThread = spawn("governor", governorPulse, &Impl::runGovernor);
    retrainThread = spawn("retrain", retrainPulse, &Impl::runRetrain);
    jobsThread = spawn("jobs", jobsPulse, &Impl::runJobs);
    backupThread = spawn("backups", backupPulse, &Impl::runBackups);
    calibrationThread = std::make_unique<base::WorkerThread>(
        "calibrator", [this](const std::stop_token& stop) { runCalibration(stop); },
        [this](const std::string& what) {
            base::log(base::LogLevel::Error, "calibrator", what);
            events.push(console::EngineFailed{"calibrator", what, false});
        });
}

void EngineHost::Impl::runGovernor(const std::stop_token& stop)
{
    governorPulse.state = console::EngineState::Starting;
    const AtExit closed([this] { refuseGovernors(); });
    if (!waitUntilReady(stop)) {
        governorPulse.state = console::EngineState::Stopped;
        return;
    }
    Governor({databaseOf(options.dataDir, options.feed), governorDoor, paperCommands, storeQueue, events,
              governanceScreen, governorPulse, clock, &board})
        .run(stop);
}

void EngineHost::Impl::runCalibration(const std::stop_token& stop)
{
    if (waitUntilReady(stop)) {
        CalibrationJob(options.policy,
                       {databaseOf(options.dataDir, options.feed), storeQueue, paperQueue, events, clock, &board,
                        &nextCalibration},
                       options.calibration)
            .run(stop);
    }
}

void EngineHost::Impl::runStore(const std::stop_token& stop)
{
    storePulse.state = console::EngineState::Starting;
    storePulse.start(clock.now());
    // Whatever happens here, nobody may be left waiting for this thread.
    const AtExit closed([this] { storeQueue.close(); });
    auto state = std::make_shared<StartState>();
    std::uint64_t ticks = 0;
    try {
        const DemoPast past{.isDemo = options.feed == "demo",
                            .wish = options.demoHistory,
                            .seed = options.demoSeed,
                            .instruments = options.instruments};
        const auto made =
            makeDemoPast(*database, past, options.policy, {storeScreen, ingestScreen, events, storePulse, clock}, stop);
        const auto fallen = made ? settleUnreadable(*database, clock.now())
                                 : Result<std::vector<std::string>>(std::unexpected(made.error()));
        auto recovered = fallen ? recover(*database, options.policy, stop, library)
                                : Result<Recovered>(std::unexpected(fallen.error()));
        auto list = recovered ? readInstrumentList(*database, recovered->paper, options.instruments, options.feed)
                              : std::unexpected(recovered.error());
        if (list) {
            state->list = std::move(*list);
            state->simulatedUntil = *made;
            silenceMs = paperPolicyOf(recovered->paper.inForce.policy, options.policy).silence.count();
            clockOffMs = base::policySeconds(recovered->paper.inForce.policy.numbers, "health.clock_s").count();
            state->paper = std::make_shared<RecoveredPaper>(std::move(recovered->paper));
            state->streams = std::move(recovered->streams);
            state->afterCrash = recovered->afterCrash;
            for (const auto& stream : state->streams) {
                ticks += stream.archive.ticks;
            }
            for (const auto& what : *fallen) {
                events.push(console::Notice{clock.now(), console::Severity::Warning, what});
            }
            for (const auto& notice : recovered->notices) {
                events.push(console::Notice{clock.now(), console::Severity::Warning, notice});
            }
        } else {
            state->error = list.error();
        }
    } catch (const std::exception& e) {
        state->error = base::Error{base::ErrorCode::Internal, "start", e.what()};
    }
    startPromise.set_value(state);
    if (state->error) {
        if (wasCancelled(*state)) {
            storePulse.state = console::EngineState::Stopped;
            return;
        }
        failed("store", base::sentence(*state->error), storePulse, false);
        return;
    }
    const auto applied = [](storage::Database& writer, std::int64_t proposal, std::int64_t journal) -> Result<void> {
        auto ended = storage::ReviewStore(writer).end({proposal, storage::ProposalState::Applied, {}, journal});
        // One that a newer review took away meanwhile: the decision stands, and must not be tried for ever.
        return !ended && ended.error().code == base::ErrorCode::Conflict ? Result<void>{} : ended;
    };
    StoreEngine(
        *database, options.policy,
        {storeQueue, storeScreen, events, storePulse, clock, acknowledged, storeIsFailing, {}, applied, library}, ticks)
        .run(stop);
}

// Paper restarts from what is committed: every tick that it may have missed went to the store before it came here.
void EngineHost::Impl::runPaper(const std::stop_token& stop)
{
    paperPulse.state = console::EngineState::Starting;
    const AtExit closed([this] {
        paperQueue.close();
        refuseCommands();
    });
    const auto state = start.get();
    if (state->error) {
        paperPulse.state = wasCancelled(*state) ? console::EngineState::Stopped : console::EngineState::Failed;
        return;
    }
    auto from = state->paper;
    std::uint64_t sequence = 0;
    Departures departing;
    for (auto backOff = std::chrono::milliseconds(firstBackOff);; backOff = std::min(backOff * 2, longestBackOff)) {
        std::optional<PaperEngine> engine;
        try {
            if (from) {
                engine.emplace(std::move(*from), options.policy, paperLinks(), sequence, departing);
                engine->run();
                return;
            }
        } catch (const std::exception& e) {
            failed("paper", e.what(), paperPulse, true);
            ++paperPulse.restarts;
        }
        if (engine) {
            sequence = engine->sequence();
            departing = engine->departing();
        }
        if (!rest(backOff, stop)) {
            return;
        }
        StoreRecovery ask;
        auto answer = ask.answer.get_future();
        if (!storeQueue.push(std::move(ask))) {
            return;
        }
        auto recovered = answer.get();
        from = recovered ? *recovered : nullptr;
        if (!recovered) {
            failed("paper", base::sentence(recovered.error()), paperPulse, true);
        }
    }
}

PaperEngine::Links EngineHost::Impl::paperLinks()
{
    const std::scoped_lock lock(watchMutex);
    return {paperQueue,      paperCommands, storeQueue, acknowledged,   paperScreen, chartScreen,
            events,          paperPulse,    clock,      storeIsFailing, watch,       &departures,
            options.decided, &shelf,        &silenceMs, &clockOffMs};
}

void EngineHost::Impl::refuseCommands()
{
    paperCommands.close();
    for (const auto& command : paperCommands.popAll(0ms)) {
        events.push(console::CommandDone{command.id,
                                         base::Error{base::ErrorCode::Cancelled, "paper", "paper trading has ended"}});
    }
}

// False if the stop came first.
bool EngineHost::Impl::rest(std::chrono::milliseconds time, const std::stop_token& stop)
{
    for (auto waited = 0ms; waited < time && !stop.stop_requested(); waited += 20ms) {
        std::this_thread::sleep_for(20ms);
    }
    return !stop.stop_requested();
}

void EngineHost::Impl::runDemo(const std::stop_token& stop)
{
    const auto state = start.get();
    if (state->error) {
        addressPromise.set_value(std::unexpected(*state->error));
        return;
    }
    bool isTold = false; // ingest waits for it
    const auto tell = [&](Result<FeedAddress> at) {
        if (!std::exchange(isTold, true)) {
            addressPromise.set_value(std::move(at));
        }
    };
    try {
        runDemoExchange({.seed = options.demoSeed,
                         .instruments = options.instruments,
                         .streams = state->streams,
                         .historyEnd = state->simulatedUntil},
                        demoPulse, clock, stop, tell);
    } catch (const std::exception& e) {
        tell(base::fail(base::ErrorCode::Internal, "demo exchange", e.what()));
        throw;
    }
}

void EngineHost::Impl::runIngest(const std::stop_token& stop)
{
    ingestPulse.state = console::EngineState::Starting;
    const auto state = start.get();
    const auto at = address.get();
    if (wasCancelled(*state)) {
        ingestPulse.state = console::EngineState::Stopped;
        return;
    }
    if (state->error || !at) {
        failed("ingest", base::sentence(state->error ? *state->error : at.error()), ingestPulse, false);
        return;
    }
    if (options.feed == importedFeed) {
        showImported(state->streams);
        return;
    }
    IngestOptions ingestOptions;
    ingestOptions.history.days = options.feed == "demo" ? 0 : options.historyDays;
    auto list = state->list;
    auto ends = state->streams;
    auto cause = state->afterCrash ? market::GapCause::Crash : market::GapCause::Stopped;
    auto backOff = std::chrono::milliseconds(firstBackOff);
    while (!stop.stop_requested()) {
        ingestOptions.silence = base::Millis{silenceMs.load()};
        IngestEngine engine(*at, list, ends, cause,
                            {storeQueue, paperQueue, ingestScreen, events, ingestPulse, clock, storeIsFailing,
                             &departures, &silenceMs, &board, &nextGapCheck, nullptr, &clockOffMs},
                            ingestOptions);
        {
            const std::scoped_lock lock(ingestMutex);
            ingestEngine = &engine;
        }
        std::string what;
        try {
            engine.run(stop);
        } catch (const std::exception& e) {
            what = e.what();
        }
        {
            const std::scoped_lock lock(ingestMutex);
            ingestEngine = nullptr;
        }
        if (what.empty()) {
            return;
        }
        failed("ingest", what, ingestPulse, true);
        ++ingestPulse.restarts;
        ends = engine.streamEnds();
        list = engine.list();
        cause = market::GapCause::Socket;
        (void)rest(backOff, stop);
        backOff = std::min(backOff * 2, longestBackOff);
    }
}

// Recorded files have no exchange: what is there is shown, and nothing is fetched.
void EngineHost::Impl::showImported(const std::vector<StreamEnd>& streams)
{
    console::IngestSnapshot shown{.state = console::EngineState::Idle,
                                  .detail = "recorded files; no exchange is asked"};
    for (const auto& stream : streams) {
        console::InstrumentRow row{.instrument = stream.instrument};
        if (stream.archive.ticks > 0) {
            row.last = stream.lastPrice;
            row.lastTime = stream.archive.lastTime;
            shown.newestTick = std::max(shown.newestTick, row.lastTime);
        }
        shown.instruments.push_back(std::move(row));
    }
    ingestScreen.put(std::move(shown));
    ingestPulse.state = console::EngineState::Idle;
}

EngineHost::EngineHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

EngineHost::~EngineHost()
{
    stop();
}

Result<std::unique_ptr<EngineHost>> EngineHost::start(HostOptions options)
{
    if (const auto api = options.api ? checkApi(*options.api) : Result<void>{}; !api) {
        return std::unexpected(api.error());
    }
    if (const auto made = makeDataDir(options.dataDir); !made) {
        return std::unexpected(made.error());
    }
    const auto file = databaseOf(options.dataDir, options.feed);
    const auto restored = restoreAtStart(file, base::SystemClock().now());
    if (!restored) {
        return std::unexpected(restored.error());
    }
    auto database = storage::Database::open(file, storage::Database::Mode::ReadWrite);
    if (!database) {
        return std::unexpected(database.error());
    }
    const auto simulated = storage::SimulatedStore(*database).get();
    if (!simulated) {
        return std::unexpected(simulated.error());
    }
    std::unique_ptr<EngineHost> host(new EngineHost(std::make_unique<Impl>(std::move(options), std::move(*database))));
    host->impl_->isSimulated = simulated->has_value() || host->impl_->options.feed == "demo";
    if (!restored->sentence.empty()) {
        host->impl_->events.push(
            console::Notice{host->impl_->clock.now(), console::Severity::Warning, restored->sentence});
    }
    host->impl_->startAll();
    host->impl_->startApi(*host);
    host->impl_->openOwnerSocket();
    return host;
}

void EngineHost::stop()
{
    auto& i = *impl_;
    if (i.ownerSocket) {
        i.ownerSocket->stop(); // its file goes while the database is still ours
    }
    if (i.api) {
        i.api->stop(); // it asks the desk and the engines; while they end it would wait for them
    }
    // They read and hand over; what they wait for is answered, or given up, and jobs are no longer begun.
    for (auto* thread : {&i.calibrationThread, &i.governorThread, &i.retrainThread, &i.backupThread, &i.jobsThread}) {
        if (*thread) {
            (*thread)->requestStop();
        }
    }
    i.board.cancelAll("the console was closed"); // before anybody who works on one goes
    // All are told at once, so that nobody rests or tries for ever while another waits for him; then each ends in turn.
    for (auto* thread : {&i.ingestThread, &i.paperThread, &i.storeThread, &i.serviceThread}) {
        if (*thread) {
            (*thread)->requestStop();
        }
    }
    if (i.desk) { // its readers would hold up the last checkpoint; a hand-over of its own may wait for the store
        i.desk->stop();
    }
    const auto end = [](std::unique_ptr<base::WorkerThread>& thread) {
        if (thread) {
            thread->requestStop();
            thread->join();
            thread.reset();
        }
    };
    end(i.ingestThread);
    i.paperQueue.close();
    end(i.calibrationThread); // its hand-over may have waited for paper's queue
    end(i.governorThread);
    end(i.retrainThread);
    end(i.backupThread);
    end(i.paperThread);
    end(i.jobsThread); // tells the store how all of them ended
    i.storeQueue.close();
    end(i.storeThread);
    end(i.demoThread);
    end(i.serviceThread);
    i.database.reset();
}

} // namespace qd::engines
