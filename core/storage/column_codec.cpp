#include "storage/column_codec.h"

#include "storage/residual_symbols.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include <zstd.h>

namespace qd::storage {

using base::ErrorCode;
using base::Result;

namespace {

constexpr std::uint8_t formatVersion = 1;
constexpr int zstdLevel = 3;

// --- columns -> streams ----------------------------------------------------------------------------------------------

enum class Signs : std::uint8_t { None, Zigzag, Apart };

struct ColumnHead {
    unsigned order = 0; // of differences
    Signs signs = Signs::None;
    bool isConstant = false; // every residual is the one in the head
};

struct ColumnStreams {
    ColumnHead head;
    std::uint64_t constant = 0;
    std::array<std::uint64_t, 2> seeds{}; // what the differences start from
    std::string symbols;
    std::string extra;
    std::string signs;
};

constexpr std::uint64_t zigzag(std::uint64_t v)
{
    return (v << 1) ^ (0 - (v >> 63));
}
constexpr std::uint64_t unzigzag(std::uint64_t v)
{
    return (v >> 1) ^ (0 - (v & 1));
}

/// Differences of order `order` from row `order` on; arithmetic wraps, so any values survive.
void differences(std::span<const std::int64_t> values, unsigned order, std::vector<std::uint64_t>& out)
{
    out.clear();
    if (values.size() <= order) {
        return;
    }
    out.resize(values.size() - order);
    const auto at = [values](std::size_t i) { return static_cast<std::uint64_t>(values[i]); };
    if (order == 0) {
        std::ranges::transform(values, out.begin(), [](std::int64_t v) { return static_cast<std::uint64_t>(v); });
    } else if (order == 1) {
        for (std::size_t i = 1; i < values.size(); ++i) {
            out[i - 1] = at(i) - at(i - 1);
        }
    } else {
        for (std::size_t i = 2; i < values.size(); ++i) {
            out[i - 2] = at(i) - 2 * at(i - 1) + at(i - 2);
        }
    }
}

/// A cheap measure of how long the residuals are, over a sample of the column.
unsigned bestOrder(std::span<const std::int64_t> values, std::vector<std::uint64_t>& scratch)
{
    const auto sample = std::min<std::size_t>(values.size(), 1'024);
    const std::array parts{values.first(sample), values.subspan((values.size() - sample) / 2, sample)};
    unsigned best = 0;
    std::uint64_t bestCost = UINT64_MAX;
    for (unsigned order = 0; order <= 2; ++order) {
        std::uint64_t cost = 0;
        for (const auto part : parts) {
            differences(part, order, scratch);
            for (const auto residual : scratch) {
                cost += static_cast<std::uint64_t>(std::bit_width(zigzag(residual)));
            }
        }
        if (cost < bestCost) {
            bestCost = cost;
            best = order;
        }
    }
    return best;
}

void putSigns(std::span<const std::uint64_t> residuals, std::string& out)
{
    BitWriter writer(out, residuals.size());
    std::uint64_t before = 0;
    for (const auto residual : residuals) { // a change of sign is rarer than a sign
        const auto sign = residual >> 63;
        writer.put(sign ^ before, 1);
        before = sign;
    }
    writer.finish();
}

/// The residuals, whose signs are in none of them or kept apart, as symbols and extra bits. Uses `residuals` up.
void putSymbols(std::vector<std::uint64_t>& residuals, ColumnStreams& out)
{
    if (out.head.signs == Signs::Zigzag) {
        std::ranges::transform(residuals, residuals.begin(), zigzag);
    } else if (out.head.signs == Signs::Apart) {
        std::ranges::transform(residuals, residuals.begin(),
                               [](std::uint64_t r) { return (r >> 63) != 0 ? 0 - r : r; });
    }
    out.symbols.resize(residuals.size());
    std::size_t extraBits = 0;
    for (std::size_t i = 0; i < residuals.size(); ++i) {
        const auto symbol = symbolOf(residuals[i]);
        out.symbols[i] = static_cast<char>(symbol.code);
        extraBits += symbol.extraBits;
    }
    BitWriter writer(out.extra, extraBits);
    for (std::size_t i = 0; i < residuals.size(); ++i) {
        const auto code = static_cast<std::uint8_t>(out.symbols[i]);
        writer.put(residuals[i] - symbols.base[code], symbols.bits[code]);
    }
    writer.finish();
}

void makeStreams(std::span<const std::int64_t> values, std::vector<std::uint64_t>& residuals, ColumnStreams& out)
{
    out.symbols.clear();
    out.extra.clear();
    out.signs.clear();
    out.seeds = {};
    out.head = {.order = bestOrder(values, residuals)};
    for (std::size_t i = 0; i < std::min<std::size_t>(out.head.order, values.size()); ++i) {
        out.seeds[i] = static_cast<std::uint64_t>(values[i]);
    }
    differences(values, out.head.order, residuals);
    out.head.isConstant =
        residuals.empty() || std::ranges::all_of(residuals, [&](auto r) { return r == residuals[0]; });
    if (out.head.isConstant) {
        out.constant = residuals.empty() ? 0 : residuals[0];
        return;
    }
    if (std::ranges::any_of(residuals, [](auto r) { return (r >> 63) != 0; })) {
        out.head.signs = out.head.order == 0 ? Signs::Apart : Signs::Zigzag;
    }
    if (out.head.signs == Signs::Apart) {
        putSigns(residuals, out.signs);
    }
    putSymbols(residuals, out);
}

// --- heads -----------------------------------------------------------------------------------------------------------

void putVarint(std::uint64_t value, std::string& out)
{
    while (value >= 128) {
        out.push_back(static_cast<char>(value | 128U));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

struct HeadReader {
    std::string_view rest;
    bool failed = false;

    std::uint64_t byte()
    {
        if (rest.empty()) {
            failed = true;
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(1);
        return value;
    }
    std::uint64_t varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 70; shift += 7) {
            const auto next = byte();
            if (shift == 63 && next > 1) {
                break;
            }
            value |= (next & 127U) << shift;
            if (next < 128) {
                return value;
            }
        }
        failed = true;
        return 0;
    }
};

void putHead(const ColumnStreams& column, std::string& out)
{
    out.push_back(static_cast<char>(column.head.order | static_cast<unsigned>(column.head.signs) << 2U |
                                    (column.head.isConstant ? 16U : 0U)));
    for (unsigned i = 0; i < column.head.order; ++i) {
        putVarint(zigzag(column.seeds[i]), out);
    }
    if (column.head.isConstant) {
        putVarint(zigzag(column.constant), out);
    } else {
        putVarint(column.extra.size(), out);
    }
}

// --- streams -> columns ----------------------------------------------------------------------------------------------

struct ColumnSource {
    ColumnHead head;
    std::uint64_t constant = 0;
    std::array<std::uint64_t, 2> seeds{};
    std::size_t residuals = 0;
    std::size_t extraSize = 0;
    std::string_view symbols; // all three lie in a buffer with slack behind them
    std::string_view extra;
    std::string_view signs;
};

bool getHead(HeadReader& in, std::size_t rows, ColumnSource& out)
{
    const auto flags = in.byte();
    out.head = {.order = static_cast<unsigned>(flags & 3U),
                .signs = static_cast<Signs>((flags >> 2U) & 3U),
                .isConstant = (flags & 16U) != 0};
    if (flags > 31 || out.head.order > 2 || ((flags >> 2U) & 3U) > 2) {
        return false;
    }
    for (unsigned i = 0; i < out.head.order; ++i) {
        out.seeds[i] = unzigzag(in.varint());
    }
    out.residuals = rows > out.head.order ? rows - out.head.order : 0;
    if (out.head.isConstant) {
        out.constant = unzigzag(in.varint());
    } else {
        out.extraSize = in.varint();
    }
    return !in.failed;
}

bool takeStreams(std::string_view& rest, ColumnSource& column)
{
    if (column.head.isConstant) {
        return true;
    }
    const auto signBytes = column.head.signs == Signs::Apart ? (column.residuals + 7) / 8 : 0;
    if (column.residuals > rest.size() || column.extraSize > rest.size() - column.residuals ||
        signBytes > rest.size() - column.residuals - column.extraSize) {
        return false;
    }
    column.symbols = rest.substr(0, column.residuals);
    column.extra = rest.substr(column.residuals, column.extraSize);
    column.signs = rest.substr(column.residuals + column.extraSize, signBytes);
    rest.remove_prefix(column.residuals + column.extraSize + signBytes);
    return true;
}

/// The residuals as they were before symbols, into `out`. False: an illegal symbol, or more or fewer extra bits than
/// there are.
bool readResiduals(const ColumnSource& column, std::uint64_t* out)
{
    const auto* codes = reinterpret_cast<const std::uint8_t*>(column.symbols.data());
    const auto* extra = reinterpret_cast<const std::uint8_t*>(column.extra.data());
    const std::size_t end = column.extra.size() * 8;
    std::size_t at = 0;
    for (std::size_t i = 0; i < column.residuals; ++i) {
        const unsigned code = codes[i];
        const unsigned bits = symbols.bits[code];
        if (bits > end - at) [[unlikely]] {
            return false;
        }
        std::uint64_t word = 0;
        std::memcpy(&word, extra + (at >> 3U), sizeof word); // slack makes this legal at the very end
        auto value = word >> (at & 7U);
        if (bits > 56) [[unlikely]] {
            if (bits == SymbolTable::illegal) {
                return false;
            }
            std::uint64_t high = 0;
            std::memcpy(&high, extra + ((at + 32) >> 3U), sizeof high);
            value = (value & 0xffffffffULL) | (high >> (at & 7U)) << 32U;
        }
        at += bits;
        out[i] = symbols.base[code] + (value & symbols.mask[code]);
    }
    return end - at < 8;
}

void applySigns(const ColumnSource& column, std::uint64_t* residuals)
{
    std::uint64_t negative = 0;
    for (std::size_t i = 0; i < column.residuals; ++i) {
        negative ^= static_cast<std::uint64_t>(static_cast<std::uint8_t>(column.signs[i >> 3U]) >> (i & 7U)) & 1U;
        residuals[i] = (residuals[i] ^ (0 - negative)) + negative;
    }
}

/// Sums the residuals up in place; `out` has the seeds' places in front. `real` makes a residual of what is there.
template <typename Real>
void integrate(const ColumnSource& column, std::span<std::int64_t> out, Real real)
{
    const auto order = column.head.order;
    for (std::size_t i = 0; i < std::min<std::size_t>(order, out.size()); ++i) {
        out[i] = static_cast<std::int64_t>(column.seeds[i]);
    }
    const auto residual = [&](std::size_t i) { return real(static_cast<std::uint64_t>(out[i])); };
    if (order == 0) {
        for (std::size_t i = 0; i < out.size(); ++i) {
            out[i] = static_cast<std::int64_t>(residual(i));
        }
    } else if (order == 1) {
        auto value = column.seeds[0];
        for (std::size_t i = 1; i < out.size(); ++i) {
            value += residual(i);
            out[i] = static_cast<std::int64_t>(value);
        }
    } else {
        auto value = column.seeds[1];
        auto slope = column.seeds[1] - column.seeds[0];
        for (std::size_t i = 2; i < out.size(); ++i) {
            slope += residual(i);
            value += slope;
            out[i] = static_cast<std::int64_t>(value);
        }
    }
}

std::unexpected<base::Error> damaged(std::string what)
{
    return base::fail(ErrorCode::Damaged, "", std::move(what));
}

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

} // namespace

struct ColumnCodec::Impl {
    std::unique_ptr<ZSTD_CCtx, FreeContext> compressor;
    std::unique_ptr<ZSTD_DCtx, FreeContext> decompressor{ZSTD_createDCtx()};
    std::vector<ColumnStreams> streams;
    std::vector<std::uint64_t> residuals;
    std::vector<ColumnSource> sources;
    std::string content;

    /// Adds one piece of the frame; each flushed piece is coded with its own frequencies.
    Result<void> compress(std::string_view piece, ZSTD_EndDirective end, std::string& out)
    {
        ZSTD_inBuffer in{piece.data(), piece.size(), 0};
        const auto before = out.size();
        out.resize(before + ZSTD_compressBound(piece.size()) + 64);
        ZSTD_outBuffer to{out.data(), out.size(), before};
        const auto left = ZSTD_compressStream2(compressor.get(), &to, &in, end);
        out.resize(to.pos);
        if (ZSTD_isError(left) != 0 || left != 0) {
            return base::fail(ErrorCode::Internal, "",
                              ZSTD_isError(left) != 0 ? ZSTD_getErrorName(left) : "zstd: no room");
        }
        return {};
    }

    Result<std::string_view> decompress(std::string_view bytes)
    {
        const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
        if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > mostRows * mostColumns * 10) {
            return damaged("not a frame of ours");
        }
        if (content.size() < size + slack) {
            content.resize(size + slack);
        }
        const auto got = ZSTD_decompressDCtx(decompressor.get(), content.data(), size, bytes.data(), bytes.size());
        if (ZSTD_isError(got) != 0) {
            return damaged(ZSTD_getErrorName(got)); // a wrong checksum among others
        }
        return std::string_view(content).substr(0, got);
    }
};

ColumnCodec::ColumnCodec() : impl_(std::make_unique<Impl>()) {}
ColumnCodec::~ColumnCodec() = default;
ColumnCodec::ColumnCodec(ColumnCodec&&) noexcept = default;
ColumnCodec& ColumnCodec::operator=(ColumnCodec&&) noexcept = default;

Result<std::string> ColumnCodec::encode(std::span<const std::vector<std::int64_t>> columns)
{
    const auto rows = columns.empty() ? 0 : columns.front().size();
    if (rows > mostRows || columns.size() > mostColumns ||
        std::ranges::any_of(columns, [rows](const auto& column) { return column.size() != rows; })) {
        return base::fail(ErrorCode::Internal, "", "columns that a block cannot hold");
    }
    auto& work = *impl_;
    if (work.compressor == nullptr) {
        work.compressor.reset(ZSTD_createCCtx());
        ZSTD_CCtx_setParameter(work.compressor.get(), ZSTD_c_compressionLevel, zstdLevel);
        ZSTD_CCtx_setParameter(work.compressor.get(), ZSTD_c_checksumFlag, 1);
    }
    work.streams.resize(columns.size());
    std::string head{static_cast<char>(formatVersion), static_cast<char>(columns.size())};
    putVarint(rows, head);
    std::size_t total = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        auto& streams = work.streams[i];
        makeStreams(columns[i], work.residuals, streams);
        putHead(streams, head);
        total += streams.symbols.size() + streams.extra.size() + streams.signs.size();
    }
    ZSTD_CCtx_reset(work.compressor.get(), ZSTD_reset_session_only);
    ZSTD_CCtx_setPledgedSrcSize(work.compressor.get(), head.size() + total);
    // Small ones gain nothing from blocks of their own, and pay for their heads.
    const auto between = total < 1'024 ? ZSTD_e_continue : ZSTD_e_flush;
    std::string out;
    std::string together = std::move(head);
    const auto add = [&](std::string_view piece) -> Result<void> {
        if (between == ZSTD_e_continue) {
            together += piece;
            return {};
        }
        return piece.empty() ? Result<void>{} : work.compress(piece, between, out);
    };
    if (between == ZSTD_e_flush) {
        if (auto done = work.compress(together, between, out); !done) {
            return std::unexpected(done.error());
        }
        together.clear();
    }
    for (const auto& streams : work.streams) {
        for (const auto* piece : {&streams.symbols, &streams.extra, &streams.signs}) {
            if (auto done = add(*piece); !done) {
                return std::unexpected(done.error());
            }
        }
    }
    if (auto done = work.compress(together, ZSTD_e_end, out); !done) {
        return std::unexpected(done.error());
    }
    return out;
}

Result<std::size_t> ColumnCodec::decode(std::string_view bytes, std::span<std::vector<std::int64_t>> columns)
{
    auto& work = *impl_;
    const auto content = work.decompress(bytes);
    if (!content) {
        return std::unexpected(content.error());
    }
    HeadReader in{*content};
    const auto version = in.byte();
    const auto count = in.byte();
    const auto rows = in.varint();
    if (in.failed || version != formatVersion || (!columns.empty() && count != columns.size()) || rows > mostRows) {
        return damaged("format " + std::to_string(version) + ", " + std::to_string(count) + " columns");
    }
    work.sources.assign(columns.size(), {});
    for (auto& source : work.sources) {
        if (!getHead(in, rows, source)) {
            return damaged("a column's head");
        }
    }
    for (auto& source : work.sources) {
        if (!takeStreams(in.rest, source)) {
            return damaged("a column is cut short");
        }
    }
    if (!columns.empty() && !in.rest.empty()) {
        return damaged("bytes are left over");
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& source = work.sources[i];
        auto& column = columns[i];
        column.resize(rows);
        auto* residuals = reinterpret_cast<std::uint64_t*>(column.data()) + (rows - source.residuals);
        if (source.head.isConstant) {
            std::fill_n(residuals, source.residuals, source.constant);
        } else {
            if (!readResiduals(source, residuals)) {
                return damaged("column " + std::to_string(i) + " has other bits than its symbols want");
            }
            if (source.head.signs == Signs::Apart) {
                applySigns(source, residuals);
            }
        }
        if (source.head.signs == Signs::Zigzag && !source.head.isConstant) {
            integrate(source, column, [](std::uint64_t residual) { return unzigzag(residual); });
        } else if (source.head.order > 0) {
            integrate(source, column, [](std::uint64_t residual) { return residual; });
        }
    }
    return rows;
}

} // namespace qd::storage
