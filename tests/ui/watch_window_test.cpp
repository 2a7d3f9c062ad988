// The window of one who only watches, with answers of the test's: every page is filled, a silent API is said in red
// with what to do and nothing looks alive meanwhile, lists are asked page by page and by their filters, and what the
// operator arranged comes back. Nothing in it changes anything.
#include "testkit/fake_watched.h"
#include "testkit/strict_log.h"
#include "ui/help/help_window.h"
#include "ui/navigation_rail.h"
#include "ui/watch/watch_band.h"
#include "ui/watch/watch_pane.h"
#include "ui/watch/watch_window.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <initializer_list>

using namespace qd;
using namespace qd::ui;
using namespace std::chrono_literals;
using console::WatchTrouble;
using testkit::FakeWatched;

namespace {

constexpr auto status =
    R"({"version":"0.1.0","feed":"demo","database":"/data/demo.db","process":4711,)"
    R"("started":"2026-11-26T11:30:00.000Z","now":"2026-11-26T12:00:00.000Z",)"
    R"("engines":[{"name":"Ingest","state":"running","restarts":0,"detail":"","uptime_s":1800,"since_beat_s":0.2},)"
    R"({"name":"Paper trading","state":"struggling","restarts":1,"detail":"slow disk","uptime_s":60,"since_beat_s":4.5}],)"
    R"("ingest":{"state":"running","feed":"online","address":"ws://x","ticks":12345,"ticks_per_second":41.5,"clock_offset_ms":null},)"
    R"("paper":{"is_paused":true,"equity":10012.5,"capital":10000,"gain":0.00125,"today":-3.25,"profit_factor_7d":null,)"
    R"("undefined":{"profit_factor_7d":"no_trades"},)"
    R"("positions":[{"strategy":"breakout","instrument":"BTC-USDT","side":"long","entered":"2026-11-26T11:59:00.000Z",)"
    R"("unrealised":1.5,"unrealised_share":0.001,"in_shadow":true,"size":"12","entry":"61837.60","stop":"61000.0","target":"63000.0"}]},)"
    R"("store":{"ticks":9,"bytes":2500000,"write_lag_ms":3.5,"rows_per_second":50,"detail":""},)"
    R"("health":{"score":87,"label":"good","cap":""}})";

std::string tradesFrom(int newest, int total, const std::string& next)
{
    std::string items;
    for (int i = 0; i < 100 && newest - i > 0; ++i) {
        items +=
            (i == 0 ? "" : ",") + std::string(R"({"strategy":"breakout","instrument":"BTC-USDT","decision":)") +
            std::to_string(newest - i) +
            R"(,"side":"long","exited":"2026-11-26T10:00:00.000Z","net":-1.5,"fees":0.25,"reason":"stop","why":"w",)"
            R"("in_shadow":false,"size":"1","entry":"100.5","exit":"99.0"})";
    }
    return R"({"total":)" + std::to_string(total) + R"(,"items":[)" + items + R"(],"next_cursor":)" +
           (next.empty() ? "null" : '"' + next + '"') + '}';
}

void fill(FakeWatched& watched)
{
    auto& a = watched.answers;
    a["/api/v1/status"] = status;
    a["/api/v1/strategies"] =
        R"({"total":1,"items":[{"name":"breakout","idea":"a channel breaks","is_enabled":true,"enabled_since":null,)"
        R"("enabled_by":"default","stage":"paper","off_instruments":["DOGE-USDT"],"parameter_hash":"ab12","silence":"",)"
        R"("signals":7,"blocked":2,"open":1,"closed":4,"won":3,"net":12.5}]})";
    a["/api/v1/evaluations?limit=100&of=strategies&days=30"] =
        R"({"total":1,"next_cursor":null,"items":[{"strategy":"breakout","instrument":null,"parameter_hash":"ab12",)"
        R"("trades":40,"win_rate":0.5,"win_interval":[0.35,0.65],"profit_factor":1.25,"expectancy":0.0004,)"
        R"("expectancy_interval":[-0.001,0.002],"net":12.5,"sharpe":null,"sharpe_interval":null,)"
        R"("sharpe_is_provisional":true,"deflated":null,"max_drawdown":0.02,"undefined":{"sharpe":"too_few"}}]})";
    a["/api/v1/trades?limit=100"] = tradesFrom(250, 250, "100-250");
    a["/api/v1/trades?limit=100&cursor=100-250"] = tradesFrom(150, 250, "200-250");
    a["/api/v1/trades?limit=100&cursor=200-250"] = tradesFrom(50, 250, "");
    a["/api/v1/models?limit=100"] =
        R"({"total":1,"next_cursor":null,"items":[{"version":"gbt_5m 12","stage":"champion","stage_since":null,)"
        R"("trained":"2026-11-25T03:00:00.000Z","quality":0.531,"quality_interval":[0.51,0.55],"verdict":"signal",)"
        R"("flags":[{"name":"too good","is_signed_off":true}],"is_expired":false,"rows":12000,"why":"won"}]})";
    a["/api/v1/experiments?limit=100"] =
        R"({"total":1,"next_cursor":null,"items":[{"id":3,"subject":"breakout","design":"paired","begins":null,)"
        R"("ended":null,"outcome":"","why":"","verdict":"undecided","advice":"go on","arms":[{"name":"A","trades":4,"net":1.5}]}]})";
    a["/api/v1/health"] =
        R"({"score":87,"probes":[{"name":"CPU","value":12.5,"limit":90,"unit":"%","note":"","score":98}]})";
    a["/api/v1/alerts"] =
        R"({"is_quiet":false,"channels":[],"open":[{"id":8,"state":"firing","cause":"disk","rule":"disk.full",)"
        R"("title":"The disk is nearly full","detail":"97%, limit 95","busiest":"rustc 1.9 cores","told_when":"at once",)"
        R"("told_by":"desktop","opened":"2026-11-26T11:00:00.000Z","ended":null}],)"
        R"("past":[{"id":7,"state":"ok","cause":"feed","rule":"feed.dead","title":"The feed is dead","detail":"silent",)"
        R"("busiest":"","told_when":"once a day","told_by":null,"opened":"2026-11-25T11:00:00.000Z",)"
        R"("ended":"2026-11-25T11:05:00.000Z"}]})";
    a["/api/v1/jobs"] =
        R"({"jobs":[{"name":"review","title":"Nightly review","times":"daily 20:00","command":"","paused":false,)"
        R"("next":"2026-11-26T20:00:00.000Z","now":null,"last":{"run":4,"job":"review","state":"succeeded","result":"held",)"
        R"("ended":"2026-11-25T20:00:09.000Z"}}],)"
        R"("runs":[{"run":4,"job":"review","state":"succeeded","trigger":"by the clock","begun":"2026-11-25T20:00:00.000Z",)"
        R"("awake_seconds":9,"result":"held"}]})";
    a["/api/v1/journal?limit=100"] =
        R"({"total":1,"next_cursor":null,"items":[{"id":12,"time":"2026-11-26T09:00:00.000Z","by":"operator",)"
        R"("kind":"switch","what":"breakout off","why":"wild","evidence":"","is_undone":false}]})";
    watched.publish();
}

class Bench {
public:
    explicit Bench(const QString& settings = {}, const char* page = "Status", QSize size = {1280, 800})
    {
        fill(watched);
        window = std::make_unique<WatchWindow>(
            watched,
            WatchOptions{.settingsFile = settings, .page = QLatin1String(page), .theme = Mode::Dark, .size = size});
        window->show();
        if (!QTest::qWaitForWindowExposed(window.get())) {
            qFatal("no window on this display");
        }
        window->activateWindow();
        if (!QTest::qWaitForWindowActive(window.get())) {
            qFatal("the window does not get active");
        }
    }
    WatchPane& show(const char* name)
    {
        if (!window->showPage(QLatin1String(name))) {
            qFatal("no such page");
        }
        window->look();
        return window->pane(static_cast<int>(WatchWindow::pageNames().indexOf(QLatin1String(name))));
    }
    /// The row that holds it in some cell, its cells joined by '|'; empty where none does.
    static QString row(WatchPane& pane, const char* word)
    {
        for (const auto& row : pane.model().rows()) {
            QStringList cells;
            for (const auto& cell : row.cells) {
                cells << cell.text + (cell.below.isEmpty() ? QString() : QLatin1Char(' ') + cell.below);
            }
            if (cells.contains(QLatin1String(word))) {
                return cells.join(QLatin1Char('|'));
            }
        }
        return {};
    }
    FakeWatched watched;
    std::unique_ptr<WatchWindow> window;
};

WatchWords wordsOf(WatchTrouble trouble, std::chrono::milliseconds silence, const std::string& detail = {})
{
    const auto now = std::chrono::steady_clock::now();
    console::WatchSnapshot seen{.process = 4711, .isHeadless = true, .version = {}, .address = {}, .detail = detail};
    seen.trouble = trouble;
    seen.answered = now - silence;
    return watchWords(seen, now, base::SystemClock().now(), format::Zone::Utc);
}

} // namespace

class WatchWindowTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QD_VERIFY_QUIET(); }

    void theBandSaysWhoOwnsItAndThatNothingCanBeChanged();
    void silenceIsToldAtItsEdgeWhateverTheThreadSays();
    void eachTroubleSaysWhatToDo();
    void everyPageIsFilled();
    void aFigureThatIsUndefinedSaysWhy();
    void whileItIsSilentNoEngineLooksAlive();
    void onlyEnginesThatRunAreCounted();
    void aNewQuestionHasNoRowsOfTheOldOne();
    void listsAreAskedPageByPage();
    void filtersAskForAllRows();
    void aPartOfANameIsEnough();
    void figuresAreThoseOfTheConsolesOwnWindow();
    void whatTheApiHasAgainstAQuestionIsTold();
    void onlyWhatIsShownIsAsked();
    void widthsAndThePageComeBack();
    void everythingWorksByKeyboard();
    void takingOverIsOneButtonAndClosingIsTold();
    void everyTableAndButtonHasAName();
    void rowsStayInPlaceWhenTheyAreAskedAgain();
};

void WatchWindowTest::theBandSaysWhoOwnsItAndThatNothingCanBeChanged()
{
    const auto words = wordsOf(WatchTrouble::None, 0ms);
    QCOMPARE(words.what,
             QStringLiteral("Headless instance (process 4711) owns this data. You are watching; nothing can "
                            "be changed here."));
    QVERIFY(!words.isAlarm && words.toDo.isEmpty() && words.button.contains(QLatin1String("Take over")));
    Bench bench;
    QCOMPARE(bench.window->band().words().what,
             QStringLiteral("Headless instance (process 4711, version 0.1.0) owns this data. You are watching; nothing "
                            "can be changed here."));
    QVERIFY(bench.window->band().isVisible());
    const auto noon = *base::parseUtc("2026-11-26T14:02:08.000Z");
    const auto begins = [&](base::UtcMs wallClock) {
        console::WatchSnapshot seen{.process = 4711, .version = "0.1.0", .since = noon, .address = {}, .detail = {}};
        seen.answered = std::chrono::steady_clock::now();
        return watchWords(seen, seen.answered, wallClock, format::Zone::Utc).what.section(QLatin1Char(')'), 0, 0);
    };
    QCOMPARE(begins(noon + base::Millis{1}),
             QStringLiteral("Console with a window (process 4711, version 0.1.0, since 14:02"));
    QCOMPARE(begins(noon + base::oneDay),
             QStringLiteral("Console with a window (process 4711, version 0.1.0, since 26 Nov 14:02:08"));
}

