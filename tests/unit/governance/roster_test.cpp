// Roster, decisions and their undo, evidence, evaluations and their ranking, convergence, what is too good to be true.
#include "governance_fixtures.h"

#include "governance/convergence.h"
#include "governance/decision.h"
#include "governance/evaluation.h"
#include "governance/too_good.h"

#include <QTest>

using namespace governance_fixtures;
using qd::base::ErrorCode;

namespace {

constexpr InstrumentId btc{1};
constexpr InstrumentId eth{2};

Decision disabling(std::int64_t id, double day)
{
    const auto row = rowOf("breakout", Stage::Candidate);
    return {.id = id,
            .time = at(day),
            .by = Actor::Policy,
            .changes = {switchChange(row, {}, false), stageChange(row, Stage::Paper)},
            .what = "disable breakout",
            .why = "",
            .evidence = "",
            .undoes = {}};
}

} // namespace

class RosterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSwitchIsOfTheStrategyAndOfEachInstrument();
    void anArchivedStrategyCannotBeSwitched();
    void onlyTheseStepsLeadFromStageToStage();
    void aRevivedStrategyAndAChangedParameterStartTheRecordAtZero();
    void changesComeBackFromTheirText();
    void whatIsNoChangeIsRefused();
    void anUndoRestoresSwitchAndStage();
    void anUndoThatNoLongerFitsNamesWhatChangedSince();
    void aDecisionIsUndoneOnceAndTheUndoCanBeUndone();
    void changesAreDoneAllOrNone();
    void everyStepOfARowIsAListOfChanges();
    void aSeedDependsOnStrategyInstrumentAndDayOnly();
    void tradesOfAWindowIncludeItsStartAndNotItsEnd();
    void theRateIsThatOfCompleteDays();
    void theOldErrorDuplicateRanking();
    void theOldErrorASharpeOfTwelveTrades();
    void aSharpeNeedsThirtyDaysAndThirtyTrades();
    void rankingGoesByTheLowerEndThenProvisionalThenNone();
    void convergenceWantsThreeWindowsThatEarn();
    void aWindowStretchesToSevenDays();
    void convergenceWaitsForRegimesAndForTheirReference();
    void whatConvergedOnceHasConverged();
    void flagsAreInclusiveAndInOrder();
};

void RosterTest::aSwitchIsOfTheStrategyAndOfEachInstrument()
{
    auto row = rowOf("breakout");
    QVERIFY(isOn(row) && isOn(row, btc));
    row = switched(row, btc, false, Actor::Policy, at(3)).value();
    QVERIFY(isOn(row) && !isOn(row, btc) && isOn(row, eth));
    QCOMPARE(row.instruments.at(btc), (Switch{false, Actor::Policy, at(3)}));
    row = switched(row, {}, false, Actor::Operator, at(4)).value();
    QVERIFY(!isOn(row) && !isOn(row, eth) && runs(row));
    QCOMPARE(switched(row, {}, false, Actor::Operator, at(5)).error().code, ErrorCode::Conflict);
    QCOMPARE(switched(row, eth, true, Actor::Operator, at(5)).error().code,
             ErrorCode::Conflict); // on already, by itself
}

void RosterTest::anArchivedStrategyCannotBeSwitched()
{
    const auto row = staged(rowOf("breakout"), Stage::Archived, at(1)).value();
    QVERIFY(!runs(row) && !isOn(row));
    QCOMPARE(switched(row, {}, false, Actor::Operator, at(2)).error().code, ErrorCode::Conflict);
    QCOMPARE(reparametrised(row, "h2", at(2)).error().code, ErrorCode::Conflict);
}

