// What a window may know of a console that is another process and owns the data: what its HTTP API answers, and whether
// it answers at all. Nothing can be changed through it. Values; the two calls are for any thread and never wait.
// Source: PRODUCT.md, Command line; engines/owner_watch fills it.
#pragma once

#include "base/channels.h"
#include "base/utc_time.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace qd::console {

/// Why there is no answer.
enum class WatchTrouble : std::uint8_t {
    None,
    NotListening, // it runs, but its API does not listen (yet): `detail` says why
    ApiOff,       // it runs without an API
    ApiSilent,    // it answers on its local socket, its API does not: `detail` says why; empty: no answer in time
    OwnerSilent,  // its local socket takes the question and says nothing: it hangs
    NobodyOwns,   // nobody listens on the local socket: it has ended
};

/// One answer of the API.
struct WatchedPage {
    std::string path; // as it was asked, with its parameters
    int status = 0;   // 200, or what the API had against it; 0: none came yet
    std::shared_ptr<const std::string> body;
    base::UtcMs at; // when it was last seen to be so
};

struct WatchSnapshot {
    using Time = std::chrono::steady_clock::time_point;
    std::int64_t process = 0; // of the owner
    bool isHeadless = false;
    std::string version;
    base::UtcMs since;
    std::string address; // "http://127.0.0.1:8888"; empty while it has none
    WatchTrouble trouble = WatchTrouble::None;
    std::string detail; // a part of a sentence for NotListening and ApiSilent; may be empty
    Time answered;      // when the API last answered anything, or when the watch began
    WatchedPage status; // of /api/v1/status
    WatchedPage page;   // of what is wanted
};

class Watched {
public:
    virtual ~Watched() = default;
    /// What is looked at: asked at once and then every two seconds, in place of what was wanted before. Empty: status
    /// alone.
    virtual void want(std::string path) = 0;
    [[nodiscard]] virtual const base::Mailbox<WatchSnapshot>& seen() const = 0;
};

} // namespace qd::console
