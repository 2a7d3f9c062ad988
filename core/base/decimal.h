// Exact decimal numbers and the scales that turn them into whole numbers of ticks and lots. Any thread. No rounding,
// ever: what does not fit is an error (NotOnScale, Overflow, Malformed).
#pragma once

#include "base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace qd::base {

/// mantissa × 10^exponent. Normalised: no trailing zero in the mantissa, zero is {0, 0}.
struct Decimal {
    std::int64_t mantissa = 0;
    int exponent = 0;

    friend bool operator==(const Decimal&, const Decimal&) = default;
};

/// Reads "-12.5", "0.000000001", "1e-9", "2.5E3". No blanks, no leading '+'. Overflow if 18 digits are not enough.
[[nodiscard]] Result<Decimal> parseDecimal(std::string_view text);
/// Plain notation, never an exponent: {1, -9} prints "0.000000001".
[[nodiscard]] std::string toText(Decimal value);
[[nodiscard]] double toDouble(Decimal value);
[[nodiscard]] Result<Decimal> multiply(Decimal a, Decimal b);
/// How many digits after the point `text` shows: "61837.63000000" has 8, and 2 without its trailing zeros.
[[nodiscard]] int significantDecimals(std::string_view text);

/// The size of one step of an instrument's prices (tick size) or sizes (lot size), a positive decimal such as 0.1, 0.5
/// or 1e-9. A number on the scale is a whole count of steps.
class Scale {
public:
    /// Steps of 1.
    Scale() = default;
    /// Refuses a step that is not positive, or has more than 18 decimals or closing zeros.
    [[nodiscard]] static Result<Scale> ofStep(Decimal step);
    /// Steps of 10^-decimals; decimals 0…18.
    [[nodiscard]] static Scale ofDecimals(int decimals);

    [[nodiscard]] Decimal step() const { return step_; }
    /// Digits after the point that a value on this scale needs: 1 for 0.5, 9 for 1e-9, 0 for 10.
    [[nodiscard]] int decimals() const { return step_.exponent < 0 ? -step_.exponent : 0; }

    /// Steps in `text`, exactly. "61837.63000000" is 6183763 steps of 0.01. About 10 ns for common forms.
    [[nodiscard]] Result<std::int64_t> parse(std::string_view text) const;
    /// Always decimals() digits after the point: 6183760 steps of 0.01 print "61837.60".
    [[nodiscard]] std::string text(std::int64_t steps) const;
    /// The same behind what `to` holds.
    void appendText(std::int64_t steps, std::string& to) const;
    /// Approximate value, for charts and statistics only.
    [[nodiscard]] double value(std::int64_t steps) const;

    friend bool operator==(const Scale&, const Scale&) = default;

private:
    Decimal step_{1, 0};
};

} // namespace qd::base
