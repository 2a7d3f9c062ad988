// The operator's commands as JSON and back: what the command line sends to the console that owns a database, and what
// the HTTP API reads of a body. Strict: a field that a command does not know is an error. Pure. Any thread.
#pragma once

#include "base/error.h"
#include "console/commands.h"

#include <QJsonObject>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace qd::engines {

/// Of {"command": "note", "text": …}. Malformed, or OutOfRange for what is too long; the subject names the field.
[[nodiscard]] base::Result<console::Command> commandOf(const QJsonObject& json);
/// Empty for a command that nobody sends from outside (what a chart watches …).
[[nodiscard]] std::optional<QJsonObject> jsonOf(const console::Command& command);

/// Fields of a JSON body, one by one.
[[nodiscard]] base::Result<void> checkNames(const QJsonObject& body, std::initializer_list<const char*> names);
inline constexpr qsizetype longestText = 1'000; // characters of what a person types
/// Empty where it is not there.
[[nodiscard]] base::Result<std::string> textOf(const QJsonObject& body, const char* name, qsizetype most = longestText);
[[nodiscard]] base::Result<std::string> neededText(const QJsonObject& body, const char* name);
/// A whole number from `least` on.
[[nodiscard]] base::Result<std::int64_t> wholeOf(const QJsonObject& body, const char* name, std::int64_t least);

/// {"code", "subject", "detail"}, and the error that it was made of.
[[nodiscard]] QJsonObject jsonOf(const base::Error& error);
[[nodiscard]] base::Error errorOf(const QJsonObject& json);

} // namespace qd::engines
