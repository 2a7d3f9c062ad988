#include "engines/signing_key_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace qd::engines {

using base::ErrorCode;
using base::Result;
using base::SigningKey;

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

Result<SigningKey> readKey(const std::filesystem::path& path)
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
    std::string pem(most, '\0');
    const auto got = ::read(file.handle(), pem.data(), pem.size());
    if (got < 0) {
        return failed(path);
    }
    pem.resize(static_cast<std::size_t>(got));
    return SigningKey::fromPem(pem);
}

/// Written beside and linked into place: nobody ever sees half of it, and the first one wins.
Result<void> makeKey(const std::filesystem::path& path)
{
    const auto key = SigningKey::generate();
    const auto pem = key ? key->privatePem() : Result<std::string>(std::unexpected(key.error()));
    if (!pem) {
        return std::unexpected(pem.error());
    }
    const auto part = path.string() + "." + std::to_string(::getpid()) + ".part";
    const File file(part, O_WRONLY | O_CREAT | O_TRUNC);
    const bool isWritten = file.handle() >= 0 &&
                           ::write(file.handle(), pem->data(), pem->size()) == static_cast<ssize_t>(pem->size()) &&
                           ::fsync(file.handle()) == 0;
    const bool isThere = isWritten && (::link(part.c_str(), path.c_str()) == 0 || errno == EEXIST);
    Result<void> done = isThere ? Result<void>{} : Result<void>(failed(path));
    ::unlink(part.c_str());
    return done;
}

} // namespace

std::filesystem::path signingKeyFile(const std::filesystem::path& dataDir)
{
    return dataDir / "manifest-key.pem";
}

Result<SigningKey> signingKeyIn(const std::filesystem::path& file)
{
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        if (auto made = makeKey(file); !made) {
            return std::unexpected(made.error());
        }
    }
    return readKey(file);
}

} // namespace qd::engines
