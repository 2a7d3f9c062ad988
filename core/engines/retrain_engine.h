// Trains models beside everything else, one at a time: what the operator asks for, what is due by age, trades or drift
// (looked at every hour), and at once where a model has no version yet and enough is archived. Once an hour it also
// looks what the versions predicted in shadow. run() is its thread's body, at whatever priority that has; each training
// runs on a thread of its own, for which this one waits, so that it alone may be of the lowest priority. It owns a
// read-only connection, changes nothing itself (decisions go to paper, rows to the store), pauses while `waits` gives a
// reason, and ends within one tree of a stop. Fails: told in words, tried again at the next look.
#pragma once

#include "engines/job_board.h"
#include "engines/model_watch.h"
#include "engines/retrain_desk.h"
#include "engines/retrain_door.h"

#include <deque>
#include <filesystem>
#include <stop_token>

namespace qd::engines {

class RetrainEngine {
public:
    struct Links {
        std::filesystem::path database;
        RetrainDoor& door;
        PaperCommands& paper;
        StoreQueue& store;
        ModelShelf& shelf;
        EventLog& events;
        base::Mailbox<console::LearningSnapshot>& screen;
        Heartbeat& pulse;
        const base::Clock& clock;
        const base::PaperPolicy& policy;               // before anything of it was decided
        base::Millis firstLook{0};                     // after the start, which is busy enough without it
        std::function<std::string()> waits{};          // why training has to pause now, in words; empty: it has not
        std::function<bool()> fillsHistory{};          // the past is still being fetched: nothing trains by itself
        JobBoard* jobs = nullptr;                      // told of looks and trainings; may ask for a look, or pause them
        std::atomic<std::int64_t>* nextLook = nullptr; // UTC ms
        std::function<void()> beforeTraining{};        // first on the thread of each training
    };
    explicit RetrainEngine(Links links) : links_(std::move(links)) {}

    void run(const std::stop_token& stop);

private:
    struct Wanted {
        governance::ModelKey key;
        std::string trigger;
    };

    void obey(storage::Database& database, std::chrono::milliseconds timeout);
    [[nodiscard]] base::Result<void> want(storage::Database& database, const console::RetrainModel& wish);
    [[nodiscard]] base::Result<void> cancel(const std::string& model);
    [[nodiscard]] bool isUnderWay(const governance::ModelKey& key) const;
    void look(storage::Database& database, RetrainDesk& desk, const std::stop_token& stop);
    void lookAtSchedule(storage::Database& database, RetrainDesk& desk);
    void lookAtShadow(storage::Database& database, const std::stop_token& stop);
    void trainNext(storage::Database& database, RetrainDesk& desk, const std::stop_token& stop);
    [[nodiscard]] RetrainEnd trainApart(storage::Database& database, RetrainDesk& desk, const Wanted& wanted,
                                        const std::stop_token& stop);
    /// Between two steps of a training; false ends it.
    [[nodiscard]] bool step(storage::Database& database, const RetrainStep& at, const std::stop_token& stop);
    [[nodiscard]] bool pause(storage::Database& database, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::int64_t> carryOut(CarryOut decision, const std::stop_token& stop);
    [[nodiscard]] base::Result<std::int64_t> keep(storage::LearningRecord record, const std::stop_token& stop);
    void rememberRuns(storage::Database& database);
    void watchRegistry(storage::Database& database);
    void publish(bool force);
    void fail(const std::string& doing, const base::Error& error);

    Links links_;
    JobRun check_;                // the look that is under way
    JobRun run_;                  // the training
    std::uint32_t failures_ = 0;  // since the start
    ModelWatch* watch_ = nullptr; // of run()
    std::deque<Wanted> waiting_;
    std::optional<governance::ModelKey> runs_;
    bool isCancelled_ = false; // what runs
    console::LearningSnapshot shown_;
    governance::ModelRegistry registry_; // as of the newest look
    base::UtcMs nextLook_{INT64_MIN};    // at the schedule and at shadow predictions
    SteadyTime nextRegistry_{};
    SteadyTime published_{};
    SteadyTime checkedWaits_{};
    std::string failure_;
};

} // namespace qd::engines
