// The console's door of EngineHost: what the screen may see and ask, and which engine obeys which command.
#include "engines/host_impl.h"
#include "engines/service_notice.h"

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t mostPaperCommands = 200; // that wait: a push must not

template <typename... T>
bool isAnyOf(const console::Command& command)
{
    return (std::holds_alternative<T>(command) || ...);
}

} // namespace

console::ConsoleInfo EngineHost::info() const
{
    return {.feed = impl_->options.feed,
            .database = databaseOf(impl_->options.dataDir, impl_->options.feed).string(),
            .version = impl_->options.version,
            .startedAt = impl_->started,
            .isSimulated = impl_->isSimulated};
}

bool EngineHost::isReady() const
{
    return impl_->start.wait_for(0s) == std::future_status::ready;
}

std::string EngineHost::silentEngine(base::Millis within) const
{
    const auto now = impl_->clock.now();
    const auto hangs = [&](const Heartbeat& pulse) { return isSilent(pulse, now, within); };
    if (impl_->options.feed != importedFeed && hangs(impl_->ingestPulse)) {
        return "ingest";
    }
    return hangs(impl_->paperPulse) ? "paper" : hangs(impl_->storePulse) ? "store" : "";
}

// Whether recovery has ended well; false also where the stop comes first.
bool EngineHost::Impl::waitUntilReady(const std::stop_token& stop) const
{
    while (start.wait_for(20ms) != std::future_status::ready) {
        if (stop.stop_requested()) {
            return false;
        }
    }
    return !start.get()->error;
}

const base::Mailbox<console::IngestSnapshot>& EngineHost::ingest() const
{
    return impl_->ingestScreen;
}
const base::Mailbox<console::PaperSnapshot>& EngineHost::paper() const
{
    return impl_->paperScreen;
}
const base::Mailbox<console::ChartSnapshot>& EngineHost::chart() const
{
    return impl_->chartScreen;
}
const base::Mailbox<console::StoreSnapshot>& EngineHost::store() const
{
    return impl_->storeScreen;
}
const base::Mailbox<console::HealthSnapshot>& EngineHost::health() const
{
    return impl_->healthScreen;
}
const base::Mailbox<console::GovernanceSnapshot>& EngineHost::governance() const
{
    return impl_->governanceScreen;
}
const base::Mailbox<console::LearningSnapshot>& EngineHost::learning() const
{
    return impl_->learningScreen;
}
const base::Mailbox<console::JobsSnapshot>& EngineHost::jobs() const
{
    return impl_->jobsScreen;
}
std::vector<console::Event> EngineHost::takeEvents()
{
    return impl_->events.take();
}
void EngineHost::reportFrame(double paintMs, double gapMs)
{
    impl_->frames.add(impl_->clock.now(), paintMs, gapMs);
}

console::QueryId EngineHost::ask(console::Query query)
{
    return impl_->desk->ask(std::move(query));
}
void EngineHost::cancel(console::QueryId query)
{
    impl_->desk->cancel(query);
}
std::vector<console::QueryEvent> EngineHost::takeAnswers()
{
    return impl_->desk->take();
}

void EngineHost::Impl::refuse(console::CommandId id, base::ErrorCode code, std::string subject, std::string detail)
{
    events.push(console::CommandDone{id, base::Error{code, std::move(subject), std::move(detail)}});
}

void EngineHost::Impl::sendToIngest(console::CommandId id, console::Command command)
{
    const std::scoped_lock lock(ingestMutex);
    if (ingestEngine == nullptr || !ingestEngine->obey(id, std::move(command))) {
        refuse(id, base::ErrorCode::Busy, "feed",
               options.feed == importedFeed ? "recorded files have no exchange to ask"
                                            : "the feed's engine is starting; try again in a moment");
    }
}

void EngineHost::Impl::sendToPaper(console::CommandId id, console::Command command)
{
    if (const auto* watched = std::get_if<console::WatchChart>(&command)) {
        const std::scoped_lock lock(watchMutex);
        watch = *watched;
    }
    if (paperCommands.size() >= mostPaperCommands || !paperCommands.push({id, std::move(command)})) {
        refuse(id, base::ErrorCode::Busy, "paper", "too many commands wait, or the console is closing");
    }
}

// What wants evidence before it is decided.
void EngineHost::Impl::sendToGovernor(console::CommandId id, console::Command command)
{
    if (auto sent = governorDoor.send(id, std::move(command)); !sent) {
        events.push(console::CommandDone{id, sent.error()});
    }
}

// What waits when the governor ends.
void EngineHost::Impl::refuseGovernors()
{
    governorDoor.close();
    for (const auto& command : governorDoor.popAll(0ms)) {
        if (command.turn) {
            continue; // its promise breaks
        }
        refuse(command.id, base::ErrorCode::Cancelled, "governor", "it has ended");
    }
}

console::CommandId EngineHost::send(console::Command command)
{
    const auto id = impl_->nextCommand++;
    impl_->dispatch(id, std::move(command));
    return id;
}

void EngineHost::Impl::dispatch(console::CommandId id, console::Command command)
{
    auto& i = *this;
    if (std::holds_alternative<console::ReconnectNow>(command)) {
        const std::scoped_lock lock(i.ingestMutex);
        if (i.ingestEngine != nullptr) {
            i.ingestEngine->reconnectNow();
        }
        i.events.push(console::CommandDone{id, std::nullopt});
    } else if (isAnyOf<console::ChangeInstruments, console::AskOffer, console::SetHistoryCancelled>(command)) {
        i.sendToIngest(id, std::move(command));
    } else if (isAnyOf<console::SetStage, console::ReviewNow, console::ApplyProposals, console::DismissProposals,
                       console::UndoDecision, console::SignOff, console::AddNote, console::StartExperiment,
                       console::EndExperiment, console::ExtendExperiment, console::SetModelStage, console::SignOffModel,
                       console::ImportModel, console::ArchiveStrategies>(command)) {
        i.sendToGovernor(id, std::move(command));
    } else if (isAnyOf<console::RetrainModel, console::CancelRetrain>(command)) {
        i.sendToRetrain(id, std::move(command));
    } else if (isAnyOf<console::AcknowledgeAlert, console::SnoozeAlert, console::TestAlerts>(command)) {
        i.sendToAlerts(id, std::move(command));
    } else if (isAnyOf<console::RunJob, console::CancelJob, console::SetJobPaused, console::AddJob, console::RemoveJob,
                       console::BackUpNow, console::CancelBackup>(command)) {
        i.sendToJobs(id, std::move(command));
    } else if (isAnyOf<console::StageRestore, console::DropRestore>(command)) {
        i.sendToBackups(id, std::move(command));
    } else {
        i.sendToPaper(id, std::move(command));
    }
}

} // namespace qd::engines
