// Instruments added and removed on Markets, and the history of candles in the strip, as a person clicks them.
#include "testkit/fake_console.h"
#include "testkit/strict_log.h"
#include "ui/history_line.h"
#include "ui/main_window.h"
#include "ui/markets/instruments_dialog.h"
#include "ui/markets/offer_model.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/toast.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace qd;
using namespace qd::ui;
using console::ChangeInstruments;
using console::HistoryState;

namespace {

const base::UtcMs fixed{1'764'060'300'000};

/// The window on a console that the test moves.
struct Shown {
    testkit::FakeConsole console;
    std::unique_ptr<MainWindow> window;

    Shown()
    {
        console.consoleInfo.feed = "blofin";
        testkit::fill(console, fixed);
        window = std::make_unique<MainWindow>(
            console,
            UiOptions{.settingsFile = {}, .page = QStringLiteral("Markets"), .theme = {}, .size = {1280, 800}});
        window->show();
        window->activateWindow(); // a display without a window manager gives the focus to nobody by itself
        if (!QTest::qWaitForWindowActive(window.get())) {
            qFatal("the window does not become active");
        }
        window->pump().pump();
    }
    /// Puts a changed picture of the feed.
    template <typename Change>
    void feed(Change change)
    {
        auto ingest = *console.ingestBox.get();
        change(ingest);
        console.ingestBox.put(std::move(ingest));
        window->pump().pump();
    }
    void offer(int count)
    {
        feed([count](console::IngestSnapshot& ingest) {
            console::Offer offer;
            for (int i = 0; i < count; ++i) {
                console::OfferedInstrument one;
                one.name = i < static_cast<int>(ingest.instruments.size())
                               ? ingest.instruments[static_cast<std::size_t>(i)].instrument.name
                               : "COIN" + std::to_string(i) + "-USDT";
                one.instrument = testkit::instrument(0, one.name, 2);
                one.last = 100.0 + i;
                one.turnover24h = 1e9 / (1 + i);
                one.change24h = i % 3 == 0 ? std::optional<double>{} : 0.01 * i;
                one.isDefault = i % 2 == 0 && i < 40;
                offer.instruments.push_back(std::move(one));
            }
            ingest.offer = std::make_shared<const console::Offer>(std::move(offer));
        });
    }
    [[nodiscard]] InstrumentsDialog* dialog() { return window->findChild<InstrumentsDialog*>(); }
    template <typename Kind>
    [[nodiscard]] Kind* named(QWidget* in, const QString& text)
    {
        for (auto* one : in->findChildren<Kind*>()) {
            if (one->text() == text) {
                return one;
            }
        }
        return nullptr;
    }
    [[nodiscard]] std::size_t sent() const
    {
        return static_cast<std::size_t>(std::ranges::count_if(
            console.sent, [](const auto& one) { return std::holds_alternative<ChangeInstruments>(one.second); }));
    }
    [[nodiscard]] QTableView* table(QWidget* in, const char* name)
    {
        for (auto* view : in->findChildren<QTableView*>()) {
            if (view->accessibleName() == QLatin1String(name)) {
                return view;
            }
        }
        return nullptr;
    }
};

} // namespace

class InstrumentsDialogTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }

    void theButtonAsksTheExchangeAndTheListComesByVolume()
    {
        Shown shown;
        QTest::mouseClick(shown.named<PillButton>(shown.window.get(), QStringLiteral("Add or remove…")),
                          Qt::LeftButton);
        QVERIFY(shown.dialog() != nullptr);
        QVERIFY(shown.console.newest<console::AskOffer>() != nullptr);
        auto* apply = shown.named<QPushButton>(shown.dialog(), QStringLiteral("Apply"));
        QVERIFY(!apply->isEnabled());
        QCOMPARE(shown.dialog()->model().rowCount(), 0);
        shown.offer(60);
        const QAbstractItemModelTester tester(&shown.dialog()->model());
        QCOMPARE(shown.dialog()->model().rowCount(), 60);
        const auto inFeed = shown.console.ingestBox.get()->instruments.size();
        for (int i = 0; i < 60; ++i) {
            QCOMPARE(shown.dialog()->model().row(i).isChosen, static_cast<std::size_t>(i) < inFeed);
        }
        QVERIFY(!apply->isEnabled()); // nothing was changed
    }

    void whatIsTickedAndUntickedIsOneChangeWithAWayBack()
    {
        Shown shown;
        QTest::keyClick(shown.window.get(), Qt::Key_I, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(shown.dialog() != nullptr, 30'000);
        shown.offer(60);
        auto* view = shown.table(shown.dialog(), "Offered instruments");
        const auto click = [&](int row) {
            const auto at = view->visualRect(view->model()->index(row, OfferModel::Chosen)).center();
            QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, at);
        };
        const auto first = shown.dialog()->model().row(0).of.name;
        click(0);
        auto* search = shown.dialog()->findChild<QLineEdit*>();
        QTest::keyClicks(search, QStringLiteral("coin50"));
        QCOMPARE(view->model()->rowCount(), 1);
        QTest::keyClick(search, Qt::Key_Down); // by keys alone
        QTest::keyClick(view, Qt::Key_Space);
        QCOMPARE(shown.dialog()->added(), QStringList{QStringLiteral("COIN50-USDT")});
        QCOMPARE(shown.dialog()->removed(), QStringList{format::text(first)});
        QTest::mouseClick(shown.named<QPushButton>(shown.dialog(), QStringLiteral("Apply")), Qt::LeftButton);
        const auto* wish = shown.console.newest<ChangeInstruments>();
        QVERIFY(wish != nullptr);
        QCOMPARE(wish->add, std::vector<std::string>{"COIN50-USDT"});
        QCOMPARE(wish->remove, std::vector<std::string>{first});
        QVERIFY(shown.window->toast().text().isEmpty()); // pending until the engines answer

        shown.console.answer<ChangeInstruments>();
        shown.window->pump().pump();
        QVERIFY(shown.window->toast().text().contains(QStringLiteral("COIN50-USDT added")));
        QTest::mouseClick(shown.window->toast().button(), Qt::LeftButton);
        QCOMPARE(shown.sent(), 2U);
        wish = shown.console.newest<ChangeInstruments>();
        QCOMPARE(wish->add, std::vector<std::string>{first});
        QCOMPARE(wish->remove, std::vector<std::string>{"COIN50-USDT"});
    }

    void twentyByVolumeAndTheDefaultsChooseThose()
    {
        Shown shown;
        QTest::keyClick(shown.window.get(), Qt::Key_I, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(shown.dialog() != nullptr, 30'000);
        shown.offer(60);
        const auto chosen = [&] {
            return std::ranges::count_if(shown.dialog()->model().rows(), [](const auto& row) { return row.isChosen; });
        };
        QTest::mouseClick(shown.named<PillButton>(shown.dialog(), QStringLiteral("20 by volume")), Qt::LeftButton);
        QCOMPARE(chosen(), 20);
        QVERIFY(shown.dialog()->model().row(19).isChosen);
        QVERIFY(!shown.dialog()->model().row(20).isChosen);
        QTest::mouseClick(shown.named<PillButton>(shown.dialog(), QStringLiteral("The 20 defaults")), Qt::LeftButton);
        QCOMPARE(chosen(), 20);
        QVERIFY(shown.dialog()->model().row(38).isChosen);
        QVERIFY(!shown.dialog()->model().row(1).isChosen);
    }

    void withoutAnyInstrumentItCannotBeApplied()
    {
        Shown shown;
        QTest::keyClick(shown.window.get(), Qt::Key_I, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(shown.dialog() != nullptr, 30'000);
        const auto inFeed = static_cast<int>(shown.console.ingestBox.get()->instruments.size());
        shown.offer(inFeed);
        auto* view = shown.table(shown.dialog(), "Offered instruments");
        auto* apply = shown.named<QPushButton>(shown.dialog(), QStringLiteral("Apply"));
        view->setCurrentIndex(view->model()->index(0, OfferModel::Name));
        for (int i = 0; i < inFeed; ++i) {
            QTest::keyClick(view, Qt::Key_Space);
            QCOMPARE(apply->isEnabled(), i + 1 < inFeed);
            QTest::keyClick(view, Qt::Key_Down);
        }
        QTest::keyClick(shown.dialog(), Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(shown.dialog() == nullptr, 30'000);
        QCOMPARE(shown.sent(), 0U);
    }

    void anExchangeThatDoesNotAnswerIsToldAndCanBeAskedAgain()
    {
        Shown shown;
        QTest::keyClick(shown.window.get(), Qt::Key_I, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(shown.dialog() != nullptr, 30'000);
        shown.feed([](auto& ingest) {
            ingest.offer = std::make_shared<const console::Offer>(console::Offer{false, "HTTP 403: Just a moment", {}});
        });
        auto* again = shown.named<QPushButton>(shown.dialog(), QStringLiteral("Ask again"));
        QVERIFY(again->isVisible());
        const auto asked = shown.console.sent.size();
        QTest::mouseClick(again, Qt::LeftButton);
        QCOMPARE(shown.console.sent.size(), asked + 1);
        QVERIFY(std::holds_alternative<console::AskOffer>(shown.console.sent.back().second));
        shown.offer(5);
        QVERIFY(!again->isVisible());
    }

    void deleteRemovesTheChosenOneAndTheRowSaysThatItLeaves()
    {
        Shown shown;
        auto* view = shown.table(shown.window.get(), "Instruments");
        view->setCurrentIndex(view->model()->index(1, 0));
        const auto name = view->model()->index(1, 0).data().toString();
        QTest::keyClick(view, Qt::Key_Delete);
        QCOMPARE(shown.console.newest<ChangeInstruments>()->remove, std::vector<std::string>{name.toStdString()});
        shown.feed([](auto& ingest) { ingest.instruments[1].isLeaving = true; });
        QCOMPARE(view->model()->index(1, 0).data(MutedRole).toString(), QStringLiteral("leaving"));
        QTest::keyClick(view, Qt::Key_Delete); // it is on its way already
        QCOMPARE(shown.sent(), 1U);
    }

    void theStripShowsTheHistoryAndItsButtonStopsIt()
    {
        Shown shown;
        auto* line = shown.window->findChild<HistoryLine*>();
        QVERIFY(line->isHidden());
        const auto put = [&](HistoryState state, std::uint32_t done, const std::string& detail) {
            shown.feed([&](auto& ingest) {
                console::HistoryProgress history{state, done, 4'000, base::Millis{65 * 60'000}, detail, {}};
                history.instruments.push_back({{1}, "BTC-USDT", done, 4'000});
                ingest.history = std::make_shared<const console::HistoryProgress>(std::move(history));
            });
        };
        put(HistoryState::Running, 1'360, "");
        QVERIFY(!line->isHidden());
        QCOMPARE(format::plain(line->text()), QStringLiteral("Candles 34% 1 h 5 min left"));
        put(HistoryState::Waiting, 1'360, "HTTP 429");
        QVERIFY(line->text().endsWith(QStringLiteral("waits")));
        QVERIFY(line->toolTip().contains(QStringLiteral("HTTP 429")));
        QTest::mouseClick(line->button(), Qt::LeftButton);
        QVERIFY(shown.console.newest<console::SetHistoryCancelled>()->cancelled);
        QVERIFY(!line->button()->isEnabled()); // pending
        shown.console.answer<console::SetHistoryCancelled>();
        put(HistoryState::Cancelled, 1'400, "");
        QVERIFY(line->button()->isEnabled());
        QCOMPARE(line->button()->text(), QStringLiteral("Go on"));
        QTest::mouseClick(line->button(), Qt::LeftButton);
        QVERIFY(!shown.console.newest<console::SetHistoryCancelled>()->cancelled);
        put(HistoryState::Done, 4'000, "");
        QVERIFY(line->isHidden());
    }

    void theTimeLeftIsRounded_data()
    {
        QTest::addColumn<qint64>("ms");
        QTest::addColumn<QString>("text");
        QTest::newRow("under a minute") << qint64{29'999} << QStringLiteral("under a minute left");
        QTest::newRow("a minute") << qint64{30'000} << QStringLiteral("1 min left");
        QTest::newRow("under an hour") << qint64{59 * 60'000 + 29'999} << QStringLiteral("59 min left");
        QTest::newRow("an hour") << qint64{59 * 60'000 + 30'000} << QStringLiteral("1 h 0 min left");
    }
    void theTimeLeftIsRounded()
    {
        QFETCH(qint64, ms);
        QFETCH(QString, text);
        QCOMPARE(timeLeft(base::Millis{ms}), text);
    }

    void recordedFilesHaveNoExchangeToAsk()
    {
        Shown shown;
        shown.window.reset();
        shown.console.consoleInfo.feed = "imported";
        shown.window = std::make_unique<MainWindow>(
            shown.console,
            UiOptions{.settingsFile = {}, .page = QStringLiteral("Markets"), .theme = {}, .size = {1280, 800}});
        shown.window->show();
        shown.window->pump().pump();
        QVERIFY(shown.named<PillButton>(shown.window.get(), QStringLiteral("Add or remove…")) == nullptr);
        QTest::keyClick(shown.window.get(), Qt::Key_I, Qt::ControlModifier);
        QVERIFY(shown.dialog() == nullptr);
    }
};

QTEST_MAIN(InstrumentsDialogTest)
#include "instruments_dialog_test.moc"
