#include "app/commands/arguments.h"

#include "exchange/csv_trades.h"
#include "exchange/loopback_exchange.h"

#include <QCoreApplication>
#include <QTimer>

#include <cstdio>
#include <optional>
#include <string>

namespace qd::app {

namespace {

/// Each --ticks FILE with its --instrument ID, in the order given; scales from the file's digits, sizes as they are.
base::Result<std::vector<exchange::RecordedTrades>> recordings(const QStringList& files, const QStringList& names)
{
    std::vector<exchange::RecordedTrades> out;
    for (qsizetype i = 0; i < files.size(); ++i) {
        const auto path = files[i].toStdString();
        const auto summary = exchange::CsvTradesReader(path).inspect();
        if (!summary) {
            return std::unexpected(summary.error());
        }
        market::Instrument instrument;
        instrument.id = {i + 1};
        instrument.name = names[i].toStdString();
        instrument.tick = base::Scale::ofDecimals(summary->priceDecimals);
        instrument.lot = base::Scale::ofDecimals(summary->sizeDecimals);
        out.push_back({path, std::move(instrument)});
    }
    return out;
}

void addOptions(QCommandLineParser& parser)
{
    const auto text = [](const char* words) { return QString::fromUtf8(words); };
    parser.addOptions(
        {{text("port"), text("WebSocket (and REST, without --rest-port)."), text("P")},
         {text("rest-port"), text("REST on a port of its own."), text("P2")},
         {text("ticks"), text("Recorded trades to play; once for each file."), text("FILE")},
         {text("instrument"), text("Name of the instrument of the file before it."), text("ID")},
         {text("speed"), text("1, N or max."), text("X"), text("1")},
         {text("stamp"), text("now: recorded times are moved to begin now."), text("now")},
         {text("seed"), text("Of the simulated market, and of the faults."), text("N"), text("1")},
         {text("rate"),
          text("Simulated market: this many times the usual trades (100: about 2,000 a second over its regimes)."),
          text("X"), text("1")},
         {text("edge"),
          text("Simulated market: plants a momentum edge for tests; a price drifts by X of itself a minute in the "
               "direction of the minute before (0.0002 is 2 bps)."),
          text("X"), text("0")},
         {text("past"), text("REST has candles of so many days before the first trade, by formula."), text("DAYS"),
          text("0")},
         {text("faults"),
          text("What goes wrong: name=chance of each message, or name=MEANs for mean seconds between two; comma "
               "between. "
               "Names: drop, stall, stallone, duplicate, late, lose, holes, garbage, huge, rest403, rest429, rest500, "
               "short; and skew=SECONDS that the exchange's clock is ahead. Example: drop=60s,lose=0.001,skew=-2.5"),
          text("LIST")},
         {text("limits"),
          text("Bans over 500 requests a minute or 1,500 in five, and over one new WebSocket a second.")},
         {text("log"), text("Writes each trade made as CSV: instrument,trade_id,ts_ms,price,size,side,fate."),
          text("FILE")}});
}

/// A number of at least `least` and at most `most`; none if it is not one.
std::optional<double> numberOf(const Arguments& given, const char* name, double least, double most)
{
    bool isNumber = false;
    const double value = QString::fromStdString(given.value(name)).toDouble(&isNumber);
    return isNumber && value >= least && value <= most ? std::optional(value) : std::nullopt;
}

/// What is wrong with the ports, time and seed; empty where they are read into `options`.
std::string readBasics(Arguments& given, exchange::LoopbackOptions& options)
{
    bool isGood = false;
    options.port = given.parser().value(QStringLiteral("port")).toUShort(&isGood);
    if (!isGood) {
        return "exchange wants --port, a number up to 65535 (0 takes any free one)";
    }
    if (given.isSet("rest-port")) {
        options.restPort = given.parser().value(QStringLiteral("rest-port")).toUShort(&isGood);
        if (!isGood) {
            return "--rest-port wants a number up to 65535";
        }
    }
    const auto speed = given.value("speed");
    options.speed = speed == "max" ? 0 : given.parser().value(QStringLiteral("speed")).toDouble(&isGood);
    if (speed != "max" && (!isGood || !(options.speed > 0))) {
        return "--speed wants a number over 0, or max";
    }
    if (given.isSet("stamp") && given.value("stamp") != "now") {
        return "--stamp knows only 'now'";
    }
    options.stampNow = given.isSet("stamp");
    options.seed = given.parser().value(QStringLiteral("seed")).toULongLong(&isGood);
    return isGood ? std::string() : "--seed wants a whole number from 0";
}

/// The same for the simulated market's figures, faults, limits and log.
std::string readMarket(Arguments& given, exchange::LoopbackOptions& options)
{
    if (!given.parser().values(QStringLiteral("ticks")).isEmpty() && (given.isSet("rate") || given.isSet("edge"))) {
        return "--rate and --edge are of the simulated market, and --ticks plays recorded trades";
    }
    const auto rate = numberOf(given, "rate", 0.01, 10'000);
    if (!rate) {
        return "--rate wants a number from 0.01 to 10000";
    }
    const auto edge = numberOf(given, "edge", -0.01, 0.01);
    if (!edge) {
        return "--edge wants a fraction a minute from -0.01 to 0.01";
    }
    const auto past = numberOf(given, "past", 0, 2'000);
    if (!past) {
        return "--past wants a number of days up to 2000";
    }
    const auto faults = exchange::parseFaults(given.value("faults"));
    if (!faults) {
        return "--faults: " + faults.error().detail;
    }
    options.rate = *rate;
    options.edge = *edge;
    options.pastDays = static_cast<int>(*past);
    options.faults = *faults;
    options.limits = given.isSet("limits");
    options.logFile = given.value("log");
    return {};
}

/// One line on stderr, so that whoever set the faults knows what happened.
void tellFigures(const exchange::LoopbackFigures& figures)
{
    std::fprintf(stderr, "trades=%lld pushes=%lld requests=%lld refused=%lld", static_cast<long long>(figures.trades),
                 static_cast<long long>(figures.pushes), static_cast<long long>(figures.requests),
                 static_cast<long long>(figures.refused));
    for (std::size_t i = 0; i < exchange::faultKinds; ++i) {
        const auto fault = static_cast<exchange::Fault>(i);
        std::fprintf(stderr, " %s=%lld", std::string(exchange::name(fault)).c_str(),
                     static_cast<long long>(figures.faults[fault]));
    }
    std::fputc('\n', stderr);
}

} // namespace

int exchangeCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("exchange --port P [--rest-port P2] [--ticks FILE --instrument ID]… [options]"),
        QStringLiteral("The loopback exchange alone, on 127.0.0.1: a simulated market, or recorded trades."));
    addOptions(given.parser());
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    exchange::LoopbackOptions options;
    for (const auto& read : {readBasics, readMarket}) {
        if (const auto wrong = read(given, options); !wrong.empty()) {
            return reportUsage(wrong);
        }
    }
    const auto files = given.parser().values(QStringLiteral("ticks"));
    const auto names = given.parser().values(QStringLiteral("instrument"));
    if (files.size() != names.size()) {
        return reportUsage("each --ticks FILE wants its --instrument ID");
    }
    auto recorded = recordings(files, names);
    if (!recorded) {
        return report(recorded.error());
    }
    options.recorded = std::move(*recorded);
    const auto stop = stopOnSignal();
    exchange::LoopbackExchange exchange(std::move(options));
    if (auto listening = exchange.listen(); !listening) {
        return report(listening.error());
    }
    std::printf("ws://127.0.0.1:%u/ws/public http://127.0.0.1:%u\n", exchange.wsPort(), exchange.restPort());
    std::fflush(stdout);
    int code = exitDone;
    QObject::connect(&exchange, &exchange::LoopbackExchange::finished,
                     [] { std::fputs("all recorded trades were sent\n", stderr); });
    QObject::connect(&exchange, &exchange::LoopbackExchange::failed, [&code](const QString& what) {
        code = report({base::ErrorCode::Damaged, "exchange", what.toStdString()});
        QCoreApplication::exit(code);
    });
    QTimer poll;
    QObject::connect(&poll, &QTimer::timeout, [&stop] {
        if (stop.stop_requested()) {
            QCoreApplication::quit();
        }
    });
    poll.start(100);
    QCoreApplication::exec();
    tellFigures(exchange.figures());
    return code;
}

} // namespace qd::app
