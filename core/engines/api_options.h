// Where the HTTP API listens and what it bears. Plain values; any thread.
#pragma once

#include "base/utc_time.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace qd::engines {

struct ApiOptions {
    std::string bind = "127.0.0.1";   // a numeric address
    std::uint16_t port = 8888;        // 0: any that is free
    bool acceptsOthers = false;       // without it an address that other machines reach is refused
    double perSecond = 50;            // requests, for as long as one likes
    double atOnce = 100;              // and so many more at once
    base::Millis retryEvery{60'000};  // where the port is taken
    base::Millis readTimeout{2'000};  // for a request as a whole, from its first byte to its last
    base::Millis askPatience{3'000};  // for what is stored; then 503
    base::Millis sendPatience{5'000}; // for a command's end; then 202
    std::size_t workers = 4;          // requests that are answered at a time
    std::size_t waiting = 32;         // connections that wait beside them; more are refused with 503. And so many that
                                      // have said nothing yet; of more the oldest goes
};

inline constexpr std::size_t apiBodyMost = 64 * 1024;

} // namespace qd::engines
