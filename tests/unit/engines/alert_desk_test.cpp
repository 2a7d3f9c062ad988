// The desk on a real database: what it keeps, tells and obeys, and what a restart goes on with.
#include "engines/alert_desk.h"
#include "engines/alert_sightings.h"
#include "engines/secret_file.h"
#include "storage/policy_store.h"
#include "unit/storage/storage_testkit.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <thread>

using namespace qd;
using namespace qd::engines;
using base::ErrorCode;
using base::Millis;
using base::UtcMs;
using health::AlertState;
using storage::AlertStore;
using testkit::good;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 60'000;
const UtcMs noon{1'750'507'200'000};

/// What a channel was asked to deliver, and how it answers.
struct Wire {
    std::mutex mutex;
    std::vector<AlertMessage> got;
    std::optional<base::Error> error;
    [[nodiscard]] std::vector<AlertMessage> messages()
    {
        const std::scoped_lock lock(mutex);
        return got;
    }
    [[nodiscard]] std::size_t count(MessageKind kind)
    {
        const auto all = messages();
        return static_cast<std::size_t>(std::ranges::count(all, kind, &AlertMessage::kind));
    }
};

class FakeChannel final : public Notifier {
public:
    FakeChannel(std::string name, Wire& wire) : name_(std::move(name)), wire_(wire) {}
    [[nodiscard]] std::string_view channel() const override { return name_; }
    [[nodiscard]] base::Result<void> deliver(const AlertMessage& message, const std::stop_token&) override
    {
        const std::scoped_lock lock(wire_.mutex);
        wire_.got.push_back(message);
        return wire_.error ? base::Result<void>(std::unexpected(*wire_.error)) : base::Result<void>{};
    }

private:
    std::string name_;
    Wire& wire_;
};

/// A desk as the host makes it, and the store's thread by hand.
class House {
public:
    House() { restart(); }
    ~House() { desk_.reset(); }
    House(const House&) = delete;
    House& operator=(const House&) = delete;

    void restart()
    {
        if (desk_) {
            desk_->close();
            drain();
        }
        desk_.reset();
        courier_.reset();
        door_ = std::make_unique<AlertDoor>();
        courier_ = std::make_unique<AlertCourier>([this] {
            AlertCourier::Notifiers out;
            for (const auto* name : {"desktop", "webhook", "heartbeat"}) {
                out.push_back(std::make_unique<FakeChannel>(name, wires[name]));
            }
            return out;
        });
        desk_ = std::make_unique<AlertDesk>(AlertDesk::Links{.database = store_.file(),
                                                             .dataDir = folder(),
                                                             .door = *door_,
                                                             .store = *queue,
                                                             .events = events,
                                                             .courier = *courier_,
                                                             .isReady = [this] { return isReady; }});
    }
    [[nodiscard]] std::filesystem::path folder() const { return folder_.path().toStdString(); }
    void look(double dead, Millis passed = Millis{0})
    {
        utc = utc + passed;
        awake += passed;
        desk_->look({utc, awake}, {.numbers = numbers,
                                   .texts = texts,
                                   .seen = {{"job.failed", dead, "training of gbt_5m: no rows"}},
                                   .suspects = "make 3.9 cores",
                                   .isPolicyKnown = isPolicyKnown});
        drain();
    }
    /// What the store's thread does.
    void drain()
    {
        auto items = queue->popAll(0ms);
        for (auto& item : items) {
            const auto& rows = std::get<StoreAlerts>(item);
            store_.write([&] {
                good(AlertStore(*store_).write(rows.alerts));
                good(AlertStore(*store_).write(rows.channels));
            });
            if (rows.command != 0) {
                events.push(console::CommandDone{rows.command, std::nullopt});
            }
        }
    }
    [[nodiscard]] std::vector<health::Alert> kept() { return good(AlertStore(*store_).newest(100)); }
    [[nodiscard]] std::vector<storage::AlertChannel> keptChannels() { return good(AlertStore(*store_).channels()); }
    [[nodiscard]] const console::AlertsView& view() const { return *desk_->view(); }
    [[nodiscard]] bool hasView() const { return desk_->view() != nullptr; }
    void send(console::CommandId id, console::Command command) { good(door_->send(id, std::move(command))); }
    /// The end of that command, once it came.
    std::optional<console::CommandDone> done(console::CommandId id)
    {
        for (auto& event : events.take()) {
            if (auto* end = std::get_if<console::CommandDone>(&event)) {
                ends_[end->id] = *end;
            }
        }
        const auto found = ends_.find(id);
        return found == ends_.end() ? std::nullopt : std::optional(found->second);
    }

