// Reads UBJSON as XGBoost writes it, trusting nothing: lengths, depth and types are checked before anything is kept.
// Pure. Any thread. Source: ubjson.org, draft 12, without its counted objects (XGBoost writes none).
#pragma once

#include "base/error.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qd::learning {

/// One value of a document. Numbers of any type are doubles, which hold float and 32-bit integers exactly; an array of
/// one numeric type is `numbers`, every other array is `items`, and so are
/// the members of an object.
struct UbjValue {
    enum class Kind : std::uint8_t { Null, Bool, Number, Text, Numbers, Array, Object };
    Kind kind = Kind::Null;
    double number = 0; // 0 or 1 for Bool
    std::string text;
    std::vector<double> numbers;
    std::vector<UbjValue> items;
    std::vector<std::string> names; // of an object's items

    /// The member of that name; null where this is no object or has none.
    [[nodiscard]] const UbjValue* find(std::string_view name) const;
};

/// Malformed, saying at which byte.
[[nodiscard]] base::Result<UbjValue> readUbjson(std::string_view bytes);

} // namespace qd::learning
