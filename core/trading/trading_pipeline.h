// Ticks in, ledger events out: candles, strategies and the paper broker of any number of instruments. The one pipeline
// of live, restart and replay. Pure: no clock, no thread, no file. One thread at a time; instruments do not touch each
// other, so replay may run one pipeline an instrument on as many threads as it likes and get the same ledger. Source:
// PRODUCT.md, Paper trading that does not flatter.
#pragma once

#include "base/policy.h"
#include "market/candle_history.h"
#include "market/instrument.h"
#include "trading/closed_trade.h"
#include "trading/execution_charge.h"
#include "trading/recorded_input.h"
#include "trading/strategy_catalogue.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::trading {

class InstrumentPipeline; // trading/instrument_pipeline.h

class TradingPipeline {
public:
    /// Runs every strategy of the catalogue with its default parameters, or only those named in `only`.
    /// `library`: of the models that may serve; without one strategies that ask a model are silent.
    explicit TradingPipeline(base::PaperPolicy policy, std::vector<std::string> only = {},
                             std::shared_ptr<const ModelLibrary> library = nullptr);
    ~TradingPipeline();
    TradingPipeline(TradingPipeline&&) noexcept;
    TradingPipeline& operator=(TradingPipeline&&) noexcept;

    /// Requires a new id. historyDepth: candles kept for each timeframe beyond what the strategies need (for charts).
    void addInstrument(const market::Instrument& instrument, std::size_t historyDepth = 0);

    /// The switch of a strategy, effective with the next item of each instrument. Off is shadow: it trades on, and new
    /// positions are marked inShadow. Unknown names are ignored.
    void setEnabled(const std::string& strategy, bool enabled);
    /// The same for one instrument only, as replay reads it back from the recorded inputs.
    void setEnabled(InstrumentId instrument, const std::string& strategy, bool enabled);

    /// The parameters of a strategy (ParameterSet::text()), effective like a switch: what it decides from then on bears
    /// their hash; what is open keeps its own exits. NotFound, Malformed or OutOfRange leave them as they were.
    [[nodiscard]] base::Result<void> setParameters(const std::string& strategy, const std::string& text);
    /// Those in force on one instrument, as text; empty where the strategy does not run.
    [[nodiscard]] std::string parameters(InstrumentId instrument, std::string_view strategy) const;
    [[nodiscard]] bool isEnabled(InstrumentId instrument, std::string_view strategy) const;
    /// False once it was archived (InputKind::Runs), or where it does not run.
    [[nodiscard]] bool runs(InstrumentId instrument, std::string_view strategy) const;
    /// What of the policy it was made with is changed (InputKind::Policy), as base::paperPolicyText().
    [[nodiscard]] std::string policy(InstrumentId instrument) const;
    /// The models that serve on one instrument (InputKind::Model): text(ModelName) by key ("gbt_5m").
    [[nodiscard]] std::map<std::string, std::string> models(InstrumentId instrument) const;
    /// text(ModelName), on every instrument that is there; empty: none serves. Malformed leaves all as it was.
    [[nodiscard]] base::Result<void> setModel(const std::string& key, const std::string& model);
    /// Why a strategy cannot speak on that instrument at present, for the operator; empty while it can.
    [[nodiscard]] std::string silence(InstrumentId instrument, std::string_view strategy) const;

    /// What market orders are charged in the pessimistic band, on every instrument that is there.
    void setCharge(const ExecutionCharge& charge);
    /// Archived (false) or not, and base::paperPolicyText(), likewise on every instrument that is there. An error
    /// leaves the policy as it was.
    void setRuns(std::string_view strategy, bool runs);
    [[nodiscard]] base::Result<void> setPolicy(const std::string& text);
    /// Paused, signals are kept as NotTraded::Paused; what is open runs on. Effective like a switch.
    void setPaused(bool paused);
    /// Ends every position and order of a strategy at the next quote or tick (ExitReason::Archived). Once: what the
    /// strategy signals later trades as before, so an archived one is kept from running (InputKind::Runs).
    void closeAll(const std::string& strategy);
    /// The arms on that instrument that take entries, by their names in the ledger: what their start was recorded with
    /// (RecordedInput::parameters, trading/arm.h).
    [[nodiscard]] std::map<std::string, std::string> arms(InstrumentId instrument) const;
    /// One of these inputs for one instrument only, as it was recorded. Parameters, calibrations, policy, arms and
    /// models can be refused: by another version of the rules.
    base::Result<void> apply(InstrumentId instrument, const RecordedInput& input);

