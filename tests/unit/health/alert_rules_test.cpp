#include "health/alert_catalogue.h"
#include "health/alert_rules.h"

#include <QTest>

#include <limits>

using namespace qd::health;
using qd::base::ErrorCode;
using qd::base::Millis;
using qd::base::UtcMs;

namespace {

const UtcMs noon{1'750'507'200'000}; // 2025-06-21 12:00 UTC
constexpr Millis minute{60'000};

AlertRule hot()
{
    return {.id = "hot",
            .cause = "temperature",
            .title = "Hot",
            .telling = Telling::AtOnce,
            .opens = 95,
            .clears = 92,
            .opensAfter = minute,
            .clearsAfter = minute};
}

AlertRule warm()
{
    auto out = hot();
    out.id = "warm";
    out.title = "Warm";
    out.telling = Telling::Never;
    out.opens = 85;
    out.clears = 82;
    return out;
}

/// A book, its rules, and the two clocks: UTC may jump, awake time never does.
struct Desk {
    std::vector<AlertRule> rules{hot()};
    AlertBook book;
    Millis awake{1'000};
    UtcMs utc = noon;
    std::string suspects = "make 3.9 cores";

    void pass(Millis time)
    {
        awake += time;
        utc = utc + time;
    }
    void see(std::optional<double> value, const std::string& rule = "hot")
    {
        see(std::vector<Sighting>{{rule, value, "as seen"}});
    }
    void see(const std::vector<Sighting>& seen) { book.look({utc, awake}, rules, seen, suspects); }
    [[nodiscard]] std::vector<News> news(bool quiet = false, UtcMs daily = {})
    {
        return book.takeNews(utc, quiet, daily);
    }
    /// Fires at once and is told.
    void fire()
    {
        see(95.0);
        pass(minute);
        see(95.0);
        QCOMPARE(news().size(), std::size_t{1});
    }
    [[nodiscard]] const Alert& only() const { return book.alerts().front(); }
    [[nodiscard]] AlertState state() const { return stateOf(only(), utc); }
    /// As a start finds it: what was kept, and nothing else.
    void restart()
    {
        std::vector<Alert> kept;
        for (auto alert : book.alerts()) {
            alert.hasNoData = false; // is not kept
            kept.push_back(alert);
        }
        book = AlertBook(kept, 100);
        awake = Millis{5};
    }
};

} // namespace

class AlertRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAlertOpensAtItsLimitAfterItsDurationAndNotBefore()
    {
        Desk desk;
        desk.see(94.9); // under
        QCOMPARE(desk.book.ruleState("hot"), AlertState::Ok);
        desk.see(95.0); // at
        QCOMPARE(desk.book.ruleState("hot"), AlertState::Pending);
        desk.pass(minute - Millis{1});
        desk.see(200.0); // over, not yet for long enough
        QVERIFY(desk.book.alerts().empty());
        desk.pass(Millis{1});
        desk.see(95.0);
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
        QCOMPARE(desk.state(), AlertState::Firing);
        QCOMPARE(desk.book.ruleState("hot"), AlertState::Firing);
        QCOMPARE(desk.only().opened, desk.utc);
        QCOMPARE(desk.only().suspects, std::string("make 3.9 cores"));
        QCOMPARE(desk.only().detail, std::string("as seen"));
    }

    void aBreakUnderTheLimitBeginsTheDurationAnew()
    {
        Desk desk;
        desk.see(96.0);
        desk.pass(minute - Millis{1});
        desk.see(94.0);
        desk.pass(Millis{1});
        desk.see(96.0);
        desk.pass(minute - Millis{1});
        desk.see(96.0);
        QVERIFY(desk.book.alerts().empty());
        desk.pass(Millis{1});
        desk.see(96.0);
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
    }

    void itEndsOnlyUnderTheLowerLimitAndAfterThatDuration()
    {
        Desk desk;
        desk.fire();
        for (int i = 0; i < 5; ++i) { // between the limits it stays
            desk.pass(minute);
            desk.see(92.0);
        }
        QCOMPARE(desk.state(), AlertState::Firing);
        desk.see(91.9);
        desk.pass(minute - Millis{1});
        desk.see(91.9);
        QCOMPARE(desk.state(), AlertState::Firing);
        desk.pass(Millis{1});
        desk.see(91.9);
        QCOMPARE(desk.state(), AlertState::Ok);
        QCOMPARE(desk.only().cleared, std::optional(desk.utc));
        const auto told = desk.news();
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(told[0].kind, News::Kind::Ended);
        QVERIFY(desk.news().empty());
        (void)desk.book.takeChanged();
        QVERIFY(desk.book.alerts().empty()); // kept in the store, and no more here
    }

    void aMomentWellAgainEndsNothing()
    {
        Desk desk;
        desk.fire();
        desk.see(80.0);
        desk.pass(minute - Millis{1});
        desk.see(93.0); // between: the duration begins anew
        desk.pass(Millis{1});
        desk.see(80.0);
        desk.pass(minute - Millis{1});
        desk.see(80.0);
        QCOMPARE(desk.state(), AlertState::Firing);
    }

    void oneCauseIsOneAlertHoweverManyRulesSeeIt()
    {
        Desk desk;
        desk.rules = {hot(), warm()};
        const std::vector<Sighting> burning{{"hot", 99.0, "99"}, {"warm", 99.0, "99"}};
        desk.see(burning);
        desk.pass(minute);
        desk.see(burning);
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
        QCOMPARE(desk.only().rule, std::string("hot")); // the gravest
        QCOMPARE(desk.news().size(), std::size_t{1});
        const std::vector<Sighting> better{{"hot", 86.0, "86"}, {"warm", 86.0, "86"}};
        for (int i = 0; i < 3; ++i) { // the graver rule is well, the other is not: the cause is not gone
            desk.pass(minute);
            desk.see(better);
        }
        QCOMPARE(desk.state(), AlertState::Firing);
        QVERIFY(desk.news().empty());
    }

    void aCauseThatGetsGraverIsNewsAgain()
    {
        Desk desk;
        desk.rules = {hot(), warm()};
        const auto both = [&](double value) { desk.see({{"hot", value, "hot"}, {"warm", value, "warm"}}); };
        both(90);
        desk.pass(minute);
        both(90);
        QCOMPARE(desk.only().rule, std::string("warm"));
        QVERIFY(desk.news().empty()); // on screen only
        QVERIFY(desk.book.acknowledge(desk.only().id, desk.utc));
        both(99);
        desk.pass(minute);
        both(99);
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
        QCOMPARE(desk.only().rule, std::string("hot"));
        QCOMPARE(desk.state(), AlertState::Firing);
        QCOMPARE(desk.news().size(), std::size_t{1});
    }

    void theSummaryIsSilentWhileAPartOfItSpeaks()
    {
        Desk desk;
        auto overall = hot();
        overall.id = "all";
        overall.cause = "health";
        overall.isOverall = true;
        overall.opens = overall.clears = 1;
        desk.rules = {hot(), overall};
        const std::vector<Sighting> bad{{"hot", 99.0, ""}, {"all", 1.0, ""}};
        for (int i = 0; i < 5; ++i) {
            desk.see(bad);
            desk.pass(minute);
        }
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
        QCOMPARE(desk.only().cause, std::string("temperature"));
        desk.see({{"hot", 20.0, ""}, {"all", 1.0, ""}}); // still firing until it was well for a minute
        desk.pass(minute);
        for (int i = 0; i < 3; ++i) {
            desk.see({{"hot", 20.0, ""}, {"all", 1.0, ""}});
            desk.pass(minute);
        }
        QCOMPARE(desk.book.alerts().size(), std::size_t{2}); // the old one has ended, the sum is bad by itself
        QCOMPARE(desk.book.alerts().back().cause, std::string("health"));
    }

    void theSummarySpeaksWhileItsBadPartIsNeverTold()
    {
        Desk desk;
        auto overall = hot();
        overall.id = "all";
        overall.cause = "health";
        overall.isOverall = true;
        overall.opens = overall.clears = 1;
        desk.rules = {warm(), overall};
        for (int i = 0; i < 2; ++i) {
            desk.see({{"warm", 99.0, ""}, {"all", 1.0, ""}});
            desk.pass(minute);
        }
        QCOMPARE(desk.book.alerts().size(), std::size_t{2});
        const auto told = desk.news();
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(told[0].alert.cause, std::string("health"));
    }

    void noDataIsAStateOfItsOwnThatOpensAndEndsNothing()
    {
        Desk desk;
        QCOMPARE(desk.book.ruleState("hot"), AlertState::NoData);
        desk.see(96.0);
        desk.pass(minute - Millis{1});
        for (const auto nothing : {std::optional<double>(), std::optional(std::numeric_limits<double>::quiet_NaN())}) {
            desk.see(nothing);
            QCOMPARE(desk.book.ruleState("hot"), AlertState::NoData);
        }
        desk.pass(Millis{1});
        desk.see(96.0); // the duration begins anew
        QVERIFY(desk.book.alerts().empty());
        desk.pass(minute);
        desk.see(96.0);
        QCOMPARE(desk.news().size(), std::size_t{1});
        desk.pass(minute);
        desk.see(std::vector<Sighting>{}); // not even named
        QCOMPARE(desk.state(), AlertState::NoData);
        desk.pass(qd::base::oneDay - Millis{1});
        desk.see(std::nullopt);
        QCOMPARE(desk.state(), AlertState::NoData);
        desk.see(96.0); // seen again: still the same alert
        QCOMPARE(desk.state(), AlertState::Firing);
        QVERIFY(desk.news().empty());
        desk.see(std::nullopt);
        desk.pass(qd::base::oneDay);
        desk.see(std::nullopt); // its source is gone for good
        QCOMPARE(desk.state(), AlertState::Ok);
    }

    void acknowledgedItStaysOpenIsNotToldAgainAndEndsByItself()
    {
        Desk desk;
        desk.fire();
        const auto id = desk.only().id;
        QVERIFY(desk.book.acknowledge(id, desk.utc));
        QCOMPARE(desk.state(), AlertState::Acknowledged);
        desk.pass(minute);
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Acknowledged);
        QVERIFY(desk.news().empty());
        desk.see(20.0);
        desk.pass(minute);
        desk.see(20.0);
        QCOMPARE(desk.state(), AlertState::Ok);
        QCOMPARE(desk.book.acknowledge(id, desk.utc).error().code, ErrorCode::Conflict);
        QCOMPARE(desk.book.acknowledge(id + 7, desk.utc).error().code, ErrorCode::NotFound);
        desk.pass(minute);
        desk.see(99.0);
        desk.pass(minute);
        desk.see(99.0);
        QVERIFY(desk.book.alerts().back().id != id); // the same cause again is another alert
    }

