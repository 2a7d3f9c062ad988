#include "ui/widgets/toggle_switch.h"

#include "ui/widgets/paint.h"

namespace qd::ui {

ToggleSwitch::ToggleSwitch(const Theme& theme, const QString& accessibleName, QWidget* parent)
    : QAbstractButton(parent),
      theme_(theme)
{
    setAccessibleName(accessibleName);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
    describe();
    connect(this, &QAbstractButton::clicked, this, [this] {
        if (!isPending_) {
            Q_EMIT asked(!isOn_);
        }
    });
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ToggleSwitch::setOn(bool on)
{
    if (on != isOn_) {
        isOn_ = on;
        describe();
        update();
    }
}

void ToggleSwitch::setPending(bool pending)
{
    if (pending != isPending_) {
        isPending_ = pending;
        describe();
        update();
    }
}

void ToggleSwitch::describe()
{
    const QString state = isPending_ ? tr("pending") : isOn_ ? tr("on") : tr("off");
    setAccessibleDescription(state);
    setToolTip(isPending_ ? tr("Waiting for the engine") : QString());
}

void ToggleSwitch::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    const QSizeF size = paint::switchSize;
    const QRectF body(QPointF((width() - size.width()) / 2, (height() - size.height()) / 2), size);
    const auto state = isPending_ ? paint::SwitchState::Pending
                       : isOn_    ? paint::SwitchState::On
                                  : paint::SwitchState::Off;
    paint::toggle(p, body, state, theme_);
    if (hasFocus()) {
        p.setRenderHint(QPainter::Antialiasing);
        p.setPen(QPen(theme_.color(Meaning::Focus), 1));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10.5, 10.5);
    }
}

} // namespace qd::ui
