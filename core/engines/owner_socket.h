// The local door of who owns a database: "<database>.sock" beside it, for this user alone (mode 0600 before anybody can
// connect). One line of JSON in, one out, closed. Threads of its own; nothing of it waits for an engine but what a
// command's sender waits for. Made while the writer's lock is held, so that a file of one who was killed may be
// replaced. Source: PRODUCT.md, Command line.
#pragma once

#include "base/error.h"
#include "base/worker_thread.h"
#include "engines/http_socket.h"

#include <QJsonObject>

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace qd::engines {

[[nodiscard]] std::filesystem::path ownerSocketOf(const std::filesystem::path& database);
/// Connected; NotFound where nobody listens, Busy where too many ask.
[[nodiscard]] base::Result<Socket> connectToOwner(const std::filesystem::path& database);

/// Up to and with the line feed; empty where it does not come whole.
[[nodiscard]] std::optional<std::string> readLine(HttpBytes& bytes);
[[nodiscard]] std::string lineOf(const QJsonObject& json);

class OwnerSocket {
public:
    /// On one of its threads; may wait until the stop.
    using Answer = std::function<QJsonObject(const QJsonObject& request, const std::stop_token& stop)>;
    struct Limits {
        std::size_t bytes = 32 * 1024 * 1024;      // of a request: a model is the largest
        std::chrono::milliseconds patience{2'000}; // for its line as a whole
        std::size_t atOnce = 16;
    };

    [[nodiscard]] static base::Result<std::unique_ptr<OwnerSocket>> open(const std::filesystem::path& database,
                                                                         Answer answer, Limits limits);
    /// With the usual limits.
    [[nodiscard]] static base::Result<std::unique_ptr<OwnerSocket>> open(const std::filesystem::path& database,
                                                                         Answer answer);
    ~OwnerSocket();
    /// Ends every dialogue, joins, and removes the file if it is still ours. Twice is no harm.
    void stop();

private:
    struct Dialogue {
        std::atomic<bool> hasEnded{false};
        std::unique_ptr<base::WorkerThread> thread; // the last: it uses what is above
    };
    OwnerSocket(std::filesystem::path file, Socket listener, Answer answer, Limits limits);
    void listen(const std::stop_token& stop);
    void serve(Socket connection, const std::stop_token& stop) const;
    void removeFile() const;

    const std::filesystem::path file_;
    const Answer answer_;
    const Limits limits_;
    Socket listener_;
    std::uint64_t inode_ = 0;                    // of our file
    std::list<Dialogue> dialogues_;              // the listening thread's
    std::unique_ptr<base::WorkerThread> thread_; // the last
};

} // namespace qd::engines
