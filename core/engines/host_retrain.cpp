// The retrain thread in its host: what it is linked with, when it has to pause, and its door.
#include "engines/at_exit.h"
#include "engines/host_health.h"
#include "engines/host_impl.h"
#include "engines/low_priority.h"
#include "engines/retrain_engine.h"

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

/// Items that wait for paper: far more than a burst leaves for a moment.
constexpr std::size_t mostWaiting = 200;

} // namespace

// What caps the host's score, as the service thread says it.
std::string EngineHost::Impl::pipelineFailure() const
{
    const auto health = healthScreen.get();
    return health ? health->cap : std::string();
}

// Ticks and trades come first.
std::string EngineHost::Impl::retrainWaits() const
{
    if (const auto health = healthScreen.get()) {
        if (auto why = trainingWaits(*health); !why.empty()) {
            return why;
        }
    }
    if (storeIsFailing) {
        return "the store does not write";
    }
    return paperQueue.size() > mostWaiting ? "paper trading lags" : std::string();
}

void EngineHost::Impl::runRetrain(const std::stop_token& stop)
{
    retrainPulse.state = console::EngineState::Starting;
    const AtExit closed([this] {
        retrainDoor.close();
        for (const auto& command : retrainDoor.popAll(0ms)) {
            refuse(command.id, base::ErrorCode::Cancelled, "retrain", "it has ended");
        }
    });
    if (!waitUntilReady(stop)) {
        retrainPulse.state = console::EngineState::Stopped;
        return;
    }
    if (options.trainsWhenIdle) {
        lowerPriority();
    }
    RetrainEngine({.database = databaseOf(options.dataDir, options.feed),
                   .door = retrainDoor,
                   .paper = paperCommands,
                   .store = storeQueue,
                   .shelf = shelf,
                   .events = events,
                   .screen = learningScreen,
                   .pulse = retrainPulse,
                   .clock = clock,
                   .policy = options.policy,
                   .firstLook = options.firstTraining,
                   .waits =
                       [this] {
                           const auto heavy = board.heavyAtWork(); // of these one works at a time
                           return heavy.empty() ? retrainWaits() : "another job is at work: " + heavy;
                       },
                   .fillsHistory =
                       [this] {
                           const auto ingest = ingestScreen.get();
                           return ingest && ingest->history &&
                                  (ingest->history->state == console::HistoryState::Running ||
                                   ingest->history->state == console::HistoryState::Waiting);
                       },
                   .jobs = &board,
                   .nextLook = &nextRetrainLook,
                   .beforeTraining =
                       [this] {
                           if (options.trainsWhenIdle) {
                               lowestPriority();
                           }
                       }})
        .run(stop);
}

void EngineHost::Impl::sendToRetrain(console::CommandId id, console::Command command)
{
    if (auto sent = retrainDoor.send(id, std::move(command)); !sent) {
        events.push(console::CommandDone{id, sent.error()});
    }
}

} // namespace qd::engines
