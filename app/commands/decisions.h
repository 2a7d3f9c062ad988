// What the subcommands that look at or change decisions share. Main thread.
#pragma once

#include "app/commands/arguments.h"
#include "base/utc_time.h"
#include "engines/offline_decisions.h"
#include "storage/database.h"

#include <QJsonObject>

#include <memory>
#include <optional>

namespace qd::app {

/// The database that --feed names, and a desk on it.
struct Decisions {
    std::unique_ptr<storage::Database> database;
    base::SystemClock clock;
    std::unique_ptr<engines::GovernanceDesk> desk;
};

/// To read, also beside a console that runs; or to change, which wants that none does. `code`: what to end with.
[[nodiscard]] std::unique_ptr<Decisions> openDecisions(const Arguments& given, bool changes, int& code);

[[nodiscard]] QString jsonText(std::string_view utf8);
void printJson(const QJsonObject& object);
[[nodiscard]] QJsonObject jsonOf(const governance::Figure& figure);

} // namespace qd::app
