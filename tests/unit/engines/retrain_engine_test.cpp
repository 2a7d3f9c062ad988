// The retrain thread beside stand-ins for paper and store that write to a real file: trains at once what has no
// version, obeys and refuses wishes, pauses while it has to, and ends soon. Waits for conditions, never for a time.
#include "base/policy.h"
#include "base/worker_thread.h"
#include "engines/host_health.h"
#include "engines/low_priority.h"
#include "engines/offline_decisions.h"
#include "engines/retrain_engine.h"
#include "storage/ledger_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "testkit/made_market.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using testkit::addMarket;
using testkit::FixedClock;
using testkit::good;
using testkit::Store;
using namespace std::chrono_literals;

namespace {

constexpr int days = 24;
constexpr int patience = 240'000;
const std::string model = "direction_predictor@ONE-USDT";

/// What Health tells of a machine whose processor is hot, or well.
console::HealthSnapshot machine(bool isHot)
{
    HostFigures figures;
    figures.cpuTemperature.value = base::policyDefault("health.cpu_temp_c") + (isHot ? 1 : 0);
    console::HealthSnapshot out;
    std::vector<health::Reading> readings;
    std::vector<std::string> failures;
    addHostProbes(figures, {}, out.probes, readings, failures);
    return out;
}

class Rig {
public:
    explicit Rig(bool looksAtOnce, bool waitsAtFirst = false,
                 const std::function<void(storage::Database&)>& before = {})
        : waits_(waitsAtFirst)
    {
        (void)addMarket(store, "ONE-USDT", days);
        store.write([&] {
            good(storage::PolicyStore(*store).set("leakage.permutations", 19));
            if (before) {
                before(*store);
            }
        });
        hands_ = std::make_unique<base::WorkerThread>(
            "hands", [this](const std::stop_token& stop) { serve(stop); }, [](const std::string&) {});
        engine_ = std::make_unique<base::WorkerThread>(
            "retrain",
            [this, looksAtOnce](const std::stop_token& stop) {
                const auto own = std::this_thread::get_id();
                RetrainEngine({.database = store.file(),
                               .door = door,
                               .paper = paper_,
                               .store = queue_,
                               .shelf = shelf,
                               .events = events_,
                               .screen = screen,
                               .pulse = pulse_,
                               .clock = clock,
                               .policy = policy_,
                               .firstLook = looksAtOnce ? base::Millis{0} : base::oneDay * 100,
                               .waits = [this] { return trainingWaits(machine(waits_)); },
                               .jobs = &board,
                               .beforeTraining = [this, own] { trainsApart = std::this_thread::get_id() != own; }})
                    .run(stop);
                ended_ = true;
            },
            [](const std::string& what) { qFatal("%s", what.c_str()); });
    }
    ~Rig()
    {
        stop();
        queue_.close();
        paper_.close();
        hands_.reset();
    }
    void stop()
    {
        if (engine_) {
            engine_->requestStop();
            engine_->join();
            engine_.reset();
        }
    }
    bool waitFor(const std::function<bool()>& isSo) const
    {
        QElapsedTimer timer;
        for (timer.start(); timer.elapsed() < patience; QTest::qWait(5)) {
            if (isSo()) {
                return true;
            }
        }
        return false;
    }
    /// How the command ended.
    std::optional<base::Error> end(console::Command command)
    {
        const auto id = ++newest_;
        good(door.send(id, std::move(command)));
        const bool came = waitFor([&] {
            for (auto& event : events_.take()) {
                if (const auto* done = std::get_if<console::CommandDone>(&event)) {
                    done_[done->id] = done->error;
                } else if (const auto* notice = std::get_if<console::Notice>(&event)) {
                    notices.push_back(notice->text);
                }
            }
            return done_.contains(id);
        });
        return came ? done_[id] : base::Error{ErrorCode::Timeout, "command", "it never ended"};
    }
    [[nodiscard]] console::LearningSnapshot shown() const
    {
        const auto now = screen.get();
        return now ? *now : console::LearningSnapshot{};
    }
    [[nodiscard]] bool trains() const { return shown().running.has_value(); }
    [[nodiscard]] bool hasEnded() const { return ended_; }
    void setWaits(bool waits) { waits_ = waits; }

