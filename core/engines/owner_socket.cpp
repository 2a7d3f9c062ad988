#include "engines/owner_socket.h"

#include "base/log.h"
#include "engines/command_json.h"

#include <QJsonDocument>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using namespace std::chrono_literals;

namespace {

constexpr int backlog = 16;

/// A folder of any length is reached by its handle: the address of a local socket holds 107 characters.
class Folder {
public:
    explicit Folder(const std::filesystem::path& path)
        : handle_(::open(path.empty() ? "." : path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
    {
    }
    ~Folder()
    {
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    [[nodiscard]] int handle() const { return handle_; }
    /// Empty where the name itself is too long.
    [[nodiscard]] std::optional<sockaddr_un> address(const std::string& name) const
    {
        const auto text = "/proc/self/fd/" + std::to_string(handle_) + '/' + name;
        sockaddr_un out{};
        out.sun_family = AF_UNIX;
        if (handle_ < 0 || text.size() >= sizeof out.sun_path) {
            return std::nullopt;
        }
        std::memcpy(out.sun_path, text.data(), text.size());
        return out;
    }

private:
    int handle_;
};

base::Error failed(const std::filesystem::path& file, int error)
{
    const auto code = error == ECONNREFUSED || error == ENOENT ? ErrorCode::NotFound
                      : error == EAGAIN                        ? ErrorCode::Busy
                      : error == EACCES || error == EROFS      ? ErrorCode::ReadOnly
                                                               : ErrorCode::Io;
    return {code, file.string(), std::strerror(error)};
}

QJsonObject refusal(ErrorCode code, const char* why)
{
    return {{QStringLiteral("error"), jsonOf(base::Error{code, "request", why})}};
}

} // namespace

std::filesystem::path ownerSocketOf(const std::filesystem::path& database)
{
    return database.string() + ".sock";
}

std::string lineOf(const QJsonObject& json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact).toStdString() + '\n';
}

std::optional<std::string> readLine(HttpBytes& bytes)
{
    std::array<char, 4'096> part{};
    std::string line;
    for (;;) {
        const auto got = bytes.read(part.data(), part.size());
        if (got <= 0) {
            return std::nullopt;
        }
        line.append(part.data(), static_cast<std::size_t>(got));
        if (line.back() == '\n') {
            return line;
        }
    }
}

namespace {

/// The other side has closed its end, both ways.
bool hasGone(const Socket& socket)
{
    pollfd one{.fd = socket.handle(), .events = 0, .revents = 0};
    return ::poll(&one, 1, 0) > 0 && (one.revents & POLLHUP) != 0;
}

} // namespace

Result<Socket> connectToOwner(const std::filesystem::path& database)
{
    const auto file = ownerSocketOf(database);
    const Folder folder(file.parent_path());
    const auto address = folder.address(file.filename().string());
    Socket out(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!address || !out.isOpen()) {
        return std::unexpected(failed(file, address ? errno : ENOENT));
    }
    if (::connect(out.handle(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
        return std::unexpected(failed(file, errno));
    }
    return out;
}

Result<std::unique_ptr<OwnerSocket>> OwnerSocket::open(const std::filesystem::path& database, Answer answer)
{
    return open(database, std::move(answer), Limits{});
}

// Under a name that nobody knows until it is ours alone and listens; then it takes the place of whatever is there.
Result<std::unique_ptr<OwnerSocket>> OwnerSocket::open(const std::filesystem::path& database, Answer answer,
                                                       Limits limits)
{
    const auto file = ownerSocketOf(database);
    const auto name = file.filename().string();
    const auto part = name + ".new";
    const Folder folder(file.parent_path());
    const auto address = folder.address(part);
    if (folder.handle() < 0 || !address) {
        return std::unexpected(failed(file, folder.handle() < 0 ? errno : ENAMETOOLONG));
    }
    Socket listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::unlinkat(folder.handle(), part.c_str(), 0); // of one who was killed in the middle of this
    if (!listener.isOpen() ||
        ::bind(listener.handle(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
        ::fchmodat(folder.handle(), part.c_str(), 0600, 0) != 0 || ::listen(listener.handle(), backlog) != 0 ||
        ::renameat(folder.handle(), part.c_str(), folder.handle(), name.c_str()) != 0) {
        const auto why = failed(file, errno);
        ::unlinkat(folder.handle(), part.c_str(), 0);
        return std::unexpected(why);
    }
    return std::unique_ptr<OwnerSocket>(new OwnerSocket(file, std::move(listener), std::move(answer), limits));
}

OwnerSocket::OwnerSocket(std::filesystem::path file, Socket listener, Answer answer, Limits limits)
    : file_(std::move(file)),
      answer_(std::move(answer)),
      limits_(limits),
      listener_(std::move(listener))
{
    struct stat status = {};
    inode_ = ::lstat(file_.c_str(), &status) == 0 ? status.st_ino : 0;
    thread_ = std::make_unique<base::WorkerThread>(
        "owner", [this](const std::stop_token& stop) { listen(stop); },
        [](const std::string& what) { base::log(base::LogLevel::Error, "local socket", what); });
}

OwnerSocket::~OwnerSocket()
{
    stop();
}

void OwnerSocket::stop()
{
    if (!thread_) {
        return;
    }
    thread_->requestStop();
    thread_.reset(); // joins
    removeFile();
}

void OwnerSocket::removeFile() const
{
    struct stat status = {};
    if (inode_ != 0 && ::lstat(file_.c_str(), &status) == 0 && status.st_ino == inode_) {
        ::unlink(file_.c_str());
    }
}

void OwnerSocket::listen(const std::stop_token& stop)
{
    constexpr auto look = 100ms; // for the stop
    while (!stop.stop_requested()) {
        if (readable({listener_.handle()}, look).empty()) {
            continue;
        }
        auto connection = std::make_shared<Socket>(acceptOn(listener_));
        dialogues_.remove_if([](const Dialogue& dialogue) { return dialogue.hasEnded.load(); });
        if (!connection->isOpen()) {
            std::this_thread::sleep_for(look); // out of handles, or it has gone again
            continue;
        }
        if (dialogues_.size() >= limits_.atOnce) {
            refuseWith(std::move(*connection), lineOf(refusal(ErrorCode::Busy, "too many ask at once")));
            continue;
        }
        auto& dialogue = dialogues_.emplace_back();
        dialogue.thread = std::make_unique<base::WorkerThread>(
            "owner's answer",
            [this, connection, &dialogue](const std::stop_token& own) {
                serve(std::move(*connection), own);
                dialogue.hasEnded = true;
            },
            [&dialogue](const std::string& what) {
                base::log(base::LogLevel::Error, "local socket", what);
                dialogue.hasEnded = true;
            });
    }
    for (auto& dialogue : dialogues_) {
        dialogue.thread->requestStop();
    }
    dialogues_.clear(); // joins
    listener_ = Socket();
}

void OwnerSocket::serve(Socket connection, const std::stop_token& stop) const
{
    HttpBytes bytes(std::move(connection), limits_.patience, limits_.bytes, stop);
    const auto line = readLine(bytes);
    QJsonObject reply;
    if (!line) {
        reply = refusal(ErrorCode::Malformed, "it is no whole line, or it is too long");
    } else if (hasGone(bytes.socket())) {
        return; // who asked has given up: what was wished while we stood still is not done now
    } else {
        QJsonParseError wrong{};
        const auto request = QJsonDocument::fromJson(QByteArray::fromStdString(*line), &wrong);
        reply = request.isObject() ? answer_(request.object(), stop)
                                   : refusal(ErrorCode::Malformed, "it is no JSON object");
    }
    bytes.write(lineOf(reply));
    bytes.flush();
    bytes.linger();
}

} // namespace qd::engines
