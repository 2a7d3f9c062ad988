// What the loopback exchange pushes, when, and what goes wrong on the way: each channel's cadence, and the faults of
// the WebSocket. Internal to the room; the exchange's thread only.
#pragma once

#include "exchange/loopback_book.h"
#include "exchange/loopback_clients.h"
#include "exchange/loopback_exchange.h"

#include <array>
#include <string>
#include <vector>

namespace qd::exchange {

class LoopbackChannels {
public:
    /// `books` and `figures` are the exchange's and outlive this. `now` is for faults that come by time.
    LoopbackChannels(std::vector<LoopbackBook>& books, LoopbackClients& clients, LoopbackDice& dice,
                     LoopbackFigures& figures, std::shared_ptr<const base::Clock> clock);

    /// After books[index] has taken the trade or the quote, and figures.marketTime is its time.
    TradeFate onTrade(std::size_t index, const market::Tick& tick);
    void onQuote(std::size_t index);
    /// What is due by then without an event of its own: order books, funding rates, trades held back. `isPaced`: the
    /// market runs by a clock; else a funding rate is told only where it changed.
    void settle(base::UtcMs marketTime, bool isPaced);
    /// Sends what is still held back: nothing comes any more that it could be later than.
    void sendHeld();

private:
    struct Held { // a trade to be sent once `left` more of its instrument came, or at `until`
        std::size_t index;
        market::Tick tick;
        std::int64_t left;
        base::UtcMs until;
    };

    [[nodiscard]] std::string greeting(std::size_t kind, std::size_t index);
    TradeFate pushTrade(std::size_t index, const market::Tick& tick);
    void breakConnections(std::size_t index);
    void addNoise(std::size_t index, const market::Tick& tick);
    void sendTrade(std::size_t index, const market::Tick& tick);
    void hold(Fault fault, std::size_t index, const market::Tick& tick);
    void releaseAfter(std::size_t index);
    void pushCandles(std::size_t index);
    void pushDepth(std::size_t index);
    void pushFunding(base::UtcMs marketTime, bool isPaced);
    void push(std::size_t kind, std::size_t index) { figures_.pushes += clients_.push(kind, index, text_); }
    [[nodiscard]] bool roll(Fault fault);

    std::vector<LoopbackBook>& books_;
    LoopbackClients& clients_;
    LoopbackDice& dice_;
    LoopbackFigures& figures_;
    std::shared_ptr<const base::Clock> clock_;
    std::vector<std::array<base::UtcMs, market::allTimeframes.size()>> candlePushedAt_;
    std::vector<std::size_t> depthWaits_; // instruments whose order book changed less than 100 ms after the last push
    std::vector<base::UtcMs> fundingPushedAt_;
    base::UtcMs fundingLookAt_{INT64_MIN};
    std::vector<Held> held_;
    std::string text_;
};

} // namespace qd::exchange
