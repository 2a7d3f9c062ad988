#include "storage/calibration_store.h"

#include "storage/ledger_rows.h"

#include <algorithm>

namespace qd::storage {

using base::Result;
using statistics::Calibration;
using trading::LearnedSlippage;

namespace {

constexpr std::int64_t allInstruments = 0; // ids begin at 1

void bindMeasure(Statement& to, int at, const statistics::Measure& measure)
{
    if (measure) {
        to.bind(at, *measure);
    } else {
        to.bindNull(at);
    }
}

// Why a figure has no value is not kept: of a row it can only be that there are too few fills.
statistics::Measure measureOf(const Statement& row, int at)
{
    return row.isNull(at) ? std::unexpected(statistics::Undefined::TooFew) : statistics::Measure(row.real(at));
}

Result<Calibration> statusOf(std::string_view name)
{
    for (const auto status :
         {Calibration::Uncalibrated, Calibration::Provisional, Calibration::Calibrated, Calibration::Stale}) {
        if (statistics::name(status) == name) {
            return status;
        }
    }
    return base::fail(base::ErrorCode::Damaged, "calibrations", "no such status: " + std::string(name));
}

Result<LearnedSlippage> rowOf(const Statement& row)
{
    const auto status = statusOf(row.text(4));
    if (!status) {
        return std::unexpected(status.error());
    }
    LearnedSlippage out{.side = row.integer(1) < 0 ? market::Side::Sell : market::Side::Buy,
                        .fills = static_cast<std::uint64_t>(row.integer(2)),
                        .unusable = static_cast<std::uint64_t>(row.integer(3)),
                        .status = *status,
                        .mean = measureOf(row, 5),
                        .median = measureOf(row, 8),
                        .p95 = measureOf(row, 9),
                        .prior = row.real(10),
                        .applied = row.real(11),
                        .stress = row.real(12)};
    if (row.integer(0) != allInstruments) {
        out.instrument = base::InstrumentId{row.integer(0)};
    }
    if (!row.isNull(6) && !row.isNull(7)) {
        out.interval = statistics::Interval{row.real(6), row.real(7)};
    }
    return out;
}

} // namespace

Result<void> CalibrationStore::add(base::UtcMs time, const std::vector<LearnedSlippage>& rows)
{
    auto insert = database_.prepare(
        "INSERT INTO calibrations(time,instrument,side,fills,unusable,status,mean_bps,low_bps,high_bps,median_bps,"
        "p95_bps,prior_bps,applied_bps,stress_bps) VALUES(" +
        marks(14) + ")");
    if (!insert) {
        return std::unexpected(insert.error());
    }
    for (const auto& row : rows) {
        insert->bind(0, time.value)
            .bind(1, row.instrument ? row.instrument->value : allInstruments)
            .bind(2, static_cast<std::int64_t>(row.side))
            .bind(3, static_cast<std::int64_t>(row.fills))
            .bind(4, static_cast<std::int64_t>(row.unusable))
            .bind(5, statistics::name(row.status));
        bindMeasure(*insert, 6, row.mean);
        bindMeasure(*insert, 7,
                    row.interval ? statistics::Measure(row.interval->lower) : std::unexpected(row.interval.error()));
        bindMeasure(*insert, 8,
                    row.interval ? statistics::Measure(row.interval->upper) : std::unexpected(row.interval.error()));
        bindMeasure(*insert, 9, row.median);
        bindMeasure(*insert, 10, row.p95);
        insert->bind(11, row.prior).bind(12, row.applied).bind(13, row.stress);
        if (auto done = insert->run(); !done) {
            return done;
        }
    }
    return {};
}

Result<Calibrations> CalibrationStore::newest()
{
    auto rows = database_.prepare(
        "SELECT instrument,side,fills,unusable,status,mean_bps,low_bps,high_bps,median_bps,p95_bps,prior_bps,"
        "applied_bps,stress_bps FROM calibrations WHERE id IN "
        "(SELECT max(id) FROM calibrations GROUP BY instrument,side) ORDER BY instrument,side DESC");
    if (!rows) {
        return std::unexpected(rows.error());
    }
    auto found = collect<LearnedSlippage>(rows, rowOf);
    if (!found) {
        return std::unexpected(found.error());
    }
    Calibrations out{.rows = std::move(*found), .time = {}};
    if (!out.rows.empty()) {
        const auto time = database_.number("SELECT max(time) FROM calibrations");
        if (!time) {
            return std::unexpected(time.error());
        }
        out.time = base::UtcMs{*time};
    }
    return out;
}

} // namespace qd::storage
