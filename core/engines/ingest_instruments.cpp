// The part of IngestEngine that knows which instruments the feed has: the operator's changes, those that leave once
// their positions have ended, what the exchange offers, and the history of their candles.
#include "engines/ingest_engine.h"

#include "exchange/default_instruments.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

// The newest minutes before the first tick are closed at the exchange after this.
constexpr std::int64_t minutesCloseWithinMs = 5'000;
// An instrument without a tick for so long is quiet: its history need not wait.
constexpr std::int64_t quietMs = 60'000;
constexpr base::UtcMs farFuture{INT64_MAX / 2};

bool holds(const std::vector<std::string>& names, const std::string& name)
{
    return std::ranges::find(names, name) != names.end();
}

std::string joined(const std::vector<std::string>& names)
{
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

/// By turnover, largest first; without tickers as the exchange has them.
console::Offer offerOf(const std::vector<market::Instrument>& offered, const std::vector<exchange::RestTicker>& tickers)
{
    console::Offer offer;
    for (const auto& instrument : offered) {
        console::OfferedInstrument one{.name = instrument.name, .instrument = instrument};
        one.isDefault = std::ranges::find(exchange::defaultInstruments(), one.name, &market::Instrument::name) !=
                        exchange::defaultInstruments().end();
        const auto ticker = std::ranges::find(tickers, one.name, &exchange::RestTicker::instrument);
        if (ticker != tickers.end()) {
            one.last = ticker->last;
            one.turnover24h = ticker->turnover24h;
            one.change24h = ticker->open24h > 0 ? std::optional(ticker->last / ticker->open24h - 1) : std::nullopt;
        }
        offer.instruments.push_back(std::move(one));
    }
    std::ranges::stable_sort(offer.instruments, std::greater{},
                             [](const auto& one) { return one.turnover24h.value_or(-1); });
    return offer;
}

storage::JournalEntry journalOf(const console::ChangeInstruments& wish, base::UtcMs now)
{
    std::string what;
    std::string undo;
    if (!wish.add.empty()) {
        what = "added " + joined(wish.add);
        undo = "remove " + joined(wish.add);
    }
    if (!wish.remove.empty()) {
        what += (what.empty() ? "removed " : ", removed ") + joined(wish.remove);
        undo += (undo.empty() ? "add " : ", add ") + joined(wish.remove);
    }
    return {.id = 0,
            .time = now,
            .by = "operator",
            .what = "instruments: " + what,
            .why = wish.reason,
            .evidence = "",
            .undo = "instruments: " + undo};
}

} // namespace

bool IngestEngine::obey(console::CommandId id, console::Command command)
{
    const auto shared = std::make_shared<const console::Command>(std::move(command));
    const auto act = [this, id, shared] {
        if (const auto* wish = std::get_if<console::ChangeInstruments>(&*shared)) {
            changeInstruments(id, *wish);
        } else if (const auto* history = std::get_if<console::SetHistoryCancelled>(&*shared)) {
            setHistoryCancelled(id, history->cancelled);
        } else {
            askOffer(id);
        }
    };
    const std::scoped_lock lock(hop_);
    return context_ != nullptr && QMetaObject::invokeMethod(context_, act, Qt::QueuedConnection);
}

void IngestEngine::refuse(console::CommandId id, base::Error error)
{
    links_.events.push(console::CommandDone{id, std::move(error)});
}

/// Gives them their ids.
Result<std::vector<market::Instrument>> IngestEngine::identify(std::vector<market::Instrument> wanted)
{
    StoreInstruments ask{std::move(wanted), {}};
    auto answer = ask.answer.get_future();
    if (!links_.store.push(std::move(ask))) {
        return base::fail(ErrorCode::Cancelled, "store", "it has ended"); // so do we, soon
    }
    return answer.get();
}

LiveStream* IngestEngine::activeNamed(const std::string& name)
{
    for (const auto id : order_) {
        if (auto& stream = streams_.at(id); stream.instrument.name == name) {
            return &stream;
        }
    }
    return nullptr;
}

std::vector<market::Instrument> IngestEngine::activeInstruments() const
{
    std::vector<market::Instrument> out;
    for (const auto id : order_) {
        out.push_back(streams_.at(id).instrument);
    }
    return out;
}

