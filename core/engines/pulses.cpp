#include "engines/pulses.h"

#include <cstdlib>

namespace qd::engines {

console::ServiceRow serviceRow(std::string name, const Heartbeat& pulse, base::UtcMs now)
{
    console::ServiceRow row{.name = std::move(name),
                            .state = pulse.state.load(),
                            .uptime = {},
                            .sinceBeat = {},
                            .restarts = pulse.restarts.load(),
                            .detail = {}};
    if (const auto started = pulse.startedMs.load(); started > 0) {
        row.uptime = base::Millis{now.value - started};
    }
    if (const auto beat = pulse.beatMs.load(); beat > 0) {
        // A clock that was set back leaves a beat that is to come: how long ago it was is not known, but it is old.
        row.sinceBeat = base::Millis{std::abs(now.value - beat)};
        if (row.state == console::EngineState::Running && *row.sinceBeat > silentAfter) {
            row.state = console::EngineState::Struggling;
            row.detail = "it has not answered for " + std::to_string(row.sinceBeat->count() / 1'000) + " s";
        }
    }
    return row;
}

std::vector<console::ServiceRow> serviceRows(std::span<const EnginePulse> pulses, base::UtcMs now)
{
    std::vector<console::ServiceRow> out;
    for (const auto& [name, pulse, words] : pulses) {
        auto row = serviceRow(name, *pulse, now);
        if (const auto said = words != nullptr ? words->get() : nullptr; said && row.detail.empty()) {
            row.detail = *said;
        }
        out.push_back(std::move(row));
    }
    return out;
}

} // namespace qd::engines
