#include "engines/backup_engine.h"

#include "base/log.h"
#include "engines/low_priority.h"
#include "engines/retention_run.h"
#include "storage/backup.h"
#include "storage/backup_store.h"
#include "storage/policy_store.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <iterator>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <utility>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr auto tick = 250ms;
constexpr auto publishEvery = 100ms;
constexpr auto lookEvery = 5s;
constexpr base::Millis storeEvery{3'600'000};
constexpr auto keepPatience = 60s; // a store that does not write keeps the row, and writes it when it can
constexpr std::size_t mostRows = 200;

health::BackupPolicy policyOf(const base::PolicyValues& values, std::string folder)
{
    const auto count = [&](const char* name) {
        return static_cast<std::size_t>(std::llround(base::policyValue(values, name)));
    };
    return {.folder = std::move(folder),
            .every = base::Millis{std::llround(base::policyValue(values, "backup.every_hours") * 3'600'000)},
            .keepRecent = count("backup.keep_recent"),
            .keepDaily = count("backup.keep_daily"),
            .keepWeekly = count("backup.keep_weekly")};
}

/// "demo-20261126-082250.db.part" of demo, and not that of a feed whose name begins like it.
bool isLeftover(std::string_view name, std::string_view database)
{
    constexpr std::string_view stamp = "-00000000-000000.db.";
    if (!name.starts_with(database) || name.size() < database.size() + stamp.size()) {
        return false;
    }
    const auto rest = name.substr(database.size());
    const auto isLike = [](char form, char c) { return form == '0' ? c >= '0' && c <= '9' : c == form; };
    const auto kind = rest.substr(stamp.size());
    return std::ranges::equal(stamp, rest.substr(0, stamp.size()), isLike) &&
           (kind.starts_with("part") || kind.starts_with("scratch"));
}

/// Of a copy made by hand, which says nothing itself: "demo.db", "demo.before-restore-20261126-082250.db".
bool isNamedAfter(const fs::path& file, const std::string& database)
{
    const auto name = file.filename().string();
    return name.starts_with(database + '.') || name.starts_with(database + '-');
}

std::string megabytes(std::uint64_t bytes)
{
    return std::to_string((bytes + 500'000) / 1'000'000) + " MB";
}

} // namespace

void BackupEngine::run(const std::stop_token& stop)
{
    lowerPriority(); // not the lowest: a copy that starves on a busy machine would hold the write-ahead log back
    started_ = links_.clock.now();
    links_.pulse.start(started_);
    auto database = storage::Database::open(links_.database, storage::Database::Mode::ReadOnly);
    auto rows = database ? storage::BackupStore(*database).newest(mostRows)
                         : Result<std::vector<health::BackupRow>>(std::unexpected(database.error()));
    if (!rows) {
        fail("Backups cannot be made", rows.error());
        links_.pulse.state = shown_.state = console::EngineState::Failed;
        publish(true);
        return;
    }
    shown_.backups = std::move(*rows);
    if (auto dropped = storage::dropStagedRestore(links_.database); !dropped) { // what is ready took force before
        fail("What is left of a restore cannot be removed", dropped.error());
    }
    database_ = &*database;
    nextStore_ = started_ + links_.firstLook;
    links_.pulse.state = shown_.state = console::EngineState::Running;
    while (!stop.stop_requested()) {
        links_.pulse.beat(links_.clock.now());
        look(*database);
        obey(tick, stop);
        publish(false);
    }
    std::ranges::move(links_.door.popAll(0ms), std::back_inserter(waiting_));
    const auto closing = base::fail(ErrorCode::Cancelled, "backups", "the console is closing");
    for (const auto& command : waiting_) {
        command.turn ? command.turn->end.set_value(closing) : answer(command.id, closing);
    }
    links_.pulse.state = console::EngineState::Stopped;
}

void BackupEngine::answer(console::CommandId id, const Result<void>& done)
{
    links_.events.push(console::CommandDone{id, done ? std::optional<base::Error>() : std::optional(done.error())});
}

void BackupEngine::fail(const std::string& doing, const base::Error& error)
{
    const auto what = doing + ": " + base::sentence(error);
    if (std::exchange(shown_.detail, what) != what) {
        base::log(base::LogLevel::Error, "backups", what);
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Warning, what});
    }
}

