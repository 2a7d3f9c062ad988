// An exchange of our own on 127.0.0.1 that speaks BLOFIN.md: public WebSocket (subscribe, acks, error 60012, text ping
// and pong; trades, tickers, candle<bar>, books5, books, funding-rate) and REST (instruments, trades, candles, tickers,
// books, mark-price, funding-rate and its history). It makes a market (market_simulator.h) or plays recorded trades
// (csv_trades.h), and fails on request (loopback_faults.h). Made, used and ended on one thread with a Qt event loop.
// Memory is bounded: the market waits for its slowest subscriber, and one that takes nothing for 30 s is dropped.
// Fails: listen() by Result (Busy: the port is taken; what csv_trades says of a file; Io: the log); a file that turns
// bad while it plays ends there with failed().
#pragma once

#include "base/error.h"
#include "base/utc_time.h"
#include "exchange/loopback_faults.h"
#include "market/instrument.h"

#include <QtCore/QObject>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qd::exchange {

/// One file of recorded trades and the instrument it is played as. Prices and sizes must fit the instrument's scales.
struct RecordedTrades {
    std::string path;
    market::Instrument instrument;
};

/// What became of a trade that the market made: given to those who had subscribed (which a broken or stalled connection
/// may still have missed), held back by a fault and given later, never given, or nobody had subscribed.
enum class TradeFate : std::uint8_t { Pushed, Lost, Late, Unasked };
[[nodiscard]] std::string_view name(TradeFate fate); // "pushed", "lost", "late", "unasked"

struct MadeTrade {
    const market::Instrument& instrument;
    market::Tick tick; // as REST tells it
    TradeFate fate;
};

struct LoopbackOptions {
    std::uint16_t port = 0;                // of the WebSocket; 0: any free one
    std::optional<std::uint16_t> restPort; // REST on a port of its own (0: any); without it REST answers on `port` too

    // Source: recorded files when there are any, else the simulated market.
    std::vector<RecordedTrades> recorded;
    std::uint64_t seed = 1;
    std::vector<market::Instrument> instruments;  // of the simulated market; empty: the 20 defaults
    std::map<std::string, double> startPrices;    // simulated: by instrument's name, instead of the built-in ones
    std::map<std::string, std::int64_t> firstIds; // simulated: likewise, of the first trade: the market goes on
    double rate = 1;                              // simulated: this many times the usual trades
    double edge = 0;                              // simulated: a momentum edge for tests (market_simulator.h)

    // Time. The market begins 50 ms after the first subscriptions to trades; at speed 0 a recorded instrument waits for
    // a subscriber of its own.
    /// 1: the wall clock's pace, N: N times that, 0: as fast as the sockets take it.
    double speed = 1;
    /// Simulated: the market's clock begins here (default: now less `history`), runs as fast as the sockets take it
    /// until it has caught up with the wall clock, and goes on at `speed` (at speed 0 it never stops).
    std::optional<base::UtcMs> startAt;
    base::Millis history{0};
    /// Recorded: shifts all files' times by one amount, so that the earliest trade is now.
    bool stampNow = false;
    /// Also decides silence (30 s), limits and faults that come by time.
    std::shared_ptr<const base::Clock> clock = std::make_shared<base::SystemClock>();

    // What goes wrong, by `seed`; and whether the exchange bans as BloFin does: REST answers 429 from the 501st request
    // of a minute (the 1,501st of 5) on, then 403 for 5 minutes (an hour), and a second WebSocket within a second is
    // closed at once.
    LoopbackFaults faults;
    bool limits = false;

    // The honest book: each trade made, in order, on the exchange's thread; and the same as a CSV file
    // (loopback_log.h).
    std::function<void(const MadeTrade&)> onMade;
    std::string logFile;
};

struct LoopbackFigures {
    std::int64_t trades = 0;   // that the market made
    std::int64_t pushes = 0;   // frames sent to subscribers
    std::int64_t requests = 0; // of REST
    std::int64_t refused = 0;  // requests and connections over the limits
    int clients = 0;
    base::UtcMs marketTime; // of the newest event, as told
    FaultCounts faults;
};

class LoopbackExchange final : public QObject {
    Q_OBJECT
public:
    explicit LoopbackExchange(LoopbackOptions options, QObject* parent = nullptr);
    ~LoopbackExchange() override;

    /// Opens the log and the ports and, for recorded files, looks into each. Once.
    [[nodiscard]] base::Result<void> listen();
    [[nodiscard]] std::uint16_t wsPort() const;
    [[nodiscard]] std::uint16_t restPort() const;
    [[nodiscard]] const std::vector<market::Instrument>& instruments() const;
    [[nodiscard]] LoopbackFigures figures() const;
    /// Closes every client's connection, as a fault would; the ports stay open.
    void dropClients();

Q_SIGNALS:
    /// All recorded files have been played and every byte of them handed to the sockets.
    void finished();
    void failed(const QString& what);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace qd::exchange
