// Ledger events, open positions, paper's saved state, equity and the inputs that replay needs, in their tables. Writes
// happen within the caller's transaction on the writer's connection; reads work on any.
#pragma once

#include "market/instrument.h"
#include "storage/tick_archive.h"
#include "trading/closed_trade.h"

#include <optional>
#include <string>
#include <vector>

namespace qd::storage {

/// instruments: rows by id; scales as decimal text.
class InstrumentStore {
public:
    explicit InstrumentStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<std::vector<market::Instrument>> all();
    /// By name. A new name gets a new id; a known one keeps its id and takes the new scales (old blocks keep their own).
    [[nodiscard]] base::Result<market::Instrument> put(market::Instrument instrument);

private:
    Database& database_;
};

/// A switch of a strategy as one instrument's stream saw it: in force from the item after `number`.
struct SwitchInput {
    InstrumentId instrument;
    StreamNumber number;
    std::string strategy;
    bool enabled = true;
};

struct SwitchState {
    std::string strategy;
    bool enabled = true;
    UtcMs since;
    std::string by;  // "operator", "policy"
    std::string reason;
};

struct SavedEquity {
    UtcMs time;
    base::Money equity;
};

struct GapRow {
    InstrumentId instrument;
    StreamNumber number;
    UtcMs from;
    UtcMs to;
    market::GapCause cause = market::GapCause::Socket;
};

class LedgerStore {
public:
    explicit LedgerStore(Database& database) : database_(database) {}

    // Idempotent: the same event twice leaves one row (a crash may replay what was committed already).
    [[nodiscard]] base::Result<void> apply(const trading::LedgerEvent& event);
    [[nodiscard]] base::Result<std::vector<trading::OpenPosition>> openPositions();
    [[nodiscard]] base::Result<std::vector<trading::ClosedTrade>> trades(TimeRange exitTime = {});      // by exit time
    [[nodiscard]] base::Result<std::vector<trading::UntradedSignal>> signals(TimeRange decisionTime = {});

    [[nodiscard]] base::Result<void> saveState(InstrumentId instrument, StreamNumber number, const std::string& bytes);
    [[nodiscard]] base::Result<std::optional<std::pair<StreamNumber, std::string>>> loadState(InstrumentId instrument);

    [[nodiscard]] base::Result<void> addEquity(const SavedEquity& point);  // the same time again replaces
    [[nodiscard]] base::Result<std::vector<SavedEquity>> equity(UtcMs from);

    [[nodiscard]] base::Result<void> addSwitch(const SwitchState& state, const std::vector<SwitchInput>& inputs);
    [[nodiscard]] base::Result<std::vector<SwitchState>> switches();  // the present state of each that was ever switched
    [[nodiscard]] base::Result<std::vector<SwitchInput>> switchInputs(InstrumentId instrument);  // by number

    [[nodiscard]] base::Result<void> addGap(const GapRow& gap);
    [[nodiscard]] base::Result<std::vector<GapRow>> gaps(TimeRange range = {});

private:
    Database& database_;
};

/// Closed candles, in blocks like the ticks: those the pipeline made, and imported or back-filled ones.
class CandleStore {
public:
    explicit CandleStore(Database& database);
    ~CandleStore();
    /// Within the caller's transaction; candles in growing start order, later ones only (an equal or earlier start that is
    /// there already is skipped, so that a replay after a crash adds nothing).
    [[nodiscard]] base::Result<void> append(InstrumentId instrument, market::Timeframe timeframe,
                                            std::span<const market::Candle> candles);
    /// Oldest first; at most `limit`, the newest of the range.
    [[nodiscard]] base::Result<std::vector<market::Candle>> read(InstrumentId instrument, market::Timeframe timeframe,
                                                                 TimeRange range, std::size_t limit);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// An imported source: the hash of its decompressed bytes, so that a second import of the same file adds nothing.
struct ImportSource {
    std::string hash;
    std::string kind;  // "ticks" or "candles 1m" …
    InstrumentId instrument;
    UtcMs first;
    UtcMs last;
    std::uint64_t rows = 0;
    UtcMs importedAt;
};

class ImportStore {
public:
    explicit ImportStore(Database& database) : database_(database) {}
    [[nodiscard]] base::Result<std::vector<ImportSource>> sources(InstrumentId instrument);
    [[nodiscard]] base::Result<void> add(const ImportSource& source);

private:
    Database& database_;
};

}  // namespace qd::storage
