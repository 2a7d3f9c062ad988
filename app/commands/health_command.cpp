#include "app/commands/decisions.h"

#include "engines/host_health.h"
#include "engines/owner_line.h"
#include "governance/night_figures.h"
#include "storage/alert_store.h"
#include "storage/policy_store.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

namespace qd::app {

namespace {

constexpr base::Millis freshFor{120'000}; // a console keeps its newest look every 30 s

/// None is less than nothing old, whatever became of the clock.
base::Millis ageOf(base::UtcMs time, base::UtcMs now)
{
    return std::max(base::Millis{0}, now - time);
}

void printText(const QJsonObject& health)
{
    const auto text = [](const QJsonValue& value) { return value.toString().toStdString(); };
    const auto figure = [](const QJsonValue& value, int decimals) {
        return value.isDouble() ? QString::number(value.toDouble(), 'f', decimals).toStdString() : std::string("-");
    };
    const auto age = health[QStringLiteral("age_s")].toDouble();
    std::printf("%s  %s  (%s; %s old, of %s)\n", figure(health[QStringLiteral("score")], 0).c_str(),
                text(health[QStringLiteral("label")]).c_str(), text(health[QStringLiteral("source")]).c_str(),
                governance::spanText(age).c_str(), text(health[QStringLiteral("measured")]).c_str());
    if (const auto last = health[QStringLiteral("last_console")].toObject(); !last.isEmpty()) {
        const auto ago = last[QStringLiteral("age_s")].toDouble();
        std::printf("The last console's figures are %s old, of %s: %s %s.\n", governance::spanText(ago).c_str(),
                    text(last[QStringLiteral("measured")]).c_str(), figure(last[QStringLiteral("score")], 0).c_str(),
                    text(last[QStringLiteral("label")]).c_str());
    }
    std::printf("%s\n\n", text(health[QStringLiteral("raise")]).c_str());
    std::printf("%-16s %6s %6s  %s\n", "part", "weight", "score", "would raise it by");
    const auto parts = health[QStringLiteral("parts")].toArray();
    for (const auto& value : parts) {
        const auto part = value.toObject();
        const bool isKnown = part[QStringLiteral("score")].isDouble();
        std::printf("%-16s %6s %6s  %s\n", text(part[QStringLiteral("part")]).c_str(),
                    figure(part[QStringLiteral("weight")], 0).c_str(), figure(part[QStringLiteral("score")], 0).c_str(),
                    isKnown ? figure(part[QStringLiteral("would_raise")], 1).c_str() : "not known, not counted");
    }
    std::printf("\n%-16s %10s %10s %6s  %s\n", "probe", "value", "limit", "score", "");
    const auto probes = health[QStringLiteral("probes")].toArray();
    for (const auto& value : probes) {
        const auto probe = value.toObject();
        const auto trend = probe[QStringLiteral("trend_per_hour")];
        std::printf("%-16s %10s %10s %6s  %s%s\n", text(probe[QStringLiteral("probe")]).c_str(),
                    figure(probe[QStringLiteral("value")], 1).c_str(),
                    figure(probe[QStringLiteral("limit")], 1).c_str(),
                    figure(probe[QStringLiteral("score")], 0).c_str(), text(probe[QStringLiteral("note")]).c_str(),
                    trend.isDouble() ? (", " + figure(trend, 1) + " an hour").c_str() : "");
    }
}

QJsonObject parsed(const std::string& json)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

/// Of figures that no console has kept: why they are of the machine alone.
std::string aloneText(const std::filesystem::path& file, const base::Result<engines::Owner>& owner)
{
    const std::string alone = "this machine alone; ";
    if (owner) {
        const auto who = " (process " + std::to_string(owner->process) + ")";
        return owner->isReady ? alone + "the console" + who + " has kept none of its own for 2 min"
                              : alone + "the console" + who + " is starting: " + owner->doing;
    }
    return alone + (engines::writerOf(file) ? engines::whyOwned(file, owner.error()) : "no console runs");
}

/// Of figures that a console has kept: whose they are.
std::string runningText(const base::Result<engines::Owner>& owner)
{
    return owner ? "the running console" : "a console that does not answer now";
}

double secondsOf(base::Millis time)
{
    return static_cast<double>(time.count()) / 1'000;
}

/// What the newest console left, where it is too old to stand for now.
QJsonObject lastOf(const storage::HealthNow& kept, base::UtcMs now)
{
    const auto health = parsed(kept.json);
    return {{QStringLiteral("measured"), jsonText(base::isoText(kept.time))},
            {QStringLiteral("age_s"), secondsOf(ageOf(kept.time, now))},
            {QStringLiteral("score"), health[QStringLiteral("score")]},
            {QStringLiteral("label"), health[QStringLiteral("label")]}};
}

/// Without the word of a console only the machine can be asked.
QJsonObject measuredHere(const std::filesystem::path& dataDir, const base::PolicyValues& policy, base::UtcMs now)
{
    engines::HostProbes probes(dataDir);
    (void)probes.measure(std::chrono::steady_clock::now());
    std::this_thread::sleep_for(std::chrono::seconds(1)); // loads are differences
    console::HealthSnapshot health;
    std::vector<health::Reading> readings;
    std::vector<std::string> failures;
    engines::addHostProbes(probes.measure(std::chrono::steady_clock::now()), policy, health.probes, readings, failures);
    engines::assess(health, readings, failures);
    return parsed(engines::healthJson(health, now));
}

} // namespace

int healthCommand(const QStringList& arguments)
{
    Arguments given(QStringLiteral("health [options]"),
                    QStringLiteral("The health score with its parts, and what would raise it most: as the running "
                                   "console sees it, else of this machine alone."));
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    if (!given.parser().positionalArguments().isEmpty()) {
        return reportUsage("health takes no words");
    }
    const auto file = given.existingDatabase();
    if (!file) {
        return reportMissing(file.error());
    }
    auto database = storage::Database::open(*file, storage::Database::Mode::ReadOnly);
    if (!database) {
        return report(database.error());
    }
    const auto kept = storage::AlertStore(*database).health();
    const auto policy = storage::PolicyStore(*database).values();
    if (!kept || !policy) {
        return report(kept ? policy.error() : kept.error());
    }
    const auto owner = engines::OwnerLine(*file).owner(); // what a dead console left is no word of a running one
    const bool isThere = owner || owner.error().code != base::ErrorCode::NotFound;
    const auto now = base::SystemClock().now();
    const bool isOfOwner = !owner || !*kept || (*kept)->time >= owner->since; // else of one that ran before it
    const bool isFresh =
        isThere && isOfOwner && *kept && now - (*kept)->time < freshFor && (*kept)->time - now < freshFor;
    auto health = isFresh ? parsed((*kept)->json) : measuredHere(given.dataDir(), *policy, now);
    health[QStringLiteral("source")] = isFresh ? jsonText(runningText(owner)) : jsonText(aloneText(*file, owner));
    health[QStringLiteral("age_s")] = isFresh ? secondsOf(ageOf((*kept)->time, now)) : 0.0;
    if (!isFresh && *kept) {
        health[QStringLiteral("last_console")] = lastOf(**kept, now);
    }
    given.wantsJson() ? printJson(health) : printText(health);
    return exitDone;
}

} // namespace qd::app
