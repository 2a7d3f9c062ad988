#include "exchange/loopback_channels.h"

#include "exchange/loopback_funding.h"

#include <algorithm>
#include <utility>

namespace qd::exchange {

using base::Millis;
using base::UtcMs;

namespace {

constexpr Millis candleEvery{1'000};
constexpr Millis fundingPushEvery{30'000};
constexpr std::int64_t mostLater = 20; // trades
constexpr Millis longestHeld{1'500};   // of market time
constexpr std::size_t hugeBytes = 2 << 20;
constexpr std::int64_t garbageKinds = 8;

std::string tradeFrame(std::string_view name, std::string_view data)
{
    return R"({"arg":{"channel":"trades","instId":")" + std::string(name) + R"("},"data":)" + std::string(data) + "}";
}

} // namespace

LoopbackChannels::LoopbackChannels(std::vector<LoopbackBook>& books, LoopbackClients& clients, LoopbackDice& dice,
                                   LoopbackFigures& figures, std::shared_ptr<const base::Clock> clock)
    : books_(books),
      clients_(clients),
      dice_(dice),
      figures_(figures),
      clock_(std::move(clock)),
      candlePushedAt_(books.size()),
      fundingPushedAt_(books.size())
{
    clients_.setGreeting([this](std::size_t kind, std::size_t index) { return greeting(kind, index); });
}

// The state of a channel that tells states; trades and tickers come as they happen.
std::string LoopbackChannels::greeting(std::size_t kind, std::size_t index)
{
    std::string out;
    const auto& book = books_[index];
    if (kind == LoopbackTopic::funding && figures_.marketTime.value != 0) {
        fundingPushedAt_[index] = figures_.marketTime;
        book.appendFundingPush(out, figures_.marketTime);
    } else if (kind == LoopbackTopic::books5 && !book.depth().isEmpty()) {
        book.appendBooks5Push(out);
    } else if (kind == LoopbackTopic::books && !book.depth().isEmpty()) {
        book.appendBooksPush(out, true);
    } else if (kind >= LoopbackTopic::firstCandles) {
        const auto timeframe = market::allTimeframes[kind - LoopbackTopic::firstCandles];
        candlePushedAt_[index][kind - LoopbackTopic::firstCandles] = figures_.marketTime;
        book.appendFormingPush(out, timeframe);
    }
    figures_.pushes += out.empty() ? 0 : 1;
    return out;
}

bool LoopbackChannels::roll(Fault fault)
{
    const bool happens = dice_.roll(fault, clock_->now());
    figures_.faults[fault] += happens ? 1 : 0;
    return happens;
}

TradeFate LoopbackChannels::onTrade(std::size_t index, const market::Tick& tick)
{
    const auto fate = clients_.isWanted(LoopbackTopic::trades, index) ? pushTrade(index, tick) : TradeFate::Unasked;
    pushCandles(index);
    pushDepth(index);
    return fate;
}

void LoopbackChannels::onQuote(std::size_t index)
{
    if (books_[index].hasTrades() && clients_.isWanted(LoopbackTopic::tickers, index)) {
        text_.clear();
        books_[index].appendTickerPush(text_);
        push(LoopbackTopic::tickers, index);
    }
    pushDepth(index);
}

TradeFate LoopbackChannels::pushTrade(std::size_t index, const market::Tick& tick)
{
    if (!dice_.hasAny()) {
        sendTrade(index, tick);
        return TradeFate::Pushed;
    }
    breakConnections(index);
    if (!clients_.isWanted(LoopbackTopic::trades, index)) {
        return TradeFate::Unasked; // the connection that broke was the last
    }
    auto fate = TradeFate::Pushed;
    if (roll(Fault::Lose)) {
        fate = TradeFate::Lost;
    } else if (roll(Fault::Late)) {
        fate = TradeFate::Late;
    } else {
        sendTrade(index, tick);
    }
    releaseAfter(index);
    if (fate == TradeFate::Late) {
        hold(Fault::Late, index, tick);
    } else if (fate == TradeFate::Pushed && roll(Fault::Duplicate)) {
        if ((dice_.upTo(Fault::Duplicate, 2) & 1) != 0) {
            sendTrade(index, tick);
        } else {
            hold(Fault::Duplicate, index, tick);
        }
    }
    addNoise(index, tick);
    return fate;
}

void LoopbackChannels::breakConnections(std::size_t index)
{
    if (roll(Fault::Stall)) {
        clients_.stallSubscribers(LoopbackTopic::trades, index, true);
    }
    if (roll(Fault::StallOne)) {
        clients_.stallSubscribers(LoopbackTopic::trades, index, false);
    }
    if (roll(Fault::Drop)) {
        clients_.dropSubscribers(LoopbackTopic::trades, index);
    }
}

void LoopbackChannels::sendTrade(std::size_t index, const market::Tick& tick)
{
    text_.clear();
    books_[index].appendTradePush(text_, tick);
    push(LoopbackTopic::trades, index);
}

// Frames that mean nothing; none of them holds a trade that could be taken for one.
void LoopbackChannels::addNoise(std::size_t index, const market::Tick& tick)
{
    const auto& name = books_[index].instrument().name;
    if (roll(Fault::Garbage)) {
        const auto kind = dice_.upTo(Fault::Garbage, garbageKinds);
        text_.clear();
        switch (kind) {
        case 1: // cut off in the middle
            books_[index].appendTradePush(text_, tick);
            text_.resize(text_.size() / 2);
            break;
        case 2:
            text_ = "<html><title>502 Bad Gateway</title></html>";
            break;
        case 3:
            text_ = tradeFrame(name, R"([{"tradeId":"x","price":"","size":null,"side":"both","ts":"soon"}])");
            break;
        case 4:
            text_ = tradeFrame(name, R"({"tradeId":["1"]})");
            break;
        case 5:
            text_ = tradeFrame("NOBODY-USDT", R"([{"tradeId":"1","price":"1","size":"1","side":"buy","ts":"1"}])");
            break;
        case 6:
            text_ = R"({"arg":7,"data":[[[[]]]]})";
            break;
        case 7: // no price of anything ends so
            text_ =
                tradeFrame(name, R"([{"tradeId":"1","price":"1.00000000000000001","size":"1","side":"buy","ts":"1"}])");
            break;
        default:
            text_.assign("\x00\x01\xfe\xff\x80", 5);
            break;
        }
        figures_.pushes += clients_.push(LoopbackTopic::trades, index, text_, kind == garbageKinds);
    }
    if (roll(Fault::Huge)) {
        text_ = tradeFrame(name, '"' + std::string(hugeBytes, 'A') + '"');
        push(LoopbackTopic::trades, index);
    }
}

void LoopbackChannels::hold(Fault fault, std::size_t index, const market::Tick& tick)
{
    held_.push_back({index, tick, dice_.upTo(fault, mostLater), figures_.marketTime + longestHeld});
}

void LoopbackChannels::releaseAfter(std::size_t index)
{
    for (std::size_t i = 0; i < held_.size();) {
        if (held_[i].index == index && --held_[i].left <= 0) {
            sendTrade(index, held_[i].tick);
            held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

void LoopbackChannels::sendHeld()
{
    for (const auto& held : std::exchange(held_, {})) {
        sendTrade(held.index, held.tick);
    }
}

// Each closed candle once; the one in work when nothing was pushed for a second.
void LoopbackChannels::pushCandles(std::size_t index)
{
    const auto& book = books_[index];
    for (const auto timeframe : market::allTimeframes) {
        const auto kind = LoopbackTopic::candles(timeframe);
        if (!clients_.isWanted(kind, index)) {
            continue;
        }
        auto& pushedAt = candlePushedAt_[index][static_cast<std::size_t>(timeframe)];
        for (auto left = book.closedCount(timeframe); left > 0; --left) {
            text_.clear();
            book.appendClosedPush(text_, timeframe, left - 1);
            push(kind, index);
            pushedAt = figures_.marketTime;
        }
        if (figures_.marketTime - pushedAt >= candleEvery) {
            pushedAt = figures_.marketTime;
            text_.clear();
            book.appendFormingPush(text_, timeframe);
            push(kind, index);
        }
    }
}

void LoopbackChannels::pushDepth(std::size_t index)
{
    auto& book = books_[index];
    const bool isFirst = book.depth().isEmpty();
    const auto change = book.depth().settle(figures_.marketTime);
    if (change.inTop && clients_.isWanted(LoopbackTopic::books5, index)) {
        text_.clear();
        book.appendBooks5Push(text_);
        push(LoopbackTopic::books5, index);
    }
    if (change.any && clients_.isWanted(LoopbackTopic::books, index)) {
        text_.clear();
        book.appendBooksPush(text_, isFirst);
        push(LoopbackTopic::books, index);
    }
    if (book.depth().dueAt() && std::find(depthWaits_.begin(), depthWaits_.end(), index) == depthWaits_.end()) {
        depthWaits_.push_back(index);
    }
}

void LoopbackChannels::pushFunding(UtcMs marketTime, bool isPaced)
{
    for (std::size_t i = 0; i < books_.size(); ++i) {
        const auto pushedAt = fundingPushedAt_[i];
        const bool hasChanged = nextFunding(pushedAt) != nextFunding(marketTime);
        if (marketTime - pushedAt >= fundingPushEvery && (isPaced || hasChanged) &&
            clients_.isWanted(LoopbackTopic::funding, i)) {
            fundingPushedAt_[i] = marketTime;
            text_.clear();
            books_[i].appendFundingPush(text_, marketTime);
            push(LoopbackTopic::funding, i);
        }
    }
}

void LoopbackChannels::settle(UtcMs marketTime, bool isPaced)
{
    for (std::size_t i = 0; i < depthWaits_.size();) {
        const auto index = depthWaits_[i];
        const auto dueAt = books_[index].depth().dueAt();
        if (dueAt && marketTime < *dueAt) {
            ++i;
            continue;
        }
        depthWaits_.erase(depthWaits_.begin() + static_cast<std::ptrdiff_t>(i));
        figures_.marketTime = std::max(figures_.marketTime, marketTime);
        pushDepth(index);
    }
    if (marketTime >= fundingLookAt_) {
        fundingLookAt_ = marketTime + Millis{1'000};
        pushFunding(marketTime, isPaced);
    }
    for (std::size_t i = 0; i < held_.size();) {
        if (marketTime >= held_[i].until) {
            sendTrade(held_[i].index, held_[i].tick);
            held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

} // namespace qd::exchange