/// The wanted list as the wish makes it.
Result<std::vector<std::string>> IngestEngine::listAfter(const console::ChangeInstruments& wish) const
{
    auto wanted = list_.wanted;
    if (wanted.empty()) { // what the feed came with
        for (const auto& instrument : activeInstruments()) {
            if (!departures_.contains(instrument.id)) {
                wanted.push_back(instrument.name);
            }
        }
    }
    for (const auto& name : wish.remove) {
        if (!holds(wanted, name)) {
            return base::fail(ErrorCode::NotFound, name, "it is not among the instruments of this feed");
        }
        std::erase(wanted, name);
    }
    for (const auto& name : wish.add) {
        if (!holds(wanted, name)) {
            wanted.push_back(name);
        }
    }
    if (wanted.empty()) {
        return base::fail(ErrorCode::OutOfRange, joined(wish.remove), "a feed needs at least one instrument");
    }
    return wanted;
}

void IngestEngine::changeInstruments(console::CommandId id, const console::ChangeInstruments& wish)
{
    if (const auto wanted = listAfter(wish); !wanted) {
        refuse(id, wanted.error());
        return;
    }
    const bool knowsAll = std::ranges::all_of(wish.add, [this](const auto& name) { return activeNamed(name); });
    if (knowsAll) {
        applyChange(id, wish, {});
        return;
    }
    rest_->instruments([this, id, wish](Result<std::vector<market::Instrument>> answer) {
        if (isStopping_ || !answer) {
            refuse(id, answer ? base::Error{ErrorCode::Cancelled, "feed", "the console is closing"} : answer.error());
            return;
        }
        applyChange(id, wish, *answer);
    });
}

void IngestEngine::applyChange(console::CommandId id, const console::ChangeInstruments& wish,
                               const std::vector<market::Instrument>& offered)
{
    auto wanted = listAfter(wish); // anew: another change may have come meanwhile
    if (!wanted) {
        refuse(id, wanted.error());
        return;
    }
    std::vector<market::Instrument> fresh;
    for (const auto& name : wish.add) {
        if (activeNamed(name) != nullptr) {
            continue;
        }
        const auto found = std::ranges::find(offered, name, &market::Instrument::name);
        if (found == offered.end()) {
            refuse(id, {ErrorCode::NotFound, name, "the exchange does not offer it"});
            return;
        }
        fresh.push_back(*found);
    }
    auto known = identify(std::move(fresh));
    if (!known) {
        refuse(id, known.error());
        return;
    }
    if (!links_.store.push(StoreChoice{.command = id,
                                       .wanted = list_.isGiven ? std::nullopt : std::optional(*wanted),
                                       .historyCancelled = {},
                                       .journal = journalOf(wish, links_.clock.now())})) {
        refuse(id, {ErrorCode::Cancelled, "store", "it has ended"});
        return;
    }
    list_.wanted = std::move(*wanted);
    flush();
    PaperInstruments told{*known, {}};
    for (const auto& name : wish.add) {
        if (auto* stream = activeNamed(name)) { // it was leaving
            departures_.erase(stream->instrument.id);
            stream->row.isLeaving = false;
            std::erase(list_.leaving, name);
            told.instruments.push_back(stream->instrument);
        }
    }
    for (const auto& name : wish.remove) {
        if (auto* stream = activeNamed(name)) {
            departures_[stream->instrument.id] = ++departureCount_;
            stream->row.isLeaving = true;
            list_.leaving.push_back(name);
            told.instruments.push_back(stream->instrument);
            told.departures[stream->instrument.id] = departureCount_;
        }
    }
    if (!links_.paper.push(std::move(told))) {
        return;
    }
    for (const auto& instrument : *known) {
        activate(instrument);
    }
    if (feed_) {
        feed_->change(activeInstruments());
    }
    publish();
}

/// New here, known from the archive, or removed before in this run.
void IngestEngine::activate(const market::Instrument& instrument)
{
    auto [at, isNew] = streams_.try_emplace(instrument.id);
    auto& stream = at->second;
    if (!isNew && stream.isActive) {
        return;
    }
    stream.instrument = instrument;
    if (isNew) {
        takeUp(stream);
    } else {
        order_.push_back(instrument.id);
        stream.isActive = true;
        stream.row = {.instrument = instrument, .last = stream.row.last, .lastTime = stream.lastTime};
        stream.firstTime = {};
        stream.runOfIds = 0;
    }
    stream.tickAt = wasSubscribed_ ? links_.clock.now().value : 0;
    history_->add(instrument);
}

