// The nightly review, rule by rule at the edges, and as a whole.
#include "governance_fixtures.h"

#include "governance/review.h"
#include "governance/review_rules.h"

#include <QTest>

#include <algorithm>

using namespace governance_fixtures;
using qd::base::ErrorCode;

namespace {

constexpr InstrumentId btc{1};

ReviewInput inputOf(std::vector<Evidence> evidence, double day = 40)
{
    ReviewInput input{
        .now = at(day), .roster = {}, .evidence = {}, .past = {}, .gapShare = 0, .inExperiment = {}, .signOffs = {}};
    for (auto& one : evidence) {
        if (!one.subject.instrument) {
            input.roster.push_back(rowOf(one.subject.strategy));
        }
        input.evidence.push_back(std::move(one));
    }
    return input;
}

// Converged by its first 40 days, so that only what comes after is judged.
Evidence provenThen(std::string strategy, double net, std::size_t days = 10, bool inShadow = false)
{
    auto evidence = steady(std::move(strategy), 40 + days, {1, 1, 1});
    for (auto& trade : evidence.trades) {
        if (trade.closed >= at(40)) {
            trade.net = net;
            trade.inShadow = inShadow;
        }
    }
    return evidence;
}

void makeNoisy(Evidence& evidence, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0, 0.2);
    for (auto& trade : evidence.trades) {
        trade.net += normal(random);
    }
    for (std::size_t i = 0; i < evidence.days.size(); ++i) {
        evidence.days[i].pnl = 0;
    }
    for (const auto& trade : evidence.trades) {
        evidence.days[static_cast<std::size_t>(dayOf(trade.closed) - firstDay)].pnl += trade.net;
    }
}

const Proposal* find(const Review& review, const std::string& strategy)
{
    const auto found =
        std::ranges::find(review.proposals, strategy, [](const Proposal& p) { return p.subject.strategy; });
    return found == review.proposals.end() ? nullptr : &*found;
}

// Good enough for a candidate: two wins of three, a daily Sharpe of some 4.
Evidence promising(std::string strategy, std::uint64_t seed)
{
    auto evidence = steady(std::move(strategy), 40, {3, 3, -4.6});
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal(0, 7);
    for (auto& day : evidence.days) {
        day.pnl = 1.4 + normal(random);
    }
    return evidence;
}

} // namespace

class ReviewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLoserIsDisabledWhenTheWholeIntervalIsUnderZero();
    void disablingNeedsThirtyTradesStretchedUpToSixtyDays();
    void theSameNightGivesTheSameInterval();
    void reenablingWantsThirtyShadowTradesAndSevenDays();
    void tradesThatBeganBeforeTheFallDoNotSpeakForReenabling();
    void theThirdFallWithinSixtyDaysArchives();
    void fallsBeforeARevivalAreForgotten();
    void aCandidateWantsWinRateSharpeAndTrades();
    void aCandidateHasToBeOverItsBreakEvenRate();
    void atMostThreeCandidatesByTheLowerEndOfTheirSharpe();
    void tooGoodToBeTrueIsHeldUntilSignedOff();
    void theOldErrorNeverConvergedStayedForEver();
    void theClockStopsWithoutDataOrDuringAnExperiment();
    void earningWithoutRegimesIsHeldNotArchived();
    void aCandidateThatFallsGoesBackToPaper();
    void moreThanFivePercentGapAbstains();
    void anExperimentHoldsEverythingButHarm();
    void aThirdFallInAnExperimentSwitchesOffAndArchivesNothing();
    void anInstrumentIsJudgedByItsOwn();
    void theArchivedAreNotJudged();
    void itListsChangesOnly();
    void applyingRecomputesAndStopsWhenTheVerdictChanged();
    void automaticChangesAtMostThreeHarmFirst();
    void whatTheOperatorSetByHandIsNotChangedAutomatically();
    void aSecondRiseWithinNinetyDaysIsTheOperators();
    void lookingBackSaysWithAndWithout();
    void theRecordCountsWhatHappenedAfterPastDecisions();
    void theReasonQuotesFiguresWithIntervalAndN();
    void theDecisionCarriesEvidenceAndUndo();
};

