#include "ui/widgets/gauge.h"

#include "ui/format.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace qd::ui {

namespace {

QString figureOf(const console::ProbeRow& probe)
{
    return probe.value ? probeFigure(*probe.value, format::text(probe.unit)) : format::undefined();
}

QString limitOf(const console::ProbeRow& probe)
{
    return probe.limit > 0 ? Gauge::tr("limit %1").arg(probeFigure(probe.limit, format::text(probe.unit))) : QString();
}

} // namespace

double gaugeShare(double value, double limit, const QString& unit)
{
    const double full = unit == QStringLiteral("%") ? 100.0 : limit * 1.25;
    return full > 0 ? std::clamp(value / full, 0.0, 1.0) : 0.0;
}

Meaning gaugeTone(double value, double limit)
{
    if (limit <= 0) {
        return Meaning::Gain;
    }
    return value >= limit ? Meaning::Loss : value >= 0.75 * limit ? Meaning::Warning : Meaning::Gain;
}

QString probeFigure(double value, const QString& unit)
{
    if (unit == QStringLiteral("ms")) {
        return format::milliseconds(value);
    }
    if (unit == QStringLiteral("°C")) {
        return format::decimal(value, 0) + QStringLiteral("°");
    }
    const bool isTime = unit == QStringLiteral("s") || unit == QStringLiteral("h") || unit == QStringLiteral("days");
    const bool isFine = isTime && std::abs(value) < 10;
    return format::decimal(value, isFine ? 1 : 0) +
           (unit.isEmpty() || unit == QStringLiteral("%") ? unit : QLatin1Char(' ') + unit);
}

QString trendArrow(const console::ProbeRow& probe)
{
    constexpr double steep = 0.02; // of the limit, an hour
    if (!probe.trend || probe.limit <= 0) {
        return {};
    }
    return *probe.trend >= steep * probe.limit    ? QStringLiteral("↗")
           : *probe.trend <= -steep * probe.limit ? QStringLiteral("↘")
                                                  : QStringLiteral("→");
}

QString whyNoFigure(const console::ProbeRow& probe)
{
    return probe.note.starts_with("not available here") ? Gauge::tr("not available here") : Gauge::tr("not measured");
}

QStringList probeFacts(const console::ProbeRow& probe)
{
    const QString unit = format::text(probe.unit);
    const QString limit = limitOf(probe);
    const QString own = format::text(probe.note);
    const Meaning tone = probe.value ? gaugeTone(*probe.value, probe.limit) : Meaning::TextFaint;
    const QString state = !probe.value               ? whyNoFigure(probe)
                          : tone == Meaning::Loss    ? Gauge::tr("over its limit")
                          : tone == Meaning::Warning ? Gauge::tr("near its limit")
                                                     : Gauge::tr("well within its limit");
    QStringList told{format::text(probe.name) + QStringLiteral(" ") + figureOf(probe) + QStringLiteral(", ") + state,
                     probe.score ? Gauge::tr("score %1").arg(format::decimal(*probe.score, 0))
                                 : Gauge::tr("no score: it does not count")};
    if (!limit.isEmpty() && limit != own) {
        told << limit;
    }
    if (!own.isEmpty()) {
        told << own;
    }
    if (probe.trend) {
        told << Gauge::tr("%1%2 %3 an hour")
                    .arg(*probe.trend < 0 ? QString() : QStringLiteral("+"), format::decimal(*probe.trend, 1), unit)
                    .simplified();
    }
    return told;
}

Gauge::Gauge(const Theme& theme, QWidget* parent) : QAbstractButton(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setCheckable(true);
    setCursor(Qt::PointingHandCursor);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Gauge::setProbe(const console::ProbeRow& probe)
{
    const QString unit = format::text(probe.unit);
    const QString own = format::text(probe.note);
    auto facts = probeFacts(probe);
    const double share = probe.value ? gaugeShare(*probe.value, probe.limit, unit) : 0;
    if (facts == facts_ && share == share_) {
        return;
    }
    facts_ = std::move(facts);
    probe_ = probe.name;
    name_ = format::text(probe.name);
    arrow_ = trendArrow(probe);
    figure_ = figureOf(probe);
    // Why there is no figure is too long for the place; the tooltip has it.
    note_ = !probe.value ? whyNoFigure(probe) : own.isEmpty() ? limitOf(probe) : own;
    share_ = share;
    limitShare_ = probe.limit > 0 ? gaugeShare(probe.limit, probe.limit, unit) : 0;
    tone_ = probe.value ? gaugeTone(*probe.value, probe.limit) : Meaning::TextFaint;
    setAccessibleName(facts_.join(QStringLiteral(", ")));
    setToolTip(facts_.join(QStringLiteral("\n")) + QLatin1Char('\n') + tr("Click: its last 24 hours"));
    update();
}

void Gauge::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    constexpr double radius = 52;
    constexpr double thickness = 10;
    const QPointF centre(width() / 2.0, 8 + radius);
    const QRectF ring(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius);
    const auto angle = [](double share) { return static_cast<int>((180.0 - 180.0 * share) * 16); };
    QPen pen(theme_.color(Meaning::Track), thickness);
    pen.setCapStyle(Qt::RoundCap);
    p.setPen(pen);
    p.drawArc(ring, 0, 180 * 16);
    if (tone_ != Meaning::TextFaint) {
        pen.setColor(theme_.color(tone_));
        p.setPen(pen);
        p.drawArc(ring, angle(share_), 180 * 16 - angle(share_));
    }
    if (limitShare_ > 0 && limitShare_ < 1) {
        p.save();
        p.translate(centre);
        p.rotate(-180 + 180 * limitShare_);
        p.setPen(QPen(theme_.color(Meaning::TextFaint), 1.5));
        p.drawLine(QPointF(radius - thickness / 2 - 1, 0), QPointF(radius + thickness / 2 + 1, 0));
        p.restore();
    }
    if (hasFocus() || isChecked()) { // where the keyboard is; whose history is shown
        p.setPen(QPen(theme_.color(hasFocus() ? Meaning::Focus : Meaning::Hairline), 1));
        p.setBrush(Qt::NoBrush);
        p.drawRoundedRect(QRectF(rect()).adjusted(1.5, 0.5, -1.5, -0.5), 8, 8);
    }
    p.setPen(theme_.color(Meaning::Text));
    p.setFont(theme_.font(FontRole::FigureGauge));
    p.drawText(QRectF(centre.x() - radius, centre.y() - 26, 2 * radius, 28), Qt::AlignCenter, figure_);
    p.setFont(theme_.font(FontRole::Strong));
    p.drawText(QRectF(0, centre.y() + 11, width(), 19), Qt::AlignCenter,
               arrow_.isEmpty() ? name_ : name_ + QLatin1Char(' ') + arrow_);
    p.setFont(theme_.font(FontRole::Caption));
    p.setPen(theme_.color(Meaning::TextMuted));
    p.drawText(QRectF(2, centre.y() + 30, width() - 4, 36), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, note_);
}

} // namespace qd::ui
