#include "trading/strategy.h"

#include "base/sha256.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace qd::trading {

namespace {

// The shortest text that reads back as the same double; independent of the locale.
std::string exactText(double value)
{
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

} // namespace

ParameterSet::ParameterSet(std::string_view strategy, std::span<const Parameter> parameters)
    : strategy_(strategy),
      legal_(parameters)
{
    for (const auto& parameter : parameters) {
        values_.emplace(parameter.name, parameter.standard);
    }
}

double ParameterSet::operator[](std::string_view name) const
{
    const auto found = values_.find(name);
    if (found == values_.end()) {
        throw std::out_of_range(strategy_ + " has no parameter " + std::string(name));
    }
    return found->second;
}

base::Result<void> ParameterSet::set(std::string_view name, double value)
{
    const auto legal = std::ranges::find(legal_, name, &Parameter::name);
    if (legal == legal_.end()) {
        return base::fail(base::ErrorCode::NotFound, strategy_, "no parameter " + std::string(name));
    }
    const bool isHalf = legal->unit == "switch" && value != 0 && value != 1;
    if (!(value >= legal->least && value <= legal->most) || isHalf) { // also refuses NaN
        return base::fail(base::ErrorCode::OutOfRange, strategy_,
                          std::string(name) + " = " + exactText(value) + " is outside " + exactText(legal->least) +
                              " … " + exactText(legal->most));
    }
    values_.find(name)->second = value;
    return {};
}

bool ParameterSet::isOfHash(std::string_view name) const
{
    const auto legal = std::ranges::find(legal_, name, &Parameter::name);
    return legal == legal_.end() || !legal->isLater || (*this)[name] != legal->standard;
}

std::string ParameterSet::hash() const
{
    std::string values;
    for (const auto& [name, value] : values_) {
        if (isOfHash(name)) {
            values.append(values.empty() ? "" : "|").append(name).append("=").append(exactText(value));
        }
    }
    return base::sha256Hex(values.empty() ? strategy_ : strategy_ + "|" + values).substr(0, 16);
}

std::string ParameterSet::text() const
{
    std::string text;
    for (const auto& [name, value] : values_) { // a map: names come sorted
        text.append(text.empty() ? "" : "|").append(name).append("=").append(exactText(value));
    }
    return text;
}

base::Result<void> ParameterSet::setText(std::string_view text)
{
    auto changed = *this;
    while (!text.empty()) {
        const auto one = text.substr(0, text.find('|'));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const auto at = one.find('=');
        double value = 0;
        const auto digits = at == std::string_view::npos ? std::string_view() : one.substr(at + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) {
            return base::fail(base::ErrorCode::Malformed, strategy_, "no parameter and value: " + std::string(one));
        }
        if (auto set = changed.set(one.substr(0, at), value); !set) {
            return set;
        }
    }
    *this = std::move(changed);
    return {};
}

bool ParameterSet::hasLengthsOf(const ParameterSet& other) const
{
    return std::ranges::all_of(
        legal_, [&](const Parameter& p) { return p.unit != "candles" || (*this)[p.name] == other[p.name]; });
}

} // namespace qd::trading