void ReviewTest::aLoserIsDisabledWhenTheWholeIntervalIsUnderZero()
{
    auto loser = provenThen("loser", -1);
    makeNoisy(loser, 1);
    const auto judged = judgeDisable(loser, at(50), policies().review);
    QVERIFY(judged.holds);
    QVERIFY(judged.figures[0].interval->upper < 0);
    QCOMPARE(judged.figures[0].n, std::uint64_t{30}); // 10 days of 3: seven days hold 21, so it stretches to ten
    QVERIFY(!judgeDisable(provenThen("even", 0), at(50), policies().review).holds); // its upper end is zero, not under
    auto mixed = noisy("mixed", 50, 5, -0.05, 4, 3);
    QVERIFY(!judgeDisable(mixed, at(50), policies().review).holds); // losing, but the interval reaches over zero
    // The limit's confidence is the policy's: at 50% the interval is narrower.
    QVERIFY(judgeDisable(mixed, at(50), policies({{"prune.confidence", 0.5}}).review).figures[0].interval->upper <
            judgeDisable(mixed, at(50), policies().review).figures[0].interval->upper);
}

void ReviewTest::disablingNeedsThirtyTradesStretchedUpToSixtyDays()
{
    const auto judge = [](std::size_t trades, double spacing) {
        Evidence evidence{.subject = {"x", {}},
                          .parameterHash = "h1",
                          .capital = 1'000,
                          .trades = {},
                          .firstDay = firstDay,
                          .days = {}};
        for (std::size_t i = 0; i < trades; ++i) {
            evidence.trades.push_back(
                tradeAt(200 - spacing * static_cast<double>(trades - i), -1 - 0.01 * static_cast<double>(i)));
        }
        return judgeDisable(evidence, at(200), policies().review);
    };
    QVERIFY(judge(30, 1.9).holds);   // 57 days
    QVERIFY(judge(30, 2.0).holds);   // the oldest is 60 days old, at the edge
    QVERIFY(!judge(30, 2.01).holds); // 29 within 60 days
    QVERIFY(!judge(29, 0.1).holds);
    QCOMPARE(*judge(29, 0.1).figures[0].value, 29.0);
}

void ReviewTest::theSameNightGivesTheSameInterval()
{
    const auto evidence = noisy("x", 50, 3, -0.3, 4, 3);
    const auto a = judgeDisable(evidence, at(49.2), policies().review).figures[0].interval.value();
    QCOMPARE(judgeDisable(evidence, at(49.2), policies().review).figures[0].interval.value(), a);
    auto other = evidence;
    other.subject.strategy = "y";
    QVERIFY(judgeDisable(other, at(49.2), policies().review).figures[0].interval.value() != a);
}

void ReviewTest::reenablingWantsThirtyShadowTradesAndSevenDays()
{
    const auto review = [](std::size_t days, double net, double now) {
        auto input = inputOf({provenThen("x", net, days, true)}, now);
        input.roster[0].whole = {false, Actor::Policy, at(40)};
        return reviewOf(input, policies());
    };
    QVERIFY(find(review(10, 1, 50), "x")->rule == Rule::Reenable); // 30 trades
    QVERIFY(find(review(10, 1, 49.7), "x") == nullptr);            // 29
    QVERIFY(find(review(10, -1, 50), "x") == nullptr);
    QVERIFY(find(review(10, 0, 50), "x") == nullptr); // the lower end is zero, not over
    // Thirty trades in six days: held until the seventh is over.
    auto fast = provenThen("x", 1, 10, true);
    for (std::size_t i = 0; i < 40; ++i) {
        fast.trades.insert(fast.trades.end() - 20, tradeAt(43.4, 1, true));
    }
    std::ranges::sort(fast.trades, {}, &TradeResult::closed);
    auto input = inputOf({fast}, 46.99);
    input.roster[0].whole = {false, Actor::Policy, at(40)};
    const auto early = reviewOf(input, policies());
    QVERIFY(early.proposals.empty());
    QCOMPARE(early.held.at(0).why, Hold::TooSoon);
    input.now = at(47);
    QCOMPARE(find(reviewOf(input, policies()), "x")->rule, Rule::Reenable);
}

