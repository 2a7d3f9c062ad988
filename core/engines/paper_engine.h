// Runs the trading pipeline on the stream that ingest numbers. run() is the paper thread's body. What it learns goes to
// the store first; the screen sees it only once the store has acknowledged it. State is saved every 60 s and at the
// end, with the stream numbers that it covers.
#pragma once

#include "engines/engine_messages.h"
#include "engines/ledger_view.h"
#include "engines/meters.h"
#include "engines/model_shelf.h"
#include "engines/recovery.h"
#include "market/candle_history.h"

#include <atomic>
#include <deque>
#include <functional>
#include <map>

namespace qd::engines {

class PaperEngine {
public:
    struct Links {
        PaperQueue& queue;
        PaperCommands& commands;
        StoreQueue& store;
        const std::atomic<std::uint64_t>& acknowledged; // the store's
        base::Mailbox<console::PaperSnapshot>& screen;
        base::Mailbox<console::ChartSnapshot>& chart;
        EventLog& events;
        Heartbeat& pulse;
        const base::Clock& clock;
        const std::atomic<bool>& storeIsFailing;                      // what is decided now may never be kept
        std::optional<console::WatchChart> watch;                     // what the screen looked at before this engine
        base::Mailbox<Departures>* departures = nullptr;              // for ingest
        std::function<void(const market::StreamBatch&)> decided = {}; // told when a batch is worked off
        ModelShelf* shelf = nullptr; // where the pipeline's library looks: versions that a decision adds go there first
        std::atomic<std::int64_t>* silenceMs = nullptr;  // for ingest: feed.silence_s as it is committed
        std::atomic<std::int64_t>* clockOffMs = nullptr; // likewise health.clock_s
    };
    /// `sequence`: of the newest batch that an engine before this one handed to the store; `departing`: the removed
    /// instruments that it had been told of.
    PaperEngine(RecoveredPaper start, const base::PaperPolicy& policy, Links links, std::uint64_t sequence,
                Departures departing = {});

    /// Until the queue is closed and drained; then saves its state.
    void run();
    [[nodiscard]] std::uint64_t sequence() const { return sequence_; }
    [[nodiscard]] const Departures& departing() const { return departing_; }

private:
    /// What a decision changes of what is shown.
    struct Decided {
        std::vector<storage::SavedRow> rows;
        std::shared_ptr<const console::PolicyView> policy; // null: as before
        std::vector<storage::SwitchInput> inputs;
    };
    struct Unacknowledged {
        std::uint64_t sequence;
        std::shared_ptr<const trading::LedgerEvents> events;
        std::optional<Decided> decided{};
    };

    void take(PaperItem& item);
    void takeInstruments(const PaperInstruments& told);
    void countDefaults();
    void takeCalibration(const PaperCalibration& told);
    void tend();
    void followStore();
    void record(std::vector<storage::SwitchInput> inputs);
    void setTakesEntries(base::InstrumentId instrument, bool takesEntries);
    void tellDepartures();
    void addInstrument(const market::Instrument& instrument);
    [[nodiscard]] bool concernsWatched(const trading::LedgerEvent& event) const;
    void feed(const market::StreamBatch& batch);
    void followPace(base::UtcMs wall);
    void obey(const PaperCommand& command);
    // decisions: paper_decisions.cpp
    [[nodiscard]] base::Result<CarryOut> wanted(const console::SetStrategyEnabled& wish) const;
    [[nodiscard]] base::Result<CarryOut> wanted(const console::SetStrategiesEnabled& wish) const;
    [[nodiscard]] base::Result<CarryOut> wanted(const console::SetParameters& wish) const;
    [[nodiscard]] base::Result<CarryOut> wanted(const console::SetPolicy& wish) const;
    [[nodiscard]] base::Result<governance::RosterRow> rowOf(const std::string& strategy) const;
    [[nodiscard]] governance::Decision decision(std::vector<governance::Change> changes, const std::string& why,
                                                std::string evidence) const;
    void carryOut(console::CommandId id, const CarryOut& wish);
    void closePosition(console::CommandId id, const console::ClosePosition& wish);
    void answer(console::CommandId id, const DecisionAnswer& answer, const base::Error& error);
    void showDecided(const Decided& decided);
    void recordWhatHolds(const market::Instrument& instrument);
    void handOver(bool withStates);
    void showAcknowledged();
    void showCandle(const trading::CandleClosed& closed);
    void publish(bool force);
    [[nodiscard]] std::string silenceOf(const std::string& strategy) const;
    void publishChart();

    Links links_;
    trading::TradingPipeline pipeline_;
    std::vector<market::Instrument> instruments_;
    LedgerView view_;
    const base::PaperPolicy standard_; // that pipelines are made with; what is decided lies in inForce_
    InForce inForce_;
    std::shared_ptr<const console::PolicyView> shownPolicy_;
    Departures departing_; // removed instruments; what is open on them runs on
    Departures toldIdle_;
    std::map<std::pair<base::InstrumentId, market::Timeframe>, market::CandleHistory> candles_;

    trading::LedgerEvents events_; // of the batch in work
    std::vector<storage::SavedEquity> equity_;
    std::deque<Unacknowledged> waiting_;
    std::uint64_t sequence_;
    base::UtcMs newest_; // exchange time
    std::map<base::InstrumentId, market::Price> last_;

    // the watched chart
    base::InstrumentId watched_;
    market::Timeframe watchedTimeframe_ = market::Timeframe::M5;
    std::shared_ptr<const std::vector<market::Candle>> watchedCandles_;
    std::uint64_t watchedRevision_ = 0;
    std::shared_ptr<const std::vector<console::TradeMark>> watchedMarks_;
    bool marksStale_ = true;

    RateMeter rate_;
    LagMeter lag_;
    bool isLive_ = false;    // exchange time goes on at the clock's pace
    base::UtcMs paceWall_;   // when that was last looked at
    base::UtcMs paceTime_;   // and the newest exchange time then
    double spentMicros_ = 0; // in feed(), over the window of spentTicks_
    std::uint64_t spentTicks_ = 0;
    double microsPerTick_ = 0;
    SteadyTime spentSince_;
    SteadyTime savedAt_;
    SteadyTime tendedAt_;
    std::vector<base::InstrumentId> ticked_; // of the batch in work
    SteadyTime published_;
    bool changed_ = true;
};

} // namespace qd::engines
