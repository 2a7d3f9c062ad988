#include "trading/closed_trade.h"

#include "trading/strategy.h"

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
    }
    return "?";
}

} // namespace qd::trading
