// The execution calibrator while the engines run: run() is its thread's body, at low priority, on a read-only
// connection of its own. Soon after the start and then every 15 minutes it measures what was closed since, hands rows
// and journal to the store and what is to be charged to paper, which records it as an input. A run that fails is
// logged, told once, and tried again at the next.
#pragma once

#include "engines/engine_messages.h"
#include "engines/execution_calibrator.h"
#include "engines/job_board.h"

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>

namespace qd::engines {

class CalibrationJob {
public:
    struct Links {
        std::filesystem::path database;
        StoreQueue& store;
        PaperQueue& paper;
        EventLog& events;
        const base::Clock& clock;
        JobBoard* jobs = nullptr;                  // told of each run; may ask for one, or pause them
        std::atomic<std::int64_t>* next = nullptr; // when the next is due, UTC ms
    };
    struct Pace {
        std::chrono::milliseconds first{10'000};
        std::chrono::milliseconds every{15 * 60'000};
    };
    CalibrationJob(const base::PaperPolicy& policy, Links links, Pace pace);

    void run(const std::stop_token& stop);

private:
    [[nodiscard]] bool rest(std::chrono::milliseconds pause, const std::stop_token& stop);
    void tell(const base::Error& error);
    /// What became of it, in words.
    [[nodiscard]] base::Result<std::string> once(JobRun& run);

    const base::PaperPolicy policy_; // before anything of it was decided
    Links links_;
    Pace pace_;
    ExecutionCalibrator calibrator_;
    std::string failure_;
};

/// What the store keeps of a change; `by` as in the journal.
[[nodiscard]] StoreCalibration toStore(CalibrationChange& change, base::UtcMs now, std::string by);

} // namespace qd::engines
