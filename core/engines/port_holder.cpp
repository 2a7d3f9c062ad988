#include "engines/port_holder.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

namespace qd::engines {

namespace fs = std::filesystem;

namespace {

struct Listener {
    std::string inode;
    std::string user;
};

/// "0100007F:22B8" ends with the port in hex.
std::optional<std::uint16_t> portOf(std::string_view address)
{
    const auto colon = address.rfind(':');
    if (colon == std::string_view::npos) {
        return std::nullopt;
    }
    std::uint16_t port = 0;
    const auto digits = address.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port, 16);
    return error == std::errc() && end == digits.data() + digits.size() ? std::optional(port) : std::nullopt;
}

/// The lines of net/tcp: sl, local address, remote address, state, queues, timer, retransmissions, user, timeout,
/// inode.
std::optional<Listener> listenerOn(std::uint16_t port, const fs::path& table)
{
    constexpr std::string_view listening = "0A";
    std::ifstream in(table);
    std::string line;
    while (std::getline(in, line)) {
        std::istringstream words(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        std::string queues;
        std::string timer;
        std::string again;
        Listener found;
        std::string timeout;
        if (words >> number >> local >> remote >> state >> queues >> timer >> again >> found.user >> timeout >>
                found.inode &&
            state == listening && portOf(local) == port) {
            return found;
        }
    }
    return std::nullopt;
}

bool isNumber(const std::string& text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool holds(const fs::path& process, const std::string& socket)
{
    std::error_code failed;
    for (fs::directory_iterator one(process / "fd", failed), end; !failed && one != end; one.increment(failed)) {
        std::error_code gone;
        if (fs::read_symlink(one->path(), gone) == socket && !gone) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string portHolder(std::uint16_t port, const fs::path& proc)
{
    auto listener = listenerOn(port, proc / "net" / "tcp");
    if (!listener) {
        listener = listenerOn(port, proc / "net" / "tcp6");
    }
    if (!listener) {
        return {};
    }
    const auto socket = "socket:[" + listener->inode + "]";
    std::error_code failed;
    for (fs::directory_iterator one(proc, failed), end; !failed && one != end; one.increment(failed)) {
        const auto pid = one->path().filename().string();
        if (isNumber(pid) && holds(one->path(), socket)) {
            std::string name;
            std::getline(std::ifstream(one->path() / "comm"), name);
            return (name.empty() ? std::string("a process") : name) + " (pid " + pid + ")";
        }
    }
    return "a process of user " + listener->user + ", which does not let us see it";
}

} // namespace qd::engines
