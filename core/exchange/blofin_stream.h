// MarketFeed over BloFin's public WebSocket: subscribes in batches under 4,096 bytes, pings as text, reconnects with
// back-off and jitter. Made, used and ended on one thread with a Qt event loop (ingest); the listener is called there.
// Fails: never. A refused subscription, a malformed frame and a lost connection are told to the listener, and it goes
// on.
#pragma once

#include "base/utc_time.h"
#include "exchange/blofin_messages.h"
#include "exchange/market_feed.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtWebSockets/QWebSocket>

#include <deque>
#include <memory>
#include <random>

namespace qd::exchange {

struct StreamOptions {
    QUrl url; // ws:// or wss://, e.g. wss://openapi.blofin.com/ws/public
    std::string userAgent = "Quarterdeck/0.1";
    base::Millis pingEvery{17'000};    // BLOFIN.md §2.3: 15–20 s
    base::Millis pongWithin{10'000};   // no pong by then: reconnect
    base::Millis answerWithin{10'000}; // a handshake or a subscribe request without answer by then: reconnect
    base::Millis firstBackoff{1'000};  // also the least time between two connections (1 a second per address)
    base::Millis mostBackoff{30'000};
    base::Millis refusedBackoff{10'000}; // least wait after a handshake answered with 403 or 429
    std::uint64_t jitterSeed = 0;        // 0: from the system
    std::shared_ptr<const base::Clock> clock = std::make_shared<base::SystemClock>(); // stamps `received`
};

/// Counts since the object was made.
struct StreamFigures {
    std::int64_t frames = 0;
    std::int64_t malformed = 0;
    std::int64_t connections = 0;
    std::int64_t refusedTopics = 0;
};

class BlofinStream final : public QObject, public MarketFeed {
    Q_OBJECT
public:
    explicit BlofinStream(StreamOptions options, QObject* parent = nullptr);
    ~BlofinStream() override;

    void start(std::vector<market::Instrument> instruments, FeedListener& listener) override;
    void change(std::vector<market::Instrument> instruments) override;
    void reconnectNow() override;
    void stop() override;

    [[nodiscard]] LinkState state() const { return state_; }
    [[nodiscard]] const StreamFigures& figures() const { return figures_; }

private:
    void connectSocket();
    void closeSocket();
    void onConnected();
    void onDropped(const QString& why);
    void onFrame(const QString& text);
    void take(const ParsedFrame& frame, const QString& text);
    void onAck(const ParsedFrame& frame);
    void onExchangeError(const QString& text);
    void sendNextRequest();
    void onPingDue();
    void passIdle();
    void setState(LinkState state, const std::string& detail);
    void malformed(std::string_view kind, const QString& text);
    [[nodiscard]] base::Millis nextBackoff();

    StreamOptions options_;
    FeedListener* listener_ = nullptr; // null while stopped
    std::vector<market::Instrument> instruments_;
    FrameParser parser_;
    StreamFigures figures_;
    LinkState state_ = LinkState::Closed;

    std::unique_ptr<QWebSocket> socket_;
    QTimer pingTimer_;
    QTimer pongTimer_;
    QTimer answerTimer_;
    QTimer reconnectTimer_;
    QElapsedTimer sinceConnect_;    // since the newest attempt
    QElapsedTimer sinceSubscribed_; // invalid unless subscribed
    base::Millis backoff_{0};
    bool wasRefused_ = false; // by the handshake: 403 or 429
    std::mt19937_64 jitter_;

    struct TopicRequest {
        const char* op = "subscribe";
        std::vector<Topic> topics;
    };
    void enqueue(const char* op, const std::vector<market::Instrument>& instruments);

    std::deque<TopicRequest> pendingRequests_;
    TopicRequest openRequest_;   // sent and not answered in full; one at a time, so that an error has one owner
    std::vector<Topic> unacked_; // of openRequest_
    std::vector<market::Instrument> understood_; // of this connection and before: pushes that still come are no errors
    std::int64_t refusedNow_ = 0;                // topics that this connection refused

    bool idleQueued_ = false;
    std::int64_t ticksSinceIdle_ = 0;
    QElapsedTimer sinceIdle_;
};

} // namespace qd::exchange