    /// Feeds one item and appends what follows from it. Items of an instrument come in growing stream number.
    /// Broker first (fills, stops, targets on this tick), then candles, then the strategies that a close concerns.
    /// An item of an instrument that was not added is ignored.
    void feed(const market::StreamItem& item, LedgerEvents& out);

    // What charts and figures read; owned by the pipeline, valid until the next feed().
    [[nodiscard]] const market::CandleHistory* history(InstrumentId instrument, market::Timeframe timeframe) const;
    [[nodiscard]] std::optional<market::Candle> forming(InstrumentId instrument, market::Timeframe timeframe) const;
    [[nodiscard]] std::vector<OpenPosition> openPositions() const;
    /// False once it was removed (InputKind::Entries): what is open runs to its own end.
    [[nodiscard]] bool isPaused(InstrumentId instrument) const;
    [[nodiscard]] bool takesEntries(InstrumentId instrument) const;
    /// Nothing is ordered or open on it.
    [[nodiscard]] bool isIdle(InstrumentId instrument) const;
    /// Newest stream number fed; 0 before the first.
    [[nodiscard]] StreamNumber fed(InstrumentId instrument) const;

    /// Exact state of one instrument (candles, indicators, orders, positions, switches) up to fed(). Not the chart
    /// history.
    [[nodiscard]] std::string save(InstrumentId instrument) const;
    /// Requires addInstrument() before and nothing fed. Damaged for bytes that save() did not make or that another set
    /// of strategies or parameters made, Unsupported for a layout or feature sets of another version: what it stood for
    /// can be made anew from the stream. The instrument is then as new.
    [[nodiscard]] base::Result<void> restore(InstrumentId instrument, const std::string& bytes);
    /// Where there is nothing to restore from: the instrument's stream goes on behind this number.
    void beginAt(InstrumentId instrument, StreamNumber number);

private:
    [[nodiscard]] InstrumentPipeline* find(InstrumentId id) const;
    void put(InstrumentId id, std::unique_ptr<InstrumentPipeline> pipeline);

    std::map<InstrumentId, std::unique_ptr<InstrumentPipeline>> instruments_;
    std::vector<InstrumentPipeline*> indexed_; // the same by id, where ids are small
    base::PaperPolicy policy_;
    std::vector<std::string> only_;
    std::shared_ptr<const ModelLibrary> library_;
    std::map<std::string, bool> switches_;          // for instruments that are added later
    std::map<std::string, std::string> parameters_; // likewise, as text
    bool isPaused_ = false;                         // likewise
};

/// SHA-256 over closed trades and not-traded signals as CSV in exact decimals without row ids, sorted by (instrument
/// name, strategy, decision's stream number). Does not depend on the order of `events`.
[[nodiscard]] std::string ledgerHash(const std::vector<ClosedTrade>& trades, const std::vector<UntradedSignal>& signals,
                                     const std::map<InstrumentId, market::Instrument>& instruments);

/// The CSV of `export trades` and `export signals`, one line each without line end; headers likewise. Exact decimals.
[[nodiscard]] std::string tradeCsvHeader();
[[nodiscard]] std::string tradeCsv(const ClosedTrade& trade, const market::Instrument& instrument);
[[nodiscard]] std::string signalCsvHeader();
[[nodiscard]] std::string signalCsv(const UntradedSignal& signal, const market::Instrument& instrument);
/// The same lines behind what `to` holds.
void appendTradeCsv(const ClosedTrade& trade, const market::Instrument& instrument, std::string& to);
void appendSignalCsv(const UntradedSignal& signal, const market::Instrument& instrument, std::string& to);

} // namespace qd::trading
