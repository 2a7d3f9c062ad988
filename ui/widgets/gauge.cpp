#include "ui/widgets/gauge.h"

#include "ui/format.h"

#include <QPainter>

#include <algorithm>

namespace qd::ui {

namespace {

QString figureOf(const console::ProbeRow& probe)
{
    if (!probe.value) {
        return format::undefined();
    }
    if (probe.unit == "ms") {
        return format::milliseconds(*probe.value);
    }
    if (probe.unit == "°C") {
        return format::decimal(*probe.value, 0) + QStringLiteral("°");
    }
    const QString unit = format::text(probe.unit);
    return format::decimal(*probe.value, 0) +
           (unit.isEmpty() || unit == QStringLiteral("%") ? unit : QLatin1Char(' ') + unit);
}

QString limitOf(const console::ProbeRow& probe)
{
    console::ProbeRow atLimit = probe;
    atLimit.value = probe.limit;
    return probe.limit > 0 ? Gauge::tr("limit %1").arg(figureOf(atLimit)) : QString();
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

Gauge::Gauge(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Gauge::setProbe(const console::ProbeRow& probe)
{
    const QString name = format::text(probe.name);
    const QString figure = figureOf(probe);
    const QString limit = limitOf(probe);
    const QString own = format::text(probe.note);
    // Why there is no figure is too long for the place; the tooltip has it.
    const QString note = !probe.value ? tr("not measured") : own.isEmpty() ? limit : own;
    const QString unit = format::text(probe.unit);
    const double share = probe.value ? gaugeShare(*probe.value, probe.limit, unit) : 0;
    const Meaning tone = probe.value ? gaugeTone(*probe.value, probe.limit) : Meaning::TextFaint;
    const QString trend = probe.trend ? tr("%1%2 %3 an hour")
                                            .arg(*probe.trend < 0 ? QString() : QStringLiteral("+"),
                                                 format::decimal(*probe.trend, 1), unit)
                                            .trimmed()
                                      : QString();
    if (trend == trend_ && name == name_ && figure == figure_ && note == note_ && share == share_ && tone == tone_) {
        return;
    }
    name_ = name;
    trend_ = trend;
    figure_ = figure;
    note_ = note;
    share_ = share;
    limitShare_ = probe.limit > 0 ? gaugeShare(probe.limit, probe.limit, unit) : 0;
    tone_ = tone;
    const QString state = tone == Meaning::Loss      ? tr("over its limit")
                          : tone == Meaning::Warning ? tr("near its limit")
                          : probe.value              ? tr("well within its limit")
                                                     : tr("not measured");
    const QString score = probe.score ? tr("score %1").arg(format::decimal(*probe.score, 0)) : tr("no score");
    QStringList told{name_ + QStringLiteral(" ") + figure_ + QStringLiteral(", ") + state, score};
    if (!limit.isEmpty() && limit != note_) {
        told << limit;
    }
    if (!own.isEmpty()) {
        told << own;
    }
    if (!trend.isEmpty()) {
        told << trend;
    }
    setAccessibleName(told.join(QStringLiteral(", ")));
    setToolTip(told.join(QStringLiteral("\n")));
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
    p.setPen(theme_.color(Meaning::Text));
    p.setFont(theme_.font(FontRole::FigureGauge));
    p.drawText(QRectF(centre.x() - radius, centre.y() - 26, 2 * radius, 28), Qt::AlignCenter, figure_);
    p.setFont(theme_.font(FontRole::Strong));
    p.drawText(QRectF(0, centre.y() + 11, width(), 19), Qt::AlignCenter, name_);
    p.setFont(theme_.font(FontRole::Caption));
    p.setPen(theme_.color(Meaning::TextMuted));
    p.drawText(QRectF(2, centre.y() + 30, width() - 4, 36), Qt::AlignHCenter | Qt::AlignTop | Qt::TextWordWrap, note_);
}

} // namespace qd::ui
