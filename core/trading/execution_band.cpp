#include "trading/execution_band.h"

#include "trading/execution_model.h"

#include <algorithm>

namespace qd::trading {

namespace {

/// The amounts of a trade under one rule.
struct Amounts {
    Money paid; // what the position was worth at its entry
    Money got;  // what its last exit was worth
    Money entryFee;
    Money exitFee;  // of the last exit
    Money partsFee; // of what left at the target before
};

/// The better amount for one who buys or sells.
Money better(Side side, Money a, Money b)
{
    return side == Side::Buy ? std::min(a, b) : std::max(a, b);
}

Money netOf(const ClosedTrade& trade, const Amounts& is)
{
    const auto back = trade.position.closedWorth + is.got;
    const auto gross = trade.position.decision.side == Side::Buy ? back - is.paid : is.paid - back;
    return gross - is.entryFee - is.exitFee - is.partsFee - trade.funding;
}

Money optimistic(const ClosedTrade& trade, const market::Instrument& instrument, const base::PaperPolicy& policy,
                 Amounts is, bool rested)
{
    const auto& p = trade.position;
    const auto side = p.decision.side;
    if (!rested) {
        is.paid = better(side, is.paid, worthOfHalfTicks(instrument, p.decision.decisionPriceHalfTicks, p.size));
        is.entryFee = is.paid * policy.takerFee;
    }
    if (trade.reason != ExitReason::Target && trade.exitDecisionHalfTicks) {
        is.got = better(opposite(side), is.got, worthOfHalfTicks(instrument, *trade.exitDecisionHalfTicks, p.rest()));
        is.exitFee = is.got * policy.takerFee;
    }
    return netOf(trade, is);
}

Money pessimistic(const ClosedTrade& trade, const market::Instrument& instrument, const base::PaperPolicy& policy,
                  const ExecutionCharge& charge, Amounts is, bool rested)
{
    const auto& p = trade.position;
    const auto side = p.decision.side;
    if (!rested) {
        auto price = slipped(side, p.entry.price, charge.of(side).stress);
        if (p.decision.limit) {
            price = worse(opposite(side), price, worse(side, *p.decision.limit, p.entry.price));
        }
        is.paid = worthOf(instrument, price, p.size);
        is.entryFee = is.paid * policy.takerFee;
    } else {
        is.entryFee = std::max(is.entryFee, is.paid * policy.takerFee);
    }
    if (trade.reason != ExitReason::Target) {
        const auto out = opposite(side);
        is.got = worthOf(instrument, slipped(out, trade.exit.price, charge.of(out).stress), p.rest());
        is.exitFee = is.got * policy.takerFee;
    } else {
        is.exitFee = std::max(is.exitFee, is.got * policy.takerFee);
    }
    is.partsFee = std::max(is.partsFee, p.closedWorth * policy.takerFee);
    return netOf(trade, is);
}

} // namespace

Money worthOfHalfTicks(const market::Instrument& instrument, std::int64_t halfTicks, Quantity size)
{
    return {worthOf(instrument, {halfTicks}, size).value / 2};
}

bool entryRested(const OpenPosition& position, const market::Instrument& instrument, const base::PaperPolicy& policy)
{
    return position.decision.limit && position.entry.price == *position.decision.limit &&
           position.entry.fee == worthOf(instrument, position.entry.price, position.size) * policy.makerFee;
}

void setBand(ClosedTrade& trade, const market::Instrument& instrument, const base::PaperPolicy& policy,
             const ExecutionCharge& charge)
{
    const auto& p = trade.position;
    const Amounts made{.paid = worthOf(instrument, p.entry.price, p.size),
                       .got = worthOf(instrument, trade.exit.price, p.rest()),
                       .entryFee = p.entry.fee,
                       .exitFee = trade.exit.fee - p.closedFees,
                       .partsFee = p.closedFees};
    const bool rested = entryRested(p, instrument, policy);
    trade.optimistic = std::max(trade.net, optimistic(trade, instrument, policy, made, rested));
    trade.pessimistic = std::min(trade.net, pessimistic(trade, instrument, policy, charge, made, rested));
}

} // namespace qd::trading
