// Blocks of the archive and saved state of paper: damaged bytes are refused or decode to something whole; never a
// crash.
#include "base/policy.h"
#include "fuzz/fuzz.h"
#include "storage/column_codec.h"
#include "trading/trading_pipeline.h"

#include <random>

namespace qd::fuzz {

namespace {

constexpr std::size_t columns = 5;

std::string block(std::size_t rows, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::vector<std::vector<std::int64_t>> data(columns);
    for (std::size_t i = 0; i < rows; ++i) {
        for (std::size_t column = 0; column < columns; ++column) {
            data[column].push_back(static_cast<std::int64_t>(i * column + random() % (1ULL << (column * 8 + 1))));
        }
    }
    return storage::ColumnCodec().encode(data).value();
}

market::Instrument instrument()
{
    market::Instrument made;
    made.id = {1};
    made.name = "BTC-USDT";
    made.tick = base::Scale::ofDecimals(1);
    made.lot = base::Scale::ofDecimals(1);
    made.contractValue = {1, -3};
    return made;
}

std::string savedState()
{
    trading::TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument());
    trading::LedgerEvents events;
    for (std::int64_t i = 1; i <= 400; ++i) {
        pipeline.feed({{1}, {i}, {}, market::Tick{i, {i * 30'000}, {300'000 + (i * 37) % 400}, i % 2 == 0 ? 3 : -2}},
                      events);
    }
    return pipeline.save({1});
}

} // namespace

std::vector<std::string> seeds()
{
    return {block(0, 1), block(1, 2), block(100, 3), block(2'000, 4), savedState()};
}

void feed(std::string_view input)
{
    static storage::ColumnCodec codec;
    std::vector<std::vector<std::int64_t>> data(columns);
    if (const auto rows = codec.decode(input, data)) {
        for (const auto& column : data) {
            expect(column.size() == *rows, "columns are of one length");
        }
    }
    trading::TradingPipeline pipeline(base::defaultPaperPolicy());
    pipeline.addInstrument(instrument());
    if (pipeline.restore({1}, std::string(input))) {
        expect(pipeline.save({1}).size() == input.size(), "a state that is taken saves as many bytes as it has");
    } else {
        expect(pipeline.fed({1}).value == 0, "a state that is refused leaves the instrument as new");
    }
}

} // namespace qd::fuzz