    Store store;
    FixedClock clock{testkit::marketStart + base::oneDay * days};
    RetrainDoor door;
    JobBoard board{clock};
    ModelShelf shelf;
    base::Mailbox<console::LearningSnapshot> screen;
    std::vector<std::string> notices;
    std::atomic<bool> trainsApart{false}; // the newest training: on another thread than the looks

private:
    /// Paper and store in one: all that comes is written at once.
    void serve(const std::stop_token& stop)
    {
        auto writer = std::make_unique<storage::Database>(std::move(*store));
        while (!stop.stop_requested()) {
            for (auto& command : paper_.popAll(5ms)) {
                auto& order = std::get<CarryOut>(command.command);
                order.answer->set_value(carryOutOffline(*writer, order));
            }
            for (auto& item : queue_.popAll(5ms)) {
                auto& learning = std::get<StoreLearning>(item);
                good(writer->begin());
                auto written = storage::write(*writer, learning.record);
                good(writer->commit(false));
                learning.answer.set_value(written);
            }
        }
    }

    base::PaperPolicy policy_ = base::defaultPaperPolicy();
    PaperCommands paper_{64};
    StoreQueue queue_{1'000};
    EventLog events_;
    Heartbeat pulse_;
    std::atomic<bool> waits_;
    std::atomic<bool> ended_{false};
    std::map<console::CommandId, std::optional<base::Error>> done_;
    console::CommandId newest_ = 0;
    std::unique_ptr<base::WorkerThread> hands_;
    std::unique_ptr<base::WorkerThread> engine_;
};

} // namespace

class RetrainEngineTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void modelsWithoutAVersionAreTrainedAtOnceAndServe()
    {
        Rig rig(true);
        QVERIFY(rig.waitFor([&] { return rig.shown().outcomes.size() == 4; })); // fill has no ticks
        const auto shown = rig.shown();
        QVERIFY(!shown.running);
        std::map<std::string, std::string> became;
        for (const auto& outcome : shown.outcomes) {
            became[outcome.model] = outcome.what;
            QVERIFY2(!outcome.isFailure, outcome.why.c_str());
        }
        QCOMPARE(became[model], std::string("first champion"));
        QVERIFY(!became.contains("fill_predictor"));
        QVERIFY(rig.trainsApart);
        QVERIFY(shown.revision > 0);
        auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
        storage::ModelStore models(reader);
        const auto version = good(models.version(model + " 1"));
        QVERIFY(rig.shelf.find(version->bytesHash) != nullptr); // paper found it there
        QCOMPARE(good(models.runs()).size(), std::size_t{4});
        QCOMPARE(good(models.runs(model)).front().trigger.empty(), false);
    }

