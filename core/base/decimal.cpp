#include "base/decimal.h"

#include "base/int128.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace qd::base {

namespace {

constexpr auto powersOfTen = [] {
    std::array<std::int64_t, 19> powers{};
    std::int64_t power = 1;
    for (auto& entry : powers) {
        entry = power;
        if (power <= std::numeric_limits<std::int64_t>::max() / 10) {
            power *= 10;
        }
    }
    return powers;
}();

constexpr int maxDigits = 18;

// Digits without sign and point, and where the point stood. Trailing zeros after the point are not digits of it.
struct Digits {
    std::int64_t mantissa = 0;
    int exponent = 0;
};

Result<Digits> readDigits(std::string_view text)
{
    const auto bad = [&](ErrorCode code, const char* why) { return fail(code, std::string(text.substr(0, 64)), why); };
    std::size_t at = 0;
    const bool isNegative = !text.empty() && text[0] == '-';
    at += isNegative ? 1U : 0U;
    Digits out;
    int digits = 0;
    int zeros = 0; // zeros seen and not yet counted in: they matter only if a digit follows
    bool sawDigit = false;
    bool afterPoint = false;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '.' && !afterPoint) {
            afterPoint = true;
            continue;
        }
        if (c < '0' || c > '9') {
            break;
        }
        sawDigit = true;
        out.exponent -= afterPoint ? 1 : 0;
        if (c == '0') {
            zeros += digits > 0 ? 1 : 0;
            continue;
        }
        digits += zeros + 1;
        if (digits > maxDigits) {
            return bad(ErrorCode::Overflow, "more than 18 digits");
        }
        out.mantissa = out.mantissa * powersOfTen[static_cast<std::size_t>(zeros + 1)] + (c - '0');
        zeros = 0;
    }
    out.exponent += zeros;
    if (!sawDigit) {
        return bad(ErrorCode::Malformed, "not a decimal number");
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        const bool isMinus = at < text.size() && text[at] == '-';
        at += (isMinus || (at < text.size() && text[at] == '+')) ? 1U : 0U;
        int power = 0;
        const auto first = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && power < 10'000; ++at) {
            power = power * 10 + (text[at] - '0');
        }
        if (at == first) {
            return bad(ErrorCode::Malformed, "no exponent after 'e'");
        }
        out.exponent += isMinus ? -power : power;
    }
    if (at != text.size()) {
        return bad(ErrorCode::Malformed, "not a decimal number");
    }
    if (out.mantissa == 0) {
        return Digits{};
    }
    out.mantissa = isNegative ? -out.mantissa : out.mantissa;
    return out;
}

} // namespace

Result<Decimal> parseDecimal(std::string_view text)
{
    const auto digits = readDigits(text);
    if (!digits) {
        return std::unexpected(digits.error());
    }
    return Decimal{digits->mantissa, digits->exponent};
}

std::string toText(Decimal value)
{
    std::string digits = std::to_string(value.mantissa);
    if (value.mantissa < 0) {
        digits.erase(0, 1); // its sign comes back at the end
    }
    if (value.exponent >= 0) {
        digits.append(static_cast<std::size_t>(value.exponent), '0');
    } else {
        const auto decimals = static_cast<std::size_t>(-value.exponent);
        if (digits.size() <= decimals) {
            digits.insert(0, decimals + 1 - digits.size(), '0');
        }
        digits.insert(digits.size() - decimals, 1, '.');
    }
    return value.mantissa < 0 ? "-" + digits : digits;
}

double toDouble(Decimal value)
{
    const double scale = std::pow(10.0, std::abs(value.exponent));
    const auto mantissa = static_cast<double>(value.mantissa);
    return value.exponent < 0 ? mantissa / scale : mantissa * scale;
}

