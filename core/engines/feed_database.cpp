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

} // namespace qd::engines
