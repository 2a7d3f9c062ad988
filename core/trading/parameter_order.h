// What no range of one parameter says: which of two has to be the smaller. Asked where parameters are chosen; what was
// stored before goes on as it is. Pure. Any thread.
#pragma once

#include "trading/strategy.h"

namespace qd::trading {

/// OutOfRange for a fast average that is not shorter than the slow one: its crossings would mean the opposite.
[[nodiscard]] inline base::Result<void> checkOrder(std::string_view strategy, const ParameterSet& parameters)
{
    const auto& values = parameters.values();
    const auto fast = values.find("fast");
    const auto slow = values.find("slow");
    if (fast == values.end() || slow == values.end() || fast->second < slow->second) {
        return {};
    }
    const auto text = [](double length) { return std::to_string(static_cast<long long>(length)); };
    return base::fail(base::ErrorCode::OutOfRange, std::string(strategy),
                      "fast = " + text(fast->second) + " has to be less than slow = " + text(slow->second));
}

} // namespace qd::trading
