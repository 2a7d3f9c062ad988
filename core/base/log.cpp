#include "base/log.h"

#include "base/utc_time.h"

#include <atomic>
#include <cstdio>
#include <string>

namespace qd::base {

namespace {
std::atomic<LogLevel> leastLevel{LogLevel::Warning};

const char* word(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    }
    return "?";
}
} // namespace

void setLogLevel(LogLevel least)
{
    leastLevel = least;
}

void log(LogLevel level, std::string_view where, std::string_view what)
{
    if (level < leastLevel.load(std::memory_order_relaxed)) {
        return;
    }
    std::string line = isoText(SystemClock{}.now());
    line.append(" ").append(word(level)).append(" ").append(where).append(": ").append(what).append("\n");
    std::fwrite(line.data(), 1, line.size(), stderr);
}

} // namespace qd::base
