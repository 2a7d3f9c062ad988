#include "engines/paper_engine.h"

#include "trading/arm.h"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

namespace qd::engines {

using namespace std::chrono_literals;

namespace {

constexpr auto tendEvery = 5ms;
constexpr auto saveEvery = 60s;
constexpr auto frame = 33ms;
constexpr auto lastAnswerWithin = 3s;
// Lag is told only while exchange time goes on at the clock's pace and lies near it: a past that is caught up, and
// recorded times, say nothing of it.
constexpr base::Millis paceSample{1'000};
constexpr base::Millis lagLimit{3'600'000};
constexpr std::size_t marksShown = 2'000;

} // namespace

PaperEngine::PaperEngine(RecoveredPaper start, const base::PaperPolicy& policy, Links links, std::uint64_t sequence,
                         Departures departing)
    : links_(links),
      pipeline_(std::move(start.pipeline)),
      instruments_(std::move(start.instruments)),
      view_(paperPolicyOf(start.inForce.policy, policy), trading::evaluationLimits(start.inForce.policy.numbers)),
      standard_(policy),
      inForce_(std::move(start.inForce)),
      shownPolicy_(std::make_shared<const console::PolicyView>(inForce_.policy)),
      departing_(std::move(departing)),
      sequence_(sequence),
      watchedCandles_(std::make_shared<const std::vector<market::Candle>>()),
      watchedMarks_(std::make_shared<const std::vector<console::TradeMark>>()),
      spentSince_(std::chrono::steady_clock::now()),
      savedAt_(spentSince_)
{
    for (const auto& instrument : instruments_) {
        view_.setInstrument(instrument, pipeline_.takesEntries(instrument.id));
    }
    for (const auto& row : inForce_.roster) {
        view_.setRow(row, inForce_.parameters.at(row.strategy));
    }
    view_.restore(start.past);
    start.past = {};
    for (const auto& [instrument, price] : start.lastPrices) {
        if (price.value > 0) {
            last_[instrument] = price;
        }
    }
    for (auto& [key, candles] : start.candles) {
        auto& history = candles_.try_emplace(key, chartDepth).first->second;
        for (const auto& candle : candles) {
            history.add(candle);
        }
        if (!candles.empty()) {
            last_.try_emplace(key.first,
                              candles.back().close); // candles alone were imported; the smallest ones come first
        }
    }
    for (const auto& [instrument, price] : last_) {
        view_.mark(instrument, price);
    }
    if (links_.watch) {
        watched_ = links_.watch->instrument;
        watchedTimeframe_ = links_.watch->timeframe;
    } else if (!instruments_.empty()) {
        watched_ = instruments_.front().id;
    }
}

// What runs by default is a try like any other (PRODUCT.md, Tries are counted).
void PaperEngine::countDefaults()
{
    StoreTrials trials;
    for (const auto& info : trading::strategyCatalogue()) {
        const trading::ParameterSet parameters(info.name, info.parameters);
        trials.rows.push_back({.time = links_.clock.now(),
                               .strategy = std::string(info.name),
                               .parameterHash = parameters.hash(),
                               .parameters = parameters.text(),
                               .origin = "default",
                               .from = {},
                               .to = {}});
    }
    (void)links_.store.push(std::move(trials)); // a store that has ended takes nothing any more; the next start counts
}

void PaperEngine::run()
{
    links_.pulse.start(links_.clock.now());
    links_.pulse.state = console::EngineState::Running;
    for (const auto& instrument : instruments_) {
        recordWhatHolds(instrument); // a kill may have come between the two
    }
    countDefaults();
    publish(true);
    while (!links_.queue.isDone()) {
        links_.pulse.beat(links_.clock.now());
        followStore();
        // Single ticks in a row share what is done beside them; a long queue must not keep the store, the operator's
        // clicks and the screen waiting.
        for (auto& item : links_.queue.popAll(20ms)) {
            take(item);
            if (std::chrono::steady_clock::now() - tendedAt_ > tendEvery) {
                tend();
            }
        }
        tend();
        tellDepartures();
        if (std::chrono::steady_clock::now() - savedAt_ > saveEvery) {
            handOver(true);
        }
    }
    handOver(true);
    // The last picture holds all that was done, so it waits until the store, which ends after us, has acknowledged it.
    const auto patience = std::chrono::steady_clock::now() + lastAnswerWithin;
    while (!waiting_.empty() && !links_.store.isClosed() && std::chrono::steady_clock::now() < patience) {
        showAcknowledged();
        std::this_thread::sleep_for(2ms);
    }
    links_.pulse.state = console::EngineState::Stopped;
    publish(true);
}

void PaperEngine::tend()
{
    tendedAt_ = std::chrono::steady_clock::now();
    handOver(false);
    followStore();
    for (const auto& command : links_.commands.popAll(0ms)) {
        obey(command);
    }
    followStore(); // a pause that was just decided
    showAcknowledged();
    publish(false);
}

void PaperEngine::take(PaperItem& item)
{
    if (const auto* batch = std::get_if<SharedBatch>(&item)) {
        feed(**batch);
        if (links_.decided) {
            links_.decided(**batch);
        }
        return;
    }
    if (const auto* history = std::get_if<PaperHistory>(&item)) {
        for (const auto timeframe : market::allTimeframes) {
            candles_.try_emplace({history->instrument, timeframe}, chartDepth)
                .first->second.fillIn(history->candles[static_cast<std::size_t>(timeframe)]);
        }
        changed_ = true;
        return;
    }
    if (const auto* calibration = std::get_if<PaperCalibration>(&item)) {
        takeCalibration(*calibration);
        return;
    }
    takeInstruments(std::get<PaperInstruments>(item));
}

void PaperEngine::takeCalibration(const PaperCalibration& told)
{
    std::vector<storage::SwitchInput> inputs;
    for (const auto& instrument : instruments_) {
        if (const auto charge = told.charges.find(instrument.id); charge != told.charges.end()) {
            inputs.push_back({instrument.id,
                              pipeline_.fed(instrument.id),
                              {},
                              true,
                              trading::InputKind::Calibration,
                              charge->second});
        }
    }
    if (!inputs.empty()) {
        record(std::move(inputs));
    }
}

void PaperEngine::takeInstruments(const PaperInstruments& told)
{
    std::string changed;
    for (const auto& instrument : told.instruments) {
        const auto known = std::ranges::find(instruments_, instrument.id, &market::Instrument::id);
        if (known == instruments_.end()) {
            addInstrument(instrument);
        } else if (*known != instrument) {
            changed = instrument.name;
        }
        const auto departure = told.departures.find(instrument.id);
        setTakesEntries(instrument.id, departure == told.departures.end());
        if (departure == told.departures.end()) {
            departing_.erase(instrument.id);
        } else {
            departing_[instrument.id] = departure->second;
        }
    }
    if (watched_.value == 0 && !instruments_.empty()) {
        watched_ = instruments_.front().id;
    }
    changed_ = true;
    if (!changed.empty()) {
        // The host starts paper anew, and recovery settles what was open at the old scale.
        throw std::runtime_error("the exchange changed the sizes of " + changed);
    }
}

void PaperEngine::setTakesEntries(base::InstrumentId instrument, bool takesEntries)
{
    if (pipeline_.takesEntries(instrument) != takesEntries) {
        record({{instrument, pipeline_.fed(instrument), {}, takesEntries, trading::InputKind::Entries}});
        const auto known = std::ranges::find(instruments_, instrument, &market::Instrument::id);
        if (known != instruments_.end()) {
            view_.setInstrument(*known, takesEntries);
        }
    }
}

// What is decided while the store cannot write may never be kept: trading pauses until it can, and as long as the
// operator wants it to.
void PaperEngine::followStore()
{
    const bool isPaused = links_.storeIsFailing.load(std::memory_order_acquire) ||
                          base::policyValue(inForce_.policy.numbers, "trading.paused") != 0;
    std::vector<storage::SwitchInput> inputs;
    for (const auto& instrument : instruments_) {
        if (pipeline_.isPaused(instrument.id) != isPaused) {
            inputs.push_back({instrument.id, pipeline_.fed(instrument.id), {}, !isPaused, trading::InputKind::Trading});
        }
    }
    if (!inputs.empty()) {
        record(std::move(inputs));
    }
}

void PaperEngine::tellDepartures()
{
    if (links_.departures == nullptr || (departing_.empty() && toldIdle_.empty())) {
        return;
    }
    Departures idle;
    for (const auto& [id, number] : departing_) {
        if (pipeline_.isIdle(id)) {
            idle.emplace(id, number);
        }
    }
    if (idle != toldIdle_) {
        toldIdle_ = idle;
        links_.departures->put(std::move(idle));
    }
}

void PaperEngine::feed(const market::StreamBatch& batch)
{
    const auto begun = std::chrono::steady_clock::now();
    const auto wall = links_.clock.now();
    std::uint64_t ticks = 0;
    for (const auto& item : batch) {
        if (item.number <= pipeline_.fed(item.instrument)) {
            continue; // after a restart of paper alone: recovery read it from the archive already
        }
        pipeline_.feed(item, events_);
        if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
            ++ticks;
            last_[item.instrument] = tick->price;
            if (ticked_.empty() || ticked_.back() != item.instrument) {
                ticked_.push_back(item.instrument);
            }
            newest_ = std::max(newest_, tick->time);
            if (const auto lag = wall - tick->time; isLive_ && lag < lagLimit && -lag < lagLimit) {
                lag_.add(wall, static_cast<double>(lag.count()));
            }
        }
    }
    followPace(wall);
    for (const auto instrument : ticked_) {
        view_.mark(instrument, last_[instrument]);
    }
    ticked_.clear();
    if (newest_.value > 0) {
        if (const auto point = view_.sampleEquity(newest_)) {
            equity_.push_back(*point);
        }
    }
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - begun;
    spentMicros_ += spent.count();
    spentTicks_ += ticks;
    rate_.add(wall, ticks);
    changed_ = true;
}

// Once a second: did exchange time advance like the clock, or much faster?
void PaperEngine::followPace(base::UtcMs wall)
{
    const auto elapsed = wall - paceWall_;
    if (base::Millis{0} <= elapsed && elapsed < paceSample) {
        return;
    }
    isLive_ = paceWall_.value > 0 && newest_ - paceTime_ < 2 * elapsed + paceSample;
    paceWall_ = wall;
    paceTime_ = newest_;
}

void PaperEngine::handOver(bool withStates)
{
    if (events_.empty() && equity_.empty() && !withStates) {
        return;
    }
    StoreLedger ledger{.sequence = ++sequence_,
                       .events = std::make_shared<const trading::LedgerEvents>(std::exchange(events_, {})),
                       .equity = std::exchange(equity_, {}),
                       .states = {}};
    if (withStates) {
        savedAt_ = std::chrono::steady_clock::now();
        for (const auto& instrument : instruments_) {
            ledger.states.push_back({instrument.id, pipeline_.fed(instrument.id), pipeline_.save(instrument.id)});
        }
    }
    waiting_.push_back({ledger.sequence, ledger.events});
    if (!links_.store.push(std::move(ledger))) {
        waiting_.pop_back(); // the store has ended; nothing more will be acknowledged
    }
}

void PaperEngine::showAcknowledged()
{
    const auto acknowledged = links_.acknowledged.load(std::memory_order_acquire);
    while (!waiting_.empty() && waiting_.front().sequence <= acknowledged) {
        const auto& front = waiting_.front();
        if (front.decided) {
            showDecided(*front.decided);
        }
        if (front.events) {
            for (const auto& event : *front.events) {
                view_.apply(event);
                if (const auto* closed = std::get_if<trading::CandleClosed>(&event)) {
                    showCandle(*closed);
                    continue;
                }
                if (trading::isOfArm(event)) {
                    continue;
                }
                marksStale_ = marksStale_ || concernsWatched(event);
                if (const auto* trade = std::get_if<trading::ClosedTrade>(&event)) {
                    links_.events.push(console::TradeClosed{*trade});
                }
            }
        }
        waiting_.pop_front();
        changed_ = true;
    }
}

bool PaperEngine::concernsWatched(const trading::LedgerEvent& event) const
{
    const auto* opened = std::get_if<trading::OpenPosition>(&event);
    const auto* closed = std::get_if<trading::ClosedTrade>(&event);
    const auto* position = closed != nullptr ? &closed->position : opened;
    return position != nullptr && position->decision.instrument == watched_;
}

void PaperEngine::showCandle(const trading::CandleClosed& closed)
{
    auto& history = candles_.try_emplace({closed.instrument, closed.timeframe}, chartDepth).first->second;
    const auto known = history.all();
    if (known.empty() || known.back().start < closed.candle.start) {
        history.add(closed.candle);
    } else { // a history from REST was faster
        history.fillIn(std::span(&closed.candle, 1));
    }
}

void PaperEngine::publish(bool force)
{
    const auto now = std::chrono::steady_clock::now();
    if (!force && (!changed_ || now - published_ < frame)) {
        return;
    }
    if (now - spentSince_ > 5s) {
        microsPerTick_ = spentTicks_ > 0 ? spentMicros_ / static_cast<double>(spentTicks_) : 0;
        spentMicros_ = 0;
        spentTicks_ = 0;
        spentSince_ = now;
    }
    const auto wall = links_.clock.now();
    auto snapshot = view_.snapshot(newest_.value > 0 ? newest_ : wall);
    for (auto& row : snapshot.strategies) {
        row.silence = silenceOf(row.name);
    }
    snapshot.state = links_.pulse.state;
    snapshot.policy = shownPolicy_;
    snapshot.microsPerTick = microsPerTick_;
    snapshot.rate = rate_.history(wall);
    snapshot.tickLagP50 = lag_.quantile(wall, 0.50);
    snapshot.tickLagP99 = lag_.quantile(wall, 0.99);
    links_.screen.put(std::move(snapshot));
    publishChart();
    published_ = now;
    changed_ = false;
}

// "no model …" or "warming up: 37 of 210 candles of 5m (BTC-USDT and 3 of 20 more)".
std::string PaperEngine::silenceOf(const std::string& strategy) const
{
    std::string why;
    std::string where;
    std::size_t silent = 0;
    for (const auto& instrument : instruments_) {
        auto here = pipeline_.silence(instrument.id, strategy);
        if (here.empty()) {
            continue;
        }
        ++silent;
        if (why.empty()) {
            why = std::move(here);
            where = instrument.name;
        }
    }
    if (silent == 0 || instruments_.size() == 1) {
        return why;
    }
    return why + " (" + where +
           (silent > 1 ? ", and " + std::to_string(silent - 1) + " more of " + std::to_string(instruments_.size())
                       : std::string()) +
           ")";
}

void PaperEngine::publishChart()
{
    if (watched_.value == 0) {
        return;
    }
    const auto history = candles_.find({watched_, watchedTimeframe_});
    const auto revision = history == candles_.end() ? 0 : history->second.revision();
    if (revision != watchedRevision_) {
        watchedRevision_ = revision;
        const auto all = history == candles_.end() ? std::span<const market::Candle>{} : history->second.all();
        watchedCandles_ = std::make_shared<const std::vector<market::Candle>>(all.begin(), all.end());
    }
    if (marksStale_) {
        marksStale_ = false;
        watchedMarks_ = std::make_shared<const std::vector<console::TradeMark>>(view_.tradeMarks(watched_, marksShown));
    }
    auto forming = pipeline_.forming(watched_, watchedTimeframe_);
    if (forming && !watchedCandles_->empty() && forming->start <= watchedCandles_->back().start) {
        forming.reset();
    }
    const auto last = last_.find(watched_);
    links_.chart.put(console::ChartSnapshot{.instrument = watched_,
                                            .timeframe = watchedTimeframe_,
                                            .closed = watchedCandles_,
                                            .forming = forming,
                                            .marks = watchedMarks_,
                                            .last = last == last_.end() ? std::nullopt : std::optional(last->second)});
}

} // namespace qd::engines
