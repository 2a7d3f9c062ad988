// Pulls the mailboxes and events every 33 ms and tells what changed; measures how long that and the painting took, and
// how late it came, for Health. What an engine once said of itself does not stand while its heart does not beat: the
// snapshots handed on bear the state that the heartbeats show (ui/heartbeats). GUI thread. Owned by the main window.
#pragma once

#include "ui/heartbeats.h"
#include "ui/page.h"

#include <QElapsedTimer>
#include <QTimer>

namespace qd::ui {

class SnapshotPump final : public QObject {
    Q_OBJECT
public:
    static constexpr int intervalMs = 33;

    explicit SnapshotPump(console::Console& console, QObject* parent = nullptr);
    void start();
    /// One pull, now.
    void pump();
    /// The registry as it was told; the pages hear of it at the next pull.
    void setModels(std::shared_ptr<const console::Models> models);
    /// The window painted for so long since the last pull.
    void notePaint(double ms) { paintMs_ += ms; }
    [[nodiscard]] const Snapshots& newest() const { return newest_; }
    [[nodiscard]] double lastPumpMs() const { return lastPumpMs_; }

Q_SIGNALS:
    void changed(const qd::ui::Snapshots& newest, qd::ui::Changes changes);
    void happened(const qd::console::Event& event);
    /// After each pull, also where nothing changed.
    void pulled();

private:
    template <typename T>
    void pull(const base::Mailbox<T>& box, std::uint64_t& seen, std::shared_ptr<const T>& into, Change change,
              Changes& changes);

    void judge(Changes& changes);

    console::Console& console_;
    Snapshots pulled_; // as the engines made them
    Heartbeats beats_;
    QTimer timer_;
    QElapsedTimer sinceStart_;
    QElapsedTimer sinceLast_;
    Snapshots newest_;
    Changes told_; // from elsewhere than a mailbox
    std::array<std::uint64_t, 8> seen_{};
    double paintMs_ = 0;
    double lastPumpMs_ = 0;
};

} // namespace qd::ui
