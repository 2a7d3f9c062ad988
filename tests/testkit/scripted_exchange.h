// An exchange of a test's own that speaks BloFin's public protocol and does what the test says, trade by trade: what
// the socket brings and what REST knows are two things. Lives on the test's thread, which must run its event loop.
#pragma once

#include "exchange/blofin_rest_messages.h"

#include <QHostAddress>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QUrl>
#include <QUrlQuery>
#include <QWebSocket>
#include <QWebSocketServer>

#include <map>
#include <string>
#include <vector>

namespace qd::testkit {

class ScriptedExchange : public QObject {
public:
    explicit ScriptedExchange(std::vector<std::string> instruments)
        : names_(std::move(instruments)),
          sockets_(QStringLiteral("scripted"), QWebSocketServer::NonSecureMode)
    {
        sockets_.listen(QHostAddress::LocalHost);
        connect(&sockets_, &QWebSocketServer::newConnection, this, [this] { adopt(sockets_.nextPendingConnection()); });
        rest_.listen(QHostAddress::LocalHost);
        connect(&rest_, &QTcpServer::newConnection, this, [this] { serve(rest_.nextPendingConnection()); });
    }
    ~ScriptedExchange() override
    {
        for (auto* client : clients_) {
            client->disconnect(this);
        }
    }

    [[nodiscard]] std::string webSocket() const
    {
        return "ws://127.0.0.1:" + std::to_string(sockets_.serverPort()) + "/ws/public";
    }
    [[nodiscard]] std::string rest() const { return "http://127.0.0.1:" + std::to_string(rest_.serverPort()); }

