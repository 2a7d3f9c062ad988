#include "exchange/loopback_clients.h"

#include "exchange/blofin_messages.h"
#include "exchange/blofin_rest_messages.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include <algorithm>

namespace qd::exchange {

namespace {

constexpr qint64 mostWaitingBytes = 1 << 20;
constexpr base::Millis longestSilence{30'000}; // BLOFIN.md §2.3
constexpr int sweepMs = 250;

} // namespace

std::optional<std::size_t> LoopbackTopic::kindOf(std::string_view channel)
{
    if (channel == "trades") {
        return trades;
    }
    if (channel == "tickers") {
        return tickers;
    }
    if (channel == "books5") {
        return books5;
    }
    if (channel == "books") {
        return books;
    }
    if (channel == "funding-rate") {
        return funding;
    }
    for (const auto timeframe : market::allTimeframes) {
        if (channel.starts_with("candle") && channel.substr(6) == barName(timeframe)) {
            return candles(timeframe);
        }
    }
    return std::nullopt;
}

LoopbackClients::LoopbackClients(const std::vector<std::string>& instruments, std::shared_ptr<const base::Clock> clock,
                                 QObject* parent)
    : QObject(parent),
      names_(instruments),
      clock_(std::move(clock)),
      subscribers_(LoopbackTopic::kinds * instruments.size())
{
    for (std::size_t i = 0; i < names_.size(); ++i) {
        byName_.emplace(names_[i], i);
    }
    connect(&watch_, &QTimer::timeout, this, &LoopbackClients::dropSilent);
    watch_.start(sweepMs);
}

LoopbackClients::~LoopbackClients()
{
    for (const auto& client : clients_) {
        client->socket->disconnect(this);
    }
}

void LoopbackClients::adopt(std::unique_ptr<QWebSocket> socket)
{
    auto client = std::make_unique<Client>();
    auto* const raw = client.get();
    auto* const handle = socket.get();
    handle->setParent(nullptr); // Qt leaves the server as its parent, which would delete it a second time
    client->socket = std::move(socket);
    client->sentAt = client->takenAt = client->withoutTopicAt = clock_->now();
    connect(handle, &QWebSocket::textMessageReceived, this, [this, raw](const QString& text) { onText(*raw, text); });
    connect(handle, &QWebSocket::disconnected, this, [this, handle] { forget(handle); });
    connect(handle, &QWebSocket::bytesWritten, this, [this, raw] {
        raw->takenAt = clock_->now();
        Q_EMIT progressed();
    });
    clients_.push_back(std::move(client));
}

void LoopbackClients::dropAll()
{
    std::vector<QWebSocket*> sockets;
    for (const auto& client : clients_) {
        sockets.push_back(client->socket.get());
    }
    for (auto* socket : sockets) {
        socket->abort();
        forget(socket);
    }
}

void LoopbackClients::forget(QWebSocket* socket)
{
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [socket](const auto& client) { return client->socket.get() == socket; });
    if (found == clients_.end()) {
        return;
    }
    const auto client = std::move(*found);
    clients_.erase(found);
    client->socket->disconnect(this);
    client->socket.release()->deleteLater(); // this may run in one of its own signals
    for (const auto topicOfIt : std::set(client->topics)) {
        setTopic(*client, topicOfIt, false);
    }
    Q_EMIT progressed();
}

bool LoopbackClients::setTopic(Client& client, std::size_t topicId, bool isOn)
{
    auto& subscribers = subscribers_[topicId];
    const bool wasWanted = !subscribers.empty();
    client.stalled.erase(topicId);
    if (isOn) {
        if (!client.topics.insert(topicId).second) {
            return false;
        }
        subscribers.push_back(&client);
    } else if (client.topics.erase(topicId) != 0) {
        std::erase(subscribers, &client);
        if (client.topics.empty()) {
            client.withoutTopicAt = clock_->now();
        }
    }
    if (wasWanted == subscribers.empty()) {
        Q_EMIT wantedChanged(topicId / names_.size(), topicId % names_.size(), !wasWanted);
    }
    return true;
}

void LoopbackClients::send(Client& client, const QString& text)
{
    client.socket->sendTextMessage(text);
    client.sentAt = clock_->now();
}

std::int64_t LoopbackClients::push(std::size_t kind, std::size_t index, std::string_view text, bool isBinary)
{
    const auto topicId = kind * names_.size() + index;
    const auto& subscribers = subscribers_[topicId];
    if (subscribers.empty()) {
        return 0;
    }
    const auto message = QString::fromLatin1(text.data(), static_cast<qsizetype>(text.size()));
    const auto now = clock_->now();
    std::int64_t sent = 0;
    for (auto* client : subscribers) {
        if (client->stalled.contains(topicId)) {
            continue;
        }
        if (client->socket->bytesToWrite() == 0) {
            client->takenAt = now;
        }
        if (isBinary) {
            client->socket->sendBinaryMessage(message.toLatin1());
        } else {
            client->socket->sendTextMessage(message);
        }
        client->sentAt = now;
        ++sent;
    }
    return sent;
}

void LoopbackClients::dropSubscribers(std::size_t kind, std::size_t index)
{
    std::vector<QWebSocket*> sockets;
    for (const auto* client : topic(kind, index)) {
        sockets.push_back(client->socket.get());
    }
    for (auto* socket : sockets) {
        socket->abort();
        forget(socket);
    }
}

void LoopbackClients::stallSubscribers(std::size_t kind, std::size_t index, bool isWhole)
{
    for (auto* client : topic(kind, index)) {
        if (isWhole) {
            client->stalled = client->topics;
        } else {
            client->stalled.insert(kind * names_.size() + index);
        }
    }
}

bool LoopbackClients::isBlocked() const
{
    return std::any_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->socket->bytesToWrite() > mostWaitingBytes; });
}

