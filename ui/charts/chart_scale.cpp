#include "ui/charts/chart_scale.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace qd::ui {

namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
/// Steps within a day: each divides it.
constexpr std::array clockSteps{second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
                                minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
                                hour,   2 * hour,   3 * hour,   4 * hour,    6 * hour,    12 * hour};
constexpr std::array daySteps{1, 2, 7, 14};
constexpr std::array monthSteps{1, 3, 6, 12, 24, 60, 120};
constexpr double daysInMonth = 30.44;

/// std::floor() is a call into the library on plain x86-64, and dear at 100,000 candles a frame.
std::int64_t columnOf(double x)
{
    const auto whole = static_cast<std::int64_t>(x);
    return static_cast<double>(whole) > x ? whole - 1 : whole;
}

QDateTime at(double ms, const QTimeZone& zone)
{
    return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(std::floor(ms)), zone);
}

QString english(const QDateTime& moment, const QString& pattern)
{
    return QLocale::c().toString(moment, pattern);
}

/// Appends `moment` if it lies in the range and after the newest tick: a clock that is put back shows an hour twice.
void appendTick(std::vector<TimeTick>& ticks, Range range, const QDateTime& moment, const QString& pattern, bool isDay)
{
    const base::UtcMs time{moment.toMSecsSinceEpoch()};
    if (range.holds(static_cast<double>(time.value)) && (ticks.empty() || ticks.back().time < time)) {
        ticks.push_back({time, english(moment, pattern), isDay});
    }
}

std::vector<TimeTick> clockTicks(Range range, std::int64_t step, const QTimeZone& zone)
{
    std::vector<TimeTick> ticks;
    const auto pattern = step < minute ? QStringLiteral("HH:mm:ss") : QStringLiteral("HH:mm");
    const auto last = at(range.high, zone).date();
    for (auto date = at(range.low, zone).date(); date <= last; date = date.addDays(1)) {
        const auto midnight = date.startOfDay(zone);
        const auto skipped = static_cast<std::int64_t>(range.low) - midnight.toMSecsSinceEpoch() - 2 * hour;
        const auto from = std::max<std::int64_t>(0, skipped / step * step);
        for (auto offset = from; offset < day; offset += step) {
            const QDateTime moment(date, QTime::fromMSecsSinceStartOfDay(static_cast<int>(offset)), zone);
            if (static_cast<double>(moment.toMSecsSinceEpoch()) > range.high) {
                break;
            }
            const bool exists = moment.time().msecsSinceStartOfDay() == offset; // not so where the clock is put forward
            if (exists) {
                appendTick(ticks, range, moment, offset == 0 ? QStringLiteral("d MMM") : pattern, offset == 0);
            }
        }
    }
    return ticks;
}

std::vector<TimeTick> dayTicks(Range range, int step, const QTimeZone& zone)
{
    std::vector<TimeTick> ticks;
    const auto first = at(range.low, zone).date().toJulianDay();
    const auto last = at(range.high, zone).date().toJulianDay();
    for (auto julian = first - first % step; julian <= last; julian += step) {
        const auto date = QDate::fromJulianDay(julian);
        const auto pattern = date.dayOfYear() <= step ? QStringLiteral("d MMM yyyy") : QStringLiteral("d MMM");
        appendTick(ticks, range, date.startOfDay(zone), pattern, true);
    }
    return ticks;
}

std::vector<TimeTick> monthTicks(Range range, int step, const QTimeZone& zone)
{
    std::vector<TimeTick> ticks;
    const auto months = [](const QDate& date) { return date.year() * 12 + date.month() - 1; };
    const auto first = months(at(range.low, zone).date());
    const auto last = months(at(range.high, zone).date());
    for (auto month = first - first % step; month <= last; month += step) {
        const QDate date(month / 12, month % 12 + 1, 1);
        const auto pattern = step >= 12 ? QStringLiteral("yyyy") : QStringLiteral("MMM yyyy");
        appendTick(ticks, range, date.startOfDay(zone), pattern, true);
    }
    return ticks;
}

} // namespace

LinearScale::LinearScale(Range range, double pixelLow, double pixelHigh, double half)
    : range_(range.span() > 0 ? range : Range{range.low - half, range.low + half}),
      pixelLow_(pixelLow),
      pixelsPerUnit_((pixelHigh - pixelLow) / range_.span())
{
}

Range zoomedAbout(Range range, double at, double factor, double least, double most)
{
    if (range.span() <= 0) {
        return range;
    }
    const double span = std::clamp(range.span() * factor, least, most);
    const double share = (at - range.low) / range.span();
    return {at - share * span, at + (1 - share) * span};
}

Range panned(Range range, double by)
{
    return {range.low + by, range.high + by};
}

Range clampedInto(Range range, Range bounds)
{
    if (range.span() >= bounds.span()) {
        return bounds;
    }
    if (range.low < bounds.low) {
        return {bounds.low, bounds.low + range.span()};
    }
    if (range.high > bounds.high) {
        return {bounds.high - range.span(), bounds.high};
    }
    return range;
}

Range padded(Range range, double share)
{
    const double by = range.span() * share;
    return {range.low - by, range.high + by};
}

double niceStep(double span, int most)
{
    const double rough = span / std::max(1, most);
    if (!(rough > 0) || !std::isfinite(rough)) {
        return 1;
    }
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (power * factor >= rough * (1 - 1e-9)) {
            return power * factor;
        }
    }
    return power * 10;
}

int decimalsOf(double step)
{
    int decimals = 0;
    for (double scaled = std::abs(step); decimals < 12 && std::abs(scaled - std::round(scaled)) > 1e-6; ++decimals) {
        scaled *= 10;
    }
    return decimals;
}

