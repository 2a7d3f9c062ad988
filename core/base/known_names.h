// A name that is not known, in words: what is wrong with it, and the one that was meant, or those that there are.
// Pure. Any thread.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::base {

/// `what`, then "do you mean gap-check?" of the closest one, else "there are a, b, c", twelve at most.
/// "there is no such job; do you mean gap-check?"
[[nodiscard]] std::string unknownName(std::string_view what, std::string_view wanted,
                                      std::span<const std::string> known);

/// The same, of the names of things: `nameOf` is a member or a function of one.
template <typename Things, typename NameOf>
[[nodiscard]] std::string unknownAmong(std::string_view what, std::string_view wanted, const Things& things,
                                       NameOf nameOf)
{
    std::vector<std::string> known;
    for (const auto& thing : things) {
        known.emplace_back(std::invoke(nameOf, thing));
    }
    return unknownName(what, wanted, known);
}

} // namespace qd::base
