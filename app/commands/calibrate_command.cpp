#include "app/commands/arguments.h"

#include "engines/calibration_job.h"
#include "engines/execution_calibrator.h"
#include "engines/in_force.h"
#include "storage/calibration_store.h"
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cstdio>

namespace qd::app {

namespace {

using trading::LearnedSlippage;

std::string nameOf(const LearnedSlippage& row, const engines::Calibrated& calibrated)
{
    return row.instrument ? calibrated.names.at(*row.instrument) : "all";
}

std::string figure(const statistics::Measure& measure)
{
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%.2f", measure.value_or(0));
    return measure ? text.data() : "–";
}

void printText(const engines::Calibrated& calibrated, const std::string& outcome)
{
    std::printf("%-14s %-5s %7s %9s %-13s %8s %18s %8s %8s %8s %8s %8s\n", "instrument", "side", "fills", "unusable",
                "status", "mean", "95% interval", "median", "p95", "prior", "applied", "stress");
    for (const auto& row : calibrated.rows) {
        const auto interval =
            row.interval ? figure(row.interval->lower) + " – " + figure(row.interval->upper) : std::string("–");
        std::printf("%-14s %-5s %7llu %9llu %-13s %8s %18s %8s %8s %8.2f %8.2f %8.2f\n",
                    nameOf(row, calibrated).c_str(), row.side == market::Side::Buy ? "buy" : "sell",
                    static_cast<unsigned long long>(row.fills), static_cast<unsigned long long>(row.unusable),
                    std::string(statistics::name(row.status)).c_str(), figure(row.mean).c_str(), interval.c_str(),
                    figure(row.median).c_str(), figure(row.p95).c_str(), row.prior, row.applied, row.stress);
    }
    std::printf(
        "\nbps of the decision price, positive is a cost; %llu fills measured on %llu items of the archive\n%s\n",
        static_cast<unsigned long long>(calibrated.measured), static_cast<unsigned long long>(calibrated.items),
        outcome.c_str());
}

QJsonValue json(const statistics::Measure& measure)
{
    return measure ? QJsonValue(*measure) : QJsonValue();
}

void printJson(const engines::Calibrated& calibrated, bool isKept)
{
    QJsonArray rows;
    for (const auto& row : calibrated.rows) {
        rows.append(QJsonObject{
            {QStringLiteral("instrument"), QString::fromStdString(nameOf(row, calibrated))},
            {QStringLiteral("side"), row.side == market::Side::Buy ? QStringLiteral("buy") : QStringLiteral("sell")},
            {QStringLiteral("fills"), static_cast<qint64>(row.fills)},
            {QStringLiteral("unusable"), static_cast<qint64>(row.unusable)},
            {QStringLiteral("status"), QString::fromStdString(std::string(statistics::name(row.status)))},
            {QStringLiteral("mean_bps"), json(row.mean)},
            {QStringLiteral("low_bps"), row.interval ? QJsonValue(row.interval->lower) : QJsonValue()},
            {QStringLiteral("high_bps"), row.interval ? QJsonValue(row.interval->upper) : QJsonValue()},
            {QStringLiteral("median_bps"), json(row.median)},
            {QStringLiteral("p95_bps"), json(row.p95)},
            {QStringLiteral("prior_bps"), row.prior},
            {QStringLiteral("applied_bps"), row.applied},
            {QStringLiteral("stress_bps"), row.stress}});
    }
    const QJsonObject all{{QStringLiteral("rows"), rows},
                          {QStringLiteral("measured"), static_cast<qint64>(calibrated.measured)},
                          {QStringLiteral("items"), static_cast<qint64>(calibrated.items)},
                          {QStringLiteral("kept"), isKept}};
    std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
}

/// Rows, journal and recorded inputs in one transaction; an input holds from behind the newest item of its instrument.
base::Result<void> keep(storage::Database& database, engines::CalibrationChange& change)
{
    std::vector<storage::SwitchInput> inputs;
    for (const auto& [instrument, charge] : change.charges) {
        const auto summary = storage::TickArchive(database).summary(instrument);
        if (!summary) {
            return std::unexpected(summary.error());
        }
        inputs.push_back({instrument, summary->lastNumber, {}, true, trading::InputKind::Calibration, charge});
    }
    const auto kept = engines::toStore(change, base::SystemClock().now(), "operator");
    auto done = database.begin();
    done = done ? storage::CalibrationStore(database).add(kept.time, kept.rows) : done;
    done = done && kept.journal ? storage::JournalStore(database).add(*kept.journal) : done;
    done = done ? storage::LedgerStore(database).addInputs(inputs) : done;
    if (!done) {
        database.rollback();
        return done;
    }
    return database.commit(true);
}

} // namespace

int calibrateCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("calibrate [options]"),
        QStringLiteral("Measures what market orders cost on the recorded quotes and ticks, and puts it in force. "
                       "Beside a running console it only measures: that one calibrates by itself."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto file = given.existingDatabase();
    if (!file) {
        return reportMissing(file.error());
    }
    auto database = storage::Database::open(*file, storage::Database::Mode::ReadWrite);
    const bool isOurs = database.has_value();
    if (!database && database.error().code == base::ErrorCode::Busy) {
        database = storage::Database::open(*file, storage::Database::Mode::ReadOnly);
    }
    if (!database) {
        return report(database.error());
    }
    const auto inForce = engines::policyInForce(*database, base::defaultPaperPolicy());
    if (!inForce) {
        return report(inForce.error());
    }
    const auto& policy = *inForce;
    const auto stop = stopOnSignal();
    engines::ExecutionCalibrator calibrator(policy);
    base::Result<engines::Calibrated> calibrated;
    {
        ProgressBar bar("calibrate");
        calibrated = calibrator.calibrate(*database, base::SystemClock().now(), stop,
                                          [&bar](double fraction) { bar.show(fraction); });
    }
    if (!calibrated) {
        return report(calibrated.error());
    }
    std::string outcome = "measured only: a running console owns the database and calibrates by itself";
    if (isOurs) {
        auto change = engines::calibrationChange(*database, *calibrated, policy);
        if (!change) {
            return report(change.error());
        }
        outcome = change->charges.empty() ? "nothing changed by more than 0.05 bps: what is in force stays"
                                          : "in force from the next item on; journalled: " + change->what;
        if (auto kept = keep(*database, *change); !kept) {
            return report(kept.error());
        }
    }
    given.wantsJson() ? printJson(*calibrated, isOurs) : printText(*calibrated, outcome);
    return exitDone;
}

} // namespace qd::app
