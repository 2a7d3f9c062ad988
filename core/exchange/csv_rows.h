// One line of a CSV of trades or candles as numbers, and what is wrong with it. Internal to the room; pure; any thread.
#pragma once

#include "exchange/exact_number.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace qd::exchange {

struct CsvTradeRow {
    std::int64_t time = 0;
    ExactNumber price;
    ExactNumber size;
    bool isBuy = false;
};

struct CsvCandleRow {
    std::int64_t time = 0;
    std::array<ExactNumber, 4> prices; // open, high, low, close
    ExactNumber volume;
};

inline constexpr std::string_view tradesHeader = "ts_ms,price,size,side";
inline constexpr std::string_view candlesHeader = "ts_ms,open,high,low,close,volume";

/// Reads `line` (without its end). The reason why it is no such row, or null.
[[nodiscard]] const char* parseRow(std::string_view line, CsvTradeRow& row);
[[nodiscard]] const char* parseRow(std::string_view line, CsvCandleRow& row);

/// Digits after the point without trailing zeros.
[[nodiscard]] int significantDecimals(const ExactNumber& number);
/// Exactly; NotOnScale or Overflow else.
[[nodiscard]] base::Result<std::int64_t> stepsOf(const ExactNumber& number, const base::Scale& scale);

} // namespace qd::exchange
