// What --help says beyond options: each subcommand in a line, its examples, its exit codes. Values, compiled in; any
// thread. A subcommand of main.cpp without a row here is found by tests/packaging/help_test.sh.
#pragma once

#include <QString>

#include <string_view>

namespace qd::app {

/// What follows the options in the help of `name`; of the window with the list of subcommands. Ends with a line feed.
[[nodiscard]] QString helpTail(std::string_view name);

} // namespace qd::app
