// Reads recorded trades (`ts_ms,price,size,side`) and candles (`ts_ms,open,high,low,close,volume`) from CSV or CSV.gz
// in blocks; never the whole file at once. One reader, one thread (a second one unpacks ahead of it). inspect() learns
// scale, hash and extent and judges every row, or the first ones only; read() yields rows on the given scales and
// learns the same on its way. Rows stand in non-decreasing time (candles: strictly increasing). Fails: Malformed naming
// line and reason, Damaged for a broken or truncated gzip, NotFound, Io, Cancelled, NotOnScale.
#pragma once

#include "base/error.h"
#include "market/candle.h"
#include "market/instrument.h"
#include "market/tick.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace qd::exchange {

/// What inspect() learns of a file. The scales that fit it are Scale::ofDecimals(priceDecimals) and …(sizeDecimals).
struct CsvSummary {
    std::int64_t rows = 0;
    base::UtcMs first;
    base::UtcMs last;
    int priceDecimals = 0; // most digits after the point, trailing zeros aside
    int sizeDecimals = 0;
    std::int64_t bytes = 0; // decompressed
    std::string sha256;     // of the decompressed bytes: the source's identity

    friend bool operator==(const CsvSummary&, const CsvSummary&) = default;
};

/// How a long pass is watched: progress gets the fraction of the (compressed) file read, at most 100 times.
struct CsvWatch {
    std::stop_token stop;
    std::function<void(double fraction)> progress;
};

/// The trades of one file, block by block, oldest first. id = ts_ms × 2^20 + rank within the millisecond; equal rows
/// are separate trades and are kept.
class CsvTradesStream {
public:
    /// tick and lot: the scales on which prices and sizes come out.
    [[nodiscard]] static base::Result<CsvTradesStream> open(const std::string& path, base::Scale tick, base::Scale lot,
                                                            CsvWatch watch = {});
    CsvTradesStream(CsvTradesStream&&) noexcept;
    CsvTradesStream& operator=(CsvTradesStream&&) noexcept;
    ~CsvTradesStream();

    /// The next rows, valid until the next call; empty at the end of the file. After an error every call fails.
    [[nodiscard]] base::Result<std::span<const market::Tick>> next();

private:
    struct State;
    explicit CsvTradesStream(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

class CsvTradesReader {
public:
    using Sink = std::function<base::Result<void>(std::span<const market::Tick>)>;

    explicit CsvTradesReader(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] base::Result<CsvSummary> inspect(const CsvWatch& watch = {}) const;
    /// The same of the first rows only, some thousands; the hash is empty.
    [[nodiscard]] base::Result<CsvSummary> peek() const;
    /// Hands every row to `sink`, in order; the summary of the file, or the first error, be it the sink's. NotOnScale
    /// for a number that is finer than tick or lot.
    [[nodiscard]] base::Result<CsvSummary> read(base::Scale tick, base::Scale lot, const Sink& sink,
                                                const CsvWatch& watch = {}) const;

private:
    std::string path_;
};

/// Candles of one timeframe; start times lie on its grid. Bars may have an open outside [low, high] (some sources put
/// the previous close there); high ≥ low, prices > 0 and volume ≥ 0 are wanted.
class CsvCandlesReader {
public:
    using Sink = std::function<base::Result<void>(std::span<const market::Candle>)>;

    CsvCandlesReader(std::string path, market::Timeframe timeframe) : path_(std::move(path)), timeframe_(timeframe) {}

    [[nodiscard]] base::Result<CsvSummary> inspect(const CsvWatch& watch = {}) const;
    [[nodiscard]] base::Result<std::int64_t> read(base::Scale tick, base::Scale lot, const Sink& sink,
                                                  const CsvWatch& watch = {}) const;

private:
    std::string path_;
    market::Timeframe timeframe_;
};

} // namespace qd::exchange
