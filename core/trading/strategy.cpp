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
    if (!(value >= legal->least && value <= legal->most)) { // also refuses NaN
        return base::fail(base::ErrorCode::OutOfRange, strategy_,
                          std::string(name) + " = " + exactText(value) + " is outside " + exactText(legal->least) +
                              " … " + exactText(legal->most));
    }
    values_.find(name)->second = value;
    return {};
}

std::string ParameterSet::hash() const
{
    std::string text = strategy_;
    for (const auto& [name, value] : values_) { // a map: names come sorted
        text.append("|").append(name).append("=").append(exactText(value));
    }
    return base::sha256Hex(text).substr(0, 16);
}

} // namespace qd::trading
