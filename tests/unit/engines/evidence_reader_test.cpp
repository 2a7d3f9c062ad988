// The ledger as evidence: whose trades count, which days, which regimes, and how much of the window is gap.
#include "engines/evidence_reader.h"
#include "engines/offline_decisions.h"
#include "governance/evaluation.h"
#include "storage/experiment_store.h"
#include "storage/journal_store.h"
#include "storage/review_store.h"
#include "testkit/made_ledger.h"
#include "testkit/made_models.h"

#include <QTest>

#include <algorithm>
#include <numeric>

using namespace qd;
using namespace qd::engines;
using base::UtcMs;
using governance::DayUse;
using testkit::good;
using testkit::MadeLedger;

namespace {

constexpr UtcMs end{1'764'028'800'000}; // midnight, 2025-11-25
const base::PolicyValues policy;

struct House {
    QTemporaryDir folder;
    MadeLedger ledger;
    EvidenceReader reader;

    explicit House(int days = 20, int candleDays = 30)
        : ledger(folder.filePath(QStringLiteral("demo.db")).toStdString(), end, days, candleDays)
    {
    }
    governance::Roster roster(UtcMs recordSince = {})
    {
        governance::Roster out;
        for (const auto* name : {"breakout", "ml_gbt_5m"}) {
            out.push_back(
                {.strategy = name, .parameterHash = testkit::defaultsOf(name).hash(), .recordSince = recordSince});
        }
        return out;
    }
    std::vector<governance::Evidence> read(UtcMs recordSince = {}, const base::PolicyValues& values = policy)
    {
        good(reader.refresh(*ledger.store));
        return reader.evidence(roster(recordSince), values);
    }
};

const governance::Evidence& of(const std::vector<governance::Evidence>& all, const governance::Subject& subject,
                               const std::string& suffix = {})
{
    const auto found = std::ranges::find_if(all, [&](const governance::Evidence& evidence) {
        return evidence.subject == subject &&
               evidence.parameterHash == testkit::defaultsOf(subject.strategy).hash() + suffix;
    });
    if (found == all.end()) {
        qFatal("no such evidence");
    }
    return *found;
}

} // namespace

class EvidenceReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aStrategyIsTheSumOfItsInstruments()
    {
        House house;
        house.ledger.add("breakout", 4, [](int n) { return n % 4 - 1; });
        const auto all = house.read();
        const auto& whole = of(all, {"breakout", {}});
        const auto& coin = of(all, {"breakout", house.ledger.coin});
        const auto& gold = of(all, {"breakout", house.ledger.gold});
        QCOMPARE(house.reader.now(), end);
        QCOMPARE(whole.trades.size(), std::size_t{80});
        QCOMPARE(coin.trades.size(), std::size_t{40});
        QVERIFY(std::ranges::is_sorted(whole.trades, {}, &governance::TradeResult::closed));
        QCOMPARE(whole.capital, 2'000.0);
        QCOMPARE(coin.capital, 1'000.0);
        QCOMPARE(whole.days.size(), std::size_t{20}); // the running one is not complete
        QCOMPARE(whole.firstDay, governance::dayOf(end) - 20);
        for (std::size_t day = 0; day < 20; ++day) {
            QCOMPARE(whole.days[day].pnl, 2.0);
            QCOMPARE(coin.days[day].pnl + gold.days[day].pnl, 2.0);
            QCOMPARE(whole.days[day].use, DayUse::Counts);
        }
    }

    void whatWasClosedBetweenTwoTimesIsWhatTheEvidenceHolds()
    {
        House house;
        house.ledger.add("breakout", 4, [](int n) { return n % 4 - 1; });
        const auto all = house.read();
        for (const auto& subject :
             {governance::Subject{"breakout", {}}, governance::Subject{"breakout", house.ledger.coin}}) {
            const auto& trades = of(all, subject).trades;
            const auto at = trades[trades.size() / 2].closed;
            std::size_t count = 0;
            double net = 0;
            for (const auto& trade : trades) {
                count += trade.closed > at ? 1 : 0;
                net += trade.closed > at ? trade.net : 0;
            }
            QVERIFY(count > 0 && count < trades.size() && net != 0);
            const auto later = house.reader.closedBetween(subject, at, end); // after the first, up to the second
            QCOMPARE(later.first, count);
            QCOMPARE(later.second, net);
            QCOMPARE(house.reader.closedBetween(subject, at - base::Millis{1}, at).first,
                     static_cast<std::size_t>(std::ranges::count(trades, at, &governance::TradeResult::closed)));
            QCOMPARE(house.reader.closedBetween(subject, at, at).first, std::size_t{0});
        }
        QCOMPARE(house.reader.closedBetween({"reversal", {}}, UtcMs{0}, end).first, std::size_t{0});
    }

    void whatIsNewerIsAddedAndNothingTwice()
    {
        House house;
        house.ledger.add("breakout", 2, [](int) { return 1; });
        const auto before = of(house.read(), {"breakout", {}}).trades.size();
        QCOMPARE(of(house.read(), {"breakout", {}}).trades.size(), before);
        house.ledger.addOne("breakout", end - MadeLedger::hour * 2, 5, true);
        const auto all = house.read();
        const auto& whole = of(all, {"breakout", {}});
        QCOMPARE(whole.trades.size(), before + 1);
        QVERIFY(whole.trades.back().inShadow); // it counts for the review
        QCOMPARE(whole.days.back().pnl, 7.0);
        EvidenceReader fresh;
        good(fresh.refresh(*house.ledger.store));
        const auto anew = fresh.evidence(house.roster(), policy);
        QCOMPARE(of(anew, {"breakout", {}}).trades, whole.trades);
        QCOMPARE(of(anew, {"breakout", {}}).days, whole.days);
    }

    void aRecordBeginsAtItsTimeAndWhatWasBeforeIsAnotherOne()
    {
        House house;
        house.ledger.add("breakout", 2, [](int) { return 1; });
        const auto since = end - base::oneDay * 5 + base::Millis{1};
        const auto all = house.read(since);
        const auto& now = of(all, {"breakout", {}});
        const auto& before = of(all, {"breakout", {}}, "~");
        QCOMPARE(now.trades.size() + before.trades.size(), std::size_t{40});
        QVERIFY(now.trades.front().opened >= since && before.trades.back().opened < since);
        QCOMPARE(now.days.size(), std::size_t{4}); // the day in which it began is not complete
        QVERIFY(before.days.empty());
        QCOMPARE(of(house.read(end - base::oneDay * 5), {"breakout", {}}).days.size(), std::size_t{5}); // at midnight
    }

    void beforeAnythingWasTradedThereIsNoDay()
    {
        House house;
        const auto all = EvidenceReader().evidence(house.roster(), policy);
        QVERIFY(!all.empty());
        for (const auto& evidence : all) {
            QVERIFY(evidence.days.empty() && evidence.trades.empty());
            QVERIFY(std::abs(evidence.firstDay) <= 1); // a day that times can be made of
        }
    }

    void daysWithoutDataAndWithoutAModelDoNotCount()
    {
        House house;
        house.ledger.add("breakout", 2, [](int) { return 1; });
        // 5% of a day are 72 minutes.
        house.ledger.addGap(end - base::oneDay * 3, end - base::oneDay * 3 + base::Millis{72 * 60'000});
        house.ledger.addGap(end - base::oneDay * 2, end - base::oneDay * 2 + base::Millis{73 * 60'000});
        const auto all = house.read();
        const auto& days = of(all, {"breakout", {}}).days;
        QCOMPARE(days[17].use, DayUse::Counts);
        QCOMPARE(days[18].use, DayUse::NoData);
        for (const auto& day : of(all, {"ml_gbt_5m", {}}).days) {
            QCOMPARE(day.use, DayUse::NoModel);
        }
        House young(20, 10); // candles of the newest ten days alone
        const auto some = young.read();
        QCOMPARE(governance::daysOnTheClock(of(some, {"breakout", {}})), std::size_t{10});
    }

    // It waits for a signal: that is no want of a model.
    void aDayWithoutATradeCountsWhereAModelServed()
    {
        const auto usesOf = [](UtcMs knows, std::optional<UtcMs> ends) {
            House house;
            auto& store = *house.ledger.store;
            auto model = testkit::madeModel(learning::Family::Gbt5m, 1, end);
            model.record.knows = knows;
            const auto begins = end - base::oneDay * 10 + base::Millis{6 * 3'600'000};
            good(carryOutOffline(store,
                                 {.decision = {.time = begins,
                                               .changes = {testkit::addedAs(model, governance::ModelStage::Champion)},
                                               .what = "trained"},
                                  .models = {model}}));
            (void)house.read(); // what is newer is read behind it
            if (ends) {
                good(carryOutOffline(store, {.decision = {.time = *ends,
                                                          .changes = {{governance::ChangeKind::ModelStage, "gbt_5m 1",
                                                                       "champion", "retired"}},
                                                          .what = "it loses"}}));
            }
            std::string out;
            const auto read = house.read();
            for (const auto& day : of(read, {"ml_gbt_5m", {}}).days) {
                out += day.use == DayUse::Counts ? 'x' : day.use == DayUse::NoModel ? '-' : '?';
            }
            return out;
        };
        QCOMPARE(usesOf(end - base::oneDay * 10, {}), std::string("----------xxxxxxxxxx"));
        // Out of service in the middle of a day, which counts, and at a midnight, whose day does not.
        QCOMPARE(usesOf(end, end - base::oneDay * 3 + base::Millis{1}), std::string("----------xxxxxxxx--"));
        QCOMPARE(usesOf(end, end - base::oneDay * 3), std::string("----------xxxxxxx---"));
        // Expired 30 days behind what it knew: at the first ms of a day, and one before it.
        QCOMPARE(usesOf(end - base::oneDay * 35, {}), std::string("----------xxxxxx----"));
        QCOMPARE(usesOf(end - base::oneDay * 35 - base::Millis{1}, {}), std::string("----------xxxxx-----"));
    }

    void experimentsAndSensitivityStopTheClock()
    {
        House house;
        const auto day = governance::dayOf(end) - 4;
        house.ledger.store.write([&] {
            storage::ExperimentStore experiments(*house.ledger.store);
            storage::StoredExperiment one{.created = {1}, .parametersA = "", .parametersB = ""};
            one.plan = {.id = 1, .subject = "breakout", .a = "a", .b = "b", .begins = governance::midnightOf(day)};
            good(experiments.add(one));
            good(experiments.end(1, governance::midnightOf(day + 1) + MadeLedger::hour, storage::outcomeKept, "over"));
            good(storage::ReviewStore(*house.ledger.store)
                     .add({.strategy = "breakout", .parameterHash = "h", .night = {.at = end - base::oneDay}}));
        });
        const auto all = house.read();
        const auto& days = of(all, {"breakout", {}}).days;
        QCOMPARE(days[15].use, DayUse::Counts);
        QCOMPARE(days[16].use, DayUse::Experiment);
        QCOMPARE(days[17].use, DayUse::Experiment);
        QCOMPARE(days[18].use, DayUse::Counts);
        QCOMPARE(days[19].use, DayUse::Sensitivity);
    }

    void daysOnWhichOtherParametersRanAreNoneOfTheRecordThatAnUndoBringsBack()
    {
        House house;
        house.ledger.add("breakout", 2, [](int n) { return n % 2 == 0 ? 3 : -1; });
        const auto without = of(house.read(), {"breakout", {}});
        QCOMPARE(governance::runningDays(without), std::size_t{20});

        // Five days before the end others come into force; a trade is held over; three days later that is undone. On
        // another day a slip of five minutes, and at the end an hour too little and one too much of the archive.
        const auto row = house.roster()[0];
        const auto at = [](double daysBeforeEnd) {
            return end - base::Millis{static_cast<std::int64_t>(daysBeforeEnd * 86'400'000)};
        };
        const auto other = governance::recordChange(row, "0123456789abcdef", at(5.5));
        const auto archiving = governance::stageChange(row, governance::Stage::Archived);
        const std::vector<governance::Change> back = governance::inverse(std::vector{other});
        const std::vector<governance::Change> revived = governance::inverse(std::vector{archiving});
        house.ledger.store.write([&] {
            good(house.ledger.store->run("DELETE FROM trades WHERE exit_time BETWEEN " + std::to_string(at(5).value) +
                                         " AND " + std::to_string(at(3).value)));
            storage::JournalStore journal(*house.ledger.store);
            const auto decide = [&](UtcMs time, std::vector<governance::Change> changes) {
                (void)good(journal.record({.time = time, .changes = std::move(changes), .what = "a change"}));
            };
            decide(at(10) + base::Millis{60'000}, {other});
            decide(at(10) + base::Millis{360'000}, back);
            decide(at(5.5), {other});
            decide(at(2.5), back);
            decide(at(1) + base::Millis{60'000}, {archiving});
            decide(at(1) + base::Millis{61 * 60'000}, revived);
        });
        house.reader = {}; // trades never go away but here
        const auto all = house.read();
        for (const auto& subject : {governance::Subject{"breakout", {}}, {"breakout", house.ledger.coin}}) {
            const auto& now = of(all, subject);
            QCOMPARE(now.days.size(), std::size_t{20}); // of the calendar
            QCOMPARE(governance::runningDays(now), std::size_t{18});
            for (std::size_t day = 0; day < 20; ++day) {
                const bool isAway = day == 15 || day == 16; // whole days, and nothing of it ended on them
                QCOMPARE(now.days[day].use, isAway ? DayUse::NotRunning : DayUse::Counts);
            }
            QCOMPARE(governance::daysOnTheClock(now), std::size_t{18});
            QCOMPARE(governance::dailyReturns(now).size(), std::size_t{18});
        }
        const auto& now = of(all, {"breakout", {}});
        const auto figures = governance::evaluate(now, 10, governance::FigurePolicy{}, end);
        QCOMPARE(figures.days, std::size_t{10}); // of twelve in the calendar
        QCOMPARE(figures.trades.n, std::uint64_t{20});
        QCOMPARE(*governance::tradesPerDay(now, 10), 2.0);
        EvidenceReader fresh;
        good(fresh.refresh(*house.ledger.store));
        QCOMPARE(of(fresh.evidence(house.roster(), policy), {"breakout", {}}).days, now.days);
    }

    void whatCameFromAnExperimentRanBeforeItWasInForceAndWhatIsArchivedRunsNoMore()
    {
        House house;
        house.ledger.add("breakout", 2, [](int) { return 1; });
        auto row = house.roster()[0];
        auto before = row;
        before.parameterHash = "0123456789abcdef";
        const auto begun = end - base::oneDay * 12;
        house.ledger.store.write([&] {
            storage::JournalStore journal(*house.ledger.store);
            (void)good(journal.record({.time = end - base::oneDay * 4,
                                       .changes = {governance::recordChange(before, row.parameterHash, begun)},
                                       .what = "B promoted"}));
        });
        auto promoted = house.read(begun);
        QCOMPARE(governance::runningDays(of(promoted, {"breakout", {}})), std::size_t{12}); // as an arm, too
        house.ledger.store.write([&] {
            storage::JournalStore journal(*house.ledger.store);
            (void)good(journal.record({.time = end - base::oneDay * 3,
                                       .changes = {governance::stageChange(row, governance::Stage::Archived)},
                                       .what = "archived"}));
            good(house.ledger.store->run("DELETE FROM trades WHERE exit_time>=" +
                                         std::to_string((end - base::oneDay * 3).value)));
        });
        house.reader = {};
        promoted = house.read(begun);
        QCOMPARE(governance::runningDays(of(promoted, {"breakout", {}})), std::size_t{9});
    }

    void aTradeIsMarkedAgainstItsOwnInstrumentsHistory()
    {
        House house(20, 60);
        house.ledger.add("breakout", 6, [](int) { return 1; });
        const auto marked = [&](double days) {
            std::size_t low = 0;
            std::size_t high = 0;
            std::size_t all = 0;
            const auto read = house.read({}, {{"convergence.reference_days", days}});
            for (const auto& trade : of(read, {"breakout", {}}).trades) {
                all += trade.regime ? 1U : 0U;
                low += trade.regime && trade.regime->isLow ? 1U : 0U;
                high += trade.regime && trade.regime->isHigh ? 1U : 0U;
            }
            return std::array{all, low, high};
        };
        const auto known = marked(30);
        QCOMPARE(known[0], std::size_t{120});
        QVERIFY(known[1] > 10 && known[1] < 50); // about one in five each
        QVERIFY(known[2] > 10 && known[2] < 50);
        QVERIFY(marked(50)[0] > 0 && marked(50)[0] < 120); // only the newer ones have so much behind them
        QCOMPARE(marked(90)[0], std::size_t{0});           // waiting for reference
    }

    void theShareOfGapIsOfTheInstrumentsTime()
    {
        House house;
        good(house.reader.refresh(*house.ledger.store));
        QCOMPARE(house.reader.gapShare(10), 0.0);
        house.ledger.addGap(end - base::oneDay, end - base::oneDay / 2);
        house.ledger.addGap(end - base::oneDay * 3 / 4, end - base::oneDay / 4); // overlaps
        house.ledger.addGap(end - base::oneDay * 11, end - base::oneDay * 10);   // before the window
        good(house.reader.refresh(*house.ledger.store));
        QCOMPARE(house.reader.gapShare(10), 0.075);
    }
};

QTEST_GUILESS_MAIN(EvidenceReaderTest)
#include "evidence_reader_test.moc"