void ReviewTest::tradesThatBeganBeforeTheFallDoNotSpeakForReenabling()
{
    const auto evidence = provenThen("x", 1, 20, false); // all of them counted in the roster
    QVERIFY(!judgeReenable(evidence, at(40), at(60), policies().review).holds);
    QVERIFY(judgeReenable(provenThen("x", 1, 20, true), at(40), at(60), policies().review).holds);
}

void ReviewTest::theThirdFallWithinSixtyDaysArchives()
{
    const Subject x{"x", {}};
    auto input = inputOf({provenThen("x", -1, 60)}, 100);
    const auto rule = [&] { return find(reviewOf(input, policies()), "x")->rule; };
    input.past = {{1, at(60), Rule::Disable, x}};
    QCOMPARE(rule(), Rule::Disable);
    input.past = {{1, at(40), Rule::Disable, x}, {2, at(60), Rule::Disable, x}}; // 60 days ago, at the edge
    QCOMPARE(rule(), Rule::ThirdFall);
    QCOMPARE(find(reviewOf(input, policies()), "x")->changes,
             (std::vector<Change>{{ChangeKind::Stage, "x", "paper", "archived"}}));
    input.past[0].at = at(40) - Millis{1};
    QCOMPARE(rule(), Rule::Disable);
    input.past[0].at = at(40);
    input.past[1].isUndone = true;
    QCOMPARE(rule(), Rule::Disable);
    input.past[1] = {2, at(60), Rule::Reenable, x};
    QCOMPARE(rule(), Rule::Disable);
    input.past[1] = {2, at(60), Rule::Disable, {"y", {}}};
    QCOMPARE(rule(), Rule::Disable);
}

void ReviewTest::fallsBeforeARevivalAreForgotten()
{
    auto input = inputOf({provenThen("x", -1, 60)}, 100);
    input.past = {{1, at(50), Rule::Disable, {"x", {}}}, {2, at(60), Rule::Disable, {"x", {}}}};
    input.roster[0].recordSince = at(55);
    QCOMPARE(find(reviewOf(input, policies()), "x")->rule, Rule::Disable);
}

void ReviewTest::aCandidateWantsWinRateSharpeAndTrades()
{
    const auto good = promising("x", 3);
    QVERIFY(judgeCandidate(good, at(40), policies()).holds);
    const auto judged = [&](const char* name, double value) {
        return judgeCandidate(good, at(40), policies({{name, value}})).holds;
    };
    const double winRate = 2.0 / 3.0;
    QVERIFY(judged("librarian.min_win_rate", winRate) && !judged("librarian.min_win_rate", winRate + 1e-9));
    const double sharpe = *evaluate(good, 30, policies().figures, at(40)).sharpe.daily().annual;
    QVERIFY(judged("librarian.min_sharpe", sharpe) && !judged("librarian.min_sharpe", sharpe + 1e-9));
    QVERIFY(judged("librarian.min_trades", 90) && !judged("librarian.min_trades", 91));
    auto young = good;
    young.days.erase(young.days.begin(), young.days.begin() + 11); // 29 complete days
    young.firstDay += 11;
    QVERIFY(!judgeCandidate(young, at(40), policies()).holds);
    // Also where the rule asks for no more days, for what is known then is a provisional ratio.
    const auto early = policies({{"evidence.window_days", 29}});
    QVERIFY(evaluate(young, 29, early.figures, at(40)).sharpe.isProvisional);
    QVERIFY(!judgeCandidate(young, at(40), early).holds && judgeCandidate(young, at(40), early).rank == 0);
    QVERIFY(judgeCandidate(young, at(40), policies({{"evidence.window_days", 29}, {"sharpe.min_days", 29}})).holds);
}

void ReviewTest::aCandidateHasToBeOverItsBreakEvenRate()
{
    auto evidence = promising("x", 3);
    for (auto& trade : evidence.trades) {
        trade.net = trade.net < 0 ? -6 : 3; // break-even at 6 / 9, its win rate exactly
    }
    QVERIFY(!judgeCandidate(evidence, at(40), policies()).holds);
    for (auto& trade : evidence.trades) {
        trade.net = trade.net < 0 ? -5.99 : 3;
    }
    QVERIFY(judgeCandidate(evidence, at(40), policies()).holds);
}

