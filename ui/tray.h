// The icon in the desktop's tray, where there is one: how many alerts wait, and a click that brings the window. GUI
// thread; the window owns it.
#pragma once

#include "console/snapshots.h"

#include <QIcon>
#include <QObject>

class QSystemTrayIcon;

namespace qd::ui {

class Tray final : public QObject {
    Q_OBJECT
public:
    explicit Tray(QObject* parent = nullptr);
    void show(const console::AlertsView& alerts);
    /// What it says now: the tooltip of the icon, whether there is a tray or not.
    [[nodiscard]] const QString& words() const { return words_; }
    [[nodiscard]] bool isAlarmed() const { return isAlarmed_; }

Q_SIGNALS:
    void clicked();

private:
    QIcon calm_;
    QIcon alarmed_;                   // the same with a dot: colour is not the only sign
    QSystemTrayIcon* icon_ = nullptr; // null where the desktop has no tray
    QString words_;
    bool isAlarmed_ = false;
};

} // namespace qd::ui
