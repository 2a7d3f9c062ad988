// The past of the simulated market, in order, in chunks as the archive keeps them: candles alone, made by the real
// candle builder; then ticks and quotes with their stream numbers. The same history gives the same chunks. Pure; one
// thread. The market is thinned: a trade stands for several, so that volumes go on when the market is live, and the
// rate is put right every six hours so that about as many ticks come out as were wished.
#pragma once

#include "exchange/market_simulator.h"
#include "market/candle_builder.h"
#include "storage/simulated_store.h"
#include "storage/tick_archive.h"

#include <functional>
#include <variant>
#include <vector>

namespace qd::engines {

struct CandleRun {
    market::Timeframe timeframe = market::Timeframe::M1;
    std::vector<market::Candle> candles;
};

struct HistoryChunk {
    base::InstrumentId instrument;
    std::variant<CandleRun, std::vector<storage::NumberedTick>, std::vector<storage::NumberedQuote>> rows;
    double fraction = 0; // of the whole history that is made with it
};

class HistoryMarket {
public:
    /// False: enough.
    using Take = std::function<bool(HistoryChunk)>;

    /// `instruments` are those that the history names, with their ids of the database.
    HistoryMarket(const storage::SimulatedHistory& history, std::vector<market::Instrument> instruments);
    /// Until all is made, or `take` has enough.
    void run(const Take& take);

private:
    struct Stream {
        base::StreamNumber number;
        market::Price last; // 0 before the first trade
        std::vector<storage::NumberedTick> ticks;
        std::vector<storage::NumberedQuote> quotes;
        std::vector<market::CandleBuilder> builders; // by timeframe
        std::vector<std::vector<market::Candle>> candles;
    };

    [[nodiscard]] double rateFor(double ticks, base::UtcMs from, base::UtcMs to) const;
    [[nodiscard]] exchange::MarketSimulator newMarket(base::UtcMs from, exchange::MarketTuning tuning,
                                                      std::uint64_t salt) const;
    [[nodiscard]] double fractionAt(base::UtcMs time) const;
    [[nodiscard]] bool makeCandles(const Take& take);
    [[nodiscard]] bool makeTicks(const Take& take);
    [[nodiscard]] bool addToCandles(std::size_t index, const market::Tick& tick, const Take& take);
    [[nodiscard]] bool flushCandles(const Take& take);
    [[nodiscard]] bool add(std::size_t index, const exchange::SimulatedEvent& event, const Take& take);
    [[nodiscard]] bool flushAll(const Take& take);

    storage::SimulatedHistory history_;
    std::vector<market::Instrument> instruments_;
    std::vector<exchange::MarketCharacter> characters_;
    std::vector<Stream> streams_;
    double tradesPerSecond_ = 0; // of all instruments, not thinned
};

/// How many ticks a history at this share of the usual rate has, about.
[[nodiscard]] std::uint64_t ticksAtRate(const std::vector<std::string>& instruments, base::Millis time, double rate);

} // namespace qd::engines
