// Evaluations of closed trades: which of them count, marked to market by day, the Sharpe and what so many tries leave
// of it, and the order of the ranking.
#include "statistics/equity.h"
#include "statistics/summary.h"
#include "testkit/golden.h"
#include "trading/deflation.h"
#include "trading/evaluate.h"

#include <QTest>

#include <cmath>
#include <random>
#include <set>

using namespace qd;
using namespace qd::trading;
using base::usdt;
using statistics::Undefined;

namespace {

constexpr base::Millis hour{3'600'000};
constexpr std::int64_t start = 20'000; // a UTC day

/// A book under construction, and what an evaluation of it is given.
class Floor {
public:
    Floor()
    {
        for (const std::int64_t id : {1, 2}) {
            market::Instrument instrument;
            instrument.id = {id};
            instrument.name = "I" + std::to_string(id);
            instrument.tick = base::Scale::ofDecimals(0);
            instrument.lot = base::Scale::ofDecimals(0);
            instruments[{id}] = instrument;
        }
    }

    /// Entered `day` days after the start and held for an hour, at a notional of 500 USDT.
    BookTrade& trade(double day, Money net, const std::string& strategy = "rule", std::int64_t instrument = 1,
                     const std::string& hash = "a")
    {
        BookTrade made;
        made.row = book.rowOf(strategy, {instrument});
        made.hash = book.hashOf(hash);
        made.entered = at(day);
        made.left = made.entered + hour;
        made.entry = {500};
        made.size = {1};
        made.notional = usdt(500);
        made.net = net;
        made.optimistic = net;
        made.pessimistic = net;
        trades.push_back(made);
        strategies.try_emplace(strategy, 2);
        return trades.back();
    }
    static UtcMs at(double day)
    {
        return {start * base::oneDay.count() +
                static_cast<std::int64_t>(day * static_cast<double>(base::oneDay.count()))};
    }

    /// As of `day` days after the start.
    EvaluationTable evaluated(double day, double window = 0)
    {
        auto whole = book;
        for (const auto& one : trades) {
            whole.add(one);
        }
        return evaluate({.book = whole,
                         .open = open,
                         .instruments = instruments,
                         .marks = marks,
                         .strategies = strategies,
                         .hashes = hashes,
                         .tries = tries,
                         .capital = capital,
                         .from = window > 0 ? midnightOf(dayOf(at(day - window))) : UtcMs{0},
                         .now = at(day),
                         .rowCapital = rowCapital,
                         .limits = limits});
    }

