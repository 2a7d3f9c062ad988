#include "storage/candle_inserter.h"

#include <algorithm>

namespace qd::storage {

using base::ErrorCode;
using base::Result;
using market::Candle;

namespace {

std::int64_t keyOf(const Candle& candle)
{
    return candle.start.value;
}

bool rescaleAll(std::vector<Candle>& rows, const ScaleChange& change)
{
    return change.isSame() || std::ranges::all_of(rows, [&](Candle& row) { return CandleRows::rescale(row, change); });
}

} // namespace

Result<std::vector<Candle>> CandleInserter::insert(const SeriesInfo& info, Candles candles)
{
    added_.clear();
    const auto newest = writer_.newest(info);
    if (!newest) {
        return std::unexpected(newest.error());
    }
    const auto firstNewer = *newest ? std::ranges::upper_bound(candles, **newest, {}, keyOf) : candles.begin();
    const auto older = candles.first(static_cast<std::size_t>(firstNewer - candles.begin()));
    if (!older.empty()) {
        auto heads = table_.heads(info.series, {});
        if (heads && std::ranges::any_of(*heads, [&](const BlockHead& head) {
                return head.isTail && head.firstKey <= keyOf(older.back());
            })) { // what belongs into the tail belongs into the block it becomes
            if (auto folded = writer_.foldTail(info); !folded) {
                return std::unexpected(folded.error());
            }
            heads = table_.heads(info.series, {});
        }
        if (!heads) {
            return std::unexpected(heads.error());
        }
        for (auto rest = older; !rest.empty();) {
            const auto done = insertSome(info, *heads, rest);
            if (!done) {
                return std::unexpected(done.error());
            }
            rest = rest.subspan(*done);
        }
    }
    const auto newer = candles.subspan(older.size());
    if (auto appended = writer_.append(info, newer); !appended) {
        return std::unexpected(appended.error());
    }
    added_.insert(added_.end(), newer.begin(), newer.end());
    return std::move(added_);
}

/// Those at the front that share a block, or the place between two. How many they are.
Result<std::size_t> CandleInserter::insertSome(const SeriesInfo& info, const std::vector<BlockHead>& heads,
                                               Candles candles)
{
    const auto first = keyOf(candles.front());
    const auto next = std::ranges::upper_bound(heads, first, {}, &BlockHead::firstKey);
    const auto holds = next != heads.begin() && first <= std::prev(next)->lastKey;
    const auto end = holds                 ? std::ranges::upper_bound(candles, std::prev(next)->lastKey, {}, keyOf)
                     : next == heads.end() ? candles.end()
                                           : std::ranges::lower_bound(candles, next->firstKey, {}, keyOf);
    const auto some = candles.first(static_cast<std::size_t>(end - candles.begin()));
    if (holds) {
        const auto merged = merge(info, *std::prev(next), some);
        return merged ? Result<std::size_t>(some.size()) : std::unexpected(merged.error());
    }
    if (auto written = write(info, info.scales, some); !written) {
        return std::unexpected(written.error());
    }
    added_.insert(added_.end(), some.begin(), some.end());
    return some.size();
}

Result<void> CandleInserter::merge(const SeriesInfo& info, const BlockHead& head, Candles candles)
{
    std::vector<Candle> rows;
    auto scales = table_.loadRaw(head, rows);
    if (!scales) {
        if (scales.error().code != ErrorCode::Damaged) {
            return std::unexpected(scales.error());
        }
        // Whatever the damaged block held is lost: these are kept anew, unless their place cannot be freed.
        const auto moved = table_.setAside(info, head, scales.error().detail);
        if (!moved || !*moved) {
            return moved ? Result<void>{} : std::unexpected(moved.error());
        }
        rows.clear();
        scales = info.scales;
    }
    std::vector<Candle> fresh;
    std::ranges::set_difference(candles, rows, std::back_inserter(fresh), {}, keyOf, keyOf);
    if (fresh.empty() && !rows.empty()) {
        return {};
    }
    added_.insert(added_.end(), fresh.begin(), fresh.end());
    if (auto present = rows; rescaleAll(present, ScaleChange(*scales, info.scales))) {
        rows = std::move(present);
        scales = info.scales;
    } else if (!rescaleAll(fresh, ScaleChange(info.scales, *scales))) {
        return base::fail(ErrorCode::NotOnScale, table_.label(info.name, head), "older candles do not fit its steps");
    }
    std::vector<Candle> all;
    all.reserve(rows.size() + fresh.size());
    std::ranges::merge(rows, fresh, std::back_inserter(all), {}, keyOf, keyOf);
    if (auto removed = table_.remove(head); !removed) {
        return removed;
    }
    return write(info, *scales, all);
}

Result<void> CandleInserter::write(const SeriesInfo& info, const Scales& scales, Candles candles)
{
    while (!candles.empty()) {
        const auto part = candles.first(std::min(candles.size(), CandleRows::blockRows));
        if (auto added = table_.insert(info.series, false, scales, part); !added) {
            return added;
        }
        candles = candles.subspan(part.size());
    }
    return {};
}

} // namespace qd::storage
