// Status that cannot lie, in the window: the snapshot of an engine that hangs goes on saying "running"; what the window
// is handed does not.
#include "testkit/fake_console.h"
#include "ui/heartbeats.h"
#include "ui/snapshot_pump.h"

#include <QTest>

using namespace qd;
using console::EngineState;
using ui::Heartbeats;

namespace {

std::shared_ptr<const console::HealthSnapshot> healthWith(const std::string& engine, EngineState state,
                                                          const std::string& detail = {})
{
    console::HealthSnapshot out{.score = 90, .label = console::HealthLabel::Excellent};
    for (const char* name : {"Ingest", "Paper trading", "Store writer", "Service", "Retraining"}) {
        out.services.push_back({.name = name,
                                .state = name == engine ? state : EngineState::Running,
                                .uptime = {},
                                .sinceBeat = {},
                                .restarts = 0,
                                .detail = name == engine ? detail : std::string()});
    }
    return std::make_shared<const console::HealthSnapshot>(std::move(out));
}

template <typename T>
std::shared_ptr<const T> saying(EngineState state)
{
    T out;
    out.state = state;
    return std::make_shared<const T>(std::move(out));
}

} // namespace

class HeartbeatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHungEngineDoesNotStayGreen();
    void whatAnEngineSaysOfItselfStandsWhereItIsWorse();
    void aHungServiceIsSeenByItsSilence();
    void theWindowIsHandedTheVerdict();
};

void HeartbeatsTest::aHungEngineDoesNotStayGreen()
{
    Heartbeats beats;
    const auto paper = saying<console::PaperSnapshot>(EngineState::Running);
    QCOMPARE(beats.judged(paper, "Paper trading"), paper); // nothing is known yet
    QVERIFY(!beats.look(healthWith("", EngineState::Running), true, 0));
    QCOMPARE(beats.judged(paper, "Paper trading"), paper); // the very same: no copy while all is well
    for (const auto state : {EngineState::Struggling, EngineState::Failed, EngineState::Stopped}) {
        QVERIFY(beats.look(healthWith("Paper trading", state, "it has not answered for 4 s"), true, 0));
        QCOMPARE(beats.judged(paper, "Paper trading")->state, state);
        QCOMPARE(beats.judged(saying<console::StoreSnapshot>(EngineState::Running), "Store writer")->state,
                 EngineState::Running);
    }
    const auto ingest = saying<console::IngestSnapshot>(EngineState::Starting);
    QVERIFY(beats.look(healthWith("Ingest", EngineState::Failed, "no address"), true, 0));
    QCOMPARE(beats.judged(ingest, "Ingest")->state, EngineState::Failed);
    QCOMPARE(beats.judged(ingest, "Ingest")->detail, std::string("no address"));
    QVERIFY(beats.look(healthWith("", EngineState::Running), true, 0)); // well again
    QCOMPARE(beats.judged(paper, "Paper trading"), paper);
    QVERIFY(!beats.look(healthWith("", EngineState::Running), true, 0)); // no news
}

void HeartbeatsTest::whatAnEngineSaysOfItselfStandsWhereItIsWorse()
{
    Heartbeats beats;
    QVERIFY(beats.look(healthWith("Ingest", EngineState::Struggling), true, 0));
    for (const auto state : {EngineState::Idle, EngineState::Struggling, EngineState::Failed, EngineState::Stopped}) {
        QCOMPARE(beats.judged(saying<console::IngestSnapshot>(state), "Ingest")->state, state);
    }
    QVERIFY(!beats.judged(std::shared_ptr<const console::IngestSnapshot>(), "Ingest"));
}

void HeartbeatsTest::aHungServiceIsSeenByItsSilence()
{
    Heartbeats beats;
    const auto health = healthWith("", EngineState::Running);
    QCOMPARE(Heartbeats::silentAfterMs, 3'500.0); // looked at each second, said within five
    QVERIFY(!beats.look(nullptr, false, 60'000)); // before the first nothing is shown that could lie
    QVERIFY(!beats.look(health, true, 60'000));
    QVERIFY(!beats.look(health, false, 63'500));
    QCOMPARE(beats.judged(health), health);
    QVERIFY(beats.look(health, false, 63'501));
    const auto judged = beats.judged(health);
    QVERIFY(!judged->score && judged->label == console::HealthLabel::Unknown && judged->cap.contains("3 s"));
    for (const auto& row : judged->services) {
        QCOMPARE(row.state, EngineState::Struggling);
    }
    QVERIFY(!beats.look(health, false, 63'900)); // told once a second
    QVERIFY(beats.look(health, false, 64'001));
    QVERIFY(beats.look(health, true, 66'000)); // it answers again
    QCOMPARE(beats.judged(health), health);
}

void HeartbeatsTest::theWindowIsHandedTheVerdict()
{
    testkit::FakeConsole console;
    ui::SnapshotPump pump(console);
    ui::Changes last;
    connect(&pump, &ui::SnapshotPump::changed, this,
            [&](const ui::Snapshots&, ui::Changes changes) { last = changes; });
    console.paperBox.put(*saying<console::PaperSnapshot>(EngineState::Running));
    console.healthBox.put(*healthWith("", EngineState::Running));
    pump.pump();
    QCOMPARE(pump.newest().paper->state, EngineState::Running);
    console.healthBox.put(*healthWith("Paper trading", EngineState::Struggling, "it has not answered for 4 s"));
    pump.pump(); // paper itself says nothing more
    QVERIFY(last.testFlag(ui::Change::Paper));
    QCOMPARE(pump.newest().paper->state, EngineState::Struggling);
    console.paperBox.put(*saying<console::PaperSnapshot>(EngineState::Running)); // a last one of before
    pump.pump();
    QCOMPARE(pump.newest().paper->state, EngineState::Struggling);
    console.healthBox.put(*healthWith("", EngineState::Running));
    pump.pump();
    QCOMPARE(pump.newest().paper->state, EngineState::Running);
}

QTEST_GUILESS_MAIN(HeartbeatsTest)
#include "heartbeats_test.moc"
