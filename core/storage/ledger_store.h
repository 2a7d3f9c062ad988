// Ledger events, open positions, paper's saved state, equity and the inputs that replay needs, in their tables. Writes
// happen within the caller's transaction on the writer's connection; reads work on any. Rows keep the scales they were
// written with and come back at the instrument's present ones, or not at all (NotOnScale): nothing is rounded.
#pragma once

#include "storage/candle_store.h"
#include "storage/gap_store.h"
#include "storage/import_store.h"
#include "storage/instrument_store.h"
#include "trading/closed_trade.h"
#include "trading/recorded_input.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

/// A recorded input (trading/recorded_input.h) as one instrument's stream saw it: in force from the item after
/// `number`.
struct SwitchInput {
    InstrumentId instrument;
    StreamNumber number;
    std::string strategy;
    bool enabled = true;
    trading::InputKind kind = trading::InputKind::Strategy;

    std::string parameters{}; // of kind Parameters

    [[nodiscard]] trading::RecordedInput recorded() const { return {number, kind, strategy, enabled, parameters}; }
};

struct SwitchState {
    std::string strategy;
    bool enabled = true;
    UtcMs since;
    std::string by; // "operator", "policy"
    std::string reason;
};

/// Of the roster: its capital at that time, and all that it had gained.
struct SavedEquity {
    UtcMs time;
    base::Money equity;
    base::Money capital;
};

struct LedgerCounts {
    std::uint64_t trades = 0; // closed
    std::uint64_t open = 0;
    std::uint64_t signals = 0; // not traded
};

class LedgerStore {
public:
    explicit LedgerStore(Database& database) : database_(database) {}

    // Idempotent: the same event twice leaves one row (a crash may replay what was committed already).
    [[nodiscard]] base::Result<void> apply(const trading::LedgerEvent& event);
    [[nodiscard]] base::Result<std::vector<trading::OpenPosition>> openPositions();
    /// Without those of arms of experiments.
    [[nodiscard]] base::Result<std::vector<trading::OpenPosition>> rosterPositions();
    [[nodiscard]] base::Result<std::vector<trading::ClosedTrade>> trades(TimeRange exitTime = {}); // by exit time
    [[nodiscard]] base::Result<std::vector<trading::UntradedSignal>> signals(TimeRange decisionTime = {});

    [[nodiscard]] base::Result<LedgerCounts> counts();

    [[nodiscard]] base::Result<void> saveState(InstrumentId instrument, StreamNumber number, const std::string& bytes);
    [[nodiscard]] base::Result<std::optional<std::pair<StreamNumber, std::string>>> loadState(InstrumentId instrument);

    [[nodiscard]] base::Result<void> addEquity(const SavedEquity& point); // the same time again replaces
    [[nodiscard]] base::Result<std::vector<SavedEquity>> equity(UtcMs from);

    [[nodiscard]] base::Result<void> addSwitch(const SwitchState& state, const std::vector<SwitchInput>& inputs);
    /// Inputs that are no strategy's switch: a pause, its end, an archiving, parameters.
    [[nodiscard]] base::Result<void> addInputs(const std::vector<SwitchInput>& inputs);
    /// The present state of each that was ever switched as a whole.
    [[nodiscard]] base::Result<std::vector<SwitchState>> switches();
    [[nodiscard]] base::Result<std::vector<SwitchInput>> switchInputs(InstrumentId instrument); // by number
    /// The parameters that each strategy was given last, as text; those never changed are not there.
    [[nodiscard]] base::Result<std::map<std::string, std::string>> parameters();

    [[nodiscard]] base::Result<void> addGap(const GapRow& gap);
    [[nodiscard]] base::Result<std::vector<GapRow>> gaps(TimeRange range = {});

private:
    Database& database_;
};

} // namespace qd::storage
