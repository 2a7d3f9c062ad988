// On, off, or pending: it shows what is committed, never what was clicked. A click or Space asks; whoever owns the
// state answers with setOn() or setPending(). GUI thread; parent owns.
#pragma once

#include "ui/theme.h"

#include <QAbstractButton>

namespace qd::ui {

class ToggleSwitch : public QAbstractButton {
    Q_OBJECT
public:
    ToggleSwitch(const Theme& theme, const QString& accessibleName, QWidget* parent = nullptr);
    void setOn(bool on);
    void setPending(bool pending);
    [[nodiscard]] bool isOn() const { return isOn_; }
    [[nodiscard]] bool isPending() const { return isPending_; }
    [[nodiscard]] QSize sizeHint() const override { return {36, 22}; }

Q_SIGNALS:
    /// The operator wants this; nothing has changed yet. Not told while pending.
    void asked(bool on);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void describe();

    const Theme& theme_;
    bool isOn_ = false;
    bool isPending_ = false;
};

} // namespace qd::ui
