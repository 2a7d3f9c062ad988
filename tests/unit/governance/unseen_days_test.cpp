// Which archive days nobody can have looked at when parameters were chosen, at each edge.
#include "governance/unseen_days.h"
#include "trading/trade_book.h"

#include <QtTest>

#include <ranges>

namespace {

using namespace qd;
using namespace qd::governance;
using Days = std::vector<std::int64_t>;

constexpr std::int64_t today = 20'000;

std::set<std::int64_t> archive(std::int64_t first, std::int64_t last)
{
    const auto days = std::views::iota(first, last + 1);
    return {days.begin(), days.end()};
}

base::UtcMs noonOf(std::int64_t day)
{
    return trading::midnightOf(day) + base::oneDay / 2;
}

trading::TrialRow tried(std::int64_t day, std::string hash = "h1")
{
    return {.time = noonOf(day),
            .strategy = "momentum",
            .parameterHash = std::move(hash),
            .parameters = {},
            .origin = "edit"};
}
trading::TrialRow evaluated(std::int64_t from, std::int64_t to)
{
    auto row = tried(today, "h2");
    row.from = noonOf(from);
    row.to = noonOf(to);
    return row;
}

} // namespace

class UnseenDaysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDayOfTheChoiceIsOutAndTheOneBeforeIsIn()
    {
        const auto days = archive(today - 2, today + 2);
        QCOMPARE(unseenDays(days, today, {}), (Days{today - 2, today - 1}));
        QCOMPARE(unseenDays(days, today - 2, {}), Days{});
        QCOMPARE(unseenDays(days, today + 9, {}).size(), days.size());
        QCOMPARE(unseenDays({}, today, {}), Days{});
    }

    void theFirstAndTheLastDayOfARangeAreOut()
    {
        const std::vector tries{evaluated(today - 5, today - 3)};
        QCOMPARE(unseenDays(archive(today - 7, today), today, tries),
                 (Days{today - 7, today - 6, today - 2, today - 1}));
        const std::vector all{evaluated(today - 5, today - 3), evaluated(today - 9, today - 1)};
        QCOMPARE(unseenDays(archive(today - 7, today), today, all), Days{});
    }

    void aTryWithoutARangeCoversFromItsOwnDayOn()
    {
        const std::vector tries{tried(today, "h2"), tried(today - 3)};
        QCOMPARE(unseenDays(archive(today - 5, today), today, tries), (Days{today - 5, today - 4}));
    }

    void theNewestNinetyAreTaken()
    {
        QCOMPARE(unseenDays(archive(today - 90, today - 1), today, {}).size(), mostUnseenDays);
        const auto newest = unseenDays(archive(today - 91, today - 1), today, {});
        QCOMPARE(newest.size(), mostUnseenDays);
        QCOMPARE(newest.front(), today - 90);
        const std::vector tries{evaluated(today - 2, today - 2)};
        QCOMPARE(unseenDays(archive(today - 91, today - 1), today, tries).front(), today - 91); // one older
    }

    void whatIsOlderThanAYearIsOut()
    {
        const std::set<std::int64_t> sparse{today - 366, today - 365, today - 2};
        QCOMPARE(unseenDays(sparse, today, {}), (Days{today - 365, today - 2}));
    }

    void theFirstTryOfTheHashIsTheChoiceUnlessItRanEarlier()
    {
        const std::vector tries{tried(today), tried(today - 4), tried(today - 9, "h2")};
        QCOMPARE(chosenDay(tries, "h1", today + 1), today - 4);
        QCOMPARE(chosenDay(tries, "h1", today - 3), today - 4); // its record began on that day
        QCOMPARE(chosenDay(tries, "h1", today - 6), today - 7);
        QCOMPARE(chosenDay(tries, "h3", today), today - 1); // no try is known: by its record
    }
};

QTEST_GUILESS_MAIN(UnseenDaysTest)
#include "unseen_days_test.moc"
