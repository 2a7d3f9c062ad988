// A command to a console that runs, and its end. On the thread that takes the console's events, whose other events are
// passed over; the event loop goes on meanwhile.
#pragma once

#include "console/console.h"

#include <QTest>

#include <optional>

namespace qd::testkit {

/// Sends it and waits, at most `patience` ms: nothing, or why it was refused.
inline std::optional<base::Error> answered(console::Console& console, console::Command command, int patience)
{
    const auto id = console.send(std::move(command));
    std::optional<console::CommandDone> done;
    (void)QTest::qWaitFor(
        [&] {
            for (const auto& event : console.takeEvents()) {
                const auto* one = std::get_if<console::CommandDone>(&event);
                if (one != nullptr && one->id == id) {
                    done = *one;
                }
            }
            return done.has_value();
        },
        patience);
    return done ? done->error : base::Error{base::ErrorCode::Timeout, "command", "no answer"};
}

} // namespace qd::testkit
