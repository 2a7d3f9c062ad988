#include "engines/calibration_job.h"

#include "base/log.h"
#include "engines/in_force.h"
#include "engines/low_priority.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace qd::engines {

namespace {

constexpr const char* job = "calibration";

} // namespace

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
    for (auto pause = pace_.first; !stop.stop_requested(); pause = pace_.every) {
        const bool isWished = rest(pause, stop);
        if (stop.stop_requested()) {
            return;
        }
        if (!isWished && links_.jobs != nullptr && links_.jobs->isPaused(job)) {
            continue;
        }
        auto run = beginJob(links_.jobs, job, isWished ? "by you" : "by the clock");
        const std::stop_callback ends(stop, [&run] { run.stop(); });
        const auto done = once(run);
        if (done) {
            failure_.clear();
            run.succeed(*done);
        } else if (done.error().code == base::ErrorCode::Cancelled) {
            failure_.clear();
            run.cancel("cancelled");
        } else {
            run.fail(base::sentence(done.error()));
            tell(done.error());
        }
    }
}

// True if it was cut short by a wish.
bool CalibrationJob::rest(std::chrono::milliseconds pause, const std::stop_token& stop)
{
    constexpr std::chrono::milliseconds look{250};
    std::mutex mutex;
    std::condition_variable_any wake;
    const auto until = std::chrono::steady_clock::now() + pause;
    if (links_.next != nullptr) {
        *links_.next = (links_.clock.now() + base::Millis{pause.count()}).value;
    }
    while (!stop.stop_requested() && std::chrono::steady_clock::now() < until) {
        std::unique_lock lock(mutex);
        (void)wake.wait_until(lock, stop, std::min(until, std::chrono::steady_clock::now() + look),
                              [] { return false; });
        if (links_.jobs != nullptr && links_.jobs->takeWish(job)) {
            return true;
        }
    }
    return false;
}

void CalibrationJob::tell(const base::Error& error)
{
    const auto what = base::sentence(error);
    base::log(base::LogLevel::Error, "calibrator", what);
    if (std::exchange(failure_, what) != what) {
        links_.events.push(
            console::Notice{links_.clock.now(), console::Severity::Warning,
                            "Execution could not be calibrated: " + what + " What was learned before stays in force."});
    }
}

base::Result<std::string> CalibrationJob::once(JobRun& run)
{
    const auto stop = run.token();
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
    const auto calibrated =
        calibrator_.calibrate(*database, now, stop, [&run](double fraction) { run.progress(fraction, "measuring"); });
    auto change = calibrated ? calibrationChange(*database, *calibrated, *policy)
                             : base::Result<CalibrationChange>(std::unexpected(calibrated.error()));
    if (!change) {
        return std::unexpected(change.error());
    }
    const auto said =
        std::to_string(calibrated->measured) + " fills" + (change->charges.empty() ? "" : ", charges changed");
    if (!change->what.empty()) {
        run.say(change->what);
    }
    auto charges = std::move(change->charges);
    auto kept = toStore(*change, now, "policy");
    if (!kept.rows.empty() && !links_.store.push(std::move(kept))) {
        return base::fail(base::ErrorCode::Cancelled, "calibrator", "the console is closing");
    }
    if (!charges.empty()) {
        (void)links_.paper.push(PaperCalibration{std::move(charges)});
    }
    return said;
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
