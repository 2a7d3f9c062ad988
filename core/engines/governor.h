// Holds the nightly review at its local time, catches one up after a sleep or a restart, carries out what the operator
// decides on evidence, and replays candidates for their sensitivity and on unseen days after the review. run() is its
// thread's body, at low priority; it owns a read-only connection. It changes nothing itself: decisions go to paper,
// rows to the store, and CommandDone comes when they are committed. What fails is told, and tried again at the next
// time.
#pragma once

#include "base/worker_thread.h"
#include "engines/experiments.h"
#include "engines/governance_desk.h"
#include "engines/governor_door.h"
#include "engines/job_board.h"
#include "engines/model_desk.h"
#include "engines/review_schedule.h"
#include "engines/sensitivity_run.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace qd::engines {

class Governor {
public:
    struct Links {
        std::filesystem::path database;
        GovernorDoor& door;
        PaperCommands& paper;
        StoreQueue& store;
        EventLog& events;
        base::Mailbox<console::GovernanceSnapshot>& screen;
        Heartbeat& pulse;
        const base::Clock& clock;
        JobBoard* jobs = nullptr; // told of reviews and nights; may pause them
    };
    explicit Governor(Links links) : links_(std::move(links)) {}

    void run(const std::stop_token& stop);

private:
    /// What the nights' own thread tells.
    struct NightState {
        std::mutex mutex; // of all below
        std::string phase;
        double progress = 0;
        bool isDone = false;
        std::string failure;
    };
    struct Night {
        SensitivityTask task;
        storage::NightRow row; // without what it gave
    };

    struct UnseenDays {
        SensitivityTask task; // without changes, from the first to the last of the days
        std::vector<std::int64_t> days;
        double capital = 0;
        storage::UnseenRow row; // without what they gave
    };
    struct NightWork {
        std::vector<Night> nights;
        std::vector<UnseenDays> unseen;
    };

    struct Desks {
        GovernanceDesk governance;
        ExperimentDesk experiments;
        ModelDesk models;
    };
    void obey(Desks& desks, const GovernorCommand& command);
    [[nodiscard]] base::Result<std::string> archiveStale(GovernanceDesk& desk, const std::atomic<bool>& isGivenUp);
    [[nodiscard]] Done carryOutCommand(Desks& desks, const console::Command& command);
    void tendModels(ModelDesk& models);
    void tendExperiments(ExperimentDesk& experiments, storage::Database& database);
    [[nodiscard]] base::Result<void> review(GovernanceDesk& desk, bool isNightly);
    void tellRefused(const std::vector<std::string>& failures);
    void resumeReview(GovernanceDesk& desk);
    void tendReview(GovernanceDesk& desk, storage::Database& database);
    void tendNights(GovernanceDesk& desk, storage::Database& database, const std::stop_token& stop);
    [[nodiscard]] base::Result<NightWork> nightsDue(GovernanceDesk& desk, storage::Database& database);
    [[nodiscard]] base::Result<void> addDue(NightWork& due, const governance::RosterRow& candidate,
                                            const GovernanceFacts& facts, GovernanceDesk& desk,
                                            storage::Database& database, base::UtcMs reviewed);
    void replayNights(const NightWork& work, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::int64_t> carryOut(CarryOut decision, const std::stop_token& stop);
    /// `pulse`: of the thread that waits, if that has one.
    [[nodiscard]] base::Result<std::int64_t> keep(storage::GovernanceRecord record, const std::stop_token& stop,
                                                  Heartbeat* pulse);
    [[nodiscard]] base::Result<void> readSchedule(storage::Database& database);
    void publish(storage::Database& database);
    void fail(const std::string& doing, const base::Error& error);

    Links links_;
    ReviewSchedule schedule_;
    std::optional<base::UtcMs> heldNightly_;
    std::optional<base::UtcMs> appliedOf_; // the nightly one of which the policy has carried out what it will
    base::UtcMs since_{INT64_MAX};         // of the ledger: before it there was nothing to review
    std::optional<base::UtcMs> triedAt_;   // a review that failed
    SteadyTime nextLook_{};                // at experiments
    std::int64_t retiredOn_ = 0;           // UTC day of the newest look for versions to retire
    bool wantsNights_ = true;              // looked for after each review, and at the start
    bool changed_ = true;
    std::vector<console::ExperimentLine> experiments_; // that run
    std::string failure_;
    std::shared_ptr<NightState> nightState_;
    std::unique_ptr<base::WorkerThread> nightThread_;
};

} // namespace qd::engines
