// Talks to the console that owns a database through its local socket: who it is, what it shall do. Each call is a
// connection of its own and waits for its answer; a stop ends the wait. One thread at a time.
#pragma once

#include "base/error.h"
#include "base/utc_time.h"
#include "console/commands.h"
#include "console/snapshots.h"
#include "engines/http_rules.h"

#include <QJsonObject>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

/// Who owns it, as he says himself.
struct Owner {
    std::int64_t process = 0;
    std::string feed;
    std::string version;
    base::UtcMs since;
    bool isHeadless = false;
    bool isReady = false; // it runs
    std::string doing;    // what it does until then: "it reads what is stored"; empty: not said, or it runs
    std::vector<console::ServiceRow> engines;
    std::optional<double> score;             // of health
    std::string label;                       // "good"; of health
    std::optional<base::Millis> clockOffset; // the exchange's clock less this machine's
    std::string apiHost = "127.0.0.1";       // where this machine reaches its API
    std::uint16_t apiPort = 0;               // 0: it does not listen
    bool hasApi = false;                     // it was started with one
    std::string apiWords;                    // what the API says of itself, such as who holds its port
    [[nodiscard]] HttpDoor apiDoor() const { return {apiHost, apiPort}; }
    /// "a headless console, process 1234, version 0.1.0, since 2026-11-26 11:30:00 UTC"
    /// `sinceWhen`: that time as the reader is told times; empty: in UTC.
    [[nodiscard]] std::string sentence(const std::string& sinceWhen = {}) const;
};

/// What trains now and what waits for it.
struct Training {
    std::string model; // empty: nothing trains
    double fraction = 0;
    std::vector<std::string> waiting;
};

/// A job as the console's Schedule page has it.
struct OwnedJob {
    std::string name;
    std::string times;
    bool isPaused = false;
    std::string waits; // why it is not begun although it is due
    std::optional<base::UtcMs> next;
};

/// The process that has the writer's lock of this database; empty: none. Of the kernel's own list: asking for the lock
/// would take it. `root`: of proc/.
[[nodiscard]] std::optional<int> writerOf(const std::filesystem::path& database,
                                          const std::filesystem::path& root = "/");
/// Why nothing can be changed here and now, in words, where another process has that lock. `owner`: how asking its
/// local socket ended.
[[nodiscard]] std::string whyOwned(const std::filesystem::path& database, const base::Error& owner);

class OwnerLine {
public:
    explicit OwnerLine(std::filesystem::path database) : database_(std::move(database)) {}

    /// NotFound where no console listens, Timeout where it does not answer.
    [[nodiscard]] base::Result<Owner> owner(const std::stop_token& stop = {}) const;
    [[nodiscard]] base::Result<Training> training() const;
    /// As they are listed; none while it starts.
    [[nodiscard]] base::Result<std::vector<OwnedJob>> jobs() const;
    /// Done and committed. The errors are the command's own; Timeout where it is under way still.
    [[nodiscard]] base::Result<void> send(const console::Command& command) const;
    /// Asks it to end cleanly, and returns once it has begun to.
    [[nodiscard]] base::Result<void> askToStop(const std::stop_token& stop = {}) const;
    [[nodiscard]] const std::filesystem::path& database() const { return database_; }

private:
    [[nodiscard]] base::Result<QJsonObject> ask(const QJsonObject& request, std::chrono::milliseconds patience,
                                                const std::stop_token& stop = {}) const;
    std::filesystem::path database_;
};

} // namespace qd::engines
