// Evaluations of closed trades: which of them count, the Sharpe and what so many tries leave of it, the roster as it
// was, and the order of the ranking.
#include "statistics/equity.h"
#include "testkit/golden.h"
#include "unit/trading/evaluation_floor.h"

#include <QTest>

#include <cmath>
#include <set>

using namespace qd;
using namespace qd::trading;
using base::usdt;
using statistics::Undefined;

namespace {

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

/// Gains of chance, the same ones each time.
struct Noise {
    std::uint64_t state = 7;

    /// A trade on each day from `from` to before `to`.
    void trade(Floor& floor, const std::string& strategy, int from, int to, double edge = 0)
    {
        for (int day = from; day < to; ++day) {
            state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
            const auto drawn = static_cast<double>(state >> 40U) / static_cast<double>(1U << 24U) - 0.5;
            floor.trade(day + 0.1, {std::llround((drawn + edge) * 1e9)}, strategy);
        }
    }
};

Choice choiceOn(Floor& floor, int days, const base::PolicyValues& policy = {})
{
    return overfittingOf(floor.evaluated(days + 0.5).returns, evaluationLimits(policy), overfittingBlocks(policy));
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
    void theWindowHoldsWholeDaysAndTheRunningOne();
    void aChangedParameterStartsAtZero();
    void shadowTradesNeverCount();
    void aPooledRowHoldsAllInstrumentsOfTheStrategy();
    void theRosterIsMeasuredByTheCapitalOfEachMoment();
    void oneTryIsNotDeflatedAndEachMoreCostsSomething();
    void growthAndBothBenchmarksBeginWhereTheirLimitsSay();
    void choosingAmongEqualsIsOverfittingAndAmongUnequalsIsNot();
    void aStrategyThatStoppedEarlyIsNotChosenAmong();
    void aYoungStrategyDoesNotShortenTheDaysOfAll();
    void aChoiceAmongTooFewIsUndefinedAndTellsHowMany();
    void theRankingGoesByTheLowerEndThenMoreTradesThenName();
    void oneRowAStrategyAndInstrument();
    void theBestAreThoseThatRankFirst();
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
    QVERIFY(!alone.deflated); // one try is nothing to deflate by
    double before = *alone.psr;
    for (const std::uint32_t tries : {2U, 10U, 200U}) {
        floor.tries["rule"] = tries;
        const auto figures = only(floor, 60);
        QCOMPARE(figures.tries, static_cast<double>(tries));
        QVERIFY(figures.deflated.has_value());
        QVERIFY(*figures.deflated < before);
        QCOMPARE(figures.psr, alone.psr);
        before = *figures.deflated;
    }
}

void EvaluationTest::growthAndBothBenchmarksBeginWhereTheirLimitsSay()
{
    Floor floor;
    for (int day = 0; day < 40; ++day) {
        floor.trade(day + 0.1, usdt(day % 3 == 0 ? -1 : 2));
    }
    floor.limits.growth = {365, 35};
    floor.limits.psr = {60, 38};
    const auto young = only(floor, 34.5); // 34 complete days
    QVERIFY(young.sharpe.annual && !young.growth && !young.calmar && !young.psr && !young.psrSecond);
    QVERIFY(only(floor, 35.5).growth);
    QVERIFY(!only(floor, 37.5).psr);
    const auto old = only(floor, 38.5);
    QVERIFY(old.psr && old.psrSecond && *old.psrSecond < *old.psr);
    QCOMPARE(old.growthDays, 38U);
    // 38 days: 25 of +2 and 13 of −1 on 1,000, which do not compound; the deepest fall is a day's loss.
    const double net = 1 + (25 * 2.0 - 13) / 1'000;
    QVERIFY(std::abs(*old.growth - (std::pow(net, 365.0 / 38) - 1)) < 1e-9);
    QVERIFY(*old.calmar > *old.growth);
    floor.limits.secondBenchmark = 0;
    QCOMPARE(*only(floor, 38.5).psrSecond, *only(floor, 38.5).psr);
    QCOMPARE(only(floor, 38.5).limits.growth, (statistics::SampleLimits{365, 35}));
}

void EvaluationTest::choosingAmongEqualsIsOverfittingAndAmongUnequalsIsNot()
{
    const auto overfitting = [](double edge, const base::PolicyValues& policy = {}, int days = 64) {
        Noise noise;
        Floor floor;
        floor.limits = evaluationLimits(policy);
        for (int rule = 0; rule < 6; ++rule) {
            noise.trade(floor, "rule" + std::to_string(rule), 0, days, rule == 0 ? edge : 0);
        }
        floor.strategies["silent"] = 1; // says nothing of a choice
        const auto choice = choiceOn(floor, days, policy);
        if (choice.strategies != 6 || choice.days != static_cast<std::size_t>(days)) {
            qFatal("%zu strategies, %zu days", choice.strategies, choice.days);
        }
        return choice.overfitting;
    };
    const auto better = overfitting(2);
    const auto equal = overfitting(0);
    QVERIFY(better && *better < 0.01);
    QVERIFY2(equal && *equal > 0.2, std::to_string(equal.value_or(-1)).c_str());
    // The policy's blocks are those that are used, an odd number as one less.
    QCOMPARE(*overfitting(0, {{"pbo.blocks_short", 9}}), *equal);
    QVERIFY(*overfitting(0, {{"pbo.blocks_short", 4}}) != *equal);
    QVERIFY(*overfitting(0, {{"pbo.long_days", 64}, {"pbo.blocks_long", 4}}) ==
            *overfitting(0, {{"pbo.blocks_short", 4}}));
    // Too many for the days: undefined.
    QVERIFY(overfitting(0, {{"sharpe.min_days", 10}, {"pbo.blocks_short", 10}}, 19));
    QVERIFY(overfitting(0, {{"sharpe.min_days", 10}, {"pbo.blocks_short", 20}}, 19) ==
            std::unexpected(Undefined::TooFew));
    QVERIFY(!overfitting(0, {{"show.dsr_min_tries", 7}}));
    QVERIFY(overfitting(0, {{"show.dsr_min_tries", 6}}));
}

void EvaluationTest::aStrategyThatStoppedEarlyIsNotChosenAmong()
{
    // 64 days are 8 blocks of 8: where seven stand still one half always does, where six do a few divisions are left.
    for (const auto& [stopped, taken] : {std::pair(8, 6U), std::pair(9, 7U), std::pair(64, 7U)}) {
        Noise noise;
        Floor floor;
        for (int rule = 0; rule < 6; ++rule) {
            noise.trade(floor, "rule" + std::to_string(rule), 0, 64);
        }
        noise.trade(floor, "stops", 0, stopped);
        const auto choice = choiceOn(floor, 64);
        QVERIFY2(choice.overfitting, std::to_string(stopped).c_str());
        QCOMPARE(choice.strategies, std::size_t{taken});
        QCOMPARE(choice.days, std::size_t{64});
    }
}

void EvaluationTest::aYoungStrategyDoesNotShortenTheDaysOfAll()
{
    for (const auto& [begun, taken, days] : {std::tuple(160, 6U, 200U), std::tuple(20, 7U, 180U)}) {
        Noise noise;
        Floor floor;
        for (int rule = 0; rule < 6; ++rule) {
            noise.trade(floor, "rule" + std::to_string(rule), 0, 200);
        }
        noise.trade(floor, "young", begun, 200);
        const auto choice = choiceOn(floor, 200);
        QVERIFY(choice.overfitting);
        QCOMPARE(choice.strategies, std::size_t{taken});
        QCOMPARE(choice.days, std::size_t{days});
        QCOMPARE(choice.standing, statistics::Standing::Shown);
    }
    // Fewer days of enough strategies say more than many of too few: five over 130 days are not grey, two are.
    Noise noise;
    Floor floor;
    for (int rule = 0; rule < 5; ++rule) {
        noise.trade(floor, "rule" + std::to_string(rule), rule < 2 ? 0 : 270, 400);
    }
    QCOMPARE(choiceOn(floor, 400).strategies, std::size_t{5});
    QCOMPARE(choiceOn(floor, 400).days, std::size_t{130});
}

void EvaluationTest::aChoiceAmongTooFewIsUndefinedAndTellsHowMany()
{
    Noise noise;
    Floor floor;
    noise.trade(floor, "rule", 0, 64);
    noise.trade(floor, "stops", 0, 8); // one of eight blocks
    const auto choice = choiceOn(floor, 64);
    QVERIFY(choice.overfitting == std::unexpected(Undefined::TooFew));
    QCOMPARE(choice.strategies, std::size_t{1});
    QCOMPARE(choice.days, std::size_t{64});
    Floor empty;
    QCOMPARE(choiceOn(empty, 64).strategies, std::size_t{0});
    QVERIFY(!choiceOn(empty, 64).overfitting);
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

QTEST_GUILESS_MAIN(EvaluationTest)
#include "evaluation_test.moc"
