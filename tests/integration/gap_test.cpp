// Ingest against an exchange that does what the test says: cut lines, silence, frozen prices, losses that nobody
// announces. What store and paper are handed is what the trades say, and what is missing is a row.
#include "engines/engine_host.h"
#include "engines/feed_database.h"
#include "engines/ingest_engine.h"
#include "storage/policy_store.h"
#include "testkit/exchange_thread.h"
#include "testkit/scripted_exchange.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <fstream>
#include <random>
#include <set>
#include <thread>

namespace {

using namespace qd;
using namespace std::chrono_literals;
using Exchange = testkit::ScriptedExchange;

constexpr int patience = 60'000;
const std::string btc = "BTC-USDT";
const std::string eth = "ETH-USDT";

std::int64_t nowMs()
{
    return base::SystemClock().now().value;
}

/// The machine's, set ahead or back by the test.
class SetClock final : public base::Clock {
public:
    [[nodiscard]] base::UtcMs now() const override { return base::SystemClock().now() + base::Millis{ahead.load()}; }
    std::atomic<std::int64_t> ahead = 0; // ms
};

/// The store's side of the queue: gives instruments their ids and keeps all that it is handed.
class Rig {
public:
    template <typename Any>
    explicit Rig(const Any& exchange, engines::IngestOptions options = quick(),
                 std::vector<engines::StreamEnd> ends = {}, market::GapCause first = market::GapCause::Stopped)
        : engine_({exchange.webSocket(), exchange.rest()}, {}, std::move(ends), first,
                  {store, paper, screen, events, pulse, clock, storeIsFailing, nullptr, &silenceMs, &board, &nextCheck,
                   &sleptMs, &clockOffMs},
                  options)
    {
        silenceMs = options.silence.count();
        keeper_ = std::thread([this] { keep(); });
        drain_ = std::thread([this] {
            while (!paper.isDone()) {
                (void)paper.popAll(20ms);
            }
        });
        runner_ = std::thread([this] { engine_.run(stop_.get_token()); });
    }
    ~Rig()
    {
        stop_.request_stop();
        runner_.join();
        store.close();
        paper.close();
        keeper_.join();
        drain_.join();
    }
    static engines::IngestOptions quick()
    {
        engines::IngestOptions options;
        options.watch.compareEvery = 200ms;
        options.watch.outageEvery = 200ms;
        options.watch.urgentEvery = 20ms;
        options.watch.candlesEvery = 200ms;
        options.watch.candlesAgain = 50ms;
        options.watch.settle = 0ms;
        options.watch.questionsPerSecond = 100;
        return options;
    }
    [[nodiscard]] std::vector<market::StreamItem> items() const
    {
        const std::scoped_lock lock(mutex_);
        return items_;
    }
    [[nodiscard]] std::vector<std::int64_t> ids() const
    {
        std::vector<std::int64_t> out;
        for (const auto& item : items()) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                out.push_back(tick->id);
            }
        }
        return out;
    }
    [[nodiscard]] std::set<std::int64_t> lateIds() const
    {
        std::set<std::int64_t> out;
        for (const auto& item : items()) {
            if (const auto* late = std::get_if<market::LateTick>(&item.what)) {
                out.insert(late->tick.id);
            }
        }
        return out;
    }
    [[nodiscard]] int marks() const
    {
        const auto all = items();
        return static_cast<int>(
            std::ranges::count_if(all, [](const auto& i) { return std::holds_alternative<market::GapMark>(i.what); }));
    }
    /// The newest state of each row, by instrument and number.
    [[nodiscard]] std::vector<storage::GapRow> gaps() const
    {
        const std::scoped_lock lock(mutex_);
        std::vector<storage::GapRow> out;
        for (const auto& [key, row] : gaps_) {
            out.push_back(row);
        }
        return out;
    }
    [[nodiscard]] std::string notices()
    {
        for (const auto& event : events.take()) {
            if (const auto* notice = std::get_if<console::Notice>(&event)) {
                notices_ += notice->text + "\n";
            }
        }
        return notices_;
    }
    /// Gap checks that ended, as they come.
    [[nodiscard]] std::vector<engines::JobBoard::Seen>& checks()
    {
        for (auto& seen : board.takeChanges(0ms)) {
            if (governance::isOver(seen.row.state)) {
                checks_.push_back(std::move(seen));
            }
        }
        return checks_;
    }
    [[nodiscard]] bool hasCheck(const std::string& result, bool isQuiet)
    {
        return std::ranges::any_of(
            checks(), [&](const auto& seen) { return seen.row.result.starts_with(result) && seen.isQuiet == isQuiet; });
    }
    [[nodiscard]] std::uint64_t ticks() const { return screen.get() ? screen.get()->ticks : 0; }

    SetClock clock;
    engines::JobBoard board{clock};
    std::atomic<std::int64_t> nextCheck = 0;
    engines::StoreQueue store{64};
    engines::PaperQueue paper{64};
    base::Mailbox<console::IngestSnapshot> screen;
    engines::EventLog events;
    std::atomic<bool> storeIsFailing = false;
    std::atomic<std::int64_t> silenceMs = 0; // feed.silence_s in force
    std::atomic<std::int64_t> sleptMs = 0;
    std::atomic<std::int64_t> clockOffMs = 2'000; // health.clock_s in force
    engines::Heartbeat pulse;

