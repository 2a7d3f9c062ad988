#include "engines/archive_feed.h"

#include "engines/stream_time.h"
#include "market/candle_builder.h"
#include "storage/candle_store.h"
#include "storage/gap_store.h"

#include <algorithm>
#include <span>

namespace qd::engines {

using base::Result;
using base::UtcMs;
using learning::FeatureSource;
using market::Candle;

namespace {

using Spans = std::vector<std::pair<UtcMs, UtcMs>>;

/// Whether a moment of the candle lies in one of them. Asked with growing times.
class Meets {
public:
    explicit Meets(const Spans& spans) : spans_(spans) {}
    [[nodiscard]] bool operator()(UtcMs start, UtcMs end)
    {
        while (at_ < spans_.size() && spans_[at_].second < start) {
            ++at_;
        }
        return at_ < spans_.size() && spans_[at_].first < end;
    }

private:
    const Spans& spans_;
    std::size_t at_ = 0;
};

Result<void> feedCandles(storage::Database& database, const Spans& spans, base::InstrumentId id, FeatureSource source,
                         storage::TimeRange range, const FeedTaker& taker)
{
    const auto timeframe = source == FeatureSource::Candles1m ? market::Timeframe::M1 : market::Timeframe::M5;
    const auto width = market::length(timeframe);
    Meets meets(spans);
    return storage::CandleStore(database).scan(id, timeframe, range, [&](std::span<const Candle> candles) {
        for (const auto& stored : candles) {
            const auto end = stored.start + width;
            if (stored.start < range.from) {
                continue;
            }
            if (end > range.to) {
                return false;
            }
            auto candle = stored;
            candle.hasGap = candle.hasGap || meets(candle.start, end);
            taker.candle(candle);
        }
        return !taker.goesOn || candles.empty() || taker.goesOn(candles.back().start + width);
    });
}

/// Ticks and the 1m candles that they make, exactly as the pipeline makes them.
class TickFeed {
public:
    TickFeed(const Spans& spans, UtcMs to, const FeedTaker& taker) : spans_(spans), to_(to), taker_(taker) {}

    /// False: the end is reached.
    [[nodiscard]] bool take(const market::StreamItem& item)
    {
        if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
            passGaps(tick->time);
            closed_.clear();
            builder_.add(*tick, closed_);
            for (const auto& candle : closed_) {
                if (candle.start + market::length(market::Timeframe::M1) <= to_) {
                    taker_.candle(candle);
                }
            }
            if (tick->time >= to_) { // it closed the last candle, and is itself of the future
                return false;
            }
            if (taker_.tick) {
                taker_.tick(*tick);
            }
        } else if (const auto* late = std::get_if<market::LateTick>(&item.what)) {
            builder_.markLate(late->tick.time);
        } else if (std::holds_alternative<market::GapMark>(item.what)) {
            mark();
        }
        return true;
    }

private:
    void passGaps(UtcMs now)
    {
        while (at_ < spans_.size() && spans_[at_].first <= now) {
            if (spans_[at_].second > spans_[at_].first) { // its ends are marks of the stream else
                mark();
            }
            ++at_;
        }
    }
    void mark()
    {
        builder_.markGap();
        if (taker_.gap) {
            taker_.gap();
        }
    }

    const Spans& spans_;
    UtcMs to_;
    const FeedTaker& taker_;
    market::CandleBuilder builder_{market::Timeframe::M1};
    std::vector<Candle> closed_;
    std::size_t at_ = 0;
};

Result<void> feedTicks(storage::Database& database, const Spans& spans, base::InstrumentId id, storage::TimeRange range,
                       const FeedTaker& taker)
{
    storage::TickArchive archive(database);
    auto after = range.from.value == INT64_MIN ? Result<base::StreamNumber>(base::StreamNumber{0})
                                               : numberBefore(archive, id, range.from);
    if (!after) {
        return std::unexpected(after.error());
    }
    if (after->value == INT64_MAX) {
        return {};
    }
    TickFeed feed(spans, range.to, taker);
    return archive.readStream(id, *after, [&](std::span<const market::StreamItem> items) {
        for (const auto& item : items) {
            if (!feed.take(item)) {
                return false;
            }
        }
        return !taker.goesOn || items.empty() || taker.goesOn(timeOf(items.back()));
    });
}

} // namespace

Result<UntoldGaps> untoldGaps(storage::Database& database)
{
    const auto all = storage::GapStore(database).all();
    if (!all) {
        return std::unexpected(all.error());
    }
    UntoldGaps out;
    for (const auto& gap : *all) { // by time
        if ((gap.measure == market::GapMeasure::Exact && gap.found == 0) || gap.to < gap.from) {
            continue; // the ids ran on: nothing is missing
        }
        auto& spans = out[gap.instrument];
        if (gap.isMarked) {
            spans.emplace_back(gap.from, gap.from);
            spans.emplace_back(gap.to, gap.to);
        } else {
            spans.emplace_back(gap.from, gap.to);
        }
    }
    for (auto& [instrument, spans] : out) {
        std::ranges::sort(spans);
        Spans merged;
        for (const auto& span : spans) {
            if (!merged.empty() && merged.back().second > merged.back().first && span.first <= merged.back().second) {
                merged.back().second = std::max(merged.back().second, span.second);
            } else {
                merged.push_back(span);
            }
        }
        spans = std::move(merged);
    }
    return out;
}

Result<void> feedArchive(storage::Database& database, const UntoldGaps& gaps, base::InstrumentId instrument,
                         FeatureSource source, storage::TimeRange range, const FeedTaker& taker)
{
    static const Spans none;
    const auto found = gaps.find(instrument);
    const auto& spans = found == gaps.end() ? none : found->second;
    return source == FeatureSource::Ticks ? feedTicks(database, spans, instrument, range, taker)
                                          : feedCandles(database, spans, instrument, source, range, taker);
}

Result<base::StreamNumber> numberBefore(storage::TickArchive& archive, base::InstrumentId id, UtcMs from)
{
    std::optional<base::StreamNumber> first;
    const auto read = archive.read(id, {.from = from}, [&](std::span<const storage::NumberedTick> ticks) {
        for (const auto& tick : ticks) {
            if (tick.tick.time >= from && (!first || tick.number < *first)) {
                first = tick.number;
            }
        }
        return false; // late ticks aside they come by number
    });
    if (!read) {
        return std::unexpected(read.error());
    }
    return first ? base::StreamNumber{first->value - 1} : base::StreamNumber{INT64_MAX};
}

} // namespace qd::engines
