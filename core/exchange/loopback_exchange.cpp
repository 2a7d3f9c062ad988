#include "exchange/loopback_exchange.h"

#include "exchange/default_instruments.h"
#include "exchange/loopback_book.h"
#include "exchange/loopback_channels.h"
#include "exchange/loopback_clients.h"
#include "exchange/loopback_log.h"
#include "exchange/loopback_rest.h"
#include "exchange/loopback_source.h"

#include <QtCore/QTimer>
#include <QtCore/QUrlQuery>
#include <QtHttpServer/QAbstractHttpServer>
#include <QtHttpServer/QHttpServerRequest>
#include <QtHttpServer/QHttpServerResponder>
#include <QtNetwork/QTcpServer>

#include <algorithm>
#include <unordered_set>

namespace qd::exchange {

using base::ErrorCode;
using base::Millis;
using base::Result;
using base::UtcMs;

namespace {

constexpr int eventsAtOnce = 2'000; // between two looks at the sockets
constexpr std::int64_t longestNapMs = 50;
constexpr int settleMs = 50; // from the newest subscription to the market's begin: a client's requests come one by one
constexpr UtcMs noLimit{INT64_MAX};
constexpr Millis betweenConnections{1'000}; // with limits; BLOFIN.md §2.2

// REST and the upgrade to a WebSocket on the same ports.
class HttpServer final : public QAbstractHttpServer {
public:
    using Answer = std::function<LoopbackRest::Answer(const QUrl& url, const QUrlQuery& query)>;

    explicit HttpServer(Answer answer) : answer_(std::move(answer)) {}

private:
    bool handleRequest(const QHttpServerRequest& request, QTcpSocket* socket) override
    {
        if (request.value("Upgrade").compare("websocket", Qt::CaseInsensitive) == 0) {
            return true; // Qt hands the socket over to newWebSocketConnection()
        }
        const auto answer = answer_(request.url(), request.query());
        makeResponder(request, socket)
            .write(QByteArray::fromStdString(answer.body), answer.isHtml ? "text/html" : "application/json",
                   static_cast<QHttpServerResponder::StatusCode>(answer.status));
        return true;
    }
    void missingHandler(const QHttpServerRequest&, QTcpSocket*) override {} // handleRequest() answers everything

    Answer answer_;
};

} // namespace

class LoopbackExchange::Impl {
public:
    Impl(LoopbackExchange& owner, LoopbackOptions options);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Result<void> listen();
    void dropClients() { clients_->dropAll(); }

    std::vector<market::Instrument> instruments;
    LoopbackFigures figures;
    std::uint16_t wsPort = 0;
    std::uint16_t restPort = 0;
    [[nodiscard]] int clientCount() const { return clients_->count(); }

private:
    Result<void> openSource();
    Result<std::uint16_t> openPort(std::uint16_t port);
    void onWanted(std::size_t kind, std::size_t index, bool isWanted);
    void begin();
    void pump();
    void adopt(std::unique_ptr<QWebSocket> socket);
    void spoil(SimulatedEvent& event);
    void take(const SimulatedEvent& event);
    void keep(const MadeTrade& made);
    void fail(const std::string& what) { Q_EMIT owner_.failed(QString::fromStdString(what)); }
    void finishWhenDrained();
    [[nodiscard]] bool isCatchingUp() const { return options_.recorded.empty() && !anchorMarket_; }
    [[nodiscard]] UtcMs limit();
    void napUntil(UtcMs marketTime, UtcMs now);

    LoopbackExchange& owner_;
    LoopbackOptions options_;
    std::vector<LoopbackBook> books_;
    LoopbackDice dice_;
    std::unique_ptr<MarketSource> source_;
    std::unique_ptr<LoopbackClients> clients_;
    std::unique_ptr<LoopbackChannels> channels_;
    std::unique_ptr<LoopbackRest> rest_;
    std::unique_ptr<HttpServer> server_;
    std::optional<LoopbackLog> log_;
    std::vector<std::int64_t> idsLeftOut_; // by instrument: holes so far
    std::optional<UtcMs> connectedAt_;     // the newest client
    UtcMs sourceTime_;                     // of the newest event, without skew
    QTimer pumpTimer_;

