// The colours and fonts that charts paint with, by meaning. Filled from the theme; the defaults are its dark colours,
// so that a chart can be painted without one. Plain value, GUI thread.
#pragma once

#include <QColor>
#include <QFont>

namespace qd::ui {

class Theme;

struct ChartColors {
    QColor surface{0x14, 0x1a, 0x22};  // behind everything: the card
    QColor raised{0x1b, 0x23, 0x2d};   // tags and legends
    QColor hairline{0x26, 0x31, 0x40}; // grid, crosshair
    QColor text{0xe6, 0xed, 0xf3};
    QColor textSecond{0x93, 0xa1, 0xb0};
    QColor textFaint{0x5f, 0x6d, 0x7c}; // axes
    QColor focus{0x4a, 0xa8, 0xff};     // first series, entries, last price
    QColor gain{0x2f, 0xbf, 0x8a};
    QColor loss{0xf0, 0x61, 0x6d};
    QColor warning{0xe8, 0xb3, 0x39};
    QColor second{0xa5, 0x8b, 0xff}; // second series, exits
    QColor tag{0x1b, 0x5f, 0xae};    // behind the last price
    QColor onTag{0xff, 0xff, 0xff};
    QFont words;
    QFont figures;

    /// `over` laid on the surface with this share, opaque: a tint costs nothing to paint.
    [[nodiscard]] QColor tint(const QColor& over, double share) const;
    friend bool operator==(const ChartColors&, const ChartColors&) = default;
};

[[nodiscard]] ChartColors chartColors(const Theme& theme);

} // namespace qd::ui
