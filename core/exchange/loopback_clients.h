// The WebSocket side of the loopback exchange: clients, what they subscribed to, and what waits in their sockets.
// Internal to the room; the exchange's thread only. Dropped is who for more than 30 s, by the exchange's clock, had no
// subscription, or was sent nothing (a pong is something), or took nothing while bytes waited.
#pragma once

#include "base/utc_time.h"
#include "market/candle.h"

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtWebSockets/QWebSocket>

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace qd::exchange {

/// The kinds of channels; the last are a candle channel for each timeframe.
struct LoopbackTopic {
    static constexpr std::size_t trades = 0;
    static constexpr std::size_t tickers = 1;
    static constexpr std::size_t books5 = 2;
    static constexpr std::size_t books = 3;
    static constexpr std::size_t funding = 4;
    static constexpr std::size_t firstCandles = 5;
    static constexpr std::size_t kinds = firstCandles + market::allTimeframes.size();
    [[nodiscard]] static std::size_t candles(market::Timeframe timeframe)
    {
        return firstCandles + static_cast<std::size_t>(timeframe);
    }
    [[nodiscard]] static std::optional<std::size_t> kindOf(std::string_view channel);
};

class LoopbackClients final : public QObject {
    Q_OBJECT
public:
    LoopbackClients(const std::vector<std::string>& instruments, std::shared_ptr<const base::Clock> clock,
                    QObject* parent = nullptr);
    ~LoopbackClients() override;

    void adopt(std::unique_ptr<QWebSocket> socket);
    void dropAll();
    /// What a new subscription to (kind, index) is sent after its ack; nothing where it answers "".
    void setGreeting(std::function<std::string(std::size_t kind, std::size_t index)> greeting)
    {
        greeting_ = std::move(greeting);
    }

    [[nodiscard]] bool isWanted(std::size_t kind, std::size_t index) const { return !topic(kind, index).empty(); }
    /// Sends `text` (ASCII) to all that subscribed to (kind, index); the number of them.
    std::int64_t push(std::size_t kind, std::size_t index, std::string_view text, bool isBinary = false);
    /// Faults, for all that subscribed to (kind, index): their connections break; or they get nothing more of this
    /// topic (of anything, with `isWhole`) until they subscribe to it again.
    void dropSubscribers(std::size_t kind, std::size_t index);
    void stallSubscribers(std::size_t kind, std::size_t index, bool isWhole);
    /// Some subscriber has more waiting than it should before it gets further.
    [[nodiscard]] bool isBlocked() const;
    [[nodiscard]] bool isDrained() const;
    [[nodiscard]] int count() const { return static_cast<int>(clients_.size()); }

Q_SIGNALS:
    void wantedChanged(std::size_t kind, std::size_t index, bool isWanted);
    /// Bytes left a socket, or a client left.
    void progressed();

private:
    struct Client {
        std::unique_ptr<QWebSocket> socket;
        std::set<std::size_t> topics;  // kind × instruments + index
        std::set<std::size_t> stalled; // of these
        base::UtcMs sentAt;            // when anything was sent
        base::UtcMs takenAt;           // when bytes left the socket, or nothing waited
        base::UtcMs withoutTopicAt;    // since when it has no subscription
    };

    void send(Client& client, const QString& text);
    void onText(Client& client, const QString& text);
    void answerRequest(Client& client, const QString& text);
    /// Whether it is new to the client (or gone from it).
    bool setTopic(Client& client, std::size_t topic, bool isOn);
    void forget(QWebSocket* socket);
    void dropSilent();
    [[nodiscard]] const std::vector<Client*>& topic(std::size_t kind, std::size_t index) const
    {
        return subscribers_[kind * names_.size() + index];
    }

    std::vector<std::string> names_;
    std::shared_ptr<const base::Clock> clock_;
    std::function<std::string(std::size_t, std::size_t)> greeting_;
    std::unordered_map<std::string, std::size_t> byName_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::vector<Client*>> subscribers_; // by topic
    QTimer watch_;
};

} // namespace qd::exchange