void RosterTest::onlyTheseStepsLeadFromStageToStage()
{
    const std::vector all{Stage::Paper, Stage::Candidate, Stage::Ready, Stage::Archived};
    const std::vector<std::vector<bool>> legal{{false, true, false, true},   // from paper
                                               {true, false, true, true},    // from candidate
                                               {true, true, false, true},    // from ready
                                               {true, false, false, false}}; // from the archive
    for (const auto from : all) {
        QCOMPARE(stageOf(name(from)).value(), from);
        for (const auto to : all) {
            const bool is = legal[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
            QCOMPARE(isStep(from, to), is);
            const auto moved = staged(rowOf("x", from), to, at(1));
            QCOMPARE(moved.has_value(), is);
            QVERIFY(is ? moved->stage == to && moved->stageSince == at(1) : moved.error().code == ErrorCode::Conflict);
        }
    }
    QCOMPARE(stageOf("live").error().code, ErrorCode::NotFound);
}

void RosterTest::aRevivedStrategyAndAChangedParameterStartTheRecordAtZero()
{
    const auto revived = staged(rowOf("x", Stage::Archived), Stage::Paper, at(9)).value();
    QCOMPARE(revived.recordSince, at(9));
    const auto changedOne = reparametrised(rowOf("x", Stage::Ready), "h2", at(7)).value();
    QCOMPARE(changedOne.stage, Stage::Paper);
    QCOMPARE(changedOne.recordSince, at(7));
    QCOMPARE(changedOne.parameterHash, std::string("h2"));
    QCOMPARE(reparametrised(rowOf("x"), "h1", at(7)).error().code, ErrorCode::Conflict);
}

void RosterTest::changesComeBackFromTheirText()
{
    const std::vector<Change> changes{{ChangeKind::Switch, "breakout@7", "on", "off"},
                                      {ChangeKind::Policy, "a\tb\\\nc", "0.5", ""},
                                      {ChangeKind::ModelStage, "gbt_5m 12", "challenger", "champion"}};
    QCOMPARE(decoded(encoded(changes)).value(), changes);
    QCOMPARE(inverse(inverse(changes)), changes);
    QVERIFY(decoded("").value().empty());
    QCOMPARE(text(std::span(changes).first(1)), std::string("breakout@7: on to off"));
}

void RosterTest::whatIsNoChangeIsRefused()
{
    for (const char* wrong :
         {"x", "switch\ta\tb", "switch\ta\tb\tc\td", "what\ta\tb\tc", "switch\ta\tb\tc\\", "switch\ta\tb\tc\\x"}) {
        QCOMPARE(decoded(wrong).error().code, ErrorCode::Malformed);
    }
    const Roster roster{rowOf("breakout")};
    const std::vector<Change> nonsense{{ChangeKind::Stage, "breakout", "paper", "live"}};
    QCOMPARE(changed(roster, nonsense, Actor::Operator, at(1)).error().code, ErrorCode::Malformed);
    const std::vector<Change> noDate{{ChangeKind::Record, "breakout", "h1 0", "h2 x"}};
    QCOMPARE(changed(roster, noDate, Actor::Operator, at(1)).error().code, ErrorCode::Malformed);
    const std::vector<Change> unknown{{ChangeKind::Switch, "nobody", "on", "off"}};
    QCOMPARE(changed(roster, unknown, Actor::Operator, at(1)).error().code, ErrorCode::NotFound);
}

void RosterTest::anUndoRestoresSwitchAndStage()
{
    const Roster before{rowOf("breakout", Stage::Candidate), rowOf("momentum")};
    const auto done = disabling(4, 1);
    const auto after = changed(before, done.changes, Actor::Policy, at(1)).value();
    QVERIFY(!isOn(after[0]) && after[0].stage == Stage::Paper && isOn(after[1]));
    const auto undo =
        undoing(done, {}, [&](const Change& c) { return valueInForce(after, c); }, at(2), "too soon").value();
    QCOMPARE(undo.undoes, std::optional<std::int64_t>(4));
    QCOMPARE(undo.by, Actor::Operator);
    const auto back = changed(after, undo.changes, undo.by, undo.time).value();
    QVERIFY(isOn(back[0]) && back[0].stage == Stage::Candidate);
    QCOMPARE(back[0].whole, (Switch{true, Actor::Operator, at(2)}));
    // Parameters: the hash and the start of its record, so that the old curve goes on.
    const Roster tuned{reparametrised(rowOf("breakout"), "h2", at(3)).value()};
    const std::vector changes{recordChange(rowOf("breakout"), "h2", at(3))};
    const auto old = changed(tuned, inverse(changes), Actor::Operator, at(4)).value();
    QCOMPARE(old[0].parameterHash, std::string("h1"));
    QCOMPARE(old[0].recordSince, UtcMs{});
    // A slip on a ready strategy costs its stage alone, since to ready leads only the checklist: the record comes back.
    const auto ready = rowOf("breakout", Stage::Ready);
    const auto slip = reparametrised(ready, "h2", at(3)).value();
    const Decision tuning{.id = 7,
                          .time = at(3),
                          .by = Actor::Operator,
                          .changes = changesBetween(ready, slip),
                          .what = "",
                          .why = "",
                          .evidence = "",
                          .undoes = {}};
    QVERIFY(slip.stage == Stage::Paper && tuning.changes.size() == 2);
    const auto ofSlip = [&](const Change& c) { return valueInForce({slip}, c); };
    const auto restored =
        changed({slip}, undoing(tuning, {}, ofSlip, at(4), "a slip").value().changes, Actor::Operator, at(4)).value();
    QCOMPARE(restored[0].parameterHash, std::string("h1"));
    QCOMPARE(restored[0].recordSince, UtcMs{});
    QCOMPARE(restored[0].stage, Stage::Candidate);
    QCOMPARE(text(takingBack(tuning.changes)), text(undoing(tuning, {}, ofSlip, at(4), "").value().changes)); // as told
}

void RosterTest::anUndoThatNoLongerFitsNamesWhatChangedSince()
{
    const auto done = disabling(4, 1);
    Roster now{rowOf("breakout")}; // somebody switched it on again, as decision 7
    const auto later = Decision{.id = 7,
                                .time = at(2),
                                .by = Actor::Operator,
                                .changes = {{ChangeKind::Switch, "breakout", "off", "on"}},
                                .what = "",
                                .why = "",
                                .evidence = "",
                                .undoes = {}};
    const auto force = [&](const Change& c) { return valueInForce(now, c); };
    const auto refused = undoing(done, std::vector{later}, force, at(3), "");
    QCOMPARE(refused.error().code, ErrorCode::Conflict);
    QCOMPARE(refused.error().detail, std::string("breakout is on, not off; decision 7 changed it since"));
    now.clear();
    QCOMPARE(undoing(done, {}, force, at(3), "").error().detail, std::string("breakout is no more, not paper"));
    const Decision note{.id = 9,
                        .time = at(1),
                        .by = Actor::Operator,
                        .changes = {},
                        .what = "note",
                        .why = "",
                        .evidence = "",
                        .undoes = {}};
    QCOMPARE(undoing(note, {}, force, at(3), "").error().code, ErrorCode::Unsupported);
}

void RosterTest::aDecisionIsUndoneOnceAndTheUndoCanBeUndone()
{
    Roster roster =
        changed({rowOf("breakout", Stage::Candidate)}, disabling(4, 1).changes, Actor::Policy, at(1)).value();
    const auto force = [&](const Change& c) { return valueInForce(roster, c); };
    auto undo = undoing(disabling(4, 1), {}, force, at(2), "").value();
    undo.id = 5;
    roster = changed(roster, undo.changes, undo.by, undo.time).value();
    std::vector journal{undo};
    QVERIFY(isUndone(disabling(4, 1), journal));
    QCOMPARE(undoing(disabling(4, 1), journal, force, at(3), "").error().detail, std::string("it was undone already"));
    auto again = undoing(undo, journal, force, at(3), "").value();
    again.id = 6;
    roster = changed(roster, again.changes, again.by, again.time).value();
    journal.push_back(again);
    QVERIFY(!isUndone(disabling(4, 1), journal));
    QVERIFY(undoing(disabling(4, 1), journal, force, at(4), "").has_value());
}

void RosterTest::changesAreDoneAllOrNone()
{
    const Roster roster{rowOf("breakout"), rowOf("momentum")};
    const std::vector<Change> second{{ChangeKind::Switch, "breakout", "on", "off"},
                                     {ChangeKind::Switch, "momentum", "off", "on"}};
    QCOMPARE(changed(roster, second, Actor::Operator, at(1)).error().code, ErrorCode::Conflict);
    QVERIFY(isOn(roster[0]));
    const std::vector<Change> strange{{ChangeKind::Policy, "breakout", "1", "2"}};
    QVERIFY(!changed(roster, strange, Actor::Operator, at(1)).has_value());
}

void RosterTest::everyStepOfARowIsAListOfChanges()
{
    const auto candidate = rowOf("x", Stage::Candidate);
    auto archived = rowOf("x", Stage::Archived);
    archived.recordSince = at(1);
    const std::vector<std::pair<RosterRow, RosterRow>> steps{
        {candidate, switched(candidate, {}, false, Actor::Operator, at(5)).value()},
        {candidate, switched(candidate, btc, false, Actor::Operator, at(5)).value()},
        {candidate, staged(candidate, Stage::Ready, at(5)).value()},
        {candidate, reparametrised(candidate, "h2", at(5)).value()},
        {archived, staged(archived, Stage::Paper, at(5)).value()}};
    for (const auto& [before, after] : steps) {
        const auto changes = changesBetween(before, after);
        QVERIFY(!changes.empty());
        QCOMPARE(decoded(encoded(changes)).value(), changes);
        const auto done = changed({before}, changes, Actor::Operator, at(5)).value();
        QCOMPARE(done[0], after);
        QVERIFY(changesBetween(done[0], after).empty());
        const auto back = changed(done, inverse(changes), Actor::Operator, at(6)).value();
        QVERIFY(changesBetween(back[0], before).empty());
    }
    QCOMPARE(changesBetween(steps[3].first, steps[3].second).size(), std::size_t{2}); // stage and record
}

void RosterTest::aSeedDependsOnStrategyInstrumentAndDayOnly()
{
    const auto seed = seedOf({"breakout", btc}, 7, "review");
    QCOMPARE(seed, seedOf({"breakout", btc}, 7, "review"));
    QVERIFY(seed != seedOf({"breakout", eth}, 7, "review") && seed != seedOf({"breakout", {}}, 7, "review"));
    QVERIFY(seed != seedOf({"breakout", btc}, 8, "review") && seed != seedOf({"momentum", btc}, 7, "review"));
    const auto nets = netsOf(noisy("x", 30, 3, 1, 4, 1).trades);
    const auto a = expectancyOf(nets, 0.8, 500, 1);
    QCOMPARE(a.interval->lower, expectancyOf(nets, 0.8, 500, 1).interval->lower);
    QVERIFY(a.interval->lower != expectancyOf(nets, 0.8, 500, 2).interval->lower);
    QVERIFY(std::abs(a.interval->lower - expectancyOf(nets, 0.8, 0, 0).interval->lower) < 0.3);
}

void RosterTest::tradesOfAWindowIncludeItsStartAndNotItsEnd()
{
    const std::vector trades{tradeAt(1, 1), tradeAt(2, 2), tradeAt(3, 3)};
    QCOMPARE(netsOf(tradesBetween(trades, at(1), at(3))), (std::vector<double>{1, 2}));
    QVERIFY(tradesBetween(trades, at(3) + Millis{1}, at(9)).empty());
}

void RosterTest::theRateIsThatOfCompleteDays()
{
    auto evidence = steady("x", 10, {1, 1, 1});
    for (int i = 0; i < 50; ++i) {
        evidence.trades.push_back(tradeAt(10.5, 1)); // of the running day
    }
    QCOMPARE(tradesPerDay(evidence, 30), std::optional(3.0));
    QCOMPARE(tradesPerDay(evidence, 5), std::optional(3.0));
    QCOMPARE(evaluate(evidence, 30, policies().figures, at(10.6)).trades.n, std::uint64_t{30});
    QVERIFY(!tradesPerDay(steady("x", 0, {}), 30));
    QCOMPARE(tradesPerDay(steady("x", 4, {}), 30), std::optional(0.0));
}

void RosterTest::theOldErrorDuplicateRanking()
{
    // The old dashboard listed a strategy once for each evaluation that lay in its table.
    std::vector<Evaluation> stored;
    for (int night = 0; night < 5; ++night) {
        auto evaluation = evaluate(noisy("breakout", 40, 3, 1, 3, 1), 30, policies().figures, at(40 + night));
        evaluation.parameterHash = night < 3 ? "h1" : "h2";
        stored.push_back(evaluation);
        evaluation.subject.instrument = btc;
        stored.insert(stored.begin(), evaluation);
    }
    const auto rows = ranked(stored);
    QCOMPARE(rows.size(), std::size_t{2});
    for (const auto& row : rows) {
        QCOMPARE(row.at, at(44));
        QCOMPARE(row.parameterHash, std::string("h2"));
    }
}

void RosterTest::theOldErrorASharpeOfTwelveTrades()
{
    auto lucky = steady("lucky", 40, {});
    for (int i = 0; i < 12; ++i) {
        lucky.trades.push_back(tradeAt(28 + i, 5 + i % 3));
        lucky.days[static_cast<std::size_t>(28 + i)].pnl = 5 + i % 3;
    }
    const auto few = evaluate(lucky, 30, policies().figures, at(40));
    QVERIFY(!few.sharpe.annual && !few.sharpe.interval && !few.sharpe.daily().annual && !few.psr);
    QCOMPARE(sharpeText(few, policies().figures), std::string("12/30"));
    const auto honest = evaluate(noisy("honest", 40, 3, 0.5, 3, 2), 30, policies().figures, at(40));
    QCOMPARE(ranked({few, honest})[0].subject.strategy, std::string("honest"));
}

void RosterTest::aSharpeNeedsThirtyDaysAndThirtyTrades()
{
    const auto rule = policies().figures;
    QCOMPARE(sharpeText(evaluate(noisy("x", 29, 1, 1, 3, 3), 30, rule, at(29)), rule), std::string("29/30"));
    const auto young = evaluate(noisy("x", 29, 3, 1, 3, 3), 30, rule, at(29));
    QVERIFY(young.sharpe.annual && young.sharpe.isProvisional && !young.sharpe.daily().annual && !young.psr);
    QVERIFY(sharpeText(young, rule).ends_with(" provisional"));
    const auto old = evaluate(noisy("x", 30, 1, 1, 3, 3), 30, rule, at(30));
    QVERIFY(old.sharpe.daily().annual && !old.sharpe.isProvisional);
    QCOMPARE(old.sharpe.days, 30U);
    QVERIFY(old.psr && old.sharpe.interval->lower < *old.sharpe.annual);
    const auto tooYoung = evaluate(noisy("x", 6, 6, 1, 3, 3), 30, rule, at(6));
    QCOMPARE(sharpeText(tooYoung, rule), std::string("6/30 days"));
    const auto flat = evaluate(steady("x", 40, {1}), 30, rule, at(40));
    QVERIFY(!flat.sharpe.annual); // no variance: no ratio, whatever it earned
}

void RosterTest::rankingGoesByTheLowerEndThenProvisionalThenNone()
{
    const auto rule = policies().figures;
    const auto narrow = evaluate(noisy("narrow", 200, 3, 0.3, 3, 3), 200, rule, at(200));
    auto wide = evaluate(noisy("wide", 30, 1, 1.0, 3, 5), 30, rule, at(200));
    const auto young = evaluate(noisy("young", 20, 6, 2, 3, 3), 30, rule, at(200));
    const auto none = evaluate(noisy("none", 5, 6, 9, 3, 3), 30, rule, at(200));
    auto more = none;
    more.subject.strategy = "zzz";
    more.trades.n += 1;
    const auto rows = ranked({none, young, wide, narrow, more});
    QVERIFY(rows[0].sharpe.interval->lower >= rows[1].sharpe.interval->lower);
    QCOMPARE(rows[2].subject.strategy, std::string("young"));
    QCOMPARE(rows[3].subject.strategy, std::string("zzz")); // ties by more trades
    QCOMPARE(rows[4].subject.strategy, std::string("none"));
}

void RosterTest::convergenceWantsThreeWindowsThatEarn()
{
    const auto rule = policies().convergence;
    const auto good = steady("x", 30, {1, -0.5, 1}).trades; // 90 trades
    const auto done = convergenceOf(good, rule);
    QCOMPARE(done.state, Settling::Converged);
    QCOMPARE(done.windows.size(), std::size_t{3});
    QCOMPARE(convergenceOf(std::span(good).last(89), rule).state, Settling::TooFewTrades);
    auto losing = good;
    for (std::size_t i = 30; i < 60; ++i) {
        losing[i].net = -0.01;
    }
    QCOMPARE(convergenceOf(losing, rule).state, Settling::Losing);
    for (std::size_t i = 30; i < 60; ++i) {
        losing[i].net = 0; // at the edge: zero earns nothing
    }
    QCOMPARE(convergenceOf(losing, rule).state, Settling::Losing);
    losing[30].net = 0.001;
    QCOMPARE(convergenceOf(losing, rule).state, Settling::Converged);
}

void RosterTest::aWindowStretchesToSevenDays()
{
    const auto rule = policies().convergence;
    const auto fast = steady("x", 20, std::vector<double>(10, 1.0)).trades; // 30 trades are three days
    const auto got = convergenceOf(fast, rule);
    QCOMPARE(got.state, Settling::TooFewTrades); // two windows of seven days
    QCOMPARE(got.windows.size(), std::size_t{2});
    QVERIFY(got.windows[0].to - got.windows[0].from >= 7 * oneDay && got.windows[0].trades > 60);
    QCOMPARE(convergenceOf(steady("x", 22, std::vector<double>(10, 1.0)).trades, rule).state, Settling::Converged);
}

void RosterTest::convergenceWaitsForRegimesAndForTheirReference()
{
    const auto rule = policies().convergence;
    auto trades = steady("x", 40, {1, 1, 1}).trades;
    for (auto& trade : trades) {
        trade.regime = RegimeMark{};
    }
    QCOMPARE(convergenceOf(trades, rule).state, Settling::WaitingForRegimes);
    for (std::size_t i = 0; i < 6; ++i) { // 6 of 120 are the 5%
        trades[i].regime = RegimeMark{true, false};
        trades[110 + i].regime = RegimeMark{false, true};
    }
    QCOMPARE(convergenceOf(trades, rule).state, Settling::Converged);
    trades[0].regime = RegimeMark{};
    QCOMPARE(convergenceOf(trades, rule).state, Settling::WaitingForRegimes);
    for (std::size_t i = 0; i < 31; ++i) { // 89 with a reference
        trades[60 + i].regime.reset();
    }
    QCOMPARE(convergenceOf(trades, rule).state, Settling::WaitingForReference);
}

void RosterTest::whatConvergedOnceHasConverged()
{
    const auto rule = policies().convergence;
    auto evidence = steady("x", 60, {1, 1, 1});
    for (auto& trade : evidence.trades) {
        trade.net = trade.closed < at(35) ? 1 : -1;
    }
    QCOMPARE(convergenceOf(evidence.trades, rule).state, Settling::Losing);
    QVERIFY(pastConvergence(evidence, rule).everConverged);
    for (auto& trade : evidence.trades) {
        trade.regime = RegimeMark{};
    }
    QVERIFY(!pastConvergence(evidence, rule).everConverged && pastConvergence(evidence, rule).everEarned);
    for (auto& trade : evidence.trades) {
        trade.net = -1;
    }
    QVERIFY(!pastConvergence(evidence, rule).everEarned);
}

void RosterTest::flagsAreInclusiveAndInOrder()
{
    const auto rule = policies().tooGood;
    Evaluation e{};
    QVERIFY(tooGoodFlags(e, rule).empty());
    e.trades.n = 30;
    e.trades.losses = 4;
    e.trades.wins = 26;
    e.sharpe.annual = 6;
    e.trades.profitFactor = 4;
    e.trades.winRate = 0.85;
    e.trades.payoffRatio = 1;
    e.drawdown = 0.0049;
    e.cagr = 0.5;
    QCOMPARE(tooGoodFlags(e, rule),
             (std::vector{TooGood::Sharpe, TooGood::ProfitFactor, TooGood::WinRate, TooGood::Drawdown}));
    e.drawdown = 0.005;
    e.sharpe.annual = 5.999;
    e.trades.payoffRatio = 0.999;
    QCOMPARE(tooGoodFlags(e, rule), std::vector{TooGood::ProfitFactor});
    e.trades.n = 29;
    QVERIFY(tooGoodFlags(e, rule).empty());
    e.sharpe = {.annual = 6, .interval = qd::statistics::Interval{5, 7}, .days = 40, .isProvisional = true};
    QVERIFY(tooGoodFlags(e, rule).empty()); // of clusters of trades, not of days
    e.sharpe.isProvisional = false;
    QCOMPARE(tooGoodFlags(e, rule), std::vector{TooGood::Sharpe});
}

QTEST_APPLESS_MAIN(RosterTest)
#include "roster_test.moc"
