#include "exchange/loopback_source.h"

#include <algorithm>

namespace qd::exchange {

using base::Result;

Result<std::unique_ptr<RecordedSource>> RecordedSource::open(const std::vector<RecordedTrades>& files, bool waits)
{
    std::unique_ptr<RecordedSource> source(new RecordedSource(waits));
    for (const auto& recorded : files) {
        auto stream = CsvTradesStream::open(recorded.path, recorded.instrument.tick, recorded.instrument.lot);
        if (!stream) {
            return std::unexpected(stream.error());
        }
        source->files_.push_back({.stream = std::move(*stream), .ticks = {}});
        if (const auto filled = refill(source->files_.back()); !filled) {
            return std::unexpected(filled.error());
        }
    }
    source->pick();
    return source;
}

Result<void> RecordedSource::refill(File& file)
{
    const auto block = file.stream.next();
    file.at = 0;
    if (!block) {
        file.isOver = true;
        return std::unexpected(block.error());
    }
    file.ticks.assign(block->begin(), block->end());
    file.isOver = file.ticks.empty();
    return {};
}

void RecordedSource::pick()
{
    nextFile_.reset();
    for (std::uint32_t i = 0; i < files_.size(); ++i) {
        const auto& file = files_[i];
        if (file.isOver || (waits_ && !file.isWanted)) {
            continue;
        }
        if (!nextFile_ || file.ticks[file.at].time < files_[*nextFile_].ticks[files_[*nextFile_].at].time) {
            nextFile_ = i;
        }
    }
}

base::UtcMs RecordedSource::firstTime() const
{
    base::UtcMs first{INT64_MAX};
    for (const auto& file : files_) {
        first = std::min(first, file.ticks.front().time);
    }
    return first;
}

std::optional<base::UtcMs> RecordedSource::nextTime() const
{
    if (pendingQuote_) {
        return pendingQuote_->quote.time;
    }
    if (!nextFile_) {
        return std::nullopt;
    }
    const auto& file = files_[*nextFile_];
    return file.ticks[file.at].time + shift_;
}

bool RecordedSource::isOver() const
{
    return !pendingQuote_ && std::all_of(files_.begin(), files_.end(), [](const File& file) { return file.isOver; });
}

void RecordedSource::setWanted(std::uint32_t index, bool isWanted)
{
    files_[index].isWanted = isWanted;
    pick();
}

Result<SimulatedEvent> RecordedSource::next()
{
    if (pendingQuote_) {
        const auto event = *pendingQuote_;
        pendingQuote_.reset();
        return event;
    }
    auto& file = files_[*nextFile_];
    SimulatedEvent event{.index = *nextFile_, .isTrade = true, .tick = file.ticks[file.at++], .quote = {}};
    event.tick.time = event.tick.time + shift_;
    event.tick.id += shift_.count() << 20;
    noteQuote(event.tick);
    Result<void> filled;
    if (file.at == file.ticks.size()) {
        filled = refill(file);
    }
    pick();
    return filled ? Result<SimulatedEvent>(event) : std::unexpected(filled.error());
}

void RecordedSource::noteQuote(const market::Tick& tick)
{
    auto& file = files_[*nextFile_];
    const bool isBuy = tick.aggressor() == market::Side::Buy;
    (isBuy ? file.lastBuy : file.lastSell) = tick.price;
    if (tick.time - file.quotedAt < base::Millis{1'000}) {
        return;
    }
    file.quotedAt = tick.time;
    const market::Price step{1};
    auto bid = file.lastSell;
    auto ask = file.lastBuy;
    if (isBuy && (bid.value == 0 || bid >= ask)) {
        bid = ask - step;
    } else if (!isBuy && (ask.value == 0 || ask <= bid)) {
        ask = bid + step;
    }
    if (bid.value > 0) {
        pendingQuote_ = SimulatedEvent{
            .index = *nextFile_,
            .isTrade = false,
            .tick = {},
            .quote = {.time = tick.time, .bid = bid, .ask = ask, .bidSize = tick.size(), .askSize = tick.size()}};
    }
}

} // namespace qd::exchange
