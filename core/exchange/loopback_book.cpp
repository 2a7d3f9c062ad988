#include "exchange/loopback_book.h"

#include "exchange/loopback_funding.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace qd::exchange {

using market::Timeframe;

namespace {

void appendNumber(std::string& out, std::int64_t value)
{
    std::array<char, 24> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    out.append(text.data(), end);
}

// "name":"text",
void appendField(std::string& out, std::string_view name, std::string_view text)
{
    out.append("\"").append(name).append("\":\"").append(text).append("\",");
}

void closeObject(std::string& out)
{
    out.back() = '}'; // instead of the last field's comma
}

std::string pushHead(std::string_view channel, std::string_view name)
{
    return R"({"arg":{"channel":")" + std::string(channel) + R"(","instId":")" + std::string(name) + R"("},"data":[)";
}

std::string bookHead(std::string_view channel, std::string_view name, std::string_view action)
{
    return R"({"arg":{"channel":")" + std::string(channel) + R"(","instId":")" + std::string(name) +
           R"("},"action":")" + std::string(action) + R"(","data":)";
}

constexpr std::size_t minutesOfDay = 1440;
constexpr base::UtcMs listed{1'673'517'600'000}; // of every instrument; before it there is no funding

} // namespace

LoopbackBook::LoopbackBook(market::Instrument instrument, int pastDays)
    : instrument_(std::move(instrument)),
      lotValue_(instrument_.lot.value(1) * base::toDouble(instrument_.contractValue)),
      tradeHead_(pushHead("trades", instrument_.name)),
      series_{Series{market::CandleBuilder(Timeframe::M1), {}}, Series{market::CandleBuilder(Timeframe::M5), {}},
              Series{market::CandleBuilder(Timeframe::M15), {}}, Series{market::CandleBuilder(Timeframe::H1), {}},
              Series{market::CandleBuilder(Timeframe::H4), {}}},
      pastDays_(pastDays)
{
}

void LoopbackBook::addTrade(const market::Tick& tick)
{
    if (trades_.empty() && pastDays_ > 0) {
        past_ = LoopbackPast(instrument_.name, tick.time, tick.price, pastDays_);
    }
    trades_.push_back(tick);
    if (trades_.size() > tradesKept) {
        trades_.pop_front();
    }
    depth_.addTrade(tick);
    const double turnover = instrument_.priceValue(tick.price) * static_cast<double>(tick.size().value) * lotValue_;
    for (auto& series : series_) {
        justClosed_.clear();
        series.builder.add(tick, justClosed_);
        for (const auto& candle : justClosed_) { // the first was in work, the others are flat
            series.closed.push_back({candle, std::exchange(series.turnover, 0.0)});
            if (series.closed.size() > candlesKept) {
                series.closed.pop_front();
            }
        }
        series.justClosed = justClosed_.size();
        series.turnover += turnover;
    }
    if (series_[0].justClosed != 0) {
        sumDay();
    }
}

void LoopbackBook::sumDay()
{
    const auto& minutes = series_[0].closed;
    const auto count = std::min(minutes.size(), minutesOfDay - 1);
    auto at = minutes.end() - static_cast<std::ptrdiff_t>(count);
    Day day{at->candle.open, at->candle.high, at->candle.low};
    for (; at != minutes.end(); ++at) {
        day.high = std::max(day.high, at->candle.high);
        day.low = std::min(day.low, at->candle.low);
        day.volume += at->candle.volume.value;
    }
    day_ = day;
}

std::string LoopbackBook::coinsText(std::int64_t lots) const
{
    const auto step = instrument_.lot.step();
    const auto coinsInLot = base::multiply(step, instrument_.contractValue);
    const auto coins = coinsInLot ? base::multiply({lots, 0}, *coinsInLot) : coinsInLot;
    return coins ? base::toText(*coins) : instrument_.lot.text(lots);
}

void LoopbackBook::appendTradeObject(std::string& out, const market::Tick& tick) const
{
    out.append(R"({"instId":")").append(instrument_.name).append(R"(","tradeId":")");
    appendNumber(out, tick.id);
    out.append(R"(","price":")").append(instrument_.priceText(tick.price));
    out.append(R"(","size":")").append(instrument_.sizeText(tick.size()));
    out.append(tick.signedSize > 0 ? R"(","side":"buy","ts":")" : R"(","side":"sell","ts":")");
    appendNumber(out, tick.time.value);
    out.append(R"("})");
}

