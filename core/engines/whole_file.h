// A file read to its end. Files of the kernel have no size, and a process may end, or a device go, between opening and
// reading: that is no exception here, as it is of a std::istreambuf_iterator. Any thread.
#pragma once

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <utility>

namespace qd::engines {

/// Nothing where it cannot be opened or read, or is a folder.
[[nodiscard]] inline std::optional<std::string> wholeFile(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    std::string out;
    std::array<char, 4096> part{};
    while (in) {
        in.read(part.data(), part.size());
        out.append(part.data(), static_cast<std::size_t>(in.gcount()));
    }
    return in.eof() && !in.bad() ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace qd::engines
