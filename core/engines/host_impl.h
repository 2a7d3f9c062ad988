// What EngineHost is made of, for its own two files: engine_host.cpp (engines and their threads) and host_console.cpp
// (the console's door, and which engine obeys which command). Each member guards itself, or says what guards it.
#pragma once

#include "engines/alert_door.h"
#include "engines/backup_door.h"
#include "engines/demo_exchange.h"
#include "engines/engine_host.h"
#include "engines/governor_door.h"
#include "engines/health_engine.h"
#include "engines/http_api.h"
#include "engines/ingest_engine.h"
#include "engines/model_library.h"
#include "engines/owner_socket.h"
#include "engines/paper_engine.h"
#include "engines/pulses.h"
#include "engines/query_desk.h"
#include "engines/retrain_door.h"
#include "engines/scheduler.h"

#include <atomic>
#include <future>
#include <mutex>
#include <optional>

namespace qd::engines {

/// What recovery found, for the engines that wait for it.
struct StartState {
    std::optional<base::Error> error;
    std::shared_ptr<RecoveredPaper> paper; // taken by the paper thread
    std::vector<StreamEnd> streams;
    InstrumentList list;
    bool afterCrash = false;
    std::optional<base::UtcMs> simulatedUntil; // the demo market's made past ends here
};

struct EngineHost::Impl {
    Impl(HostOptions o, storage::Database opened);

    // what the threads share; each of these guards itself
    const HostOptions options;
    const base::SystemClock clock;
    std::optional<storage::Database> database; // the store thread's, while it runs; closed by stop()
    StoreQueue storeQueue;
    PaperQueue paperQueue;
    PaperCommands paperCommands;
    EventLog events;
    base::Mailbox<console::IngestSnapshot> ingestScreen;
    base::Mailbox<console::PaperSnapshot> paperScreen;
    base::Mailbox<console::ChartSnapshot> chartScreen;
    base::Mailbox<console::StoreSnapshot> storeScreen;
    base::Mailbox<console::HealthSnapshot> healthScreen;
    base::Mailbox<console::GovernanceSnapshot> governanceScreen;
    base::Mailbox<console::LearningSnapshot> learningScreen;
    base::Mailbox<console::JobsSnapshot> jobsScreen;
    base::Mailbox<console::CareSnapshot> careScreen;
    ModelShelf shelf;
    const std::shared_ptr<const trading::ModelLibrary> library;
    GovernorDoor governorDoor;
    RetrainDoor retrainDoor;
    AlertDoor alertDoor;
    JobBoard board{clock};
    JobDoor jobDoor{256};
    BackupDoor backupDoor;
    base::Mailbox<Departures> departures;
    Heartbeat ingestPulse;
    Heartbeat paperPulse;
    Heartbeat storePulse;
    Heartbeat servicePulse;
    Heartbeat demoPulse;
    Heartbeat governorPulse;
    Heartbeat retrainPulse;
    Heartbeat jobsPulse;
    Heartbeat apiPulse;
    base::Mailbox<std::string> apiWords; // what it does, for Health
    Heartbeat backupPulse;
    FrameMeter frames;
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<bool> storeIsFailing{false};
    std::atomic<std::int64_t> nextCalibration{0}; // UTC ms; 0: not known yet
    std::atomic<std::int64_t> nextRetrainLook{0}; // likewise
    std::atomic<std::int64_t> nextGapCheck{0};    // likewise
    std::atomic<std::int64_t> silenceMs{0};       // feed.silence_s as it was committed: paper's word to ingest
    std::atomic<std::int64_t> clockOffMs{0};      // health.clock_s likewise
    std::atomic<console::CommandId> nextCommand{1};
    const base::UtcMs started;
    bool isSimulated = false; // told once, before any thread
    std::promise<std::shared_ptr<const StartState>> startPromise;
    std::shared_future<std::shared_ptr<const StartState>> start;
    std::promise<base::Result<FeedAddress>> addressPromise;
    std::shared_future<base::Result<FeedAddress>> address;

