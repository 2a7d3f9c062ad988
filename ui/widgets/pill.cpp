#include "ui/widgets/pill.h"

#include "ui/widgets/paint.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

constexpr double sidePadding = 10;
constexpr double dotSize = 8;

QFont figureFont(const Theme& theme)
{
    QFont font = theme.font(FontRole::FigureSmall);
    font.setWeight(QFont::DemiBold);
    return font;
}

double widthOf(const QFont& font, const QString& text)
{
    return std::ceil(QFontMetricsF(font).horizontalAdvance(text));
}

} // namespace

Pill::Pill(const Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(theme)
{
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Pill::setState(const QString& label, const QString& figure, Meaning tone)
{
    if (label == label_ && figure == figure_ && tone == tone_) {
        return;
    }
    const QSize before = sizeHint();
    label_ = label;
    figure_ = figure;
    tone_ = tone;
    setAccessibleName(figure.isEmpty() ? label : label + QLatin1Char(' ') + figure);
    if (sizeHint() != before) {
        updateGeometry();
    }
    update();
}

void Pill::setHasDot(bool has)
{
    hasDot_ = has;
    updateGeometry();
}

void Pill::setOutlined(bool on)
{
    isOutlined_ = on;
    update();
}

void Pill::setTonedLabel(bool on)
{
    isLabelToned_ = on;
    update();
}

void Pill::setFigureRoom(const QString& widest)
{
    room_ = widest;
    updateGeometry();
}

QSize Pill::sizeHint() const
{
    double width = 2 * sidePadding + widthOf(theme_.font(FontRole::Caption), label_);
    if (hasDot_) {
        width += dotSize + 6;
    }
    if (!figure_.isEmpty()) {
        width += 6 + std::max(widthOf(figureFont(theme_), figure_), widthOf(figureFont(theme_), room_));
    }
    return {static_cast<int>(width), isOutlined_ ? 22 : 25};
}

void Pill::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    const QColor tone = theme_.color(tone_);
    const QColor base = theme_.color(isOutlined_ ? Meaning::Card : Meaning::Raised);
    const QColor border = hasFocus()                     ? theme_.color(Meaning::Focus)
                          : isOutlined_ || isLabelToned_ ? mixed(base, tone, 0.45)
                                                         : theme_.color(Meaning::Hairline);
    paint::box(p, rect(), isOutlined_ ? mixed(base, tone, 0.07) : base, border, height() / 2.0 - 0.5);
    p.setRenderHint(QPainter::Antialiasing);
    QRectF rest = QRectF(rect()).adjusted(sidePadding, 0, -sidePadding, 0);
    if (hasDot_) {
        p.setPen(Qt::NoPen);
        p.setBrush(tone);
        p.drawEllipse(QRectF(rest.left(), rest.center().y() - dotSize / 2, dotSize, dotSize));
        rest.setLeft(rest.left() + dotSize + 6);
    }
    p.setFont(theme_.font(FontRole::Caption));
    p.setPen(isOutlined_ || isLabelToned_ ? tone : theme_.color(Meaning::TextMuted));
    p.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, label_);
    if (!figure_.isEmpty()) {
        p.setFont(figureFont(theme_));
        p.setPen(isOutlined_ ? tone : theme_.color(Meaning::Text));
        p.drawText(rest, Qt::AlignRight | Qt::AlignVCenter, figure_);
    }
}

PillButton::PillButton(const Theme& theme, const QString& text, QWidget* parent)
    : QAbstractButton(parent),
      theme_(theme)
{
    setText(text);
    setAccessibleName(text);
    setCheckable(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setCursor(Qt::PointingHandCursor);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void PillButton::setTone(Meaning tone)
{
    tone_ = tone;
    update();
}

QSize PillButton::sizeHint() const
{
    QFont font = theme_.font(FontRole::Caption);
    font.setWeight(QFont::DemiBold);
    return {static_cast<int>(widthOf(font, text())) + 16, 21};
}

void PillButton::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    const QColor card = theme_.color(Meaning::Card);
    const QColor tone = theme_.color(tone_);
    const QColor border = hasFocus()    ? theme_.color(Meaning::Focus)
                          : isChecked() ? mixed(card, tone, 0.55)
                                        : theme_.color(Meaning::Hairline);
    const QColor fill = isChecked() ? mixed(card, tone, 0.13) : underMouse() ? theme_.color(Meaning::Raised) : card;
    paint::box(p, rect(), fill, border, height() / 2.0 - 0.5);
    QFont font = theme_.font(FontRole::Caption);
    font.setWeight(QFont::DemiBold);
    p.setFont(font);
    p.setPen(isChecked() ? tone : theme_.color(isEnabled() ? Meaning::TextMuted : Meaning::TextFaint));
    p.drawText(rect(), Qt::AlignCenter, text());
}

} // namespace qd::ui