private:
    void keep()
    {
        while (!store.isDone()) {
            for (auto& item : store.popAll(20ms)) {
                if (auto* ask = std::get_if<engines::StoreInstruments>(&item)) {
                    for (std::size_t i = 0; i < ask->wanted.size(); ++i) {
                        ask->wanted[i].id = {static_cast<std::int64_t>(i) + 1};
                    }
                    ask->answer.set_value(std::move(ask->wanted));
                    continue;
                }
                const std::scoped_lock lock(mutex_);
                if (const auto* ticks = std::get_if<engines::StoreTicks>(&item)) {
                    items_.insert(items_.end(), ticks->batch->begin(), ticks->batch->end());
                } else if (const auto* rows = std::get_if<engines::StoreGaps>(&item)) {
                    for (const auto& row : rows->rows) {
                        gaps_[{row.instrument.value, row.number.value}] = row;
                    }
                }
            }
        }
    }

    mutable std::mutex mutex_;
    std::vector<market::StreamItem> items_;
    std::map<std::pair<std::int64_t, std::int64_t>, storage::GapRow> gaps_;
    std::string notices_;
    std::stop_source stop_;
    engines::IngestEngine engine_;
    std::vector<engines::JobBoard::Seen> checks_;
    std::thread keeper_;
    std::thread drain_;
    std::thread runner_;
};

void run(Exchange& exchange, const std::string& name, std::int64_t first, std::int64_t last,
         Exchange::To to = Exchange::To::Both, std::int64_t time = nowMs())
{
    for (auto id = first; id <= last; ++id) {
        exchange.trade(name, {.id = id, .time = time}, to);
    }
}

std::vector<std::int64_t> range(std::int64_t first, std::int64_t last)
{
    std::vector<std::int64_t> out;
    for (auto id = first; id <= last; ++id) {
        out.push_back(id);
    }
    return out;
}

} // namespace

class GapTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFundingRateIsAnItemOnceForEachChange()
    {
        Exchange exchange({btc, eth});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        exchange.fund(btc, "0.0001", 28'800'000);
        exchange.fund(btc, "0.0001", 28'800'000); // the same again
        exchange.fund(eth, "0.0001", 28'800'000);
        run(exchange, btc, 1, 1);
        exchange.fund(btc, "-0.0002", 28'800'000);
        exchange.fund(btc, "-0.0002", 57'600'000);
        run(exchange, btc, 2, 2);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 2U, patience);
        std::vector<std::pair<std::int64_t, market::FundingRate>> seen;
        for (const auto& item : rig.items()) {
            if (const auto* rate = std::get_if<market::FundingRate>(&item.what); rate && item.instrument.value == 1) {
                seen.emplace_back(item.number.value, *rate);
            }
        }
        QCOMPARE(seen.size(), 3U);
        QVERIFY(seen[0] == std::pair(std::int64_t{1}, market::FundingRate{{28'800'000}, {1, -4}}));
        QVERIFY(seen[1] == std::pair(std::int64_t{3}, market::FundingRate{{28'800'000}, {-2, -4}}));
        QVERIFY(seen[2] == std::pair(std::int64_t{4}, market::FundingRate{{57'600'000}, {-2, -4}}));
    }

    void aCutIsFilledFromRestWithLateTicksAndItsRowIsExact()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 50);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        exchange.dropClients();
        run(exchange, btc, 51, 90, Exchange::To::Rest);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        run(exchange, btc, 91, 100);
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty() && rig.gaps()[0].measure == market::GapMeasure::Exact, patience);
        QCOMPARE(rig.gaps().size(), 1U);
        const auto gap = rig.gaps()[0];
        QCOMPARE(gap.cause, market::GapCause::Socket);
        QCOMPARE(gap.found, 40);
        QCOMPARE(gap.missing, std::optional(market::Quantity{0}));
        QVERIFY(gap.isMarked);
        QCOMPARE(rig.marks(), 1);
        const auto late = rig.lateIds();
        QCOMPARE(std::vector(late.begin(), late.end()), range(51, 90));
        QTRY_COMPARE_WITH_TIMEOUT(rig.ids().size(), 60U, patience);
        std::set<std::int64_t> numbers;
        for (const auto& item : rig.items()) {
            QVERIFY(numbers.insert(item.number.value).second); // every item has a number of its own
        }
        QTRY_COMPARE_WITH_TIMEOUT(rig.screen.get()->filled, 40U, patience);
        QTRY_VERIFY_WITH_TIMEOUT(rig.screen.get()->gaps && rig.screen.get()->gaps->size() == 1, patience);
    }

    void aMachineThatSleptConnectsAnewAndFetchesWhatItMissed()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 50);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        run(exchange, btc, 51, 90, Exchange::To::Rest); // the socket looks well, and is dead
        rig.sleptMs = 3'600'000;
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        run(exchange, btc, 91, 100);
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty() && rig.gaps()[0].measure == market::GapMeasure::Exact, patience);
        QCOMPARE(rig.gaps().size(), 1U);
        QCOMPARE(rig.gaps()[0].cause, market::GapCause::Sleep);
        QCOMPARE(rig.gaps()[0].found, 40);
        const auto late = rig.lateIds();
        QCOMPARE(std::vector(late.begin(), late.end()), range(51, 90));
        QVERIFY(rig.notices().contains("The machine slept for 3600.0 s. Connecting again."));
        QVERIFY(rig.notices().contains("The machine's clock was set back by 3600.0 s.")); // the wall clock stood still
        QCOMPARE(exchange.subscriptions(), 2);                                            // once a sleep
    }

    void whatRestNoLongerHasIsMeasuredByTheContractsOfItsMinutes()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        const auto minute = (nowMs() / 60'000 - 10) * 60'000;
        run(exchange, btc, 1, 20, Exchange::To::Both, minute - 1'000);
        run(exchange, btc, 21, 50, Exchange::To::Both, minute);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        exchange.dropClients();
        QTRY_VERIFY_WITH_TIMEOUT(rig.screen.get()->feed != console::FeedState::Online, patience);
        run(exchange, btc, 51, 300, Exchange::To::Rest, minute + 30'000);
        run(exchange, btc, 301, 310, Exchange::To::Rest, minute + 70'000);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        run(exchange, btc, 311, 320, Exchange::To::Both, minute + 80'000);
        exchange.closedUntil = minute + 120'000;
        run(exchange, btc, 321, 330, Exchange::To::Both, minute + 121'000);
        // Trades may come after the measure: then what is missing is less. One contract a trade.
        const auto addsUp = [&] {
            const auto gaps = rig.gaps();
            return gaps.size() == 1 && gaps[0].measure == market::GapMeasure::ByVolume && gaps[0].found > 0 &&
                   gaps[0].found == static_cast<std::int64_t>(rig.lateIds().size()) &&
                   gaps[0].missing->value == 260 - gaps[0].found;
        };
        QTRY_VERIFY_WITH_TIMEOUT(addsUp(), patience);
        QVERIFY(rig.gaps()[0].missing->value > 0);
    }

    void aLossThatNobodyAnnouncesIsFoundFilledAndARow()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 150);
        run(exchange, btc, 151, 153, Exchange::To::Rest);
        run(exchange, btc, 154, 160);
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty(), patience);
        const auto gap = rig.gaps()[0];
        QCOMPARE(gap.cause, market::GapCause::Exchange);
        QCOMPARE(gap.found, 3);
        QCOMPARE(gap.measure, market::GapMeasure::Exact);
        QVERIFY(!gap.isMarked);
        QCOMPARE(rig.marks(), 0);
        const auto late = rig.lateIds();
        QCOMPARE(std::vector(late.begin(), late.end()), range(151, 153));
        QCOMPARE(exchange.subscriptions(), 1); // nothing was cut for it
    }

    void everyCheckIsARunAndOneThatFoundSomethingIsOfNote()
    {
        Exchange exchange({btc, eth});
        auto options = Rig::quick();
        options.watch.checkEvery = 300ms;
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 150);
        run(exchange, eth, 1, 10);
        QTRY_VERIFY_WITH_TIMEOUT(rig.hasCheck("nothing missing; 2 instruments", true), patience);
        QVERIFY(rig.nextCheck > nowMs() - 60'000);
        QCOMPARE(rig.checks().back().row.job, std::string("gap-check"));
        run(exchange, btc, 151, 153, Exchange::To::Rest);
        run(exchange, btc, 154, 160);
        QTRY_VERIFY_WITH_TIMEOUT(rig.hasCheck("3 trades came back, ", false), patience);
        exchange.setRestOff(true); // while the socket is well: a failure, told once
        QTRY_VERIFY_WITH_TIMEOUT(rig.hasCheck("REST answered none of ", false), patience);
        QTRY_VERIFY_WITH_TIMEOUT(rig.hasCheck("REST answered none of ", true), patience);
        exchange.setRestOff(false);
        QTRY_VERIFY_WITH_TIMEOUT(rig.hasCheck("nothing missing", false), patience); // that it is well again is news
    }

    void aCheckThatIsAskedForAsksEveryInstrumentAndEndsWithTheLastAnswer()
    {
        Exchange exchange({btc, eth});
        auto options = Rig::quick();
        options.watch.compareEvery = options.watch.candlesEvery = 3'600'000ms; // nothing by itself
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 20);
        run(exchange, eth, 1, 20);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 40U, patience);
        run(exchange, eth, 21, 22, Exchange::To::Rest);
        run(exchange, eth, 23, 23);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 41U, patience);
        rig.board.wish("gap-check");
        QTRY_VERIFY_WITH_TIMEOUT(!rig.checks().empty(), patience);
        QCOMPARE(rig.checks().front().row.trigger, std::string("by you"));
        QCOMPARE(rig.checks().front().row.state, governance::JobState::Succeeded);
        QTRY_COMPARE_WITH_TIMEOUT(rig.lateIds().size(), 2U, patience);
    }

    void aLossThatRestsTradesNoLongerShowIsFoundByTheContractsOfTheMinute()
    {
        Exchange exchange({btc});
        auto options = Rig::quick();
        options.watch.compareEvery = 60'000ms;
        options.watch.urgentEvery = 60'000ms; // trades are not asked
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        const auto minute = (nowMs() / 60'000 - 10) * 60'000;
        run(exchange, btc, 1, 5, Exchange::To::Both, minute - 1'000);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 5U, patience);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.questions("trades"), 1, patience); // the only one for a minute
        run(exchange, btc, 6, 20, Exchange::To::Both, minute);
        run(exchange, btc, 21, 27, Exchange::To::Rest, minute + 1'000);
        for (std::int64_t id = 28; id < 140; ++id) {
            exchange.trade(btc, {.id = id, .time = minute + 60'000});
        }
        exchange.closedUntil = minute + 60'000;
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty() && rig.gaps()[0].missing, patience);
        const auto gap = rig.gaps()[0];
        QCOMPARE(gap.cause, market::GapCause::Exchange);
        QCOMPARE(gap.measure, market::GapMeasure::ByVolume);
        QCOMPARE(gap.from.value, minute);
        QCOMPARE(gap.found + gap.missing->value, 7);
    }

    void aSilenceWithNewerTradesAtRestIsAStallAndOneWithoutIsQuiet()
    {
        Exchange exchange({btc, eth});
        auto options = Rig::quick();
        options.silence = 600ms;
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        std::int64_t id = 0;
        for (; id < 50;) { // enough ticks in quick succession for a small median
            ++id;
            exchange.trade(btc, {.id = id, .time = nowMs()});
            exchange.trade(eth, {.id = id, .time = nowMs()});
        }
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 100U, patience);
        const auto asked = exchange.questions("trades");
        QTRY_VERIFY_WITH_TIMEOUT(exchange.questions("trades") > asked + 20, patience); // quiet for well over the limit
        QCOMPARE(exchange.subscriptions(), 1);
        run(exchange, eth, 51, 53, Exchange::To::Rest);
        const auto busy = [&] { // BTC goes on meanwhile
            ++id;
            exchange.trade(btc, {.id = id, .time = nowMs()});
            return exchange.subscriptions() == 2;
        };
        QTRY_VERIFY_WITH_TIMEOUT(busy(), patience);
        run(exchange, eth, 54, 55);
        QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(rig.gaps(),
                                                     [](const auto& gap) {
                                                         return gap.instrument.value == 2 && gap.found == 3 &&
                                                                gap.measure == market::GapMeasure::Exact &&
                                                                gap.cause == market::GapCause::Silence;
                                                     }),
                                 patience);
        QVERIFY(rig.notices().find("silent on ETH-USDT") != std::string::npos);
    }

    void anotherLimitOfSilenceActsAtOnce()
    {
        Exchange exchange({btc});
        Rig rig(exchange); // half a minute, by default
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 50);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        exchange.trade(btc, {.id = 51, .time = nowMs(), .price = 117}, Exchange::To::Rest);
        const auto asked = exchange.questions("trades");
        QTRY_VERIFY_WITH_TIMEOUT(exchange.questions("trades") > asked + 10, patience); // quiet for more than 600 ms
        QCOMPARE(exchange.subscriptions(), 1);
        rig.silenceMs = 600;
        exchange.trade(btc, {.id = 52, .time = nowMs(), .price = 119}, Exchange::To::Rest);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        QVERIFY(rig.notices().find("frozen") != std::string::npos);
    }

    void aFrozenFeedIsAnAlarmWithBothNumbers()
    {
        Exchange exchange({btc});
        auto options = Rig::quick();
        options.silence = 600ms;
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 50);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        exchange.trade(btc, {.id = 51, .time = nowMs(), .price = 117}, Exchange::To::Rest);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        const auto notices = rig.notices();
        QVERIFY2(notices.find("frozen") != std::string::npos && notices.find("BTC-USDT at 100") != std::string::npos &&
                     notices.find("REST says 117") != std::string::npos,
                 notices.c_str());
        exchange.trade(btc, {.id = 53, .time = nowMs(), .price = 118});
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty() && rig.gaps()[0].found == 1, patience);
        QCOMPARE(rig.gaps()[0].cause, market::GapCause::Frozen);
    }

    void theTimeBeforeTheStartIsFilledAndMeasuredToo()
    {
        Exchange exchange({btc});
        const auto minute = (nowMs() / 60'000 - 10) * 60'000;
        run(exchange, btc, 1, 40, Exchange::To::Rest, minute + 1'000); // of which we hold 1 to 30
        run(exchange, btc, 41, 60, Exchange::To::Rest, minute + 61'000);
        engines::StreamEnd end;
        end.instrument.id = {1};
        end.archive = {.ticks = 30,
                       .firstId = 1,
                       .lastId = 30,
                       .firstTime = {minute},
                       .lastTime = {minute + 1'000},
                       .lastNumber = {70}};
        end.minuteLots = {{minute, 30}};
        Rig rig(exchange, Rig::quick(), {end}, market::GapCause::Crash);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 63, 63, Exchange::To::Both, minute + 62'000); // 61 and 62: a hole of the exchange's own
        exchange.closedUntil = minute + 120'000;
        run(exchange, btc, 64, 64, Exchange::To::Both, minute + 125'000);
        QTRY_VERIFY_WITH_TIMEOUT(!rig.gaps().empty() && rig.gaps()[0].missing, patience);
        const auto gap = rig.gaps()[0];
        QCOMPARE(gap.cause, market::GapCause::Crash);
        QCOMPARE(gap.number.value, 71);
        QCOMPARE(gap.found, 30);
        QCOMPARE(gap.measure, market::GapMeasure::ByVolume);
        QCOMPARE(gap.missing->value, 0);
    }

    void todaysInterruptionsAreThoseOfTheLedgerAlsoOfRunsBefore()
    {
        Exchange exchange({btc});
        const auto today = base::bucketStart({nowMs()}, base::oneDay);
        const auto row = [](std::int64_t instrument, std::int64_t number, base::UtcMs from, base::UtcMs to) {
            return storage::GapRow{.instrument = {instrument},
                                   .number = {number},
                                   .from = from,
                                   .to = to,
                                   .cause = market::GapCause::Crash,
                                   .measure = market::GapMeasure::Unknown};
        };
        engines::StreamEnd one;
        one.instrument.id = {1};
        one.gaps = {row(1, 5, today - base::Millis{9'000}, today - base::Millis{8'000}), // yesterday's
                    row(1, 9, today, today + base::Millis{2})};
        engines::StreamEnd other; // that is not on the list any more
        other.instrument.id = {2};
        other.gaps = {row(2, 9, today + base::Millis{1}, today + base::Millis{3})}; // the same interruption
        Rig rig(exchange, Rig::quick(), {one, other});
        const auto counted = [&] { return rig.screen.get() ? rig.screen.get()->gapsToday : 0U; };
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        QCOMPARE(counted(), 1U);
        run(exchange, btc, 1, 50);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 50U, patience);
        exchange.dropClients();
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 2, patience);
        run(exchange, btc, 61, 70);                         // ids that go on without a hole would be no gap
        QTRY_COMPARE_WITH_TIMEOUT(counted(), 2U, patience); // and this run's
    }

    void aClockThatWasSetAheadForAMomentForgetsNoInterruption()
    {
        Exchange exchange({btc});
        const auto today = base::bucketStart({nowMs()}, base::oneDay);
        engines::StreamEnd end;
        end.instrument.id = {1};
        end.gaps = {{.instrument = {1},
                     .number = {9},
                     .from = today,
                     .to = today + base::Millis{2},
                     .cause = market::GapCause::Crash,
                     .measure = market::GapMeasure::Unknown}};
        auto options = Rig::quick();
        options.silence = base::oneDay * 10; // two days later nothing has been heard for long: not what is asked here
        Rig rig(exchange, options, {end});
        const auto counted = [&] { return rig.screen.get() ? rig.screen.get()->gapsToday : 99U; };
        QTRY_COMPARE_WITH_TIMEOUT(counted(), 1U, patience);
        rig.clock.ahead = (base::oneDay * 2).count();
        QTRY_COMPARE_WITH_TIMEOUT(counted(), 0U, patience); // of that day there is none
        rig.clock.ahead = 0;
        QTRY_COMPARE_WITH_TIMEOUT(counted(), 1U, patience);
    }

    void aClockIsOffByTheLimitInForce()
    {
        Exchange exchange({btc});
        auto options = Rig::quick();
        options.silence = base::oneDay; // the clock goes on by leaps
        Rig rig(exchange, options);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        const auto offset = [&] { return rig.screen.get() ? rig.screen.get()->clockOffset : std::nullopt; };
        for (int i = 0; i < 20 && !offset(); ++i) { // ours is 1.5 s behind; told of three windows of 10 s
            rig.clock.ahead = i * 11'000;
            exchange.quote(btc, nowMs() + rig.clock.ahead + 1'500);
            QTest::qWait(300);
        }
        QVERIFY(offset().has_value());
        QVERIFY2(offset()->count() > 1'000 && offset()->count() <= 1'500, std::to_string(offset()->count()).c_str());
        QTest::qWait(500);
        QVERIFY(!rig.notices().contains(" behind the exchange's.")); // 2 s are in force
        rig.clockOffMs = 1'000;
        QTRY_VERIFY_WITH_TIMEOUT(rig.notices().contains(" behind the exchange's. Set it"), patience);
        rig.clockOffMs = 2'000;
        QTRY_VERIFY_WITH_TIMEOUT(rig.notices().contains("agrees with the exchange's again"), patience);
    }

    // What is stored reaches it at the start, and what is decided while it runs.
    void aConsolesIngestGoesByTheClocksLimitOfItsPolicy()
    {
        const QTemporaryDir folder;
        Exchange exchange({btc});
        const auto file = engines::databaseOf(folder.path().toStdString(), exchange.webSocket());
        {
            testkit::Store store(file);
            store.write([&] { testkit::good(storage::PolicyStore(*store).set("health.clock_s", 10)); });
        }
        const auto host = testkit::good(engines::EngineHost::start({.dataDir = folder.path().toStdString(),
                                                                    .feed = exchange.webSocket(),
                                                                    .restUrl = exchange.rest(),
                                                                    .instruments = {btc},
                                                                    .historyDays = 0,
                                                                    .version = "test",
                                                                    .firstTraining = base::oneDay,
                                                                    .firstBackup = base::oneDay}));
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        std::string notices;
        const auto hears = [&](const char* words) {
            for (const auto& event : host->takeEvents()) {
                if (const auto* notice = std::get_if<console::Notice>(&event)) {
                    notices += notice->text + "\n";
                }
            }
            return notices.contains(words);
        };
        std::int64_t id = 0;
        const auto knowsTheOffset = [&] { // ours is 6 s behind; told of three windows of 10 s
            exchange.quote(btc, nowMs() + 6'000);
            exchange.trade(btc, {.id = ++id, .time = nowMs() + 6'000});
            const auto seen = host->ingest().get();
            return seen && seen->clockOffset;
        };
        QTRY_VERIFY_WITH_TIMEOUT(knowsTheOffset(), 2 * patience);
        QTest::qWait(1'000);
        QVERIFY2(!hears(" behind the exchange's."), notices.c_str()); // the default is 2 s
        (void)host->send(console::SetPolicy{{{"health.clock_s", "3"}}, "test"});
        QTRY_VERIFY_WITH_TIMEOUT(hears(" behind the exchange's. Set it"), patience);
        host->stop();
    }

    void afterManyCutsWhatWeHoldAndWhatTheLedgerSaysAddUpToTheExchangesContracts()
    {
        const QTemporaryDir folder;
        const auto file = folder.filePath(QStringLiteral("tape.csv")).toStdString();
        std::map<std::int64_t, std::int64_t> contracts; // of each minute
        {
            std::mt19937_64 random(3);
            std::ofstream out(file);
            out << "ts_ms,price,size,side\n";
            for (std::int64_t time = 1'700'000'040'000; time < 1'700'000'040'000 + 90 * 60'000;) {
                const auto size = static_cast<std::int64_t>(random() % 9) + 1;
                out << time << ",100," << size << ",buy\n";
                contracts[time / 60'000 * 60'000] += size;
                time += static_cast<std::int64_t>(random() % 80);
            }
        }
        market::Instrument instrument{
            .id = {1}, .name = btc, .tick = base::Scale::ofDecimals(0), .lot = base::Scale::ofDecimals(0)};
        testkit::ExchangeThread exchange({.recorded = {{file, instrument}}, .speed = 200}); // half a minute
        QCOMPARE(exchange.error(), std::string());
        Rig rig(exchange);
        for (const std::uint32_t cut : {1U, 2U}) {
            const auto before = rig.ticks();
            QTRY_VERIFY_WITH_TIMEOUT(rig.ticks() > before + 1'000, patience);
            exchange.dropClients();
            QTRY_VERIFY_WITH_TIMEOUT(rig.screen.get()->reconnects >= cut, patience);
        }
        QTRY_VERIFY_WITH_TIMEOUT(exchange.isFinished(), patience);
        const auto last = contracts.rbegin()->first; // REST never closes it: no trade comes after
        const auto isMeasured = [&] {
            const auto gaps = rig.gaps();
            return gaps.size() >= 2 &&
                   std::ranges::all_of(gaps, [&](const auto& gap) { return gap.missing || gap.to.value >= last; });
        };
        QTRY_VERIFY_WITH_TIMEOUT(isMeasured(), patience);
        std::map<std::int64_t, std::int64_t> held;
        const auto add = [&](const market::Tick& tick) {
            held[tick.time.value / 60'000 * 60'000] += tick.size().value;
        };
        std::int64_t newest = -1;
        for (const auto& item : rig.items()) {
            if (const auto* tick = std::get_if<market::Tick>(&item.what)) {
                QVERIFY(tick->id > newest); // nothing twice, nothing out of order
                newest = tick->id;
                add(*tick);
            } else if (const auto* late = std::get_if<market::LateTick>(&item.what)) {
                add(late->tick);
            }
        }
        std::int64_t lacking = 0;
        std::int64_t missing = 0;
        for (const auto& gap : rig.gaps()) {
            missing += gap.missing ? gap.missing->value : 0;
        }
        for (const auto& [minute, all] : contracts) {
            if (minute < last && minute > contracts.begin()->first) {
                lacking += all - held[minute];
                QVERIFY(all == held[minute] || std::ranges::any_of(rig.gaps(), [m = minute](const auto& gap) {
                            return gap.from.value < m + 60'000 && m <= gap.to.value;
                        }));
            }
        }
        QVERIFY(lacking > 0);
        QCOMPARE(missing, lacking);
        QVERIFY(!rig.lateIds().empty()); // some of it REST gave back
    }

    void aTickOfTheFarFutureIsMalformedAndLeavesTheStreamAsItWas()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 10);
        exchange.trade(btc, {.id = 9'999, .time = nowMs() + 3'600'000}, Exchange::To::Socket);
        run(exchange, btc, 11, 20);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 20U, patience);
        QCOMPARE(rig.ids(), range(1, 20));
        QTRY_COMPARE_WITH_TIMEOUT(rig.screen.get()->malformed.count("future"), 1U, patience);
        QCOMPARE(rig.screen.get()->malformed.at("future"), 1U);
        QVERIFY(QString::fromStdString(rig.screen.get()->malformedSample).contains(QStringLiteral("9999")));
    }

    void recordedTimesOfAnotherYearAreTakenAsTheyAre()
    {
        Exchange exchange({btc});
        Rig rig(exchange);
        QTRY_COMPARE_WITH_TIMEOUT(exchange.subscriptions(), 1, patience);
        run(exchange, btc, 1, 100, Exchange::To::Both, 1'500'000'000'000);
        QTRY_COMPARE_WITH_TIMEOUT(rig.ticks(), 100U, patience);
        QVERIFY(rig.screen.get()->malformed.empty());
    }
};

QTEST_GUILESS_MAIN(GapTest)
#include "gap_test.moc"