bool LoopbackClients::isDrained() const
{
    return std::all_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client->socket->bytesToWrite() == 0; });
}

void LoopbackClients::onText(Client& client, const QString& text)
{
    if (text == QLatin1String("ping")) {
        send(client, QStringLiteral("pong"));
    } else if (text != QLatin1String("pong")) {
        answerRequest(client, text);
    }
}

void LoopbackClients::answerRequest(Client& client, const QString& text)
{
    const auto raw = text.toUtf8();
    const auto request = QJsonDocument::fromJson(raw).object();
    const auto op = request.value(QLatin1String("op")).toString();
    const auto args = request.value(QLatin1String("args")).toArray();
    std::vector<std::size_t> topics;
    for (const auto& arg : args) {
        const auto channel = arg.toObject().value(QLatin1String("channel")).toString().toStdString();
        const auto name = arg.toObject().value(QLatin1String("instId")).toString().toStdString();
        const auto kind = LoopbackTopic::kindOf(channel);
        const auto found = byName_.find(name);
        if (kind && found != byName_.end()) {
            topics.push_back(*kind * names_.size() + found->second);
        }
    }
    const bool isKnownOp = op == QLatin1String("subscribe") || op == QLatin1String("unsubscribe");
    if (static_cast<std::size_t>(raw.size()) > maxRequestBytes || !isKnownOp || args.isEmpty() ||
        topics.size() != static_cast<std::size_t>(args.size())) {
        // One bad topic refuses the whole request, and the raw request comes back in the message.
        const QJsonObject error{{QStringLiteral("event"), QStringLiteral("error")},
                                {QStringLiteral("code"), QStringLiteral("60012")},
                                {QStringLiteral("msg"), QStringLiteral("Invalid request: ") + text}};
        send(client, QString::fromUtf8(QJsonDocument(error).toJson(QJsonDocument::Compact)));
        return;
    }
    for (qsizetype i = 0; i < args.size(); ++i) {
        const QJsonObject ack{{QStringLiteral("event"), op}, {QStringLiteral("arg"), args[i]}};
        send(client, QString::fromUtf8(QJsonDocument(ack).toJson(QJsonDocument::Compact)));
        const auto topicId = topics[static_cast<std::size_t>(i)];
        const bool isOn = op == QLatin1String("subscribe");
        if (setTopic(client, topicId, isOn) && isOn && greeting_) {
            if (const auto first = greeting_(topicId / names_.size(), topicId % names_.size()); !first.empty()) {
                send(client, QString::fromLatin1(first.data(), static_cast<qsizetype>(first.size())));
            }
        }
    }
}

void LoopbackClients::dropSilent()
{
    const auto now = clock_->now();
    std::vector<QWebSocket*> silent;
    for (const auto& client : clients_) {
        const bool isStuck = client->socket->bytesToWrite() > 0 && now - client->takenAt > longestSilence;
        const bool isIdle = client->topics.empty() && now - client->withoutTopicAt > longestSilence;
        if (isStuck || isIdle || now - client->sentAt > longestSilence) {
            silent.push_back(client->socket.get());
        }
    }
    for (auto* socket : silent) {
        socket->abort();
        forget(socket);
    }
}

} // namespace qd::exchange
