#include "engines/data_folder.h"

namespace qd::engines {

base::Result<void> makeDataDir(const std::filesystem::path& dataDir)
{
    std::error_code failed;
    if (std::filesystem::create_directories(dataDir, failed)) {
        std::filesystem::permissions(dataDir, std::filesystem::perms::owner_all, failed);
    }
    return failed ? base::fail(base::ErrorCode::Io, dataDir.string(), failed.message()) : base::Result<void>();
}

} // namespace qd::engines
