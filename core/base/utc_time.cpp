#include "base/utc_time.h"

#include <array>
#include <charconv>
#include <cstdio>

namespace qd::base {

namespace chr = std::chrono;

std::string isoText(UtcMs t)
{
    const auto day = bucketStart(t, oneDay);
    const chr::year_month_day date{chr::sys_days{chr::days{day.value / oneDay.count()}}};
    const auto ms = (t - day).count();
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(ms / 3'600'000), static_cast<int>(ms / 60'000 % 60),
                  static_cast<int>(ms / 1000 % 60), static_cast<int>(ms % 1000));
    return text.data();
}

namespace {

// Takes exactly `digits` digits off the front of `text`; -1 where they are not there.
int take(std::string_view& text, std::size_t digits)
{
    int value = 0;
    if (text.size() < digits) {
        return -1;
    }
    const auto [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
    if (ec != std::errc{} || end != text.data() + digits || text.front() == '-') {
        return -1;
    }
    text.remove_prefix(digits);
    return value;
}

bool skip(std::string_view& text, char wanted)
{
    if (text.empty() || text.front() != wanted) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

} // namespace

Result<UtcMs> parseUtc(std::string_view text)
{
    const auto malformed = [whole = std::string(text)] {
        return fail(ErrorCode::Malformed, whole, "a time looks like 2025-06-22, 2025-06-22T02:13:40Z or 1750507467356");
    };
    std::int64_t plain = 0;
    if (const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), plain);
        ec == std::errc{} && end == text.data() + text.size()) {
        return UtcMs{plain};
    }
    const int year = take(text, 4);
    if (year < 0 || !skip(text, '-')) {
        return malformed();
    }
    const int month = take(text, 2);
    if (month < 0 || !skip(text, '-')) {
        return malformed();
    }
    const int day = take(text, 2);
    const chr::year_month_day date{chr::year{year}, chr::month{static_cast<unsigned>(month)},
                                   chr::day{static_cast<unsigned>(day < 0 ? 0 : day)}};
    if (!date.ok()) {
        return malformed();
    }
    std::int64_t ms = chr::sys_days{date}.time_since_epoch().count() * oneDay.count();
    if (skip(text, 'T') || skip(text, ' ')) {
        const int hour = take(text, 2);
        const bool colon1 = skip(text, ':');
        const int minute = take(text, 2);
        const int second = skip(text, ':') ? take(text, 2) : 0;
        const int milli = skip(text, '.') ? take(text, 3) : 0;
        if (!colon1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 || milli < 0) {
            return malformed();
        }
        ms += ((hour * 60 + minute) * 60 + second) * 1000LL + milli;
        skip(text, 'Z');
    }
    if (!text.empty()) {
        return malformed();
    }
    return UtcMs{ms};
}

UtcMs SystemClock::now() const
{
    return {chr::duration_cast<Millis>(chr::system_clock::now().time_since_epoch()).count()};
}

} // namespace qd::base
