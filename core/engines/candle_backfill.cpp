#include "engines/candle_backfill.h"

#include <algorithm>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using console::HistoryState;

namespace {

constexpr base::Millis oneMinute{60'000};
constexpr int minutesADay = 1'440;
constexpr int emptiesToBelieve = 3; // an exchange in trouble gives empty pages too
constexpr int unreadableToGiveUp = 3;
constexpr std::size_t mostUncommitted = 2;
constexpr std::size_t paceOf = 60; // days
constexpr std::size_t leastForPace = 5;
constexpr base::UtcMs farFuture{INT64_MAX / 4};

template <typename T>
bool isReady(const std::future<T>& future)
{
    return future.valid() && future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

/// The store may have ended without an answer.
template <typename T>
base::Result<T> answerOf(std::future<base::Result<T>>& future)
{
    try {
        return future.get();
    } catch (const std::future_error& e) {
        return base::fail(ErrorCode::Cancelled, "store", e.what());
    }
}

bool isPassing(ErrorCode code)
{
    return code == ErrorCode::Network || code == ErrorCode::Timeout || code == ErrorCode::Refused;
}

} // namespace

CandleBackfill::CandleBackfill(Host& host, const base::Clock& clock, BackfillOptions options)
    : host_(host),
      clock_(clock),
      options_(options)
{
}

CandleBackfill::Task* CandleBackfill::find(base::InstrumentId id)
{
    const auto at = std::ranges::find_if(tasks_, [id](const Task& task) { return task.instrument.id == id; });
    return at == tasks_.end() ? nullptr : &*at;
}

void CandleBackfill::add(const market::Instrument& instrument)
{
    if (options_.days <= 0) {
        return;
    }
    remove(instrument.id);
    tasks_.push_back({.instrument = instrument});
    isToldDone_ = false;
}

void CandleBackfill::remove(base::InstrumentId instrument)
{
    tasks_.remove_if([instrument](const Task& task) { return task.instrument.id == instrument; });
    isAsking_ = false;
    ++question_; // it may have been about this one
    shown_ = nullptr;
}

void CandleBackfill::setCancelled(bool isCancelled)
{
    isCancelled_ = isCancelled;
    isAsking_ = false;
    ++question_;
    retryAt_ = 0;
    backOff_ = 0;
    waitsFor_.clear();
    doneAt_.clear();
    for (auto& task : tasks_) {
        restart(task);
    }
    shown_ = nullptr;
}

/// The day in work from its beginning.
void CandleBackfill::restart(Task& task)
{
    task.minutes.clear();
    task.empties = 0;
    task.unreadable = 0;
    task.before = task.stage == Stage::Days && !task.missing.empty()
                      ? std::optional(task.missing.front() + base::oneDay)
                      : std::nullopt;
}

void CandleBackfill::tick()
{
    collect();
    const auto now = clock_.now().value;
    if (isCancelled_ || isAsking_ || now < retryAt_ || fills_.size() >= mostUncommitted) {
        return;
    }
    if (auto* task = next(); task != nullptr && host_.mayAsk()) {
        ask(*task);
    }
    const bool isAll = !tasks_.empty() && fills_.empty() &&
                       std::ranges::all_of(tasks_, [](const Task& task) { return task.stage == Stage::Done; });
    if (isAll && !std::exchange(isToldDone_, true)) {
        std::uint32_t leftOut = 0;
        for (const auto& task : tasks_) {
            leftOut += task.leftOut;
        }
        host_.tell(leftOut > 0 ? console::Severity::Warning : console::Severity::Info,
                   "The history of candles is complete, as far as the exchange has it." +
                       (leftOut > 0 ? " " + std::to_string(leftOut) + " days could not be read and were left out."
                                    : std::string()));
        shown_ = nullptr;
    }
}

void CandleBackfill::collect()
{
    for (auto at = fills_.begin(); at != fills_.end();) {
        if (!isReady(at->second.answer)) {
            ++at;
            continue;
        }
        auto added = answerOf(at->second.answer);
        auto* task = find(at->first);
        if (added) {
            host_.show(at->first, std::move(*added));
            doneAt_.push_back(clock_.now().value);
            if (doneAt_.size() > paceOf) {
                doneAt_.pop_front();
            }
        } else {
            host_.tell(console::Severity::Warning, "Candles could not be stored: " + base::sentence(added.error()));
        }
        if (task != nullptr) {
            task->done += 1;
            task->leftOut += added ? 0 : 1;
        }
        at = fills_.erase(at);
        shown_ = nullptr;
    }
    for (auto& task : tasks_) {
        if (task.stage == Stage::Planning && collectPlan(task)) {
            shown_ = nullptr;
        }
    }
}

bool CandleBackfill::collectPlan(Task& task)
{
    if (!isReady(task.plan)) {
        return false;
    }
    auto days = answerOf(task.plan);
    if (!days) {
        host_.tell(console::Severity::Warning,
                   "The history of " + task.instrument.name + " cannot be planned: " + base::sentence(days.error()));
        end(task);
        return true;
    }
    task.missing.assign(days->begin(), days->end());
    task.stage = Stage::Days;
    nextDay(task);
    return true;
}

/// Those that were not begun first, then the one with the newest missing day.
CandleBackfill::Task* CandleBackfill::next()
{
    Task* chosen = nullptr;
    for (auto& task : tasks_) {
        if (task.stage == Stage::First && host_.ticksFrom(task.instrument.id)) {
            return &task;
        }
        if (task.stage == Stage::Days && (chosen == nullptr || chosen->missing.front() < task.missing.front())) {
            chosen = &task;
        }
    }
    return chosen;
}

void CandleBackfill::ask(Task& task)
{
    auto limit = minutesADay;
    if (task.before && task.stage == Stage::Days) {
        limit = static_cast<int>(std::clamp<std::int64_t>((*task.before - task.missing.front()) / oneMinute, 1, limit));
    }
    isAsking_ = true;
    host_.askMinutes(task.instrument, task.before, limit,
                     [this, id = task.instrument.id,
                      question = ++question_](base::Result<std::vector<exchange::RestCandle>> answer) {
                         auto* asked = find(id);
                         if (question != question_ || asked == nullptr) {
                             return; // cancelled, or removed
                         }
                         isAsking_ = false;
                         if (answer) {
                             take(*asked, std::move(*answer));
                         } else {
                             fail(*asked, answer.error());
                         }
                     });
}

void CandleBackfill::fail(Task& task, const base::Error& error)
{
    shown_ = nullptr;
    if (isPassing(error.code)) {
        backOff_ = std::clamp(backOff_ * 2, options_.firstRetry.count(), options_.longestRetry.count());
        retryAt_ = clock_.now().value + backOff_;
        waitsFor_ = base::sentence(error);
        return;
    }
    if (++task.unreadable < unreadableToGiveUp) {
        return;
    }
    ++task.leftOut;
    host_.tell(console::Severity::Warning,
               "Candles of " + task.instrument.name + " could not be read and are left out: " + base::sentence(error));
    if (task.stage == Stage::First) {
        end(task);
        return;
    }
    ++task.done;
    task.missing.pop_front();
    nextDay(task);
}

void CandleBackfill::take(Task& task, std::vector<exchange::RestCandle> page)
{
    backOff_ = 0;
    if (!std::exchange(waitsFor_, {}).empty()) {
        shown_ = nullptr;
    }
    task.unreadable = 0;
    std::erase_if(page, [&](const exchange::RestCandle& candle) {
        return !candle.isClosed || (task.before && *task.before <= candle.candle.start);
    });
    task.empties = page.empty() ? task.empties + 1 : 0;
    const bool hasNoMore = task.empties >= emptiesToBelieve;
    if (page.empty() && !hasNoMore) {
        return; // asked again
    }
    std::vector<market::Candle> minutes;
    minutes.reserve(page.size() + task.minutes.size());
    for (const auto& candle : page) {
        minutes.push_back(candle.candle);
    }
    minutes.insert(minutes.end(), task.minutes.begin(), task.minutes.end());
    task.minutes = std::move(minutes);
    if (task.minutes.empty()) { // nothing at all this far back
        end(task);
        return;
    }
    const auto day =
        task.stage == Stage::First ? base::bucketStart(task.minutes.back().start, base::oneDay) : task.missing.front();
    if (!hasNoMore && day < task.minutes.front().start) {
        task.before = task.minutes.front().start;
        return; // a short page
    }
    task.empties = 0;
    if (task.stage == Stage::Days) {
        finishDay(task, day);
        task.missing.pop_front();
        nextDay(task);
    } else if (const auto from = host_.ticksFrom(task.instrument.id)) {
        // Where no tick came, the newest closed minute may still be on its way.
        task.until = farFuture <= *from ? task.minutes.back().start : *from;
        finishDay(task, day);
        StoreFillPlan plan{task.instrument.id, day - base::oneDay * options_.days, day - base::oneDay, {}};
        task.plan = plan.answer.get_future();
        task.stage = Stage::Planning;
        if (!host_.toStore(std::move(plan))) {
            end(task);
        }
    } else {
        restart(task); // its stream began anew meanwhile
    }
}

void CandleBackfill::finishDay(Task& task, base::UtcMs day)
{
    // A day that ticks made a part of is looked at again by the next run.
    const bool isWhole = task.stage == Stage::Days && day + base::oneDay <= task.until;
    StoreFill fill{task.instrument.id, day, std::exchange(task.minutes, {}), task.until, isWhole, {}};
    auto answer = fill.answer.get_future();
    if (host_.toStore(std::move(fill))) {
        fills_.emplace_back(task.instrument.id, Fill{std::move(answer), day});
    }
}

void CandleBackfill::nextDay(Task& task)
{
    if (task.missing.empty()) {
        end(task);
        return;
    }
    restart(task);
}

void CandleBackfill::end(Task& task)
{
    task.stage = Stage::Done;
    task.missing.clear();
    task.minutes.clear();
    shown_ = nullptr;
}

std::shared_ptr<const console::HistoryProgress> CandleBackfill::progress()
{
    if (tasks_.empty()) {
        return nullptr;
    }
    if (shown_) {
        return shown_;
    }
    console::HistoryProgress out;
    bool isDone = true;
    for (const auto& task : tasks_) {
        const auto open = static_cast<std::uint32_t>(
            std::ranges::count_if(fills_, [&](const auto& fill) { return fill.first == task.instrument.id; }));
        const auto rest = task.stage == Stage::Done       ? 0U
                          : task.stage == Stage::Days     ? static_cast<std::uint32_t>(task.missing.size())
                          : task.stage == Stage::Planning ? static_cast<std::uint32_t>(options_.days)
                                                          : static_cast<std::uint32_t>(options_.days) + 1;
        out.instruments.push_back({task.instrument.id, task.instrument.name, task.done, task.done + open + rest});
        out.done += task.done;
        out.total += task.done + open + rest;
        isDone = isDone && task.stage == Stage::Done && open == 0;
    }
    out.state = isDone               ? HistoryState::Done
                : isCancelled_       ? HistoryState::Cancelled
                : !waitsFor_.empty() ? HistoryState::Waiting
                                     : HistoryState::Running;
    out.detail = waitsFor_;
    if (out.state == HistoryState::Running && doneAt_.size() >= leastForPace) {
        const auto each =
            static_cast<double>(doneAt_.back() - doneAt_.front()) / static_cast<double>(doneAt_.size() - 1);
        out.left = base::Millis{static_cast<std::int64_t>(each * (out.total - out.done))};
    }
    shown_ = std::make_shared<const console::HistoryProgress>(std::move(out));
    return shown_;
}

} // namespace qd::engines