void ReviewTest::atMostThreeCandidatesByTheLowerEndOfTheirSharpe()
{
    std::vector<Evidence> all;
    for (const char* strategy : {"a", "b", "c", "d", "e"}) {
        all.push_back(promising(strategy, 3));
        for (auto& day : all.back().days) {
            day.pnl += 0.01 * static_cast<double>(all.size()); // e is best, a last
        }
    }
    auto input = inputOf(all);
    const auto names = [&] {
        std::string out;
        for (const auto& proposal : reviewOf(input, policies()).proposals) {
            out += proposal.rule == Rule::Candidate ? proposal.subject.strategy : "?";
        }
        return out;
    };
    QCOMPARE(names(), std::string("edc"));
    input.roster[2].stage = Stage::Candidate; // c is one already
    QCOMPARE(names(), std::string("ed"));
    QCOMPARE(std::ranges::count(reviewOf(input, policies()).held, Hold::NoPlace, &Held::why), 2);
    input.roster[4].whole = {false, Actor::Policy, at(38)}; // what is off is none
    QCOMPARE(names(), std::string("db"));
}

void ReviewTest::tooGoodToBeTrueIsHeldUntilSignedOff()
{
    auto wonder = promising("x", 3);
    for (auto& day : wonder.days) {
        day.pnl += 4;
    }
    auto input = inputOf({wonder});
    const auto held = reviewOf(input, policies());
    QVERIFY(held.proposals.empty());
    QCOMPARE(held.held.at(0).why, Hold::TooGood);
    input.signOffs["h1"] = {true, true, false};
    QVERIFY(reviewOf(input, policies()).proposals.empty());
    input.signOffs["h1"] = {true, true, true};
    QCOMPARE(reviewOf(input, policies()).proposals.at(0).rule, Rule::Candidate);
    input.signOffs = {{"another hash", {true, true, true}}};
    QVERIFY(reviewOf(input, policies()).proposals.empty());
}

void ReviewTest::theOldErrorNeverConvergedStayedForEver()
{
    // Neither good nor bad enough for any other rule, for ever.
    const auto idle = [](std::size_t days) { return steady("idle", days, {4, -4, 0.1, -0.1}); };
    QVERIFY(reviewOf(inputOf({idle(29)}, 29), policies()).proposals.empty());
    const auto review = reviewOf(inputOf({idle(30)}, 30), policies());
    QCOMPARE(review.proposals.at(0).rule, Rule::NotConverged);
    QCOMPARE(review.proposals.at(0).changes, (std::vector<Change>{{ChangeKind::Stage, "idle", "paper", "archived"}}));
    QCOMPARE(review.proposals.at(0).figures[0].value.value(), 30.0);
    // One that is off is archived like the others, and one that converged stays.
    auto off = inputOf({idle(30)}, 30);
    off.roster[0].whole = {false, Actor::Policy, at(20)};
    QCOMPARE(reviewOf(off, policies()).proposals.at(0).rule, Rule::NotConverged);
    QVERIFY(reviewOf(inputOf({steady("good", 60, {1, 1, -0.5})}, 60), policies()).proposals.empty());
    // It does no harm, so no night carries it out without asking: that is the week's.
    const auto byItself = policies({{"review.auto_apply", 1}});
    QVERIFY(automatic(review, byItself.review).empty());
    QCOMPARE(automaticArchive(review, byItself.review).size(), std::size_t{1});
    QVERIFY(automaticArchive(review, policies().review).empty());
    // Both are of one night: whom harm takes a place from waits for the next week.
    const auto two = reviewOf(inputOf({provenThen("bad", -1), steady("idle", 50, {4, -4, 0.1, -0.1})}, 50), policies());
    QCOMPARE(two.proposals.size(), std::size_t{2});
    const auto archived = [&](double most) {
        const auto rule = policies({{"review.auto_apply", 1}, {"review.max_changes", most}}).review;
        return automatic(two, rule).size() * 10 + automaticArchive(two, rule).size();
    };
    QCOMPARE(archived(1), std::size_t{10});
    QCOMPARE(archived(2), std::size_t{11});
}

