// One instrument's part of TradingPipeline: its candles, strategies and broker. Pure; one thread at a time; owned by
// TradingPipeline. A tick goes to the broker first, then to the candles; when it closes some, every strategy that reads
// one of their timeframes is told of all of them, by end of bucket and smallest first, and is then asked once: what it
// answers is decided at this tick. A signal on a candle that touches a gap is kept as NotTraded::Gap; one whose tick
// ends a silence of more than feed.silence_s (no tick, no quote) as StaleData: it should have been decided when its
// candles ended, and nobody saw the market since. The rows of features that models are asked with are made of all
// closed candles, whether one asks or not; what an expired model says is kept as ModelExpired.
#pragma once

#include "market/candle_builder.h"
#include "market/candle_history.h"
#include "trading/arm.h"
#include "trading/paper_broker.h"
#include "trading/strategy_catalogue.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace qd::trading {

class InstrumentPipeline {
public:
    InstrumentPipeline(const market::Instrument& instrument, const base::PaperPolicy& policy,
                       const std::vector<std::string>& only, std::size_t historyDepth,
                       std::shared_ptr<const ModelLibrary> library);

    void feed(const market::StreamItem& item, LedgerEvents& out);
    void setEnabled(const std::string& strategy, bool enabled);
    /// What ParameterSet::text() wrote, in force from the next item on. An error leaves them as they were.
    [[nodiscard]] base::Result<void> setParameters(const std::string& strategy, std::string_view text);
    /// Those in force, as text; empty where the strategy does not run here.
    [[nodiscard]] std::string parameters(std::string_view strategy) const;
    [[nodiscard]] bool isEnabled(std::string_view strategy) const;
    /// What does not run hears the market, and says nothing.
    void setRuns(std::string_view strategy, bool runs);
    [[nodiscard]] bool runs(std::string_view strategy) const;
    /// base::paperPolicyText(), in force from the next item on; what it leaves out is as it was made with. An error
    /// leaves all as it was.
    [[nodiscard]] base::Result<void> setPolicy(const std::string& text);
    [[nodiscard]] const std::string& policy() const { return policyText_; }
    /// The model of that key ("gbt_5m") that serves from the next item on; empty: none. What no strategy here may ask
    /// is left out. One that cannot be asked is in force all the same: its strategy is silent, and says why.
    void setModel(const std::string& key, std::optional<ModelName> model);
    /// Those in force, text(ModelName) by key.
    [[nodiscard]] std::map<std::string, std::string> models() const;
    /// Strategy::silence() of one that runs here; empty else.
    [[nodiscard]] std::string silence(std::string_view strategy) const;
    void setPaused(bool paused) { broker_.setPaused(paused); }
    void setCharge(const ExecutionCharge& charge) { broker_.setCharge(charge); }
    void closeAll(const std::string& strategy);
    /// InputKind::Arm. A strategy that does not run here has no arm either.
    [[nodiscard]] base::Result<void> applyArm(const RecordedInput& input);
    /// Those that take entries, as TradingPipeline tells them.
    [[nodiscard]] std::map<std::string, std::string> arms() const;
    [[nodiscard]] bool isPaused() const { return broker_.isPaused(); }
    void setTakesEntries(bool takesEntries) { broker_.setTakesEntries(takesEntries); }
    [[nodiscard]] bool takesEntries() const { return broker_.takesEntries(); }
    [[nodiscard]] bool isIdle() const { return broker_.isIdle(); }

    [[nodiscard]] const market::Instrument& instrument() const { return instrument_; }
    [[nodiscard]] std::size_t historyDepth() const { return historyDepth_; }
    [[nodiscard]] StreamNumber fed() const { return fed_; }
    /// Of a new one: what the stream holds up to this number is not fed to it.
    void beginAt(StreamNumber number) { fed_ = number; }
    [[nodiscard]] const market::CandleHistory& history(market::Timeframe timeframe) const;
    [[nodiscard]] std::optional<market::Candle> forming(market::Timeframe timeframe) const;
    void appendPositions(std::vector<OpenPosition>& out) const { broker_.appendPositions(out); }

