// Models through the window, on a console whose engines are the test's: trainings, stages, signatures, files, what is
// said of figures, and where else models are shown.
#include "testkit/cut_words.h"
#include "testkit/fake_learning.h"
#include "testkit/strict_log.h"
#include "ui/attention.h"
#include "ui/decision_words.h"
#include "ui/execution/execution_page.h"
#include "ui/execution/trade_detail.h"
#include "ui/execution/trades_card.h"
#include "ui/experiments/experiments_page.h"
#include "ui/experiments/new_experiment_dialog.h"
#include "ui/main_window.h"
#include "ui/models/audit_tab.h"
#include "ui/models/compare_tab.h"
#include "ui/models/detail_models.h"
#include "ui/models/folds_tab.h"
#include "ui/models/hint_line.h"
#include "ui/models/hints_tab.h"
#include "ui/models/model_actions.h"
#include "ui/models/model_detail.h"
#include "ui/models/model_words.h"
#include "ui/models/models_page.h"
#include "ui/models/regimes_tab.h"
#include "ui/models/registry_model.h"
#include "ui/models/retrain_card.h"
#include "ui/navigation_rail.h"
#include "ui/status_strip.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/top_strip.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/progress_card.h"
#include "ui/widgets/toast.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

#include <tuple>

using namespace qd;
using namespace qd::ui;
using governance::ModelStage;
using learning::Detector;
using learning::Family;

namespace {

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

class Bench {
public:
    explicit Bench(const QString& page = text("Models"), QSize size = {1600, 1000},
                   std::vector<testkit::Version> versions = testkit::plausibleVersions())
        : now(base::SystemClock().now())
    {
        testkit::fill(console, now);
        governor = std::make_unique<testkit::FakeGovernor>(console, now);
        learning = std::make_unique<testkit::FakeLearning>(console, now, std::move(versions));
        learning->journal = &governor->journal;
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
        for (int i = 0; i < 8; ++i) {
            window->pump().pump();
            QCoreApplication::sendPostedEvents();
        }
    }
    void carryOut()
    {
        learning->carryOut();
        settle();
    }
    void publish()
    {
        learning->publish();
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
    void click(QAbstractButton* button)
    {
        QVERIFY(button != nullptr);
        QVERIFY2(button->isVisible() && button->isEnabled(), qPrintable(button->text()));
        QTest::mouseClick(button, Qt::LeftButton);
        settle();
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
    void choose(const char* thing)
    {
        QVERIFY2(page().reveal(text(thing)), thing);
        settle();
    }
    [[nodiscard]] ModelsPage& page() const { return static_cast<ModelsPage&>(window->page(4)); }
    [[nodiscard]] ModelDetailPane& detail() const { return page().detail(); }
    [[nodiscard]] ModelActions& actions() const { return detail().actions(); }
    [[nodiscard]] QString cell(const char* row, int column, int role = Qt::DisplayRole) const
    {
        auto& model = page().registry();
        return model.index(model.rowOf(text(row)), column).data(role).toString();
    }
    [[nodiscard]] QStringList names() const
    {
        QStringList out;
        for (const auto& row : page().registry().rows()) {
            out << row.name();
        }
        return out;
    }

    testkit::FakeConsole console;
    base::UtcMs now;
    std::unique_ptr<testkit::FakeGovernor> governor;
    std::unique_ptr<testkit::FakeLearning> learning;
    std::unique_ptr<MainWindow> window;
};

} // namespace

class ModelsPageTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void versionsStandUnderTheirModelAndWaitingOnesSayForWhat();
    void aSortedTableHasVersionsOnlyAndTheirWholeNames();
    void retiredOnesAreBehindABox();
    void figuresAreSaidPlainly_data();
    void figuresAreSaidPlainly();

    void aTrainingIsAskedForRunsAndEnds();
    void severalSelectedModelsAreRetrainedTogether();
    void aTrainingThatWaitsSaysWhyAndIsCancelled();
    void theQueueIsShownAndCleared();
    void stripsShowATrainingFromEveryPage();

    void aChallengerIsComparedFirstAndPromotedWithAReason();
    void aPromotionIsTakenBackFromTheToast();
    void anExperimentThatSupportsItMakesPromoteThePrimaryButton();
    void aFormerChampionIsRolledBackTo();
    void anExpiredOneIsNotPromoted();
    void aChampionHasNoPrimaryButton();
    void aRefusalIsToldInItsOwnWords();

    void flagsAreSignedOffOneByOne();
    void whatCanNeverBeSignedOffHasNoButton();

    void foldsCalibrationImportanceDriftAndLineageAreShown();
    void tradesAndDaysSinceTheLastTrainingStandBesideTheRegimes();
    void theHintsOfWhatServesAreAskedWhenTheyAreLookedAt();
    void fillsStandBesideTheFillRatesAndVolatilityBesideAStrategysInstruments();
    void hintsAreSaidInOneSentence();
    void aRegressionHasNoCalibration();
    void twoVersionsStandSideBySide();
    void aModelIsExportedAndImported();
    void aFileThatCannotBeWrittenIsTold();

    void withoutAVersionTheButtonBringsOne();
    void aRegistryThatCannotBeReadIsTold();
    void theKeyboardIsEnough();

    void whatWaitsIsAmongTheNeeds();
    void thePaletteKnowsModels();
    void anExperimentOfModelsIsCreated();
    void aTradeSaysWhichModelMadeIt();
    void journalWordsOfStages();
    void everyEnumHasItsWord();

    void modelsKeepTheirPromises();
    void noWordIsCut_data();
    void noWordIsCut();
};

void ModelsPageTest::versionsStandUnderTheirModelAndWaitingOnesSayForWhat()
{
    Bench bench;
    const QStringList wanted{text("gbt_5m"),
                             text("gbt_5m 15"),
                             text("gbt_5m 14"),
                             text("gbt_5m 13"),
                             text("direction_predictor"),
                             text("direction_predictor@BTC-USDT 9"),
                             text("direction_predictor@BTC-USDT 8"),
                             text("direction_predictor@ETH-USDT 8"),
                             text("direction_predictor@SOL-USDT"),
                             text("volatility_forecaster"),
                             text("volatility_forecaster 6"),
                             text("stop_hit_predictor"),
                             text("stop_hit_predictor 4"),
                             text("stop_hit_predictor 3"),
                             text("fill_predictor")};
    QCOMPARE(bench.names(), wanted);
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Name), text("version 15"));
    QCOMPARE(bench.cell("direction_predictor@BTC-USDT 9", RegistryModel::Name), text("BTC-USDT 9"));
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Stage), text("Challenger"));
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Quality), text("0.541"));
    QVERIFY(bench.cell("gbt_5m 15", RegistryModel::Quality, Qt::ToolTipRole).contains(text("95%: 0.522 to 0.560")));
    QCOMPARE(bench.cell("gbt_5m 14", RegistryModel::Age), text("15 d"));
    QCOMPARE(bench.cell("direction_predictor@ETH-USDT 8", RegistryModel::Name, BelowRole),
             text("no better than chance"));
    QCOMPARE(bench.cell("direction_predictor@ETH-USDT 8", RegistryModel::Age, BelowRole), text("expired"));
    QCOMPARE(bench.cell("stop_hit_predictor 4", RegistryModel::Name, BelowRole), text("suspected leak"));
    QCOMPARE(bench.cell("fill_predictor", RegistryModel::Name, BelowRole), text("no version yet"));
    QVERIFY(bench.cell("fill_predictor", RegistryModel::Name, Qt::ToolTipRole)
                .contains(text("waits for ticks: 3 of 14 days are archived")));
    QCOMPARE(bench.page().waitingText(), text("direction_predictor@SOL-USDT: waits for 2 000 rows, has 1 412\n"
                                              "fill_predictor: waits for ticks: 3 of 14 days are archived"));
    QCOMPARE(bench.detail().version(), text("gbt_5m 15")); // the first one is chosen
}

