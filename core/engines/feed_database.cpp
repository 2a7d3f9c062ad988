#include "engines/feed_database.h"

#include <cctype>

namespace qd::engines {

std::filesystem::path databaseOf(const std::filesystem::path& dataDir, const std::string& feed)
{
    std::string name;
    for (const char c : feed) {
        const bool isPlain = std::isalnum(static_cast<unsigned char>(c)) != 0;
        if (isPlain || (!name.empty() && name.back() != '-')) {
            name.push_back(isPlain ? c : '-');
        }
    }
    return dataDir / (name + ".db");
}

base::Result<void> makeDataDir(const std::filesystem::path& dataDir)
{
    std::error_code failed;
    if (std::filesystem::create_directories(dataDir, failed)) {
        std::filesystem::permissions(dataDir, std::filesystem::perms::owner_all, failed);
    }
    return failed ? base::fail(base::ErrorCode::Io, dataDir.string(), failed.message()) : base::Result<void>();
}

} // namespace qd::engines
