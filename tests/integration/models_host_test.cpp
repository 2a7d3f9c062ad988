// The registry in a console that runs: files come in through governor, paper and store, versions are promoted, refused
// and rolled back, every answer says the same, and a restart knows it all.
#include "engines/engine_host.h"
#include "testkit/answered.h"
#include "testkit/made_models.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

namespace {

using namespace qd;
using base::ErrorCode;
using governance::ModelStage;
using learning::Family;

constexpr int patience = 90'000;

/// Trained small, and as if its training had looked until now.
learning::ModelVersion fresh(std::uint64_t seed)
{
    auto version = testkit::trainedVersion(Family::Gbt5m, seed);
    version.lineage.to = base::SystemClock().now().value;
    return version;
}

class Console {
public:
    explicit Console(const QTemporaryDir& dir)
        : host_(std::move(engines::EngineHost::start({.dataDir = dir.path().toStdString(),
                                                      .feed = "ws://127.0.0.1:1",
                                                      .restUrl = "http://127.0.0.1:1",
                                                      .version = "test"})
                              .value()))
    {
    }
    ~Console() { host_->stop(); }

    /// Nothing, or why it was refused.
    std::optional<base::Error> send(console::Command command)
    {
        return testkit::answered(*host_, std::move(command), patience);
    }
    template <typename T>
    T ask(console::Query query)
    {
        const auto id = host_->ask(std::move(query));
        std::optional<console::Answer> answer;
        (void)QTest::qWaitFor(
            [&] {
                for (auto& event : host_->takeAnswers()) {
                    auto* one = std::get_if<console::Answer>(&event);
                    if (one != nullptr && one->id == id) {
                        answer = std::move(*one);
                    }
                }
                return answer.has_value();
            },
            patience);
        auto* value = answer && !answer->error ? std::get_if<T>(&answer->value) : nullptr;
        if (value == nullptr) {
            qFatal("%s", answer && answer->error ? base::sentence(*answer->error).c_str() : "no answer");
        }
        return std::move(*value);
    }
    /// "gbt_5m 2 champion; gbt_5m 1 shadow".
    std::string stages()
    {
        std::string out;
        const auto models = ask<console::Models>(console::AskModels{});
        for (const auto& line : models.rows) {
            out += (out.empty() ? "" : "; ") + governance::versionName(line.record.name.key, line.record.name.number);
            out += " " + std::string(governance::name(line.record.stage));
        }
        return out;
    }

private:
    std::unique_ptr<engines::EngineHost> host_;
};

} // namespace

class ModelsHostTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsDecidedOnVersionsIsKeptAndTold()
    {
        const QTemporaryDir dir;
        const auto first = fresh(1);
        const auto second = fresh(2);
        {
            Console console(dir);
            QVERIFY(!console.send(console::ImportModel{learning::packed(first), "from the big machine"}));
            QCOMPARE(console.stages(), std::string("gbt_5m 1 champion"));
            QVERIFY(!console.send(console::ImportModel{learning::packed(second), ""}));
            QCOMPARE(console.stages(), std::string("gbt_5m 2 challenger; gbt_5m 1 champion"));
            QCOMPARE(console.send(console::SetModelStage{"gbt_5m 2", ModelStage::Champion, ""})->code,
                     ErrorCode::OutOfRange);
            auto damaged = learning::packed(fresh(3));
            damaged.resize(damaged.size() / 2);
            QCOMPARE(console.send(console::ImportModel{damaged, ""})->code, ErrorCode::Malformed);
            QCOMPARE(console.send(console::ImportModel{learning::packed(first), ""})->code, ErrorCode::AlreadyExists);
            QCOMPARE(console.send(console::SignOffModel{"gbt_5m 1", learning::Detector::TooGood, "why"})->code,
                     ErrorCode::NotFound);
            QCOMPARE(console.stages(), std::string("gbt_5m 2 challenger; gbt_5m 1 champion"));
            QVERIFY(!console.send(console::SetModelStage{"gbt_5m 2", ModelStage::Champion, "it is newer"}));
            QCOMPARE(console.stages(), std::string("gbt_5m 2 champion; gbt_5m 1 shadow"));
        }
        Console console(dir);
        QCOMPARE(console.stages(), std::string("gbt_5m 2 champion; gbt_5m 1 shadow"));
        QCOMPARE(console.ask<console::ModelBytes>(console::AskModelBytes{"gbt_5m 2"}).bytes, learning::packed(second));
        const auto journal = console.ask<console::JournalPage>(console::AskJournal{});
        const auto promoted = std::ranges::find_if(
            journal.rows, [](const console::JournalRow& row) { return row.decision.why == "it is newer"; });
        QVERIFY(promoted != journal.rows.end());
        QVERIFY(promoted->cannotUndo.empty());
        const auto imported = std::ranges::find_if(
            journal.rows, [](const console::JournalRow& row) { return row.decision.why == "from the big machine"; });
        QVERIFY(imported != journal.rows.end() && !imported->cannotUndo.empty()); // it stays in the registry
        QVERIFY(!console.send(console::UndoDecision{promoted->decision.id, "it was not better"}));
        QCOMPARE(console.stages(), std::string("gbt_5m 2 challenger; gbt_5m 1 champion"));
    }
};

QTEST_GUILESS_MAIN(ModelsHostTest)
#include "models_host_test.moc"
