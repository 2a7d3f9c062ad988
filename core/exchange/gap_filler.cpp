#include "exchange/gap_filler.h"

#include <algorithm>
#include <utility>

namespace qd::exchange {

using base::bucketStart;
using base::Millis;
using base::UtcMs;
using market::Gap;
using market::GapMeasure;
using market::Tick;

namespace {

constexpr std::int64_t hourMs = 3'600'000;
constexpr std::int64_t minuteMs = oneMinute.count();
constexpr std::size_t keptGaps = 200;     // settled ones: their minutes may still be compared again
constexpr std::int64_t comparedAgain = 5; // newest minutes that every answer compares again: late ticks change them
constexpr std::int64_t mostIdsWalked = 20'000; // to prove that ids run on without a hole

UtcMs minuteOf(UtcMs time)
{
    return bucketStart(time, oneMinute);
}

} // namespace

void MinuteLots::addElsewhere(UtcMs time, std::int64_t lots)
{
    const auto minute = minuteOf(time).value;
    if (minute < start_) {
        others_[minute] += lots;
    } else {
        if (current_ != 0) {
            others_[start_] += current_;
        }
        start_ = minute;
        const auto before = others_.extract(minute);
        current_ = lots + (before ? before.mapped() : 0);
    }
    while (others_.size() > kept) {
        knownFrom_ = others_.begin()->first + minuteMs;
        others_.erase(others_.begin());
    }
}

std::int64_t MinuteLots::of(UtcMs minute) const
{
    if (minute.value == start_) {
        return current_;
    }
    const auto at = others_.find(minute.value);
    return at == others_.end() ? 0 : at->second;
}

void ArrivalGaps::addUncommon(UtcMs time)
{
    if (time.value >= minuteEnd_) {
        if (shortNow_ > 0) {
            short_.emplace_back(minuteEnd_ - minuteMs, std::exchange(shortNow_, 0));
        }
        minuteEnd_ = minuteOf(time).value + minuteMs;
        const auto oldest = minuteEnd_ - minuteMs - hourMs;
        while (!short_.empty() && short_.front().first < oldest) {
            short_.pop_front();
        }
        while (!long_.empty() && long_.front().first < oldest) {
            long_.pop_front();
        }
    }
    if (!hasLast_) {
        hasLast_ = true;
        last_ = time.value;
        return;
    }
    const auto gap = time.value - last_;
    last_ = std::max(last_, time.value);
    if (gap * 10 <= floor_) {
        ++shortNow_;
    } else {
        long_.emplace_back(time.value, gap);
    }
}

Millis ArrivalGaps::silence() const
{
    auto brief = shortNow_;
    for (const auto& [minute, count] : short_) {
        brief += count;
    }
    const auto middle = (brief + static_cast<std::int64_t>(long_.size())) / 2;
    if (long_.empty() || middle < brief) {
        return Millis{floor_}; // the median is one of the short ones
    }
    std::vector<std::int64_t> gaps;
    gaps.reserve(long_.size());
    for (const auto& [time, gap] : long_) {
        gaps.push_back(gap);
    }
    const auto at = gaps.begin() + static_cast<std::ptrdiff_t>(middle - brief);
    std::nth_element(gaps.begin(), at, gaps.end());
    return Millis{std::max(floor_, 10 * *at)};
}

Silence judgeSilence(const QuietStream& ours, std::span<const Tick> rest)
{
    if (rest.empty() || rest.back().id <= ours.newestId) {
        return Silence::Quiet;
    }
    return !ours.othersTick && rest.back().price != ours.last ? Silence::Frozen : Silence::Stalled;
}

void GapBook::begin(std::int64_t id, UtcMs time, bool isWhole)
{
    hasBegun_ = true;
    firstId_ = id;
    compareFrom_ = isWhole ? minuteOf(time) : minuteOf(time) + oneMinute;
    comparedUntil_ = compareFrom_;
    ownFrom_ = compareFrom_;
}

void GapBook::open(const Gap& gap, std::int64_t idBefore, std::int64_t idAfter)
{
    tracked_.push_back({.gap = gap, .idBefore = idBefore, .idAfter = idAfter});
    forgetOld();
}

void GapBook::resume(const Gap& gap)
{
    if (gap.measure != GapMeasure::Open) {
        chargeEarlier(gap);
        return;
    }
    tracked_.push_back({.gap = gap});
    compareFrom_ = std::min(compareFrom_, minuteOf(gap.from));
    comparedUntil_ = std::min(comparedUntil_, compareFrom_);
}

void GapBook::chargeEarlier(const Gap& gap)
{
    const auto last = minuteOf(gap.to);
    const bool isOneMinute = minuteOf(gap.from) == last;
    if (gap.measure != GapMeasure::ByVolume || !gap.missing || gap.missing->value == 0 ||
        gap.to - gap.from > base::oneDay) {
        return;
    }
    for (auto minute = minuteOf(gap.from); minute <= last; minute = minute + oneMinute) {
        auto& charged = chargedEarlier_.try_emplace(minute.value, 0).first->second;
        charged = isOneMinute && charged ? std::optional(*charged + gap.missing->value) : std::nullopt;
    }
}

std::int64_t GapBook::lacking(UtcMs minute, std::int64_t theirs, std::int64_t ours) const
{
    const bool isOurs =
        minute >= ownFrom_ || std::ranges::any_of(tracked_, [minute](const Tracked& t) { return t.meets(minute); });
    const auto earlier = chargedEarlier_.find(minute.value);
    if (!isOurs || (earlier != chargedEarlier_.end() && !earlier->second)) {
        return 0;
    }
    return theirs - ours - (earlier == chargedEarlier_.end() ? 0 : *earlier->second);
}

void GapBook::forgetOld()
{
    while (tracked_.size() > keptGaps) {
        tracked_.pop_front();
    }
}

GapBook::Tracked* GapBook::withId(std::int64_t id)
{
    const auto at = std::ranges::find_if(tracked_, [id](const Tracked& t) { return t.holdsId(id); });
    return at == tracked_.end() ? nullptr : &*at;
}

// Every id between the two that we held is there now: nothing can be missing.
void GapBook::settleById(Tracked& tracked)
{
    if (tracked.gap.found + tracked.cameLate == tracked.idAfter - tracked.idBefore - 1) {
        tracked.gap.measure = GapMeasure::Exact;
        tracked.gap.missing = market::Quantity{0};
    }
}

// A tick that comes after its minute was compared is not missing any more, and there may be no further comparison: the
// program can end before.
void GapBook::credit(const Tick& tick, Outcome& out)
{
    const auto minute = minuteOf(tick.time).value;
    const auto owner = std::ranges::find_if(tracked_, [minute](const Tracked& t) { return t.lots.contains(minute); });
    if (owner == tracked_.end()) {
        return;
    }
    auto& lots = owner->lots.at(minute);
    const auto less = std::min(lots, tick.size().value);
    lots -= less;
    auto& gap = owner->gap;
    if (less > 0 && gap.measure == GapMeasure::ByVolume && gap.missing) {
        gap.missing = market::Quantity{gap.missing->value - less};
        out.rows.push_back(gap);
    }
}

GapBook::Outcome GapBook::noteLate(const Tick& tick)
{
    Outcome out;
    credit(tick, out);
    if (auto* tracked = withId(tick.id)) {
        ++tracked->cameLate;
        settleById(*tracked);
        if (tracked->gap.measure == GapMeasure::Exact) {
            out.rows.push_back(tracked->gap);
        }
    }
    return out;
}

void GapBook::fillOpen(const Tick& tick, market::SequenceGuard& guard, Tracked& tracked, Outcome& out)
{
    if (guard.see(tick.id) == market::Sequence::Late) {
        out.fills.push_back(tick);
        credit(tick, out);
        ++tracked.gap.found;
        settleById(tracked);
        if (out.rows.empty() || out.rows.back().number != tracked.gap.number) {
            out.rows.push_back(tracked.gap);
        } else {
            out.rows.back() = tracked.gap;
        }
    }
}

std::optional<Tick> GapBook::overdue(std::int64_t newestId, UtcMs now) const
{
    for (auto at = stash_.rbegin(); at != stash_.rend() && at->first > newestId; ++at) {
        if (now - at->second.since >= grace) {
            return at->second.tick;
        }
    }
    return std::nullopt;
}

GapBook::Outcome GapBook::takeTrades(std::span<const Tick> rest, market::SequenceGuard& guard, UtcMs now,
                                     const NewNumber& number)
{
    for (const auto& tick : rest) {
        if (tick.id > firstId_ && stash_.size() < mostStashed && guard.holds(tick.id) == false) {
            stash_.try_emplace(tick.id, Stashed{tick, now});
        }
    }
    return sweep(guard, now, number);
}

GapBook::Outcome GapBook::sweep(market::SequenceGuard& guard, UtcMs now, const NewNumber& number)
{
    Outcome out;
    if (!hasBegun_ || !guard.newest()) {
        return out;
    }
    std::vector<Tick> lost;
    const auto newest = *guard.newest();
    for (auto at = stash_.begin(); at != stash_.end() && at->first < newest;) {
        const auto& [tick, since] = at->second;
        if (guard.holds(tick.id) != false) { // came by itself, or is too old to tell
            at = stash_.erase(at);
        } else if (auto* tracked = withId(tick.id)) {
            fillOpen(tick, guard, *tracked, out);
            at = stash_.erase(at);
        } else if (now - since >= grace) {
            lost.push_back(tick);
            at = stash_.erase(at);
        } else {
            ++at;
        }
    }
    addLoss(lost, guard, out, number);
    return out;
}

// Trades that the exchange told REST of and never the socket: one row for what one look found.
void GapBook::addLoss(std::span<const Tick> lost, market::SequenceGuard& guard, Outcome& out, const NewNumber& number)
{
    if (lost.empty()) {
        return;
    }
    Gap gap{.number = number(),
            .from = lost.front().time,
            .to = lost.front().time,
            .cause = market::GapCause::Exchange,
            .isMarked = false};
    for (const auto& tick : lost) {
        if (guard.see(tick.id) == market::Sequence::Late) {
            out.fills.push_back(tick);
            credit(tick, out);
            ++gap.found;
            gap.from = std::min(gap.from, tick.time);
            gap.to = std::max(gap.to, tick.time);
        }
    }
    const auto first = lost.front().id - 1;
    const auto last = lost.back().id + 1;
    bool isWhole = last - first < mostIdsWalked;
    for (auto id = first; isWhole && id <= last; ++id) {
        isWhole = guard.holds(id) == true;
    }
    if (isWhole) {
        gap.measure = GapMeasure::Exact;
        gap.missing = market::Quantity{0};
    }
    out.rows.push_back(gap);
    tracked_.push_back({.gap = gap});
    forgetOld();
}

UtcMs GapBook::wantedFrom() const
{
    auto from = std::max(compareFrom_, comparedUntil_ - Millis{comparedAgain * minuteMs});
    for (const auto& tracked : tracked_) {
        if (tracked.gap.measure == GapMeasure::Open) {
            from = std::min(from, std::max(compareFrom_, minuteOf(tracked.gap.from)));
        }
    }
    return from;
}

bool GapBook::waitsForMinutes() const
{
    return std::ranges::any_of(tracked_, [](const Tracked& t) { return t.gap.measure == GapMeasure::Open; });
}

// Charges what a minute lacks to one gap, so that the rows' sums are the whole. True: some row changed.
bool GapBook::compare(UtcMs minute, std::int64_t deficit, const NewNumber& number)
{
    const auto missing = std::max<std::int64_t>(deficit, 0);
    auto owner = std::ranges::find_if(tracked_, [&](const Tracked& t) { return t.lots.contains(minute.value); });
    if (owner == tracked_.end()) {
        owner = std::ranges::find_if(tracked_, [&](const Tracked& t) {
            return t.meets(minute) && t.gap.measure != GapMeasure::Exact && t.gap.measure != GapMeasure::Unknown;
        });
    }
    if (owner != tracked_.end()) {
        const auto [at, isNew] = owner->lots.try_emplace(minute.value, missing);
        return isNew || std::exchange(at->second, missing) != missing;
    }
    if (missing == 0) {
        return false;
    }
    tracked_.push_back({.gap = {.number = number(),
                                .from = minute,
                                .to = minute + oneMinute - Millis{1},
                                .cause = market::GapCause::Exchange,
                                .isMarked = false},
                        .lots = {{minute.value, missing}}});
    forgetOld();
    return true;
}

GapBook::Outcome GapBook::takeCandles(std::span<const RestCandle> candles, bool isAll, const MinuteLots& ours,
                                      UtcMs completeUntil, const NewNumber& number)
{
    Outcome out;
    if (!hasBegun_ || candles.empty()) {
        return out;
    }
    const auto oldest = std::max(candles.front().candle.start, ours.knownFrom());
    isAll = isAll || candles.front().candle.start < ours.knownFrom(); // nobody could compare what is older
    const auto start = std::max(wantedFrom(), oldest);
    auto at = candles.begin();
    auto minute = start;
    // A minute is comparable once REST has closed it, or has begun a later one, and ours is complete.
    for (; minute + oneMinute <= completeUntil; minute = minute + oneMinute) {
        at = std::find_if(at, candles.end(), [&](const RestCandle& c) { return c.candle.start >= minute; });
        if (at == candles.end() || (at->candle.start == minute && !at->isClosed)) {
            break;
        }
        auto theirs = at->candle.start == minute ? at->candle.volume.value : 0;
        // A trade that came out of order may count in the next minute there: what we have too much of one, they have of
        // the next.
        if (at != candles.begin() && std::prev(at)->candle.start == minute - oneMinute) {
            const auto before = std::prev(at)->candle.volume.value - ours.of(minute - oneMinute);
            theirs += std::min<std::int64_t>(before, 0);
        }
        (void)compare(minute, lacking(minute, theirs, ours.of(minute)), number);
    }
    if (oldest <= std::max(compareFrom_, comparedUntil_) || isAll) {
        comparedUntil_ = std::max(comparedUntil_, minute);
    }
    for (auto& tracked : tracked_) {
        auto& gap = tracked.gap;
        if (gap.measure == GapMeasure::Exact || gap.measure == GapMeasure::Unknown) {
            continue;
        }
        const auto before = gap;
        const auto firstMinute = std::max(compareFrom_, minuteOf(gap.from));
        if (isAll && firstMinute < oldest && gap.measure == GapMeasure::Open) {
            gap.measure = GapMeasure::Unknown;
        } else if (minuteOf(gap.to) < std::min(minute, compareFrom_)) {
            gap.measure = GapMeasure::Unknown; // of a minute that was not ours from its beginning
        } else if (minuteOf(gap.to) < minute && (firstMinute >= start || gap.measure == GapMeasure::ByVolume)) {
            std::int64_t sum = 0;
            for (const auto& [m, lots] : tracked.lots) {
                sum += lots;
            }
            gap.missing = market::Quantity{sum};
            gap.measure = GapMeasure::ByVolume;
        }
        if (gap != before) {
            out.rows.push_back(gap);
        }
    }
    return out;
}

void ClockWatch::see(UtcMs exchange, UtcMs ours)
{
    constexpr std::int64_t windowMs = 10'000;
    constexpr std::size_t windows = 3;
    const auto difference = (exchange - ours).count();
    if (!hasWindow_ || ours.value - windowStart_ >= windowMs || ours.value < windowStart_) {
        if (hasWindow_) {
            windows_.push_back(newest_);
            if (windows_.size() > windows) {
                windows_.pop_front();
            }
        }
        hasWindow_ = true;
        windowStart_ = ours.value;
        newest_ = difference;
        return;
    }
    newest_ = std::max(newest_, difference);
}

std::optional<std::int64_t> ClockWatch::agreed() const
{
    if (windows_.size() < 3) {
        return std::nullopt;
    }
    const auto [least, most] = std::ranges::minmax(windows_);
    return most - least <= 1'500 ? std::optional(most) : std::nullopt;
}

std::optional<Millis> ClockWatch::offset() const
{
    const auto ms = agreed();
    return ms && std::abs(*ms) < base::oneDay.count() ? std::optional(Millis{*ms}) : std::nullopt;
}

bool ClockWatch::isRecorded() const
{
    return hasWindow_ && std::abs(newest_) >= base::oneDay.count();
}

bool FutureGate::admits(UtcMs time)
{
    constexpr int believed = 3;
    const auto apart = std::abs((time - suspect_).count());
    agreeing_ = agreeing_ > 0 && apart <= tolerance.count() ? agreeing_ + 1 : 1;
    suspect_ = time;
    if (agreeing_ < believed) {
        return false;
    }
    agreeing_ = 0;
    return true;
}

SleepWatch::Jump SleepWatch::see(UtcMs wall, Millis steady, Millis boot)
{
    Jump jump;
    if (hasSeen_) {
        const auto slept = (boot - boot_) - (steady - steady_);
        const auto step = (wall - wall_) - (boot - boot_);
        jump.slept = slept >= leastSleep ? slept : Millis{0};
        jump.clockSet = std::chrono::abs(step) >= leastStep ? step : Millis{0};
    }
    hasSeen_ = true;
    wall_ = wall;
    steady_ = steady;
    boot_ = boot;
    return jump;
}

} // namespace qd::exchange
