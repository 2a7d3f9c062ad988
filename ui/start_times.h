// How long the window took to come, from the beginning of its process: to the first painted frame, and until every page
// shows what the engines say now. Told once each, as lines of the log. GUI thread. Owned by the main window.
#pragma once

#include "ui/page.h"

#include <QElapsedTimer>

#include <string>

namespace qd::ui {

/// What pages still wait for, "" once all are live: each engine has spoken, and ingest has a tick of this run, or
/// recorded files, which have no exchange.
[[nodiscard]] std::string waitsFor(const Snapshots& newest);

class StartTimes {
public:
    StartTimes();
    void painted();
    /// After the pages were given `newest`.
    void look(const Snapshots& newest);

private:
    void tell(const std::string& what, const std::string& more = {}) const;

    double processMs_ = 0; // its age when this was made, where this is its first window
    QElapsedTimer since_;
    bool isPainted_ = false;
    bool isLive_ = false;
    std::string lastMissing_;
};

} // namespace qd::ui
