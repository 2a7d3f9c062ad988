#include "exchange/csv_rows.h"

#include "base/int128.h"

#include <algorithm>

namespace qd::exchange {

namespace {

constexpr const char* malformed = "malformed number";
constexpr const char* columns4 = "wrong column count, not 4";
constexpr const char* columns6 = "wrong column count, not 6";

// What the fast path does not read: exponents and signs. Leaves `at` behind the field.
const char* readUncommon(const char*& at, const char* end, ExactNumber& out)
{
    const char* stop = std::find(at, end, ',');
    const auto decimal = base::parseDecimal({at, static_cast<std::size_t>(stop - at)});
    at = stop;
    if (!decimal) {
        return decimal.error().code == base::ErrorCode::Overflow ? "number out of range" : malformed;
    }
    out = {decimal->mantissa, std::max(0, -decimal->exponent)};
    for (int zeros = decimal->exponent; zeros > 0; --zeros) {
        if (__builtin_mul_overflow(out.mantissa, std::int64_t{10}, &out.mantissa)) {
            return "number out of range";
        }
    }
    return out.decimals > 18 ? "number out of range" : nullptr;
}

// A field up to ',' or the end. "12", "12.50", "1e-9", "-3".
const char* readNumber(const char*& at, const char* end, ExactNumber& out)
{
    const char* const first = at;
    if (!readPlain(at, end, out) || (at < end && *at != ',')) {
        at = first;
        return readUncommon(at, end, out);
    }
    return nullptr;
}

const char* readTime(const char*& at, const char* end, std::int64_t& out)
{
    ExactNumber number;
    if (const char* why = readNumber(at, end, number)) {
        return why == malformed ? "malformed time" : "time out of range";
    }
    if (number.decimals != 0) {
        return "malformed time";
    }
    out = number.mantissa;
    return out <= 0 || out >= latestTime ? "time out of range" : nullptr;
}

// Steps over the ',' between fields; false where the line has no further field.
bool nextField(const char*& at, const char* end)
{
    if (at == end) {
        return false;
    }
    ++at;
    return true;
}

bool countsColumns(std::string_view line, std::ptrdiff_t wanted)
{
    return std::count(line.begin(), line.end(), ',') + 1 == wanted;
}

bool isLess(const ExactNumber& a, const ExactNumber& b)
{
    const int places = std::max(a.decimals, b.decimals);
    const auto grown = [places](const ExactNumber& n) {
        return static_cast<base::Int128>(n.mantissa) * powersOfTen[static_cast<std::size_t>(places - n.decimals)];
    };
    return grown(a) < grown(b);
}

} // namespace

int significantDecimals(const ExactNumber& number)
{
    auto rest = number.mantissa;
    int places = rest == 0 ? 0 : number.decimals;
    for (; places > 0 && rest % 10 == 0; --places) {
        rest /= 10;
    }
    return places;
}

base::Result<std::int64_t> stepsOf(const ExactNumber& number, const base::Scale& scale)
{
    std::int64_t steps = 0;
    if (plainSteps(number, scale, steps)) [[likely]] {
        return steps;
    }
    return scale.parse(base::toText({number.mantissa, -number.decimals}));
}

const char* parseRow(std::string_view line, CsvTradeRow& row)
{
    const char* at = line.data();
    const char* const end = at + line.size();
    const char* why = readTime(at, end, row.time);
    if (why == nullptr && nextField(at, end)) {
        why = readNumber(at, end, row.price);
        if (why == nullptr && nextField(at, end)) {
            why = readNumber(at, end, row.size);
            if (why == nullptr && nextField(at, end)) {
                const std::string_view side(at, static_cast<std::size_t>(end - at));
                row.isBuy = side == "buy";
                if (row.isBuy || side == "sell") [[likely]] {
                    if (row.price.mantissa > 0 && row.size.mantissa > 0) [[likely]] {
                        return nullptr;
                    }
                    return row.price.mantissa < 0    ? "negative price"
                           : row.price.mantissa == 0 ? "price of zero"
                           : row.size.mantissa < 0   ? "negative size"
                                                     : "size of zero";
                }
                why = "unknown side";
            }
        }
    }
    if (line.empty()) {
        return "empty line";
    }
    return countsColumns(line, 4) && why != nullptr ? why : columns4;
}

const char* parseRow(std::string_view line, CsvCandleRow& row)
{
    if (line.empty()) {
        return "empty line";
    }
    if (!countsColumns(line, 6)) {
        return columns6;
    }
    const char* at = line.data();
    const char* const end = at + line.size();
    if (const char* why = readTime(at, end, row.time)) {
        return why;
    }
    for (auto& price : row.prices) {
        ++at;
        if (const char* why = readNumber(at, end, price)) {
            return why;
        }
        if (price.mantissa <= 0) {
            return price.mantissa < 0 ? "negative price" : "price of zero";
        }
    }
    ++at;
    if (const char* why = readNumber(at, end, row.volume)) {
        return why;
    }
    if (row.volume.mantissa < 0) {
        return "negative volume";
    }
    return isLess(row.prices[1], row.prices[2]) ? "high under low" : nullptr;
}

} // namespace qd::exchange