void ModelsPageTest::aSortedTableHasVersionsOnlyAndTheirWholeNames()
{
    Bench bench;
    auto* header = bench.page().table().view()->horizontalHeader();
    header->setSortIndicator(RegistryModel::Quality, Qt::DescendingOrder);
    bench.settle();
    auto* proxy = bench.page().table().proxy();
    QCOMPARE(proxy->rowCount(), 9); // without the retired one
    QCOMPARE(proxy->index(0, RegistryModel::Name).data().toString(), text("stop_hit_predictor 4"));
    QCOMPARE(proxy->index(1, RegistryModel::Name).data().toString(), text("direction_predictor@BTC-USDT 9"));
    header->setSortIndicator(-1, Qt::DescendingOrder);
    bench.settle();
    QCOMPARE(proxy->rowCount(), 15);
    QCOMPARE(proxy->index(0, RegistryModel::Name).data().toString(), text("gbt_5m"));
}

void ModelsPageTest::retiredOnesAreBehindABox()
{
    Bench bench;
    QVERIFY(!bench.names().contains(text("gbt_5m 12")));
    bench.click(bench.page().retiredBox());
    QVERIFY(bench.names().contains(text("gbt_5m 12")));
    bench.click(bench.page().retiredBox());
    QVERIFY(!bench.names().contains(text("gbt_5m 12")));
    bench.choose("gbt_5m 12"); // who is led to it sees it
    QVERIFY(bench.page().retiredBox()->isChecked());
    bench.settle();
    QCOMPARE(bench.detail().version(), text("gbt_5m 12"));
}

void ModelsPageTest::figuresAreSaidPlainly_data()
{
    QTest::addColumn<int>("family");
    QTest::addColumn<double>("value");
    QTest::addColumn<double>("half");
    QTest::addColumn<int>("worth");
    const auto add = [](const char* name, Family family, double value, double half, say::Worth worth) {
        QTest::newRow(name) << static_cast<int>(family) << value << half << static_cast<int>(worth);
    };
    add("interval ends under 0.5", Family::Gbt5m, 0.52, 0.021, say::Worth::Chance);
    add("interval ends at 0.5", Family::Gbt5m, 0.5625, 0.0625, say::Worth::Chance);
    add("interval ends over 0.5", Family::Gbt5m, 0.5625, 0.0615, say::Worth::Better);
    add("worse than chance", Family::Gbt5m, 0.45, 0.02, say::Worth::Chance);
    add("under the limit", Family::Gbt5m, 0.7499, 0.01, say::Worth::Better);
    add("at the limit", Family::Gbt5m, 0.75, 0.01, say::Worth::Suspect);
    add("over the limit", Family::StopHit, 0.9, 0.01, say::Worth::Suspect);
    add("R² over zero", Family::Volatility, 0.2, 0.1, say::Worth::Better);
    add("R² down to zero", Family::Volatility, 0.125, 0.125, say::Worth::Chance);
    add("a good R² is no leak", Family::Volatility, 0.8, 0.1, say::Worth::Better);
}

void ModelsPageTest::figuresAreSaidPlainly()
{
    QFETCH(int, family);
    QFETCH(double, value);
    QFETCH(double, half);
    QFETCH(int, worth);
    const auto of = static_cast<Family>(family);
    QCOMPARE(static_cast<int>(say::worth(of, testkit::estimate(value, half, 100), 0.75)), worth);
    statistics::Estimate none;
    QCOMPARE(say::worth(of, none, 0.75), say::Worth::Undefined);
    QVERIFY(say::quality(of, none).contains(text("undefined")));
    none.value = 0.6; // without an interval nothing is shown to be better
    QCOMPARE(say::worth(of, none, 0.75), say::Worth::Chance);
}

void ModelsPageTest::severalSelectedModelsAreRetrainedTogether()
{
    Bench bench;
    bench.choose("gbt_5m 14");
    QTableView* table = nullptr;
    for (auto* view : bench.page().findChildren<QTableView*>()) {
        table = view->accessibleName() == text("Registry of models") ? view : table;
    }
    QVERIFY(table != nullptr);
    const auto* proxy = static_cast<const QSortFilterProxyModel*>(table->model());
    const auto& registry = bench.page().registry();
    for (const auto* also : {"gbt_5m 15", "direction_predictor@BTC-USDT 8"}) {
        const auto index = proxy->mapFromSource(registry.index(registry.rowOf(text(also)), 0));
        table->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
    }
    bench.settle();
    QCOMPARE(table->selectionModel()->selectedRows().size(), 3);
    bench.click(bench.page().training().retrainButton());
    auto* dialog = bench.visible<ReasonDialog>();
    QVERIFY(dialog != nullptr && dialog->findChild<QComboBox*>() == nullptr);
    QVERIFY(dialog->accessibleDescription().contains(text("gbt_5m")));
    QVERIFY(dialog->accessibleDescription().contains(text("direction_predictor@BTC-USDT")));
    bench.give("a new regime");
    QCOMPARE(bench.sent<console::RetrainModel>(), 2); // two versions of a model are one training
    QStringList asked;
    for (const auto& [id, command] : bench.console.sent) {
        if (const auto* one = std::get_if<console::RetrainModel>(&command)) {
            asked << format::text(one->model);
            QCOMPARE(one->reason, std::string("a new regime"));
            bench.console.events.emplace_back(console::CommandDone{id, {}});
        }
    }
    asked.sort();
    QCOMPARE(asked, (QStringList{text("direction_predictor@BTC-USDT"), text("gbt_5m")}));
    bench.settle();
    QVERIFY(bench.window->toast().text().contains(text("are going to train"))); // told as one
}

void ModelsPageTest::aTrainingIsAskedForRunsAndEnds()
{
    Bench bench;
    bench.choose("gbt_5m 14");
    bench.click(bench.page().training().retrainButton());
    auto* dialog = bench.visible<ReasonDialog>();
    QVERIFY(dialog != nullptr);
    QCOMPARE(dialog->findChild<QComboBox*>()->currentData().toString(), text("gbt_5m"));
    QVERIFY(dialog->accessibleDescription().contains(text("what serves goes on serving")));
    QTest::keyClick(dialog->findChild<QLineEdit*>(), Qt::Key_Return); // nothing happens without a reason
    QCOMPARE(bench.sent<console::RetrainModel>(), 0);
    bench.give("a wild week is over");
    QCOMPARE(bench.console.newest<console::RetrainModel>()->model, std::string("gbt_5m"));
    QCOMPARE(bench.console.newest<console::RetrainModel>()->reason, std::string("a wild week is over"));
    QVERIFY(!bench.page().training().progress()->isVisible()); // asked is not started
    bench.carryOut();
    QVERIFY(bench.page().training().progress()->isVisible());
    QCOMPARE(bench.page().training().progress()->share(), 0.61);
    QCOMPARE(bench.cell("gbt_5m", RegistryModel::Stage), text("trains 61%"));

    bench.learning->end({"gbt_5m", "gbt_5m 16", bench.now, false, "challenger", "clean, AUC 0.544"});
    bench.learning->models.rows.insert(
        bench.learning->models.rows.begin(),
        testkit::modelLine({{Family::Gbt5m, {}}, 16, ModelStage::Challenger, 0.544, 0.018, 0}, bench.now));
    bench.learning->line("gbt_5m 15")->record.stage = ModelStage::Shadow;
    ++bench.learning->learning.revision;
    bench.publish();
    QVERIFY(!bench.page().training().progress()->isVisible());
    auto& outcomes = bench.page().training().outcomes();
    QCOMPARE(outcomes.index(0, OutcomesModel::Model).data().toString(), text("gbt_5m 16"));
    QCOMPARE(outcomes.index(0, OutcomesModel::Outcome).data().toString(), text("challenger"));
    QCOMPARE(outcomes.index(0, OutcomesModel::Model).data(BelowRole).toString(), text("clean, AUC 0.544"));
    QCOMPARE(bench.cell("gbt_5m 16", RegistryModel::Stage), text("Challenger"));
    QCOMPARE(bench.detail().version(), text("gbt_5m 14")); // what is looked at stays
    Q_EMIT bench.page().training().opened(text("gbt_5m 16"));
    bench.settle();
    QCOMPARE(bench.detail().version(), text("gbt_5m 16"));
}

