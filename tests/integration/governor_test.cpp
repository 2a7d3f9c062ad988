// The governor in the running engines: a review by the clock, applied, taken back, over a restart; two reviews at once;
// questions answered beside it. On a database with a ledger made by formula, without an exchange.
#include "engines/engine_host.h"
#include "testkit/made_ledger.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <functional>
#include <memory>

using namespace qd;
using base::UtcMs;
using testkit::good;
using testkit::MadeLedger;

namespace {

constexpr int days = 25; // fewer than archive.after_days
constexpr int patience = 120'000;

class Running {
public:
    explicit Running(const QString& folder) : folder_(folder)
    {
        const auto end = base::bucketStart(base::SystemClock().now(), base::oneDay);
        MadeLedger ledger(folder.toStdString() + "/imported.db", end, days, 60);
        const auto losing = [](int n) { return n % 3 == 0 ? 1 : -3; };
        ledger.add("breakout", 3, losing);
        ledger.add("reversal", 3, losing);
        ledger.add("momentum", 2, [](int n) { return n % 2 == 0 ? 1 : -1; });
        ledger.store.close();
        start();
    }
    void start()
    {
        engines::HostOptions options;
        options.dataDir = folder_.toStdString();
        options.feed = "imported";
        host = good(engines::EngineHost::start(std::move(options)));
    }
    void restart()
    {
        host->stop();
        host.reset();
        start();
    }
    bool waitFor(const std::function<bool()>& isSo) const
    {
        QElapsedTimer timer;
        for (timer.start(); timer.elapsed() < patience; QTest::qWait(20)) {
            if (isSo()) {
                return true;
            }
        }
        return false;
    }
    std::optional<base::Error> end(console::CommandId id)
    {
        std::optional<console::CommandDone> found;
        const bool came = waitFor([&] {
            for (const auto& event : host->takeEvents()) {
                if (const auto* done = std::get_if<console::CommandDone>(&event)) {
                    ended[done->id] = *done;
                }
            }
            return ended.contains(id);
        });
        return came ? ended[id].error : base::Error{base::ErrorCode::Timeout, "command", "it never ended"};
    }
    std::shared_ptr<const console::GovernanceSnapshot> reviewed()
    {
        (void)waitFor([&] {
            const auto now = host->governance().get();
            return now && now->reviewed;
        });
        return host->governance().get();
    }
    template <typename T>
    T ask(console::Query query)
    {
        const auto id = host->ask(std::move(query));
        std::optional<console::Answer> answer;
        (void)waitFor([&] {
            for (auto& event : host->takeAnswers()) {
                if (auto* of = std::get_if<console::Answer>(&event); of != nullptr && of->id == id) {
                    answer = std::move(*of);
                }
            }
            return answer.has_value();
        });
        if (!answer || answer->error) {
            qFatal("%s", answer ? base::sentence(*answer->error).c_str() : "no answer");
        }
        return std::get<T>(std::move(answer->value));
    }
    bool isOn(const std::string& strategy) const
    {
        const auto paper = host->paper().get();
        const auto row = std::ranges::find(paper->strategies, strategy, &console::StrategyRow::name);
        return row != paper->strategies.end() && row->isEnabled;
    }

    std::unique_ptr<engines::EngineHost> host;
    std::map<console::CommandId, console::CommandDone> ended;

private:
    QString folder_;
};

std::vector<std::int64_t> idsOf(const console::GovernanceSnapshot& snapshot)
{
    std::vector<std::int64_t> out;
    for (const auto& row : snapshot.proposals) {
        out.push_back(row.id);
    }
    return out;
}

} // namespace

class GovernorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aReviewIsCaughtUpAppliedTakenBackAndOutlivesRestarts()
    {
        QTemporaryDir folder;
        Running running(folder.path());
        auto shown = running.reviewed(); // the one of last night, which nobody held
        QVERIFY(shown && shown->reviewed);
        QCOMPARE(shown->proposals.size(), std::size_t{2});
        QVERIFY(shown->nextReview > base::SystemClock().now());
        QVERIFY(running.isOn("breakout") && running.isOn("reversal"));

        running.restart();
        shown = running.reviewed();
        QCOMPARE(shown->proposals.size(), std::size_t{2}); // the same: it is held once
        const auto ids = idsOf(*shown);
        const auto command = running.host->send(console::ApplyProposals{ids, "as proposed"});
        const auto applied = running.end(command);
        QVERIFY2(!applied, applied ? base::sentence(*applied).c_str() : "");
        QVERIFY(running.waitFor([&] { return !running.isOn("breakout") && !running.isOn("reversal"); }));
        QVERIFY(running.waitFor([&] {
            return std::ranges::all_of(running.host->governance().get()->proposals,
                                       [](const auto& row) { return row.state == console::ProposalState::Applied; });
        }));

        running.restart();
        QVERIFY(running.waitFor([&] { return running.host->paper().get() != nullptr; }));
        QVERIFY(running.waitFor([&] { return !running.isOn("breakout"); }));
        const auto page = running.ask<console::JournalPage>(console::AskJournal{});
        QCOMPARE(page.total, std::uint64_t{2});
        const auto& first = page.rows.front().decision;
        QCOMPARE(running.ended[command].decisions, (std::vector{page.rows.back().decision.id, first.id}));
        QVERIFY(page.rows.front().cannotUndo.empty());
        const auto undone = running.end(running.host->send(console::UndoDecision{first.id, "not yet"}));
        QVERIFY2(!undone, undone ? base::sentence(*undone).c_str() : "");
        QVERIFY(running.waitFor([&] { return running.isOn(first.changes.front().subject); }));
        QCOMPARE(running.ask<console::JournalPage>(console::AskJournal{}).total, std::uint64_t{3});
    }

    void ofTwoReviewsAtOnceTheSecondIsToldAndQuestionsAreAnsweredBesideIt()
    {
        QTemporaryDir folder;
        Running running(folder.path());
        (void)running.reviewed();
        QVERIFY(!running.end(running.host->send(console::AddNote{"the nightly one is over"})));
        const auto first = running.host->send(console::ReviewNow{});
        const auto second = running.host->send(console::ReviewNow{});
        const auto refused = running.end(second);
        QVERIFY(refused);
        QCOMPARE(refused->code, base::ErrorCode::Busy);
        QVERIFY(!running.end(first));
        const auto dry = running.ask<console::DryReview>(console::AskReview{}).review;
        const auto shown = running.host->governance().get();
        QCOMPARE(dry.proposals.size(), shown->proposals.size());
        for (std::size_t i = 0; i < dry.proposals.size(); ++i) {
            QCOMPARE(governance::reasonText(dry.proposals[i]), governance::reasonText(shown->proposals[i].proposal));
        }
        QCOMPARE(running.ask<console::Gates>(console::AskGates{"momentum"}).rows.size(), std::size_t{1});
    }

    void whatDoesNotFitIsToldAndNothingIsHalfDone()
    {
        QTemporaryDir folder;
        Running running(folder.path());
        (void)running.reviewed();
        const auto code = [&](console::Command command) {
            const auto error = running.end(running.host->send(std::move(command)));
            return error ? error->code : base::ErrorCode::Internal;
        };
        using base::ErrorCode;
        using governance::Stage;
        QCOMPARE(code(console::ApplyProposals{{4'711}, ""}), ErrorCode::NotFound);
        QCOMPARE(code(console::UndoDecision{4'711, ""}), ErrorCode::NotFound);
        QCOMPARE(code(console::SetStage{"nobody", Stage::Candidate, ""}), ErrorCode::NotFound);
        QCOMPARE(code(console::SetStage{"momentum", Stage::Ready, ""}), ErrorCode::Conflict); // no candidate
        QCOMPARE(code(console::AddNote{""}), ErrorCode::OutOfRange);
        QCOMPARE(running.ask<console::JournalPage>(console::AskJournal{}).total, std::uint64_t{0});

        QVERIFY(!running.end(running.host->send(console::SetStage{"momentum", Stage::Archived, "enough"})));
        QVERIFY(running.waitFor([&] {
            const auto& rows = running.host->paper().get()->strategies;
            return std::ranges::find(rows, "momentum", &console::StrategyRow::name)->stage == Stage::Archived;
        }));
        QCOMPARE(running.ask<console::JournalPage>(console::AskJournal{}).total, std::uint64_t{1});
    }
};

QTEST_GUILESS_MAIN(GovernorTest)
#include "governor_test.moc"
