// The WebSocket side of the loopback exchange: clients, what they subscribed to, and what waits in their sockets.
// Internal to the room; the exchange's thread only. One that takes nothing for 30 s while bytes wait, and one that for
// 30 s neither was sent anything nor said anything, is dropped.
#pragma once

#include "market/candle.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtWebSockets/QWebSocket>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace qd::exchange {

/// trades, tickers, then a candle channel for each timeframe.
struct LoopbackTopic {
    static constexpr std::size_t trades = 0;
    static constexpr std::size_t tickers = 1;
    static constexpr std::size_t kinds = 2 + market::allTimeframes.size();
    [[nodiscard]] static std::size_t candles(market::Timeframe timeframe)
    {
        return 2 + static_cast<std::size_t>(timeframe);
    }
    [[nodiscard]] static std::optional<std::size_t> kindOf(std::string_view channel);
};

class LoopbackClients final : public QObject {
    Q_OBJECT
public:
    explicit LoopbackClients(const std::vector<std::string>& instruments, QObject* parent = nullptr);
    ~LoopbackClients() override;

    void adopt(std::unique_ptr<QWebSocket> socket);
    void dropAll();

    [[nodiscard]] bool isWanted(std::size_t kind, std::size_t index) const { return !topic(kind, index).empty(); }
    /// Sends `text` (ASCII) to all that subscribed to (kind, index); the number of them.
    std::int64_t push(std::size_t kind, std::size_t index, std::string_view text);
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
        std::set<std::size_t> topics; // kind × instruments + index
        QElapsedTimer sinceExchange;  // since anything was sent or heard
        QElapsedTimer sinceTaken;     // since bytes left the socket, or nothing waited
    };

    void onText(Client& client, const QString& text);
    void answerRequest(Client& client, const QString& text);
    void setTopic(Client& client, std::size_t topic, bool isOn);
    void forget(QWebSocket* socket);
    void dropSilent();
    [[nodiscard]] const std::vector<Client*>& topic(std::size_t kind, std::size_t index) const
    {
        return subscribers_[kind * names_.size() + index];
    }

    std::vector<std::string> names_;
    std::unordered_map<std::string, std::size_t> byName_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<std::vector<Client*>> subscribers_; // by topic
    QTimer watch_;
};

} // namespace qd::exchange
