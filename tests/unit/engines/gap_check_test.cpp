// What the gap check says of an exchange that does not answer: never that nothing is missing. Clocks of the test's.
#include "engines/gap_check.h"

#include <QTcpServer>
#include <QTest>

using namespace qd;
using namespace qd::engines;
using base::Millis;
using base::UtcMs;
using governance::JobState;

namespace {

class HandClock final : public base::Clock {
public:
    [[nodiscard]] UtcMs now() const override { return now_; }
    void pass(Millis time) { now_ = now_ + time; }

private:
    UtcMs now_{1'764'000'000'000};
};

/// A feed that does nothing by itself.
class QuietHost final : public GapWatch::Host {
public:
    void takeFill(LiveStream&, const market::Tick&) override {}
    void keepGap(LiveStream&, const market::Gap&) override {}
    void interrupt(market::GapCause, const std::string&) override {}
    [[nodiscard]] bool isSubscribed() const override { return false; }
    [[nodiscard]] std::optional<UtcMs> exchangeNow() const override { return std::nullopt; }
};

/// A check, and a REST that takes connections and says nothing.
class Rig {
public:
    explicit Rig(bool hasTraded)
    {
        if (!server_.listen(QHostAddress::LocalHost)) {
            qFatal("no port");
        }
        auto& stream = streams_[{1}];
        stream.instrument.id = {1};
        stream.instrument.name = "BTC-USDT";
        if (hasTraded) {
            stream.gaps.begin(1, clock_.now(), true);
        }
    }
    /// Of a check that is due by the clock, or was wished for, after so long.
    JobBoard::Seen next(Millis after)
    {
        check_.tick(true);
        watch_.tick(); // asks
        clock_.pass(after);
        check_.tick(true);
        for (auto& seen : board_.takeChanges(JobBoard::Awake{0})) {
            if (governance::isOver(seen.row.state)) {
                return std::move(seen);
            }
        }
        qFatal("no run has ended");
    }
    void wish() { board_.wish(GapCheck::jobName); }
    [[nodiscard]] std::uint64_t asked() const { return watch_.counts().asked; }

private:
    HandClock clock_;
    QTcpServer server_;
    exchange::BlofinRest rest_{
        {.base = QUrl(QStringLiteral("http://127.0.0.1:%1").arg(server_.serverPort())), .timeout = Millis{3'600'000}}};
    GapWatch::Streams streams_;
    QuietHost host_;
    GapWatch watch_{rest_, streams_, host_, clock_, Millis{30'000}, {}};
    JobBoard board_{clock_};
    GapCheck check_{watch_, &board_, nullptr, clock_, Millis{60'000}};
};

const std::string silent = "REST has not answered yet; it is asked again every minute";

} // namespace

class GapCheckTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCheckByTheClockThatGotNoAnswerKnowsNothing()
    {
        Rig rig(true);
        const auto seen = rig.next(Millis{60'000});
        QCOMPARE(rig.asked(), 1U);
        QCOMPARE(seen.row.trigger, std::string("by the clock"));
        QCOMPARE(seen.row.state, JobState::Cancelled);
        QCOMPARE(seen.row.result, silent);
        QVERIFY(seen.isQuiet);
    }

    void oneThatWasAskedForWaitsForItsPatienceAndIsKept()
    {
        Rig rig(true);
        rig.wish();
        const auto seen = rig.next(GapCheck::patience);
        QCOMPARE(rig.asked(), 1U);
        QCOMPARE(seen.row.trigger, std::string("by you"));
        QCOMPARE(seen.row.state, JobState::Cancelled);
        QCOMPARE(seen.row.result, silent);
        QVERIFY(!seen.isQuiet);
    }

    void whereNothingHasTradedThereIsNothingToCheck()
    {
        Rig rig(false);
        rig.wish();
        const auto seen = rig.next(Millis{0});
        QCOMPARE(rig.asked(), 0U);
        QCOMPARE(seen.row.state, JobState::Cancelled);
        QCOMPARE(seen.row.result, std::string("nothing to check yet: no instrument has traded since the start"));
    }
};

QTEST_GUILESS_MAIN(GapCheckTest)
#include "gap_check_test.moc"
