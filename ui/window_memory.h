// What the window remembers between runs: geometry, page, column widths, splitters, choices. An INI file, written a
// moment after the last change and at the end. A file that cannot be read is set aside as .corrupt. GUI thread. Owned
// by the window.
#pragma once

#include <QSettings>
#include <QTimer>
#include <QVariant>

#include <memory>

namespace qd::ui {

class WindowMemory final : public QObject {
    Q_OBJECT
public:
    /// An empty path remembers nothing beyond this run.
    explicit WindowMemory(const QString& file, QObject* parent = nullptr);
    ~WindowMemory() override;

    [[nodiscard]] QVariant value(const QString& key, const QVariant& otherwise = {}) const;
    void setValue(const QString& key, const QVariant& value);
    /// Writes now what waits.
    void flush();

private:
    const QString file_;
    QVariantMap values_;
    bool isDirty_ = false;
    QTimer later_;
};

} // namespace qd::ui