    void snoozedItIsSilentUntilThenAndToldAgainIfItLasts()
    {
        Desk desk;
        desk.fire();
        QVERIFY(desk.book.snooze(desk.only().id, 60 * minute, desk.utc));
        QCOMPARE(desk.state(), AlertState::Snoozed);
        desk.pass(60 * minute - Millis{1});
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Snoozed);
        QVERIFY(desk.news().empty());
        desk.pass(Millis{1});
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Firing);
        QCOMPARE(desk.news().size(), std::size_t{1});
        QVERIFY(desk.news().empty());
        for (const auto length : {Millis{0}, Millis{-5}, 30 * qd::base::oneDay + Millis{1}}) {
            QCOMPARE(desk.book.snooze(desk.only().id, length, desk.utc).error().code, ErrorCode::OutOfRange);
        }
    }

    void aClockThatJumpsOpensAndEndsNothing()
    {
        Desk desk;
        desk.see(96.0);
        desk.utc = desk.utc + 10 * qd::base::oneDay; // forwards
        desk.see(96.0);
        QVERIFY(desk.book.alerts().empty());
        desk.utc = desk.utc - 20 * qd::base::oneDay; // and back
        desk.awake += minute;
        desk.see(96.0);
        QCOMPARE(desk.state(), AlertState::Firing);
        (void)desk.news();
        desk.utc = desk.utc + 30 * qd::base::oneDay;
        desk.see(80.0);
        QCOMPARE(desk.state(), AlertState::Firing);
        desk.utc = desk.utc - 40 * qd::base::oneDay;
        desk.awake += minute;
        desk.see(80.0);
        QCOMPARE(desk.state(), AlertState::Ok);
        QVERIFY(*desk.only().cleared >= desk.only().opened);
    }

    void aClockSetFarBackEndsASnoozeInsteadOfProlongingIt()
    {
        Desk desk;
        desk.fire();
        QVERIFY(desk.book.snooze(desk.only().id, 60 * minute, desk.utc));
        desk.utc = desk.utc - 5 * minute; // as far as a correction goes
        QCOMPARE(desk.state(), AlertState::Snoozed);
        desk.utc = desk.utc - Millis{1};
        QCOMPARE(desk.state(), AlertState::Firing);
        desk.utc = desk.utc + qd::base::oneDay; // forwards: told sooner, never later
        QCOMPARE(desk.state(), AlertState::Firing);
    }

    void aRestartInTheMiddleTellsNothingTwiceAndForgetsNothing()
    {
        Desk desk;
        desk.fire();
        const auto id = desk.only().id;
        desk.restart();
        QCOMPARE(desk.state(), AlertState::NoData); // nothing was seen yet
        desk.see(99.0);
        QCOMPARE(desk.book.alerts().size(), std::size_t{1});
        QCOMPARE(desk.only().id, id);
        QCOMPARE(desk.state(), AlertState::Firing);
        QVERIFY(desk.news().empty());
        QVERIFY(desk.book.snooze(id, 60 * minute, desk.utc));
        desk.restart();
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Snoozed);
        desk.pass(60 * minute);
        desk.see(99.0);
        QCOMPARE(desk.news().size(), std::size_t{1});
        desk.restart();
        desk.see(20.0); // well when it came back: ends after its duration
        QCOMPARE(desk.state(), AlertState::Firing);
        desk.pass(minute);
        desk.see(20.0);
        QCOMPARE(desk.state(), AlertState::Ok);
        desk.restart(); // before anybody was told of the end
        QCOMPARE(desk.news().size(), std::size_t{1});
    }

    void aRuleThatIsNoMoreEndsItsAlert()
    {
        Desk desk;
        desk.fire();
        desk.rules.clear();
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Ok);
    }

    void quietHoursHoldBackAndTellAfterwards()
    {
        Desk desk;
        desk.see(99.0);
        desk.pass(minute);
        desk.see(99.0);
        QVERIFY(desk.news(true).empty());
        QCOMPARE(desk.news(false).size(), std::size_t{1});
        // one that comes and goes within them is told once, as past
        Desk night;
        night.see(99.0);
        night.pass(minute);
        night.see(99.0);
        QVERIFY(night.news(true).empty());
        night.see(20.0);
        night.pass(minute);
        night.see(20.0);
        QVERIFY(night.news(true).empty());
        (void)night.book.takeChanged(); // not forgotten before it was told
        const auto told = night.news(false);
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(told[0].kind, News::Kind::Ended);
        QVERIFY(!told[0].alert.told);
    }

    void whatCameAndWentManyTimesInQuietHoursIsOneWordAfterwards()
    {
        Desk night;
        for (int i = 0; i < 3; ++i) {
            night.see(99.0);
            night.pass(minute);
            night.see(99.0);
            QVERIFY(night.news(true).empty());
            night.see(20.0);
            night.pass(minute);
            night.see(20.0);
            QVERIFY(night.news(true).empty());
            (void)night.book.takeChanged();
            QCOMPARE(night.book.alerts().size(), static_cast<std::size_t>(i) + 1); // each is a row of its own
        }
        const auto newest = night.book.alerts().back().id;
        const auto told = night.news(false);
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(told[0].alert.id, newest); // that speaks for all
        QCOMPARE(told[0].kind, News::Kind::Ended);
        (void)night.book.takeChanged();
        QVERIFY(night.news(false).empty());
        QVERIFY(night.book.alerts().empty()); // and none is left to be told of later
    }

    void quietHoursMayPassMidnight()
    {
        QVERIFY(!isQuiet(0, 0, 0)); // equal: never
        QVERIFY(!isQuiet(600, 600, 600));
        QVERIFY(!isQuiet(539, 540, 600));
        QVERIFY(isQuiet(540, 540, 600));
        QVERIFY(isQuiet(599, 540, 600));
        QVERIFY(!isQuiet(600, 540, 600));
        QVERIFY(isQuiet(1'320, 1'320, 420));
        QVERIFY(isQuiet(0, 1'320, 420));
        QVERIFY(isQuiet(419, 1'320, 420));
        QVERIFY(!isQuiet(420, 1'320, 420));
        QVERIFY(!isQuiet(1'319, 1'320, 420));
    }

    void whatCanWaitIsToldOnceWhenItsTimeOfTheDayComes()
    {
        Desk desk;
        desk.rules[0].telling = Telling::OnceADay;
        desk.rules[0].opensAfter = {};
        desk.see(99.0);
        QVERIFY(desk.only().suspects.empty());                   // a decision that waits is no load
        QVERIFY(desk.news(false, desk.utc - Millis{1}).empty()); // that time came before it opened
        QCOMPARE(desk.news(false, desk.utc).size(), std::size_t{1});
        QVERIFY(desk.news(false, desk.utc + qd::base::oneDay).empty());
        desk.pass(minute);
        desk.see(20.0);
        desk.pass(minute);
        desk.see(20.0);
        QVERIFY(desk.news().empty()); // its end is no news
    }

    void whatCanWaitIsNotToldInQuietHoursButWhenTheyEnd()
    {
        Desk desk;
        desk.rules[0].telling = Telling::OnceADay;
        desk.rules[0].opensAfter = {};
        desk.see(99.0);
        QVERIFY(desk.news(true, desk.utc).empty()); // its time of the day lies within them
        QVERIFY(!desk.only().told);
        QCOMPARE(desk.news(false, desk.utc).size(), std::size_t{1});
        QVERIFY(desk.news(false, desk.utc).empty());
    }

    void whatIsOfTheDayIsToldAtOnceWhereItComesAfterItsTime()
    {
        const auto opened = [](bool isOfTheDay) {
            Desk out;
            out.rules[0].telling = Telling::OnceADay;
            out.rules[0].isOfTheDay = isOfTheDay;
            out.rules[0].opensAfter = {};
            out.see(99.0);
            return out;
        };
        constexpr auto half = qd::base::oneDay / 2;
        auto desk = opened(true);
        QVERIFY(desk.news(false, desk.utc - half - Millis{1}).empty()); // of the day before: it waits for the next time
        QVERIFY(desk.news(true, desk.utc - half).empty());              // nobody wants to be told now
        QCOMPARE(desk.news(false, desk.utc - half).size(), std::size_t{1});
        QVERIFY(desk.news(false, desk.utc).empty());
        auto other = opened(false);
        QVERIFY(other.news(false, other.utc - Millis{1}).empty());
    }

    void whatIsOnScreenOnlyIsNeverTold()
    {
        Desk desk;
        desk.rules[0].telling = Telling::Never;
        desk.see(99.0);
        desk.pass(minute);
        desk.see(99.0);
        QCOMPARE(desk.state(), AlertState::Firing);
        QVERIFY(desk.news(false, desk.utc + qd::base::oneDay).empty());
    }

    void everyChangeIsHandedOverToBeKeptOnce()
    {
        Desk desk;
        desk.fire();
        const auto first = desk.book.takeChanged();
        QCOMPARE(first.size(), std::size_t{1});
        QVERIFY(first[0].told);
        QVERIFY(desk.book.takeChanged().empty());
        desk.book.toldBy(first[0].id, "desktop");
        desk.book.toldBy(first[0].id, "webhook");
        desk.book.toldBy(first[0].id, "webhook");
        QCOMPARE(desk.book.takeChanged().at(0).toldBy, std::string("desktop, webhook"));
        desk.pass(minute);
        desk.see(99.0);
        QVERIFY(desk.book.takeChanged().empty());
    }

    void expectedProcessesAreNamedByPatterns()
    {
        QVERIFY(isExpectedProcess("qemu-system-x86", "qemu-system-*"));
        QVERIFY(isExpectedProcess("make", "qemu-system-*, make"));
        QVERIFY(isExpectedProcess("make", "make,"));
        QVERIFY(isExpectedProcess("anything", "*"));
        QVERIFY(isExpectedProcess("a-long-process-", "a-long-process-name")); // cut by the kernel
        QVERIFY(!isExpectedProcess("qemu-system", "qemu-system-*"));
        QVERIFY(!isExpectedProcess("makefoo", "make"));
        QVERIFY(!isExpectedProcess("rustc", "qemu-system-*"));
        QVERIFY(!isExpectedProcess("rustc", ""));
        QVERIFY(!isExpectedProcess("", ","));
    }

    void theCatalogueTellsAtOnceWhatTheProductSaysAndTakesItsLimitsFromThePolicy()
    {
        const auto rules = alertRules({{"health.cpu_temp_critical_c", 100}, {"feed.dead_s", 120}});
        const auto of = [&](std::string_view id) { return *std::ranges::find(rules, id, &AlertRule::id); };
        for (const auto* id : {"feed.dead", "store.failing", "job.failed", "health.critical", "temperature.critical"}) {
            QCOMPARE(of(id).telling, Telling::AtOnce);
        }
        QCOMPARE(of("decisions.waiting").telling, Telling::OnceADay);
        QCOMPARE(of("temperature.critical").opens, 100.0);
        QCOMPARE(of("feed.dead").opensAfter, Millis{120'000});
        for (const auto& rule : rules) {
            QVERIFY2(rule.clears <= rule.opens, rule.id.c_str());
            QCOMPARE(std::ranges::count(rules, rule.id, &AlertRule::id), std::ptrdiff_t{1});
        }
        QVERIFY(std::ranges::is_sorted(rules, {}, [](const auto& rule) { return rule.isOverall; })); // the sum last
    }
};

QTEST_APPLESS_MAIN(AlertRulesTest)
#include "alert_rules_test.moc"
