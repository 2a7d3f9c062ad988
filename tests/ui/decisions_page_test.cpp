// The operator's decisions through the window, on a console whose governor is the test's: from the click to pending,
// to committed, to taken back.
#include "testkit/cut_words.h"
#include "testkit/fake_governance.h"
#include "testkit/strict_log.h"
#include "ui/decision_words.h"
#include "ui/experiments/experiment_actions.h"
#include "ui/experiments/experiment_models.h"
#include "ui/experiments/experiments_page.h"
#include "ui/experiments/new_experiment_dialog.h"
#include "ui/journal/journal_detail.h"
#include "ui/journal/journal_model.h"
#include "ui/journal/journal_page.h"
#include "ui/main_window.h"
#include "ui/navigation_rail.h"
#include "ui/overview/attention_list.h"
#include "ui/overview/checklist_card.h"
#include "ui/overview/overview_page.h"
#include "ui/overview/road_card.h"
#include "ui/settings/manifest_key_card.h"
#include "ui/settings/policy_card.h"
#include "ui/settings/policy_save_dialog.h"
#include "ui/settings/settings_page.h"
#include "ui/strategies/detail_pane.h"
#include "ui/strategies/gates_tab.h"
#include "ui/strategies/parameter_form.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/review_dialog.h"
#include "ui/strategies/stage_actions.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/paint.h"
#include "ui/widgets/toast.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

class Bench {
public:
    explicit Bench(const QString& page = {}, std::size_t decisions = 14, QSize size = {1600, 1000})
        : now(base::SystemClock().now())
    {
        testkit::fill(console, now);
        governor = std::make_unique<testkit::FakeGovernor>(console, now, decisions);
        window = std::make_unique<MainWindow>(console, UiOptions{.page = page, .size = size});
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get())) {
            qFatal("no window on this display");
        }
        window->activateWindow();
        if (!QTest::qWaitForWindowActive(window.get())) {
            qFatal("no focus on this display");
        }
        settle();
    }
    /// An answer may lead to a question, and that to another.
    void settle()
    {
        for (int i = 0; i < 5; ++i) {
            window->pump().pump();
            QCoreApplication::sendPostedEvents();
        }
    }
    void carryOut()
    {
        governor->carryOut();
        settle();
    }
    void give(const char* reason)
    {
        auto* dialog = visible<ReasonDialog>();
        QVERIFY(dialog != nullptr);
        QTest::keyClicks(dialog->findChild<QLineEdit*>(), text(reason));
        QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    template <typename Dialog>
    [[nodiscard]] Dialog* visible() const
    {
        for (auto* dialog : window->findChildren<Dialog*>()) {
            if (dialog->isVisible()) {
                return dialog;
            }
        }
        return nullptr;
    }
    template <typename Kind>
    [[nodiscard]] int sent() const
    {
        return static_cast<int>(std::ranges::count_if(
            console.sent, [](const auto& one) { return std::holds_alternative<Kind>(one.second); }));
    }
    [[nodiscard]] QTableView* rosterView() const
    {
        for (auto* view : strategies().findChildren<QTableView*>()) {
            if (view->accessibleName() == text("Roster")) {
                return view;
            }
        }
        qFatal("no roster");
    }
    [[nodiscard]] StrategiesPage& strategies() const { return static_cast<StrategiesPage&>(window->page(2)); }
    [[nodiscard]] ExperimentsPage& experiments() const { return static_cast<ExperimentsPage&>(window->page(3)); }
    [[nodiscard]] JournalPage& journal() const { return static_cast<JournalPage&>(window->page(8)); }
    [[nodiscard]] PolicyCard& policy() const { return static_cast<SettingsPage&>(window->page(9)).policy(); }
    [[nodiscard]] OverviewPage& overview() const { return static_cast<OverviewPage&>(window->page(0)); }
    [[nodiscard]] const console::StrategyRow& row(const char* name) const
    {
        return *std::ranges::find(governor->paper.strategies, name, &console::StrategyRow::name);
    }
    [[nodiscard]] paint::SwitchState switchOf(const char* name) const
    {
        const auto& model = strategies().roster();
        const auto index = model.index(model.rowOf(text(name)), StrategiesModel::On);
        return static_cast<paint::SwitchState>(index.data(SwitchRole).toInt());
    }

    testkit::FakeConsole console;
    base::UtcMs now;
    std::unique_ptr<testkit::FakeGovernor> governor;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class DecisionsPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void aSwitchIsPendingThenCommittedThenTakenBack();
    void twoProposalsAreAppliedJournalledAndOneIsUndone();
    void appliedProposalsAreTakenBackFromTheToast();
    void aProposalOnOneInstrumentIsTakenBackAndNoOlderDecision();
    void whatChangedNothingOffersNoUndoOfWhatWasBefore();
    void proposalsAppliedInPartAreToldAsWhatTheyAre();
    void whatOfManyIsNotTakenBackIsCounted();
    void aProposalAgainstTheOperatorAsksWhy();
    void aDryRunShowsProposalsAndChangesNothing();
    void anUndoThatNoLongerFitsIsToldInWords();
    void theJournalPagesFiltersAndExports();
    void evidenceIsReadInShortLines();
    void inALowWindowTheJournalHidesNothingByHalf();
    void aNoteIsInTheJournal();

    void aPolicyOutOfRangeIsToldWithTheRangeAndNothingChanges();
    void aPolicyIsPendingThenInForceThenTakenBack();
    void severalValuesAreSavedTogether();
    void aRuleOfExperimentsIsSimulatedBeforeItIsSaved();
    void newDeadlocksAreNamed();

    void fiveItemsByKeyboardInTwelveKeys();
    void theFocusStaysWhereARowWas();
    void theRailCountsWhatWaits();
    void aLongTaskShowsItsProgressFromEveryPage();
    void theRoadNamesWhatIsMissing();

    void promotionIsPrimaryOnlyWhenItsGatesArePassed();
    void promotionAgainstRedAsksWhy();
    void anArchivedStrategyIsRevived();
    void thePalettePromotesArchivesAndRevives();
    void manyAreArchivedWithOneReason();
    void manyAreSwitchedByOneDecision();
    void whatTheJournalCannotTakeBackIsToldAndNothingOlderIsTakenBack();
    void entriesArePausedWithAReasonAndTakenAgain();
    void aTimeOfTheDayIsAClockTime();
    void aPositionIsClosedWithAReason();
    void theJournalSaysWhatKindEachIsAndFiltersByIt();
    void anInstrumentIsSwitchedByItself();
    void whatIsTooGoodIsSignedOff();
    void theNullOfWhatAsksAModelIsThatOfItsModel();
    void aManifestIsThreeFiles();
    void theManifestKeyIsShownCopiedAndSaved();

    void anExperimentIsCreatedAfterItsGateIsKnown();
    void theVerdictMakesTheButtonPrimary();
    void theDifferenceIsThatOfBOverA();
    void armsAreNoStrategies();

    void modelsKeepTheirPromises();
    void noWordIsCut_data();
    void noWordIsCut();
};

void DecisionsPageTest::aSwitchIsPendingThenCommittedThenTakenBack()
{
    Bench bench(text("Strategies"));
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::On);
    auto* view = bench.rosterView();
    const auto index = view->model()->index(bench.strategies().roster().rowOf(text("breakout")), StrategiesModel::On);
    view->scrollTo(index);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Pending);
    QVERIFY(bench.row("breakout").isEnabled); // nothing has changed yet
    bench.carryOut();
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Off);
    QVERIFY(bench.window->toast().text().contains(text("breakout switched off")));
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Pending);
    bench.settle(); // the journal is asked which decision it was
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    bench.carryOut();
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::On);
}

