#include "app/commands/decisions.h"

#include "engines/alert_courier.h"
#include "engines/alert_desk.h"
#include "engines/secret_file.h"
#include "storage/alert_store.h"
#include "storage/policy_store.h"

#include <QJsonArray>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

namespace qd::app {

namespace {

using storage::AlertStore;

constexpr std::size_t listed = 1'000;
constexpr std::array<const char*, 3> channelNames{"desktop", "webhook", "heartbeat"};

QJsonValue timeOrNull(const std::optional<base::UtcMs>& time)
{
    return time ? QJsonValue(jsonText(base::isoText(*time))) : QJsonValue();
}

QJsonObject json(const health::Alert& alert, base::UtcMs now)
{
    return {{QStringLiteral("id"), static_cast<qint64>(alert.id)},
            {QStringLiteral("state"), jsonText(health::name(health::stateOf(alert, now)))},
            {QStringLiteral("cause"), jsonText(alert.cause)},
            {QStringLiteral("rule"), jsonText(alert.rule)},
            {QStringLiteral("title"), jsonText(alert.title)},
            {QStringLiteral("detail"), jsonText(alert.detail)},
            {QStringLiteral("busiest"), jsonText(alert.suspects)},
            {QStringLiteral("told_when"), jsonText(health::name(alert.telling))},
            {QStringLiteral("opened"), jsonText(base::isoText(alert.opened))},
            {QStringLiteral("told"), timeOrNull(alert.told)},
            {QStringLiteral("told_by"), jsonText(alert.toldBy)},
            {QStringLiteral("acknowledged"), timeOrNull(alert.acknowledged)},
            {QStringLiteral("snoozed_until"), timeOrNull(alert.snoozedUntil)},
            {QStringLiteral("ended"), timeOrNull(alert.cleared)}};
}

base::Result<storage::Database> open(const Arguments& given, storage::Database::Mode mode, int& code)
{
    const auto file = given.existingDatabase();
    if (!file) {
        code = reportMissing(file.error());
        return std::unexpected(file.error());
    }
    auto database = storage::Database::open(*file, mode);
    if (!database) {
        code = report(whyNotOpened(*file, database.error()));
    }
    return database;
}

/// Whether a rule sees anything is not kept: none does where no console is at work.
void sayWhatIsNotSeen(std::vector<health::Alert>& alerts, const Arguments& given)
{
    const auto file = given.existingDatabase();
    const auto owner =
        file ? engines::OwnerLine(*file).owner() : base::Result<engines::Owner>(std::unexpected(file.error()));
    if (owner && owner->isReady) {
        return;
    }
    for (auto& alert : alerts) {
        alert.hasNoData = !alert.cleared;
    }
}

int list(const Arguments& given)
{
    int code = exitDone;
    auto database = open(given, storage::Database::Mode::ReadOnly, code);
    if (!database) {
        return code;
    }
    auto alerts = AlertStore(*database).newest(listed);
    if (!alerts) {
        return report(alerts.error());
    }
    sayWhatIsNotSeen(*alerts, given);
    const auto now = base::SystemClock().now();
    if (given.wantsJson()) {
        QJsonArray rows;
        for (const auto& alert : *alerts) {
            rows.append(json(alert, now));
        }
        printJson({{QStringLiteral("alerts"), rows}});
        return exitDone;
    }
    for (const auto& alert : *alerts) {
        std::printf("%lld  %s  %-12s  %s: %s\n", static_cast<long long>(alert.id), base::isoText(alert.opened).c_str(),
                    alert.cleared ? "ended" : std::string(health::name(health::stateOf(alert, now))).c_str(),
                    alert.title.c_str(), alert.detail.c_str());
        if (!alert.suspects.empty()) {
            std::printf("      busiest then: %s\n", alert.suspects.c_str());
        }
    }
    if (alerts->empty()) {
        std::printf("No alerts.\n");
    }
    return exitDone;
}

/// Acknowledge, or snooze for so many hours.
int change(const Arguments& given, std::int64_t id, std::optional<double> hours)
{
    const auto wish = hours ? console::Command(console::SnoozeAlert{id, *hours}) : console::AcknowledgeAlert{id};
    const auto said = "alert " + std::to_string(id) + (hours ? " is snoozed" : " is acknowledged");
    if (const auto end = doneByOwner(given, wish)) {
        return *end == exitDone ? printDone(given, said) : *end;
    }
    int code = exitDone;
    auto database = open(given, storage::Database::Mode::ReadWrite, code);
    if (!database) {
        return code;
    }
    AlertStore store(*database);
    auto open = store.unfinished();
    if (!open) {
        return report(open.error());
    }
    health::AlertBook book(std::move(*open));
    const auto now = base::SystemClock().now();
    const auto done = hours ? book.snooze(id, base::Millis{static_cast<std::int64_t>(*hours * 3'600'000)}, now)
                            : book.acknowledge(id, now);
    if (!done) {
        return report(done.error());
    }
    const auto changed = book.takeChanged();
    auto kept = database->begin();
    if (kept) {
        kept = store.write(changed);
    }
    if (kept) {
        kept = database->commit(true);
    }
    if (!kept) {
        return report(kept.error());
    }
    if (given.wantsJson()) {
        printJson(json(changed.front(), now));
        return exitDone;
    }
    return printDone(given, said);
}

/// Asks the channels that are on, or the named one, and says what each answered.
int test(const Arguments& given, const QString& only)
{
    int code = exitDone;
    auto database = open(given, storage::Database::Mode::ReadOnly, code);
    if (!database) {
        return code;
    }
    storage::PolicyStore store(*database);
    const auto numbers = store.values();
    const auto texts = store.texts();
    const auto secret = engines::alertSecretIn(given.dataDir());
    if (!numbers || !texts || !secret) {
        return report(!numbers ? numbers.error() : !texts ? texts.error() : secret.error());
    }
    if (!only.isEmpty() && !engines::isChannelOn(only.toStdString(), *numbers, *texts)) {
        return report(engines::channelIsOff(only.toStdString()));
    }
    engines::AlertCourier courier(engines::allNotifiers);
    std::size_t waiting = 0;
    for (const std::string name : channelNames) {
        if ((only.isEmpty() || only.toStdString() == name) && engines::isChannelOn(name, *numbers, *texts)) {
            const auto url = texts->find("alerts." + name + "_url");
            courier.post({.kind = engines::MessageKind::Test,
                          .channel = name,
                          .title = "Test of Quarterdeck's alerts",
                          .text = "Nothing is wrong: somebody asked for this test.",
                          .time = base::SystemClock().now(),
                          .url = url == texts->end() ? std::string() : url->second,
                          .secret = name == "webhook" ? *secret : std::string()});
            ++waiting;
        }
    }
    if (waiting == 0) {
        return report(
            {base::ErrorCode::NotFound, "alerts",
             "no channel is on; set the policy alerts.desktop to 1, or alerts.webhook_url or alerts.heartbeat_url to "
             "an address (quarterdeck policy set)"});
    }
    QJsonArray rows;
    while (waiting > 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const auto deliveries = courier.takeDeliveries();
        waiting -= deliveries.size();
        for (const auto& one : deliveries) {
            if (one.error) {
                code = report(*one.error);
            } else if (!given.wantsJson()) {
                std::printf("%s: arrived\n", one.message.channel.c_str());
            }
            rows.append(
                QJsonObject{{QStringLiteral("channel"), jsonText(one.message.channel)},
                            {QStringLiteral("arrived"), !one.error},
                            {QStringLiteral("why"), one.error ? jsonText(base::sentence(*one.error)) : QString()}});
        }
    }
    if (given.wantsJson()) {
        printJson({{QStringLiteral("channels"), rows}});
    }
    return code;
}

} // namespace

int alertsCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("alerts [list | ack ID | snooze ID HOURS | test [CHANNEL]]"),
                    QStringLiteral("What went wrong, newest first: acknowledged, put to sleep for some hours, or a "
                                   "test of desktop, webhook and heartbeat. What only looks works beside a console."));
    given.parser().addPositionalArgument(QStringLiteral("verb"), QStringLiteral("list, ack, snooze, test"),
                                         QStringLiteral("[VERB]"));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto words = given.parser().positionalArguments();
    const auto verb = words.value(0, QStringLiteral("list"));
    if (verb == QLatin1String("list") && words.size() <= 1) {
        return list(given);
    }
    if (verb == QLatin1String("test") && words.size() <= 2) {
        if (words.size() == 2 && std::ranges::find(channelNames, words[1].toStdString()) == channelNames.end()) {
            return reportUsage("alerts test knows desktop, webhook and heartbeat");
        }
        return test(given, words.value(1));
    }
    bool isNumber = false;
    const auto id = words.value(1).toLongLong(&isNumber);
    if (verb == QLatin1String("ack") && words.size() == 2 && isNumber) {
        return change(given, id, std::nullopt);
    }
    bool isHours = false;
    const auto hours = words.value(2).toDouble(&isHours);
    if (verb == QLatin1String("snooze") && words.size() == 3 && isNumber && isHours && hours > 0 && hours <= 720) {
        return change(given, id, hours);
    }
    return reportUsage("alerts wants list, ack ID, snooze ID HOURS (up to 720), or test [CHANNEL]");
}

} // namespace qd::app