void ReviewTest::theClockStopsWithoutDataOrDuringAnExperiment()
{
    for (const auto use :
         {DayUse::NoData, DayUse::Experiment, DayUse::Sensitivity, DayUse::NoModel, DayUse::NoRegimes}) {
        auto evidence = steady("idle", 32, {4, -4, 0.1, -0.1});
        evidence.days[3].use = evidence.days[4].use = use;
        QVERIFY(!reviewOf(inputOf({evidence}, 32), policies()).proposals.empty());
        evidence.days[5].use = use;
        QVERIFY(reviewOf(inputOf({evidence}, 32), policies()).proposals.empty());
    }
}

void ReviewTest::earningWithoutRegimesIsHeldNotArchived()
{
    auto evidence = steady("x", 40, {1, 1, -0.5});
    for (auto& trade : evidence.trades) {
        trade.regime = RegimeMark{};
    }
    const auto review = reviewOf(inputOf({evidence}), policies());
    QVERIFY(review.proposals.empty());
    QCOMPARE(review.held.at(0).why, Hold::Regimes);
}

void ReviewTest::aCandidateThatFallsGoesBackToPaper()
{
    for (const auto stage : {Stage::Candidate, Stage::Ready}) {
        auto input = inputOf({provenThen("x", -1)}, 50);
        input.roster[0].stage = stage;
        const auto proposal = *find(reviewOf(input, policies()), "x");
        const auto after = changed(input.roster, proposal.changes, Actor::Policy, input.now).value();
        QVERIFY(!isOn(after[0]) && after[0].stage == Stage::Paper && after[0].whole.by == Actor::Policy);
    }
}

void ReviewTest::moreThanFivePercentGapAbstains()
{
    auto input = inputOf({provenThen("x", -1)}, 50);
    input.gapShare = 0.05;
    QVERIFY(!reviewOf(input, policies()).abstains && find(reviewOf(input, policies()), "x") != nullptr);
    input.gapShare = 0.0501;
    const auto review = reviewOf(input, policies());
    QVERIFY(review.abstains && review.proposals.empty() && review.held.empty());
}

void ReviewTest::anExperimentHoldsEverythingButHarm()
{
    auto input = inputOf({promising("y", 3), provenThen("off", 1, 60, true), provenThen("x", -1, 60)}, 100);
    input.evidence[0].firstDay += 60; // its newest days are the window's
    for (auto& trade : input.evidence[0].trades) {
        trade.opened = trade.opened + oneDay * 60;
        trade.closed = trade.closed + oneDay * 60;
    }
    input.roster[1].whole = {false, Actor::Policy, at(40)};
    QCOMPARE(reviewOf(input, policies()).proposals.size(), std::size_t{3});
    input.inExperiment = {"x", "y", "off"};
    const auto review = reviewOf(input, policies());
    QCOMPARE(review.held.size(), std::size_t{2});
    for (const auto& held : review.held) {
        QCOMPARE(held.why, Hold::Experiment);
        QVERIFY(!held.figures.empty());
    }
    QCOMPARE(review.proposals.size(), std::size_t{1});
    QCOMPARE(review.proposals[0].rule, Rule::Disable);
    QCOMPARE(review.proposals[0].subject.strategy, std::string("x"));
    QCOMPARE(automatic(review, policies({{"review.auto_apply", 1}}).review).size(), std::size_t{1});
}

void ReviewTest::aThirdFallInAnExperimentSwitchesOffAndArchivesNothing()
{
    auto input = inputOf({provenThen("x", -1, 60)}, 100);
    input.past = {{1, at(60), Rule::Disable, {"x", {}}}, {2, at(80), Rule::Disable, {"x", {}}}};
    QCOMPARE(reviewOf(input, policies()).proposals.at(0).rule, Rule::ThirdFall);
    input.inExperiment = {"x"}; // archived, its arms would end
    const auto review = reviewOf(input, policies());
    QCOMPARE(review.proposals.size(), std::size_t{1});
    QCOMPARE(review.proposals[0].rule, Rule::Disable);
}

