// Recorded 5m candles of the folder that QD_SHARED names, one instrument a file.
#pragma once

#include "market/candle.h"
#include "testkit/recorded_trades.h"
#include "testkit/tape.h"

#include <array>
#include <cmath>

namespace qd::testkit {

struct RecordedCandles {
    const char* name;
    const char* file;
    int priceDecimals;
    int sizeDecimals;
};
inline constexpr std::array recordedCandles{
    RecordedCandles{"BTC-USDT", "data/candles_5m_binance-spot_BTCUSDT_20240101-20240906.csv.gz", 2, 5},
    RecordedCandles{"DOGE-USDT", "data/candles_5m_binance-spot_DOGEUSDT_20240101-20240907.csv.gz", 5, 0},
    RecordedCandles{"ETH-USDT", "data/candles_5m_binance-spot_ETHUSDT_20240101-20240906.csv.gz", 2, 4},
    RecordedCandles{"LTC-USDT", "data/candles_5m_binance-spot_LTCUSDT_20240101-20240906.csv.gz", 2, 3},
    RecordedCandles{"PEPE-USDT", "data/candles_5m_binance-spot_PEPEUSDT_20240101-20240907.csv.gz", 8, 0},
    RecordedCandles{"SHIB-USDT", "data/candles_5m_binance-spot_SHIBUSDT_20240101-20240907.csv.gz", 8, 0},
    RecordedCandles{"SOL-USDT", "data/candles_5m_binance-spot_SOLUSDT_20240101-20240907.csv.gz", 2, 3},
    RecordedCandles{"XRP-USDT", "data/candles_5m_binance-spot_XRPUSDT_20240101-20240907.csv.gz", 4, 0},
};

/// Empty where the folder or the file is missing. These files tell no side of the volume.
inline std::vector<market::Candle> readCandles(const RecordedCandles& recorded)
{
    const auto path = sharedFile(recorded.file);
    if (path.empty()) {
        return {};
    }
    const auto text = inflated(path);
    const char* at = text.c_str() + text.find('\n') + 1;
    const double steps = std::pow(10.0, recorded.priceDecimals);
    const double lots = std::pow(10.0, recorded.sizeDecimals);
    std::vector<market::Candle> out;
    const auto next = [&at] {
        char* end = nullptr;
        const double value = std::strtod(at, &end);
        at = end + (*end == '\0' ? 0 : 1);
        return value;
    };
    while (*at != '\0') {
        market::Candle c;
        c.start = {std::llround(next())};
        c.open = {std::llround(next() * steps)};
        c.high = {std::llround(next() * steps)};
        c.low = {std::llround(next() * steps)};
        c.close = {std::llround(next() * steps)};
        c.volume = {std::llround(next() * lots)};
        out.push_back(c);
    }
    return out;
}

} // namespace qd::testkit
