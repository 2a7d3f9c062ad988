// The scheduler's line: heavy jobs begin one at a time, each on a thread that ends with it.
#include "engines/scheduler.h"

#include "base/log.h"
#include "engines/low_priority.h"
#include "engines/outside_command.h"

namespace qd::engines {

namespace {

base::Error cancelled(const std::string& job)
{
    return {base::ErrorCode::Cancelled, job, "it was cancelled before it began"};
}

} // namespace

void Scheduler::stage(Job& job, const std::string& trigger, Waiting place)
{
    place.key = links_.board.stage(job.row.name, trigger);
    if (place.key == 0) {
        return;
    }
    flush(JobBoard::Awake{0}); // staged is kept before anything comes of it
    links_.board.admit(place.key);
    place.name = job.row.name;
    line_.push_back(std::move(place));
}

// One heavy job at a time: the first in line begins when the one before has come back.
void Scheduler::advance()
{
    if (lane_ && !isLaneBusy_) {
        lane_.reset();
    }
    answerLine(false);
    while (!lane_ && !line_.empty() && links_.board.heavyAtWork().empty()) { // sensitivity has a thread of its own
        auto* job = find(line_.front().name);
        auto run = links_.board.start(line_.front().key);
        if (job == nullptr || !run) { // cancelled just now
            answerLine(false);
            continue;
        }
        const auto place = std::move(line_.front());
        line_.pop_front();
        begin(*job, std::move(*run), place);
    }
    tellWaiting();
}

void Scheduler::tellWaiting()
{
    const auto working = links_.board.heavyAtWork();
    if (working.empty()) {
        return; // one begins or ends just now
    }
    const auto* job = find(working);
    for (const auto& place : line_) {
        links_.board.waitsFor(place.key, "waits for " + (job != nullptr ? job->row.title : working));
    }
}

void Scheduler::begin(Job& job, JobRun run, const Waiting& place)
{
    job.row.anchor = links_.clock.now();
    job.begun = job.row.anchor;
    job.isStale = true;
    isLaneBusy_ = true;
    const auto held = std::make_shared<JobRun>(std::move(run));
    lane_ = std::make_unique<base::WorkerThread>(
        place.name,
        [this, held, place, command = job.row.command,
         inside = job.inside](const std::stop_token&) { // its run has a token of its own
            work(std::move(*held), place, command, inside);
            isLaneBusy_ = false;
        },
        [this](const std::string& what) {
            base::log(base::LogLevel::Error, "jobs", what);
            isLaneBusy_ = false;
        });
}

// Those in line that were cancelled leave it; all when the console closes.
void Scheduler::answerLine(bool isEnd)
{
    std::erase_if(line_, [&](const Waiting& place) {
        const bool leaves = isEnd || !links_.board.isWaiting(place.key);
        if (leaves && place.asker) {
            links_.events.push(console::CommandDone{*place.asker, cancelled(place.name)});
        }
        return leaves;
    });
}

void Scheduler::work(JobRun run, const Waiting& place, const std::string& command, const InsideJob* inside)
{
    std::optional<base::Error> error;
    lowerPriority();
    if (inside == nullptr) {
        runOutside(run, command, links_.folder);
        return;
    }
    try {
        const auto done = inside->work(run, place.isWished);
        error = done ? std::nullopt : std::optional(done.error());
        if (done) {
            run.succeed(*done);
        } else if (done.error().code == base::ErrorCode::Cancelled) {
            run.cancel("cancelled");
        } else {
            run.fail(base::sentence(done.error()));
        }
    } catch (const std::exception& e) {
        base::log(base::LogLevel::Error, "jobs", place.name + ": " + e.what());
        run.fail(e.what());
        error = base::Error{base::ErrorCode::Internal, place.name, e.what()};
    }
    if (place.asker) {
        links_.events.push(console::CommandDone{*place.asker, error});
    }
}

} // namespace qd::engines
