// Ledger, instruments, candles, imports, gaps, switches, state, equity, policy and journal: round trips, idempotence,
// exact scales.
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "storage/policy_store.h"
#include "storage/roster_store.h"
#include "storage_testkit.h"

using namespace qd;
using namespace qd::testkit;
using base::ErrorCode;
using market::Timeframe;

namespace {

trading::OpenPosition positionOf(base::InstrumentId id, std::string strategy, std::int64_t number)
{
    return {.decision = {.instrument = id,
                         .strategy = std::move(strategy),
                         .parameterHash = "0123456789abcdef",
                         .side = market::Side::Sell,
                         .number = {number},
                         .time = {number * 1'000},
                         .decisionPriceHalfTicks = 200'021,
                         .stop = {100'100},
                         .target = {99'900},
                         .why = "a cross, as \"they\" say: 'down'"},
            .size = {12},
            .entry = {{number * 1'000 + 150}, {number + 1}, {100'011}, {-77}},
            .timeLimit = {number * 1'000 + 60'000},
            .best = {99'950},
            .worst = {100'050},
            .hasGap = true,
            .inShadow = true,
            .closedSize = {5},
            .closedWorth = {499},
            .closedFees = {3},
            .funding = {-5},
            .onCandles = true};
}

trading::ClosedTrade tradeOf(const trading::OpenPosition& position, std::int64_t exitTime)
{
    return {.position = position,
            .exit = {{exitTime}, {position.decision.number.value + 9}, {99'900}, {33}},
            .reason = trading::ExitReason::TimeLimit,
            .gross = {1'332},
            .fees = {110},
            .funding = {-5},
            .net = {1'227}};
}

market::Candle candleAt(std::int64_t index)
{
    return {.start = {index * 60'000},
            .open = {100 + index % 9},
            .high = {120 + index % 3},
            .low = {80 - index % 5},
            .close = {101},
            .volume = {1'000 + index},
            .buyVolume = index % 500,
            .trades = static_cast<std::int32_t>(index % 77),
            .hasGap = index % 10 == 0};
}

} // namespace

class StoresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void instrumentsComeBackAndKeepTheirIdByName()
    {
        Store store;
        InstrumentStore instruments(*store);
        market::Instrument shib{.name = "SHIB-USDT",
                                .tick = *base::Scale::ofStep(*base::parseDecimal("1e-9")),
                                .lot = base::Scale::ofDecimals(0),
                                .contractValue = *base::parseDecimal("1000000"),
                                .minSize = {3}};
        shib = good(instruments.put(shib));
        const auto other = good(instruments.put({.id = {99}, .name = "BTC-USDT"}));
        QVERIFY(shib.id.value > 0 && other.id.value > 0 && shib.id != other.id);
        QCOMPARE(good(instruments.all()), (std::vector{shib, other}));
        shib.lot = *base::Scale::ofStep(*base::parseDecimal("0.5"));
        QCOMPARE(good(instruments.put(shib)).id, shib.id);
        auto coarser = shib;
        coarser.lot = base::Scale::ofDecimals(0);
        coarser.tick = *base::Scale::ofStep(*base::parseDecimal("5e-9"));
        coarser.minSize = {1};
        shib.minSize = {2}; // one coin is two lots of 0.5
        QCOMPARE(good(instruments.put(coarser)), shib);
        coarser.lot = *base::Scale::ofStep(*base::parseDecimal("0.2"));
        shib.lot = base::Scale::ofDecimals(1);
        QCOMPARE(good(instruments.put(coarser)), shib); // neither holds the other: 0.1 holds both
        store.reopen();
        QCOMPARE(good(InstrumentStore(*store).all())[0], shib);
    }

    void theSameEventTwiceLeavesOneRow()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("BTC-USDT");
        auto position = positionOf(id, "breakout", 5);
        position.decision.limit = base::Price{777}; // an entry by limit; the signal was one at market
        const auto trade = tradeOf(position, 70'000);
        const trading::UntradedSignal signal{positionOf(id, "breakout", 6).decision, trading::NotTraded::OrderPending};

        for (int i = 0; i < 2; ++i) {
            good(ledger.apply(position));
            good(ledger.apply(signal));
        }
        QCOMPARE(good(ledger.openPositions()), std::vector{position});
        QCOMPARE(good(ledger.signals()), std::vector{signal});
        position.best = {99'000}; // the same position, further on
        good(ledger.apply(position));
        QCOMPARE(good(ledger.openPositions()), std::vector{position});

        for (int i = 0; i < 2; ++i) {
            good(ledger.apply(trade));
        }
        QVERIFY(good(ledger.openPositions()).empty());
        QCOMPARE(good(ledger.trades()), std::vector{trade});
        good(ledger.apply(position)); // a replay after a crash
        QVERIFY(good(ledger.openPositions()).empty());
    }

    void tradesAreUniqueByInstrumentStrategyAndDecision()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto a = store.add("A");
        const auto b = store.add("B");
        for (const auto& position :
             {positionOf(a, "x", 1), positionOf(a, "x", 2), positionOf(a, "y", 1), positionOf(b, "x", 1)}) {
            good(ledger.apply(position));
            good(ledger.apply(tradeOf(position, 100 - position.decision.number.value)));
        }
        const auto trades = good(ledger.trades());
        QCOMPARE(trades.size(), std::size_t{4});
        QCOMPARE(trades.front().exit.time.value, 98); // by exit time
        QCOMPARE(good(ledger.trades({{99}, {99}})).size(), std::size_t{3});
        QCOMPARE(good(ledger.trades({{100}, {200}})).size(), std::size_t{0});
    }

    void everyReasonComesBack()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        for (int i = 0; i <= static_cast<int>(trading::ExitReason::Archived); ++i) {
            auto trade = tradeOf(positionOf(id, "x", 10 + i), 1'000 + i);
            trade.reason = static_cast<trading::ExitReason>(i);
            good(ledger.apply(trade));
            QCOMPARE(good(ledger.trades()).back(), trade);
        }
        for (int i = 0; i <= static_cast<int>(trading::lastNotTraded); ++i) {
            const trading::UntradedSignal signal{positionOf(id, "x", 100 + i).decision,
                                                 static_cast<trading::NotTraded>(i)};
            good(ledger.apply(signal));
            QCOMPARE(good(ledger.signals()).back(), signal);
        }
    }

    void ledgerPricesFollowTheInstrumentsScale()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A", 2, 3);
        const auto trade = tradeOf(positionOf(id, "x", 1), 1);
        good(ledger.apply(trade));
        store.add("A", 3, 3);
        const auto finer = good(ledger.trades()).front();
        QCOMPARE(finer.exit.price.value, 999'000);
        QCOMPARE(finer.position.decision.decisionPriceHalfTicks, 2'000'210);
        QCOMPARE(finer.position.size, trade.position.size);
        QCOMPARE(finer.net, trade.net);
        store.add("A", 1, 3); // a coarser step leaves the finer one in force: the ledger stays readable
        QCOMPARE(good(ledger.trades()).front(), finer);
        QCOMPARE(good(InstrumentStore(*store).all())[0].tick, base::Scale::ofDecimals(3));
    }

    void stateEquityAndGapsComeBack()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        QVERIFY(!good(ledger.loadState(id)).has_value());
        using namespace std::string_literals;
        for (const auto& bytes : {"first"s, "a\0b"s, ""s}) {
            good(ledger.saveState(id, {7}, bytes));
            QCOMPARE(*good(ledger.loadState(id)), std::pair(base::StreamNumber{7}, bytes));
        }
        good(ledger.addEquity({{20}, {5}, {3}}));
        good(ledger.addEquity({{10}, {4}, {3}}));
        good(ledger.addEquity({{20}, {6}, {2}}));
        const auto equity = good(ledger.equity({10}));
        QCOMPARE(equity.size(), std::size_t{2});
        QCOMPARE(equity[1].equity.value, 6);
        QCOMPARE(equity[1].capital.value, 2);
        QCOMPARE(good(ledger.equity({11})).size(), std::size_t{1});
        for (int i = 0; i <= static_cast<int>(market::GapCause::Clock); ++i) {
            good(ledger.addGap({id, {i + 1}, {i * 100}, {i * 100 + 50}, static_cast<market::GapCause>(i)}));
        }
        const auto gaps = good(ledger.gaps());
        QCOMPARE(gaps.size(), std::size_t{9});
        QCOMPARE(gaps[3], (GapRow{id, {4}, {300}, {350}, market::GapCause::Sleep}));
        QCOMPARE(good(ledger.gaps({{350}, {399}})).size(), std::size_t{1}); // touches its end
        QCOMPARE(good(ledger.gaps({{351}, {399}})).size(), std::size_t{0});
    }

    void aGapIsReplacedByWhatIsBetterKnownOfIt()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        GapRow row{id, {4}, {300}, {350}, market::GapCause::Frozen};
        good(ledger.addGap(row));
        QCOMPARE(good(ledger.gaps()), std::vector{row}); // nothing is known yet
        for (int i = 0; i <= static_cast<int>(market::GapMeasure::Unknown); ++i) {
            row.measure = static_cast<market::GapMeasure>(i);
            row.found = i * 7;
            row.missing = i == 0 ? std::nullopt : std::optional(market::Quantity{i - 1});
            row.isMarked = i % 2 == 0;
            good(ledger.addGap(row));
            QCOMPARE(good(ledger.gaps()), std::vector{row});
        }
        QCOMPARE(gapRow(id, gapOf(row)), row);
        QVERIFY(!gapMeasureOf("guessed"));
    }

    void switchesKeepThePresentStateAndEveryInput()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        good(ledger.addSwitch({"x", false, {5}, "operator", "too wild"}, {{id, {9}, "x", false}}));
        good(
            ledger.addSwitch({"x", true, {6}, "policy", "calm again"}, {{id, {9}, "x", true}, {{77}, {1}, "x", true}}));
        const auto switches = good(ledger.switches());
        QCOMPARE(switches.size(), std::size_t{1});
        QVERIFY(switches[0].enabled && switches[0].since.value == 6 && switches[0].by == "policy" &&
                switches[0].reason == "calm again");
        good(ledger.addSwitch({"x", true, {6}, "policy", "calm again"}, {{id, {9}, "x", true}})); // told twice
        good(ledger.addSwitch({"x", false, {7}, "operator", ""}, {{id, {10}, "x", false}}));
        const auto inputs = good(ledger.switchInputs(id)); // one a number: nothing came between the two at 9
        QCOMPARE(inputs.size(), std::size_t{2});
        QVERIFY(inputs[0].enabled && inputs[0].number.value == 9 && !inputs[1].enabled && inputs[1].number.value == 10);
    }

    void parametersAreInputsOfWhichEverySetCounts()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        const auto set = [&](std::int64_t number, const char* text) {
            return SwitchInput{id, {number}, "x", true, trading::InputKind::Parameters, text};
        };
        good(ledger.addInputs({set(9, "fast=3"), set(9, "fast=4"), set(9, "fast=3"), set(12, "fast=5")}));
        good(ledger.addSwitch({"x", false, {5}, "operator", ""}, {{id, {9}, "x", false}}));
        store.reopen();
        LedgerStore again(*store);
        const auto inputs = good(again.switchInputs(id));
        std::vector<std::string> texts;
        for (const auto& input : inputs) {
            if (input.kind == trading::InputKind::Parameters) {
                texts.push_back(input.recorded().parameters);
            }
        }
        QCOMPARE(texts, (std::vector<std::string>{"fast=4", "fast=3", "fast=5"})); // the one told again comes last
        QCOMPARE(inputs.size(), std::size_t{4});
    }

    void candlesComeBackAndAnOldStartIsSkipped()
    {
        Store store;
        const auto id = store.add("A");
        std::vector<market::Candle> candles;
        for (std::int64_t i = 1; i <= 9'000; ++i) {
            candles.push_back(candleAt(i));
        }
        CandleStore live(*store);
        CandleStore other(*store); // two objects on one connection, as recovery and the store have
        store.write([&] { good(live.append(id, Timeframe::M1, std::span(candles).first(5'000))); });
        store.write([&] { good(other.append(id, Timeframe::M1, std::span(candles).subspan(4'000, 2'000))); });
        for (std::size_t i = 5'990; i < 6'100; ++i) {
            store.write([&] { good(live.append(id, Timeframe::M1, std::span(candles).subspan(i, 1))); });
        }
        store.write([&] { good(live.append(id, Timeframe::M1, std::span(candles))); });
        QCOMPARE(good(live.read(id, Timeframe::M1, {}, SIZE_MAX)), candles);
        QCOMPARE(good(live.read(id, Timeframe::M1, {}, 5)), std::vector(candles.end() - 5, candles.end()));
        QCOMPARE(good(live.read(id, Timeframe::M1, {{60'000 * 4'090}, {60'000 * 4'099}}, 100)),
                 std::vector(candles.begin() + 4'089, candles.begin() + 4'099));
        QVERIFY(good(live.read(id, Timeframe::M5, {}, 5)).empty());
        QVERIFY(good(TickArchive(*store).verify()).empty());
        QVERIFY(good(store->number("SELECT count(*) FROM candle_blocks")) >= 2);
    }

    void aClosedCandleAsAnEventIsStoredOnce()
    {
        Store store;
        LedgerStore ledger(*store);
        const auto id = store.add("A");
        for (int i = 0; i < 2; ++i) {
            good(ledger.apply(trading::CandleClosed{id, Timeframe::H4, candleAt(240)}));
        }
        QCOMPARE(good(CandleStore(*store).read(id, Timeframe::H4, {}, 9)), std::vector{candleAt(240)});
    }

    void anImportIsRememberedOncePerInstrumentAndKind()
    {
        Store store;
        ImportStore imports(*store);
        const auto id = store.add("A");
        ImportSource source{"abc", "ticks", id, {1}, {2}, 3, {4}};
        good(imports.add(source));
        QCOMPARE(imports.add(source).error().code, ErrorCode::Conflict);
        source.kind = "candles 1m";
        good(imports.add(source));
        QCOMPARE(good(imports.sources(id)).size(), std::size_t{2});
        QCOMPARE(good(imports.sources(id))[1], source);
        QVERIFY(good(imports.sources({id.value + 1})).empty());
    }

    void policyStoresOverridesWithinTheirRange()
    {
        Store store;
        PolicyStore policy(*store);
        for (const auto& entry : base::policyEntries()) {
            QCOMPARE(good(policy.get(entry.name)), entry.standard);
            good(policy.set(entry.name, entry.least));
            good(policy.set(entry.name, entry.most));
            QCOMPARE(good(policy.get(entry.name)), entry.most);
            QCOMPARE(policy.set(entry.name, entry.most * 1.000001 + 1e-9).error().code, ErrorCode::OutOfRange);
            QCOMPARE(policy.set(entry.name, entry.least - 1).error().code, ErrorCode::OutOfRange);
            QCOMPARE(policy.set(entry.name, std::nan("")).error().code, ErrorCode::OutOfRange);
            QCOMPARE(good(policy.get(entry.name)), entry.most);
            good(policy.set(entry.name, entry.standard));
        }
        QCOMPARE(good(store->number("SELECT count(*) FROM policy")), 0); // defaults are not stored
        QCOMPARE(policy.set("no.such", 1).error().code, ErrorCode::NotFound);
        QCOMPARE(policy.get("no.such").error().code, ErrorCode::NotFound);
        good(store->run("INSERT INTO policy VALUES('of.a.newer.program',1)"));
        QCOMPARE(good(policy.values()).size(), base::policyEntries().size());
    }

    void wordsOfThePolicyAreKeptInTheirForm()
    {
        Store store;
        PolicyStore policy(*store);
        QCOMPARE(good(policy.texts()).at("health.expected_processes"), std::string("qemu-system-*"));
        good(policy.setText("display.zone", "Europe/Vienna"));
        QCOMPARE(policy.setText("display.zone", "no zone!").error().code, ErrorCode::OutOfRange);
        QCOMPARE(policy.setText("fees.taker", "0.1").error().code, ErrorCode::NotFound);
        store.reopen();
        QCOMPARE(good(PolicyStore(*store).texts()).at("display.zone"), std::string("Europe/Vienna"));
        good(PolicyStore(*store).setText("display.zone", ""));
        QCOMPARE(good(store->number("SELECT count(*) FROM policy_texts")), 0); // defaults are not stored
    }

    void theRosterComesBackAsItWasPutAndASwitchKeepsItsReason()
    {
        Store store;
        RosterStore roster(*store);
        QVERIFY(good(roster.rows()).empty());
        SavedRow row{.row = {.strategy = "breakout",
                             .stage = governance::Stage::Candidate,
                             .stageSince = {5},
                             .whole = {false, governance::Actor::Policy, {6}},
                             .instruments = {{base::InstrumentId{7}, {false, governance::Actor::Operator, {8}}}},
                             .parameterHash = "abc",
                             .recordSince = {9},
                             .passedRed = true},
                     .parameters = "stop_atr=1"};
        good(roster.put(row, "lost for a week"));
        QCOMPARE(good(roster.rows()), std::vector{row});
        row.row.instruments[base::InstrumentId{7}] = {true, governance::Actor::Operator, {10}};
        good(roster.put(row, "calm there"));
        store.reopen();
        QCOMPARE(good(RosterStore(*store).rows()), std::vector{row});
        const auto switches = good(LedgerStore(*store).switches()); // of strategies as a whole
        QCOMPARE(switches.size(), std::size_t{1});
        QVERIFY(switches[0].reason == "lost for a week" && switches[0].by == "policy" && !switches[0].enabled);
        QCOMPARE(good(store->number("SELECT count(*) FROM roster_switches WHERE reason='calm there'")), 1);
        good(store->run("UPDATE roster SET stage='elsewhere'"));
        QCOMPARE(RosterStore(*store).rows().error().code, ErrorCode::Damaged);
    }

    void aDecisionComesBackWithItsChangesAndWhatItUndoes()
    {
        Store store;
        JournalStore journal(*store);
        const governance::Decision decision{.id = 0,
                                            .time = {5},
                                            .by = governance::Actor::Policy,
                                            .changes = {{governance::ChangeKind::Switch, "breakout", "on", "off"},
                                                        {governance::ChangeKind::Policy, "a\tb", "x\ny", "\\"}},
                                            .what = "w",
                                            .why = "y",
                                            .evidence = "e",
                                            .undoes = 3};
        good(journal.add({.time = {4}, .by = "operator", .what = "old", .undo = "strategy enable x"}));
        const auto id = good(journal.record(decision));
        auto want = decision;
        want.id = id;
        const auto entry = good(journal.entry(id));
        QCOMPARE(decisionOf(entry), want);
        QCOMPARE(entry.undo, governance::text(governance::inverse(decision.changes)));
        const auto all = good(journal.after(0));
        QCOMPARE(all.size(), std::size_t{2});
        QVERIFY(all[0].changes.empty() && !all[0].undoes && all[0].undo == "strategy enable x"); // stays readable
        QCOMPARE(good(journal.after(all[0].id)).size(), std::size_t{1});
        QCOMPARE(journal.entry(99).error().code, ErrorCode::NotFound);
        good(store->run("UPDATE journal SET changes='nonsense'"));
        QCOMPARE(journal.entry(id).error().code, ErrorCode::Damaged);
    }

    void theJournalIsReadNewestFirst()
    {
        Store store;
        JournalStore journal(*store);
        const JournalEntry entry{
            0, {5}, "operator", "disabled breakout", "too wild", "12 losses", "strategy enable breakout"};
        good(journal.add(entry));
        good(journal.add({.time = {9}, .by = "policy", .what = "enabled breakout"}));
        const auto entries = good(journal.entries());
        QCOMPARE(entries.size(), std::size_t{2});
        QCOMPARE(entries[0].what, std::string("enabled breakout"));
        auto want = entry;
        want.id = entries[1].id;
        QCOMPARE(entries[1], want);
        QCOMPARE(good(journal.entries({{0}, {5}})).size(), std::size_t{1});
        QCOMPARE(good(journal.entries({}, 1)).size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(StoresTest)
#include "stores_test.moc"
