#include "ui/window_memory.h"

#include "base/log.h"

#include <QFile>

namespace qd::ui {

using namespace std::chrono_literals;

WindowMemory::WindowMemory(const QString& file, QObject* parent) : QObject(parent), file_(file)
{
    later_.setSingleShot(true);
    later_.setInterval(500ms);
    connect(&later_, &QTimer::timeout, this, &WindowMemory::flush);
    if (file_.isEmpty() || !QFile::exists(file_)) {
        return;
    }
    bool isReadable = false;
    {
        const QSettings stored(file_, QSettings::IniFormat);
        for (const auto& key : stored.allKeys()) {
            values_.insert(key, stored.value(key));
        }
        isReadable = stored.status() == QSettings::NoError;
    }
    if (!isReadable) {
        values_.clear();
        const QString aside = file_ + QStringLiteral(".corrupt");
        QFile::remove(aside);
        QFile::rename(file_, aside);
        base::log(base::LogLevel::Warning, "ui", "the window's settings could not be read and were set aside");
    }
}

WindowMemory::~WindowMemory()
{
    flush();
}

QVariant WindowMemory::value(const QString& key, const QVariant& otherwise) const
{
    return values_.value(key, otherwise);
}

void WindowMemory::setValue(const QString& key, const QVariant& value)
{
    const auto known = values_.constFind(key);
    if (known != values_.constEnd() && *known == value) {
        return;
    }
    values_.insert(key, value);
    isDirty_ = true;
    later_.start();
}

void WindowMemory::flush()
{
    if (!isDirty_ || file_.isEmpty()) {
        return;
    }
    QSettings stored(file_, QSettings::IniFormat); // writes to a temporary file and renames it
    for (auto it = values_.cbegin(); it != values_.cend(); ++it) {
        stored.setValue(it.key(), it.value());
    }
    stored.sync();
    if (stored.status() == QSettings::NoError) {
        isDirty_ = false;
    } else {
        base::log(base::LogLevel::Warning, "ui", "the window's settings could not be written");
    }
}

} // namespace qd::ui
