#include "storage/stream_reader.h"

#include "storage/gap_store.h"

#include <algorithm>

namespace qd::storage {

using base::Result;

namespace {

bool byNumber(const NumberedTick& a, const NumberedTick& b)
{
    return a.number < b.number;
}

} // namespace

StreamReader::StreamReader(Database& database, SeriesInfo info, std::int64_t after, MissingBlocks& missing)
    : database_(database),
      info_(std::move(info)),
      after_(after),
      missing_(missing),
      tickTable_(database),
      quoteTable_(database)
{
    span_.reserve(spanItems);
}

Result<void> StreamReader::open()
{
    auto ticks = tickTable_.heads(info_.series, {.afterNumber = after_});
    auto quotes = quoteTable_.heads(info_.series, {.afterNumber = after_});
    if (!ticks || !quotes) {
        return std::unexpected(!ticks ? ticks.error() : quotes.error());
    }
    tickHeads_ = std::move(*ticks);
    quoteHeads_ = std::move(*quotes);
    auto fundings = FundingStore(database_).read({info_.series}, {after_});
    if (!fundings) {
        return std::unexpected(fundings.error());
    }
    fundings_ = std::move(*fundings);
    std::ranges::sort(tickHeads_, {}, &BlockHead::firstNumber);
    std::ranges::sort(quoteHeads_, {}, &BlockHead::firstNumber);
    if (auto read = readGaps(); !read) {
        return read;
    }
    if (auto named = nameSetAside(); !named) {
        return named;
    }
    return readNewestBefore();
}

Result<void> StreamReader::nameSetAside()
{
    auto named = tickTable_.addSetAside(info_, {.afterNumber = after_}, missing_);
    return named ? quoteTable_.addSetAside(info_, {.afterNumber = after_}, missing_) : named;
}

/// A gap mark stands for a block of ticks that cannot be read, at the number of its first tick, as the gap row does of
/// one that was set aside.
void StreamReader::leaveOut(const BlockHead& head, std::string why)
{
    missing_.add(tickTable_.missingOf(info_, head, std::move(why)));
    newestId_ = std::max(newestId_, head.lastKey);
    const Gap gap{std::max(head.firstNumber, after_ + 1), {.from = {head.minTime}, .cause = market::GapCause::Disk}};
    const auto place = std::ranges::upper_bound(gaps_.begin() + static_cast<std::ptrdiff_t>(gapAt_), gaps_.end(),
                                                gap.number, {}, &Gap::number);
    gaps_.insert(place, gap);
}

Result<void> StreamReader::readGaps()
{
    auto statement = database_.prepare(
        "SELECT number,from_time,cause FROM gaps WHERE instrument=? AND number>? AND is_marked=1 ORDER BY number");
    if (!statement) {
        return std::unexpected(statement.error());
    }
    statement->bind(0, info_.series).bind(1, after_);
    while (true) {
        const auto row = statement->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            return {};
        }
        const auto cause = gapCauseOf(statement->text(2));
        if (!cause) {
            return std::unexpected(cause.error());
        }
        gaps_.push_back({statement->integer(0), {.from = {statement->integer(1)}, .cause = *cause}});
    }
}

/// The newest id of the blocks that are not read at all because their numbers are all at or before `after`.
Result<void> StreamReader::readNewestBefore()
{
    for (const std::string table : {"tick_blocks INDEXED BY tick_blocks_heads", "tick_tails"}) {
        auto statement =
            database_.prepare("SELECT max(last_key) FROM " + table + " WHERE instrument=? AND last_number<=?");
        if (!statement) {
            return std::unexpected(statement.error());
        }
        const auto row = statement->bind(0, info_.series).bind(1, after_).step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (*row && !statement->isNull(0)) {
            newestId_ = std::max(newestId_, statement->integer(0));
        }
    }
    return {};
}

Result<void> StreamReader::loadTicks()
{
    ++blocksDecoded_;
    const auto& head = tickHeads_[nextTicks_++];
    if (auto loaded = tickTable_.load(info_, head, loaded_); !loaded) {
        if (loaded.error().code != base::ErrorCode::Damaged) {
            return loaded;
        }
        leaveOut(head, loaded.error().detail);
        return {};
    }
    if (!std::ranges::is_sorted(loaded_, byNumber)) {
        std::ranges::sort(loaded_, byNumber);
    }
    auto first = loaded_.begin();
    for (; first != loaded_.end() && first->number.value <= after_; ++first) {
        newestId_ = std::max(newestId_, first->tick.id);
    }
    ticks_.erase(ticks_.begin(), ticks_.begin() + static_cast<std::ptrdiff_t>(tickAt_));
    tickAt_ = 0;
    if (ticks_.empty() && first == loaded_.begin()) {
        ticks_.swap(loaded_);
        return {};
    }
    const auto before = static_cast<std::ptrdiff_t>(ticks_.size());
    ticks_.insert(ticks_.end(), first, loaded_.end());
    std::ranges::inplace_merge(ticks_, ticks_.begin() + before, byNumber);
    return {};
}

