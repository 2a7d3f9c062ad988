// Owns every engine and its thread, and is the console that window and API look through. start() opens the database and
// returns; recovery and everything else run on the engines' threads. A failed engine is restarted with back-off and
// counted. Made, stopped and destroyed by one thread; the Console functions may be called from any.
#pragma once

#include "base/policy.h"
#include "base/worker_thread.h"
#include "console/console.h"
#include "engines/alert_courier.h"
#include "engines/api_options.h"
#include "engines/calibration_job.h"
#include "engines/engine_messages.h"
#include "engines/feed_database.h"
#include "engines/simulated_history.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::engines {

struct HostOptions {
    std::filesystem::path dataDir;
    std::string feed = "demo";            // "demo", "blofin", "imported" or ws://…
    std::string restUrl;                  // needed with ws://…; else known
    std::vector<std::string> instruments; // empty: the defaults of the feed
    std::uint64_t demoSeed = 1;
    DemoHistory demoHistory; // made on the store's thread before any engine runs
    base::PaperPolicy policy = base::defaultPaperPolicy();
    int historyDays = 200; // of candles, back-filled from feeds other than demo; 0: none
    std::string version;
    CalibrationJob::Pace calibration{};
    std::optional<ApiOptions> api{};      // empty: no HTTP API
    base::Millis firstTraining{60'000};   // after the start: what is due, models without a version first
    bool trainsWhenIdle = true;           // false: models are trained beside all else, for tests on a busy machine
    base::Millis firstBackup{60'000};     // after the start: what is due, and the first look at the store
    bool isHeadless = false;              // as others are told who ask who owns the database
    std::function<void()> stopAsked = {}; // another program of this user asks to end; on the local socket's thread
    std::function<AlertCourier::Notifiers()> notifiers = allNotifiers; // made on the courier's thread
    std::function<void(const market::StreamBatch&)> decided = {};      // told on paper's thread; for measurements
};

class EngineHost final : public console::Console {
public:
    [[nodiscard]] static base::Result<std::unique_ptr<EngineHost>> start(HostOptions options);
    ~EngineHost() override;
    /// Closes the feed, lets paper and store finish, and joins every thread. Twice is no harm.
    void stop();
    /// Whether the engines run, or have failed to: a simulated history is made, and what is stored is recovered.
    [[nodiscard]] bool isReady() const;
    /// Which of ingest, paper and store has not beaten within so long, or has failed; empty: none. Recorded files have
    /// no ingest that could. From the heartbeats themselves, so that a hung thread is seen.
    [[nodiscard]] std::string silentEngine(base::Millis within) const;
    /// Where the HTTP API listens; 0 while it does not.
    [[nodiscard]] std::uint16_t apiPort() const;

    [[nodiscard]] console::ConsoleInfo info() const override;
    [[nodiscard]] const base::Mailbox<console::IngestSnapshot>& ingest() const override;
    [[nodiscard]] const base::Mailbox<console::PaperSnapshot>& paper() const override;
    [[nodiscard]] const base::Mailbox<console::ChartSnapshot>& chart() const override;
    [[nodiscard]] const base::Mailbox<console::StoreSnapshot>& store() const override;
    [[nodiscard]] const base::Mailbox<console::HealthSnapshot>& health() const override;
    [[nodiscard]] const base::Mailbox<console::GovernanceSnapshot>& governance() const override;
    [[nodiscard]] const base::Mailbox<console::LearningSnapshot>& learning() const override;
    /// The engines as their heartbeats show them at this moment, without any of their threads.
    [[nodiscard]] std::vector<console::ServiceRow> services() const;
    [[nodiscard]] const base::Mailbox<console::JobsSnapshot>& jobs() const override;
    console::CommandId send(console::Command command) override;
    [[nodiscard]] std::vector<console::Event> takeEvents() override;
    console::QueryId ask(console::Query query) override;
    void cancel(console::QueryId query) override;
    [[nodiscard]] std::vector<console::QueryEvent> takeAnswers() override;
    void reportFrame(double paintMs, double gapMs) override;

private:
    struct Impl;
    explicit EngineHost(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::engines
