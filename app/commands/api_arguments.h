// --api-port and --api-bind of the window and of 'run'. Main thread.
#pragma once

#include "app/commands/arguments.h"
#include "engines/api_options.h"

#include <optional>
#include <string>

namespace qd::app {

void addApiOptions(QCommandLineParser& parser);
/// The sentence that says what is wrong with them; empty where they are read into `api`: nothing for port 0.
[[nodiscard]] std::string readApi(const Arguments& given, std::optional<engines::ApiOptions>& api);

} // namespace qd::app
