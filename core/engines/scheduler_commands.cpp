// What the operator asks of the scheduler.
#include "engines/scheduler.h"

#include <algorithm>

namespace qd::engines {

using base::ErrorCode;
using base::Millis;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr int placeOfOutside = 1'000; // behind the console's own
constexpr std::size_t mostOutside = 200;

Result<void> unknown(const std::string& name)
{
    return base::fail(ErrorCode::NotFound, name, "there is no such job");
}

} // namespace

Result<storage::JobRow> outsideJob(const console::AddJob& wish, base::UtcMs now)
{
    if (!governance::isJobName(wish.name)) {
        return base::fail(ErrorCode::Malformed, wish.name,
                          "a job's name begins with a letter and has letters, digits, - and _, 40 at most");
    }
    if (wish.command.find_first_not_of(" \t\n") == std::string::npos || wish.command.size() > 4'000) {
        return base::fail(ErrorCode::Malformed, wish.name, "it wants a command for the shell, of 4,000 bytes at most");
    }
    if (wish.most && *wish.most < 1s) {
        return base::fail(ErrorCode::OutOfRange, wish.name, "a run may take a second at least");
    }
    const auto times = governance::jobTimesFrom(wish.times);
    if (!times) {
        return std::unexpected(times.error());
    }
    return storage::JobRow{.name = wish.name,
                           .title = wish.name,
                           .times = governance::text(*times),
                           .command = wish.command,
                           .most = wish.most,
                           .anchor = now,
                           .place = placeOfOutside};
}

void Scheduler::obey(std::chrono::milliseconds timeout)
{
    for (const auto& command : links_.door.popAll(timeout)) {
        if (const auto* wish = std::get_if<console::BackUpNow>(&command.command)) {
            if (const auto staged = carryOut(*wish, command.id); !staged) {
                links_.events.push(console::CommandDone{command.id, staged.error()});
            }
            continue; // answered at its end
        }
        if (std::holds_alternative<console::CancelBackup>(command.command)) {
            cancelBackup(command.id);
            continue;
        }
        const auto done = std::visit(
            [this](const auto& wish) -> Result<void> {
                if constexpr (requires { this->carryOut(wish); }) {
                    return carryOut(wish);
                } else {
                    return base::fail(ErrorCode::Internal, "jobs", "not a wish about jobs");
                }
            },
            command.command);
        if (done) {
            unanswered_.push_back(command.id); // answered when it is committed
        } else {
            links_.events.push(console::CommandDone{command.id, done.error()});
        }
    }
}

Result<void> Scheduler::carryOut(const console::RunJob& wish)
{
    return want(wish.name, {.isWished = true});
}

// The same as RunJob, but for its answer.
Result<void> Scheduler::carryOut(const console::BackUpNow&, console::CommandId id)
{
    const auto atWork = links_.board.heavyAtWork();
    auto staged = want("backup", {.isWished = true, .asker = id});
    if (staged && !atWork.empty()) {
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Info,
                                           "The backup begins when another job is done: " + atWork});
    }
    return staged;
}

// One in line or at work; or else what the backup thread does that is no job: a restore that is made ready.
void Scheduler::cancelBackup(console::CommandId id)
{
    if (links_.board.cancel("backup", "by you")) {
        if (auto* job = find("backup")) {
            passOver(*job);
        }
        links_.events.push(console::CommandDone{id, std::nullopt});
    } else {
        links_.toBackups(id, console::CancelBackup{});
    }
}

// What was cancelled in line is not due again at once: its time has passed.
void Scheduler::passOver(Job& job)
{
    job.row.anchor = std::max(job.row.anchor, links_.clock.now());
    job.begun = links_.clock.now();
    job.isStale = true;
}

Result<void> Scheduler::want(const std::string& name, Waiting place)
{
    auto* job = find(name);
    if (job == nullptr) {
        return unknown(name);
    }
    if (auto why = job->whyNot(); !why.empty()) {
        return base::fail(ErrorCode::Conflict, name, std::move(why));
    }
    if (links_.board.isUnderWay(name)) {
        return base::fail(ErrorCode::Busy, name, "it waits or runs already; no job runs twice at a time");
    }
    if (!job->isEngines()) {
        stage(*job, "by you", std::move(place));
        return {};
    }
    if (job->inside->ask) {
        return job->inside->ask();
    }
    links_.board.wish(name);
    return {};
}

