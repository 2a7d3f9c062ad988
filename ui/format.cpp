#include "ui/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <QTimeZone>

#include <algorithm>
#include <cmath>
#include <limits>

namespace qd::ui::format {

namespace {

QString tr(const char* source)
{
    return QCoreApplication::translate("format", source);
}

QDateTime at(base::UtcMs time, Zone zone)
{
    return zone == Zone::Utc ? QDateTime::fromMSecsSinceEpoch(time.value, Qt::UTC)
                             : QDateTime::fromMSecsSinceEpoch(time.value, Qt::LocalTime);
}

/// Always English, as the rest of the words; only the zone is the machine's.
QString shown(base::UtcMs time, Zone zone, QLatin1String pattern)
{
    return QLocale::c().toString(at(time, zone), QString(pattern));
}

/// "0.00" and "-0.00" have no sign.
bool isZero(const QString& digits)
{
    return std::all_of(digits.begin(), digits.end(),
                       [](QChar c) { return c == QLatin1Char('0') || c == QLatin1Char('.') || c == QLatin1Char('-'); });
}

QString digitsOf(double value, int decimals)
{
    QString digits = QString::number(value, 'f', decimals);
    return isZero(digits) && digits.startsWith(QLatin1Char('-')) ? digits.mid(1) : digits;
}

QString withSign(const QString& digits)
{
    return isZero(digits) || digits.startsWith(QLatin1Char('-')) ? grouped(digits) : QLatin1Char('+') + grouped(digits);
}

QString moneyDigits(base::Money amount, int decimals)
{
    std::int64_t unit = 1;
    for (int i = decimals; i < 8; ++i) {
        unit *= 10;
    }
    const auto scale = base::Scale::ofDecimals(decimals);
    const QString digits = text(scale.text(base::mulDiv(amount.value, 1, unit)));
    return isZero(digits) && digits.startsWith(QLatin1Char('-')) ? digits.mid(1) : digits;
}

} // namespace

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString undefined()
{
    return QStringLiteral("—");
}

QString grouped(QString plain)
{
    const bool isNegative = plain.startsWith(QLatin1Char('-'));
    if (isNegative) {
        plain.remove(0, 1);
    }
    const qsizetype point = plain.indexOf(QLatin1Char('.'));
    for (qsizetype i = (point < 0 ? plain.size() : point) - 3; i > 0; i -= 3) {
        plain.insert(i, thinSpace);
    }
    return isNegative ? minusSign + plain : plain;
}

QString plain(QString shown)
{
    shown.remove(thinSpace);
    shown.replace(minusSign, QLatin1Char('-'));
    return shown == undefined() ? QString() : shown;
}

QString integer(std::int64_t value)
{
    return grouped(QString::number(value));
}

QString count(std::uint64_t value)
{
    return grouped(QString::number(value));
}

QString decimal(double value, int decimals)
{
    return std::isfinite(value) ? grouped(digitsOf(value, decimals)) : undefined();
}

QString decimal(const std::optional<double>& value, int decimals)
{
    return value ? decimal(*value, decimals) : undefined();
}

QString signedDecimal(double value, int decimals)
{
    return std::isfinite(value) ? withSign(digitsOf(value, decimals)) : undefined();
}

QString percent(double fraction, int decimals)
{
    return std::isfinite(fraction) ? decimal(fraction * 100, decimals) + QLatin1Char('%') : undefined();
}

QString percent(const std::optional<double>& fraction, int decimals)
{
    return fraction ? percent(*fraction, decimals) : undefined();
}

QString signedPercent(double fraction, int decimals)
{
    return std::isfinite(fraction) ? signedDecimal(fraction * 100, decimals) + QLatin1Char('%') : undefined();
}

QString percentInterval(double low, double high)
{
    if (!std::isfinite(low) || !std::isfinite(high)) {
        return undefined();
    }
    return digitsOf(low * 100, 0) + QStringLiteral("–") + digitsOf(high * 100, 0);
}

QString ofNeeded(std::uint32_t have, std::uint32_t needed)
{
    return QString::number(have) + QLatin1Char('/') + QString::number(needed);
}

QString price(const market::Instrument& instrument, market::Price price)
{
    return grouped(text(instrument.priceText(price)));
}

QString price(const market::Instrument& instrument, const std::optional<market::Price>& price)
{
    return price ? format::price(instrument, *price) : undefined();
}

QString size(const market::Instrument& instrument, market::Quantity size)
{
    return grouped(text(instrument.sizeText(size)));
}

QString money(base::Money amount, int decimals)
{
    return grouped(moneyDigits(amount, decimals));
}

QString signedMoney(base::Money amount, int decimals)
{
    return withSign(moneyDigits(amount, decimals));
}

QString duration(base::Millis length)
{
    const std::int64_t ms = std::max<std::int64_t>(length.count(), 0);
    const auto two = [](std::int64_t a, const char* unitA, std::int64_t b, const char* unitB) {
        const QString first = QString::number(a) + QLatin1Char(' ') + QLatin1String(unitA);
        return b == 0 ? first : first + QLatin1Char(' ') + QString::number(b) + QLatin1Char(' ') + QLatin1String(unitB);
    };
    if (ms < 9'950) {
        return QString::number(static_cast<double>(ms) / 1000, 'f', 1) + QStringLiteral(" s");
    }
    const std::int64_t seconds = (ms + 500) / 1000;
    if (seconds < 60) {
        return QString::number(seconds) + QStringLiteral(" s");
    }
    const std::int64_t minutes = seconds / 60;
    if (minutes < 60) {
        return minutes < 10 ? two(minutes, "m", seconds % 60, "s") : QString::number(minutes) + QStringLiteral(" m");
    }
    const std::int64_t hours = minutes / 60;
    return hours < 24 ? two(hours, "h", minutes % 60, "m") : two(hours / 24, "d", hours % 24, "h");
}

QString milliseconds(double ms)
{
    if (!std::isfinite(ms)) {
        return undefined();
    }
    if (ms < 9.95) {
        return digitsOf(ms, ms < 0.05 ? 0 : 1) + QStringLiteral(" ms");
    }
    return ms < 999.5 ? digitsOf(ms, 0) + QStringLiteral(" ms")
                      : decimal(ms / 1000, ms < 99'950 ? 1 : 0) + QStringLiteral(" s");
}

QString bytes(std::uint64_t bytes)
{
    static constexpr std::array units{"B", "kB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    const int decimals = unit > 0 && value < 9.95 ? 1 : 0;
    return digitsOf(value, decimals) + QLatin1Char(' ') + QLatin1String(units[unit]);
}

QString rate(double perSecond)
{
    if (!std::isfinite(perSecond)) {
        return undefined();
    }
    if (perSecond < 9'999.5) {
        return decimal(perSecond, 0);
    }
    return perSecond < 999'500 ? decimal(perSecond / 1e3, 0) + QStringLiteral(" k")
                               : decimal(perSecond / 1e6, 1) + QStringLiteral(" M");
}

QString timeOfDay(base::UtcMs time, Zone zone)
{
    return shown(time, zone, QLatin1String("HH:mm:ss"));
}

QString hourMinute(base::UtcMs time, Zone zone)
{
    return shown(time, zone, QLatin1String("HH:mm"));
}

QString day(base::UtcMs time, Zone zone)
{
    return shown(time, zone, QLatin1String("d MMM"));
}

QString moment(base::UtcMs time, base::UtcMs now, Zone zone)
{
    const QDate then = at(time, zone).date();
    const QDate today = at(now, zone).date();
    if (then == today) {
        return timeOfDay(time, zone);
    }
    return shown(time, zone,
                 then.year() == today.year() ? QLatin1String("d MMM HH:mm:ss") : QLatin1String("d MMM yyyy HH:mm:ss"));
}

QString clock(base::UtcMs time, Zone zone)
{
    const QString name = zone == Zone::Utc ? QStringLiteral("UTC") : at(time, zone).timeZoneAbbreviation();
    return timeOfDay(time, zone) + QLatin1Char(' ') + name;
}

QString named(const QStringList& names, const QString& many)
{
    return names.size() <= 3 ? names.join(QStringLiteral(", "))
                             : QStringLiteral("%1 %2").arg(QString::number(names.size()), many);
}

QString word(console::EngineState state)
{
    switch (state) {
    case console::EngineState::Idle:
        return tr("Idle");
    case console::EngineState::Starting:
        return tr("Starting");
    case console::EngineState::Running:
        return tr("Running");
    case console::EngineState::Struggling:
        return tr("Struggling");
    case console::EngineState::Failed:
        return tr("Failed");
    case console::EngineState::Stopped:
        return tr("Stopped");
    }
    return undefined();
}

QString word(console::FeedState state)
{
    switch (state) {
    case console::FeedState::Offline:
        return tr("Offline");
    case console::FeedState::Connecting:
        return tr("Connecting");
    case console::FeedState::Subscribing:
        return tr("Subscribing");
    case console::FeedState::CatchingUp:
        return tr("Catching up");
    case console::FeedState::Online:
        return tr("Online");
    case console::FeedState::Silent:
        return tr("Silent");
    }
    return undefined();
}

QString word(console::HealthLabel label)
{
    switch (label) {
    case console::HealthLabel::Unknown:
        return tr("UNKNOWN");
    case console::HealthLabel::Critical:
        return tr("CRITICAL");
    case console::HealthLabel::Poor:
        return tr("POOR");
    case console::HealthLabel::Fair:
        return tr("FAIR");
    case console::HealthLabel::Good:
        return tr("GOOD");
    case console::HealthLabel::Excellent:
        return tr("EXCELLENT");
    }
    return undefined();
}

QString word(console::Severity severity)
{
    switch (severity) {
    case console::Severity::Info:
        return tr("Info");
    case console::Severity::Warning:
        return tr("Warning");
    case console::Severity::Error:
        return tr("Error");
    }
    return undefined();
}

QString word(market::Side side)
{
    return side == market::Side::Buy ? tr("Long") : tr("Short");
}

} // namespace qd::ui::format
