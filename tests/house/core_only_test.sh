# The preset core-only configures without ever looking for Widgets, so that core builds on a machine without a desktop.
. "$(dirname "$0")/checks.sh"

configure() { (cd "$source" && cmake --preset core-only -B "$scratch/build"); }
check "the preset core-only is configured" configure

looked_for() { grep -E '^Qt6(Widgets|Charts|Svg|OpenGLWidgets)_DIR' "$scratch/build/CMakeCache.txt" | none; }
check "it never looked for Widgets, Charts or Svg" looked_for

targets() { cmake --build "$scratch/build" --target help; }
no_window() { targets | grep -E '^(qd_ui|qd_app|quarterdeck):' | none; }
check "it has no target of the window" no_window
has_core() { targets | grep -q '^qd_trading:' && targets | grep -q '^unit_tests:'; }
check "it has core and its tests" has_core

verdict
