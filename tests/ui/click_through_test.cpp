// The operator's decisions from the click to the database and back, on real engines: a host, its SQLite file and the
// window over it, on a market made by formula or a ledger made by formula. In the middle of each, host and window are
// torn down and made anew on the same folder. Waits for conditions, never for times.
#include "engines/engine_host.h"
#include "storage/database.h"
#include "testkit/exchange_thread.h"
#include "testkit/made_ledger.h"
#include "testkit/strict_log.h"
#include "testkit/wave_tape.h"
#include "trading/strategy_catalogue.h"
#include "ui/execution/execution_page.h"
#include "ui/execution/trade_pages_model.h"
#include "ui/execution/trades_card.h"
#include "ui/experiments/experiment_actions.h"
#include "ui/experiments/experiment_models.h"
#include "ui/experiments/experiments_page.h"
#include "ui/experiments/new_experiment_dialog.h"
#include "ui/journal/journal_detail.h"
#include "ui/journal/journal_model.h"
#include "ui/journal/journal_page.h"
#include "ui/main_window.h"
#include "ui/overview/attention_list.h"
#include "ui/overview/overview_page.h"
#include "ui/strategies/parameter_form.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/strategies/review_card.h"
#include "ui/strategies/review_dialog.h"
#include "ui/strategies/strategies_page.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/paint.h"
#include "ui/widgets/toast.h"

#include <QApplication>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

using namespace qd;
using namespace qd::ui;

namespace {

constexpr int patience = 60'000;

QString text(const char* utf8)
{
    return QString::fromUtf8(utf8);
}

/// The console as the program makes it, in a folder that outlives it.
class Desk {
public:
    Desk()
    {
        options.dataDir = folder.path().toStdString();
        options.feed = "imported";
        options.historyDays = 0;
        options.version = "test";
        options.calibration = {std::chrono::hours(1), std::chrono::hours(1)}; // it has a row of the journal, too
    }
    ~Desk() { close(); }

