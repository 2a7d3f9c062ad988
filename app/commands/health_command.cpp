#include "app/commands/decisions.h"

#include "engines/host_health.h"
#include "engines/owner_line.h"
#include "storage/alert_store.h"
#include "storage/policy_store.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <chrono>
#include <cstdio>
#include <thread>

namespace qd::app {

namespace {

constexpr base::Millis freshFor{120'000}; // a console keeps its newest look every 30 s

void printText(const QJsonObject& health)
{
    const auto text = [](const QJsonValue& value) { return value.toString().toStdString(); };
    const auto figure = [](const QJsonValue& value, int decimals) {
        return value.isDouble() ? QString::number(value.toDouble(), 'f', decimals).toStdString() : std::string("-");
    };
    const auto held = text(health[QStringLiteral("held_by")]);
    std::printf("%s  %s  (%s, %s)\n", figure(health[QStringLiteral("score")], 0).c_str(),
                text(health[QStringLiteral("label")]).c_str(), text(health[QStringLiteral("source")]).c_str(),
                text(health[QStringLiteral("measured")]).c_str());
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
    const auto now = base::SystemClock().now();
    const auto owner = engines::OwnerLine(*file).owner(); // what a dead console left is no word of a running one
    const bool isThere = owner || owner.error().code != base::ErrorCode::NotFound;
    const bool isFresh = isThere && *kept && now - (*kept)->time < freshFor && (*kept)->time - now < freshFor;
    auto health = isFresh ? parsed((*kept)->json) : measuredHere(given.dataDir(), *policy, now);
    health[QStringLiteral("source")] =
        isFresh ? QStringLiteral("the running console") : jsonText(aloneText(*file, owner));
    given.wantsJson() ? printJson(health) : printText(health);
    return exitDone;
}

} // namespace qd::app