/// Nothing of it is under way any more: its ticks are not asked for from now on.
void IngestEngine::depart(LiveStream& stream)
{
    const auto id = stream.instrument.id;
    flush();
    stream.isActive = false;
    recent_ = nullptr;
    if (stream.lastId != 0) {
        stream.pendingGap = market::GapCause::Stopped; // where it is added again
    }
    std::erase(order_, id);
    std::erase(list_.leaving, stream.instrument.name);
    departures_.erase(id);
    history_->remove(id);
    if (feed_) {
        feed_->change(activeInstruments());
    }
    tell(console::Severity::Info, stream.instrument.name + " has left the feed. Its archive is kept.");
    publish();
}

void IngestEngine::watchDepartures()
{
    if (links_.departures == nullptr || links_.departures->version() == departuresSeen_) {
        return;
    }
    departuresSeen_ = links_.departures->version();
    const auto idle = links_.departures->get();
    for (const auto& [id, number] : *idle) {
        const auto own = departures_.find(id);
        if (own != departures_.end() && own->second == number) {
            depart(streams_.at(id));
        }
    }
}

void IngestEngine::askOffer(console::CommandId id)
{
    showOffer({.isAsking = true, .error = {}, .instruments = {}});
    links_.events.push(console::CommandDone{id, std::nullopt});
    rest_->instruments([this](Result<std::vector<market::Instrument>> answer) {
        if (isStopping_ || !answer) {
            showOffer({.isAsking = false, .error = answer ? "" : base::sentence(answer.error()), .instruments = {}});
            return;
        }
        const auto offered = std::make_shared<const std::vector<market::Instrument>>(std::move(*answer));
        rest_->tickers([this, offered](const Result<std::vector<exchange::RestTicker>>& tickers) {
            showOffer(offerOf(*offered, tickers ? *tickers : std::vector<exchange::RestTicker>{}));
        });
    });
}

void IngestEngine::showOffer(console::Offer offer)
{
    shown_.offer = std::make_shared<const console::Offer>(std::move(offer));
    publishedTicks_ = UINT64_MAX;
}

void IngestEngine::setHistoryCancelled(console::CommandId id, bool isCancelled)
{
    if (!links_.store.push(StoreChoice{.command = id, .wanted = {}, .historyCancelled = isCancelled, .journal = {}})) {
        refuse(id, {ErrorCode::Cancelled, "store", "it has ended"});
        return;
    }
    list_.isHistoryCancelled = isCancelled;
    history_->setCancelled(isCancelled);
    publishedTicks_ = UINT64_MAX;
}

void IngestEngine::askMinutes(const market::Instrument& instrument, std::optional<base::UtcMs> before, int limit,
                              CandleBackfill::Answer answer)
{
    rest_->candles(instrument, market::Timeframe::M1, before, limit, std::move(answer));
}

void IngestEngine::show(base::InstrumentId instrument, storage::CandlesByTimeframe candles)
{
    (void)links_.paper.push(PaperHistory{instrument, std::move(candles)}); // paper has ended: nobody looks
}

std::optional<base::UtcMs> IngestEngine::ticksFrom(base::InstrumentId instrument) const
{
    const auto found = streams_.find(instrument);
    if (found == streams_.end() || !found->second.isActive || !wasSubscribed_) {
        return std::nullopt;
    }
    const auto& stream = found->second;
    const auto now = links_.clock.now().value;
    if (stream.firstTime.value != 0) {
        return now - stream.firstTickAt >= minutesCloseWithinMs
                   ? std::optional(base::bucketStart(stream.firstTime, exchange::oneMinute))
                   : std::nullopt;
    }
    return stream.tickAt > 0 && now - stream.tickAt >= quietMs ? std::optional(farFuture) : std::nullopt;
}

void IngestEngine::tell(console::Severity severity, const std::string& what)
{
    links_.events.push(console::Notice{links_.clock.now(), severity, what});
}

} // namespace qd::engines
