// Paints the standard controls (buttons, fields, scroll bars, heads of tables, menus) with the theme's meanings, on top
// of Fusion's behaviour. No style sheets. Owned by QApplication; setColors() on each change of theme. GUI thread.
#pragma once

#include "ui/theme.h"

#include <QProxyStyle>

namespace qd::ui {

class QuarterdeckStyle final : public QProxyStyle {
    Q_OBJECT
public:
    explicit QuarterdeckStyle(const Colors& colors);
    void setColors(const Colors& colors) { colors_ = colors; }

    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* p,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* p,
                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* p,
                            const QWidget* widget) const override;
    [[nodiscard]] QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                                       const QWidget* widget) const override;
    [[nodiscard]] QRect subElementRect(SubElement element, const QStyleOption* option,
                                       const QWidget* widget) const override;
    [[nodiscard]] int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    [[nodiscard]] int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                                QStyleHintReturn* data) const override;
    [[nodiscard]] QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                         const QWidget* widget) const override;

private:
    [[nodiscard]] QColor color(Meaning meaning) const { return colors_[static_cast<std::size_t>(meaning)]; }
    void drawButton(const QStyleOption* option, QPainter* p, bool isPrimary) const;
    void drawComboBox(const QStyleOptionComplex* option, QPainter* p, const QWidget* widget) const;
    void drawScrollBar(const QStyleOptionComplex* option, QPainter* p, const QWidget* widget) const;

    Colors colors_;
};

/// Style, palette, fonts and tooltips of the whole application in the theme's colours.
void dressApplication(const Theme& theme);
/// The same, and `window` now: before the event loop runs, Qt tells no widget of the application's palette.
void dressWindow(QWidget& window, const Theme& theme);

} // namespace qd::ui
