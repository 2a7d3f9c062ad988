// Meaning to colour, and role to font. Widgets name meanings only; the colours come from
// resources/themes/quarterdeck.json. GUI thread. Owned by the main window, handed down as `const Theme&`; changed()
// asks everybody to repaint.
#pragma once

#include "base/error.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

#include <array>

namespace qd::ui {

enum class Meaning : std::uint8_t {
    Background,
    Rail,
    Card,
    Raised,
    Hairline,
    Text,
    TextMuted,
    TextFaint,
    Focus, // what is chosen, and the first series of a chart
    Gain,
    Loss,
    Warning,
    SecondSeries,
    Selection, // behind selected rows
    Hover,     // behind the row under the pointer
    Primary,   // the one main button of a card
    OnPrimary, // text on it
    Track,     // the empty part of gauges, switches and bars
    Knob,
    KnobOff,
};
inline constexpr std::size_t meaningCount = 20;

/// The key in the theme file.
[[nodiscard]] QLatin1String name(Meaning meaning);

enum class Mode : std::uint8_t { Dark, Light };

using Colors = std::array<QColor, meaningCount>;

/// The whole file, checked: every meaning is there in both modes.
struct ThemeFile {
    Colors dark;
    Colors light;
    std::array<QColor, 2> blueOrangeDark; // gain, loss
    std::array<QColor, 2> blueOrangeLight;
};
[[nodiscard]] base::Result<ThemeFile> parseTheme(const QByteArray& json);
/// The one in the program's resources.
[[nodiscard]] QByteArray embeddedTheme();

/// WCAG 2: 1…21.
[[nodiscard]] double contrast(const QColor& a, const QColor& b);
/// `over` laid on `under` with the given share, opaque; tints are made so, never by translucency.
[[nodiscard]] QColor mixed(const QColor& under, const QColor& over, double share);

enum class FontRole : std::uint8_t {
    Body,        // words, 13 px
    Strong,      // words, 13 px, medium
    Heading,     // title of a page's main thing, 15 px
    Title,       // title of a card, 12 px, semi-bold
    Caption,     // column heads, axes, notes, 11.5 px
    Figure,      // numbers, 13 px, tabular
    FigureSmall, // numbers, 12 px
    FigureLarge, // numbers of tiles, 23 px
    FigureGauge, // numbers in gauges, 19 px
};

class Theme final : public QObject {
    Q_OBJECT
public:
    explicit Theme(const ThemeFile& file, QObject* parent = nullptr);
    /// With the embedded file.
    explicit Theme(QObject* parent = nullptr);

    [[nodiscard]] Mode mode() const { return mode_; }
    [[nodiscard]] bool isBlueOrange() const { return isBlueOrange_; }
    void setMode(Mode mode);
    void setBlueOrange(bool on);

    [[nodiscard]] QColor color(Meaning meaning) const { return colors_[static_cast<std::size_t>(meaning)]; }
    [[nodiscard]] const Colors& colors() const { return colors_; }
    /// Gain above zero, loss under it, plain text at zero.
    [[nodiscard]] Meaning toneOf(double value) const;
    [[nodiscard]] QFont font(FontRole role) const { return fonts_[static_cast<std::size_t>(role)]; }
    [[nodiscard]] QPalette palette() const;

Q_SIGNALS:
    void changed();

private:
    void rebuild();

    ThemeFile file_;
    Mode mode_ = Mode::Dark;
    bool isBlueOrange_ = false;
    Colors colors_;
    std::array<QFont, 9> fonts_;
};

} // namespace qd::ui