    std::map<std::string, Wire> wires;
    EventLog events;
    std::unique_ptr<StoreQueue> queue = std::make_unique<StoreQueue>(1'000);
    base::PolicyValues numbers{{"alerts.self_test", 0}};
    std::map<std::string, std::string> texts{{"alerts.webhook_url", "http://x/"}, {"display.zone", "UTC"}};
    UtcMs utc = noon;
    Millis awake{1'000};
    bool isReady = true;
    bool isPolicyKnown = true;
    /// What numbers and texts are, kept as the operator's.
    void keepPolicy()
    {
        store_.write([&] {
            storage::PolicyStore policy(*store_);
            for (const auto& [name, value] : numbers) {
                good(policy.set(name, value));
            }
            for (const auto& [name, text] : texts) {
                good(policy.setText(name, text));
            }
        });
    }

private:
    QTemporaryDir folder_;
    testkit::Store store_;
    std::unique_ptr<AlertDoor> door_;
    std::unique_ptr<AlertCourier> courier_;
    std::unique_ptr<AlertDesk> desk_;
    std::map<console::CommandId, console::CommandDone> ends_;
};

} // namespace

class AlertDeskTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anAlertIsToldOnceByEachChannelKeptAndEnds()
    {
        House house;
        house.look(0);
        QVERIFY(house.view().open.empty());
        house.look(1, Millis{1'000});
        QCOMPARE(house.view().open.size(), std::size_t{1});
        for (int i = 0; i < 3; ++i) {
            house.look(1, Millis{1'000});
        }
        for (const auto* name : {"desktop", "webhook"}) {
            QTRY_COMPARE_WITH_TIMEOUT(house.wires[name].messages().size(), std::size_t{1}, patience);
            const auto message = house.wires[name].messages().at(0);
            QCOMPARE(message.kind, MessageKind::Opened);
            QCOMPARE(message.text, std::string("training of gbt_5m: no rows. Busiest then: make 3.9 cores"));
            QVERIFY(message.isGrave);
        }
        QCOMPARE(house.wires["webhook"].messages().at(0).secret, good(alertSecretIn(house.folder())));
        const auto isToldByBoth = [&] {
            house.look(1, Millis{1'000});
            return house.kept().at(0).toldBy.size() == std::string("desktop, webhook").size();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isToldByBoth(), patience);
        house.look(0, Millis{1'000});
        QVERIFY(house.view().open.empty());
        QCOMPARE(house.view().past.size(), std::size_t{1});
        QVERIFY(house.kept().at(0).cleared);
        QTRY_COMPARE_WITH_TIMEOUT(house.wires["desktop"].count(MessageKind::Ended), std::size_t{1}, patience);
    }

    void nothingOpensBeforeWhatIsStoredWasRead()
    {
        House house;
        house.isReady = false;
        house.look(1);
        QVERIFY(!house.hasView());
        house.isReady = true;
        house.look(1);
        QCOMPARE(house.view().open.size(), std::size_t{1});
    }

    void aRestartInTheMiddleGoesOnWithTheSameAlert()
    {
        House house;
        house.look(1);
        const auto id = house.view().open.at(0).id;
        house.send(1, console::SnoozeAlert{id, 2});
        house.look(1);
        QVERIFY(house.done(1) && !house.done(1)->error);
        QTRY_COMPARE_WITH_TIMEOUT(house.wires["desktop"].messages().size(), std::size_t{1}, patience);
        house.restart();
        house.look(1, Millis{3'600'000});
        QCOMPARE(house.view().open.size(), std::size_t{1});
        QCOMPARE(house.view().open[0].id, id);
        QCOMPARE(health::stateOf(house.view().open[0], house.utc), AlertState::Snoozed);
        house.look(1, Millis{3'600'000}); // its sleep is over and it lasts
        QTRY_COMPARE_WITH_TIMEOUT(house.wires["desktop"].messages().size(), std::size_t{2}, patience);
        house.look(0, Millis{1'000});
        house.restart();
        house.look(1, Millis{1'000}); // the same cause anew
        QVERIFY(house.view().open.at(0).id > id);
        QCOMPARE(house.view().past.at(0).id, id);
    }

    void wishesAreAnsweredWhenTheyAreCommittedOrRefused()
    {
        House house;
        house.look(1);
        const auto id = house.view().open.at(0).id;
        house.send(1, console::AcknowledgeAlert{id});
        house.send(2, console::AcknowledgeAlert{id + 50});
        house.send(3, console::SnoozeAlert{id, 0});
        house.send(4, console::SnoozeAlert{id, std::numeric_limits<double>::quiet_NaN()});
        house.send(5, console::TestAlerts{"pigeon"});
        house.send(6, console::TestAlerts{"heartbeat"});
        house.look(1);
        QVERIFY(!house.done(1)->error);
        QVERIFY(house.kept().at(0).acknowledged);
        QCOMPARE(house.done(2)->error->code, ErrorCode::NotFound);
        QCOMPARE(house.done(3)->error->code, ErrorCode::OutOfRange);
        QCOMPARE(house.done(4)->error->code, ErrorCode::OutOfRange);
        QCOMPARE(house.done(5)->error->code, ErrorCode::NotFound);
        QCOMPARE(house.done(6)->error->code, ErrorCode::Conflict); // it has no address
    }

    void aTestIsAnsweredByWhatTheChannelSaysAndIsItsProof()
    {
        House house;
        house.look(0);
        const auto channel = [&](std::string_view name) {
            return *std::ranges::find(house.view().channels, name, &console::AlertChannelRow::name);
        };
        QVERIFY(channel("webhook").isOn && !channel("webhook").proven);
        house.wires["desktop"].error = base::Error{ErrorCode::Unsupported, "desktop", "nobody is there"};
        house.send(1, console::TestAlerts{"webhook"});
        house.send(2, console::TestAlerts{"desktop"});
        const auto areAnswered = [&] {
            house.look(0);
            return house.done(1) && house.done(2);
        };
        QTRY_VERIFY_WITH_TIMEOUT(areAnswered(), patience);
        QVERIFY(!house.done(1)->error);
        QCOMPARE(house.done(2)->error->detail, std::string("nobody is there"));
        QVERIFY(channel("webhook").proven && channel("webhook").succeeded);
        QVERIFY(!channel("desktop").proven && !channel("desktop").succeeded);
        QCOMPARE(house.keptChannels().size(), std::size_t{2});
        house.restart();
        house.look(0);
        QVERIFY(channel("webhook").proven); // remembered
        const auto known = std::exchange(house.texts["alerts.webhook_url"], "");
        house.restart();
        house.look(0); // before paper has told of the policy
        house.texts["alerts.webhook_url"] = known;
        house.look(0);
        QVERIFY(channel("webhook").proven);
        house.texts["alerts.webhook_url"] = "http://y/";
        house.look(0);
        QVERIFY(!channel("webhook").proven); // another address has proven nothing
        house.restart();
        house.look(0);
        QVERIFY(!channel("webhook").proven && !channel("webhook").tried);
    }

    void beforePaperTellsOfThePolicyWhatIsStoredHolds()
    {
        House house;
        house.texts["alerts.webhook_url"] = "http://example.org/";
        house.numbers["alerts.quiet_from"] = 11 * 60;
        house.numbers["alerts.quiet_to"] = 13 * 60;
        house.keepPolicy();
        house.numbers.clear(); // as the health engine has them at a start
        house.texts.clear();
        house.isPolicyKnown = false;
        house.look(1); // noon
        QCOMPARE(house.view().open.size(), std::size_t{1});
        QVERIFY(house.view().isQuiet);
        QVERIFY(!house.kept().at(0).told);
        house.look(1, Millis{3'600'000}); // 13:00
        QVERIFY(house.kept().at(0).told);
        for (const auto* name : {"desktop", "webhook"}) {
            QTRY_COMPARE_WITH_TIMEOUT(house.wires[name].count(MessageKind::Opened), std::size_t{1}, patience);
        }
        QCOMPARE(house.wires["webhook"].messages().at(0).url, std::string("http://example.org/"));
        house.isPolicyKnown = true;
        house.texts = {{"alerts.webhook_url", ""}, {"display.zone", "UTC"}}; // taken away meanwhile
        house.look(1);
        QVERIFY(!std::ranges::find(house.view().channels, "webhook", &console::AlertChannelRow::name)->isOn);
    }

    void aTestOfAChannelThatIsOffSaysWhatToSet()
    {
        House house;
        house.texts["alerts.webhook_url"] = "";
        house.numbers["alerts.desktop"] = 0;
        house.look(0);
        for (const auto& channel : house.view().channels) {
            QVERIFY2(!channel.isOn, channel.name.c_str());
        }
        house.send(1, console::TestAlerts{"webhook"});
        house.send(2, console::TestAlerts{"heartbeat"});
        house.send(3, console::TestAlerts{"desktop"});
        const auto areAnswered = [&] {
            house.look(0);
            return house.done(1) && house.done(2) && house.done(3);
        };
        QTRY_VERIFY_WITH_TIMEOUT(areAnswered(), patience);
        const auto why = [&](console::CommandId id) {
            const auto error = house.done(id)->error;
            return error && error->code == ErrorCode::Conflict ? error->detail : std::string();
        };
        QVERIFY2(why(1).starts_with("it has no address yet; set the policy alerts.webhook_url"), why(1).c_str());
        QVERIFY2(why(2).starts_with("it has no address yet; set the policy alerts.heartbeat_url"), why(2).c_str());
        QCOMPARE(why(3), std::string("it is switched off; set the policy alerts.desktop to 1"));
        for (const auto* name : {"webhook", "heartbeat", "desktop"}) {
            QVERIFY2(house.wires[name].messages().empty(), name);
        }
    }

    void eachChannelIsTriedOnceADayAndNotInQuietHours()
    {
        House house;
        house.numbers["alerts.self_test"] = 1;
        house.numbers["alerts.quiet_from"] = 11 * 60;
        house.numbers["alerts.quiet_to"] = 13 * 60;
        house.look(0);
        QVERIFY(house.view().isQuiet);
        house.look(0, Millis{3'600'000 - 1});
        QTest::qWait(100);
        QVERIFY(house.wires["webhook"].messages().empty());
        house.look(0, Millis{1}); // 13:00
        const auto isTried = [&](std::size_t times) {
            house.look(0);
            return house.wires["webhook"].count(MessageKind::SelfTest) == times && !house.view().isQuiet &&
                   house.view().channels.at(2).tried;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isTried(1), patience);
        house.numbers["alerts.quiet_to"] = house.numbers["alerts.quiet_from"]; // no more
        const auto tried = *house.view().channels.at(2).tried;
        house.look(0, base::oneDay - Millis{1});
        QTest::qWait(100);
        QVERIFY(isTried(1));
        house.look(0, Millis{1});
        const auto isTriedAgain = [&] { return isTried(2) && *house.view().channels.at(2).tried > tried; };
        QTRY_VERIFY_WITH_TIMEOUT(isTriedAgain(), patience);
        QCOMPARE(house.wires["desktop"].count(MessageKind::Opened), std::size_t{0});
    }

    void theHeartbeatIsCalledEveryFiveMinutesOfAwakeTime()
    {
        House house;
        house.texts["alerts.heartbeat_url"] = "http://dead/";
        house.look(0);
        auto& wire = house.wires["heartbeat"];
        QTRY_COMPARE_WITH_TIMEOUT(wire.messages().size(), std::size_t{1}, patience);
        house.look(0, Millis{299'999});
        house.utc = house.utc + base::oneDay; // the clock is set: nothing comes of it
        house.look(0);
        QTest::qWait(100);
        QCOMPARE(wire.messages().size(), std::size_t{1});
        house.look(0, Millis{1});
        QTRY_COMPARE_WITH_TIMEOUT(wire.messages().size(), std::size_t{2}, patience);
        house.utc = house.utc - 3 * base::oneDay;
        house.look(0, Millis{300'000});
        QTRY_COMPARE_WITH_TIMEOUT(wire.messages().size(), std::size_t{3}, patience);
    }

    void aChannelThatDoesNotDeliverIsAnAlertByTheOthers()
    {
        House house;
        house.wires["webhook"].error = base::Error{ErrorCode::Refused, "webhook", "it answered 404"};
        house.send(1, console::TestAlerts{"webhook"});
        const auto isAnswered = [&] {
            house.look(0);
            return house.done(1).has_value();
        };
        QTRY_VERIFY_WITH_TIMEOUT(isAnswered(), patience);
        house.look(0);
        house.look(0, Millis{10 * 60'000});
        QVERIFY(house.view().open.empty());
        house.look(0, Millis{60'000});
        QCOMPARE(house.view().open.size(), std::size_t{1});
        QCOMPARE(house.view().open[0].cause, std::string("alerts"));
        QVERIFY(house.view().open[0].detail.find("404") != std::string::npos);
        QTRY_COMPARE_WITH_TIMEOUT(house.wires["desktop"].count(MessageKind::Opened), std::size_t{1}, patience);
    }

    void aStoreThatTakesNothingHoldsUpNobodyAndGetsItLater()
    {
        House house;
        house.look(0);
        auto full = std::move(house.queue);
        house.queue = std::make_unique<StoreQueue>(1);
        house.restart();
        QVERIFY(house.queue->push(StoreAlerts{})); // full
        house.look(1, Millis{1'000});
        QCOMPARE(house.view().open.size(), std::size_t{1});
        QVERIFY(house.kept().empty());
        house.look(1, Millis{1'000}); // it has room again
        QCOMPARE(house.kept().size(), std::size_t{1});
    }

    void theSecretIsMadeOnceAndNobodyElseMayReadIt()
    {
        const QTemporaryDir folder;
        const std::filesystem::path path(folder.path().toStdString());
        const auto secret = good(alertSecretIn(path));
        QCOMPARE(secret.size(), std::size_t{64});
        QCOMPARE(good(alertSecretIn(path)), secret);
        namespace fs = std::filesystem;
        QCOMPARE(fs::status(path / "alerts-secret").permissions(), fs::perms::owner_read | fs::perms::owner_write);
        fs::permissions(path / "alerts-secret", fs::perms::group_read, fs::perm_options::add);
        QCOMPARE(alertSecretIn(path).error().code, ErrorCode::Conflict);
    }

    void anExpectedProcessMakesNoAlertButACriticalOne()
    {
        console::HealthSnapshot health;
        HostFigures host;
        host.cpuTemperature.value = 99;
        host.cpuLoad.value = 0.99;
        host.busiest = {{.pid = 1, .name = "qemu-system-x86", .cores = 3.5}, {.pid = 2, .name = "make", .cores = 0.5}};
        const Measured<UnitFigures> units;
        const auto value = [&](std::string_view rule, const std::string& expected) {
            const auto seen =
                alertSightings({.health = health, .host = host, .units = units, .expected = expected, .clockLimit = 2});
            return std::ranges::find(seen, rule, &health::Sighting::rule)->value;
        };
        QCOMPARE(value("temperature.high", ""), std::optional(99.0));
        QCOMPARE(value("temperature.high", "qemu-system-*"), std::optional(0.0));
        QCOMPARE(value("cpu.busy", "qemu-system-*"), std::optional(0.0));
        QCOMPARE(value("temperature.critical", "qemu-system-*"), std::optional(99.0));
        QCOMPARE(value("units.failed", ""), std::nullopt); // not available here: no data
        QCOMPARE(value("feed.dead", ""), std::nullopt);
        QCOMPARE(suspectsOf(host), std::string("qemu-system-x86 3.5 cores, make 0.5 core"));
        host.busiest.push_back({.pid = 3, .name = "make", .cores = 3.25});
        QCOMPARE(suspectsOf(host), std::string("2 make 3.8 cores, qemu-system-x86 3.5 cores"));
        host.busiest.pop_back();
        host.busiest[1].cores = 4;
        QCOMPARE(value("temperature.high", "qemu-system-*"), std::optional(99.0)); // it is the smaller part
    }

    void anExpectedLoadOverItsLimitIsRememberedWithItsProcess()
    {
        console::HealthSnapshot health;
        health.probes = {
            {"CPU temperature", 86, 85, "°C", "", 49}, {"CPU", 89.9, 90, "%", "", 50}, {"Memory", 95, 90, "%", "", 40}};
        HostFigures host;
        host.busiest = {{.pid = 1, .name = "qemu-system-x86", .cores = 3.5}};
        const Measured<UnitFigures> units;
        const auto seen = [&](const std::string& expected) {
            return expectedLoads({.health = health, .host = host, .units = units, .expected = expected});
        };
        QVERIFY(seen("make").empty());
        QCOMPARE(seen("qemu-system-*").size(), std::size_t{1}); // the processor is under, and memory is no load
        QCOMPARE(seen("qemu-system-*")[0].probe, std::string("CPU temperature"));
        QCOMPARE(seen("qemu-system-*")[0].value, 86.0);
        QCOMPARE(seen("qemu-system-*")[0].processes, std::string("qemu-system-x86 3.5 cores"));
        health.probes[0].value = 94.9; // under the critical one
        QCOMPARE(seen("qemu-system-*").size(), std::size_t{1});
        health.probes[0].value = 95; // at: that raises an alert
        QVERIFY(seen("qemu-system-*").empty());
    }

    void aBackupThatFailsIsAnAlertOfItsOwn()
    {
        console::HealthSnapshot health;
        const HostFigures host;
        const Measured<UnitFigures> units;
        const auto sight = [&] {
            const auto seen = alertSightings({.health = health, .host = host, .units = units, .expected = {}});
            return *std::ranges::find(seen, "backup.failed", &health::Sighting::rule);
        };
        QCOMPARE(sight().value, std::nullopt); // nothing is known yet
        console::CareSnapshot care;
        const auto show = [&] { health.care = std::make_shared<const console::CareSnapshot>(care); };
        show();
        QCOMPARE(sight().value, std::optional(0.0));
        care.backups = {{.id = 2, .error = "the disk is full"}, {.id = 1, .proof = "all of it"}};
        show();
        QCOMPARE(sight().value, std::optional(1.0));
        QVERIFY(sight().detail.starts_with("the disk is full; the newest is of 1970-01-01"));
        care.backups.pop_back();
        show();
        QVERIFY2(sight().detail.starts_with("the disk is full; there is no backup yet"), sight().detail.c_str());
        care.backups.push_back({.id = 1, .proof = "all of it"});
        care.backups[0].error = health::cancelledBackup; // no failure: the one before counts
        show();
        QCOMPARE(sight().value, std::optional(0.0));
        care.folderTrouble = "there is no such folder"; // but none is chosen
        show();
        QCOMPARE(sight().value, std::optional(0.0));
        care.policy.folder = "/mnt/gone";
        show();
        QCOMPARE(sight().value, std::optional(1.0));
        QVERIFY(sight().detail.starts_with("the folder cannot be used: there is no such folder; the newest is of "));
    }

    void aBackupWhoseRunWasLostIsAnAlertUntilOneSucceeds()
    {
        console::HealthSnapshot health;
        const HostFigures host;
        const Measured<UnitFigures> units;
        console::JobsSnapshot jobs;
        const auto sight = [&] {
            const auto seen =
                alertSightings({.health = health, .host = host, .units = units, .jobs = &jobs, .expected = {}});
            return *std::ranges::find(seen, "backup.failed", &health::Sighting::rule);
        };
        console::CareSnapshot care;
        care.backups = {{.id = 1, .proof = "all of it"}};
        health.care = std::make_shared<const console::CareSnapshot>(care);
        jobs.jobs = {{.name = "backup", .title = "Backup"}};
        QCOMPARE(sight().value, std::optional(0.0)); // it never ran
        using governance::JobState;
        for (const auto& [state, word] :
             {std::pair{JobState::Orphaned, "orphaned"}, std::pair{JobState::TimedOut, "timed out"}}) {
            jobs.jobs[0].last =
                governance::JobRunRow{.id = 7, .job = "backup", .state = state, .result = "no sign of life for 60 s"};
            QCOMPARE(sight().value, std::optional(1.0));
            const auto start = std::string("the backup is ") + word + ": no sign of life for 60 s; the newest is of ";
            QVERIFY2(sight().detail.starts_with(start), sight().detail.c_str());
        }
        jobs.jobs[0].isPaused = true;
        QCOMPARE(sight().value, std::optional(0.0));
        jobs.jobs[0].isPaused = false;
        care.backups[0].began = UtcMs{1'000};
        health.care = std::make_shared<const console::CareSnapshot>(care);
        jobs.jobs[0].last->begun = UtcMs{1'001}; // lost after the good one
        QCOMPARE(sight().value, std::optional(1.0));
        jobs.jobs[0].last->begun = UtcMs{1'000}; // it ended well after all
        QCOMPARE(sight().value, std::optional(0.0));
        jobs.jobs[0].last->begun.reset();
        for (const auto state : {JobState::Succeeded, JobState::Cancelled, JobState::Failed}) { // a row tells of that
            jobs.jobs[0].last->state = state;
            QCOMPARE(sight().value, std::optional(0.0));
        }
    }

    void theMinuteOfTheDayFollowsTheZone()
    {
        QCOMPARE(localMinute(noon, "UTC"), 12 * 60);
        QCOMPARE(localMinute(noon, "Europe/Berlin"), 14 * 60); // summer
        QCOMPARE(localMinute(noon, "Asia/Kolkata"), 17 * 60 + 30);
    }
};

QTEST_GUILESS_MAIN(AlertDeskTest)
#include "alert_desk_test.moc"
