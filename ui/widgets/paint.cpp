#include "ui/widgets/paint.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>

namespace qd::ui::paint {

namespace {

/// Saves and restores the painter, with smooth edges in between.
class Scope {
public:
    explicit Scope(QPainter& p) : p_(p)
    {
        p_.save();
        p_.setRenderHint(QPainter::Antialiasing);
    }
    ~Scope() { p_.restore(); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

private:
    QPainter& p_;
};

} // namespace

void box(QPainter& p, const QRectF& rect, const QColor& fill, const QColor& border, double radius)
{
    const Scope scope(p);
    p.setPen(QPen(border, 1));
    p.setBrush(fill);
    p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius);
}

QSizeF tagSize(const QString& text, const Theme& theme)
{
    const QFontMetricsF metrics(theme.font(FontRole::Caption));
    return {std::ceil(metrics.horizontalAdvance(text)) + 18, 20};
}

QRectF tag(QPainter& p, const QRectF& cell, Qt::Alignment alignment, const QString& text, const QColor& tone,
           const Theme& theme)
{
    const Scope scope(p);
    const QSizeF size = tagSize(text, theme);
    const double width = std::min(size.width(), cell.width());
    const double x = (alignment & Qt::AlignRight)     ? cell.right() - width
                     : (alignment & Qt::AlignHCenter) ? cell.center().x() - width / 2
                                                      : cell.left();
    const QRectF rect(std::round(x), std::round(cell.center().y() - size.height() / 2), width, size.height());
    const QColor card = theme.color(Meaning::Card);
    p.setPen(QPen(mixed(card, tone, 0.45), 1));
    p.setBrush(mixed(card, tone, 0.07));
    p.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 9.5, 9.5);
    p.setFont(theme.font(FontRole::Caption));
    p.setPen(tone);
    p.drawText(rect, Qt::AlignCenter, text);
    return rect;
}

void toggle(QPainter& p, const QRectF& rect, SwitchState state, const Theme& theme)
{
    const Scope scope(p);
    const QRectF body = rect.adjusted(0.5, 0.5, -0.5, -0.5);
    const double radius = body.height() / 2;
    const QColor gain = theme.color(Meaning::Gain);
    const QColor track = theme.color(Meaning::Track);
    const bool isOn = state == SwitchState::On || state == SwitchState::Locked;
    const double share = state == SwitchState::Locked ? 0.45 : 1.0; // paler
    const QColor fill =
        isOn ? mixed(theme.color(Meaning::Card), gain, (theme.mode() == Mode::Dark ? 0.55 : 1.0) * share) : track;
    p.setPen(QPen(state == SwitchState::Pending ? theme.color(Meaning::Warning)
                  : isOn                        ? fill
                                                : theme.color(Meaning::Hairline),
                  1));
    p.setBrush(fill);
    p.drawRoundedRect(body, radius, radius);

    const double knob = body.height() - 5;
    const double room = body.width() - knob - 5;
    const double at = isOn ? room : state == SwitchState::Pending ? room / 2 : 0;
    const QRectF circle(body.left() + 2.5 + at, body.top() + 2.5, knob, knob);
    if (state == SwitchState::Pending) {
        p.setPen(QPen(theme.color(Meaning::Warning), 1.6));
        p.setBrush(Qt::NoBrush);
        p.drawEllipse(circle.adjusted(0.8, 0.8, -0.8, -0.8));
        return;
    }
    p.setPen(Qt::NoPen);
    p.setBrush(theme.color(isOn ? Meaning::Knob : Meaning::KnobOff));
    p.drawEllipse(circle);
}

QPolygonF sparkPoints(const std::vector<float>& values, const QRectF& rect)
{
    QPolygonF points;
    if (values.empty()) {
        return points;
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double span = static_cast<double>(*high) - static_cast<double>(*low);
    const double step = values.size() > 1 ? rect.width() / static_cast<double>(values.size() - 1) : 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double share = span > 0 ? (static_cast<double>(values[i]) - static_cast<double>(*low)) / span : 0.5;
        points << QPointF(rect.left() + step * static_cast<double>(i), rect.bottom() - share * rect.height());
    }
    return points;
}

void spark(QPainter& p, const QRectF& rect, const std::vector<float>& values, const QColor& color)
{
    if (values.size() < 2) {
        return;
    }
    const Scope scope(p);
    QPen pen(color, 1.4);
    pen.setJoinStyle(Qt::RoundJoin);
    pen.setCapStyle(Qt::RoundCap);
    p.setPen(pen);
    p.drawPolyline(sparkPoints(values, rect.adjusted(1, 2, -1, -2)));
}

} // namespace qd::ui::paint