void WatchWindowTest::silenceIsToldAtItsEdgeWhateverTheThreadSays()
{
    QVERIFY(!wordsOf(WatchTrouble::None, 4'500ms).isAlarm);
    QVERIFY(wordsOf(WatchTrouble::None, 4'501ms).isAlarm);
    QVERIFY(!wordsOf(WatchTrouble::NotListening, 4'500ms).isAlarm); // just found, asked with the next look
    QVERIFY(wordsOf(WatchTrouble::NotListening, 4'501ms).isAlarm);
    QVERIFY(wordsOf(WatchTrouble::NobodyOwns, 0ms).isAlarm);
}

void WatchWindowTest::eachTroubleSaysWhatToDo()
{
    const auto has = [](const WatchWords& words, const char* what, const char* toDo) {
        return words.isAlarm && words.what.contains(QLatin1String("process 4711")) &&
               words.what.contains(QLatin1String(what)) && words.toDo.contains(QLatin1String(toDo));
    };
    QVERIFY(has(wordsOf(WatchTrouble::NobodyOwns, 1s), "has ended", "Open it here"));
    QVERIFY(wordsOf(WatchTrouble::NobodyOwns, 1s).button.contains(QLatin1String("Open it here")));
    QVERIFY(has(wordsOf(WatchTrouble::OwnerSilent, 1s), "does not answer at all", "kill 4711"));
    QVERIFY(has(wordsOf(WatchTrouble::ApiOff, 1s), "without its HTTP API", "--api-port 8888"));
    QVERIFY(has(wordsOf(WatchTrouble::ApiSilent, 7s), "has not answered for 7 s", "take over"));
    QVERIFY(has(wordsOf(WatchTrouble::ApiSilent, 1s, "another program answers at http://127.0.0.1:8888"),
                "cannot be read: another program answers at http://127.0.0.1:8888.", "take over"));
    QVERIFY(has(wordsOf(WatchTrouble::NotListening, 1s, "cannot listen on 127.0.0.1:8888: held by nginx (pid 7)"),
                "held by nginx", "--api-port"));
    QVERIFY(has(wordsOf(WatchTrouble::None, 6s), "has not answered for 6 s", "Wait"));
}

void WatchWindowTest::everyPageIsFilled()
{
    Bench bench;
    for (const auto& name : WatchWindow::pageNames()) {
        auto& pane = bench.show(qPrintable(name));
        QVERIFY2(pane.model().rowCount() > 0, qPrintable(name));
        for (const auto& row : pane.model().rows()) {
            QCOMPARE(static_cast<int>(row.cells.size()), pane.model().columnCount());
        }
        QVERIFY(pane.wrong().isEmpty());
        const QAbstractItemModelTester tester(&pane.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    }
    QCOMPARE(Bench::row(bench.show("Status"), "Entries"), QStringLiteral("Paper trading|Entries|paused"));
    QCOMPARE(Bench::row(bench.show("Status"), "Today since 00:00 UTC, USDT"),
             QStringLiteral("Paper trading|Today since 00:00 UTC, USDT|") + format::minusSign + QStringLiteral("3.25"));
    QVERIFY(Bench::row(bench.show("Engines"), "Paper trading").contains(QLatin1String("struggling")));
    QVERIFY(Bench::row(bench.show("Positions"), "breakout").contains(QStringLiteral("61") + format::thinSpace));
    QVERIFY(Bench::row(bench.show("Models"), "gbt_5m 12").contains(QLatin1String("too good (signed off)")));
    auto& alerts = bench.show("Alerts");
    QCOMPARE(alerts.model().rowCount(), 2); // the open one first
    QVERIFY(alerts.model().row(0).cells[0].text == QLatin1String("open") &&
            alerts.model().row(0).cells[4].text == QLatin1String("desktop") &&
            alerts.model().row(0).cells[5].help.contains(QLatin1String("rustc 1.9 cores")));
    QVERIFY(alerts.model().row(1).cells[0].text == QLatin1String("over") &&
            alerts.model().row(1).cells[4].text == QLatin1String("once a day"));
    QVERIFY(Bench::row(bench.show("Jobs"), "Nightly review").contains(QLatin1String("held")));
    QVERIFY(Bench::row(bench.show("Experiments"), "breakout").contains(QLatin1String("go on")));
    auto& trades = bench.show("Trades");
    const auto csv = trades.table()->asCsv();
    QCOMPARE(csv.count(QLatin1Char('\n')), 101); // a head and a hundred rows
    QVERIFY2(csv.contains(QLatin1String("2026-11-26T10:00:00.000Z,breakout,BTC-USDT,long,1,100.5,99.0,-1.5")),
             qPrintable(csv.left(300)));
}

void WatchWindowTest::aFigureThatIsUndefinedSaysWhy()
{
    Bench bench;
    auto& pane = bench.show("Evaluations");
    const auto& sharpe = pane.model().row(0).cells[7];
    QVERIFY(sharpe.text == format::undefined() && sharpe.help.contains(QLatin1String("too few")));
    const auto& expectancy = pane.model().row(0).cells[5];
    QVERIFY(expectancy.text.startsWith(QLatin1Char('+')) && expectancy.below.contains(format::minusSign));
    const auto& factor = Bench::row(bench.show("Status"), "Profit factor, 7 days");
    QVERIFY(factor.endsWith(format::undefined()));
}

void WatchWindowTest::whileItIsSilentNoEngineLooksAlive()
{
    Bench bench;
    auto& engines = bench.show("Engines");
    QVERIFY(Bench::row(engines, "Ingest").contains(QLatin1String("running")));
    QCOMPARE(bench.window->enginesPill()->figure(), QStringLiteral("1 of 2 not running"));
    bench.watched.age(5s);
    bench.window->look();
    QVERIFY(bench.window->band().words().isAlarm);
    QVERIFY(bench.window->band().words().what.contains(QLatin1String("What is shown is of")));
    for (const auto& row : engines.model().rows()) {
        QCOMPARE(row.cells[1].text, QStringLiteral("no answer"));
        QCOMPARE(*row.cells[1].tone, Meaning::Loss);
    }
    QCOMPARE(bench.window->enginesPill()->figure(), QStringLiteral("no answer"));
    bench.watched.isAnswering = true;
    bench.watched.publish();
    bench.window->look();
    QVERIFY(!bench.window->band().words().isAlarm);
    QVERIFY(Bench::row(engines, "Ingest").contains(QLatin1String("running")));
}

void WatchWindowTest::onlyEnginesThatRunAreCounted()
{
    Bench bench;
    auto* pill = bench.window->enginesPill();
    const auto says = [&](std::initializer_list<const char*> states, const char* figure, Meaning tone) {
        std::string engines;
        for (const char* state : states) {
            engines += (engines.empty() ? R"({"name":"x","state":")" : R"(,{"name":"x","state":")") +
                       std::string(state) + R"("})";
        }
        bench.watched.answers["/api/v1/status"] = R"({"feed":"demo","engines":[)" + engines + "]}";
        bench.watched.publish();
        bench.window->look();
        return pill->figure() == QLatin1String(figure) && pill->tone() == tone;
    };
    QVERIFY(says({"running", "running"}, "all 2 run", Meaning::Gain));
    QVERIFY(says({"running", "starting", "idle"}, "1 of 3 run", Meaning::Focus));
    QVERIFY(says({"running", "idle"}, "1 of 2 run", Meaning::Gain));
    QVERIFY(says({"idle", "idle"}, "0 of 2 run", Meaning::TextMuted));
    QVERIFY(says({"running", "starting", "failed"}, "1 of 3 not running", Meaning::Loss));
    FakeWatched silent; // no answer has come yet
    silent.publish();
    WatchWindow early(silent, WatchOptions{.settingsFile = {}, .theme = Mode::Dark, .size = {1280, 800}});
    QCOMPARE(early.enginesPill()->figure(), format::undefined());
    QCOMPARE(early.enginesPill()->tone(), Meaning::TextMuted);
}

void WatchWindowTest::aNewQuestionHasNoRowsOfTheOldOne()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    const auto empty = [&] {
        const auto labels = pane.table()->findChildren<QLabel*>();
        return std::ranges::any_of(labels, [](const QLabel* label) {
            return label->isVisible() && label->text() == QStringLiteral("Reading…");
        });
    };
    bench.watched.answers.erase("/api/v1/trades?limit=100&cursor=100-250"); // it takes its time
    pane.older()->click();
    bench.window->look();
    QVERIFY(pane.model().rowCount() == 0 && pane.told().isEmpty() && empty());
    QVERIFY(pane.newer()->isEnabled() && !pane.older()->isEnabled());
    pane.newer()->click();
    bench.window->look();
    QVERIFY(pane.model().rowCount() == 100 && pane.told().startsWith(QStringLiteral("Rows 1 to 100 of 250")));
    pane.choice(0)->setCurrentIndex(1);
    QVERIFY(pane.model().rowCount() == 0 && empty() && !pane.older()->isEnabled());
    bench.watched.age(5s);
    bench.window->look();
    QVERIFY(!empty()); // nobody reads: there is no answer
    pane.choice(0)->setCurrentIndex(0);
    bench.watched.isAnswering = true;
    bench.watched.publish();
    bench.window->look();
    QCOMPARE(pane.model().rowCount(), 100);
}

void WatchWindowTest::listsAreAskedPageByPage()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    QVERIFY(!pane.newer()->isEnabled() && pane.older()->isEnabled());
    QVERIFY2(pane.told().startsWith(QStringLiteral("Rows 1 to 100 of 250")), qPrintable(pane.told()));
    pane.older()->click();
    bench.window->look();
    QVERIFY2(pane.told().startsWith(QStringLiteral("Rows 101 to 200 of 250")), qPrintable(pane.told()));
    pane.older()->click();
    bench.window->look();
    QVERIFY2(pane.told().startsWith(QStringLiteral("Rows 201 to 250 of 250")), qPrintable(pane.told()));
    QVERIFY(!pane.older()->isEnabled());
    pane.newer()->click();
    pane.newer()->click();
    bench.window->look();
    QVERIFY(pane.told().startsWith(QStringLiteral("Rows 1 to 100 of 250")) && !pane.newer()->isEnabled());
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100"));
}

void WatchWindowTest::filtersAskForAllRows()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    pane.older()->click();
    bench.window->look();
    bench.watched.answers["/api/v1/trades?limit=100&result=won"] = tradesFrom(7, 7, "");
    pane.choice(0)->setCurrentIndex(1);
    bench.window->look();
    QVERIFY2(pane.told().startsWith(QStringLiteral("Rows 1 to 7 of 7")),
             qPrintable(pane.told())); // from its first page
    bench.watched.answers["/api/v1/trades?limit=100&result=won&strategy=a%26b%20c"] =
        R"({"total":0,"items":[],"next_cursor":null})";
    QTest::keyClicks(pane.field(0), QStringLiteral("a&b c"));
    QTest::keyClick(pane.field(0), Qt::Key_Return);
    bench.window->look();
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100&result=won&strategy=a%26b%20c"));
    QCOMPARE(pane.model().rowCount(), 0);
    pane.field(0)->clear(); // as its button does
    bench.window->look();
    QCOMPARE(pane.model().rowCount(), 7);
}

void WatchWindowTest::aPartOfANameIsEnough()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    QCOMPARE(pane.model().rowCount(), 100);
    bench.watched.answers["/api/v1/trades?limit=100&strategy=breakout"] = tradesFrom(7, 7, "");
    QTest::keyClicks(pane.field(0), QStringLiteral("BREAK"));
    QTRY_COMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100&strategy=breakout"));
    bench.window->look();
    QCOMPARE(pane.model().rowCount(), 7);
    pane.field(0)->clear();
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100"));
    QTest::keyClicks(pane.field(0), QStringLiteral("no row had it")); // not before it is whole
    QTest::qWait(600);
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100"));
    QTest::keyClick(pane.field(0), Qt::Key_Return);
    QVERIFY(bench.watched.wanted.back().find("strategy=") != std::string::npos);
}

void WatchWindowTest::figuresAreThoseOfTheConsolesOwnWindow()
{
    Bench bench;
    auto* feed = bench.window->feedPill();
    QVERIFY(feed->label().contains(QLatin1String("DEMO")) && feed->tone() == Meaning::Warning);
    const auto lag = Bench::row(bench.show("Status"), "Write lag");
    QVERIFY2(lag.endsWith(QLatin1String(" ms")), qPrintable(lag));
    const auto cpu = Bench::row(bench.show("Health"), "CPU");
    QVERIFY2(cpu.contains(QLatin1String("|90%|")), qPrintable(cpu));
}

void WatchWindowTest::whatTheApiHasAgainstAQuestionIsTold()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    const std::string asked = "/api/v1/trades?limit=100&instrument=NO-USDT";
    bench.watched.answers[asked] = R"({"error":{"code":"not_found","message":"the feed has none of this name"}})";
    bench.watched.statuses[asked] = 404;
    QTest::keyClicks(pane.field(1), QStringLiteral("NO-USDT"));
    QTest::keyClick(pane.field(1), Qt::Key_Return);
    bench.window->look();
    QVERIFY(pane.wrong().contains(QLatin1String("none of this name")) && pane.model().rowCount() == 0);
    pane.field(1)->clear();
    bench.window->look();
    QVERIFY(pane.wrong().isEmpty() && pane.model().rowCount() == 100);
    bench.watched.answers["/api/v1/trades?limit=100"] = R"({"error":{"code":"timeout","message":"it takes too long"}})";
    bench.watched.statuses["/api/v1/trades?limit=100"] = 503;
    bench.watched.publish();
    bench.window->look();
    QVERIFY(pane.wrong().contains(QLatin1String("too long")) && pane.model().rowCount() == 100); // busy: the rows stay
}

void WatchWindowTest::onlyWhatIsShownIsAsked()
{
    Bench bench;
    (void)bench.show("Journal");
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/journal?limit=100"));
    (void)bench.show("Engines");
    QCOMPARE(bench.watched.wanted.back(), std::string()); // of status, which is asked always
}

void WatchWindowTest::widthsAndThePageComeBack()
{
    const QTemporaryDir folder;
    const auto file = folder.filePath(QStringLiteral("watch.ini"));
    {
        Bench bench(file);
        auto& pane = bench.show("Trades");
        pane.table()->view()->horizontalHeader()->resizeSection(1, 222);
        pane.choice(0)->setCurrentIndex(2);
        QTest::qWait(50);
    }
    FakeWatched watched;
    fill(watched);
    WatchWindow window(watched, WatchOptions{.settingsFile = file, .theme = Mode::Light});
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QCOMPARE(watched.wanted.back(), std::string("/api/v1/trades?limit=100&result=lost"));
    auto& pane = window.pane(5);
    QCOMPARE(pane.table()->view()->columnWidth(1), 222);
}

void WatchWindowTest::everythingWorksByKeyboard()
{
    Bench bench;
    auto* window = bench.window.get();
    QTest::keyClick(window, Qt::Key_6, Qt::ControlModifier);
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100"));
    QTest::keyClick(window, Qt::Key_PageDown, Qt::ControlModifier);
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/models?limit=100"));
    QTest::keyClick(window, Qt::Key_PageUp, Qt::ControlModifier);
    QCOMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100"));
    window->look(); // where older rows begin is a part of the answer
    QTRY_VERIFY(window->pane(5).findChild<QPushButton*>(QStringLiteral("older"))->isEnabled());
    QTest::keyClick(window, Qt::Key_A, Qt::AltModifier);
    QTRY_COMPARE(bench.watched.wanted.back(), std::string("/api/v1/trades?limit=100&cursor=100-250"));
    QSignalSpy taken(window, &WatchWindow::takeOverWished);
    QTest::keyClick(window, Qt::Key_Return); // nothing is taken over by a stray Enter
    QVERIFY(taken.isEmpty());
    QTest::keyClick(window, Qt::Key_T, Qt::AltModifier);
    QTRY_COMPARE(taken.size(), 1);
    QTest::keyClick(window, Qt::Key_T, Qt::ControlModifier | Qt::ShiftModifier); // the other theme
    window->look();
    QTest::keyClick(window, Qt::Key_F1);
    auto* help = window->findChild<HelpWindow*>();
    QVERIFY(help != nullptr && help->isVisible());
    QCOMPARE(help->currentPage(), QStringLiteral("watching"));
}

void WatchWindowTest::takingOverIsOneButtonAndClosingIsTold()
{
    Bench bench;
    QSignalSpy taken(bench.window.get(), &WatchWindow::takeOverWished);
    QTest::mouseClick(bench.window->band().button(), Qt::LeftButton);
    QCOMPARE(taken.size(), 1);
    QSignalSpy closed(bench.window.get(), &WatchWindow::closed);
    bench.window->close();
    QCOMPARE(closed.size(), 1);
}

void WatchWindowTest::everyTableAndButtonHasAName()
{
    Bench bench;
    for (const auto& name : WatchWindow::pageNames()) {
        auto& pane = bench.show(qPrintable(name));
        QVERIFY(!pane.table()->view()->accessibleName().isEmpty());
    }
    for (const auto* button : bench.window->findChildren<QAbstractButton*>()) {
        const QLatin1String kind(button->metaObject()->className());
        if (kind == QLatin1String("QTableCornerButton") || kind == QLatin1String("QLineEditIconButton")) {
            continue; // Qt's own, without a name to give
        }
        QVERIFY2(!button->text().isEmpty() || !button->accessibleName().isEmpty() || !button->toolTip().isEmpty(),
                 button->metaObject()->className());
    }
    for (const auto* box : bench.window->findChildren<QComboBox*>()) {
        QVERIFY(!box->accessibleName().isEmpty());
    }
}

void WatchWindowTest::rowsStayInPlaceWhenTheyAreAskedAgain()
{
    Bench bench;
    auto& pane = bench.show("Trades");
    pane.table()->selectRow(3);
    QSignalSpy reset(&pane.model(), &QAbstractItemModel::modelReset);
    QSignalSpy came(&pane.model(), &QAbstractItemModel::rowsInserted);
    bench.watched.publish(); // the same once more
    bench.window->look();
    QVERIFY(reset.isEmpty() && came.isEmpty());
    bench.watched.answers["/api/v1/trades?limit=100"] = tradesFrom(251, 251, "100-251");
    bench.watched.publish();
    bench.window->look();
    QVERIFY(reset.isEmpty());
    QCOMPARE(came.size(), 1);
    QCOMPARE(pane.table()->currentRow(), 4); // the one that was chosen, a place further down
}

QTEST_MAIN(WatchWindowTest)
#include "watch_window_test.moc"
