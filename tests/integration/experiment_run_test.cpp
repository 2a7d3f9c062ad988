// An experiment in a console that runs, on an exchange of our own through sockets: its arms trade beside the roster, a
// restart loses nothing, what it froze cannot be changed, and a replay gives the same ledger.
#include "engines/engine_host.h"
#include "engines/experiment_evidence.h"
#include "engines/replay.h"
#include "exchange/default_instruments.h"
#include "exchange/loopback_past.h"
#include "storage/instrument_store.h"
#include "storage/journal_store.h"
#include "storage/ledger_store.h"
#include "storage/trade_pages.h"
#include "storage/trials_store.h"
#include "testkit/answered.h"
#include "testkit/exchange_thread.h"
#include "testkit/stored_ledger.h"
#include "trading/arm.h"
#include "trading/trading_pipeline.h"

#include <QTemporaryDir>
#include <QTest>

namespace {

using namespace qd;
using base::ErrorCode;
using console::EndExperiment;
using console::ExperimentEnd;
using console::StartExperiment;
using governance::Comparison;
using governance::Design;

constexpr int patience = 90'000;
const std::string arm = "candle_patterns~1b";

/// The engines on an exchange whose market runs much faster than the clock.
class Rig {
public:
    Rig(const testkit::ExchangeThread& exchange, const QTemporaryDir& dir)
        : options_{.dataDir = dir.path().toStdString(),
                   .feed = exchange.webSocket(),
                   .restUrl = exchange.rest(),
                   .historyDays = 0,
                   .version = "test"}
    {
    }
    void start() { host = std::move(engines::EngineHost::start(options_).value()); }
    void stop()
    {
        host->stop();
        host.reset();
    }
    [[nodiscard]] std::filesystem::path file() const { return engines::databaseOf(options_.dataDir, options_.feed); }
    [[nodiscard]] storage::Database read() const
    {
        return std::move(*storage::Database::open(file(), storage::Database::Mode::ReadOnly));
    }
    /// Sends it and waits for the answer: nothing, or the error.
    [[nodiscard]] std::optional<base::Error> done(console::Command command)
    {
        return testkit::answered(*host, std::move(command), patience);
    }
    [[nodiscard]] ErrorCode refused(console::Command command)
    {
        const auto error = done(std::move(command));
        return error ? error->code : ErrorCode::Internal;
    }
    [[nodiscard]] console::Experiments experiments()
    {
        const auto id = host->ask(console::AskExperiments{});
        std::optional<console::Answer> answer;
        (void)QTest::qWaitFor(
            [&] {
                for (auto& event : host->takeAnswers()) {
                    auto* one = std::get_if<console::Answer>(&event);
                    if (one != nullptr && one->id == id) {
                        answer = std::move(*one);
                    }
                }
                return answer.has_value();
            },
            patience);
        const auto* value = answer ? std::get_if<console::Experiments>(&answer->value) : nullptr;
        return value != nullptr && !answer->error ? *value : console::Experiments{};
    }
    [[nodiscard]] std::int64_t count(const std::string& sql) const { return read().number(sql).value(); }

    std::unique_ptr<engines::EngineHost> host;

private:
    engines::HostOptions options_;
};

exchange::LoopbackOptions fastMarket()
{
    exchange::LoopbackOptions market;
    market.instruments = exchange::defaultInstruments(4); // BTC ETH SOL XRP
    market.history = base::Millis{6 * 3'600'000};
    market.speed = 300;
    return market;
}

} // namespace

class ExperimentRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anExperimentRunsBesideTheRosterOverARestartAndIsReplayed();
};

