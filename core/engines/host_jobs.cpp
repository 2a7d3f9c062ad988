// The jobs thread in its host: which jobs the console has of its own, what it looks at, and its door.
#include "base/sha256.h"
#include "engines/at_exit.h"
#include "engines/backup_jobs.h"
#include "engines/gap_check.h"
#include "engines/host_impl.h"
#include "engines/inside_jobs.h"
#include "engines/night_report.h"
#include "engines/null_queries.h"

#include <QSysInfo>

#include <algorithm>
#include <iterator>

namespace qd::engines {

using base::Millis;
using base::Result;
using governance::JobTimes;
using namespace std::chrono_literals;

namespace {

JobTimes own(std::string words)
{
    return {.kind = JobTimes::Kind::Own, .words = std::move(words)};
}

constexpr Millis mostOfNull{6 * 3'600'000};

/// Where a database is at home: this machine and that file, as a hash, because it goes into every copy. Empty: not
/// known, as in a container, whose name is another at each start.
std::string homeOf(const std::filesystem::path& file)
{
    std::error_code ignored;
    const auto machine = QSysInfo::machineUniqueId();
    if (machine.isEmpty()) {
        return {};
    }
    const auto place = std::filesystem::weakly_canonical(file, ignored);
    return base::sha256Hex(machine.toStdString() + "\n" + (ignored ? file : place).string());
}

/// By the governor, whose hands decisions are; so this waits for it.
Result<std::string> archiveStale(GovernorDoor& door, JobRun& run)
{
    auto turn = std::make_shared<ArchiveTurn>();
    auto done = turn->end.get_future();
    if (auto sent = door.send(turn); !sent) {
        return std::unexpected(sent.error());
    }
    while (done.wait_for(100ms) != std::future_status::ready) {
        run.beat();
        if (run.token().stop_requested()) {
            turn->isGivenUp = true;
            return base::fail(base::ErrorCode::Cancelled, "archive", "it was cancelled");
        }
    }
    try {
        return done.get();
    } catch (const std::future_error&) { // who drops the turn breaks its promise
        return base::fail(base::ErrorCode::Cancelled, "archive", "the governor ended before it was done");
    }
}

constexpr Millis mostOfArchive{10 * 60'000};

std::optional<base::UtcMs> timeAt(const std::atomic<std::int64_t>& ms)
{
    const auto at = ms.load();
    return at > 0 ? std::optional(base::UtcMs{at}) : std::nullopt;
}

/// The back-fill of candles as a run, by what ingest shows of it.
class BackfillWatch {
public:
    BackfillWatch(JobBoard& board, const base::Mailbox<console::IngestSnapshot>& ingest, const Heartbeat& pulse)
        : board_(board),
          ingest_(ingest),
          pulse_(pulse)
    {
    }

    void look()
    {
        const auto seen = ingest_.get();
        if (!seen || !seen->history) {
            return;
        }
        using State = console::HistoryState;
        const auto& now = *seen->history;
        const bool goesOn = now.state == State::Running || now.state == State::Waiting;
        if (goesOn && !isUnderWay_) {
            run_ = board_.begin("backfill", "with the feed");
            isUnderWay_ = true;
        } else if (!goesOn && isUnderWay_) {
            now.state == State::Done ? run_.succeed(std::to_string(now.done) + " days are there")
                                     : run_.cancel("stopped by you");
            run_ = {};
            isUnderWay_ = false;
        }
        if (goesOn && pulse_.beatMs != beat_) { // ingest lives
            beat_ = pulse_.beatMs;
            run_.progress(now.total > 0 ? static_cast<double>(now.done) / now.total : 0.0,
                          now.detail.empty() ? std::to_string(now.done) + " of " + std::to_string(now.total) + " days"
                                             : now.detail);
        }
    }

private:
    JobBoard& board_;
    const base::Mailbox<console::IngestSnapshot>& ingest_;
    const Heartbeat& pulse_;
    JobRun run_;
    bool isUnderWay_ = false;
    std::int64_t beat_ = 0;
};

} // namespace

std::vector<InsideJob> EngineHost::Impl::insideJobs()
{
    std::vector<InsideJob> out;
    if (options.feed != importedFeed) {
        out.push_back({.name = GapCheck::jobName,
                       .title = "Gap check",
                       .times = {.kind = JobTimes::Kind::Every, .every = GapWatchOptions{}.checkEvery},
                       .next = [this] { return timeAt(nextGapCheck); }});
    }
    out.push_back({.name = "review",
                   .title = "Nightly review",
                   .times = {.kind = JobTimes::Kind::Daily, .minutes = 1'200},
                   .ask = [this] { return governorDoor.send(nextCommand++, console::ReviewNow{}); },
                   .next = [this]() -> std::optional<base::UtcMs> {
                       const auto shown = governanceScreen.get();
                       return shown && shown->nextReview.value > 0 ? std::optional(shown->nextReview) : std::nullopt;
                   },
                   .timePolicy = "review.time"});
    out.push_back({.name = "sensitivity",
                   .title = "Sensitivity of candidates",
                   .times = own("after the review"),
                   .cannotRun = "it follows the nightly review, for candidates without a night of it"});
    out.push_back({.name = "calibration",
                   .title = "Execution calibration",
                   .times = {.kind = JobTimes::Kind::Every, .every = Millis{options.calibration.every.count()}},
                   .next = [this] { return timeAt(nextCalibration); }});
    out.push_back({.name = "retrain-check",
                   .title = "Retrain check",
                   .times = {.kind = JobTimes::Kind::Every, .every = Millis{3'600'000}},
                   .next = [this] { return timeAt(nextRetrainLook); }});
    out.push_back({.name = "retrain",
                   .title = "Training of models",
                   .times = own("as the check finds, or you ask"),
                   .cannotRun = "choose the model on Models, or `quarterdeck retrain`"});
    out.push_back({.name = "null",
                   .title = "Noise null",
                   .times = {.kind = JobTimes::Kind::Weekly, .weekday = 6, .minutes = 120},
                   .most = mostOfNull,
                   .work = [this](JobRun& run, bool) {
                       return runNullJob(databaseOf(options.dataDir, options.feed), options.policy,
                                         {storeQueue, storeIsFailing}, clock, run);
                   }});
    out.push_back({.name = nightJobName,
                   .title = "Night report",
                   .times = {.kind = JobTimes::Kind::Daily, .minutes = 360},
                   .work =
                       [this](JobRun& run, bool) {
                           return runNightReport(databaseOf(options.dataDir, options.feed),
                                                 {storeQueue, storeIsFailing}, clock, run);
                       },
                   .timePolicy = "night.time"});
    out.push_back({.name = "archive",
                   .title = "Archive stale strategies",
                   .times = {.kind = JobTimes::Kind::Weekly, .weekday = 7, .minutes = 180},
                   .most = mostOfArchive,
                   .work = [this](JobRun& run, bool) { return archiveStale(governorDoor, run); }});
    std::ranges::move(backupJobs(backupDoor, careScreen, clock, options.firstBackup), std::back_inserter(out));
    if (options.feed != "demo" && options.feed != importedFeed && options.historyDays > 0) {
        out.push_back({.name = "backfill",
                       .title = "Candles of before",
                       .times = own("while any are missing"),
                       .cannotRun = "it goes on by itself; the card on Markets stops it and takes it up again"});
    }
    for (auto& job : out) {
        job.canPause = !isAlwaysOn(job.name);
    }
    return out;
}

void EngineHost::Impl::runJobs(const std::stop_token& stop)
{
    jobsPulse.state = console::EngineState::Starting;
    const AtExit closed([this] { refuseJobs(); });
    if (!waitUntilReady(stop)) {
        jobsPulse.state = console::EngineState::Stopped;
        return;
    }
    BackfillWatch backfill(board, ingestScreen, ingestPulse);
    Scheduler({.database = databaseOf(options.dataDir, options.feed),
               .folder = options.dataDir,
               .board = board,
               .door = jobDoor,
               .store = storeQueue,
               .events = events,
               .screen = jobsScreen,
               .pulse = jobsPulse,
               .clock = clock,
               .inside = insideJobs(),
               .toBackups = [this](console::CommandId id,
                                   console::Command command) { sendToBackups(id, std::move(command)); },
               .waits = [this] { return retrainWaits(); },
               .storeIsFailing = &storeIsFailing,
               .observe = [&backfill] { backfill.look(); },
               .home = homeOf(databaseOf(options.dataDir, options.feed))})
        .run(stop);
}

void EngineHost::Impl::sendToJobs(console::CommandId id, console::Command command)
{
    constexpr std::size_t most = 200; // that wait: a push must not
    if (jobDoor.size() >= most || !jobDoor.push({id, std::move(command)})) {
        refuse(id, base::ErrorCode::Busy, "jobs", "too many commands wait, or the console is closing");
    }
}

void EngineHost::Impl::refuseJobs()
{
    jobDoor.close();
    for (const auto& command : jobDoor.popAll(0ms)) {
        refuse(command.id, base::ErrorCode::Cancelled, "jobs", "they have ended");
    }
}

} // namespace qd::engines
