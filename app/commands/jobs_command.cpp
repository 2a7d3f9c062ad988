#include "app/commands/decisions.h"

#include "base/known_names.h"
#include "engines/inside_jobs.h"
#include "engines/job_keeper.h"
#include "engines/job_times.h"
#include "engines/low_priority.h"
#include "engines/outside_command.h"
#include "engines/scheduler.h"
#include "health/backups.h"
#include "storage/backup_store.h"
#include "storage/job_store.h"
#include "storage/policy_store.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <thread>

namespace qd::app {

namespace {

using base::ErrorCode;
using base::Result;
using storage::JobRunRow;
using storage::JobStore;

std::unique_ptr<storage::Database> open(const Arguments& given, bool changes, int& code)
{
    const auto file = given.existingDatabase();
    if (!file) {
        code = reportMissing(file.error());
        return nullptr;
    }
    using Mode = storage::Database::Mode;
    auto opened = storage::Database::open(*file, changes ? Mode::ReadWrite : Mode::ReadOnly);
    if (!opened) {
        code = report(whyNotOpened(*file, opened.error()));
        return nullptr;
    }
    return std::make_unique<storage::Database>(std::move(*opened));
}

std::string zoneOf(storage::Database& database)
{
    const auto texts = storage::PolicyStore(database).texts();
    const auto zone = texts ? texts->find("display.zone") : std::map<std::string, std::string>::const_iterator();
    return texts && zone != texts->end() ? zone->second : std::string();
}

/// When the next backup is due, as the backup thread has it.
std::optional<base::UtcMs> nextBackup(storage::Database& database, base::UtcMs now)
{
    storage::PolicyStore policy(database);
    const auto texts = policy.texts();
    const auto hours = policy.get("backup.every_hours");
    const auto rows = storage::BackupStore(database).newest();
    if (!texts || !hours || !rows) {
        return std::nullopt;
    }
    const auto folder = texts->find("backup.folder");
    return health::nextBackup(*rows,
                              {.folder = folder == texts->end() ? std::string() : folder->second,
                               .every = base::Millis{static_cast<std::int64_t>(*hours * 3'600'000)}},
                              now);
}

/// When it begins by itself, as far as the database tells; empty while it is paused, for what is done by hand, and for
/// what follows something else. `last`: its newest run.
std::optional<base::UtcMs> nextOf(storage::Database& database, const storage::JobRow& job,
                                  const std::optional<JobRunRow>& last, const std::string& zone, base::UtcMs now)
{
    if (job.isPaused) {
        return std::nullopt;
    }
    if (job.name == "backup" && job.command.empty()) {
        return nextBackup(database, now);
    }
    const auto times = governance::jobTimesFrom(job.times);
    if (!times) {
        return std::nullopt;
    }
    auto anchor = job.anchor;
    if (job.command.empty() && last) { // the engines' own keep their times by their runs
        anchor = std::max(anchor, last->begun.value_or(last->staged));
    }
    return governance::dueOf(*times, anchor, now, engines::momentsOf(*times, zone, now)).next;
}

/// What the list needs of whoever owns the database.
struct Beside {
    std::map<std::string, engines::OwnedJob> jobs; // as the console has them; empty: none runs, or it is starting
    std::string starting;                          // what one does that is starting, as a sentence; empty: none is
};

Beside besideOf(const std::filesystem::path& file)
{
    Beside out;
    const engines::OwnerLine line(file);
    const auto owner = line.owner();
    if (!owner) {
        if (engines::writerOf(file)) {
            out.starting = engines::whyOwned(file, owner.error()) + ".";
        }
        return out;
    }
    if (!owner->isReady) {
        out.starting = "The console is starting (process " + std::to_string(owner->process) + "): " + owner->doing +
                       ". Its jobs run when that is done.";
        return out;
    }
    for (auto& job : line.jobs().value_or(std::vector<engines::OwnedJob>())) {
        out.jobs.emplace(job.name, std::move(job));
    }
    return out;
}

/// Of one that goes on: until now.
base::Millis tookOf(const JobRunRow& run, base::UtcMs now)
{
    return run.state == governance::JobState::Running && run.begun ? std::max(base::Millis{0}, now - *run.begun)
                                                                   : run.awake;
}

QJsonValue jsonTime(const std::optional<base::UtcMs>& time)
{
    return time ? QJsonValue(jsonText(base::isoText(*time))) : QJsonValue();
}

QJsonObject json(const JobRunRow& run, base::UtcMs now = base::SystemClock().now())
{
    return {{QStringLiteral("run"), static_cast<qint64>(run.id)},
            {QStringLiteral("job"), jsonText(run.job)},
            {QStringLiteral("trigger"), jsonText(run.trigger)},
            {QStringLiteral("state"), jsonText(governance::name(run.state))},
            {QStringLiteral("staged"), jsonTime(run.staged)},
            {QStringLiteral("begun"), jsonTime(run.begun)},
            {QStringLiteral("ended"), jsonTime(run.ended)},
            {QStringLiteral("seconds"), static_cast<double>(tookOf(run, now).count()) / 1'000},
            {QStringLiteral("progress"), run.progress ? QJsonValue(*run.progress) : QJsonValue()},
            {QStringLiteral("phase"), jsonText(run.phase)},
            {QStringLiteral("result"), jsonText(run.result)}};
}

void printHead()
{
    std::printf("%6s  %-15s %-24s  %-9s %10s  %s\n", "RUN", "JOB", "BEGAN", "STATE", "TOOK", "WHY: RESULT");
}

void print(const JobRunRow& run, base::UtcMs now = base::SystemClock().now())
{
    std::printf("%6lld  %-15s %-24s  %-9s %8.1f s  %s: %s\n", static_cast<long long>(run.id), run.job.c_str(),
                base::isoText(run.begun.value_or(run.staged)).c_str(), std::string(governance::name(run.state)).c_str(),
                static_cast<double>(tookOf(run, now).count()) / 1'000, run.trigger.c_str(),
                (run.result.empty() ? run.phase : run.result).c_str());
}

/// A job with its newest run, below the head line of list().
void print(const storage::JobRow& job, const std::optional<base::UtcMs>& next, const std::optional<JobRunRow>& last,
           base::UtcMs now, const std::string& waits)
{
    const auto began = last ? base::isoText(last->begun.value_or(last->staged)) : std::string("never");
    const auto state = last ? std::string(governance::name(last->state)) : std::string();
    std::printf("%-15s %-32s %-24s  %-24s  %-9s", job.name.c_str(), job.times.c_str(),
                job.isPaused ? "paused"
                : next       ? base::isoText(*next).c_str()
                             : "-",
                began.c_str(), state.c_str());
    if (last) {
        std::printf(" %8.1f s  %s", static_cast<double>(tookOf(*last, now).count()) / 1'000,
                    (last->result.empty() ? last->phase : last->result).c_str());
    }
    std::printf("\n");
    if (!job.command.empty()) {
        std::printf("%-15s $ %s\n", "", job.command.c_str());
    }
    if (!waits.empty()) {
        std::printf("%-15s waits: %s\n", "", waits.c_str());
    }
}

int list(const Arguments& given)
{
    int code = exitDone;
    const auto database = open(given, false, code);
    if (!database) {
        return code;
    }
    JobStore store(*database);
    const auto jobs = store.jobs();
    if (!jobs) {
        return report(jobs.error());
    }
    const auto now = base::SystemClock().now();
    const auto zone = zoneOf(*database);
    const auto beside = besideOf(database->path());
    if (!beside.starting.empty()) {
        std::fprintf(stderr, "%s\n", beside.starting.c_str());
    }
    QJsonArray rows;
    if (!given.wantsJson() && !jobs->empty()) {
        std::printf("%-15s %-32s %-24s  %-24s  %-9s %10s  %s\n", "JOB", "WHEN", "NEXT", "LAST BEGAN", "STATE", "TOOK",
                    "RESULT");
    }
    for (auto job : *jobs) {
        const auto runs = store.runs(job.name, 1);
        if (!runs) {
            return report(runs.error());
        }
        const auto last = runs->empty() ? std::optional<JobRunRow>() : runs->front();
        const auto owned = beside.jobs.find(job.name);
        const bool isOwned = owned != beside.jobs.end();
        const auto waits = isOwned ? owned->second.waits : std::string();
        const auto next = isOwned ? owned->second.next : nextOf(*database, job, last, zone, now);
        if (isOwned) {
            job.times = owned->second.times;
            job.isPaused = owned->second.isPaused;
        }
        if (given.wantsJson()) {
            rows.append(QJsonObject{{QStringLiteral("name"), jsonText(job.name)},
                                    {QStringLiteral("title"), jsonText(job.title)},
                                    {QStringLiteral("times"), jsonText(job.times)},
                                    {QStringLiteral("command"), jsonText(job.command)},
                                    {QStringLiteral("is_paused"), job.isPaused},
                                    {QStringLiteral("waits"), jsonText(waits)},
                                    {QStringLiteral("next"), jsonTime(next)},
                                    {QStringLiteral("last"), last ? QJsonValue(json(*last, now)) : QJsonValue()}});
        } else {
            print(job, next, last, now, waits);
        }
    }
    if (given.wantsJson()) {
        std::printf("%s\n", QJsonDocument(rows).toJson(QJsonDocument::Compact).constData());
    } else if (jobs->empty() && beside.starting.empty()) {
        std::printf("No job yet: the console's own are listed from its first start on.\n");
    }
    return exitDone;
}

int history(const Arguments& given, const std::string& job, std::size_t limit)
{
    int code = exitDone;
    const auto database = open(given, false, code);
    if (!database) {
        return code;
    }
    const auto runs = JobStore(*database).runs(job, limit);
    if (!runs) {
        return report(runs.error());
    }
    QJsonArray rows;
    if (!given.wantsJson() && !runs->empty()) {
        printHead();
    }
    for (const auto& run : *runs) {
        given.wantsJson() ? rows.append(json(run)) : print(run);
    }
    if (given.wantsJson()) {
        std::printf("%s\n", QJsonDocument(rows).toJson(QJsonDocument::Compact).constData());
    } else if (runs->empty()) {
        std::printf("No run.\n");
    }
    return exitDone;
}

int log(const Arguments& given, std::int64_t id)
{
    int code = exitDone;
    const auto database = open(given, false, code);
    if (!database) {
        return code;
    }
    JobStore store(*database);
    const auto run = store.run(id);
    const auto lines = run ? store.log(id) : Result<std::vector<storage::JobLogLine>>(std::unexpected(run.error()));
    if (!lines) {
        return report(lines.error());
    }
    QJsonArray said;
    for (const auto& line : *lines) {
        if (given.wantsJson()) {
            said.append(QJsonObject{{QStringLiteral("time"), jsonText(base::isoText(line.time))},
                                    {QStringLiteral("is_error"), line.isError},
                                    {QStringLiteral("text"), jsonText(line.text)}});
        } else {
            std::printf("%s%s%s\n", base::isoText(line.time).c_str(), line.isError ? "  ! " : "    ",
                        line.text.c_str());
        }
    }
    if (given.wantsJson()) {
        auto whole = json(*run);
        whole[QStringLiteral("lines")] = said;
        printJson(whole);
    } else if (lines->empty()) {
        std::printf("Its log is not kept any more: %s\n", run->result.c_str());
    }
    return exitDone;
}

/// Within one transaction, with a row of the journal.
int change(const Arguments& given, storage::Database& database, storage::JobRecord record, const std::string& what,
           const std::string& evidence)
{
    record.journal = storage::JournalEntry{.time = base::SystemClock().now(),
                                           .by = "operator",
                                           .what = what,
                                           .why = given.value("reason"),
                                           .evidence = evidence,
                                           .undo = ""};
    auto done = database.begin();
    done = done ? JobStore(database).write(record) : done;
    done = done ? database.commit(true) : done;
    if (!done) {
        database.rollback();
        return report(done.error());
    }
    return printDone(given, what);
}

/// By the console that owns the database, told as if it had been done here.
std::optional<int> changedByOwner(const Arguments& given, const console::Command& command, const std::string& what)
{
    const auto end = doneByOwner(given, command);
    return end && *end == exitDone ? std::optional(printDone(given, what)) : end;
}

Result<storage::JobRow> jobNamed(storage::Database& database, const std::string& name)
{
    const auto jobs = JobStore(database).jobs();
    if (!jobs) {
        return std::unexpected(jobs.error());
    }
    for (const auto& job : *jobs) {
        if (job.name == name) {
            return job;
        }
    }
    return base::fail(ErrorCode::NotFound, name, "there is no such job");
}

/// As they are stored, also beside a console.
Result<std::vector<storage::JobRow>> storedJobs(const Arguments& given)
{
    const auto file = given.existingDatabase();
    if (!file) {
        return std::unexpected(file.error());
    }
    auto database = storage::Database::open(*file, storage::Database::Mode::ReadOnly);
    return database ? JobStore(*database).jobs() : std::unexpected(database.error());
}

/// The name of the job that is meant: by its name, else by its title in whatever case. NotFound where it is neither,
/// Conflict where several have that title. Where they cannot be read the word stays: whoever uses it says why.
Result<std::string> nameMeant(const Arguments& given, const std::string& word)
{
    const auto jobs = storedJobs(given);
    if (!jobs || jobs->empty() || std::ranges::find(*jobs, word, &storage::JobRow::name) != jobs->end()) {
        return word;
    }
    std::vector<std::string> titled;
    std::vector<std::string> known;
    for (const auto& job : *jobs) {
        known.push_back(job.name);
        if (jsonText(job.title).compare(jsonText(word), Qt::CaseInsensitive) == 0) {
            titled.push_back(job.name);
        }
    }
    if (titled.empty()) {
        return base::fail(ErrorCode::NotFound, word, base::unknownName("there is no such job", word, known));
    }
    if (titled.size() > 1) {
        std::string names;
        for (const auto& name : titled) {
            names.append(names.empty() ? "" : ", ").append(name);
        }
        return base::fail(ErrorCode::Conflict, word, "several jobs have this title; say which by its name: " + names);
    }
    return titled.front();
}

int setPaused(const Arguments& given, const std::string& name, bool isPaused)
{
    const auto what = "job " + name + (isPaused ? " paused" : " resumed");
    if (const auto end = changedByOwner(given, console::SetJobPaused{name, isPaused, given.value("reason")}, what)) {
        return *end;
    }
    int code = exitDone;
    const auto database = open(given, true, code);
    if (!database) {
        return code;
    }
    auto job = jobNamed(*database, name);
    if (!job) {
        return report(job.error());
    }
    if (job->command.empty() && engines::isAlwaysOn(name)) {
        return report(
            {ErrorCode::Conflict, name, isPaused ? "it cannot be paused here" : "it is always on: it is never paused"});
    }
    job->isPaused = isPaused;
    if (!isPaused) {
        job->anchor = base::SystemClock().now(); // what came meanwhile was not wished
    }
    return change(given, *database, {.jobs = {*job}}, what, job->times);
}

int add(const Arguments& given, const std::string& name, const std::string& command)
{
    std::optional<base::Millis> most;
    if (given.isSet("timeout")) {
        const auto seconds = given.number("timeout", 1);
        if (!seconds) {
            return reportUsage("--timeout wants seconds, 1 at least");
        }
        most = base::Millis{static_cast<std::int64_t>(*seconds * 1'000)};
    }
    const auto made = engines::outsideJob({name, command, given.value("when"), most}, base::SystemClock().now());
    if (!made) {
        return report(made.error());
    }
    if (const auto stored = storedJobs(given)) {
        const auto before = std::ranges::find(*stored, name, &storage::JobRow::name);
        if (before != stored->end() && !before->command.empty()) {
            return report({ErrorCode::AlreadyExists, name,
                           "it runs '" + before->command + "', " + before->times +
                               "; to replace it, 'quarterdeck jobs remove " + name + "' first"});
        }
    }
    const auto what = "job " + name + " set, " + made->times;
    if (const auto end = changedByOwner(
            given, console::AddJob{name, command, given.value("when"), most, given.value("reason")}, what)) {
        return *end;
    }
    int code = exitDone;
    const auto database = open(given, true, code);
    if (!database) {
        return code;
    }
    if (jobNamed(*database, name)) { // an outside command was met above
        return report({ErrorCode::Conflict, name, "the console has one of that name"});
    }
    return change(given, *database, {.jobs = {*made}}, what, command);
}

int remove(const Arguments& given, const std::string& name)
{
    const auto what = "job " + name + " removed";
    if (const auto end = changedByOwner(given, console::RemoveJob{name, given.value("reason")}, what)) {
        return *end;
    }
    int code = exitDone;
    const auto database = open(given, true, code);
    if (!database) {
        return code;
    }
    const auto job = jobNamed(*database, name);
    if (!job) {
        return report(job.error());
    }
    if (job->command.empty()) {
        return report({ErrorCode::Conflict, name, "it is the console's own; it can be paused"});
    }
    return change(given, *database, {.removed = {name}}, what, job->command);
}

/// What was kept and is new since, printed as it comes.
Result<void> keep(storage::Database& database, engines::JobKeeper& keeper, engines::JobBoard& board,
                  std::optional<JobRunRow>& last)
{
    storage::JobRecord record;
    keeper.collect(board, record, engines::JobBoard::Awake{200});
    if (record.isEmpty()) {
        return {};
    }
    for (const auto& line : record.lines) {
        std::fprintf(stderr, "%s\n", line.text.c_str());
    }
    if (!record.runs.empty()) {
        last = record.runs.back();
    }
    auto done = database.begin();
    done = done ? JobStore(database).write(record) : done;
    return done ? database.commit(true) : done;
}

/// An outside command here and now, looked after as in a console.
int runNow(const Arguments& given, const std::string& name)
{
    using namespace std::chrono_literals;
    if (const auto end = doneByOwner(given, console::RunJob{name})) {
        if (*end == exitDone && !given.wantsJson()) {
            std::printf("It runs in the console; 'quarterdeck jobs history %s' tells how it ends.\n", name.c_str());
        }
        return *end;
    }
    int code = exitDone;
    const auto database = open(given, true, code);
    if (!database) {
        return code;
    }
    auto job = jobNamed(*database, name);
    if (job && job->command.empty()) {
        job = base::fail(ErrorCode::Conflict, name,
                         "it is the console's own and runs in one; review, calibrate, retrain and null are "
                         "subcommands, too");
    }
    const auto newest = job ? JobStore(*database).newestRun() : Result<std::int64_t>(std::unexpected(job.error()));
    const auto heartbeat = newest ? storage::PolicyStore(*database).get("jobs.heartbeat_s")
                                  : Result<double>(std::unexpected(newest.error()));
    if (!heartbeat) {
        return report(heartbeat.error());
    }
    const base::SystemClock clock;
    engines::JobBoard board(clock);
    engines::JobKeeper keeper(*newest);
    auto run = board.begin(name, "by you, on the command line");
    std::atomic<bool> isDone{false};
    const auto stop = stopOnSignal(); // before the worker: its thread must not take the signal
    std::jthread worker([&, own = std::move(run)]() mutable {
        engines::runOutside(own, job->command, given.dataDir());
        own = {};
        isDone = true;
    });
    std::optional<JobRunRow> last;
    while (!isDone) {
        board.lookAfter(base::Millis{static_cast<std::int64_t>(*heartbeat * 1'000)},
                        [&](const std::string&) { return job->most; });
        if (stop.stop_requested()) {
            board.cancelAll("by you");
        }
        if (const auto kept = keep(*database, keeper, board, last); !kept) {
            database->rollback();
            board.cancelAll("its run cannot be kept");
            return report(kept.error());
        }
        std::this_thread::sleep_for(50ms);
    }
    job->anchor = last ? last->begun.value_or(clock.now()) : clock.now();
    auto kept = keep(*database, keeper, board, last);
    kept = kept ? JobStore(*database).write({.jobs = {*job}}) : kept;
    if (!kept) {
        return report(kept.error());
    }
    if (given.wantsJson()) {
        printJson(json(*last));
    } else {
        print(*last);
    }
    return last->state == governance::JobState::Succeeded ? exitDone : exitFailed;
}

} // namespace

int jobsCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("jobs [list] | history [NAME] | log RUN | run NAME | pause NAME | resume NAME | "
                                   "add NAME COMMAND | remove NAME [options]"),
                    QStringLiteral("What runs by the clock: the console's own jobs and outside commands, with their "
                                   "runs and logs. An outside command has failed when it dies, answers another code "
                                   "than 0, or ends without a word of output; one that is silent for "
                                   "jobs.heartbeat_s is ended. NAME is the name of a job, or its title."));
    given.parser().addOptions(
        {{QStringLiteral("when"),
          QStringLiteral("Of add: 'by hand', 'every 15 min', 'every 6 h', 'daily 20:00', 'weekly Sat 03:00'."),
          QStringLiteral("TIMES"), QStringLiteral("by hand")},
         {QStringLiteral("timeout"), QStringLiteral("Of add: a run that takes longer is ended."),
          QStringLiteral("SECONDS")},
         {QStringLiteral("reason"), QStringLiteral("For the journal."), QStringLiteral("TEXT")},
         {QStringLiteral("limit"), QStringLiteral("Of history: runs, at most 5000."), QStringLiteral("N"),
          QStringLiteral("50")}});
    given.parser().addPositionalArgument(QStringLiteral("verb"),
                                         QStringLiteral("list, history, log, run, pause, resume, add, remove"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    const auto word = [&](qsizetype at) { return at < words.size() ? words[at].toStdString() : std::string(); };
    const auto verb = word(0);
    if (words.isEmpty() || (verb == "list" && words.size() == 1)) {
        return list(given);
    }
    const auto limit = given.number("limit", 1);
    if (!limit || *limit > 5'000) {
        return reportUsage("--limit wants a number from 1 to 5000");
    }
    if (verb == "history" && words.size() <= 2) {
        const auto meant = nameMeant(given, word(1));
        if (!meant && meant.error().code == ErrorCode::Conflict) {
            return report(meant.error());
        }
        return history(given, meant.value_or(word(1)), static_cast<std::size_t>(*limit)); // also of one that is no more
    }
    if (verb == "add" && words.size() == 3) {
        return add(given, word(1), word(2));
    }
    if (words.size() == 2) {
        if (verb == "log") {
            bool isNumber = false;
            const auto run = words[1].toLongLong(&isNumber);
            return isNumber ? log(given, run) : reportUsage("jobs log wants the number of a run");
        }
        if (verb == "run" || verb == "pause" || verb == "resume" || verb == "remove") {
            const auto name = nameMeant(given, word(1));
            return !name              ? report(name.error())
                   : verb == "run"    ? runNow(given, *name)
                   : verb == "remove" ? remove(given, *name)
                                      : setPaused(given, *name, verb == "pause");
        }
    }
    return reportUsage(
        "jobs wants: list, history [NAME], log RUN, run NAME, pause NAME, resume NAME, add NAME COMMAND, "
        "or remove NAME");
}

} // namespace qd::app
