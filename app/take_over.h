// A window on a database that another console owns: says who, since when and where it shows itself, and takes over
// cleanly if the operator wants it to. GUI thread.
#pragma once

#include "engines/engine_host.h"

#include <stop_token>

namespace qd::app {

/// True once the other has ended and its database is free.
[[nodiscard]] bool takeOver(const engines::HostOptions& options, const std::stop_token& stop);

} // namespace qd::app