    bool hasBegun_ = false;
    bool isFinished_ = false;
    int tradeTopics_ = 0; // instruments whose trades somebody wants
    // Market time = anchorMarket_ + (wall time - anchorWall_) × speed, once the market is paced.
    std::optional<UtcMs> anchorMarket_;
    UtcMs anchorWall_;
};

LoopbackExchange::Impl::Impl(LoopbackExchange& owner, LoopbackOptions options)
    : owner_(owner),
      options_(std::move(options)),
      dice_(options_.faults, options_.seed)
{
    if (options_.recorded.empty()) {
        instruments = options_.instruments.empty() ? defaultInstruments() : options_.instruments;
    } else {
        for (const auto& recorded : options_.recorded) {
            instruments.push_back(recorded.instrument);
        }
    }
    std::vector<std::string> names;
    for (const auto& instrument : instruments) {
        books_.emplace_back(instrument);
        names.push_back(instrument.name);
    }
    idsLeftOut_.resize(books_.size());
    clients_ = std::make_unique<LoopbackClients>(names, options_.clock);
    channels_ = std::make_unique<LoopbackChannels>(books_, *clients_, dice_, figures, options_.clock);
    rest_ =
        std::make_unique<LoopbackRest>(books_, dice_, figures, options_.clock, options_.faults.skew, options_.limits);
    QObject::connect(clients_.get(), &LoopbackClients::wantedChanged, &owner_,
                     [this](std::size_t kind, std::size_t index, bool isWanted) { onWanted(kind, index, isWanted); });
    QObject::connect(clients_.get(), &LoopbackClients::progressed, &owner_, [this] {
        if (!pumpTimer_.isActive()) {
            pumpTimer_.start(0);
        }
    });
    pumpTimer_.setSingleShot(true);
    pumpTimer_.setTimerType(Qt::PreciseTimer);
    QObject::connect(&pumpTimer_, &QTimer::timeout, &owner_, [this] { pump(); });
}

// Clients first: the server owns their TCP sockets, and they would tell of their end what is half gone.
LoopbackExchange::Impl::~Impl()
{
    QObject::disconnect(clients_.get(), nullptr, &owner_, nullptr);
    clients_.reset();
    server_.reset();
}

Result<void> LoopbackExchange::Impl::openSource()
{
    std::unordered_set<std::string> seen;
    for (const auto& instrument : instruments) {
        if (!seen.insert(instrument.name).second) {
            return base::fail(ErrorCode::Conflict, instrument.name, "given twice: one file or market an instrument");
        }
    }
    if (options_.recorded.empty()) {
        return {}; // the simulated market's clock begins with its first subscriber
    }
    auto source = RecordedSource::open(options_.recorded, options_.speed <= 0);
    if (!source) {
        return std::unexpected(source.error());
    }
    source_ = std::move(*source);
    return {};
}

Result<std::uint16_t> LoopbackExchange::Impl::openPort(std::uint16_t port)
{
    auto listener = std::make_unique<QTcpServer>();
    if (!listener->listen(QHostAddress(QHostAddress::LocalHost), port)) {
        return base::fail(ErrorCode::Busy, "127.0.0.1:" + std::to_string(port),
                          "the port cannot be opened: " + listener->errorString().toStdString());
    }
    const auto opened = listener->serverPort();
    server_->bind(listener.release()); // becomes its child
    return opened;
}

Result<void> LoopbackExchange::Impl::listen()
{
    if (const auto opened = openSource(); !opened) {
        return opened;
    }
    if (!options_.logFile.empty()) {
        auto log = LoopbackLog::open(options_.logFile);
        if (!log) {
            return std::unexpected(log.error());
        }
        log_ = std::move(*log);
    }
    server_ = std::make_unique<HttpServer>(
        [this](const QUrl& url, const QUrlQuery& query) { return rest_->answer(url, query); });
    QObject::connect(server_.get(), &QAbstractHttpServer::newWebSocketConnection, &owner_, [this] {
        while (server_->hasPendingWebSocketConnections()) {
            adopt(server_->nextPendingWebSocketConnection());
        }
    });
    const auto first = openPort(options_.port);
    if (!first) {
        return std::unexpected(first.error());
    }
    wsPort = restPort = *first;
    if (options_.restPort) {
        const auto second = openPort(*options_.restPort);
        if (!second) {
            return std::unexpected(second.error());
        }
        restPort = *second;
    }
    return {};
}

// Qt's server tells of a client only after the handshake, so one that comes too soon is closed rather than refused.
void LoopbackExchange::Impl::adopt(std::unique_ptr<QWebSocket> socket)
{
    const auto now = options_.clock->now();
    const bool isTooSoon = options_.limits && connectedAt_ && now - *connectedAt_ < betweenConnections;
    if (isTooSoon) {
        ++figures.refused;
        socket->setParent(nullptr); // as LoopbackClients::adopt() does
        socket->abort();
        socket.release()->deleteLater();
        return;
    }
    connectedAt_ = now;
    clients_->adopt(std::move(socket));
}

void LoopbackExchange::Impl::onWanted(std::size_t kind, std::size_t index, bool isWanted)
{
    if (kind != LoopbackTopic::trades) {
        return;
    }
    tradeTopics_ += isWanted ? 1 : -1;
    if (source_) {
        source_->setWanted(static_cast<std::uint32_t>(index), isWanted);
    }
    pumpTimer_.start(hasBegun_ ? 0 : settleMs);
}

void LoopbackExchange::Impl::begin()
{
    hasBegun_ = true;
    const auto now = options_.clock->now();
    if (options_.recorded.empty()) {
        const auto start = options_.startAt.value_or(now - options_.history);
        std::vector<MarketCharacter> characters;
        for (const auto& instrument : instruments) {
            auto& character = characters.emplace_back(marketCharacter(instrument));
            if (const auto given = options_.startPrices.find(instrument.name); given != options_.startPrices.end()) {
                character.startPrice = given->second;
            }
            if (const auto given = options_.firstIds.find(instrument.name); given != options_.firstIds.end()) {
                character.firstId = given->second;
            }
        }
        source_ = std::make_unique<SimulatedSource>(options_.seed, start, instruments, characters,
                                                    MarketTuning{.rate = options_.rate, .edge = options_.edge});
        return;
    }
    auto& recorded = static_cast<RecordedSource&>(*source_);
    if (options_.stampNow) {
        recorded.shiftBy(now - recorded.firstTime());
    }
    if (options_.speed > 0) {
        anchorMarket_ = options_.stampNow ? now : recorded.firstTime();
        anchorWall_ = now;
    }
}

// How far the market may go now.
UtcMs LoopbackExchange::Impl::limit()
{
    const auto now = options_.clock->now();
    if (isCatchingUp()) {
        // Catching up: only while someone listens, else the past would be lost to all.
        if (tradeTopics_ == 0) {
            return UtcMs{INT64_MIN};
        }
        if (options_.speed > 0 && sourceTime_ >= now) {
            anchorMarket_ = now;
            anchorWall_ = now;
        } else {
            return options_.speed > 0 ? now : noLimit;
        }
    }
    if (!anchorMarket_) {
        return noLimit;
    }
    const auto passed = static_cast<double>((now - anchorWall_).count()) * options_.speed;
    return *anchorMarket_ + Millis{static_cast<std::int64_t>(passed)};
}

void LoopbackExchange::Impl::pump()
{
    if (isFinished_ || (!hasBegun_ && tradeTopics_ == 0)) {
        return;
    }
    if (!hasBegun_) {
        begin();
    }
    if (clients_->isBlocked()) {
        return; // progressed() comes when bytes have left
    }
    const auto until = limit();
    for (int i = 0; i < eventsAtOnce; ++i) {
        const auto at = source_->nextTime();
        if (!at) {
            finishWhenDrained();
            return;
        }
        if (*at > until) {
            napUntil(*at, until);
            return;
        }
        if (tradeTopics_ == 0 && isCatchingUp()) {
            break; // a fault took the last listener: limit() waits for the next
        }
        auto event = source_->next();
        if (!event) {
            fail(base::sentence(event.error()));
            break;
        }
        sourceTime_ = event->isTrade ? event->tick.time : event->quote.time;
        spoil(*event);
        take(*event);
    }
    pumpTimer_.start(0);
}

void LoopbackExchange::Impl::napUntil(UtcMs marketTime, UtcMs now)
{
    if (now.value == INT64_MIN) {
        return; // a subscriber wakes it
    }
    if (!anchorMarket_ && options_.recorded.empty()) {
        anchorMarket_ = now; // caught up with the wall clock
        anchorWall_ = now;
    }
    channels_->settle(now + options_.faults.skew, true);
    if (log_) {
        log_->flush();
    }
    const auto ms = static_cast<double>((marketTime - now).count()) / std::max(options_.speed, 1e-9);
    pumpTimer_.start(
        std::chrono::milliseconds{std::clamp<std::int64_t>(static_cast<std::int64_t>(ms), 1, longestNapMs)});
}

void LoopbackExchange::Impl::finishWhenDrained()
{
    if (source_->isOver()) {
        channels_->sendHeld();
    }
    if (log_) {
        log_->flush();
    }
    if (source_->isOver() && clients_->isDrained()) {
        isFinished_ = true;
        Q_EMIT owner_.finished();
    }
}

// The faults that change what the market made, for everyone alike: holes in the ids, and a clock that is off.
void LoopbackExchange::Impl::spoil(SimulatedEvent& event)
{
    event.tick.time = event.tick.time + options_.faults.skew;
    event.quote.time = event.quote.time + options_.faults.skew;
    if (!event.isTrade || !dice_.hasAny()) {
        return;
    }
    auto& leftOut = idsLeftOut_[event.index];
    if (dice_.roll(Fault::Hole, options_.clock->now())) {
        ++figures.faults[Fault::Hole];
        leftOut += dice_.upTo(Fault::Hole, 3);
    }
    event.tick.id += leftOut;
}

void LoopbackExchange::Impl::take(const SimulatedEvent& event)
{
    auto& book = books_[event.index];
    figures.marketTime = std::max(figures.marketTime, event.isTrade ? event.tick.time : event.quote.time);
    if (event.isTrade) {
        ++figures.trades;
        book.addTrade(event.tick);
        const auto fate = channels_->onTrade(event.index, event.tick);
        keep({book.instrument(), event.tick, fate});
    } else {
        book.setQuote(event.quote);
        channels_->onQuote(event.index);
    }
    channels_->settle(figures.marketTime, !isCatchingUp() && options_.speed > 0);
}

void LoopbackExchange::Impl::keep(const MadeTrade& made)
{
    if (options_.onMade) {
        options_.onMade(made);
    }
    if (log_) {
        log_->add(made);
        if (!log_->good()) {
            log_.reset();
            fail("the log takes no more: " + options_.logFile);
        }
    }
}

LoopbackExchange::LoopbackExchange(LoopbackOptions options, QObject* parent)
    : QObject(parent),
      impl_(std::make_unique<Impl>(*this, std::move(options)))
{
}
LoopbackExchange::~LoopbackExchange() = default;

Result<void> LoopbackExchange::listen()
{
    return impl_->listen();
}
std::uint16_t LoopbackExchange::wsPort() const
{
    return impl_->wsPort;
}
std::uint16_t LoopbackExchange::restPort() const
{
    return impl_->restPort;
}
const std::vector<market::Instrument>& LoopbackExchange::instruments() const
{
    return impl_->instruments;
}
void LoopbackExchange::dropClients()
{
    impl_->dropClients();
}

LoopbackFigures LoopbackExchange::figures() const
{
    auto figures = impl_->figures;
    figures.clients = impl_->clientCount();
    return figures;
}

} // namespace qd::exchange
