// Columns of whole numbers to bytes and back, exactly, for any values. Pure but for its buffers; one thread an object.
// Each column becomes residuals (values, differences or differences of differences, whichever are shortest). Each
// residual is a symbol, exact under 128 and else its leading bits, and the rest of its bits, packed. Symbols of a
// column form a block of their own in one zstd frame, so that each is coded by its own frequencies; the frame ends with
// zstd's checksum over everything. Bytes that encode() did not make are Damaged, never read beyond.
#pragma once

#include "base/error.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qd::storage {

class ColumnCodec {
public:
    static constexpr std::size_t mostRows = 1U << 20;
    static constexpr std::size_t mostColumns = 32;

    ColumnCodec();
    ~ColumnCodec();
    ColumnCodec(ColumnCodec&&) noexcept;
    ColumnCodec& operator=(ColumnCodec&&) noexcept;

    /// Requires columns of one length, at most mostRows, and at most mostColumns of them.
    [[nodiscard]] base::Result<std::string> encode(std::span<const std::vector<std::int64_t>> columns);
    /// Fills `columns`, as many as there are; another number of columns in the bytes is Damaged. Answers the rows.
    /// No `columns` at all: only how many rows there are, by the frame's checksum and head.
    [[nodiscard]] base::Result<std::size_t> decode(std::string_view bytes,
                                                   std::span<std::vector<std::int64_t>> columns);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::storage
