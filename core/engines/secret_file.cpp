#include "engines/secret_file.h"

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

Result<std::string> readSecret(const std::filesystem::path& path)
{
    const File file(path, O_RDONLY);
    struct stat status = {};
    if (file.handle() < 0 || ::fstat(file.handle(), &status) != 0) {
        return failed(path);
    }
    if ((status.st_mode & 077) != 0) {
        return base::fail(ErrorCode::Conflict, path.string(), "others may read it; chmod 600 it, or remove it");
    }
    constexpr std::size_t most = 4'096;
    std::string text(most, '\0');
    const auto got = ::read(file.handle(), text.data(), text.size());
    if (got < 0) {
        return failed(path);
    }
    text.resize(static_cast<std::size_t>(got));
    return text;
}

/// Written beside and linked into place: nobody ever sees half of it, and the first one wins.
Result<void> writeSecret(const std::filesystem::path& path, const std::string& text)
{
    const auto part = path.string() + "." + std::to_string(::getpid()) + ".part";
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC);
    const bool isWritten = file.handle() >= 0 &&
                           ::write(file.handle(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                           ::fsync(file.handle()) == 0;
    const bool isThere = isWritten && (::link(part.c_str(), path.c_str()) == 0 || errno == EEXIST);
    Result<void> done = isThere ? Result<void>{} : Result<void>(failed(path));
    ::unlink(part.c_str());
    return done;
}

/// Without the white space behind it, which an editor may leave.
Result<std::string> tokenIn(const std::filesystem::path& file)
{
    auto text = secretIn(file, [] { return Result<std::string>(base::randomHex(32) + '\n'); });
    if (!text) {
        return text;
    }
    while (!text->empty() && (text->back() == '\n' || text->back() == '\r' || text->back() == ' ')) {
        text->pop_back();
    }
    constexpr std::size_t least = 16;
    if (text->size() < least) {
        return base::fail(ErrorCode::Malformed, file.string(),
                          "it holds no token; remove it, and the next start makes one");
    }
    return text;
}

} // namespace

Result<std::string> secretIn(const std::filesystem::path& file, const std::function<Result<std::string>()>& make)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        const auto text = make();
        if (!text) {
            return text;
        }
        if (auto made = writeSecret(file, *text); !made) {
            return std::unexpected(made.error());
        }
    }
    return readSecret(file);
}

std::filesystem::path apiTokenFile(const std::filesystem::path& dataDir)
{
    return dataDir / "api-token";
}

Result<std::string> apiTokenIn(const std::filesystem::path& dataDir)
{
    return tokenIn(apiTokenFile(dataDir));
}

std::filesystem::path alertSecretFile(const std::filesystem::path& dataDir)
{
    return dataDir / "alerts-secret";
}

Result<std::string> alertSecretIn(const std::filesystem::path& dataDir)
{
    return tokenIn(alertSecretFile(dataDir));
}

} // namespace qd::engines