void BackupEngine::obey(std::chrono::milliseconds timeout, const std::stop_token& stop)
{
    std::ranges::move(links_.door.popAll(timeout), std::back_inserter(waiting_));
    while (!waiting_.empty()) { // what is carried out may answer those behind it
        const auto command = std::move(waiting_.front());
        waiting_.pop_front();
        if (command.turn) {
            take(*command.turn, stop);
            continue;
        }
        Result<void> done = base::fail(ErrorCode::NotFound, "backups", "nothing runs that could be cancelled");
        if (const auto* wish = std::get_if<console::StageRestore>(&command.command)) {
            done = stage(wish->file, stop);
        } else if (std::holds_alternative<console::DropRestore>(command.command)) {
            done = storage::dropStagedRestore(links_.database);
            if (done) {
                shown_.staged.clear();
            }
        }
        publish(true);
        answer(command.id, done);
    }
}

void BackupEngine::obeyWhileBusy()
{
    std::ranges::move(links_.door.popAll(0ms), std::back_inserter(waiting_));
    for (auto& command : std::exchange(waiting_, {})) {
        if (command.turn) { // it has time
            command.turn->run.beat();
            waiting_.push_back(std::move(command));
        } else if (std::holds_alternative<console::CancelBackup>(command.command)) {
            isCancelled_ = true;
            answer(command.id, {});
        } else {
            answer(command.id, base::fail(ErrorCode::Busy, "backups", "another one is under way: " + shown_.phase));
        }
    }
}

void BackupEngine::take(BackupTurn& turn, const std::stop_token& stop)
{
    turn_ = &turn;
    auto done = turn.work == BackupTurn::Work::BackUp ? backUp(turn.by, stop) : careFor(*database_, stop);
    turn_ = nullptr;
    publish(true); // what is due now, before the scheduler looks again
    turn.end.set_value(std::move(done));
}

void BackupEngine::beat()
{
    links_.pulse.beat(links_.clock.now());
    if (turn_ != nullptr) {
        turn_->run.beat();
    }
}

bool BackupEngine::goesOn(double share, const std::stop_token& stop)
{
    beat();
    shown_.done = share;
    obeyWhileBusy();
    if (turn_ != nullptr) {
        turn_->run.progress(share, shown_.phase);
        isCancelled_ = isCancelled_ || turn_->run.token().stop_requested();
    }
    isStopping_ = isStopping_ || stop.stop_requested();
    publish(false);
    return !isCancelled_ && !isStopping_;
}

void BackupEngine::begin(const std::string& phase)
{
    isCancelled_ = isStopping_ = false;
    shown_.isBusy = true;
    shown_.done = 0;
    shown_.phase = phase;
    publish(true);
}

void BackupEngine::end()
{
    shown_.isBusy = false;
    shown_.phase.clear();
    publish(true);
}

Result<std::int64_t> BackupEngine::keep(StoreCare item, const std::stop_token& stop)
{
    auto answer = item.answer.get_future();
    if (!links_.store.push(std::move(item))) {
        return base::fail(ErrorCode::Cancelled, "store", "the store has ended");
    }
    const auto until = std::chrono::steady_clock::now() + keepPatience;
    while (answer.wait_for(20ms) != std::future_status::ready) {
        beat();
        if (stop.stop_requested()) {
            return base::fail(ErrorCode::Cancelled, "store", "the console is closing");
        }
        if (std::chrono::steady_clock::now() > until) {
            return base::fail(ErrorCode::Timeout, "store", "it does not write at present");
        }
    }
    try {
        return answer.get();
    } catch (const std::future_error&) { // dropped unwritten
        return base::fail(ErrorCode::Io, "store", "it ended before it was done");
    }
}

// The policy in force, the folder, and when the next one is due.
void BackupEngine::look(storage::Database& database)
{
    const auto now = std::chrono::steady_clock::now();
    if (looked_ != SteadyTime{} && now - looked_ < lookEvery) {
        return;
    }
    looked_ = now;
    storage::PolicyStore store(database);
    auto values = store.values();
    auto texts = store.texts();
    if (!values || !texts) {
        fail("The policy of backups cannot be read", !values ? values.error() : texts.error());
        return;
    }
    const auto keepDays = base::policyValue(policy_, "ticks.keep_days");
    const auto thins = base::policyValue(policy_, "ticks.thin");
    policy_ = std::move(*values);
    if (base::policyValue(policy_, "ticks.keep_days") != keepDays ||
        base::policyValue(policy_, "ticks.thin") != thins) {
        nextStore_ = std::min(nextStore_, std::max(links_.clock.now(), started_ + links_.firstLook));
    }
    const auto folder = texts->find("backup.folder");
    shown_.policy = policyOf(policy_, folder == texts->end() ? std::string() : folder->second);
    lookAtFolder();
}

