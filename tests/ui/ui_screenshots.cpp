// Renders every page with plausible snapshots into PNG files: ui_screenshots FOLDER WIDTHxHEIGHT dark|light
// [calm|busy]. For looking at; the tests of the look are in frame_test and pages_test.
#include "testkit/fake_alerts.h"
#include "testkit/fake_answers.h"
#include "testkit/fake_console.h"
#include "testkit/fake_execution.h"
#include "testkit/fake_governance.h"
#include "testkit/fake_learning.h"
#include "ui/charts/candle_chart.h"
#include "ui/execution/execution_page.h"
#include "ui/execution/stop_lab_card.h"
#include "ui/execution/trade_detail.h"
#include "ui/execution/trades_card.h"
#include "ui/experiments/experiments_page.h"
#include "ui/help/help_window.h"
#include "ui/main_window.h"
#include "ui/markets/markets_page.h"
#include "ui/models/model_detail.h"
#include "ui/models/models_page.h"
#include "ui/overview/checklist_card.h"
#include "ui/overview/overview_page.h"
#include "ui/settings/policy_card.h"
#include "ui/strategies/detail_pane.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QApplication>
#include <QDialog>
#include <QLineEdit>
#include <QTextStream>

#include <algorithm>

namespace {

/// What only comes with a click: the stop lab's grid, and one trade's detail beside the page's own picture.
bool renderExecution(qd::ui::MainWindow& window, const QSize& size, const QString& folder)
{
    auto* page = window.findChild<qd::ui::ExecutionPage*>();
    page->lab()->run();
    static_cast<void>(window.render(size));
    if (!window.render(size).save(folder + QStringLiteral("/execution.png"))) {
        return false;
    }
    Q_EMIT page->trades()->table()->opened(0);
    static_cast<void>(window.render(size));
    auto* detail = page->trades()->detail();
    QCoreApplication::sendPostedEvents();
    const bool isSaved = detail->grab().save(folder + QStringLiteral("/execution-detail.png"));
    detail->close();
    for (auto* button : page->findChildren<qd::ui::PillButton*>()) {
        if (button->text().startsWith(QStringLiteral("Slippage"))) {
            button->click();
        }
    }
    static_cast<void>(window.render(size));
    return isSaved && window.render(size).save(folder + QStringLiteral("/execution-slippage.png"));
}

bool renderPosition(qd::ui::MainWindow& window, const QSize& size, const QString& folder)
{
    auto* page = window.findChild<qd::ui::MarketsPage*>();
    for (auto* table : page->findChildren<qd::ui::DataTable*>()) {
        if (table->view()->accessibleName() == QStringLiteral("Open positions")) {
            Q_EMIT table->opened(1);
        }
    }
    static_cast<void>(window.render(size));
    static_cast<void>(window.render(size)); // with its chart
    const bool isSaved = page->detail()->grab().save(folder + QStringLiteral("/markets-detail.png"));
    page->detail()->close();
    return isSaved;
}

/// The dialogs of decisions, and Overview once its first steps are put away.
bool renderDecisions(qd::ui::MainWindow& window, const QSize& size, const QString& folder)
{
    const auto settle = [&] {
        for (int i = 0; i < 3; ++i) {
            static_cast<void>(window.render(size));
        }
    };
    bool isSaved = true;
    const auto grab = [&](const char* name) {
        settle();
        const auto all = window.findChildren<QDialog*>();
        const auto found = std::ranges::find_if(all, [](const QDialog* one) { return one->isVisible(); });
        auto* dialog = found == all.end() ? nullptr : *found;
        isSaved = isSaved && dialog != nullptr &&
                  dialog->grab().save(folder + QLatin1Char('/') + QLatin1String(name) + QStringLiteral(".png"));
        if (dialog != nullptr) {
            dialog->close();
            QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        }
    };
    window.showPage(QStringLiteral("Strategies"));
    settle();
    window.findChild<qd::ui::StrategiesPage*>()->review().choose();
    grab("dialog-review");
    window.showPage(QStringLiteral("Experiments"));
    settle();
    window.findChild<qd::ui::ExperimentsPage*>()->create(QStringLiteral("breakout"));
    grab("dialog-experiment");
    window.showPage(QStringLiteral("Settings"));
    settle();
    auto* policy = window.findChild<qd::ui::PolicyCard*>();
    policy->reveal(QStringLiteral("ab.max_days"));
    policy->editor()->setText(QStringLiteral("12"));
    isSaved = isSaved && window.render(size).save(folder + QStringLiteral("/settings-edited.png"));
    policy->save();
    grab("dialog-policy");
    window.showPage(QStringLiteral("Overview"));
    static_cast<qd::ui::OverviewPage&>(window.page(0)).checklist().setPutAway(true);
    settle();
    return isSaved && window.render(size).save(folder + QStringLiteral("/overview-later.png"));
}

/// Every tab of a challenger, a quarantined version, a model without one, and what it asks before a training.
bool renderModels(qd::ui::MainWindow& window, const QSize& size, const QString& folder)
{
    window.showPage(QStringLiteral("Models"));
    auto* page = window.findChild<qd::ui::ModelsPage*>();
    bool isSaved = true;
    const auto save = [&](const QString& name) {
        for (int i = 0; i < 4; ++i) {
            static_cast<void>(window.render(size));
        }
        isSaved = isSaved && window.render(size).save(folder + QLatin1Char('/') + name + QStringLiteral(".png"));
    };
    for (int tab = 0; tab <= qd::ui::ModelDetailPane::Compare; ++tab) {
        page->detail().showTab(tab);
        save(QStringLiteral("models-%1").arg(tab));
    }
    page->reveal(QStringLiteral("stop_hit_predictor 4"));
    page->detail().showTab(qd::ui::ModelDetailPane::Audit);
    save(QStringLiteral("models-quarantined"));
    page->detail().showTab(qd::ui::ModelDetailPane::Folds);
    page->reveal(QStringLiteral("volatility_forecaster 6"));
    save(QStringLiteral("models-volatility"));
    page->reveal(QStringLiteral("fill_predictor"));
    save(QStringLiteral("models-none"));
    page->retrain(QStringLiteral("gbt_5m"));
    save(QStringLiteral("models-retrain"));
    const auto all = window.findChildren<QDialog*>();
    const auto found = std::ranges::find_if(all, [](const QDialog* one) { return one->isVisible(); });
    isSaved = isSaved && found != all.end() && (*found)->grab().save(folder + QStringLiteral("/dialog-retrain.png"));
    if (found != all.end()) {
        (*found)->close();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    page->reveal(QStringLiteral("gbt_5m 15"));
    return isSaved;
}

/// The help over the window: a page with a table, and a search.
bool renderHelp(qd::ui::MainWindow& window, const QString& folder)
{
    bool isSaved = true;
    for (const char* page : {"first-steps", "gates"}) {
        window.openHelp(QString::fromLatin1(page));
        QCoreApplication::processEvents();
        isSaved = isSaved && window.helpWindow()->grab().save(folder + QStringLiteral("/help-") +
                                                              QString::fromLatin1(page) + QStringLiteral(".png"));
    }
    window.helpWindow()->searchLine().setText(QStringLiteral("interval"));
    QCoreApplication::processEvents();
    isSaved = isSaved && window.helpWindow()->grab().save(folder + QStringLiteral("/help-search.png"));
    window.helpWindow()->close();
    return isSaved;
}

} // namespace

int main(int argc, char** argv)
{
    QApplication app(argc, argv);
    const auto arguments = QApplication::arguments();
    if (arguments.size() < 4) {
        QTextStream(stderr) << "usage: ui_screenshots FOLDER WIDTHxHEIGHT dark|light [calm|busy]\n";
        return 2;
    }
    const auto size = arguments[2].split(QLatin1Char('x'));
    const auto now = qd::base::SystemClock().now();
    qd::testkit::FakeConsole console;
    qd::testkit::fill(console, now);
    qd::testkit::FakeGovernor governor(console, now, 1'412);
    const auto ofRoster = console.onAsk;
    if (arguments.value(4) == QStringLiteral("busy")) {
        auto ingest = qd::testkit::plausibleIngest(now);
        ingest.feed = qd::console::FeedState::Offline;
        ingest.state = qd::console::EngineState::Struggling;
        ingest.detail = "Connection refused by 127.0.0.1:40123.";
        ingest.malformed = {{"json", 3}, {"unknown instrument", 1}};
        console.ingestBox.put(ingest);
        auto health = qd::testkit::plausibleHealth(now);
        health.probes[0].value = 91;
        health.score = 48;
        health.label = qd::console::HealthLabel::Poor;
        health.cap = "the feed is dead";
        console.healthBox.put(health);
    }
    console.healthBox.put(qd::testkit::withAlerts(*console.healthBox.get(), now));
    const bool isBusy = arguments.value(4) == QStringLiteral("busy");
    qd::testkit::FakeDesk desk(console, now, isBusy ? 0 : 33'412);
    const auto ofExecution = console.onAsk;
    console.onAsk = [&](qd::console::QueryId id, const qd::console::Query& query) {
        const auto* trades = std::get_if<qd::console::AskTrades>(&query);
        const bool isOfOneStrategy = trades != nullptr && !trades->filter.strategy.empty();
        const bool isOfExecution = std::holds_alternative<qd::console::AskExecution>(query) ||
                                   std::holds_alternative<qd::console::AskTrade>(query) ||
                                   std::holds_alternative<qd::console::RunStopLab>(query);
        (isOfExecution || (trades != nullptr && !isOfOneStrategy) ? ofExecution : ofRoster)(id, query);
    };
    qd::testkit::FakeLearning learning(console, now);
    if (isBusy) { // nothing was ever trained
        learning.models.rows.clear();
        learning.learning.challengers = learning.learning.quarantined = 0;
    } else {
        learning.learning.running = qd::testkit::plausibleTraining(now);
        learning.learning.waiting = {"direction_predictor@ETH-USDT", "volatility_forecaster"};
        learning.learning.outcomes = {
            {"stop_hit_predictor", "stop_hit_predictor 4", now - qd::base::oneDay * 3, false, "quarantined",
             "one feature alone separates 0.71"},
            {"volatility_forecaster", "", now - qd::base::oneDay * 4, false, "kept the old one", "no signal: p 0.31"},
            {"fill_predictor", "", now - qd::base::oneDay * 5, true, "failed", "812 rows, 2 000 are needed"}};
    }
    learning.publish();
    using qd::console::Notice;
    using qd::console::Severity;
    console.events = {
        Notice{now - qd::base::Millis{9'200'000}, Severity::Info, "Subscribed to 12 instruments"},
        Notice{now - qd::base::Millis{4'000'000}, Severity::Warning,
               "Stream closed by the exchange; reconnected in 1.4 s, 212 trades filled in"},
        qd::console::EngineFailed{"Store writer", "disk I/O error while appending block 8812 of BTC-USDT", true},
        qd::console::TradeClosed{qd::testkit::closedTrade(now)}};
    qd::ui::MainWindow window(
        console, {.theme = arguments[3] == QStringLiteral("light") ? qd::ui::Mode::Light : qd::ui::Mode::Dark});
    for (const auto& page : qd::ui::MainWindow::pageNames()) {
        window.showPage(page);
        const QSize wanted(size.value(0).toInt(), size.value(1).toInt());
        for (int i = 0; i < 3; ++i) { // questions are answered at the pull after they were asked
            static_cast<void>(window.render(wanted));
        }
        if (!window.render(wanted).save(arguments[1] + QLatin1Char('/') + page.toLower() + QStringLiteral(".png"))) {
            return 1;
        }
        if (page == QStringLiteral("Markets") && !renderPosition(window, wanted, arguments[1])) {
            return 1;
        }
        if (page == QStringLiteral("Execution") && !isBusy && !renderExecution(window, wanted, arguments[1])) {
            return 1;
        }
    }
    if (!renderDecisions(window, QSize(size.value(0).toInt(), size.value(1).toInt()), arguments[1])) {
        return 1;
    }
    if (!renderHelp(window, arguments[1])) {
        return 1;
    }
    if (!isBusy && !renderModels(window, QSize(size.value(0).toInt(), size.value(1).toInt()), arguments[1])) {
        return 1;
    }
    window.showPage(QStringLiteral("Strategies"));
    auto* detail = window.findChild<qd::ui::DetailPane*>();
    for (int tab = 0; detail != nullptr && tab <= qd::ui::DetailPane::Parameters; ++tab) {
        detail->showTab(tab);
        const QSize wanted(size.value(0).toInt(), size.value(1).toInt());
        static_cast<void>(window.render(wanted));
        static_cast<void>(window.render(wanted));
        if (!window.render(wanted).save(arguments[1] + QStringLiteral("/strategies-%1.png").arg(tab))) {
            return 1;
        }
    }
    return 0;
}
