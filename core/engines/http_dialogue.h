// One connection of the HTTP API from its first byte to its last: checks who asks and what, finds the answer, sends it.
// httplib parses and prints HTTP; what it is too trusting for is decided here (bodies, hosts, time). serve() may run on
// several threads at a time; nothing leaves it as an exception.
#pragma once

#include "engines/api_options.h"
#include "engines/api_routes.h"
#include "engines/http_socket.h"

#include <memory>
#include <stop_token>

namespace qd::engines {

class HttpDialogue {
public:
    struct Links {
        const console::Console& console;
        AskAndWait ask;
        SendAndWait send;
        std::vector<EnginePulse> pulses;
        base::Result<std::string> token; // what POST wants; without one nothing can be changed
        const base::Clock& clock;
    };
    HttpDialogue(const ApiOptions& options, Links links);
    ~HttpDialogue();

    /// One request, one answer, closed. Takes at most the read timeout, the answer's own patience, and the timeout
    /// again.
    void serve(Socket connection, const std::stop_token& stop);
    /// A connection that is too many: told so, and closed at once.
    void refuse(Socket connection);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::engines
