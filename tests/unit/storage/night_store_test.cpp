// Night reports on a real file: one a day, the newest 400.
#include "storage/night_store.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

using namespace qd;
using namespace qd::testkit;

namespace {

NightReportRow rowOf(const std::string& date, const std::string& headline = "quiet")
{
    return {.date = date, .from = {1}, .to = {2}, .headline = headline, .figures = "{}"};
}

std::string day(int n)
{
    const auto text = std::to_string(1'000 + n); // sorts as dates do
    return "2" + text;
}

} // namespace

class NightStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsComeBackAsTheyWere()
    {
        Store store;
        QVERIFY(!good(NightStore(*store).newest()));
        const NightReportRow row{.date = "2025-06-22",
                                 .from = {1'750'000'000'000},
                                 .to = {1'750'086'400'000},
                                 .headline = "2 \"gaps\"",
                                 .figures = R"({"a":1})"};
        store.write([&] { good(NightStore(*store).add(row)); });
        store.reopen();
        QCOMPARE(good(NightStore(*store).of("2025-06-22")), row);
        QCOMPARE(good(NightStore(*store).newest()), std::optional(row));
        auto listed = row;
        listed.figures.clear();
        QCOMPARE(good(NightStore(*store).list()), (std::vector<NightReportRow>{listed}));
        const auto none = NightStore(*store).of("2025-06-21");
        QVERIFY(!none);
        QCOMPARE(none.error().code, base::ErrorCode::NotFound);
    }

    void aSecondOneOfADayTakesItsPlace()
    {
        Store store;
        store.write([&] {
            good(NightStore(*store).add(rowOf("2025-06-22", "first")));
            good(NightStore(*store).add(rowOf("2025-06-22", "second")));
        });
        const auto rows = good(NightStore(*store).list());
        QCOMPARE(rows.size(), std::size_t{1});
        QCOMPARE(rows[0].headline, std::string("second"));
    }

    void beforeADayAreEarlierOnesNewestFirst()
    {
        Store store;
        store.write([&] {
            for (const auto* date : {"2025-06-20", "2025-06-22", "2025-06-21"}) {
                good(NightStore(*store).add(rowOf(date)));
            }
        });
        const auto rows = good(NightStore(*store).before("2025-06-22", 5));
        QCOMPARE(rows.size(), std::size_t{2});
        QCOMPARE(rows[0].date, std::string("2025-06-21"));
        QCOMPARE(rows[0].figures, std::string("{}"));
        QCOMPARE(good(NightStore(*store).before("2025-06-22", 1)).size(), std::size_t{1});
        QVERIFY(good(NightStore(*store).before("2025-06-20", 5)).empty());
    }

    void theNewestFourHundredAreKept()
    {
        Store store;
        store.write([&] {
            for (int i = 0; i < 400; ++i) {
                good(NightStore(*store).add(rowOf(day(i))));
            }
        });
        QCOMPARE(good(NightStore(*store).list()).size(), NightStore::kept);
        store.write([&] { good(NightStore(*store).add(rowOf(day(400)))); });
        const auto rows = good(NightStore(*store).list());
        QCOMPARE(rows.size(), NightStore::kept);
        QCOMPARE(rows.back().date, day(1));
    }
};

QTEST_GUILESS_MAIN(NightStoreTest)
#include "night_store_test.moc"
