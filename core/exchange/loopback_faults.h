// What can go wrong with an exchange, as switches of the loopback exchange: how often, how it is written, how often it
// happened. Plain values; LoopbackDice belongs to one thread. Fails: parseFaults() with Malformed (no such fault, no
// such number) or OutOfRange.
#pragma once

#include "base/error.h"
#include "base/utc_time.h"
#include "exchange/market_simulator.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace qd::exchange {

/// Rolled for each trade that has subscribers (Hole: each trade made; the last four: each REST request).
enum class Fault : std::uint8_t {
    Drop,      // the connections that wait for this trade break
    Stall,     // they live on and answer pings, but get nothing more of what they subscribed to until they do so again
    StallOne,  // the same for trades of this instrument alone
    Duplicate, // the trade is sent a second time, at once or up to 20 trades of its instrument later
    Late,      // it is held back, and sent after 1 to 20 later trades of its instrument, or 1.5 s of market time
    Lose,      // it is never pushed; REST and candles have it
    Hole,      // 1 to 3 trade ids are left out before it: nothing ever had them
    Garbage,   // a frame that means nothing, beside it
    Huge,      // a frame of 2 MiB that means nothing, beside it
    Rest403,   // the firewall's HTML page
    Rest429,   // Too Many Requests
    Rest500,   // an error whose code is a number, with HTTP 200
    Short,     // a page of trades, candles or funding rates with half the rows
};
inline constexpr std::size_t faultKinds = 13;

/// The word of the switch: "drop", "stall", "stallone", "duplicate", "late", "lose", "holes", "garbage", "huge",
/// "rest403", "rest429", "rest500", "short".
[[nodiscard]] std::string_view name(Fault fault);

struct FaultRate {
    double chance = 0;      // of each roll, 0 to 1
    double meanSeconds = 0; // over 0: instead, at the first roll after a wait of this mean, by the exchange's clock
    friend bool operator==(const FaultRate&, const FaultRate&) = default;
};

struct LoopbackFaults {
    std::array<FaultRate, faultKinds> rates{};
    base::Millis skew{0}; // that the exchange's clock, and so every time it tells, is ahead of the true one
    [[nodiscard]] FaultRate& operator[](Fault fault) { return rates[static_cast<std::size_t>(fault)]; }
    friend bool operator==(const LoopbackFaults&, const LoopbackFaults&) = default;
};

/// "drop=30s,lose=0.001,skew=-2.5s": each fault at most once, with its chance a message, or with "s" the mean seconds
/// between two; skew in seconds, up to a day either way. An empty text is no fault.
[[nodiscard]] base::Result<LoopbackFaults> parseFaults(std::string_view text);

/// How often each fault happened.
struct FaultCounts {
    std::array<std::int64_t, faultKinds> counts{};
    [[nodiscard]] std::int64_t& operator[](Fault fault) { return counts[static_cast<std::size_t>(fault)]; }
    [[nodiscard]] std::int64_t operator[](Fault fault) const { return counts[static_cast<std::size_t>(fault)]; }
};

/// Decides by seed. Each fault has a sequence of its own, so that one more switch does not move the others.
class LoopbackDice {
public:
    LoopbackDice(const LoopbackFaults& faults, std::uint64_t seed);
    [[nodiscard]] bool hasAny() const { return hasAny_; }
    /// Whether the fault happens now. The wait for one by time begins with its first roll.
    [[nodiscard]] bool roll(Fault fault, base::UtcMs now);
    /// 1 to `most`, from the fault's own sequence.
    [[nodiscard]] std::int64_t upTo(Fault fault, std::int64_t most);

private:
    struct Die {
        FaultRate rate;
        SimulatorRandom random;
        base::UtcMs dueAt{INT64_MIN}; // of one by time, once it waits
    };
    std::vector<Die> dice_;
    bool hasAny_ = false;
};

} // namespace qd::exchange
