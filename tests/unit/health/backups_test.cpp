// When a backup is due, which go, and how they stand: at, under and over each edge.
#include "health/backups.h"
#include "health/restore_proof.h"

#include <QTest>

#include <algorithm>
#include <iterator>

using namespace qd::health;
using qd::base::Millis;
using qd::base::oneDay;
using qd::base::UtcMs;

namespace {

constexpr Millis hour{3'600'000};
constexpr UtcMs monday{1'763'942'400'000}; // 2025-11-24T00:00:00Z

BackupRow rowAt(std::int64_t id, UtcMs began, const std::string& error = {})
{
    return {.id = id,
            .began = began,
            .took = Millis{1'000},
            .by = "schedule",
            .file = "/backups/demo-" + std::to_string(id) + ".db",
            .bytes = 1,
            .proof = error.empty() ? "all" : "",
            .error = error,
            .removed = {}};
}

BackupPolicy policyOf(std::size_t recent, std::size_t daily, std::size_t weekly)
{
    return {.folder = "/backups", .every = 6 * hour, .keepRecent = recent, .keepDaily = daily, .keepWeekly = weekly};
}

using Ids = std::vector<std::int64_t>;

} // namespace

class BackupsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutAFolderNoneIsEverDue()
    {
        QVERIFY(!nextBackup({}, {}, monday));
        const std::vector rows{rowAt(1, monday)};
        QVERIFY(!nextBackup(rows, {}, monday + oneDay));
    }

    void theFirstIsDueAtOnceAndTheNextAfterItsHours()
    {
        const auto policy = policyOf(8, 7, 4);
        QCOMPARE(nextBackup({}, policy, monday)->value, monday.value);
        const std::vector rows{rowAt(1, monday)};
        QCOMPARE(nextBackup(rows, policy, monday + hour)->value, (monday + 6 * hour).value);
    }

