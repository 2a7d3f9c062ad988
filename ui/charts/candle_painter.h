// Paints candles, volume, overlays, trade marks, axes and crosshair. Pure but for the painter: geometry first, then
// three layers that can be cached apart: still (all that is closed), live (forming candle, last price), crosshair. GUI
// thread. Prices in ticks of the instrument, volumes in lots, times UTC; text in the given zone.
#pragma once

#include "console/snapshots.h"
#include "ui/charts/candle_overlays.h"
#include "ui/charts/chart_colors.h"
#include "ui/charts/chart_scale.h"

#include <QPainter>
#include <QRectF>
#include <QTimeZone>

#include <optional>
#include <span>
#include <vector>

namespace qd::ui {

struct OverlayChoice {
    bool ema = true;
    bool bollinger = false;
    bool vwap = false;
    bool trades = true;
    friend bool operator==(const OverlayChoice&, const OverlayChoice&) = default;
};

/// A price that mattered for a while: a stop, a target. Drawn from `from` to `to`, its words at the plot's right edge.
struct PriceLevel {
    double price = 0; // ticks; a decision price may lie half a tick between
    base::UtcMs from;
    base::UtcMs to;
    QString text;
    QColor ChartColors::* tone = &ChartColors::textSecond;
    bool isDashed = false;
};
/// A moment that matters: a time limit. An upright line with its words at the top.
struct MomentLine {
    base::UtcMs time;
    QString text;
};

/// What is to be seen. Refers to the candles of others.
struct CandleScene {
    market::Instrument instrument;
    market::Timeframe timeframe = market::Timeframe::M5;
    std::span<const market::Candle> closed;
    std::optional<market::Candle> forming;
    std::span<const OverlayPoint> overlays; // one for each of `closed`
    std::optional<OverlayPoint> formingOverlay;
    std::span<const console::TradeMark> marks;
    std::optional<market::Price> last;
    std::vector<PriceLevel> levels;
    std::vector<MomentLine> moments;
    OverlayChoice shown;
    ChartColors colors;
    QTimeZone zone = QTimeZone::utc();

    [[nodiscard]] base::Millis length() const { return market::length(timeframe); }
    [[nodiscard]] bool isEmpty() const { return closed.empty() && !forming; }
};

/// Where it is to be seen.
struct CandleGeometry {
    QRectF plot;   // of the prices
    QRectF volume; // under it
    LinearScale time;
    LinearScale price;
    double mostVolume = 1;
    std::vector<Bar> bars; // closed candles in view
    std::vector<std::int64_t> priceTicks;
    std::vector<TimeTick> timeTicks;
};

struct MarkPlace {
    QPointF tip;
    std::size_t mark = 0; // index in scene.marks
};

/// The space that axes take of a chart; the plot's width is known before its scale.
[[nodiscard]] QRectF plotOf(const CandleScene& scene, const QSizeF& size);
[[nodiscard]] CandleGeometry geometryOf(const CandleScene& scene, const QSizeF& size, Range view);
[[nodiscard]] std::vector<MarkPlace> markPlaces(const CandleScene& scene, const CandleGeometry& at);
/// The candle that this x lies in: an index of `closed`, closed.size() for the forming one, empty in a gap.
[[nodiscard]] std::optional<std::size_t> candleAt(const CandleScene& scene, const CandleGeometry& at, double x);

void paintStill(QPainter& p, const CandleScene& scene, const CandleGeometry& at);
void paintLive(QPainter& p, const CandleScene& scene, const CandleGeometry& at);
void paintCrosshair(QPainter& p, const CandleScene& scene, const CandleGeometry& at, const QPointF& pointer);
/// Open, high, low, close, change, volume and overlays of the candle under the pointer, else of the newest.
void paintLegend(QPainter& p, const CandleScene& scene, const CandleGeometry& at, std::optional<double> pointerX);

/// "950", "12.4 k", "1.53 M".
[[nodiscard]] QString compact(double value);

} // namespace qd::ui
