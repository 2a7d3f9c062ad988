// What a row of the journal is about, from every text that the engines write.
#include "governance/decision_kind.h"

#include <QTest>

#include <set>

using namespace qd::governance;

class DecisionKindTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatItSaysOfItselfComesBeforeWhatItChanged()
    {
        const auto kind = [](std::string what, std::vector<Change> changes = {}) {
            return kindOf({.changes = std::move(changes), .what = std::move(what)});
        };
        const Change on{ChangeKind::Switch, "breakout", "off", "on"};
        const Change stage{ChangeKind::Stage, "breakout", "paper", "candidate"};
        const Change record{ChangeKind::Record, "breakout", "a 0", "b 1"};
        QCOMPARE(kind("enabled breakout", {on}), DecisionKind::Switch);
        QCOMPARE(kind("stage of breakout: paper to candidate", {stage}), DecisionKind::Stage);
        QCOMPARE(kind("stage of breakout: archived to paper", {record, stage}), DecisionKind::Stage);
        QCOMPARE(kind("parameters of breakout: stop_atr=2", {record, stage}), DecisionKind::Parameters);
        QCOMPARE(kind("undo of decision 4: parameters of breakout", {record}), DecisionKind::Parameters);
        QCOMPARE(kind("policy", {{ChangeKind::Policy, "prune.min_trades", "30", "40"}}), DecisionKind::Policy);
        QCOMPARE(kind("x", {{ChangeKind::ModelStage, "gbt_5m 3", "shadow", "champion"}}), DecisionKind::Model);
        QCOMPARE(kind("experiment 4 on breakout ends: B promoted", {record}), DecisionKind::Experiment);
        QCOMPARE(kind("experiment 4 begins on breakout: parameters, paired"), DecisionKind::Experiment);
        QCOMPARE(kind("signed off: noise-null of breakout, parameters ab"), DecisionKind::SignOff);
        QCOMPARE(kind("dismissed: disable breakout: breakout: on to off"), DecisionKind::Dismissal);
        QCOMPARE(kind("closed breakout on BTC-USDT: by hand, at the next quote"), DecisionKind::Position);
        QCOMPARE(kind("instruments: added SOL-USDT"), DecisionKind::Instruments);
        QCOMPARE(kind("calibrated execution: 3 figures of BTC-USDT"), DecisionKind::Execution);
        QCOMPARE(kind("note: experiment 4 on breakout looks odd"), DecisionKind::Note); // whatever it speaks of
        QCOMPARE(kind("something of a later version"), DecisionKind::Other);
    }

    void eachHasAWordOfItsOwn()
    {
        std::set<std::string_view> words;
        for (int i = 0; i <= static_cast<int>(lastDecisionKind); ++i) {
            words.insert(name(static_cast<DecisionKind>(i)));
        }
        QCOMPARE(words.size(), static_cast<std::size_t>(lastDecisionKind) + 1);
        QVERIFY(!words.contains(""));
    }
};

QTEST_APPLESS_MAIN(DecisionKindTest)
#include "decision_kind_test.moc"
