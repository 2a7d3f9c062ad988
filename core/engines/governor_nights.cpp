// The nights of sensitivity that the governor replays after a review.
#include "base/log.h"
#include "engines/governor.h"

namespace qd::engines {

using base::ErrorCode;

// On the nights' own thread; what is told goes through nightState_, which lives as long as the thread.
void Governor::replayNights(const std::vector<Night>& nights, const std::stop_token& stop)
{
    const auto state = nightState_;
    auto run = beginJob(links_.jobs, "sensitivity", "after the review", JobBoard::Load::Heavy);
    const std::stop_callback ends(stop, [&run] { run.stop(); });
    const auto token = run.token();
    std::string failure;
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    if (!database) {
        failure = base::sentence(database.error());
    }
    for (std::size_t i = 0; database && i < nights.size() && !token.stop_requested(); ++i) {
        const auto& [task, row] = nights[i];
        const auto made = runSensitivity(*database, task, token, [&](double fraction, const std::string& instrument) {
            run.progress((static_cast<double>(i) + fraction) / static_cast<double>(nights.size()),
                         task.strategy + " on " + instrument);
            const std::scoped_lock lock(state->mutex);
            state->phase = "sensitivity of " + task.strategy + ", " + std::to_string(task.changes.size()) +
                           " changes on " + instrument;
            state->progress = (static_cast<double>(i) + fraction) / static_cast<double>(nights.size());
        });
        storage::GovernanceRecord record;
        if (made) {
            record.night = row;
            record.night->night = *made;
        }
        const auto kept = made ? keep(std::move(record), stop, nullptr) : std::unexpected(made.error());
        if (!kept && kept.error().code != ErrorCode::Cancelled) {
            failure = "Sensitivity of " + task.strategy + " was not replayed: " + base::sentence(kept.error());
            base::log(base::LogLevel::Error, "governor", failure);
            run.say(failure, true);
        }
    }
    if (!failure.empty()) {
        run.fail(failure);
    } else if (token.stop_requested()) {
        run.cancel("cancelled");
    } else {
        run.succeed(std::to_string(nights.size()) + (nights.size() == 1 ? " candidate" : " candidates"));
    }
    const std::scoped_lock lock(state->mutex);
    state->failure = failure;
    state->isDone = true;
}

} // namespace qd::engines
