// The 20 instruments that the demo market and the first start know by themselves: names, tick and lot sizes, contract
// values (BLOFIN.md §3; the real exchange's are loaded from its endpoint), and what the simulator starts from. Any
// thread.
#pragma once

#include "market/instrument.h"

#include <span>
#include <string_view>
#include <vector>

namespace qd::exchange {

/// What the simulator needs beyond the instrument itself.
struct MarketCharacter {
    double startPrice = 100; // quote currency
    double yearlyVolatility = 0.8;
    double tradesPerSecond = 0.5; // on average over the regimes
    double beta = 1;              // response to the common factor
    double typicalNotional = 400; // USDT, median of a trade
    std::int64_t firstId = 0;     // of its trades; 0: by the time at which the market begins
};

/// Ids 1 … 20 in this order: BTC ETH SOL XRP DOGE SHIB ADA AVAX LINK LTC BNB DOT TRX POL UNI ATOM APT ARB OP SUI.
[[nodiscard]] const std::vector<market::Instrument>& defaultInstruments();
/// The first `count` of them (all when larger).
[[nodiscard]] std::vector<market::Instrument> defaultInstruments(std::size_t count);
/// That of a default instrument by name, else a middling one whose start price is 1,000 ticks or 100, what is more.
[[nodiscard]] MarketCharacter marketCharacter(const market::Instrument& instrument);

} // namespace qd::exchange
