#include "engines/gap_watch.h"

#include <algorithm>
#include <utility>

namespace qd::engines {

namespace {

using exchange::oneMinute;
using exchange::Silence;

constexpr std::int64_t lookEveryMs = 250;
constexpr int mostPages = 8;      // of candles: eight days of minutes
constexpr int mostCandles = 1440; // in one answer

} // namespace

GapWatch::GapWatch(exchange::BlofinRest& rest, Streams& streams, Host& host, const base::Clock& clock,
                   base::Millis silenceFloor, GapWatchOptions options)
    : rest_(rest),
      streams_(streams),
      host_(host),
      clock_(clock),
      silenceFloor_(silenceFloor),
      options_(options),
      budget_(options.burst)
{
}

void GapWatch::tick()
{
    const auto now = clock_.now().value;
    if (now - lookedAt_ >= lookEveryMs || now < lookedAt_) {
        lookedAt_ = now;
        for (auto& [id, stream] : streams_) {
            if (stream.isActive) {
                apply(stream, stream.gaps.sweep(stream.guard, {now}, numbers(stream)));
            }
        }
        judgeSilences(now);
    }
    askDueCandles(now); // first: at most half of what may be asked, while urgent questions about trades could take all
    askNextTrades(now);
}

std::size_t GapWatch::askableStreams() const
{
    return static_cast<std::size_t>(std::ranges::count_if(
        streams_, [](const auto& item) { return item.second.isActive && item.second.gaps.hasBegun(); }));
}

void GapWatch::askAllSoon()
{
    for (auto& [id, stream] : streams_) {
        if (stream.isActive) {
            askSoon(stream);
        }
    }
}

bool GapWatch::isAnsweredSince(std::int64_t time) const
{
    return std::ranges::all_of(streams_, [&](const auto& item) {
        const auto& stream = item.second;
        return !stream.isActive || !stream.gaps.hasBegun() ||
               (stream.tradesAskedAt >= time && !stream.isUrgent && !stream.isAskingTrades);
    });
}

bool GapWatch::count(const std::optional<base::Error>& refusal)
{
    ++(refusal ? counts_.refused : counts_.answered);
    if (refusal) {
        counts_.lastRefusal = base::sentence(*refusal);
    }
    return !refusal;
}

void GapWatch::askSoon(LiveStream& stream)
{
    stream.isUrgent = true;
    stream.candlesDueAt = std::min(stream.candlesDueAt, clock_.now().value + options_.candlesAgain.count());
}

void GapWatch::apply(LiveStream& stream, const exchange::GapBook::Outcome& outcome)
{
    counts_.fills += outcome.fills.size();
    counts_.gaps += outcome.rows.size();
    for (const auto& tick : outcome.fills) {
        host_.takeFill(stream, tick);
    }
    for (const auto& gap : outcome.rows) {
        host_.keepGap(stream, gap);
    }
}

exchange::GapBook::NewNumber GapWatch::numbers(LiveStream& stream)
{
    return [&stream] {
        ++stream.number.value;
        return stream.number;
    };
}

// Questions have a budget that refills by and by, so that a burst after a reconnect is answered at once and the
// exchange's limit of 500 a minute and 1,500 in five is still far.
void GapWatch::refill(std::int64_t now)
{
    if (refilledAt_ != 0 && now > refilledAt_) {
        budget_ = std::min(options_.burst,
                           budget_ + static_cast<double>(now - refilledAt_) * options_.questionsPerSecond / 1'000);
    }
    refilledAt_ = now;
}

bool GapWatch::spend(std::int64_t now)
{
    refill(now);
    if (budget_ < 1) {
        return false;
    }
    budget_ -= 1;
    return true;
}

bool GapWatch::spendSpare()
{
    refill(clock_.now().value);
    if (budget_ < options_.burst / 2 + 1) {
        return false;
    }
    budget_ -= 1;
    return true;
}

// Trades and candles of every instrument once in so many ms take half of what may be asked each.
std::int64_t GapWatch::leastRound() const
{
    return static_cast<std::int64_t>(static_cast<double>(streams_.size()) * 2'000 / options_.questionsPerSecond);
}

void GapWatch::askNextTrades(std::int64_t now)
{
    const bool isWell = host_.isSubscribed();
    const auto every = std::max((isWell ? options_.compareEvery : options_.outageEvery).count(), leastRound());
    for (const bool urgentOnly : {true, false}) {
        while (auto* stream = longestUnasked(now, every, urgentOnly)) {
            if (!spend(now)) {
                return;
            }
            askTrades(*stream, now);
        }
    }
}

// So that no instrument waits for ever behind busier ones. Null: none is due.
LiveStream* GapWatch::longestUnasked(std::int64_t now, std::int64_t every, bool urgentOnly)
{
    LiveStream* longest = nullptr;
    for (auto& [id, stream] : streams_) {
        const auto since = now - stream.tradesAskedAt;
        const bool isDue = urgentOnly ? stream.isUrgent && since >= options_.urgentEvery.count() : since >= every;
        if (stream.isActive && !stream.isAskingTrades && stream.gaps.hasBegun() && (isDue || since < 0) &&
            (longest == nullptr || stream.tradesAskedAt < longest->tradesAskedAt)) {
            longest = &stream;
        }
    }
    return longest;
}

void GapWatch::askTrades(LiveStream& stream, std::int64_t now)
{
    ++counts_.asked;
    stream.isAskingTrades = true;
    stream.isUrgent = false;
    stream.tradesAskedAt = now;
    rest_.trades(stream.instrument, [this, &stream](base::Result<std::vector<market::Tick>> answer) {
        stream.isAskingTrades = false;
        if (count(answer ? std::optional<base::Error>() : answer.error()) && stream.isActive) {
            apply(stream, stream.gaps.takeTrades(*answer, stream.guard, clock_.now(), numbers(stream)));
        }
    });
}

base::UtcMs GapWatch::completeUntil(const LiveStream& stream) const
{
    const auto now = host_.exchangeNow();
    if (!now || !host_.isSubscribed() || stream.pendingGap) {
        return stream.lastTime;
    }
    return std::max(stream.lastTime, *now - options_.settle);
}

void GapWatch::askDueCandles(std::int64_t now)
{
    const auto every = std::max(options_.candlesEvery.count(), leastRound());
    for (auto& [id, stream] : streams_) {
        if (!stream.isActive) {
            continue;
        }
        if (stream.candlesDueAt == 0) { // spread over the period, beginning when the first minute can have ended
            stream.candlesDueAt = now + every + (id.value * 617) % every;
        }
        if (stream.isAskingCandles || now < stream.candlesDueAt || !stream.gaps.hasBegun()) {
            continue;
        }
        const auto until = completeUntil(stream);
        stream.candlesDueAt =
            now + (stream.gaps.waitsForMinutes() ? std::max(options_.candlesAgain.count(), leastRound()) : every);
        if (until < stream.gaps.wantedFrom() + oneMinute) {
            continue; // no minute that could be compared
        }
        if (!spend(now)) {
            stream.candlesDueAt = now;
            return;
        }
        stream.pages.clear();
        stream.pagesAsked = 0;
        askCandles(stream, base::bucketStart(until, oneMinute) + 2 * oneMinute);
    }
}

void GapWatch::askCandles(LiveStream& stream, base::UtcMs before)
{
    const auto minutes = (before - stream.gaps.wantedFrom()) / oneMinute;
    const auto wanted = static_cast<int>(std::clamp<std::int64_t>(minutes + 2, 3, mostCandles));
    ++counts_.asked;
    stream.isAskingCandles = true;
    ++stream.pagesAsked;
    rest_.candles(stream.instrument, market::Timeframe::M1, before, wanted,
                  [this, &stream](base::Result<std::vector<exchange::RestCandle>> answer) {
                      stream.isAskingCandles = false;
                      if (count(answer ? std::optional<base::Error>() : answer.error()) && stream.isActive) {
                          onCandles(stream, std::move(*answer));
                      }
                  });
}

void GapWatch::onCandles(LiveStream& stream, std::vector<exchange::RestCandle> page)
{
    const bool isAll = page.empty() || stream.pagesAsked >= mostPages;
    page.insert(page.end(), stream.pages.begin(), stream.pages.end());
    stream.pages = std::move(page);
    if (!isAll && stream.pages.front().candle.start > stream.gaps.wantedFrom()) {
        askCandles(stream, stream.pages.front().candle.start);
        return;
    }
    apply(stream, stream.gaps.takeCandles(std::exchange(stream.pages, {}), isAll, stream.minutes, completeUntil(stream),
                                          numbers(stream)));
}

void GapWatch::judgeSilences(std::int64_t now)
{
    if (!host_.isSubscribed()) {
        return;
    }
    std::int64_t newest = 0;
    for (const auto& [id, stream] : streams_) {
        newest = std::max(newest, stream.tickAt);
    }
    const bool someTick = now - newest < silenceFloor_.count() / 3;
    for (auto& [id, stream] : streams_) {
        const auto quiet = now - stream.tickAt;
        if (!stream.isActive || stream.lastId == 0 || stream.tickAt == 0 || quiet < silenceFloor_.count()) {
            continue;
        }
        const auto allowed = stream.arrivals.silence().count();
        if (quiet < allowed) {
            continue;
        }
        if (stream.tradesAskedAt < stream.tickAt + allowed) {
            askSoon(stream);
            continue;
        }
        if (const auto newer = stream.gaps.overdue(stream.lastId, {now})) {
            const auto verdict = exchange::judgeSilence(
                {stream.lastId, stream.row.last.value_or(market::Price{}), someTick}, std::span(&*newer, 1));
            if (verdict != Silence::Quiet) {
                alarm(stream, verdict, *newer);
                return; // the feed is connected anew: all are looked at afresh
            }
        }
    }
}

void GapWatch::alarm(LiveStream& stream, Silence verdict, const market::Tick& newer)
{
    const auto& instrument = stream.instrument;
    const auto ours = instrument.priceText(stream.row.last.value_or(market::Price{}));
    if (verdict == Silence::Frozen) {
        host_.interrupt(market::GapCause::Frozen, "The feed is frozen: it has told nothing since " +
                                                      base::isoText(stream.lastTime) + ", with " + instrument.name +
                                                      " at " + ours + ", while the exchange's REST says " +
                                                      instrument.priceText(newer.price) + ". Subscribing anew.");
    } else {
        host_.interrupt(market::GapCause::Silence,
                        "The feed is silent on " + instrument.name + " since " + base::isoText(stream.lastTime) +
                            ", while the exchange's REST knows newer trades. Subscribing anew.");
    }
}

} // namespace qd::engines
