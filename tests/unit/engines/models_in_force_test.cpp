// Models on paper's thread: a champion is recorded on every instrument, serves, and trades the same after a restart,
// after a kill and in replay; what is missing or damaged silences its strategy alone.
#include "engines/model_library.h"
#include "engines/replay.h"
#include "engines/sensitivity_run.h"
#include "governance/policies.h"
#include "storage/journal_store.h"
#include "storage/model_store.h"
#include "testkit/made_ledger.h"
#include "testkit/one_ledger.h"
#include "testkit/paper_rig.h"
#include "testkit/trained_model.h"

#include <QTest>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using governance::ChangeKind;
using testkit::expectOneLedger;
using testkit::good;
using testkit::PaperRig;
using testkit::storedHash;
using trading::InputKind;

namespace {

const std::string ml = "ml_gbt_5m";

std::vector<storage::SwitchInput> modelInputs(PaperRig& rig, base::InstrumentId instrument)
{
    auto reader = good(storage::Database::open(rig.store.file(), storage::Database::Mode::ReadOnly));
    auto all = good(storage::LedgerStore(reader).switchInputs(instrument));
    std::erase_if(all, [](const storage::SwitchInput& input) { return input.kind != InputKind::Model; });
    return all;
}

std::size_t tradesOf(PaperRig& rig, const std::string& strategy)
{
    const auto trades = good(storage::LedgerStore(*rig.store).trades());
    return static_cast<std::size_t>(
        std::ranges::count_if(trades, [&](const auto& trade) { return trade.position.decision.strategy == strategy; }));
}

/// Version `number` comes into the registry in that stage.
CarryOut added(std::uint32_t number, const std::string& stage,
               const std::shared_ptr<const learning::ModelVersion>& version,
               std::vector<governance::Change> others = {})
{
    const auto record = good(governance::recordOf(*version, number, {1'750'000'000'000}));
    others.push_back({ChangeKind::ModelStage, governance::versionName(record.name.key, number), "", stage});
    auto out = PaperRig::decision(std::move(others));
    out.models.push_back({record, "made", version});
    return out;
}

} // namespace

