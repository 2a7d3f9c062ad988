// Health › Gaps: what the gap ledger says, in words an operator can act on.
#include "testkit/fake_console.h"
#include "ui/command_desk.h"
#include "ui/health/gap_model.h"
#include "ui/health/health_page.h"
#include "ui/questions.h"
#include "ui/window_memory.h"

#include <QAbstractItemModelTester>
#include <QStackedWidget>
#include <QTest>

namespace {

using namespace qd;
using namespace qd::ui;

constexpr std::int64_t noon = 1'764'072'000'000;
base::UtcMs fixedNow()
{
    return {noon + 3'600'000};
}

console::GapLine line(std::int64_t number, market::GapMeasure measure, std::optional<std::int64_t> missing)
{
    console::GapLine out{{1}, "BTC-USDT", {}, missing ? std::to_string(*missing) : std::string()};
    out.gap = {
        .number = {number}, .from = {noon}, .to = {noon + 61'000}, .cause = market::GapCause::Silence, .found = 1'234};
    out.gap.measure = measure;
    if (missing) {
        out.gap.missing = market::Quantity{*missing};
    }
    return out;
}

} // namespace

class GapLedgerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRowSaysWhyWhatWasFoundAndWhatStayedMissing()
    {
        Fixture f;
        f.model.update({line(1, market::GapMeasure::ByVolume, 51)});
        const auto cell = [&](int column, int role = Qt::DisplayRole) {
            return f.model.index(0, column).data(role).toString();
        };
        QCOMPARE(cell(GapModel::Instrument), QStringLiteral("BTC-USDT"));
        QCOMPARE(cell(GapModel::Cause), QStringLiteral("silence"));
        QCOMPARE(format::plain(cell(GapModel::Found)), QStringLiteral("1234"));
        QCOMPARE(cell(GapModel::Missing), QStringLiteral("51"));
        QCOMPARE(cell(GapModel::Measure), QStringLiteral("by volume"));
        QCOMPARE(cell(GapModel::From, ExportRole), QStringLiteral("2025-11-25T12:00:00.000Z"));
        QVERIFY(cell(GapModel::Measure, Qt::ToolTipRole).contains(QStringLiteral("one-minute candles")));
    }

    void whatIsNotKnownIsADashWithItsReasonAndNeverAZero()
    {
        Fixture f;
        f.model.update({line(1, market::GapMeasure::Open, {}), line(2, market::GapMeasure::Unknown, {}),
                        line(3, market::GapMeasure::Exact, 0)});
        const auto missing = [&](int row) { return f.model.index(row, GapModel::Missing); };
        QCOMPARE(missing(0).data().toString(), format::undefined());
        QCOMPARE(missing(1).data().toString(), format::undefined());
        QCOMPARE(missing(2).data().toString(), QStringLiteral("0"));
        QVERIFY(missing(0).data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("Undefined: ")));
        QVERIFY(missing(1).data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("Undefined: ")));
        QVERIFY(!missing(0).data(SortRole).isValid());
    }

    void aRowThatBecomesBetterKnownStaysWhereItIs()
    {
        Fixture f;
        f.model.update({line(2, market::GapMeasure::Open, {}), line(1, market::GapMeasure::Exact, 0)});
        const QPersistentModelIndex first(f.model.index(0, 0));
        f.model.update({line(3, market::GapMeasure::Open, {}), line(2, market::GapMeasure::ByVolume, 7),
                        line(1, market::GapMeasure::Exact, 0)});
        QCOMPARE(first.row(), 1);
        QCOMPARE(f.model.index(1, GapModel::Missing).data().toString(), QStringLiteral("7"));
    }

    void thePageShowsTheLedgerWhenItIsAskedForAndKeepsUpWithIt()
    {
        Fixture f;
        HealthPage page({f.console, f.theme, f.desk, f.questions, f.memory, f.zone, &fixedNow});
        page.resize(1100, 700);
        page.show();
        auto* lower = page.findChild<QStackedWidget*>();
        auto* model = page.findChild<GapModel*>();
        QVERIFY(lower != nullptr && model != nullptr);
        QCOMPARE(lower->currentIndex(), 0);
        QVERIFY(!page.reveal(QStringLiteral("Nothing of the kind")));
        QVERIFY(page.reveal(QStringLiteral("Gaps")));
        QCOMPARE(lower->currentIndex(), 2);
        Snapshots snapshots;
        auto ingest = testkit::plausibleIngest(fixedNow());
        snapshots.ingest = std::make_shared<const console::IngestSnapshot>(ingest);
        page.deliver(snapshots, Change::Ingest);
        QCOMPARE(model->rowCount(), 0); // none known
        ingest.gaps = std::make_shared<const std::vector<console::GapLine>>(
            std::vector{line(2, market::GapMeasure::Open, {}), line(1, market::GapMeasure::Exact, 0)});
        snapshots.ingest = std::make_shared<const console::IngestSnapshot>(ingest);
        page.deliver(snapshots, Change::Ingest);
        QCOMPARE(model->rowCount(), 2);
    }

private:
    struct Fixture {
        testkit::FakeConsole console;
        Theme theme;
        CommandDesk desk{console};
        Questions questions{console};
        WindowMemory memory{QString()};
        format::Zone zone = format::Zone::Utc;
        GapModel model{{console, theme, desk, questions, memory, zone, &fixedNow}, nullptr};
        QAbstractItemModelTester tester{&model, QAbstractItemModelTester::FailureReportingMode::QtTest};
    };
};

QTEST_MAIN(GapLedgerTest)
#include "gap_ledger_test.moc"
