// The ledger's view and the evaluations: both say the same of the same trades, live, after a restart and from the
// store; equity and drawdown are of the capital of their moment; nothing grows with the number of trades.
#include "engines/evaluation_queries.h"
#include "engines/ledger_view.h"
#include "storage/roster_store.h"
#include "storage/schema_migrator.h"
#include "storage/trials_store.h"
#include "testkit/roster.h"
#include "trading/strategy_catalogue.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>

#include <sqlite3.h>

using namespace qd;
using namespace qd::engines;
using base::Money;
using base::usdt;
using base::UtcMs;
using testkit::good;
using trading::ClosedTrade;

namespace {

constexpr base::Millis minute{60'000};
constexpr base::Millis hour{3'600'000};
constexpr UtcMs start{1'764'028'800'000}; // midnight, 2025-11-25
constexpr auto timeframe = market::Timeframe::H4;
const auto policy = base::defaultPaperPolicy();

trading::ParameterSet defaultsOf(std::string_view strategy)
{
    const auto* info = trading::findStrategy(strategy);
    return {info->name, info->parameters};
}

/// Other than the defaults.
trading::ParameterSet othersOf(std::string_view strategy)
{
    auto set = defaultsOf(strategy);
    const auto& parameter = trading::findStrategy(strategy)->parameters.front();
    good(set.set(parameter.name, parameter.standard == parameter.most ? parameter.least : parameter.most));
    return set;
}

/// With the default parameters where none are named.
ClosedTrade tradeOf(const std::string& strategy, base::InstrumentId instrument, std::int64_t number, UtcMs entered,
                    base::Millis held, Money net, const std::string& hash = {})
{
    ClosedTrade out;
    auto& decision = out.position.decision;
    decision.instrument = instrument;
    decision.strategy = strategy;
    static std::map<std::string, std::string> defaults; // a hash is slow to make
    auto& standard = defaults[strategy];
    standard = standard.empty() ? defaultsOf(strategy).hash() : standard;
    decision.parameterHash = hash.empty() ? standard : hash;
    decision.number = {number};
    decision.time = entered;
    decision.decisionPriceHalfTicks = 20'000;
    decision.stop = {9'000};
    decision.target = {11'000};
    out.position.size = {5'000};
    out.position.entry = {.time = entered, .number = {number + 1}, .price = {10'000}, .fee = {30'000'000}};
    out.position.best = {10'000};
    out.position.worst = {10'000};
    out.exit = {.time = entered + held, .number = {number + 5}, .price = {10'000}, .fee = {30'000'000}};
    out.net = net;
    out.optimistic = net + usdt(1);
    out.pessimistic = net - usdt(1);
    return out;
}

/// A ledger of some months, as events of growing time.
struct Season {
    explicit Season(const std::vector<market::Instrument>& instruments, std::uint64_t seed, int days)
    {
        std::mt19937_64 random(seed);
        const std::vector<std::string> strategies{"breakout", "momentum", "reversal"};
        for (const auto& instrument : instruments) {
            for (const auto& strategy : strategies) {
                const auto newHash = othersOf(strategy).hash();
                auto at = start + base::Millis{static_cast<std::int64_t>(random() % 80'000'000)};
                std::int64_t number = 1;
                while (true) {
                    const base::Millis held{static_cast<std::int64_t>(random() % 50'000'000) + 1};
                    if (at + held >= start + days * base::oneDay) {
                        break;
                    }
                    const Money net{static_cast<std::int64_t>(random() % 2'000'000'000) - 950'000'000};
                    const auto day = (at - start) / base::oneDay;
                    const bool isNewHash = strategy == "reversal" && day > days / 2;
                    number += 10;
                    if (isNewHash && changed.try_emplace(instrument.id, number - 1).second) {
                        inputs.push_back({instrument.id,
                                          {number - 1},
                                          strategy,
                                          true,
                                          trading::InputKind::Parameters,
                                          othersOf(strategy).text()});
                    }
                    auto trade =
                        tradeOf(strategy, instrument.id, number, at, held, net, isNewHash ? newHash : std::string());
                    trade.position.inShadow = strategy == "momentum" && day % 5 == 0;
                    events.emplace(trade.exit.time, trade);
                    at = trade.exit.time + base::Millis{static_cast<std::int64_t>(random() % 30'000'000)};
                }
            }
            for (int bar = 0; bar < days * 6; ++bar) {
                if (random() % 9 != 0) { // some lie in a gap
                    const market::Price close{9'800 + static_cast<std::int64_t>(random() % 400)};
                    trading::CandleClosed closed{
                        instrument.id, timeframe, {.start = start + bar * market::length(timeframe)}};
                    closed.candle.open = closed.candle.high = closed.candle.low = closed.candle.close = close;
                    closed.candle.volume = {1};
                    // The tick that closes it comes a little later; what that tick ends comes first.
                    events.emplace(closed.candle.start + market::length(timeframe), closed);
                }
            }
        }
    }
    std::multimap<UtcMs, trading::LedgerEvent> events;
    std::vector<storage::SwitchInput> inputs; // half-way, reversal gets other parameters
    std::map<base::InstrumentId, std::int64_t> changed;
};

/// A database, its instruments, and a view that is told what is stored.
class Floor {
public:
    explicit Floor(int count = 3)
    {
        for (int i = 0; i < count; ++i) {
            store.write([&] { (void)store.add("I" + std::to_string(i) + "-USDT"); });
        }
        instruments = good(storage::InstrumentStore(*store).all());
    }
    [[nodiscard]] LedgerView view() const
    {
        LedgerView out(policy, trading::evaluationLimits({}));
        for (const auto& instrument : instruments) {
            out.setInstrument(instrument);
        }
        return out;
    }
    void keep(const trading::LedgerEvent& event)
    {
        storage::LedgerStore ledger(*store);
        good(ledger.apply(event));
    }
    [[nodiscard]] console::Evaluations evaluations(std::uint32_t days = 0)
    {
        return good(EvaluationDesk().answer(*store, {.days = days}, policy));
    }

    testkit::Store store;
    std::vector<market::Instrument> instruments;
};

std::string differences(const std::vector<console::EvaluationRow>& shown, const std::vector<trading::Evaluation>& want)
{
    if (shown.size() != want.size()) {
        return std::to_string(shown.size()) + " rows and " + std::to_string(want.size());
    }
    const auto close = [](const auto& a, const auto& b) {
        return a.has_value() == b.has_value() && (!a || std::abs(*a - *b) <= 1e-9 * std::max(1.0, std::abs(*b)));
    };
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const auto& a = shown[i];
        const auto& b = want[i];
        const auto name = a.strategy + " on " + std::to_string(a.instrument.value) + ": ";
        if (a.strategy != b.strategy || a.instrument != *b.instrument) {
            return name + "in the place of " + b.strategy;
        }
        if (a.trades != b.trades || a.won != b.won || a.net != b.net || a.winLow != b.winInterval.lower) {
            return name + "sums";
        }
        if (!close(a.profitFactor, b.profitFactor) || !close(a.maxDrawdown, b.maxDrawdown) || a.equity != b.equity) {
            return name + "profit factor, drawdown or curve";
        }
        const auto low = b.sharpe.interval ? statistics::Measure(b.sharpe.interval->lower)
                                           : std::unexpected(b.sharpe.interval.error());
        if (!close(a.sharpe, b.sharpe.annual) || !close(a.sharpeLow, low) || a.sharpeDays != b.sharpe.days ||
            a.isProvisional != b.sharpe.isProvisional) {
            return name + "Sharpe";
        }
    }
    return {};
}

} // namespace

class LedgerFiguresTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void viewRestartAndEvaluationsSayTheSameOfTheSameTrades();
    void aRestartGoesOnWithTheSameEquityAndDrawdown();
    void manyRowsThatLoseALittleAreNoBankruptcy();
    void theDrawdownIsOfTheCapitalOfItsMoment();
    void theProfitFactorForgetsAfterSevenDays();
    void theViewDoesNotGrowWithTheTrades();
    void aChangedParameterStartsARowAtZero();
    void theDeskReadsOnlyWhatIsNewer();
    void theDeskFollowsChangedScales();
    void theWindowEndsWithTheNewestTimeOfTheLedger();
    void nothingIsKnownOfAnEmptyLedger();
    void triesAreThoseOfTheTrialsTable();
    void theHashInForceIsThatOfTheRecordedParameters();
    void aPositionOfOldParametersBringsTheirRecordBackNeitherLiveNorAfterARestart();
    void theOldCapitalIsOneThousandForEachRowThatTraded();
    void whatClosedInShadowIsNotAmongTheSumsOfItsStrategy();
};

void LedgerFiguresTest::viewRestartAndEvaluationsSayTheSameOfTheSameTrades()
{
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        for (const int days : {20, 70}) { // provisional, and daily
            Floor floor;
            const Season season(floor.instruments, seed, days);
            auto live = floor.view();
            floor.store.write([&] {
                for (const auto& [time, event] : season.events) {
                    live.apply(event);
                    floor.keep(event);
                }
                good(storage::LedgerStore(*floor.store).addInputs(season.inputs));
            });
            QCOMPARE(season.inputs.size(), std::size_t{3});
            const auto evaluations = floor.evaluations();
            QVERIFY(evaluations.rows.size() == 9);
            const auto isDaily = [](const auto& row) { return row.sharpe.annual && !row.sharpe.isProvisional; };
            QCOMPARE(std::ranges::any_of(evaluations.rows, isDaily), days == 70);
            auto shown = live.snapshot(evaluations.to);
            auto why = differences(shown.evaluations, evaluations.rows);
            QVERIFY2(why.empty(), why.c_str());
            QVERIFY(shown.evaluations.back().trades > 0);
            QCOMPARE(shown.equity - shown.startEquity, evaluations.roster.net);

            auto restarted = floor.view();
            restarted.restore(good(readLedgerPast(*floor.store, floor.instruments)));
            const auto again = restarted.snapshot(evaluations.to);
            why = differences(again.evaluations, evaluations.rows);
            QVERIFY2(why.empty(), why.c_str());
            QCOMPARE(again.closedTotal, shown.closedTotal);
            QCOMPARE(again.closedToday, shown.closedToday);
            QCOMPARE(again.profitFactor, shown.profitFactor);
            QVERIFY(again.recent == shown.recent);
            QCOMPARE(again.equity, shown.equity);
            for (std::size_t i = 0; i < shown.strategies.size(); ++i) {
                QCOMPARE(again.strategies[i].closed, shown.strategies[i].closed);
                QCOMPARE(again.strategies[i].won, shown.strategies[i].won);
                QCOMPARE(again.strategies[i].net, shown.strategies[i].net);
            }
            const auto same = [](const console::TradeMark& a, const console::TradeMark& b) {
                return a.time == b.time && a.text == b.text;
            };
            for (const auto& instrument : floor.instruments) {
                QVERIFY(std::ranges::equal(live.tradeMarks(instrument.id, 500),
                                           restarted.tradeMarks(instrument.id, 500), same));
            }
        }
    }
}

void LedgerFiguresTest::aRestartGoesOnWithTheSameEquityAndDrawdown()
{
    Floor floor(2);
    auto live = floor.view();
    storage::LedgerStore ledger(*floor.store);
    floor.store.write([&] {
        const auto sample = [&](UtcMs time) {
            if (const auto point = live.sampleEquity(time)) {
                good(ledger.addEquity(*point));
            }
        };
        std::mt19937_64 random(5);
        for (int i = 0; i < 300; ++i) {
            const auto at = start + i * 17 * minute;
            const auto net = Money{static_cast<std::int64_t>(random() % 40'000'000'000) - 21'000'000'000};
            const auto trade = tradeOf("breakout", floor.instruments[0].id, i + 1, at, minute, net);
            live.apply(trade);
            good(ledger.apply(trade));
            if (i == 100 || i == 200) {
                testkit::throwSwitch(live, "momentum", i == 200, at);
                good(ledger.addSwitch({"momentum", i == 200, at, "operator", ""}, {}));
            }
            sample(trade.exit.time);
        }
    });
    const auto now = start + 300 * 17 * minute;
    auto restarted = floor.view();
    for (const auto& state : good(ledger.switches())) {
        testkit::throwSwitch(restarted, state.strategy, state.enabled, state.since);
    }
    restarted.restore(good(readLedgerPast(*floor.store, floor.instruments)));
    const auto before = live.snapshot(now);
    const auto after = restarted.snapshot(now);
    QCOMPARE(after.equity, before.equity);
    QCOMPARE(after.startEquity, usdt(26'000));
    QCOMPARE(after.today, before.today);
    QCOMPARE(after.drawdown, before.drawdown);
    QCOMPARE(after.maxDrawdown, before.maxDrawdown);
    QVERIFY(after.maxDrawdown > 0.01);
    QCOMPARE(after.curve->size(), before.curve->size());
    QCOMPARE(after.curve->back().equity, after.equity);
}

void LedgerFiguresTest::manyRowsThatLoseALittleAreNoBankruptcy()
{
    Floor floor(20);
    auto view = floor.view();
    const auto capital = usdt(1'000 * 20 * static_cast<std::int64_t>(trading::strategyCatalogue().size()));
    QVERIFY(view.sampleEquity(start));
    for (const auto& instrument : floor.instruments) {
        for (const auto& info : trading::strategyCatalogue()) {
            view.apply(tradeOf(std::string(info.name), instrument.id, 1, start, minute, usdt(-130)));
        }
    }
    const auto shown = view.snapshot(start + hour);
    QCOMPARE(shown.startEquity, capital);
    QCOMPARE(shown.equity, Money{capital.value * 87 / 100});
    QVERIFY(std::abs(shown.drawdown - 0.13) < 1e-12);
    QVERIFY(std::abs(shown.maxDrawdown - 0.13) < 1e-12);
}

void LedgerFiguresTest::whatClosedInShadowIsNotAmongTheSumsOfItsStrategy()
{
    Floor floor(1);
    auto view = floor.view();
    const auto id = floor.instruments[0].id;
    auto shadow = tradeOf("breakout", id, 1, start, minute, usdt(-7));
    shadow.position.inShadow = true;
    view.apply(shadow);
    view.apply(tradeOf("breakout", id, 11, start + hour, minute, usdt(3)));
    const auto shown = view.snapshot(start + 2 * hour);
    const auto row = *std::ranges::find(shown.strategies, "breakout", &console::StrategyRow::name);
    QCOMPARE(row.closed, 1U);
    QCOMPARE(row.won, 1U);
    QCOMPARE(row.net, usdt(3));
    QCOMPARE(shown.closedTotal, 2U);
}

void LedgerFiguresTest::theDrawdownIsOfTheCapitalOfItsMoment()
{
    Floor floor(1); // 13 rows
    auto view = floor.view();
    const auto id = floor.instruments[0].id;
    QCOMPARE(view.capital(), usdt(13'000));
    view.apply(tradeOf("breakout", id, 1, start, minute, usdt(-1'300)));
    QVERIFY(view.sampleEquity(start + hour));
    QVERIFY(std::abs(view.snapshot(start + hour).drawdown - 0.1) < 1e-12);

    testkit::throwSwitch(view, "momentum", false, start + hour);
    QCOMPARE(view.capital(), usdt(12'000));
    auto shown = view.snapshot(start + hour);
    QVERIFY(std::abs(shown.drawdown - 0.1) < 1e-12); // a switch loses nothing
    QCOMPARE(shown.equity, usdt(10'700));
    QCOMPARE(shown.curve->back().equity, usdt(10'700)); // nor does the curve jump
    QVERIFY(std::abs(shown.gain + 0.1) < 1e-12);        // of the capital of its moment, as the drawdown
    view.apply(tradeOf("breakout", id, 2, start + hour, minute, usdt(-1'200)));
    QVERIFY(std::abs(view.snapshot(start + 2 * hour).drawdown - 0.2) < 1e-12);

    for (const auto& info : trading::strategyCatalogue()) { // never under the least
        testkit::throwSwitch(view, std::string(info.name), false, start + hour);
    }
    QCOMPARE(view.capital(), usdt(10'000));
    view.setInstrument(floor.instruments[0], false);
    QCOMPARE(view.capital(), usdt(10'000));
}

void LedgerFiguresTest::theProfitFactorForgetsAfterSevenDays()
{
    Floor floor(1);
    auto view = floor.view();
    const auto id = floor.instruments[0].id;
    view.apply(tradeOf("breakout", id, 1, start - minute, minute, usdt(30)));
    view.apply(tradeOf("breakout", id, 2, start + hour, minute, usdt(-10)));
    view.apply(tradeOf("breakout", id, 3, start + 3 * base::oneDay, minute, usdt(5)));
    QCOMPARE(view.snapshot(start + 7 * base::oneDay).profitFactor.value(), 3.5);
    QCOMPARE(view.snapshot(start + 7 * base::oneDay + minute).profitFactor.value(), 0.5);
    QVERIFY(!view.snapshot(start + 8 * base::oneDay).profitFactor); // no losing trade of these days
}

void LedgerFiguresTest::theViewDoesNotGrowWithTheTrades()
{
    Floor floor(1);
    auto view = floor.view();
    const auto id = floor.instruments[0].id;
    for (int i = 0; i < 30'000; ++i) {
        const auto at = start + i * 10 * minute;
        view.apply(tradeOf("breakout", id, i + 1, at, minute, usdt(i % 3 - 1)));
        QVERIFY(view.sampleEquity(at));
    }
    const auto shown = view.snapshot(start + 30'000 * 10 * minute);
    QCOMPARE(shown.closedTotal, 30'000U);
    QCOMPARE(shown.recent.size(), recentTrades);
    QCOMPARE(shown.recent.front().position.decision.number.value, 30'000);
    QCOMPARE(view.tradeMarks(id, 1'000'000).size(), 2 * chartedTrades);
    QVERIFY(shown.curve->size() <= 20'000);
    QCOMPARE(shown.curve->front().time, start); // the first stays
    QCOMPARE(shown.evaluations.size(), std::size_t{1});
    QVERIFY(shown.evaluations.front().equity.size() <= 60);
    for (auto it = shown.curve->rbegin(); it->time > start + 30'000 * 10 * minute - 8 * base::oneDay; ++it) {
        QCOMPARE(it->time - std::next(it)->time, 10 * minute); // what is new is whole
    }
}

void LedgerFiguresTest::aChangedParameterStartsARowAtZero()
{
    Floor floor(1);
    auto view = floor.view();
    const auto id = floor.instruments[0].id;
    view.apply(tradeOf("breakout", id, 10, start, minute, usdt(5), "a"));
    view.useParameters("breakout", id, "b", {20});
    auto row = view.snapshot(start + hour).evaluations.front();
    QCOMPARE(row.trades, 0U);
    view.apply(tradeOf("breakout", id, 15, start + hour, minute, usdt(7), "a")); // decided before, ended after
    QCOMPARE(view.snapshot(start + 2 * hour).evaluations.front().trades, 0U);
    view.apply(tradeOf("breakout", id, 30, start + 2 * hour, minute, usdt(-1), "b"));
    row = view.snapshot(start + 3 * hour).evaluations.front();
    QCOMPARE(row.trades, 1U);
    QCOMPARE(row.net, usdt(-1));
    view.useParameters("breakout", id, "a", {40}); // back again
    QCOMPARE(view.snapshot(start + 3 * hour).evaluations.front().net, usdt(12));
}

void LedgerFiguresTest::theDeskReadsOnlyWhatIsNewer()
{
    Floor floor(1);
    const auto id = floor.instruments[0].id;
    floor.store.write([&] { floor.keep(tradeOf("breakout", id, 1, start, minute, usdt(5))); });
    EvaluationDesk desk;
    QCOMPARE(good(desk.answer(*floor.store, {.days = 0}, policy)).roster.net, usdt(5));
    floor.store.write([&] {
        good(floor.store->run("UPDATE trades SET net=0")); // which nobody does: it shows what is read again
        floor.keep(tradeOf("breakout", id, 2, start + hour, minute, usdt(2)));
    });
    QCOMPARE(good(desk.answer(*floor.store, {.days = 0}, policy)).roster.net, usdt(7));
    QCOMPARE(floor.evaluations().roster.net, usdt(2));
}

void LedgerFiguresTest::theDeskFollowsChangedScales()
{
    Floor floor(1);
    auto instrument = floor.instruments[0];
    floor.store.write([&] {
        floor.keep(tradeOf("breakout", instrument.id, 1, start + 23 * hour, 2 * hour, usdt(5)));
        storage::CandleStore candles(*floor.store);
        market::Candle candle{
            .start = start + 20 * hour, .open = {10'100}, .high = {10'100}, .low = {10'100}, .close = {10'100}};
        candle.volume = {1};
        good(candles.append(instrument.id, timeframe, std::span(&candle, 1)));
    });
    EvaluationDesk desk;
    const auto before = good(desk.answer(*floor.store, {.days = 0}, policy));
    instrument.tick = base::Scale::ofDecimals(3); // finer
    floor.store.write([&] { (void)good(storage::InstrumentStore(*floor.store).put(instrument)); });
    const auto after = good(desk.answer(*floor.store, {.days = 0}, policy));
    QVERIFY(before.rows.front().expectancy);
    QCOMPARE(after.rows.front().expectancy, before.rows.front().expectancy);
    QCOMPARE(after.rows.front().net, before.rows.front().net);
}

void LedgerFiguresTest::theWindowEndsWithTheNewestTimeOfTheLedger()
{
    Floor floor(1);
    const auto id = floor.instruments[0].id;
    floor.store.write([&] {
        floor.keep(tradeOf("breakout", id, 1, start + base::oneDay - minute, minute - base::Millis{1}, usdt(1)));
        floor.keep(tradeOf("breakout", id, 2, start + base::oneDay - base::Millis{1}, base::Millis{1}, usdt(2)));
        floor.keep(tradeOf("breakout", id, 3, start + 8 * base::oneDay, hour, usdt(4)));
    });
    auto figures = floor.evaluations(7);
    QCOMPARE(figures.to, start + 8 * base::oneDay + hour);
    QCOMPARE(figures.from, start + base::oneDay);
    QCOMPARE(figures.roster.net, usdt(6)); // at its first moment counts, a millisecond before does not
    QCOMPARE(floor.evaluations(0).roster.net, usdt(7));
    floor.store.write([&] { // nothing traded since, but time went on
        good(storage::LedgerStore(*floor.store).addEquity({start + 10 * base::oneDay, usdt(13'007), usdt(13'000)}));
    });
    figures = floor.evaluations(7);
    QCOMPARE(figures.to, start + 10 * base::oneDay);
    QCOMPARE(figures.roster.net, usdt(4));
    QCOMPARE(figures.roster.capital, usdt(13'000));
}

void LedgerFiguresTest::nothingIsKnownOfAnEmptyLedger()
{
    Floor floor(2);
    const auto figures = floor.evaluations(30);
    QVERIFY(figures.rows.empty());
    QCOMPARE(figures.strategies.size(), trading::strategyCatalogue().size());
    QCOMPARE(figures.roster.trades, 0U);
    QCOMPARE(figures.roster.capital, usdt(26'000));
    QCOMPARE(figures.strategies.front().capital, usdt(2'000));
    auto view = floor.view();
    view.restore(good(readLedgerPast(*floor.store, floor.instruments)));
    QVERIFY(view.snapshot(start).evaluations.empty());
}

void LedgerFiguresTest::triesAreThoseOfTheTrialsTable()
{
    Floor floor(1);
    const auto id = floor.instruments[0].id;
    floor.store.write([&] {
        for (int day = 0; day < 40; ++day) {
            floor.keep(tradeOf("breakout", id, day + 1, start + day * base::oneDay, hour, usdt(day % 3 == 0 ? -3 : 2)));
        }
    });
    const auto alone = floor.evaluations().rows.front();
    QVERIFY(alone.psr.has_value());
    QCOMPARE(alone.tries, 1.0);
    QVERIFY(!alone.deflated); // one try is nothing to deflate by
    floor.store.write([&] {
        storage::TrialsStore trials(*floor.store);
        good(trials.add(
            {.time = start, .strategy = "breakout", .parameterHash = "x", .origin = "default", .from = {}, .to = {}}));
        good(trials.add({.time = start,
                         .strategy = "breakout",
                         .parameterHash = "y",
                         .origin = "stop-lab",
                         .tries = 80,
                         .from = {},
                         .to = {}}));
        good(trials.add(
            {.time = start, .strategy = "momentum", .parameterHash = "z", .origin = "edit", .from = {}, .to = {}}));
    });
    const auto tried = floor.evaluations().rows.front();
    QCOMPARE(tried.tries, 81.0);
    QVERIFY(tried.deflated && *tried.deflated < *tried.psr);
    QCOMPARE(tried.psr, alone.psr);
}

void LedgerFiguresTest::theHashInForceIsThatOfTheRecordedParameters()
{
    Floor floor(2);
    const auto standard = defaultsOf("breakout").hash();
    const auto set = othersOf("breakout");
    QVERIFY(set.hash() != standard);
    floor.store.write([&] {
        floor.keep(tradeOf("breakout", floor.instruments[0].id, 1, start, hour, usdt(1), standard));
        floor.keep(tradeOf("breakout", floor.instruments[1].id, 1, start, hour, usdt(2), standard));
        good(storage::LedgerStore(*floor.store)
                 .addInputs(
                     {{floor.instruments[1].id, {9}, "breakout", true, trading::InputKind::Parameters, set.text()}}));
    });
    for (const auto& row : floor.evaluations().rows) {
        const bool isChanged = *row.instrument == floor.instruments[1].id;
        QCOMPARE(row.parameterHash, isChanged ? set.hash() : standard);
        QCOMPARE(row.trades, isChanged ? 0U : 1U);
    }
}

void LedgerFiguresTest::aPositionOfOldParametersBringsTheirRecordBackNeitherLiveNorAfterARestart()
{
    // Decided at 95, or at the very number at which the new parameters were recorded: with the old ones both times.
    for (const std::int64_t decided : {95, 100}) {
        Floor floor(1);
        const auto id = floor.instruments[0].id;
        const auto closed = tradeOf("breakout", id, 50, start, hour, usdt(5));
        const auto open = tradeOf("breakout", id, decided, start + 2 * hour, hour, {}).position;
        const auto newHash = othersOf("breakout").hash();
        auto live = floor.view();
        live.apply(closed);
        live.useParameters("breakout", id, newHash, {100});
        live.apply(open); // filled after the change
        floor.keep(closed);
        floor.keep(open);
        floor.store.write([&] {
            good(storage::LedgerStore(*floor.store)
                     .addInputs(
                         {{id, {100}, "breakout", true, trading::InputKind::Parameters, othersOf("breakout").text()}}));
        });
        auto restarted = floor.view();
        restarted.restore(good(readLedgerPast(*floor.store, floor.instruments)));
        for (auto* view : {&live, &restarted}) {
            const auto rows = view->snapshot(start + 3 * hour).evaluations;
            QCOMPARE(rows.size(), std::size_t{1});
            QCOMPARE(rows[0].trades, 0U);
        }
    }
}

void LedgerFiguresTest::theOldCapitalIsOneThousandForEachRowThatTraded()
{
    const std::string columns =
        "instrument,strategy,decided_number,parameter_hash,side,decided_time,decided_half_ticks,stop,target,why,"
        "tick_step,lot_step,size,entry_time,entry_number,entry_price,entry_fee,time_limit,best,worst,has_gap,in_shadow,"
        "exit_time,exit_number,exit_price,exit_fee,reason,gross,fees,funding,net";
    const auto zeros = std::ranges::count(columns, ',') - 1; // beside the first two
    for (const int rows : {9, 10, 12}) {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("old.db")).toStdString();
        sqlite3* raw = nullptr;
        QCOMPARE(sqlite3_open(file.c_str(), &raw), SQLITE_OK);
        good(storage::migrate(raw, file, storage::embeddedMigrations().first(12)));
        auto sql = "INSERT INTO equity VALUES(60000," + std::to_string(usdt(9'400).value) + ");";
        for (int i = 0; i < rows; ++i) {
            sql += "INSERT INTO trades(" + columns + ") VALUES(1,'" + std::to_string(i) + "'";
            for (std::ptrdiff_t zero = 0; zero < zeros; ++zero) {
                sql += ",0";
            }
            sql += ");";
        }
        sql += "INSERT INTO switches VALUES('breakout',0,7,'operator','test');";
        QCOMPARE(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(raw);
        auto database = good(storage::Database::open(file, storage::Database::Mode::ReadWrite));
        const auto points = good(storage::LedgerStore(database).equity({0}));
        QCOMPARE(points.size(), std::size_t{1});
        QCOMPARE(points[0].capital, usdt(std::max(10, rows) * 1'000));
        QCOMPARE(points[0].equity - points[0].capital, usdt(-600));
        const auto roster = good(storage::RosterStore(database).rows()); // the old switch is one of the roster's
        QCOMPARE(roster.size(), std::size_t{1});
        QVERIFY(roster[0].row.strategy == "breakout" && !roster[0].row.whole.isOn);
        QCOMPARE(roster[0].row.whole.since.value, std::int64_t{7});
    }
}

QTEST_GUILESS_MAIN(LedgerFiguresTest)
#include "ledger_figures_test.moc"
