// A night of sensitivity over an archive: the unchanged run is the replay, double costs cost what they cost, and only
// the days that count are counted.
#include "engines/replay.h"
#include "engines/sensitivity_run.h"
#include "testkit/made_ledger.h"
#include "testkit/tape.h"
#include "trading/trade_costs.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using base::UtcMs;
using testkit::good;
using testkit::Store;

namespace {

const std::string strategy = "momentum";

struct Archive {
    Store store;
    UtcMs first{INT64_MAX};
    UtcMs last{INT64_MIN};

    Archive()
    {
        for (const auto* name : {"ONE-USDT", "TWO-USDT"}) {
            const auto id = store.add(name);
            const auto tape = testkit::randomTape(
                id, id.value == 1 ? 5 : 6, 40'000,
                {.price = 90'000, .meanGapMs = 8'000, .quoteShare = 0, .gapShare = 0, .lateShare = 0});
            std::vector<storage::NumberedTick> ticks;
            for (const auto& item : tape) {
                const auto& tick = std::get<market::Tick>(item.what);
                ticks.push_back({item.number, tick});
                first = std::min(first, tick.time);
                last = std::max(last, tick.time);
            }
            store.write([&] { good(storage::TickArchiveWriter(*store).append(id, ticks)); });
        }
    }
    [[nodiscard]] SensitivityTask task(UtcMs from) const
    {
        const auto parameters = testkit::defaultsOf(strategy);
        return {.strategy = strategy,
                .parameters = parameters,
                .changes = {{parameters, 1}, {parameters, 2}},
                .from = from,
                .to = last,
                .policy = base::defaultPaperPolicy()};
    }
    /// Its trades by the replay.
    [[nodiscard]] ReplayResult replayed() const
    {
        return good(replay({.database = store.file(), .strategies = {strategy}, .current = true}, {}));
    }
};

void nothing(double /*fraction*/, const std::string& /*instrument*/) {}

} // namespace

class SensitivityRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theUnchangedRunIsTheReplayAndDoubleCostsAreChargedTwice()
    {
        Archive archive;
        double net = 0;
        double costs = 0;
        std::uint64_t trades = 0;
        for (const auto& row : archive.replayed().rows) {
            for (const auto& trade : row.trades) {
                const auto parts = trading::costsOf(trade, row.instrument);
                QVERIFY(parts);
                net += base::toUsdt(trade.net);
                costs += base::toUsdt(trade.fees) + std::max(base::toUsdt(parts->slippage), 0.0);
                ++trades;
            }
        }
        QVERIFY(trades > 10);
        const auto night = good(runSensitivity(*archive.store, archive.task(archive.first), {}, nothing));
        const auto n = static_cast<double>(trades);
        QCOMPARE(night.at, archive.last);
        QCOMPARE(night.unchanged.trades, trades);
        QVERIFY(std::abs(*night.unchanged.expectancy - net / n) < 1e-9);
        QCOMPARE(night.runs.size(), std::size_t{2});
        QCOMPARE(*night.runs[0].expectancy, *night.unchanged.expectancy);
        QVERIFY(std::abs(*night.runs[1].expectancy - (net - costs) / n) < 1e-9);
    }

    void onlyTradesOfTheDaysThatCountAreCounted()
    {
        Archive archive;
        const auto from = archive.first + (archive.last - archive.first) / 2;
        std::uint64_t trades = 0;
        for (const auto& row : archive.replayed().rows) {
            trades += static_cast<std::uint64_t>(
                std::ranges::count_if(row.trades, [&](const auto& t) { return t.position.entry.time >= from; }));
        }
        QCOMPARE(good(runSensitivity(*archive.store, archive.task(from), {}, nothing)).unchanged.trades, trades);
    }

    void unseenDaysAreTheNetOfTheirOwnTradesOverTheCapital()
    {
        Archive archive;
        const auto middle = trading::dayOf(archive.first) + 1;
        const std::vector days{middle, middle + 2, trading::dayOf(archive.last) + 9}; // of the last there is nothing
        auto task = archive.task(governance::midnightOf(days[0]));
        task.changes.clear();
        task.to = archive.last;
        const auto rows = archive.replayed().rows;
        const auto isRight = [&](const std::vector<storage::UnseenDay>& found, bool hasBoth) {
            std::map<std::int64_t, double> nets{{days[0], 0}, {days[1], 0}};
            const auto isOne = [&](UtcMs at) { return nets.contains(trading::dayOf(at)); };
            int counted = 0;
            for (const auto& row : rows) {
                for (const auto& trade : row.trades) {
                    if (isOne(trade.position.entry.time) && isOne(trade.exit.time) &&
                        (hasBoth || row.instrument.id.value == 1)) {
                        nets[trading::dayOf(trade.exit.time)] += base::toUsdt(trade.net);
                        ++counted;
                    }
                }
            }
            return counted > 0 && found.size() == nets.size() && std::ranges::all_of(found, [&](const auto& of) {
                       return nets.contains(of.day) && std::abs(of.value - nets[of.day] / 2'000) < 1e-12;
                   });
        };
        QVERIFY(isRight(good(runUnseenDays(*archive.store, task, days, 2'000, {}, nothing)), true));
        task.only = {base::InstrumentId{1}};
        QVERIFY(isRight(good(runUnseenDays(*archive.store, task, days, 2'000, {}, nothing)), false));
    }

    void itEndsWhenItIsCancelledAndSaysWhenThereIsNothing()
    {
        Archive archive;
        std::stop_source stop;
        double furthest = 0;
        const auto cancelled =
            runSensitivity(*archive.store, archive.task(archive.first), stop.get_token(), [&](double fraction, auto&&) {
                furthest = fraction;
                stop.request_stop();
            });
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
        QVERIFY(furthest > 0 && furthest < 1);
        auto later = archive.task(archive.last + base::oneDay);
        later.to = archive.last + base::oneDay * 2;
        QCOMPARE(runSensitivity(*archive.store, later, {}, nothing).error().code, ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(SensitivityRunTest)
#include "sensitivity_run_test.moc"
