// What evaluations are made of: trades marked to market by day, the record of a series of them, and the tries.
#include "statistics/equity.h"
#include "statistics/summary.h"
#include "trading/deflation.h"
#include "unit/trading/evaluation_floor.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace qd;
using namespace qd::trading;
using base::usdt;
using statistics::Undefined;

class TradeBookTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPositionOverMidnightIsMarkedAtTheLastCloseBeforeIt();
    void theDaysOfATradeSumToItsNet();
    void midnightTakesTheNewestCandleThatEndedByThen();
    void triesThatMoveTogetherCountLess();
    void theSpreadIsTheSmallerOfTwo();
    void theSparklineKeepsFirstAndLastAndStaysSmall();
    void momentsAreThoseOfTheWholeSeries();
};

void TradeBookTest::aPositionOverMidnightIsMarkedAtTheLastCloseBeforeIt()
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

void TradeBookTest::theDaysOfATradeSumToItsNet()
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

void TradeBookTest::midnightTakesTheNewestCandleThatEndedByThen()
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

void TradeBookTest::triesThatMoveTogetherCountLess()
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

void TradeBookTest::theSpreadIsTheSmallerOfTwo()
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

void TradeBookTest::theSparklineKeepsFirstAndLastAndStaysSmall()
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

void TradeBookTest::momentsAreThoseOfTheWholeSeries()
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

QTEST_GUILESS_MAIN(TradeBookTest)
#include "trade_book_test.moc"
