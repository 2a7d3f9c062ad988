#include "engines/host_health.h"

#include "health/probe.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace qd::engines {

namespace {

constexpr double limitPercent = 90; // of the processor
constexpr double diskLimitPercent = 90;

std::string gigabytes(std::uint64_t bytes)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / 1e9);
    return text.data();
}

/// What was measured where; or that, and why, it cannot be had on this machine.
template <typename T>
std::string noteOf(const Measured<T>& measured)
{
    return measured.value ? measured.note : "not available here: " + measured.note;
}

console::HealthLabel labelOf(health::Label label)
{
    return static_cast<console::HealthLabel>(label);
}
static_assert(static_cast<int>(health::Label::Unknown) == static_cast<int>(console::HealthLabel::Unknown) &&
              static_cast<int>(health::Label::Excellent) == static_cast<int>(console::HealthLabel::Excellent));

QString utf8(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

QJsonValue numberOrNull(const std::optional<double>& value)
{
    return value ? QJsonValue(*value) : QJsonValue();
}

QJsonObject jsonOf(const console::HealthPartRow& part)
{
    return {{QStringLiteral("part"), utf8(part.name)},
            {QStringLiteral("weight"), part.weight},
            {QStringLiteral("score"), numberOrNull(part.score)},
            {QStringLiteral("would_raise"), part.wouldRaise}};
}

QJsonObject jsonOf(const console::ProbeRow& probe)
{
    return {{QStringLiteral("probe"), utf8(probe.name)},
            {QStringLiteral("value"), numberOrNull(probe.value)},
            {QStringLiteral("unit"), utf8(probe.unit)},
            {QStringLiteral("limit"), probe.limit},
            {QStringLiteral("score"), numberOrNull(probe.score)},
            {QStringLiteral("trend_per_hour"), numberOrNull(probe.trend)},
            {QStringLiteral("note"), utf8(probe.note)}};
}

} // namespace

std::string figureText(double value, int decimals)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

console::ProbeRow probeRow(std::string name, std::optional<double> value, double limit, std::string unit,
                           std::string note)
{
    console::ProbeRow out{.name = std::move(name),
                          .value = value,
                          .limit = limit,
                          .unit = std::move(unit),
                          .note = std::move(note),
                          .score = {}};
    if (value) {
        out.score = health::probeScore(*value, limit);
    }
    return out;
}

void addHostProbes(const HostFigures& figures, const base::PolicyValues& policy, std::vector<console::ProbeRow>& probes,
                   std::vector<health::Reading>& readings, std::vector<std::string>& failures)
{
    const auto limit = [&](std::string_view name) { return base::policyValue(policy, name); };
    const auto add = [&](console::ProbeRow probe, health::Part part) {
        readings.push_back({part, probe.score});
        probes.push_back(std::move(probe));
    };
    add(probeRow(std::string(temperatureProbe), figures.cpuTemperature.value, limit("health.cpu_temp_c"), "°C",
                 noteOf(figures.cpuTemperature)),
        health::Part::Temperature);
    std::optional<double> load;
    if (figures.cpuLoad.value) {
        load = *figures.cpuLoad.value * 100;
    }
    add(probeRow("CPU", load, limitPercent, "%",
                 figures.loadAverage.value ? "load " + figureText(*figures.loadAverage.value, 2) + " on " +
                                                 std::to_string(figures.cores) + " cores"
                                           : figures.cpuLoad.note),
        health::Part::Cpu);
    std::optional<double> memory;
    std::string memoryNote = noteOf(figures.memory);
    if (const auto& seen = figures.memory.value) {
        memory = seen->usedFraction() * 100;
        memoryNote = gigabytes(seen->totalBytes - seen->availableBytes) + " of " + gigabytes(seen->totalBytes) + " GB";
    }
    add(probeRow("Memory", memory, 100 * (1 - limit("health.min_memory")), "%", memoryNote), health::Part::Memory);
    std::optional<double> disk;
    std::string diskNote = noteOf(figures.disk);
    if (const auto& seen = figures.disk.value) {
        disk = seen->usedFraction() * 100;
        diskNote = gigabytes(seen->freeBytes) + " GB free";
        if (seen->freeBytes < 16'000'000) {
            failures.emplace_back("the disk is full");
        }
    }
    add(probeRow("Disk", disk, diskLimitPercent, "%", diskNote), health::Part::Disk);
}

void assess(console::HealthSnapshot& out, const std::vector<health::Reading>& readings,
            const std::vector<std::string>& failures)
{
    const auto assessed = health::assessHost(readings, failures);
    out.score = assessed.score;
    out.label = labelOf(assessed.label);
    out.cap = assessed.cap;
    out.raise = health::explanation(assessed);
    for (const auto& part : assessed.parts) {
        out.parts.push_back({.name = std::string(health::name(part.part)),
                             .weight = health::weight(part.part),
                             .score = part.score,
                             .wouldRaise = part.wouldRaise});
    }
}

std::string trainingWaits(const console::HealthSnapshot& health)
{
    using Reason = std::pair<std::string_view, const char*>;
    for (const auto& [name, why] : {Reason{temperatureProbe, "the processor is hot"}, Reason{tickLagProbe, "ticks lag"},
                                    Reason{writeLagProbe, "the store lags"}}) {
        const auto probe = std::ranges::find(health.probes, name, &console::ProbeRow::name);
        if (probe != health.probes.end() && probe->value && *probe->value > probe->limit) {
            return why;
        }
    }
    return {};
}

QJsonArray partsJson(const console::HealthSnapshot& health)
{
    QJsonArray out;
    for (const auto& part : health.parts) {
        out.append(jsonOf(part));
    }
    return out;
}

std::string healthJson(const console::HealthSnapshot& health, base::UtcMs measured)
{
    QJsonArray probes;
    for (const auto& probe : health.probes) {
        probes.append(jsonOf(probe));
    }
    const auto label = health::name(static_cast<health::Label>(health.label));
    const QJsonObject out{{QStringLiteral("measured"), utf8(base::isoText(measured))},
                          {QStringLiteral("score"), numberOrNull(health.score)},
                          {QStringLiteral("label"), utf8(label)},
                          {QStringLiteral("held_by"), utf8(health.cap)},
                          {QStringLiteral("raise"), utf8(health.raise)},
                          {QStringLiteral("parts"), partsJson(health)},
                          {QStringLiteral("probes"), probes}};
    return QJsonDocument(out).toJson(QJsonDocument::Compact).toStdString();
}

} // namespace qd::engines
