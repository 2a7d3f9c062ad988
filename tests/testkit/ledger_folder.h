// A data directory with a ledger of 25 days made by formula, on which the program is run: breakout and reversal lose,
// momentum does neither. Reads beside whoever writes. One thread.
#pragma once

#include "storage/journal_store.h"
#include "storage/policy_store.h"
#include "storage/roster_store.h"
#include "testkit/made_ledger.h"
#include "testkit/program.h"

#include <QTemporaryDir>

#include <algorithm>

namespace qd::testkit {

class LedgerFolder {
public:
    /// `database`: the file's name, which is the feed's.
    explicit LedgerFolder(const char* database) : database_(database)
    {
        const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
        MadeLedger ledger(file(), end, 25, 60);
        const auto losing = [](int n) { return n % 3 == 0 ? 1.0 : -3.0; };
        ledger.add("breakout", 3, losing);
        ledger.add("reversal", 3, losing);
        ledger.add("momentum", 2, [](int n) { return n % 2 == 0 ? 1.0 : -1.0; });
    }
    [[nodiscard]] QString path(const char* name) const { return folder_.filePath(QLatin1String(name)); }
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path().toStdString(); }
    [[nodiscard]] std::filesystem::path file() const { return path(database_).toStdString(); }

    Ended run(const QStringList& arguments, const QByteArray& input = {}) const
    {
        return runProgram(arguments + QStringList{QStringLiteral("--data-dir"), folder_.path()}, input);
    }
    Ended run(const char* words) const { return run(wordsOf(words)); }

    [[nodiscard]] storage::Database reader() const
    {
        return good(storage::Database::open(file(), storage::Database::Mode::ReadOnly));
    }
    [[nodiscard]] std::vector<storage::JournalEntry> journal() const
    {
        auto database = reader();
        return good(storage::JournalStore(database).after(0));
    }
    [[nodiscard]] governance::RosterRow row(const std::string& strategy) const
    {
        auto database = reader();
        const auto rows = good(storage::RosterStore(database).rows());
        const auto found =
            std::ranges::find(rows, strategy, [](const storage::SavedRow& saved) { return saved.row.strategy; });
        return found == rows.end() ? governance::RosterRow{.strategy = strategy} : found->row;
    }
    [[nodiscard]] double policy(const std::string& name) const
    {
        auto database = reader();
        return good(storage::PolicyStore(database).get(name));
    }

private:
    QTemporaryDir folder_;
    const char* database_;
};

} // namespace qd::testkit
