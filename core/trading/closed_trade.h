// What paper trading leaves behind: positions, closed trades, signals that did not trade, and the events that carry
// them to the store and the screen. Plain values. Prices in the instrument's ticks, sizes in lots, money in 1e-8 USDT,
// times in exchange time. Source: PRODUCT.md, Words; Paper trading that does not flatter.
#pragma once

#include "market/candle.h"
#include "market/tick.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace qd::trading {

using base::InstrumentId;
using base::Money;
using base::Price;
using base::Quantity;
using base::StreamNumber;
using base::UtcMs;
using market::Side;

enum class ExitReason : std::uint8_t { Stop, Target, TimeLimit, Signal, Archived };
[[nodiscard]] std::string_view name(ExitReason reason); // "stop", "target", "time-limit", "signal", "archived"

enum class NotTraded : std::uint8_t {
    Cooldown,
    PositionOpen,
    OrderPending,
    Gap,
    StaleData, // the instrument was silent for longer than feed.silence_s right before the tick of the decision
    TooSmall,
    Paused,       // trading was paused
    Archived,     // its strategy was archived while the order was on its way
    Removed,      // its instrument was removed
    NotFilled,    // its limit order rested for its patience, and the market did not come through
    ModelExpired, // the model that it asks learned longer ago than model.expiry_days
};
inline constexpr auto lastNotTraded = NotTraded::ModelExpired;
[[nodiscard]] std::string_view name(NotTraded reason); // "cooldown", "position-open" …

struct Fill {
    UtcMs time;
    StreamNumber number; // of the tick or quote that filled it
    Price price;
    Money fee;
    friend bool operator==(const Fill&, const Fill&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(time, number, price, fee);
    }
};

/// What a strategy decided, before and after it became a trade.
struct DecisionStamp {
    InstrumentId instrument;
    std::string strategy;      // name in the catalogue
    std::string parameterHash; // of the parameters in force
    Side side = Side::Buy;
    StreamNumber number;                     // of the tick at which it was decided; unique with instrument and strategy
    UtcMs time;                              // of that tick
    std::int64_t decisionPriceHalfTicks = 0; // mid of the quote in force, else the last trade; twice ticks, so exact
    Price stop;
    Price target;
    std::string why;            // one short sentence for the operator
    std::optional<Price> limit; // of an entry by a resting order; empty: at market
    friend bool operator==(const DecisionStamp&, const DecisionStamp&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(instrument, strategy, parameterHash, side, number, time, decisionPriceHalfTicks, stop, target, why, limit);
    }
};

/// As it stands now: told at its entry, and again whenever a part of it comes in at its limit, leaves at its target or
/// funding is charged. All parts of an entry fill at one price; `entry` is the first, with the fee of all.
struct OpenPosition {
    DecisionStamp decision;
    Quantity size;
    Fill entry;
    UtcMs timeLimit; // exits at market at the first tick at or after it
    Price best;      // best and worst print since entry, for the excursions
    Price worst;
    bool hasGap = false;    // a gap touched it
    bool inShadow = false;  // its strategy was switched off when it was entered
    Quantity closedSize;    // what left at the target in parts, so far; under size
    Money closedWorth;      // price × size of those parts, each rounded by itself
    Money closedFees;       // of those parts
    Money funding;          // charged so far; positive is a cost
    bool onCandles = false; // made by a replay on candles: its fills are not made from ticks

    [[nodiscard]] Quantity rest() const { return size - closedSize; }
    friend bool operator==(const OpenPosition&, const OpenPosition&) = default;
    template <typename Archive>
    void state(Archive& a)
    {
        a(decision, size, entry, timeLimit, best, worst, hasGap, inShadow, closedSize, closedWorth, closedFees, funding,
          onCandles);
    }
};

/// From flat to flat, one row whatever the number of its exits: position.closedSize lots left at the target before, the
/// rest with `exit`. So the average exit price is exactly (closedSize × target + rest × exit.price) / size.
struct ClosedTrade {
    OpenPosition position; // as it stood before the last exit
    Fill exit;             // the last one; its fee is that of all exits
    ExitReason reason = ExitReason::Signal;
    Money gross;   // price difference × size, before fees and funding
    Money fees;    // entry and exits; a cost is positive
    Money funding; // paid; positive is a cost
    Money net;     // gross − fees − funding
    /// What the last exit was decided at: twice the stop's or target's price, else twice the mid in force (the last
    /// print without one). Empty for trades closed before this was kept.
    std::optional<std::int64_t> exitDecisionHalfTicks{};
    /// Net under the other two rules of execution (execution_band.h); equal to `net` where they say nothing.
    Money optimistic{};
    Money pessimistic{};
    friend bool operator==(const ClosedTrade&, const ClosedTrade&) = default;
};

/// The trade that ends `position`, whose rest leaves with `exit` (its fee that of this last part): `paid` is what the
/// whole position was worth at its entry, `got` what the rest is worth now.
[[nodiscard]] ClosedTrade closedTrade(OpenPosition position, ExitReason reason, Fill exit, Money paid, Money got);

/// The average exit price is ticksTimesLots / size ticks, exactly.
[[nodiscard]] base::Int128 exitTicksTimesLots(const ClosedTrade& trade);

struct UntradedSignal {
    DecisionStamp decision;
    NotTraded reason = NotTraded::Cooldown;
    friend bool operator==(const UntradedSignal&, const UntradedSignal&) = default;
};

struct CandleClosed {
    InstrumentId instrument;
    market::Timeframe timeframe = market::Timeframe::M1;
    market::Candle candle;
    friend bool operator==(const CandleClosed&, const CandleClosed&) = default;
};

/// Of an arm that shares an instrument's decisions with another: the decision bars of a UTC day at which its rule was
/// asked. Told once that day is over there.
struct ArmAsked {
    InstrumentId instrument;
    std::string arm;      // its name in the ledger (trading/arm.h)
    std::int64_t day = 0; // days since 1970
    std::uint64_t bars = 0;
    friend bool operator==(const ArmAsked&, const ArmAsked&) = default;
};

/// Which model a decision that became an order was made by, and the row of features that it saw. Beside the ledger:
/// ledger_hash does not hold it.
struct ModelAsked {
    InstrumentId instrument;
    std::string strategy; // its name in the ledger
    StreamNumber number;  // of the decision
    std::string version;  // "gbt_5m 12"
    std::string hash;     // of its bytes
    float prediction = 0;
    double threshold = 0;
    std::vector<float> row; // NaN: missing
    friend bool operator==(const ModelAsked&, const ModelAsked&) = default;
};

/// One fact of the ledger, in the order in which it happened on its instrument.
using LedgerEvent = std::variant<OpenPosition, ClosedTrade, UntradedSignal, CandleClosed, ArmAsked, ModelAsked>;
using LedgerEvents = std::vector<LedgerEvent>;

} // namespace qd::trading
