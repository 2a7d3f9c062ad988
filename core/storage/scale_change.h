// Exact conversion of prices and sizes from the scales that a block was written with to those of another. Pure. No
// rounding: what does not come out whole, or does not fit, has no value.
#pragma once

#include "base/decimal.h"

#include <cstdint>
#include <optional>
#include <string>

namespace qd::storage {

/// Steps of one scale as steps of another.
class StepRatio {
public:
    StepRatio() = default; // the same
    StepRatio(base::Decimal from, base::Decimal to);
    [[nodiscard]] bool isSame() const { return isSame_; }
    [[nodiscard]] std::optional<std::int64_t> operator()(std::int64_t steps) const;

private:
    bool isSame_ = true;
    bool isExpressible_ = true; // numerator and denominator fit
    std::int64_t numerator_ = 1;
    std::int64_t denominator_ = 1;
};

struct Scales {
    base::Scale tick;
    base::Scale lot;
    friend bool operator==(const Scales&, const Scales&) = default;
};

struct ScaleChange {
    ScaleChange() = default;
    ScaleChange(const Scales& from, const Scales& to)
        : price(from.tick.step(), to.tick.step()),
          size(from.lot.step(), to.lot.step())
    {
    }
    [[nodiscard]] bool isSame() const { return price.isSame() && size.isSame(); }
    /// Converts in place; false, and `value` unchanged, if that is not exact.
    [[nodiscard]] bool toPrice(std::int64_t& value) const;
    [[nodiscard]] bool toSize(std::int64_t& value) const;

    StepRatio price;
    StepRatio size;
};

/// The coarsest scale on which the values of both are whole: 0.5 and 0.2 give 0.1.
[[nodiscard]] base::Result<base::Scale> commonScale(const base::Scale& a, const base::Scale& b);
[[nodiscard]] base::Result<base::Scale> scaleOf(std::string_view stepText);
[[nodiscard]] inline std::string stepText(const base::Scale& scale)
{
    return base::toText(scale.step());
}

} // namespace qd::storage