void BackupEngine::lookAtFolder()
{
    const auto& folder = shown_.policy.folder;
    shown_.folderTrouble.clear();
    shown_.folderFree = 0;
    if (folder.empty()) {
        return;
    }
    struct stat found{};
    struct stat own{};
    struct statvfs disk{};
    if (::stat(folder.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
        shown_.folderTrouble = "there is no such folder";
    } else if (::access(folder.c_str(), W_OK | X_OK) != 0) {
        shown_.folderTrouble = "it cannot be written to";
    } else if (::statvfs(folder.c_str(), &disk) == 0) {
        shown_.folderFree = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    }
    shown_.isOnDatabasesDisk =
        shown_.folderTrouble.empty() && ::stat(links_.database.c_str(), &own) == 0 && own.st_dev == found.st_dev;
    if (shown_.folderTrouble.empty() && std::exchange(cleaned_, folder) != folder) {
        removeLeftovers();
    }
}

// Of a process that was killed while it made one.
void BackupEngine::removeLeftovers() const
{
    std::error_code ignored;
    // Not by range-for: its step throws where the disk went away in between.
    for (auto at = fs::directory_iterator(shown_.policy.folder, ignored); at != fs::directory_iterator();
         at.increment(ignored)) {
        if (std::error_code kept; isLeftover(at->path().filename().string(), links_.database.stem().string())) {
            fs::remove(at->path(), kept);
        }
    }
}

Result<std::string> BackupEngine::backUp(const std::string& by, const std::stop_token& stop)
{
    if (shown_.policy.folder.empty()) {
        return base::fail(ErrorCode::Conflict, "backups", "no folder is chosen for them (policy backup.folder)");
    }
    const auto now = links_.clock.now();
    const auto file = storage::backupFile(shown_.policy.folder, links_.database, now);
    const auto began = std::chrono::steady_clock::now();
    begin("backing up");
    const auto made =
        storage::makeBackup({.database = links_.database, .file = file, .now = now, .keepGoing = [&](double share) {
                                 return goesOn(share, stop);
                             }});
    health::BackupRow row{.id = 0,
                          .began = now,
                          .took = std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - began),
                          .by = by,
                          .file = file.string(),
                          .bytes = made ? made->bytes : 0,
                          .proof = made ? storage::proofText(made->restored) : std::string(),
                          .error = made ? std::string() : base::sentence(made.error()),
                          .removed = {}};
    if (!made && made.error().code == ErrorCode::Cancelled) {
        end();
        if (isStopping_) {
            return std::unexpected(made.error()); // made up for at the next start
        }
        row.error = health::cancelledBackup;
    }
    const auto kept = keep({.what = row, .answer = {}}, stop);
    row.id = kept ? *kept : shown_.backups.empty() ? 1 : shown_.backups.front().id + 1;
    shown_.backups.insert(shown_.backups.begin(), row);
    health::shorten(shown_.backups, mostRows);
    if (!made) {
        if (made.error().code != ErrorCode::Cancelled) {
            fail("The backup failed", made.error());
        }
    } else if (!kept) {
        fail("The backup is made, but its row is not kept", kept.error());
    } else {
        shown_.detail.clear();
        base::log(base::LogLevel::Info, "backups", file.string() + ": " + row.proof);
        rotate(stop);
    }
    lookAtFolder();
    end();
    return made ? Result<std::string>(megabytes(row.bytes) + ", verified; " + file.filename().string() + ": " +
                                      row.proof)
                : std::unexpected(made.error());
}

void BackupEngine::rotate(const std::stop_token& stop)
{
    auto present = shown_.backups; // what somebody has moved away fills no place of one that is here
    std::erase_if(present, [](const health::BackupRow& row) { return ::access(row.file.c_str(), F_OK) != 0; });
    for (const auto id : health::rotated(present, shown_.policy)) {
        const auto row = std::ranges::find(shown_.backups, id, &health::BackupRow::id);
        if (::unlink(row->file.c_str()) != 0 && errno != ENOENT) {
            fail("An old backup cannot be removed", {ErrorCode::Io, row->file, std::generic_category().message(errno)});
            continue;
        }
        row->removed = links_.clock.now();
        if (const auto kept = keep({.what = BackupRemoved{id, *row->removed}, .answer = {}}, stop); !kept) {
            fail("That an old backup was removed is not kept", kept.error());
            return;
        }
    }
}

