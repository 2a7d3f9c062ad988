#include "engines/web_notifiers.h"

#include "base/sha256.h"

#include <QEventLoop>
#include <QJsonDocument>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QTimer>
#include <QUrl>

#include <array>

namespace qd::engines {

using base::ErrorCode;
using base::Result;

namespace {

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QByteArray bytes(std::string_view of)
{
    return {of.data(), static_cast<qsizetype>(of.size())};
}

/// Too many, too slow, or its own trouble: it may take it later. Else it says that the request is wrong.
bool isWorthAnotherTry(int status)
{
    return status >= 500 || status == 408 || status == 425 || status == 429;
}

/// Until it is finished, or the stop comes.
void wait(QNetworkReply& reply, const std::stop_token& stop)
{
    QEventLoop loop;
    QTimer look;
    QObject::connect(&reply, &QNetworkReply::finished, &loop, &QEventLoop::quit);
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (stop.stop_requested()) {
            reply.abort();
        }
    });
    look.start(50);
    if (!reply.isFinished()) {
        loop.exec();
    }
}

} // namespace

std::string_view name(MessageKind kind)
{
    constexpr std::array<std::string_view, 5> names{"opened", "ended", "test", "self-test", "heartbeat"};
    return names[static_cast<std::size_t>(kind)];
}

std::string webhookBody(const AlertMessage& message)
{
    const QJsonObject body{{QStringLiteral("source"), QStringLiteral("quarterdeck")},
                           {QStringLiteral("kind"), text(name(message.kind))},
                           {QStringLiteral("alert"), static_cast<qint64>(message.alert)},
                           {QStringLiteral("cause"), text(message.cause)},
                           {QStringLiteral("title"), text(message.title)},
                           {QStringLiteral("text"), text(message.text)},
                           {QStringLiteral("time"), text(base::isoText(message.time))}};
    return QJsonDocument(body).toJson(QJsonDocument::Compact).toStdString();
}

std::string webhookSignature(std::string_view secret, std::string_view body)
{
    return "sha256=" + base::hmacSha256Hex(secret, body);
}

WebNotifier::WebNotifier(What what, std::chrono::milliseconds patience)
    : what_(what),
      patience_(patience),
      network_(std::make_unique<QNetworkAccessManager>())
{
}

WebNotifier::~WebNotifier() = default;

namespace {

// Qt's own words name the host, and an address may be a secret in itself: they go into alerts and the API.
std::string whyUnreached(QNetworkReply::NetworkError error)
{
    switch (error) {
    case QNetworkReply::ConnectionRefusedError:
        return "nobody listens at its address";
    case QNetworkReply::HostNotFoundError:
        return "the host of its address is not known";
    case QNetworkReply::SslHandshakeFailedError:
        return "its certificate was not accepted";
    case QNetworkReply::RemoteHostClosedError:
        return "it ended the connection without an answer";
    case QNetworkReply::ProtocolUnknownError:
        return "its address is not one of http or https";
    default:
        return "it cannot be reached (network error " + std::to_string(static_cast<int>(error)) + ")";
    }
}

} // namespace

std::string_view WebNotifier::channel() const
{
    return what_ == What::Webhook ? "webhook" : "heartbeat";
}

Result<void> WebNotifier::deliver(const AlertMessage& message, const std::stop_token& stop)
{
    const std::string subject(channel());
    const QUrl url(text(message.url), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty()) {
        return base::fail(ErrorCode::Refused, subject,
                          "what the policy alerts." + subject + "_url holds is no address");
    }
    QNetworkRequest request(url);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setHeader(QNetworkRequest::UserAgentHeader, QStringLiteral("quarterdeck"));
    request.setTransferTimeout(static_cast<int>(patience_.count()));
    std::unique_ptr<QNetworkReply> reply;
    if (what_ == What::Webhook) {
        const auto body = webhookBody(message);
        request.setHeader(QNetworkRequest::ContentTypeHeader, QStringLiteral("application/json"));
        request.setRawHeader("X-Quarterdeck-Signature", bytes(webhookSignature(message.secret, body)));
        reply.reset(network_->post(request, bytes(body)));
    } else {
        reply.reset(network_->get(request));
    }
    wait(*reply, stop);
    if (stop.stop_requested()) {
        return base::fail(ErrorCode::Cancelled, subject, "the console is closing");
    }
    const auto status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status >= 200 && status < 300 && reply->error() == QNetworkReply::NoError) {
        return {};
    }
    if (status >= 300) {
        return base::fail(isWorthAnotherTry(status) ? ErrorCode::Network : ErrorCode::Refused, subject,
                          "it answered " + std::to_string(status));
    }
    if (reply->error() == QNetworkReply::OperationCanceledError) { // how Qt tells of the transfer's time-out
        return base::fail(ErrorCode::Timeout, subject,
                          "no answer within " + std::to_string(patience_.count() / 1'000) + " s");
    }
    return base::fail(ErrorCode::Network, subject, whyUnreached(reply->error()));
}

} // namespace qd::engines
