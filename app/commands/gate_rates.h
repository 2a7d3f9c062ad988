// How often a gate passes a worse, an equal and a better candidate, as the command line says it. Main thread.
#pragma once

#include "app/commands/decisions.h"
#include "console/queries.h"

#include <QJsonArray>

namespace qd::app {

/// --looks and --rate-days of the answer to `query`; wrong usage in words.
[[nodiscard]] std::optional<std::string> readGateOptions(const Arguments& given, console::AskGateSimulation& query);
void addGateOptions(QCommandLineParser& parser);

void printRates(const console::GateSimulation& simulated, const console::AskGateSimulation& query);
[[nodiscard]] QJsonArray jsonOf(const console::GateSimulation& simulated);

} // namespace qd::app
