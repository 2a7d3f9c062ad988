#include "exchange/csv_trades.h"

#include "exchange/csv_lines.h"
#include "exchange/csv_rows.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace qd::exchange {

using base::ErrorCode;
using base::fail;
using base::Result;

namespace {

constexpr int rankBits = 20;
constexpr std::int64_t mostInMillisecond = std::int64_t{1} << rankBits;
constexpr const char* finerThanStep = "finer than the instrument's step";

// Walks the rows of a file: header, line numbers, order of time. Row is CsvTradeRow or CsvCandleRow.
template <typename Row>
class RowWalker {
public:
    RowWalker(CsvLines lines, std::string_view header) : lines_(std::move(lines)), header_(header) {}

    /// Calls onRow(row) -> const char* (a reason to refuse it, or null) for each row of the next run of lines; false at
    /// the end of the file.
    template <typename OnRow>
    Result<bool> step(OnRow&& onRow)
    {
        auto run = lines_.next();
        if (!run) {
            return std::unexpected(run.error());
        }
        if (run->empty()) {
            return rows_ > 0 ? Result<bool>(false)
                             : fail(ErrorCode::Malformed, lines_.path(), "the file holds no rows");
        }
        const char* at = run->data();
        const char* const end = at + run->size();
        while (at < end) {
            const auto* stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
            stop = stop == nullptr ? end : stop;
            std::string_view line(at, static_cast<std::size_t>(stop - at));
            at = stop + 1;
            if (!line.empty() && line.back() == '\r') {
                line.remove_suffix(1);
            }
            if (++line_ == 1 && line == header_) {
                continue;
            }
            if (const char* why = takeRow(line, onRow)) [[unlikely]] {
                return fail(why == finerThanStep ? ErrorCode::NotOnScale : ErrorCode::Malformed, lines_.path(),
                            "line " + std::to_string(line_) + ": " + why + ": '" + std::string(line.substr(0, 80)) +
                                "'");
            }
        }
        return true;
    }
    [[nodiscard]] std::int64_t rows() const { return rows_; }
    [[nodiscard]] CsvLines& lines() { return lines_; }

private:
    template <typename OnRow>
    const char* takeRow(std::string_view line, OnRow& onRow)
    {
        if (const char* why = parseRow(line, row_)) {
            return line_ == 1 && rows_ == 0 && !line.empty() && (line[0] < '0' || line[0] > '9') ? "unknown header"
                                                                                                 : why;
        }
        ++rows_;
        return onRow(row_);
    }

    CsvLines lines_;
    std::string_view header_;
    Row row_;
    std::int64_t line_ = 0;
    std::int64_t rows_ = 0;
};

// Keeps the order of times and counts the rank within the millisecond.
class TradeOrder {
public:
    const char* take(std::int64_t time)
    {
        if (time > newest_) {
            newest_ = time;
            rank_ = 0;
            return nullptr;
        }
        if (time < newest_) {
            return "time goes back";
        }
        return ++rank_ < mostInMillisecond ? nullptr : "more than 1048576 trades in one millisecond";
    }
    [[nodiscard]] std::int64_t id() const { return (newest_ << rankBits) + rank_; }

private:
    std::int64_t newest_ = 0;
    std::int64_t rank_ = 0;
};

struct CandleOrder {
    std::int64_t width;
    std::int64_t newest = 0;

    const char* take(std::int64_t time)
    {
        if (time <= newest) {
            return time == newest ? "time stands twice" : "time goes back";
        }
        newest = time;
        return time % width == 0 ? nullptr : "time is not on the timeframe's grid";
    }
};

void widen(int& decimals, const ExactNumber& number)
{
    // Most rows end in the zeros that they show beyond the finest seen so far: one division tells.
    if (number.decimals > decimals &&
        number.mantissa % powersOfTen[static_cast<std::size_t>(number.decimals - decimals)] != 0) {
        decimals = std::max(decimals, significantDecimals(number));
    }
}

template <typename Row>
CsvSummary finished(CsvSummary summary, RowWalker<Row>& walker)
{
    summary.rows = walker.rows();
    summary.bytes = walker.lines().bytes();
    summary.sha256 = walker.lines().sha256();
    return summary;
}

void note(CsvSummary& summary, std::int64_t time)
{
    if (summary.first.value == 0) {
        summary.first = {time};
    }
    summary.last = {time};
}

// `number` as steps of `scale`; false, with `why` set, where it does not fit.
bool scaled(const ExactNumber& number, const base::Scale& scale, std::int64_t& steps, const char*& why)
{
    const auto result = stepsOf(number, scale);
    if (!result) [[unlikely]] {
        why = result.error().code == ErrorCode::NotOnScale ? finerThanStep : "number out of range";
        return false;
    }
    steps = *result;
    return true;
}

} // namespace

namespace {

// Rows of trades as ticks on the given scales, a run of lines at a time.
class TickRows {
public:
    TickRows(CsvLines lines, base::Scale tick, base::Scale lot)
        : walker_(std::move(lines), tradesHeader),
          tick_(tick),
          lot_(lot)
    {
    }

    /// Empty at the end. After an error every call fails.
    Result<std::span<const market::Tick>> next()
    {
        ticks_.clear();
        while (ticks_.empty()) {
            const auto more =
                error_ ? std::unexpected(*error_) : walker_.step([this](const CsvTradeRow& row) { return take(row); });
            if (!more) {
                error_ = more.error();
                return std::unexpected(more.error());
            }
            if (!*more) {
                break;
            }
        }
        return std::span<const market::Tick>(ticks_);
    }
    [[nodiscard]] RowWalker<CsvTradeRow>& walker() { return walker_; }

private:
    const char* take(const CsvTradeRow& row)
    {
        const char* why = order_.take(row.time);
        market::Tick tick{.id = order_.id(), .time = {row.time}};
        if (why == nullptr && scaled(row.price, tick_, tick.price.value, why) &&
            scaled(row.size, lot_, tick.signedSize, why)) [[likely]] {
            tick.signedSize = row.isBuy ? tick.signedSize : -tick.signedSize;
            ticks_.push_back(tick);
        }
        return why;
    }

