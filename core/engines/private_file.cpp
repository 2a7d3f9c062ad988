#include "engines/private_file.h"

#include "base/sha256.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

class File {
public:
    File(const std::filesystem::path& path, int flags) : handle_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
    ~File()
    {
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int handle() const { return handle_; }

private:
    int handle_;
};

std::unexpected<base::Error> failed(const std::filesystem::path& file)
{
    return base::fail(ErrorCode::Io, file.string(), std::strerror(errno));
}

} // namespace

Result<std::string> readPrivateFile(const std::filesystem::path& path)
{
    const File file(path, O_RDONLY);
    struct stat status = {};
    if (file.handle() < 0 || ::fstat(file.handle(), &status) != 0) {
        return failed(path);
    }
    if ((status.st_mode & 077) != 0) {
        return base::fail(ErrorCode::Conflict, path.string(), "others may read the key; chmod 600 it, or remove it");
    }
    constexpr std::size_t most = 4'096;
    std::string content(most, '\0');
    const auto got = ::read(file.handle(), content.data(), content.size());
    if (got < 0) {
        return failed(path);
    }
    content.resize(static_cast<std::size_t>(got));
    return content;
}

Result<void> makePrivateFile(const std::filesystem::path& path, std::string_view content)
{
    const auto part = path.string() + "." + std::to_string(::getpid()) + ".part";
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC);
    const bool isWritten =
        file.handle() >= 0 &&
        ::write(file.handle(), content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::fsync(file.handle()) == 0;
    const bool isThere = isWritten && (::link(part.c_str(), path.c_str()) == 0 || errno == EEXIST);
    Result<void> done = isThere ? Result<void>{} : Result<void>(failed(path));
    ::unlink(part.c_str());
    return done;
}

Result<std::string> alertSecretIn(const std::filesystem::path& dataDir)
{
    const auto path = dataDir / "alerts-secret";
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        if (auto made = makePrivateFile(path, base::randomHex(32) + "\n"); !made) {
            return std::unexpected(made.error());
        }
    }
    auto secret = readPrivateFile(path);
    while (secret && !secret->empty() && (secret->back() == '\n' || secret->back() == ' ')) {
        secret->pop_back();
    }
    return secret && secret->empty() ? base::fail(ErrorCode::Malformed, path.string(), "it is empty; remove it")
                                     : secret;
}

} // namespace qd::engines
