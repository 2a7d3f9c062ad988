// Shapes that several widgets and delegates draw. Pure painting: no state but the painter's, which is restored.
#pragma once

#include "ui/theme.h"

#include <QPainter>

#include <vector>

namespace qd::ui::paint {

inline constexpr double cardRadius = 8;

/// A filled rounded rectangle with a one pixel border, both inside `rect`.
void box(QPainter& p, const QRectF& rect, const QColor& fill, const QColor& border, double radius = cardRadius);
/// A rounded outline of a tone with its text, as small states are shown in tables. Returns its rectangle.
QRectF tag(QPainter& p, const QRectF& cell, Qt::Alignment alignment, const QString& text, const QColor& tone,
           const Theme& theme);
[[nodiscard]] QSizeF tagSize(const QString& text, const Theme& theme);

enum class SwitchState : std::uint8_t { Off, On, Pending, Disabled, Locked }; // Locked: on, and cannot be switched
inline constexpr QSizeF switchSize{30, 16};
/// `isOn` is the committed position; Pending draws the knob between the ends, hollow.
void toggle(QPainter& p, const QRectF& rect, SwitchState state, const Theme& theme);

/// The points of a sparkline in `rect`: x spread evenly, y scaled between least and greatest; a flat series lies in the
/// middle.
[[nodiscard]] QPolygonF sparkPoints(const std::vector<float>& values, const QRectF& rect);
void spark(QPainter& p, const QRectF& rect, const std::vector<float>& values, const QColor& color);

} // namespace qd::ui::paint
