// Which process listens on a TCP port of this machine, read from /proc. Any thread; some ms. `proc` is "/proc" but in
// tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace qd::engines {

/// "python3 (pid 4711)", "a process of user 0, which does not let us see it"; empty where nobody is found to listen.
[[nodiscard]] std::string portHolder(std::uint16_t port, const std::filesystem::path& proc = "/proc");

} // namespace qd::engines
