#include "engines/calibration_job.h"

#include "base/log.h"
#include "engines/in_force.h"
#include "engines/low_priority.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace qd::engines {

CalibrationJob::CalibrationJob(const base::PaperPolicy& policy, Links links, Pace pace)
    : policy_(policy),
      links_(std::move(links)),
      pace_(pace),
      calibrator_(policy)
{
}

void CalibrationJob::run(const std::stop_token& stop)
{
    lowerPriority();
    std::mutex mutex;
    std::condition_variable_any wake;
    for (auto pause = pace_.first; !stop.stop_requested(); pause = pace_.every) {
        {
            std::unique_lock lock(mutex);
            (void)wake.wait_for(lock, stop, pause, [] { return false; });
        }
        if (stop.stop_requested()) {
            return;
        }
        const auto done = once(stop);
        if (done || done.error().code == base::ErrorCode::Cancelled) {
            failure_.clear();
            continue;
        }
        const auto what = base::sentence(done.error());
        base::log(base::LogLevel::Error, "calibrator", what);
        if (std::exchange(failure_, what) != what) {
            links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning,
                                               "Execution could not be calibrated: " + what +
                                                   " What was learned before stays in force."});
        }
    }
}

base::Result<void> CalibrationJob::once(const std::stop_token& stop)
{
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        return std::unexpected(database.error());
    }
    const auto policy = policyInForce(*database, policy_);
    if (!policy) {
        return std::unexpected(policy.error());
    }
    calibrator_.setPolicy(*policy);
    const auto now = links_.clock.now();
    const auto calibrated = calibrator_.calibrate(*database, now, stop);
    auto change = calibrated ? calibrationChange(*database, *calibrated, *policy)
                             : base::Result<CalibrationChange>(std::unexpected(calibrated.error()));
    if (!change) {
        return std::unexpected(change.error());
    }
    auto charges = std::move(change->charges);
    auto kept = toStore(*change, now, "policy");
    if (!kept.rows.empty() && !links_.store.push(std::move(kept))) {
        return {}; // the console is closing
    }
    if (!charges.empty()) {
        (void)links_.paper.push(PaperCalibration{std::move(charges)});
    }
    return {};
}

StoreCalibration toStore(CalibrationChange& change, base::UtcMs now, std::string by)
{
    StoreCalibration out{.time = now, .rows = std::move(change.rows), .journal = {}};
    if (!change.what.empty()) {
        out.journal = storage::JournalEntry{.id = 0,
                                            .time = now,
                                            .by = std::move(by),
                                            .what = change.what,
                                            .why = "measured on recorded quotes and ticks",
                                            .evidence = std::move(change.evidence),
                                            .undo = ""};
    }
    return out;
}

} // namespace qd::engines