void ReviewTest::anInstrumentIsJudgedByItsOwn()
{
    auto part = provenThen("x", -1);
    part.subject.instrument = btc;
    auto input = inputOf({steady("x", 50, {1, 1, 1}), part}, 50);
    auto review = reviewOf(input, policies());
    QCOMPARE(review.proposals.size(), std::size_t{1});
    QCOMPARE(review.proposals[0].changes, (std::vector<Change>{{ChangeKind::Switch, "x@1", "on", "off"}}));
    // The strategy as a whole comes first: its instruments need no row of their own.
    input.evidence[0] = provenThen("x", -1);
    review = reviewOf(input, policies());
    QCOMPARE(review.proposals.size(), std::size_t{1});
    QVERIFY(!review.proposals[0].subject.instrument);
    // An instrument that fell three times stays off until the first fall is forgotten.
    auto shadow = provenThen("x", 1, 60, true);
    shadow.subject.instrument = btc;
    input = inputOf({steady("x", 100, {1, 1, 1}), shadow}, 100);
    input.roster[0].instruments[btc] = {false, Actor::Policy, at(60)};
    input.past = {{1, at(41), Rule::Disable, shadow.subject},
                  {2, at(50), Rule::Disable, shadow.subject},
                  {3, at(60), Rule::Disable, shadow.subject}};
    review = reviewOf(input, policies());
    QVERIFY(review.proposals.empty());
    QCOMPARE(review.held.at(0).why, Hold::TooManyFalls);
    input.now = at(101.1);
    QCOMPARE(reviewOf(input, policies()).proposals.at(0).rule, Rule::Reenable);
}

void ReviewTest::theArchivedAreNotJudged()
{
    auto input = inputOf({provenThen("x", -1)}, 50);
    input.roster[0].stage = Stage::Archived;
    QVERIFY(reviewOf(input, policies()).proposals.empty());
    input.roster[0].stage = Stage::Paper;
    input.roster[0].parameterHash = "h2"; // evidence of other parameters is none
    QVERIFY(reviewOf(input, policies()).proposals.empty());
}

void ReviewTest::itListsChangesOnly()
{
    QVERIFY(reviewOf(inputOf({steady("fine", 40, {1, 1, -0.5})}), policies()).proposals.empty());
    auto off = inputOf({provenThen("x", -1, 20, true)}, 60); // off, and rightly so
    off.roster[0].whole = {false, Actor::Policy, at(40)};
    QVERIFY(reviewOf(off, policies()).proposals.empty());
}

void ReviewTest::applyingRecomputesAndStopsWhenTheVerdictChanged()
{
    auto input = inputOf({provenThen("x", -1)}, 50);
    const auto proposal = *find(reviewOf(input, policies()), "x");
    QCOMPARE(recomputed(proposal, input, policies()).value().changes, proposal.changes);
    auto better = input;
    for (int i = 0; i < 100; ++i) {
        better.evidence[0].trades.push_back(tradeAt(50, 5));
    }
    better.now = at(50.5);
    QCOMPARE(recomputed(proposal, better, policies()).error().code, ErrorCode::Conflict);
    auto switchedOff = input;
    switchedOff.roster[0].whole.isOn = false; // somebody was quicker
    QCOMPARE(recomputed(proposal, switchedOff, policies()).error().code, ErrorCode::Conflict);
    auto promoted = input;
    promoted.roster[0].stage = Stage::Candidate; // the change would be another one
    QCOMPARE(recomputed(proposal, promoted, policies()).error().code, ErrorCode::Conflict);
    auto blind = input;
    blind.gapShare = 0.2;
    QCOMPARE(recomputed(proposal, blind, policies()).error().code, ErrorCode::Conflict);
}

