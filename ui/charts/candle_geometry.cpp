// The geometry of a candle chart: where candles, marks and ticks stand. See candle_painter.h.
#include "ui/charts/candle_painter.h"

#include "ui/format.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace qd::ui {

namespace {

constexpr double legendHeight = 22;
constexpr double timeAxisHeight = 22;
constexpr double tagPadding = 6;
constexpr double markHalf = 5;

double asDouble(base::Price price)
{
    return static_cast<double>(price.value);
}

double ms(base::UtcMs time)
{
    return static_cast<double>(time.value);
}

/// The smallest range of prices that holds what is in view.
Range pricesOf(const CandleScene& scene, const CandleGeometry& at, Range view)
{
    Range range{std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()};
    const auto include = [&](double low, double high) {
        range = {std::min(range.low, low), std::max(range.high, high)};
    };
    for (const auto& bar : at.bars) {
        include(asDouble(bar.low), asDouble(bar.high));
    }
    if (scene.forming && ms(scene.forming->start) < view.high && ms(scene.forming->start + scene.length()) > view.low) {
        include(asDouble(scene.forming->low), asDouble(scene.forming->high));
    }
    if (scene.shown.bollinger && !at.bars.empty()) {
        const auto to = at.bars.back().first + at.bars.back().count;
        for (auto i = at.bars.front().first; i < to; ++i) {
            const auto& overlay = scene.overlays[i]; // NaN compares false and changes nothing
            range.low = overlay.lower < range.low ? overlay.lower : range.low;
            range.high = overlay.upper > range.high ? overlay.upper : range.high;
        }
    }
    for (const auto& level : scene.levels) {
        if (ms(level.from) < view.high && ms(level.to) > view.low) {
            include(level.price, level.price);
        }
    }
    if (range.low > range.high) {
        const double around = scene.last ? asDouble(*scene.last) : 0;
        return {around - 1, around + 1};
    }
    return range.span() > 0 ? range : Range{range.low - 1, range.high + 1};
}

} // namespace

QRectF plotOf(const CandleScene& scene, const QSizeF& size)
{
    const QFontMetricsF metrics(scene.colors.figures);
    double widest = metrics.horizontalAdvance(QStringLiteral("000.00"));
    for (const auto& candle :
         {scene.closed.empty() ? scene.forming : std::optional(scene.closed.back()), scene.forming}) {
        if (candle) {
            widest = std::max(widest, metrics.horizontalAdvance(format::price(scene.instrument, candle->high)));
        }
    }
    const double right = std::ceil(widest) + 3 * tagPadding;
    const double volume = std::clamp(std::round(size.height() * 0.13), 24.0, 90.0);
    return {0, legendHeight, std::max(20.0, size.width() - right),
            std::max(20.0, size.height() - legendHeight - timeAxisHeight - volume - 8)};
}

CandleGeometry geometryOf(const CandleScene& scene, const QSizeF& size, Range view)
{
    const auto plot = plotOf(scene, size);
    const QRectF volume(plot.left(), plot.bottom() + 8, plot.width(),
                        std::max(8.0, size.height() - plot.bottom() - 8 - timeAxisHeight));
    CandleGeometry at{.plot = plot,
                      .volume = volume,
                      .time = LinearScale(view, plot.left(), plot.right()),
                      .price = LinearScale({}, plot.bottom(), plot.top())};
    at.bars = barsOf(scene.closed, scene.length(), at.time);
    const auto prices = padded(pricesOf(scene, at, view), 0.07);
    at.price = LinearScale(prices, plot.bottom(), plot.top());
    for (const auto& bar : at.bars) {
        at.mostVolume = std::max(at.mostVolume, bar.volume);
    }
    if (scene.forming) {
        at.mostVolume = std::max(at.mostVolume, static_cast<double>(scene.forming->volume.value));
    }
    at.priceTicks = priceTicks(prices, std::clamp(static_cast<int>(plot.height() / 70), 2, 10), scene.instrument.tick);
    at.timeTicks = timeTicks(view, std::clamp(static_cast<int>(plot.width() / 110), 2, 14), scene.zone);
    return at;
}

std::vector<MarkPlace> markPlaces(const CandleScene& scene, const CandleGeometry& at)
{
    std::vector<MarkPlace> places;
    if (!scene.shown.trades) {
        return places;
    }
    const auto [low, high] = at.time.range();
    const auto from = std::ranges::partition_point(scene.marks, [l = low](const auto& m) { return ms(m.time) < l; });
    const auto half = static_cast<double>(scene.length().count()) / 2;
    std::map<std::pair<base::UtcMs, bool>, int> stacked;
    for (auto mark = from; mark != scene.marks.end() && ms(mark->time) <= high; ++mark) {
        const auto start = base::bucketStart(mark->time, scene.length());
        auto candle = std::ranges::partition_point(scene.closed, [&](const auto& c) { return c.start < start; });
        const market::Candle* its = candle != scene.closed.end() && candle->start == start ? &*candle : nullptr;
        if (its == nullptr && scene.forming && scene.forming->start == start) {
            its = &*scene.forming;
        }
        const auto edge = its == nullptr ? mark->price : mark->isEntry ? its->low : its->high;
        const double away = 5 + 10 * std::min(stacked[{start, mark->isEntry}]++, 4);
        const double y = at.price.pixel(asDouble(edge)) + (mark->isEntry ? away : -away);
        const double inside = std::clamp(y, at.plot.top() + 2 * markHalf, at.plot.bottom() - 2 * markHalf);
        places.push_back({{std::floor(at.time.pixel(ms(start) + half)) + 0.5, inside},
                          static_cast<std::size_t>(mark - scene.marks.begin())});
    }
    return places;
}

std::optional<std::size_t> candleAt(const CandleScene& scene, const CandleGeometry& at, double x)
{
    const auto time = base::UtcMs{static_cast<std::int64_t>(std::floor(at.time.value(x)))};
    if (scene.forming && time >= scene.forming->start && time < scene.forming->start + scene.length()) {
        return scene.closed.size();
    }
    const auto after = std::ranges::partition_point(scene.closed, [&](const auto& c) { return c.start <= time; });
    if (after == scene.closed.begin() || time >= (after - 1)->start + scene.length()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(after - 1 - scene.closed.begin());
}

} // namespace qd::ui
