// What the cells of the closed trades say. See trade_pages_model.h.
#include "ui/execution/trade_figures.h"
#include "ui/execution/trade_pages_model.h"

#include <QCoreApplication>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("execution", source);
}

Column figure(const char* title, const char* help, int givesWay = 0)
{
    return {.title = tip(title), .kind = CellKind::Figure, .alignment = right, .help = tip(help), .givesWay = givesWay};
}

std::vector<Column> columns()
{
    return {{.title = tip("Closed"), .kind = CellKind::Figure, .help = tip("Exchange time of the exit.")},
            {.title = tip("Strategy"), .help = tip("The tooltip has the hash of its parameters.")},
            {.title = tip("Instrument")},
            {.title = tip("Side")},
            figure("Entry", "Price paid, in USDT.", 4),
            figure("Exit", "Price of the last exit, in USDT.", 3),
            figure("Return", "% of the price, from entry to exit, before costs. Net is after them."),
            figure("Net", "USDT, after slippage, fees and funding."),
            figure("Slippage",
                   "% of the decision prices, by which entry and exit together were worse; a cost is positive. "
                   "The tooltip has each side.",
                   1),
            figure("Held", "From entry to exit; s, m, h or d.", 2),
            figure("Best / worst", "How far the price went for it and against it while it was open, %.", 5),
            {.title = tip("Exit by"), .alignment = right, .help = tip("What closed it.")},
            {.title = tip("Marks"),
             .kind = CellKind::Tag,
             .help = tip("candles: made by a replay on candles. shadow: its strategy was off. gap: trades may be "
                         "missing. optimistic only: it earns only where every order is filled at its decision price."),
             .isStretched = true},
            {.title = tip("Why"), .help = tip("What the strategy saw when it decided."), .isHidden = true}};
}

/// The minute will do for older days; the tooltip has all of it.
QString closedText(base::UtcMs time, base::UtcMs now, format::Zone zone)
{
    return format::day(time, zone) == format::day(now, zone) && now - time < 2 * base::oneDay
               ? format::timeOfDay(time, zone)
               : format::day(time, zone) + QLatin1Char(' ') + format::hourMinute(time, zone);
}

QString sidePercent(const std::optional<double>& share)
{
    return share ? format::signedPercent(*share, 3) : format::undefined();
}

QString returnTip(const trading::ClosedTrade& trade)
{
    return tip("gross %1, fees %2, funding %3, net %4 USDT")
        .arg(format::signedMoney(trade.gross), format::money(trade.fees), format::signedMoney(trade.funding),
             format::signedMoney(trade.net));
}

} // namespace

TradePagesModel::TradePagesModel(const PageContext& context, InstrumentBook& book, QObject* parent)
    : TableModel(columns(), parent),
      context_(context),
      book_(book)
{
    connect(&book, &InstrumentBook::learned, this, &TradePagesModel::repaintAll);
}

QVariant TradePagesModel::shown(const trading::ClosedTrade& trade, int column) const
{
    const auto& position = trade.position;
    const auto* instrument = book_.find(position.decision.instrument);
    const auto price = [&](base::Price of) {
        return instrument != nullptr ? format::price(*instrument, of) : format::undefined();
    };
    switch (column) {
    case Closed:
        return closedText(trade.exit.time, context_.now(), context_.zone);
    case Strategy:
        return format::text(position.decision.strategy);
    case Instrument:
        return book_.nameOf(position.decision.instrument);
    case Side:
        return format::word(position.decision.side);
    case Entry:
        return price(position.entry.price);
    case Exit:
        return price(trade.exit.price);
    case Return:
        return format::signedPercent(priceReturn(trade), 2);
    case Net:
        return format::signedMoney(trade.net);
    case Slippage: {
        const auto both = slippageOf(trade);
        return both ? format::percent(*both, 3) : format::undefined();
    }
    case Held:
        return format::duration(trade.exit.time - position.entry.time);
    case Excursion:
        return format::signedDecimal(100 * excursion(position, position.best), 2) + QStringLiteral(" / ") +
               format::signedDecimal(100 * excursion(position, position.worst), 2);
    case Reason:
        return word(trade.reason);
    case Marks:
        return marksOf(trade).join(QStringLiteral(" · "));
    default:
        return format::text(position.decision.why);
    }
}

QVariant TradePagesModel::help(const trading::ClosedTrade& trade, int column) const
{
    const auto& position = trade.position;
    switch (column) {
    case Closed:
        return tip("closed %1\nentered %2")
            .arg(format::moment(trade.exit.time, context_.now(), context_.zone),
                 format::moment(position.entry.time, context_.now(), context_.zone));
    case Strategy:
        return tip("parameters %1\n%2")
            .arg(format::text(position.decision.parameterHash), format::text(position.decision.why));
    case Entry:
    case Exit:
        return book_.find(position.decision.instrument) == nullptr
                   ? QVariant(tip("undefined: its instrument has left the feed and is being looked up"))
                   : QVariant();
    case Return:
    case Net:
        return returnTip(trade);
    case Slippage:
        return slippageOf(trade) ? tip("entry %1, exit %2 of the decision price")
                                       .arg(sidePercent(entrySlippage(position)), sidePercent(exitSlippage(trade)))
                                 : tip("undefined: the decision price of its exit was not kept. Entry %1")
                                       .arg(sidePercent(entrySlippage(position)));
    case Held:
        return tip("time limit %1").arg(format::moment(position.timeLimit, context_.now(), context_.zone));
    case Reason:
        return sentence(trade.reason);
    case Marks:
        return marksHelp(trade);
    case Why:
        return format::text(position.decision.why);
    default:
        return {};
    }
}

QVariant TradePagesModel::toneOf(const trading::ClosedTrade& trade, int column) const
{
    const auto of = [](double value) {
        return QVariant::fromValue(value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text);
    };
    switch (column) {
    case Return:
        return of(priceReturn(trade));
    case Net:
        return of(base::toUsdt(trade.net));
    case Marks:
        return QVariant::fromValue(Meaning::Warning);
    case Why:
        return QVariant::fromValue(Meaning::TextMuted);
    default:
        return {};
    }
}

QVariant TradePagesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(column(index.column()).alignment | Qt::AlignVCenter);
    }
    const auto* one = trade(index.row());
    if (one == nullptr) {
        return role == Qt::DisplayRole && index.column() == Closed ? QVariant(QStringLiteral("…")) : QVariant();
    }
    switch (role) {
    case Qt::DisplayRole:
        return shown(*one, index.column());
    case Qt::ToolTipRole:
        return help(*one, index.column());
    case ToneRole:
        return toneOf(*one, index.column());
    case ExportRole:
        return index.column() == Closed ? QVariant(format::text(base::isoText(one->exit.time))) : QVariant();
    default:
        return {};
    }
}

} // namespace qd::ui