    struct Trade {
        std::int64_t id = 0;
        std::int64_t time = 0;
        std::int64_t price = 100;
        std::int64_t size = 1;
    };
    enum class To : std::uint8_t { Both, Socket, Rest };
    void trade(const std::string& instrument, const Trade& trade, To to = To::Both)
    {
        if (to != To::Socket) {
            known_[instrument].push_back(trade);
        }
        if (to != To::Rest) {
            push(QStringLiteral(R"({"arg":{"channel":"trades","instId":"%1"},"data":[%2]})")
                     .arg(QString::fromStdString(instrument), object(instrument, trade)));
        }
    }
    void quote(const std::string& instrument, std::int64_t time)
    {
        push(
            QStringLiteral(
                R"({"arg":{"channel":"tickers","instId":"%1"},"data":[{"instId":"%1","bidPrice":"99","askPrice":"101",)"
                R"("bidSize":"1","askSize":"1","ts":"%2"}]})")
                .arg(QString::fromStdString(instrument))
                .arg(time));
    }
    void fund(const std::string& instrument, const char* rate, std::int64_t settlement)
    {
        push(QStringLiteral(R"({"arg":{"channel":"funding-rate","instId":"%1"},)"
                            R"("data":[{"instId":"%1","fundingRate":"%2","fundingTime":"%3"}]})")
                 .arg(QString::fromStdString(instrument), QString::fromLatin1(rate))
                 .arg(settlement));
    }
    void dropClients()
    {
        for (auto* client : std::exchange(clients_, {})) {
            client->disconnect(this);
            client->close();
            client->deleteLater();
        }
    }
    /// Connections whose subscriptions were all answered.
    /// Every question of REST is cut off.
    void setRestOff(bool isOff) { isRestOff_ = isOff; }
    [[nodiscard]] int subscriptions() const { return subscriptions_; }
    [[nodiscard]] int connected() const { return static_cast<int>(clients_.size()); }
    [[nodiscard]] int questions(const std::string& what) const
    {
        const auto at = asked_.find(what);
        return at == asked_.end() ? 0 : at->second;
    }
    /// Minutes before this are closed for REST's candles.
    std::int64_t closedUntil = 0;

private:
    void adopt(QWebSocket* client)
    {
        client->setParent(this);
        clients_.push_back(client);
        connect(client, &QWebSocket::disconnected, this, [this, client] { std::erase(clients_, client); });
        connect(client, &QWebSocket::textMessageReceived, this, [this, client](const QString& text) {
            if (text == QStringLiteral("ping")) {
                client->sendTextMessage(QStringLiteral("pong"));
                return;
            }
            const auto args = QJsonDocument::fromJson(text.toUtf8()).object()[QStringLiteral("args")].toArray();
            for (const auto& arg : args) {
                client->sendTextMessage(
                    QString::fromUtf8(QJsonDocument(QJsonObject{{QStringLiteral("event"), QStringLiteral("subscribe")},
                                                                {QStringLiteral("arg"), arg}})
                                          .toJson(QJsonDocument::Compact)));
            }
            ++subscriptions_;
        });
    }
    void push(const QString& text)
    {
        for (auto* client : clients_) {
            client->sendTextMessage(text);
        }
    }
    static QString object(const std::string& instrument, const Trade& trade)
    {
        return QStringLiteral(R"({"instId":"%1","tradeId":"%2","price":"%3","size":"%4","side":"buy","ts":"%5"})")
            .arg(QString::fromStdString(instrument))
            .arg(trade.id)
            .arg(trade.price)
            .arg(trade.size)
            .arg(trade.time);
    }
    void serve(QTcpSocket* socket)
    {
        connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QTcpSocket::readyRead, this, [this, socket] {
            if (!socket->canReadLine()) {
                return;
            }
            if (isRestOff_) {
                socket->abort();
                return;
            }
            const QUrl url(QString::fromLatin1(socket->readAll().split(' ').at(1)));
            const auto body =
                (QStringLiteral(R"({"code":"0","msg":"success","data":[)") + data(url) + QStringLiteral("]}")).toUtf8();
            socket->write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " +
                          QByteArray::number(body.size()) + "\r\n\r\n" + body);
            socket->disconnectFromHost();
        });
    }
    QString data(const QUrl& url)
    {
        const QUrlQuery query(url);
        const auto what = url.fileName().toStdString();
        const auto name = query.queryItemValue(QStringLiteral("instId")).toStdString();
        ++asked_[what];
        QStringList rows;
        if (what == "instruments") {
            for (const auto& one : names_) {
                rows << QStringLiteral(
                            R"({"instId":"%1","contractValue":"1","minSize":"1","lotSize":"1","tickSize":"1"})")
                            .arg(QString::fromStdString(one));
            }
        } else if (what == "trades") {
            const auto& all = known_[name];
            for (auto at = all.rbegin(); at != all.rend() && rows.size() < 100; ++at) {
                rows << object(name, *at);
            }
        } else if (what == "candles") {
            const auto after = query.queryItemValue(QStringLiteral("after")).toLongLong();
            const auto limit = query.queryItemValue(QStringLiteral("limit")).toInt();
            std::map<std::int64_t, std::int64_t> minutes;
            for (const auto& trade : known_[name]) {
                minutes[trade.time / 60'000 * 60'000] += trade.size;
            }
            for (auto at = minutes.rbegin(); at != minutes.rend() && rows.size() < limit; ++at) {
                if (after == 0 || at->first < after) {
                    rows << QStringLiteral(R"(["%1","100","100","100","100","%2","0","0","%3"])")
                                .arg(at->first)
                                .arg(at->second)
                                .arg(at->first + 60'000 <= closedUntil ? 1 : 0);
                }
            }
        }
        return rows.join(QLatin1Char(','));
    }

    std::vector<std::string> names_;
    QWebSocketServer sockets_;
    QTcpServer rest_;
    std::vector<QWebSocket*> clients_;
    std::map<std::string, std::vector<Trade>> known_;
    std::map<std::string, int> asked_;
    int subscriptions_ = 0;
    bool isRestOff_ = false;
};

} // namespace qd::testkit
