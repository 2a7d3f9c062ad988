// Recorded trades and candles from CSV files into a database, whole or not at all: one transaction a file; a bad row, a
// full disk or a cancel leaves nothing of it. The same file again adds nothing. Any thread; blocks; owns the write
// connection while it runs (Busy if a console owns that database).
// Source: PRODUCT.md, Command line, import.
#pragma once

#include "base/error.h"
#include "market/candle.h"
#include "market/instrument.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

namespace qd::engines {

enum class SizeUnit : std::uint8_t { Coins, Contracts };

struct ImportOptions {
    std::filesystem::path database; // made if need be
    std::string file;
    std::string instrument; // BloFin's name, e.g. LTC-USDT
    SizeUnit sizes = SizeUnit::Coins;
    std::optional<market::Timeframe> candles; // empty: the file holds trades
    std::function<void(double fraction)> progress;
};

struct ImportOutcome {
    market::Instrument instrument;
    std::uint64_t rows = 0; // in the file
    bool wasThere = false;  // this very source was imported before: nothing was added
    base::UtcMs first;
    base::UtcMs last;
    std::string source; // SHA-256 of the decompressed bytes
    double seconds = 0;
};

/// Conflict: another source covers a part of that time, or paper trading has run on later ticks. Ticks that come after
/// all that is there are judged and stored in one reading of the file, others in two.
[[nodiscard]] base::Result<ImportOutcome> importFile(const ImportOptions& options, const std::stop_token& stop);

} // namespace qd::engines
