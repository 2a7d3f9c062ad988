// A seeded market of correlated instruments with changing regimes (volatility, jumps, arrivals, spread), fat tails and
// clustered arrivals, as trades and quotes in time order. Pure; one thread. The same seed, start and instruments give
// the same events. No edge is to be had: a price moves by steps whose mean is zero given everything before, and on the
// tick grid exactly so (steps are rounded up or down at random, without bias), so traded prices are a martingale
// without the bounce between bid and ask; quotes stand around the newest price. Only MarketTuning::edge breaks this.
#pragma once

#include "exchange/default_instruments.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

namespace qd::exchange {

/// xoshiro256++: small, fast and the same everywhere.
class SimulatorRandom {
public:
    explicit SimulatorRandom(std::uint64_t seed);
    [[nodiscard]] std::uint64_t bits();
    /// In (0, 1].
    [[nodiscard]] double uniform();
    /// Mean 1.
    [[nodiscard]] double exponential();
    /// Laplace: mean 0, variance 1, kurtosis 6.
    [[nodiscard]] double shock();

private:
    std::array<std::uint64_t, 4> state_;
};

struct SimulatedEvent {
    std::uint32_t index = 0; // of the instrument, in the order given
    bool isTrade = true;
    market::Tick tick;   // of a trade
    market::Quote quote; // of a quote
};

/// With all as they are, the market is the same as without.
struct MarketTuning {
    /// This many times the usual trades; the price moves as far in a minute as ever.
    double rate = 1;
    /// This many times the usual quotes, at most 1: the exchange tells one a second. 0: none.
    double quotes = 1;
    /// A trade of a thinned market stands for several: with rate 1/n and this, as much is traded in a minute as ever.
    bool keepsVolume = false;
    /// A momentum edge, planted for tests: over each minute of UTC a price drifts by this fraction of itself in the
    /// direction in which it moved over the minute before (0.0002 is 2 bps a minute; negative reverts). So the mean of
    /// sign(return of the last closed minute) × return of the next one is `edge`, before any cost.
    double edge = 0;
};

class MarketSimulator {
public:
    /// Requires at least one instrument.
    MarketSimulator(std::uint64_t seed, base::UtcMs start, std::span<const market::Instrument> instruments,
                    std::span<const MarketCharacter> characters, MarketTuning tuning = {});
    MarketSimulator(std::uint64_t seed, base::UtcMs start, std::span<const market::Instrument> instruments);
    MarketSimulator(MarketSimulator&&) noexcept;
    MarketSimulator& operator=(MarketSimulator&&) noexcept;
    ~MarketSimulator();

    /// The next event; times never step back. Trade ids of an instrument grow, also from one start to a later one:
    /// start in ms × 1000 + running number, or what the instrument's character says.
    [[nodiscard]] SimulatedEvent next();
    /// The time of the event that next() will give.
    [[nodiscard]] base::UtcMs nextTime() const;
    /// From the next trade of each instrument on. Over 0.
    void setRate(double rate);
    /// Calm, ordinary or stormy (0, 1, 2): for tests and the curious.
    [[nodiscard]] int regime() const { return regime_; }

private:
    struct Book;
    struct Timer {
        double at;          // seconds since start
        std::uint32_t what; // 2 × index of the book, + 1 for its quote
        friend auto operator<=>(const Timer&, const Timer&) = default;
    };

    void addBook(const market::Instrument& instrument, const MarketCharacter& character);
    void begin();
    void moveFactor(double at);
    void movePrice(Book& book, double at);
    [[nodiscard]] double drift(Book& book, double at) const;
    void settleTop();
    [[nodiscard]] market::Tick trade(Book& book, double at);
    [[nodiscard]] market::Quote quote(Book& book, double at);
    [[nodiscard]] double nextTradeTime(Book& book, double at);
    [[nodiscard]] double jump();
    [[nodiscard]] base::UtcMs timeOf(double at) const;

    SimulatorRandom random_;
    base::UtcMs start_;
    MarketTuning tuning_;
    std::vector<Book> books_;
    std::vector<Timer> timers_; // binary heap, earliest first
    double factor_ = 0;         // sum of the common factor's returns
    double factorAt_ = 0;
    int regime_ = 1;
    double regimeUntil_ = 0;
    double burstUntil_ = 0;
    double nextBurst_ = 0;
};

} // namespace qd::exchange
