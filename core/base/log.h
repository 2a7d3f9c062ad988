// One line an event to stderr: time, level, where, what. Any thread; a line is written whole.
#pragma once

#include <string_view>

namespace qd::base {

enum class LogLevel { Debug, Info, Warning, Error };

/// Lines under this level are not written. Default: Warning, so that commands keep stderr for errors.
void setLogLevel(LogLevel least);
void log(LogLevel level, std::string_view where, std::string_view what);

} // namespace qd::base
