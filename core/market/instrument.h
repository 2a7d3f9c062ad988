// What an instrument is: its scales, its contract, and the exact value of price times size. Plain value. Any thread.
// Sizes of BloFin's feed are contracts (BLOFIN.md §3); of imported files what their header says (contractValue 1).
#pragma once

#include "base/decimal.h"
#include "market/tick.h"

#include <string>

namespace qd::market {

struct Instrument {
    InstrumentId id;
    std::string name;                  // "BTC-USDT"
    base::Scale tick;                  // price step, quote currency
    base::Scale lot;                   // size step, contracts (coins where contractValue is 1)
    base::Decimal contractValue{1, 0}; // coins in one contract
    Quantity minSize{1};               // lots

    friend bool operator==(const Instrument&, const Instrument&) = default;

    /// price × size in quote currency, rounded half to even to 1e-8 USDT; Overflow if it does not fit Money.
    [[nodiscard]] base::Result<base::Money> notional(Price price, Quantity size) const;
    /// The largest size, a whole number of lots, at least minSize, whose notional at `price` is at most `target`;
    /// minSize where even that is worth more. Requires price > 0.
    [[nodiscard]] Quantity sizeFor(base::Money target, Price price) const;

    [[nodiscard]] std::string priceText(Price p) const { return tick.text(p.value); }
    [[nodiscard]] std::string sizeText(Quantity q) const { return lot.text(q.value); }
    [[nodiscard]] double priceValue(Price p) const { return tick.value(p.value); }
    [[nodiscard]] double coins(Quantity q) const { return lot.value(q.value) * base::toDouble(contractValue); }
};

} // namespace qd::market
