#include "engines/store_engine.h"

#include "base/log.h"
#include "engines/recovery.h"
#include "storage/calibration_store.h"
#include "storage/feed_choices.h"
#include "storage/funding_store.h"
#include "storage/journal_store.h"
#include "storage/null_store.h"
#include "storage/trials_store.h"

#include <algorithm>
#include <thread>

namespace qd::engines {

using base::Result;
using namespace std::chrono_literals;

namespace {

// Ticks may wait this long for company in one transaction; the archive may lose at most a second.
constexpr auto gather = 100ms;
constexpr auto retryAfter = 1s;
constexpr int triesWhenClosing = 3;
constexpr auto isOfTicks = [](const StoreItem& item) { return std::holds_alternative<StoreTicks>(item); };

} // namespace

StoreEngine::StoreEngine(storage::Database& database, const base::PaperPolicy& policy, Links links,
                         std::uint64_t ticksBefore)
    : database_(database),
      policy_(policy),
      links_(links),
      archive_(database),
      ledger_(database),
      candles_(database),
      fill_(database),
      ticks_(ticksBefore)
{
}

void StoreEngine::run(const std::stop_token& abandon)
{
    links_.pulse.start(links_.clock.now());
    links_.pulse.state = console::EngineState::Running;
    publish(true);
    std::vector<StoreItem> burst;
    int triesAfterStop = 0;
    while (!links_.queue.isDone() || !burst.empty()) {
        links_.pulse.beat(links_.clock.now());
        if (burst.empty()) {
            burst = links_.queue.popAll(gather);
            if (!burst.empty() && std::ranges::all_of(burst, isOfTicks) && !links_.queue.isClosed()) {
                std::this_thread::sleep_for(gather / 4);
                std::ranges::move(links_.queue.popAll(0ms), std::back_inserter(burst));
            }
        }
        if (!burst.empty()) {
            if (const auto written = writeAll(burst); written) {
                settle(burst);
                answerRecoveries(burst);
                burst.clear();
            } else {
                fail(written.error(), burst.size());
                if (abandon.stop_requested() && ++triesAfterStop >= triesWhenClosing) {
                    giveUp(burst);
                    break;
                }
                std::this_thread::sleep_for(retryAfter);
            }
        } else {
            care(true);
        }
        publish(false);
    }
    links_.queue.close(); // whoever still pushes is told
    if (const auto done = database_.checkpoint(); !done) {
        base::log(base::LogLevel::Warning, "store", base::sentence(done.error()));
    }
    links_.pulse.state = console::EngineState::Stopped;
    publish(true);
}

// The end, and it cannot be written: say what is lost, so that the exit code and the log tell it.
void StoreEngine::giveUp(const std::vector<StoreItem>& burst)
{
    std::uint64_t ticks = 0;
    const auto count = [&ticks](const std::vector<StoreItem>& items) {
        for (const auto& item : items) {
            if (const auto* batch = std::get_if<StoreTicks>(&item)) {
                ticks += batch->batch->size();
            }
        }
    };
    count(burst);
    links_.queue.close();
    count(links_.queue.popAll(0ms));
    links_.events.push(console::EngineFailed{
        "store", std::to_string(ticks) + " ticks and quotes could not be written and are lost: " + failure_, false});
}

Result<void> StoreEngine::writeAll(std::vector<StoreItem>& burst)
{
    if (auto begun = database_.begin(); !begun) {
        return begun;
    }
    collected_.clear();
    late_.clear();
    answers_.clear();
    burstTicks_ = 0;
    const auto undo = [this](base::Error error) -> Result<void> {
        database_.rollback();
        if (auto reloaded = archive_.reload(); !reloaded) {
            return std::unexpected(reloaded.error());
        }
        return std::unexpected(std::move(error));
    };
    for (auto& item : burst) {
        if (auto written = std::visit([this](auto& what) { return write(what); }, item); !written) {
            return undo(written.error());
        }
    }
    if (auto written = writeCollectedTicks(); !written) {
        return undo(written.error());
    }
    // Ticks alone are synced once a second: that is the most that a power cut may cost.
    const auto now = std::chrono::steady_clock::now();
    const bool isDurable = now - synced_ >= 1s || !std::ranges::all_of(burst, isOfTicks);
    if (auto committed = database_.commit(isDurable); !committed) {
        return undo(committed.error());
    }
    if (isDurable) {
        synced_ = now;
    }
    return {};
}

Result<void> StoreEngine::write(StoreTicks& item)
{
    const auto& batch = *item.batch;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto& one = batch[i];
        if (const auto* tick = std::get_if<market::Tick>(&one.what)) {
            collected_[one.instrument].ticks.push_back({one.number, *tick});
            ++burstTicks_;
        } else if (const auto* quote = std::get_if<market::Quote>(&one.what)) {
            collected_[one.instrument].quotes.push_back({one.number, *quote});
        } else if (const auto* late = std::get_if<market::LateTick>(&one.what)) {
            late_.emplace_back(one.instrument, storage::NumberedTick{one.number, late->tick});
        } else if (const auto* rate = std::get_if<market::FundingRate>(&one.what)) {
            if (auto added = storage::FundingStore(database_).add(one.instrument, {one.number, *rate}); !added) {
                return added;
            }
        } else if (const auto* gap = std::get_if<market::GapMark>(&one.what)) {
            auto to = gap->from;
            for (auto next = i + 1; next < batch.size(); ++next) {
                if (const auto* end = std::get_if<market::Tick>(&batch[next].what);
                    end != nullptr && batch[next].instrument == one.instrument) {
                    to = end->time;
                    break;
                }
            }
            if (auto added = ledger_.addGap({one.instrument, one.number, gap->from, to, gap->cause}); !added) {
                return added;
            }
        }
    }
    return {};
}

