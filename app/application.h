// The composition root of the window: options, engines, main window, and their end in order. Main thread.
#pragma once

namespace qd::app {

/// Runs the console with its window, or renders one page with --screenshot. Exit code of the program.
int runWindow(int argc, char** argv);

} // namespace qd::app
