// How the window looks and tells time: the operator's choice, kept in the window's memory and in force at once.
// GUI thread. Owned by the main window.
#pragma once

#include "ui/format.h"
#include "ui/theme.h"

#include <QObject>

namespace qd::ui {

class WindowMemory;

class Appearance final : public QObject {
    Q_OBJECT
public:
    Appearance(Theme& theme, WindowMemory& memory, QObject* parent = nullptr);

    [[nodiscard]] const Theme& theme() const { return theme_; }
    [[nodiscard]] const format::Zone& zone() const { return zone_; }
    void setMode(Mode mode);
    void toggleMode() { setMode(theme_.mode() == Mode::Dark ? Mode::Light : Mode::Dark); }
    void setBlueOrange(bool on);
    void setZone(format::Zone zone);

Q_SIGNALS:
    void zoneChanged();

private:
    Theme& theme_;
    WindowMemory& memory_;
    format::Zone zone_ = format::Zone::Local;
};

} // namespace qd::ui