    RowWalker<CsvTradeRow> walker_;
    base::Scale tick_;
    base::Scale lot_;
    TradeOrder order_;
    std::vector<market::Tick> ticks_;
    std::optional<base::Error> error_;
};

// Judges every row, or those of the first run of lines.
Result<CsvSummary> summaryOf(RowWalker<CsvTradeRow>& walker, bool onlyFirst)
{
    CsvSummary summary;
    TradeOrder order;
    while (true) {
        const auto more = walker.step([&](const CsvTradeRow& row) {
            widen(summary.priceDecimals, row.price);
            widen(summary.sizeDecimals, row.size);
            note(summary, row.time);
            return order.take(row.time);
        });
        if (!more) {
            return std::unexpected(more.error());
        }
        if (!*more || onlyFirst) {
            summary.rows = walker.rows();
            return summary;
        }
    }
}

} // namespace

struct CsvTradesStream::State {
    TickRows rows;
};

CsvTradesStream::CsvTradesStream(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvTradesStream::CsvTradesStream(CsvTradesStream&&) noexcept = default;
CsvTradesStream& CsvTradesStream::operator=(CsvTradesStream&&) noexcept = default;
CsvTradesStream::~CsvTradesStream() = default;

Result<CsvTradesStream> CsvTradesStream::open(const std::string& path, base::Scale tick, base::Scale lot,
                                              CsvWatch watch)
{
    auto lines = CsvLines::open(path, false, std::move(watch));
    if (!lines) {
        return std::unexpected(lines.error());
    }
    return CsvTradesStream(std::make_unique<State>(State{TickRows(std::move(*lines), tick, lot)}));
}

Result<std::span<const market::Tick>> CsvTradesStream::next()
{
    return state_->rows.next();
}

Result<CsvSummary> CsvTradesReader::inspect(const CsvWatch& watch) const
{
    auto lines = CsvLines::open(path_, true, watch);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    RowWalker<CsvTradeRow> walker(std::move(*lines), tradesHeader);
    auto summary = summaryOf(walker, false);
    return summary ? Result<CsvSummary>(finished(std::move(*summary), walker)) : summary;
}

Result<CsvSummary> CsvTradesReader::peek() const
{
    auto lines = CsvLines::open(path_, false, {});
    if (!lines) {
        return std::unexpected(lines.error());
    }
    RowWalker<CsvTradeRow> walker(std::move(*lines), tradesHeader);
    return summaryOf(walker, true);
}

Result<CsvSummary> CsvTradesReader::read(base::Scale tick, base::Scale lot, const Sink& sink,
                                         const CsvWatch& watch) const
{
    auto lines = CsvLines::open(path_, true, watch);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    TickRows rows(std::move(*lines), tick, lot);
    CsvSummary summary{.priceDecimals = tick.decimals(), .sizeDecimals = lot.decimals()};
    while (true) {
        const auto ticks = rows.next();
        if (!ticks) {
            return std::unexpected(ticks.error());
        }
        if (ticks->empty()) {
            return finished(std::move(summary), rows.walker());
        }
        note(summary, ticks->front().time.value);
        note(summary, ticks->back().time.value);
        if (const auto taken = sink(*ticks); !taken) {
            return std::unexpected(taken.error());
        }
    }
}

Result<CsvSummary> CsvCandlesReader::inspect(const CsvWatch& watch) const
{
    auto lines = CsvLines::open(path_, true, watch);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    RowWalker<CsvCandleRow> walker(std::move(*lines), candlesHeader);
    CsvSummary summary;
    CandleOrder order{market::length(timeframe_).count()};
    while (true) {
        const auto more = walker.step([&](const CsvCandleRow& row) {
            for (const auto& price : row.prices) {
                widen(summary.priceDecimals, price);
            }
            widen(summary.sizeDecimals, row.volume);
            note(summary, row.time);
            return order.take(row.time);
        });
        if (!more) {
            return std::unexpected(more.error());
        }
        if (!*more) {
            return finished(std::move(summary), walker);
        }
    }
}

Result<std::int64_t> CsvCandlesReader::read(base::Scale tick, base::Scale lot, const Sink& sink,
                                            const CsvWatch& watch) const
{
    auto lines = CsvLines::open(path_, false, watch);
    if (!lines) {
        return std::unexpected(lines.error());
    }
    RowWalker<CsvCandleRow> walker(std::move(*lines), candlesHeader);
    CandleOrder order{market::length(timeframe_).count()};
    std::vector<market::Candle> candles;
    while (true) {
        candles.clear();
        const auto more = walker.step([&](const CsvCandleRow& row) {
            const char* why = order.take(row.time);
            market::Candle candle{.start = {row.time}};
            const std::array<market::Price*, 4> prices{&candle.open, &candle.high, &candle.low, &candle.close};
            for (std::size_t i = 0; i < prices.size() && why == nullptr; ++i) {
                (void)scaled(row.prices[i], tick, prices[i]->value, why);
            }
            if (why == nullptr && scaled(row.volume, lot, candle.volume.value, why)) {
                candles.push_back(candle);
            }
            return why;
        });
        if (!more) {
            return std::unexpected(more.error());
        }
        if (!candles.empty()) {
            if (const auto taken = sink(candles); !taken) {
                return std::unexpected(taken.error());
            }
        }
        if (!*more) {
            return walker.rows();
        }
    }
}

} // namespace qd::exchange