void ModelsPageTest::aTrainingThatWaitsSaysWhyAndIsCancelled()
{
    Bench bench;
    bench.learning->learning.running = testkit::plausibleTraining(bench.now);
    bench.learning->learning.running->waits = "the processor is hot";
    bench.publish();
    auto* card = bench.page().training().progress();
    QStringList said;
    for (auto* label : card->findChildren<QLabel*>()) {
        said << label->text();
    }
    QVERIFY2(said.contains(text("fold 4 of 6")), qPrintable(said.join(text(" | "))));
    QVERIFY(said.filter(text("waits: the processor is hot · 212 of 300 trees · loss 0.6812")).size() == 1);
    bench.click(card->findChild<QPushButton*>());
    QCOMPARE(bench.console.newest<console::CancelRetrain>()->model, std::string("gbt_5m"));
    bench.carryOut();
    QVERIFY(!card->isVisible());
    QCOMPARE(bench.page().training().outcomes().index(0, OutcomesModel::Outcome).data().toString(), text("cancelled"));
    const auto needs = attention(bench.window->pump().newest());
    QVERIFY(std::ranges::none_of(needs, [](const Attention& a) { return a.key.startsWith(text("training")); }));
}

void ModelsPageTest::theQueueIsShownAndCleared()
{
    Bench bench;
    auto& now = bench.learning->learning;
    now.running = testkit::plausibleTraining(bench.now);
    now.waiting = {"volatility_forecaster", "stop_hit_predictor", "fill_predictor", "direction_predictor@BTC-USDT"};
    bench.publish();
    QCOMPARE(bench.page().training().queue(),
             text("Then volatility_forecaster, stop_hit_predictor, fill_predictor and 1 more"));
    QCOMPARE(bench.cell("fill_predictor", RegistryModel::Stage), text("queued"));
    for (auto* button : bench.page().training().findChildren<PillButton*>()) {
        bench.click(button);
    }
    QCOMPARE(bench.sent<console::CancelRetrain>(), 4);
    bench.carryOut();
    QVERIFY(bench.page().training().queue().isEmpty());
    QVERIFY(bench.page().training().progress()->isVisible()); // what runs goes on
}

void ModelsPageTest::stripsShowATrainingFromEveryPage()
{
    Bench bench(text("Health"));
    auto* strip = bench.window->findChild<TopStrip*>();
    QCOMPARE(strip->retrainPill()->figure(), text("idle"));
    bench.learning->learning.running = testkit::plausibleTraining(bench.now);
    bench.publish();
    QCOMPARE(strip->retrainPill()->figure(), text("61%"));
    const auto labels = bench.window->findChild<StatusStrip*>()->findChildren<QLabel*>();
    QVERIFY(std::ranges::any_of(labels, [](const QLabel* label) {
        return label->isVisible() && label->text() == text("Retraining gbt_5m, fold 4 of 6: 61%");
    }));
    bench.learning->learning.running->waits = "ticks lag";
    bench.publish();
    QCOMPARE(strip->retrainPill()->figure(), text("waits"));
    bench.click(strip->retrainPill());
    QCOMPARE(bench.window->currentPage(), text("Models"));
}

void ModelsPageTest::aChallengerIsComparedFirstAndPromotedWithAReason()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    auto& actions = bench.actions();
    QVERIFY(actions.experimentButton()->isVisible() && actions.experimentButton()->isDefault());
    QCOMPARE(actions.promoteButton()->text(), text("Promote…"));
    QVERIFY(!actions.promoteButton()->isDefault());
    QVERIFY(!actions.signOffButton()->isVisible());
    bench.click(actions.promoteButton());
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("gbt_5m 14 goes on in shadow")));
    bench.give("the champion has drifted");
    QCOMPARE(bench.console.newest<console::SetModelStage>()->version, std::string("gbt_5m 15"));
    QCOMPARE(bench.console.newest<console::SetModelStage>()->to, ModelStage::Champion);
    bench.settle();
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Stage), text("pending")); // never the wished state
    QVERIFY(!actions.promoteButton()->isEnabled());
    bench.carryOut();
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Stage), text("Champion"));
    QCOMPARE(bench.cell("gbt_5m 14", RegistryModel::Stage), text("Shadow"));
    QVERIFY(bench.window->toast().text().contains(text("gbt_5m 15 is champion")));
}

void ModelsPageTest::aPromotionIsTakenBackFromTheToast()
{
    Bench bench;
    bench.choose("direction_predictor@BTC-USDT 8");
    bench.actions().setStage(ModelStage::Retired);
    bench.give("looks like noise");
    bench.carryOut();
    QCOMPARE(bench.learning->stageOf("direction_predictor@BTC-USDT 8"), ModelStage::Retired);
    QVERIFY(!bench.names().contains(text("direction_predictor@BTC-USDT 8")));
    bench.click(bench.window->toast().button());
    bench.settle(); // the journal is asked which decision that was
    QCOMPARE(bench.sent<console::UndoDecision>(), 1);
    bench.carryOut();
    QCOMPARE(bench.learning->stageOf("direction_predictor@BTC-USDT 8"), ModelStage::Champion);
    QCOMPARE(bench.cell("direction_predictor@BTC-USDT 8", RegistryModel::Stage), text("Champion"));
}

void ModelsPageTest::anExperimentThatSupportsItMakesPromoteThePrimaryButton()
{
    Bench bench;
    auto row = testkit::plausibleExperiment(7, "ml_gbt_5m", bench.now, true);
    row.plan.comparison = governance::Comparison::Models;
    row.plan.a = "gbt_5m 14";
    row.plan.b = "gbt_5m 15";
    const auto others = bench.console.onAsk;
    bench.console.onAsk = [&](console::QueryId id, const console::Query& query) {
        if (std::holds_alternative<console::AskExperiments>(query)) {
            bench.console.answers.emplace_back(console::Answer{id, {}, console::Experiments{{row}}});
        } else {
            others(id, query);
        }
    };
    bench.choose("gbt_5m 14");
    bench.choose("gbt_5m 15");
    auto& actions = bench.actions();
    QCOMPARE(actions.experimentButton()->text(), text("Open its experiment"));
    QVERIFY(actions.promoteButton()->isDefault());
    QCOMPARE(actions.promoteButton()->text(), text("Promote"));
    bench.click(actions.promoteButton());
    QVERIFY(bench.visible<ReasonDialog>() == nullptr); // the evidence is the reason
    QCOMPARE(bench.console.newest<console::EndExperiment>()->experiment, 7);
    QCOMPARE(bench.console.newest<console::EndExperiment>()->how, console::ExperimentEnd::PromoteB);
    QVERIFY(!actions.promoteButton()->isEnabled());
    bench.console.answer<console::EndExperiment>();
    bench.settle();
}

