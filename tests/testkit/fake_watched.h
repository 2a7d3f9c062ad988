// A console that is watched, whose answers are the test's: pages by path, and what the watching thread would say of it.
// GUI thread.
#pragma once

#include "console/watched.h"

#include <map>
#include <string>
#include <vector>

namespace qd::testkit {

class FakeWatched final : public console::Watched {
public:
    FakeWatched()
    {
        now.process = 4711;
        now.isHeadless = true;
        now.version = "0.1.0";
        now.address = "http://127.0.0.1:8888";
        now.status.path = "/api/v1/status";
    }
    void want(std::string path) override
    {
        wanted.push_back(path);
        now.page = {.path = std::move(path), .status = 0, .body = {}, .at = {}};
        publish();
    }
    [[nodiscard]] const base::Mailbox<console::WatchSnapshot>& seen() const override { return box_; }

    /// As the owner would, with what is in `answers`.
    void publish()
    {
        if (isAnswering) {
            now.answered = std::chrono::steady_clock::now();
            give(now.status);
            give(now.page);
        }
        box_.put(now);
    }
    /// The newest answer is so old.
    void age(std::chrono::milliseconds time)
    {
        isAnswering = false;
        now.answered = std::chrono::steady_clock::now() - time;
        publish();
    }

    std::map<std::string, std::string> answers;
    std::map<std::string, int> statuses; // where it is not 200
    std::vector<std::string> wanted;
    console::WatchSnapshot now;
    bool isAnswering = true;

private:
    void give(console::WatchedPage& page)
    {
        const auto found = answers.find(page.path);
        if (found == answers.end()) {
            return;
        }
        page.status = statuses.contains(page.path) ? statuses.at(page.path) : 200;
        page.at = base::SystemClock().now();
        if (!page.body || *page.body != found->second) {
            page.body = std::make_shared<const std::string>(found->second);
        }
    }
    base::Mailbox<console::WatchSnapshot> box_;
};

} // namespace qd::testkit
