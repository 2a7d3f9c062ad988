#include "ui/settings/appearance.h"

#include "ui/window_memory.h"

namespace qd::ui {

namespace {

const QString modeKey = QStringLiteral("appearance/theme");
const QString colorsKey = QStringLiteral("appearance/blueOrange");
const QString zoneKey = QStringLiteral("appearance/zone");

} // namespace

Appearance::Appearance(Theme& theme, WindowMemory& memory, QObject* parent)
    : QObject(parent),
      theme_(theme),
      memory_(memory)
{
    theme_.setMode(memory.value(modeKey).toString() == QStringLiteral("light") ? Mode::Light : Mode::Dark);
    theme_.setBlueOrange(memory.value(colorsKey).toBool());
    zone_ = memory.value(zoneKey).toString() == QStringLiteral("utc") ? format::Zone::Utc : format::Zone::Local;
}

void Appearance::setMode(Mode mode)
{
    memory_.setValue(modeKey, mode == Mode::Light ? QStringLiteral("light") : QStringLiteral("dark"));
    theme_.setMode(mode);
}

void Appearance::setBlueOrange(bool on)
{
    memory_.setValue(colorsKey, on);
    theme_.setBlueOrange(on);
}

void Appearance::setZone(format::Zone zone)
{
    memory_.setValue(zoneKey, zone == format::Zone::Utc ? QStringLiteral("utc") : QStringLiteral("local"));
    if (zone != zone_) {
        zone_ = zone;
        Q_EMIT zoneChanged();
    }
}

} // namespace qd::ui
