// The indicators of STATISTICS.md §18 a second time, as batches over whole arrays and straight from their definitions:
// what the incremental classes are compared with, bit for bit. Slow and plain on purpose.
#pragma once

#include "base/utc_time.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <optional>
#include <vector>

namespace qd::definitions {

struct Bar {
    base::UtcMs start;
    double open = 0;
    double high = 0;
    double low = 0;
    double close = 0;
    double volume = 0;
};
using Bars = std::vector<Bar>;
using Series = std::vector<std::optional<double>>; // one entry a bar; empty ones only in front

template <typename F>
Series ofBars(const Bars& bars, F f)
{
    Series out;
    for (const auto& bar : bars) {
        out.push_back(f(bar));
    }
    return out;
}
inline Series closes(const Bars& bars)
{
    return ofBars(bars, [](const Bar& b) { return b.close; });
}

/// f(first, last) over each window of n values that are all there.
template <typename F>
Series ofWindows(const Series& x, std::size_t n, F f)
{
    Series out(x.size());
    for (std::size_t i = n - 1; i < x.size(); ++i) {
        if (x[i + 1 - n]) {
            std::vector<double> window;
            for (std::size_t k = i + 1 - n; k <= i; ++k) {
                window.push_back(*x[k]);
            }
            out[i] = f(window);
        }
    }
    return out;
}
/// f(x, y), where both are.
template <typename F>
Series ofBoth(const Series& x, const Series& y, F f)
{
    Series out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (x[i] && y[i]) {
            out[i] = f(*x[i], *y[i]);
        }
    }
    return out;
}

inline double sumOf(const std::vector<double>& window)
{
    double sum = 0;
    for (const double v : window) {
        sum += v;
    }
    return sum;
}
inline double meanOf(const std::vector<double>& window)
{
    return sumOf(window) / static_cast<double>(window.size());
}
inline double squaresOf(const std::vector<double>& window, double around)
{
    double sum = 0;
    for (const double v : window) {
        sum += (v - around) * (v - around);
    }
    return sum;
}
inline double deviationOf(const std::vector<double>& window)
{
    return std::sqrt(squaresOf(window, meanOf(window)) / static_cast<double>(window.size()));
}

inline Series sma(const Series& x, std::size_t n)
{
    return ofWindows(x, n, meanOf);
}
inline Series deviation(const Series& x, std::size_t n)
{
    return ofWindows(x, n, deviationOf);
}
/// Seeded with the mean of the first n values, then step(before, x).
template <typename Step>
Series recursive(const Series& x, std::size_t n, Step step)
{
    Series out = sma(x, n);
    auto i =
        static_cast<std::size_t>(std::ranges::find_if(out, [](const auto& v) { return v.has_value(); }) - out.begin());
    for (++i; i < x.size(); ++i) {
        out[i] = step(*out[i - 1], *x[i]);
    }
    return out;
}
inline Series ema(const Series& x, std::size_t n)
{
    return recursive(x, n, [n](double e, double v) { return e + (v - e) * 2.0 / (static_cast<double>(n) + 1.0); });
}
inline Series wilder(const Series& x, std::size_t n)
{
    const auto count = static_cast<double>(n);
    return recursive(x, n, [count](double a, double v) { return (a * (count - 1.0) + v) / count; });
}

struct Macd {
    Series macd;
    Series signal;
    Series histogram;
};
inline Macd macd(const Series& x, std::size_t fast, std::size_t slow, std::size_t signal)
{
    auto late = x; // so that the fast average is seeded where the slow one is
    std::fill_n(late.begin(), std::min(slow - fast, late.size()), std::nullopt);
    Macd lines;
    lines.macd = ofBoth(ema(late, fast), ema(x, slow), [](double f, double s) { return f - s; });
    lines.signal = ema(lines.macd, signal);
    lines.histogram = ofBoth(lines.macd, lines.signal, [](double m, double s) { return m - s; });
    lines.macd = ofBoth(lines.macd, lines.signal, [](double m, double) { return m; });
    return lines;
}