    void whatAnEarlierStartBrokeOffIsToldAsFailed()
    {
        Rig rig(false, false, [](storage::Database& writer) {
            storage::ModelStore models(writer);
            const auto first = good(models.begin({.model = "gbt_5m", .trigger = "by you", .started = {1'000}}));
            good(
                models.end({.id = first, .ended = base::UtcMs{2'000}, .outcome = "challenger", .version = "gbt_5m 2"}));
            good(models.begin({.model = model, .trigger = "by you", .started = {3'000}}));
        });
        QVERIFY(rig.waitFor([&] { return rig.shown().outcomes.size() == 2; }));
        const auto outcomes = rig.shown().outcomes;
        QVERIFY(outcomes[0].model == model && outcomes[0].isFailure && outcomes[0].what == "failed");
        QVERIFY(outcomes[1].version == "gbt_5m 2" && !outcomes[1].isFailure && outcomes[1].at.value == 2'000);
    }

    void theLowestPriorityIsThatOfIdleOnesAndOfOneThreadAlone()
    {
        const auto niceness = [] { return getpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid))); };
        const auto before = niceness();
        int there = 0;
        int policy = -1;
        std::thread lowered([&] {
            lowestPriority();
            there = niceness();
            policy = sched_getscheduler(0);
        });
        lowered.join();
        QCOMPARE(there, 10);
        QCOMPARE(policy, SCHED_IDLE);
        QCOMPARE(niceness(), before);
    }

    void theSameTwiceIsBusyAndAnotherWaitsItsTurn()
    {
        Rig rig(false, true); // it waits, so nothing ends by itself
        QVERIFY(!rig.end(console::RetrainModel{model, "I want it"}));
        QVERIFY(rig.waitFor([&] { return rig.trains(); }));
        QCOMPARE(rig.shown().running->trigger, std::string("by you: I want it"));
        QCOMPARE(rig.end(console::RetrainModel{model, "again"})->code, ErrorCode::Busy);
        QVERIFY(!rig.end(console::RetrainModel{"volatility_forecaster", ""}));
        QCOMPARE(rig.end(console::RetrainModel{"volatility_forecaster", ""})->code, ErrorCode::Busy);
        QCOMPARE(rig.shown().waiting, std::vector<std::string>{"volatility_forecaster"});
        QCOMPARE(rig.end(console::RetrainModel{"no_such_model", ""})->code, ErrorCode::NotFound);
        QVERIFY(!rig.end(console::CancelRetrain{"volatility_forecaster"}));
        QVERIFY(rig.shown().waiting.empty());
        QCOMPARE(rig.end(console::CancelRetrain{"volatility_forecaster"})->code, ErrorCode::NotFound);
        QVERIFY(!rig.end(console::CancelRetrain{}));
        QVERIFY(rig.waitFor([&] { return !rig.trains(); }));
        QCOMPARE(rig.shown().outcomes.front().what, std::string("cancelled"));
    }

    void itPausesWhileItHasToSaysWhyAndGoesOn()
    {
        Rig rig(false, true);
        QVERIFY(!rig.end(console::RetrainModel{model, ""}));
        QVERIFY(rig.waitFor([&] { return rig.trains() && rig.shown().running->waits == "the processor is hot"; }));
        QCOMPARE(rig.shown().running->fraction, 0.0);
        rig.setWaits(false);
        QVERIFY(rig.waitFor([&] { return !rig.shown().outcomes.empty(); }));
        QCOMPARE(rig.shown().outcomes.front().what, std::string("first champion"));
    }

    // It reads the database then, and would hold its write-ahead log.
    void itDoesNotPauseWhileItsRowsAreCollected()
    {
        Rig rig(false);
        QVERIFY(!rig.end(console::RetrainModel{"gbt_5m", ""}));
        const auto running = [&] { return rig.shown().running.value_or(console::RetrainProgress{}); };
        QVERIFY(
            rig.waitFor([&] { return running().phase.size() > collecting.size() || !rig.shown().outcomes.empty(); }));
        rig.setWaits(true);
        QVERIFY(rig.waitFor([&] { return !rig.trains() || !running().waits.empty(); }));
        QVERIFY2(!running().phase.starts_with(collecting), running().phase.c_str());
        rig.setWaits(false);
        QVERIFY(rig.waitFor([&] { return !rig.shown().outcomes.empty(); }));
    }

    void aRunningTrainingIsCancelledAndLeavesARow()
    {
        Rig rig(false);
        QVERIFY(!rig.end(console::RetrainModel{"gbt_5m", ""}));
        QVERIFY(rig.waitFor([&] { return rig.trains() && rig.shown().running->fraction > 0; }));
        QVERIFY(!rig.end(console::CancelRetrain{"gbt_5m"}));
        QVERIFY(rig.waitFor([&] { return !rig.shown().outcomes.empty(); }));
        QCOMPARE(rig.shown().outcomes.front().what, std::string("cancelled"));
        auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
        QCOMPARE(good(storage::ModelStore(reader).runs()).front().outcome, std::string("cancelled"));
    }

    void aTrainingWithoutASignOfLifeEndsTimedOutAndNotCancelled()
    {
        Rig rig(false);
        QVERIFY(!rig.end(console::RetrainModel{"gbt_5m", ""}));
        QVERIFY(rig.waitFor([&] { return rig.trains() && rig.shown().running->fraction > 0; }));
        QVERIFY(rig.waitFor([&] {
            rig.board.lookAfter(base::Millis{-1}, [](const std::string&) { return std::nullopt; });
            return !rig.shown().outcomes.empty();
        }));
        const auto outcome = rig.shown().outcomes.front();
        QCOMPARE(outcome.what, std::string("timed out"));
        QVERIFY2(outcome.why.starts_with("no sign of life"), outcome.why.c_str());
        QVERIFY(outcome.isFailure);
        auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
        const auto row = good(storage::ModelStore(reader).runs()).front();
        QCOMPARE(row.outcome, std::string("timed out"));
        QVERIFY(isFailedTraining(row.outcome)); // no second try within a day
        for (auto& seen : rig.board.takeChanges(JobBoard::Awake{0})) {
            QCOMPARE(seen.row.state, governance::JobState::TimedOut);
        }
    }

    void itEndsWithinTenSecondsOfAStopWhileItTrains()
    {
        Rig rig(false);
        QVERIFY(!rig.end(console::RetrainModel{"gbt_5m", ""}));
        QVERIFY(rig.waitFor([&] { return rig.trains() && rig.shown().running->fraction > 0; }));
        QElapsedTimer timer;
        timer.start();
        rig.stop();
        QVERIFY(rig.hasEnded());
        QVERIFY2(timer.elapsed() < 10'000, std::to_string(timer.elapsed()).c_str());
    }
};

QTEST_GUILESS_MAIN(RetrainEngineTest)
#include "retrain_engine_test.moc"
