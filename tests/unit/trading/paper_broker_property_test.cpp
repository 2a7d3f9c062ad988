// What holds for the broker on any tape: cash is conserved, no fill flatters, and neither its shortcuts nor a restart
// show.
#include "unit/trading/broker_bench.h"

#include <QTest>

#include <random>

using namespace qd;
using namespace qd::trading;
using base::Millis;
using base::UtcMs;
using testkit::Bench;
using testkit::coin;

class PaperBrokerPropertyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cashIsConservedAndNoFillIsBetterThanTheMarketOfItsMoment();
    void theBandSkipsNothing();
    void aRestartAfterEveryItemChangesNothing();
    void whatIsStillToComeChangesNothingThatWas();
};

void PaperBrokerPropertyTest::cashIsConservedAndNoFillIsBetterThanTheMarketOfItsMoment()
{
    const auto instrument = testkit::instrumentOf(coin.value, "COIN-USDT");
    int trades = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto tape = testkit::randomTape(coin, seed, 4'000, {.volatility = 0.001, .gapShare = 0.002});
        Bench b;
        std::mt19937_64 random(seed);
        std::vector<MarketView> before; // what was in force before each item, by number
        MarketView view;
        std::vector<base::Price> seen; // the price each item showed a seller; twice, for a buyer in `seenByBuyer`
        std::vector<base::Price> seenByBuyer;
        for (const auto& item : tape) {
            before.push_back(view);
            ++b.number;
            seen.push_back({});
            seenByBuyer.push_back({});
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                b.broker.onTick(*tick, item.number, b.out);
                view.add(*tick);
                seen.back() = seenByBuyer.back() = tick->price;
                if (random() % 20 == 0) {
                    const auto side = random() % 2 == 0 ? Side::Buy : Side::Sell;
                    const auto away = static_cast<std::int64_t>(5 + random() % 60) * (side == Side::Buy ? 1 : -1);
                    b.broker.order(0,
                                   {.side = side,
                                    .stop = {tick->price.value - away},
                                    .target = {tick->price.value + 2 * away},
                                    .timeLimit = Millis{60'000},
                                    .why = ""},
                                   item.number, tick->time, std::nullopt, b.out);
                }
            } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                b.broker.onQuote(*quote, item.number, b.out);
                view.add(*quote);
                seen.back() = quote->bid;
                seenByBuyer.back() = quote->ask;
            } else if (std::holds_alternative<market::GapMark>(item.what)) {
                b.broker.onGap(b.out);
                view.endQuote();
            }
        }
        base::Money cash;
        base::Money net;
        for (const auto& event : b.out) {
            const auto* trade = std::get_if<ClosedTrade>(&event);
            if (!trade) {
                continue;
            }
            ++trades;
            const auto& p = trade->position;
            const auto sign = p.decision.side == Side::Buy ? 1 : -1;
            const auto in = *instrument.notional(p.entry.price, p.size);
            const auto back = *instrument.notional(trade->exit.price, p.rest()) +
                              *instrument.notional(p.decision.target, p.closedSize);
            cash.value += sign * (back.value - in.value) - p.entry.fee.value - trade->exit.fee.value;
            net += trade->net;
            QVERIFY(p.entry.time >= p.decision.time + Millis{150});

            const auto at = static_cast<std::size_t>(p.entry.number.value - 1);
            const auto entryQuote = priceByQuote(p.decision.side, before[at]);
            QVERIFY(!entryQuote || worse(p.decision.side, *entryQuote, p.entry.price) == p.entry.price);
            const auto out = static_cast<std::size_t>(trade->exit.number.value - 1);
            const auto side = opposite(p.decision.side);
            const auto shown = side == Side::Buy ? seenByBuyer[out] : seen[out];
            if (trade->reason == ExitReason::Stop) {
                QCOMPARE(trade->exit.price, shown);
                QVERIFY(hitsStop(p.decision.side, p.decision.stop, trade->exit.price));
            } else if (trade->reason == ExitReason::Target) {
                QCOMPARE(trade->exit.price, p.decision.target);
                QVERIFY(shown == p.decision.target || tradesThrough(p.decision.side, p.decision.target, shown));
            } else {
                const auto exitQuote = priceByQuote(side, before[out]);
                QVERIFY(worse(side, exitQuote.value_or(shown), trade->exit.price) == trade->exit.price);
            }
        }
        QCOMPARE(cash, net);
    }
    QVERIFY(trades > 200);
}

void PaperBrokerPropertyTest::theBandSkipsNothing()
{
    // Beside the broker, whose band lets it skip most ticks, a second row whose order is always due makes another
    // broker look at every item: the first row's ledger is the same.
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto tape = testkit::randomTape(coin, seed, 4'000, {.volatility = 0.001, .gapShare = 0});
        auto policy = base::defaultPaperPolicy();
        policy.cooldown = Millis{0};
        Bench quick(policy, 2);
        Bench thorough(policy, 2);
        for (auto* b : {&quick, &thorough}) {
            std::mt19937_64 random(seed);
            for (const auto& item : tape) {
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    if (b == &thorough) { // a position beyond its time limit, or an order: someone is due at each tick
                        b->broker.order(1,
                                        {.side = Side::Buy,
                                         .stop = {1},
                                         .target = {1'000'000},
                                         .timeLimit = Millis{-1'000'000},
                                         .why = ""},
                                        item.number, tick->time - Millis{1'000'000}, std::nullopt, b->out);
                    }
                    b->broker.onTick(*tick, item.number, b->out);
                    if (random() % 20 == 0) {
                        const auto away = static_cast<std::int64_t>(5 + random() % 60);
                        b->broker.order(0,
                                        {.side = Side::Buy,
                                         .stop = {tick->price.value - away},
                                         .target = {tick->price.value + away},
                                         .timeLimit = Millis{60'000},
                                         .why = "first"},
                                        item.number, tick->time, std::nullopt, b->out);
                    }
                } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    b->broker.onQuote(*quote, item.number, b->out);
                }
            }
        }
        const auto ofFirstRow = [](const LedgerEvents& events) {
            std::vector<ClosedTrade> out;
            for (const auto& event : events) {
                if (const auto* trade = std::get_if<ClosedTrade>(&event);
                    trade && trade->position.decision.why == "first") {
                    out.push_back(*trade);
                }
            }
            return out;
        };
        QVERIFY(ofFirstRow(quick.out).size() > 10);
        QVERIFY(ofFirstRow(quick.out) == ofFirstRow(thorough.out));
    }
}

