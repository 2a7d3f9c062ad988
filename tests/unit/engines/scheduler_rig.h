// What the tests of the scheduler share: one with a store of its own on a real database, from start to end of a
// console, and clocks of the test's.
#pragma once

#include "engines/scheduler.h"
#include "storage/policy_store.h"
#include "unit/storage/storage_testkit.h"

#include <set>

namespace qd::testkit {

using namespace engines;
using base::Millis;
using base::UtcMs;
using governance::JobState;
using governance::JobTimes;
using namespace std::chrono_literals;

inline constexpr int patience = 120'000; // of a slow machine

class FakeClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return {ms.load()}; }
    std::atomic<std::int64_t> ms{1'764'000'000'000}; // Mon 2025-11-24 16:00 UTC
};

/// A scheduler with a store of its own, from start to end of a console.
class Rig {
public:
    Rig(const std::filesystem::path& file, std::vector<InsideJob> inside, FakeClock& clock,
        std::atomic<std::int64_t>& awake, const std::string& home)
        : database_(good(storage::Database::open(file, storage::Database::Mode::ReadWrite))),
          board(clock, [&awake] { return JobBoard::Awake{awake.load()}; }),
          scheduler_({.database = file,
                      .folder = file.parent_path(),
                      .board = board,
                      .door = door,
                      .store = store,
                      .events = events,
                      .screen = screen,
                      .pulse = pulse,
                      .clock = clock,
                      .inside = std::move(inside),
                      .toBackups = [this](console::CommandId id,
                                          const console::Command&) { events.push(console::CommandDone{id, notThere}); },
                      .waits = [this] { return std::string(isWaiting ? "ticks lag" : ""); },
                      .storeIsFailing = &isStoreFailing,
                      .awake = [&awake] { return JobBoard::Awake{awake.load()}; },
                      .home = home})
    {
        writer_ = std::make_unique<base::WorkerThread>(
            "store", [this](const std::stop_token&) { write(); },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
        thread_ = std::make_unique<base::WorkerThread>(
            "jobs", [this](const std::stop_token& stop) { scheduler_.run(stop); },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
    }
    ~Rig() { end(); }
    void end()
    {
        thread_.reset();
        store.close();
        writer_.reset();
    }

    [[nodiscard]] std::optional<console::JobLine> job(const std::string& name) const
    {
        const auto shown = screen.get();
        if (shown) {
            for (const auto& line : shown->jobs) {
                if (line.name == name) {
                    return line;
                }
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<governance::JobRunRow> last(const std::string& name) const
    {
        const auto line = job(name);
        return line ? line->last : std::nullopt;
    }
    /// Its answer, once it is there.
    std::optional<base::Error> ask(console::Command command)
    {
        const auto id = ++lastId_;
        if (!door.push({id, std::move(command)})) {
            qFatal("the door is closed");
        }
        std::optional<base::Error> out;
        bool isAnswered = false;
        const bool isInTime = QTest::qWaitFor(
            [&] {
                for (const auto& event : events.take()) {
                    if (const auto* done = std::get_if<console::CommandDone>(&event);
                        done != nullptr && done->id == id) {
                        out = done->error;
                        isAnswered = true;
                    } else if (const auto* notice = std::get_if<console::Notice>(&event)) {
                        notices.insert(notice->text);
                    }
                }
                return isAnswered;
            },
            patience);
        if (!isInTime) {
            qFatal("no answer");
        }
        return out;
    }

private:
    storage::Database database_;

public:
    JobBoard board;
    JobDoor door{256};
    StoreQueue store{1'024};
    EventLog events;
    base::Mailbox<console::JobsSnapshot> screen;
    Heartbeat pulse;
    std::set<std::string> notices;
    std::atomic<bool> isWaiting{false};
    std::atomic<bool> isStoreFailing{false};
    const base::Error notThere{base::ErrorCode::NotFound, "backups", "nothing runs"}; // the backup thread's answer

private:
    void write()
    {
        while (!store.isDone()) {
            for (auto& item : store.popAll(50ms)) {
                auto& jobs = std::get<StoreJobs>(item);
                good(database_.begin());
                good(storage::JobStore(database_).write(jobs.record));
                good(database_.commit(false));
                if (jobs.answer) {
                    jobs.answer->set_value({});
                }
            }
        }
    }
    Scheduler scheduler_;
    console::CommandId lastId_ = 0;
    std::unique_ptr<base::WorkerThread> writer_;
    std::unique_ptr<base::WorkerThread> thread_;
};

inline JobTimes everyHour()
{
    return {.kind = JobTimes::Kind::Every, .every = Millis{3'600'000}};
}

/// A database, its clocks, and schedulers on it one after the other.
class SchedulerBench {
protected:
    QTemporaryDir dir_;
    FakeClock clock_;
    std::atomic<std::int64_t> awake_{1'000'000};
    std::atomic<int> runs_{0};
    std::string home_{"here"};

    [[nodiscard]] std::filesystem::path file() const { return dir_.filePath(QStringLiteral("j.db")).toStdString(); }
    [[nodiscard]] InsideJob counted(JobTimes times)
    {
        return {.name = "counted", .title = "Counted", .times = std::move(times), .work = [this](JobRun&, bool) {
                    return base::Result<std::string>("run " + std::to_string(++runs_));
                }};
    }
    std::unique_ptr<Rig> rig(std::vector<InsideJob> inside = {})
    {
        auto out = std::make_unique<Rig>(file(), std::move(inside), clock_, awake_, home_);
        if (!QTest::qWaitFor([&] { return out->screen.get() != nullptr; }, patience)) {
            qFatal("it does not start");
        }
        return out;
    }
    /// Awake.
    void pass(Millis time)
    {
        clock_.ms += time.count();
        awake_ += time.count();
    }
    [[nodiscard]] std::vector<governance::JobRunRow> kept(const std::string& name) const
    {
        auto database = good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
        return good(storage::JobStore(database).runs(name, 100));
    }
    /// For the next test.
    void clear()
    {
        for (const auto* end : {"", "-wal", "-shm"}) {
            std::filesystem::remove(file().string() + end);
        }
        clock_.ms = 1'764'000'000'000;
        runs_ = 0;
        home_ = "here";
    }
};

} // namespace qd::testkit
