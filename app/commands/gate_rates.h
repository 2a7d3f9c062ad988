// How often a gate passes a worse, an equal and a better candidate, as the command line says it. Main thread.
#pragma once

#include "app/commands/decisions.h"
#include "console/queries.h"

#include <QJsonObject>

namespace qd::app {

/// --looks and --rate-days of the answer to `query`; wrong usage in words.
[[nodiscard]] std::optional<std::string> readGateOptions(const Arguments& given, console::AskGateSimulation& query);
void addGateOptions(QCommandLineParser& parser);

/// Says plainly on stderr that an option of the gate was given where no gate is simulated.
void tellUnusedGateOptions(const Arguments& given, const char* because);

void printRates(const console::GateSimulation& simulated, const console::AskGateSimulation& query);
/// "rates", and what they are of: "strategy", "looks", "trades", "trades_per_day".
[[nodiscard]] QJsonObject jsonOf(const console::GateSimulation& simulated, const console::AskGateSimulation& query);

} // namespace qd::app
