#include "exchange/loopback_exchange.h"

#include "exchange/default_instruments.h"
#include "exchange/loopback_book.h"
#include "exchange/loopback_clients.h"
#include "exchange/loopback_source.h"

#include <QtCore/QElapsedTimer>
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
using base::fail;
using base::Millis;
using base::Result;
using base::UtcMs;

namespace {

constexpr int eventsAtOnce = 2'000; // between two looks at the sockets
constexpr std::int64_t longestNapMs = 50;
constexpr int settleMs = 50; // from the newest subscription to the market's begin: a client's requests come one by one
constexpr UtcMs noLimit{INT64_MAX};

std::optional<market::Timeframe> timeframeOf(std::string_view bar)
{
    for (const auto timeframe : market::allTimeframes) {
        if (bar == barName(timeframe)) {
            return timeframe;
        }
    }
    return std::nullopt;
}

std::string failure(std::string_view code, std::string_view message)
{
    return R"({"code":")" + std::string(code) + R"(","msg":")" + std::string(message) + R"("})";
}

// REST and the upgrade to a WebSocket on the same ports.
class HttpServer final : public QAbstractHttpServer {
public:
    /// The body of an answer; none where the path leads nowhere.
    using Answer = std::function<std::optional<std::string>(const QUrl& url, const QUrlQuery& query)>;

    explicit HttpServer(Answer answer) : answer_(std::move(answer)) {}

private:
    bool handleRequest(const QHttpServerRequest& request, QTcpSocket* socket) override
    {
        if (request.value("Upgrade").compare("websocket", Qt::CaseInsensitive) == 0) {
            return true; // Qt hands the socket over to newWebSocketConnection()
        }
        const auto body = answer_(request.url(), request.query());
        if (body) {
            makeResponder(request, socket).write(QByteArray::fromStdString(*body), "application/json");
        }
        return body.has_value();
    }
    void missingHandler(const QHttpServerRequest& request, QTcpSocket* socket) override
    {
        makeResponder(request, socket)
            .write(QByteArray::fromStdString(failure("401", "Unauthorized")), "application/json",
                   QHttpServerResponder::StatusCode::Unauthorized);
    }

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
    void take(const SimulatedEvent& event);
    void pushCandles(std::size_t index, unsigned closedBits);
    void finishWhenDrained();
    [[nodiscard]] UtcMs limit();
    void napUntil(UtcMs marketTime, UtcMs now);

    std::optional<std::string> answer(const QUrl& url, const QUrlQuery& query);
    [[nodiscard]] std::string dataOf(std::string_view what, const QUrlQuery& query) const;

    LoopbackExchange& owner_;
    LoopbackOptions options_;
    std::unordered_map<std::string, std::size_t> byName_;
    std::vector<LoopbackBook> books_;
    std::vector<std::array<std::int64_t, market::allTimeframes.size()>> candlePushedAt_; // second of market time
    std::unique_ptr<MarketSource> source_;
    std::unique_ptr<LoopbackClients> clients_;
    std::unique_ptr<HttpServer> server_;
    QTimer pumpTimer_;
    std::string text_;

