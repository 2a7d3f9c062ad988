// REST of the loopback exchange: its market's endpoints, limits and bans, and the faults of REST. Internal to the room;
// the exchange's thread only.
#pragma once

#include "exchange/loopback_book.h"
#include "exchange/loopback_exchange.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

class QUrl;
class QUrlQuery;

namespace qd::exchange {

/// Requests an address may make: 500 a minute (else banned for 5 minutes), 1,500 in 5 minutes (else for an hour).
class LoopbackLimits {
public:
    enum class Verdict : std::uint8_t { Pass, TooMany, Banned };
    /// Of one request at `now`. The first over a limit is TooMany; what comes during the ban it brings is Banned.
    [[nodiscard]] Verdict take(base::UtcMs now);

private:
    std::deque<base::UtcMs> taken_; // of the last 5 minutes
    base::UtcMs bannedUntil_{INT64_MIN};
};

class LoopbackRest {
public:
    /// `books` and `figures` are the exchange's and outlive this. `skew` is the exchange's clock's.
    LoopbackRest(const std::vector<LoopbackBook>& books, LoopbackDice& dice, LoopbackFigures& figures,
                 std::shared_ptr<const base::Clock> clock, base::Millis skew, bool hasLimits);

    struct Answer {
        int status = 200;
        std::string body;
        bool isHtml = false;
    };
    [[nodiscard]] Answer answer(const QUrl& url, const QUrlQuery& query);

private:
    [[nodiscard]] std::optional<Answer> refusal();
    [[nodiscard]] bool roll(Fault fault);
    [[nodiscard]] std::optional<std::string> dataOf(std::string_view what, const QUrlQuery& query);
    [[nodiscard]] std::optional<std::string> listOf(std::string_view what, const QUrlQuery& query) const;
    [[nodiscard]] std::optional<std::string> pageOf(std::string_view what, const LoopbackBook& book,
                                                    const QUrlQuery& query, bool isShort) const;
    [[nodiscard]] base::UtcMs marketTime() const;

    const std::vector<LoopbackBook>& books_;
    LoopbackDice& dice_;
    LoopbackFigures& figures_;
    std::shared_ptr<const base::Clock> clock_;
    base::Millis skew_;
    bool hasLimits_;
    LoopbackLimits limits_;
    std::unordered_map<std::string, std::size_t> byName_;
};

} // namespace qd::exchange
