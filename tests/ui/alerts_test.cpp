// Alerts on screen: the list on Health with its buttons, the rows of Needs you, the tray's words.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/attention.h"
#include "ui/charts/line_chart.h"
#include "ui/command_desk.h"
#include "ui/health/alerts_panel.h"
#include "ui/main_window.h"
#include "ui/tray.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/gauge.h"
#include "ui/widgets/pill.h"

#include <QAbstractItemDelegate>
#include <QMenu>
#include <QPushButton>
#include <QTest>
#include <QValueAxis>

using namespace qd;
using namespace qd::ui;

namespace {

const base::UtcMs fixed{1'764'060'300'000};

health::Alert alertOf(std::int64_t id, const std::string& cause, health::Telling telling = health::Telling::AtOnce)
{
    return {.id = id,
            .cause = cause,
            .rule = cause,
            .title = "Trouble with " + cause,
            .detail = "as measured",
            .suspects = "make 3.9 cores",
            .telling = telling,
            .opened = fixed};
}

console::AlertsView viewOf(std::vector<health::Alert> open)
{
    console::AlertsView out;
    out.open = std::move(open);
    for (const auto& alert : out.open) {
        if (!alert.acknowledged && !alert.snoozed) {
            out.waiting.push_back(alert.id);
        }
    }
    out.channels = {{.name = "desktop", .isOn = true}, {.name = "heartbeat"}, {.name = "webhook"}};
    return out;
}

Snapshots snapshotsOf(const console::AlertsView& alerts)
{
    Snapshots out;
    console::HealthSnapshot health;
    health.probes.push_back({.name = "Memory", .value = 95, .limit = 90, .unit = "%"});
    health.probes.push_back({.name = "Disk", .value = 95, .limit = 90, .unit = "%"});
    health.alerts = std::make_shared<const console::AlertsView>(alerts);
    out.health = std::make_shared<const console::HealthSnapshot>(std::move(health));
    return out;
}

struct Shown {
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;

    explicit Shown(const console::AlertsView& alerts, QSize size = {1600, 1000})
    {
        testkit::fill(console, fixed);
        put(alerts);
        window = std::make_unique<MainWindow>(
            console, UiOptions{.settingsFile = {}, .page = QStringLiteral("Health"), .theme = {}, .size = size});
        window->show();
        window->pump().pump();
        panel = window->findChild<AlertsPanel*>();
        window->page(6).reveal(QStringLiteral("Alerts"));
    }
    void put(const console::AlertsView& alerts)
    {
        auto health = *console.healthBox.get();
        health.alerts = std::make_shared<const console::AlertsView>(alerts);
        console.healthBox.put(std::move(health));
    }
    void show(const console::AlertsView& alerts)
    {
        put(alerts);
        window->pump().pump();
    }
    [[nodiscard]] QPushButton* button(const char* text) const
    {
        for (auto* one : panel->findChildren<QPushButton*>()) {
            if (one->text() == QString::fromLatin1(text)) {
                return one;
            }
        }
        return nullptr;
    }
    AlertsPanel* panel = nullptr;
};

} // namespace

class AlertsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }

    void oneCauseIsOneRowOfNeedsYouAndAcknowledgedItIsNone()
    {
        const auto keys = [](const console::AlertsView& alerts) {
            QStringList out;
            const auto rows = attention(snapshotsOf(alerts));
            for (const auto& row : rows) {
                out << row.key;
            }
            return out;
        };
        QCOMPARE(keys(viewOf({})), (QStringList{QStringLiteral("probe Memory"), QStringLiteral("probe Disk")}));
        auto memory = alertOf(4, "memory");
        QCOMPARE(keys(viewOf({memory})), (QStringList{QStringLiteral("alert 4"), QStringLiteral("probe Disk")}));
        memory.acknowledged = fixed;
        QCOMPARE(keys(viewOf({memory})), QStringList{QStringLiteral("probe Disk")});
        QCOMPARE(keys(viewOf({alertOf(5, "decisions", health::Telling::OnceADay)})).size(), 2); // rows of their own
        const auto rows = attention(snapshotsOf(viewOf({alertOf(4, "memory")})));
        QCOMPARE(rows[0].severity, console::Severity::Error);
        QCOMPARE(rows[0].text, QStringLiteral("as measured. Busiest then: make 3.9 cores"));
        memory.acknowledged.reset();
        memory.detail = "A sentence.";
        QCOMPARE(attention(snapshotsOf(viewOf({memory})))[0].text,
                 QStringLiteral("A sentence. Busiest then: make 3.9 cores"));
        QCOMPARE(rows[0].thing, QStringLiteral("alert 4"));
    }

    void theListHasOpenOnesFirstAndItsButtonsActOnTheChosenOne()
    {
        auto over = alertOf(2, "jobs");
        over.cleared = fixed;
        auto view = viewOf({alertOf(3, "feed"), alertOf(7, "memory")});
        view.past.push_back(over);
        Shown shown(view);
        auto* table = shown.panel->findChild<DataTable*>();
        QCOMPARE(table->proxy()->rowCount(), 3);
        QCOMPARE(table->proxy()->index(0, AlertModel::What).data().toString(), QStringLiteral("Trouble with memory"));
        QCOMPARE(table->proxy()->index(2, AlertModel::State).data().toString(), QStringLiteral("Over"));
        QCOMPARE(shown.panel->note(), QStringLiteral("open: 2 errors · 0 warnings"));
        auto* acknowledge = shown.button("Acknowledge");
        QVERIFY(shown.panel->select(2));
        QVERIFY(!acknowledge->isEnabled()); // it is over
        QVERIFY(shown.window->page(6).reveal(QStringLiteral("alert 3")));
        QVERIFY(acknowledge->isEnabled());
        acknowledge->click();
        QCOMPARE(shown.console.newest<console::AcknowledgeAlert>()->alert, std::int64_t{3});
        QVERIFY(!acknowledge->isEnabled()); // pending
        QVERIFY(shown.console.answer<console::AcknowledgeAlert>());
        view.open[0].acknowledged = fixed;
        shown.show(view);
        QVERIFY(!acknowledge->isEnabled());
        QVERIFY(shown.button("Snooze")->isEnabled());
        shown.button("Snooze")->menu()->actions().at(1)->trigger();
        QCOMPARE(shown.console.newest<console::SnoozeAlert>()->alert, std::int64_t{3});
        QCOMPARE(shown.console.newest<console::SnoozeAlert>()->hours, 8.0);
    }

    void aTestCanBeSentByChannelsThatAreOn()
    {
        Shown shown(viewOf({}));
        const auto actions = shown.button("Send a test")->menu()->actions();
        QCOMPARE(actions.size(), 4); // and the tray's icon
        QVERIFY(actions[0]->isEnabled());
        QVERIFY(!actions[1]->isEnabled() && !actions[2]->isEnabled()); // no address
        actions[0]->trigger();
        QCOMPARE(shown.console.newest<console::TestAlerts>()->channel, std::string("desktop"));
        QVERIFY(shown.console.answer<console::TestAlerts>());
        shown.window->pump().pump();
    }

    void aClickOnANotificationOpensThePageOfItsAlert()
    {
        Shown shown(viewOf({alertOf(3, "feed"), alertOf(4, "night", health::Telling::OnceADay)}));
        QVERIFY(shown.window->showPage(QStringLiteral("Markets")));
        shown.window->showAlert(0); // a test of the channel: the window alone
        QCOMPARE(shown.window->currentPage(), QStringLiteral("Markets"));
        shown.window->showMinimized();
        shown.window->showAlert(3);
        QVERIFY(!shown.window->isMinimized());
        QCOMPARE(shown.window->currentPage(), QStringLiteral("Health"));
        QVERIFY(shown.button("Acknowledge")->isEnabled()); // it is the chosen one
        shown.window->showAlert(4);
        QCOMPARE(shown.window->currentPage(), QStringLiteral("Overview"));
    }

    void theTraySaysHowManyWait()
    {
        Shown shown(viewOf({}));
        QVERIFY(!shown.window->tray().isAlarmed());
        shown.show(viewOf({alertOf(3, "feed")}));
        QVERIFY(shown.window->tray().isAlarmed());
        QCOMPARE(shown.window->tray().words(), QStringLiteral("Quarterdeck: Trouble with feed"));
        shown.show(viewOf({alertOf(3, "feed"), alertOf(4, "jobs")}));
        QVERIFY(shown.window->tray().words().contains(QStringLiteral("2 alerts wait")));
        auto seen = alertOf(3, "feed");
        seen.acknowledged = fixed;
        shown.show(viewOf({seen}));
        QVERIFY(!shown.window->tray().isAlarmed());
        Q_EMIT shown.panel->trayTestWished();
        QVERIFY(shown.window->tray().words().contains(QStringLiteral("a test of this icon")));
    }

    void inASmallWindowTheTabsStandStillAndNoEngineIsCut()
    {
        Shown shown(viewOf({alertOf(3, "feed"), alertOf(7, "memory")}), {1280, 800});
        QVERIFY(QTest::qWaitForWindowExposed(shown.window.get()));
        auto& page = shown.window->page(6);
        std::vector<PillButton*> tabs;
        for (const auto* text : {"Alerts", "Events", "Gaps", "Pipeline", "Storage"}) {
            for (auto* button : page.findChildren<PillButton*>()) {
                if (button->text() == QLatin1String(text)) {
                    tabs.push_back(button);
                }
            }
        }
        QCOMPARE(tabs.size(), std::size_t{5});
        const auto places = [&] {
            QCoreApplication::processEvents();
            QStringList out;
            for (const auto* tab : tabs) {
                const QRect at(tab->mapTo(&page, QPoint()), tab->size());
                out << QStringLiteral("%1,%2 %3x%4").arg(at.x()).arg(at.y()).arg(at.width()).arg(at.height());
            }
            return out.join(QLatin1Char(' '));
        };
        tabs[0]->click();
        const auto before = places();
        for (auto* tab : tabs) {
            tab->click();
            QCOMPARE(places(), before);
        }
        for (auto* table : page.findChildren<DataTable*>()) {
            if (table->view()->accessibleName() == QStringLiteral("Services")) {
                for (int row = 0; row < table->proxy()->rowCount(); ++row) {
                    const auto index = table->proxy()->index(row, 0);
                    QVERIFY2(table->view()->itemDelegate()->sizeHint({}, index).width() <=
                                 table->view()->columnWidth(0),
                             qPrintable(index.data().toString()));
                }
            }
        }
    }

    void everyStateHasItsWordAndTheGravityOne()
    {
        auto asleep = alertOf(2, "feed");
        asleep.snoozed = base::SystemClock().now();
        asleep.snoozedUntil = *asleep.snoozed + base::oneDay;
        auto seen = alertOf(3, "store");
        seen.acknowledged = fixed;
        auto blind = alertOf(4, "disk", health::Telling::Never);
        blind.hasNoData = true;
        auto view = viewOf({alertOf(1, "decisions", health::Telling::OnceADay), asleep, seen, blind});
        view.past.push_back(alertOf(9, "jobs"));
        view.past[0].cleared = fixed;
        Shown shown(view);
        const auto* proxy = shown.panel->findChild<DataTable*>()->proxy();
        QStringList words;
        for (int row = 0; row < proxy->rowCount(); ++row) {
            words << proxy->index(row, AlertModel::Severity).data().toString() + QLatin1Char(' ') +
                         proxy->index(row, AlertModel::State).data().toString();
        }
        QCOMPARE(words, (QStringList{QStringLiteral("Warning No data"), QStringLiteral("Error Acknowledged"),
                                     QStringLiteral("Error Snoozed"), QStringLiteral("Info Open"),
                                     QStringLiteral("Error Over")}));
    }

    void aGaugeLeadsToItsDayAndSaysWhereThereIsNoSource()
    {
        Shown shown(viewOf({}));
        auto health = *shown.console.healthBox.get();
        health.probes[0].value.reset();
        health.probes[0].score.reset();
        health.probes[0].note = "not available here: no sensor of the processor on this machine";
        health.probes[4].trend = 40;
        health.probes.push_back({"Heartbeats", 0.4, 10, "s", "slowest: Ingest", 100});
        health.expected = {{"CPU", fixed, fixed, 97, "qemu-system-x86 3.9 cores"}};
        shown.console.healthBox.put(health);
        shown.window->pump().pump();
        const auto gauges = shown.window->findChildren<Gauge*>();
        QCOMPARE(gauges.size(), 7);
        QCOMPARE(gauges[0]->note(), QStringLiteral("not available here"));
        QVERIFY(gauges[0]->accessibleName().contains(QStringLiteral("it does not count")));
        QVERIFY(gauges[4]->accessibleName().contains(QStringLiteral("+40.0 ms an hour")));
        auto* chart = shown.window->page(6).findChild<LineChart*>();
        gauges[4]->click();
        QVERIFY(gauges[4]->isChecked() && !gauges[0]->isChecked());
        QVERIFY(!chart->isEmpty());
        QVERIFY(chart->csv().startsWith(QStringLiteral("time")));
        const auto shows = [&](const QString& text) {
            const auto labels = shown.window->page(6).findChildren<TextLabel*>();
            return std::ranges::any_of(
                labels, [&](const auto* label) { return label->isVisible() && label->text().contains(text); });
        };
        QVERIFY(shows(QStringLiteral("Tick lag, 24 h")));
        const auto axis = [&](Qt::Orientation of) {
            return qobject_cast<QValueAxis*>(chart->chart()->axes(of).constFirst());
        };
        QVERIFY(axis(Qt::Vertical)->max() != 100); // as the line needs it
        QVERIFY(!shows(QStringLiteral("No alert raised")));
        gauges[1]->click();
        QCOMPARE(axis(Qt::Vertical)->min(), 0.0); // a percentage is shown of the whole
        QCOMPARE(axis(Qt::Vertical)->max(), 100.0);
        auto two = std::make_shared<console::ProbeHistory>();
        (*two)["CPU"] = {{fixed - base::Millis{120'000}, 20}, {fixed, 30}};
        health.history = two;
        shown.console.healthBox.put(health);
        shown.window->pump().pump();
        QCOMPARE(axis(Qt::Horizontal)->max(), static_cast<double>(fixed.value));
        QCOMPARE(axis(Qt::Horizontal)->min(), static_cast<double>(fixed.value - 600'000)); // ten minutes at least
        QVERIFY(shows(QStringLiteral("97% — qemu-system-x86 3.9 cores (expected). No alert raised.")));
        for (auto* pill : shown.window->page(6).findChildren<Pill*>()) {
            if (pill->label() == QStringLiteral("Heartbeats")) {
                QCOMPARE(pill->figure(), QStringLiteral("0.4 s"));
                pill->click();
            }
        }
        QVERIFY(shows(QStringLiteral("Heartbeats, 24 h")));
        QVERIFY(chart->isEmpty()); // nothing is known of its day
    }
};

QTEST_MAIN(AlertsTest)
#include "alerts_test.moc"
