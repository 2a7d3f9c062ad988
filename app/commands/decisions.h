// What the subcommands that look at or change decisions share. Main thread.
#pragma once

#include "app/commands/arguments.h"
#include "base/utc_time.h"
#include "engines/offline_decisions.h"
#include "engines/owner_line.h"
#include "storage/database.h"

#include <QJsonObject>

#include <memory>
#include <optional>

namespace qd::app {

/// The database that --feed names, and a desk on it. While a console owns it the database is read-only, and whoever
/// changes something sends it to `owner`.
struct Decisions {
    std::unique_ptr<storage::Database> database;
    base::SystemClock clock;
    std::unique_ptr<engines::GovernanceDesk> desk;
    std::optional<engines::OwnerLine> owner{};
};

/// To read, or to change: both also beside a console that runs. `code`: what to end with.
[[nodiscard]] std::unique_ptr<Decisions> openDecisions(const Arguments& given, bool changes, int& code);

/// Where another process owns the database and cannot be asked: with who that is and what to do.
[[nodiscard]] base::Error whyNotOpened(const std::filesystem::path& database, base::Error error);

/// By the console that owns the database: what to end with. Empty: none runs on it, so it is to be done here.
[[nodiscard]] std::optional<int> doneByOwner(const Arguments& given, const console::Command& command);

[[nodiscard]] QString jsonText(std::string_view utf8);
void printJson(const QJsonObject& object);
/// What was changed, in a line, or {"done": …}; what to end with.
int printDone(const Arguments& given, const std::string& what);
[[nodiscard]] QJsonObject jsonOf(const governance::Figure& figure);

} // namespace qd::app
