// Questions about what is stored: pages of any table, one trade on its candles, and what becomes of a question when the
// console closes.
#include "engines/query_desk.h"
#include "engines/signing_key_file.h"
#include "storage/candle_store.h"
#include "storage/ledger_store.h"
#include "storage/null_store.h"
#include "storage/trials_store.h"
#include "trading/strategy_catalogue.h"
#include "unit/storage/storage_testkit.h"

#include <set>

using namespace qd;
using namespace qd::engines;
using console::Answer;
using testkit::good;
using testkit::Store;

namespace {

constexpr base::UtcMs start{1'750'075'200'000};
constexpr base::Millis minute{60'000};
const auto policy = base::defaultPaperPolicy();
const base::SystemClock theClock;

trading::ClosedTrade tradeOf(base::InstrumentId instrument, const std::string& strategy, int index)
{
    trading::ClosedTrade out;
    auto& position = out.position;
    position.decision.instrument = instrument;
    position.decision.strategy = strategy;
    position.decision.parameterHash = index % 2 == 0 ? "even" : "odd";
    position.decision.number = {index + 1};
    position.decision.time = start + minute * index;
    position.size = {1'000};
    position.entry = {.time = start + minute * index, .number = {index + 1}, .price = {10'000}, .fee = base::usdt(1)};
    position.inShadow = index % 5 == 0;
    out.exit = {.time = start + minute * (index + 3), .number = {index + 4}, .price = {10'000 + index % 7 - 3}};
    out.reason = index % 3 == 0 ? trading::ExitReason::Stop : trading::ExitReason::Target;
    out.net = {(index % 7 - 3) * 100'000'000LL};
    out.optimistic = out.net;
    out.pessimistic = out.net;
    return out;
}

/// 100 trades, every second one on the other instrument; every fifth in shadow.
struct Ledger {
    Store store;
    base::InstrumentId coin = store.add("COIN-USDT");
    base::InstrumentId gold = store.add("GOLD-USDT");

    Ledger()
    {
        store.write([&] {
            storage::LedgerStore ledger(*store);
            for (int i = 0; i < 100; ++i) {
                good(ledger.apply(tradeOf(i % 2 == 0 ? coin : gold, i % 4 < 2 ? "breakout" : "reversal", i)));
                trading::UntradedSignal signal;
                signal.decision = tradeOf(coin, "breakout", 1'000 + i).position.decision;
                signal.reason = i < 30 ? trading::NotTraded::Cooldown : trading::NotTraded::Gap;
                good(ledger.apply(signal));
            }
            std::vector<market::Candle> candles;
            for (int i = 0; i < 500; ++i) {
                candles.push_back({start + minute * (i - 100), {10'000}, {10'003}, {9'997}, {10'001}, {5}});
            }
            good(storage::CandleStore(*store).append(coin, market::Timeframe::M1, candles));
        });
    }
};

/// A desk on that database, and the answer to one question.
struct Desk {
    explicit Desk(const Ledger& ledger, bool isReady = true)
        : desk({.database = ledger.store.file(),
                .policy = policy,
                .clock = theClock,
                .waitUntilReady = [isReady](const std::stop_token&) { return isReady; },
                .manifest = {.keyFile = signingKeyFile(ledger.store.file().parent_path()), .feed = {}, .build = {}}})
    {
    }
    Answer ask(console::Query query)
    {
        const auto id = desk.ask(std::move(query));
        std::optional<Answer> answer;
        (void)QTest::qWaitFor(
            [&] {
                for (const auto& event : desk.take()) {
                    if (const auto* one = std::get_if<Answer>(&event); one != nullptr && one->id == id) {
                        answer = *one;
                    }
                }
                return answer.has_value();
            },
            30'000);
        return answer.value_or(Answer{0, base::Error{base::ErrorCode::Timeout, "desk", "no answer"}, {}});
    }
    template <typename Value>
    Value valueOf(console::Query query)
    {
        auto answer = ask(std::move(query));
        if (answer.error) {
            qFatal("%s", answer.error->detail.c_str());
        }
        return std::get<Value>(answer.value);
    }
    QueryDesk desk;
};

} // namespace

class QueryDeskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theManifestKeyIsThatOfTheDataDirectoryAndThePublicHalf()
    {
        const Ledger ledger;
        const auto ask = [&] {
            return Desk(ledger).valueOf<console::ManifestKey>(console::AskManifestKey{}).publicPem;
        };
        const auto first = ask(); // which makes it
        QCOMPARE(ask(), first);
        const auto key = good(signingKeyIn(signingKeyFile(ledger.store.file().parent_path())));
        QCOMPARE(first, good(key.publicPem()));
        QVERIFY(first.starts_with("-----BEGIN PUBLIC KEY-----"));
    }
    void aPageHoldsWhatPassesTheFilterInTheAskedOrder()
    {
        const Ledger ledger;
        Desk desk(ledger);
        const auto all = desk.valueOf<console::TradesPage>(console::AskTrades{.filter = {.withShadow = true}});
        QCOMPARE(all.total, 100U);
        QCOMPARE(all.rows.size(), 100U);
        QCOMPARE(all.rows.front(), tradeOf(ledger.gold, "reversal", 99)); // newest first
        QCOMPARE(all.rows.back(), tradeOf(ledger.coin, "breakout", 0));
        QCOMPARE(desk.valueOf<console::TradesPage>(console::AskTrades{}).total, 80U);

        console::AskTrades some{.filter = {.strategy = "breakout",
                                           .instrument = ledger.coin,
                                           .reason = trading::ExitReason::Stop,
                                           .result = console::TradeResult::Lost,
                                           .parameterHash = "even"}};
        const auto page = desk.valueOf<console::TradesPage>(some);
        std::uint64_t expected = 0;
        for (int i = 0; i < 100; ++i) {
            expected += i % 4 == 0 && i % 3 == 0 && i % 7 < 3 && i % 5 != 0 ? 1 : 0;
        }
        QVERIFY(expected > 1);
        QCOMPARE(page.total, expected);
        for (const auto& row : page.rows) {
            QVERIFY(row.position.decision.strategy == "breakout" && row.position.decision.instrument == ledger.coin);
            QVERIFY(row.reason == trading::ExitReason::Stop && row.net.value < 0 && !row.position.inShadow);
        }
    }

    void theEndsOfATimeRangeAreWithinIt()
    {
        const Ledger ledger;
        Desk desk(ledger);
        console::AskTrades range{
            .filter = {.withShadow = true, .from = start + minute * 13, .to = start + minute * 22}};
        QCOMPARE(desk.valueOf<console::TradesPage>(range).total, 10U); // exits of the trades 10 to 19
        range.filter.from = *range.filter.from + base::Millis{1};
        range.filter.to = *range.filter.to - base::Millis{1};
        QCOMPARE(desk.valueOf<console::TradesPage>(range).total, 8U);
    }

    void pagesJoinWithoutARowTwiceWhateverTheOrder()
    {
        using console::TradeOrder;
        const Ledger ledger;
        Desk desk(ledger);
        for (const auto order : {TradeOrder::Exit, TradeOrder::Strategy, TradeOrder::Instrument, TradeOrder::Side,
                                 TradeOrder::Net, TradeOrder::Return, TradeOrder::Held, TradeOrder::Reason}) {
            for (const bool isDescending : {true, false}) {
                console::AskTrades ask{
                    .filter = {.withShadow = true}, .order = order, .isDescending = isDescending, .limit = 30};
                std::vector<trading::ClosedTrade> rows;
                for (ask.offset = 0; ask.offset < 100; ask.offset += ask.limit) {
                    const auto page = desk.valueOf<console::TradesPage>(ask);
                    QCOMPARE(page.offset, ask.offset);
                    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
                }
                QCOMPARE(rows.size(), 100U);
                std::set<std::int64_t> numbers;
                for (std::size_t i = 0; i < rows.size(); ++i) {
                    numbers.insert(rows[i].position.decision.number.value);
                    if (order == TradeOrder::Net && i > 0) {
                        QVERIFY(isDescending ? rows[i].net <= rows[i - 1].net : rows[i].net >= rows[i - 1].net);
                    }
                    if (order == TradeOrder::Strategy && i > 0) {
                        const auto& now = rows[i].position.decision.strategy;
                        const auto& before = rows[i - 1].position.decision.strategy;
                        QVERIFY(isDescending ? now <= before : now >= before);
                    }
                }
                QCOMPARE(numbers.size(), 100U);
            }
        }
    }

    void signalsAreCountedByReasonAndComeInPages()
    {
        const Ledger ledger;
        Desk desk(ledger);
        const auto page = desk.valueOf<console::SignalsPage>(console::AskSignals{.strategy = "breakout", .limit = 40});
        QCOMPARE(page.total, 100U);
        QCOMPARE(page.byReason.at(trading::NotTraded::Cooldown), 30U);
        QCOMPARE(page.byReason.at(trading::NotTraded::Gap), 70U);
        QCOMPARE(page.rows.size(), 40U);
        QCOMPARE(page.rows.front().decision.number.value, 1'100); // newest first
        QCOMPARE(desk.valueOf<console::SignalsPage>(console::AskSignals{.strategy = "momentum"}).total, 0U);
    }

    void aTradeComesWithTheCandlesAroundIt()
    {
        const Ledger ledger;
        Desk desk(ledger);
        const auto detail = desk.valueOf<console::TradeDetail>(
            console::AskTrade{ledger.coin, "breakout", {tradeOf({}, "", 40).position.decision.number}});
        QCOMPARE(detail.trade, tradeOf(ledger.coin, "breakout", 40));
        QCOMPARE(detail.instrument.name, std::string("COIN-USDT"));
        QCOMPARE(detail.timeframe, market::Timeframe::M1);
        QCOMPARE(detail.candles.front().start, start + minute * 20); // twenty before the entry
        QCOMPARE(detail.candles.back().start, start + minute * 63);  // and twenty behind the exit
        const auto none = desk.ask(console::AskTrade{ledger.coin, "breakout", {77'777}});
        QVERIFY(none.error && none.error->code == base::ErrorCode::NotFound);
    }

    void triesComeNewestFirst()
    {
        Ledger ledger;
        ledger.store.write([&] {
            storage::TrialsStore tries(*ledger.store);
            const trading::TrialRow first{
                .time = start, .strategy = "breakout", .parameterHash = "a", .origin = "default"};
            auto second = first;
            second.parameterHash = "b";
            second.origin = "edit";
            second.from = start;
            good(tries.addOnce(first));
            good(tries.addOnce(first)); // no second row
            good(tries.add(second));
        });
        Desk desk(ledger);
        const auto rows = desk.valueOf<console::Trials>(console::AskTrials{"breakout"}).rows;
        QCOMPARE(rows.size(), 2U);
        QCOMPARE(rows[0].parameterHash, std::string("b"));
        QVERIFY(rows[0].from == start && !rows[0].to);
        QVERIFY(desk.valueOf<console::Trials>(console::AskTrials{"reversal"}).rows.empty());
    }

    void theNullStandsInTheRowOfTheParametersItWasMadeWith()
    {
        Ledger ledger;
        const auto* info = trading::findStrategy("breakout");
        ledger.store.write([&] {
            storage::NullStore nulls(*ledger.store);
            trading::NullResult result{.strategy = "breakout",
                                       .parameterHash = trading::ParameterSet(info->name, info->parameters).hash(),
                                       .time = start,
                                       .from = start,
                                       .to = start + minute,
                                       .way = "candles 1m",
                                       .instruments = 2,
                                       .seeds = 4,
                                       .trades = 50,
                                       .real = 0.001,
                                       .median = -0.001,
                                       .p95 = 0.0005,
                                       .share = 0,
                                       .expectancies = {-0.002F, -0.001F, 0.0005F}};
            good(nulls.add(result));
            result.strategy = "reversal";
            result.parameterHash = "another";
            good(nulls.add(result));
        });
        Desk desk(ledger);
        const auto rows = desk.valueOf<console::Evaluations>(console::AskEvaluations{0}).strategies;
        const auto rowOf = [&](const char* name) {
            return *std::ranges::find(rows, name, &trading::Evaluation::strategy);
        };
        const auto null = rowOf("breakout").null;
        QVERIFY(null && null->runs == 3 && null->real == 0.001 && null->p95 == 0.0005);
        QVERIFY(!rowOf("reversal").null);
    }

    void aDeskWithoutADatabaseAndOneThatHasEndedAnswerAllTheSame()
    {
        const Ledger ledger;
        Desk notReady(ledger, false);
        QCOMPARE(notReady.ask(console::AskTrades{}).error->code, base::ErrorCode::NotFound); // its start failed
        Desk ended(ledger);
        ended.desk.stop();
        QCOMPARE(ended.ask(console::AskTrades{}).error->code, base::ErrorCode::Cancelled);
    }
};

QTEST_GUILESS_MAIN(QueryDeskTest)
#include "query_desk_test.moc"
