// When the window may say that its pages are live: not while one engine has not spoken, nor before the first tick. And
// what counts as the time that it took to come.
#include "ui/start_times.h"

#include <QTest>

using namespace qd;

namespace {

ui::Snapshots all()
{
    ui::Snapshots out;
    out.ingest = std::make_shared<const console::IngestSnapshot>(console::IngestSnapshot{.newestTick = {1}});
    out.paper = std::make_shared<const console::PaperSnapshot>();
    out.chart = std::make_shared<const console::ChartSnapshot>();
    out.store = std::make_shared<const console::StoreSnapshot>();
    out.health = std::make_shared<const console::HealthSnapshot>();
    out.governance = std::make_shared<const console::GovernanceSnapshot>();
    out.learning = std::make_shared<const console::LearningSnapshot>();
    out.jobs = std::make_shared<const console::JobsSnapshot>();
    out.models = std::make_shared<const console::Models>();
    return out;
}

} // namespace

class StartTimesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyEngineHasToHaveSpoken()
    {
        QCOMPARE(ui::waitsFor(all()), std::string());
        QVERIFY(!ui::waitsFor({}).empty());
        const auto without = [](auto member) {
            auto some = all();
            (some.*member).reset();
            return some;
        };
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::ingest)), std::string("ingest, ticks"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::paper)), std::string("paper"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::chart)), std::string("chart"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::store)), std::string("store"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::health)), std::string("health"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::governance)), std::string("governance"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::learning)), std::string("learning"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::jobs)), std::string("jobs"));
        QCOMPARE(ui::waitsFor(without(&ui::Snapshots::models)), std::string("models"));
    }

    void questionsThatStoodOpenDoNotCount()
    {
        QCOMPARE(ui::countedAge(900, 0), 900.0);
        QCOMPARE(ui::countedAge(300'900, 300'000), 900.0); // who owns it was asked, and left open for five minutes
        QCOMPARE(ui::countedAge(59'999, 0), 59'999.0);
        QCOMPARE(ui::countedAge(60'000, 0), 0.0); // of another feed
        QCOMPARE(ui::countedAge(10, 11), 0.0);    // the kernel counts in hundredths of a second
    }

    void aFeedHasToHaveBroughtATickAndRecordedFilesNeedNot()
    {
        auto some = all();
        some.ingest = std::make_shared<const console::IngestSnapshot>();
        QCOMPARE(ui::waitsFor(some), std::string("ticks"));
        some.ingest = std::make_shared<const console::IngestSnapshot>(
            console::IngestSnapshot{.state = console::EngineState::Idle});
        QCOMPARE(ui::waitsFor(some), std::string());
    }
};

QTEST_GUILESS_MAIN(StartTimesTest)
#include "start_times_test.moc"