Result<Decimal> multiply(Decimal a, Decimal b)
{
    std::int64_t mantissa = 0;
    if (__builtin_mul_overflow(a.mantissa, b.mantissa, &mantissa)) {
        return fail(ErrorCode::Overflow, toText(a) + " × " + toText(b), "product of decimals");
    }
    int exponent = mantissa == 0 ? 0 : a.exponent + b.exponent;
    while (mantissa != 0 && mantissa % 10 == 0) {
        mantissa /= 10;
        ++exponent;
    }
    return Decimal{mantissa, exponent};
}

int significantDecimals(std::string_view text)
{
    const auto digits = readDigits(text);
    return digits && digits->exponent < 0 ? -digits->exponent : 0;
}

Result<Scale> Scale::ofStep(Decimal step)
{
    if (step.mantissa <= 0) {
        return fail(ErrorCode::OutOfRange, toText(step), "a tick or lot size must be positive");
    }
    if (std::abs(step.exponent) > maxDigits) { // text() and value() rely on it
        return fail(ErrorCode::OutOfRange, "a step of 10^" + std::to_string(step.exponent),
                    "a tick or lot size has at most 18 decimals or zeros");
    }
    Scale scale;
    scale.step_ = step;
    return scale;
}

Scale Scale::ofDecimals(int decimals)
{
    Scale scale;
    scale.step_ = Decimal{1, -decimals};
    return scale;
}

Result<std::int64_t> Scale::parse(std::string_view text) const
{
    const auto digits = readDigits(text);
    if (!digits) {
        return std::unexpected(digits.error());
    }
    // value = m·10^e = steps · s·10^k  =>  steps = m·10^(e-k) / s
    const int shift = digits->exponent - step_.exponent;
    std::int64_t scaled = digits->mantissa;
    if (scaled == 0) {
        return 0;
    }
    if (shift < 0) {
        return fail(ErrorCode::NotOnScale, std::string(text), "finer than a step of " + toText(step_));
    }
    if (shift > maxDigits || __builtin_mul_overflow(scaled, powersOfTen[static_cast<std::size_t>(shift)], &scaled)) {
        return fail(ErrorCode::Overflow, std::string(text), "too many steps of " + toText(step_));
    }
    if (step_.mantissa != 1 && scaled % step_.mantissa != 0) {
        return fail(ErrorCode::NotOnScale, std::string(text), "not a multiple of " + toText(step_));
    }
    return scaled / step_.mantissa;
}

std::string Scale::text(std::int64_t steps) const
{
    std::string out;
    appendText(steps, out);
    return out;
}

void Scale::appendText(std::int64_t steps, std::string& to) const
{
    // 128 bits, because steps × mantissa may pass 64; the common mantissa is 1, and 64 bits divide far faster.
    const auto product = static_cast<Int128>(steps) * step_.mantissa;
    auto value = product < 0 ? -product : product;
    std::array<char, 64> buffer{};
    std::size_t at = buffer.size();
    int written = 0;
    const int places = decimals();
    if (value != 0) {
        for (int zeros = step_.exponent; zeros > 0; --zeros) {
            buffer[--at] = '0';
        }
    }
    const auto put = [&](int digit) {
        if (places > 0 && written == places) {
            buffer[--at] = '.';
        }
        buffer[--at] = static_cast<char>('0' + digit);
        ++written;
    };
    while (value > std::numeric_limits<std::uint64_t>::max()) {
        put(static_cast<int>(value % 10));
        value /= 10;
    }
    auto rest = static_cast<std::uint64_t>(value);
    do {
        put(static_cast<int>(rest % 10));
        rest /= 10;
    } while (rest != 0 || written <= places);
    if (product < 0) {
        buffer[--at] = '-';
    }
    to.append(buffer.data() + at, buffer.size() - at);
}

double Scale::value(std::int64_t steps) const
{
    const auto whole = static_cast<double>(steps) * static_cast<double>(step_.mantissa);
    const auto power =
        static_cast<double>(powersOfTen[static_cast<std::size_t>(std::min(std::abs(step_.exponent), 18))]);
    return step_.exponent < 0 ? whole / power : whole * power;
}

} // namespace qd::base
