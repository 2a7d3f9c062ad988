// Does something on every way out of a scope, an exception's too. Any thread.
#pragma once

#include <functional>
#include <utility>

namespace qd::engines {

class AtExit {
public:
    explicit AtExit(std::function<void()> act) : act_(std::move(act)) {}
    ~AtExit() { act_(); }
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;

private:
    std::function<void()> act_;
};

} // namespace qd::engines
