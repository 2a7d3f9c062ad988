#include "ui/heartbeats.h"

namespace qd::ui {

using console::EngineState;

bool Heartbeats::look(const std::shared_ptr<const console::HealthSnapshot>& health, bool isNew, double nowMs)
{
    if (!health) {
        return false;
    }
    if (isNew) {
        heardAtMs_ = nowMs;
    }
    const double silentMs = nowMs - heardAtMs_;
    const int silentS = silentMs > silentAfterMs ? static_cast<int>(silentMs / 1'000) : 0;
    const bool isTold = std::exchange(silentS_, silentS) != silentS;
    if (!isNew) {
        return isTold;
    }
    std::map<std::string, Verdict, std::less<>> now;
    for (const auto& row : health->services) {
        if (row.state == EngineState::Struggling || row.state == EngineState::Failed ||
            row.state == EngineState::Stopped) {
            now.emplace(row.name, Verdict{row.state, row.detail});
        }
    }
    return std::exchange(verdicts_, now) != now || isTold;
}

std::shared_ptr<const console::HealthSnapshot>
Heartbeats::judged(std::shared_ptr<const console::HealthSnapshot> said) const
{
    if (!said || silentS_ == 0) {
        return said;
    }
    auto out = std::make_shared<console::HealthSnapshot>(*said);
    const auto words = "nothing was measured for " + std::to_string(silentS_) + " s";
    out->score.reset();
    out->label = console::HealthLabel::Unknown;
    out->cap = "The service that measures health does not answer: " + words;
    for (auto& row : out->services) {
        if (row.name == "Service" || row.state == EngineState::Running) {
            row.state = EngineState::Struggling;
            row.detail = row.name == "Service" ? "it has not answered for " + std::to_string(silentS_) + " s" : words;
        }
    }
    return out;
}

} // namespace qd::ui