void DecisionsPageTest::twoProposalsAreAppliedJournalledAndOneIsUndone()
{
    Bench bench(text("Strategies"));
    const auto before = bench.governor->journal.size();
    auto& card = bench.strategies().review();
    QCOMPARE(card.title(), text("Review proposes 4 changes"));
    card.choose();
    bench.settle();
    auto* dialog = bench.visible<ReviewDialog>();
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->boxes(), 4);
    QTest::mouseClick(dialog->applyButton(41), Qt::LeftButton);
    QVERIFY(!dialog->applyButton(41)->isEnabled()); // pending
    QTest::mouseClick(dialog->applyButton(42), Qt::LeftButton);
    QCOMPARE(bench.sent<console::ApplyProposals>(), 2);
    bench.carryOut();
    QVERIFY(!bench.row("support_resistance").isEnabled);
    QVERIFY(!bench.row("reversal").isEnabled);
    QCOMPARE(card.title(), text("Review proposes 2 changes"));
    QVERIFY(!dialog->applyButton(41)->isVisible());
    dialog->reject();
    QCOMPARE(bench.governor->journal.size(), before + 2);

    bench.window->showPage(text("Journal"));
    bench.settle();
    auto& model = bench.journal().model();
    QCOMPARE(model.rowCount(), static_cast<int>(before) + 2);
    QCOMPARE(model.index(0, JournalModel::What).data().toString(), text("disable reversal"));
    QCOMPARE(model.index(1, JournalModel::What).data().toString(), text("disable support_resistance"));
    bench.journal().table()->selectRow(0);
    bench.journal().table()->view()->setFocus();
    QTest::keyClick(bench.journal().table()->view(), Qt::Key_U);
    bench.give("still learning");
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    QCOMPARE(model.index(0, JournalModel::Undone).data().toString(), text("pending"));
    bench.carryOut();
    QVERIFY(bench.row("reversal").isEnabled);
    QVERIFY(!bench.row("support_resistance").isEnabled);
    QTRY_COMPARE_WITH_TIMEOUT((bench.settle(), model.rowCount()), static_cast<int>(before) + 3, 10'000);
    QCOMPARE(model.index(1, JournalModel::Undone).data().toString(), text("taken back"));
}

void DecisionsPageTest::appliedProposalsAreTakenBackFromTheToast()
{
    Bench bench(text("Strategies"));
    bench.strategies().review().applyAll();
    bench.carryOut();
    QCOMPARE(bench.row("mtf_momentum_confirm").stage, governance::Stage::Candidate);
    QVERIFY(bench.row("rsi_divergence").isEnabled);
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle(); // the journal is asked which decisions these were
    QCOMPARE(bench.sent<console::UndoDecision>(), 4);
    bench.carryOut();
    QCOMPARE(bench.row("mtf_momentum_confirm").stage, governance::Stage::Paper);
    QVERIFY(!bench.row("rsi_divergence").isEnabled);
    QVERIFY(bench.row("support_resistance").isEnabled);
}

void DecisionsPageTest::aProposalOnOneInstrumentIsTakenBackAndNoOlderDecision()
{
    Bench bench(text("Strategies"));
    auto* view = bench.rosterView();
    const auto index = view->model()->index(bench.strategies().roster().rowOf(text("breakout")), StrategiesModel::On);
    view->scrollTo(index);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    bench.carryOut(); // the operator's own, on the whole strategy
    auto proposal = testkit::disable("breakout", -0.62, 688);
    proposal.subject.instrument = base::InstrumentId{7};
    proposal.changes.front().subject = "breakout@7";
    bench.governor->governance.proposals = {{77, proposal, console::ProposalState::Open, {}}};
    bench.governor->publish();
    bench.settle();
    bench.strategies().review().applyAll();
    bench.carryOut();
    QVERIFY(bench.window->toast().text().contains(text("Applied: breakout")));
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    const auto own = std::ranges::find_if(bench.governor->journal, [](const console::JournalRow& row) {
        return !row.decision.changes.empty() && row.decision.changes.front().subject == "breakout@7";
    });
    QVERIFY(own != bench.governor->journal.end());
    QCOMPARE(bench.console.newest<console::UndoDecision>()->decision, own->decision.id);
}

void DecisionsPageTest::whatChangedNothingOffersNoUndoOfWhatWasBefore()
{
    Bench bench(text("Strategies"));
    auto* view = bench.rosterView();
    const auto index = view->model()->index(bench.strategies().roster().rowOf(text("breakout")), StrategiesModel::On);
    view->scrollTo(index);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    bench.carryOut(); // an older decision on the same subject
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    QCOMPARE(bench.sent<console::SetStrategyEnabled>(), 2);
    QVERIFY(bench.console.answer<console::SetStrategyEnabled>()); // it was so already: the journal has no row of this
    bench.settle();
    auto& toast = bench.window->toast();
    QVERIFY2(toast.text().contains(text("Nothing was to be changed")), qPrintable(toast.text()));
    QVERIFY(!toast.button()->isVisible());
    QCOMPARE(bench.sent<console::UndoDecision>(), 0);
}

void DecisionsPageTest::proposalsAppliedInPartAreToldAsWhatTheyAre()
{
    Bench bench(text("Strategies"));
    const base::Error error{base::ErrorCode::Conflict, "proposals",
                            "1 of 4 were applied (reversal: on to off); not applied: support_resistance: it earns"};
    auto& toast = bench.window->toast();
    bench.strategies().review().applyAll();
    QVERIFY(bench.console.answer<console::ApplyProposals>(error)); // nothing of it
    bench.settle();
    QVERIFY(toast.text().startsWith(text("Not done")));
    const auto own = std::ranges::find_if(bench.governor->journal,
                                          [](const console::JournalRow& row) { return row.cannotUndo.empty(); });
    QVERIFY(own != bench.governor->journal.end());
    own->decision.by = governance::Actor::Operator;
    own->isUndone = false;
    bench.strategies().review().applyAll();
    QVERIFY(bench.console.answer<console::ApplyProposals>(error, {own->decision.id}));
    bench.settle();
    QVERIFY2(toast.text().startsWith(text("Done in part: 1 of 4 were applied")), qPrintable(toast.text()));
    QVERIFY(toast.text().contains(text("not applied: support_resistance: it earns")));
    QTest::mouseClick(toast.button(), Qt::LeftButton); // what was done can be taken back
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    QCOMPARE(bench.console.newest<console::UndoDecision>()->decision, own->decision.id);
}

void DecisionsPageTest::whatOfManyIsNotTakenBackIsCounted()
{
    Bench bench(text("Strategies"));
    bench.strategies().review().applyAll();
    bench.carryOut();
    bench.governor->journal.front().cannotUndo = "decision 99 changed it since";
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 3); // of four
    bench.carryOut();
    QVERIFY2(bench.window->toast().text().contains(text("not taken back: 1")),
             qPrintable(bench.window->toast().text()));
}