Result<void> StoreEngine::writeCollectedTicks()
{
    for (const auto& [instrument, rows] : collected_) {
        if (!rows.ticks.empty()) {
            if (auto added = archive_.append(instrument, rows.ticks); !added) {
                return added;
            }
        }
        if (!rows.quotes.empty()) {
            if (auto added = archive_.appendQuotes(instrument, rows.quotes); !added) {
                return added;
            }
        }
    }
    for (const auto& [instrument, tick] : late_) {
        const auto added = archive_.addLate(instrument, tick);
        if (!added) {
            return std::unexpected(added.error());
        }
        burstTicks_ += *added ? 1 : 0;
    }
    return {};
}

Result<void> StoreEngine::write(StoreLedger& item)
{
    for (const auto& event : *item.events) {
        const auto* closed = std::get_if<trading::CandleClosed>(&event);
        auto written = closed != nullptr
                           ? candles_.append(closed->instrument, closed->timeframe, std::span(&closed->candle, 1))
                           : ledger_.apply(event);
        if (!written) {
            return written;
        }
    }
    for (const auto& point : item.equity) {
        if (auto written = ledger_.addEquity(point); !written) {
            return written;
        }
    }
    for (const auto& state : item.states) {
        if (auto written = ledger_.saveState(state.instrument, state.number, state.bytes); !written) {
            return written;
        }
    }
    return {};
}

Result<void> StoreEngine::write(StoreDecision& item)
{
    const auto journal = storage::writeDecision(database_, item.rows);
    if (!journal) {
        return std::unexpected(journal.error());
    }
    item.journal = *journal;
    return item.proposal && links_.applied ? links_.applied(database_, *item.proposal, *journal) : Result<void>{};
}

// Scales that do not go with the stored ones never will: an answer, or everything behind it would wait for ever.
Result<void> StoreEngine::write(StoreInstruments& item)
{
    std::vector<market::Instrument> known;
    storage::InstrumentStore store(database_);
    for (const auto& wanted : item.wanted) {
        auto put = store.put(wanted);
        if (!put) {
            if (const auto code = put.error().code; code != base::ErrorCode::NotOnScale &&
                                                    code != base::ErrorCode::Overflow &&
                                                    code != base::ErrorCode::Damaged) {
                return std::unexpected(put.error());
            }
            answers_.emplace_back([&item, error = put.error()] { item.answer.set_value(std::unexpected(error)); });
            return {};
        }
        known.push_back(std::move(*put));
    }
    answers_.emplace_back([&item, known = std::move(known)] { item.answer.set_value(known); });
    return {};
}

