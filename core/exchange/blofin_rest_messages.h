// The bodies of BloFin's public REST answers as values. Pure; any thread. Source: BLOFIN.md §1.
// Fails: Malformed (not the promised shape), NotFound (unknown instrument), Refused (another exchange error, its code
// and message in detail), NotOnScale / Overflow (numbers that the instrument's steps cannot express).
#pragma once

#include "base/error.h"
#include "market/candle.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <string>
#include <string_view>
#include <vector>

namespace qd::exchange {

struct RestCandle {
    market::Candle candle; // volume in lots; trades and buyVolume are not told and stay 0
    bool isClosed = false;
    friend bool operator==(const RestCandle&, const RestCandle&) = default;
};

struct RestTicker {
    std::string instrument;
    double last = 0;
    double open24h = 0;
    double volumeCoins24h = 0;
    double turnover24h = 0; // quote currency, last × coins: to rank instruments by volume
    base::UtcMs time;
};

/// Instruments that trade (state live or untold), id {0}; scales from tickSize and lotSize.
[[nodiscard]] base::Result<std::vector<market::Instrument>> parseInstruments(std::string_view body);
/// Oldest first, whatever the order of the body.
[[nodiscard]] base::Result<std::vector<market::Tick>> parseTrades(std::string_view body,
                                                                  const market::Instrument& instrument);
/// Oldest first.
[[nodiscard]] base::Result<std::vector<RestCandle>> parseCandles(std::string_view body,
                                                                 const market::Instrument& instrument);
[[nodiscard]] base::Result<std::vector<RestTicker>> parseTickers(std::string_view body);

/// BloFin's word for a timeframe: "1m", "5m", "15m", "1H", "4H".
[[nodiscard]] std::string_view barName(market::Timeframe timeframe);

} // namespace qd::exchange