    TradeBook book;
    std::vector<BookTrade> trades;
    std::vector<BookTrade> open;
    std::map<InstrumentId, market::Instrument> instruments;
    std::map<InstrumentId, MidnightMarks> marks;
    std::map<std::string, std::size_t> strategies;
    std::map<RowKey, std::string> hashes;
    std::map<std::string, std::uint32_t> tries;
    std::vector<CapitalChange> capital;
    Money rowCapital = usdt(1'000);
    EvaluationLimits limits;
};

Evaluation only(Floor& floor, double day = 1'000, double window = 0)
{
    const auto table = floor.evaluated(day, window);
    if (table.rows.size() != 1) {
        qFatal("%zu rows", table.rows.size());
    }
    return table.rows.front();
}

Floor floorOf(const std::vector<std::int64_t>& nets)
{
    Floor floor;
    for (std::size_t i = 0; i < nets.size(); ++i) {
        floor.trade(static_cast<double>(i), {nets[i]});
    }
    return floor;
}

} // namespace

class EvaluationTest : public QObject {
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
    void theDailySharpeBeginsWithThirtyCompleteDays();
    void theRunningDayIsNotComplete();
    void aPositionOverMidnightIsMarkedAtTheLastCloseBeforeIt();
    void theDaysOfATradeSumToItsNet();
    void midnightTakesTheNewestCandleThatEndedByThen();
    void theWindowHoldsWholeDaysAndTheRunningOne();
    void aChangedParameterStartsAtZero();
    void shadowTradesNeverCount();
    void aPooledRowHoldsAllInstrumentsOfTheStrategy();
    void theRosterIsMeasuredByTheCapitalOfEachMoment();
    void oneTryIsNotDeflatedAndEachMoreCostsSomething();
    void triesThatMoveTogetherCountLess();
    void theSpreadIsTheSmallerOfTwo();
    void theRankingGoesByTheLowerEndThenMoreTradesThenName();
    void oneRowAStrategyAndInstrument();
    void theBestAreThoseThatRankFirst();
    void theSparklineKeepsFirstAndLastAndStaysSmall();
    void momentsAreThoseOfTheWholeSeries();
};

void EvaluationTest::nothingIsDefinedWithoutTrades()
{
    Floor floor;
    floor.strategies["quiet"] = 2;
    const auto table = floor.evaluated(100);
    QVERIFY(table.rows.empty());
    QCOMPARE(table.strategies.size(), std::size_t{1}); // a strategy has its row all the same
    for (const auto& figures : {table.strategies.front(), table.roster}) {
        QCOMPARE(figures.trades, 0U);
        QVERIFY(!figures.winRate && !figures.profitFactor && !figures.maxDrawdown && !figures.sharpe.annual);
        QVERIFY(!figures.psr && !figures.deflated && !figures.expectancy && !figures.medianHoldSeconds);
        QCOMPARE(figures.winInterval.lower, 0.0);
        QCOMPARE(figures.winInterval.upper, 1.0);
        QVERIFY(figures.equity.empty());
    }
}

void EvaluationTest::aTradeWithoutGainIsNotWonAndStaysInTheDenominator()
{
    auto floor = floorOf({1, 0, -1, 1});
    const auto figures = only(floor);
    QCOMPARE(figures.trades, 4U);
    QCOMPARE(figures.won, 2U);
    QCOMPARE(*figures.winRate, 0.5);
    QCOMPARE(*figures.profitFactor, 2.0);
    QCOMPARE(figures.net, Money{1});
    QCOMPARE(*figures.medianHoldSeconds, 3'600.0);
}

void EvaluationTest::theProfitFactorIsUndefinedWithoutLosses()
{
    for (const auto& [nets, why] : {std::pair(std::vector<std::int64_t>{5, 0, 3}, Undefined::NoLosses),
                                    std::pair(std::vector<std::int64_t>{0, 0}, Undefined::Flat)}) {
        auto floor = floorOf(nets);
        QVERIFY(only(floor).profitFactor == std::unexpected(why));
    }
    auto lost = floorOf({-5});
    QCOMPARE(*only(lost).profitFactor, 0.0);
}

void EvaluationTest::figuresAgreeWithTheGoldenTradeMetrics()
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
        auto floor = floorOf(nets);
        const auto figures = only(floor);
        QCOMPARE(static_cast<int>(figures.trades), want.value(QLatin1String("n")).toInt());
        QCOMPARE(static_cast<int>(figures.won), want.value(QLatin1String("wins")).toInt());
        const auto factor = testkit::goldenNumber(want.value(QLatin1String("profit_factor")));
        const auto got = figures.profitFactor ? std::optional(*figures.profitFactor) : std::nullopt;
        QVERIFY2(testkit::goldenAgrees(got, factor, 1e-6, 1e-6), name);
        QVERIFY2(testkit::goldenAgrees(base::toUsdt(figures.net),
                                       testkit::goldenNumber(want.value(QLatin1String("net_pnl"))), 1e-6, 1e-9),
                 name);
    }
}

void EvaluationTest::theDrawdownStartsAtTheCapitalAndEndsAtAllOfIt()
{
    const auto drawdown = [](const std::vector<std::int64_t>& nets) {
        auto floor = floorOf(nets);
        floor.rowCapital = {1'000};
        return *only(floor).maxDrawdown;
    };
    QCOMPARE(drawdown({100, 50}), 0.0);
    QCOMPARE(drawdown({-100}), 0.1); // a first loss counts from the capital
    QCOMPARE(drawdown({1'000, -500, 200, -700, 900}), 0.5);
    QCOMPARE(drawdown({-5'000}), 1.0);
}

void EvaluationTest::theOrderOfTheTradesDoesNotMatter()
{
    auto floor = floorOf({100, -50, 70, -20, -90, 10});
    const auto figures = only(floor);
    std::swap(floor.trades[0], floor.trades[4]);
    std::swap(floor.trades[1], floor.trades[5]);
    const auto again = only(floor);
    QCOMPARE(again.maxDrawdown, figures.maxDrawdown);
    QCOMPARE(again.equity, figures.equity);
    QCOMPARE(again.sharpe.days, figures.sharpe.days);
}

void EvaluationTest::noSharpeUnderThirtyTradesThirtyClustersOrSevenDays()
{
    // `count` trades, evenly over `days` from the first entry to the last exit; asked at once, before 30 days.
    const auto sharpe = [](int count, double days, std::uint32_t least = 30) {
        Floor floor;
        floor.limits.sharpeMinTrades = least;
        for (int i = 0; i < count; ++i) {
            floor.trade(i * (days - 1.0 / 24.0) / (count - 1), usdt(i % 3 == 0 ? -1 : 1));
        }
        const auto figure = only(floor, days).sharpe;
        return figure.annual.has_value() && figure.interval.has_value() && figure.isProvisional;
    };
    QVERIFY(!sharpe(29, 10));
    QVERIFY(sharpe(30, 10));
    QVERIFY(!sharpe(40, 6.99));
    QVERIFY(sharpe(40, 7.001));
    QVERIFY(!sharpe(49, 10, 50));
    QVERIFY(sharpe(50, 10, 50));

    Floor flat;
    for (int i = 0; i < 40; ++i) {
        flat.trade(i / 4.0, usdt(1));
    }
    QVERIFY(only(flat, 20).sharpe.annual == std::unexpected(Undefined::NoVariance)); // no spread, no ratio
}

void EvaluationTest::overlappingTradesAreOneCluster()
{
    // 30 half days with +2, then −1 USDT by turns; each profit comes as two trades of which the second starts just when
    // the first ends. As clusters: mean 0.5, deviation of ±1.5, 30 of them.
    Floor floor;
    for (int i = 0; i < 30; ++i) {
        const Money half{i % 2 == 0 ? 100'000'000 : -50'000'000};
        floor.trade(i / 2.0, half);
        auto& second = floor.trade(i / 2.0, half);
        second.entered = second.left;
        second.left = second.entered + hour;
    }
    const double days = 14.5 + 2.0 / 24.0;
    const double deviation = 1.5 * std::sqrt(30.0 / 29.0);
    const double wanted = 0.5 / deviation * std::sqrt(30.0 / days * 365.0);
    const auto got = only(floor, 16).sharpe;
    QVERIFY(got.isProvisional && std::abs(*got.annual - wanted) < 1e-9);
    QCOMPARE(got.days, 30U); // clusters
    QVERIFY(got.interval->lower < wanted && wanted < got.interval->upper);
    QVERIFY(!only(floor, 16).psr && !only(floor, 16).deflated); // it passes no gate

    for (auto& trade : floor.trades) { // one chain through all days: a single cluster
        trade.left = trade.entered + base::oneDay;
    }
    QVERIFY(!only(floor, 16).sharpe.annual);
}

void EvaluationTest::theDailySharpeBeginsWithThirtyCompleteDays()
{
    Floor floor;
    std::vector<double> returns;
    for (int day = 0; day < 31; ++day) {
        floor.trade(day + 0.5, usdt(day % 3 == 0 ? -2 : 2));
        returns.push_back(day % 3 == 0 ? -0.002 : 0.002);
    }
    QVERIFY(only(floor, 29.99).sharpe.isProvisional); // 29 days and some hours
    const auto at30 = only(floor, 30);
    returns.resize(30);
    const auto wanted = statistics::annualised(statistics::sharpeEstimate(returns));
    QVERIFY(!at30.sharpe.isProvisional);
    QCOMPARE(at30.sharpe.days, 30U);
    QVERIFY(std::abs(*at30.sharpe.annual - *wanted.value) < 1e-9);
    QVERIFY(std::abs(at30.sharpe.interval->lower - wanted.interval->lower) < 1e-9);
    QVERIFY(std::abs(at30.sharpe.interval->upper - wanted.interval->upper) < 1e-9);
    QVERIFY(std::abs(*at30.psr - *statistics::probabilisticSharpe(*statistics::sharpeSample(returns))) < 1e-12);

    floor.trades.resize(29); // 29 trades in the same 30 days: none
    const auto few = only(floor, 30);
    QVERIFY(!few.sharpe.annual && !few.psr);
    QCOMPARE(few.sharpe.days, 30U);
}

void EvaluationTest::theRunningDayIsNotComplete()
{
    Floor floor;
    for (int day = 0; day < 40; ++day) {
        floor.trade(day + 0.25, usdt(day % 2 == 0 ? 3 : -2));
    }
    const auto before = only(floor, 39.2).sharpe; // a trade of the running day is not there yet
    const auto after = only(floor, 39.9).sharpe;
    QCOMPARE(before.days, 39U);
    QCOMPARE(after.days, 39U);
    QCOMPARE(before.annual, after.annual);
    QVERIFY(only(floor, 40).sharpe.annual != after.annual);
}

void EvaluationTest::aPositionOverMidnightIsMarkedAtTheLastCloseBeforeIt()
{
    Floor floor;
    auto& held = floor.trade(0.9, usdt(7)); // entered at 500, fee 1
    held.left = floor.at(2.1);
    held.entryFee = usdt(1);
    auto& marks = floor.marks[{1}];
    marks.add(floor.at(0.75), 6 * hour, {520});
    marks.add(floor.at(1.75), 6 * hour, {490});
    DailyPnl pnl;
    addDays(pnl, held, floor.instruments[{1}], marks, start + 3);
    QCOMPARE(pnl.at(start), usdt(19)); // 20 won, 1 paid
    QCOMPARE(pnl.at(start + 1), usdt(-30));
    QCOMPARE(pnl.at(start + 2), usdt(18)); // in all 7

    held.size = {-1};
    DailyPnl sold;
    addDays(sold, held, floor.instruments[{1}], marks, start + 3);
    QCOMPARE(sold.at(start), usdt(-21));

    held.left = floor.at(1); // exactly at midnight: held over it, and left on the new day
    DailyPnl edge;
    addDays(edge, held, floor.instruments[{1}], marks, start + 3);
    QCOMPARE(edge.at(start), usdt(-21));
    QCOMPARE(edge.at(start + 1), usdt(28));

    held.left = stillOpen; // marked at each midnight until now, then no more
    DailyPnl open;
    addDays(open, held, floor.instruments[{1}], marks, start + 2);
    QCOMPARE(open.at(start + 1), usdt(30));
    QCOMPARE(open.at(start + 2), Money{});
}

void EvaluationTest::theDaysOfATradeSumToItsNet()
{
    std::mt19937_64 random(4);
    for (int round = 0; round < 200; ++round) {
        Floor floor;
        auto& marks = floor.marks[{1}];
        for (int i = 0; i < 60; ++i) {
            if (random() % 5 != 0) { // some candles do not exist
                marks.add(floor.at(i / 6.0), 4 * hour, {400 + static_cast<std::int64_t>(random() % 200)});
            }
        }
        auto& trade = floor.trade(static_cast<double>(random() % 8'000) / 1'000,
                                  {static_cast<std::int64_t>(random() % 1'000'000'000) - 500'000'000});
        trade.left = trade.entered + base::Millis{static_cast<std::int64_t>(random() % 150'000'000)};
        trade.size = {random() % 2 == 0 ? 3 : -3};
        trade.entryFee = {12'345};
        DailyPnl pnl;
        addDays(pnl, trade, floor.instruments[{1}], marks, start + 20);
        Money sum;
        for (auto day = start; day < start + 20; ++day) {
            sum += pnl.at(day);
        }
        QCOMPARE(sum, trade.net);
    }
}

void EvaluationTest::midnightTakesTheNewestCandleThatEndedByThen()
{
    MidnightMarks marks;
    QVERIFY(!marks.at(Floor::at(1)));
    marks.add(Floor::at(0.5), 4 * hour, {10}); // 12:00 to 16:00
    QVERIFY(!marks.at(Floor::at(0)));
    QCOMPARE(marks.at(Floor::at(1)).value(), Price{10}); // so far
    QVERIFY(marks.settled() < Floor::at(1));
    marks.add(Floor::at(20.0 / 24), 4 * hour, {11}); // to midnight
    QCOMPARE(marks.at(Floor::at(1)).value(), Price{11});
    QCOMPARE(marks.settled(), Floor::at(1));
    marks.add(Floor::at(20.0 / 24), 4 * hour, {99}); // told again
    marks.add(Floor::at(3.5), 4 * hour, {14});       // two days of which nothing is known
    QCOMPARE(marks.at(Floor::at(1)).value(), Price{11});
    QCOMPARE(marks.at(Floor::at(3)).value(), Price{11});
    QCOMPARE(marks.at(Floor::at(4)).value(), Price{14});
    QCOMPARE(marks.settled(), Floor::at(3));
}

void EvaluationTest::theWindowHoldsWholeDaysAndTheRunningOne()
{
    Floor floor;
    floor.trade(1.0, usdt(1)).left = floor.at(2) - base::Millis{1};
    floor.trade(1.9, usdt(2)).left = floor.at(2); // left at the window's first moment
    floor.trade(9.4, usdt(4));                    // of the running day
    const auto figures = only(floor, 9.5, 7);
    QCOMPARE(figures.trades, 2U);
    QCOMPARE(figures.net, usdt(6));
    QCOMPARE(figures.sharpe.days, 7U);
    QCOMPARE(only(floor, 9.5).trades, 3U);
    QCOMPARE(only(floor, 9.5).sharpe.days, 8U); // from the day of its first entry
}

void EvaluationTest::aChangedParameterStartsAtZero()
{
    Floor floor;
    floor.trade(1, usdt(5));
    floor.trade(2, usdt(3), "rule", 1, "b");
    auto figures = only(floor);
    QCOMPARE(figures.parameterHash, std::string("b"));
    QCOMPARE(figures.trades, 1U);
    QCOMPARE(figures.net, usdt(3));

    floor.hashes[{"rule", {1}}] = "c"; // in force, and no trade yet
    figures = only(floor);
    QCOMPARE(figures.parameterHash, std::string("c"));
    QCOMPARE(figures.trades, 0U);
    const auto table = floor.evaluated(10);
    QCOMPARE(table.strategies.front().trades, 0U);
    QCOMPARE(table.strategies.front().parameterHash, std::string("c"));
    QCOMPARE(table.roster.net, usdt(8)); // what was earned was earned

    floor.hashes[{"rule", {1}}] = "a"; // back again: its old record goes on
    QCOMPARE(only(floor).net, usdt(5));
}

void EvaluationTest::shadowTradesNeverCount()
{
    Floor floor;
    floor.trade(1, usdt(5));
    floor.trade(2, usdt(-50)).inShadow = true;
    floor.trade(2, usdt(100), "dark").inShadow = true;
    const auto table = floor.evaluated(10);
    QCOMPARE(table.rows.size(), std::size_t{2});
    QCOMPARE(table.rows[0].strategy, std::string("rule"));
    QCOMPARE(table.rows[0].trades, 1U);
    QCOMPARE(table.rows[0].inShadow, 1U);
    QCOMPARE(table.rows[1].trades, 0U);
    QCOMPARE(table.rows[1].inShadow, 1U);
    QCOMPARE(table.roster.net, usdt(5));
    QCOMPARE(table.roster.trades, 1U);
    QCOMPARE(*table.roster.maxDrawdown, 0.0);
}

void EvaluationTest::aPooledRowHoldsAllInstrumentsOfTheStrategy()
{
    Floor floor;
    floor.trade(1, usdt(5), "rule", 1);
    floor.trade(1.01, usdt(-2), "rule", 2);
    floor.trade(2, usdt(1), "rule", 2, "b");
    const auto pooled = floor.evaluated(10).strategies.front();
    QVERIFY(!pooled.instrument);
    QCOMPARE(pooled.trades, 2U); // the newest evidence of each row
    QCOMPARE(pooled.net, usdt(6));
    QVERIFY(pooled.parameterHash.empty()); // several
    QCOMPARE(pooled.capital, usdt(2'000)); // of both instruments it runs on
}

void EvaluationTest::theRosterIsMeasuredByTheCapitalOfEachMoment()
{
    QCOMPARE(rosterCapital(9, usdt(1'000), usdt(10'000)), usdt(10'000));
    QCOMPARE(rosterCapital(10, usdt(1'000), usdt(10'000)), usdt(10'000));
    QCOMPARE(rosterCapital(11, usdt(1'000), usdt(10'000)), usdt(11'000));

    Floor floor;
    floor.capital = {{floor.at(0), usdt(20'000)}, {floor.at(2.5), usdt(10'000)}};
    floor.trade(1, usdt(-1'000));
    QCOMPARE(*floor.evaluated(10).roster.maxDrawdown, 0.05);
    floor.trades.front().entered = floor.at(3); // half of the rows were switched off
    floor.trades.front().left = floor.at(3.1);
    QCOMPARE(*floor.evaluated(10).roster.maxDrawdown, 0.1);
    QCOMPARE(floor.evaluated(10).roster.capital, usdt(10'000));

    // By day: the mean of the day, by time.
    Floor daily;
    daily.capital = {{daily.at(0), usdt(20'000)}, {daily.at(2.5), usdt(10'000)}};
    std::vector<double> returns;
    for (int day = 0; day < 30; ++day) {
        const int net = day % 3 == 0 ? -30 : 30;
        daily.trade(day + 0.1, usdt(net));
        returns.push_back(net / (day < 2 ? 20'000.0 : day == 2 ? 15'000.0 : 10'000.0));
    }
    const auto wanted = statistics::annualised(statistics::sharpeEstimate(returns));
    const auto roster = daily.evaluated(30).roster;
    QVERIFY(std::abs(*roster.sharpe.annual - *wanted.value) < 1e-9);
}

void EvaluationTest::oneTryIsNotDeflatedAndEachMoreCostsSomething()
{
    Floor floor;
    for (int day = 0; day < 60; ++day) {
        floor.trade(day + 0.5, usdt(day % 5 == 0 ? -3 : 1));
    }
    const auto alone = only(floor, 60);
    QCOMPARE(alone.tries, 1.0);
    QCOMPARE(alone.deflated, alone.psr);
    double before = *alone.psr;
    for (const std::uint32_t tries : {2U, 10U, 200U}) {
        floor.tries["rule"] = tries;
        const auto figures = only(floor, 60);
        QCOMPARE(figures.tries, static_cast<double>(tries));
        QVERIFY(*figures.deflated < before);
        QCOMPARE(figures.psr, alone.psr);
        before = *figures.deflated;
    }
}

void EvaluationTest::triesThatMoveTogetherCountLess()
{
    std::mt19937_64 random(8);
    std::normal_distribution<double> normal(0.001, 0.01);
    TryReturns one{start, {}};
    for (int i = 0; i < 200; ++i) {
        one.returns.push_back(normal(random));
    }
    auto other = one;
    const std::vector same{one, other};
    QVERIFY(std::abs(deflationOf(same, 10, 30).tries - 1.0) < 1e-9);
    for (auto& value : other.returns) {
        value = normal(random);
    }
    const std::vector apart{one, other};
    const auto rho = *statistics::correlation(one.returns, other.returns);
    QVERIFY(std::abs(deflationOf(apart, 10, 30).tries - (std::max(rho, 0.0) + (1 - std::max(rho, 0.0)) * 10)) < 1e-9);

    const auto sharing = [&](std::size_t days) { // the same returns, on so many days in common
        TryReturns later{start + 200 - static_cast<std::int64_t>(days), {}};
        later.returns.assign(one.returns.end() - static_cast<std::ptrdiff_t>(days), one.returns.end());
        later.returns.resize(100, 0.001);
        return later;
    };
    QCOMPARE(deflationOf(std::vector{one, sharing(29)}, 10, 30).tries, 10.0); // nothing is known of it
    QVERIFY(std::abs(deflationOf(std::vector{one, sharing(30)}, 10, 30).tries - 1.0) < 1e-9);
}

void EvaluationTest::theSpreadIsTheSmallerOfTwo()
{
    std::mt19937_64 random(2);
    const auto made = [&](double mean) {
        std::normal_distribution<double> normal(mean, 0.01);
        TryReturns out{start, {}};
        for (int i = 0; i < 100; ++i) {
            out.returns.push_back(normal(random));
        }
        return out;
    };
    const auto errorOf = [](const TryReturns& t) {
        return *statistics::mertensError(*statistics::sharpeSample(t.returns));
    };
    const auto ratioOf = [](const TryReturns& t) { return *statistics::sharpeRatio(t.returns); };
    const auto one = made(0.001);
    QCOMPARE(*deflationOf(std::vector{one}, 5, 30).spread, errorOf(one)); // no spread of one
    const auto far = made(0.02);
    const double spread = std::abs(ratioOf(one) - ratioOf(far)) / std::sqrt(2.0);
    const double rms = std::sqrt((errorOf(one) * errorOf(one) + errorOf(far) * errorOf(far)) / 2);
    QVERIFY(spread > rms);
    QVERIFY(std::abs(*deflationOf(std::vector{one, far}, 5, 30).spread - rms) < 1e-12);
    auto near = one;
    near.returns.back() += 0.0001;
    const double small = std::abs(ratioOf(one) - ratioOf(near)) / std::sqrt(2.0);
    QVERIFY(std::abs(*deflationOf(std::vector{one, near}, 5, 30).spread - small) < 1e-12);
    QVERIFY(!deflationOf({}, 5, 30).spread);
}

void EvaluationTest::theRankingGoesByTheLowerEndThenMoreTradesThenName()
{
    const auto made = [](const char* strategy, std::int64_t instrument, std::uint32_t trades, std::optional<double> low,
                         bool isProvisional = false) {
        Evaluation out;
        out.strategy = strategy;
        out.instrument = InstrumentId{instrument};
        out.trades = trades;
        if (low) {
            out.sharpe = {.annual = *low + 3,
                          .interval = statistics::Interval{*low, *low + 9},
                          .days = 40,
                          .isProvisional = isProvisional};
        }
        return out;
    };
    std::vector all{made("untold", 1, 900, {}), made("wild", 1, 30, 8.0, true), made("low", 1, 40, -1.0),
                    made("high", 1, 40, 2.0),   made("same", 2, 40, 1.0),       made("same", 1, 40, 1.0),
                    made("more", 1, 41, 1.0),   made("new", 1, 12, {}),         made("calm", 1, 30, 1.0, true),
                    made("another", 1, 40, 1.0)};
    std::ranges::sort(all, ranksBefore);
    std::vector<std::string> order;
    for (const auto& row : all) {
        order.push_back(row.strategy + std::to_string(row.instrument->value));
    }
    const std::vector<std::string> wanted{"high1", "more1", "another1", "same1",   "same2",
                                          "low1",  "wild1", "calm1",    "untold1", "new1"};
    QVERIFY(order == wanted);
}

void EvaluationTest::oneRowAStrategyAndInstrument()
{
    Floor floor;
    for (int i = 0; i < 400; ++i) {
        floor.trade(i / 10.0, usdt(i % 2 == 0 ? 1 : -1), i % 3 == 0 ? "x" : "y", 1 + i % 2, i % 7 == 0 ? "a" : "b");
    }
    const auto table = floor.evaluated(50);
    QCOMPARE(table.rows.size(), std::size_t{4});
    QCOMPARE(table.strategies.size(), std::size_t{2});
    std::set<std::pair<std::string, InstrumentId>> seen;
    for (const auto& row : table.rows) {
        QVERIFY(seen.insert({row.strategy, *row.instrument}).second);
    }
    std::uint32_t trades = 0;
    for (const auto& pooled : table.strategies) {
        trades += pooled.trades;
    }
    std::uint32_t ofRows = 0;
    for (const auto& row : table.rows) {
        ofRows += row.trades;
    }
    QCOMPARE(trades, ofRows);
    QCOMPARE(table.roster.trades, 400U);
}

void EvaluationTest::theBestAreThoseThatRankFirst()
{
    Floor floor;
    for (int i = 0; i < 400; ++i) {
        floor.trade(i / 8.0, usdt((i * i + i / 5) % 7 - 3), "rule" + std::to_string(i % 9), 1 + i % 2);
    }
    const auto table = floor.evaluated(60);
    const auto top = best(table.rows, 5);
    QCOMPARE(top.size(), std::size_t{5});
    for (std::size_t i = 0; i < top.size(); ++i) {
        QVERIFY(top[i] == &table.rows[i]);
    }
    QCOMPARE(best(table.rows, 1'000).size(), table.rows.size());
    QVERIFY(best({}, 10).empty());
}

void EvaluationTest::theSparklineKeepsFirstAndLastAndStaysSmall()
{
    for (const int count : {1, 2, 59, 60, 61, 120, 121, 5'000}) {
        Sparkline line;
        for (int i = 0; i < count; ++i) {
            line.add(i);
        }
        const auto points = line.points();
        QCOMPARE(points.size(), std::min<std::size_t>(static_cast<std::size_t>(count), points.size()));
        QVERIFY(points.size() <= 60);
        QVERIFY(count > 60 || points.size() == static_cast<std::size_t>(count));
        QCOMPARE(points.front(), 0.0F);
        QCOMPARE(points.back(), static_cast<float>(count - 1));
        QVERIFY(std::ranges::is_sorted(points));
    }
    QVERIFY(Sparkline().points().empty());
}

void EvaluationTest::momentsAreThoseOfTheWholeSeries()
{
    std::mt19937_64 random(3);
    std::lognormal_distribution<double> skewed(0, 1);
    std::vector<double> values;
    Moments moments;
    for (int i = 0; i < 500; ++i) {
        values.push_back(skewed(random) - 1.5);
        moments.add(values.back());
        if (i == 0) {
            QVERIFY(!moments.sharpe());
            continue;
        }
        const auto want = statistics::sharpeSample(values);
        const auto got = moments.sharpe();
        QVERIFY(want && got && got->n == want->n);
        QVERIFY(std::abs(got->sharpe - want->sharpe) < 1e-9);
        QVERIFY(std::abs(got->skewness - want->skewness) < 1e-8);
        QVERIFY(std::abs(got->kurtosis - want->kurtosis) < 1e-7);
    }
    Moments flat;
    for (int i = 0; i < 40; ++i) {
        flat.add(0.1);
    }
    QVERIFY(flat.sharpe() == std::unexpected(Undefined::NoVariance) || flat.sharpe().error() == Undefined::NoVariance);
}

QTEST_GUILESS_MAIN(EvaluationTest)
#include "evaluation_test.moc"