void LoopbackBook::appendTradePush(std::string& out, const market::Tick& tick) const
{
    out.append(tradeHead_);
    appendTradeObject(out, tick);
    out.append("]}");
}

void LoopbackBook::appendTickerPush(std::string& out) const
{
    out.append(pushHead("tickers", instrument_.name));
    appendTicker(out);
    out.append("]}");
}

void LoopbackBook::appendTicker(std::string& out) const
{
    if (trades_.empty()) {
        return;
    }
    const auto& last = trades_.back();
    const auto forming = series_[0].builder.forming().value_or(market::Candle{});
    const auto day = day_.value_or(Day{forming.open, forming.high, forming.low});
    const auto volume = day.volume + forming.volume.value;
    const auto price = [&](market::Price p) { return instrument_.priceText(p); };
    const auto size = [&](market::Quantity q) { return instrument_.sizeText(q); };
    out.append("{");
    appendField(out, "instId", instrument_.name);
    appendField(out, "last", price(last.price));
    appendField(out, "lastSize", size(last.size()));
    appendField(out, "askPrice", quote_ ? price(quote_->ask) : "");
    appendField(out, "askSize", quote_ ? size(quote_->askSize) : "");
    appendField(out, "bidPrice", quote_ ? price(quote_->bid) : "");
    appendField(out, "bidSize", quote_ ? size(quote_->bidSize) : "");
    appendField(out, "high24h", price(std::max(day.high, forming.high)));
    appendField(out, "open24h", price(day.open));
    appendField(out, "low24h", price(std::min(day.low, forming.low)));
    appendField(out, "volCurrency24h", coinsText(volume));
    appendField(out, "vol24h", size({volume}));
    appendField(out, "ts", std::to_string(quote_ ? std::max(quote_->time, last.time).value : last.time.value));
    closeObject(out);
}

void LoopbackBook::appendBar(std::string& out, const Bar& bar, bool isClosed) const
{
    std::array<char, 64> turnover{};
    (void)std::snprintf(turnover.data(), turnover.size(), "%.4f", bar.turnover);
    out.append("[\"").append(std::to_string(bar.candle.start.value)).append("\",\"");
    for (const auto price : {bar.candle.open, bar.candle.high, bar.candle.low, bar.candle.close}) {
        out.append(instrument_.priceText(price)).append("\",\"");
    }
    out.append(instrument_.sizeText(bar.candle.volume)).append("\",\"");
    out.append(coinsText(bar.candle.volume.value)).append("\",\"").append(turnover.data());
    out.append(isClosed ? "\",\"1\"]" : "\",\"0\"]");
}

std::size_t LoopbackBook::closedCount(Timeframe timeframe) const
{
    const auto& series = series_[static_cast<std::size_t>(timeframe)];
    return std::min(series.justClosed, series.closed.size());
}

void LoopbackBook::appendFormingPush(std::string& out, Timeframe timeframe) const
{
    const auto& series = series_[static_cast<std::size_t>(timeframe)];
    if (const auto forming = series.builder.forming()) {
        out.append(pushHead("candle" + std::string(barName(timeframe)), instrument_.name));
        appendBar(out, {*forming, series.turnover}, false);
        out.append("]}");
    }
}

void LoopbackBook::appendClosedPush(std::string& out, Timeframe timeframe, std::size_t fromNewest) const
{
    const auto& closed = series_[static_cast<std::size_t>(timeframe)].closed;
    out.append(pushHead("candle" + std::string(barName(timeframe)), instrument_.name));
    appendBar(out, closed[closed.size() - 1 - fromNewest], true);
    out.append("]}");
}

void LoopbackBook::appendBooks5Push(std::string& out) const
{
    out.append(bookHead("books5", instrument_.name, "snapshot"));
    depth_.appendSnapshot(out, instrument_, 5);
    out.append("}");
}

void LoopbackBook::appendBooksPush(std::string& out, bool isSnapshot) const
{
    out.append(bookHead("books", instrument_.name, isSnapshot ? "snapshot" : "update"));
    if (isSnapshot) {
        depth_.appendSnapshot(out, instrument_, LoopbackDepth::levelsKept);
    } else {
        depth_.appendUpdate(out, instrument_);
    }
    out.append("}");
}

void LoopbackBook::appendFundingPush(std::string& out, base::UtcMs now) const
{
    out.append(pushHead("funding-rate", instrument_.name));
    appendFunding(out, nextFunding(now));
    out.append("]}");
}