void ModelsPageTest::aFormerChampionIsRolledBackTo()
{
    Bench bench;
    bench.choose("gbt_5m 13");
    QCOMPARE(bench.actions().promoteButton()->text(), text("Roll back…"));
    QVERIFY(!bench.actions().experimentButton()->isVisible());
    bench.click(bench.actions().promoteButton());
    bench.give("14 trades too often");
    bench.carryOut();
    QCOMPARE(bench.learning->stageOf("gbt_5m 13"), ModelStage::Champion);
    QCOMPARE(bench.learning->stageOf("gbt_5m 14"), ModelStage::Shadow);
}

void ModelsPageTest::anExpiredOneIsNotPromoted()
{
    auto versions = testkit::plausibleVersions();
    versions[2].isExpired = true;
    Bench bench(text("Models"), {1600, 1000}, versions);
    bench.choose("gbt_5m 13");
    QVERIFY(bench.actions().promoteButton()->isVisible());
    QVERIFY(!bench.actions().promoteButton()->isEnabled());
    QVERIFY(bench.actions().promoteButton()->toolTip().contains(text("expired")));
}

void ModelsPageTest::aChampionHasNoPrimaryButton()
{
    Bench bench;
    bench.choose("gbt_5m 14");
    auto& actions = bench.actions();
    for (auto* button : {actions.experimentButton(), actions.promoteButton(), actions.signOffButton()}) {
        QVERIFY(!button->isVisible());
    }
    Q_EMIT actions.menu()->aboutToShow();
    QStringList offered;
    for (const auto* action : actions.menu()->actions()) {
        offered << action->text();
    }
    QCOMPARE(offered.mid(0, 3), QStringList({text("Retire…"), text("Export…"), text("Import…")}));
    actions.menu()->actions().front()->trigger();
    bench.settle();
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("No version of gbt_5m serves then")));
    bench.visible<ReasonDialog>()->reject();
}

void ModelsPageTest::aRefusalIsToldInItsOwnWords()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    bench.click(bench.actions().promoteButton());
    bench.give("now");
    bench.learning->refusal =
        base::Error{base::ErrorCode::Unsupported, "gbt_5m 15", "its features are not the set in force"};
    bench.carryOut();
    QVERIFY2(bench.window->toast().text().contains(text("its features are not the set in force")),
             qPrintable(bench.window->toast().text()));
    QVERIFY(bench.detail().told().contains(text("its features are not the set in force")));
    QCOMPARE(bench.cell("gbt_5m 15", RegistryModel::Stage), text("Challenger"));
    QVERIFY(bench.actions().promoteButton()->isEnabled());
}

void ModelsPageTest::flagsAreSignedOffOneByOne()
{
    Bench bench;
    const char* name = "direction_predictor@BTC-USDT 9";
    bench.choose(name);
    QVERIFY(bench.actions().signOffButton()->isVisible() && bench.actions().signOffButton()->isDefault());
    bench.click(bench.actions().signOffButton()); // leads to the audit
    auto& audit = bench.detail().audit();
    QVERIFY(audit.isVisible());
    const auto& lines = audit.list().lines();
    QCOMPARE(lines.size(), 6U);
    QCOMPARE(lines[0].figure, text("fails"));
    QCOMPARE(lines[0].limit, text("wants a signature"));
    QCOMPARE(lines[1].figure, text("warns"));
    QCOMPARE(lines[2].figure, text("ok"));
    QVERIFY(audit.signOffButton(Detector::Truncation) == nullptr);

    bench.click(audit.signOffButton(Detector::SingleFeature));
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("alone separates 0.71")));
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("Other flags remain")));
    bench.give("flow leads price here, shown on paper");
    QCOMPARE(bench.console.newest<console::SignOffModel>()->detector, Detector::SingleFeature);
    QVERIFY(!audit.signOffButton(Detector::TooGood)->isEnabled()); // pending
    bench.carryOut();
    QCOMPARE(audit.list().lines()[0].limit, text("signed off"));
    QVERIFY(audit.signOffButton(Detector::SingleFeature) == nullptr);

    bench.click(audit.signOffButton(Detector::TooGood));
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("becomes a challenger")));
    bench.give("checked by hand");
    bench.carryOut();
    QCOMPARE(bench.cell(name, RegistryModel::Stage), text("Challenger"));
    QVERIFY(!bench.actions().signOffButton()->isVisible());
    QVERIFY(bench.actions().promoteButton()->isVisible());
    bench.click(bench.actions().experimentButton()); // no strategy decides by it: it is compared in shadow
    QVERIFY(bench.visible<ReasonDialog>()->accessibleDescription().contains(text("same rows in shadow")));
    bench.give("is it any better");
    QCOMPARE(bench.console.newest<console::StartExperiment>()->strategy, std::string("direction_predictor@BTC-USDT"));
    QCOMPARE(bench.console.newest<console::StartExperiment>()->parameters, std::string(name));
}

void ModelsPageTest::whatCanNeverBeSignedOffHasNoButton()
{
    Bench bench;
    bench.choose("stop_hit_predictor 4");
    bench.detail().showTab(ModelDetailPane::Audit);
    auto& audit = bench.detail().audit();
    QCOMPARE(audit.list().lines()[2].figure, text("fails"));
    QCOMPARE(audit.list().lines()[2].limit, text("never signed off"));
    QVERIFY(audit.told().contains(text("Never signed off: features unchanged on a shorter history")));
    QVERIFY(audit.signOffButton(Detector::Truncation) == nullptr);
    QVERIFY(audit.signOffButton(Detector::TooGood) == nullptr); // it would not help
    QVERIFY(!bench.actions().signOffButton()->isVisible());

    auto hidden = testkit::plausibleDetail(*bench.learning->line("gbt_5m 15"), bench.now);
    hidden.lineage.audit[3].isRun = false; // what could not be run quarantines, too, and has no signature
    hidden.lineage.audit[3].level = learning::LeakLevel::Warn;
    QCOMPARE(say::auditLines(hidden)[3].figure, text("not run"));
    QCOMPARE(say::neverSigned(hidden), std::vector<Detector>{Detector::Permutation});
}

