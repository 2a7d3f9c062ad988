// What a start needs from the database, put in order on the store's thread before any engine runs: paper's state is
// restored and brought up to the archive's last tick by the pipeline itself, so a kill -9 loses nothing that ticks can
// tell.
#pragma once

#include "base/policy.h"
#include "engines/in_force.h"
#include "engines/ledger_past.h"
#include "storage/database.h"
#include "storage/ledger_store.h"
#include "storage/tick_archive.h"
#include "trading/trading_pipeline.h"

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace qd::engines {

/// What paper starts from. Everything in it is committed.
struct RecoveredPaper {
    trading::TradingPipeline pipeline{base::PaperPolicy{}};
    std::vector<market::Instrument> instruments;
    LedgerPast past;
    InForce inForce = inForceByDefault();                   // what the operator decided
    std::map<base::InstrumentId, market::Price> lastPrices; // of the newest archived tick
    std::map<std::pair<base::InstrumentId, market::Timeframe>, std::vector<market::Candle>> candles;
};

/// Where each instrument's stream ended.
struct StreamEnd {
    market::Instrument instrument;
    storage::ArchiveSummary archive;
    market::Price lastPrice;           // 0 if there is none
    std::vector<storage::GapRow> gaps; // the newest, and all that are open
    std::map<std::int64_t, std::int64_t>
        minuteLots; // what we hold of the newest minutes, from gaps that wait for theirs on
};

/// A gap that was not measured when the program ended is measured by the next run, if it is no older than this.
inline constexpr base::Millis gapsResumedFor{3'600'000};

struct Recovered {
    RecoveredPaper paper;
    std::vector<StreamEnd> streams;
    bool afterCrash = false;          // the last run did not save paper's state at its end
    std::uint64_t replayedItems = 0;  // by which paper was behind the archive
    std::vector<std::string> notices; // for the operator: what could not go on as it was
};

/// How many candles a chart is given of each timeframe.
inline constexpr std::size_t chartDepth = 3'000;

/// Where the saved state is of other strategies, parameters or scales, paper begins anew at the saved number (history
/// is not traded again) and positions that nobody leads any more are closed at the newest price, as archived. Cancelled
/// if `stop` comes first; nothing is changed then. A state that an older version wrote is made anew from the archive.
/// `library`: that the pipeline goes on with; null: of what the database holds.
[[nodiscard]] base::Result<Recovered> recover(storage::Database& database, const base::PaperPolicy& policy,
                                              const std::stop_token& stop,
                                              std::shared_ptr<const trading::ModelLibrary> library = nullptr);

/// The same without reading back what it wrote: the ledger is put in order, and of `paper` only the pipeline and the
/// instruments are filled in.
[[nodiscard]] base::Result<Recovered> catchUpLedger(storage::Database& database, const base::PaperPolicy& policy,
                                                    const std::stop_token& stop,
                                                    const std::function<void(double fraction)>& progress = {},
                                                    std::shared_ptr<const trading::ModelLibrary> library = nullptr);

} // namespace qd::engines
