#include "engines/ingest_engine.h"

#include "base/log.h"
#include "engines/at_exit.h"

#include <algorithm>

namespace qd::engines {

namespace {

constexpr std::size_t batchCap = 4'096;
constexpr std::size_t mostUnasked = 20; // instruments taken when none are named
constexpr int frameMs = 33;
// A feed whose newest tick is this old while ticks stream in is catching up, not live.
constexpr base::Millis catchingUpFrom{60'000};
constexpr std::int64_t oneDayMs = 86'400'000;
// A feed that is cut so soon after the store pushed back was cut because nobody read it.
constexpr std::int64_t outageEchoMs = 60'000;

} // namespace

IngestEngine::IngestEngine(FeedAddress address, InstrumentList list, std::vector<StreamEnd> streams,
                           market::GapCause causeOfFirstGap, Links links, IngestOptions options)
    : address_(std::move(address)),
      list_(std::move(list)),
      causeOfFirstGap_(causeOfFirstGap),
      links_(links),
      options_(options),
      ends_(std::move(streams))
{
    shown_.address = address_.webSocket;
    shown_.isListGiven = list_.isGiven;
    for (const auto& end : ends_) {
        for (const auto& row : end.gaps) {
            gapsOfDay_[{row.instrument.value, row.number.value}] = storage::gapOf(row);
        }
    }
}

IngestEngine::~IngestEngine() = default;

void IngestEngine::run(const std::stop_token& stop)
{
    QEventLoop loop;
    loop_ = &loop;
    QObject context;
    const AtExit forget([this] {
        const std::scoped_lock lock(hop_);
        context_ = nullptr;
    });
    {
        const std::scoped_lock lock(hop_);
        context_ = &context;
    }
    links_.pulse.start(links_.clock.now());
    links_.pulse.state = console::EngineState::Starting;
    rest_ = std::make_unique<exchange::BlofinRest>(
        exchange::RestOptions{.base = QUrl(QString::fromStdString(address_.rest))});
    GapWatch::Host& host = *this; // make_unique may not see the private base
    watch_ = std::make_unique<GapWatch>(*rest_, streams_, host, links_.clock, options_.silence, options_.watch);
    check_ =
        std::make_unique<GapCheck>(*watch_, links_.jobs, links_.nextGapCheck, links_.clock, options_.watch.checkEvery);
    CandleBackfill::Host& filler = *this;
    history_ = std::make_unique<CandleBackfill>(filler, links_.clock, options_.history);
    history_->setCancelled(list_.isHistoryCancelled);
    timer_ = std::make_unique<QTimer>();
    timer_->setTimerType(Qt::PreciseTimer);
    QObject::connect(timer_.get(), &QTimer::timeout, &context, [this] { tick(); });
    timer_->start(frameMs);
    retry_ = std::make_unique<QTimer>();
    retry_->setSingleShot(true);
    QObject::connect(retry_.get(), &QTimer::timeout, &context, [this] { askInstruments(); });
    askInstruments();
    publish();
    {
        const std::stop_callback quit(stop, [&context, &loop] {
            QMetaObject::invokeMethod(&context, [&loop] { loop.quit(); }, Qt::QueuedConnection);
        });
        if (!stop.stop_requested()) {
            try {
                loop.exec();
            } catch (...) {
                flush(); // what is numbered already must not be lost: the next engine goes on behind it
                throw;
            }
        }
    }
    isStopping_ = true;
    {
        const std::scoped_lock lock(hop_);
        context_ = nullptr;
    }
    if (feed_) {
        feed_->stop();
    }
    flush();
    feed_.reset();
    check_.reset();
    rest_.reset();
    history_.reset();
    watch_.reset();
    retry_.reset();
    timer_.reset();
    links_.pulse.state = console::EngineState::Stopped;
    shown_.feed = console::FeedState::Offline;
    publish();
}

void IngestEngine::reconnectNow()
{
    const std::scoped_lock lock(hop_);
    if (context_ != nullptr) {
        QMetaObject::invokeMethod(
            context_,
            [this] {
                if (feed_) {
                    feed_->reconnectNow();
                } else if (retry_->isActive()) {
                    retry_->start(0);
                }
            },
            Qt::QueuedConnection);
    }
}

std::vector<StreamEnd> IngestEngine::streamEnds() const
{
    auto ends = ends_;
    for (const auto& [id, stream] : streams_) {
        auto at = std::ranges::find_if(ends, [&](const auto& end) { return end.instrument.id == id; });
        if (at == ends.end()) {
            at = ends.insert(ends.end(), StreamEnd{stream.instrument, {}, {}, {}, {}});
        }
        at->archive.ticks = stream.lastId != 0 ? std::max<std::uint64_t>(at->archive.ticks, 1) : 0;
        at->archive.lastNumber = stream.number;
        at->archive.lastId = stream.lastId;
        at->archive.lastTime = stream.lastTime;
        at->lastPrice = stream.row.last.value_or(market::Price{});
        at->minuteLots.clear(); // compared from the next whole minute on
        at->gaps.clear();
    }
    for (auto line = gapLines_.rbegin(); line != gapLines_.rend(); ++line) {
        const auto at =
            std::ranges::find_if(ends, [&](const auto& end) { return end.instrument.id == line->instrument; });
        if (at != ends.end()) {
            auto row = storage::gapRow(line->instrument, line->gap);
            if (row.measure == market::GapMeasure::Open) {
                row.measure = market::GapMeasure::Unknown; // what we hold of its minutes is forgotten with this engine
            }
            at->gaps.push_back(row);
        }
    }
    return ends;
}

void IngestEngine::askInstruments()
{
    shown_.feed = console::FeedState::Connecting;
    rest_->instruments([this](base::Result<std::vector<market::Instrument>> answer) {
        if (isStopping_) {
            return;
        }
        if (answer && !choose(*answer).empty()) {
            failures_ = 0;
            begin(std::move(*answer));
            return;
        }
        const auto why =
            answer ? std::string("the exchange offers none of the wanted instruments") : base::sentence(answer.error());
        ++failures_;
        shown_.feed = console::FeedState::Offline;
        shown_.detail = why;
        links_.pulse.state = console::EngineState::Struggling;
        if (failures_ == 1) {
            links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning,
                                               "The exchange does not answer: " + why});
        }
        retry_->start(std::min(30'000, 500 * (1 << std::min(failures_, 6))));
    });
}

std::vector<market::Instrument> IngestEngine::choose(const std::vector<market::Instrument>& offered) const
{
    std::vector<market::Instrument> chosen;
    if (list_.wanted.empty()) {
        chosen.assign(offered.begin(),
                      offered.begin() + static_cast<std::ptrdiff_t>(std::min(mostUnasked, offered.size())));
        return chosen;
    }
    auto names = list_.wanted;
    names.insert(names.end(), list_.leaving.begin(), list_.leaving.end());
    for (const auto& name : names) {
        if (const auto found = std::ranges::find(offered, name, &market::Instrument::name); found != offered.end()) {
            chosen.push_back(*found);
        }
    }
    return chosen;
}

void IngestEngine::begin(std::vector<market::Instrument> offered)
{
    auto known = identify(choose(offered));
    if (!known) {
        shown_.detail = base::sentence(known.error());
        retry_->start(2'000);
        return;
    }
    for (const auto& instrument : *known) {
        activate(instrument);
        if (std::ranges::find(list_.leaving, instrument.name) != list_.leaving.end()) {
            departures_[instrument.id] = ++departureCount_;
            streams_.at(instrument.id).row.isLeaving = true;
        }
    }
    causeOfFirstGap_ = market::GapCause::Stopped; // of those that come later
    std::ranges::stable_sort(gapLines_, [](const auto& a, const auto& b) { return a.gap.from > b.gap.from; });
    if (!links_.paper.push(PaperInstruments{*known, departures_})) {
        return;
    }
    feed_ = std::make_unique<exchange::BlofinStream>(
        exchange::StreamOptions{.url = QUrl(QString::fromStdString(address_.webSocket)),
                                // by the clock of all else here; it is not the stream's to end
                                .clock = std::shared_ptr<const base::Clock>(std::shared_ptr<void>(), &links_.clock)});
    feed_->start(std::move(*known), *this);
}

void IngestEngine::onTrades(base::InstrumentId instrument, std::span<const market::Tick> ticks, base::UtcMs received)
{
    if (recent_ == nullptr || recent_->instrument.id != instrument) {
        const auto found = streams_.find(instrument);
        if (found == streams_.end() || !found->second.isActive) {
            return;
        }
        recent_ = &found->second;
    }
    const auto latest =
        exchange::FutureGate::limit(received, shown_.clockOffset.value_or(base::Millis{0}), shown_.newestTick);
    for (const auto& tick : ticks) {
        if (tick.time <= latest || isBelieved(*recent_, tick)) [[likely]] {
            accept(*recent_, tick, received);
        }
    }
    recent_->heardAt = received.value;
    if (batch_.size() >= batchCap) {
        flush();
    }
}

void IngestEngine::accept(LiveStream& stream, const market::Tick& tick, base::UtcMs received)
{
    switch (stream.guard.see(tick.id)) {
    case market::Sequence::Duplicate:
        ++shown_.duplicates;
        return;
    case market::Sequence::Late:
        ++shown_.late;
        append(stream, received, market::LateTick{tick});
        stream.minutes.add(tick.time, tick.size().value);
        watch_->apply(stream, stream.gaps.noteLate(tick));
        return;
    case market::Sequence::Accept:
        break;
    }
    if (tick.id == stream.lastId + 1 && stream.lastId != 0) [[likely]] {
        stream.pendingGap.reset(); // contiguous ids prove that nothing was missed while we were away
        ++stream.runOfIds;
    } else {
        closeGap(stream, tick, received);
    }
    append(stream, received, tick);
    stream.minutes.add(tick.time, tick.size().value);
    stream.arrivals.add(tick.time);
    stream.tickAt = received.value;
    stream.lastId = tick.id;
    stream.lastTime = tick.time;
    stream.row.last = tick.price;
    stream.row.lastTime = tick.time;
    if (stream.row.ticks++ == 0) {
        stream.firstTime = tick.time;
        stream.firstTickAt = received.value;
    }
    ++shown_.ticks;
    shown_.newestTick = std::max(shown_.newestTick, tick.time);
}

void IngestEngine::append(
    LiveStream& stream, base::UtcMs received,
    std::variant<market::Tick, market::Quote, market::LateTick, market::GapMark, market::FundingRate> what)
{
    ++stream.number.value;
    batch_.push_back({stream.instrument.id, stream.number, received, std::move(what)});
}

void IngestEngine::onQuote(base::InstrumentId instrument, const market::Quote& quote, market::Price open24h,
                           base::UtcMs received)
{
    const auto found = streams_.find(instrument);
    if (found == streams_.end() || !found->second.isActive) {
        return;
    }
    auto& stream = found->second;
    if (stream.row.quote && stream.row.quote->time >= quote.time) {
        return; // nothing newer
    }
    if (!stream.pendingGap) {
        // Before the gap's mark it would be taken for a quote of the time before the gap.
        append(stream, received, quote);
    }
    clockWatch_.see(quote.time, received);
    stream.row.quote = quote;
    stream.heardAt = received.value;
    if (open24h.value > 0 && stream.row.last) {
        stream.row.change24h = static_cast<double>(stream.row.last->value) / static_cast<double>(open24h.value) - 1;
    }
}

// A change becomes an item of the stream; the exchange repeats itself every 30 s.
void IngestEngine::onFunding(base::InstrumentId instrument, const market::FundingRate& rate, base::UtcMs received)
{
    const auto found = streams_.find(instrument);
    if (found == streams_.end() || found->second.funding == rate) {
        return;
    }
    found->second.funding = rate;
    append(found->second, received, rate);
}

void IngestEngine::onState(exchange::LinkState state, const std::string& detail)
{
    const auto now = links_.clock.now();
    shown_.detail = detail;
    switch (state) {
    case exchange::LinkState::Closed:
        shown_.feed = console::FeedState::Offline;
        links_.pulse.state = console::EngineState::Struggling;
        markAll(causeOfCut()); // also where not all was subscribed yet: some may have traded
        if (wasSubscribed_) {
            wasSubscribed_ = false;
            ++shown_.reconnects;
            links_.events.push(console::Notice{now, console::Severity::Warning,
                                               "The feed was cut (" + detail + "). Connecting again by itself."});
        }
        break;
    case exchange::LinkState::Connecting:
        shown_.feed = console::FeedState::Connecting;
        break;
    case exchange::LinkState::Subscribing:
        shown_.feed = console::FeedState::Subscribing;
        break;
    case exchange::LinkState::Subscribed:
        shown_.feed = console::FeedState::Online;
        links_.pulse.state = console::EngineState::Running;
        if (!wasSubscribed_) {
            wasSubscribed_ = true;
            for (auto& [id, stream] : streams_) {
                stream.tickAt = now.value;
            }
            links_.events.push(console::Notice{now, console::Severity::Info,
                                               "The feed is on: " + std::to_string(order_.size()) + " instruments."});
        }
        break;
    }
    publishedTicks_ = UINT64_MAX;
}

void IngestEngine::onMalformed(std::string_view kind, std::string_view sample)
{
    ++shown_.malformed[std::string(kind)];
    shown_.malformedSample = sample.substr(0, 200);
}

// Store first, then paper. Both push back when full: the socket then waits, and TCP slows the exchange down.
void IngestEngine::flush()
{
    if (batch_.empty()) {
        flushGaps();
        return;
    }
    std::uint64_t ticks = 0;
    for (const auto& item : batch_) {
        ticks += std::holds_alternative<market::Tick>(item.what) ? 1 : 0;
    }
    rate_.add(links_.clock.now(), ticks);
    const auto size = batch_.size();
    auto batch = std::make_shared<const market::StreamBatch>(std::exchange(batch_, {}));
    batch_.reserve(std::max<std::size_t>(size, 64));
    watchStore();
    if (!links_.store.push(StoreTicks{batch, std::chrono::steady_clock::now()}) || !links_.paper.push(batch)) {
        base::log(base::LogLevel::Warning, "ingest", "ticks came after store or paper had ended");
    }
    flushGaps();
    watchStore();
}

// A push may have waited through the whole outage: the time after it counts.
void IngestEngine::watchStore()
{
    if (links_.storeIsFailing.load(std::memory_order_acquire) || isWaitingForStore_) {
        storeFailedAt_ = links_.clock.now().value;
    }
    isWaitingForStore_ = links_.storeIsFailing.load(std::memory_order_acquire);
}

market::GapCause IngestEngine::causeOfCut() const
{
    const bool isEcho = storeFailedAt_ > 0 && links_.clock.now().value - storeFailedAt_ < outageEchoMs;
    return isEcho || links_.storeIsFailing.load(std::memory_order_acquire) ? market::GapCause::Disk
                                                                           : market::GapCause::Socket;
}

void IngestEngine::tick()
{
    followSilence();
    watchClocks();
    watch_->tick();
    check_->tick(isSubscribed());
    watchDepartures();
    history_->tick();
    flush();
    const auto now = links_.clock.now();
    links_.pulse.beat(now);
    // A clock that was set back must not end what is shown.
    if (shown_.ticks != publishedTicks_ || now.value - publishedAt_ > 1'000 || now.value < publishedAt_) {
        publish();
    }
}

void IngestEngine::publish()
{
    const auto now = links_.clock.now();
    publishedTicks_ = shown_.ticks;
    publishedAt_ = now.value;
    shown_.state = links_.pulse.state;
    shown_.ticksPerSecond = rate_.perSecond(now);
    shown_.rate = rate_.history(now);
    countGaps();
    const auto silence = options_.silence.count();
    if (!shown_.gaps && !gapLines_.empty()) {
        shown_.gaps = std::make_shared<const std::vector<console::GapLine>>(gapLines_);
    }
    bool heard = false;
    shown_.instruments.clear();
    for (const auto id : order_) {
        auto& stream = streams_.at(id);
        stream.row.isFresh = stream.heardAt > 0 && now.value - stream.heardAt < silence;
        heard = heard || stream.row.isFresh;
        shown_.instruments.push_back(stream.row);
    }
    if (wasSubscribed_) {
        const auto behind = now - shown_.newestTick;
        const bool isBehind = shown_.newestTick.value > 0 && behind > catchingUpFrom && behind.count() < 40 * oneDayMs;
        shown_.feed = !heard && !order_.empty() && shown_.ticks > 0 ? console::FeedState::Silent
                      : isBehind && shown_.ticksPerSecond > 100     ? console::FeedState::CatchingUp
                                                                    : console::FeedState::Online;
    }
    shown_.history = history_ ? history_->progress() : nullptr;
    links_.screen.put(shown_);
}

} // namespace qd::engines
