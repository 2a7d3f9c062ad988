#include "ui/widgets/toast.h"

#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QPushButton>

#include <algorithm>

namespace qd::ui {

using namespace std::chrono_literals;

Toast::Toast(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      text_(new TextLabel(theme, FontRole::Body, Meaning::Text)),
      button_(new QPushButton),
      close_(new QPushButton(tr("Dismiss")))
{
    hide();
    away_.setSingleShot(true);
    away_.setInterval(8s);
    text_->setWordWrap(true);
    text_->setMaximumWidth(420);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(18, 10, 10, 10);
    layout->setSpacing(8);
    layout->addWidget(text_, 1);
    layout->addWidget(button_);
    layout->addWidget(close_);
    connect(&away_, &QTimer::timeout, this, &QWidget::hide);
    connect(close_, &QPushButton::clicked, this, &QWidget::hide);
    connect(button_, &QPushButton::clicked, this, [this] {
        hide();
        if (const auto action = std::exchange(action_, {})) {
            action();
        }
    });
}

void Toast::tell(const QString& text, Meaning tone, const QString& button, std::function<void()> action)
{
    tone_ = tone;
    text_->show(text);
    setAccessibleName(text);
    button_->setText(button);
    button_->setVisible(!button.isEmpty());
    action_ = std::move(action);
    const int words = text_->fontMetrics().horizontalAdvance(text) + 4;
    text_->setMinimumWidth(std::min(420, words));
    layout()->activate();
    adjustSize();
    place();
    show();
    raise();
    update();
    away_.start();
}

QString Toast::text() const
{
    return text_->text();
}

void Toast::place()
{
    const QSize room = parentWidget()->size();
    move(room.width() - width() - 20, room.height() - height() - 44);
}

void Toast::enterEvent(QEnterEvent*)
{
    away_.stop();
}

void Toast::leaveEvent(QEvent*)
{
    away_.start();
}

void Toast::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), theme_.color(Meaning::Background));
    paint::box(p, rect(), theme_.color(Meaning::Raised), theme_.color(Meaning::Hairline));
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    p.setBrush(theme_.color(tone_));
    p.drawRoundedRect(QRectF(6, 10, 3, height() - 20), 1.5, 1.5);
}

} // namespace qd::ui
