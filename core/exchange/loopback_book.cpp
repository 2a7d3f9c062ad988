#include "exchange/loopback_book.h"

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

constexpr std::size_t minutesOfDay = 1440;

} // namespace

LoopbackBook::LoopbackBook(market::Instrument instrument)
    : instrument_(std::move(instrument)),
      lotValue_(instrument_.lot.value(1) * base::toDouble(instrument_.contractValue)),
      tradeHead_(pushHead("trades", instrument_.name)),
      series_{Series{market::CandleBuilder(Timeframe::M1), {}}, Series{market::CandleBuilder(Timeframe::M5), {}},
              Series{market::CandleBuilder(Timeframe::M15), {}}, Series{market::CandleBuilder(Timeframe::H1), {}},
              Series{market::CandleBuilder(Timeframe::H4), {}}}
{
}

unsigned LoopbackBook::addTrade(const market::Tick& tick)
{
    trades_.push_back(tick);
    if (trades_.size() > tradesKept) {
        trades_.pop_front();
    }
    unsigned closedBits = 0;
    const double turnover = instrument_.priceValue(tick.price) * static_cast<double>(tick.size().value) * lotValue_;
    for (std::size_t i = 0; i < series_.size(); ++i) {
        auto& series = series_[i];
        justClosed_.clear();
        series.builder.add(tick, justClosed_);
        for (const auto& candle : justClosed_) { // the first was in work, the others are flat
            series.closed.push_back({candle, std::exchange(series.turnover, 0.0)});
            if (series.closed.size() > candlesKept) {
                series.closed.pop_front();
            }
            closedBits |= 1U << i;
        }
        series.turnover += turnover;
    }
    if ((closedBits & 1U) != 0) {
        sumDay();
    }
    return closedBits;
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

void LoopbackBook::appendCandlePush(std::string& out, Timeframe timeframe, bool justClosed) const
{
    const auto& series = series_[static_cast<std::size_t>(timeframe)];
    out.append(pushHead("candle" + std::string(barName(timeframe)), instrument_.name));
    if (justClosed) {
        appendBar(out, series.closed.back(), true);
    } else if (const auto forming = series.builder.forming()) {
        appendBar(out, {*forming, series.turnover}, false);
    }
    out.append("]}");
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
    appendField(out, "listTime", "1673517600000");
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
}

} // namespace qd::exchange
