// The order book of one instrument as the loopback exchange tells it: `books5` and `books`. Levels stand around the
// newest quote, moved where trades left it; at most one new state in 100 ms of market time, and only if it differs.
// Internal to the room; the exchange's thread only.
#pragma once

#include "market/instrument.h"

#include <array>
#include <optional>
#include <string>

namespace qd::exchange {

class LoopbackDepth {
public:
    static constexpr std::size_t levelsKept = 20; // a side
    static constexpr base::Millis cadence{100};

    void setQuote(const market::Quote& quote);
    void addTrade(const market::Tick& tick);

    struct Change {
        bool any = false;   // a `books` update is due
        bool inTop = false; // the top five differ: a `books5` snapshot is due
    };
    /// Takes over what quotes and trades have changed, if the last change is 100 ms ago.
    Change settle(base::UtcMs now);
    /// Something waits for settle(); not before then.
    [[nodiscard]] std::optional<base::UtcMs> dueAt() const;
    [[nodiscard]] bool isEmpty() const { return sequence_ == 0; }

    /// The `data` object of a push: numeric levels, quoted ts, seqId and prevSeqId.
    void appendSnapshot(std::string& out, const market::Instrument& instrument, std::size_t levels) const;
    /// What the newest change was: levels with their new size, gone ones with size 0.
    void appendUpdate(std::string& out, const market::Instrument& instrument) const;
    /// REST: levels as strings, `size` a side.
    void appendRest(std::string& out, const market::Instrument& instrument, std::size_t size) const;

private:
    struct Level {
        std::int64_t price = 0; // ticks
        std::int64_t lots = 0;
        friend bool operator==(const Level&, const Level&) = default;
    };
    using Side = std::array<Level, levelsKept>; // best first; where the price would not be positive, lots are 0
    struct Book {
        Side bids{};
        Side asks{};
        friend bool operator==(const Book&, const Book&) = default;
    };
    [[nodiscard]] Book wanted() const;
    static void appendLevels(std::string& out, const market::Instrument& instrument, const Side& levels,
                             std::size_t count, bool isQuoted);
    static void appendChanges(std::string& out, const market::Instrument& instrument, const Side& from, const Side& to);
    void appendEnd(std::string& out, std::int64_t previous) const;

    std::optional<market::Quote> quote_;
    std::int64_t takenBid_ = 0; // lots that trades took at the touch since the quote
    std::int64_t takenAsk_ = 0;
    bool isDirty_ = false;
    Book told_;
    Book before_;
    base::UtcMs toldAt_{0};
    std::int64_t sequence_ = 0;
    std::int64_t previous_ = 0;
};

} // namespace qd::exchange
