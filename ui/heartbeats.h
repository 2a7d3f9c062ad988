// Whether an engine is what its newest snapshot says. A hung engine makes no more snapshots, so its last one would say
// "running" for ever; the service's list of heartbeats tells better. And a service that is hung itself is seen by its
// silence. Pure but for the clock that is handed in. GUI thread.
#pragma once

#include "console/heartbeat_limit.h"
#include "console/snapshots.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace qd::ui {

class Heartbeats {
public:
    /// The service looks once a second; silent for so long, it is hung.
    static constexpr auto silentAfterMs = static_cast<double>(console::silentAfter.count());

    /// `isNew`: it came with this pull; `nowMs`: of a clock that never goes back. True where another verdict than at
    /// the last look holds of any engine.
    [[nodiscard]] bool look(const std::shared_ptr<const console::HealthSnapshot>& health, bool isNew, double nowMs);

    /// The snapshot itself, or a copy that says struggling, failed or stopped where the heartbeats do.
    template <typename T>
    [[nodiscard]] std::shared_ptr<const T> judged(std::shared_ptr<const T> said, std::string_view engine) const
    {
        const auto found = verdicts_.find(engine);
        const bool claimsToRun =
            said && (said->state == console::EngineState::Running || said->state == console::EngineState::Starting);
        if (!claimsToRun || found == verdicts_.end()) {
            return said;
        }
        auto out = std::make_shared<T>(*said);
        out->state = found->second.state;
        if constexpr (requires { out->detail; }) {
            out->detail = found->second.detail;
        }
        return out;
    }
    /// Of a hung service nothing holds: no score, and every engine's state is unknown to it.
    [[nodiscard]] std::shared_ptr<const console::HealthSnapshot>
    judged(std::shared_ptr<const console::HealthSnapshot> said) const;

private:
    struct Verdict {
        console::EngineState state = console::EngineState::Struggling;
        std::string detail;
        friend bool operator==(const Verdict&, const Verdict&) = default;
    };
    std::map<std::string, Verdict, std::less<>> verdicts_; // of those that are worse than running
    double heardAtMs_ = 0;
    int silentS_ = 0; // of the service; 0: it is well
};

} // namespace qd::ui
