// The noise null: the same market where there is nothing to find. Each one-minute bar, with all its ticks and quotes,
// is mirrored in log price or not, as a whole, by a coin of the seed; the path goes on where the bar before it ended.
// Volatility, volume and times keep their place; direction is chance. Pure; one thread at a time. Prices in whole
// ticks.
// - With c the last price of the bar before and c' what became of it, a price p becomes c' × p/c, or mirrored c' × c/p.
//   So within a bar all prices are mirrored around its open, and the step from c to that open is mirrored with it: no
//   return of any length keeps its own sign. An unmirrored market comes out as it went in.
// - Only multiplication, division and one rounding a price: the same bits on every machine. Rounding never adds up,
//   because the path itself is not rounded. No price under one tick.
// - The coin hangs on the seed and the minute alone, so instruments that moved together still do: a strategy's pooled
//   null is as wide as the market's own breadth makes it.
// - The aggressor's side flips with its bar, sizes and volume stay. A late tick keeps its price: it is never traded on.
// Source: PRODUCT.md, The noise null.
#pragma once

#include "base/policy.h"
#include "market/candle.h"
#include "market/instrument.h"
#include "statistics/measure.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"
#include "trading/null_result.h"
#include "trading/strategy_catalogue.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::trading {

/// Is the bar that begins at `start` mirrored? Half of them are; a bar knows nothing of its neighbours.
[[nodiscard]] bool isMirrored(std::uint64_t seed, UtcMs start);

/// One instrument's market under one seed; without a seed it stays as it was. Items and candles in their order.
class NoiseMirror {
public:
    explicit NoiseMirror(std::optional<std::uint64_t> seed) : seed_(seed) {}

    [[nodiscard]] market::StreamItem operator()(const market::StreamItem& item);
    /// A bar of the finest timeframe there is.
    [[nodiscard]] market::Candle operator()(const market::Candle& candle);

private:
    static constexpr base::Millis barLength{60'000};
    void begin(UtcMs start, Price first);
    [[nodiscard]] double exact(Price price) const;
    [[nodiscard]] Price whole(Price price) const;
    [[nodiscard]] market::Tick of(const market::Tick& tick);
    [[nodiscard]] market::Quote of(const market::Quote& quote);

    std::optional<std::uint64_t> seed_;
    bool hasBegun_ = false;
    bool flips_ = false;
    UtcMs end_{INT64_MIN};
    double before_ = 0; // the last price of the bar before, and what became of it
    double became_ = 0;
    Price newest_;
};

/// Trades of one strategy in one run.
struct NullTally {
    std::uint64_t trades = 0;
    double shares = 0; // sum of net, each a share of the notional

    void add(const ClosedTrade& trade, Money notional);
    void add(const NullTally& other);
    [[nodiscard]] statistics::Measure expectancy() const; // NoTrades without any
};
using NullTallies = std::map<std::string, NullTally, std::less<>>;  // by strategy
void tally(LedgerEvents& events, Money notional, NullTallies& out); // and empties `events`

/// The strategies of a run, made anew for each; `series` is the very market it will see, for a test that plants one
/// which looks ahead.
using MakeRunners = std::function<std::vector<StrategyRunner>(std::span<const market::Candle> series)>;

struct CandleMarket {
    const market::Instrument& instrument;
    const base::PaperPolicy& policy;
    market::Timeframe timeframe = market::Timeframe::M1;
    std::span<const market::Candle> candles;
    std::optional<ExecutionCharge> charge{}; // learned; empty: what is assumed
};
/// One run on candles: mirrored by `seed`, or the market itself without one.
void runOnCandles(const CandleMarket& market, std::optional<std::uint64_t> seed, const MakeRunners& make,
                  NullTallies& out);

/// Fills in expectancies and figures from the runs' tallies. Median and 95th percentile by type 7.
void judge(NullResult& result, const NullTally& real, std::span<const NullTally> runs);

} // namespace qd::trading
