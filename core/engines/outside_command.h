// An outside command as a run of a job: started by the shell in a process group of its own at low priority, each line
// of its output a line of the log and a sign of life. Blocks until it has ended, or the run was cancelled or timed out;
// then the whole group is asked to end, and killed after two seconds; so is what a command leaves running when it ends
// by itself. Any thread without an event loop of its own.
#pragma once

#include "engines/job_board.h"

#include <filesystem>
#include <string>

namespace qd::engines {

/// Tells the run's end, too.
void runOutside(JobRun& run, const std::string& command, const std::filesystem::path& folder);

} // namespace qd::engines
