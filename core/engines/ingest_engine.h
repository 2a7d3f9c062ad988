// Owns the exchange's socket and what is known of each instrument's stream: numbers every accepted item, drops
// duplicates, sets late ticks apart, marks gaps and has REST asked about them (GapWatch), and hands batches to the
// store first and then to paper, so that no ledger event can be committed before its tick. Lives on the ingest thread
// (run() is its body, with a Qt event loop of its own). Fails by state: an unreachable exchange is tried again for
// ever, with back-off.
#pragma once

#include "engines/candle_backfill.h"
#include "engines/engine_messages.h"
#include "engines/gap_check.h"
#include "engines/gap_watch.h"
#include "engines/instrument_list.h"
#include "engines/meters.h"
#include "engines/recovery.h"
#include "exchange/blofin_rest.h"
#include "exchange/blofin_stream.h"
#include <QEventLoop>
#include <QTimer>

#include <map>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace qd::engines {

struct FeedAddress {
    std::string webSocket; // ws://host:port/ws/public
    std::string rest;      // http://host:port
};

struct IngestOptions {
    GapWatchOptions watch;
    BackfillOptions history;
    base::Millis silence{static_cast<std::int64_t>(base::policyDefault("feed.silence_s") * 1'000)};
};

class IngestEngine final : private exchange::FeedListener, private GapWatch::Host, private CandleBackfill::Host {
public:
    struct Links {
        StoreQueue& store;
        PaperQueue& paper;
        base::Mailbox<console::IngestSnapshot>& screen;
        EventLog& events;
        Heartbeat& pulse;
        const base::Clock& clock;
        const std::atomic<bool>& storeIsFailing;
        const base::Mailbox<Departures>* departures = nullptr; // paper's
        const std::atomic<std::int64_t>* silenceMs = nullptr;  // feed.silence_s, where it may change
        JobBoard* jobs = nullptr;                              // told of each minute's gap check
        std::atomic<std::int64_t>* nextGapCheck = nullptr;     // when the next is due, UTC ms
        const std::atomic<std::int64_t>* sleptMs = nullptr;    // so long this machine slept besides; tests let it
        const std::atomic<std::int64_t>* clockOffMs = nullptr; // health.clock_s, where it may change
    };
    IngestEngine(FeedAddress address, InstrumentList list, std::vector<StreamEnd> streams,
                 market::GapCause causeOfFirstGap, Links links, IngestOptions options = {});
    ~IngestEngine() override;

    /// Until `stop`; then closes the socket and hands over what is at hand. One call.
    void run(const std::stop_token& stop);
    /// Any thread.
    void reconnectNow();
    /// ChangeInstruments, AskOffer and SetHistoryCancelled. Any thread. False: not running.
    [[nodiscard]] bool obey(console::CommandId id, console::Command command);
    /// Where each stream stands, for an engine that takes over. After run() only.
    [[nodiscard]] std::vector<StreamEnd> streamEnds() const;
    [[nodiscard]] const InstrumentList& list() const { return list_; } // likewise

private:
    void askInstruments();
    void begin(std::vector<market::Instrument> offered);
    [[nodiscard]] std::vector<market::Instrument> choose(const std::vector<market::Instrument>& offered) const;
    // the choice of instruments and their history: ingest_instruments.cpp
    [[nodiscard]] base::Result<std::vector<market::Instrument>> identify(std::vector<market::Instrument> wanted);
    [[nodiscard]] base::Result<std::vector<std::string>> listAfter(const console::ChangeInstruments& wish) const;
    void changeInstruments(console::CommandId id, const console::ChangeInstruments& wish);
    void applyChange(console::CommandId id, const console::ChangeInstruments& wish,
                     const std::vector<market::Instrument>& offered);
    void refuse(console::CommandId id, base::Error error);
    void activate(const market::Instrument& instrument);
    void depart(LiveStream& stream);
    void watchDepartures();
    [[nodiscard]] LiveStream* activeNamed(const std::string& name);
    [[nodiscard]] std::vector<market::Instrument> activeInstruments() const;
    void askOffer(console::CommandId id);
    void showOffer(console::Offer offer);
    void setHistoryCancelled(console::CommandId id, bool isCancelled);
    [[nodiscard]] bool mayAsk() override { return watch_->spendSpare(); }
    void askMinutes(const market::Instrument& instrument, std::optional<base::UtcMs> before, int limit,
                    CandleBackfill::Answer answer) override;
    [[nodiscard]] bool toStore(StoreItem item) override { return links_.store.push(std::move(item)); }
    void show(base::InstrumentId instrument, storage::CandlesByTimeframe candles) override;
    [[nodiscard]] std::optional<base::UtcMs> ticksFrom(base::InstrumentId instrument) const override;
    void tell(console::Severity severity, const std::string& what) override;
    void onTrades(base::InstrumentId instrument, std::span<const market::Tick> ticks, base::UtcMs received) override;
    void onQuote(base::InstrumentId instrument, const market::Quote& quote, market::Price open24h,
                 base::UtcMs received) override;
    void onFunding(base::InstrumentId instrument, const market::FundingRate& rate, base::UtcMs received) override;
    void onState(exchange::LinkState state, const std::string& detail) override;
    void onMalformed(std::string_view kind, std::string_view sample) override;
    void onIdle() override { flush(); }
    void takeFill(LiveStream& stream, const market::Tick& tick) override;
    void keepGap(LiveStream& stream, const market::Gap& gap) override;
    void interrupt(market::GapCause cause, const std::string& why) override;
    [[nodiscard]] bool isSubscribed() const override { return wasSubscribed_; }
    [[nodiscard]] std::optional<base::UtcMs> exchangeNow() const override;

    void accept(LiveStream& stream, const market::Tick& tick, base::UtcMs received);
    void append(LiveStream& stream, base::UtcMs received,
                std::variant<market::Tick, market::Quote, market::LateTick, market::GapMark, market::FundingRate> what);
    void takeUp(LiveStream& stream);
    void markAll(market::GapCause cause);
    [[nodiscard]] bool isBelieved(const LiveStream& stream, const market::Tick& tick);
    void closeGap(LiveStream& stream, const market::Tick& tick, base::UtcMs received);
    void countGaps();
    void followSilence();
    void watchClocks();
    void flush();
    void flushGaps();
    void watchStore();
    [[nodiscard]] market::GapCause causeOfCut() const;
    void tick();
    void publish();

    FeedAddress address_;
    InstrumentList list_;
    market::GapCause causeOfFirstGap_;
    Links links_;
    IngestOptions options_; // its silence follows the policy

    // ingest thread only
    std::vector<StreamEnd> ends_;
    QEventLoop* loop_ = nullptr;
    std::unique_ptr<GapWatch> watch_;         // its answers come through rest_, which ends before it
    std::unique_ptr<GapCheck> check_;         // of it
    std::unique_ptr<CandleBackfill> history_; // likewise
    std::unique_ptr<exchange::BlofinRest> rest_;
    std::unique_ptr<exchange::BlofinStream> feed_;
    std::unique_ptr<QTimer> timer_;
    std::unique_ptr<QTimer> retry_;
    int failures_ = 0;
    GapWatch::Streams streams_;
    std::vector<base::InstrumentId> order_; // the active ones, as shown
    Departures departures_;                 // removed, not idle yet
    std::uint64_t departureCount_ = 0;
    std::uint64_t departuresSeen_ = 0; // version of paper's mailbox
    LiveStream* recent_ = nullptr;     // the one of the last call: bursts are of one instrument
    market::StreamBatch batch_;
    std::vector<storage::GapRow> gapRows_;   // to be stored after batch_
    std::vector<console::GapLine> gapLines_; // newest first
    exchange::ClockWatch clockWatch_;
    exchange::FutureGate futureGate_;
    exchange::SleepWatch sleepWatch_;
    bool clockWasOff_ = false;
    console::IngestSnapshot shown_;
    RateMeter rate_;
    std::uint64_t publishedTicks_ = UINT64_MAX;
    std::int64_t publishedAt_ = 0;
    std::map<std::pair<std::int64_t, std::int64_t>, market::Gap>
        gapsOfDay_;      // and of the days before; by instrument and number
    base::UtcMs gapDay_; // that they are counted for
    bool hasNewGaps_ = true;
    bool wasSubscribed_ = false;
    bool isWaitingForStore_ = false;
    std::int64_t storeFailedAt_ = 0; // our clock, ms; when the store was last seen failing
    bool isStopping_ = false;

    std::mutex hop_;
    QObject* context_ = nullptr; // guarded by hop_: where other threads' calls go
};

} // namespace qd::engines
