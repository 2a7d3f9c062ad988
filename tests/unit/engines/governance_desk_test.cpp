// Reviews, proposals, stages and undo on a real database with a ledger made by formula: carried out as a whole or not
// at all, told in words, the same after a restart.
#include "engines/gate_answers.h"
#include "engines/governor_door.h"
#include "engines/journal_query.h"
#include "engines/offline_decisions.h"
#include "engines/signing_key_file.h"
#include "engines/unreadable_parameters.h"
#include "storage/null_store.h"
#include "storage/review_rows.h"
#include "storage/trials_store.h"
#include "testkit/made_ledger.h"

#include <QFile>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <optional>
#include <set>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using base::UtcMs;
using governance::Stage;
using storage::ProposalState;
using testkit::good;
using testkit::MadeLedger;

namespace {

constexpr UtcMs end{1'764'028'800'000}; // midnight, 2025-11-25
constexpr int days = 25;                // fewer than archive.after_days

double losing(int n)
{
    return n % 3 == 0 ? 1 : -3;
}
double even(int n)
{
    return n % 2 == 0 ? 1 : -1;
}

/// Two that lose, one that does neither; a desk that carries out at once.
struct House {
    QTemporaryDir folder;
    MadeLedger ledger;
    testkit::StandingClock clock{end + MadeLedger::hour};
    std::optional<GovernanceDesk> desk; // made anew at a restart

