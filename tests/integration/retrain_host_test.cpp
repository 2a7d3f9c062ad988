// Training in the running engines, on a database of recorded candles without an exchange: a wish becomes a champion
// that outlives a restart, the same twice is refused, the host closes soon while a model trains. And on an exchange
// whose ticks come late: then it waits.
#include "engines/engine_host.h"
#include "engines/feed_database.h"
#include "engines/host_health.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "testkit/made_market.h"
#include "testkit/scripted_exchange.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <functional>
#include <map>

using namespace qd;
using base::ErrorCode;
using testkit::good;

namespace {

constexpr int days = 24;
constexpr int patience = 240'000;
const std::string model = "direction_predictor@ONE-USDT";

class Running {
public:
    explicit Running(const QString& folder) : folder_(folder.toStdString())
    {
        testkit::Store store(file());
        (void)testkit::addMarket(store, "ONE-USDT", days);
        store.write([&] { good(storage::PolicyStore(*store).set("leakage.permutations", 19)); });
        store.close();
        start();
    }
    /// On that exchange, whose ticks may come late: nothing else of this machine lets a training wait.
    Running(const QString& folder, const testkit::ScriptedExchange& exchange)
        : folder_(folder.toStdString()),
          feed_(exchange.webSocket()),
          restUrl_(exchange.rest())
    {
        testkit::Store store(file());
        store.write([&] {
            storage::PolicyStore policy(*store);
            good(policy.set("health.cpu_temp_c", 120));
            good(policy.set("health.write_lag_ms", 60'000));
        });
        store.close();
        start();
    }
    void start()
    {
        engines::HostOptions options;
        options.dataDir = folder_;
        options.feed = feed_;
        options.restUrl = restUrl_;
        options.historyDays = 0;
        options.firstTraining = base::oneDay; // by wish alone
        options.trainsWhenIdle = false;
        host = good(engines::EngineHost::start(std::move(options)));
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(folder_, feed_); }
    bool waitFor(const std::function<bool()>& isSo) const
    {
        QElapsedTimer timer;
        for (timer.start(); timer.elapsed() < patience; QTest::qWait(10)) {
            if (isSo()) {
                return true;
            }
        }
        return false;
    }
    std::optional<base::Error> end(console::Command command)
    {
        const auto id = host->send(std::move(command));
        const bool came = waitFor([&] {
            for (const auto& event : host->takeEvents()) {
                if (const auto* done = std::get_if<console::CommandDone>(&event)) {
                    done_[done->id] = done->error;
                }
            }
            return done_.contains(id);
        });
        return came ? done_[id] : base::Error{ErrorCode::Timeout, "command", "it never ended"};
    }
    [[nodiscard]] console::LearningSnapshot shown() const
    {
        const auto now = host->learning().get();
        return now ? *now : console::LearningSnapshot{};
    }

    std::unique_ptr<engines::EngineHost> host;

private:
    std::filesystem::path folder_;
    std::string feed_ = engines::importedFeed;
    std::string restUrl_;
    std::map<console::CommandId, std::optional<base::Error>> done_;
};

} // namespace

class RetrainHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWishBecomesAChampionThatOutlivesARestart()
    {
        QTemporaryDir folder;
        Running running(folder.path());
        const auto accepted = running.end(console::RetrainModel{model, "I want it"});
        QVERIFY2(!accepted, accepted ? base::sentence(*accepted).c_str() : "");
        const auto again = running.end(console::RetrainModel{model, "again"});
        QVERIFY(!again || again->code == ErrorCode::Busy); // it may have ended already
        QVERIFY(running.waitFor([&] { return !running.shown().outcomes.empty(); }));
        const auto outcome = running.shown().outcomes.back();
        QCOMPARE(outcome.what, std::string("first champion"));
        QVERIFY(running.waitFor([&] { return running.shown().revision > 0; }));
        running.host->stop();
        {
            auto reader = good(storage::Database::open(running.file(), storage::Database::Mode::ReadOnly));
            const auto registry = good(storage::ModelStore(reader).registry());
            QVERIFY(governance::champion(registry, {learning::Family::Direction, "ONE-USDT"}) != nullptr);
            QVERIFY(!good(storage::JournalStore(reader).entries()).empty());
        }
        running.start();
        QVERIFY(running.waitFor([&] { return running.host->isReady() && running.host->paper().get() != nullptr; }));
        QVERIFY(running.waitFor([&] { return running.shown().state == console::EngineState::Running; }));
    }

    // What the service thread publishes reaches the training: while ticks come too late it waits, and goes on once they
    // do not.
    void whatHealthTellsLetsATrainingWaitAndGoOn()
    {
        const QTemporaryDir folder;
        testkit::ScriptedExchange exchange({"BTC-USDT"});
        Running running(folder.path(), exchange);
        QVERIFY(running.waitFor([&] { return exchange.subscriptions() == 1; }));
        const auto tickLag = [&] {
            const auto health = running.host->health().get();
            const auto all = health ? health->probes : std::vector<console::ProbeRow>();
            const auto probe = std::ranges::find(all, engines::tickLagProbe, &console::ProbeRow::name);
            return probe == all.end() ? console::ProbeRow{} : *probe;
        };
        std::int64_t id = 0;
        const auto trade = [&] { // ten seconds late: it is told while exchange time goes on at the clock's pace
            const auto now = base::SystemClock().now().value;
            exchange.trade("BTC-USDT", {.id = ++id, .time = now - 10'000});
        };
        const auto isLate = [&] { return tickLag().value.value_or(0) > tickLag().limit; };
        QVERIFY(running.waitFor([&] {
            trade();
            return isLate();
        }));
        QVERIFY(!running.end(console::RetrainModel{"gbt_5m", "while ticks lag"}));
        QVERIFY(running.waitFor([&] {
            trade();
            const auto shown = running.shown();
            return shown.running && shown.running->waits == "ticks lag";
        }));
        QVERIFY(running.shown().outcomes.empty());
        QVERIFY(
            !running.end(console::SetPolicy{{{"health.tick_lag_ms", "60000"}}, "they may"})); // as if they came sooner
        QVERIFY(running.waitFor([&] {
            trade();
            return !isLate();
        }));
        QVERIFY(running.waitFor([&] { return !running.shown().outcomes.empty(); })); // there is nothing to learn from
        QVERIFY(running.shown().outcomes.front().what != "cancelled");
        running.host->stop();
    }

    void theHostClosesSoonWhileAModelTrains()
    {
        QTemporaryDir folder;
        Running running(folder.path());
        QVERIFY(!running.end(console::RetrainModel{"all", ""}));
        QVERIFY(running.waitFor([&] {
            const auto shown = running.shown();
            return shown.running && shown.running->fraction > 0;
        }));
        QElapsedTimer timer;
        timer.start();
        running.host->stop();
        QVERIFY2(timer.elapsed() < 10'000, std::to_string(timer.elapsed()).c_str());
    }
};

QTEST_GUILESS_MAIN(RetrainHostTest)
#include "retrain_host_test.moc"