    void open(const char* page)
    {
        auto started = engines::EngineHost::start(options);
        if (!started) {
            qFatal("%s", base::sentence(started.error()).c_str());
        }
        host = std::move(*started);
        window = std::make_unique<MainWindow>(*host, UiOptions{.page = text(page), .size = {1600, 1000}});
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get(), patience)) {
            qFatal("no window on this display");
        }
        window->activateWindow();
        (void)QTest::qWaitForWindowActive(window.get(), patience);
        QVERIFY(waitFor([this] {
            const auto paper = host->paper().get();
            return paper && !paper->strategies.empty() && paper->policy;
        }));
    }
    void close()
    {
        window.reset();
        if (host) {
            host->stop();
            host.reset();
        }
    }
    /// Another tape is played to the same database, which is named by the address.
    void playNext(const testkit::ExchangeThread& exchange)
    {
        const auto file = engines::databaseOf(options.dataDir, options.feed);
        options.feed = exchange.webSocket();
        options.restUrl = exchange.rest();
        if (std::filesystem::exists(file)) {
            std::filesystem::rename(file, engines::databaseOf(options.dataDir, options.feed));
        }
    }
    [[nodiscard]] static bool waitFor(const std::function<bool()>& isSo) { return QTest::qWaitFor(isSo, patience); }
    /// Everything that was played is traded on and shown.
    [[nodiscard]] bool hasPlayed(const testkit::ExchangeThread& exchange, base::UtcMs until) const
    {
        return waitFor([&] {
            const auto ingest = host->ingest().get();
            return exchange.isFinished() && ingest && ingest->newestTick >= until - base::Millis{5'000};
        });
    }
    [[nodiscard]] std::int64_t number(const std::string& sql) const
    {
        auto database = storage::Database::open(engines::databaseOf(options.dataDir, options.feed),
                                                storage::Database::Mode::ReadOnly);
        return database ? database->number(sql).value_or(-1) : -1;
    }
    void give(const char* reason)
    {
        auto* dialog = visible<ReasonDialog>();
        QVERIFY(dialog != nullptr);
        auto* line = dialog->findChild<QLineEdit*>();
        line->selectAll();
        QTest::keyClicks(line, text(reason));
        QTest::keyClick(line, Qt::Key_Return);
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
    void go(const char* page) const { QVERIFY(window->showPage(text(page))); }
    [[nodiscard]] OverviewPage& overview() const { return static_cast<OverviewPage&>(window->page(0)); }
    [[nodiscard]] StrategiesPage& strategies() const { return static_cast<StrategiesPage&>(window->page(2)); }
    [[nodiscard]] ExperimentsPage& experiments() const { return static_cast<ExperimentsPage&>(window->page(3)); }
    [[nodiscard]] ExecutionPage& execution() const { return static_cast<ExecutionPage&>(window->page(5)); }
    [[nodiscard]] JournalPage& journal() const { return static_cast<JournalPage&>(window->page(8)); }
    [[nodiscard]] QString toast() const { return window->toast().text(); }
    [[nodiscard]] paint::SwitchState switchOf(const std::string& name) const
    {
        const auto& model = strategies().roster();
        const auto index = model.index(model.rowOf(QString::fromStdString(name)), StrategiesModel::On);
        return static_cast<paint::SwitchState>(index.data(SwitchRole).toInt());
    }
    /// A click on the switch of its row.
    void clickSwitch(const std::string& name) const
    {
        for (auto* view : strategies().findChildren<QTableView*>()) {
            if (view->accessibleName() == text("Roster")) {
                const auto* proxy = static_cast<const QSortFilterProxyModel*>(view->model());
                const auto& model = strategies().roster();
                const auto index =
                    proxy->mapFromSource(model.index(model.rowOf(QString::fromStdString(name)), StrategiesModel::On));
                view->scrollTo(index);
                QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(index).center());
                return;
            }
        }
        QFAIL("no roster");
    }
    [[nodiscard]] const console::StrategyRow* row(const std::string& name) const
    {
        paper_ = host->paper().get();
        const auto found = std::ranges::find(paper_->strategies, name, &console::StrategyRow::name);
        return found == paper_->strategies.end() ? nullptr : &*found;
    }
    [[nodiscard]] QString journalled(int line, int column = JournalModel::What) const
    {
        return journal().model().index(line, column).data().toString();
    }
    /// With U, from the row that is chosen.
    void undoInJournal(int line, const char* reason)
    {
        auto* table = journal().table();
        table->view()->clearSelection();
        table->selectRow(line);
        table->view()->setFocus();
        QVERIFY(waitFor([&] { return journal().detail().undoButton()->isEnabled(); }));
        QTest::keyClick(table->view(), Qt::Key_U);
        give(reason);
    }

    QTemporaryDir folder;
    engines::HostOptions options;
    std::unique_ptr<engines::EngineHost> host;
    std::unique_ptr<MainWindow> window;

private:
    mutable std::shared_ptr<const console::PaperSnapshot> paper_;
};

testkit::ExchangeThread played(const QString& path)
{
    exchange::LoopbackOptions market;
    market.recorded = {{path.toStdString(), testkit::waveInstrument()}};
    market.speed = 0;
    return testkit::ExchangeThread(std::move(market));
}

struct Challenger {
    std::string strategy;
    const char* name = "";  // of the parameter that B changes
    const char* value = ""; // to what
};

struct Figures {
    std::size_t n = 0;
    std::size_t won = 0;
    double mean = 0;   // USDT a trade
    double sharpe = 0; // a trade
};

Figures figuresOf(const std::vector<trading::ClosedTrade>& trades)
{
    Figures out{.n = trades.size()};
    double squares = 0;
    for (const auto& trade : trades) {
        const double net = base::toUsdt(trade.net);
        out.mean += net / static_cast<double>(out.n);
        squares += net * net / static_cast<double>(out.n);
        out.won += net > 0 ? 1 : 0;
    }
    const double variance = squares - out.mean * out.mean;
    out.sharpe = variance > 0 ? out.mean / std::sqrt(variance) : 0;
    return out;
}

