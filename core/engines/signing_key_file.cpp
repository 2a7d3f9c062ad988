#include "engines/signing_key_file.h"

#include "engines/secret_file.h"

#include <string>

namespace qd::engines {

using base::Result;
using base::SigningKey;

std::filesystem::path signingKeyFile(const std::filesystem::path& dataDir)
{
    return dataDir / "manifest-key.pem";
}

Result<SigningKey> signingKeyIn(const std::filesystem::path& file)
{
    const auto pem = secretIn(file, [] {
        const auto key = SigningKey::generate();
        return key ? key->privatePem() : Result<std::string>(std::unexpected(key.error()));
    });
    return pem ? SigningKey::fromPem(*pem) : std::unexpected(pem.error());
}

} // namespace qd::engines
