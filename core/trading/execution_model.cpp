#include "trading/execution_model.h"

namespace qd::trading {

void MarketView::add(const market::Quote& quote)
{
    hasQuote = quote.bid.value > 0 && quote.bid <= quote.ask;
    bid = quote.bid;
    ask = quote.ask;
    buyIsSinceQuote = false;
    sellIsSinceQuote = false;
}

std::optional<Price> priceByQuote(Side side, const MarketView& view)
{
    if (!view.hasQuote) {
        return std::nullopt;
    }
    if (side == Side::Buy) {
        return view.buyIsSinceQuote ? worse(side, view.ask, view.lastBuy) : view.ask;
    }
    return view.sellIsSinceQuote ? worse(side, view.bid, view.lastSell) : view.bid;
}

Price priceByPrint(Side side, const MarketView& view, Price firstPrint)
{
    if (side == Side::Buy) {
        return view.hasBuy ? worse(side, view.lastBuy, firstPrint) : firstPrint;
    }
    return view.hasSell ? worse(side, view.lastSell, firstPrint) : firstPrint;
}

} // namespace qd::trading
