#include "trading/closed_trade.h"

#include "trading/recorded_input.h"
#include "trading/strategy.h"

#include <algorithm>
#include <utility>

namespace qd::trading {

std::string_view name(ExitReason reason)
{
    switch (reason) {
    case ExitReason::Stop:
        return "stop";
    case ExitReason::Target:
        return "target";
    case ExitReason::TimeLimit:
        return "time-limit";
    case ExitReason::Signal:
        return "signal";
    case ExitReason::Archived:
        return "archived";
    }
    return "?";
}

std::string_view name(NotTraded reason)
{
    switch (reason) {
    case NotTraded::Cooldown:
        return "cooldown";
    case NotTraded::PositionOpen:
        return "position-open";
    case NotTraded::OrderPending:
        return "order-pending";
    case NotTraded::Gap:
        return "gap";
    case NotTraded::StaleData:
        return "stale-data";
    case NotTraded::TooSmall:
        return "too-small";
    case NotTraded::Paused:
        return "paused";
    case NotTraded::Archived:
        return "archived";
    case NotTraded::Removed:
        return "removed";
    case NotTraded::NotFilled:
        return "not-filled";
    case NotTraded::ModelExpired:
        return "model-expired";
    }
    return "?";
}

std::string_view name(InputKind kind)
{
    switch (kind) {
    case InputKind::Strategy:
        return "strategy";
    case InputKind::Trading:
        return "trading";
    case InputKind::CloseAll:
        return "close-all";
    case InputKind::Entries:
        return "entries";
    case InputKind::Parameters:
        return "parameters";
    case InputKind::Calibration:
        return "calibration";
    case InputKind::Runs:
        return "runs";
    case InputKind::Policy:
        return "policy";
    case InputKind::Arm:
        return "arm";
    case InputKind::Model:
        return "model";
    }
    return "?";
}

ClosedTrade closedTrade(OpenPosition position, ExitReason reason, Fill exit, Money paid, Money got)
{
    const auto back = position.closedWorth + got;
    const auto isLong = position.decision.side == Side::Buy;
    const auto widest = exit.price;
    position.best = isLong ? std::max(position.best, widest) : std::min(position.best, widest);
    position.worst = isLong ? std::min(position.worst, widest) : std::max(position.worst, widest);
    exit.fee += position.closedFees;
    ClosedTrade trade{.position = std::move(position), .exit = exit, .reason = reason};
    trade.gross = isLong ? back - paid : paid - back;
    trade.fees = trade.position.entry.fee + exit.fee;
    trade.funding = trade.position.funding;
    trade.net = trade.gross - trade.fees - trade.funding;
    trade.optimistic = trade.net;
    trade.pessimistic = trade.net;
    return trade;
}

base::Int128 exitTicksTimesLots(const ClosedTrade& trade)
{
    const auto& p = trade.position;
    return static_cast<base::Int128>(p.decision.target.value) * p.closedSize.value +
           static_cast<base::Int128>(trade.exit.price.value) * p.rest().value;
}

} // namespace qd::trading
