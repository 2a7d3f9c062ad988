#include "storage/series_writer.h"
#include "storage/tick_archive.h"

namespace qd::storage {

using base::Result;

struct TickArchiveWriter::Impl {
    explicit Impl(Database& d) : database(d), ticks(d), quotes(d) {}
    Database& database;
    SeriesWriter<TickRows> ticks;
    SeriesWriter<QuoteRows> quotes;
};

TickArchiveWriter::TickArchiveWriter(Database& database) : impl_(std::make_unique<Impl>(database)) {}
TickArchiveWriter::~TickArchiveWriter() = default;

Result<void> TickArchiveWriter::append(InstrumentId instrument, std::span<const NumberedTick> ticks)
{
    const auto info = instrumentSeries(impl_->database, instrument);
    return info ? impl_->ticks.append(*info, ticks) : std::unexpected(info.error());
}

Result<void> TickArchiveWriter::insertIntoHole(InstrumentId instrument, std::span<const NumberedTick> ticks)
{
    const auto info = instrumentSeries(impl_->database, instrument);
    return info ? impl_->ticks.insertIntoHole(*info, ticks) : std::unexpected(info.error());
}

Result<bool> TickArchiveWriter::addLate(InstrumentId instrument, const NumberedTick& tick)
{
    const auto info = instrumentSeries(impl_->database, instrument);
    return info ? impl_->ticks.insert(*info, tick) : std::unexpected(info.error());
}

Result<void> TickArchiveWriter::appendQuotes(InstrumentId instrument, std::span<const NumberedQuote> quotes)
{
    const auto info = instrumentSeries(impl_->database, instrument);
    return info ? impl_->quotes.append(*info, quotes) : std::unexpected(info.error());
}

Result<void> TickArchiveWriter::seal()
{
    auto done = impl_->ticks.seal();
    return done ? impl_->quotes.seal() : done;
}

Result<void> TickArchiveWriter::reload()
{
    impl_->ticks.forget(); // read anew when next written to
    impl_->quotes.forget();
    return {};
}

} // namespace qd::storage
