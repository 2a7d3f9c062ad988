#include "app/commands/arguments.h"

#include "engines/engine_host.h"
#include "engines/history_market.h"
#include "engines/simulated_history.h"
#include "exchange/default_instruments.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>
#include <cstdio>

namespace qd::app {

namespace {

constexpr double standardRate = 0.15; // of the live market's trades, where no number of ticks is wished

void addOptions(QCommandLineParser& parser)
{
    parser.addOptions(
        {{QStringLiteral("days"), QStringLiteral("Days with ticks."), QStringLiteral("D"), QStringLiteral("60")},
         {QStringLiteral("candle-days"), QStringLiteral("Days before them with candles only."), QStringLiteral("C"),
          QStringLiteral("0")},
         {QStringLiteral("instruments"), QStringLiteral("The first so many of the 20."), QStringLiteral("N"),
          QStringLiteral("20")},
         {QStringLiteral("ticks"), QStringLiteral("About so many ticks in all: the market is thinned or made denser."),
          QStringLiteral("T")},
         {QStringLiteral("trades"),
          QStringLiteral("About so many closed trades: where the strategies trade more, trading is paused in between."),
          QStringLiteral("K")},
         {QStringLiteral("seed"), QStringLiteral("Of the market."), QStringLiteral("S"), QStringLiteral("1")},
         {QStringLiteral("to"), QStringLiteral("Where it ends; without it at today's 00:00 UTC."),
          QStringLiteral("T")}});
}

std::optional<std::uint64_t> wholeNumber(const Arguments& given, const char* name, std::uint64_t least,
                                         std::uint64_t most)
{
    bool isNumber = false;
    const auto value = QString::fromStdString(given.value(name)).toULongLong(&isNumber);
    return isNumber && value >= least && value <= most ? std::optional<std::uint64_t>(value) : std::nullopt;
}

/// What is wrong; empty where all is read into `history`.
std::string read(const Arguments& given, storage::SimulatedHistory& history)
{
    const auto days = given.number("days", 0);
    const auto candleDays = given.number("candle-days", 0);
    if (!days || !candleDays || *days > 3'650 || *candleDays > 3'650) {
        return "--days and --candle-days want a number from 0 to 3650";
    }
    const auto count = wholeNumber(given, "instruments", 1, exchange::defaultInstruments().size());
    if (!count) {
        return "--instruments wants a number from 1 to 20";
    }
    const auto seed = wholeNumber(given, "seed", 0, UINT64_MAX);
    if (!seed) {
        return "--seed wants a whole number from 0";
    }
    auto until = base::bucketStart(base::SystemClock().now(), base::oneDay);
    if (given.isSet("to")) {
        const auto time = base::parseUtc(given.value("to"));
        if (!time) {
            return base::sentence(time.error());
        }
        until = *time;
    }
    std::vector<std::string> names;
    for (const auto& instrument : exchange::defaultInstruments(*count)) {
        names.push_back(instrument.name);
    }
    const auto time = [](double wished) { return base::Millis{std::llround(wished * 86'400'000)}; };
    history = engines::historyOf({.candlesOnly = time(*candleDays), .withTicks = time(*days), .rate = standardRate},
                                 *seed, std::move(names), until);
    for (auto [name, target] : {std::pair{"ticks", &history.ticks}, std::pair{"trades", &history.trades}}) {
        if (given.isSet(name)) {
            const auto wished = wholeNumber(given, name, 1, 10'000'000'000);
            if (!wished) {
                return std::string("--") + name + " wants a whole number from 1";
            }
            *target = *wished;
        }
    }
    return {};
}

void print(const engines::SimulateOutcome& outcome, const storage::SimulatedHistory& history,
           const std::string& database, bool asJson)
{
    const double days = static_cast<double>((history.until - history.ticksFrom).count()) / 86'400'000;
    if (asJson) {
        const QJsonObject all{{QStringLiteral("database"), QString::fromStdString(database)},
                              {QStringLiteral("simulated"), true},
                              {QStringLiteral("was_there"), outcome.wasThere},
                              {QStringLiteral("seed"), static_cast<qint64>(history.seed)},
                              {QStringLiteral("instruments"), static_cast<qint64>(history.instruments.size())},
                              {QStringLiteral("from"), QString::fromStdString(base::isoText(history.ticksFrom))},
                              {QStringLiteral("to"), QString::fromStdString(base::isoText(history.until))},
                              {QStringLiteral("days"), days},
                              {QStringLiteral("ticks"), static_cast<qint64>(outcome.ticks)},
                              {QStringLiteral("trades"), static_cast<qint64>(outcome.trades)},
                              {QStringLiteral("open_positions"), static_cast<qint64>(outcome.open)},
                              {QStringLiteral("not_traded"), static_cast<qint64>(outcome.untraded)},
                              {QStringLiteral("bytes"), static_cast<qint64>(outcome.bytes)},
                              {QStringLiteral("seconds"), outcome.seconds}};
        std::printf("%s\n", QJsonDocument(all).toJson(QJsonDocument::Compact).constData());
        return;
    }
    std::printf("%s: %llu simulated ticks of %zu instruments over %.4g days to %s, %llu closed trades, %.1f MB%s\n",
                database.c_str(), static_cast<unsigned long long>(outcome.ticks), history.instruments.size(), days,
                base::isoText(history.until).c_str(), static_cast<unsigned long long>(outcome.trades),
                static_cast<double>(outcome.bytes) / 1e6,
                outcome.wasThere ? "; it was there before, nothing was added" : "");
    if (!outcome.wasThere) {
        std::printf("made in %.1f s\n", outcome.seconds);
    }
}

/// A wish that was not met is told; a hundredth more or less is none.
void tellShortfall(const char* what, const char* how, std::uint64_t wished, std::uint64_t made)
{
    const auto apart = wished > made ? wished - made : made - wished;
    if (wished > 0 && apart > std::max<std::uint64_t>(2, wished / 100)) {
        std::fprintf(stderr, "%llu %s were wished and %llu came out: %s.\n", static_cast<unsigned long long>(wished),
                     what, static_cast<unsigned long long>(made), how);
    }
}

} // namespace

int simulateCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("simulate [--days D] [--instruments N] [--ticks T] [--trades K] [--seed S] [options]"),
        QStringLiteral("Fills a database, demo.db without --feed, with a simulated market that the strategies traded "
                       "through the real pipeline. The same options give the same ticks and the same ledger; what was "
                       "cut short goes on."));
    addOptions(given.parser());
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    const auto feed = given.feed("demo");
    if (const auto wrong = wrongFeed(feed)) {
        return reportUsage(*wrong);
    }
    if (feed == "blofin") {
        return reportUsage("The database of the real exchange is not filled with a simulated market; leave --feed out");
    }
    engines::SimulateOptions options{.database = engines::databaseOf(given.dataDir(), feed)};
    if (const auto wrong = read(given, options.history); !wrong.empty()) {
        return reportUsage(wrong);
    }
    const auto stop = stopOnSignal();
    base::Result<engines::SimulateOutcome> outcome;
    {
        ProgressBar bar("simulate");
        options.progress = [&bar](double fraction) { bar.show(fraction); };
        outcome = engines::simulate(options, stop);
    }
    if (!outcome && outcome.error().code == base::ErrorCode::Cancelled) {
        std::fprintf(stderr, "Cancelled. What was made is kept in %s; the same command goes on from there.\n",
                     options.database.c_str());
        return exitFailed;
    }
    if (!outcome) {
        return report(outcome.error());
    }
    print(*outcome, options.history, options.database.string(), given.wantsJson());
    if (given.isSet("ticks")) {
        tellShortfall("ticks", "the market's rate is given, the trades of each moment are chance",
                      options.history.ticks, outcome->ticks);
    }
    tellShortfall("closed trades",
                  outcome->trades < options.history.trades ? "the strategies found no more; more days or instruments do"
                                                           : "what was open when trading paused closed too",
                  options.history.trades, outcome->trades);
    return exitDone;
}

} // namespace qd::app
