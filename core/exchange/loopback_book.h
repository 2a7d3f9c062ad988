// What the loopback exchange knows of one instrument and how it says it: newest trades, candles of every timeframe, the
// day's figures, as BloFin's JSON. Internal to the room; the exchange's thread only.
#pragma once

#include "exchange/blofin_rest_messages.h"
#include "exchange/loopback_depth.h"
#include "exchange/loopback_past.h"
#include "market/candle_builder.h"
#include "market/instrument.h"

#include <array>
#include <deque>
#include <optional>
#include <string>

namespace qd::exchange {

class LoopbackBook {
public:
    static constexpr std::size_t tradesKept = 100;
    static constexpr std::size_t candlesKept = 1500;

    /// pastDays: candles of so many days before the first trade are told too.
    explicit LoopbackBook(market::Instrument instrument, int pastDays = 0);

    void addTrade(const market::Tick& tick);
    void setQuote(const market::Quote& quote)
    {
        quote_ = quote;
        depth_.setQuote(quote);
    }
    [[nodiscard]] LoopbackDepth& depth() { return depth_; }
    [[nodiscard]] const LoopbackDepth& depth() const { return depth_; }

    [[nodiscard]] const market::Instrument& instrument() const { return instrument_; }
    [[nodiscard]] bool hasTrades() const { return !trades_.empty(); }

    /// Pushes of the WebSocket; each appends to `out`.
    void appendTradePush(std::string& out, const market::Tick& tick) const;
    void appendTickerPush(std::string& out) const;
    /// How many candles the newest trade closed: the one in work, and flat ones after it.
    [[nodiscard]] std::size_t closedCount(market::Timeframe timeframe) const;
    /// The candle in work.
    void appendFormingPush(std::string& out, market::Timeframe timeframe) const;
    /// The closed candle that is `fromNewest` before the newest. Requires fromNewest < closedCount().
    void appendClosedPush(std::string& out, market::Timeframe timeframe, std::size_t fromNewest) const;
    void appendBooks5Push(std::string& out) const;
    void appendBooksPush(std::string& out, bool isSnapshot) const;
    void appendFundingPush(std::string& out, base::UtcMs now) const;

    /// Elements of REST's data lists, comma between, newest first.
    void appendInstrument(std::string& out) const;
    void appendTicker(std::string& out) const;
    void appendMarkPrice(std::string& out) const;
    void appendFunding(std::string& out, base::UtcMs settlement) const;
    void appendTrades(std::string& out, std::size_t limit) const;
    void appendCandles(std::string& out, market::Timeframe timeframe, std::optional<base::UtcMs> after,
                       std::optional<base::UtcMs> before, std::size_t limit) const;
    /// Settlements up to `now`.
    void appendFundingHistory(std::string& out, base::UtcMs now, std::optional<base::UtcMs> after,
                              std::optional<base::UtcMs> before, std::size_t limit) const;

private:
    struct Bar {
        market::Candle candle;
        double turnover = 0; // price × contracts × contract value, quote currency
    };
    struct Series {
        market::CandleBuilder builder;
        std::deque<Bar> closed;     // oldest first
        double turnover = 0;        // of the candle in work
        std::size_t justClosed = 0; // by the newest trade
    };
    struct Day { // of the newest 24 h but the candle in work
        market::Price open, high, low;
        std::int64_t volume = 0;
    };

    void appendTradeObject(std::string& out, const market::Tick& tick) const;
    void appendBar(std::string& out, const Bar& bar, bool isClosed) const;
    [[nodiscard]] std::string coinsText(std::int64_t lots) const;
    void sumDay();

    market::Instrument instrument_;
    double lotValue_; // coins in a lot
    std::string tradeHead_;
    std::deque<market::Tick> trades_; // oldest first
    std::optional<market::Quote> quote_;
    std::array<Series, market::allTimeframes.size()> series_;
    std::vector<market::Candle> justClosed_;
    std::optional<Day> day_;
    LoopbackDepth depth_;
    int pastDays_;
    LoopbackPast past_;
};

} // namespace qd::exchange
