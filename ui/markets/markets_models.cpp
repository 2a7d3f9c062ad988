#include "ui/markets/markets_models.h"

#include "ui/format.h"

#include <QCoreApplication>

#include <cmath>
#include <tuple>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("markets", source);
}

QVariant tone(Meaning meaning)
{
    return QVariant::fromValue(meaning);
}

Meaning toneOf(double value)
{
    return value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text;
}

QString coinOf(const market::Instrument& instrument)
{
    return format::text(instrument.name).section(QLatin1Char('-'), 0, 0);
}

/// The same numbers before and after a minute has passed are the same row.
QString held(const PositionEntry& row)
{
    return format::duration(std::max(base::Millis{0}, row.now - row.of.position.entry.time));
}

std::vector<Column> instrumentColumns()
{
    return {{.title = tip("Instrument"),
             .kind = CellKind::Dot,
             .help = tip("A green dot: a trade or quote came lately."),
             .isStretched = true},
            {.title = tip("Last, USDT"),
             .kind = CellKind::Figure,
             .alignment = right,
             .help = tip("Price of the newest trade, in USDT.")},
            {.title = tip("24 h"),
             .kind = CellKind::Figure,
             .alignment = right,
             .help = tip("Change of the price within 24 hours, %, as the exchange tells it. The demo market "
                         "counts from its start until it has run for a day.")}};
}

/// Width 0: as its figures need it, so that a price of eight decimals is whole.
Column figure(const char* title, const char* help, int width, int givesWay = 0)
{
    return {.title = tip(title),
            .kind = CellKind::Figure,
            .alignment = right,
            .help = tip(help),
            .width = width,
            .givesWay = givesWay};
}

std::vector<Column> positionColumns()
{
    return {{.title = tip("Strategy"), .width = 150},
            {.title = tip("Instrument"), .width = 100},
            {.title = tip("Side"), .width = 58},
            figure("Size", "In coins; the tooltip of a row has the contracts.", 0, 2),
            figure("Entry", "Price paid, in USDT.", 0),
            figure("Last", "Price of the newest trade, in USDT.", 0),
            figure("Stop / target", "Prices in USDT at which it is closed.", 0),
            figure("Unrealised", "% of the entry's value, after the entry fee.", 92),
            figure("Held", "Since the entry, in exchange time; s, m, h or d.", 84, 1),
            {.title = tip("Why"), .help = tip("What the strategy saw when it decided."), .isStretched = true}};
}

std::vector<Column> tradeColumns()
{
    return {{.title = tip("Closed"), .kind = CellKind::Figure, .help = tip("Exchange time of the exit."), .width = 128},
            {.title = tip("Strategy"), .width = 140},
            {.title = tip("Instrument"), .width = 96},
            {.title = tip("Side"), .width = 56},
            figure("Size", "In coins; the tooltip of a row has the contracts.", 0),
            figure("Entry", "In USDT.", 0),
            figure("Exit", "In USDT.", 0),
            {.title = tip("By"), .help = tip("What closed it."), .width = 80},
            figure("Net, USDT", "USDT, after fees and funding.", 90),
            figure("Held", "From entry to exit; s, m, h or d.", 78),
            {.title = tip("Why"), .help = tip("What the strategy saw when it decided."), .isStretched = true}};
}

/// A trade in shadow is told beside the name of its strategy.
QVariant shadowNote(const trading::OpenPosition& position, int column, int strategy, int role)
{
    return role == MutedRole && column == strategy && position.inShadow ? QVariant(tip("in shadow")) : QVariant();
}

QString feesHelp(const trading::ClosedTrade& trade)
{
    return tip("gross %1, fees %2, funding %3 USDT")
        .arg(format::signedMoney(trade.gross), format::money(trade.fees), format::signedMoney(trade.funding));
}

} // namespace

double shownChange(double fraction)
{
    return std::round(fraction * 1000) / 1000;
}

QString coinsText(const market::Instrument& instrument, market::Quantity size)
{
    const auto contracts = instrument.sizeText(size);
    const auto parsed = base::parseDecimal(contracts);
    const auto coins = parsed ? base::multiply(*parsed, instrument.contractValue) : parsed;
    return format::grouped(format::text(coins ? base::toText(*coins) : contracts));
}

QString sizeHelp(const market::Instrument& instrument, market::Quantity size)
{
    const auto coin = coinOf(instrument);
    if (instrument.contractValue == base::Decimal{1, 0}) {
        return coinsText(instrument, size) + QLatin1Char(' ') + coin;
    }
    return tip("%1 %2, %3 contracts of %4 %2")
        .arg(coinsText(instrument, size), coin, format::size(instrument, size),
             format::grouped(format::text(base::toText(instrument.contractValue))));
}

InstrumentsModel::InstrumentsModel(QObject* parent) : RowModel(instrumentColumns(), parent) {}