/// One that earns more with another parameter, by a clear margin, so that its gates pass.
std::optional<Challenger> challengerOn(const std::vector<market::StreamItem>& stream, base::UtcMs from)
{
    std::optional<Challenger> best;
    double most = 0.3; // USDT a trade, at least
    for (const auto& info : trading::strategyCatalogue()) {
        const std::string name(info.name);
        const auto a = figuresOf(testkit::tradesOn(stream, name, {}, from));
        for (const auto& [parameter, value] : {std::pair{"target_atr", "6"}, std::pair{"stop_atr", "4"},
                                               std::pair{"target_atr", "1"}, std::pair{"stop_atr", "1"}}) {
            const auto b = figuresOf(testkit::tradesOn(stream, name, std::string(parameter) + '=' + value, from));
            if (a.n >= 8 && b.n >= 8 && a.won >= 2 && b.won >= 2 && b.mean > most && b.sharpe > a.sharpe + 0.1) {
                most = b.mean;
                best = Challenger{name, parameter, value};
            }
        }
    }
    return best;
}

} // namespace

class ClickThroughTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        testkit::StrictLog::install();
        day_ = folder_.filePath(text("day.csv"));
        nights_ = folder_.filePath(text("nights.csv"));
        QVERIFY(testkit::writeWaves(day_, testkit::waveDay, split_));
        QVERIFY(testkit::writeWaves(nights_, split_, end_));
        stream_ = testkit::streamOfWaves({day_, nights_});
    }
    void cleanup() { QD_VERIFY_QUIET(); }

    void aSwitchedOffStrategyTradesInShadowAndComesBackByUndo();
    void twoProposalsAreAppliedAndOneIsTakenBack();
    void fiveItemsOfNeedsYouByKeyboard();
    void anExperimentFromItsCreationToItsPromotion();
    void entriesArePausedAndAPositionIsClosedByHand();

private:
    const base::UtcMs split_ = testkit::waveDay + testkit::waveHour * 22;
    const base::UtcMs end_ = testkit::waveDay + testkit::waveHour * 73;
    QTemporaryDir folder_;
    QString day_;
    QString nights_;
    std::vector<market::StreamItem> stream_;
};

void ClickThroughTest::aSwitchedOffStrategyTradesInShadowAndComesBackByUndo()
{
    std::string busy;
    std::size_t most = 0;
    for (const auto& info : trading::strategyCatalogue()) {
        const auto trades = testkit::tradesOn(stream_, std::string(info.name), {}, split_).size();
        busy = trades > most ? std::string(info.name) : busy;
        most = std::max(most, trades);
    }
    QVERIFY2(most >= 5, busy.c_str());

    Desk desk;
    {
        const auto exchange = played(day_);
        desk.playNext(exchange);
        desk.open("Strategies");
        QVERIFY(desk.hasPlayed(exchange, split_));
        QVERIFY(desk.waitFor([&] { return desk.switchOf(busy) == paint::SwitchState::On; }));
        desk.clickSwitch(busy);
        QCOMPARE(desk.switchOf(busy), paint::SwitchState::Pending);
        QVERIFY(desk.waitFor([&] { return desk.switchOf(busy) == paint::SwitchState::Off; }));
        QVERIFY2(desk.toast().contains(QString::fromStdString(busy) + text(" switched off")), qPrintable(desk.toast()));
        QCOMPARE(desk.number("SELECT count(*) FROM journal"), std::int64_t{1}); // shown is committed

        QTest::mouseClick(desk.window->toast().button(), Qt::LeftButton); // back by the journal
        QCOMPARE(desk.switchOf(busy), paint::SwitchState::Pending);
        QVERIFY(desk.waitFor([&] { return desk.switchOf(busy) == paint::SwitchState::On; }));
        QCOMPARE(desk.number("SELECT count(*) FROM journal WHERE undoes IS NOT NULL"), std::int64_t{1});
        desk.clickSwitch(busy);
        QVERIFY(desk.waitFor([&] { return desk.switchOf(busy) == paint::SwitchState::Off; }));
        desk.close();
    }
    const auto exchange = played(nights_);
    desk.playNext(exchange);
    desk.open("Strategies");
    QVERIFY(desk.waitFor([&] { return desk.switchOf(busy) == paint::SwitchState::Off; })); // nothing is lost
    QVERIFY(desk.hasPlayed(exchange, end_));
    const auto shadows = "SELECT count(*) FROM trades WHERE in_shadow=1 AND strategy='" + busy + "'";
    QVERIFY(desk.waitFor([&] { return desk.number(shadows) > 0; }));
    desk.go("Execution");
    for (auto* button : desk.execution().findChildren<QAbstractButton*>()) {
        if (button->text() == text("Shadow")) {
            button->click();
        }
    }
    QVERIFY(desk.waitFor([&] { return desk.execution().reveal(QString::fromStdString(busy)); }));
    auto& trades = desk.execution().trades()->model();
    const auto isShadow = [&](int row) { return trades.trade(row) != nullptr && trades.trade(row)->position.inShadow; };
    QVERIFY(desk.waitFor([&] { return trades.rowCount() > 0 && isShadow(0); }));
    QCOMPARE(trades.trade(0)->position.decision.strategy, busy);

    desk.go("Journal");
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 3; }));
    QCOMPARE(desk.journalled(0, JournalModel::Kind), text("Switch"));
    desk.undoInJournal(0, "enough seen");
    QVERIFY(desk.waitFor([&] { return desk.row(busy)->isEnabled; }));
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 4; }));
    QVERIFY(desk.waitFor([&] { return desk.journalled(1, JournalModel::Undone) == text("taken back"); }));
}

