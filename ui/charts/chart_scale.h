// The mathematics of a chart: from values to pixels and back, where the ticks of an axis stand, zoom and pan, and how
// many candles or points become one pixel column. Pure; Qt Core only, for time zones. Any thread. Values are doubles:
// ms since 1970 UTC on the axis of time, ticks of the instrument or plain numbers on the other.
#pragma once

#include "market/candle.h"
#include "market/instrument.h"

#include <QString>
#include <QTimeZone>

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace qd::ui {

struct Range {
    double low = 0;
    double high = 1;

    [[nodiscard]] double span() const { return high - low; }
    [[nodiscard]] bool holds(double value) const { return value >= low && value <= high; }
    friend bool operator==(const Range&, const Range&) = default;
};

/// Straight from range.low at `pixelLow` to range.high at `pixelHigh`; pixelHigh < pixelLow for an axis that points up.
class LinearScale {
public:
    /// A range without width becomes one of ±half around its value; so a flat price lies in the middle.
    LinearScale(Range range, double pixelLow, double pixelHigh, double half = 0.5);

    [[nodiscard]] double pixel(double value) const { return pixelLow_ + (value - range_.low) * pixelsPerUnit_; }
    [[nodiscard]] double value(double pixel) const { return range_.low + (pixel - pixelLow_) / pixelsPerUnit_; }
    [[nodiscard]] Range range() const { return range_; }
    [[nodiscard]] double pixelsPerUnit() const { return pixelsPerUnit_; }

private:
    Range range_;
    double pixelLow_;
    double pixelsPerUnit_;
};

/// `range` shrunk (factor < 1) or grown about `at`, which keeps its pixel; the span stays in [least, most].
[[nodiscard]] Range zoomedAbout(Range range, double at, double factor, double least, double most);
[[nodiscard]] Range panned(Range range, double by);
/// Moved, not squeezed, into `bounds`; all of `bounds` if it is wider.
[[nodiscard]] Range clampedInto(Range range, Range bounds);
/// Widened by this share of its span at both ends.
[[nodiscard]] Range padded(Range range, double share);

/// The 1, 2 or 5 × 10^k that cuts `span` into at most `most` parts.
[[nodiscard]] double niceStep(double span, int most);
/// How many digits after the point multiples of `step` need, 0…12.
[[nodiscard]] int decimalsOf(double step);
/// All multiples of niceStep() in the range, at most most + 1.
[[nodiscard]] std::vector<double> niceTicks(Range range, int most);
/// Round prices in `range` (in ticks of the instrument), whole ticks of it, at most most + 1.
[[nodiscard]] std::vector<std::int64_t> priceTicks(Range range, int most, const base::Scale& tick);

struct TimeTick {
    base::UtcMs time;
    QString text;       // "14:35", "22 Jun" at midnight, "Jun 2025" at long spans
    bool isDay = false; // a day, month or year begins here
    friend bool operator==(const TimeTick&, const TimeTick&) = default;
};
/// Round moments of the wall clock in `zone`, from seconds to years, at most `most` + 1; no two at one moment.
[[nodiscard]] std::vector<TimeTick> timeTicks(Range range, int most, const QTimeZone& zone);
/// "Wed 22 Jun 2025 14:35", with seconds where `withSeconds`.
[[nodiscard]] QString momentText(base::UtcMs time, const QTimeZone& zone, bool withSeconds);

/// What is drawn at one place: a candle, or all candles whose middles share a pixel column.
struct Bar {
    double x = 0;          // middle, pixels
    std::size_t first = 0; // index of its first candle
    std::size_t count = 1;
    base::UtcMs start; // of the first
    base::Price open;
    base::Price high;
    base::Price low;
    base::Price close;
    double volume = 0; // lots
    bool hasGap = false;
};

/// Indices [first, second) of the candles of which any part lies in `view`. Requires: candles by time.
[[nodiscard]] std::pair<std::size_t, std::size_t> candlesIn(std::span<const market::Candle> candles,
                                                            base::Millis length, Range view);
/// The bars of the candles in the scale's range. Merged to one a column (open of the first, close of the last, highest
/// high, lowest low, summed volume) only where candles lie closer together than a pixel. Requires: candles by time.
[[nodiscard]] std::vector<Bar> barsOf(std::span<const market::Candle> candles, base::Millis length,
                                      const LinearScale& time);

struct LinePoint {
    double x = 0;
    double y = 0;
    friend bool operator==(const LinePoint&, const LinePoint&) = default;
};
/// Points (by x) thinned to the smallest and the largest of each column of `columnWidth` starting at 0, in their order,
/// and always the first and the last of all; nothing that is at most two a column is changed.
[[nodiscard]] std::vector<LinePoint> thinned(std::span<const LinePoint> points, double columnWidth);

} // namespace qd::ui