void ModelsPageTest::foldsCalibrationImportanceDriftAndLineageAreShown()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    auto& folds = bench.detail().folds();
    QVERIFY2(folds.told().startsWith(
                 text("AUC 0.541 (95%: 0.522 to 0.560), n %1: better than chance").arg(format::count(8'880))),
             qPrintable(folds.told()));
    const auto& lines = folds.folds().lines();
    QCOMPARE(lines.size(), 3U);
    QCOMPARE(lines[0].points.size(), 6U);
    QVERIFY(lines[0].points[0].interval.has_value());
    QVERIFY(lines[1].isDashed);
    QCOMPARE(lines[1].points[0].y, 0.5);
    QVERIFY(lines[2].points.empty()); // the family has no simple rule
    const auto told = folds.folds().toldAt(folds.folds().width() - 10);
    QVERIFY2(told[0].startsWith(text("fold 6")), qPrintable(told.join(text(" | "))));
    QVERIFY(told[1].contains(text("n %1").arg(format::count(1'480))));
    folds.setOfLoss(true);
    QCOMPARE(folds.folds().lines()[2].points.size(), 2U); // where the champion had not seen the rows
    QVERIFY(folds.folds().csv().startsWith(text("line,x,y,low,high\nmodel,1,")));
    QCOMPARE(folds.calibration().lines()[0].points.size(), 4U); // empty bins are left out
    QVERIFY(folds.calibration().lines()[1].isDashed);
    const auto meanError = [&] {
        const auto labels = folds.findChildren<QLabel*>();
        const auto found = std::ranges::find_if(
            labels, [](const QLabel* label) { return label->text().contains(text("mean error")); });
        return found == labels.end() ? nullptr : *found;
    };
    QVERIFY(meanError() != nullptr && meanError()->toolTip().isEmpty()); // of 8,880 predictions
    bench.detail().setPolicy({{"show.calibration_grey_rows", 8'881}});
    QVERIFY(meanError() != nullptr && meanError()->toolTip().contains(format::count(8'880)));
    bench.detail().setPolicy({{"show.calibration_min_rows", 8'881}});
    QVERIFY(meanError() == nullptr);

    auto& importance = bench.detail().importance();
    QCOMPARE(importance.rowCount(), 40);
    QCOMPARE(importance.index(0, ImportanceModel::Bar).data(BarRole).toDouble(), 1.0);
    QVERIFY(
        importance.index(0, ImportanceModel::Feature).data(Qt::ToolTipRole).toString().contains(text("of all gain")));

    auto& drift = bench.detail().drift();
    QCOMPARE(drift.index(0, DriftModel::Level).data().toString(), text("Drift"));
    QCOMPARE(drift.index(16, DriftModel::Psi).data().toString(), format::undefined());
    QVERIFY(!drift.index(16, DriftModel::Psi).data(Qt::ToolTipRole).toString().isEmpty());

    auto& lineage = bench.detail().lineage();
    const auto valueOf = [&](const char* name) {
        const auto row = std::ranges::find(lineage.rows(), text(name), &ModelFact::name);
        return row == lineage.rows().end() ? QString() : row->value;
    };
    QCOMPARE(valueOf("Seed"), text("20250917"));
    QCOMPARE(valueOf("Library"), text("XGBoost 1.7.4"));
    QCOMPARE(valueOf("left out: touch a gap"), format::count(1'204));
    QVERIFY(valueOf("Instruments").startsWith(text("8: BTC-USDT")));
    bench.detail().showTab(ModelDetailPane::Lineage);
    bench.settle();
    for (auto* table : bench.detail().findChildren<DataTable*>()) {
        if (table->view()->accessibleName() == text("Lineage")) {
            table->view()->selectAll();
            table->view()->setFocus();
            QTest::keyClick(table->view(), Qt::Key_C, Qt::ControlModifier);
        }
    }
    QVERIFY(QApplication::clipboard()->text().contains(text("c41f7be09d52a8e3617b04f9d2c85ea07b13f6d94e0a2c58")));
}

void ModelsPageTest::tradesAndDaysSinceTheLastTrainingStandBesideTheRegimes()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    bench.detail().showTab(ModelDetailPane::Folds);
    const auto isSaid = [&](const char* title, const char* figure, governance::GateState state) {
        const auto tabs = bench.detail().findChildren<RegimesTab*>(); // in brief, and the tab
        return tabs.size() == 2 && std::ranges::all_of(tabs, [&](const RegimesTab* tab) {
                   const auto& lines = tab->gates().lines();
                   const auto line = std::ranges::find(lines, text(title), &GateLine::title);
                   return line != lines.end() && line->figure == text(figure) && line->state == state &&
                          !line->help.isEmpty();
               });
    };
    constexpr auto waits = governance::GateState::Waiting;
    constexpr auto enough = governance::GateState::Passed;
    QVERIFY(isSaid("Trades since last training", "41 of 75", waits));
    QVERIFY(isSaid("Days since last training", "1 of 14", waits)); // whole ones
    auto& due = bench.learning->models.families[0].due;
    due.trades = 74;
    due.days = 13.99;
    ++bench.learning->learning.revision;
    bench.publish();
    QVERIFY(isSaid("Trades since last training", "74 of 75", waits));
    QVERIFY(isSaid("Days since last training", "13 of 14", waits));
    due.trades = 75;
    due.days = 14;
    ++bench.learning->learning.revision;
    bench.publish();
    QVERIFY(isSaid("Trades since last training", "75 of 75", enough));
    QVERIFY(isSaid("Days since last training", "14 of 14", enough));
    const auto tabs = bench.detail().findChildren<RegimesTab*>();
    QVERIFY(std::ranges::any_of(tabs, [](const RegimesTab* tab) { return tab->gates().isVisible(); }));
}

void ModelsPageTest::theHintsOfWhatServesAreAskedWhenTheyAreLookedAt()
{
    Bench bench;
    bench.choose("volatility_forecaster 6");
    const auto asked = [&] {
        return std::ranges::count_if(bench.console.asked, [](const auto& one) {
            return std::holds_alternative<console::AskModelHints>(one.second);
        });
    };
    bench.detail().showTab(ModelDetailPane::Folds);
    QCOMPARE(asked(), 0);
    bench.learning->hints = {.rows = {{.instrument = {1},
                                       .name = "BTC-USDT",
                                       .at = bench.now,
                                       .volatility = 0.612,
                                       .volatilityPercentile = 81.6,
                                       .rises = 0.53}},
                             .versions = {"volatility_forecaster 6", "direction_predictor@BTC-USDT 9"},
                             .fillDistance = 0.5,
                             .stopDistance = 1.5};
    bench.detail().showTab(ModelDetailPane::Hints);
    bench.settle();
    QCOMPARE(asked(), 1);
    auto& hints = bench.detail().hints();
    const auto cell = [&](int column) { return hints.hints().index(0, column).data().toString(); };
    QCOMPARE(cell(HintsModel::Instrument), text("BTC-USDT"));
    QCOMPARE(cell(HintsModel::Volatility), format::percent(0.612, 1));
    QCOMPARE(cell(HintsModel::Percentile), text("82"));
    QCOMPARE(cell(HintsModel::Rises), format::percent(0.53, 0));
    QCOMPARE(cell(HintsModel::StopHit), format::percent(std::optional<double>(), 0)); // nobody says it
    QVERIFY(hints.note().contains(text("volatility_forecaster 6, direction_predictor@BTC-USDT 9")));
    bench.detail().showTab(ModelDetailPane::Folds);
    bench.detail().showTab(ModelDetailPane::Hints);
    bench.settle();
    QCOMPARE(asked(), 1); // a minute's answer is new enough
}

void ModelsPageTest::fillsStandBesideTheFillRatesAndVolatilityBesideAStrategysInstruments()
{
    for (const auto& [page, tab, said] :
         {std::tuple{"Execution", "Fill rate", "fill_predictor 4 says of a limit order 0.5 ATR away"},
          std::tuple{"Strategies", "Instruments", "Volatility of the next hour by volatility_forecaster 6"}}) {
        Bench bench{text(page)};
        bench.learning->hints = {
            .rows =
                {{.instrument = {1}, .name = "BTC-USDT", .at = bench.now, .volatilityPercentile = 81.6, .fills = 0.62}},
            .versions = {"volatility_forecaster 6", "fill_predictor 4"},
            .fillDistance = 0.5};
        const auto asked = [&] {
            return std::ranges::count_if(bench.console.asked, [](const auto& one) {
                return std::holds_alternative<console::AskModelHints>(one.second);
            });
        };
        QCOMPARE(asked(), 0); // not before it is looked at
        for (auto* pill : bench.window->findChildren<PillButton*>()) {
            if (pill->isVisible() && pill->text() == text(tab)) {
                pill->click();
                break;
            }
        }
        bench.settle();
        QCOMPARE(asked(), 1);
        const auto lines = bench.window->findChildren<HintLine*>();
        const auto seen = std::ranges::find_if(lines, [](const HintLine* line) { return line->isVisible(); });
        QVERIFY2(seen != lines.end(), page);
        QVERIFY2((*seen)->sentence().startsWith(text(said)), qPrintable((*seen)->sentence()));
    }
}

void ModelsPageTest::hintsAreSaidInOneSentence()
{
    QVERIFY(fillHint({}).sentence.isEmpty() && volatilityHint({}).sentence.isEmpty()); // no model, no words
    console::ModelHints hints{.versions = {"fill_predictor 4"}, .fillDistance = 0.5};
    const auto row = [](const char* name, double percentile, double fills) {
        return console::InstrumentHint{.name = name, .volatilityPercentile = percentile, .fills = fills};
    };
    hints.rows = {row("A", 19.9, 0.1), row("B", 20, 0.5), row("C", 79.9, 0.3), row("D", 80, 0.2)};
    const auto names = [](const QString& sentence) {
        return sentence.section(text(": "), 1).section(text(". "), 0, 0);
    };
    QCOMPARE(names(fillHint(hints).sentence), text("B %1, C %2, D %3, A %4")
                                                  .arg(format::percent(0.5, 0), format::percent(0.3, 0),
                                                       format::percent(0.2, 0), format::percent(0.1, 0)));
    const auto volatility = volatilityHint(hints);
    QCOMPARE(names(volatility.sentence), text("D 80 (wildest fifth), C 80, B 20, A 20 (calmest fifth)"));
    QVERIFY(volatility.sentence.contains(text("volatility_forecaster"))); // the family, where no version is told
    hints.rows.push_back(row("E", 50, 0.05));
    QVERIFY(names(fillHint(hints).sentence).endsWith(text("and 1 more")));
    QCOMPARE(fillHint(hints).all.count(QLatin1Char('\n')), 4);
    hints.rows = {{.name = "F", .rises = 0.5}}; // of which neither says anything
    QVERIFY(fillHint(hints).sentence.isEmpty() && volatilityHint(hints).sentence.isEmpty());
}

void ModelsPageTest::aRegressionHasNoCalibration()
{
    Bench bench;
    bench.choose("volatility_forecaster 6");
    auto& folds = bench.detail().folds();
    QVERIFY(folds.told().startsWith(text("R² 0.611")));
    QVERIFY(folds.calibration().isEmpty());
    QVERIFY(folds.calibration().emptyText().contains(text("nothing to calibrate")));
    QCOMPARE(folds.folds().lines()[1].points[0].y, 0.0);
    QCOMPARE(folds.folds().lines()[2].points.size(), 6U); // yesterday's volatility
}

void ModelsPageTest::twoVersionsStandSideBySide()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    bench.detail().showTab(ModelDetailPane::Compare);
    bench.settle();
    auto& tab = bench.detail().compare();
    QCOMPARE(tab.other()->currentData().toString(), text("gbt_5m 14")); // the champion at first
    QCOMPARE(tab.model().headerData(FactsModel::Other, Qt::Horizontal, Qt::DisplayRole).toString(), text("version 14"));
    const auto& rows = tab.model().rows();
    QCOMPARE(rows[0].name, text("AUC"));
    QCOMPARE(rows[0].value, text("0.541"));
    QCOMPARE(rows[0].other, text("0.533"));
    QVERIFY(rows[0].isBetter && !rows[0].isWorse);
    const auto of = [&](const char* name) { return std::ranges::find(rows, text(name), &ModelFact::name); };
    QVERIFY(of("Depth") != rows.end());
    QCOMPARE(of("Depth")->other, text("4"));
    QVERIFY(of("Seed") == rows.end()); // the same in both
    QVERIFY(!tab.chart().isEmpty());
    tab.other()->setCurrentIndex(tab.other()->findData(text("gbt_5m 12")));
    bench.settle();
    QCOMPARE(tab.model().headerData(FactsModel::Other, Qt::Horizontal, Qt::DisplayRole).toString(), text("version 12"));
    bench.choose("volatility_forecaster 6");
    QCOMPARE(tab.other()->count(), 0);
    QCOMPARE(tab.model().rowCount(), 0);
}

void ModelsPageTest::aModelIsExportedAndImported()
{
    Bench bench;
    const QTemporaryDir folder;
    bench.choose("gbt_5m 14");
    QString proposed;
    bench.actions().askSave = [&](const QString& name) {
        proposed = name;
        return folder.filePath(name);
    };
    bench.actions().exportModel();
    bench.settle();
    QCOMPARE(proposed, text("gbt_5m 14.qdmodel"));
    QFile file(folder.filePath(proposed));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("packed gbt_5m 14"));
    QVERIFY(bench.detail().told().contains(text("Written to")));

    bench.actions().askOpen = [&] { return file.fileName(); };
    bench.actions().importModel();
    bench.settle();
    bench.give("from the other machine");
    QCOMPARE(bench.console.newest<console::ImportModel>()->bytes, std::string("packed gbt_5m 14"));
    bench.learning->refusal = base::Error{base::ErrorCode::Damaged, "gbt_5m 14.qdmodel", "its checksum does not fit"};
    bench.carryOut();
    QVERIFY2(bench.window->toast().text().contains(text("its checksum does not fit")),
             qPrintable(bench.window->toast().text()));
    bench.actions().importModel();
    bench.settle();
    bench.give("once more");
    bench.carryOut();
    QCOMPARE(bench.learning->imported.size(), 1U);
    QVERIFY(bench.window->toast().text().contains(text("registered")));
}

void ModelsPageTest::aFileThatCannotBeWrittenIsTold()
{
    Bench bench;
    bench.choose("gbt_5m 14");
    bench.actions().askSave = [](const QString&) { return text("/nowhere/at/all.qdmodel"); };
    bench.actions().exportModel();
    bench.settle();
    QVERIFY(bench.detail().told().contains(text("could not be written")));
    bench.actions().askOpen = [] { return text("/nowhere/at/all.qdmodel"); };
    bench.actions().importModel();
    QVERIFY(bench.detail().told().contains(text("could not be read")));
    bench.learning->queryFailure = base::Error{base::ErrorCode::NotFound, "gbt_5m 14", "gone"};
    bench.actions().askSave = [](const QString& name) { return name; };
    bench.actions().exportModel();
    bench.settle();
    QVERIFY(bench.detail().told().startsWith(text("Not exported.")));
}

void ModelsPageTest::withoutAVersionTheButtonBringsOne()
{
    Bench bench(text("Models"), {1600, 1000}, {});
    QVERIFY(bench.detail().detail() == std::nullopt);
    const auto buttons = bench.detail().findChildren<QPushButton*>();
    const auto found = std::ranges::find_if(
        buttons, [](const QPushButton* b) { return b->isVisible() && b->text() == text("Retrain now…"); });
    QVERIFY(found != buttons.end());
    bench.click(*found);
    QVERIFY(bench.visible<ReasonDialog>() != nullptr);
    bench.give("the first one");
    QCOMPARE(bench.sent<console::RetrainModel>(), 1);
}

void ModelsPageTest::aRegistryThatCannotBeReadIsTold()
{
    testkit::FakeConsole console;
    const auto now = base::SystemClock().now();
    testkit::fill(console, now);
    testkit::FakeGovernor governor(console, now);
    testkit::FakeLearning learning(console, now);
    learning.queryFailure = base::Error{base::ErrorCode::Io, "models", "cannot open"};
    MainWindow window(console, UiOptions{.page = text("Models"), .size = {1280, 800}});
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(window.render({1280, 800}));
    }
    auto& page = static_cast<ModelsPage&>(window.page(4));
    const auto labels = page.detail().findChildren<QLabel*>();
    const QString wanted = format::sentence(*learning.queryFailure);
    QVERIFY(std::ranges::any_of(labels, [&](const QLabel* l) { return l->isVisible() && l->text() == wanted; }));
}

void ModelsPageTest::theKeyboardIsEnough()
{
    Bench bench;
    auto* view = bench.page().table().view();
    view->setFocus();
    bench.choose("gbt_5m 15");
    QTest::keyClick(view, Qt::Key_Down);
    bench.settle();
    QCOMPARE(bench.detail().version(), text("gbt_5m 14"));
    QTest::keyClick(view, Qt::Key_F, Qt::ControlModifier); // the filter box
    auto* box = bench.page().table().findChild<QLineEdit*>();
    QVERIFY(box->isVisible());
    QTest::keyClicks(box, text("quarantined"));
    QCOMPARE(bench.page().table().proxy()->rowCount(), 2);
    QTest::keyClick(box, Qt::Key_Escape);
    // Tab reaches every control of the page, and comes back.
    std::set<QWidget*> reached;
    view->setFocus();
    for (int i = 0; i < 80; ++i) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        reached.insert(QApplication::focusWidget());
    }
    QVERIFY(reached.contains(bench.page().training().retrainButton()));
    QVERIFY(reached.contains(bench.page().retiredBox()));
    QVERIFY(reached.contains(&bench.detail().folds().folds()));
    QVERIFY(reached.contains(&bench.detail().folds().calibration()));
    bench.page().training().retrainButton()->setFocus();
    QTest::keyClick(bench.page().training().retrainButton(), Qt::Key_Space);
    QVERIFY(bench.visible<ReasonDialog>() != nullptr);
    QTest::keyClick(bench.visible<ReasonDialog>(), Qt::Key_Escape);
    auto& chart = bench.detail().folds().folds();
    chart.setFocus();
    QTest::keyClick(&chart, Qt::Key_Right);
    QTest::keyClick(&chart, Qt::Key_Plus);
    QTest::keyClick(&chart, Qt::Key_Minus);
}

void ModelsPageTest::whatWaitsIsAmongTheNeeds()
{
    Bench bench(text("Overview"));
    const auto titles = [&] {
        QStringList out;
        for (const auto& one : attention(bench.window->pump().newest())) {
            if (one.page == text("Models")) {
                out << one.title;
            }
        }
        return out;
    };
    // stop_hit_predictor 4 can never be signed off: nobody is asked to.
    QCOMPARE(titles(),
             QStringList({text("direction_predictor@ETH-USDT 8 has expired"), text("gbt_5m 15 waits as challenger"),
                          text("direction_predictor@BTC-USDT 9 is quarantined")}));
    static_cast<void>(bench.window->render({1600, 1000}));
    QCOMPARE(bench.window->rail().button(4)->count(), 3);
    bench.learning->learning.challengers = 0; // an experiment compares it
    bench.governor->governance.experiments.push_back(
        {9, "ml_gbt_5m", statistics::Verdict::Collecting, governance::Advice::Wait, 9.0});
    bench.governor->publish();
    bench.learning->learning.outcomes = {
        {"fill_predictor", "", bench.now, true, "failed", "812 rows, 2 000 are needed."},
        {"stop_hit_predictor", "", bench.now - base::Millis{5}, false, "kept the old one", "no signal"},
        {"stop_hit_predictor", "", bench.now - base::Millis{9}, true, "failed", "trained again since"}};
    bench.publish();
    QCOMPARE(titles(), QStringList({text("The training of fill_predictor failed"),
                                    text("direction_predictor@ETH-USDT 8 has expired"),
                                    text("direction_predictor@BTC-USDT 9 is quarantined")}));
    bench.learning->learning.state = console::EngineState::Failed;
    bench.publish();
    const auto needs = attention(bench.window->pump().newest());
    QVERIFY(std::ranges::any_of(needs, [](const Attention& a) { return a.title == text("Retraining has failed"); }));
}

void ModelsPageTest::thePaletteKnowsModels()
{
    Bench bench(text("Overview"));
    bench.learning->learning.running = testkit::plausibleTraining(bench.now);
    bench.publish();
    const auto act = [&](const char* typed, const char* title) {
        QTest::keyClick(bench.window.get(), Qt::Key_K, Qt::ControlModifier);
        auto& model = bench.window->palettePanel().model();
        model.setTyped(text(typed));
        QVERIFY(model.rowCount() > 0);
        for (int row = 0; row < model.rowCount(); ++row) {
            if (model.entry(row).title == text(title)) {
                model.entry(row).act();
                bench.window->palettePanel().hide();
                bench.settle();
                return;
            }
        }
        QFAIL(title);
    };
    act("gbt_5m 13", "gbt_5m 13");
    QCOMPARE(bench.window->currentPage(), text("Models"));
    QCOMPARE(bench.detail().version(), text("gbt_5m 13"));
    act("cancel training", "Cancel the training of gbt_5m");
    QCOMPARE(bench.sent<console::CancelRetrain>(), 1);
    act("retrain vola", "Retrain volatility_forecaster…");
    QVERIFY(bench.visible<ReasonDialog>() != nullptr);
    QCOMPARE(bench.visible<ReasonDialog>()->findChild<QComboBox*>()->currentData().toString(),
             text("volatility_forecaster"));
    bench.visible<ReasonDialog>()->reject();
}

void ModelsPageTest::anExperimentOfModelsIsCreated()
{
    Bench bench;
    bench.choose("gbt_5m 15");
    bench.click(bench.actions().experimentButton());
    QCOMPARE(bench.window->currentPage(), text("Experiments"));
    auto* dialog = bench.visible<NewExperimentDialog>();
    QVERIFY(dialog != nullptr);
    bench.settle();
    QCOMPARE(dialog->challengers()->currentData().toString(), text("gbt_5m 15"));
    QCOMPARE(dialog->challengers()->count(), 2); // neither the champion nor the retired one
    QCOMPARE(dialog->told(), text("A: gbt_5m 14, B: gbt_5m 15. Begins at the next UTC midnight."));
    QVERIFY(!dialog->createButton()->isEnabled());
    QTest::keyClicks(dialog->reason(), text("better folds"));
    bench.click(dialog->createButton());
    const auto* sent = bench.console.newest<console::StartExperiment>();
    QVERIFY(sent != nullptr);
    QCOMPARE(sent->strategy, std::string("ml_gbt_5m"));
    QCOMPARE(sent->comparison, governance::Comparison::Models);
    QCOMPARE(sent->parameters, std::string("gbt_5m 15"));
    // Strategies that ask no model have no such choice.
    static_cast<ExperimentsPage&>(bench.window->page(3)).create(text("breakout"));
    bench.settle();
    dialog = bench.visible<NewExperimentDialog>();
    dialog->setComparison(governance::Comparison::Models);
    QVERIFY(!dialog->challengers()->isVisible());
    dialog->reject();
}

void ModelsPageTest::aTradeSaysWhichModelMadeIt()
{
    Bench bench(text("Execution"));
    auto trade = testkit::plausibleTrades("ml_gbt_5m", bench.now, 1).front();
    TradeStory story{.position = trade.position,
                     .closed = trade,
                     .instrument = testkit::instrument(1, "BTC-USDT", 1),
                     .now = bench.now};
    const auto names = [&] {
        QStringList out;
        for (const auto& fact : factsOf(story, format::Zone::Utc)) {
            out << fact.name;
        }
        return out;
    };
    QVERIFY(!names().contains(text("Which model made it")));
    story.model = testkit::plausibleTradeModel(bench.now);
    const auto facts = factsOf(story, format::Zone::Utc);
    const auto version = std::ranges::find(facts, text("Version"), &Fact::name);
    QVERIFY(version != facts.end());
    QCOMPARE(version->link, text("gbt_5m 14"));
    const auto said = std::ranges::find(facts, text("Said, needed"), &Fact::name);
    QCOMPARE(said->value, text("0.581 ≥ 0.540"));
    QVERIFY(names().contains(text("volume_ratio_5m_48")));
    QVERIFY(names().contains(text("Drift of volatility_1h_24")));
    story.model->version.clear();
    QVERIFY(!names().contains(text("Version")));

    auto* card = static_cast<ExecutionPage&>(bench.window->page(5)).trades();
    Q_EMIT card->table()->opened(0);
    auto* detail = card->detail();
    QVERIFY(detail != nullptr);
    const auto asked = [&] {
        return std::ranges::count_if(bench.console.asked, [](const auto& one) {
            return std::holds_alternative<console::AskTradeModel>(one.second);
        });
    };
    const auto before = asked();
    detail->showTrade(trade, nullptr);
    QCOMPARE(asked(), before + 1);
    bench.settle();
    QVERIFY(detail->text().contains(text("Version: gbt_5m 14")));
    const auto buttons = detail->findChildren<QPushButton*>();
    const auto link = std::ranges::find_if(buttons, [](const auto* b) { return b->text() == text("gbt_5m 14"); });
    QVERIFY(link != buttons.end());
    (*link)->click();
    bench.settle();
    QCOMPARE(bench.window->currentPage(), text("Models"));
    QCOMPARE(bench.detail().version(), text("gbt_5m 14"));
    QVERIFY(!detail->isVisible());
}

void ModelsPageTest::journalWordsOfStages()
{
    using governance::Change;
    using governance::ChangeKind;
    const auto words = [](const char* subject, const char* before, const char* after) {
        return say::change(Change{ChangeKind::ModelStage, subject, before, after}, nullptr);
    };
    QCOMPARE(words("gbt_5m 12", "shadow", "champion"), text("gbt_5m 12: shadow → champion"));
    QCOMPARE(words("gbt_5m 13", "", "challenger"), text("gbt_5m 13: added as challenger"));
    QCOMPARE(words("gbt_5m 13", "challenger", ""), text("gbt_5m 13: taken out again, it was challenger"));
    QCOMPARE(words("direction_predictor@BTC-USDT 3", "champion", "retired"),
             text("direction_predictor@BTC-USDT 3: champion → retired"));
}

void ModelsPageTest::everyEnumHasItsWord()
{
    QSet<QString> seen;
    for (int i = 0; i <= static_cast<int>(ModelStage::Retired); ++i) {
        seen << say::stage(static_cast<ModelStage>(i));
    }
    QCOMPARE(seen.size(), 5);
    seen.clear();
    for (int i = 0; i <= static_cast<int>(Detector::TooGood); ++i) {
        seen << say::detector(static_cast<Detector>(i));
    }
    QCOMPARE(seen.size(), 6);
    seen.clear();
    for (int i = 0; i <= static_cast<int>(learning::DriftLevel::Drift); ++i) {
        seen << say::level(static_cast<learning::DriftLevel>(i));
    }
    QCOMPARE(seen.size(), 4);
    seen.clear();
    for (int i = 0; i <= static_cast<int>(learning::AuditVerdict::Quarantined); ++i) {
        seen << say::verdict(static_cast<learning::AuditVerdict>(i));
    }
    QCOMPARE(seen.size(), 3);
    QVERIFY(!seen.contains(QString()));
    QVERIFY(say::worthWords(Family::Gbt5m, say::Worth::Better).isEmpty());
    QCOMPARE(say::worthWords(Family::Volatility, say::Worth::Chance), text("no better than the mean"));
    QCOMPARE(age(base::Millis{-5}), text("0 m"));
    QCOMPARE(age(base::Millis{3'599'999}), text("59 m"));
    QCOMPARE(age(base::Millis{3'600'000}), text("1 h"));
    QCOMPARE(age(base::Millis{86'399'999}), text("23 h"));
    QCOMPARE(age(base::oneDay), text("1 d"));
    console::RetrainOutcome outcome;
    for (const auto& [what, isFailure, tone] :
         {std::tuple{"challenger", false, Meaning::Gain}, std::tuple{"quarantined", false, Meaning::Warning},
          std::tuple{"kept the old one", false, Meaning::TextMuted}, std::tuple{"failed", true, Meaning::Loss},
          std::tuple{"cancelled", true, Meaning::TextMuted}}) {
        outcome.what = what;
        outcome.isFailure = isFailure;
        QCOMPARE(say::tone(outcome), tone);
    }
}

void ModelsPageTest::modelsKeepTheirPromises()
{
    Bench bench;
    std::vector<std::unique_ptr<QAbstractItemModelTester>> testers;
    for (QAbstractItemModel* model : std::initializer_list<QAbstractItemModel*>{
             &bench.page().registry(), &bench.page().training().outcomes(), &bench.detail().importance(),
             &bench.detail().drift(), &bench.detail().lineage(), &bench.detail().compare().model()}) {
        testers.push_back(
            std::make_unique<QAbstractItemModelTester>(model, QAbstractItemModelTester::FailureReportingMode::QtTest));
    }
    for (const auto* thing : {"gbt_5m 15", "volatility_forecaster 6", "fill_predictor", "stop_hit_predictor 4"}) {
        bench.choose(thing);
    }
    bench.click(bench.page().retiredBox());
    bench.learning->learning.outcomes = {{"fill_predictor", "", bench.now, true, "failed", "too few rows"}};
    bench.learning->models.rows.erase(bench.learning->models.rows.begin() + 4);
    ++bench.learning->learning.revision;
    bench.publish();
    bench.page().table().view()->horizontalHeader()->setSortIndicator(RegistryModel::Age, Qt::AscendingOrder);
    bench.settle();
    bench.learning->models.rows.clear();
    ++bench.learning->learning.revision;
    bench.publish();
    QCOMPARE(bench.page().registry().rowCount(), 0);
}

void ModelsPageTest::noWordIsCut_data()
{
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("tab");
    for (int tab = 0; tab <= ModelDetailPane::Hints; ++tab) {
        QTest::addRow("1600x1000, tab %d", tab) << QSize(1600, 1000) << tab;
        QTest::addRow("1280x800, tab %d", tab) << QSize(1280, 800) << tab;
    }
}

void ModelsPageTest::noWordIsCut()
{
    QFETCH(QSize, size);
    QFETCH(int, tab);
    Bench bench(text("Models"), size);
    bench.learning->learning.running = testkit::plausibleTraining(bench.now);
    bench.learning->learning.waiting = {"volatility_forecaster"};
    bench.learning->learning.outcomes = {{"fill_predictor", "", bench.now, true, "failed", "too few rows"}};
    bench.publish();
    for (const auto* thing : {"gbt_5m 15", "stop_hit_predictor 4", "fill_predictor"}) {
        bench.choose(thing);
        bench.detail().showTab(tab);
        for (int i = 0; i < 4; ++i) {
            static_cast<void>(bench.window->render(size));
        }
        const auto cut = testkit::cutWords(*bench.window);
        QVERIFY2(cut.isEmpty(), qPrintable(text(thing) + QStringLiteral(": ") + cut.join(QStringLiteral("; "))));
    }
}

QTEST_MAIN(ModelsPageTest)

#include "models_page_test.moc"
