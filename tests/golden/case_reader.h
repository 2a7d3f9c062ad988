// Reads the columns and parameters of a golden case and puts together its `expected`. Throws std::runtime_error for
// what is not there. Header of golden_check only.
#pragma once

#include "golden/topics.h"
#include "statistics/intervals.h"
#include "statistics/measure.h"

#include <QJsonArray>
#include <QJsonObject>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace qd::golden {

class CaseReader {
public:
    explicit CaseReader(const QJsonObject& entry)
        : inputs_(entry.value(QLatin1String("inputs")).toObject()),
          params_(entry.value(QLatin1String("params")).toObject()),
          expected_(entry.value(QLatin1String("expected")).toObject())
    {
    }

    [[nodiscard]] bool has(const char* input) const { return inputs_.contains(QLatin1String(input)); }
    [[nodiscard]] bool asksFor(const char* key) const { return expected_.contains(QLatin1String(key)); }
    [[nodiscard]] QJsonArray column(const char* input) const
    {
        const auto value = inputs_.value(QLatin1String(input));
        if (!value.isArray()) {
            throw std::runtime_error(std::string("no column ") + input);
        }
        return value.toArray();
    }
    [[nodiscard]] std::vector<double> numbers(const char* input) const { return numbersOf(column(input)); }
    [[nodiscard]] std::vector<std::vector<double>> rows(const char* input) const
    {
        std::vector<std::vector<double>> out;
        for (const auto& row : column(input)) {
            out.push_back(numbersOf(row.toArray()));
        }
        return out;
    }
    [[nodiscard]] double input(const char* name) const { return numberOf(inputs_, name); }
    [[nodiscard]] double param(const char* name) const { return numberOf(params_, name); }
    [[nodiscard]] double param(const char* name, double otherwise) const
    {
        return params_.contains(QLatin1String(name)) ? param(name) : otherwise;
    }
    [[nodiscard]] std::int64_t wholeParam(const char* name) const
    {
        return params_.value(QLatin1String(name)).toInteger();
    }

    /// Of all that was computed what the case asks for.
    [[nodiscard]] QJsonObject asked(const QJsonObject& computed) const
    {
        QJsonObject out;
        for (auto it = expected_.begin(); it != expected_.end(); ++it) {
            if (!computed.contains(it.key())) {
                throw std::runtime_error("asks for what has no rule: " + it.key().toStdString());
            }
            out.insert(it.key(), computed.value(it.key()));
        }
        return out;
    }

    /// null for all that the case asks for: what a figure without a value looks like.
    [[nodiscard]] QJsonObject nothing() const
    {
        QJsonObject out;
        for (auto it = expected_.begin(); it != expected_.end(); ++it) {
            out.insert(it.key(), QJsonValue(QJsonValue::Null));
        }
        return out;
    }

    [[nodiscard]] static std::vector<double> numbersOf(const QJsonArray& values)
    {
        std::vector<double> out;
        for (const auto& value : values) {
            out.push_back(value.toDouble(std::numeric_limits<double>::quiet_NaN()));
        }
        return out;
    }

private:
    [[nodiscard]] static double numberOf(const QJsonObject& group, const char* name)
    {
        const auto value = group.value(QLatin1String(name));
        if (!value.isDouble() && !value.isNull()) {
            throw std::runtime_error(std::string("no number ") + name);
        }
        return value.toDouble(std::numeric_limits<double>::quiet_NaN());
    }

    QJsonObject inputs_;
    QJsonObject params_;
    QJsonObject expected_;
};

[[nodiscard]] inline QJsonValue number(const statistics::Measure& measure)
{
    return measure ? number(std::optional(*measure)) : QJsonValue(QJsonValue::Null);
}

[[nodiscard]] inline QJsonValue whole(std::uint64_t value)
{
    return static_cast<qint64>(value);
}

template <typename Values>
[[nodiscard]] QJsonArray list(const Values& values)
{
    QJsonArray out;
    for (const auto& value : values) {
        out.append(number(value));
    }
    return out;
}

template <typename Values>
[[nodiscard]] QJsonArray wholeList(const Values& values)
{
    QJsonArray out;
    for (const auto value : values) {
        out.append(whole(value));
    }
    return out;
}

using Numbers = std::vector<double>;

template <typename Rule>
[[nodiscard]] QJsonArray mapped(const Numbers& values, Rule rule)
{
    QJsonArray out;
    for (const double v : values) {
        out.append(number(rule(v)));
    }
    return out;
}

template <typename Rule>
[[nodiscard]] QJsonArray mapped(const Numbers& a, const Numbers& b, Rule rule)
{
    if (a.size() != b.size()) {
        throw std::runtime_error("columns of different lengths");
    }
    QJsonArray out;
    for (std::size_t i = 0; i < a.size(); ++i) {
        out.append(number(rule(a[i], b[i])));
    }
    return out;
}

[[nodiscard]] inline std::optional<double> plain(double value)
{
    return value;
}

[[nodiscard]] inline statistics::Measure lower(const statistics::Defined<statistics::Interval>& interval)
{
    return interval ? statistics::Measure(interval->lower) : std::unexpected(interval.error());
}

[[nodiscard]] inline statistics::Measure upper(const statistics::Defined<statistics::Interval>& interval)
{
    return interval ? statistics::Measure(interval->upper) : std::unexpected(interval.error());
}

} // namespace qd::golden
