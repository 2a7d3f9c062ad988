#include "app/commands/gate_rates.h"

#include <QJsonArray>

#include <charconv>
#include <cstdio>

namespace qd::app {

namespace {

bool readWhole(const Arguments& given, const char* name, std::uint32_t& into)
{
    const auto typed = given.value(name);
    const auto* end = typed.data() + typed.size();
    return !given.isSet(name) || (std::from_chars(typed.data(), end, into).ptr == end && into > 0 && into <= 3'650);
}

} // namespace

void addGateOptions(QCommandLineParser& parser)
{
    parser.addOptions(
        {{QStringLiteral("looks"), QStringLiteral("Gate: planned nights of looking (15)."), QStringLiteral("N")},
         {QStringLiteral("rate-days"),
          QStringLiteral("Gate: newest days whose rate of trades is gone by (evidence.window_days)."),
          QStringLiteral("D")}});
}

std::optional<std::string> readGateOptions(const Arguments& given, console::AskGateSimulation& query)
{
    if (!readWhole(given, "looks", query.looks)) {
        return "--looks wants a whole number of nights, 1 to 3650";
    }
    if (!readWhole(given, "rate-days", query.rateDays)) {
        return "--rate-days wants a whole number of days, 1 to 3650";
    }
    return std::nullopt;
}

void tellUnusedGateOptions(const Arguments& given, const char* because)
{
    for (const char* name : {"looks", "rate-days"}) {
        if (given.isSet(name)) {
            std::fprintf(stderr, "--%s was not used: %s.\n", name, because);
        }
    }
}

void printRates(const console::GateSimulation& simulated, const console::AskGateSimulation& query)
{
    std::printf("the gate passes at %u looks, drawn from %llu trades of %s, %.1f a day:\n", query.looks,
                static_cast<unsigned long long>(simulated.trades), query.strategy.c_str(), simulated.tradesPerDay);
    for (const auto& one : simulated.rates) {
        std::printf("%-8s %5.1f%%  [%.1f … %.1f%%]  of %llu runs\n", std::string(one.name).c_str(), 100 * one.rate(),
                    100 * one.interval.lower, 100 * one.interval.upper, static_cast<unsigned long long>(one.runs));
    }
}

QJsonObject jsonOf(const console::GateSimulation& simulated, const console::AskGateSimulation& query)
{
    QJsonArray rates;
    for (const auto& one : simulated.rates) {
        rates.append(QJsonObject{{QStringLiteral("name"), jsonText(one.name)},
                                 {QStringLiteral("factor"), one.factor},
                                 {QStringLiteral("rate"), one.rate()},
                                 {QStringLiteral("interval"), QJsonArray{one.interval.lower, one.interval.upper}},
                                 {QStringLiteral("runs"), static_cast<qint64>(one.runs)}});
    }
    return {{QStringLiteral("rates"), rates},
            {QStringLiteral("strategy"), jsonText(query.strategy)},
            {QStringLiteral("looks"), static_cast<qint64>(query.looks)},
            {QStringLiteral("trades"), static_cast<qint64>(simulated.trades)},
            {QStringLiteral("trades_per_day"), simulated.tradesPerDay}};
}

} // namespace qd::app