Result<void> StoreEngine::write(StoreRecovery& /*item*/)
{
    return {};
} // after the commit: answerRecoveries()

Result<void> StoreEngine::write(StoreGaps& item)
{
    for (const auto& row : item.rows) {
        if (auto added = ledger_.addGap(row); !added) {
            return added;
        }
    }
    return {};
}

Result<void> StoreEngine::write(StoreFillPlan& item)
{
    answers_.emplace_back(
        [&item, days = fill_.missingDays(item.instrument, item.from, item.to)] { item.answer.set_value(days); });
    return {};
}

// What does not fit is the exchange's doing, and must not keep ticks from being written.
Result<void> StoreEngine::write(StoreFill& item)
{
    auto added = fill_.fill(item.instrument, item.day, item.minutes, item.until, item.isWhole);
    const bool isOurs = !added && added.error().code != base::ErrorCode::NotOnScale &&
                        added.error().code != base::ErrorCode::Overflow &&
                        added.error().code != base::ErrorCode::Damaged;
    if (isOurs) {
        return std::unexpected(added.error());
    }
    answers_.emplace_back([&item, added = std::move(added)] { item.answer.set_value(added); });
    return {};
}

Result<void> StoreEngine::write(StoreChoice& item)
{
    storage::FeedChoices choices(database_);
    if (item.wanted) {
        if (auto kept = choices.keepWantedInstruments(*item.wanted); !kept) {
            return kept;
        }
    }
    if (item.historyCancelled) {
        if (auto kept = choices.setHistoryCancelled(*item.historyCancelled); !kept) {
            return kept;
        }
    }
    if (item.journal) {
        if (auto told = storage::JournalStore(database_).add(*item.journal); !told) {
            return told;
        }
    }
    answers_.emplace_back([this, id = item.command] { links_.events.push(console::CommandDone{id, std::nullopt}); });
    return {};
}

Result<void> StoreEngine::write(StoreInputs& item)
{
    return ledger_.addInputs(item.inputs);
}

Result<void> StoreEngine::write(StoreTrials& item)
{
    storage::TrialsStore trials(database_);
    for (const auto& row : item.rows) {
        if (auto added = trials.addOnce(row); !added) {
            return added;
        }
    }
    return {};
}

Result<void> StoreEngine::write(StoreCalibration& item)
{
    auto kept = storage::CalibrationStore(database_).add(item.time, item.rows);
    return kept && item.journal ? storage::JournalStore(database_).add(*item.journal) : kept;
}

// What the rules refuse is an answer, not a failed write, which would be tried again for ever.
Result<void> StoreEngine::write(StoreGovernance& item)
{
    auto written = storage::ReviewStore(database_).write(item.record);
    if (!written && written.error().code != base::ErrorCode::Conflict) {
        return std::unexpected(written.error());
    }
    answers_.emplace_back([&item, written] { item.answer.set_value(written); });
    return {};
}

Result<void> StoreEngine::write(StoreNull& item)
{
    for (const auto& result : item.results) {
        if (auto added = storage::NullStore(database_).add(result); !added) {
            return added;
        }
    }
    answers_.emplace_back([&item] { item.answer.set_value({}); });
    return {};
}

// recover() has a transaction of its own, after everything that was handed over before it.
void StoreEngine::answerRecoveries(std::vector<StoreItem>& burst)
{
    for (auto& item : burst) {
        if (auto* ask = std::get_if<StoreRecovery>(&item)) {
            try {
                auto recovered = recover(database_, policy_, {}, links_.library);
                if (!recovered) {
                    ask->answer.set_value(std::unexpected(recovered.error()));
                    continue;
                }
                ask->answer.set_value(std::make_shared<RecoveredPaper>(std::move(recovered->paper)));
            } catch (const std::exception& e) {
                // A strategy that throws on an archived tick must not take the store down with it.
                database_.rollback();
                ask->answer.set_value(base::fail(base::ErrorCode::Internal, "paper", e.what()));
            }
        }
    }
}