Result<void> Scheduler::carryOut(const console::CancelJob& wish)
{
    auto* job = find(wish.name);
    if (job == nullptr) {
        return unknown(wish.name);
    }
    if (!links_.board.cancel(wish.name, "by you")) {
        return base::fail(ErrorCode::NotFound, wish.name, "it neither waits nor runs");
    }
    passOver(*job);
    return {};
}

Result<void> Scheduler::carryOut(const console::SetJobPaused& wish)
{
    auto* job = find(wish.name);
    if (job == nullptr) {
        return unknown(wish.name);
    }
    if (job->inside != nullptr && !job->inside->canPause) {
        return base::fail(ErrorCode::Conflict, wish.name,
                          wish.paused ? "it cannot be paused here" : "it is always on: it is never paused");
    }
    if (job->row.isPaused == wish.paused) {
        return {};
    }
    job->row.isPaused = wish.paused;
    if (!wish.paused) {
        job->row.anchor = links_.clock.now(); // what came meanwhile was not wished
    }
    job->isStale = true;
    links_.board.setPaused(wish.name, wish.paused);
    journal("job " + wish.name + (wish.paused ? " paused" : " resumed"), wish.reason, job->row.times);
    return {};
}

Result<void> Scheduler::carryOut(const console::AddJob& wish)
{
    auto row = outsideJob(wish, links_.clock.now());
    if (!row) {
        return std::unexpected(row.error());
    }
    const auto times = governance::jobTimesFrom(row->times);
    auto* job = find(wish.name);
    if (job != nullptr && job->inside != nullptr) {
        return base::fail(ErrorCode::Conflict, wish.name, "the console has one of that name");
    }
    const auto outside = std::ranges::count_if(jobs_, [](const Job& one) { return one.inside == nullptr; });
    if (job == nullptr && static_cast<std::size_t>(outside) >= mostOutside) {
        return base::fail(ErrorCode::OutOfRange, wish.name, "there are 200 outside commands already");
    }
    if (job == nullptr) {
        job = &jobs_.emplace_back();
    } else {
        row->isPaused = job->row.isPaused;
    }
    job->row = std::move(*row);
    job->times = *times;
    job->isStale = true;
    journal("job " + wish.name + " set, " + job->row.times, wish.reason, job->row.command);
    return {};
}

Result<void> Scheduler::carryOut(const console::RemoveJob& wish)
{
    auto* job = find(wish.name);
    if (job == nullptr) {
        return unknown(wish.name);
    }
    if (job->inside != nullptr) {
        return base::fail(ErrorCode::Conflict, wish.name, "it is the console's own; it can be paused");
    }
    links_.board.cancel(wish.name, "its job was removed");
    journal("job " + wish.name + " removed", wish.reason, job->row.command);
    record_.removed.push_back(wish.name);
    std::erase_if(jobs_, [&](const Job& one) { return one.row.name == wish.name; });
    return {};
}

// One entry a record: a second in the same round goes with a record of its own.
void Scheduler::journal(const std::string& what, const std::string& why, const std::string& evidence,
                        const std::string& by)
{
    if (record_.journal) {
        flush(JobBoard::Awake{0});
    }
    record_.journal = storage::JournalEntry{
        .time = links_.clock.now(), .by = by, .what = what, .why = why, .evidence = evidence, .undo = ""};
}

// Commands whose item the store has committed, or given up.
void Scheduler::settle(bool isEnd)
{
    std::optional<base::Error> error;
    while (!answers_.empty()) {
        auto& first = answers_.front();
        if (first.committed.valid()) {
            if (first.committed.wait_for(isEnd ? 2'000ms : 0ms) != std::future_status::ready) {
                if (!isEnd) {
                    return;
                }
                error = base::Error{ErrorCode::Cancelled, "jobs", "the console is closing"};
            } else {
                try {
                    const auto done = first.committed.get();
                    error = done ? std::nullopt : std::optional(done.error());
                } catch (const std::future_error&) {
                    error = base::Error{ErrorCode::Io, "jobs", "the store ended before it was kept"};
                }
            }
        }
        links_.events.push(console::CommandDone{first.id, error});
        answers_.erase(answers_.begin());
    }
}

} // namespace qd::engines
