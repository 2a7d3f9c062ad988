// The exchange time of an item of the stream, whatever it is. Pure; any thread.
#pragma once

#include "market/tick.h"

#include <variant>

namespace qd::engines {

/// Of a tick or quote its own, of a late tick that of the tick, of a funding rate its settlement, of a gap mark its
/// beginning.
[[nodiscard]] inline base::UtcMs timeOf(const market::StreamItem& item)
{
    return std::visit(
        [](const auto& what) {
            if constexpr (requires { what.time; }) {
                return what.time;
            } else if constexpr (requires { what.tick; }) {
                return what.tick.time;
            } else if constexpr (requires { what.settlement; }) {
                return what.settlement;
            } else {
                return what.from;
            }
        },
        item.what);
}

} // namespace qd::engines
