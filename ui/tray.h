// The icon in the desktop's tray, where there is one: how many alerts wait, and a click that brings the window. GUI
// thread; the window owns it.
#pragma once

#include "console/snapshots.h"

#include <QIcon>
#include <QObject>
#include <QTimer>

class QSystemTrayIcon;

namespace qd::ui {

class Tray final : public QObject {
    Q_OBJECT
public:
    explicit Tray(QObject* parent = nullptr);
    void show(const console::AlertsView& alerts);
    /// The icon as if an alert waited, for ten seconds.
    void test();
    /// Whether this desktop has a tray.
    [[nodiscard]] static bool isAvailable();
    /// What it says now: the tooltip of the icon, whether there is a tray or not.
    [[nodiscard]] QString words() const;
    [[nodiscard]] bool isAlarmed() const { return isAlarmed_; }

Q_SIGNALS:
    void clicked();

private:
    void paint();
    QIcon calm_;
    QIcon alarmed_;                   // the same with a dot: colour is not the only sign
    QSystemTrayIcon* icon_ = nullptr; // null where the desktop has no tray
    QTimer test_;
    QString words_; // of the alerts
    bool isAlarmed_ = false;
};

} // namespace qd::ui