    std::mutex watchMutex;
    std::optional<console::WatchChart> watch; // guarded by watchMutex: outlives a failed paper engine
    std::mutex ingestMutex;
    IngestEngine* ingestEngine = nullptr; // guarded by ingestMutex

    // the host's own; in the order of their start
    std::unique_ptr<base::WorkerThread> storeThread;
    std::unique_ptr<base::WorkerThread> paperThread;
    std::unique_ptr<base::WorkerThread> demoThread;
    std::unique_ptr<base::WorkerThread> ingestThread;
    std::unique_ptr<base::WorkerThread> serviceThread;
    std::unique_ptr<base::WorkerThread> calibrationThread;
    std::unique_ptr<base::WorkerThread> governorThread;
    std::unique_ptr<base::WorkerThread> retrainThread;
    std::unique_ptr<base::WorkerThread> jobsThread;
    std::unique_ptr<base::WorkerThread> backupThread;
    std::unique_ptr<QueryDesk> desk;
    std::unique_ptr<HttpApi> api;             // null: none is wanted
    std::unique_ptr<OwnerSocket> ownerSocket; // null: it could not be opened

    void startAll();
    [[nodiscard]] PaperEngine::Links paperLinks();
    void refuseCommands();
    [[nodiscard]] static bool rest(std::chrono::milliseconds time, const std::stop_token& stop);
    void runStore(const std::stop_token& stop);
    void runPaper(const std::stop_token& stop);
    void runDemo(const std::stop_token& stop);
    void runIngest(const std::stop_token& stop);
    void runService(const std::stop_token& stop);
    void runCalibration(const std::stop_token& stop);
    void runGovernor(const std::stop_token& stop);
    // host_retrain.cpp
    void runRetrain(const std::stop_token& stop);
    void sendToRetrain(console::CommandId id, console::Command command);
    void sendToAlerts(console::CommandId id, console::Command command); // host_alerts.cpp
    [[nodiscard]] std::string retrainWaits() const;
    [[nodiscard]] std::string pipelineFailure() const;
    [[nodiscard]] bool waitUntilReady(const std::stop_token& stop) const;
    // host_jobs.cpp
    void runJobs(const std::stop_token& stop);
    void sendToJobs(console::CommandId id, console::Command command);
    void refuseJobs();
    [[nodiscard]] std::vector<InsideJob> insideJobs();
    // host_api.cpp
    void startApi(const console::Console& console);
    [[nodiscard]] console::Answer askAside(console::Query query, const std::stop_token& stop);
    [[nodiscard]] CommandEnd sendAside(console::Command command, base::Millis patience, const std::stop_token& stop);
    // host_owner.cpp
    void openOwnerSocket();
    [[nodiscard]] QJsonObject answerAside(const QJsonObject& request, const std::stop_token& stop);
    [[nodiscard]] QJsonObject whoOwns() const;
    [[nodiscard]] QJsonObject whatTrains() const;
    [[nodiscard]] QJsonObject whatIsScheduled() const;
    [[nodiscard]] std::vector<EnginePulse> pulses() const;
    // host_backup.cpp
    void runBackups(const std::stop_token& stop);
    void sendToBackups(console::CommandId id, console::Command command);
    // which engine obeys: host_console.cpp
    void dispatch(console::CommandId id, console::Command command);
    void sendToIngest(console::CommandId id, console::Command command);
    void sendToPaper(console::CommandId id, console::Command command);
    void sendToGovernor(console::CommandId id, console::Command command);
    void refuseGovernors();
    void refuse(console::CommandId id, base::ErrorCode code, std::string subject, std::string detail);
    void showImported(const std::vector<StreamEnd>& streams);
    std::unique_ptr<base::WorkerThread> spawn(std::string name, Heartbeat& pulse,
                                              void (Impl::*body)(const std::stop_token&));
    void failed(const std::string& engine, const std::string& what, Heartbeat& pulse, bool restarts);
};

} // namespace qd::engines
