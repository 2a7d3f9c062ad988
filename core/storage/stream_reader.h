// Replays one instrument's stream by number from blocks that lie in id order: ticks, late ticks, quotes, funding
// rates and gap marks. Internal to storage; within a ReadTransaction. Memory: the blocks whose number ranges overlap
// (one or two, but for late ticks, which wait alone) and one span of items.
#pragma once

#include "storage/block_table.h"
#include "storage/funding_store.h"

namespace qd::storage {

class StreamReader {
public:
    using Take = std::function<bool(std::vector<market::StreamItem>&)>; // may swap another vector in

    /// Items with numbers over `after`.
    StreamReader(Database& database, SeriesInfo info, std::int64_t after, MissingBlocks& missing);
    [[nodiscard]] base::Result<void> run(const Take& take);
    [[nodiscard]] std::uint64_t blocksDecoded() const { return blocksDecoded_; }

private:
    static constexpr std::size_t spanItems = 4'096;
    struct Gap {
        std::int64_t number = 0;
        market::GapMark mark;
    };

    [[nodiscard]] base::Result<void> open();
    [[nodiscard]] base::Result<void> readGaps();
    [[nodiscard]] base::Result<void> readNewestBefore();
    [[nodiscard]] base::Result<void> nameSetAside();
    [[nodiscard]] base::Result<void> loadTicks();
    void leaveOut(const BlockHead& head, std::string why);
    [[nodiscard]] base::Result<void> loadQuotes();
    /// The smallest number of what is no tick.
    [[nodiscard]] std::int64_t nextOther() const;
    /// Everything with a number under `limit`, in order. False: the taker has enough.
    [[nodiscard]] base::Result<bool> emitUntil(std::int64_t limit, const Take& take);
    [[nodiscard]] base::Result<bool> emitOthersUntil(std::int64_t limit, const Take& take);
    template <typename What>
    [[nodiscard]] bool add(std::int64_t number, const What& what, const Take& take)
    {
        span_.push_back({.instrument = {info_.series}, .number = {number}, .received = {}, .what = what});
        return span_.size() < spanItems || flush(take);
    }
    [[nodiscard]] bool flush(const Take& take);

    Database& database_;
    SeriesInfo info_;
    std::int64_t after_;
    MissingBlocks& missing_;
    BlockTable<TickRows> tickTable_;
    BlockTable<QuoteRows> quoteTable_;

    std::vector<BlockHead> tickHeads_; // by first number
    std::size_t nextTicks_ = 0;
    std::vector<NumberedTick> ticks_; // by number, from tickAt_ on
    std::size_t tickAt_ = 0;
    std::vector<NumberedTick> loaded_;

    std::vector<BlockHead> quoteHeads_;
    std::size_t nextQuotes_ = 0;
    std::vector<NumberedQuote> quotes_;
    std::size_t quoteAt_ = 0;

    std::vector<Gap> gaps_;
    std::size_t gapAt_ = 0;

    std::vector<NumberedFunding> fundings_; // a few a day
    std::size_t fundingAt_ = 0;

    std::int64_t newestId_ = INT64_MIN; // of the ticks with smaller numbers
    std::vector<market::StreamItem> span_;
    std::uint64_t blocksDecoded_ = 0;
};

} // namespace qd::storage
