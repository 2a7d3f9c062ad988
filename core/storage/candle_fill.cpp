#include "storage/candle_fill.h"

#include "storage/gap_store.h"

#include <algorithm>

namespace qd::storage {

using base::Result;
using market::Candle;
using market::Timeframe;

namespace {

constexpr std::size_t minutesADay = 1'440;

bool tellsTrades(const Candle& minute)
{
    return minute.trades > 0 || minute.volume.value == 0;
}

/// Minutes that touch a gap of this instrument in which trades are missing, or may be, are marked: the exchange's
/// candle is whole, but the ticks under it are not.
Result<std::vector<Candle>> markedByGaps(Database& database, InstrumentId instrument, std::span<const Candle> minutes)
{
    std::vector<Candle> out(minutes.begin(), minutes.end());
    if (out.empty()) {
        return out;
    }
    const auto width = market::length(Timeframe::M1);
    const auto gaps = GapStore(database).all({out.front().start, out.back().start + width});
    if (!gaps) {
        return std::unexpected(gaps.error());
    }
    for (const auto& gap : *gaps) {
        const bool isWhole = gap.missing && gap.missing->value == 0;
        if (gap.instrument != instrument || isWhole) {
            continue;
        }
        for (auto& minute : out) {
            minute.hasGap = minute.hasGap || (minute.start <= gap.to && gap.from < minute.start + width);
        }
    }
    return out;
}

} // namespace

std::vector<Candle> largerCandles(std::span<const Candle> minutes, Timeframe timeframe, UtcMs until)
{
    const auto width = market::length(timeframe);
    std::vector<Candle> out;
    bool isTold = true; // trades, by each minute of the candle in work
    for (const auto& minute : minutes) {
        const auto start = base::bucketStart(minute.start, width);
        if (until < start + width) {
            break;
        }
        if (out.empty() || out.back().start != start) {
            out.push_back(minute);
            out.back().start = start;
            isTold = tellsTrades(minute);
            continue;
        }
        auto& larger = out.back();
        larger.high = std::max(larger.high, minute.high);
        larger.low = std::min(larger.low, minute.low);
        larger.close = minute.close;
        larger.volume += minute.volume;
        larger.hasGap = larger.hasGap || minute.hasGap;
        isTold = isTold && tellsTrades(minute);
        larger.trades = isTold ? larger.trades + minute.trades : 0;
        larger.buyVolume = isTold ? larger.buyVolume + minute.buyVolume : 0;
    }
    return out;
}

Result<std::vector<UtcMs>> CandleFill::missingDays(InstrumentId instrument, UtcMs from, UtcMs to)
{
    auto known = database_.prepare("SELECT 1 FROM candle_fills WHERE instrument=? AND day=?");
    if (!known) {
        return std::unexpected(known.error());
    }
    std::vector<UtcMs> out;
    const auto first = base::bucketStart(from, base::oneDay);
    for (auto day = base::bucketStart(to, base::oneDay); first <= day; day = day - base::oneDay) {
        const auto row = known->bind(0, instrument.value).bind(1, day.value).step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (*row) {
            known->reset();
            continue;
        }
        const auto last = day + base::oneDay - base::Millis{1};
        const auto minutes = candles_->read(instrument, Timeframe::M1, {day, last}, minutesADay);
        if (!minutes) {
            return std::unexpected(minutes.error());
        }
        if (minutes->size() < minutesADay) {
            out.push_back(day);
        }
    }
    return out;
}

Result<CandlesByTimeframe> CandleFill::fill(InstrumentId instrument, UtcMs day, std::span<const Candle> minutes,
                                            UtcMs until, bool isWhole)
{
    if (auto begun = database_.run("SAVEPOINT candle_fill"); !begun) {
        return std::unexpected(begun.error());
    }
    auto added = put(instrument, day, minutes, until, isWhole);
    const auto ended = database_.run(added ? "RELEASE candle_fill" : "ROLLBACK TO candle_fill; RELEASE candle_fill");
    if (!added) {
        candles_.emplace(database_);
    }
    return ended || !added ? std::move(added) : Result<CandlesByTimeframe>(std::unexpected(ended.error()));
}

Result<CandlesByTimeframe> CandleFill::put(InstrumentId instrument, UtcMs day, std::span<const Candle> minutes,
                                           UtcMs until, bool isWhole)
{
    const auto end = std::min(until, day + base::oneDay);
    while (!minutes.empty() && minutes.front().start < day) {
        minutes = minutes.subspan(1);
    }
    while (!minutes.empty() && end < minutes.back().start + market::length(Timeframe::M1)) {
        minutes = minutes.first(minutes.size() - 1);
    }
    CandlesByTimeframe added;
    const auto withMarks = markedByGaps(database_, instrument, minutes);
    if (!withMarks) {
        return std::unexpected(withMarks.error());
    }
    auto filled = candles_->fillIn(instrument, Timeframe::M1, *withMarks);
    if (!filled) {
        return std::unexpected(filled.error());
    }
    added.front() = std::move(*filled);
    const auto whole =
        candles_->read(instrument, Timeframe::M1, {day, day + base::oneDay - base::Millis{1}}, minutesADay);
    if (!whole) {
        return std::unexpected(whole.error());
    }
    for (std::size_t i = 1; i < market::allTimeframes.size(); ++i) {
        const auto timeframe = market::allTimeframes[i];
        auto larger = candles_->fillIn(instrument, timeframe, largerCandles(*whole, timeframe, end));
        if (!larger) {
            return std::unexpected(larger.error());
        }
        added[i] = std::move(*larger);
    }
    if (isWhole) {
        auto mark = database_.prepare("INSERT OR IGNORE INTO candle_fills(instrument,day) VALUES(?,?)");
        auto marked = mark ? mark->bind(0, instrument.value).bind(1, day.value).run() : std::unexpected(mark.error());
        if (!marked) {
            return std::unexpected(marked.error());
        }
    }
    return added;
}

} // namespace qd::storage
