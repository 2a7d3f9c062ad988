// Training in the running engines, on a database of recorded candles without an exchange: a wish becomes a champion
// that outlives a restart, the same twice is refused, and the host closes soon while a model trains.
#include "engines/engine_host.h"
#include "engines/feed_database.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "storage/policy_store.h"
#include "testkit/made_market.h"

#include <QElapsedTimer>
#include <QTest>

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
    void start()
    {
        engines::HostOptions options;
        options.dataDir = folder_;
        options.feed = "imported";
        options.firstTraining = base::oneDay; // by wish alone
        options.trainsWhenIdle = false;
        host = good(engines::EngineHost::start(std::move(options)));
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(folder_, "imported"); }
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
