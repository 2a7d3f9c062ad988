// A window on a database that another console owns: says who, since when and where it shows itself, and lets the
// operator watch it through its HTTP API, nothing changed, or take over cleanly. GUI thread; what waits for the other
// waits on a thread of its own.
#pragma once

#include "engines/engine_host.h"
#include "engines/owner_line.h"
#include "ui/format.h"
#include "ui/main_window.h"

#include <QString>
#include <QWidget>

#include <chrono>
#include <stop_token>

namespace qd::app {

enum class OwnedChoice : std::uint8_t { Quit, Watch, TakeOver };

/// What the operator wants. Where it has no API, watching is no choice, and the dialog says why and what to do.
[[nodiscard]] OwnedChoice chooseOnOwned(const engines::Owner& owner, ui::format::Zone zone,
                                        const std::stop_token& stop);

/// What the dialog says while the other ends. `who`: "the headless instance (process 1234)"; `isAsked`: it has said
/// that it ends, or has begun to by itself.
[[nodiscard]] QString waitingText(const QString& who, bool isAsked, std::chrono::seconds waited);

/// Who is waited for, and the window over which that is told.
struct TakeOverWait {
    QString who = QStringLiteral("the other console");
    QWidget* parent = nullptr;
};
/// Asks the owner to end, if there is one still, and waits until the database is free. False where it does not end in
/// time, the database cannot be locked, or the operator gives up waiting; that is told.
[[nodiscard]] bool takeOver(const engines::OwnerLine& line, const std::stop_token& stop, const TakeOverWait& wait = {});

/// The window of one who watches, until it is closed (false) or has taken over (true). Who runs is never ended unasked:
/// where nobody owned the data and somebody does again, that is told and the window goes on watching.
[[nodiscard]] bool watch(const engines::OwnerLine& line, const engines::Owner& owner, const ui::UiOptions& options,
                         const std::stop_token& stop);

/// All of it, from the question on. True once the database is free.
[[nodiscard]] bool meetOwner(const engines::OwnerLine& line, const engines::Owner& owner, const ui::UiOptions& options,
                             const std::stop_token& stop);

} // namespace qd::app