void ReviewTest::automaticChangesAtMostThreeHarmFirst()
{
    std::vector<Evidence> all{promising("good", 3)};
    for (const char* strategy : {"a", "b", "c"}) {
        all.push_back(provenThen(strategy, -1));
    }
    for (auto& evidence : all) { // the same forty days for all
        std::erase_if(evidence.trades, [](const TradeResult& trade) { return trade.closed >= at(50); });
    }
    auto shifted = all[0];
    for (auto& trade : shifted.trades) {
        trade.opened = trade.opened + 10 * oneDay;
        trade.closed = trade.closed + 10 * oneDay;
    }
    shifted.firstDay += 10;
    all[0] = shifted;
    const auto review = reviewOf(inputOf(all, 50), policies());
    QCOMPARE(review.proposals.size(), std::size_t{4});
    QVERIFY(automatic(review, policies().review).empty()); // off by default
    const auto chosen = automatic(review, policies({{"review.auto_apply", 1}}).review);
    QCOMPARE(chosen.size(), std::size_t{3});
    QVERIFY(std::ranges::all_of(chosen, [](const Proposal& p) { return p.rule == Rule::Disable; }));
    QCOMPARE(automatic(review, policies({{"review.auto_apply", 1}, {"review.max_changes", 4}}).review).back().rule,
             Rule::Candidate);
}

void ReviewTest::whatTheOperatorSetByHandIsNotChangedAutomatically()
{
    const auto rule = policies({{"review.auto_apply", 1}});
    auto input = inputOf({provenThen("x", -1)}, 50);
    input.roster[0].whole = {true, Actor::Operator, at(43) + Millis{1}};
    auto review = reviewOf(input, rule);
    QVERIFY(review.proposals.at(0).onlyByHand == OnlyByHand::ReversesOperator &&
            automatic(review, rule.review).empty());
    input.roster[0].whole.since = at(43); // a week ago
    QCOMPARE(automatic(reviewOf(input, rule), rule.review).size(), std::size_t{1});
    auto off = inputOf({provenThen("x", 1, 60, true)}, 100);
    off.roster[0].whole = {false, Actor::Operator, at(40)}; // switched off by hand: proposed, not done
    review = reviewOf(off, rule);
    QCOMPARE(review.proposals.at(0).rule, Rule::Reenable);
    QVERIFY(automatic(review, rule.review).empty());
}

void ReviewTest::aSecondRiseWithinNinetyDaysIsTheOperators()
{
    const auto rule = policies({{"review.auto_apply", 1}});
    auto input = inputOf({provenThen("x", 1, 60, true)}, 100);
    input.roster[0].whole = {false, Actor::Policy, at(40)};
    input.past = {{1, at(10) + Millis{1}, Rule::Reenable, {"x", {}}}};
    const auto review = reviewOf(input, rule);
    QCOMPARE(review.proposals.at(0).rule, Rule::Reenable);
    QVERIFY(review.proposals.at(0).onlyByHand == OnlyByHand::TakenBackAlready);
    QVERIFY(automatic(review, rule.review).empty());
    const auto changes = [&] { return automatic(reviewOf(input, rule), rule.review).size(); };
    input.past[0].at = at(10); // ninety days ago
    QCOMPARE(changes(), std::size_t{1});
    input.past[0].at = at(39);
    input.roster[0].recordSince = at(39); // revived since: its record is a new one
    QCOMPARE(changes(), std::size_t{1});
    input.roster[0].recordSince = at(39) - Millis{1};
    QCOMPARE(changes(), std::size_t{0});
    input.roster[0].recordSince = {};
    input.past[0] = {1, at(39), Rule::Reenable, {"x", {}}, true}; // undone
    QCOMPARE(changes(), std::size_t{1});
    input.past[0] = {1, at(39), Rule::Reenable, {"y", {}}};
    QCOMPARE(changes(), std::size_t{1});
    input.past[0] = {1, at(39), Rule::Disable, {"x", {}}};
    QCOMPARE(changes(), std::size_t{1});
}