std::vector<double> niceTicks(Range range, int most)
{
    const double step = niceStep(range.span(), most);
    std::vector<double> ticks;
    const auto first = std::ceil(range.low / step - 1e-9);
    for (int i = 0; i <= most && (first + i) * step <= range.high + step * 1e-9; ++i) {
        ticks.push_back((first + i) * step);
    }
    return ticks;
}

std::vector<std::int64_t> priceTicks(Range range, int most, const base::Scale& tick)
{
    // A round price is 1, 2 or 5 × 10^k in the quote currency and a whole number of ticks; for a tick of 3 there is no
    // such price, and round numbers of ticks take its place.
    const std::int64_t mantissa = tick.step().mantissa;
    const double needed = std::max(1.0, range.span() / std::max(1, most));
    const auto roundStep = [needed](std::int64_t divisor) -> std::int64_t {
        std::int64_t power = 1;
        for (int k = 0; k < 17; ++k, power *= 10) {
            for (const std::int64_t factor : {1, 2, 5}) {
                if (factor * power % divisor == 0 && static_cast<double>(factor * power / divisor) >= needed) {
                    return factor * power / divisor;
                }
            }
        }
        return 0;
    };
    auto step = roundStep(mantissa);
    if (step == 0) {
        step = std::max<std::int64_t>(1, roundStep(1));
    }
    std::vector<std::int64_t> ticks;
    auto price = static_cast<std::int64_t>(std::ceil(range.low / static_cast<double>(step))) * step;
    for (; static_cast<double>(price) <= range.high; price += step) {
        ticks.push_back(price);
    }
    return ticks;
}

std::vector<TimeTick> timeTicks(Range range, int most, const QTimeZone& zone)
{
    if (!(range.span() > 0)) {
        return {};
    }
    const double rough = range.span() / std::max(1, most);
    for (const auto step : clockSteps) {
        if (static_cast<double>(step) >= rough) {
            return clockTicks(range, step, zone);
        }
    }
    for (const auto step : daySteps) {
        if (static_cast<double>(step * day) >= rough) {
            return dayTicks(range, step, zone);
        }
    }
    for (const auto step : monthSteps) {
        if (step * daysInMonth * static_cast<double>(day) >= rough) {
            return monthTicks(range, step, zone);
        }
    }
    constexpr int century = 1200;
    const double centuries = std::ceil(rough / (century * daysInMonth * static_cast<double>(day)));
    return monthTicks(range, century * static_cast<int>(std::min(centuries, 1000.0)), zone);
}

QString momentText(base::UtcMs time, const QTimeZone& zone, bool withSeconds)
{
    const auto pattern =
        withSeconds ? QStringLiteral("ddd d MMM yyyy HH:mm:ss") : QStringLiteral("ddd d MMM yyyy HH:mm");
    return english(QDateTime::fromMSecsSinceEpoch(time.value, zone), pattern);
}

std::pair<std::size_t, std::size_t> candlesIn(std::span<const market::Candle> candles, base::Millis length, Range view)
{
    const auto first = std::ranges::partition_point(candles, [&](const market::Candle& candle) {
        return static_cast<double>((candle.start + length).value) <= view.low;
    });
    const auto last = std::ranges::partition_point(
        candles, [&](const market::Candle& candle) { return static_cast<double>(candle.start.value) < view.high; });
    const auto from = static_cast<std::size_t>(first - candles.begin());
    return {from, std::max(from, static_cast<std::size_t>(last - candles.begin()))};
}

std::vector<Bar> barsOf(std::span<const market::Candle> candles, base::Millis length, const LinearScale& time)
{
    const auto [from, to] = candlesIn(candles, length, time.range());
    const double half = static_cast<double>(length.count()) / 2;
    const bool merges = time.pixelsPerUnit() * static_cast<double>(length.count()) < 1;
    std::vector<Bar> bars;
    bars.reserve(merges ? 4096 : to - from);
    auto column = std::numeric_limits<std::int64_t>::min();
    for (auto i = from; i < to; ++i) {
        const auto& candle = candles[i];
        const double x = time.pixel(static_cast<double>(candle.start.value) + half);
        const auto itsColumn = columnOf(x);
        if (merges && itsColumn == column) {
            auto& bar = bars.back();
            ++bar.count;
            bar.high = std::max(bar.high, candle.high);
            bar.low = std::min(bar.low, candle.low);
            bar.close = candle.close;
            bar.volume += static_cast<double>(candle.volume.value);
            bar.hasGap |= candle.hasGap;
            continue;
        }
        column = itsColumn;
        bars.push_back({merges ? static_cast<double>(column) + 0.5 : x, i, 1, candle.start, candle.open, candle.high,
                        candle.low, candle.close, static_cast<double>(candle.volume.value), candle.hasGap});
    }
    return bars;
}

std::vector<LinePoint> thinned(std::span<const LinePoint> points, double columnWidth)
{
    std::vector<LinePoint> out;
    std::size_t next = 0; // nothing before it is appended any more
    const auto keep = [&](std::size_t i) {
        if (i >= next) {
            out.push_back(points[i]);
            next = i + 1;
        }
    };
    for (std::size_t from = 0; from < points.size();) {
        const auto column = columnOf(points[from].x / columnWidth);
        auto to = from;
        auto low = from;
        auto high = from;
        for (; to < points.size() && columnOf(points[to].x / columnWidth) == column; ++to) {
            low = points[to].y < points[low].y ? to : low;
            high = points[to].y > points[high].y ? to : high;
        }
        if (from == 0 || to - from <= 2) {
            keep(from);
        }
        if (to - from > 2) {
            keep(std::min(low, high));
            keep(std::max(low, high));
        }
        if (to == points.size() || to - from <= 2) {
            keep(to - 1);
        }
        from = to;
    }
    return out;
}

} // namespace qd::ui