void DecisionsPageTest::aProposalAgainstTheOperatorAsksWhy()
{
    Bench bench(text("Strategies"));
    bench.governor->governance.proposals = {bench.governor->governance.proposals[2]};
    bench.governor->governance.proposals[0].proposal.onlyByHand = governance::OnlyByHand::ReversesOperator;
    bench.governor->publish();
    bench.settle();
    bench.strategies().review().applyAll();
    QCOMPARE(bench.sent<console::ApplyProposals>(), 0);
    bench.give("the figures are clear");
    QCOMPARE(bench.console.newest<console::ApplyProposals>()->reason, std::string("the figures are clear"));
}

void DecisionsPageTest::aDryRunShowsProposalsAndChangesNothing()
{
    Bench bench(text("Strategies"));
    QTest::mouseClick(bench.strategies().review().dryButton(), Qt::LeftButton);
    bench.settle();
    auto* dialog = bench.visible<ReviewDialog>();
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->headline().contains(text("Dry run")));
    QCOMPARE(dialog->boxes(), 4);
    QVERIFY(dialog->applyButton(0) == nullptr);
    QCOMPARE(bench.sent<console::ApplyProposals>() + bench.sent<console::ReviewNow>(), 0);
    dialog->reject();
    QTest::mouseClick(bench.strategies().review().nowButton(), Qt::LeftButton);
    QTest::mouseClick(bench.strategies().review().nowButton(), Qt::LeftButton); // it waits for the first
    QCOMPARE(bench.sent<console::ReviewNow>(), 1);
    bench.carryOut();
}

void DecisionsPageTest::anUndoThatNoLongerFitsIsToldInWords()
{
    Bench bench(text("Journal"));
    bench.journal().table()->selectRow(0);
    bench.journal().detail().undo();
    bench.give("a mistake");
    bench.governor->refusal =
        base::Error{base::ErrorCode::Conflict, "vwap_reversion", "decision 17 changed the same since: off to on"};
    bench.carryOut();
    QVERIFY(bench.journal().detail().told().contains(text("decision 17 changed the same since")));
    QVERIFY(bench.window->toast().text().contains(text("decision 17")));
    QVERIFY(bench.journal().detail().undoButton()->isEnabled());
}

