// The part of IngestEngine that knows of gaps: where a stream goes on, when it is interrupted, what is filled and
// written.
#include "engines/ingest_engine.h"

#include "base/log.h"
#include "governance/night_figures.h"

#include <algorithm>
#include <ctime>

namespace qd::engines {

namespace {

// After so many ids without a hole a jump is worth a question at once.
constexpr std::int64_t runWorthAQuestion = 100;
constexpr std::size_t gapLinesShown = 500;

base::Millis read(clockid_t clock)
{
    timespec time{};
    clock_gettime(clock, &time);
    return base::Millis{time.tv_sec * 1'000LL + time.tv_nsec / 1'000'000};
}

std::string seconds(base::Millis time)
{
    const auto tenths = std::abs(time.count()) / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

} // namespace

// How long an instrument is quiet by its own habit is learned anew: what was counted as short was so by the old limit.
void IngestEngine::followSilence()
{
    const base::Millis wanted{links_.silenceMs == nullptr ? options_.silence.count() : links_.silenceMs->load()};
    if (wanted == options_.silence) {
        return;
    }
    options_.silence = wanted;
    watch_->setSilence(wanted);
    for (auto& [id, stream] : streams_) {
        stream.arrivals = exchange::ArrivalGaps(wanted);
    }
}

// A stream goes on where the archive ends.
void IngestEngine::takeUp(LiveStream& stream)
{
    stream.row.instrument = stream.instrument;
    stream.arrivals = exchange::ArrivalGaps(options_.silence);
    order_.push_back(stream.instrument.id);
    const auto end =
        std::ranges::find_if(ends_, [&](const auto& e) { return e.instrument.id == stream.instrument.id; });
    if (end == ends_.end()) {
        return;
    }
    stream.number = end->archive.lastNumber;
    if (end->archive.ticks == 0) {
        return;
    }
    stream.guard = market::SequenceGuard(end->archive.lastId);
    stream.lastId = end->archive.lastId;
    stream.lastTime = end->archive.lastTime;
    stream.pendingGap = causeOfFirstGap_;
    stream.row.last = end->lastPrice;
    stream.row.lastTime = end->archive.lastTime;
    for (const auto& [minute, lots] : end->minuteLots) {
        stream.minutes.add({minute}, lots);
    }
    const auto lastMinute = base::bucketStart(stream.lastTime, exchange::oneMinute);
    stream.gaps.begin(stream.lastId, stream.lastTime, end->minuteLots.contains(lastMinute.value));
    for (const auto& row : end->gaps) {
        auto gap = storage::gapOf(row);
        if (stream.lastTime - gap.from <= gapsResumedFor) {
            stream.gaps.resume(gap);
        } else if (gap.measure == market::GapMeasure::Open) { // too long ago to be compared
            gap.measure = market::GapMeasure::Unknown;
            gapRows_.push_back(storage::gapRow(stream.instrument.id, gap));
        }
        gapLines_.push_back({stream.instrument.id, stream.instrument.name, gap,
                             gap.missing ? stream.instrument.sizeText(*gap.missing) : std::string()});
    }
}

// Of a tick from the far future.
bool IngestEngine::isBelieved(const LiveStream& stream, const market::Tick& tick)
{
    if (futureGate_.admits(tick.time)) {
        return true;
    }
    onMalformed("future",
                stream.instrument.name + " trade " + std::to_string(tick.id) + " of " + base::isoText(tick.time));
    return false;
}

// `tick` does not follow on the newest one: after an interruption that is a gap, else perhaps a hole of the exchange's
// own.
void IngestEngine::closeGap(LiveStream& stream, const market::Tick& tick, base::UtcMs received)
{
    if (!stream.gaps.hasBegun()) {
        stream.gaps.begin(tick.id, tick.time, false);
    }
    if (stream.pendingGap) {
        append(stream, received, market::GapMark{stream.lastTime, *stream.pendingGap});
        const market::Gap gap{
            .number = stream.number, .from = stream.lastTime, .to = tick.time, .cause = *stream.pendingGap};
        stream.gaps.open(gap, stream.lastId, tick.id);
        keepGap(stream, gap);
        watch_->askSoon(stream);
        stream.pendingGap.reset();
    } else if (stream.runOfIds >= runWorthAQuestion) {
        watch_->askSoon(stream);
    }
    stream.runOfIds = 0;
}

void IngestEngine::takeFill(LiveStream& stream, const market::Tick& tick)
{
    append(stream, links_.clock.now(), market::LateTick{tick});
    stream.minutes.add(tick.time, tick.size().value);
    ++shown_.filled;
}

void IngestEngine::keepGap(LiveStream& stream, const market::Gap& gap)
{
    gapRows_.push_back(storage::gapRow(stream.instrument.id, gap));
    const auto same = [&](const console::GapLine& line) {
        return line.instrument == stream.instrument.id && line.gap.number == gap.number;
    };
    gapsOfDay_[{stream.instrument.id.value, gap.number.value}] = gap;
    hasNewGaps_ = true;
    auto at = std::ranges::find_if(gapLines_, same);
    if (at == gapLines_.end()) {
        at = gapLines_.insert(gapLines_.begin(), {stream.instrument.id, stream.instrument.name, gap, {}});
    }
    at->gap = gap;
    at->missingText = gap.missing ? stream.instrument.sizeText(*gap.missing) : std::string();
    if (gapLines_.size() > gapLinesShown) {
        gapLines_.pop_back();
    }
    shown_.gaps = nullptr; // made anew by the next publish()
}

void IngestEngine::markAll(market::GapCause cause)
{
    for (auto& [id, stream] : streams_) {
        if (stream.lastId != 0 && !stream.pendingGap) {
            stream.pendingGap = cause;
        }
    }
}

void IngestEngine::interrupt(market::GapCause cause, const std::string& why)
{
    base::log(base::LogLevel::Warning, "ingest", why);
    links_.events.push(console::Notice{
        links_.clock.now(), cause == market::GapCause::Frozen ? console::Severity::Error : console::Severity::Warning,
        why});
    markAll(cause);
    ++shown_.reconnects;
    wasSubscribed_ = false;
    if (feed_) {
        feed_->reconnectNow();
    }
}

std::optional<base::UtcMs> IngestEngine::exchangeNow() const
{
    const auto offset = clockWatch_.offset();
    return offset ? std::optional(links_.clock.now() + *offset) : std::nullopt;
}

// One interruption leaves a gap row for each instrument that lost trades in it, and counts once, as in the night
// report. Those that the runs of before left in the ledger count as well.
void IngestEngine::countGaps()
{
    const auto today = base::bucketStart(links_.clock.now(), base::oneDay);
    if (today == gapDay_ && !hasNewGaps_) {
        return;
    }
    gapDay_ = today;
    hasNewGaps_ = false;
    // Forgotten by the ledger's own times: by our clock, one that was set ahead for a moment would forget them all.
    constexpr auto kept = base::oneDay * 2;
    base::UtcMs newest;
    for (const auto& [key, gap] : gapsOfDay_) {
        newest = std::max(newest, gap.to);
    }
    std::erase_if(gapsOfDay_, [&](const auto& entry) { return entry.second.to < newest - kept; });
    std::vector<governance::NightLoss> losses;
    for (const auto& [key, gap] : gapsOfDay_) {
        losses.push_back({{}, gap});
    }
    const auto interruptions = governance::nightGaps(losses, today, today + base::oneDay);
    shown_.gapsToday = static_cast<std::uint32_t>(interruptions.size());
}

// After the batch that holds their marks.
void IngestEngine::flushGaps()
{
    if (!gapRows_.empty() && !links_.store.push(StoreGaps{std::exchange(gapRows_, {})})) {
        base::log(base::LogLevel::Warning, "ingest", "gaps were measured after the store had ended");
    }
}

// A machine that slept has a dead connection, whatever the socket says; a clock that is off is told, once.
void IngestEngine::watchClocks()
{
    const auto now = links_.clock.now();
    const base::Millis besides{links_.sleptMs != nullptr ? links_.sleptMs->load() : 0};
    const auto jump = sleepWatch_.see(now, read(CLOCK_MONOTONIC), read(CLOCK_BOOTTIME) + besides);
    if (jump.slept.count() > 0) {
        interrupt(market::GapCause::Sleep, "The machine slept for " + seconds(jump.slept) + ". Connecting again.");
    }
    if (jump.clockSet.count() != 0) {
        links_.events.push(console::Notice{now, console::Severity::Warning,
                                           "The machine's clock was set " +
                                               std::string(jump.clockSet.count() > 0 ? "forward" : "back") + " by " +
                                               seconds(jump.clockSet) + "."});
    }
    shown_.clockOffset = clockWatch_.offset();
    if (!shown_.clockOffset) {
        return;
    }
    const auto most =
        links_.clockOffMs == nullptr ? base::policySeconds({}, "health.clock_s").count() : links_.clockOffMs->load();
    const bool isOff = std::abs(shown_.clockOffset->count()) > most;
    if (isOff && !clockWasOff_) {
        links_.events.push(console::Notice{now, console::Severity::Warning,
                                           "The machine's clock is " + seconds(*shown_.clockOffset) +
                                               (shown_.clockOffset->count() > 0 ? " behind" : " ahead of") +
                                               " the exchange's. Set it, e.g. by NTP."});
    } else if (!isOff && clockWasOff_) {
        links_.events.push(
            console::Notice{now, console::Severity::Info, "The machine's clock agrees with the exchange's again."});
    }
    clockWasOff_ = isOff;
}

} // namespace qd::engines
