// The service thread in its host: health and alerts, what they are linked with, and the alerts' door.
#include "engines/host_impl.h"

namespace qd::engines {

using namespace std::chrono_literals;

void EngineHost::Impl::runService(const std::stop_token& stop)
{
    AlertCourier courier(options.notifiers);
    AlertDesk alerts(
        {.database = databaseOf(options.dataDir, options.feed),
         .dataDir = options.dataDir,
         .door = alertDoor,
         .store = storeQueue,
         .events = events,
         .courier = courier,
         .isReady = [this] { return start.wait_for(0s) == std::future_status::ready && !start.get()->error; }});
    HealthEngine engine({.dataDir = options.dataDir,
                         .ingest = ingestScreen,
                         .paper = paperScreen,
                         .store = storeScreen,
                         .pulses = pulses(),
                         .jobs = jobsScreen,
                         .frames = frames,
                         .care = careScreen,
                         .screen = healthScreen,
                         .pulse = servicePulse,
                         .clock = clock,
                         .governance = governanceScreen,
                         .learning = learningScreen,
                         .alerts = alerts});
    engine.run(stop);
}

void EngineHost::Impl::sendToAlerts(console::CommandId id, console::Command command)
{
    if (auto sent = alertDoor.send(id, std::move(command)); !sent) {
        events.push(console::CommandDone{id, sent.error()});
    }
}

} // namespace qd::engines
