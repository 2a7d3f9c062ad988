#include "app/commands/arguments.h"

#include "engines/engine_host.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "storage/simulated_store.h"
#include "storage/tick_archive.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

namespace qd::app {

namespace {

/// Every block; with `setsAside` in a transaction that moves the bad ones.
base::Result<std::vector<base::Error>> checkBlocks(storage::Database& database, bool setsAside,
                                                   const std::function<bool(double)>& progress)
{
    storage::TickArchive archive(database);
    if (!setsAside) {
        return archive.verify(progress);
    }
    if (auto begun = database.begin(); !begun) {
        return std::unexpected(begun.error());
    }
    auto bad = archive.verifyAndSetAside(progress);
    const auto done = bad ? database.commit(true) : base::Result<void>(std::unexpected(bad.error()));
    if (!done) {
        database.rollback();
        return std::unexpected(done.error());
    }
    return bad;
}

base::Result<std::vector<base::Error>> check(storage::Database& database, bool setsAside, const std::stop_token& stop)
{
    std::vector<base::Error> bad;
    auto integrity = database.prepare("PRAGMA integrity_check(20)");
    if (!integrity) {
        return std::unexpected(integrity.error());
    }
    for (;;) {
        const auto row = integrity->step();
        if (!row) {
            return std::unexpected(row.error());
        }
        if (!*row) {
            break;
        }
        if (integrity->text(0) != "ok") {
            bad.push_back({base::ErrorCode::Damaged, database.path().string(),
                           "parts of the file do not hang together: " + std::string(integrity->text(0))});
        }
    }
    ProgressBar bar("verify");
    auto blocks = checkBlocks(database, setsAside, [&bar, &stop](double fraction) {
        bar.show(fraction);
        return !stop.stop_requested();
    });
    if (!blocks) {
        return blocks;
    }
    bad.insert(bad.end(), blocks->begin(), blocks->end());
    return bad;
}

/// What is damaged, without what to do: that is said once for all of it.
std::string damageText(const base::Error& error)
{
    return error.subject + ": it is damaged (" + error.detail + ").";
}

constexpr auto restoreAdvice = "The file itself is damaged, and no check can mend that. 'quarterdeck restore FILE' "
                               "puts a backup in its place, with the console closed.";

/// One line each: what mends it.
std::vector<std::string> adviceOf(const std::vector<base::Error>& bad, const std::string& file, bool hasSetAside)
{
    const auto ofFile = std::ranges::count(bad, file, &base::Error::subject);
    std::vector<std::string> out;
    if (ofFile > 0) {
        out.emplace_back(restoreAdvice);
    }
    if (std::cmp_greater(bad.size(), ofFile)) {
        out.emplace_back(hasSetAside
                             ? "Damaged blocks are set aside, with their bytes; 'quarterdeck verify' says whether "
                               "anything is left."
                             : "With the console closed, 'quarterdeck verify --set-aside' takes damaged blocks out of "
                               "the way, with their bytes; everything else is there.");
    }
    return out;
}

/// Of a check that came to no end.
int reportBroken(const base::Error& error)
{
    if (error.code != base::ErrorCode::Damaged) {
        return report(error);
    }
    std::fprintf(stderr, "%s %s\n", damageText(error).c_str(), restoreAdvice);
    return exitFailed;
}

} // namespace

int verifyCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("verify [options]"),
        QStringLiteral("Reads the whole database and checks its structure and every block of ticks, quotes and "
                       "candles. Changes nothing without --set-aside."));
    given.parser().addOption(
        {QStringLiteral("set-aside"),
         QStringLiteral(
             "Move damaged blocks out of the way, with their bytes; a gap row stands for lost ticks. Wants the "
             "console closed.")});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto file = given.existingDatabase();
    if (!file) {
        return reportMissing(file.error());
    }
    auto database = storage::Database::open(*file, given.isSet("set-aside") ? storage::Database::Mode::ReadWrite
                                                                            : storage::Database::Mode::ReadOnly);
    if (!database) {
        return reportBroken(database.error());
    }
    const auto bad = check(*database, given.isSet("set-aside"), stopOnSignal());
    if (!bad) {
        return reportBroken(bad.error());
    }
    auto instruments = storage::InstrumentStore(*database).all();
    if (!instruments) {
        return reportBroken(instruments.error());
    }
    const auto aside = storage::TickArchive(*database).setAside();
    if (!aside) {
        return reportBroken(aside.error());
    }
    const auto simulated = storage::SimulatedStore(*database).get();
    if (!simulated) {
        return reportBroken(simulated.error());
    }
    const bool isSimulated = simulated->has_value() || *file == engines::databaseOf(file->parent_path(), "demo");
    std::uint64_t ticks = 0;
    std::uint64_t blocks = 0;
    for (const auto& instrument : *instruments) {
        const auto summary = storage::TickArchive(*database).summary(instrument.id);
        if (!summary) {
            return reportBroken(summary.error());
        }
        ticks += summary->ticks;
        blocks += summary->blocks;
    }
    if (given.wantsJson()) {
        QJsonArray errors;
        for (const auto& error : *bad) {
            errors.append(QString::fromStdString(damageText(error)));
        }
        QJsonArray missing;
        for (const auto& block : *aside) {
            missing.append(QString::fromStdString(storage::sentence(block)));
        }
        QJsonArray advice;
        for (const auto& line : adviceOf(*bad, file->string(), given.isSet("set-aside"))) {
            advice.append(QString::fromStdString(line));
        }
        const QJsonObject all{{QStringLiteral("set_aside"), missing},
                              {QStringLiteral("database"), QString::fromStdString(file->string())},
                              {QStringLiteral("simulated"), isSimulated},
                              {QStringLiteral("ticks"), static_cast<qint64>(ticks)},
                              {QStringLiteral("blocks"), static_cast<qint64>(blocks)},
                              {QStringLiteral("errors"), errors},
                              {QStringLiteral("what_to_do"), advice}};
        std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
    } else if (bad->empty()) {
        std::printf("%s: all%s is well; %llu ticks in %llu blocks\n", file->string().c_str(),
                    aside->empty() ? "" : " that is left", static_cast<unsigned long long>(ticks),
                    static_cast<unsigned long long>(blocks));
    }
    if (isSimulated && !given.wantsJson()) {
        std::printf("%s\n", *simulated ? storage::sentence(**simulated).c_str() : "simulated market");
    }
    for (const auto& error : *bad) {
        std::fprintf(stderr, "%s\n", damageText(error).c_str());
    }
    for (const auto& line : adviceOf(*bad, file->string(), given.isSet("set-aside"))) {
        std::fprintf(stderr, "%s\n", line.c_str());
    }
    for (const auto& block : *aside) {
        std::fprintf(stderr, "%s\n", storage::sentence(block).c_str());
    }
    return bad->empty() ? exitDone : exitFailed;
}

} // namespace qd::app
