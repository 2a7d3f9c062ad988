// An exchange of our own on 127.0.0.1 that speaks BLOFIN.md: public WebSocket (subscribe, acks, error 60012, text ping
// and pong; trades, tickers, candle<bar>) and REST (instruments, trades, candles, tickers). It makes a market
// (market_simulator.h) or plays recorded trades (csv_trades.h). Made, used and ended on one thread with a Qt event
// loop. Memory is bounded: the market waits for its slowest subscriber, and one that takes nothing for 30 s is dropped.
// Fails: listen() by Result (Busy: the port is taken; what csv_trades says of a file); a file that turns bad while it
// plays ends there with failed().
#pragma once

#include "base/error.h"
#include "base/utc_time.h"
#include "market/instrument.h"

#include <QtCore/QObject>

#include <cstdint>
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

struct LoopbackOptions {
    std::uint16_t port = 0;                // of the WebSocket; 0: any free one
    std::optional<std::uint16_t> restPort; // REST on a port of its own (0: any); without it REST answers on `port` too

    // Source: recorded files when there are any, else the simulated market.
    std::vector<RecordedTrades> recorded;
    std::uint64_t seed = 1;
    std::vector<market::Instrument> instruments; // of the simulated market; empty: the 20 defaults
    std::map<std::string, double> startPrices;   // simulated: by instrument's name, instead of the built-in ones

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
    std::shared_ptr<const base::Clock> clock = std::make_shared<base::SystemClock>();
};

struct LoopbackFigures {
    std::int64_t trades = 0;   // that the market made
    std::int64_t pushes = 0;   // frames sent to subscribers
    std::int64_t requests = 0; // of REST
    int clients = 0;
    base::UtcMs marketTime; // of the newest event
};

class LoopbackExchange final : public QObject {
    Q_OBJECT
public:
    explicit LoopbackExchange(LoopbackOptions options, QObject* parent = nullptr);
    ~LoopbackExchange() override;

    /// Opens the ports and, for recorded files, looks into each. Once.
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
