// BloFin's public REST, asynchronous. Made, used and ended on one thread with a Qt event loop; callbacks come there,
// once each, never from within the call, and not after the client is gone. Keeps under 500 requests a minute and 1,500
// in five; what exceeds that waits. After a 403 or 429 it sends nothing for `suspension` and fails at once (Refused).
// Fails: Network, Timeout, Refused (HTTP status or exchange code in detail), NotFound, Malformed.
#pragma once

#include "exchange/blofin_rest_messages.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QNetworkAccessManager>

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace qd::exchange {

struct RestOptions {
    QUrl base; // https://openapi.blofin.com
    std::string userAgent = "Quarterdeck/0.1";
    base::Millis timeout{15'000};
    base::Millis suspension{300'000};
    int perMinute = 500;
    int perFiveMinutes = 1'500;
};

class BlofinRest final : public QObject {
    Q_OBJECT
public:
    template <typename T>
    using Callback = std::function<void(base::Result<T>)>;

    explicit BlofinRest(RestOptions options, QObject* parent = nullptr);
    ~BlofinRest() override;

    void instruments(Callback<std::vector<market::Instrument>> done);
    /// The newest trades, at most 100, oldest first.
    void trades(const market::Instrument& instrument, Callback<std::vector<market::Tick>> done);
    /// Candles that start before `after` (the newest without it), at most `limit` ≤ 1440, oldest first.
    void candles(const market::Instrument& instrument, market::Timeframe timeframe, std::optional<base::UtcMs> after,
                 int limit, Callback<std::vector<RestCandle>> done);
    void tickers(Callback<std::vector<RestTicker>> done);

private:
    using OnBody = std::function<void(base::Result<std::string>)>;
    struct Request {
        QUrl url;
        OnBody done;
    };

    void get(const QString& path, const QUrlQuery& query, OnBody done);
    void sendWaiting();
    void send(Request request);
    void finish(QNetworkReply& reply, bool timedOut, const OnBody& done);
    void failLater(OnBody done, base::Error error);
    /// Time until one more request is within both limits; 0: now.
    [[nodiscard]] std::int64_t waitMs() const;

    RestOptions options_;
    QNetworkAccessManager network_;
    QElapsedTimer sinceStart_;
    std::deque<std::int64_t> sentAt_; // ms of sinceStart_, those of the newest five minutes
    std::deque<Request> waiting_;
    QTimer waitTimer_;
    std::int64_t suspendedUntil_ = 0;
};

} // namespace qd::exchange
