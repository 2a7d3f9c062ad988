// The stop lab against a second implementation that looks at every tick for every cell, and its rules one by one.
#include "testkit/tape.h"
#include "trading/execution_model.h"
#include "trading/stop_lab.h"

#include <QTest>

#include <cmath>
#include <optional>
#include <random>

using namespace qd;
using namespace qd::trading;
using base::RatePpm;
using base::StreamNumber;
using base::UtcMs;

namespace {

constexpr StopLabFees noFees{RatePpm{0}, RatePpm{0}};
constexpr StopLabFees fees{RatePpm{600}, RatePpm{200}};
const StopLabGrid small{{0.01, 0.02}, {0.01, 0.03}};

struct Numbered {
    StreamNumber number;
    market::Tick tick;
};

StopLabEntry longAt(std::int64_t price, std::int64_t number = 1, std::int64_t limit = 1'000'000)
{
    return {.side = Side::Buy,
            .number = {number},
            .timeLimit = {limit},
            .price = {price},
            .ownStop = {price - price / 100},
            .ownTarget = {price + price / 50}};
}

/// Feeds prices as ticks from number 2 on, a second apart.
StopLabRun run(const std::vector<StopLabEntry>& entries, const std::vector<std::int64_t>& prices,
               StopLabFees charged = noFees)
{
    StopLabRun out(entries, small, charged);
    std::int64_t number = 1;
    for (const auto price : prices) {
        ++number;
        out.add({.id = number, .time = {number * 1'000}, .price = {price}, .signedSize = 1}, {number});
    }
    return out;
}

bool near(double a, double b)
{
    return std::abs(a - b) < 1e-9;
}

/// One cell by definition: every tick after the entry, in order.
std::optional<double> byDefinition(const StopLabEntry& entry, const std::vector<Numbered>& ticks, Price stop,
                                   Price target)
{
    const auto result = [&](Price exit, RatePpm exitFee) {
        const auto share = static_cast<double>(exit.value) / static_cast<double>(entry.price.value);
        const auto in = static_cast<double>((entry.byMaker ? fees.maker : fees.taker).value) * 1e-6;
        return (entry.side == Side::Buy ? share - 1 : 1 - share) - in -
               share * static_cast<double>(exitFee.value) * 1e-6;
    };
    for (const auto& [number, tick] : ticks) {
        if (number <= entry.number) {
            continue;
        }
        if (hitsStop(entry.side, stop, tick.price)) {
            return result(tick.price, fees.taker);
        }
        if (tradesThrough(entry.side, target, tick.price)) {
            return result(target, fees.maker);
        }
        if (tick.time >= entry.timeLimit) {
            return result(tick.price, fees.taker);
        }
    }
    return std::nullopt;
}

} // namespace

class StopLabTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aStopLeavesAtThePrintThatCrossesItAndATargetAtItsOwnPrice()
    {
        const std::vector entries{longAt(10'000)};
        const auto stopped = run(entries, {9'901, 9'850, 9'700});
        QCOMPARE(stopped.counted(), std::uint64_t{1});
        QVERIFY(near(stopped.older().cells[0].losses, 0.015)); // the 1% stop, at the print
        QVERIFY(near(stopped.older().cells[1].losses, 0.03));  // the 2% stop, later
        const auto reached = run(entries, {10'100, 10'101, 10'301});
        QVERIFY(near(reached.older().cells[0].gains, 0.01)); // not at its price, through it
        QVERIFY(near(reached.older().cells[2].gains, 0.03));
    }

    void whatIsNotDecidedLeavesAtTheFirstPrintAtOrAfterTheTimeLimit()
    {
        const std::vector entries{longAt(10'000, 1, 4'000)};
        const auto lab = run(entries, {10'010, 10'020, 10'050, 12'000}); // of 2, 3, 4 and 5 s
        for (const auto& cell : lab.older().cells) {
            QVERIFY(near(cell.gains, 0.005));
        }
        QVERIFY(near(lab.older().own.gains, 0.005));
    }

    void anEntryThatTheTicksDoNotDecideCountsNowhere()
    {
        const std::vector entries{longAt(10'000)};
        const auto lab = run(entries, {9'890, 9'950}); // the 1% stops only
        QCOMPARE(lab.counted(), std::uint64_t{0});
        QCOMPARE(lab.older().cells[0].trades, 0U);
        QVERIFY(!lab.isDone());
    }

    void theItemOfTheEntryAndThoseBeforeDoNotCount()
    {
        const std::vector entries{longAt(10'000, 3)};
        const auto lab = run(entries, {9'000, 9'000, 10'101, 10'301}); // numbers 2, 3, 4, 5
        QVERIFY(near(lab.older().cells[0].gains, 0.01));
        QCOMPARE(lab.older().cells[0].losses, 0.0);
    }

    void feesAreThoseOfTheEntryAndOfTheExit()
    {
        auto entry = longAt(10'000);
        entry.byMaker = true;
        const std::vector entries{entry};
        const auto lab = run(entries, {9'700}, fees);
        QVERIFY(near(lab.older().cells[0].losses, 0.03 + 0.0002 + 0.97 * 0.0006));
        const auto won = run(entries, {10'400}, fees);
        QVERIFY(near(won.older().cells[0].gains, 0.01 - 0.0002 - 1.01 * 0.0002));
    }

    void aStopThatTheEntrySlippedBeyondIsHitByTheNextPrint()
    {
        auto entry = longAt(10'000);
        entry.ownStop = {10'010};
        const std::vector entries{entry};
        const auto lab = run(entries, {10'005, 10'301});
        QVERIFY(near(lab.older().own.gains, 0.0005));
        auto above = longAt(10'000);
        above.ownStop = {10'010};
        const std::vector later{above};
        const auto other = run(later, {10'050, 10'008, 10'301});
        QVERIFY(near(other.older().own.gains, 0.0008));
    }

    void anyGridEqualsTheOneThatLooksAtEveryTick()
    {
        std::uint64_t counted = 0;
        std::uint64_t lost = 0;
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            std::mt19937_64 random(seed);
            std::vector<Numbered> ticks;
            for (const auto& item : testkit::randomTape({1}, seed, 6'000, {.price = 3'000, .volatility = 0.0006})) {
                if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                    ticks.push_back({item.number, *tick});
                }
            }
            std::vector<StopLabEntry> entries;
            for (std::size_t i = 5; i + 1 < ticks.size(); i += 1 + random() % 60) {
                const auto price = ticks[i].tick.price.value;
                const auto side = random() % 2 == 0 ? Side::Buy : Side::Sell;
                const auto sign = side == Side::Buy ? 1 : -1;
                entries.push_back({.side = side,
                                   .number = ticks[i].number,
                                   .timeLimit = ticks[i].tick.time + base::Millis{60'000 * (1 + random() % 60)},
                                   .price = {price + sign * static_cast<std::int64_t>(random() % 3)},
                                   .ownStop = {price - sign * static_cast<std::int64_t>(1 + random() % 30)},
                                   .ownTarget = {price + sign * static_cast<std::int64_t>(1 + random() % 60)},
                                   .byMaker = random() % 3 == 0,
                                   .isNewer = i > ticks.size() / 2});
            }
            const auto grid = stopLabGrid(entries);
            QCOMPARE(grid.cells(), std::size_t{80});
            StopLabRun lab(entries, grid, fees);
            for (const auto& [number, tick] : ticks) {
                lab.add(tick, number);
            }
            std::vector<StopLabSums> wanted(2 * grid.cells());
            std::array<StopLabSums, 2> own;
            for (const auto& entry : entries) {
                std::vector<double> results;
                const auto level = [&](double share, int sign) {
                    const auto ticksAway =
                        std::max<std::int64_t>(1, std::llround(static_cast<double>(entry.price.value) * share));
                    return Price{entry.price.value + sign * ticksAway};
                };
                const int up = entry.side == Side::Buy ? 1 : -1;
                for (const auto target : grid.targets) {
                    for (const auto stop : grid.stops) {
                        if (const auto result = byDefinition(entry, ticks, level(stop, -up), level(target, up))) {
                            results.push_back(*result);
                        }
                    }
                }
                const auto asTraded = byDefinition(entry, ticks, entry.ownStop, entry.ownTarget);
                if (results.size() < grid.cells() || !asTraded) {
                    ++lost;
                    continue;
                }
                const std::size_t half = entry.isNewer ? 1 : 0;
                for (std::size_t cell = 0; cell < results.size(); ++cell) {
                    wanted[half * grid.cells() + cell].add(results[cell]);
                }
                own[half].add(*asTraded);
            }
            counted += lab.counted();
            for (std::size_t half = 0; half < 2; ++half) {
                const auto& got = half == 0 ? lab.older() : lab.newer();
                const auto same = [](const StopLabSums& a, const StopLabSums& b) {
                    return a.trades == b.trades && a.wins == b.wins && near(a.gains, b.gains) &&
                           near(a.losses, b.losses);
                };
                for (std::size_t cell = 0; cell < grid.cells(); ++cell) {
                    QVERIFY(same(got.cells[cell], wanted[half * grid.cells() + cell]));
                }
                QVERIFY(same(got.own, own[half]));
            }
        }
        QVERIFY(counted > 1'000);
        QVERIFY(lost > 0);
    }

    void todaysMedianDistancesLieWithinTheGrid()
    {
        std::vector<StopLabEntry> entries(9, longAt(10'000)); // 1% and 2%
        entries.push_back(longAt(10'000));
        entries.back().ownStop = {1};
        const auto grid = stopLabGrid(entries);
        QCOMPARE(grid.stops.size(), std::size_t{10});
        QCOMPARE(grid.targets.size(), std::size_t{8});
        QVERIFY(near(grid.stops[4], 0.01));
        QVERIFY(near(grid.targets[3], 0.02));
        QVERIFY(std::ranges::is_sorted(grid.stops) && std::ranges::is_sorted(grid.targets));
        QCOMPARE(stopLabGrid({}).cells(), std::size_t{80});
    }
};

QTEST_GUILESS_MAIN(StopLabTest)
#include "stop_lab_test.moc"
