// A store, a backup thread and a scheduler on one file, as in the host, with a clock of the test's. Owned by the test,
// on whose thread all of it is called.
#pragma once

#include "engines/backup_engine.h"
#include "engines/backup_jobs.h"
#include "engines/store_engine.h"
#include "storage/backup_store.h"
#include "storage/policy_store.h"
#include "unit/storage/storage_testkit.h"

#include <atomic>

namespace qd::testkit {

using namespace qd::engines;

inline constexpr base::UtcMs rigStart{1'764'144'000'000}; // 2025-11-26T08:00:00Z

class RigClock final : public base::Clock {
public:
    [[nodiscard]] base::UtcMs now() const override { return {ms.load()}; }
    std::atomic<std::int64_t> ms{rigStart.value};
};

/// A store, a backup thread and a scheduler on one file, as in the host.
class BackupRig {
public:
    explicit BackupRig(const std::filesystem::path& file, bool withFolder = true) : file_(file)
    {
        writer_.emplace(good(storage::Database::open(file, storage::Database::Mode::ReadWrite)));
        if (withFolder) {
            setFolder(folder());
        }
    }
    ~BackupRig() { stop(); }

    [[nodiscard]] std::string folder() const { return folder_.path().toStdString(); }
    void set(const std::string& name, double value)
    {
        good(writer_->begin());
        good(storage::PolicyStore(*writer_).set(name, value));
        good(writer_->commit(false));
    }
    void setFolder(const std::string& folder)
    {
        good(writer_->begin());
        good(storage::PolicyStore(*writer_).setText("backup.folder", folder));
        good(writer_->commit(false));
    }
    void run()
    {
        storeThread_ = std::make_unique<base::WorkerThread>(
            "store",
            [this](const std::stop_token& stop) {
                StoreEngine(*writer_, base::defaultPaperPolicy(),
                            {storeQueue_, storeScreen, events, storePulse_, clock, acknowledged_, isFailing_}, 0)
                    .run(stop);
            },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
        backupThread_ = std::make_unique<base::WorkerThread>(
            "backups",
            [this](const std::stop_token& stop) {
                BackupEngine({.database = file_,
                              .door = door,
                              .store = storeQueue_,
                              .events = events,
                              .screen = screen,
                              .pulse = pulse,
                              .clock = clock,
                              .firstLook = base::Millis{0}})
                    .run(stop);
            },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
        jobsThread_ = std::make_unique<base::WorkerThread>(
            "jobs",
            [this](const std::stop_token& stop) {
                Scheduler({.database = file_,
                           .folder = file_.parent_path(),
                           .board = board,
                           .door = jobDoor,
                           .store = storeQueue_,
                           .events = events,
                           .screen = jobs,
                           .pulse = jobsPulse_,
                           .clock = clock,
                           .inside = backupJobs(door, screen, clock, base::Millis{0}),
                           .toBackups = [this](console::CommandId id,
                                               console::Command command) { good(door.send(id, std::move(command))); },
                           .waits = [this] { return std::string(isWaiting ? "ticks lag" : ""); }})
                    .run(stop);
            },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
    }
    void stop()
    {
        if (backupThread_) {
            backupThread_->requestStop();
            jobsThread_->requestStop();
            board.cancelAll("the console was closed");
            backupThread_->join();
            backupThread_.reset();
            jobsThread_->join();
            jobsThread_.reset();
            storeQueue_.close();
            storeThread_->join();
            storeThread_.reset();
        }
    }
    /// The answer of a command; what else was told is kept in `told`.
    std::optional<base::Error> ask(console::Command command)
    {
        settle(); // who has just been told of an end may be quicker than the thread that came to it
        return answerOf(send(std::move(command)));
    }
    void settle() const
    {
        if (!QTest::qWaitFor([&] { return !board.isUnderWay("backup") && !board.isUnderWay("restore-proof"); },
                             60'000)) {
            qFatal("a job does not end");
        }
    }
    console::CommandId send(console::Command command)
    {
        if (std::holds_alternative<console::StageRestore>(command) ||
            std::holds_alternative<console::DropRestore>(command)) {
            good(door.send(++lastId_, std::move(command)));
        } else if (!jobDoor.push({++lastId_, std::move(command)})) {
            qFatal("the scheduler has ended");
        }
        return lastId_;
    }
    std::optional<base::Error> answerOf(console::CommandId id)
    {
        std::optional<std::optional<base::Error>> found;
        const bool came = QTest::qWaitFor(
            [&] {
                for (auto& event : events.take()) {
                    if (const auto* done = std::get_if<console::CommandDone>(&event); done && done->id == id) {
                        found = done->error;
                    }
                    told.push_back(std::move(event));
                }
                return found.has_value();
            },
            60'000);
        if (!came) {
            qFatal("no answer to command %llu", static_cast<unsigned long long>(id));
        }
        return *found;
    }
    bool waitFor(const std::function<bool(const console::CareSnapshot&)>& what)
    {
        return QTest::qWaitFor(
            [&] {
                const auto now = screen.get();
                return now && what(*now);
            },
            60'000);
    }
    [[nodiscard]] std::vector<std::string> files() const
    {
        std::vector<std::string> out;
        for (const auto& entry : std::filesystem::directory_iterator(folder())) {
            out.push_back(entry.path().filename().string());
        }
        std::ranges::sort(out);
        return out;
    }
    [[nodiscard]] std::vector<health::BackupRow> rows() const
    {
        auto reader = good(storage::Database::open(file_, storage::Database::Mode::ReadOnly));
        return good(storage::BackupStore(reader).newest());
    }
    storage::Database& writer() { return *writer_; } // before run() or after stop()

    [[nodiscard]] std::vector<governance::JobRunRow> runs(const std::string& job) const
    {
        auto reader = good(storage::Database::open(file_, storage::Database::Mode::ReadOnly));
        return good(storage::JobStore(reader).runs(job, 100));
    }

    RigClock clock;
    JobBoard board{clock};
    JobDoor jobDoor{256};
    base::Mailbox<console::JobsSnapshot> jobs;
    BackupDoor door;
    EventLog events;
    base::Mailbox<console::CareSnapshot> screen;
    base::Mailbox<console::StoreSnapshot> storeScreen;
    Heartbeat pulse;
    std::atomic<bool> isWaiting{false};
    std::vector<console::Event> told;

private:
    std::filesystem::path file_;
    QTemporaryDir folder_;
    std::optional<storage::Database> writer_;
    StoreQueue storeQueue_{1'000};
    Heartbeat storePulse_;
    std::atomic<std::uint64_t> acknowledged_{0};
    std::atomic<bool> isFailing_{false};
    console::CommandId lastId_ = 0;
    std::unique_ptr<base::WorkerThread> storeThread_;
    std::unique_ptr<base::WorkerThread> backupThread_;
    std::unique_ptr<base::WorkerThread> jobsThread_;
    Heartbeat jobsPulse_;
};

struct BackupPlace {
    QTemporaryDir dir;
    [[nodiscard]] std::filesystem::path file() const
    {
        return std::filesystem::path(dir.path().toStdString()) / "demo.db";
    }
};

} // namespace qd::testkit
