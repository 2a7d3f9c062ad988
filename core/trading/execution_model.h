// At which price an order fills, given what the market showed: the rules of PRODUCT.md, Paper trading that does not
// flatter, as pure functions. Any thread. Prices in the instrument's ticks, sizes in lots.
#pragma once

#include "market/instrument.h"
#include "market/tick.h"
#include "trading/closed_trade.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace qd::trading {

/// The market as ticks and quotes of one instrument left it. Plain value; add what happens in stream order.
struct MarketView {
    bool hasQuote = false; // a quote is in force: valid until the next one or a gap
    bool hasBuy = false;
    bool hasSell = false;
    bool buyIsSinceQuote = false;
    bool sellIsSinceQuote = false;
    Price bid;
    Price ask;
    Price lastBuy;  // newest buyer-initiated print
    Price lastSell; // newest seller-initiated print
    Price last;     // newest print, 0 before the first

    void add(const market::Tick& tick)
    {
        last = tick.price;
        if (tick.signedSize >= 0) {
            lastBuy = tick.price;
            hasBuy = buyIsSinceQuote = true;
        } else {
            lastSell = tick.price;
            hasSell = sellIsSinceQuote = true;
        }
    }
    /// A quote without a positive bid, or crossed, is none: it only ends the one before it.
    void add(const market::Quote& quote);
    void endQuote() { hasQuote = false; }

    /// Mid of the quote in force, else the last print; twice ticks, so that halves are exact.
    [[nodiscard]] std::int64_t midHalfTicks() const { return hasQuote ? bid.value + ask.value : 2 * last.value; }
    template <typename Archive>
    void state(Archive& a)
    {
        a(hasQuote, hasBuy, hasSell, buyIsSinceQuote, sellIsSinceQuote, bid, ask, lastBuy, lastSell, last);
    }
};

/// The worse of two prices for one who buys or sells.
[[nodiscard]] constexpr Price worse(Side side, Price a, Price b)
{
    return side == Side::Buy ? std::max(a, b) : std::min(a, b);
}
[[nodiscard]] constexpr Side opposite(Side side)
{
    return side == Side::Buy ? Side::Sell : Side::Buy;
}

/// What a market order pays that arrives while `view` is in force: a buy the higher of the ask and the newest
/// buyer-initiated print since that quote; a sell the mirror. Empty without a quote: it waits for a print.
[[nodiscard]] std::optional<Price> priceByQuote(Side side, const MarketView& view);
/// Without a quote: the worse of the last print of that aggressor in `view` and the first print after the arrival.
[[nodiscard]] Price priceByPrint(Side side, const MarketView& view, Price firstPrint);

/// Is a stop of a position on `side` hit by a print, or by the quote's price at which it would leave?
[[nodiscard]] constexpr bool hitsStop(Side position, Price stop, Price seen)
{
    return position == Side::Buy ? seen <= stop : seen >= stop;
}
/// Does a print trade through the target, that is beyond its price?
[[nodiscard]] constexpr bool tradesThrough(Side position, Price target, Price print)
{
    return position == Side::Buy ? print > target : print < target;
}
/// What stands before a resting order of `size` is unknown: twice its size is taken for it.
[[nodiscard]] constexpr Quantity assumedQueue(Quantity size)
{
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    return {size.value > most / 2 ? most : 2 * size.value};
}
/// The lots of a resting order's `rest` that a print of `printed` lots at its price fills: what goes beyond the queue,
/// which it eats up first. A print beyond the price proves that no queue is left, and would have met the order first:
/// all of the print fills it.
[[nodiscard]] constexpr Quantity filledBy(Quantity printed, bool isThrough, Quantity rest, Quantity& queue)
{
    const auto eaten = isThrough ? Quantity{} : std::min(printed, queue);
    queue = isThrough ? Quantity{} : queue - eaten;
    return std::min(printed - eaten, rest);
}

/// price × size; prices that no Money can hold are refused by ingest's scales long before: should one come, the amount
/// stays at the edge.
[[nodiscard]] Money worthOf(const market::Instrument& instrument, Price price, Quantity size);
/// What a position of that worth pays at a settlement: worth × rate, to 1e-8 USDT, half to even; a short the negative.
[[nodiscard]] Money fundingOf(Side position, Money worth, base::Decimal rate);
/// `price` made worse by `share` for one who buys or sells, rounded to a whole tick against him.
[[nodiscard]] Price slipped(Side side, Price price, base::RatePpm share);

} // namespace qd::trading