int InstrumentsModel::rowOf(base::InstrumentId id) const
{
    const auto found = std::ranges::find_if(rows(), [id](const auto& row) { return row.instrument.id == id; });
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

int InstrumentsModel::rowOf(const QString& name) const
{
    const auto found =
        std::ranges::find_if(rows(), [&](const auto& row) { return format::text(row.instrument.name) == name; });
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QVariant InstrumentsModel::cell(const console::InstrumentRow& row, int column, int role) const
{
    const auto name = format::text(row.instrument.name);
    switch (role) {
    case Qt::DisplayRole:
        return column == Name   ? name
               : column == Last ? format::price(row.instrument, row.last)
               : row.change24h  ? format::signedPercent(*row.change24h, 1)
                                : format::undefined();
    case SortRole:
        if (column == Name) {
            return name;
        }
        if (column == Last) {
            return row.last ? QVariant(row.instrument.priceValue(*row.last)) : QVariant();
        }
        return row.change24h ? QVariant(*row.change24h) : QVariant();
    case ToneRole:
        if (column == Name) {
            return tone(row.isFresh ? Meaning::Gain : Meaning::TextFaint);
        }
        return column == Change && row.change24h ? tone(toneOf(shownChange(*row.change24h))) : tone(Meaning::Text);
    case MutedRole:
        return column == Name && row.isLeaving ? QVariant(tr("leaving")) : QVariant();
    case Qt::AccessibleTextRole:
        return column == Name ? QVariant(name + (row.isFresh ? tr(", fresh") : tr(", silent")) +
                                         (row.isLeaving ? tr(", leaving") : QString()))
                              : QVariant();
    case Qt::ToolTipRole:
        if (column == Name) {
            return row.isLeaving ? tr("%1 was removed: no new entries. It leaves once its positions have ended; its "
                                      "archive is kept.")
                                       .arg(name)
                   : row.isFresh ? tr("%1: trades and quotes arrive").arg(name)
                                 : tr("%1: nothing heard lately; Health says why").arg(name);
        }
        if (column == Last) {
            return row.quote ? tr("USDT; bid %1, ask %2")
                                   .arg(format::price(row.instrument, row.quote->bid),
                                        format::price(row.instrument, row.quote->ask))
                             : tr("USDT; no quote yet");
        }
        return row.change24h
                   ? tr("within 24 hours, as the exchange tells it; the demo market counts from its start until "
                        "it has run for a day")
                   : tr("undefined: no price of 24 hours ago is known yet");
    default:
        return {};
    }
}

bool InstrumentsModel::isSame(const console::InstrumentRow& a, const console::InstrumentRow& b) const
{
    return a.instrument.id == b.instrument.id;
}

bool InstrumentsModel::isEqual(const console::InstrumentRow& a, const console::InstrumentRow& b) const
{
    return a.last == b.last && a.change24h == b.change24h && a.isFresh == b.isFresh && a.isLeaving == b.isLeaving &&
           a.quote == b.quote && a.instrument == b.instrument;
}

PositionsModel::PositionsModel(const format::Zone& zone, QObject* parent)
    : RowModel(positionColumns(), parent),
      zone_(zone)
{
}

QVariant PositionsModel::shown(const PositionEntry& row, int column) const
{
    const auto& position = row.of.position;
    const auto price = [&](const auto& of) { return format::price(row.instrument, of); };
    switch (column) {
    case Strategy:
        return format::text(position.decision.strategy);
    case Instrument:
        return format::text(row.instrument.name);
    case Side:
        return format::word(position.decision.side);
    case Size:
        return coinsText(row.instrument, position.size);
    case Entry:
        return price(position.entry.price);
    case Last:
        return price(row.of.last);
    case StopTarget:
        return price(position.decision.stop) + QStringLiteral(" / ") + price(position.decision.target);
    case Unrealised:
        return row.of.last ? format::signedPercent(row.of.unrealisedFraction, 2) : format::undefined();
    case Held:
        return held(row);
    default:
        return format::text(position.decision.why);
    }
}

QVariant PositionsModel::raw(const PositionEntry& row, int column) const
{
    const auto& position = row.of.position;
    switch (column) {
    case Size:
        return row.instrument.coins(position.size);
    case Entry:
        return row.instrument.priceValue(position.entry.price);
    case Last:
        return row.of.last ? QVariant(row.instrument.priceValue(*row.of.last)) : QVariant();
    case StopTarget:
        return row.instrument.priceValue(position.decision.stop);
    case Unrealised:
        return row.of.last ? QVariant(row.of.unrealisedFraction) : QVariant();
    case Held:
        return static_cast<qlonglong>((row.now - position.entry.time).count());
    default:
        return shown(row, column);
    }
}

QVariant PositionsModel::help(const PositionEntry& row, int column) const
{
    const auto& position = row.of.position;
    switch (column) {
    case Strategy:
        return tr("parameters %1").arg(format::text(position.decision.parameterHash)) +
               (position.hasGap ? tr("\nA gap touched it: trades may have been missed.") : QString());
    case Size:
        return sizeHelp(row.instrument, position.size);
    case Entry:
        return tr("%1 USDT; entry fee %2 USDT")
            .arg(format::price(row.instrument, position.entry.price), format::money(position.entry.fee, 4));
    case StopTarget:
        return tr("closes at %1 or worse, or at %2 or better (USDT)")
            .arg(format::price(row.instrument, position.decision.stop),
                 format::price(row.instrument, position.decision.target));
    case Unrealised:
        return tr("%1 USDT, after the entry fee").arg(format::signedMoney(row.of.unrealised));
    case Held:
        return tr("since %1; time limit %2")
            .arg(format::moment(position.entry.time, row.now, zone_),
                 format::moment(position.timeLimit, row.now, zone_));
    case Why:
        return shown(row, column);
    default:
        return {};
    }
}

QVariant PositionsModel::cell(const PositionEntry& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return raw(row, column);
    case Qt::ToolTipRole:
        return help(row, column);
    case ToneRole:
        if (column == Unrealised) {
            return tone(row.of.last ? toneOf(row.of.unrealisedFraction) : Meaning::Text);
        }
        return column == Why ? tone(Meaning::TextMuted) : QVariant();
    default:
        return shadowNote(row.of.position, column, Strategy, role);
    }
}

bool PositionsModel::isSame(const PositionEntry& a, const PositionEntry& b) const
{
    const auto key = [](const PositionEntry& e) {
        const auto& d = e.of.position.decision;
        return std::tie(d.instrument, d.strategy, d.number);
    };
    return key(a) == key(b);
}

bool PositionsModel::isEqual(const PositionEntry& a, const PositionEntry& b) const
{
    return a.of.last == b.of.last && a.of.unrealised == b.of.unrealised && held(a) == held(b) &&
           a.of.position == b.of.position && a.instrument == b.instrument;
}

TradesModel::TradesModel(const format::Zone& zone, base::UtcMs (*now)(), QObject* parent)
    : RowModel(tradeColumns(), parent),
      zone_(zone),
      now_(now)
{
}

QVariant TradesModel::shown(const TradeEntry& row, int column) const
{
    const auto& position = row.of.position;
    switch (column) {
    case Closed:
        return format::moment(row.of.exit.time, now_(), zone_);
    case Strategy:
        return format::text(position.decision.strategy);
    case Instrument:
        return format::text(row.instrument.name);
    case Side:
        return format::word(position.decision.side);
    case Size:
        return coinsText(row.instrument, position.size);
    case Entry:
        return format::price(row.instrument, position.entry.price);
    case Exit:
        return format::price(row.instrument, row.of.exit.price);
    case Reason:
        return format::text(trading::name(row.of.reason));
    case Net:
        return format::signedMoney(row.of.net);
    case Held:
        return format::duration(row.of.exit.time - position.entry.time);
    default:
        return format::text(position.decision.why);
    }
}

QVariant TradesModel::raw(const TradeEntry& row, int column) const
{
    const auto& position = row.of.position;
    switch (column) {
    case Closed:
        return static_cast<qlonglong>(row.of.exit.time.value);
    case Size:
        return row.instrument.coins(position.size);
    case Entry:
        return row.instrument.priceValue(position.entry.price);
    case Exit:
        return row.instrument.priceValue(row.of.exit.price);
    case Net:
        return base::toUsdt(row.of.net);
    case Held:
        return static_cast<qlonglong>((row.of.exit.time - position.entry.time).count());
    default:
        return shown(row, column);
    }
}

QVariant TradesModel::help(const TradeEntry& row, int column) const
{
    switch (column) {
    case Size:
        return sizeHelp(row.instrument, row.of.position.size);
    case Net:
        return feesHelp(row.of);
    case Strategy:
        return tr("parameters %1").arg(format::text(row.of.position.decision.parameterHash)) +
               (row.of.position.hasGap ? tr("\nA gap touched it: trades may have been missed.") : QString());
    case Held:
        return tr("entered %1").arg(format::moment(row.of.position.entry.time, now_(), zone_));
    case Why:
        return shown(row, column);
    default:
        return {};
    }
}

QVariant TradesModel::cell(const TradeEntry& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return raw(row, column);
    case Qt::ToolTipRole:
        return help(row, column);
    case ToneRole:
        if (column == Net) {
            return tone(toneOf(base::toUsdt(row.of.net)));
        }
        return column == Why ? tone(Meaning::TextMuted) : QVariant();
    default:
        return shadowNote(row.of.position, column, Strategy, role);
    }
}

bool TradesModel::isSame(const TradeEntry& a, const TradeEntry& b) const
{
    const auto key = [](const TradeEntry& e) {
        const auto& d = e.of.position.decision;
        return std::tie(d.instrument, d.strategy, d.number);
    };
    return key(a) == key(b);
}

bool TradesModel::isEqual(const TradeEntry& a, const TradeEntry& b) const
{
    return a.of == b.of && a.instrument == b.instrument;
}

} // namespace qd::ui
