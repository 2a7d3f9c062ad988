#include "app/commands/arguments.h"

#include "base/known_names.h"
#include "governance/night_figures.h"
#include "storage/database.h"
#include "storage/gap_store.h"
#include "storage/ledger_store.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <cstdio>
#include <map>

namespace qd::app {

namespace {

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

std::string missingText(const storage::GapRow& gap, const market::Instrument& instrument)
{
    if (!gap.missing) {
        return gap.measure == market::GapMeasure::Open ? "missing not yet measured" : "missing unknown";
    }
    return "missing " + instrument.sizeText(*gap.missing) + " contracts (" + std::string(market::name(gap.measure)) +
           ")";
}

QJsonObject json(const storage::GapRow& gap, const market::Instrument& instrument)
{
    return {
        {QStringLiteral("instrument"), text(instrument.name)},
        {QStringLiteral("from"), text(base::isoText(gap.from))},
        {QStringLiteral("to"), text(base::isoText(gap.to))},
        {QStringLiteral("cause"), text(market::name(gap.cause))},
        {QStringLiteral("found"), static_cast<qint64>(gap.found)},
        {QStringLiteral("missing"), gap.missing ? QJsonValue(text(instrument.sizeText(*gap.missing))) : QJsonValue()},
        {QStringLiteral("measure"), text(market::name(gap.measure))}};
}

base::Result<storage::TimeRange> rangeOf(const Arguments& given)
{
    storage::TimeRange range;
    for (auto [name, target] : {std::pair{"from", &range.from}, std::pair{"to", &range.to}}) {
        if (given.isSet(name)) {
            const auto time = base::parseUtc(given.value(name));
            if (!time) {
                return std::unexpected(time.error());
            }
            *target = *time;
        }
    }
    return range;
}

} // namespace

int gapsCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("gaps [options]"),
        QStringLiteral("The gap ledger: every interruption, what REST gave back, and what stayed missing."));
    given.parser().addOptions({{QStringLiteral("instrument"), QStringLiteral("Only these."), QStringLiteral("A,B")},
                               {QStringLiteral("from"), QStringLiteral("First time."), QStringLiteral("T")},
                               {QStringLiteral("to"), QStringLiteral("Last time."), QStringLiteral("T")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto range = rangeOf(given);
    if (!range) {
        return reportUsage(base::sentence(range.error()));
    }
    auto database = openToRead(given);
    if (!database) {
        return database.error();
    }
    const auto instruments = storage::InstrumentStore(*database).all();
    const auto gaps = storage::LedgerStore(*database).gaps(*range);
    if (!instruments || !gaps) {
        return report(instruments ? gaps.error() : instruments.error());
    }
    std::map<base::InstrumentId, market::Instrument> chosen;
    const auto wanted = given.list("instrument");
    for (const auto& instrument : *instruments) {
        if (wanted.empty() || std::ranges::find(wanted, instrument.name) != wanted.end()) {
            chosen.emplace(instrument.id, instrument);
        }
    }
    for (const auto& name : wanted) {
        if (std::ranges::none_of(chosen, [&](const auto& one) { return one.second.name == name; })) {
            return report({base::ErrorCode::NotFound, name,
                           base::unknownAmong("this database has no such instrument", name, *instruments,
                                              &market::Instrument::name)});
        }
    }
    QJsonArray rows;
    std::vector<governance::NightLoss> shown;
    for (const auto& gap : *gaps) {
        const auto at = chosen.find(gap.instrument);
        if (at == chosen.end()) {
            continue;
        }
        shown.push_back({at->second.name, storage::gapOf(gap)});
        if (given.wantsJson()) {
            rows.append(json(gap, at->second));
        } else {
            std::printf("%-16s %s  %s  %-9s found %lld, %s\n", at->second.name.c_str(), base::isoText(gap.from).c_str(),
                        base::isoText(gap.to).c_str(), market::name(gap.cause), static_cast<long long>(gap.found),
                        missingText(gap, at->second).c_str());
        }
    }
    if (given.wantsJson()) {
        std::printf("%s\n", QJsonDocument(rows).toJson(QJsonDocument::Compact).constData());
    } else if (shown.empty()) {
        std::printf("No gaps.\n");
    } else { // by the rule of the night report
        const auto interruptions = governance::nightGaps(shown, range->from, range->to).size();
        std::printf("%zu %s of %zu %s: a row for each instrument that missed trades in it.\n", shown.size(),
                    shown.size() == 1 ? "row" : "rows", interruptions,
                    interruptions == 1 ? "interruption" : "interruptions");
    }
    return exitDone;
}

} // namespace qd::app
