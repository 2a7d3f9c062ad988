// Measures what market orders cost: the decision of each closed trade's entry and market exit against what an order
// that arrived paper.latency_ms later would have paid by the archive's ticks and quotes (trading/fill_meter.h), never
// against the broker's own fill. Entries by limit, stops, targets and archivings are no market orders at a moment of a
// decision and are left out. One object a thread, which keeps what it measured: a later call reads only what came
// since, from a point that it remembers. Any thread with its own connection.
#pragma once

#include "base/policy.h"
#include "storage/database.h"
#include "trading/fill_meter.h"
#include "trading/learned_slippage.h"

#include <functional>
#include <map>
#include <stop_token>
#include <vector>

namespace qd::engines {

struct Calibrated {
    std::vector<trading::LearnedSlippage> rows;
    std::map<base::InstrumentId, std::string> names; // of the instruments
    std::uint64_t measured = 0;                      // fills, usable or not
    std::uint64_t items = 0;                         // of the archive that this call read
};

class ExecutionCalibrator {
public:
    explicit ExecutionCalibrator(const base::PaperPolicy& policy) : policy_(policy) {}
    /// What the next calibration goes by: the values in force.
    void setPolicy(const base::PaperPolicy& policy) { policy_ = policy; }
    /// Cancelled leaves it as it was for the instruments that were not reached.
    [[nodiscard]] base::Result<Calibrated> calibrate(storage::Database& database, base::UtcMs now,
                                                     const std::stop_token& stop,
                                                     const std::function<void(double fraction)>& progress = {});

private:
    struct Checkpoint {
        base::StreamNumber number;
        base::UtcMs time; // of the newest tick or quote until then
        trading::MarketView view;
    };
    struct Waiting {
        std::vector<trading::MeasuredOrder> orders;
        std::vector<base::Quantity> sizes; // of them
    };
    [[nodiscard]] base::Result<void> takeTrades(storage::Database& database);
    /// Leaves in `waiting` what the archive does not reach yet.
    [[nodiscard]] base::Result<void> measure(storage::Database& database, const market::Instrument& instrument,
                                             Waiting& waiting, const std::stop_token& stop, std::uint64_t& items);
    [[nodiscard]] Checkpoint startFor(base::InstrumentId instrument, const Waiting& waiting) const;

    base::PaperPolicy policy_;
    std::int64_t newestTrade_ = 0; // row of the ledger
    std::map<base::InstrumentId, Waiting> waiting_;
    std::map<base::InstrumentId, std::vector<Checkpoint>> checkpoints_; // by number
    std::vector<trading::MeasuredFill> fills_;
};

/// What of a calibration is worth keeping and telling.
struct CalibrationChange {
    std::vector<trading::LearnedSlippage> rows;        // that differ from the stored ones
    std::map<base::InstrumentId, std::string> charges; // to be put in force, as textOf(ExecutionCharge)
    std::string what;                                  // for the journal; empty: nothing to say
    std::string evidence;
};

/// A charge is put in force, and told, where an applied figure differs from that in force by more than 0.05 bps or a
/// status changed. What is in force is the newest recorded input, else policy's assumption.
[[nodiscard]] base::Result<CalibrationChange>
calibrationChange(storage::Database& database, const Calibrated& calibrated, const base::PaperPolicy& policy);

} // namespace qd::engines
