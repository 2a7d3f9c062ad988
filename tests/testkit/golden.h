// Golden vectors from outside the repository: QD_SHARED/golden/<topic>.json (its README.md says what they hold). A test
// that uses them begins with GOLDEN(cases, "topic") and is skipped, saying so, where the folder is missing.
#pragma once

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QJsonValue>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <optional>

namespace qd::testkit {

/// The cases of a topic by their name; empty if the file is not there.
inline QJsonObject goldenCases(const QString& topic)
{
    QFile file(qEnvironmentVariable("QD_SHARED") + QStringLiteral("/golden/") + topic + QStringLiteral(".json"));
    QJsonObject cases;
    if (file.open(QIODevice::ReadOnly)) {
        const auto list = QJsonDocument::fromJson(file.readAll()).object().value(QStringLiteral("cases")).toArray();
        for (const auto& entry : list) {
            const auto object = entry.toObject();
            cases.insert(object.value(QStringLiteral("name")).toString(), object);
        }
    }
    return cases;
}

/// null is a missing number.
inline std::optional<double> goldenNumber(const QJsonValue& value)
{
    return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

/// |got − want| ≤ max(abs, rel·|want|); both missing agree.
inline bool goldenAgrees(std::optional<double> got, std::optional<double> want, double abs = 1e-12, double rel = 1e-9)
{
    if (!got || !want) {
        return got.has_value() == want.has_value();
    }
    return std::abs(*got - *want) <= std::max(abs, rel * std::abs(*want));
}

} // namespace qd::testkit

#define GOLDEN(cases, topic)                                                                                           \
    const auto cases = qd::testkit::goldenCases(QStringLiteral(topic));                                                \
    if (cases.isEmpty()) {                                                                                             \
        QSKIP("no golden vectors: QD_SHARED does not name a folder that holds golden/" topic ".json");                 \
    }
