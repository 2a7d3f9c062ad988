// Where the loopback exchange's events come from: the simulated market or files of recorded trades. Internal to the
// room; the exchange's thread only.
#pragma once

#include "exchange/csv_trades.h"
#include "exchange/loopback_exchange.h"
#include "exchange/market_simulator.h"

#include <optional>
#include <vector>

namespace qd::exchange {

class MarketSource {
public:
    virtual ~MarketSource() = default;
    /// Time of the event that next() gives; none where nothing is left, or what is left waits for a subscriber.
    [[nodiscard]] virtual std::optional<base::UtcMs> nextTime() const = 0;
    /// Requires nextTime(). Fails where a file turns bad; that file is over then.
    [[nodiscard]] virtual base::Result<SimulatedEvent> next() = 0;
    [[nodiscard]] virtual bool isOver() const = 0;
    /// Whether anyone has subscribed to trades of the instrument.
    virtual void setWanted(std::uint32_t, bool) {}
};

class SimulatedSource final : public MarketSource {
public:
    SimulatedSource(std::uint64_t seed, base::UtcMs start, std::span<const market::Instrument> instruments,
                    std::span<const MarketCharacter> characters, MarketTuning tuning)
        : simulator_(seed, start, instruments, characters, tuning)
    {
    }
    [[nodiscard]] std::optional<base::UtcMs> nextTime() const override { return simulator_.nextTime(); }
    [[nodiscard]] base::Result<SimulatedEvent> next() override { return simulator_.next(); }
    [[nodiscard]] bool isOver() const override { return false; }

private:
    MarketSimulator simulator_;
};

/// Merges the files by time. Quotes are derived, at most one a second of market time: the newest buy is the ask, the
/// newest sell the bid, at least a tick apart.
class RecordedSource final : public MarketSource {
public:
    /// `waits`: a file stands still while nobody wants its instrument.
    [[nodiscard]] static base::Result<std::unique_ptr<RecordedSource>> open(const std::vector<RecordedTrades>& files,
                                                                            bool waits);
    [[nodiscard]] std::optional<base::UtcMs> nextTime() const override;
    [[nodiscard]] base::Result<SimulatedEvent> next() override;
    [[nodiscard]] bool isOver() const override;
    void setWanted(std::uint32_t index, bool isWanted) override;

    /// Of the earliest trade of all files; before the first next().
    [[nodiscard]] base::UtcMs firstTime() const;
    /// Moves all times, and ids with them, so that they still are ts_ms × 2^20 + rank.
    void shiftBy(base::Millis shift) { shift_ = shift; }

private:
    struct File {
        CsvTradesStream stream;
        std::vector<market::Tick> ticks; // a copy of the block in work
        std::size_t at = 0;
        bool isWanted = false;
        bool isOver = false;
        market::Price lastBuy;
        market::Price lastSell;
        base::UtcMs quotedAt;
    };

    explicit RecordedSource(bool waits) : waits_(waits) {}
    [[nodiscard]] static base::Result<void> refill(File& file);
    void pick();
    void noteQuote(const market::Tick& tick);

    bool waits_;
    base::Millis shift_{0};
    std::vector<File> files_;
    std::optional<std::uint32_t> nextFile_;
    std::optional<SimulatedEvent> pendingQuote_;
};

} // namespace qd::exchange