void DecisionsPageTest::theJournalPagesFiltersAndExports()
{
    Bench bench(text("Journal"), 1'412);
    auto& model = bench.journal().model();
    QCOMPARE(model.rowCount(), 1'412);
    QVERIFY(model.at(0) != nullptr && model.at(1'411) == nullptr); // the last page is not here yet
    bench.journal().table()->view()->scrollToBottom();
    bench.settle();
    QVERIFY(model.at(1'411) != nullptr);
    QCOMPARE(model.at(1'411)->decision.id, 1);

    QTest::keyClicks(bench.journal().words(), text("SOL-usdt"));
    QTest::keyClick(bench.journal().words(), Qt::Key_Return);
    bench.settle();
    QCOMPARE(model.rowCount(), 202 - 1 + (1'412 % 7 >= 6 ? 1 : 0));
    const QTemporaryDir folder;
    const QString path = folder.filePath(text("journal.csv"));
    bench.journal().exportTo(path);
    bench.settle();
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto lines = file.readAll().split('\n');
    QCOMPARE(lines.size(), model.rowCount() + 2); // head, and the end of the last line
    QVERIFY(lines.first().startsWith("id,time,by,kind,what"));
    QVERIFY(lines[1].contains("Disabled breakout on SOL-USDT"));

    bench.journal().words()->clear();
    QTest::keyClick(bench.journal().words(), Qt::Key_Return);
    for (auto* button : bench.journal().findChildren<QAbstractButton*>()) {
        if (button->text() == text("Policy")) {
            button->click();
        }
    }
    bench.settle();
    QCOMPARE(model.filter().by, std::string("policy"));
    QCOMPARE(model.index(0, JournalModel::By).data().toString(), text("policy"));
}

void DecisionsPageTest::evidenceIsReadInShortLines()
{
    QCOMPARE(evidenceLines(text("PF 0.62, Sharpe -2.77, 1204 trades")), text("PF: 0.62\nSharpe: -2.77\n1204 trades"));
    QCOMPARE(evidenceLines(text("BTC-USDT buy 5.00 → 1.52 bps, n 122, CALIBRATED; "
                                "BTC-USDT sell 5.00 → 1.54 bps, n 31, PROVISIONAL")),
             text("BTC-USDT buy: 5.00 → 1.52 bps, 122 fills\nBTC-USDT sell: 5.00 → 1.54 bps, 31 fills, provisional"));
    const auto sentence = text("AUC 0.781 reaches the limit of 0.75, as made");
    QCOMPARE(evidenceLines(sentence), sentence);
    QCOMPARE(evidenceLines({}), QString());
}

void DecisionsPageTest::inALowWindowTheJournalHidesNothingByHalf()
{
    Bench bench(text("Journal"), 14, {1280, 800});
    auto* table = bench.journal().table();
    QTRY_VERIFY((bench.settle(), bench.journal().model().rowCount() > 0));
    table->selectRow(0);
    static_cast<void>(bench.window->render({1280, 800}));
    const auto* view = table->view();
    QCOMPARE(view->horizontalScrollBar()->maximum(), 0);
    for (int row = 0; row < table->proxy()->rowCount(); ++row) {
        const auto index = table->proxy()->index(row, JournalModel::What);
        QVERIFY2(view->itemDelegate()->sizeHint({}, index).width() <= view->columnWidth(JournalModel::What),
                 qPrintable(index.data().toString()));
    }
    auto& detail = bench.journal().detail();
    QVERIFY(!detail.evidence()->text().isEmpty());
    const auto* viewport = detail.findChild<QScrollArea*>()->viewport();
    const auto bottom = detail.evidence()->mapTo(viewport, QPoint(0, detail.evidence()->height())).y();
    QVERIFY2(bottom <= viewport->height(), qPrintable(QStringLiteral("%1 of %2").arg(bottom).arg(viewport->height())));
}

void DecisionsPageTest::aNoteIsInTheJournal()
{
    Bench bench(text("Journal"));
    bench.journal().addNote();
    bench.give("spread is wide tonight");
    bench.carryOut();
    QTRY_COMPARE_WITH_TIMEOUT((bench.settle(), bench.journal().model().rowCount()), 15, 10'000);
    QCOMPARE(bench.journal().model().at(0)->decision.what, std::string("note: spread is wide tonight"));
    QCOMPARE(bench.journal().model().index(0, JournalModel::Kind).data().toString(), text("Note"));
}

void DecisionsPageTest::aPolicyOutOfRangeIsToldWithTheRangeAndNothingChanges()
{
    Bench bench(text("Settings"));
    auto& card = bench.policy();
    QVERIFY(card.reveal(text("ready.max_drawdown")));
    for (const auto* typed : {"1.01", "0.0009", "-0.1", "much", "", "1e999", "nan"}) {
        card.editor()->setText(text(typed));
        QVERIFY2(card.told().contains(text("ready.max_drawdown takes 0.001 to 1 share of capital")),
                 qPrintable(card.told()));
        QVERIFY(!card.saveButton()->isEnabled());
        QVERIFY(card.edited().empty());
    }
    QTest::keyClick(card.editor(), Qt::Key_Return);
    QVERIFY(bench.visible<PolicySaveDialog>() == nullptr);
    for (const auto* typed : {"0.001", "1", "0,2"}) { // both ends are inside; a comma is a point
        card.editor()->setText(text(typed));
        QVERIFY2(card.saveButton()->isEnabled(), typed);
    }
    QCOMPARE(card.edited().at("ready.max_drawdown"), std::string("0.2"));
    QCOMPARE(bench.sent<console::SetPolicy>(), 0);
    QVERIFY(policyTrouble("health.watched_units", text("a;rm")).contains(text("health.watched_units")));
    QVERIFY(policyTrouble("health.watched_units", text("nginx.service, cron")).isEmpty());
}

void DecisionsPageTest::aPolicyIsPendingThenInForceThenTakenBack()
{
    Bench bench(text("Settings"));
    auto& card = bench.policy();
    QVERIFY(card.reveal(text("ready.max_drawdown")));
    const auto value = [&] {
        auto& model = static_cast<PolicyModel&>(*card.table()->proxy()->sourceModel());
        return model.row(model.rowOf("ready.max_drawdown"));
    };
    QCOMPARE(value().inForce, std::string("0.1"));
    card.editor()->setText(text("0.08"));
    QVERIFY(value().isEdited);
    QCOMPARE(value().inForce, std::string("0.1"));
    card.save();
    bench.settle();
    auto* dialog = bench.visible<PolicySaveDialog>();
    QVERIFY(dialog != nullptr && !dialog->saveButton()->isEnabled());
    QTest::keyClicks(dialog->findChild<QLineEdit*>(), text("stricter"));
    QTest::mouseClick(dialog->saveButton(), Qt::LeftButton);
    QVERIFY(value().isPending);
    QCOMPARE(value().inForce, std::string("0.1"));
    bench.carryOut();
    QCOMPARE(value().inForce, std::string("0.08"));
    QVERIFY(!value().isEdited && !value().isPending);
    QVERIFY(card.edited().empty());
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    QVERIFY(value().isPending);
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    bench.carryOut();
    QCOMPARE(value().inForce, std::string("0.1"));
}

void DecisionsPageTest::severalValuesAreSavedTogether()
{
    Bench bench(text("Settings"));
    auto& card = bench.policy();
    QVERIFY(card.reveal(text("review.max_changes")));
    card.editor()->setText(text("2"));
    QVERIFY(card.reveal(text("prune.min_trades")));
    card.editor()->setText(text("45"));
    QCOMPARE(card.saveButton()->text(), text("Save 2 changes…"));
    card.save();
    bench.settle();
    auto* dialog = bench.visible<PolicySaveDialog>();
    QTest::keyClicks(dialog->findChild<QLineEdit*>(), text("calmer"));
    QTest::mouseClick(dialog->saveButton(), Qt::LeftButton);
    const auto* sent = bench.console.newest<console::SetPolicy>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->values,
             (std::map<std::string, std::string>{{"prune.min_trades", "45"}, {"review.max_changes", "2"}}));
    bench.governor->refusal = base::Error{base::ErrorCode::OutOfRange, "prune.min_trades", "is to be 1 to 40"};
    bench.carryOut();
    QVERIFY(card.told().contains(text("is to be 1 to 40")));
    QCOMPARE(card.edited().size(), 2U); // what was typed is still there
}

void DecisionsPageTest::aRuleOfExperimentsIsSimulatedBeforeItIsSaved()
{
    Bench bench(text("Settings"));
    const auto others = bench.console.onAsk;
    bool isHeld = true;
    std::optional<std::pair<console::QueryId, console::Query>> held;
    bench.console.onAsk = [&](console::QueryId id, const console::Query& query) {
        if (isHeld && std::holds_alternative<console::AskGateSimulation>(query)) {
            held.emplace(id, query);
        } else {
            others(id, query);
        }
    };
    auto& card = bench.policy();
    QVERIFY(card.reveal(text("ab.max_days")));
    card.editor()->setText(text("12"));
    card.save();
    bench.settle();
    auto* dialog = bench.visible<PolicySaveDialog>();
    QTest::keyClicks(dialog->findChild<QLineEdit*>(), text("shorter"));
    QVERIFY(held.has_value());
    QCOMPARE(std::get<console::AskGateSimulation>(held->second).gate.maxDays, 12U); // of the typed rules
    QVERIFY(!dialog->saveButton()->isEnabled());
    others(held->first, held->second);
    bench.settle();
    QVERIFY2(dialog->gateText().contains(text("equal 2.9%")), qPrintable(dialog->gateText()));
    QVERIFY2(dialog->gateText().contains(text("15 looks")), qPrintable(dialog->gateText()));
    QVERIFY(dialog->saveButton()->isEnabled());
    // How often one looks is the operator's to say; it is simulated anew before it can be saved.
    QVERIFY(dialog->looksBox()->isVisible() && !dialog->looksBox()->toolTip().isEmpty());
    QCOMPARE(dialog->looksBox()->suffix(), text(" nights"));
    held.reset();
    dialog->looksBox()->setValue(40);
    QVERIFY(held.has_value());
    QCOMPARE(std::get<console::AskGateSimulation>(held->second).looks, 40U);
    QVERIFY(!dialog->saveButton()->isEnabled());
    others(held->first, held->second);
    bench.settle();
    QVERIFY2(dialog->gateText().contains(text("40 looks")), qPrintable(dialog->gateText()));
    QVERIFY(dialog->saveButton()->isEnabled());
    dialog->reject();
}

void DecisionsPageTest::newDeadlocksAreNamed()
{
    const base::PolicyValues before;
    const std::map<std::string, double> rates{{"breakout", 10.0}}; // three windows of seven days each
    auto after = before;
    after["archive.after_days"] = 21;
    QVERIFY(newDeadlocks(rates, before, after).isEmpty());
    after["archive.after_days"] = 20;
    const auto found = newDeadlocks(rates, before, after);
    QCOMPARE(found.size(), 1);
    QVERIFY2(found.first().startsWith(text("breakout: Convergence")), qPrintable(found.first()));
    QVERIFY(newDeadlocks(rates, after, after).isEmpty()); // none that was there before
}

void DecisionsPageTest::fiveItemsByKeyboardInTwelveKeys()
{
    Bench bench(text("Markets"));
    int keys = 0;
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers with = {}) {
        // A display without a window manager gives a dialog no focus by itself.
        auto* dialog = bench.visible<ReasonDialog>();
        QWidget* to = dialog != nullptr ? dialog->findChild<QLineEdit*>() : bench.window->focusWidget();
        QTest::keyClick(to != nullptr ? to : bench.window.get(), key, with);
        bench.settle();
        ++keys;
    };
    press(Qt::Key_1, Qt::ControlModifier);
    QCOMPARE(bench.window->currentPage(), text("Overview"));
    auto& list = bench.overview().needs();
    QCOMPARE(list.items().size(), 6U);
    press(Qt::Key_J);
    QCOMPARE(list.focused(), 0);
    QCOMPARE(list.items()[0].kind, AttentionKind::Promotion);
    press(Qt::Key_A); // promote
    QCOMPARE(list.focused(), 1);
    press(Qt::Key_A);      // the experiment's verdict
    press(Qt::Key_Return); // it cannot be had back, and so is confirmed
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCOMPARE(list.focused(), 2);
    press(Qt::Key_E); // its evidence first
    press(Qt::Key_A);
    press(Qt::Key_D); // dismissed, with a word of why
    press(Qt::Key_X);
    press(Qt::Key_Return);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    press(Qt::Key_A);
    QVERIFY2(keys <= 12, qPrintable(QString::number(keys)));
    QCOMPARE(bench.console.newest<console::SetStage>()->strategy, std::string("mtf_trend_align"));
    QCOMPARE(bench.console.newest<console::SetStage>()->to, governance::Stage::Ready);
    QCOMPARE(bench.console.newest<console::EndExperiment>()->how, console::ExperimentEnd::PromoteB);
    QCOMPARE(bench.sent<console::ApplyProposals>(), 2);
    QCOMPARE(bench.console.newest<console::DismissProposals>()->reason, std::string("x"));
    bench.carryOut();
    QCOMPARE(list.items().size(), 1U); // the sixth
    QCOMPARE(bench.row("mtf_trend_align").stage, governance::Stage::Ready);
    press(Qt::Key_U); // the last one is taken back
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
}

void DecisionsPageTest::theFocusStaysWhereARowWas()
{
    Bench bench(text("Overview"));
    auto& list = bench.overview().needs();
    list.step(1);
    list.step(1);
    list.step(1);
    QCOMPARE(list.focused(), 2);
    const QString next = list.items()[3].key;
    bench.governor->governance.proposals[0].state = console::ProposalState::Gone;
    bench.governor->publish();
    bench.settle();
    QCOMPARE(list.focused(), 2);
    QCOMPARE(list.items()[2].key, next);
    QTest::keyClick(bench.window->focusWidget(), Qt::Key_Return);
    QCOMPARE(bench.window->currentPage(), text("Strategies")); // where it is decided
    QCOMPARE(bench.strategies().detail().strategy(), text("reversal"));
}

void DecisionsPageTest::theRailCountsWhatWaits()
{
    Bench bench(text("Overview"));
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(bench.window->rail().button(0)->count(), 6);
    QCOMPARE(bench.window->rail().button(2)->count(), 4);
    QCOMPARE(bench.window->rail().button(3)->count(), 1);
    bench.governor->governance.proposals.clear();
    bench.governor->governance.experiments.clear();
    bench.governor->publish();
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(bench.window->rail().button(0)->count(), 1); // the promotion that its gates support
    QCOMPARE(bench.window->rail().button(2)->count(), 0);
}

void DecisionsPageTest::aLongTaskShowsItsProgressFromEveryPage()
{
    Bench bench(text("Markets"));
    bench.governor->governance.phase = "sensitivity of breakout, run 12 of 32";
    bench.governor->governance.progress = 0.375;
    bench.governor->publish();
    bench.settle();
    const auto isTold = [&] {
        const auto labels = bench.window->findChildren<QLabel*>();
        return std::ranges::any_of(labels, [](const QLabel* label) {
            return label->isVisible() && label->text() == text("sensitivity of breakout, run 12 of 32 38%");
        });
    };
    QVERIFY(isTold());
    bench.governor->governance.phase.clear();
    bench.governor->publish();
    bench.settle();
    QVERIFY(!isTold());
}

void DecisionsPageTest::theRoadNamesWhatIsMissing()
{
    Bench bench(text("Overview"));
    bench.overview().checklist().setPutAway(true);
    bench.settle();
    QString all;
    for (auto* label : bench.overview().road().findChildren<QLabel*>()) {
        all += label->text() + QLatin1Char('\n');
    }
    QVERIFY2(all.contains(text("mtf_trend_align — 12 of 12 gates")), qPrintable(all));
    QVERIFY(all.contains(text("ml_gbt_5m — 9 of 12 gates")));
    QVERIFY(all.contains(text("Deflated Sharpe 0.911")));
    QVERIFY(all.contains(text("about 3 days")));
    QVERIFY(all.contains(text("sensitivity has its seven nights")));
}

void DecisionsPageTest::promotionIsPrimaryOnlyWhenItsGatesArePassed()
{
    Bench bench(text("Strategies"));
    QVERIFY(bench.strategies().reveal(text("mtf_trend_align")));
    bench.settle();
    auto& actions = bench.strategies().detail().actions();
    QVERIFY(actions.promoteButton()->isDefault());
    QTest::mouseClick(actions.promoteButton(), Qt::LeftButton);
    QCOMPARE(bench.console.newest<console::SetStage>()->to, governance::Stage::Ready);
    QVERIFY(bench.visible<ReasonDialog>() == nullptr); // what the evidence supports asks nothing
    bench.carryOut();
    QVERIFY(actions.manifestButton()->isVisible());
    QVERIFY(!actions.promoteButton()->isVisible());
}

void DecisionsPageTest::promotionAgainstRedAsksWhy()
{
    Bench bench(text("Strategies"));
    QVERIFY(bench.strategies().reveal(text("ml_gbt_5m")));
    bench.strategies().detail().showTab(DetailPane::Gates);
    bench.settle();
    auto& pane = bench.strategies().detail();
    QCOMPARE(pane.gates().title(), text("Gates to ready — 9 of 12 passed"));
    QVERIFY(!pane.actions().promoteButton()->isDefault());
    QTest::mouseClick(pane.actions().promoteButton(), Qt::LeftButton);
    auto* dialog = bench.visible<ReasonDialog>();
    QVERIFY(dialog != nullptr);
    QVERIFY(dialog->accessibleDescription().contains(text("sensitivity")));
    QVERIFY(dialog->accessibleDescription().contains(text("for ever")));
    bench.give("I know better");
    QCOMPARE(bench.console.newest<console::SetStage>()->reason, std::string("I know better"));
}

void DecisionsPageTest::anArchivedStrategyIsRevived()
{
    Bench bench(text("Strategies"));
    QCOMPARE(bench.switchOf("candle_patterns"), paint::SwitchState::Disabled);
    QVERIFY(bench.strategies().reveal(text("candle_patterns")));
    bench.settle();
    auto& actions = bench.strategies().detail().actions();
    QCOMPARE(actions.archiveButton()->text(), text("Revive…"));
    QTest::mouseClick(actions.archiveButton(), Qt::LeftButton);
    bench.give("another market");
    QCOMPARE(bench.console.newest<console::SetStage>()->to, governance::Stage::Paper);
    bench.carryOut();
    QCOMPARE(actions.archiveButton()->text(), text("Archive…"));
}

void DecisionsPageTest::thePalettePromotesArchivesAndRevives()
{
    Bench bench;
    const auto stageOf = [&](const char* typed) {
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        auto* line = bench.window->palettePanel().findChild<QLineEdit*>();
        if (!QTest::qWaitFor([&] { return line->hasFocus(); })) {
            return std::pair(std::string("the palette has no focus"), governance::Stage::Paper);
        }
        QTest::keyClicks(line, text(typed));
        QTest::keyClick(line, Qt::Key_Return);
        bench.settle();
        bench.give("from the palette");
        const auto* sent = bench.console.newest<console::SetStage>();
        return sent != nullptr ? std::pair(sent->strategy, sent->to)
                               : std::pair(std::string("nothing"), governance::Stage::Paper);
    };
    QCOMPARE(stageOf("promote ml_gbt_5m"), std::pair(std::string("ml_gbt_5m"), governance::Stage::Ready));
    QCOMPARE(bench.window->currentPage(), text("Strategies"));
    QCOMPARE(stageOf("archive momentum"), std::pair(std::string("momentum"), governance::Stage::Archived));
    QCOMPARE(stageOf("revive candle_patterns"), std::pair(std::string("candle_patterns"), governance::Stage::Paper));
}

void DecisionsPageTest::manyAreArchivedWithOneReason()
{
    Bench bench(text("Strategies"));
    auto* view = bench.rosterView();
    view->clearSelection();
    const auto& model = bench.strategies().roster();
    for (const auto* name : {"ema_crossover", "bb_squeeze", "candle_patterns"}) { // the last is archived already
        const auto* proxy = static_cast<const QSortFilterProxyModel*>(view->model());
        const auto index = proxy->mapFromSource(model.index(model.rowOf(text(name)), 0));
        view->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    for (auto* button : bench.strategies().findChildren<QPushButton*>()) {
        if (button->text() == text("Archive…") && button->toolTip().startsWith(text("Archives:"))) {
            QTest::mouseClick(button, Qt::LeftButton);
            break;
        }
    }
    bench.give("losers");
    QCOMPARE(bench.sent<console::ArchiveStrategies>(), 1); // one decision
    QCOMPARE(bench.console.newest<console::ArchiveStrategies>()->strategies.size(), std::size_t{2});
    const auto before = bench.governor->journal.size();
    bench.carryOut();
    QCOMPARE(bench.governor->journal.size(), before + 1);
    QCOMPARE(bench.row("bb_squeeze").stage, governance::Stage::Archived);
    QCOMPARE(bench.row("ema_crossover").stage, governance::Stage::Archived);
    QVERIFY(bench.window->toast().text().contains(text("bb_squeeze")));
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 1); // and taken back as one
    bench.carryOut();
    QCOMPARE(bench.row("bb_squeeze").stage, governance::Stage::Paper);
    QCOMPARE(bench.row("ema_crossover").stage, governance::Stage::Paper);
}

void DecisionsPageTest::manyAreSwitchedByOneDecision()
{
    Bench bench(text("Strategies"));
    auto* view = bench.rosterView();
    const auto& model = bench.strategies().roster();
    view->clearSelection();
    for (const auto* name : {"breakout", "momentum"}) {
        const auto* proxy = static_cast<const QSortFilterProxyModel*>(view->model());
        const auto index = proxy->mapFromSource(model.index(model.rowOf(text(name)), 0));
        view->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    for (auto* button : bench.strategies().findChildren<QPushButton*>()) {
        if (button->text() == text("Disable…")) {
            QTest::mouseClick(button, Qt::LeftButton);
        }
    }
    bench.give("cost more than they earn");
    QCOMPARE(bench.sent<console::SetStrategiesEnabled>(), 1);
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Pending);
    QCOMPARE(bench.switchOf("momentum"), paint::SwitchState::Pending);
    bench.carryOut();
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Off);
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    QCOMPARE(bench.switchOf("momentum"), paint::SwitchState::Pending); // while the journal is asked, too
    bench.settle();
    bench.carryOut();
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::On);
    QCOMPARE(bench.switchOf("momentum"), paint::SwitchState::On);
}

void DecisionsPageTest::whatTheJournalCannotTakeBackIsToldAndNothingOlderIsTakenBack()
{
    Bench bench(text("Strategies"));
    auto* view = bench.rosterView();
    const auto index = view->model()->index(bench.strategies().roster().rowOf(text("breakout")), StrategiesModel::On);
    view->scrollTo(index);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
    bench.carryOut();
    bench.governor->journal.front().cannotUndo = "breakout is on, not off; decision 99 changed it since";
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 0);
    QVERIFY2(bench.window->toast().text().contains(text("decision 99 changed it since")),
             qPrintable(bench.window->toast().text()));
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::Off); // pending no more
}

void DecisionsPageTest::entriesArePausedWithAReasonAndTakenAgain()
{
    Bench bench(text("Overview"));
    const auto needs = [&] {
        return std::ranges::count(bench.overview().needs().items(), text("paused"), &Attention::key);
    };
    QCOMPARE(needs(), 0);
    QTest::keyClick(bench.window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    bench.give("away for a day");
    const auto* sent = bench.console.newest<console::SetPolicy>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->values, (std::map<std::string, std::string>{{"trading.paused", "1"}}));
    QCOMPARE(sent->reason, std::string("away for a day"));
    bench.carryOut();
    QCOMPARE(needs(), 1);
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    bench.carryOut();
    QCOMPARE(needs(), 0);
}

void DecisionsPageTest::aTimeOfTheDayIsAClockTime()
{
    Bench bench(text("Settings"));
    auto& card = bench.policy();
    QVERIFY(card.reveal(text("review.time")));
    QCOMPARE(card.editor()->text(), text("20:00"));
    for (const auto& [typed, value] :
         {std::pair{"6:05", "365"}, std::pair{"00:00", "0"}, std::pair{"23:59", "1439"}, std::pair{"1230", "1230"}}) {
        card.editor()->setText(text(typed));
        QCOMPARE(card.edited().at("review.time"), std::string(value));
    }
    for (const auto* typed : {"24:00", "12:60", "12:5x", "-1:00", "1440", "12:00:00", ""}) {
        card.editor()->setText(text(typed));
        QVERIFY2(card.edited().empty(), typed);
        QVERIFY2(card.told().contains(text("00:00 to 23:59")), qPrintable(card.told()));
    }
}

void DecisionsPageTest::aPositionIsClosedWithAReason()
{
    Bench bench(text("Markets"));
    const auto before = bench.governor->paper.positions;
    QVERIFY(!before.empty());
    QTableView* view = nullptr;
    for (auto* one : bench.window->page(1).findChildren<QTableView*>()) {
        view = one->accessibleName() == text("Open positions") ? one : view;
    }
    QVERIFY(view != nullptr);
    view->setCurrentIndex(view->model()->index(0, 0));
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Delete);
    bench.give("news");
    const auto* sent = bench.console.newest<console::ClosePosition>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->reason, std::string("news"));
    QTest::keyClick(view, Qt::Key_Delete); // pending: nothing
    QVERIFY(bench.visible<ReasonDialog>() == nullptr);
    bench.carryOut();
    QCOMPARE(bench.governor->paper.positions.size(), before.size() - 1);
    QVERIFY(bench.window->toast().text().contains(text("closed at the next quote")));
    QVERIFY(!bench.window->toast().button()->isVisible()); // nothing leads back
}

void DecisionsPageTest::theJournalSaysWhatKindEachIsAndFiltersByIt()
{
    Bench bench(text("Journal"));
    auto& model = bench.journal().model();
    QCOMPARE(model.index(0, JournalModel::Kind).data().toString(), text("Switch"));
    bench.journal().kinds()->setCurrentText(text("Policy"));
    bench.settle();
    QCOMPARE(bench.console.asked.empty(), false);
    QVERIFY(model.rowCount() > 0);
    for (int row = 0; row < model.rowCount(); ++row) {
        QCOMPARE(model.index(row, JournalModel::Kind).data().toString(), text("Policy"));
    }
    bench.journal().kinds()->setCurrentIndex(0);
    bench.settle();
    QCOMPARE(model.rowCount(), 14);
}

void DecisionsPageTest::anInstrumentIsSwitchedByItself()
{
    Bench bench(text("Strategies"));
    QVERIFY(bench.strategies().reveal(text("breakout")));
    auto& pane = bench.strategies().detail();
    pane.showTab(DetailPane::Instruments);
    bench.settle();
    auto* table = pane.instrumentTable();
    const auto state = [&](int row) {
        const auto index = table->proxy()->index(row, StrategyInstrumentsModel::On);
        return static_cast<paint::SwitchState>(index.data(SwitchRole).toInt());
    };
    int sol = -1;
    int eth = -1;
    for (int row = 0; row < table->proxy()->rowCount(); ++row) {
        const auto name = table->proxy()->index(row, 0).data().toString();
        sol = name == text("SOL-USDT") ? row : sol;
        eth = name == text("ETH-USDT") ? row : eth;
    }
    QCOMPARE(table->proxy()->rowCount(), 13); // the pooled row and the twelve of the feed
    QCOMPARE(state(sol), paint::SwitchState::Off);
    QVERIFY(table->proxy()->index(sol, 0).data(BelowRole).toString().startsWith(text("off by you since")));
    const auto at = table->view()->visualRect(table->proxy()->index(eth, StrategyInstrumentsModel::On)).center();
    QTest::mouseClick(table->view()->viewport(), Qt::LeftButton, {}, at);
    QCOMPARE(state(eth), paint::SwitchState::Pending);
    QCOMPARE(bench.console.newest<console::SetStrategyEnabled>()->instrument, std::optional(base::InstrumentId{2}));
    QCOMPARE(bench.switchOf("breakout"), paint::SwitchState::On); // the whole is another switch
    bench.carryOut();
    QCOMPARE(state(eth), paint::SwitchState::Off);
    QTest::mouseClick(bench.window->toast().button(), Qt::LeftButton);
    bench.settle();
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    bench.carryOut();
    QCOMPARE(state(eth), paint::SwitchState::On);
}

void DecisionsPageTest::whatIsTooGoodIsSignedOff()
{
    Bench bench(text("Strategies"));
    bench.governor->gates.rows.push_back(testkit::tooGoodGates("momentum", bench.now));
    QVERIFY(bench.strategies().reveal(text("momentum")));
    bench.strategies().detail().showTab(DetailPane::Gates);
    bench.settle();
    auto& tab = bench.strategies().detail().gates();
    QVERIFY(tab.signOffButton(console::GoodTest::LookAhead)->isVisible());
    QVERIFY(!tab.signOffButton(console::GoodTest::NoiseNull)->isVisible()); // is signed off
    // What has not run cannot be signed off; the button says what is missing and where it is.
    auto* replay = tab.signOffButton(console::GoodTest::Replay);
    QVERIFY(replay->isVisible() && !replay->isEnabled());
    QVERIFY2(replay->toolTip().contains(text("Replay 30 d")), qPrintable(replay->toolTip()));
    QVERIFY(tab.signOffButton(console::GoodTest::LookAhead)->isEnabled());
    QVERIFY(tab.signOffButton(console::GoodTest::LookAhead)->toolTip().contains(text("50 moments")));
    QTest::mouseClick(tab.signOffButton(console::GoodTest::LookAhead), Qt::LeftButton);
    bench.give("no future in it");
    QCOMPARE(bench.console.newest<console::SignOff>()->test, console::GoodTest::LookAhead);
    QCOMPARE(bench.console.newest<console::SignOff>()->strategy, std::string("momentum"));
}

void DecisionsPageTest::aManifestIsThreeFiles()
{
    Bench bench(text("Strategies"));
    const QTemporaryDir folder;
    auto& actions = bench.strategies().detail().actions();
    actions.askFolder = [&] { return folder.path(); };
    std::ranges::find(bench.governor->paper.strategies, "breakout", &console::StrategyRow::name)->stage =
        governance::Stage::Ready;
    bench.governor->publish();
    bench.settle();
    QVERIFY(bench.strategies().reveal(text("breakout")));
    bench.settle();
    QTest::mouseClick(actions.manifestButton(), Qt::LeftButton);
    bench.settle();
    for (const auto& [name, size] :
         {std::pair{"breakout.json", 16}, std::pair{"breakout.json.sig", 64}, std::pair{"breakout.pub.pem", 27}}) {
        const QFileInfo file(folder.filePath(text(name)));
        QVERIFY2(file.exists(), name);
        QCOMPARE(file.size(), size);
    }
    QVERIFY(actions.told().contains(text("openssl pkeyutl -verify")));
    actions.askFolder = [] { return text("/nowhere/at/all"); };
    QTest::mouseClick(actions.manifestButton(), Qt::LeftButton);
    bench.settle();
    QVERIFY(actions.told().contains(text("could not be written")));
}

void DecisionsPageTest::theManifestKeyIsShownCopiedAndSaved()
{
    Bench bench(text("Settings"));
    const QTemporaryDir folder;
    auto* card = bench.window->findChild<ManifestKeyCard*>();
    QVERIFY(card != nullptr && card->isVisible());
    QVERIFY(QString::fromStdString(card->pem()).startsWith(text("-----BEGIN PUBLIC KEY-----")));
    const auto texts = card->findChildren<QLabel*>();
    QVERIFY(std::ranges::any_of(texts, [](const auto* label) {
        return label->text() == text("MCowBQYDK2VwAyEAGb9ECWmEzf6FQb\nrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
    }));
    const auto press = [&](const char* words) {
        const auto buttons = card->findChildren<QPushButton*>();
        (*std::ranges::find(buttons, text(words), &QPushButton::text))->click();
    };
    press("Copy");
    QCOMPARE(QApplication::clipboard()->text().toStdString(), card->pem());
    QString proposed;
    card->askFile = [&](const QString& name) { return folder.filePath(proposed = name); };
    press("Save public key…");
    QFile saved(folder.filePath(proposed));
    QVERIFY(proposed.endsWith(text(".pem")) && saved.open(QIODevice::ReadOnly));
    QCOMPARE(saved.readAll().toStdString(), card->pem());
    card->askFile = [](const QString&) { return text("/nowhere/at/all.pem"); };
    press("Save public key…");
    const auto after = card->findChildren<QLabel*>();
    QVERIFY(std::ranges::any_of(after, [](const auto* label) {
        return label->isVisible() && label->text().contains(text("could not be written"));
    }));
}

void DecisionsPageTest::anExperimentIsCreatedAfterItsGateIsKnown()
{
    Bench bench(text("Experiments"));
    const auto others = bench.console.onAsk;
    std::optional<std::pair<console::QueryId, console::Query>> held;
    bench.console.onAsk = [&](console::QueryId id, const console::Query& query) {
        if (std::holds_alternative<console::AskGateSimulation>(query)) {
            held.emplace(id, query);
        } else {
            others(id, query);
        }
    };
    bench.experiments().create(text("reversal"));
    bench.settle();
    auto* dialog = bench.visible<NewExperimentDialog>();
    QVERIFY(dialog != nullptr && held);
    QTest::keyClicks(dialog->reason(), text("wider stop"));
    auto* stop = dialog->form().editor("stop_atr");
    QVERIFY(stop != nullptr);
    stop->setText(text("999"));
    QVERIFY(dialog->told().contains(text("stop_atr: from")));
    stop->setText(text("2.75"));
    QVERIFY(dialog->told().contains(text("2.75")));
    QVERIFY(!dialog->createButton()->isEnabled()); // its gate is not known yet
    others(held->first, held->second);
    bench.settle();
    QVERIFY2(dialog->gateText().contains(text("equal 2.9%")), qPrintable(dialog->gateText()));
    QVERIFY(dialog->createButton()->isEnabled());
    QTest::mouseClick(dialog->createButton(), Qt::LeftButton);
    const auto* sent = bench.console.newest<console::StartExperiment>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->strategy, std::string("reversal"));
    QCOMPARE(sent->design, governance::Design::Paired);
    QVERIFY(sent->parameters.contains("stop_atr=2.75"));
    QCOMPARE(sent->reason, std::string("wider stop"));
}

void DecisionsPageTest::theVerdictMakesTheButtonPrimary()
{
    Bench bench(text("Experiments"));
    auto& actions = bench.experiments().actions();
    QCOMPARE(bench.experiments().model().rowCount(), 3);
    auto* promote = actions.button(console::ExperimentEnd::PromoteB);
    auto* keep = actions.button(console::ExperimentEnd::KeepA);
    QVERIFY(promote->isDefault() && !keep->isDefault());
    QTest::mouseClick(keep, Qt::LeftButton); // against the verdict
    QVERIFY(bench.visible<ReasonDialog>() != nullptr);
    bench.visible<ReasonDialog>()->reject();
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QTest::mouseClick(promote, Qt::LeftButton);
    QVERIFY(bench.console.newest<console::EndExperiment>() == nullptr); // not by one click
    auto* asked = bench.visible<ReasonDialog>();
    QVERIFY(asked != nullptr && asked->accessibleDescription().contains(text("It cannot be taken up again")));
    QTest::keyClick(asked->findChild<QLineEdit*>(), Qt::Key_Return); // what the evidence says is the reason already
    QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    QCOMPARE(bench.console.newest<console::EndExperiment>()->how, console::ExperimentEnd::PromoteB);
    QCOMPARE(format::text(bench.console.newest<console::EndExperiment>()->reason),
             say::advice(governance::Advice::PromoteB));
    QVERIFY(!promote->isEnabled()); // pending
    bench.carryOut();
    QVERIFY(bench.experiments().reveal(text("3"))); // one that still collects
    bench.settle();
    QVERIFY(!promote->isDefault() && !promote->isEnabled()); // its gates are not passed
    QTest::mouseClick(actions.extendButton(), Qt::LeftButton);
    bench.give("nearly there");
    QCOMPARE(bench.console.newest<console::ExtendExperiment>()->days, 14U);
    QVERIFY(bench.experiments().reveal(text("2"))); // one that has ended
    QVERIFY(!actions.isVisible());
}

void DecisionsPageTest::theDifferenceIsThatOfBOverA()
{
    auto row = testkit::plausibleExperiment(4, "breakout", base::SystemClock().now(), true);
    row.assessment.difference.interval = statistics::Interval{-3, -0.5}; // of A − B
    auto lines = experimentGates(row);
    QCOMPARE(lines.back().state, governance::GateState::Passed);
    QCOMPARE(lines.back().figure, format::signedDecimal(0.5, 2) + text(" … ") + format::signedDecimal(3, 2));
    row.assessment.difference.interval = statistics::Interval{-3, 0}; // at the edge is not over it
    QCOMPARE(experimentGates(row).back().state, governance::GateState::Waiting);
    row.assessment.difference.interval = std::unexpected(statistics::Undefined::TooFew);
    QCOMPARE(experimentGates(row).back().figure, format::undefined());
}

void DecisionsPageTest::armsAreNoStrategies()
{
    Bench bench(text("Strategies"));
    auto& paper = bench.governor->paper;
    auto arm = paper.strategies[8];
    arm.name = "breakout~4b";
    paper.strategies.push_back(arm);
    auto evaluation = paper.evaluations[0];
    evaluation.strategy = "breakout~4b";
    paper.evaluations.insert(paper.evaluations.begin(), evaluation);
    auto position = paper.positions[0];
    position.position.decision.strategy = "breakout~4b";
    paper.positions.push_back(position);
    auto trade = testkit::closedTrade(bench.now);
    trade.position.decision.strategy = "breakout~4b";
    bench.console.events.emplace_back(console::TradeClosed{trade});
    bench.governor->publish();
    bench.settle();
    QCOMPARE(bench.strategies().roster().rowCount(), 13);
    for (const auto& page : MainWindow::pageNames()) {
        bench.window->showPage(page);
        bench.settle();
        for (auto* label : bench.window->findChildren<QLabel*>()) {
            QVERIFY2(!label->isVisible() || !label->text().contains(QLatin1Char('~')), qPrintable(label->text()));
        }
        for (auto* table : bench.window->findChildren<DataTable*>()) {
            QVERIFY2(!table->asCsv().contains(QLatin1Char('~')), qPrintable(page));
        }
    }
}

void DecisionsPageTest::modelsKeepTheirPromises()
{
    Bench bench(text("Journal"), 500);
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
    for (const auto& page : MainWindow::pageNames()) {
        bench.window->showPage(page);
        bench.settle();
        for (auto* table : bench.window->findChildren<DataTable*>()) {
            if (table->isVisible()) {
                testers.push_back(std::make_unique<QAbstractItemModelTester>(
                    table->proxy()->sourceModel(), QAbstractItemModelTester::FailureReportingMode::QtTest));
            }
        }
    }
    bench.window->showPage(text("Journal"));
    bench.strategies().review().applyAll();
    bench.carryOut();
    bench.journal().model().renew();
    bench.settle();
    console::AskJournal few;
    few.text = "breakout";
    bench.journal().model().setFilter(few);
    bench.settle();
    bench.policy().reveal(text("prune.min_trades"));
    bench.policy().editor()->setText(text("45"));
    bench.window->showPage(text("Experiments"));
    bench.settle();
    QVERIFY(bench.experiments().reveal(text("3")));
    bench.settle();
    QVERIFY(testers.size() >= 7);
}

void DecisionsPageTest::theNullOfWhatAsksAModelIsThatOfItsModel()
{
    Bench bench(text("Strategies"));
    auto gates = testkit::tooGoodGates("ml_gbt_5m", bench.now);
    gates.signOffs.noiseNull = false;
    gates.testsRun.noiseNull = "that of its model, with retraining, in the audit without which it would not serve";
    auto& tab = bench.strategies().detail().gates();
    tab.show(gates);
    const auto* button = tab.signOffButton(console::GoodTest::NoiseNull);
    QVERIFY(button->isEnabled());
    QVERIFY2(button->toolTip().startsWith(text("What counts is that of its model")), qPrintable(button->toolTip()));
}

void DecisionsPageTest::noWordIsCut_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("isPutAway");
    QTest::newRow("1600x1000") << QSize(1600, 1000) << true;
    QTest::newRow("1280x800") << QSize(1280, 800) << true;
    QTest::newRow("1600x1000, first steps") << QSize(1600, 1000) << false;
    QTest::newRow("1280x800, first steps") << QSize(1280, 800) << false;
}

void DecisionsPageTest::noWordIsCut()
{
    QFETCH(QSize, size);
    QFETCH(bool, isPutAway);
    Bench bench({}, 300, size);
    bench.overview().checklist().setPutAway(isPutAway);
    for (const auto* name : {"Overview", "Strategies", "Experiments", "Journal", "Settings"}) { // those that decide
        const QString page = text(name);
        bench.window->showPage(page);
        for (int i = 0; i < 3; ++i) {
            static_cast<void>(bench.window->render(size));
        }
        const auto cut = testkit::cutWords(*bench.window);
        QVERIFY2(cut.isEmpty(), qPrintable(page + QStringLiteral(": ") + cut.join(QStringLiteral("; "))));
    }
    bench.window->showPage(text("Strategies"));
    bench.strategies().detail().showTab(DetailPane::Gates);
    for (int i = 0; i < 3; ++i) {
        static_cast<void>(bench.window->render(size));
    }
    const auto cut = testkit::cutWords(*bench.window);
    QVERIFY2(cut.isEmpty(), qPrintable(QStringLiteral("Gates: ") + cut.join(QStringLiteral("; "))));
}

QTEST_MAIN(DecisionsPageTest)
#include "decisions_page_test.moc"
