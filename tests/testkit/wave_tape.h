// A market made by formula as a CSV file of trades: waves of some hours with a little noise, one instrument, a trade
// each five seconds. What follows the waves earns. The same on any machine.
#pragma once

#include "base/utc_time.h"
#include "exchange/csv_trades.h"
#include "testkit/tape.h"
#include "trading/trading_pipeline.h"

#include <QFile>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace qd::testkit {

inline constexpr base::UtcMs waveDay{1'750'032'000'000}; // 2025-06-16T00:00Z
inline constexpr base::Millis waveHour{3'600'000};

/// Trades in [from, to); the price of a moment does not depend on where the file begins.
inline bool writeWaves(const QString& path, base::UtcMs from, base::UtcMs to)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return false;
    }
    QByteArray text("ts_ms,price,size,side\n");
    for (auto at = from; at < to; at = at + base::Millis{5'000}) {
        const auto step = static_cast<std::uint64_t>(at.value / 5'000);
        std::mt19937_64 random(step);
        const auto uniform = [&random] { return (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53; };
        const double hours = static_cast<double>(at.value - waveDay.value) / static_cast<double>(waveHour.count());
        const double wave = 0.02 * std::sin(hours * 2 * M_PI / 5) + 0.008 * std::sin(hours * 2 * M_PI / 1.7);
        const double price = 100 * std::exp(wave + 0.0006 * (uniform() + uniform() - 1));
        text += QByteArray::number(at.value) + ',' + QByteArray::number(price, 'f', 2) + ',' +
                QByteArray::number(1 + static_cast<int>(uniform() * 30)) + (uniform() < 0.5 ? ",buy\n" : ",sell\n");
    }
    return file.write(text) == text.size();
}

inline market::Instrument waveInstrument()
{
    return instrumentOf(1, "WAVE-USDT", 2, 0);
}

/// The same files as the items of a stream, as if none was missed.
inline std::vector<market::StreamItem> streamOfWaves(const std::vector<QString>& paths)
{
    std::vector<market::Tick> ticks;
    const auto instrument = waveInstrument();
    for (const auto& path : paths) {
        (void)exchange::CsvTradesReader(path.toStdString())
            .read(instrument.tick, instrument.lot, [&](std::span<const market::Tick> some) -> base::Result<void> {
                ticks.insert(ticks.end(), some.begin(), some.end());
                return {};
            });
    }
    return streamOf(instrument.id, ticks);
}

/// What one strategy trades on it with these parameters ("": its own), entered from `from` on.
inline std::vector<trading::ClosedTrade> tradesOn(const std::vector<market::StreamItem>& stream,
                                                  const std::string& strategy, const std::string& parameters,
                                                  base::UtcMs from)
{
    trading::TradingPipeline pipeline(base::defaultPaperPolicy(), {strategy});
    pipeline.addInstrument(waveInstrument());
    if (!parameters.empty() && !pipeline.setParameters(strategy, parameters)) {
        return {};
    }
    trading::LedgerEvents events;
    for (const auto& item : stream) {
        pipeline.feed(item, events);
    }
    std::vector<trading::ClosedTrade> out;
    for (const auto& event : events) {
        const auto* trade = std::get_if<trading::ClosedTrade>(&event);
        if (trade != nullptr && trade->position.entry.time >= from) {
            out.push_back(*trade);
        }
    }
    return out;
}

} // namespace qd::testkit