// After the commit: only now is anything acknowledged.
void StoreEngine::settle(std::vector<StoreItem>& burst)
{
    const auto now = std::chrono::steady_clock::now();
    const auto wall = links_.clock.now();
    ticks_ += burstTicks_;
    rate_.add(wall, burstTicks_);
    for (const auto& answer : answers_) {
        answer();
    }
    answers_.clear();
    for (const auto& item : burst) {
        if (const auto* ticks = std::get_if<StoreTicks>(&item)) {
            const std::chrono::duration<double, std::milli> lag = now - ticks->handedOver;
            if (now - worstSince_ > 5s) {
                worstSince_ = now;
                worstLagMs_ = 0;
            }
            worstLagMs_ = std::max(worstLagMs_, lag.count());
        } else if (const auto* ledger = std::get_if<StoreLedger>(&item)) {
            links_.acknowledged.store(ledger->sequence, std::memory_order_release);
        } else if (const auto* inputs = std::get_if<StoreInputs>(&item)) {
            links_.acknowledged.store(inputs->sequence, std::memory_order_release);
        } else if (const auto* decision = std::get_if<StoreDecision>(&item)) {
            acknowledge(*decision);
        }
    }
    if (!failure_.empty()) {
        failure_.clear();
        const auto seconds = std::max<std::int64_t>(0, (wall - failingSince_).count()) / 1000;
        const auto text = "The store writes again after " + std::to_string(seconds) +
                          " s; nothing that was handed to it was lost. What the feed could not deliver meanwhile is a "
                          "row in the gaps.";
        base::log(base::LogLevel::Info, "store", text);
        links_.events.push(console::Notice{wall, console::Severity::Info, text});
    }
    links_.storeIsFailing.store(false, std::memory_order_release);
    links_.pulse.state = console::EngineState::Running;
    if (links_.committed) {
        links_.committed(burst);
    }
    care(false);
}

void StoreEngine::acknowledge(const StoreDecision& decision)
{
    links_.acknowledged.store(decision.sequence, std::memory_order_release);
    if (decision.answer) {
        decision.answer->set_value(decision.journal);
    }
    if (decision.command != 0) {
        links_.events.push(console::CommandDone{decision.command, std::nullopt, {decision.journal}});
    }
}

// Said once an outage; the log gets the rest. A full disk may have room again once the write-ahead log is folded in.
void StoreEngine::fail(const base::Error& error, std::size_t batches)
{
    if (failure_.empty()) {
        failingSince_ = links_.clock.now();
        base::log(base::LogLevel::Error, "store", base::sentence(error));
        links_.events.push(console::Notice{failingSince_, console::Severity::Error,
                                           "The store cannot write: " + base::sentence(error) + " Trading pauses; " +
                                               std::to_string(batches) +
                                               " batches are kept and written as soon as that is possible."});
    }
    failure_ = base::sentence(error);
    links_.storeIsFailing.store(true, std::memory_order_release);
    links_.pulse.state = console::EngineState::Failed;
    if (error.code == base::ErrorCode::DiskFull) {
        (void)database_.checkpoint(); // it may fail as the write did
    }
}

void StoreEngine::publish(bool force)
{
    const auto now = std::chrono::steady_clock::now();
    if (!force && now - published_ < 250ms) {
        return;
    }
    published_ = now;
    const auto wall = links_.clock.now();
    links_.screen.put(console::StoreSnapshot{
        .state = links_.pulse.state,
        .path = database_.path().string(),
        .ticks = ticks_,
        .bytes = database_.fileBytes() + database_.walBytes(),
        .walBytes = database_.walBytes(),
        .writeLagMs = now - worstSince_ > 10s ? 0 : worstLagMs_,
        .rowsPerSecond = rate_.perSecond(wall),
        .rate = rate_.history(wall),
        .detail = failure_,
        .longestReader =
            heldSince_ ? std::optional(std::chrono::duration_cast<base::Millis>(now - *heldSince_)) : std::nullopt});
}

} // namespace qd::engines
