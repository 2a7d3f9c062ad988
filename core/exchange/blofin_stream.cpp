#include "exchange/blofin_stream.h"

#include <QtCore/QMetaObject>
#include <QtNetwork/QNetworkRequest>

#include <algorithm>
#include <array>

namespace qd::exchange {

namespace {

constexpr std::array channels{"trades", "tickers", "funding-rate"};
constexpr std::int64_t mostTicksBetweenIdles = 4096;
constexpr qint64 mostMsBetweenIdles = 10;
constexpr qsizetype sampleBytes = 200;
constexpr qint64 steadyMs = 10'000; // subscribed for so long, a connection counts as sound: back-off starts anew

} // namespace

BlofinStream::BlofinStream(StreamOptions options, QObject* parent)
    : QObject(parent),
      options_(std::move(options)),
      jitter_(options_.jitterSeed != 0 ? options_.jitterSeed : std::random_device{}())
{
    for (auto* timer : {&pongTimer_, &answerTimer_, &reconnectTimer_}) {
        timer->setSingleShot(true);
    }
    connect(&pingTimer_, &QTimer::timeout, this, &BlofinStream::onPingDue);
    connect(&pongTimer_, &QTimer::timeout, this, [this] { onDropped(QStringLiteral("no pong")); });
    connect(&answerTimer_, &QTimer::timeout, this, [this] { onDropped(QStringLiteral("no answer")); });
    connect(&reconnectTimer_, &QTimer::timeout, this, &BlofinStream::connectSocket);
}

BlofinStream::~BlofinStream()
{
    stop();
}

void BlofinStream::start(std::vector<market::Instrument> instruments, FeedListener& listener)
{
    stop();
    instruments_ = std::move(instruments);
    understood_ = instruments_;
    parser_.setInstruments(understood_);
    listener_ = &listener;
    backoff_ = base::Millis{0};
    sinceIdle_.start();
    reconnectNow();
}

void BlofinStream::change(std::vector<market::Instrument> instruments)
{
    const auto notIn = [](const std::vector<market::Instrument>& from, const std::vector<market::Instrument>& known) {
        std::vector<market::Instrument> out;
        std::ranges::copy_if(from, std::back_inserter(out), [&](const auto& one) {
            return std::ranges::find(known, one.name, &market::Instrument::name) == known.end();
        });
        return out;
    };
    const auto added = notIn(instruments, instruments_);
    const auto removed = notIn(instruments_, instruments);
    instruments_ = std::move(instruments);
    for (const auto& one : instruments_) { // one that comes back may have other steps
        const auto known = std::ranges::find(understood_, one.name, &market::Instrument::name);
        if (known == understood_.end()) {
            understood_.push_back(one);
        } else {
            *known = one;
        }
    }
    parser_.setInstruments(understood_);
    if (!socket_ || (state_ != LinkState::Subscribing && state_ != LinkState::Subscribed)) {
        return; // the next connection subscribes to what is wanted then
    }
    enqueue("subscribe", added);
    enqueue("unsubscribe", removed);
    if (openRequest_.topics.empty() && !pendingRequests_.empty()) {
        sendNextRequest();
    }
}

void BlofinStream::enqueue(const char* op, const std::vector<market::Instrument>& instruments)
{
    std::vector<Topic> topics;
    for (const char* channel : channels) {
        for (const auto& instrument : instruments) {
            topics.push_back({channel, instrument.name});
        }
    }
    for (const auto batch : requestBatches(op, topics)) {
        pendingRequests_.push_back({op, {batch.begin(), batch.end()}});
    }
}

void BlofinStream::stop()
{
    listener_ = nullptr;
    closeSocket();
    reconnectTimer_.stop();
    state_ = LinkState::Closed;
}

void BlofinStream::reconnectNow()
{
    if (listener_ == nullptr) {
        return;
    }
    if (socket_) {
        setState(LinkState::Closed, "closed to connect anew"); // whoever listens must know that trades may be missed
    }
    closeSocket();
    const auto sinceLast = sinceConnect_.isValid() ? sinceConnect_.elapsed() : options_.firstBackoff.count();
    const auto wait = std::max<std::int64_t>(0, options_.firstBackoff.count() - sinceLast);
    reconnectTimer_.start(std::chrono::milliseconds{wait});
    setState(LinkState::Connecting, options_.url.toString().toStdString());
}

void BlofinStream::closeSocket()
{
    for (auto* timer : {&pingTimer_, &pongTimer_, &answerTimer_}) {
        timer->stop();
    }
    pendingRequests_.clear();
    openRequest_ = {};
    unacked_.clear();
    sinceSubscribed_.invalidate();
    if (socket_) {
        auto* const old = socket_.release();
        old->disconnect(this);
        old->abort();
        old->deleteLater(); // this may run in one of its own signals
    }
}

void BlofinStream::connectSocket()
{
    closeSocket();
    sinceConnect_.start();
    ++figures_.connections;
    socket_ = std::make_unique<QWebSocket>();
    auto* const socket = socket_.get();
    socket->setMaxAllowedIncomingFrameSize(2 * maxFrameBytes);
    socket->setMaxAllowedIncomingMessageSize(2 * maxFrameBytes);
    connect(socket, &QWebSocket::connected, this, &BlofinStream::onConnected);
    connect(socket, &QWebSocket::disconnected, this, [this, socket] {
        onDropped(socket->closeReason().isEmpty() ? socket->errorString() : socket->closeReason());
    });
    connect(socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this,
            [this, socket] { onDropped(socket->errorString()); });
    connect(socket, &QWebSocket::textMessageReceived, this, &BlofinStream::onFrame);
    connect(socket, &QWebSocket::binaryMessageReceived, this, [this](const QByteArray& bytes) {
        ++figures_.frames;
        malformed("binary", QString::fromLatin1(bytes.left(sampleBytes)));
    });
    QNetworkRequest request(options_.url);
    request.setRawHeader("User-Agent", QByteArray::fromStdString(options_.userAgent));
    answerTimer_.start(std::chrono::milliseconds{options_.answerWithin.count()});
    socket->open(request);
}

void BlofinStream::onConnected()
{
    answerTimer_.stop();
    pingTimer_.start(std::chrono::milliseconds{options_.pingEvery.count()});
    refusedNow_ = 0;
    enqueue("subscribe", instruments_);
    setState(LinkState::Subscribing, std::to_string(channels.size() * instruments_.size()) + " topics");
    if (openRequest_.topics.empty()) { // who was told of it may have changed the list at once
        sendNextRequest();
    }
}

void BlofinStream::onDropped(const QString& why)
{
    if (listener_ == nullptr || !socket_) {
        return;
    }
    const bool wasSound = sinceSubscribed_.isValid() && sinceSubscribed_.elapsed() >= steadyMs;
    const bool wasRefused = why.contains(QLatin1String("429")) || why.contains(QLatin1String("403"));
    closeSocket();
    if (wasSound) {
        backoff_ = base::Millis{0};
    }
    passIdle();
    if (listener_ == nullptr) {
        return; // stopped by what it was told
    }
    const auto wait = std::max(nextBackoff(), wasRefused ? options_.refusedBackoff : base::Millis{0});
    reconnectTimer_.start(std::chrono::milliseconds{wait.count()});
    setState(LinkState::Closed, why.toStdString() + "; again in " + std::to_string(wait.count()) + " ms");
}

base::Millis BlofinStream::nextBackoff()
{
    backoff_ = std::min(std::max(options_.firstBackoff, backoff_ * 2), options_.mostBackoff);
    // Up to a half more or less, so that many clients do not come back at once; never under one connection a second.
    std::uniform_real_distribution<double> share(0.5, 1.5);
    const base::Millis wait{static_cast<std::int64_t>(static_cast<double>(backoff_.count()) * share(jitter_))};
    const auto sinceLast = sinceConnect_.isValid() ? sinceConnect_.elapsed() : 0;
    const base::Millis least{std::max<std::int64_t>(0, options_.firstBackoff.count() - sinceLast)};
    return std::clamp(wait, least, options_.mostBackoff);
}

void BlofinStream::onFrame(const QString& text)
{
    if (listener_ == nullptr) {
        return;
    }
    ++figures_.frames;
    take(parser_.parse(QStringView(text)), text);
    if (listener_ == nullptr) {
        return;
    }
    if (ticksSinceIdle_ >= mostTicksBetweenIdles || sinceIdle_.elapsed() >= mostMsBetweenIdles) {
        passIdle();
    } else if (!idleQueued_) {
        // Runs once the socket has handed over all that it had read.
        idleQueued_ = true;
        QMetaObject::invokeMethod(
            this,
            [this] {
                idleQueued_ = false;
                passIdle();
            },
            Qt::QueuedConnection);
    }
}

void BlofinStream::take(const ParsedFrame& frame, const QString& text)
{
    switch (frame.kind) {
    case FrameKind::Trades:
        if (!frame.ticks.empty()) {
            ticksSinceIdle_ += static_cast<std::int64_t>(frame.ticks.size());
            listener_->onTrades(frame.instrument, frame.ticks, options_.clock->now());
        }
        break;
    case FrameKind::Ticker:
        ++ticksSinceIdle_;
        listener_->onQuote(frame.instrument, frame.quote, frame.open24h, options_.clock->now());
        break;
    case FrameKind::Funding:
        listener_->onFunding(frame.instrument, frame.funding, options_.clock->now());
        break;
    case FrameKind::Other:
        break;
    case FrameKind::Subscribed:
    case FrameKind::Unsubscribed:
        onAck(frame);
        break;
    case FrameKind::Error:
        onExchangeError(text);
        break;
    case FrameKind::Ping:
        socket_->sendTextMessage(QStringLiteral("pong"));
        break;
    case FrameKind::Pong:
        pongTimer_.stop();
        break;
    case FrameKind::Malformed:
        malformed(frame.problem, text);
        break;
    }
}

void BlofinStream::sendNextRequest()
{
    answerTimer_.stop();
    if (pendingRequests_.empty()) {
        openRequest_ = {};
        if (state_ == LinkState::Subscribed) {
            return; // a change of a connection that stands
        }
        sinceSubscribed_.start();
        setState(LinkState::Subscribed,
                 refusedNow_ == 0 ? std::string("all topics") : std::to_string(refusedNow_) + " topics refused");
        return;
    }
    openRequest_ = std::move(pendingRequests_.front());
    pendingRequests_.pop_front();
    unacked_ = openRequest_.topics;
    answerTimer_.start(std::chrono::milliseconds{options_.answerWithin.count()});
    socket_->sendTextMessage(QString::fromStdString(requestText(openRequest_.op, openRequest_.topics)));
}

void BlofinStream::onAck(const ParsedFrame& frame)
{
    if ((frame.kind == FrameKind::Subscribed) != (std::string_view(openRequest_.op) == "subscribe")) {
        return;
    }
    const auto acked = std::find_if(unacked_.begin(), unacked_.end(), [&](const Topic& topic) {
        return topic.channel == frame.channel && topic.instrument == frame.instrumentName;
    });
    if (acked == unacked_.end()) {
        return; // of a request before: harmless
    }
    unacked_.erase(acked);
    if (unacked_.empty()) {
        sendNextRequest();
    }
}

void BlofinStream::onExchangeError(const QString& text)
{
    if (unacked_.empty()) {
        malformed("exchange-error", text);
        return;
    }
    // One error refuses a whole request: halve it until the topic that is not wanted stands alone.
    const auto request = std::exchange(openRequest_, {});
    unacked_.clear();
    const auto& topics = request.topics;
    if (topics.size() == 1) {
        ++refusedNow_;
        ++figures_.refusedTopics;
        malformed("exchange-error", text);
    } else {
        const auto middle = topics.begin() + static_cast<std::ptrdiff_t>(topics.size() / 2);
        pendingRequests_.push_front({request.op, {middle, topics.end()}});
        pendingRequests_.push_front({request.op, {topics.begin(), middle}});
    }
    if (listener_ != nullptr && socket_) {
        sendNextRequest();
    }
}

void BlofinStream::onPingDue()
{
    if (socket_) {
        socket_->sendTextMessage(QStringLiteral("ping"));
        if (!pongTimer_.isActive()) {
            pongTimer_.start(std::chrono::milliseconds{options_.pongWithin.count()});
        }
    }
}

void BlofinStream::passIdle()
{
    ticksSinceIdle_ = 0;
    sinceIdle_.start();
    if (listener_ != nullptr) {
        listener_->onIdle();
    }
}

void BlofinStream::setState(LinkState state, const std::string& detail)
{
    state_ = state;
    if (listener_ != nullptr) {
        listener_->onState(state, detail);
    }
}

void BlofinStream::malformed(std::string_view kind, const QString& text)
{
    ++figures_.malformed;
    const auto sample = text.left(sampleBytes).toUtf8().left(sampleBytes);
    listener_->onMalformed(kind, {sample.constData(), static_cast<std::size_t>(sample.size())});
}

} // namespace qd::exchange
