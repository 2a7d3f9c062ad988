#include "engines/signing_key_file.h"

#include "engines/private_file.h"

namespace qd::engines {

using base::Result;
using base::SigningKey;

namespace {

Result<SigningKey> readKey(const std::filesystem::path& path)
{
    const auto pem = readPrivateFile(path);
    return pem ? SigningKey::fromPem(*pem) : Result<SigningKey>(std::unexpected(pem.error()));
}

Result<void> makeKey(const std::filesystem::path& path)
{
    const auto key = SigningKey::generate();
    const auto pem = key ? key->privatePem() : Result<std::string>(std::unexpected(key.error()));
    return pem ? makePrivateFile(path, *pem) : Result<void>(std::unexpected(pem.error()));
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
