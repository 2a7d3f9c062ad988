#include "engines/job_board.h"

#include <algorithm>
#include <ctime>
#include <utility>

namespace qd::engines {

using governance::JobEvent;
using governance::JobState;

namespace {

constexpr std::size_t longestLine = 500;
constexpr std::size_t mostLines = 1'000; // that wait to be kept

std::string cut(std::string text)
{
    if (text.size() > longestLine) {
        text.resize(longestLine);
        text += " …";
    }
    return text;
}

} // namespace

JobRun::JobRun(JobRun&& other) noexcept
    : board_(std::exchange(other.board_, nullptr)),
      key_(other.key_),
      stop_(std::move(other.stop_))
{
}

JobRun& JobRun::operator=(JobRun&& other) noexcept
{
    std::swap(board_, other.board_);
    std::swap(key_, other.key_);
    std::swap(stop_, other.stop_);
    return *this;
}

JobRun::~JobRun()
{
    if (board_ != nullptr) {
        board_->release(key_);
    }
}

void JobRun::beat()
{
    if (board_ != nullptr) {
        board_->with(key_, [](JobBoard::Run&) {});
    }
}

void JobRun::progress(double fraction, std::string phase)
{
    if (board_ != nullptr) {
        board_->with(key_, [&](JobBoard::Run& run) {
            run.row.progress = std::clamp(fraction, 0.0, 1.0);
            if (!phase.empty() && phase != run.row.phase) {
                run.row.phase = std::move(phase);
            }
        });
    }
}

void JobRun::say(std::string line, bool isError)
{
    if (board_ != nullptr) {
        board_->with(key_, [&](JobBoard::Run& run) { board_->say(run, std::move(line), isError); });
    }
}

void JobRun::quiet()
{
    if (board_ != nullptr) {
        board_->with(key_, [](JobBoard::Run& run) { run.isQuiet = true; });
    }
}

void JobRun::succeed(std::string result)
{
    if (board_ != nullptr) {
        board_->with(key_, [&](JobBoard::Run& run) { board_->apply(run, JobEvent::Succeed, result); });
    }
}

void JobRun::fail(std::string why)
{
    if (board_ != nullptr) {
        board_->with(key_, [&](JobBoard::Run& run) { board_->apply(run, JobEvent::Fail, why); });
    }
}

void JobRun::cancel(std::string why)
{
    if (board_ != nullptr) {
        board_->with(key_, [&](JobBoard::Run& run) { board_->apply(run, JobEvent::Cancel, why); });
    }
}

JobBoard::JobBoard(const base::Clock& clock, AwakeClock awake) : clock_(clock), awake_(std::move(awake)) {}

// It stands still while the machine sleeps, and nobody can set it.
JobBoard::Awake JobBoard::awakeNow()
{
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return Awake{std::int64_t{now.tv_sec} * 1'000 + now.tv_nsec / 1'000'000};
}

std::uint64_t JobBoard::add(const std::string& job, std::string trigger)
{
    if (isOpen(job)) {
        return 0;
    }
    auto& run = runs_[++lastKey_];
    run.row.job = job;
    run.row.trigger = std::move(trigger);
    run.row.staged = run.row.beat = clock_.now();
    return lastKey_;
}

bool JobBoard::isOpen(const std::string& job) const
{
    return std::ranges::any_of(runs_, [&](const auto& item) {
        return item.second.row.job == job && (item.second.isHeld || !governance::isOver(item.second.row.state));
    });
}

JobRun JobBoard::begin(const std::string& job, std::string trigger, Load load)
{
    std::uint64_t key = 0;
    {
        const std::scoped_lock lock(mutex_);
        key = add(job, std::move(trigger));
        if (key == 0) {
            return {};
        }
        runs_[key].isHeavy = load == Load::Heavy;
        apply(runs_[key], JobEvent::Admit, {});
    }
    auto run = start(key);
    return run ? std::move(*run) : JobRun();
}

std::uint64_t JobBoard::stage(const std::string& job, std::string trigger)
{
    const std::scoped_lock lock(mutex_);
    return add(job, std::move(trigger));
}

std::optional<std::string> JobRun::whyTimedOut() const
{
    if (board_ == nullptr) {
        return std::nullopt;
    }
    const std::scoped_lock lock(board_->mutex_);
    const auto found = board_->runs_.find(key_);
    return found != board_->runs_.end() && found->second.row.state == JobState::TimedOut
               ? std::optional(found->second.row.result)
               : std::nullopt;
}

void JobBoard::admit(std::uint64_t key)
{
    const std::scoped_lock lock(mutex_);
    if (const auto found = runs_.find(key); found != runs_.end()) {
        apply(found->second, JobEvent::Admit, {});
    }
}

void JobBoard::waitsFor(std::uint64_t key, const std::string& words)
{
    const std::scoped_lock lock(mutex_);
    const auto found = runs_.find(key);
    if (found != runs_.end() && found->second.row.state < JobState::Running && found->second.row.phase != words) {
        found->second.row.phase = words;
        found->second.hasMoved = true;
    }
}

std::optional<JobRun> JobBoard::start(std::uint64_t key)
{
    const std::scoped_lock lock(mutex_);
    const auto found = runs_.find(key);
    if (found == runs_.end() || !apply(found->second, JobEvent::Begin, {})) {
        return std::nullopt;
    }
    found->second.isHeld = true;
    return JobRun(*this, key, found->second.stop);
}

bool JobBoard::apply(Run& run, JobEvent event, const std::string& words)
{
    const auto next = governance::stateAfter(run.row.state, event);
    if (!next) {
        return false;
    }
    const auto now = clock_.now();
    run.hasMoved = true;
    if (run.row.state < JobState::Running) {
        run.row.phase.clear(); // what it waited for
    }
    run.row.state = *next;
    if (*next == JobState::Running) {
        run.row.begun = run.row.beat = now;
        run.begun = run.beat = awake_();
        say(run, "begins, " + run.row.trigger, false);
    } else if (governance::isOver(*next)) {
        if (run.row.begun) {
            run.row.awake = base::Millis{(awake_() - run.begun).count()};
        }
        run.row.ended = std::max(now, run.row.begun.value_or(run.row.staged)); // the clock may have gone back
        run.row.result = cut(words);
        say(run, std::string(governance::name(*next)) + (words.empty() ? "" : ": " + words), governance::isBad(*next));
        run.stop.request_stop();
    }
    return true;
}

void JobBoard::say(Run& run, std::string line, bool isError)
{
    if (run.lines.size() >= mostLines) { // nobody keeps them at present: the newest are worth most
        run.lines.erase(run.lines.begin());
    }
    run.lines.push_back(
        {.run = 0, .line = ++run.lineCount, .time = clock_.now(), .isError = isError, .text = cut(std::move(line))});
}

void JobBoard::with(std::uint64_t key, const std::function<void(Run&)>& act)
{
    const std::scoped_lock lock(mutex_);
    const auto found = runs_.find(key);
    if (found == runs_.end() || found->second.row.state != JobState::Running) {
        return; // it is over, whatever is still said
    }
    auto& run = found->second;
    run.beat = awake_();
    run.row.beat = clock_.now();
    run.isStirred = true;
    act(run);
}

void JobBoard::release(std::uint64_t key)
{
    const std::scoped_lock lock(mutex_);
    if (const auto found = runs_.find(key); found != runs_.end()) {
        found->second.isHeld = false;
        apply(found->second, JobEvent::Lose, "its thread went without a word of how it ended");
    }
}

bool JobBoard::isWaiting(std::uint64_t key) const
{
    const std::scoped_lock lock(mutex_);
    const auto found = runs_.find(key);
    return found != runs_.end() && found->second.row.state < JobState::Running;
}

bool JobBoard::isUnderWay(const std::string& job) const
{
    const std::scoped_lock lock(mutex_);
    return isOpen(job);
}

std::string JobBoard::heavyAtWork() const
{
    const std::scoped_lock lock(mutex_);
    const auto found =
        std::ranges::find_if(runs_, [](const auto& item) { return item.second.isHeld && item.second.isHeavy; });
    return found == runs_.end() ? std::string() : found->second.row.job;
}

bool JobBoard::cancel(const std::string& job, const std::string& why)
{
    const std::scoped_lock lock(mutex_);
    bool isAny = false;
    for (auto& [key, run] : runs_) {
        isAny = (run.row.job == job && apply(run, JobEvent::Cancel, why)) || isAny;
    }
    return isAny;
}

void JobBoard::cancelAll(const std::string& why)
{
    const std::scoped_lock lock(mutex_);
    for (auto& [key, run] : runs_) {
        apply(run, JobEvent::Cancel, why);
    }
}

void JobBoard::lookAfter(base::Millis heartbeat,
                         const std::function<std::optional<base::Millis>(const std::string& job)>& most)
{
    const std::scoped_lock lock(mutex_);
    const auto now = awake_();
    for (auto& [key, run] : runs_) {
        if (run.row.state != JobState::Running) {
            continue;
        }
        const auto limit = most(run.row.job);
        const auto seen = governance::watch(now - run.beat, now - run.begun, heartbeat, limit);
        if (seen == governance::JobWatch::Silent) {
            apply(run, JobEvent::TakeLong,
                  "no sign of life for " + std::to_string((now - run.beat).count() / 1'000) + " s");
        } else if (seen == governance::JobWatch::TooLong) {
            apply(run, JobEvent::TakeLong,
                  "it may take " + std::to_string(limit->count() / 1'000) + " s, and was not done");
        }
    }
}

void JobBoard::sayToAll(const std::string& line)
{
    const std::scoped_lock lock(mutex_);
    for (auto& [key, run] : runs_) {
        if (run.row.state == JobState::Running) {
            say(run, line, false);
        }
    }
}

void JobBoard::wish(const std::string& job)
{
    const std::scoped_lock lock(mutex_);
    wishes_.insert(job);
}

bool JobBoard::takeWish(const std::string& job)
{
    const std::scoped_lock lock(mutex_);
    return wishes_.erase(job) > 0;
}

void JobBoard::setPaused(const std::string& job, bool isPaused)
{
    const std::scoped_lock lock(mutex_);
    if (isPaused) {
        paused_.insert(job);
    } else {
        paused_.erase(job);
    }
}

bool JobBoard::isPaused(const std::string& job) const
{
    const std::scoped_lock lock(mutex_);
    return paused_.contains(job);
}

std::vector<JobBoard::Seen> JobBoard::takeChanges(Awake old)
{
    const std::scoped_lock lock(mutex_);
    const auto now = awake_();
    std::vector<Seen> out;
    for (auto it = runs_.begin(); it != runs_.end();) {
        auto& run = it->second;
        const bool isDue =
            !governance::isOver(run.row.state) && (run.isStirred || !run.lines.empty()) && now - run.told >= old;
        if (run.hasMoved || isDue) {
            out.push_back({it->first, run.row, std::exchange(run.lines, {}), run.isQuiet});
            run.hasMoved = run.isStirred = false;
            run.told = now;
        }
        const bool isDone = governance::isOver(run.row.state) && !run.isHeld;
        it = isDone ? runs_.erase(it) : std::next(it);
    }
    return out;
}

std::vector<std::pair<std::uint64_t, governance::JobRunRow>> JobBoard::underWay() const
{
    const std::scoped_lock lock(mutex_);
    std::vector<std::pair<std::uint64_t, governance::JobRunRow>> out;
    for (const auto& [key, run] : runs_) {
        if (!governance::isOver(run.row.state)) {
            out.emplace_back(key, run.row);
            if (run.row.state == JobState::Running) {
                out.back().second.awake = base::Millis{(awake_() - run.begun).count()};
            }
        }
    }
    return out;
}

} // namespace qd::engines