void PaperBrokerPropertyTest::aRestartAfterEveryItemChangesNothing()
{
    // Targets two ticks away and prints of small size: queues at a target, orders that wait for a print, gaps.
    int targets = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto tape = testkit::randomTape(
            coin, seed, 3'000,
            {.price = 300, .volatility = 0.002, .meanGapMs = 100, .quoteShare = 0.4, .gapShare = 0.02});
        auto policy = base::defaultPaperPolicy();
        policy.cooldown = Millis{1'000};
        policy.notional = base::usdt(3);
        Bench whole(policy);
        Bench parts(policy);
        for (auto* b : {&whole, &parts}) {
            std::mt19937_64 random(seed);
            for (const auto& item : tape) {
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    b->broker.onTick(*tick, item.number, b->out);
                    if (random() % 5 == 0) {
                        b->broker.order(0,
                                        {.side = Side::Buy,
                                         .stop = {tick->price.value - 6},
                                         .target = {tick->price.value + 2},
                                         .timeLimit = Millis{30'000},
                                         .why = "x"},
                                        item.number, tick->time, std::nullopt, b->out);
                    }
                } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    b->broker.onQuote(*quote, item.number, b->out);
                } else if (std::holds_alternative<market::GapMark>(item.what)) {
                    b->broker.onGap(b->out);
                }
                if (b == &parts) {
                    base::StateWriter writer;
                    writer(b->broker);
                    PaperBroker next(testkit::instrumentOf(coin.value, "COIN-USDT"), policy, {{"rule", "hash"}});
                    base::StateReader reader(writer.bytes());
                    reader(next);
                    QVERIFY(reader.isComplete());
                    b->broker = next;
                }
            }
        }
        QVERIFY(whole.out == parts.out);
        for (const auto& event : whole.out) {
            const auto* trade = std::get_if<ClosedTrade>(&event);
            targets += trade && trade->reason == ExitReason::Target ? 1 : 0;
        }
    }
    QVERIFY(targets > 100);
}

void PaperBrokerPropertyTest::whatIsStillToComeChangesNothingThatWas()
{
    // Entries at market and by limit, funding, an archiving: the events until any cut are the same whether the tape
    // goes on, ends there, or goes on quite differently.
    std::size_t compared = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        const testkit::TapeShape shape{.price = 500, .volatility = 0.002, .quoteShare = 0.3, .gapShare = 0.003};
        const auto tape = testkit::randomTape(coin, seed, 3'000, shape);
        const auto cut = 1'000 + static_cast<std::size_t>(seed) * 150;
        const auto run = [&](std::size_t count, bool isOther) {
            auto policy = base::defaultPaperPolicy();
            policy.cooldown = Millis{1'000};
            Bench b(policy);
            std::mt19937_64 random(seed);
            std::size_t told = 0;
            UtcMs newest;
            for (std::size_t i = 0; i < count; ++i) {
                auto item = tape[i];
                if (i == cut) {
                    told = b.out.size();
                }
                if (auto* tick = std::get_if<market::Tick>(&item.what); tick && isOther && i >= cut) {
                    tick->price = {tick->price.value + (i % 2 == 0 ? 90 : -90)};
                }
                b.number = item.number.value;
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    b.broker.onTick(*tick, item.number, b.out);
                    newest = tick->time;
                    const auto up = random() % 2 == 0 ? 1 : -1;
                    const auto side = up > 0 ? Side::Buy : Side::Sell;
                    if (random() % 10 == 0) {
                        b.order(tick->time.value, side, tick->price.value - 5 * up, tick->price.value + 4 * up,
                                Millis{60'000});
                    } else if (random() % 10 == 0) {
                        b.orderAt(tick->time.value, side, tick->price.value - up, tick->price.value - 6 * up,
                                  tick->price.value + 4 * up);
                    }
                    if (random() % 300 == 0) {
                        b.broker.onFunding({.settlement = tick->time + Millis{20'000}, .rate = {1, -4}}, newest, b.out);
                    }
                    if (random() % 400 == 0) {
                        b.broker.close(0);
                    }
                } else if (const auto* quote = std::get_if<market::Quote>(&item.what)) {
                    b.broker.onQuote(*quote, item.number, b.out);
                } else if (std::holds_alternative<market::GapMark>(item.what)) {
                    b.broker.onGap(b.out);
                }
            }
            if (count > cut) {
                b.out.resize(told);
            }
            return b.out;
        };
        const auto ends = run(cut, false);
        QVERIFY(run(tape.size(), false) == ends);
        QVERIFY(run(tape.size(), true) == ends);
        compared += ends.size();
    }
    QVERIFY2(compared > 500, std::to_string(compared).c_str());
}

QTEST_GUILESS_MAIN(PaperBrokerPropertyTest)
#include "paper_broker_property_test.moc"