void ClickThroughTest::twoProposalsAreAppliedAndOneIsTakenBack()
{
    Desk desk;
    const auto losing = [](int n) { return n % 3 == 0 ? 1.0 : -3.0; };
    {
        const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
        testkit::MadeLedger ledger(engines::databaseOf(desk.options.dataDir, "imported"), end, 25, 60);
        ledger.add("breakout", 3, losing);
        ledger.add("reversal", 3, losing);
        ledger.store.close();
    }
    desk.open("Strategies");
    auto title = [&] { return desk.strategies().review().title(); };
    QVERIFY(desk.waitFor([&] { return title() == text("Review proposes 2 changes"); }));
    desk.strategies().review().choose();
    QVERIFY(desk.waitFor([&] { return desk.visible<ReviewDialog>() != nullptr; }));
    auto* dialog = desk.visible<ReviewDialog>();
    std::vector<std::int64_t> ids;
    for (const auto& proposal : desk.host->governance().get()->proposals) {
        ids.push_back(proposal.id);
    }
    for (const auto id : ids) {
        QVERIFY(dialog->applyButton(id) != nullptr);
        QTest::mouseClick(dialog->applyButton(id), Qt::LeftButton);
        QVERIFY(!dialog->applyButton(id)->isEnabled()); // pending
    }
    QVERIFY(desk.waitFor([&] { return !desk.row("breakout")->isEnabled && !desk.row("reversal")->isEnabled; }));
    desk.close();

    desk.open("Journal");
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 2; }));
    QVERIFY(desk.waitFor([&] { return desk.journal().model().at(0) != nullptr; }));
    const auto undone = desk.journal().model().at(0)->decision.changes.front().subject;
    const std::string other = undone == "breakout" ? "reversal" : "breakout";
    QVERIFY(!desk.row(undone)->isEnabled && !desk.row(other)->isEnabled);
    desk.undoInJournal(0, "not yet");
    QVERIFY(desk.waitFor([&] { return desk.row(undone)->isEnabled; }));
    QVERIFY(!desk.row(other)->isEnabled);
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 3; }));
    desk.close();
    desk.open("Strategies");
    QVERIFY(desk.waitFor([&] { return desk.switchOf(undone) == paint::SwitchState::On; }));
    QCOMPARE(desk.switchOf(other), paint::SwitchState::Off);
}

