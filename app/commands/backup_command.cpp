#include "app/commands/arguments.h"

#include "base/utc_time.h"
#include "engines/data_folder.h"
#include "engines/feed_database.h"
#include "engines/restore_at_start.h"
#include "storage/backup.h"
#include "storage/backup_store.h"
#include "storage/database.h"
#include "storage/writer_lock.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <chrono>
#include <cstdio>

namespace qd::app {

namespace {

namespace fs = std::filesystem;

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

void print(const QJsonObject& object)
{
    std::printf("%s\n", QJsonDocument(object).toJson(QJsonDocument::Compact).constData());
}

/// The only word of the subcommand; empty: wrong usage, which was told.
std::optional<std::string> fileOf(Arguments& given, const char* subcommand)
{
    const auto words = given.parser().positionalArguments();
    if (words.size() != 1) {
        reportUsage(std::string(subcommand) + " wants one FILE");
        return std::nullopt;
    }
    return words.front().toStdString();
}

/// A row in the database's own list, where no console writes to it.
bool record(const fs::path& database, const health::BackupRow& row)
{
    auto writer = storage::Database::open(database, storage::Database::Mode::ReadWrite);
    if (!writer || !writer->begin()) {
        return false;
    }
    const auto added = storage::BackupStore(*writer).add(row);
    if (!added || !writer->commit(true)) {
        writer->rollback();
        return false;
    }
    return true;
}

void tellBadBlocks(const storage::Restored& restored)
{
    for (const auto& block : restored.badBlocks) {
        report(block);
    }
}

/// "demo" of what the file says of itself, unless --feed names another.
base::Result<fs::path> targetOf(const Arguments& given, const std::string& file)
{
    const auto origin = storage::originOf(file);
    if (!origin) {
        return std::unexpected(origin.error());
    }
    if (given.hasFeed()) {
        const auto target = engines::databaseOf(given.dataDir(), given.value("feed"));
        if (*origin && (*origin)->database != target.stem()) {
            return base::fail(base::ErrorCode::Conflict, file,
                              "it is a backup of the feed " + (*origin)->database + ", not of " +
                                  target.stem().string());
        }
        return target;
    }
    if (!*origin) {
        return base::fail(base::ErrorCode::Conflict, file, "it does not say which feed it is of; say so with --feed");
    }
    return given.dataDir() / ((*origin)->database + ".db");
}

} // namespace

int backupCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("backup FILE [options]"),
                    QStringLiteral("Copies the database to FILE, or into a folder under a dated name, also while a "
                                   "console writes to it; restores the copy into a scratch file and compares it, "
                                   "table by table, before it gets its name. Overwrites nothing."));
    given.parser().addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("where to: a new file, or a folder"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto wished = fileOf(given, "backup");
    if (!wished) {
        return exitUsage;
    }
    const auto database = given.existingDatabase();
    if (!database) {
        return reportMissing(database.error());
    }
    const auto now = base::SystemClock().now();
    std::error_code unreadable;
    const auto file = fs::absolute(fs::is_directory(*wished, unreadable) ? storage::backupFile(*wished, *database, now)
                                                                         : fs::path(*wished));
    const auto began = std::chrono::steady_clock::now();
    const auto stop = stopOnSignal();
    auto made = [&] {
        ProgressBar bar("backup");
        return storage::makeBackup({.database = *database, .file = file, .now = now, .keepGoing = [&](double share) {
                                        bar.show(share);
                                        return !stop.stop_requested();
                                    }});
    }();
    health::BackupRow row{.id = 0,
                          .began = now,
                          .took = std::chrono::duration_cast<base::Millis>(std::chrono::steady_clock::now() - began),
                          .by = "command line",
                          .file = file.string(),
                          .bytes = made ? made->bytes : 0,
                          .proof = made ? storage::proofText(made->restored) : std::string(),
                          .error = made ? std::string() : base::sentence(made.error()),
                          .removed = {}};
    if (!made) {
        return report(made.error());
    }
    tellBadBlocks(made->restored);
    const bool isRecorded = record(*database, row);
    const double seconds = static_cast<double>(row.took.count()) / 1'000;
    if (given.wantsJson()) {
        print({{QStringLiteral("database"), text(database->string())},
               {QStringLiteral("file"), text(row.file)},
               {QStringLiteral("bytes"), static_cast<qint64>(row.bytes)},
               {QStringLiteral("seconds"), seconds},
               {QStringLiteral("copy_seconds"), made->copySeconds},
               {QStringLiteral("tables"), static_cast<qint64>(made->restored.proof.tables.size())},
               {QStringLiteral("rows"), static_cast<qint64>(made->restored.proof.rows())},
               {QStringLiteral("blocks"), static_cast<qint64>(made->restored.blocks)},
               {QStringLiteral("bad_blocks"), static_cast<qint64>(made->restored.badBlocks.size())},
               {QStringLiteral("sha256"), text(made->restored.proof.hash())},
               {QStringLiteral("recorded"), isRecorded}});
        return exitDone;
    }
    std::printf("%s: %.1f MB in %.1f s\n%s\n", row.file.c_str(), static_cast<double>(row.bytes) / 1e6, seconds,
                row.proof.c_str());
    if (!isRecorded) {
        std::printf("a console runs on this database: its own list of backups does not name this one\n");
    }
    return exitDone;
}

int restoreCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("restore FILE [options]"),
                    QStringLiteral("Puts a backup in the database's place, once it was copied and checked; the old "
                                   "database is kept beside it under a dated name. Works on any machine: the file is "
                                   "all it needs. Wants the console closed."));
    given.parser().addPositionalArgument(QStringLiteral("FILE"), QStringLiteral("what backup made"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto file = fileOf(given, "restore");
    if (!file) {
        return exitUsage;
    }
    if (const auto made = engines::makeDataDir(given.dataDir()); !made) {
        return report(made.error());
    }
    const auto database = targetOf(given, *file);
    if (!database) {
        return report(database.error());
    }
    if (const auto lock = storage::WriterLock::take(*database); !lock) { // told before the minutes of checking
        auto error = lock.error();
        error.detail += "; stop the console first";
        return report(error);
    }
    const auto stop = stopOnSignal();
    const auto restored = [&] {
        ProgressBar bar("restore");
        return storage::stageRestore(*file, *database, [&](double share) {
            bar.show(share);
            return !stop.stop_requested();
        });
    }();
    if (!restored) {
        return report(restored.error());
    }
    const auto told = engines::restoreAtStart(*database, base::SystemClock().now());
    if (!told) {
        (void)storage::dropStagedRestore(*database); // one that was refused now shall not come at the next start
        return report(told.error());
    }
    if (told->sentence.empty()) {
        return report({base::ErrorCode::Conflict, database->string(),
                       "a console that was started meanwhile has put the restore away; stop it and try again"});
    }
    tellBadBlocks(*restored);
    if (given.wantsJson()) {
        print({{QStringLiteral("database"), text(database->string())},
               {QStringLiteral("kept"), text(told->kept.string())},
               {QStringLiteral("made"),
                restored->origin ? QJsonValue(text(base::isoText(restored->origin->made))) : QJsonValue()},
               {QStringLiteral("rows"), static_cast<qint64>(restored->proof.rows())},
               {QStringLiteral("blocks"), static_cast<qint64>(restored->blocks)},
               {QStringLiteral("sha256"), text(restored->proof.hash())},
               {QStringLiteral("proven"), restored->origin.has_value()}});
        return exitDone;
    }
    std::printf("%s\n%s: %s\n", told->sentence.c_str(), database->string().c_str(),
                storage::proofText(*restored).c_str());
    if (!restored->origin) {
        std::printf("the file carries no proof of its own: its structure and blocks were checked, and nothing else\n");
    }
    return exitDone;
}

} // namespace qd::app