/// f(bar before, bar); none at the first.
template <typename F>
Series ofPairs(const Bars& bars, F f)
{
    Series out(bars.size());
    for (std::size_t i = 1; i < bars.size(); ++i) {
        out[i] = f(bars[i - 1], bars[i]);
    }
    return out;
}
inline Series rsi(const Bars& bars, std::size_t n)
{
    const auto gains = ofPairs(bars, [](const Bar& a, const Bar& b) { return std::max(b.close - a.close, 0.0); });
    const auto losses = ofPairs(bars, [](const Bar& a, const Bar& b) { return std::max(a.close - b.close, 0.0); });
    return ofBoth(wilder(gains, n), wilder(losses, n),
                  [](double g, double l) { return g + l == 0 ? 0 : 100.0 * (g / (g + l)); });
}
inline Series trueRange(const Bars& bars)
{
    return ofPairs(bars, [](const Bar& a, const Bar& b) {
        return std::max({b.high - b.low, std::abs(b.high - a.close), std::abs(b.low - a.close)});
    });
}
inline Series atr(const Bars& bars, std::size_t n)
{
    return wilder(trueRange(bars), n);
}

struct Directional {
    Series plus;
    Series minus;
    Series adx;
};
inline Directional directional(const Bars& bars, std::size_t n)
{
    const auto count = static_cast<double>(n);
    const auto summed = [&](const Series& x) {
        Series out(x.size());
        double sum = 0;
        for (std::size_t i = 1; i < x.size(); ++i) {
            sum = i < n ? sum + *x[i] : sum - sum / count + *x[i];
            if (i >= n) {
                out[i] = sum;
            }
        }
        return out;
    };
    const auto up = [](const Bar& a, const Bar& b) { return b.high - a.high; };
    const auto down = [](const Bar& a, const Bar& b) { return a.low - b.low; };
    const auto plus = summed(ofPairs(
        bars, [&](const Bar& a, const Bar& b) { return up(a, b) > 0 && up(a, b) > down(a, b) ? up(a, b) : 0; }));
    const auto minus = summed(ofPairs(
        bars, [&](const Bar& a, const Bar& b) { return down(a, b) > 0 && down(a, b) > up(a, b) ? down(a, b) : 0; }));
    const auto ranges = summed(trueRange(bars));
    const auto share = [](double part, double whole) { return whole == 0 ? 0 : 100.0 * (part / whole); };
    Directional lines{ofBoth(plus, ranges, share), ofBoth(minus, ranges, share), Series(bars.size())};
    double sum = 0;
    for (std::size_t i = n; i < bars.size(); ++i) {
        const double both = *lines.plus[i] + *lines.minus[i];
        const double dx = both == 0 ? 0 : 100.0 * (std::abs(*lines.plus[i] - *lines.minus[i]) / both);
        if (i < 2 * n) {
            sum += dx;
            lines.adx[i] = i + 1 == 2 * n ? std::optional(sum / count) : std::nullopt;
        } else {
            const double before = *lines.adx[i - 1];
            lines.adx[i] = both == 0 ? before : (before * (count - 1.0) + dx) / count;
        }
    }
    return lines;
}