void ExperimentRunTest::anExperimentRunsBesideTheRosterOverARestartAndIsReplayed()
{
    const QTemporaryDir dir;
    testkit::ExchangeThread exchange(fastMarket());
    Rig rig(exchange, dir);
    rig.start();
    const auto hasTraded = [&](const std::string& strategy) {
        return rig.count("SELECT count(*) FROM trades WHERE strategy='" + strategy + "'") > 0;
    };
    QTRY_VERIFY_WITH_TIMEOUT(rig.host->isReady(), patience);
    QTRY_VERIFY_WITH_TIMEOUT(rig.count("SELECT count(*) FROM instruments") == 4, patience);
    const auto* info = trading::findStrategy("candle_patterns");
    QVERIFY(info != nullptr);
    const StartExperiment wish{"candle_patterns", Design::Paired, Comparison::Parameters, "stop_atr=1|target_atr=2",
                               "a nearer stop"};
    QVERIFY(!rig.done(wish));
    QCOMPARE(rig.count("SELECT count(*) FROM switch_inputs WHERE kind='arm' AND enabled=1"), std::int64_t{4});
    QCOMPARE(rig.count("SELECT count(*) FROM trials WHERE origin='arm'"), std::int64_t{1});
    QCOMPARE(rig.count("SELECT count(*) FROM journal WHERE what LIKE 'experiment 1 begins%'"), std::int64_t{1});

    // One at a time, and what it compares stays as it is.
    QCOMPARE(rig.refused(wish), ErrorCode::Conflict);
    QCOMPARE(rig.refused(console::SetParameters{"candle_patterns", "stop_atr=3", ""}), ErrorCode::Conflict);
    QCOMPARE(rig.refused(console::SetPolicy{{{"fees.taker", "0.0007"}}, ""}), ErrorCode::Conflict);
    QCOMPARE(rig.refused(console::SetStage{"candle_patterns", governance::Stage::Archived, "no"}), ErrorCode::Conflict);
    QCOMPARE(rig.refused(StartExperiment{"breakout", Design::Paired, Comparison::Models, "", ""}),
             ErrorCode::Malformed);
    QVERIFY(!rig.done(console::SetParameters{"reversal", "stop_atr=2.5", "another one is free"}));

    // Its arm trades; the screen's roster has no row of it.
    QTRY_VERIFY_WITH_TIMEOUT(hasTraded(arm), 3 * patience);
    const auto isArms = [](const auto& row) { return trading::isArm(row.name); };
    QVERIFY(std::ranges::none_of(rig.host->paper().get()->strategies, isArms));
    QCOMPARE(rig.count("SELECT count(*) FROM trades WHERE instr(strategy,'~')>0 AND in_shadow=0"), std::int64_t{0});

    rig.stop();
    const auto before = rig.count("SELECT count(*) FROM trades WHERE strategy='" + arm + "'");
    rig.start();
    QTRY_COMPARE_WITH_TIMEOUT(rig.experiments().rows.size(), std::size_t{1}, patience);
    const auto shown = rig.experiments().rows.front();
    QVERIFY(shown.plan.subject == "candle_patterns" && !shown.ended && shown.arms.size() == 2);
    QCOMPARE(rig.refused(console::SetParameters{"candle_patterns", "stop_atr=3", ""}), ErrorCode::Conflict);
    const auto tradesOfArm = [&] { return rig.count("SELECT count(*) FROM trades WHERE strategy='" + arm + "'"); };
    QTRY_VERIFY_WITH_TIMEOUT(tradesOfArm() > before, 3 * patience);

    // Not before its gates are passed, and then it ends as the operator says.
    QCOMPARE(rig.refused(EndExperiment{1, ExperimentEnd::PromoteB, "now"}), ErrorCode::Conflict);
    QVERIFY(!rig.done(console::ExtendExperiment{1, 5, "a little more"}));
    QVERIFY(!rig.done(EndExperiment{1, ExperimentEnd::KeepA, "enough"}));
    QCOMPARE(rig.refused(EndExperiment{1, ExperimentEnd::KeepA, "again"}), ErrorCode::Conflict);
    QCOMPARE(rig.count("SELECT count(*) FROM switch_inputs WHERE kind='arm' AND enabled=0"), std::int64_t{4});
    QVERIFY(!rig.done(console::SetParameters{"candle_patterns", "stop_atr=3", "free again"}));
    const auto ended = rig.experiments().rows.front();
    QVERIFY(ended.ended && ended.outcome == "A kept" && ended.why == "enough");

    rig.stop();
    engines::ReplayOptions again;
    again.database = rig.file();
    again.keepsTrades = false;
    const auto replayed = engines::replay(again, {});
    QVERIFY(replayed.has_value());
    QCOMPARE(replayed->ledgerHash, testkit::storedHash(rig.file()));
}

QTEST_GUILESS_MAIN(ExperimentRunTest)
#include "experiment_run_test.moc"
