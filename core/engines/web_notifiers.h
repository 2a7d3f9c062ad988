// Alerts over HTTP: a webhook that gets signed JSON, and the dead man's address that is only called. The thread that
// makes them delivers; blocks until answered, timed out or stopped. Redirects are not followed.
#pragma once

#include "engines/alert_message.h"

#include <chrono>
#include <memory>

class QNetworkAccessManager;

namespace qd::engines {

/// The body that is posted, one line of JSON.
[[nodiscard]] std::string webhookBody(const AlertMessage& message);
/// "sha256=…" of the body, keyed with the secret; in the header X-Quarterdeck-Signature.
[[nodiscard]] std::string webhookSignature(std::string_view secret, std::string_view body);

class WebNotifier final : public Notifier {
public:
    enum class What : std::uint8_t { Webhook, Heartbeat };
    explicit WebNotifier(What what, std::chrono::milliseconds patience = std::chrono::seconds(10));
    ~WebNotifier() override;
    [[nodiscard]] std::string_view channel() const override;
    [[nodiscard]] base::Result<void> deliver(const AlertMessage& message, const std::stop_token& stop) override;

private:
    What what_;
    std::chrono::milliseconds patience_;
    std::unique_ptr<QNetworkAccessManager> network_;
};

} // namespace qd::engines
