// Alerts and channels as they are kept: the same when they are read again, written over by their id, and what a start
// goes on with.
#include "storage/alert_store.h"
#include "unit/storage/storage_testkit.h"

#include <QTest>

using namespace qd;
using namespace qd::storage;
using health::Alert;
using health::Telling;
using testkit::good;
using testkit::Store;

namespace {

Alert alertOf(std::int64_t id)
{
    return {.id = id,
            .cause = "feed",
            .rule = "feed.dead",
            .title = "The feed is dead",
            .detail = "no tick for 300 s",
            .suspects = "make 3.9 cores",
            .telling = Telling::AtOnce,
            .opened = {1'000 + id}};
}

} // namespace

class AlertStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAlertIsTheSameWhenItIsReadAgainAndWrittenOverByItsId()
    {
        Store store;
        AlertStore alerts(*store);
        QCOMPARE(good(alerts.nextId()), std::int64_t{1});
        auto full = alertOf(7);
        full.told = base::UtcMs{2'000};
        full.toldBy = "desktop";
        full.acknowledged = base::UtcMs{3'000};
        full.snoozed = base::UtcMs{4'000};
        full.snoozedUntil = base::UtcMs{5'000};
        full.cleared = base::UtcMs{6'000};
        full.isEndTold = true;
        store.write([&] { good(alerts.write(std::vector{alertOf(7), alertOf(3)})); });
        QCOMPARE(good(alerts.newest(10)), (std::vector{alertOf(7), alertOf(3)}));
        store.write([&] { good(alerts.write(std::vector{full})); });
        store.reopen();
        AlertStore again(*store);
        QCOMPARE(good(again.newest(10)), (std::vector{full, alertOf(3)}));
        QCOMPARE(good(again.newest(1)), std::vector{full});
        QCOMPARE(good(again.nextId()), std::int64_t{8});
    }

    void aStartGoesOnWithWhatIsOpenOrEndedUntold()
    {
        Store store;
        AlertStore alerts(*store);
        auto ended = alertOf(2);
        ended.cleared = base::UtcMs{9'000};
        auto told = alertOf(3);
        told.cleared = base::UtcMs{9'000};
        told.isEndTold = true;
        auto quiet = alertOf(4);
        quiet.telling = Telling::Never;
        quiet.cleared = base::UtcMs{9'000};
        store.write([&] { good(alerts.write(std::vector{alertOf(1), ended, told, quiet})); });
        QCOMPARE(good(alerts.unfinished()), (std::vector{alertOf(1), ended}));
    }

    void aChannelKeepsItsNewestTryAndItsProof()
    {
        Store store;
        AlertStore alerts(*store);
        const AlertChannel worked{"webhook", {1'000}, true, "", base::UtcMs{1'000}};
        const AlertChannel failed{"webhook", {2'000}, false, "refused", base::UtcMs{1'000}};
        const AlertChannel never{"desktop", {2'000}, false, "no such service", {}};
        store.write([&] { good(alerts.write(std::vector{worked})); });
        store.write([&] { good(alerts.write(std::vector{failed, never})); });
        QCOMPARE(good(alerts.channels()), (std::vector{never, failed}));
    }

    void ofHealthTheNewestLookIsKeptAlone()
    {
        Store store;
        AlertStore alerts(*store);
        QVERIFY(!good(alerts.health()));
        store.write([&] {
            good(alerts.write(HealthNow{{1}, "{}"}));
            good(alerts.write(HealthNow{{2}, "{\"score\":85}"}));
        });
        QCOMPARE(good(alerts.health())->time, base::UtcMs{2});
        QCOMPARE(good(alerts.health())->json, std::string("{\"score\":85}"));
    }

    void theHistoryOfTheProbesIsThatOfADay()
    {
        Store store;
        AlertStore alerts(*store);
        const base::UtcMs noon{1'750'507'200'000};
        const auto at = [&](base::Millis after, double value) {
            const auto time = noon + after;
            return HealthNow{time, "{}", {{time, "CPU", value}, {time, "Memory", value + 1}}};
        };
        const auto times = [&](base::UtcMs now) {
            std::vector<base::Millis> out;
            for (const auto& value : good(alerts.history(now))) {
                out.push_back(value.time - noon);
            }
            return out;
        };
        const base::Millis second{1'000};
        store.write([&] {
            good(alerts.write(at({}, 5)));
            good(alerts.write(at(second, 6)));
        });
        QCOMPARE(good(alerts.history(noon)), (std::vector{ProbeValue{noon, "CPU", 5}, ProbeValue{noon, "Memory", 6}}));
        QCOMPARE(times(noon + base::oneDay).size(), std::size_t{4});                   // at
        QCOMPARE(times(noon + base::oneDay + base::Millis{1}).size(), std::size_t{2}); // over
        store.write([&] { good(alerts.write(at(base::oneDay, 7))); });
        QCOMPARE(times(noon + base::oneDay).size(), std::size_t{6});
        store.write([&] { good(alerts.write(at(base::oneDay + base::Millis{1}, 8))); });
        QCOMPARE(times(noon + base::oneDay + second).size(), std::size_t{6}); // the oldest went
        store.write([&] { good(alerts.write(at(second, 9))); });              // the clock was set back
        QCOMPARE(good(alerts.history(noon + base::oneDay)),
                 (std::vector{ProbeValue{noon + second, "CPU", 9}, ProbeValue{noon + second, "Memory", 10}}));
    }

    void aRowThatNoVersionWroteIsDamage()
    {
        Store store;
        good(good(store->prepare("INSERT INTO alerts VALUES(1,'c','r','t','d','s',9,1,NULL,'',NULL,NULL,NULL,NULL,0)"))
                 .run());
        const auto read = AlertStore(*store).newest(5);
        QCOMPARE(read.error().code, base::ErrorCode::Damaged);
    }
};

QTEST_APPLESS_MAIN(AlertStoreTest)
#include "alert_store_test.moc"
