// The first start and the import dialog, as a person clicks them.
#include "testkit/strict_log.h"
#include "ui/first_start/first_start_dialog.h"
#include "ui/first_start/import_dialog.h"

#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace {

using namespace qd;
using ui::FirstChoice;

QPushButton* button(QWidget& dialog, const QString& text)
{
    for (auto* found : dialog.findChildren<QPushButton*>()) {
        if (found->text() == text) {
            return found;
        }
    }
    return nullptr;
}

} // namespace

class FirstStartTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { testkit::StrictLog::install(); }
    void cleanup() { QCOMPARE(testkit::StrictLog::take(), QStringList()); }

    void eachButtonIsItsChoiceAndEnterTakesTheDemo()
    {
        for (const auto& [name, choice] : {std::pair{QStringLiteral("Demo"), FirstChoice::Demo},
                                           std::pair{QStringLiteral("BloFin"), FirstChoice::BloFin},
                                           std::pair{QStringLiteral("Import"), FirstChoice::Import}}) {
            ui::FirstStartDialog dialog;
            dialog.show();
            QTest::mouseClick(dialog.findChild<QPushButton*>(name), Qt::LeftButton);
            QVERIFY(dialog.choice() == choice);
            QVERIFY(!dialog.isVisible());
        }
        ui::FirstStartDialog dialog;
        dialog.show();
        QTest::keyClick(&dialog, Qt::Key_Return);
        QVERIFY(dialog.choice() == FirstChoice::Demo);
    }

    void escapeChoosesNothing()
    {
        ui::FirstStartDialog dialog;
        dialog.show();
        QTest::keyClick(&dialog, Qt::Key_Escape);
        QVERIFY(dialog.choice() == FirstChoice::None);
        QVERIFY(!dialog.isVisible());
    }

    void noWordOfItIsCut()
    {
        ui::FirstStartDialog dialog;
        dialog.show();
        for (auto* label : dialog.findChildren<QLabel*>()) {
            QVERIFY2(label->height() >= label->heightForWidth(label->width()), qPrintable(label->text()));
        }
    }

    void theInstrumentIsGuessedFromTheFilesName_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("instrument");
        QTest::newRow("trades") << "/data/trades_binance-spot_LTCUSDT_20250621.csv.gz" << "LTC-USDT";
        QTest::newRow("with a dash") << "BTC-USDT.csv" << "BTC-USDT";
        QTest::newRow("dollars") << "trades_coinbase-spot_BTC-USD_20230905.csv.gz" << "BTC-USDT";
        QTest::newRow("with digits") << "1000BONKUSDT.csv" << "1000BONK-USDT";
        QTest::newRow("none") << "my_trades.csv" << "";
        QTest::newRow("folder does not count") << "/ETHUSDT/x.csv" << "";
    }
    void theInstrumentIsGuessedFromTheFilesName()
    {
        QFETCH(QString, file);
        QFETCH(QString, instrument);
        QCOMPARE(ui::instrumentInFileName(file), instrument);
    }

    void anImportRunsShowsItsProgressAndEndsTheDialog()
    {
        ui::ImportWish seen;
        ui::ImportDialog dialog([&seen](const ui::ImportWish& wish, const auto& progress, const std::stop_token&) {
            seen = wish;
            progress(0.5);
            return base::Result<QString>(QStringLiteral("1"));
        });
        dialog.show();
        QVERIFY(!button(dialog, QStringLiteral("Import"))->isEnabled());
        dialog.setFile(QStringLiteral("/data/candles_5m_binance-spot_ETHUSDT_2024.csv.gz"));
        QVERIFY(button(dialog, QStringLiteral("Import"))->isEnabled());
        QSignalSpy accepted(&dialog, &QDialog::accepted);
        QTest::mouseClick(button(dialog, QStringLiteral("Import")), Qt::LeftButton);
        QTRY_COMPARE(accepted.count(), 1);
        QCOMPARE(seen.instrument, QStringLiteral("ETH-USDT"));
        QCOMPARE(seen.timeframe, QStringLiteral("5m"));
        QVERIFY(!seen.inContracts);
    }

    void aFailureIsToldAndCanBeTriedAgain()
    {
        ui::ImportDialog dialog(
            [](const ui::ImportWish&, const auto&, const std::stop_token&) -> base::Result<QString> {
                return base::fail(base::ErrorCode::Malformed, "a.csv", "line 3: no such side");
            });
        dialog.show();
        dialog.setFile(QStringLiteral("LTCUSDT.csv"));
        auto* start = button(dialog, QStringLiteral("Import"));
        QTest::mouseClick(start, Qt::LeftButton);
        QTRY_VERIFY(start->isEnabled());
        QVERIFY(dialog.isVisible());
        bool isTold = false;
        for (auto* label : dialog.findChildren<QLabel*>()) {
            isTold = isTold || (label->isVisible() && label->text().contains(QStringLiteral("line 3")));
        }
        QVERIFY(isTold);
    }

    void cancelWaitsUntilTheWorkHasEnded()
    {
        std::atomic<bool> hasEnded{false};
        ui::ImportDialog dialog(
            [&hasEnded](const ui::ImportWish&, const auto&, const std::stop_token& stop) -> base::Result<QString> {
                std::mutex mutex;
                std::condition_variable_any wake;
                std::unique_lock lock(mutex);
                wake.wait(lock, stop, [] { return false; });
                hasEnded = true;
                return base::fail(base::ErrorCode::Cancelled, "a.csv", "");
            });
        dialog.show();
        dialog.setFile(QStringLiteral("LTCUSDT.csv"));
        QTest::mouseClick(button(dialog, QStringLiteral("Import")), Qt::LeftButton);
        QSignalSpy rejected(&dialog, &QDialog::rejected);
        QTest::keyClick(&dialog, Qt::Key_Escape);
        QTRY_COMPARE(rejected.count(), 1);
        QVERIFY(hasEnded);
    }
};

QTEST_MAIN(FirstStartTest)
#include "first_start_test.moc"