    bool hasBegun_ = false;
    bool isFinished_ = false;
    int tradeTopics_ = 0; // instruments whose trades somebody wants
    // Market time = anchorMarket_ + (wall time - anchorWall_) × speed, once the market is paced.
    std::optional<UtcMs> anchorMarket_;
    UtcMs anchorWall_;
};

LoopbackExchange::Impl::Impl(LoopbackExchange& owner, LoopbackOptions options)
    : owner_(owner),
      options_(std::move(options))
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
        byName_.emplace(instrument.name, books_.size());
        books_.emplace_back(instrument);
        names.push_back(instrument.name);
    }
    candlePushedAt_.resize(books_.size());
    clients_ = std::make_unique<LoopbackClients>(names);
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
            return fail(ErrorCode::Conflict, instrument.name, "given twice: one file or market an instrument");
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
        return fail(ErrorCode::Busy, "127.0.0.1:" + std::to_string(port),
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
    server_ =
        std::make_unique<HttpServer>([this](const QUrl& url, const QUrlQuery& query) { return answer(url, query); });
    QObject::connect(server_.get(), &QAbstractHttpServer::newWebSocketConnection, &owner_, [this] {
        while (server_->hasPendingWebSocketConnections()) {
            clients_->adopt(server_->nextPendingWebSocketConnection());
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
        }
        source_ = std::make_unique<SimulatedSource>(options_.seed, start, instruments, characters);
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
    if (options_.recorded.empty() && !anchorMarket_) {
        // Catching up: only while someone listens, else the past would be lost to all.
        if (tradeTopics_ == 0) {
            return UtcMs{INT64_MIN};
        }
        if (options_.speed > 0 && figures.marketTime >= now) {
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
        const auto event = source_->next();
        if (!event) {
            Q_EMIT owner_.failed(QString::fromStdString(base::sentence(event.error())));
            break;
        }
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
    const auto ms = static_cast<double>((marketTime - now).count()) / std::max(options_.speed, 1e-9);
    pumpTimer_.start(
        std::chrono::milliseconds{std::clamp<std::int64_t>(static_cast<std::int64_t>(ms), 1, longestNapMs)});
}

void LoopbackExchange::Impl::finishWhenDrained()
{
    if (source_->isOver() && clients_->isDrained()) {
        isFinished_ = true;
        Q_EMIT owner_.finished();
    }
}

void LoopbackExchange::Impl::take(const SimulatedEvent& event)
{
    auto& book = books_[event.index];
    text_.clear();
    if (!event.isTrade) {
        figures.marketTime = event.quote.time;
        book.setQuote(event.quote);
        if (book.hasTrades() && clients_->isWanted(LoopbackTopic::tickers, event.index)) {
            book.appendTickerPush(text_);
            figures.pushes += clients_->push(LoopbackTopic::tickers, event.index, text_);
        }
        return;
    }
    figures.marketTime = event.tick.time;
    ++figures.trades;
    const auto closedBits = book.addTrade(event.tick);
    if (clients_->isWanted(LoopbackTopic::trades, event.index)) {
        book.appendTradePush(text_, event.tick);
        figures.pushes += clients_->push(LoopbackTopic::trades, event.index, text_);
    }
    pushCandles(event.index, closedBits);
}

// The closed candle once, the one in work at most once a second.
void LoopbackExchange::Impl::pushCandles(std::size_t index, unsigned closedBits)
{
    for (const auto timeframe : market::allTimeframes) {
        const auto kind = LoopbackTopic::candles(timeframe);
        if (!clients_->isWanted(kind, index)) {
            continue;
        }
        const auto bit = static_cast<std::size_t>(timeframe);
        const auto second = figures.marketTime.value / 1'000;
        const bool hasClosed = (closedBits >> bit & 1U) != 0;
        if (hasClosed) {
            text_.clear();
            books_[index].appendCandlePush(text_, timeframe, true);
            figures.pushes += clients_->push(kind, index, text_);
        }
        if (hasClosed || candlePushedAt_[index][bit] != second) {
            candlePushedAt_[index][bit] = second;
            text_.clear();
            books_[index].appendCandlePush(text_, timeframe, false);
            figures.pushes += clients_->push(kind, index, text_);
        }
    }
}

std::optional<std::string> LoopbackExchange::Impl::answer(const QUrl& url, const QUrlQuery& query)
{
    const auto path = url.path().toStdString();
    constexpr std::string_view root = "/api/v1/market/";
    if (!path.starts_with(root)) {
        return std::nullopt;
    }
    ++figures.requests;
    return dataOf(std::string_view(path).substr(root.size()), query);
}

std::string LoopbackExchange::Impl::dataOf(std::string_view what, const QUrlQuery& query) const
{
    const auto value = [&query](const char* name) { return query.queryItemValue(QLatin1String(name)).toStdString(); };
    const auto name = value("instId");
    const auto found = byName_.find(name);
    const bool isPerInstrument = what == "trades" || what == "candles";
    if ((isPerInstrument || !name.empty()) && found == byName_.end()) {
        return failure("152014", "Instrument ID does not exist");
    }
    const auto time = [&](const char* key) -> std::optional<UtcMs> {
        const auto text = value(key);
        return text.empty() ? std::nullopt : std::optional(UtcMs{std::strtoll(text.c_str(), nullptr, 10)});
    };
    const auto limitText = value("limit");
    const auto limitOr = [&](std::size_t standard, std::size_t most) {
        const auto wanted = limitText.empty() ? standard : std::strtoull(limitText.c_str(), nullptr, 10);
        return std::clamp<std::size_t>(wanted, 1, most);
    };
    std::string out = R"({"code":"0","msg":"success","data":[)";
    const auto eachBook = [&](auto&& append) {
        for (const auto& book : books_) {
            if (name.empty() || book.instrument().name == name) {
                const auto before = out.size();
                append(book);
                out.append(out.size() > before ? "," : "");
            }
        }
        if (out.back() == ',') {
            out.pop_back();
        }
    };
    if (what == "instruments") {
        eachBook([&](const LoopbackBook& book) { book.appendInstrument(out); });
    } else if (what == "tickers") {
        eachBook([&](const LoopbackBook& book) { book.appendTicker(out); });
    } else if (what == "trades") {
        books_[found->second].appendTrades(out, limitOr(100, 100));
    } else if (what == "candles") {
        const auto bar = value("bar");
        const auto timeframe = timeframeOf(bar.empty() ? "1m" : bar);
        if (!timeframe) {
            return failure("152002", "Parameter bar error.");
        }
        books_[found->second].appendCandles(out, *timeframe, time("after"), time("before"), limitOr(500, 1440));
    } else {
        return failure("404", "no such path");
    }
    return out + "]}";
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
