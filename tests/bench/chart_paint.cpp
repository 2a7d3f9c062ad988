// How long one frame of the candle chart takes with three overlays, beside Qt Charts' own candlesticks in the same run.
// Prints one JSON object. Software rendering: run it with QT_QPA_PLATFORM=offscreen or under Xvfb.
#include "ui/charts/candle_chart.h"
#include "ui/charts/line_chart.h"

#include "ui/chart_fixtures.h"

#include <QApplication>
#include <QCandlestickSeries>
#include <QCandlestickSet>
#include <QElapsedTimer>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QValueAxis>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace qd;

namespace {

constexpr QSize frame{1280, 640};

struct Times {
    double median = 0;
    double p99 = 0;
};

template <typename F>
Times measure(int rounds, F once)
{
    std::vector<double> ms;
    for (int i = 0; i < rounds; ++i) {
        QElapsedTimer timer;
        timer.start();
        once(i);
        ms.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
    std::ranges::sort(ms);
    return {ms[ms.size() / 2], ms[ms.size() * 99 / 100]};
}

QJsonObject json(const Times& t)
{
    return {{QStringLiteral("median_ms"), t.median}, {QStringLiteral("p99_ms"), t.p99}};
}

/// All candles in one view, everything painted anew: geometry, axes, candles, volume, overlays, marks.
Times wholeFrame(std::size_t count)
{
    const auto instrument = test::instrumentOf(1, "ETH-USDT", {1, -1});
    const auto candles = test::walk(count, market::Timeframe::M5);
    ui::CandleOverlays overlays;
    overlays.follow(candles);
    ui::CandleScene scene;
    scene.instrument = instrument;
    scene.closed = candles;
    scene.overlays = overlays.points();
    scene.last = candles.back().close;
    scene.shown = {.ema = true, .bollinger = true, .vwap = true};
    const ui::Range view{static_cast<double>(candles.front().start.value),
                         static_cast<double>(candles.back().start.value)};
    QImage image(frame, QImage::Format_RGB32);
    return measure(60, [&](int) {
        image.fill(scene.colors.surface);
        QPainter p(&image);
        const auto at = ui::geometryOf(scene, frame, view);
        ui::paintStill(p, scene, at);
        ui::paintLive(p, scene, at);
        ui::paintLegend(p, scene, at, std::nullopt);
    });
}

/// What a new price costs: the forming candle and the last price over the kept picture.
Times newPrice(std::size_t count)
{
    const auto instrument = test::instrumentOf(1, "ETH-USDT", {1, -1});
    auto chart = test::chartOf(test::walk(count, market::Timeframe::M5), market::Timeframe::M5);
    auto forming = chart.closed->back();
    forming.start = forming.start + market::length(market::Timeframe::M5);
    ui::CandleChart widget;
    widget.setShown({.ema = true, .bollinger = true, .vwap = true});
    widget.resize(frame);
    QImage image(frame, QImage::Format_RGB32);
    return measure(200, [&](int i) {
        forming.close = {forming.low.value + i % std::max<std::int64_t>(1, forming.high.value - forming.low.value)};
        chart.forming = forming;
        chart.last = forming.close;
        widget.setSnapshot(std::make_shared<const console::ChartSnapshot>(chart), instrument);
        widget.render(&image);
    });
}

Times qtCandlesticks(std::size_t count)
{
    QChartView view;
    view.resize(frame);
    auto* series = new QCandlestickSeries;
    for (const auto& c : test::walk(count, market::Timeframe::M5)) {
        const auto d = [](base::Price p) { return static_cast<double>(p.value); };
        series->append(
            new QCandlestickSet(d(c.open), d(c.high), d(c.low), d(c.close), static_cast<double>(c.start.value)));
    }
    view.chart()->addSeries(series);
    auto* axis = new QValueAxis;
    auto* prices = new QValueAxis;
    view.chart()->addAxis(axis, Qt::AlignBottom);
    view.chart()->addAxis(prices, Qt::AlignLeft);
    series->attachAxis(axis);
    series->attachAxis(prices);
    view.show();
    QApplication::processEvents();
    QImage image(frame, QImage::Format_RGB32);
    const auto once = [&](int i) {
        const double by = i % 2 == 0 ? 300'000 : -300'000; // a candle on, as when the chart follows the newest
        axis->setRange(axis->min() + by, axis->max() + by);
        QApplication::processEvents();
        static_cast<QWidget&>(view).render(&image);
    };
    return measure(20, once);
}

Times line(std::size_t count)
{
    ui::LineChart chart;
    chart.resize(frame);
    ui::LineChart::Series series;
    for (const auto& c : test::walk(count, market::Timeframe::M1)) {
        series.emplace_back(c.start, static_cast<double>(c.close.value));
    }
    QImage image(frame, QImage::Format_RGB32);
    return measure(30, [&](int) {
        series.back().second += 1; // the same series again would cost nothing
        chart.setSeries(series);
        static_cast<QWidget&>(chart).render(&image);
    });
}

} // namespace

int main(int argc, char** argv)
{
    const QApplication app(argc, argv);
    const QJsonObject out{{QStringLiteral("bench"), QStringLiteral("chart_paint")},
                          {QStringLiteral("frame"), QStringLiteral("%1x%2").arg(frame.width()).arg(frame.height())},
                          {QStringLiteral("candles_200"), json(wholeFrame(200))},
                          {QStringLiteral("candles_1000"), json(wholeFrame(1'000))},
                          {QStringLiteral("candles_10000"), json(wholeFrame(10'000))},
                          {QStringLiteral("candles_100000"), json(wholeFrame(100'000))},
                          {QStringLiteral("new_price_1000"), json(newPrice(1'000))},
                          {QStringLiteral("qt_charts_candlesticks_300"), json(qtCandlesticks(300))},
                          {QStringLiteral("qt_charts_candlesticks_1000"), json(qtCandlesticks(1'000))},
                          {QStringLiteral("line_2000"), json(line(2'000))},
                          {QStringLiteral("line_100000"), json(line(100'000))}};
    std::printf("%s", QJsonDocument(out).toJson().constData());
    return 0;
}
