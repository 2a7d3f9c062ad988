#include "trading/execution_model.h"

#include "base/int128.h"

namespace qd::trading {

namespace {

constexpr std::int64_t mostMoney = std::numeric_limits<std::int64_t>::max() / 4;

} // namespace

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

Money worthOf(const market::Instrument& instrument, Price price, Quantity size)
{
    const auto amount = instrument.notional(price, size);
    return amount ? std::clamp(*amount, Money{-mostMoney}, Money{mostMoney}) : Money{mostMoney};
}

Money fundingOf(Side position, Money worth, base::Decimal rate)
{
    using base::Int128;
    Int128 product = static_cast<Int128>(worth.value) * rate.mantissa; // under 1e37
    for (int i = 0; i < rate.exponent && product != 0 && (product < 0 ? -product : product) < mostMoney; ++i) {
        product *= 10;
    }
    if (rate.exponent < -38) {
        product = 0; // under half of the smallest amount
    } else if (rate.exponent < 0) {
        Int128 divisor = 1;
        for (int i = 0; i > rate.exponent; --i) {
            divisor *= 10;
        }
        const auto rest = product % divisor;
        const auto twice = (rest < 0 ? -rest : rest) * 2;
        const bool isNegative = product < 0;
        product /= divisor;
        if (twice > divisor || (twice == divisor && product % 2 != 0)) {
            product += isNegative ? -1 : 1;
        }
    }
    const Money paid{static_cast<std::int64_t>(std::clamp<Int128>(product, -mostMoney, mostMoney))};
    return position == Side::Buy ? paid : -paid;
}

Price slipped(Side side, Price price, base::RatePpm share)
{
    const auto product = static_cast<base::Int128>(price.value) * share.value;
    const auto ticks = static_cast<std::int64_t>((product + 999'999) / 1'000'000); // up: against the trader
    return side == Side::Buy ? Price{price.value + ticks} : Price{std::max<std::int64_t>(price.value - ticks, 1)};
}

} // namespace qd::trading
