// What the readers of frames and of REST bodies share: keys and numbers by their raw text. Internal to the room.
// Requires a padded buffer under every view (simdjson's promise for keys and tokens).
#pragma once

#include "exchange/exact_number.h"

#include <charconv>
#include <string_view>

#include <simdjson.h>

namespace qd::exchange::json {

namespace ondemand = simdjson::ondemand;

/// The text of a string or number as it stands, without quotes; escapes stay escaped. nullopt-like: data() null.
[[nodiscard]] inline std::string_view scalarText(ondemand::value value)
{
    auto token = value.raw_json_token();
    if (token.size() >= 2 && token.front() == '"' && token.back() == '"') [[likely]] {
        return token.substr(1, token.size() - 2);
    }
    while (!token.empty() &&
           (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) {
        token.remove_suffix(1);
    }
    if (token.size() >= 2 && token.front() == '"') {
        return token.back() == '"' ? token.substr(1, token.size() - 2) : std::string_view{};
    }
    const bool isNumber = !token.empty() && (token.front() == '-' || (token.front() >= '0' && token.front() <= '9'));
    return isNumber ? token : std::string_view{};
}

/// A whole number: plain digits of up to 63 bits, or any decimal form of up to 18 digits. False where it is none.
[[nodiscard]] inline bool readWhole(std::string_view text, std::int64_t& out)
{
    const char* at = text.data();
    const char* const end = at + text.size();
    ExactNumber number;
    if (readPlain(at, end, number) && at == end && number.decimals == 0) [[likely]] {
        out = number.mantissa;
        return true;
    }
    const auto [stop, error] = std::from_chars(text.data(), end, out); // 19 digits
    if (error == std::errc{} && stop == end) {
        return true;
    }
    const auto whole = base::Scale{}.parse(text);
    out = whole.value_or(0);
    return whole.has_value();
}

} // namespace qd::exchange::json
