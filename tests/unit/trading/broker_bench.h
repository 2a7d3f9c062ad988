// One PaperBroker on a bench: feeds it by hand, numbering what it is given, and reads what came of it.
#pragma once

#include "testkit/tape.h"
#include "trading/paper_broker.h"

#include <optional>
#include <vector>

namespace qd::testkit {

using base::Millis;
using namespace trading;

inline constexpr base::InstrumentId coin{1};

// Feeds one broker with one row, numbering what it is given.
class Bench {
public:
    explicit Bench(base::PaperPolicy policy = base::defaultPaperPolicy(), std::size_t rows = 1)
        : broker(instrumentOf(coin.value, "COIN-USDT"), policy, std::vector<PaperBroker::Row>(rows, {"rule", "hash"}))
    {
    }
    void buy(std::int64_t time, std::int64_t price, std::int64_t size = 1) { tick(time, price, size); }
    void sell(std::int64_t time, std::int64_t price, std::int64_t size = 1) { tick(time, price, -size); }
    void tick(std::int64_t time, std::int64_t price, std::int64_t signedSize)
    {
        ++number;
        broker.onTick({.id = number, .time = {time}, .price = {price}, .signedSize = signedSize}, {number}, out);
    }
    void quote(std::int64_t time, std::int64_t bid, std::int64_t ask)
    {
        ++number;
        broker.onQuote({.time = {time}, .bid = {bid}, .ask = {ask}}, {number}, out);
    }
    void gap()
    {
        ++number;
        broker.onGap(out);
    }
    void order(std::int64_t time, Side side, std::int64_t stop, std::int64_t target, Millis limit = Millis{3'600'000},
               std::optional<NotTraded> doubt = std::nullopt)
    {
        broker.order(0, {.side = side, .stop = {stop}, .target = {target}, .timeLimit = limit, .why = "because"},
                     {number}, {time}, doubt, out);
    }
    /// An order that rests at `limit`.
    void orderAt(std::int64_t time, Side side, std::int64_t limit, std::int64_t stop, std::int64_t target)
    {
        broker.order(0,
                     {.side = side,
                      .stop = {stop},
                      .target = {target},
                      .timeLimit = Millis{3'600'000},
                      .why = "because",
                      .limit = base::Price{limit}},
                     {number}, {time}, std::nullopt, out);
    }
    /// A rate of funding for `settlement`, told when the newest item was of `newest`.
    void funding(std::int64_t settlement, base::Decimal rate, std::int64_t newest)
    {
        ++number;
        broker.onFunding({.settlement = {settlement}, .rate = rate}, {newest}, out);
    }
    [[nodiscard]] std::optional<OpenPosition> position() const
    {
        std::vector<OpenPosition> all;
        broker.appendPositions(all);
        return all.empty() ? std::nullopt : std::optional(all.front());
    }
    [[nodiscard]] std::optional<ClosedTrade> trade() const
    {
        for (const auto& event : out) {
            if (const auto* closed = std::get_if<ClosedTrade>(&event)) {
                return *closed;
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<NotTraded> notTraded() const
    {
        const auto* signal = out.empty() ? nullptr : std::get_if<UntradedSignal>(&out.back());
        return signal ? std::optional(signal->reason) : std::nullopt;
    }

    std::int64_t number = 0;
    LedgerEvents out;
    PaperBroker broker;
};

} // namespace qd::testkit
