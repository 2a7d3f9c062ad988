#include "exchange/blofin_rest.h"

#include <QtCore/QMetaObject>
#include <QtNetwork/QNetworkReply>
#include <QtNetwork/QNetworkRequest>

#include <algorithm>

namespace qd::exchange {

using base::ErrorCode;

namespace {

constexpr std::int64_t minuteMs = 60'000;
constexpr std::int64_t fiveMinutesMs = 300'000;

QString text(std::string_view s)
{
    return QString::fromUtf8(s.data(), static_cast<qsizetype>(s.size()));
}

QUrlQuery queryFor(const market::Instrument& instrument, int limit)
{
    QUrlQuery query;
    query.addQueryItem(QStringLiteral("instId"), text(instrument.name));
    query.addQueryItem(QStringLiteral("limit"), QString::number(limit));
    return query;
}

// The callback that parses a body, or passes on why there is none.
template <typename T, typename Parse>
auto parsed(std::function<void(base::Result<T>)> done, Parse parse)
{
    return [done = std::move(done), parse = std::move(parse)](base::Result<std::string> body) {
        done(body ? parse(*body) : base::Result<T>(std::unexpected(body.error())));
    };
}

} // namespace

BlofinRest::BlofinRest(RestOptions options, QObject* parent) : QObject(parent), options_(std::move(options))
{
    sinceStart_.start();
    waitTimer_.setSingleShot(true);
    connect(&waitTimer_, &QTimer::timeout, this, &BlofinRest::sendWaiting);
}

BlofinRest::~BlofinRest() = default;

void BlofinRest::instruments(Callback<std::vector<market::Instrument>> done)
{
    get(QStringLiteral("instruments"), {},
        parsed(std::move(done), [](const std::string& body) { return parseInstruments(body); }));
}

void BlofinRest::trades(const market::Instrument& instrument, Callback<std::vector<market::Tick>> done)
{
    get(QStringLiteral("trades"), queryFor(instrument, 100),
        parsed(std::move(done), [instrument](const std::string& body) { return parseTrades(body, instrument); }));
}

void BlofinRest::candles(const market::Instrument& instrument, market::Timeframe timeframe,
                         std::optional<base::UtcMs> after, int limit, Callback<std::vector<RestCandle>> done)
{
    auto query = queryFor(instrument, std::clamp(limit, 1, 1440));
    query.addQueryItem(QStringLiteral("bar"), text(barName(timeframe)));
    if (after) {
        query.addQueryItem(QStringLiteral("after"), QString::number(after->value));
    }
    get(QStringLiteral("candles"), query,
        parsed(std::move(done), [instrument](const std::string& body) { return parseCandles(body, instrument); }));
}

void BlofinRest::tickers(Callback<std::vector<RestTicker>> done)
{
    get(QStringLiteral("tickers"), {},
        parsed(std::move(done), [](const std::string& body) { return parseTickers(body); }));
}

void BlofinRest::get(const QString& path, const QUrlQuery& query, OnBody done)
{
    if (sinceStart_.elapsed() < suspendedUntil_) {
        failLater(std::move(done), {ErrorCode::Refused, options_.base.toString().toStdString(),
                                    "held back after an answer 403 or 429; asking again would prolong the ban"});
        return;
    }
    QUrl url = options_.base;
    url.setPath(QStringLiteral("/api/v1/market/") + path);
    url.setQuery(query);
    waiting_.push_back({std::move(url), std::move(done)});
    sendWaiting();
}

std::int64_t BlofinRest::waitMs() const
{
    const auto now = sinceStart_.elapsed();
    const auto untilRoom = [&](int most, std::int64_t window) -> std::int64_t {
        const auto count = static_cast<std::size_t>(most);
        return sentAt_.size() < count ? 0 : std::max<std::int64_t>(0, sentAt_[sentAt_.size() - count] + window - now);
    };
    return std::max(untilRoom(options_.perMinute, minuteMs), untilRoom(options_.perFiveMinutes, fiveMinutesMs));
}

void BlofinRest::sendWaiting()
{
    while (!waiting_.empty()) {
        if (const auto wait = waitMs(); wait > 0) {
            waitTimer_.start(std::chrono::milliseconds{wait});
            return;
        }
        auto request = std::move(waiting_.front());
        waiting_.pop_front();
        send(std::move(request));
    }
}

void BlofinRest::send(Request request)
{
    sentAt_.push_back(sinceStart_.elapsed());
    while (sentAt_.back() - sentAt_.front() > fiveMinutesMs) {
        sentAt_.pop_front();
    }
    QNetworkRequest message(request.url);
    message.setRawHeader("User-Agent", QByteArray::fromStdString(options_.userAgent));
    message.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::NoLessSafeRedirectPolicy);
    auto* const reply = network_.get(message);
    auto* const deadline = new QTimer(reply); // of the whole exchange; Qt's own counts silence only
    deadline->setSingleShot(true);
    connect(deadline, &QTimer::timeout, reply, [reply] {
        reply->setProperty("timedOut", true);
        reply->abort();
    });
    deadline->start(std::chrono::milliseconds{options_.timeout.count()});
    connect(reply, &QNetworkReply::finished, this, [this, reply, done = std::move(request.done)] {
        reply->deleteLater();
        finish(*reply, reply->property("timedOut").toBool(), done);
    });
}

void BlofinRest::finish(QNetworkReply& reply, bool timedOut, const OnBody& done)
{
    const auto subject = reply.url().toString().toStdString();
    const int status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const auto body = reply.isOpen() ? reply.readAll() : QByteArray(); // closed where it was aborted
    if (timedOut) {
        done(base::fail(ErrorCode::Timeout, subject,
                        "no whole answer within " + std::to_string(options_.timeout.count()) + " ms"));
        return;
    }
    if (status == 0) {
        done(base::fail(ErrorCode::Network, subject, reply.errorString().toStdString()));
        return;
    }
    if (status == 403 || status == 429) {
        suspendedUntil_ = sinceStart_.elapsed() + options_.suspension.count();
        auto held = std::exchange(waiting_, {});
        for (auto& request : held) {
            failLater(std::move(request.done),
                      {ErrorCode::Refused, subject, "held back after HTTP " + std::to_string(status)});
        }
    }
    if (status != 200) {
        done(base::fail(ErrorCode::Refused, subject,
                        "HTTP " + std::to_string(status) + ": " + body.left(200).toStdString()));
        return;
    }
    if (reply.error() != QNetworkReply::NoError) {
        done(base::fail(ErrorCode::Network, subject, reply.errorString().toStdString()));
        return;
    }
    done(body.toStdString());
}

void BlofinRest::failLater(OnBody done, base::Error error)
{
    QMetaObject::invokeMethod(
        this, [done = std::move(done), error = std::move(error)] { done(std::unexpected(error)); },
        Qt::QueuedConnection);
}

} // namespace qd::exchange
