// Looks once a second at machine and engines and scores what it sees. run() is the service thread's body. Reads the
// other engines' mailboxes and heartbeats only, so a hung engine is seen without asking it.
#pragma once

#include "engines/alert_desk.h"
#include "engines/engine_messages.h"
#include "engines/host_probes.h"
#include "engines/pulses.h"
#include "engines/systemd_units.h"
#include "health/health_score.h"
#include "health/restore_proof.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

/// How long the screen's thread takes to paint and how long it left the screen waiting: the worst of the last minute.
class FrameMeter {
public:
    void add(base::UtcMs now, double paintMs, double gapMs)
    {
        const std::scoped_lock lock(mutex_);
        if (now.value / 60'000 != minute_) {
            last_ = worst_;
            worst_ = {};
            minute_ = now.value / 60'000;
        }
        worst_.paintMs = std::max(worst_.paintMs, paintMs);
        worst_.gapMs = std::max(worst_.gapMs, gapMs);
        any_ = true;
    }
    struct Worst {
        double paintMs = 0;
        double gapMs = 0;
    };
    /// Empty where no screen reports.
    [[nodiscard]] std::optional<Worst> worst() const
    {
        const std::scoped_lock lock(mutex_);
        return any_ ? std::optional(Worst{std::max(worst_.paintMs, last_.paintMs), std::max(worst_.gapMs, last_.gapMs)})
                    : std::nullopt;
    }

private:
    mutable std::mutex mutex_;
    std::int64_t minute_ = 0;
    Worst worst_;
    Worst last_;
    bool any_ = false;
};

/// Of a clock that stands still while the machine sleeps, and that nobody sets.
[[nodiscard]] base::Millis awakeTime();

class HealthEngine {
public:
    struct Links {
        std::filesystem::path dataDir;
        const base::Mailbox<console::IngestSnapshot>& ingest;
        const base::Mailbox<console::PaperSnapshot>& paper;
        const base::Mailbox<console::StoreSnapshot>& store;
        std::vector<EnginePulse> pulses;
        const base::Mailbox<console::JobsSnapshot>& jobs;
        const FrameMeter& frames;
        const base::Mailbox<console::CareSnapshot>& care;
        base::Mailbox<console::HealthSnapshot>& screen;
        Heartbeat& pulse;
        const base::Clock& clock;
        const base::Mailbox<console::GovernanceSnapshot>& governance;
        const base::Mailbox<console::LearningSnapshot>& learning;
        AlertDesk& alerts;
        std::function<base::Millis()> awake = awakeTime; // tests have one of their own
    };
    explicit HealthEngine(Links links);

    void run(const std::stop_token& stop);

private:
    void look();
    [[nodiscard]] double limit(std::string_view name) const;
    void probePipeline(console::HealthSnapshot& out, std::vector<health::Reading>& readings,
                       std::vector<std::string>& failures);
    void probeUnits(console::HealthSnapshot& out, std::vector<health::Reading>& readings);
    void probeJobs(console::HealthSnapshot& out, std::vector<health::Reading>& readings);
    void probeStoreCare(console::HealthSnapshot& out, std::vector<health::Reading>& readings);
    void probeRestore(console::HealthSnapshot& out, std::vector<health::Reading>& readings);
    void listServices(console::HealthSnapshot& out) const;
    void probeHeartbeats(console::HealthSnapshot& out, std::vector<health::Reading>& readings);
    void remember(const console::HealthSnapshot& seen);
    void recall(const std::vector<storage::ProbeValue>& before);
    void rememberExpected(std::vector<console::ExpectedLoad> seen);
    void addTrends(console::HealthSnapshot& out) const;
    void lookAtAlerts(console::HealthSnapshot& out, const HostFigures& host);

    Links links_;
    std::optional<health::RestoreTry> restoreTry_; // the newest that said something
    HostProbes probes_;
    std::shared_ptr<const console::ProbeHistory> history_;
    std::vector<console::ExpectedLoad> expected_;
    base::UtcMs remembered_;
    bool isNewPoint_ = false; // remembered at this look
    SystemdUnits systemd_;
    Measured<UnitFigures> units_;
    SteadyTime unitsAt_;
};

} // namespace qd::engines
