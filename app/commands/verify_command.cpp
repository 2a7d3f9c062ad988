#include "app/commands/arguments.h"

#include "engines/engine_host.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "storage/simulated_store.h"
#include "storage/tick_archive.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>
#include <functional>

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
            bad.push_back({base::ErrorCode::Damaged, database.path().string(), std::string(integrity->text(0))});
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
        return report(database.error());
    }
    const auto bad = check(*database, given.isSet("set-aside"), stopOnSignal());
    if (!bad) {
        return report(bad.error());
    }
    auto instruments = storage::InstrumentStore(*database).all();
    if (!instruments) {
        return report(instruments.error());
    }
    const auto aside = storage::TickArchive(*database).setAside();
    if (!aside) {
        return report(aside.error());
    }
    const auto simulated = storage::SimulatedStore(*database).get();
    if (!simulated) {
        return report(simulated.error());
    }
    const bool isSimulated = simulated->has_value() || *file == engines::databaseOf(file->parent_path(), "demo");
    std::uint64_t ticks = 0;
    std::uint64_t blocks = 0;
    for (const auto& instrument : *instruments) {
        const auto summary = storage::TickArchive(*database).summary(instrument.id);
        if (!summary) {
            return report(summary.error());
        }
        ticks += summary->ticks;
        blocks += summary->blocks;
    }
    if (given.wantsJson()) {
        QJsonArray errors;
        for (const auto& error : *bad) {
            errors.append(QString::fromStdString(base::sentence(error)));
        }
        QJsonArray missing;
        for (const auto& block : *aside) {
            missing.append(QString::fromStdString(storage::sentence(block)));
        }
        const QJsonObject all{{QStringLiteral("set_aside"), missing},
                              {QStringLiteral("database"), QString::fromStdString(file->string())},
                              {QStringLiteral("simulated"), isSimulated},
                              {QStringLiteral("ticks"), static_cast<qint64>(ticks)},
                              {QStringLiteral("blocks"), static_cast<qint64>(blocks)},
                              {QStringLiteral("errors"), errors}};
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
        report(error);
    }
    for (const auto& block : *aside) {
        std::fprintf(stderr, "%s\n", storage::sentence(block).c_str());
    }
    return bad->empty() ? exitDone : exitFailed;
}

} // namespace qd::app
