#include "ui/quarterdeck_style.h"

#include <QApplication>
#include <QToolTip>

#include "ui/widgets/paint.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int scrollBarExtent = 10;
constexpr double controlRadius = 6;
constexpr int menuRoom = 16; // of a button that opens a menu, for its arrow

void drawMenuArrow(QPainter* p, const QRect& button, const QColor& color)
{
    const QPointF c(button.right() - menuRoom + 2.0, button.center().y() + 1.0);
    p->save();
    p->setRenderHint(QPainter::Antialiasing);
    p->setPen(QPen(color, 1.5));
    p->drawPolyline(QPolygonF{{c.x() - 3.5, c.y() - 2}, {c.x(), c.y() + 1.5}, {c.x() + 3.5, c.y() - 2}});
    p->restore();
}

} // namespace

QuarterdeckStyle::QuarterdeckStyle(const Colors& colors)
    : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))),
      colors_(colors)
{
}

void QuarterdeckStyle::drawButton(const QStyleOption* option, QPainter* p, bool isPrimary) const
{
    const bool isEnabled = option->state & State_Enabled;
    const bool isDown = option->state & (State_Sunken | State_On);
    const bool isHovered = isEnabled && (option->state & State_MouseOver);
    const QColor base = isPrimary && isEnabled ? color(Meaning::Primary) : color(Meaning::Raised);
    const QColor fill = isDown      ? mixed(base, color(Meaning::Text), 0.10)
                        : isHovered ? mixed(base, color(Meaning::Text), 0.05)
                                    : base;
    const bool hasFocus = (option->state & State_HasFocus) && (option->state & State_KeyboardFocusChange);
    const QColor border = hasFocus    ? color(Meaning::Focus)
                          : isPrimary ? mixed(base, color(Meaning::Focus), 0.35)
                                      : color(Meaning::Hairline);
    paint::box(*p, option->rect, fill, border, controlRadius);
}

void QuarterdeckStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* p,
                                     const QWidget* widget) const
{
    switch (element) {
    case PE_FrameFocusRect: {
        p->save();
        p->setRenderHint(QPainter::Antialiasing);
        p->setPen(QPen(color(Meaning::Focus), 1));
        p->setBrush(Qt::NoBrush);
        p->drawRoundedRect(QRectF(option->rect).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
        p->restore();
        return;
    }
    case PE_PanelLineEdit:
        paint::box(*p, option->rect, color(Meaning::Background),
                   color(option->state & State_HasFocus ? Meaning::Focus : Meaning::Hairline), controlRadius);
        return;
    case PE_FrameLineEdit:
        return;
    case PE_PanelButtonTool:
        if (option->state & (State_MouseOver | State_Sunken | State_On | State_HasFocus)) {
            paint::box(*p, option->rect, color(Meaning::Raised),
                       color(option->state & State_HasFocus ? Meaning::Focus : Meaning::Hairline), controlRadius);
        }
        return;
    case PE_PanelTipLabel:
    case PE_PanelMenu:
        p->fillRect(option->rect, color(Meaning::Raised));
        p->setPen(color(Meaning::Hairline));
        p->drawRect(option->rect.adjusted(0, 0, -1, -1));
        return;
    case PE_FrameMenu:
    case PE_PanelScrollAreaCorner:
        return;
    case PE_IndicatorHeaderArrow: {
        const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
        if (header == nullptr || header->sortIndicator == QStyleOptionHeader::None) {
            return;
        }
        const bool isUp = header->sortIndicator == QStyleOptionHeader::SortUp;
        const QPointF c = QRectF(option->rect).center();
        const double dy = isUp ? 2.0 : -2.0;
        p->save();
        p->setRenderHint(QPainter::Antialiasing);
        p->setPen(Qt::NoPen);
        p->setBrush(color(Meaning::Focus));
        p->drawPolygon(QPolygonF{{c.x() - 3.5, c.y() + dy}, {c.x() + 3.5, c.y() + dy}, {c.x(), c.y() - dy}});
        p->restore();
        return;
    }
    default:
        QProxyStyle::drawPrimitive(element, option, p, widget);
    }
}

void QuarterdeckStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* p,
                                   const QWidget* widget) const
{
    switch (element) {
    case CE_PushButtonBevel: {
        const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option);
        drawButton(option, p, button != nullptr && (button->features & QStyleOptionButton::DefaultButton));
        return;
    }
    case CE_PushButtonLabel:
        if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
            QStyleOptionButton copy(*button);
            if ((button->features & QStyleOptionButton::DefaultButton) && (button->state & State_Enabled)) {
                copy.palette.setColor(QPalette::ButtonText, color(Meaning::OnPrimary));
            }
            if (button->features & QStyleOptionButton::HasMenu) {
                copy.features &= ~QStyleOptionButton::HasMenu;
                copy.rect.adjust(0, 0, -menuRoom, 0);
                drawMenuArrow(p, button->rect,
                              color(button->state & State_Enabled ? Meaning::TextMuted : Meaning::TextFaint));
            }
            QProxyStyle::drawControl(element, &copy, p, widget);
        }
        return;
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        p->fillRect(option->rect, color(Meaning::Card));
        p->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                    color(Meaning::Hairline));
        return;
    case CE_HeaderLabel:
        if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            p->setPen(color(header->sortIndicator == QStyleOptionHeader::None ? Meaning::TextFaint : Meaning::Text));
            p->drawText(option->rect, static_cast<int>(header->textAlignment) | Qt::TextSingleLine, header->text);
        }
        return;
    case CE_Splitter:
        if (option->state & State_MouseOver) {
            const bool isTall = option->rect.height() > option->rect.width();
            const QRect r = option->rect;
            p->fillRect(isTall ? QRect(r.center().x(), r.top(), 1, r.height())
                               : QRect(r.left(), r.center().y(), r.width(), 1),
                        color(Meaning::Focus));
        }
        return;
    case CE_MenuItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(option)) {
            QStyleOptionMenuItem copy(*item);
            copy.palette.setColor(QPalette::Window, color(Meaning::Raised));
            copy.palette.setColor(QPalette::Base, color(Meaning::Raised));
            QProxyStyle::drawControl(element, &copy, p, widget);
        }
        return;
    default:
        QProxyStyle::drawControl(element, option, p, widget);
    }
}

