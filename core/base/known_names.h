// A name that is not known, in words: what is wrong with it, and the one that was meant, or those that there are.
// Pure. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace qd::base {

/// `what`, then "do you mean gap-check?" of the closest one, else "there are a, b, c", twelve at most.
/// "there is no such job; do you mean gap-check?"
[[nodiscard]] std::string unknownName(std::string_view what, std::string_view wanted,
                                      std::span<const std::string> known);

} // namespace qd::base