Result<void> BackupEngine::stage(const std::string& file, const std::stop_token& stop)
{
    const auto origin = storage::originOf(file);
    if (!origin) {
        return std::unexpected(origin.error());
    }
    if (*origin && (*origin)->database != links_.database.stem()) {
        return base::fail(ErrorCode::Conflict, file,
                          "it is a backup of the feed " + (*origin)->database + ", not of " +
                              links_.database.stem().string());
    }
    if (!*origin && !isNamedAfter(file, links_.database.stem().string())) {
        return base::fail(ErrorCode::Conflict, file,
                          "it does not say which feed it is of; 'quarterdeck restore' takes it with --feed");
    }
    begin("checking the backup");
    const auto staged = storage::stageRestore(file, links_.database, [&](double share) { return goesOn(share, stop); });
    if (staged) {
        shown_.staged = file;
        if (staged->origin) {
            shown_.staged += ", made " + base::isoText(staged->origin->made);
        }
    }
    end();
    return staged ? Result<void>{} : std::unexpected(staged.error());
}

// Once an hour: old ticks by policy, and how the file stands and grows.
Result<std::string> BackupEngine::careFor(storage::Database& database, const std::stop_token& stop)
{
    nextStore_ = links_.clock.now() + storeEvery;
    auto retained = retain(database, stop);
    const auto figures = storage::storeFigures(database);
    struct statvfs disk{};
    if (!figures) {
        fail("The store cannot be measured", figures.error());
        return retained ? std::unexpected(figures.error()) : retained;
    }
    if (::statvfs(links_.database.c_str(), &disk) == 0) {
        shown_.freePageBytes = figures->freePages * figures->pageBytes;
        shown_.bytesPerDay = figures->bytesPerDay;
        shown_.daysUntilFull =
            health::daysUntilFull(static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize, figures->bytesPerDay);
    }
    return retained;
}

Result<std::string> BackupEngine::retain(storage::Database& database, const std::stop_token& stop)
{
    const auto rule = retentionRule(policy_, links_.clock.now());
    if (rule.way == health::OldTicks::Keep) {
        return "measured; old ticks are kept";
    }
    const auto done = [](const Result<std::int64_t>& kept) {
        return kept ? Result<void>{} : std::unexpected(kept.error());
    };
    const RetentionHands hands{
        .keepMinutes = [&](base::InstrumentId instrument, base::UtcMs day,
                           std::vector<market::Candle> minutes) -> Result<void> {
            StoreFill item{.instrument = instrument,
                           .day = day,
                           .minutes = std::move(minutes),
                           .until = day + base::oneDay,
                           .isWhole = false,
                           .answer = {}};
            auto answered = item.answer.get_future();
            if (!links_.store.push(std::move(item))) {
                return base::fail(ErrorCode::Cancelled, "store", "the store has ended");
            }
            while (answered.wait_for(20ms) != std::future_status::ready) {
                if (!goesOn(shown_.done, stop)) {
                    return base::fail(ErrorCode::Cancelled, "store", "it was stopped");
                }
            }
            try {
                const auto added = answered.get();
                return added ? Result<void>{} : std::unexpected(added.error());
            } catch (const std::future_error&) {
                return base::fail(ErrorCode::Io, "store", "it ended before it was done");
            }
        },
        .drop = [&](storage::OldBlocks blocks) { return done(keep({.what = std::move(blocks), .answer = {}}, stop)); },
        .goesOn = [&](double share) { return goesOn(share, stop); }};
    begin("old ticks");
    const auto gone = runRetention(database, rule, hands);
    end();
    if (!gone) {
        if (gone.error().code != ErrorCode::Cancelled) {
            fail("Old ticks cannot be removed", gone.error());
        }
        return std::unexpected(gone.error());
    }
    if (gone->ticks + gone->quotes > 0) {
        shown_.retention = std::to_string(gone->ticks) + " ticks and " + std::to_string(gone->quotes) +
                           " quotes older than " + std::to_string(rule.keepDays) + " days were removed, " +
                           megabytes(gone->bytes);
        links_.events.push(console::Notice{links_.clock.now(), console::Severity::Info, shown_.retention});
        return shown_.retention;
    }
    return "measured; no tick is older than " + std::to_string(rule.keepDays) + " days";
}

void BackupEngine::publish(bool force)
{
    const auto now = std::chrono::steady_clock::now();
    if (!force && now - published_ < publishEvery) {
        return;
    }
    published_ = now;
    const auto at = links_.clock.now();
    shown_.next = health::nextBackup(shown_.backups, shown_.policy, at);
    if (shown_.next == at) { // due at once: from when on, not always from now on
        dueSince_ = std::min(dueSince_.value_or(at), at);
        shown_.next = dueSince_;
    } else {
        dueSince_.reset();
    }
    const bool isFar = nextStore_ - links_.clock.now() > storeEvery + links_.firstLook; // the clock was set back
    shown_.nextCare = isFar ? links_.clock.now() : nextStore_;
    shown_.standing = health::backupStanding(shown_.backups, shown_.policy, links_.clock.now(), started_);
    links_.screen.put(shown_);
}

} // namespace qd::engines
