#include "governance/figure.h"

#include <array>
#include <charconv>
#include <cmath>

namespace qd::governance {

namespace {

std::string fixed(double value, int digits)
{
    std::array<char, 400> out{};
    const auto end = std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed, digits).ptr;
    return {out.data(), end};
}

std::string number(double value, Unit unit)
{
    switch (unit) {
    case Unit::Count:
    case Unit::Days:
        return fixed(value, value == std::floor(value) ? 0 : 1);
    case Unit::Share:
        return fixed(value * 100, 1) + "%";
    case Unit::Probability:
        return fixed(value, 3);
    case Unit::Ratio:
    case Unit::Usdt:
    case Unit::UsdtPerTrade:
    case Unit::UsdtPerDay:
        return fixed(value, 2);
    }
    return {};
}

std::string_view suffix(Unit unit)
{
    switch (unit) {
    case Unit::Days:
        return " days";
    case Unit::Usdt:
        return " USDT";
    case Unit::UsdtPerTrade:
        return " USDT a trade";
    case Unit::UsdtPerDay:
        return " USDT a day";
    case Unit::Count:
    case Unit::Share:
    case Unit::Probability:
    case Unit::Ratio:
        break;
    }
    return "";
}

} // namespace

std::string text(double value, Unit unit)
{
    return number(value, unit).append(suffix(unit));
}

std::string text(const Figure& figure)
{
    auto out = figure.name;
    out += ' ';
    out += figure.value ? text(*figure.value, figure.unit)
                        : "not defined: " + std::string(statistics::sentence(figure.value.error()));
    std::string aside;
    if (figure.confidence > 0 && figure.interval) {
        aside = text(figure.confidence, Unit::Share) + " interval " + number(figure.interval->lower, figure.unit) +
                " to " + number(figure.interval->upper, figure.unit) + ", ";
    }
    if (figure.unit != Unit::Count && figure.unit != Unit::Days) {
        aside += "n = " + std::to_string(figure.n) + " " + figure.of;
    }
    if (figure.limit) {
        aside += (aside.empty() ? "limit " : "; limit ") + text(*figure.limit, figure.unit);
    }
    return aside.empty() ? out : out + " (" + aside + ")";
}

Figure countFigure(std::string_view name, std::uint64_t n, double limit, std::string_view of)
{
    return {.name = std::string(name),
            .unit = Unit::Count,
            .value = static_cast<double>(n),
            .n = n,
            .of = std::string(of),
            .limit = limit};
}

} // namespace qd::governance