void QuarterdeckStyle::drawScrollBar(const QStyleOptionComplex* option, QPainter* p, const QWidget* widget) const
{
    const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (slider == nullptr || slider->maximum <= slider->minimum) {
        return;
    }
    const bool isActive = option->state & (State_MouseOver | State_Sunken);
    const QRect handle = subControlRect(CC_ScrollBar, option, SC_ScrollBarSlider, widget);
    const QRectF inner = QRectF(handle).adjusted(3, 3, -3, -3);
    p->save();
    p->setRenderHint(QPainter::Antialiasing);
    p->setPen(Qt::NoPen);
    p->setBrush(mixed(color(Meaning::Hairline), color(Meaning::TextMuted), isActive ? 0.45 : 0.15));
    const double radius = std::min(inner.width(), inner.height()) / 2;
    p->drawRoundedRect(inner, radius, radius);
    p->restore();
}

void QuarterdeckStyle::drawComboBox(const QStyleOptionComplex* option, QPainter* p, const QWidget* widget) const
{
    const bool isEnabled = option->state & State_Enabled;
    const bool isHovered = isEnabled && (option->state & State_MouseOver);
    const QColor fill = isHovered ? mixed(color(Meaning::Raised), color(Meaning::Text), 0.05) : color(Meaning::Raised);
    const bool hasFocus = option->state & State_HasFocus;
    paint::box(*p, option->rect, fill, color(hasFocus ? Meaning::Focus : Meaning::Hairline), controlRadius);
    const QPointF c = QRectF(subControlRect(CC_ComboBox, option, SC_ComboBoxArrow, widget)).center();
    p->save();
    p->setRenderHint(QPainter::Antialiasing);
    p->setBrush(Qt::NoBrush);
    p->setPen(QPen(color(isEnabled ? Meaning::TextMuted : Meaning::TextFaint), 1.5, Qt::SolidLine, Qt::RoundCap,
                   Qt::RoundJoin));
    p->drawPolyline(QPolygonF{{c.x() - 3.5, c.y() - 1.5}, {c.x(), c.y() + 2}, {c.x() + 3.5, c.y() - 1.5}});
    p->restore();
}

void QuarterdeckStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* p,
                                          const QWidget* widget) const
{
    if (control == CC_ScrollBar) {
        drawScrollBar(option, p, widget);
        return;
    }
    if (control == CC_ComboBox) {
        drawComboBox(option, p, widget);
        return;
    }
    if (control == CC_ToolButton) {
        if (const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(option)) {
            QStyleOptionToolButton copy(*button);
            copy.features &= ~QStyleOptionToolButton::HasMenu; // no little triangle
            QProxyStyle::drawComplexControl(control, &copy, p, widget);
            return;
        }
    }
    QProxyStyle::drawComplexControl(control, option, p, widget);
}

QRect QuarterdeckStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                                       const QWidget* widget) const
{
    if (control == CC_ComboBox && sub == SC_ComboBoxEditField) {
        return option->rect.adjusted(6, 2, -24, -2);
    }
    const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option);
    if (control != CC_ScrollBar || slider == nullptr) {
        return QProxyStyle::subControlRect(control, option, sub, widget);
    }
    const bool isFlat = slider->orientation == Qt::Horizontal;
    const int length = isFlat ? option->rect.width() : option->rect.height();
    const int range = slider->maximum - slider->minimum;
    const auto share = static_cast<double>(slider->pageStep) / std::max(1, range + slider->pageStep);
    const int handle = range > 0 ? std::clamp(static_cast<int>(length * share), std::min(28, length), length) : length;
    const int start = sliderPositionFromValue(slider->minimum, slider->maximum, slider->sliderPosition, length - handle,
                                              slider->upsideDown);
    const auto part = [&](int from, int size) {
        return isFlat ? QRect(option->rect.left() + from, option->rect.top(), size, option->rect.height())
                      : QRect(option->rect.left(), option->rect.top() + from, option->rect.width(), size);
    };
    switch (sub) {
    case SC_ScrollBarSlider:
        return part(start, handle);
    case SC_ScrollBarGroove:
        return option->rect;
    case SC_ScrollBarSubPage:
        return part(0, start);
    case SC_ScrollBarAddPage:
        return part(start + handle, length - start - handle);
    default:
        return {}; // no arrows
    }
}

QRect QuarterdeckStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    const QRect rect = QProxyStyle::subElementRect(element, option, widget);
    return element == SE_LineEditContents ? option->rect.adjusted(8, 2, -8, -2) : rect;
}

int QuarterdeckStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ScrollBarExtent:
        return scrollBarExtent;
    case PM_ScrollBarSliderMin:
        return 28;
    case PM_ScrollView_ScrollBarSpacing:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_HeaderMargin:
        return 8;
    case PM_SplitterWidth:
        return 12;
    default:
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

int QuarterdeckStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                                QStyleHintReturn* data) const
{
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
        return 0;
    case SH_ToolTip_WakeUpDelay:
        return 400;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize QuarterdeckStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                         const QWidget* widget) const
{
    switch (type) {
    case CT_PushButton:
        return {size.width() + 24, std::max(30, size.height() + 10)};
    case CT_ComboBox:
        return QProxyStyle::sizeFromContents(type, option, size, widget).expandedTo({0, 28}) + QSize(12, 0);
    case CT_LineEdit:
        return {size.width() + 12, std::max(30, size.height() + 8)};
    case CT_HeaderSection: {
        const QSize base = QProxyStyle::sizeFromContents(type, option, size, widget);
        return {base.width(), 30};
    }
    default:
        return QProxyStyle::sizeFromContents(type, option, size, widget);
    }
}

void dressApplication(const Theme& theme)
{
    if (auto* style = qobject_cast<QuarterdeckStyle*>(QApplication::style())) {
        style->setColors(theme.colors());
    } else {
        QApplication::setStyle(new QuarterdeckStyle(theme.colors()));
    }
    QApplication::setFont(theme.font(FontRole::Body));
    QApplication::setPalette(theme.palette());
    QToolTip::setPalette(theme.palette());
    QToolTip::setFont(theme.font(FontRole::Caption));
}

void dressWindow(QWidget& window, const Theme& theme)
{
    dressApplication(theme);
    window.setPalette(theme.palette());
    window.update();
}

} // namespace qd::ui
