// What the archive's three kinds of rows have in common: a growing key, a time, a stream number, and columns of whole
// numbers that a block is made of. Pure but for the codec's buffers; one thread an object.
#pragma once

#include "market/candle.h"
#include "storage/column_codec.h"
#include "storage/scale_change.h"
#include "storage/tick_archive.h"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

struct TickRows {
    using Row = NumberedTick;
    static constexpr std::size_t columns = 5;
    static constexpr std::size_t blockRows = 16'384;
    static constexpr std::string_view what = "ticks";
    static constexpr std::string_view blocks = "tick_blocks";
    static constexpr std::string_view tails = "tick_tails";
    static constexpr std::string_view series = "instrument"; // column that tells series apart

    static std::int64_t key(const Row& r) { return r.tick.id; }
    static std::int64_t time(const Row& r) { return r.tick.time.value; }
    static std::int64_t number(const Row& r) { return r.number.value; }
    static std::array<std::int64_t, columns> split(const Row& r)
    {
        return {r.number.value, r.tick.id, r.tick.time.value, r.tick.price.value, r.tick.signedSize};
    }
    static Row join(const std::array<const std::int64_t*, columns>& c, std::size_t i)
    {
        return {{c[0][i]}, {.id = c[1][i], .time = {c[2][i]}, .price = {c[3][i]}, .signedSize = c[4][i]}};
    }
    static bool rescale(Row& r, const ScaleChange& change)
    {
        return change.toPrice(r.tick.price.value) && change.toSize(r.tick.signedSize);
    }
};

struct QuoteRows {
    using Row = NumberedQuote;
    static constexpr std::size_t columns = 6;
    static constexpr std::size_t blockRows = 16'384;
    static constexpr std::string_view what = "quotes";
    static constexpr std::string_view blocks = "quote_blocks";
    static constexpr std::string_view tails = "quote_tails";
    static constexpr std::string_view series = "instrument";

    static std::int64_t key(const Row& r) { return r.number.value; }
    static std::int64_t time(const Row& r) { return r.quote.time.value; }
    static std::int64_t number(const Row& r) { return r.number.value; }
    /// The spread and not the ask: it hardly changes. Wraps for absurd prices, and unwraps again.
    static std::array<std::int64_t, columns> split(const Row& r)
    {
        const auto& q = r.quote;
        return {r.number.value,  q.time.value,   q.bid.value, minus(q.ask.value, q.bid.value),
                q.bidSize.value, q.askSize.value};
    }
    static Row join(const std::array<const std::int64_t*, columns>& c, std::size_t i)
    {
        return {{c[0][i]},
                {.time = {c[1][i]},
                 .bid = {c[2][i]},
                 .ask = {plus(c[3][i], c[2][i])},
                 .bidSize = {c[4][i]},
                 .askSize = {c[5][i]}}};
    }
    static bool rescale(Row& r, const ScaleChange& change)
    {
        auto& q = r.quote;
        return change.toPrice(q.bid.value) && change.toPrice(q.ask.value) && change.toSize(q.bidSize.value) &&
               change.toSize(q.askSize.value);
    }
    static std::int64_t plus(std::int64_t a, std::int64_t b)
    {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
    }
    static std::int64_t minus(std::int64_t a, std::int64_t b)
    {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
    }
};

struct CandleRows {
    using Row = market::Candle;
    static constexpr std::size_t columns = 9;
    static constexpr std::size_t blockRows = 4'096;
    static constexpr std::string_view what = "candles";
    static constexpr std::string_view blocks = "candle_blocks";
    static constexpr std::string_view tails = "candle_tails";
    static constexpr std::string_view series = "series";

    static std::int64_t key(const Row& r) { return r.start.value; }
    static std::int64_t time(const Row& r) { return r.start.value; }
    static std::int64_t number(const Row& /*r*/) { return 0; }
    /// Open, high, low and close as distances from what they are close to.
    static std::array<std::int64_t, columns> split(const Row& r)
    {
        using Q = QuoteRows;
        return {r.start.value,
                r.close.value,
                Q::minus(r.open.value, r.close.value),
                Q::minus(r.high.value, r.close.value),
                Q::minus(r.low.value, r.close.value),
                r.volume.value,
                r.buyVolume,
                r.trades,
                r.hasGap ? 1 : 0};
    }
    static Row join(const std::array<const std::int64_t*, columns>& c, std::size_t i)
    {
        using Q = QuoteRows;
        const auto close = c[1][i];
        return {.start = {c[0][i]},
                .open = {Q::plus(c[2][i], close)},
                .high = {Q::plus(c[3][i], close)},
                .low = {Q::plus(c[4][i], close)},
                .close = {close},
                .volume = {c[5][i]},
                .buyVolume = c[6][i],
                .trades = static_cast<std::int32_t>(c[7][i]),
                .hasGap = c[8][i] != 0};
    }
    static bool rescale(Row& r, const ScaleChange& change)
    {
        return change.toPrice(r.open.value) && change.toPrice(r.high.value) && change.toPrice(r.low.value) &&
               change.toPrice(r.close.value) && change.toSize(r.volume.value) && change.toSize(r.buyVolume);
    }
};

template <typename Rows>
class RowCodec {
public:
    using Row = typename Rows::Row;
    [[nodiscard]] base::Result<std::string> encode(std::span<const Row> rows);
    /// Replaces `rows`.
    /// How many decode() would answer; only their checksum is read.
    [[nodiscard]] base::Result<std::size_t> count(std::string_view bytes) { return codec_.decode(bytes, {}); }
    [[nodiscard]] base::Result<void> decode(std::string_view bytes, std::vector<Row>& rows);

private:
    ColumnCodec codec_;
    std::array<std::vector<std::int64_t>, Rows::columns> columns_;
};

extern template class RowCodec<TickRows>;
extern template class RowCodec<QuoteRows>;
extern template class RowCodec<CandleRows>;

} // namespace qd::storage