inline Series highest(const Bars& bars, std::size_t n)
{
    return ofWindows(ofBars(bars, [](const Bar& b) { return b.high; }), n,
                     [](const auto& w) { return *std::ranges::max_element(w); });
}
inline Series lowest(const Bars& bars, std::size_t n)
{
    return ofWindows(ofBars(bars, [](const Bar& b) { return b.low; }), n,
                     [](const auto& w) { return *std::ranges::min_element(w); });
}
struct Stochastic {
    Series k;
    Series d;
};
inline Stochastic stochastic(const Bars& bars, std::size_t length, std::size_t smooth, std::size_t signal)
{
    const auto high = highest(bars, length);
    const auto low = lowest(bars, length);
    Series raw(bars.size());
    for (std::size_t i = length - 1; i < bars.size(); ++i) {
        raw[i] = *high[i] == *low[i] ? 0 : 100.0 * ((bars[i].close - *low[i]) / (*high[i] - *low[i]));
    }
    const auto k = sma(raw, smooth);
    const auto d = sma(k, signal);
    return {ofBoth(k, d, [](double x, double) { return x; }), d};
}
inline Series roc(const Bars& bars, std::size_t n)
{
    return ofWindows(closes(bars), n + 1,
                     [](const auto& w) { return w.front() == 0 ? 0 : (w.back() / w.front() - 1.0) * 100.0; });
}
inline Series zScore(const Bars& bars, std::size_t n)
{
    return ofWindows(closes(bars), n, [](const auto& w) { return (w.back() - meanOf(w)) / deviationOf(w); });
}

inline Series obv(const Bars& bars)
{
    Series out;
    double sum = 0;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const bool rose = i == 0 || bars[i].close > bars[i - 1].close;
        const bool fell = i > 0 && bars[i].close < bars[i - 1].close;
        sum += rose ? bars[i].volume : fell ? -bars[i].volume : 0;
        out.emplace_back(sum);
    }
    return out;
}
/// Over the bars from `from` to i, where volume was traded.
inline std::optional<double> vwapOf(const Bars& bars, std::size_t from, std::size_t i)
{
    double traded = 0;
    double volume = 0;
    for (std::size_t k = from; k <= i; ++k) {
        traded += (bars[k].high + bars[k].low + bars[k].close) / 3.0 * bars[k].volume;
        volume += bars[k].volume;
    }
    return volume == 0 ? std::nullopt : std::optional(traded / volume);
}
inline Series sessionVwap(const Bars& bars)
{
    Series out;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const auto day = base::bucketStart(bars[i].start, base::oneDay);
        auto from = i;
        while (from > 0 && bars[from - 1].start >= day) {
            --from;
        }
        out.push_back(vwapOf(bars, from, i));
    }
    return out;
}
inline Series rollingVwap(const Bars& bars, std::size_t n)
{
    Series out(bars.size());
    for (std::size_t i = n - 1; i < bars.size(); ++i) {
        out[i] = vwapOf(bars, i + 1 - n, i);
    }
    return out;
}

inline Series logReturns(const Bars& bars)
{
    return ofPairs(bars, [](const Bar& a, const Bar& b) { return std::log(b.close / a.close); });
}
inline Series realised(const Bars& bars, std::size_t n, double perYear)
{
    return ofWindows(logReturns(bars), n,
                     [=](const auto& w) { return std::sqrt(squaresOf(w, 0) / static_cast<double>(n) * perYear); });
}
inline Series historical(const Bars& bars, std::size_t n, double perYear)
{
    return ofWindows(logReturns(bars), n, [=](const auto& w) {
        return std::sqrt(squaresOf(w, meanOf(w)) / (static_cast<double>(n) - 1.0)) * std::sqrt(perYear);
    });
}
inline Series parkinson(const Bars& bars, std::size_t n, double perYear)
{
    const auto squares = ofBars(bars, [](const Bar& b) { return std::log(b.high / b.low) * std::log(b.high / b.low); });
    return ofWindows(squares, n, [=](const auto& w) {
        return std::sqrt(sumOf(w) / (4.0 * static_cast<double>(n) * std::numbers::ln2) * perYear);
    });
}
inline Series garmanKlass(const Bars& bars, std::size_t n, double perYear)
{
    const auto terms = ofBars(bars, [](const Bar& b) {
        const double range = std::log(b.high / b.low);
        const double body = std::log(b.close / b.open);
        return 0.5 * range * range - (2.0 * std::numbers::ln2 - 1.0) * body * body;
    });
    return ofWindows(terms, n, [=](const auto& w) { return std::sqrt(std::max(0.0, meanOf(w)) * perYear); });
}

} // namespace qd::definitions
