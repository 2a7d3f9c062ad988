#include "storage/scale_change.h"

#include "base/int128.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace qd::storage {

StepRatio::StepRatio(base::Decimal from, base::Decimal to) : isSame_(from == to)
{
    if (isSame_) {
        return;
    }
    const auto common = std::gcd(from.mantissa, to.mantissa);
    numerator_ = from.mantissa / common;
    denominator_ = to.mantissa / common;
    auto exponent = from.exponent - to.exponent;
    auto& scaled = exponent < 0 ? denominator_ : numerator_;
    for (exponent = exponent < 0 ? -exponent : exponent; exponent > 0 && isExpressible_; --exponent) {
        isExpressible_ = !__builtin_mul_overflow(scaled, 10, &scaled);
    }
    if (isExpressible_) {
        const auto again = std::gcd(numerator_, denominator_);
        numerator_ /= again;
        denominator_ /= again;
    }
}

std::optional<std::int64_t> StepRatio::operator()(std::int64_t steps) const
{
    if (isSame_ || steps == 0) {
        return steps;
    }
    if (!isExpressible_) {
        return std::nullopt;
    }
    const auto product = static_cast<base::Int128>(steps) * numerator_;
    const auto value = product / denominator_;
    if (product % denominator_ != 0 || value > std::numeric_limits<std::int64_t>::max() ||
        value < std::numeric_limits<std::int64_t>::min()) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(value);
}

bool ScaleChange::toPrice(std::int64_t& value) const
{
    const auto converted = price(value);
    value = converted.value_or(value);
    return converted.has_value();
}

bool ScaleChange::toSize(std::int64_t& value) const
{
    const auto converted = size(value);
    value = converted.value_or(value);
    return converted.has_value();
}

base::Result<base::Scale> commonScale(const base::Scale& a, const base::Scale& b)
{
    const int exponent = std::min(a.step().exponent, b.step().exponent);
    std::int64_t common = 0;
    for (const auto& step : {a.step(), b.step()}) {
        auto mantissa = step.mantissa;
        for (int i = step.exponent; i > exponent; --i) {
            if (__builtin_mul_overflow(mantissa, 10, &mantissa)) {
                return base::fail(base::ErrorCode::Overflow, stepText(a), "no common scale with " + stepText(b));
            }
        }
        common = std::gcd(common, mantissa);
    }
    return scaleOf(base::toText({common, exponent}));
}

base::Result<base::Scale> scaleOf(std::string_view text)
{
    const auto step = base::parseDecimal(text);
    return step ? base::Scale::ofStep(*step) : std::unexpected(step.error());
}

} // namespace qd::storage