Result<void> StreamReader::loadQuotes()
{
    ++blocksDecoded_;
    quoteAt_ = 0;
    const auto& head = quoteHeads_[nextQuotes_++];
    if (auto loaded = quoteTable_.load(info_, head, quotes_); !loaded) {
        quotes_.clear();
        if (loaded.error().code != base::ErrorCode::Damaged) {
            return loaded;
        }
        missing_.add(quoteTable_.missingOf(info_, head, loaded.error().detail));
        return {};
    }
    while (quoteAt_ < quotes_.size() && quotes_[quoteAt_].number.value <= after_) {
        ++quoteAt_;
    }
    return {};
}

bool StreamReader::flush(const Take& take)
{
    const bool goesOn = span_.empty() || take(span_);
    span_.clear();
    return goesOn;
}

std::int64_t StreamReader::nextOther() const
{
    const auto quote = quoteAt_ < quotes_.size()          ? quotes_[quoteAt_].number.value
                       : nextQuotes_ < quoteHeads_.size() ? quoteHeads_[nextQuotes_].firstNumber
                                                          : INT64_MAX;
    const auto gap = gapAt_ < gaps_.size() ? gaps_[gapAt_].number : INT64_MAX;
    const auto funding = fundingAt_ < fundings_.size() ? fundings_[fundingAt_].number.value : INT64_MAX;
    return std::min({quote, gap, funding});
}

/// Quotes, funding rates and gaps with numbers under `limit`.
Result<bool> StreamReader::emitOthersUntil(std::int64_t limit, const Take& take)
{
    while (true) {
        if (quoteAt_ == quotes_.size() && nextQuotes_ < quoteHeads_.size() &&
            quoteHeads_[nextQuotes_].firstNumber < limit) {
            if (auto loaded = loadQuotes(); !loaded) {
                return std::unexpected(loaded.error());
            }
            continue;
        }
        // A number at the limit itself can only be INT64_MAX, which ends everything.
        const auto number = nextOther();
        if (number >= limit) {
            return true;
        }
        bool goesOn = true;
        if (gapAt_ < gaps_.size() && gaps_[gapAt_].number == number) {
            goesOn = add(number, gaps_[gapAt_++].mark, take);
        } else if (fundingAt_ < fundings_.size() && fundings_[fundingAt_].number.value == number) {
            goesOn = add(number, fundings_[fundingAt_++].rate, take);
        } else {
            goesOn = add(number, quotes_[quoteAt_++].quote, take);
        }
        if (!goesOn) {
            return false;
        }
    }
}

Result<bool> StreamReader::emitUntil(std::int64_t limit, const Take& take)
{
    auto other = nextOther();
    for (; tickAt_ < ticks_.size() && ticks_[tickAt_].number.value < limit; ++tickAt_) {
        const auto& [number, tick] = ticks_[tickAt_];
        if (number.value > other) {
            if (auto others = emitOthersUntil(number.value, take); !others || !*others) {
                return others;
            }
            other = nextOther();
        }
        const bool isLate = tick.id < newestId_;
        newestId_ = std::max(newestId_, tick.id);
        const bool goesOn = isLate ? add(number.value, market::LateTick{tick}, take) : add(number.value, tick, take);
        if (!goesOn) {
            return false;
        }
    }
    return emitOthersUntil(limit, take);
}

Result<void> StreamReader::run(const Take& take)
{
    if (auto opened = open(); !opened) {
        return opened;
    }
    while (true) {
        const bool isLast = nextTicks_ == tickHeads_.size();
        // No block to come has a number under the next one's first.
        const auto limit = isLast ? INT64_MAX : tickHeads_[nextTicks_].firstNumber;
        const auto emitted = emitUntil(limit, take);
        if (!emitted) {
            return std::unexpected(emitted.error());
        }
        if (!*emitted) {
            return {};
        }
        if (isLast) {
            (void)flush(take);
            return {};
        }
        if (auto loaded = loadTicks(); !loaded) {
            return loaded;
        }
    }
}

} // namespace qd::storage
