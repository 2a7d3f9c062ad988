// How long the window took to come, from the beginning of its process but for the time that questions stood open: to
// the first painted frame, and until every page shows what the engines say now. Told once each, as lines of the log.
// GUI thread. Owned by the main window.
#pragma once

#include "ui/page.h"

#include <QElapsedTimer>

#include <chrono>
#include <string>

namespace qd::ui {

/// What pages still wait for, "" once all are live: each engine has spoken, and ingest has a tick of this run, or
/// recorded files, which have no exchange.
[[nodiscard]] std::string waitsFor(const Snapshots& newest);

/// What of the process's age counts when its window is made; 0: nothing, that window is of another feed. Both in ms.
[[nodiscard]] double countedAge(double age, double asked);

class StartTimes {
public:
    /// `asked`: how long questions stood open before this window.
    explicit StartTimes(std::chrono::milliseconds asked);
    void painted();
    /// After the pages were given `newest`.
    void look(const Snapshots& newest);

private:
    void tell(const std::string& what, const std::string& more = {}) const;

    double processMs_ = 0; // of its age when this was made, what counts
    QElapsedTimer since_;
    bool isPainted_ = false;
    bool isLive_ = false;
    std::string lastMissing_;
};

} // namespace qd::ui