    explicit House(int daysOfTrades = days)
        : ledger(folder.filePath(QStringLiteral("demo.db")).toStdString(), end, daysOfTrades, 60),
          desk(offlineDesk(*ledger.store, clock))
    {
        ledger.add("breakout", 3, losing);
        ledger.add("reversal", 3, losing);
        ledger.add("momentum", 2, even);
    }
    storage::Database& database() { return *ledger.store; }
    void reopen()
    {
        ledger.store.reopen();
        desk.emplace(offlineDesk(database(), clock));
    }
    base::Result<void> review(bool isNightly = false)
    {
        std::vector<std::string> failures;
        auto held = desk->review(isNightly, failures);
        return held && !failures.empty() ? base::fail(ErrorCode::Internal, "review", failures.front()) : held;
    }
    std::vector<storage::ProposalRow> proposals()
    {
        storage::ReviewStore store(database());
        return good(store.proposalsOf(good(store.newest())->id));
    }
    /// Strategies that a night would change before the week's archiving.
    std::size_t subjectsOfHarm()
    {
        std::set<std::string> out;
        for (const auto& row : proposals()) {
            if (row.proposal.rule != governance::Rule::NotConverged) {
                out.insert(row.proposal.subject.strategy);
            }
        }
        return out.size();
    }
    std::vector<std::int64_t> ids()
    {
        std::vector<std::int64_t> out;
        for (const auto& row : proposals()) {
            out.push_back(row.id);
        }
        return out;
    }
    governance::RosterRow row(const std::string& strategy)
    {
        return *governance::findRow(good(desk->facts()).input.roster, strategy);
    }
    /// As the lab leaves it.
    void ran(const std::string& strategy, console::GoodTest test, const std::string& found)
    {
        const auto hash = row(strategy).parameterHash;
        ledger.store.write([&] {
            if (test == console::GoodTest::NoiseNull) {
                good(storage::NullStore(database())
                         .add({.strategy = strategy,
                               .parameterHash = hash,
                               .time = clock.now(),
                               .seeds = 200,
                               .trades = 0}));
                if (!found.empty()) { // one that traded, beside one that did not
                    good(storage::NullStore(database())
                             .add({.strategy = strategy,
                                   .parameterHash = hash,
                                   .time = clock.now(),
                                   .seeds = 200,
                                   .trades = 40,
                                   .real = 0.01,
                                   .expectancies = {-0.01F}}));
                }
            } else {
                const auto name = storage::ranTest(test == console::GoodTest::Replay ? "replay" : "look-ahead");
                good(storage::ReviewStore(database())
                         .add(storage::SignOffRow{hash, name, clock.now(), strategy, found}));
            }
        });
    }
    std::vector<governance::Decision> decisions() { return good(desk->facts()).decisions; }
};

template <typename T>
std::string words(const base::Result<T>& result)
{
    return result ? std::string() : base::sentence(result.error()) + " " + result.error().detail;
}

bool contains(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::string bytesOf(const governance::Review& review)
{
    std::string out = storage::bytesOf(review.held);
    for (const auto& proposal : review.proposals) {
        out += storage::bytesOf(proposal);
    }
    return out;
}

int verifiedByOpenssl(const QString& folder, const console::SignedManifest& manifest)
{
    const auto write = [&](const char* name, const std::string& bytes) {
        QFile file(folder + QLatin1Char('/') + QLatin1String(name));
        if (!file.open(QIODevice::WriteOnly) ||
            file.write(bytes.data(), static_cast<qint64>(bytes.size())) != static_cast<qint64>(bytes.size())) {
            qFatal("a file of the manifest cannot be written");
        }
    };
    write("manifest.json", manifest.json);
    write("manifest.sig", manifest.signature);
    write("public.pem", manifest.publicPem);
    QProcess openssl;
    openssl.setWorkingDirectory(folder);
    openssl.start(QStringLiteral("openssl"),
                  {QStringLiteral("pkeyutl"), QStringLiteral("-verify"), QStringLiteral("-pubin"),
                   QStringLiteral("-inkey"), QStringLiteral("public.pem"), QStringLiteral("-rawin"),
                   QStringLiteral("-in"), QStringLiteral("manifest.json"), QStringLiteral("-sigfile"),
                   QStringLiteral("manifest.sig")});
    return openssl.waitForStarted() && openssl.waitForFinished(60'000) ? openssl.exitCode() : -1;
}

} // namespace

class GovernanceDeskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twoAppliedProposalsAreTwoRowsOfTheJournalAndOneIsTakenBack()
    {
        House house;
        good(house.review());
        QCOMPARE(house.proposals().size(), std::size_t{2});
        good(house.desk->apply(house.ids(), "as proposed"));

        QVERIFY(!house.row("breakout").whole.isOn && !house.row("reversal").whole.isOn);
        QVERIFY(house.row("momentum").whole.isOn);
        const auto journal = house.decisions();
        QCOMPARE(journal.size(), std::size_t{2});
        QCOMPARE(journal[0].why, std::string("as proposed"));
        QVERIFY(contains(journal[0].evidence, "expectancy after costs"));
        for (const auto& row : house.proposals()) {
            QCOMPARE(row.state, ProposalState::Applied);
            QVERIFY(row.decision == journal[0].id || row.decision == journal[1].id);
        }
        QCOMPARE(good(house.desk->facts()).input.past.size(), std::size_t{2});

        house.clock.set(house.clock.now() + base::Millis{1'000});
        good(house.desk->undo({journal[0].id, "not yet"}));
        QVERIFY(house.row(journal[0].changes.front().subject).whole.isOn);
        QVERIFY(!house.row(journal[1].changes.front().subject).whole.isOn);
        QCOMPARE(house.decisions().back().undoes, std::optional(journal[0].id));
        QVERIFY(good(house.desk->facts()).input.past[0].isUndone);
        QVERIFY(contains(words(house.desk->undo({journal[0].id, "again"})), "undone already"));
        QVERIFY(contains(words(house.desk->undo({4'711, "which"})), "no such row"));
    }

    void aRestartInTheMiddleLosesNothing()
    {
        House house;
        good(house.review());
        const auto before = house.proposals();
        house.reopen();
        const auto after = house.proposals();
        QCOMPARE(after.size(), before.size());
        for (std::size_t i = 0; i < after.size(); ++i) {
            QCOMPARE(after[i].state, ProposalState::Open);
            QCOMPARE(storage::bytesOf(after[i].proposal), storage::bytesOf(before[i].proposal));
        }
        const auto first = house.ids().front();
        good(house.desk->apply(std::vector{first}, ""));
        house.reopen();
        QCOMPARE(house.proposals().front().state, ProposalState::Applied);
        QVERIFY(contains(words(house.desk->apply(std::vector{first}, "")), "applied already"));
        good(house.desk->apply(std::vector{house.ids().back()}, ""));
        QCOMPARE(house.decisions().size(), std::size_t{2});
    }

    void aChangedVerdictStopsOnlyItselfAndIsTold()
    {
        House house;
        good(house.review());
        for (int n = 0; n < 60; ++n) { // breakout earns since
            house.ledger.addOne("breakout", end - base::oneDay + base::Millis{60'000} * n, 9);
        }
        const auto done = good(house.desk->apply(house.ids(), "all"));
        QVERIFY(done.refused.has_value());
        QCOMPARE(done.refused->code, ErrorCode::Conflict);
        const auto told = done.refused->detail; // what was done, and what was not and why
        QVERIFY(contains(told, "1 of 2 were applied (reversal: on to off)"));
        QVERIFY(contains(told, "not applied: breakout: ") && contains(told, "the verdict changed"));
        QCOMPARE(done.decisions, std::vector{house.decisions().front().id});
        QVERIFY(!house.desk->apply(house.ids(), "again")); // nothing of it: an error
        QVERIFY(house.row("breakout").whole.isOn && !house.row("reversal").whole.isOn);
        QCOMPARE(house.decisions().size(), std::size_t{1});
        for (const auto& row : house.proposals()) {
            const bool isBreakout = row.proposal.subject.strategy == "breakout";
            QCOMPARE(row.state, isBreakout ? ProposalState::Gone : ProposalState::Applied);
            QCOMPARE(contains(row.note, "the verdict changed"), isBreakout);
        }
    }

    // Without its model it never trades in one; what its model had to beat was run in the audit.
    void aStrategyThatDecidesByAModelWaitsForNoNullOfItsOwn()
    {
        House house;
        const auto facts = good(house.desk->facts());
        const auto nullOf = [&](const char* strategy) {
            return good(readyInput(house.database(), facts, house.desk->evidence(), strategy)).nullExpectancy;
        };
        QCOMPARE(nullOf("ml_gbt_5m"), std::optional(0.0));
        QVERIFY(!nullOf("breakout")); // it was not run yet
    }

    void aProposalLastsUntilTheNextReview()
    {
        House house;
        good(house.review());
        const auto old = house.ids();
        good(house.review());
        QVERIFY(house.ids() != old);
        const auto done = house.desk->apply(old, "late");
        QCOMPARE(done.error().code, ErrorCode::NotFound);
        QVERIFY(house.decisions().empty());
    }

    void itAbstainsOverTheLimitOfGapAndNotAtIt()
    {
        House house;
        // 7 days and 5%: 8.4 hours.
        house.ledger.addGap(end - base::oneDay * 2, end - base::oneDay * 2 + base::Millis{30'240'000});
        QVERIFY(!good(house.desk->dryReview()).abstains);
        house.ledger.addGap(end - base::oneDay, end - base::oneDay + base::Millis{60'000});
        const auto review = good(house.desk->dryReview());
        QVERIFY(review.abstains && review.proposals.empty());
        QVERIFY(review.gapShare > 0.05 && review.gapShare < 0.051);
        good(house.review());
        QVERIFY(house.proposals().empty());
    }

    void theDryRunIsTheReview()
    {
        House house;
        const auto dry = good(house.desk->dryReview());
        QVERIFY(house.decisions().empty() && !good(storage::ReviewStore(house.database()).newest()));
        house.clock.set(house.clock.now() + MadeLedger::hour * 7); // at any hour of the same day
        good(house.review());
        auto held = good(storage::ReviewStore(house.database()).newest())->review;
        for (auto& row : house.proposals()) {
            held.proposals.push_back(std::move(row.proposal));
        }
        QCOMPARE(bytesOf(held), bytesOf(dry));
        QCOMPARE(held.at, dry.at);
    }

    void aDismissalWantsAReasonAndIsJournalled()
    {
        House house;
        good(house.review());
        const std::vector first{house.ids().front()};
        QVERIFY(contains(words(house.desk->dismiss(first, " ")), "say why"));
        QVERIFY(house.decisions().empty());
        good(house.desk->dismiss(first, "a bad week"));
        QCOMPARE(house.proposals().front().state, ProposalState::Dismissed);
        QCOMPARE(house.proposals().front().note, std::string("a bad week"));
        const auto journal = house.decisions();
        QCOMPARE(journal.size(), std::size_t{1});
        QVERIFY(journal.front().changes.empty() && contains(journal.front().what, "dismissed: disable"));
        QVERIFY(contains(words(house.desk->undo({journal.front().id, "so"})), "changed nothing"));
        QVERIFY(contains(words(house.desk->dismiss(first, "again")), "dismissed already"));
        QVERIFY(good(house.desk->facts()).input.past.empty());
    }

    void thePolicyAppliesByItselfAtMostWhatItMay()
    {
        House house;
        const auto set = [&](const std::map<std::string, std::string>& values) {
            const auto order = policyDecision(good(house.desk->facts()), values, "test", house.clock.now());
            good(carryOutOffline(house.database(), good(order)));
        };
        set({{"review.auto_apply", "1"}, {"review.max_changes", "1"}});
        good(house.review()); // by hand, as often as one likes: the night's number stays the night's
        QCOMPARE(std::ranges::count(house.proposals(), ProposalState::Open, &storage::ProposalRow::state), 2);
        good(house.review(true));
        QCOMPARE(std::ranges::count(house.proposals(), ProposalState::Applied, &storage::ProposalRow::state), 1);
        QCOMPARE(std::ranges::count(house.proposals(), ProposalState::Open, &storage::ProposalRow::state), 1);
        const auto last = house.decisions().back();
        QCOMPARE(last.by, governance::Actor::Policy);
        QVERIFY(!house.row(last.changes.front().subject).whole.isOn);
        QCOMPARE(house.row(last.changes.front().subject).whole.by, governance::Actor::Policy);
    }

    void whatNeverConvergedIsArchivedByTheWeeksRunAloneAndOnlyWithAutoApply()
    {
        House house(40); // over archive.after_days
        const auto archive = [&] {
            std::vector<std::string> failures;
            auto said = good(house.desk->archiveStale(failures));
            return failures.empty() ? said : failures.front();
        };
        const auto count = [&](ProposalState state) {
            return std::ranges::count_if(house.proposals(), [&](const storage::ProposalRow& row) {
                return row.proposal.rule == governance::Rule::NotConverged && row.state == state;
            });
        };
        const auto set = [&](const char* value) { // one place over what harm takes of the same night
            house.clock.set(house.clock.now() + base::Millis{1'000});
            const auto order = policyDecision(
                good(house.desk->facts()),
                {{"review.auto_apply", value}, {"review.max_changes", std::to_string(1 + house.subjectsOfHarm())}},
                "test", house.clock.now());
            good(carryOutOffline(house.database(), good(order)));
            house.clock.set(house.clock.now() + base::Millis{1'000});
        };
        QCOMPARE(archive(), std::string("no review was held yet that could propose it"));
        good(house.review(true));
        const auto proposed = count(ProposalState::Open);
        QVERIFY(proposed > 0);
        QCOMPARE(archive(), std::to_string(proposed) + " to archive: yours to decide; review.auto_apply is off");
        set("1");
        QVERIFY(contains(archive(), "was set after the review"));
        QCOMPARE(house.row("momentum").stage, Stage::Paper);
        good(house.review(true)); // the night's own changes nothing of it
        QCOMPARE(count(ProposalState::Applied), 0);
        const auto waiting = count(ProposalState::Open);
        const auto said = archive();
        QVERIFY2(said.starts_with("1 archived"), said.c_str());
        QCOMPARE(contains(said, "more wait"), waiting > 1);
        QCOMPARE(count(ProposalState::Applied), 1);
        const auto last = house.decisions().back();
        QCOMPARE(last.by, governance::Actor::Policy);
        QCOMPARE(house.row(last.changes.front().subject).stage, Stage::Archived);
        (void)archive(); // a second run of the week goes no further than the first might
        QCOMPARE(count(ProposalState::Applied), 1);
    }

    void archivingThatIsGivenUpOnItsWayArchivesNothingFurther()
    {
        House house(40); // over archive.after_days
        good(house.review());
        const auto order = policyDecision(
            good(house.desk->facts()),
            {{"review.auto_apply", "1"}, {"review.max_changes", std::to_string(1 + house.subjectsOfHarm())}}, "test",
            house.clock.now());
        good(carryOutOffline(house.database(), good(order)));
        house.clock.set(house.clock.now() + base::Millis{1'000});
        good(house.review(true));
        const auto decided = house.decisions().size();
        std::vector<std::string> failures;
        for (const int last : {0, 1}) { // at its beginning, and before the first that it would archive
            int asked = 0;
            const auto said = house.desk->archiveStale(failures, [&] { return asked++ < last; });
            QVERIFY(!said);
            QCOMPARE(said.error().code, ErrorCode::Cancelled);
            QCOMPARE(asked, last + 1);
            QCOMPARE(house.decisions().size(), decided);
        }
        QVERIFY(good(house.desk->archiveStale(failures, [] { return true; })).starts_with("1 archived"));
        QCOMPARE(house.decisions().size(), decided + 1);
        QVERIFY(failures.empty());
    }

    void switchedOnAfterTheReviewItAppliesFromTheNextOneOn()
    {
        House house;
        good(house.review(true));
        const auto set = [&](const char* value) {
            house.clock.set(house.clock.now() + base::Millis{1'000});
            const auto order =
                policyDecision(good(house.desk->facts()), {{"review.auto_apply", value}}, "test", house.clock.now());
            good(carryOutOffline(house.database(), good(order)));
        };
        const auto applied = [&] {
            std::vector<std::string> failures;
            good(house.desk->applyAutomatic(failures));
            return std::ranges::count(house.proposals(), ProposalState::Applied, &storage::ProposalRow::state);
        };
        QCOMPARE(applied(), 0); // off
        set("1");
        QCOMPARE(applied(), 0); // not of a review that was held before
        house.clock.set(house.clock.now() + base::Millis{1'000});
        good(house.review(true));
        QCOMPARE(applied(), 2);
        const auto last = house.decisions().back();
        house.clock.set(house.clock.now() + base::Millis{1'000});
        good(house.desk->undo({last.id, "I know better"}));
        QCOMPARE(applied(), 2); // what was taken back stays so
        QVERIFY(house.row(last.changes.front().subject).whole.isOn);
    }

    void ofManyDismissedAllAreOrNone()
    {
        House house;
        good(house.review());
        const auto ids = house.ids();
        QCOMPARE(ids.size(), std::size_t{2});
        good(house.desk->apply(std::vector{ids.back()}, "this one"));
        const auto journal = house.decisions().size();
        const auto both = house.desk->dismiss(ids, "not now");
        QVERIFY(contains(words(both), "reversal") || contains(words(both), "breakout"));
        QVERIFY(contains(words(both), "applied already"));
        QCOMPARE(house.proposals().front().state, ProposalState::Open);
        // One that ends between the look and the writing takes the others with it.
        GovernanceDesk late(house.database(),
                            {[](const CarryOut&) { return base::Result<std::int64_t>(0); },
                             [&](const storage::GovernanceRecord& record) -> base::Result<std::int64_t> {
                                 auto& database = house.database();
                                 good(database.begin());
                                 good(storage::ReviewStore(database).end({ids.front(), ProposalState::Gone, "", {}}));
                                 auto done = storage::ReviewStore(database).write(record);
                                 database.rollback();
                                 return done;
                             }},
                            house.clock);
        QVERIFY(contains(words(late.dismiss(std::vector{ids.front()}, "too late")), "open no more"));
        QCOMPARE(house.decisions().size(), journal);

        House other;
        good(other.review());
        QCOMPARE(other.ids().size(), std::size_t{2});
        good(other.desk->dismiss(other.ids(), "a bad week for all"));
        QCOMPARE(other.decisions().size(), std::size_t{1}); // one decision
        const auto said = other.decisions().back();
        for (const auto& row : other.proposals()) {
            QCOMPARE(row.state, ProposalState::Dismissed);
            QCOMPARE(*row.decision, said.id);
            QVERIFY(contains(said.what, governance::text(row.proposal.subject)));
            QVERIFY(contains(said.evidence, governance::reasonText(row.proposal)));
        }
    }

    void parametersThatThisVersionCannotReadFallToPaperAndTheJournalSaysSo()
    {
        House house;
        const auto standard = house.row("breakout");
        const auto keep = [&](const std::string& parameters, const std::string& hash, Stage stage) {
            auto row = standard;
            row.stage = stage;
            row.stageSince = end - base::oneDay * 9;
            row.recordSince = end - base::oneDay * 10;
            row.parameterHash = hash;
            house.ledger.store.write([&] { good(storage::RosterStore(house.database()).put({row, parameters}, "")); });
            house.reopen();
        };
        const auto settle = [&] { return good(settleUnreadable(house.database(), house.clock.now())); };
        QVERIFY(settle().empty());

        auto legal = testkit::defaultsOf("breakout");
        good(legal.setText("stop_atr=2.5"));
        keep(legal.text(), legal.hash(), Stage::Candidate);
        QVERIFY(settle().empty()); // all is well
        QCOMPARE(house.row("breakout").stage, Stage::Candidate);

        keep("stop_atr=2|from_the_future=7", "0123456789abcdef", Stage::Candidate);
        QCOMPARE(house.row("breakout").stage, Stage::Paper); // before it is written, too
        const auto told = settle();
        QCOMPARE(told.size(), std::size_t{1});
        QVERIFY2(contains(told[0], "from_the_future"), told[0].c_str());
        const auto row = house.row("breakout");
        QVERIFY(row.stage == Stage::Paper && row.parameterHash == standard.parameterHash);
        QVERIFY(row.recordSince == house.clock.now() && row.stageSince == house.clock.now());
        const auto said = house.decisions().back();
        QVERIFY(said.by == governance::Actor::Policy && contains(said.why, "cannot read its parameters"));
        QVERIFY(contains(said.evidence, "from_the_future=7"));
        QCOMPARE(said.changes.size(), std::size_t{2});   // stage and record
        QVERIFY(settle().empty());                       // once
        QVERIFY(!house.desk->undo({said.id, "please"})); // nobody can read them

        keep(legal.text(), "an older hash of it", Stage::Ready); // the version has one more parameter, say
        QCOMPARE(settle().size(), std::size_t{1});
        QVERIFY(house.row("breakout").stage == Stage::Paper && house.row("breakout").parameterHash == legal.hash());
        QVERIFY(contains(house.decisions().back().why, "other parameters"));
        keep("stop_atr=none", "0123456789abcdef", Stage::Archived);
        QCOMPARE(settle().size(), std::size_t{1});
        QCOMPARE(house.row("breakout").stage, Stage::Archived); // it does not run
    }

    void aValueOutOfItsRangeIsToldWithTheRangeAndNothingChanges()
    {
        House house;
        const auto before = good(house.desk->facts());
        const auto order = policyDecision(before, {{"prune.min_trades", "1"}, {"ready.min_days", "40"}}, "x", end);
        QCOMPARE(order.error().code, ErrorCode::OutOfRange);
        QVERIFY(contains(order.error().detail, "2") && contains(order.error().detail, "10000"));
        QVERIFY(house.decisions().empty());
        QVERIFY(good(house.desk->facts()).policy == before.policy);

        const auto legal = policyDecision(before, {{"prune.min_trades", "40"}}, "more", house.clock.now());
        good(carryOutOffline(house.database(), good(legal)));
        QCOMPARE(good(house.desk->facts()).policies.review.minTrades, std::size_t{40});
        const auto written = house.decisions().back(); // in the words of a console
        QCOMPARE(written.what, std::string("prune.min_trades: 30 to 40"));
        QVERIFY2(written.evidence.starts_with("the roster, newest 7 days: "), written.evidence.c_str());
        good(house.desk->undo({house.decisions().back().id, "back"}));
        QVERIFY(good(house.desk->facts()).policy == before.policy);
    }

    void anUndoThatNoLongerFitsNamesWhatChangedSince()
    {
        House house;
        const auto throwSwitch = [&](bool on) {
            house.clock.set(house.clock.now() + base::Millis{1'000});
            const auto facts = good(house.desk->facts());
            good(carryOutOffline(house.database(),
                                 good(switchDecision(facts, "momentum", {}, on, "test", house.clock.now()))));
        };
        throwSwitch(false);
        const auto first = house.decisions().back().id;
        throwSwitch(true);
        const auto second = house.decisions().back().id;
        const auto done = house.desk->undo({first, "back"});
        QCOMPARE(done.error().code, ErrorCode::Conflict);
        QVERIFY(contains(done.error().detail, "decision " + std::to_string(second)));
        QCOMPARE(house.decisions().size(), std::size_t{2});

        const auto page = good(journalPage(good(house.desk->facts()), house.desk->evidence(), {}));
        QCOMPARE(page.total, std::uint64_t{2});
        QVERIFY(page.rows[0].cannotUndo.empty());
        QVERIFY(contains(page.rows[1].cannotUndo, "decision " + std::to_string(second)));
    }

    void aSwitchOfOneInstrumentIsRecordedForItAlone()
    {
        House house;
        const auto facts = good(house.desk->facts());
        good(carryOutOffline(house.database(), good(switchDecision(facts, "momentum", house.ledger.gold, false, "thin",
                                                                   house.clock.now()))));
        QVERIFY(house.row("momentum").whole.isOn);
        QVERIFY(!governance::isOn(house.row("momentum"), house.ledger.gold));
        QVERIFY(governance::isOn(house.row("momentum"), house.ledger.coin));
        storage::LedgerStore ledger(house.database());
        QCOMPARE(good(ledger.switchInputs(house.ledger.gold)).size(), std::size_t{1});
        QVERIFY(good(ledger.switchInputs(house.ledger.coin)).empty());
        QCOMPARE(switchDecision(good(house.desk->facts()), "momentum", house.ledger.gold, false, "", end).error().code,
                 ErrorCode::Conflict);
    }

    void aRevivedOneBeginsItsRecordAnewAndCountsAsOneMoreTry()
    {
        House house;
        good(house.desk->setStage({"momentum", Stage::Archived, "enough"}));
        QVERIFY(!governance::runs(house.row("momentum")));
        const auto tries = good(storage::TrialsStore(house.database()).of("momentum")).size();
        house.clock.set(house.clock.now() + base::Millis{1'000});
        good(house.desk->setStage({"momentum", Stage::Paper, "once more"}));
        const auto row = house.row("momentum");
        QCOMPARE(row.stage, Stage::Paper);
        QCOMPARE(row.recordSince, house.clock.now());
        QCOMPARE(good(storage::TrialsStore(house.database()).of("momentum")).size(), tries + 1);
        const auto facts = good(house.desk->facts());
        for (const auto& evidence : facts.input.evidence) {
            if (evidence.subject == governance::Subject{"momentum", {}}) {
                const bool isNow = evidence.parameterHash == row.parameterHash;
                QCOMPARE(evidence.trades.empty(), isNow); // the old ones are another record's
            }
        }
        good(house.desk->undo({house.decisions().back().id, "no"}));
        QCOMPARE(house.row("momentum").stage, Stage::Archived);
        QCOMPARE(house.row("momentum").recordSince, UtcMs{0});
        QCOMPARE(house.desk->setStage({"momentum", Stage::Ready, "x"}).error().code, ErrorCode::Conflict);
    }

    void againstRedGatesOnlyWithAReasonAndMarked()
    {
        House house;
        good(house.desk->setStage({"momentum", Stage::Candidate, "a look"}));
        const auto refused = house.desk->setStage({"momentum", Stage::Ready, ""});
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QCOMPARE(house.row("momentum").stage, Stage::Candidate);
        good(house.desk->setStage({"momentum", Stage::Ready, "I know better"}));
        QCOMPARE(house.row("momentum").stage, Stage::Ready);
        QVERIFY(house.row("momentum").passedRed);
        QVERIFY(contains(house.decisions().back().evidence, "red gates: "));
        good(house.desk->undo({house.decisions().back().id, "I did not"}));
        QVERIFY(contains(house.decisions().back().evidence, "hash ")); // of this moment, as of each decision
        QCOMPARE(house.row("momentum").stage, Stage::Candidate);
        QVERIFY(house.row("momentum").passedRed); // for ever
        const auto back = house.desk->undo({house.decisions().back().id, "I did after all"});
        QCOMPARE(back.error().code, ErrorCode::Conflict); // to ready leads its checklist alone
        QCOMPARE(house.row("momentum").stage, Stage::Candidate);
    }

    void theManifestIsVerifiedByOpensslAndATamperedOneIsNot()
    {
        House house;
        const ManifestSource source{
            .keyFile = signingKeyFile(house.folder.path().toStdString()), .feed = "DEMO", .build = "1.2.3"};
        const auto make = [&] {
            const auto facts = good(house.desk->facts());
            return signedManifest(house.database(), facts, house.desk->evidence(), "momentum", source);
        };
        QCOMPARE(make().error().code, ErrorCode::Conflict); // not ready
        good(house.desk->setStage({"momentum", Stage::Candidate, "a look"}));
        good(house.desk->setStage({"momentum", Stage::Ready, "I know better"}));
        auto manifest = good(make());
        QVERIFY(contains(manifest.json, "I know better") && contains(manifest.json, "COIN-USDT"));
        QCOMPARE(good(make()).signature, manifest.signature); // the same key, the same bytes
        const auto rights = QFile::permissions(QString::fromStdString(source.keyFile.string()));
        QVERIFY(!(rights & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther)));
        good(base::verifySignature(manifest.json, manifest.signature, manifest.publicPem));
        QCOMPARE(verifiedByOpenssl(house.folder.path(), manifest), 0);
        manifest.json.replace(manifest.json.find("1.2.3"), 5, "1.2.4");
        QVERIFY(!base::verifySignature(manifest.json, manifest.signature, manifest.publicPem));
        QVERIFY(verifiedByOpenssl(house.folder.path(), manifest) > 0);

        QVERIFY(QFile::setPermissions(QString::fromStdString(source.keyFile.string()), rights | QFile::ReadOther));
        QCOMPARE(make().error().code, ErrorCode::Conflict); // others could read the key
    }

    void theNullOfWhatAsksAModelIsItsModels()
    {
        House house(40); // it never trades in a null of its own, for that has no model
        good(house.desk->signOff({"ml_gbt_5m", console::GoodTest::NoiseNull, "opened"}));
        QVERIFY2(contains(house.decisions()[0].evidence, "noise-null: that of its model"),
                 house.decisions()[0].evidence.c_str());
        QCOMPARE(house.desk->signOff({"mtf_momentum_confirm", console::GoodTest::NoiseNull, "opened"}).error().code,
                 ErrorCode::Conflict); // it would by a parameter alone
    }

    void whatIsTooGoodWaitsForThreeSignatures()
    {
        House house(40);
        house.ledger.add("ema_crossover", 4, [](int n) { return n % 5 == 0 ? -1 : 3; });
        const auto of = [&](const auto& all) {
            return std::ranges::find_if(all, [](const auto& one) {
                return one.rule == governance::Rule::Candidate && one.subject.strategy == "ema_crossover";
            });
        };
        auto review = good(house.desk->dryReview());
        auto held = of(review.held);
        QVERIFY(held != review.held.end());
        QCOMPARE(held->why, governance::Hold::TooGood);
        QCOMPARE(house.desk->setStage({"ema_crossover", Stage::Candidate, "by hand"}).error().code,
                 ErrorCode::Conflict);
        QVERIFY(contains(words(house.desk->signOff({"ema_crossover", console::GoodTest::Replay, ""})), "say why"));
        for (const auto test :
             {console::GoodTest::LookAhead, console::GoodTest::NoiseNull, console::GoodTest::Replay}) {
            review = good(house.desk->dryReview());
            QVERIFY(of(review.held) != review.held.end());
            // Nobody can have opened what has not run of these parameters.
            const auto early = house.desk->signOff({"ema_crossover", test, "opened"});
            QCOMPARE(early.error().code, ErrorCode::Conflict);
            QVERIFY2(contains(early.error().detail, "run it on Strategies"), early.error().detail.c_str());
            house.ran("ema_crossover", test, test == console::GoodTest::NoiseNull ? "" : "failed: on COIN-USDT");
            if (test != console::GoodTest::NoiseNull) {
                QVERIFY(contains(words(house.desk->signOff({"ema_crossover", test, "opened"})), "failed"));
            } else { // a null without a trade counts as none
                QVERIFY(contains(words(house.desk->signOff({"ema_crossover", test, "opened"})), "run it on"));
            }
            house.ran("ema_crossover", test, "40 trades");
            good(house.desk->signOff({"ema_crossover", test, "opened"}));
        }
        // Each says which of the three there were to see.
        const auto signs = house.decisions();
        QVERIFY(contains(signs[0].evidence, "look-ahead: 40 trades") && contains(signs[0].evidence, "replay: not run"));
        QVERIFY(contains(signs[2].evidence, "noise-null: 200 seeds") &&
                contains(signs[2].evidence, "replay: 40 trades"));
        review = good(house.desk->dryReview());
        QVERIFY(of(review.proposals) != review.proposals.end());
        QCOMPARE(house.decisions().size(), std::size_t{3});
    }

    void gatesAreAChecklistWithARoad()
    {
        House house;
        good(house.desk->setStage({"momentum", Stage::Candidate, "a look"}));
        const auto facts = good(house.desk->facts());
        const auto gates =
            good(gatesOf(house.database(), facts, house.desk->evidence(), {}, "the store does not write"));
        QCOMPARE(gates.rows.size(), std::size_t{1});
        const auto& row = gates.rows.front();
        QCOMPARE(row.row.strategy, std::string("momentum"));
        QCOMPARE(row.checklist.gates.size(), std::size_t{12});
        QCOMPARE(row.checklist.gates[0].figure.n, std::uint64_t{days * 2});
        QCOMPARE(row.checklist.gates[static_cast<std::size_t>(governance::Gate::Days)].figure.n, std::uint64_t{days});
        QVERIFY(!row.road.empty());
        QVERIFY(std::ranges::is_sorted(row.road, {}, &console::RoadEvent::at));
        QCOMPARE(gates.pipeline.cap, std::string("the store does not write"));
        QCOMPARE(gatesOf(house.database(), facts, house.desk->evidence(), {"nobody"}, {}).error().code,
                 ErrorCode::NotFound);
        const console::AskGateSimulation question{.strategy = "momentum", .gate = facts.policies.experiment};
        const auto simulated = good(gateSimulation(facts, question));
        QCOMPARE(simulated.trades, std::uint64_t{days * 2});
        QCOMPARE(simulated.tradesPerDay, 2.0);
        QCOMPARE(simulated.rates.size(), std::size_t{3});
        // These trades earn nothing on average, so all three candidates are nearly the same: that they are ordered is
        // told of trades that differ by far (experiment_test).
        for (const auto& rate : simulated.rates) {
            QVERIFY(rate.runs > 0 && rate.interval.lower <= rate.rate() + 1e-9 &&
                    rate.rate() <= rate.interval.upper + 1e-9);
        }
        auto other = question;
        other.comparison = governance::Comparison::OnOff;
        QCOMPARE(good(gateSimulation(facts, other)).rates[1].factor, 0.0);
        other.design = governance::Design::Split;
        QCOMPARE(gateSimulation(facts, other).error().code, ErrorCode::OutOfRange);
        other = question;
        other.rateDays = 7;
        QCOMPARE(good(gateSimulation(facts, other)).tradesPerDay, 2.0);
    }

    void ofTwoReviewsAtOnceTheSecondIsBusy()
    {
        GovernorDoor door;
        good(door.send(1, console::ReviewNow{}));
        const auto second = door.send(2, console::ReviewNow{});
        QCOMPARE(second.error().code, ErrorCode::Busy);
        QVERIFY(!door.beginReview()); // the nightly one waits too
        good(door.send(3, console::AddNote{"meanwhile"}));
        QCOMPARE(door.popAll(std::chrono::milliseconds(0)).size(), std::size_t{2});
        QVERIFY(!door.send(4, console::ReviewNow{})); // it runs
        door.endReview();
        good(door.send(5, console::ReviewNow{}));
        door.close();
        door.endReview();
        QCOMPARE(door.send(6, console::ReviewNow{}).error().code, ErrorCode::Busy);
    }

    void manyAreArchivedByOneDecisionOrNoneAndTheJournalIsFilteredByKind()
    {
        House house;
        QCOMPARE(house.desk->archive({{"breakout", "reversal"}, " "}).error().code, ErrorCode::OutOfRange);
        QCOMPARE(house.desk->archive({{"breakout", "nobody"}, "losers"}).error().code, ErrorCode::NotFound);
        QCOMPARE(house.desk->archive({{}, "losers"}).error().code, ErrorCode::OutOfRange);
        QVERIFY(house.decisions().empty() && house.row("breakout").stage == Stage::Paper);
        good(house.desk->archive({{"reversal", "breakout", "reversal"}, "losers"}));
        QCOMPARE(house.row("breakout").stage, Stage::Archived);
        QCOMPARE(house.row("reversal").stage, Stage::Archived);
        QCOMPARE(house.decisions().size(), std::size_t{1});
        QVERIFY(contains(house.decisions()[0].evidence, "breakout: ") &&
                contains(house.decisions()[0].evidence, "reversal: "));
        // One that is there already stops the others too.
        QCOMPARE(house.desk->archive({{"momentum", "breakout"}, "more"}).error().code, ErrorCode::Conflict);
        QCOMPARE(house.row("momentum").stage, Stage::Paper);
        good(house.desk->undo({house.decisions()[0].id, "as one"}));
        QCOMPARE(house.row("breakout").stage, Stage::Paper);
        QCOMPARE(house.row("reversal").stage, Stage::Paper);

        good(house.desk->note({"stage of nothing"}));
        using governance::DecisionKind;
        const auto total = [&](DecisionKind kind) {
            return good(journalPage(good(house.desk->facts()), house.desk->evidence(), {.kind = kind})).total;
        };
        QCOMPARE(total(DecisionKind::Stage), std::uint64_t{2});
        QCOMPARE(total(DecisionKind::Note), std::uint64_t{1});
        QCOMPARE(total(DecisionKind::Policy), std::uint64_t{0});
    }

    void aNoteChangesNothingAndWhatHappenedNextIsCounted()
    {
        House house;
        QVERIFY(!house.desk->note({"  \n"}));
        good(house.desk->note({"moved the router"}));
        auto page = good(journalPage(good(house.desk->facts()), house.desk->evidence(), {.text = "ROUTER"}));
        QCOMPARE(page.total, std::uint64_t{1});
        QVERIFY(page.rows[0].next.empty() && !page.rows[0].cannotUndo.empty());
        QCOMPARE(
            good(journalPage(good(house.desk->facts()), house.desk->evidence(), {.text = "nothing like it"})).total,
            std::uint64_t{0});
        QCOMPARE(journalPage(good(house.desk->facts()), house.desk->evidence(), {.limit = 1'001}).error().code,
                 ErrorCode::OutOfRange);

        governance::Decision decision{.time = end - base::oneDay * 10,
                                      .changes = {{governance::ChangeKind::Switch, "momentum", "on", "off"}}};
        QCOMPARE(whatHappenedNext(good(house.desk->facts()), house.desk->evidence(), decision),
                 std::string("momentum: 7 days after: 14 trades, net 0.00 USDT; 30 days after: too early."));
    }
};

QTEST_GUILESS_MAIN(GovernanceDeskTest)
#include "governance_desk_test.moc"
