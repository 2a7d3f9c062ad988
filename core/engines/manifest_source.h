// What a deployment manifest is signed with and says of where it was made. Plain value.
#pragma once

#include <filesystem>
#include <string>

namespace qd::engines {

struct ManifestSource {
    std::filesystem::path keyFile; // made at first use, mode 0600
    std::string feed;              // "DEMO", "BLOFIN · PAPER"
    std::string build;
};

} // namespace qd::engines
