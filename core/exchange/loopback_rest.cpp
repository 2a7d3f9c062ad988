#include "exchange/loopback_rest.h"

#include "exchange/loopback_funding.h"

#include <QtCore/QUrl>
#include <QtCore/QUrlQuery>

#include <algorithm>
#include <cstdlib>

namespace qd::exchange {

using base::Millis;
using base::UtcMs;

namespace {

constexpr Millis minute{60'000};
constexpr Millis fiveMinutes{300'000};
constexpr std::size_t mostAMinute = 500;
constexpr std::size_t mostInFive = 1'500;
constexpr Millis longBan{3'600'000};

constexpr std::string_view firewallPage =
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Error 403: access denied</body></html>";
constexpr std::string_view numericError =
    R"({"code":500,"data":{},"detailMsg":"","error_code":"500","error_message":"Internal Server Error","msg":"Internal Server Error"})";
constexpr std::string_view success = R"({"code":"0","msg":"success","data":[)";

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

std::string valueOf(const QUrlQuery& query, const char* key)
{
    return query.queryItemValue(QLatin1String(key)).toStdString();
}

std::optional<UtcMs> timeOf(const QUrlQuery& query, const char* key)
{
    const auto text = valueOf(query, key);
    return text.empty() ? std::nullopt : std::optional(UtcMs{std::strtoll(text.c_str(), nullptr, 10)});
}

std::size_t limitOf(const QUrlQuery& query, const char* key, std::size_t standard, std::size_t most)
{
    const auto text = valueOf(query, key);
    const auto wanted = text.empty() ? standard : std::strtoull(text.c_str(), nullptr, 10);
    return std::clamp<std::size_t>(wanted, 1, most);
}

// Keeps the newer half of the rows, as a page that was cut: an element of the data list begins at each "},{" or "],[".
std::string halved(std::string body)
{
    std::vector<std::size_t> ends;
    for (std::size_t i = success.size(); i + 2 < body.size(); ++i) {
        if ((body[i] == '}' || body[i] == ']') && body[i + 1] == ',' && (body[i + 2] == '{' || body[i + 2] == '[')) {
            ends.push_back(i + 1);
        }
    }
    if (ends.empty()) { // one row, or none
        return std::string(success) + "]}";
    }
    body.resize(ends[(ends.size() - 1) / 2]);
    return body + "]}";
}

} // namespace

LoopbackLimits::Verdict LoopbackLimits::take(UtcMs now)
{
    if (now < bannedUntil_) {
        return Verdict::Banned;
    }
    while (!taken_.empty() && now - taken_.front() >= fiveMinutes) {
        taken_.pop_front();
    }
    const auto ofMinute = std::count_if(taken_.rbegin(), taken_.rend(), [now](UtcMs at) { return now - at < minute; });
    const bool isOverFive = taken_.size() >= mostInFive;
    if (isOverFive || static_cast<std::size_t>(ofMinute) >= mostAMinute) {
        bannedUntil_ = now + (isOverFive ? longBan : fiveMinutes);
        return Verdict::TooMany;
    }
    taken_.push_back(now);
    return Verdict::Pass;
}

LoopbackRest::LoopbackRest(const std::vector<LoopbackBook>& books, LoopbackDice& dice, LoopbackFigures& figures,
                           std::shared_ptr<const base::Clock> clock, Millis skew, bool hasLimits)
    : books_(books),
      dice_(dice),
      figures_(figures),
      clock_(std::move(clock)),
      skew_(skew),
      hasLimits_(hasLimits)
{
    for (std::size_t i = 0; i < books.size(); ++i) {
        byName_.emplace(books[i].instrument().name, i);
    }
}

bool LoopbackRest::roll(Fault fault)
{
    const bool happens = dice_.roll(fault, clock_->now());
    figures_.faults[fault] += happens ? 1 : 0;
    return happens;
}

std::optional<LoopbackRest::Answer> LoopbackRest::refusal()
{
    const auto verdict = hasLimits_ ? limits_.take(clock_->now()) : LoopbackLimits::Verdict::Pass;
    figures_.refused += verdict == LoopbackLimits::Verdict::Pass ? 0 : 1;
    if (verdict == LoopbackLimits::Verdict::Banned || roll(Fault::Rest403)) {
        return Answer{403, std::string(firewallPage), true};
    }
    if (verdict == LoopbackLimits::Verdict::TooMany || roll(Fault::Rest429)) {
        return Answer{429, "Too Many Requests", true};
    }
    if (roll(Fault::Rest500)) {
        return Answer{200, std::string(numericError)};
    }
    return std::nullopt;
}

LoopbackRest::Answer LoopbackRest::answer(const QUrl& url, const QUrlQuery& query)
{
    ++figures_.requests;
    if (auto refused = refusal()) {
        return std::move(*refused);
    }
    const auto path = url.path().toStdString();
    constexpr std::string_view root = "/api/v1/market/";
    auto body = path.starts_with(root) ? dataOf(std::string_view(path).substr(root.size()), query) : std::nullopt;
    return body ? Answer{200, std::move(*body)} : Answer{401, failure("401", "Unauthorized")};
}

UtcMs LoopbackRest::marketTime() const
{
    return figures_.marketTime.value != 0 ? figures_.marketTime : clock_->now() + skew_;
}

std::optional<std::string> LoopbackRest::dataOf(std::string_view what, const QUrlQuery& query)
{
    const auto name = valueOf(query, "instId");
    const auto found = byName_.find(name);
    const bool isPage = what == "trades" || what == "candles" || what == "funding-rate-history";
    if ((isPage || what == "books" || !name.empty()) && found == byName_.end()) {
        return failure("152014", "Instrument ID does not exist");
    }
    if (!isPage && what != "books") {
        return listOf(what, query);
    }
    return pageOf(what, books_[found->second], query, isPage && roll(Fault::Short));
}

// Of one instrument, or of all where none is named.
std::optional<std::string> LoopbackRest::listOf(std::string_view what, const QUrlQuery& query) const
{
    const auto name = valueOf(query, "instId");
    std::string out(success);
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
        return out + "]}";
    };
    if (what == "instruments") {
        return eachBook([&](const LoopbackBook& book) { book.appendInstrument(out); });
    }
    if (what == "tickers") {
        return eachBook([&](const LoopbackBook& book) { book.appendTicker(out); });
    }
    if (what == "mark-price") {
        return eachBook([&](const LoopbackBook& book) { book.appendMarkPrice(out); });
    }
    if (what == "funding-rate") {
        return eachBook([&](const LoopbackBook& book) { book.appendFunding(out, nextFunding(marketTime())); });
    }
    return std::nullopt;
}

std::optional<std::string> LoopbackRest::pageOf(std::string_view what, const LoopbackBook& book, const QUrlQuery& query,
                                                bool isShort) const
{
    std::string out(success);
    if (what == "books") {
        if (!book.depth().isEmpty()) {
            book.depth().appendRest(out, book.instrument(), limitOf(query, "size", 1, 100));
        }
        return out + "]}";
    }
    if (what == "trades") {
        book.appendTrades(out, limitOf(query, "limit", 100, 100));
    } else if (what == "funding-rate-history") {
        book.appendFundingHistory(out, marketTime(), timeOf(query, "after"), timeOf(query, "before"),
                                  limitOf(query, "limit", 100, 100));
    } else {
        const auto bar = valueOf(query, "bar");
        const auto timeframe = timeframeOf(bar.empty() ? "1m" : bar);
        if (!timeframe) {
            return failure("152002", "Parameter bar error.");
        }
        book.appendCandles(out, *timeframe, timeOf(query, "after"), timeOf(query, "before"),
                           limitOf(query, "limit", 500, 1440));
    }
    out.append("]}");
    return isShort ? halved(std::move(out)) : out;
}

} // namespace qd::exchange
