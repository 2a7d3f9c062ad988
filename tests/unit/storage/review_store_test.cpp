// Reviews and proposals as they are kept: the same when they are read again, ended once, gone at the next review.
#include "storage/review_rows.h"
#include "storage/review_store.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

using namespace qd;
using namespace qd::storage;
using base::ErrorCode;
using governance::Rule;
using testkit::good;
using testkit::Store;

namespace {

governance::Proposal proposalOn(const std::string& strategy, std::optional<base::InstrumentId> instrument = {})
{
    governance::Proposal out{.rule = Rule::Disable,
                             .subject = {strategy, instrument},
                             .parameterHash = "abc",
                             .changes = {{governance::ChangeKind::Switch, strategy, "on", "off"}},
                             .onlyByHand = governance::OnlyByHand::ReversesOperator};
    out.figures.push_back({.name = "expectancy after costs",
                           .unit = governance::Unit::UsdtPerTrade,
                           .value = -1.25,
                           .interval = statistics::Interval{-2, -0.5},
                           .confidence = 0.8,
                           .n = 45,
                           .limit = 0.0});
    out.figures.push_back({.name = "break-even rate", .value = std::unexpected(statistics::Undefined::NoLosses)});
    out.lookingBack = governance::LookingBack{.days = 30, .with = {.net = 5}, .without = {.net = -3, .sharpe = 1.5}};
    out.record.soon = {.days = 7, .decisions = 3, .withoutTrades = 1, .right = 2, .meanNet = -4};
    return out;
}

ReviewRow reviewWith(std::vector<governance::Proposal> proposals, bool isNightly = false)
{
    ReviewRow row{.heldAt = {2'000}, .isNightly = isNightly, .review = {.at = {1'000}, .gapShare = 0.01}};
    row.review.proposals = std::move(proposals);
    row.review.held.push_back({Rule::Candidate, {"momentum", {}}, governance::Hold::NoPlace, {}});
    return row;
}

struct House {
    Store store;
    ReviewStore reviews{*store};

    std::int64_t add(const ReviewRow& row)
    {
        std::int64_t id = 0;
        store.write([&] { id = good(reviews.add(row)); });
        return id;
    }
    base::Result<std::int64_t> write(const GovernanceRecord& record)
    {
        good(store->begin());
        auto written = reviews.write(record);
        good(store->commit(false));
        return written;
    }
};

} // namespace

class ReviewStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reviewsSinceATimeAreThoseHeldThenOrLater()
    {
        House house;
        auto row = reviewWith({proposalOn("breakout")});
        row.heldAt = {2'000};
        house.add(row);
        row.heldAt = {3'000};
        row.review.abstains = true;
        const auto second = house.add(row);
        QCOMPARE(good(house.reviews.since({2'000})).size(), std::size_t{2});
        const auto found = good(house.reviews.since({2'001}));
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found[0].id, second);
        QVERIFY(found[0].review.abstains);
        QVERIFY(good(house.reviews.since({3'001})).empty());
    }

    void whatIsReadIsWhatWasWritten()
    {
        House house;
        QVERIFY(!good(house.reviews.newest()) && !good(house.reviews.newestNightly()));
        const auto id = house.add(reviewWith({proposalOn("breakout"), proposalOn("reversal", base::InstrumentId{7})}));
        const auto newest = *good(house.reviews.newest());
        QCOMPARE(newest.id, id);
        QCOMPARE(newest.heldAt, base::UtcMs{2'000});
        QCOMPARE(newest.review.at, base::UtcMs{1'000});
        QCOMPARE(newest.review.gapShare, 0.01);
        QCOMPARE(newest.review.held.front().why, governance::Hold::NoPlace);
        const auto rows = good(house.reviews.proposalsOf(id));
        QCOMPARE(rows.size(), std::size_t{2});
        QCOMPARE(rows[0].state, ProposalState::Open);
        const auto& read = rows[1].proposal;
        const auto written = proposalOn("reversal", base::InstrumentId{7});
        QCOMPARE(bytesOf(read), bytesOf(written));
        QCOMPARE(governance::reasonText(read), governance::reasonText(written));
        QCOMPARE(read.subject, written.subject);
        QCOMPARE(read.changes, written.changes);
        QCOMPARE(read.figures[0].interval->lower, -2.0);
        QCOMPARE(read.figures[1].value.error(), statistics::Undefined::NoLosses);
        QCOMPARE(read.lookingBack->without.sharpe, statistics::Measure(1.5));
        QCOMPARE(read.record.soon.right, std::size_t{2});
        QVERIFY(read.onlyByHand == governance::OnlyByHand::ReversesOperator);
        QVERIFY(!good(house.reviews.newestNightly())); // it was asked for
        house.add(reviewWith({}, true));
        QCOMPARE(*good(house.reviews.newestNightly()), base::UtcMs{2'000});
    }

    void unseenDaysAreKeptOnceAHashAlsoWhereThereAreNone()
    {
        House house;
        QVERIFY(!good(house.reviews.unseen("abc"))); // nobody has looked
        GovernanceRecord record;
        record.unseen = UnseenRow{.parameterHash = "abc", .time = {7}, .days = {{20'001, -0.01}, {20'000, 0.02}}};
        good(house.write(record));
        const std::vector<UnseenDay> kept{{20'000, 0.02}, {20'001, -0.01}};
        QCOMPARE(*good(house.reviews.unseen("abc")), kept);
        record.unseen->days = {{20'002, 0.5}};
        good(house.write(record)); // they stay as they were
        QCOMPARE(*good(house.reviews.unseen("abc")), kept);
        record.unseen = UnseenRow{.parameterHash = "none", .time = {8}};
        good(house.write(record));
        QVERIFY(good(house.reviews.unseen("none"))->empty());
        QVERIFY(!good(house.reviews.unseen("other")));
    }

    void bytesThatAreNotOursAreDamaged()
    {
        const auto bytes = bytesOf(proposalOn("breakout"));
        QCOMPARE(proposalOf(bytes.substr(0, bytes.size() - 1)).error().code, ErrorCode::Damaged);
        QCOMPARE(proposalOf(bytes + "x").error().code, ErrorCode::Damaged);
        auto wrong = bytes;
        wrong[0] = '\x7f'; // no such rule
        QCOMPARE(proposalOf(wrong).error().code, ErrorCode::Damaged);
        QCOMPARE(proposalOf("").error().code, ErrorCode::Damaged);
        QCOMPARE(heldOf("junk").error().code, ErrorCode::Damaged);
    }

    void aProposalEndsOnceAndIsGoneAtTheNextReview()
    {
        House house;
        auto id = house.add(reviewWith({proposalOn("breakout"), proposalOn("reversal")}));
        const auto rows = good(house.reviews.proposalsOf(id));
        GovernanceRecord record;
        record.journal = JournalEntry{.time = {5}, .by = "operator", .what = "dismissed", .why = "no"};
        record.ends = {{rows[0].id, ProposalState::Dismissed, "no"}};
        const auto journal = good(house.write(record));
        QVERIFY(journal > 0);
        auto now = good(house.reviews.proposalsOf(id));
        QCOMPARE(now[0].state, ProposalState::Dismissed);
        QCOMPARE(now[0].decision, std::optional(journal));
        QCOMPARE(now[1].state, ProposalState::Open);

        record.ends.push_back({rows[1].id, ProposalState::Dismissed, "no"});
        QCOMPARE(house.write(record).error().code, ErrorCode::Conflict); // the first has ended: nothing is written
        now = good(house.reviews.proposalsOf(id));
        QCOMPARE(now[1].state, ProposalState::Open);
        QCOMPARE(good(JournalStore(*house.store).entries()).size(), std::size_t{1});

        house.add(reviewWith({proposalOn("reversal")}));
        now = good(house.reviews.proposalsOf(id));
        QCOMPARE(now[0].state, ProposalState::Dismissed);
        QCOMPARE(now[1].state, ProposalState::Gone);
    }

    void onlyWhatWasAppliedIsAPastDecision()
    {
        House house;
        const auto id = house.add(reviewWith({proposalOn("breakout"), proposalOn("reversal", base::InstrumentId{7})}));
        const auto rows = good(house.reviews.proposalsOf(id));
        std::int64_t journal = 0;
        house.store.write([&] {
            journal = good(JournalStore(*house.store).record({.time = {77}, .what = "disable"}));
            good(house.reviews.end({rows[1].id, ProposalState::Applied, {}, journal}));
        });
        const auto past = good(house.reviews.pastDecisions());
        QCOMPARE(past.size(), std::size_t{1});
        QCOMPARE(past[0].id, journal);
        QCOMPARE(past[0].at, base::UtcMs{77});
        QCOMPARE(past[0].rule, Rule::Disable);
        QCOMPARE(past[0].subject, (governance::Subject{"reversal", base::InstrumentId{7}}));
    }

    void signaturesAndNightsAreOfAHash()
    {
        House house;
        house.store.write([&] {
            good(house.reviews.add(SignOffRow{"abc", "look-ahead", {1}, "breakout", "seen"}));
            good(house.reviews.add(SignOffRow{"abc", "replay", {2}, "breakout", "seen"}));
            good(house.reviews.add(SignOffRow{"abc", "replay", {3}, "breakout", "seen again"}));
            good(house.reviews.add(SignOffRow{"abc", ranTest("replay"), {4}, "breakout", "9 trades"}));
            good(house.reviews.add(SignOffRow{"abc", ranTest("replay"), {5}, "breakout", "12 trades"}));
            good(house.reviews.add(SignOffRow{"new", ranTest("look-ahead"), {5}, "breakout", "failed: on ONE"}));
            good(house.reviews.add(SignOffRow{"new", "look-ahead", {4}, "breakout", "seen before it failed"}));
            good(house.reviews.add(SignOffRow{"new", "noise-null", {4}, "breakout", "seen"}));
            for (int night = 0; night < 3; ++night) {
                NightRow row{.strategy = "breakout", .parameterHash = night == 2 ? "abc" : "old"};
                row.night.at = {1'000 + night};
                row.night.unchanged = {.trades = 40, .profitFactor = 1.5, .expectancy = 0.7};
                row.night.runs.assign(32, {.trades = 9});
                good(house.reviews.add(row));
            }
        });
        const auto signs = good(house.reviews.signOffs());
        QVERIFY(signs.at("abc").lookAhead && signs.at("abc").replay && !signs.at("abc").areComplete());
        // A test that ran is no signature, and one that failed since takes its own away.
        QVERIFY(!signs.at("new").lookAhead && signs.at("new").noiseNull);
        const auto run = good(house.reviews.testsRun("abc"));
        QVERIFY(run.replay.starts_with("12 trades, on ") && run.lookAhead.empty() && run.noiseNull.empty());
        QCOMPARE(good(house.reviews.testsRun("new")).lookAhead, std::string("failed: on ONE"));
        QVERIFY(good(house.reviews.testsRun("other")).replay.empty());
        const auto nights = good(house.reviews.nights("breakout", "old", {1'001}));
        QCOMPARE(nights.size(), std::size_t{1});
        QCOMPARE(nights[0].at, base::UtcMs{1'001});
        QCOMPARE(nights[0].runs.size(), std::size_t{32});
        QCOMPARE(nights[0].unchanged.profitFactor, statistics::Measure(1.5));
        QCOMPARE(nights[0].runs[5].expectancy.error(), statistics::Undefined::NoTrades);
        QVERIFY(good(house.reviews.nights("breakout", "new", {0})).empty());
    }
};

QTEST_GUILESS_MAIN(ReviewStoreTest)
#include "review_store_test.moc"