void LoopbackBook::appendFunding(std::string& out, base::UtcMs settlement) const
{
    out.append("{");
    appendField(out, "instId", instrument_.name);
    appendField(out, "fundingRate", fundingRateText(instrument_.name, settlement));
    appendField(out, "fundingTime", std::to_string(settlement.value));
    closeObject(out);
}

void LoopbackBook::appendFundingHistory(std::string& out, base::UtcMs now, std::optional<base::UtcMs> after,
                                        std::optional<base::UtcMs> before, std::size_t limit) const
{
    auto at = nextFunding(now) - fundingEvery;
    if (after && *after <= at) {
        at = base::bucketStart(*after - base::Millis{1}, fundingEvery);
    }
    for (std::size_t count = 0; count < limit && at >= listed && (!before || at > *before); ++count) {
        out.append(count == 0 ? "" : ",");
        appendFunding(out, at);
        at = at - fundingEvery;
    }
}

void LoopbackBook::appendMarkPrice(std::string& out) const
{
    if (trades_.empty()) {
        return;
    }
    const auto& last = trades_.back();
    const auto mark = quote_ ? market::Price{(quote_->bid.value + quote_->ask.value) / 2} : last.price;
    const market::Price index{std::max<std::int64_t>(1, mark.value - mark.value / 20'000)}; // half a basis point under
    out.append("{");
    appendField(out, "instId", instrument_.name);
    appendField(out, "indexPrice", instrument_.priceText(index));
    appendField(out, "markPrice", instrument_.priceText(mark));
    appendField(out, "ts", std::to_string(quote_ ? std::max(quote_->time, last.time).value : last.time.value));
    closeObject(out);
}

void LoopbackBook::appendInstrument(std::string& out) const
{
    const auto dash = instrument_.name.find('-');
    const auto baseCoin = instrument_.name.substr(0, dash);
    const auto quoteCoin = dash == std::string::npos ? std::string("USDT") : instrument_.name.substr(dash + 1);
    out.append("{");
    appendField(out, "instId", instrument_.name);
    appendField(out, "baseCurrency", baseCoin);
    appendField(out, "quoteCurrency", quoteCoin);
    appendField(out, "contractValue", base::toText(instrument_.contractValue));
    appendField(out, "listTime", std::to_string(listed.value));
    appendField(out, "expireTime", "32503680000000");
    appendField(out, "maxLeverage", "50");
    appendField(out, "minSize", instrument_.sizeText(instrument_.minSize));
    appendField(out, "lotSize", base::toText(instrument_.lot.step()));
    appendField(out, "tickSize", base::toText(instrument_.tick.step()));
    appendField(out, "instType", "SWAP");
    appendField(out, "contractType", "linear");
    appendField(out, "maxLimitSize", "1000000");
    appendField(out, "maxMarketSize", "100000");
    appendField(out, "state", "live");
    appendField(out, "settleCurrency", quoteCoin);
    closeObject(out);
}

void LoopbackBook::appendTrades(std::string& out, std::size_t limit) const
{
    const auto count = std::min(limit, trades_.size());
    for (std::size_t i = 0; i < count; ++i) {
        out.append(i == 0 ? "" : ",");
        appendTradeObject(out, trades_[trades_.size() - 1 - i]);
    }
}

void LoopbackBook::appendCandles(std::string& out, Timeframe timeframe, std::optional<base::UtcMs> after,
                                 std::optional<base::UtcMs> before, std::size_t limit) const
{
    const auto& series = series_[static_cast<std::size_t>(timeframe)];
    std::size_t count = 0;
    const auto add = [&](const Bar& bar, bool isClosed) {
        const bool isIn = (!after || bar.candle.start < *after) && (!before || bar.candle.start > *before);
        if (isIn && count < limit) {
            out.append(count++ == 0 ? "" : ",");
            appendBar(out, bar, isClosed);
        }
    };
    if (const auto forming = series.builder.forming()) {
        add({*forming, series.turnover}, false);
    }
    for (auto at = series.closed.rbegin(); at != series.closed.rend() && count < limit; ++at) {
        add(*at, true);
    }
    const auto width = market::length(timeframe);
    auto start = base::bucketStart(after && *after < past_.end() ? *after - base::Millis{1} : past_.end(), width);
    if (past_.end() < start + width) {
        start = start - width; // it began within this one, which is told above
    }
    for (; count < limit; start = start - width) {
        const auto candle = past_.candle(start, timeframe);
        if (!candle) {
            return;
        }
        add({*candle, instrument_.priceValue(candle->close) * static_cast<double>(candle->volume.value) * lotValue_},
            true);
    }
}

} // namespace qd::exchange
