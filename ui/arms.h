// The books of an experiment's arms are named after their strategy ("breakout~4b"). They are no strategies: only
// Experiments tells of them. Pure. Any thread.
#pragma once

#include "console/snapshots.h"
#include "trading/arm.h"

#include <memory>

namespace qd::ui {

using trading::isArm;

/// The same picture, shared where it has no arm in it.
[[nodiscard]] std::shared_ptr<const console::PaperSnapshot>
withoutArms(std::shared_ptr<const console::PaperSnapshot> paper);

} // namespace qd::ui