void ClickThroughTest::fiveItemsOfNeedsYouByKeyboard()
{
    Desk desk;
    {
        const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
        testkit::MadeLedger ledger(engines::databaseOf(desk.options.dataDir, "imported"), end, 25, 60);
        for (const auto* name : {"breakout", "reversal", "momentum", "ema_crossover", "bb_squeeze"}) {
            ledger.add(name, 3, [](int n) { return n % 3 == 0 ? 1.0 : -3.0; });
        }
        ledger.store.close();
    }
    desk.open("Markets");
    int keys = 0;
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers with = {}) {
        auto* dialog = desk.visible<ReasonDialog>(); // without a window manager it gets no focus by itself
        QWidget* to = dialog != nullptr ? dialog->findChild<QLineEdit*>() : desk.window->focusWidget();
        QTest::keyClick(to != nullptr ? to : desk.window.get(), key, with);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        ++keys;
    };
    press(Qt::Key_1, Qt::ControlModifier);
    auto& list = desk.overview().needs();
    const auto decisions = [&] { return std::ranges::count(list.items(), AttentionKind::Proposal, &Attention::kind); };
    QVERIFY(desk.waitFor([&] { return decisions() == 5; }));
    const auto isOnProposal = [&] {
        return list.focused() >= 0 &&
               list.items()[static_cast<std::size_t>(list.focused())].kind == AttentionKind::Proposal;
    };
    for (int i = 0; i < 3 && !isOnProposal(); ++i) { // a probe over its limit would stand above them
        press(Qt::Key_J);
    }
    QVERIFY(isOnProposal());
    const auto dismissed = list.items()[static_cast<std::size_t>(list.focused())].strategy;
    press(Qt::Key_D);
    press(Qt::Key_X);
    press(Qt::Key_Return);
    for (int i = 0; i < 4; ++i) {
        QVERIFY(isOnProposal());
        press(Qt::Key_A);
    }
    QVERIFY2(keys <= 12, qPrintable(QString::number(keys)));
    QVERIFY(desk.waitFor([&] { return decisions() == 0; }));
    desk.close();

    desk.open("Journal"); // and each is kept
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 5; }));
    int off = 0;
    for (const auto* name : {"breakout", "reversal", "momentum", "ema_crossover", "bb_squeeze"}) {
        off += desk.row(name)->isEnabled ? 0 : 1;
    }
    QCOMPARE(off, 4);
    QVERIFY(desk.row(dismissed.toStdString())->isEnabled);
    desk.journal().kinds()->setCurrentText(text("Dismissal"));
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 1; }));
    QVERIFY(desk.waitFor([&] { return desk.journalled(0, JournalModel::Why) == text("x"); }));
}

