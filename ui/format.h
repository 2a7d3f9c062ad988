// Numbers, times and errors as the operator reads them. Pure, but for the time zone of the machine. Any thread.
// Groups are split by a thin space, minus is U+2212, undefined is an em dash. Nothing is rounded that the reader could
// count.
#pragma once

#include "base/error.h"
#include "base/units.h"
#include "console/events.h"
#include "console/snapshots.h"
#include "market/instrument.h"

#include <QString>

#include <optional>

namespace qd::ui::format {

inline constexpr QChar thinSpace{0x2009};
inline constexpr QChar minusSign{0x2212};

[[nodiscard]] QString text(std::string_view utf8);
/// "—"
[[nodiscard]] QString undefined();
/// "61837.60" → "61 837.60" with thin spaces; a leading '-' becomes U+2212. Requires plain decimal notation.
[[nodiscard]] QString grouped(QString plain);
/// The reverse, for the clipboard and CSV: no thin spaces, ASCII minus, an em dash becomes empty.
[[nodiscard]] QString plain(QString shown);

[[nodiscard]] QString integer(std::int64_t value);
[[nodiscard]] QString count(std::uint64_t value);
/// NaN and infinities are undefined.
[[nodiscard]] QString decimal(double value, int decimals);
[[nodiscard]] QString decimal(const std::optional<double>& value, int decimals);
/// "+0.31", "−0.31", "0.00": what rounds to zero has no sign.
[[nodiscard]] QString signedDecimal(double value, int decimals);
[[nodiscard]] QString percent(double fraction, int decimals);
[[nodiscard]] QString percent(const std::optional<double>& fraction, int decimals);
[[nodiscard]] QString signedPercent(double fraction, int decimals);
/// Shares as whole percent: "61–79".
[[nodiscard]] QString percentInterval(double low, double high);
/// "12/30": too few for a figure.
[[nodiscard]] QString ofNeeded(std::uint32_t have, std::uint32_t needed);

[[nodiscard]] QString price(const market::Instrument& instrument, market::Price price);
[[nodiscard]] QString price(const market::Instrument& instrument, const std::optional<market::Price>& price);
[[nodiscard]] QString size(const market::Instrument& instrument, market::Quantity size);
/// USDT, exact, rounded half to even to `decimals` (0…8).
[[nodiscard]] QString money(base::Money amount, int decimals = 2);
[[nodiscard]] QString signedMoney(base::Money amount, int decimals = 2);

/// "0.2 s", "48 s", "38 m", "7 h 12 m", "3 d 4 h".
[[nodiscard]] QString duration(base::Millis length);
/// "4 ms", "0.9 ms", "1.3 s".
[[nodiscard]] QString milliseconds(double ms);
/// "118 MB", "1.2 GB" (of 1000).
[[nodiscard]] QString bytes(std::uint64_t bytes);
/// "1 284", "31 k", "1.9 M".
[[nodiscard]] QString rate(double perSecond);

enum class Zone : std::uint8_t { Utc, Local };
/// "14:47:08"
[[nodiscard]] QString timeOfDay(base::UtcMs time, Zone zone);
/// "14:47"
[[nodiscard]] QString hourMinute(base::UtcMs time, Zone zone);
/// "15 Feb"
[[nodiscard]] QString day(base::UtcMs time, Zone zone);
/// "14:47:08" today, "15 Feb 14:47:08" on other days of this year, "15 Feb 2025 14:47:08" before.
[[nodiscard]] QString moment(base::UtcMs time, base::UtcMs now, Zone zone);
/// "14:47:08 UTC"
[[nodiscard]] QString clock(base::UtcMs time, Zone zone);

/// "breakout", "breakout, momentum, reversal", or "5 strategies" where `many` says what they are.
[[nodiscard]] QString named(const QStringList& names, const QString& many);

[[nodiscard]] QString word(console::EngineState state);
[[nodiscard]] QString word(console::FeedState state);
[[nodiscard]] QString word(console::HealthLabel label); // "EXCELLENT"
[[nodiscard]] QString word(console::Severity severity);
[[nodiscard]] QString word(market::Side side); // "Long", "Short"

/// What happened and what to do; the detail is for the log.
[[nodiscard]] QString sentence(const base::Error& error);

} // namespace qd::ui::format
