// One line of a CSV of trades or candles as numbers, and what is wrong with it. Internal to the room; pure; any thread.
#pragma once

#include "base/decimal.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace qd::exchange {

/// mantissa × 10^-decimals, as the text has it (trailing zeros too).
struct CsvNumber {
    std::int64_t mantissa = 0;
    int decimals = 0;

    /// Digits after the point without trailing zeros.
    [[nodiscard]] int significantDecimals() const;
    [[nodiscard]] base::Result<std::int64_t> on(const base::Scale& scale) const;
};

struct CsvTradeRow {
    std::int64_t time = 0;
    CsvNumber price;
    CsvNumber size;
    bool isBuy = false;
};

struct CsvCandleRow {
    std::int64_t time = 0;
    std::array<CsvNumber, 4> prices; // open, high, low, close
    CsvNumber volume;
};

inline constexpr std::string_view tradesHeader = "ts_ms,price,size,side";
inline constexpr std::string_view candlesHeader = "ts_ms,open,high,low,close,volume";

/// Reads `line` (without its end). The reason why it is no such row, or null.
[[nodiscard]] const char* parseRow(std::string_view line, CsvTradeRow& row);
[[nodiscard]] const char* parseRow(std::string_view line, CsvCandleRow& row);

} // namespace qd::exchange
