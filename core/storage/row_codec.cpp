#include "storage/row_codec.h"

namespace qd::storage {

template <typename Rows>
base::Result<std::string> RowCodec<Rows>::encode(std::span<const Row> rows)
{
    for (auto& column : columns_) {
        column.resize(rows.size());
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto values = Rows::split(rows[i]);
        for (std::size_t c = 0; c < Rows::columns; ++c) {
            columns_[c][i] = values[c];
        }
    }
    return codec_.encode(columns_);
}

template <typename Rows>
base::Result<void> RowCodec<Rows>::decode(std::string_view bytes, std::vector<Row>& rows)
{
    const auto count = codec_.decode(bytes, columns_);
    if (!count) {
        return std::unexpected(count.error());
    }
    std::array<const std::int64_t*, Rows::columns> columns{};
    for (std::size_t c = 0; c < Rows::columns; ++c) {
        columns[c] = columns_[c].data();
    }
    rows.resize(*count);
    for (std::size_t i = 0; i < *count; ++i) {
        rows[i] = Rows::join(columns, i);
    }
    return {};
}

template class RowCodec<TickRows>;
template class RowCodec<QuoteRows>;
template class RowCodec<CandleRows>;

} // namespace qd::storage
