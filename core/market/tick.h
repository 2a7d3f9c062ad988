// What the market does, exactly: one public trade, one best bid and ask, one hole in what we saw. Plain values.
// Prices in the instrument's ticks, sizes in its lots (market/instrument.h), times in exchange time, UTC.
#pragma once

#include "base/decimal.h"
#include "base/units.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace qd::market {

using base::InstrumentId;
using base::Price;
using base::Quantity;
using base::StreamNumber;
using base::UtcMs;

enum class Side : std::int8_t { Sell = -1, Buy = 1 };

/// One public trade. Ids grow within an instrument; they may have holes of the exchange's own.
struct Tick {
    std::int64_t id = 0;
    UtcMs time;
    Price price;
    std::int64_t signedSize = 0; // lots; positive when the buyer was the aggressor

    [[nodiscard]] Quantity size() const { return {signedSize < 0 ? -signedSize : signedSize}; }
    [[nodiscard]] Side aggressor() const { return signedSize < 0 ? Side::Sell : Side::Buy; }
    friend bool operator==(const Tick&, const Tick&) = default;
};

/// Best bid and ask (the `tickers` channel), at most one a second.
struct Quote {
    UtcMs time;
    Price bid;
    Price ask;
    Quantity bidSize;
    Quantity askSize;
    friend bool operator==(const Quote&, const Quote&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(time, bid, ask, bidSize, askSize);
    }
};

enum class GapCause : std::uint8_t { Socket, Silence, Frozen, Sleep, Stopped, Crash, Disk, Exchange, Clock };
[[nodiscard]] const char* name(GapCause cause); // "socket", "silence" …: the ledger's and exports' words

/// Between the tick before this and the tick after it, trades may be missing.
struct GapMark {
    UtcMs from; // time of the newest tick before the hole
    GapCause cause = GapCause::Socket;
    friend bool operator==(const GapMark&, const GapMark&) = default;
};

/// A tick whose id lies before one already handed over: it enters the archive, and is never traded on.
struct LateTick {
    Tick tick;
    friend bool operator==(const LateTick&, const LateTick&) = default;
};

/// The funding rate of one settlement, as known when it got its stream number: a newer one for the same settlement
/// replaces it until the settlement is reached. Positive: longs pay shorts that share of their position's worth.
struct FundingRate {
    UtcMs settlement;
    base::Decimal rate;
    friend bool operator==(const FundingRate&, const FundingRate&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(settlement, rate.mantissa, rate.exponent);
    }
};

/// One numbered item of an instrument's stream, as ingest hands it to store and paper, and as replay reads it back.
struct StreamItem {
    InstrumentId instrument;
    StreamNumber number;
    UtcMs received; // our clock when the frame arrived; not part of the archive, {} in replay
    std::variant<Tick, Quote, LateTick, GapMark, FundingRate> what;
};

using StreamBatch = std::vector<StreamItem>;

} // namespace qd::market