class ModelsInForceTest : public QObject {
    Q_OBJECT

private:
    std::shared_ptr<const learning::ModelVersion> one_ = testkit::trainedModel();
    std::shared_ptr<const learning::ModelVersion> two_ = testkit::trainedModel({.column = 15});
    std::shared_ptr<const learning::ModelVersion> ofA_ =
        testkit::trainedModel({.family = learning::Family::Direction, .instrument = "A-USDT"});

private Q_SLOTS:
    void aChampionServesItsSuccessorAndItsUndoAreOneLedgerEverywhere()
    {
        PaperRig rig(70'000);
        rig.feed(30'000);
        rig.settle();
        QVERIFY(!rig.done(added(1, "champion", one_)));
        QVERIFY(!rig.done(added(1, "champion", ofA_)));
        QVERIFY(!rig.done(added(2, "challenger", two_)));
        rig.feed(12'000);
        rig.settle();
        const std::vector<governance::Change> promotion{{ChangeKind::ModelStage, "gbt_5m 1", "champion", "shadow"},
                                                        {ChangeKind::ModelStage, "gbt_5m 2", "challenger", "champion"}};
        QVERIFY(!rig.done(rig.decision(promotion)));
        QCOMPARE(rig.done(rig.decision(promotion))->code, ErrorCode::Conflict);
        rig.feed(4'000);
        rig.stop();
        rig.start(); // what serves is in the saved state
        rig.feed(8'000);
        rig.settle();
        QVERIFY(!rig.done(rig.decision(governance::inverse(promotion))));
        rig.feed(14'000);
        rig.settle();
        rig.stop();

        const auto first = trading::text({"gbt_5m 1", one_->bytesHash});
        const auto second = trading::text({"gbt_5m 2", two_->bytesHash});
        for (const auto& instrument : rig.known) {
            auto inputs = modelInputs(rig, instrument.id);
            const auto ofKey = [](const storage::SwitchInput& input) { return input.strategy != "gbt_5m"; };
            const auto direction = std::ranges::count_if(inputs, ofKey);
            QCOMPARE(direction, instrument.name == "A-USDT" ? 1 : 0);
            std::erase_if(inputs, ofKey);
            QCOMPARE(inputs.size(), std::size_t{3});
            QVERIFY(inputs[0].number.value == 30'000 && inputs[0].parameters == first && inputs[0].enabled);
            QVERIFY(inputs[1].number.value == 42'000 && inputs[1].parameters == second);
            QVERIFY(inputs[2].number.value == 54'000 && inputs[2].parameters == first);
        }
        QVERIFY(tradesOf(rig, ml) > 6);
        storage::ModelStore models(*rig.store);
        std::map<std::string, int> by;
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const auto& d = trade.position.decision;
            const auto asked = good(models.tradeModel(d.instrument.value, d.strategy, d.number.value));
            QCOMPARE(asked.has_value(), d.strategy == ml);
            if (asked) {
                const bool isSecond = d.number.value > 42'000 && d.number.value <= 54'000;
                QCOMPARE(asked->version, std::string(isSecond ? "gbt_5m 2" : "gbt_5m 1"));
                QCOMPARE(asked->hash, (isSecond ? two_ : one_)->bytesHash);
                QCOMPARE(asked->row.size(), std::size_t{56});
                ++by[asked->version];
            }
        }
        QVERIFY(by["gbt_5m 1"] > 1 && by["gbt_5m 2"] > 1);
        const auto today = good(replay({.database = rig.store.file(), .current = true}, {}));
        QVERIFY(today.ledgerHash != storedHash(*rig.store)); // the champion of today, from the first item on
        // What a gate goes by asks whoever served then, never one that has seen those days.
        const auto parameters = testkit::defaultsOf(ml);
        const SensitivityTask task{.strategy = ml,
                                   .parameters = parameters,
                                   .changes = {{parameters, 1}},
                                   .from = {1'000'000'000'000},
                                   .to = {4'000'000'000'000},
                                   .policy = rig.policy};
        const auto night = good(runSensitivity(*rig.store, task, {}, [](double, const std::string&) {}));
        QCOMPARE(night.unchanged.trades, tradesOf(rig, ml));
        QCOMPARE(night.runs.front().trades, tradesOf(rig, ml));
        expectOneLedger(rig);
    }

    void aVersionThatCannotBeReadSilencesItsStrategyAlone()
    {
        PaperRig rig(45'000, 1);
        rig.feed(5'000);
        rig.settle();
        QVERIFY(!rig.done(added(1, "champion", one_)));
        rig.feed(30'000);
        rig.settle();
        QTRY_VERIFY(rig.row(ml).silence.empty());
        rig.stop();
        QVERIFY(tradesOf(rig, ml) > 0);
        rig.store.write([&] { good(rig.store->run("UPDATE models SET packed=zeroblob(100)")); });
        const auto others = tradesOf(rig, "momentum") + tradesOf(rig, "breakout") + tradesOf(rig, "candle_patterns");
        const auto before = tradesOf(rig, ml);
        ModelShelf empty; // as in another process
        rig.library = std::make_shared<const ModelLibrary>(storedModels(rig.store.file()), &empty);
        rig.start();
        QTRY_VERIFY(rig.shown() && rig.row(ml).silence.starts_with("its model gbt_5m 1 cannot be asked: "));
        rig.feed(10'000);
        rig.settle();
        rig.stop();
        QVERIFY(tradesOf(rig, ml) <= before + 1); // what was open ran to its own end
        QVERIFY(tradesOf(rig, "momentum") + tradesOf(rig, "breakout") + tradesOf(rig, "candle_patterns") > others);
        const auto library = libraryOf(rig.store.file());
        QCOMPARE(library->find(one_->bytesHash).error().code, ErrorCode::Damaged);
        QCOMPARE(library->find("nothing").error().code, ErrorCode::NotFound);
    }

    void aNewInstrumentBeginsWithTheChampionsInForce()
    {
        PaperRig rig(3'000, 1);
        rig.feed(1'000);
        rig.settle();
        QVERIFY(!rig.done(added(1, "champion", one_)));
        QVERIFY(!rig.done(added(1, "champion", ofA_)));
        rig.stop();
        const auto late = rig.store.add("LATE-USDT");
        rig.start();
        rig.feed(1'000);
        rig.settle();
        rig.stop();
        const auto inputs = modelInputs(rig, late);
        QCOMPARE(inputs.size(), std::size_t{1}); // the direction predictor is of another instrument
        QVERIFY(inputs[0].number.value == 0 && inputs[0].enabled && inputs[0].strategy == "gbt_5m");
        QCOMPARE(inputs[0].parameters, trading::text({"gbt_5m 1", one_->bytesHash}));
    }

    void anExperimentComparesAVersionWithTodaysChampion()
    {
        PaperRig rig(60'000, 1);
        rig.feed(2'000);
        rig.settle();
        QVERIFY(!rig.done(added(1, "champion", one_)));
        QVERIFY(!rig.done(added(2, "challenger", two_)));
        const auto* info = trading::findStrategy(ml);
        const auto policy = storage::frozenPolicy(inForceByDefault().policy.numbers);
        storage::StoredExperiment experiment{
            .plan = {.id = 1,
                     .subject = ml,
                     .comparison = governance::Comparison::Models,
                     .a = "gbt_5m 2",
                     .b = "gbt_5m 2",
                     .begins = {1'750'032'000'000},
                     .policy = governance::policiesFrom(inForceByDefault().policy.numbers).experiment},
            .created = {5},
            .parametersA = trading::ParameterSet(info->name, info->parameters).text(),
            .parametersB = trading::text({"gbt_5m 2", two_->bytesHash}),
            .policy = policy,
            .reason = "test"};
        auto begin = rig.decision({});
        begin.experiment = storage::ExperimentStep{.begun = experiment};
        QCOMPARE(rig.done(begin)->code, ErrorCode::Conflict); // that version does not serve
        begin.experiment->begun->plan.a = "gbt_5m 1";
        QVERIFY(!rig.done(begin));
        const std::vector<governance::Change> promotion{{ChangeKind::ModelStage, "gbt_5m 1", "champion", "shadow"},
                                                        {ChangeKind::ModelStage, "gbt_5m 2", "challenger", "champion"}};
        QCOMPARE(rig.done(rig.decision(promotion))->code, ErrorCode::Conflict); // it is frozen
        rig.feed(45'000);
        rig.settle();
        auto end = rig.decision(promotion);
        end.experiment = storage::ExperimentStep{.ended = storage::ExperimentStep::End{1, {9}, "B promoted", "test"}};
        QVERIFY(!rig.done(end));
        rig.feed(10'000);
        rig.stop();
        const std::string arm = "ml_gbt_5m~1b";
        QVERIFY(tradesOf(rig, arm) > 3 && tradesOf(rig, ml) > 3);
        storage::ModelStore models(*rig.store);
        for (const auto& trade : good(storage::LedgerStore(*rig.store).trades())) {
            const auto& d = trade.position.decision;
            if (d.strategy == arm || d.strategy == ml) {
                const auto asked = good(models.tradeModel(d.instrument.value, d.strategy, d.number.value));
                const bool isSecond = d.strategy == arm || d.number.value > 47'000;
                QVERIFY(asked && asked->version == (isSecond ? "gbt_5m 2" : "gbt_5m 1"));
            }
        }
        expectOneLedger(rig);
    }

    void aStateOfAnOlderVersionIsMadeAnewFromTheArchive()
    {
        PaperRig rig(45'000, 1);
        rig.feed(20'000);
        rig.settle();
        QVERIFY(!rig.done(added(1, "champion", one_)));
        QVERIFY(!rig.done(console::SetStrategyEnabled{"momentum", false, "test"}));
        rig.feed(20'000);
        rig.settle();
        rig.stop();
        storage::LedgerStore ledger(*rig.store);
        const auto id = rig.known.front().id;
        const auto saved = good(ledger.loadState(id));
        QVERIFY(saved && saved->first.value == 40'000);
        const auto kept = storedHash(*rig.store);
        auto older = saved->second;
        older.replace(older.find(" 8\n"), 3, " 7\n");
        rig.store.write([&] { good(ledger.saveState(id, saved->first, older)); });
        const auto recovered = good(recover(*rig.store, rig.policy, {}));
        QVERIFY(recovered.notices.empty());
        QCOMPARE(recovered.replayedItems, std::uint64_t{0});
        QVERIFY(good(ledger.loadState(id)) == saved);
        QCOMPARE(storedHash(*rig.store), kept);
        rig.start();
        rig.feed(5'000);
        rig.settle();
        rig.stop();
        expectOneLedger(rig);
    }
};

QTEST_GUILESS_MAIN(ModelsInForceTest)
#include "models_in_force_test.moc"
