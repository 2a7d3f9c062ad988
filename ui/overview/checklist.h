// The five lines of the first days: feed, disk, place for backups, alerts, clock. Each says how it stands, why, and
// what would bring it on. Pure. GUI thread.
#pragma once

#include "ui/page.h"

#include <array>

namespace qd::ui {

enum class CheckState : std::uint8_t { Ok, ToDo, Waiting };
enum class CheckLine : std::uint8_t { Feed, Disk, Backups, Alerts, Clock };

/// What a click on the line's button does.
enum class CheckAct : std::uint8_t { None, Reconnect, OpenHealth, OpenStorage, OpenAlerts };

struct Check {
    CheckLine line = CheckLine::Feed;
    CheckState state = CheckState::Waiting;
    QString title;
    QString reason;
    QString button; // empty: there is nothing to do
    CheckAct act = CheckAct::None;
    friend bool operator==(const Check&, const Check&) = default;
};

[[nodiscard]] std::array<Check, 5> checklist(const Snapshots& snapshots);
[[nodiscard]] QString word(CheckState state); // "done", "to do", "waiting"

} // namespace qd::ui
