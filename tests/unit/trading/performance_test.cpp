// Figures of closed trades, and the order of the ranking.
#include "testkit/golden.h"
#include "trading/ranking.h"

#include <QTest>

#include <cmath>

using namespace qd;
using namespace qd::trading;

namespace {

// Entered at `day` days after the start and held for an hour; net in 1e-8 USDT.
ClosedTrade tradeOf(double day, std::int64_t net, const std::string& strategy = "rule", std::int64_t instrument = 1)
{
    ClosedTrade trade;
    trade.position.decision.strategy = strategy;
    trade.position.decision.instrument = {instrument};
    trade.position.entry.time = {static_cast<std::int64_t>(day * 86'400'000.0)};
    trade.exit.time = trade.position.entry.time + base::Millis{3'600'000};
    trade.exit.number = {static_cast<std::int64_t>(day * 1'000.0)};
    trade.net = {net};
    return trade;
}

std::vector<ClosedTrade> tradesOf(const std::vector<std::int64_t>& nets)
{
    std::vector<ClosedTrade> trades;
    for (std::size_t i = 0; i < nets.size(); ++i) {
        trades.push_back(tradeOf(static_cast<double>(i), nets[i]));
    }
    return trades;
}

} // namespace

class PerformanceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsDefinedWithoutTrades();
    void aTradeWithoutGainIsNotWonAndStaysInTheDenominator();
    void theProfitFactorIsUndefinedWithoutLosses();
    void figuresAgreeWithTheGoldenTradeMetrics();
    void theDrawdownStartsAtTheCapitalAndEndsAtAllOfIt();
    void theOrderOfTheTradesDoesNotMatter();
    void noSharpeUnderThirtyTradesThirtyClustersOrSevenDays();
    void overlappingTradesAreOneCluster();
    void theRankingGoesByTheLowerEndThenMoreTradesThenName();
    void oneRowAStrategyAndInstrumentAndNoneForShadow();
};

void PerformanceTest::nothingIsDefinedWithoutTrades()
{
    const auto figures = performanceOf({}, {});
    QCOMPARE(figures.trades, 0U);
    QVERIFY(!figures.winRate && !figures.profitFactor && !figures.maxDrawdown && !figures.provisionalSharpe);
    QCOMPARE(figures.winInterval.lower, 0.0);
    QCOMPARE(figures.winInterval.upper, 1.0);
}

void PerformanceTest::aTradeWithoutGainIsNotWonAndStaysInTheDenominator()
{
    const auto figures = performanceOf(tradesOf({1, 0, -1, 1}), {});
    QCOMPARE(figures.trades, 4U);
    QCOMPARE(figures.won, 2U);
    QCOMPARE(*figures.winRate, 0.5);
    QCOMPARE(*figures.profitFactor, 2.0);
    QCOMPARE(figures.net, base::Money{1});
}

void PerformanceTest::theProfitFactorIsUndefinedWithoutLosses()
{
    QVERIFY(!performanceOf(tradesOf({5, 0, 3}), {}).profitFactor);
    QVERIFY(!performanceOf(tradesOf({0, 0}), {}).profitFactor);
    QCOMPARE(*performanceOf(tradesOf({-5}), {}).profitFactor, 0.0);
}

void PerformanceTest::figuresAgreeWithTheGoldenTradeMetrics()
{
    GOLDEN(cases, "trade_metrics");
    for (const auto* name : {"mixed_60", "with_breakevens", "single_win", "single_loss", "all_wins", "all_losses"}) {
        const auto entry = cases.value(QLatin1String(name)).toObject();
        const auto pnl = entry.value(QLatin1String("inputs")).toObject().value(QLatin1String("pnl")).toArray();
        const auto want = entry.value(QLatin1String("expected")).toObject();
        QVERIFY(!pnl.isEmpty());
        std::vector<std::int64_t> nets;
        for (const auto& value : pnl) {
            nets.push_back(std::llround(value.toDouble() * 1e8)); // rounded to money: ours is exact in 1e-8
        }
        const auto figures = performanceOf(tradesOf(nets), {});
        QCOMPARE(static_cast<int>(figures.trades), want.value(QLatin1String("n")).toInt());
        QCOMPARE(static_cast<int>(figures.won), want.value(QLatin1String("wins")).toInt());
        const auto factor = testkit::goldenNumber(want.value(QLatin1String("profit_factor")));
        QVERIFY2(testkit::goldenAgrees(figures.profitFactor, factor, 1e-6, 1e-6), name);
        QVERIFY2(testkit::goldenAgrees(base::toUsdt(figures.net),
                                       testkit::goldenNumber(want.value(QLatin1String("net_pnl"))), 1e-6, 1e-9),
                 name);
    }
}

void PerformanceTest::theDrawdownStartsAtTheCapitalAndEndsAtAllOfIt()
{
    const PerformanceLimits limits{.capital = {1'000}};
    QCOMPARE(*performanceOf(tradesOf({100, 50}), limits).maxDrawdown, 0.0);
    QCOMPARE(*performanceOf(tradesOf({-100}), limits).maxDrawdown, 0.1); // a first loss counts from the capital
    QCOMPARE(*performanceOf(tradesOf({1'000, -500, 200, -700, 900}), limits).maxDrawdown, 0.5);
    QCOMPARE(*performanceOf(tradesOf({-5'000}), limits).maxDrawdown, 1.0);
}

void PerformanceTest::theOrderOfTheTradesDoesNotMatter()
{
    auto trades = tradesOf({100, -50, 70, -20, -90, 10});
    const auto figures = performanceOf(trades, {});
    std::swap(trades[0], trades[4]);
    std::swap(trades[1], trades[5]);
    QVERIFY(performanceOf(trades, {}) == figures);
}

void PerformanceTest::noSharpeUnderThirtyTradesThirtyClustersOrSevenDays()
{
    // `count` trades, evenly over `days` from the first entry to the last exit.
    const auto sharpe = [](int count, double days) {
        std::vector<ClosedTrade> trades;
        for (int i = 0; i < count; ++i) {
            trades.push_back(tradeOf(i * (days - 1.0 / 24.0) / (count - 1), i % 3 == 0 ? -100'000'000 : 100'000'000));
        }
        return performanceOf(trades, {}).provisionalSharpe;
    };
    QVERIFY(!sharpe(29, 10));
    QVERIFY(sharpe(30, 10).has_value());
    QVERIFY(!sharpe(40, 6.99));
    QVERIFY(sharpe(40, 7.001).has_value());

    std::vector<ClosedTrade> flat;
    for (int i = 0; i < 40; ++i) {
        flat.push_back(tradeOf(i, 100));
    }
    QVERIFY(!performanceOf(flat, {}).provisionalSharpe); // no spread, no ratio

    auto policyOf50 = PerformanceLimits{.sharpeMinTrades = 50};
    QVERIFY(!performanceOf(tradesOf(std::vector<std::int64_t>(49, 1)), policyOf50).provisionalSharpe);
}

void PerformanceTest::overlappingTradesAreOneCluster()
{
    // 30 days with +2, then −1 USDT by turns; each day's profit comes as two trades of which the second starts just
    // when the first ends. As clusters: mean 0.5, deviation of ±1.5, 30 of them.
    std::vector<ClosedTrade> trades;
    for (int day = 0; day < 30; ++day) {
        const std::int64_t half = day % 2 == 0 ? 100'000'000 : -50'000'000;
        trades.push_back(tradeOf(day, half));
        auto second = tradeOf(day, half);
        second.position.entry.time = trades.back().exit.time;
        second.exit.time = second.position.entry.time + base::Millis{3'600'000};
        trades.push_back(second);
    }
    const double days = 29.0 + 2.0 / 24.0;
    const double deviation = 1.5 * std::sqrt(30.0 / 29.0);
    const double wanted = 0.5 / deviation * std::sqrt(30.0 / days * 365.0);
    const auto got = performanceOf(trades, {}).provisionalSharpe;
    QVERIFY(got && std::abs(*got - wanted) < 1e-9);

    for (auto& trade : trades) { // one chain through all days: a single cluster
        trade.exit.time = trade.position.entry.time + base::oneDay;
    }
    QVERIFY(!performanceOf(trades, {}).provisionalSharpe);
}

void PerformanceTest::theRankingGoesByTheLowerEndThenMoreTradesThenName()
{
    std::vector<ClosedTrade> trades;
    const auto add = [&](const std::string& strategy, std::int64_t instrument, int won, int lost) {
        for (int i = 0; i < won + lost; ++i) {
            trades.push_back(tradeOf(i, i < won ? 10 : -10, strategy, instrument));
        }
    };
    add("lucky", 1, 1, 0);    // 100% of one: lower end 0.21
    add("steady", 1, 60, 40); // lower end 0.50
    add("loser", 1, 0, 3);    // 0
    add("worse", 1, 0, 5);    // 0 with more trades: before the loser
    add("also", 2, 0, 3);     // as the loser, by name before it
    add("also", 1, 0, 3);     // by instrument before that
    const auto rows = ranking(trades, {});
    std::vector<std::string> order;
    for (const auto& row : rows) {
        order.push_back(row.strategy + std::to_string(row.instrument.value));
    }
    const std::vector<std::string> wanted{"steady1", "lucky1", "worse1", "also1", "also2", "loser1"};
    QVERIFY(order == wanted);
}

void PerformanceTest::oneRowAStrategyAndInstrumentAndNoneForShadow()
{
    auto trades = tradesOf({1, 2, 3});
    auto shadow = tradeOf(9, 100);
    shadow.position.inShadow = true;
    trades.push_back(shadow);
    shadow.position.decision.strategy = "only in shadow";
    trades.push_back(shadow);
    const auto rows = ranking(trades, {});
    QCOMPARE(rows.size(), std::size_t{1});
    QCOMPARE(rows.front().performance.trades, 3U);
    QCOMPARE(rows.front().performance.net, base::Money{6});
}

QTEST_GUILESS_MAIN(PerformanceTest)
#include "performance_test.moc"