void ClickThroughTest::anExperimentFromItsCreationToItsPromotion()
{
    const auto midnight = testkit::waveDay + base::oneDay;
    const auto challenger = challengerOn(stream_, midnight);
    QVERIFY(challenger);
    const auto name = QString::fromStdString(challenger->strategy);
    Desk desk;
    {
        const auto exchange = played(day_);
        desk.playNext(exchange);
        desk.open("Experiments");
        QVERIFY(desk.hasPlayed(exchange, split_));
        // Gates that two days of trades can pass; they are the experiment's own from its creation on.
        (void)desk.host->send(
            console::SetPolicy{{{"ab.min_trades", "4"}, {"ab.min_wins", "1"}, {"ab.min_losses", "0"}}, "a short one"});
        QVERIFY(desk.waitFor(
            [&] { return base::policyValue(desk.host->paper().get()->policy->numbers, "ab.min_trades") == 4; }));
        QVERIFY(desk.waitFor([&] { // as the window sees it
            return desk.window->pump().newest().paper &&
                   base::policyValue(desk.window->pump().newest().paper->policy->numbers, "ab.min_trades") == 4;
        }));
        desk.experiments().create(name);
        auto* dialog = desk.visible<NewExperimentDialog>();
        QVERIFY(dialog != nullptr);
        auto* editor = dialog->form().editor(challenger->name);
        QVERIFY(editor != nullptr);
        editor->setText(text(challenger->value));
        QTest::keyClicks(dialog->reason(), text("follows the wave further"));
        QVERIFY(desk.waitFor([&] { return dialog->createButton()->isEnabled(); })); // its gate is simulated
        QTest::mouseClick(dialog->createButton(), Qt::LeftButton);
        QVERIFY(desk.waitFor([&] { return desk.experiments().model().rowCount() == 1; }));
        QCOMPARE(desk.experiments().model().row(0).plan.begins, midnight);
        QVERIFY(!desk.experiments().actions().button(console::ExperimentEnd::PromoteB)->isEnabled());
        desk.close();
    }
    const auto exchange = played(nights_);
    desk.playNext(exchange);
    desk.open("Experiments");
    QVERIFY(desk.waitFor([&] { return desk.experiments().model().rowCount() == 1; })); // nothing is lost
    const auto plan = desk.experiments().model().row(0).plan;
    QCOMPARE(plan.begins, midnight);
    QCOMPARE(plan.policy.minTrades, std::uint64_t{4});
    QVERIFY(desk.hasPlayed(exchange, end_));
    auto* promote = desk.experiments().actions().button(console::ExperimentEnd::PromoteB);
    QVERIFY(desk.waitFor([&] { return promote->isEnabled(); })); // its gates have passed
    QTest::mouseClick(promote, Qt::LeftButton);
    QVERIFY(desk.visible<ReasonDialog>() != nullptr);
    desk.give("it earns more");
    QVERIFY(!promote->isEnabled()); // pending
    QVERIFY(desk.waitFor([&] { return desk.row(challenger->strategy)->parameterHash == plan.b; }));
    QVERIFY(desk.waitFor([&] { return desk.toast().contains(text("B is promoted")); }));
    desk.close();

    desk.open("Experiments");
    QVERIFY(desk.waitFor([&] { return desk.experiments().model().rowCount() == 1; }));
    QCOMPARE(desk.experiments().model().row(0).outcome, std::string("B promoted"));
    QCOMPARE(desk.row(challenger->strategy)->parameterHash, plan.b);
    desk.go("Journal");
    desk.journal().kinds()->setCurrentText(text("Experiment"));
    QVERIFY(desk.waitFor([&] { return desk.journal().model().rowCount() == 2; })); // began, ended
    QVERIFY(desk.waitFor([&] { return desk.journalled(0, JournalModel::Why) == text("it earns more"); }));
}

void ClickThroughTest::entriesArePausedAndAPositionIsClosedByHand()
{
    Desk desk;
    std::int64_t entered = 0;
    {
        const auto exchange = played(day_);
        desk.playNext(exchange);
        desk.open("Markets");
        QVERIFY(desk.hasPlayed(exchange, split_));
        QVERIFY(desk.waitFor([&] { return desk.host->paper().get()->closedTotal > 0; }));
        QTest::keyClick(desk.window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        desk.give("away for the day");
        QVERIFY(desk.waitFor([&] { return desk.toast().contains(text("Entries are paused")); }));
        const auto isPaused = [&] {
            return std::ranges::count(attention(desk.window->pump().newest()), text("paused"), &Attention::key) == 1;
        };
        QVERIFY(desk.waitFor(isPaused));
        entered = desk.number("SELECT (SELECT count(*) FROM trades)+(SELECT count(*) FROM positions)");
        desk.close();
    }
    const auto exchange = played(nights_);
    desk.playNext(exchange);
    desk.open("Markets");
    QVERIFY(desk.hasPlayed(exchange, end_));
    QVERIFY(desk.waitFor([&] { return desk.number("SELECT count(*) FROM signals WHERE reason='paused'") > 0; }));
    // What was ordered may still have filled; nothing was ordered since.
    const auto now = desk.number("SELECT (SELECT count(*) FROM trades)+(SELECT count(*) FROM positions)");
    QVERIFY2(now - entered <= 3, qPrintable(QString::number(now - entered)));
    QTest::keyClick(desk.window.get(), Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    desk.give("back");
    QVERIFY(desk.waitFor([&] { return desk.toast().contains(text("Entries are taken again")); }));
    QCOMPARE(desk.number("SELECT count(*) FROM journal"), std::int64_t{2});
}

QTEST_MAIN(ClickThroughTest)
#include "click_through_test.moc"