void ReviewTest::lookingBackSaysWithAndWithout()
{
    auto loser = provenThen("x", -1);
    for (std::size_t i = 40; i < 50; ++i) {
        loser.days[i].pnl = -3;
    }
    auto input = inputOf({loser, steady("fine", 50, {1, 1, 1}), steady("off", 50, {9, 9, 9})}, 50);
    input.roster[2].whole = {false, Actor::Policy, at(49)};
    const auto back = find(reviewOf(input, policies()), "x")->lookingBack.value();
    QCOMPARE(back.days, std::size_t{30});
    QCOMPARE(back.without.net, 30 * 3 + 20 * 3 - 10 * 3.0); // as it is tonight
    QCOMPARE(back.with.net, 90.0);
    QCOMPARE(back.with.drawdown.value(), 0.0);
    QVERIFY(back.without.sharpe.has_value());
    // One instrument alone.
    auto part = loser;
    part.subject.instrument = btc;
    input.evidence.push_back(part);
    const auto one = lookingBack(input, {"fine", btc}, false, policies().review);
    QCOMPARE(one.with.net, one.without.net); // no evidence of it: nothing changes
    const auto own = lookingBack(input, {"x", btc}, false, policies().review);
    QCOMPARE(own.without.net, back.without.net);
    QCOMPARE(own.with.net, 90.0);
}

void ReviewTest::theRecordCountsWhatHappenedAfterPastDecisions()
{
    auto evidence = provenThen("x", -1, 60);
    auto input = inputOf({evidence}, 100);
    const Subject x{"x", {}};
    const Subject gone{"gone", {}};
    input.past = {{1, at(50), Rule::Disable, x},
                  {2, at(20), Rule::Disable, x},
                  {3, at(95), Rule::Disable, x},
                  {4, at(30), Rule::Disable, gone},
                  {5, at(40), Rule::Disable, x, true}};
    const auto record = recordAfter(Rule::Disable, input, policies().review);
    QCOMPARE(record.soon.decisions, std::size_t{2}); // the third is too young, the fifth undone
    QCOMPARE(record.soon.withoutTrades, std::size_t{1});
    QCOMPARE(record.soon.right, std::size_t{1});
    QCOMPARE(record.soon.meanNet.value(), 0.0); // 21 lost after the one, 21 earned after the other
    QCOMPARE(record.later.decisions, std::size_t{2});
    QCOMPARE(record.later.meanNet.value(), (-90.0 + 60.0 - 30.0) / 2);
    QCOMPARE(recordAfter(Rule::Candidate, input, policies().review).soon.decisions, std::size_t{0});
    input.past = {{1, at(41), Rule::Disable, x}, {2, at(50), Rule::Disable, x}, {3, at(10), Rule::Disable, x}};
    QCOMPARE(recordAfter(Rule::Disable, input, policies().review).soon.right, std::size_t{2}); // it lost after two
    input.past = {{1, at(93), Rule::Reenable, x}};
    QCOMPARE(recordAfter(Rule::Reenable, input, policies().review).soon.right, std::size_t{0}); // it lost
    QCOMPARE(recordAfter(Rule::Reenable, input, policies().review).soon.decisions,
             std::size_t{1}); // seven days, at the edge
}

void ReviewTest::theReasonQuotesFiguresWithIntervalAndN()
{
    auto loser = provenThen("x", -1);
    makeNoisy(loser, 1);
    const auto reason = reasonText(*find(reviewOf(inputOf({loser}, 50), policies()), "x"));
    QVERIFY(reason.starts_with("Disable: the whole interval of expectancy lies under zero. expectancy after costs -"));
    for (const char* part :
         {" USDT a trade (80.0% interval -", ", n = 30 trades; limit 0.00 USDT a trade)", "window 10 days",
          "looking back, always flattering, the roster's net of its newest 30 days: ", " USDT with this change, ",
          " USDT without;", "7 days after: no past decision"}) {
        QVERIFY2(reason.contains(part), reason.c_str());
    }
}

void ReviewTest::theDecisionCarriesEvidenceAndUndo()
{
    auto input = inputOf({provenThen("x", -1)}, 50);
    const auto proposal = *find(reviewOf(input, policies()), "x");
    const auto decision = decisionOf(proposal, Actor::Policy, "auto-apply", at(50));
    QCOMPARE(decision.what, std::string("disable x"));
    QCOMPARE(decision.evidence, reasonText(proposal));
    const auto after = changed(input.roster, decision.changes, decision.by, decision.time).value();
    const auto undo =
        undoing(decision, {}, [&](const Change& c) { return valueInForce(after, c); }, at(51), "").value();
    QVERIFY(isOn(changed(after, undo.changes, undo.by, undo.time).value()[0]));
}

QTEST_APPLESS_MAIN(ReviewTest)
#include "review_test.moc"
