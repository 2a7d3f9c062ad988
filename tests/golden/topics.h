// The topics of golden files (design STATISTICS.md; one JSON file each) that golden_check can run through the library.
// A topic's function computes the `expected` object of one case. It is handed the case as it stands in the file:
// `name`, `inputs`, `params` where there are any, and `expected`, whose keys say what is asked (its values must not be
// looked at); and `folder`, where the file lies. null in `inputs` is NaN; an undefined result is null: number() below.
// What a function does not know (an input of another shape, a key without a rule) it throws as std::runtime_error; the
// program tells it and ends with 1.
#pragma once

#include <QJsonObject>
#include <QJsonValue>

#include <cmath>
#include <optional>
#include <span>
#include <string_view>

namespace qd::golden {

struct Topic {
    std::string_view id; // the file's `id`
    QJsonObject (*expected)(const QJsonObject& entry);
};

[[nodiscard]] std::span<const Topic> indicatorTopics();  // indicator_topics.cpp
[[nodiscard]] std::span<const Topic> statisticsTopics(); // statistics_topics.cpp
[[nodiscard]] std::span<const Topic> sharpeTopics();     // sharpe_topics.cpp
[[nodiscard]] std::span<const Topic> decisionTopics();   // decision_topics.cpp
[[nodiscard]] std::span<const Topic> learningTopics();   // learning_topics.cpp

/// A number for `expected`: null where it is undefined. Infinity has no place in JSON and none in the library.
[[nodiscard]] inline QJsonValue number(std::optional<double> value)
{
    return value && std::isfinite(*value) ? QJsonValue(*value) : QJsonValue(QJsonValue::Null);
}

} // namespace qd::golden
