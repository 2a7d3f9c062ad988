// Asks another console's HTTP API for one path and waits for the whole answer: a connection a question, as the API
// serves them. Blocks within its patience; the stop ends every wait. One thread a call.
#pragma once

#include "base/error.h"
#include "engines/http_rules.h"

#include <chrono>
#include <stop_token>
#include <string>

namespace qd::engines {

struct ApiReply {
    int status = 0;
    std::string etag; // empty where it has none
    std::string body; // empty with 304
};

/// `etag`: of the answer that is here already; 304 where it is still so. Network where nobody listens, or where what
/// comes is no whole answer; Timeout where it does not come in time, the connection's included.
[[nodiscard]] base::Result<ApiReply> askApi(const HttpDoor& door, const std::string& path, const std::string& etag,
                                            std::chrono::milliseconds patience, const std::stop_token& stop = {});

/// "http://127.0.0.1:8888", "http://[::1]:8888".
[[nodiscard]] std::string urlOf(const HttpDoor& door);

} // namespace qd::engines
