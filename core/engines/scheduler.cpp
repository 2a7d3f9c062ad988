#include "engines/scheduler.h"

#include "base/heap.h"
#include "base/log.h"
#include "engines/job_times.h"
#include "storage/policy_store.h"

#include <algorithm>
#include <cstdlib>

namespace qd::engines {

using base::Millis;
using base::Result;
using base::UtcMs;
using governance::JobRunRow;
using governance::JobTimes;
using namespace std::chrono_literals;

namespace {

constexpr auto tick = 250ms;
constexpr JobBoard::Awake policyEvery{1'000};
constexpr Millis jump{30'000}; // a clock that went so far otherwise than we did was set, or stood in sleep
constexpr Millis late{60'000}; // from here on a run makes up for a time that was missed
constexpr Millis rest{60'000};
constexpr JobBoard::Awake longestWait{3'600'000}; // a backup that never comes is worse than a late tick
constexpr std::size_t mostOfDay = 2'000;
constexpr Millis longWork{2'000}; // may have held much memory; the gap check of each minute is shorter
constexpr JobBoard::Awake returnEvery{900'000};

std::string spanText(Millis span)
{
    const auto minutes = std::abs(span.count()) / 60'000;
    return minutes >= 120 ? std::to_string(minutes / 60) + " h " + std::to_string(minutes % 60) + " min"
                          : std::to_string(std::abs(span.count()) / 1'000) + " s";
}

} // namespace

void Scheduler::fail(const std::string& doing, const base::Error& error)
{
    const auto what = doing + ": " + base::sentence(error);
    if (std::exchange(failure_, what) != what) {
        base::log(base::LogLevel::Error, "jobs", what);
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, what});
    }
}

void Scheduler::run(const std::stop_token& stop)
{
    links_.pulse.start(links_.clock.now());
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    const auto recalled = database ? recall(*database) : Result<void>(std::unexpected(database.error()));
    if (!recalled) {
        fail("Jobs cannot be read, so none is begun", recalled.error());
        links_.pulse.state = console::EngineState::Failed;
        links_.screen.put(console::JobsSnapshot{.state = console::EngineState::Failed,
                                                .day = std::make_shared<const std::vector<JobRunRow>>(),
                                                .detail = failure_});
        return;
    }
    links_.pulse.state = console::EngineState::Running;
    publish(true);
    while (!stop.stop_requested()) {
        links_.pulse.beat(links_.clock.now());
        obey(tick);
        round(*database);
    }
    links_.board.cancelAll("the console was closed");
    lane_.reset(); // its thread sees its token and comes back
    obey(0ms);
    answerLine(true);
    flush(JobBoard::Awake{0});
    settle(true);
    publish(true);
    links_.pulse.state = console::EngineState::Stopped;
}

// What is kept of earlier starts. What they left under way is told as lost, before anything of ours is written.
Result<void> Scheduler::recall(storage::Database& database)
{
    storage::JobStore store(database);
    auto kept = store.jobs();
    const auto newest = store.newestRun();
    const auto open = store.runsSince(links_.clock.now(), mostOfDay);
    if (!kept || !newest || !open) {
        return std::unexpected(!kept ? kept.error() : !newest ? newest.error() : open.error());
    }
    auto lost = std::make_shared<std::promise<Result<void>>>();
    auto done = lost->get_future();
    if (!links_.store.push(StoreJobs{{.lost = links_.clock.now()}, lost})) {
        return base::fail(base::ErrorCode::Cancelled, "jobs", "the store has ended");
    }
    lost.reset();
    try {
        if (const auto ended = done.get(); !ended) {
            return ended;
        }
    } catch (const std::future_error&) { // dropped unwritten
        return base::fail(base::ErrorCode::Cancelled, "jobs", "the store has ended");
    }
    keeper_.emplace(*newest);
    readPolicy(database);
    if (auto listed = listInside(store, std::move(*kept)); !listed) {
        return listed;
    }
    if (auto paused = pauseForeign(store); !paused) {
        return paused;
    }
    auto day = store.runsSince(links_.clock.now() - base::oneDay, mostOfDay);
    if (!day) {
        return std::unexpected(day.error());
    }
    day_.assign(day->begin(), day->end());
    for (const auto& run : *open) { // what the former console left, however long ago
        const auto ended = run.ended ? Result<JobRunRow>(run) : store.run(run.id);
        if (ended && !run.ended && governance::isBad(ended->state)) {
            tellBad(*ended);
        }
    }
    return {};
}

// The console's own first, as they are made; then the outside commands.
Result<void> Scheduler::listInside(storage::JobStore& store, std::vector<storage::JobRow> kept)
{
    int place = 0;
    for (const auto& inside : links_.inside) {
        const auto found = std::ranges::find(kept, inside.name, &storage::JobRow::name);
        Job job{.row = {.name = inside.name, .anchor = links_.clock.now()}, .times = inside.times, .inside = &inside};
        if (found != kept.end()) {
            job.row.isPaused = inside.canPause && found->isPaused;
            job.row.anchor = found->anchor;
        }
        job.row.title = inside.title;
        followTimes(job);
        job.row.times = governance::text(job.times);
        job.row.most = inside.most;
        job.row.place = ++place;
        job.isStale = found == kept.end() || *found != job.row;
        links_.board.setPaused(inside.name, job.row.isPaused);
        jobs_.push_back(std::move(job));
    }
    for (auto& row : kept) {
        if (row.command.empty()) {
            continue; // ours, or of a version that had another
        }
        const auto times = governance::jobTimesFrom(row.times);
        if (!times) {
            return std::unexpected(times.error());
        }
        jobs_.push_back({.row = std::move(row), .times = *times});
    }
    for (auto& job : jobs_) {
        const auto runs = store.runs(job.row.name, 1);
        if (!runs) {
            return std::unexpected(runs.error());
        }
        if (!runs->empty()) {
            job.last = runs->front();
        }
    }
    return {};
}

// Commands of another machine may do there what they must not do here, or do twice what should be done once.
Result<void> Scheduler::pauseForeign(storage::JobStore& store)
{
    const auto home = store.home();
    if (!home) {
        return std::unexpected(home.error());
    }
    if (links_.home.empty() || *home == links_.home) {
        return {};
    }
    record_.home = links_.home;
    if (home->empty()) { // of a version that did not keep it, or new
        return {};
    }
    std::string names;
    for (auto& job : jobs_) {
        if (job.inside == nullptr && !job.row.isPaused) {
            job.row.isPaused = job.isStale = true;
            names.append(names.empty() ? "" : ", ").append(job.row.name);
        }
    }
    if (!names.empty()) {
        journal("outside commands paused: " + names, "the database was brought here from another machine or folder", "",
                "policy");
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning,
                                           "This database was brought here from another machine or folder, so its "
                                           "outside commands are paused: " +
                                               names + ". Resume on Schedule those that shall run here."});
    }
    return {};
}

void Scheduler::returnMemory()
{
    const auto now = links_.awake();
    if (!returned_ || now - *returned_ >= returnEvery) {
        returned_ = now;
        base::returnFreeMemory();
    }
}

void Scheduler::readPolicy(storage::Database& database)
{
    const auto now = links_.awake();
    if (policyRead_ && now - *policyRead_ < policyEvery) {
        return;
    }
    policyRead_ = now;
    storage::PolicyStore policy(database);
    const auto seconds = policy.get("jobs.heartbeat_s");
    const auto texts = policy.texts();
    if (!seconds || !texts) {
        fail("The policy cannot be read", seconds ? texts.error() : seconds.error());
        return;
    }
    heartbeat_ = Millis{static_cast<std::int64_t>(*seconds * 1'000)};
    const auto zone = texts->find("display.zone");
    zone_ = zone == texts->end() ? std::string() : zone->second;
    readTimes(policy);
}

void Scheduler::readTimes(storage::PolicyStore& policy)
{
    for (const auto& inside : links_.inside) {
        if (inside.timePolicy.empty()) {
            continue;
        }
        if (const auto minutes = policy.get(inside.timePolicy)) {
            minutes_[inside.timePolicy] = static_cast<int>(*minutes);
        } else {
            fail("The policy cannot be read", minutes.error());
        }
    }
    for (auto& job : jobs_) {
        followTimes(job);
    }
}

// Another time is due from its next moment on: what lies before was settled by the old one.
void Scheduler::followTimes(Job& job)
{
    const auto minutes = job.inside != nullptr ? minutes_.find(job.inside->timePolicy) : minutes_.end();
    if (minutes == minutes_.end() || job.times.minutes == minutes->second) {
        return;
    }
    const bool isFirst = job.row.times.empty(); // of this start
    job.times.minutes = minutes->second;
    job.row.times = governance::text(job.times);
    if (!isFirst) {
        job.row.anchor = std::max(job.row.anchor, links_.clock.now());
    }
    job.isStale = true;
}

void Scheduler::round(storage::Database& database)
{
    readPolicy(database);
    noticeSleep();
    if (links_.observe) {
        links_.observe();
    }
    links_.board.lookAfter(heartbeat_, [this](const std::string& name) {
        const auto* job = find(name);
        return job != nullptr ? job->row.most : std::nullopt;
    });
    for (auto& job : jobs_) {
        tend(job);
    }
    advance();
    flush(JobBoard::Awake{2'000});
    publish(false); // before the answers: who has one finds it shown
    settle(false);
    returnMemory();
}

// Sleep and a clock that was set are said in the logs of what runs; what is due by then is made up for by dueOf().
void Scheduler::noticeSleep()
{
    const auto now = links_.clock.now();
    const auto awake = links_.awake();
    if (seenAt_) {
        const auto off = (now - seenAt_->first) - Millis{(awake - seenAt_->second).count()};
        if (off >= jump) {
            links_.board.sayToAll("the machine slept for " + spanText(off) + ", or its clock was set forward by that");
        } else if (off <= -jump) {
            links_.board.sayToAll("the clock was set back by " + spanText(off));
        }
    }
    seenAt_ = {now, awake};
}

void Scheduler::tend(Job& job)
{
    if (job.isEngines()) {
        job.next = job.inside->next && !job.row.isPaused ? job.inside->next() : std::nullopt;
        return;
    }
    const auto now = links_.clock.now();
    if (job.times.kind == JobTimes::Kind::Own) {
        tendOwn(job, now);
        return;
    }
    const auto moments = momentsOf(job.times, zone_, now);
    const auto due = governance::dueOf(job.times, job.row.anchor, now, moments);
    if (due.anchor != job.row.anchor) {
        job.row.anchor = due.anchor;
        job.isStale = true;
    }
    job.next = job.row.isPaused ? std::nullopt : due.next;
    const auto since = moments ? moments->newest : job.row.anchor + job.times.every;
    if (mayBegin(job, due.isDue)) {
        stageLate(job, since, now);
    }
}

// Of ours, with a rule of its own. Whatever that says, it does not begin twice within a minute.
void Scheduler::tendOwn(Job& job, UtcMs now)
{
    const auto at = job.inside->next ? job.inside->next() : std::nullopt;
    job.next = job.row.isPaused ? std::nullopt : at;
    const bool isRested = !job.begun || now - *job.begun >= rest || now < *job.begun;
    if (mayBegin(job, at && now >= *at && isRested)) {
        stageLate(job, *at, now);
    }
}

// In awake time: what was missed in sleep waits for a busy host as what was not.
bool Scheduler::mayBegin(Job& job, bool isDue)
{
    if (!isDue || job.row.isPaused || links_.board.isUnderWay(job.row.name)) {
        job.heldSince.reset();
        return false;
    }
    const bool waits = job.inside != nullptr && links_.waits && !links_.waits().empty();
    if (!waits) {
        return true;
    }
    const auto awake = links_.awake();
    job.heldSince = job.heldSince.value_or(awake);
    const bool isBlocked = links_.storeIsFailing != nullptr && *links_.storeIsFailing;
    return awake - *job.heldSince >= longestWait && !isBlocked;
}

// Only of those that begin by the clock here: an engine says itself why it waits.
std::string Scheduler::whyHeldBack(const Job& job) const
{
    const bool isDue = job.inside != nullptr && !job.isEngines() && job.next && *job.next <= links_.clock.now();
    return isDue && links_.waits ? links_.waits() : std::string();
}

void Scheduler::stageLate(Job& job, UtcMs due, UtcMs now)
{
    stage(job, now - due >= late ? "by the clock, late: made up for once" : "by the clock", {});
}

// What changed goes to the store as one item; commands of this round are answered when it is committed.
void Scheduler::flush(JobBoard::Awake old)
{
    keeper_->collect(links_.board, record_, old);
    for (auto& job : jobs_) {
        if (std::exchange(job.isStale, false)) {
            record_.jobs.push_back(job.row);
        }
    }
    if (record_.isEmpty()) {
        for (const auto id : std::exchange(unanswered_, {})) {
            links_.events.push(console::CommandDone{id, std::nullopt});
        }
        return;
    }
    noteEnds(record_);
    StoreJobs item{.record = std::exchange(record_, {})};
    for (const auto id : std::exchange(unanswered_, {})) {
        if (!item.answer) {
            item.answer = std::make_shared<std::promise<Result<void>>>();
            answers_.push_back({id, item.answer->get_future()});
        } else {
            answers_.push_back({id, {}}); // of the same item: answered with the one before
        }
    }
    if (!links_.store.push(std::move(item))) {
        base::log(base::LogLevel::Warning, "jobs", "the store has ended: the newest runs are not kept");
    }
}

void Scheduler::noteEnds(const storage::JobRecord& record)
{
    for (const auto& run : record.runs) {
        ++revision_;
        const auto same = std::ranges::find(day_, run.id, &JobRunRow::id);
        if (same != day_.end() && same->staged == run.staged) {
            *same = run;
        } else {
            if (same != day_.end()) { // another run has taken the number of one of no note
                day_.erase(same);
            }
            day_.push_back(run);
        }
        auto* job = find(run.job);
        if (!governance::isOver(run.state)) {
            continue;
        }
        if (job != nullptr) {
            job->last = run;
        }
        if (governance::isBad(run.state) && !keeper_->isQuiet(run)) {
            tellBad(run);
        }
        if (run.awake >= longWork) {
            returned_.reset();
        }
    }
    const auto from = links_.clock.now() - base::oneDay;
    std::erase_if(day_, [&](const JobRunRow& run) { return run.ended && *run.ended < from; });
    while (day_.size() > mostOfDay) {
        day_.pop_front();
    }
}

void Scheduler::tellBad(const JobRunRow& run)
{
    const auto* job = find(run.job);
    const auto said = (job != nullptr ? job->row.title : run.job) + ": " + std::string(governance::name(run.state)) +
                      ". " + run.result;
    base::log(base::LogLevel::Warning, "jobs", said);
    links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, said});
}

void Scheduler::publish(bool force)
{
    console::JobsSnapshot out{
        .state = links_.pulse.state, .heartbeat = heartbeat_, .revision = revision_, .detail = failure_};
    const auto underWay = links_.board.underWay();
    for (const auto& job : jobs_) {
        console::JobLine row{.name = job.row.name,
                             .title = job.row.title,
                             .times = job.inside != nullptr && job.inside->when ? job.inside->when() : job.row.times,
                             .command = job.row.command,
                             .isPaused = job.row.isPaused,
                             .canPause = job.inside == nullptr || job.inside->canPause,
                             .cannotRun = job.whyNot(),
                             .next = job.next,
                             .last = job.last};
        for (const auto& [key, run] : underWay) {
            if (run.job == job.row.name) {
                row.now = run;
                row.now->id = keeper_->numberOf(key);
            }
        }
        if (!row.now) {
            row.waits = whyHeldBack(job);
        }
        out.jobs.push_back(std::move(row));
    }
    const bool isSame = shown_ && shown_->jobs == out.jobs && shown_->revision == out.revision &&
                        shown_->heartbeat == out.heartbeat && shown_->detail == out.detail &&
                        shown_->state == out.state;
    if (isSame && !force) {
        return;
    }
    out.day = shown_ && shown_->revision == out.revision && shown_->day
                  ? shown_->day
                  : std::make_shared<const std::vector<JobRunRow>>(day_.begin(), day_.end());
    shown_ = std::make_shared<const console::JobsSnapshot>(std::move(out));
    links_.screen.put(shown_);
}

std::string Scheduler::Job::whyNot() const
{
    if (inside == nullptr || !inside->cannotRun.empty()) {
        return inside == nullptr ? std::string() : inside->cannotRun;
    }
    return inside->refuses ? inside->refuses() : std::string();
}

Scheduler::Job* Scheduler::find(const std::string& name)
{
    const auto found = std::ranges::find_if(jobs_, [&](const Job& job) { return job.row.name == name; });
    return found == jobs_.end() ? nullptr : &*found;
}

} // namespace qd::engines