    void whatFailedIsTriedAgainSoonerAndAClockSetBackStopsNothing()
    {
        auto policy = policyOf(8, 7, 4);
        const std::vector failed{rowAt(2, monday, "the disk is full"), rowAt(1, monday - hour)};
        QCOMPARE(nextBackup(failed, policy, monday)->value, (monday + backupRetry).value);
        policy.every = Millis{60'000};
        QCOMPARE(nextBackup(failed, policy, monday)->value, (monday + Millis{60'000}).value);
        const std::vector future{rowAt(1, monday + 30 * oneDay)};
        QCOMPARE(nextBackup(future, policyOf(8, 7, 4), monday)->value, monday.value);
        const std::vector present{rowAt(1, monday)}; // at the very moment: not from the future
        QCOMPARE(nextBackup(present, policyOf(8, 7, 4), monday)->value, (monday + 6 * hour).value);
    }

    void oneThatWasCancelledIsNoFailure()
    {
        const auto policy = policyOf(8, 7, 4);
        std::vector rows{rowAt(2, monday + hour, cancelledBackup), rowAt(1, monday)};
        QCOMPARE(nextBackup(rows, policy, monday + 2 * hour)->value, (monday + 7 * hour).value); // left out
        QCOMPARE(*backupStanding(rows, policy, monday + 2 * hour, monday).score, 100.0);
        rows.front().by = "you";
        QCOMPARE(nextBackup(rows, policy, monday + 2 * hour)->value, (monday + 6 * hour).value);
    }

    void aFolderIsTheSameWithASlashBehindIt()
    {
        const std::vector rows{rowAt(2, monday + hour), rowAt(1, monday)};
        auto policy = policyOf(1, 0, 0);
        for (const auto* folder : {"/backups", "/backups/", "/backups//"}) {
            policy.folder = folder;
            QCOMPARE(rotated(rows, policy), Ids{1});
        }
        policy.folder = "/backup";
        QCOMPARE(rotated(rows, policy), Ids{});
    }

    void failuresPushNoBackupOutOfTheList()
    {
        std::vector<BackupRow> rows{rowAt(5, monday, "gone"), rowAt(4, monday, "gone"), rowAt(3, monday),
                                    rowAt(2, monday, "gone"), rowAt(1, monday)};
        const auto ids = [&](std::size_t most) {
            auto left = rows;
            shorten(left, most);
            Ids out;
            std::ranges::transform(left, std::back_inserter(out), &BackupRow::id);
            return out;
        };
        QCOMPARE(ids(6), (Ids{5, 4, 3, 2, 1})); // under
        QCOMPARE(ids(5), (Ids{5, 4, 3, 2, 1})); // at
        QCOMPARE(ids(4), (Ids{5, 4, 3, 1}));    // over
        QCOMPARE(ids(1), (Ids{3, 1}));          // they stay
        rows.back().removed = monday;
        QCOMPARE(ids(4), (Ids{5, 4, 3, 2})); // rotated away: it goes like any other
    }

    void rotationBeginsOverTheNumberToKeep()
    {
        std::vector<BackupRow> rows;
        for (std::int64_t i = 1; i <= 3; ++i) {
            rows.push_back(rowAt(i, monday + i * hour));
        }
        QCOMPARE(rotated(rows, policyOf(4, 0, 0)), Ids{});  // under
        QCOMPARE(rotated(rows, policyOf(3, 0, 0)), Ids{});  // at
        QCOMPARE(rotated(rows, policyOf(2, 0, 0)), Ids{1}); // over
        QCOMPARE(rotated(rows, policyOf(1, 0, 0)), (Ids{1, 2}));
        QCOMPARE(rotated(rows, policyOf(0, 0, 0)), (Ids{1, 2})); // the newest good one never goes
    }

    void oneADayAndOneAWeekAreKeptBeyondTheNewest()
    {
        std::vector<BackupRow> rows; // four a day over five weeks
        std::int64_t id = 0;
        for (int quarter = 0; quarter < 5 * 7 * 4; ++quarter) {
            rows.push_back(rowAt(++id, monday + quarter * 6 * hour));
        }
        const auto policy = policyOf(8, 7, 4);
        auto gone = rotated(rows, policy);
        Ids kept;
        for (const auto& row : rows) {
            if (std::ranges::find(gone, row.id) == gone.end()) {
                kept.push_back(row.id);
            }
        }
        // The ends of the weeks 2…5 (28 a week), the ends of the last seven days, the last eight.
        QCOMPARE(kept, (Ids{56, 84, 112, 116, 120, 124, 128, 132, 133, 134, 135, 136, 137, 138, 139, 140}));
        std::erase_if(rows, [&](const BackupRow& row) { return std::ranges::find(gone, row.id) != gone.end(); });
        QCOMPARE(rotated(rows, policy), Ids{}); // what was kept is kept
    }

    void onlyOwnGoodOnesInTheFolderAreRotated()
    {
        std::vector rows{rowAt(1, monday), rowAt(2, monday + hour), rowAt(3, monday + 2 * hour, "the disk is full"),
                         rowAt(4, monday + 3 * hour), rowAt(5, monday + 4 * hour)};
        rows[0].by = "command line";
        rows[1].file = "/elsewhere/demo-2.db";
        rows[3].removed = monday + 9 * hour;
        QCOMPARE(rotated(rows, policyOf(1, 0, 0)), Ids{});
        rows.push_back(rowAt(6, monday + 5 * hour));
        QCOMPARE(rotated(rows, policyOf(1, 0, 0)), Ids{5});
    }

    void theStandingFallsWithTheAgeOfTheNewestGoodOne()
    {
        const auto policy = policyOf(8, 7, 4);
        const std::vector rows{rowAt(1, monday)};
        const auto scoreAt = [&](Millis age) { return *backupStanding(rows, policy, monday + age, monday).score; };
        QCOMPARE(scoreAt(6 * hour), 100.0);
        QCOMPARE(scoreAt(12 * hour), 50.0);
        QCOMPARE(scoreAt(24 * hour), 0.0);
        const std::vector failed{rowAt(2, monday + hour, "the folder is gone"), rowAt(1, monday)};
        const auto standing = backupStanding(failed, policy, monday + hour, monday);
        QCOMPARE(*standing.score, 50.0);
        QVERIFY(standing.note.find("the folder is gone") != std::string::npos);
    }

    void noneAtAllCountsOnceItIsLate()
    {
        const auto policy = policyOf(8, 7, 4);
        QVERIFY(!backupStanding({}, policy, monday + 12 * hour, monday).score); // at twice the hours
        QCOMPARE(*backupStanding({}, policy, monday + 12 * hour + Millis{1}, monday).score, 0.0);
        QVERIFY(!backupStanding({}, BackupPolicy{}, monday + 30 * oneDay, monday).score); // nobody wished for any
    }

    void aRestoreIsProvenByTheNewestBackupOrByATrySinceThen()
    {
        const auto policy = policyOf(8, 7, 4);
        QVERIFY(!restoreStanding({}, {}, policy, monday).age);
        QVERIFY(!restoreStanding({}, RestoreTry{monday, true, "nothing to prove yet"}, policy, monday).age);
        const std::vector failed{rowAt(1, monday, "the disk is full")};
        QVERIFY(!restoreStanding(failed, {}, policy, monday).age); // it came to nothing
        const std::vector rows{rowAt(1, monday)};
        const auto made = rows[0].began + rows[0].took;
        const auto scoreAt = [&](Millis age) { return *restoreStanding(rows, {}, policy, made + age).score; };
        QCOMPARE(scoreAt(proofLimit / 2), 100.0);
        QCOMPARE(scoreAt(proofLimit), 50.0);
        QCOMPARE(scoreAt(2 * proofLimit), 0.0);
        const RestoreTry good{made + oneDay, true, "restored and equal"};
        QCOMPARE(restoreStanding(rows, good, policy, made + 3 * oneDay).age, std::optional(2 * oneDay));
        const RestoreTry bad{made + oneDay, false, "the file is damaged"};
        const auto standing = restoreStanding(rows, bad, policy, made + 3 * oneDay);
        QCOMPARE(standing.age, std::optional(3 * oneDay)); // that of the backup still is the newest proof
        QCOMPARE(*standing.score, 50.0);
        QVERIFY(standing.note.find("the file is damaged") != std::string::npos);
        const RestoreTry before{made - oneDay, false, "the file is damaged"}; // a newer backup was restored since
        QCOMPARE(*restoreStanding(rows, before, policy, made).score, 100.0);
        QVERIFY(!restoreStanding(rows, bad, BackupPolicy{}, made + oneDay).score);              // nobody wished for any
        QCOMPARE(restoreStanding(rows, {}, policy, made - hour).age, std::optional(Millis{0})); // a clock set back
    }

    void daysUntilTheDiskIsFullWantGrowth()
    {
        QCOMPARE(*daysUntilFull(1'000, 10), 100.0);
        QVERIFY(!daysUntilFull(1'000, 0));
        QVERIFY(!daysUntilFull(1'000, -1));
    }
};

QTEST_APPLESS_MAIN(BackupsTest)
#include "backups_test.moc"
