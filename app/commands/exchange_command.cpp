#include "app/commands/arguments.h"

#include "exchange/csv_trades.h"
#include "exchange/loopback_exchange.h"

#include <QCoreApplication>
#include <QTimer>

#include <cstdio>

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

} // namespace

int exchangeCommand(const QStringList& arguments)
{
    Arguments given(
        QStringLiteral("exchange --port P [--rest-port P2] [--ticks FILE --instrument ID]… [options]"),
        QStringLiteral("The loopback exchange alone, on 127.0.0.1: a simulated market, or recorded trades."));
    given.parser().addOptions(
        {{QStringLiteral("port"), QStringLiteral("WebSocket (and REST, without --rest-port)."), QStringLiteral("P")},
         {QStringLiteral("rest-port"), QStringLiteral("REST on a port of its own."), QStringLiteral("P2")},
         {QStringLiteral("ticks"), QStringLiteral("Recorded trades to play; once for each file."),
          QStringLiteral("FILE")},
         {QStringLiteral("instrument"), QStringLiteral("Name of the instrument of the file before it."),
          QStringLiteral("ID")},
         {QStringLiteral("speed"), QStringLiteral("1, N or max."), QStringLiteral("X"), QStringLiteral("1")},
         {QStringLiteral("stamp"), QStringLiteral("now: recorded times are moved to begin now."),
          QStringLiteral("now")},
         {QStringLiteral("seed"), QStringLiteral("Of the simulated market."), QStringLiteral("N"),
          QStringLiteral("1")}});
    if (const auto end = given.parse(arguments)) {
        return *end;
    }
    exchange::LoopbackOptions options;
    bool isPort = false;
    options.port = given.parser().value(QStringLiteral("port")).toUShort(&isPort);
    if (!isPort) {
        return reportUsage("exchange wants --port, a number up to 65535 (0 takes any free one)");
    }
    if (given.isSet("rest-port")) {
        options.restPort = given.parser().value(QStringLiteral("rest-port")).toUShort(&isPort);
        if (!isPort) {
            return reportUsage("--rest-port wants a number up to 65535");
        }
    }
    const auto speed = given.value("speed");
    options.speed = speed == "max" ? 0 : given.parser().value(QStringLiteral("speed")).toDouble(&isPort);
    if (speed != "max" && (!isPort || !(options.speed > 0))) {
        return reportUsage("--speed wants a number over 0, or max");
    }
    if (given.isSet("stamp") && given.value("stamp") != "now") {
        return reportUsage("--stamp knows only 'now'");
    }
    options.stampNow = given.isSet("stamp");
    options.seed = given.parser().value(QStringLiteral("seed")).toULongLong();
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
    return code;
}

} // namespace qd::app