    [[nodiscard]] std::string save() const;
    /// Damaged, or Unsupported for a layout or feature sets of another version, leave the object half read: throw it
    /// away.
    [[nodiscard]] base::Result<void> restore(std::string_view bytes);

private:
    struct Closed {
        UtcMs end;
        market::Timeframe timeframe;
        market::Candle candle;
    };

    void onTick(const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    void closeCandles(const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    struct ArmRow {
        std::string ledgerName;
        ArmWish wish;
        StrategyRunner runner;
        std::shared_ptr<const ModelAtHand> model; // that it asks: its own (wish), or that of its strategy
        bool isEnding = false;                    // no new entries
        std::int64_t day = 0;                     // of a split: that `asked` counts
        std::uint64_t asked = 0;
        ExecutionCharge charge; // as it began: what is learned of execution meanwhile reaches neither arm
    };
    /// What the candles that close now are for one strategy.
    struct Heard {
        std::optional<UtcMs> bar; // the end of the newest it reads; empty: they do not concern it
        std::array<bool, market::allTimeframes.size()> touchesGap{}; // newest candle of each timeframe
    };

    void tellClosed();
    static void tell(const StrategyRunner& runner, const Closed& closed, Heard& heard);
    void decide(const StrategyRunner& runner, std::size_t row, const ModelAtHand* model, const market::Tick& tick,
                StreamNumber number, LedgerEvents& out);
    [[nodiscard]] std::shared_ptr<const ModelAtHand> modelOf(const StrategyInfo& info) const;
    [[nodiscard]] base::Result<void> startArm(const ArmWish& wish, const ExecutionCharge& charge);
    void freezeCharges();
    void askArms(const market::Tick& tick, StreamNumber number, LedgerEvents& out);
    [[nodiscard]] bool takes(ArmRow& arm, UtcMs bar, LedgerEvents& out) const;
    void tellAsked(ArmRow& arm, LedgerEvents& out) const;
    void saveModels(base::StateWriter& a) const;
    [[nodiscard]] base::Result<void> restoreModels(base::StateReader& a);
    void saveArms(base::StateWriter& a) const;
    [[nodiscard]] base::Result<void> restoreArms(base::StateReader& a);
    [[nodiscard]] bool isStale(UtcMs now) const;
    void setNextClose();

    market::Instrument instrument_;
    std::size_t historyDepth_;
    std::string fingerprint_;    // of all that a saved state must agree with
    base::PaperPolicy standard_; // that it was made with
    std::string policyText_;     // what of it is changed
    base::Millis silence_;
    base::Millis modelExpiry_;
    std::shared_ptr<const ModelLibrary> library_;                      // null: no model can be asked
    std::unique_ptr<FeatureRows> rows_;                                // null without a library
    std::map<std::string, std::shared_ptr<const ModelAtHand>> models_; // in force, by key
    std::vector<StrategyRunner> runners_;                              // in the order of the broker's rows
    std::vector<bool> runs_;                                           // likewise
    std::vector<std::shared_ptr<const ModelAtHand>> serves_;           // likewise; null: none
    std::vector<ArmRow> arms_;                                         // of its rows behind them
    PaperBroker broker_;
    std::array<market::CandleBuilder, market::allTimeframes.size()> builders_;
    std::array<market::CandleHistory, market::allTimeframes.size()> histories_;
    UtcMs nextClose_{INT64_MIN}; // the first tick at or after it closes a candle
    StreamNumber fed_;
    UtcMs newest_{INT64_MIN};                 // time of the newest tick or quote
    std::vector<Closed> closed_;              // scratch, kept so that closing allocates nothing
    std::vector<Heard> heard_;                // scratch: of the runners, then of the arms
    std::vector<market::Candle> closedOfOne_; // scratch
};

} // namespace qd::trading
