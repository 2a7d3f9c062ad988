#include "ui/strategies/strategy_models.h"

#include "ui/widgets/paint.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <tuple>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("strategies", source);
}

QVariant tone(Meaning meaning)
{
    return QVariant::fromValue(meaning);
}

Column figure(const char* title, const char* help, bool isHidden = false)
{
    return {.title = tip(title), .kind = CellKind::Figure, .alignment = right, .help = tip(help), .isHidden = isHidden};
}

/// After the name, in this order: what a narrow pane must show stands first.
constexpr std::array instrumentFigures{Figure::Won,    Figure::Sharpe,       Figure::Expectancy, Figure::Trades,
                                       Figure::Equity, Figure::ProfitFactor, Figure::Drawdown,   Figure::Deflated};

std::vector<Column> instrumentColumns()
{
    std::vector<Column> out{{.title = tip("Instrument"), .isStretched = true},
                            {.title = tip("On"),
                             .kind = CellKind::Switch,
                             .help = tip("Of the strategy on this instrument; off: there it goes on in shadow."),
                             .width = 46}};
    for (const auto one : instrumentFigures) {
        out.push_back(columnOf(one));
    }
    return out;
}

/// Of the entry's value; empty where that has none.
std::optional<double> returnOf(const StrategyTradeEntry& row)
{
    const auto worth = row.instrument.notional(row.of.position.entry.price, row.of.position.size);
    return worth && worth->value > 0
               ? std::optional(static_cast<double>(row.of.net.value) / static_cast<double>(worth->value))
               : std::nullopt;
}

base::Millis heldOf(const trading::ClosedTrade& trade)
{
    return trade.exit.time - trade.position.entry.time;
}

} // namespace

QString whyNotText(trading::NotTraded reason)
{
    switch (reason) {
    case trading::NotTraded::Cooldown:
        return tip("a trade of this strategy on this instrument ended shortly before");
    case trading::NotTraded::PositionOpen:
        return tip("it had a position on this instrument already");
    case trading::NotTraded::OrderPending:
        return tip("an order of its own was still on its way");
    case trading::NotTraded::Gap:
        return tip("the feed had a gap at that moment");
    case trading::NotTraded::StaleData:
        return tip("the instrument had been silent too long: the price was old");
    case trading::NotTraded::TooSmall:
        return tip("the order was under the exchange's least size");
    case trading::NotTraded::Paused:
        return tip("trading was paused");
    case trading::NotTraded::Archived:
        return tip("the strategy was archived while the order was on its way");
    case trading::NotTraded::Removed:
        return tip("the instrument was removed from the feed");
    case trading::NotTraded::NotFilled:
        return tip("the limit order waited in vain: the market did not come through its price");
    case trading::NotTraded::ModelExpired:
        return tip("the model that it asks had learned too long ago");
    }
    return {};
}

market::Instrument feedInstrument(const console::IngestSnapshot* ingest, base::InstrumentId id)
{
    if (ingest != nullptr) {
        for (const auto& row : ingest->instruments) {
            if (row.instrument.id == id) {
                return row.instrument;
            }
        }
    }
    market::Instrument out;
    out.id = id;
    out.name = "#" + std::to_string(id.value);
    return out;
}

ReasonsModel::ReasonsModel(QObject* parent)
    : RowModel({{.title = tip("Why not"), .width = 118},
                figure("Signals", "Signals with this reason, of all time; a count."),
                figure("Share", "Of all signals that did not trade, %."),
                {.title = tip("Means"), .isStretched = true}},
               parent)
{
}

QVariant ReasonsModel::cell(const ReasonEntry& row, int column, int role) const
{
    const double share = row.all > 0 ? static_cast<double>(row.count) / static_cast<double>(row.all) : 0;
    switch (role) {
    case Qt::DisplayRole:
        return column == Reason  ? QVariant(format::text(trading::name(row.reason)))
               : column == Count ? QVariant(format::count(row.count))
               : column == Share ? QVariant(format::percent(share, 1))
                                 : QVariant(whyNotText(row.reason));
    case SortRole:
        return column == Reason  ? QVariant(format::text(trading::name(row.reason)))
               : column == Count ? QVariant::fromValue(row.count)
               : column == Share ? QVariant(share)
                                 : QVariant(whyNotText(row.reason));
    case ToneRole:
        return column == Means ? tone(Meaning::TextMuted) : QVariant();
    case Qt::ToolTipRole:
        return tip("%1 of %2 signals: %3")
            .arg(format::count(row.count), format::count(row.all), whyNotText(row.reason));
    default:
        return {};
    }
}

bool ReasonsModel::isSame(const ReasonEntry& a, const ReasonEntry& b) const
{
    return a.reason == b.reason;
}

bool ReasonsModel::isEqual(const ReasonEntry& a, const ReasonEntry& b) const
{
    return a.count == b.count && a.all == b.all;
}

SignalsModel::SignalsModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tip("Decided"),
                 .kind = CellKind::Figure,
                 .help = tip("Exchange time of the tick at which the rule decided."),
                 .width = 134},
                {.title = tip("Instrument"), .width = 98},
                {.title = tip("Side"), .width = 54},
                {.title = tip("Why not"), .help = tip("Under it what the rule saw."), .isStretched = true}},
               parent),
      context_(context)
{
}

QVariant SignalsModel::cell(const SignalEntry& row, int column, int role) const
{
    const auto& decision = row.of.decision;
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        switch (column) {
        case Time:
            return role == SortRole ? QVariant::fromValue(decision.time.value)
                                    : QVariant(format::moment(decision.time, context_.now(), context_.zone));
        case Instrument:
            return row.instrument;
        case Side:
            return format::word(decision.side);
        default:
            return format::text(trading::name(row.of.reason));
        }
    case BelowRole:
        return column == Reason ? QVariant(format::text(decision.why)) : QVariant();
    case ToneRole:
        return column == Side ? tone(decision.side == market::Side::Buy ? Meaning::Gain : Meaning::Loss) : QVariant();
    case ExportRole:
        return column == Time ? QVariant(format::text(base::isoText(decision.time))) : QVariant();
    case Qt::ToolTipRole:
        return whyNotText(row.of.reason) + QLatin1Char('\n') + format::text(decision.why);
    default:
        return {};
    }
}

bool SignalsModel::isSame(const SignalEntry& a, const SignalEntry& b) const
{
    return a.of.decision.number == b.of.decision.number && a.of.decision.instrument == b.of.decision.instrument;
}

bool SignalsModel::isEqual(const SignalEntry& a, const SignalEntry& b) const
{
    return a.of.reason == b.of.reason && a.of.decision.time == b.of.decision.time && a.instrument == b.instrument;
}

StrategyInstrumentsModel::StrategyInstrumentsModel(QObject* parent) : RowModel(instrumentColumns(), parent) {}

QVariant StrategyInstrumentsModel::cell(const InstrumentEntry& row, int column, int role) const
{
    if (column == On) {
        const QString state = row.isPending ? tip("pending") : row.isOn ? tip("on") : row.since;
        switch (role) {
        case SwitchRole:
            return static_cast<int>(row.isPending ? paint::SwitchState::Pending
                                    : row.isOn    ? paint::SwitchState::On
                                                  : paint::SwitchState::Off);
        case SortRole:
            return row.isOn;
        case ExportRole:
        case Qt::ToolTipRole:
            return state;
        case Qt::AccessibleTextRole:
            return QString(row.name + QLatin1Char(' ') + state);
        default:
            return {};
        }
    }
    if (column != Name) {
        return figureCell(row.of.get(), instrumentFigures[static_cast<std::size_t>(column - 2)], role);
    }
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return row.name;
    case BelowRole:
        return !row.isOn && !row.isPooled ? QVariant(row.since)
               : row.of == nullptr        ? QVariant(tip("no trade yet"))
               : row.of->trades == 0 && row.of->inShadow > 0
                   ? QVariant(tip("%1 in shadow").arg(format::count(row.of->inShadow)))
                   : QVariant(tip("n %1").arg(format::count(row.of->trades)));
    case Qt::ToolTipRole:
        return row.isPooled ? tip("All instruments together: what the strategy is judged by. The best single row is "
                                  "partly luck.")
                            : tip("The strategy on %1 alone. A double click shows its chart.").arg(row.name);
    default:
        return {};
    }
}

bool StrategyInstrumentsModel::isSame(const InstrumentEntry& a, const InstrumentEntry& b) const
{
    return a.isPooled == b.isPooled && a.name == b.name;
}

bool StrategyInstrumentsModel::isEqual(const InstrumentEntry& a, const InstrumentEntry& b) const
{
    return a.of == b.of && a.isOn == b.isOn && a.isPending == b.isPending && a.since == b.since;
}

StrategyTradesModel::StrategyTradesModel(const PageContext& context, QObject* parent)
    : RowModel(
          {{.title = tip("Instrument"), .help = tip("Under it when it closed."), .isStretched = true},
           {.title = tip("Side"), .width = 50},
           figure("Net, USDT", "USDT, after fees and funding."),
           figure("Return", "Net of the entry's value, %."),
           {.title = tip("By"), .help = tip("What closed it."), .width = 76},
           figure("Held", "From entry to exit; s, m, h or d."),
           figure("Closed", "Exchange time of the exit.", true),
           figure("Entry", "Price paid, USDT.", true),
           figure("Exit", "Price of the last exit, USDT.", true),
           {.title = tip("Parameters"), .help = tip("Hash of the parameters it was made with."), .isHidden = true}},
          parent),
      context_(context)
{
}

QVariant StrategyTradesModel::cell(const StrategyTradeEntry& row, int column, int role) const
{
    const auto& trade = row.of;
    const auto& decision = trade.position.decision;
    const double net = base::toUsdt(trade.net);
    const auto share = returnOf(row);
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Closed:
            return format::moment(trade.exit.time, context_.now(), context_.zone);
        case Instrument:
            return format::text(row.instrument.name);
        case Side:
            return format::word(decision.side);
        case By:
            return format::text(trading::name(trade.reason));
        case Net:
            return format::signedMoney(trade.net);
        case Return:
            return share ? format::signedPercent(*share, 2) : format::undefined();
        case Held:
            return format::duration(heldOf(trade));
        case Entry:
            return format::price(row.instrument, trade.position.entry.price);
        case Exit:
            return format::price(row.instrument, trade.exit.price);
        default:
            return format::text(decision.parameterHash.substr(0, 8));
        }
    case SortRole:
        switch (column) {
        case Closed:
            return QVariant::fromValue(trade.exit.time.value);
        case Net:
            return net;
        case Return:
            return share ? QVariant(*share) : QVariant();
        case Held:
            return QVariant::fromValue(heldOf(trade).count());
        case Entry:
            return QVariant::fromValue(trade.position.entry.price.value);
        case Exit:
            return QVariant::fromValue(trade.exit.price.value);
        default:
            return cell(row, column, Qt::DisplayRole);
        }
    case MutedRole:
        return column == Instrument && trade.position.inShadow ? QVariant(tip("in shadow")) : QVariant();
    case BelowRole:
        return column == Instrument ? QVariant(format::moment(trade.exit.time, context_.now(), context_.zone))
                                    : QVariant();
    case ToneRole:
        return column == Net || column == Return ? tone(net > 0   ? Meaning::Gain
                                                        : net < 0 ? Meaning::Loss
                                                                  : Meaning::Text)
               : column == Side ? tone(decision.side == market::Side::Buy ? Meaning::Gain : Meaning::Loss)
                                : QVariant();
    case ExportRole:
        return column == Closed ? QVariant(format::text(base::isoText(trade.exit.time))) : QVariant();
    case Qt::ToolTipRole:
        return tip("%1\ngross %2, fees %3, funding %4, net %5 USDT\nparameters %6")
            .arg(format::text(decision.why), format::signedMoney(trade.gross), format::money(trade.fees),
                 format::signedMoney(trade.funding), format::signedMoney(trade.net),
                 format::text(decision.parameterHash));
    default:
        return {};
    }
}

bool StrategyTradesModel::isSame(const StrategyTradeEntry& a, const StrategyTradeEntry& b) const
{
    return a.of.position.decision.number == b.of.position.decision.number &&
           a.of.position.decision.instrument == b.of.position.decision.instrument;
}

bool StrategyTradesModel::isEqual(const StrategyTradeEntry& a, const StrategyTradeEntry& b) const
{
    return a.of == b.of && a.instrument.name == b.instrument.name;
}

TrialsModel::TrialsModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tip("Parameters"), .help = tip("First digits of the hash."), .width = 104},
                {.title = tip("By"), .help = tip("Where the try comes from."), .width = 62},
                figure("Tries", "As how many tries it counts, a count."),
                {.title = tip("First seen"), .kind = CellKind::Figure, .width = 78},
                {.title = tip("Against the defaults"), .isStretched = true}},
               parent),
      context_(context)
{
}

QVariant TrialsModel::cell(const TrialEntry& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Hash:
            return format::text(row.of.parameterHash.substr(0, 8));
        case Origin:
            return format::text(row.of.origin);
        case Tries:
            return format::count(row.of.tries);
        case Time:
            return format::day(row.of.time, context_.zone);
        default:
            return row.changes;
        }
    case SortRole:
        return column == Tries  ? QVariant(row.of.tries)
               : column == Time ? QVariant::fromValue(row.of.time.value)
                                : cell(row, column, Qt::DisplayRole);
    case ToneRole:
        return column == Hash && row.isInForce ? tone(Meaning::Focus)
               : column == Changes             ? tone(Meaning::TextMuted)
                                               : QVariant();
    case MutedRole:
        return column == Hash && row.isInForce ? QVariant(tip("now")) : QVariant();
    case ExportRole:
        return column == Hash      ? QVariant(format::text(row.of.parameterHash))
               : column == Changes ? QVariant(format::text(row.of.parameters))
                                   : QVariant();
    case Qt::ToolTipRole:
        return format::moment(row.of.time, context_.now(), context_.zone) + QLatin1Char('\n') +
               format::text(row.of.parameterHash) + QLatin1Char('\n') +
               format::text(row.of.parameters).replace(QLatin1Char('|'), QLatin1Char('\n'));
    default:
        return {};
    }
}

bool TrialsModel::isSame(const TrialEntry& a, const TrialEntry& b) const
{
    return a.of.parameterHash == b.of.parameterHash && a.of.origin == b.of.origin && a.of.time == b.of.time;
}

bool TrialsModel::isEqual(const TrialEntry& a, const TrialEntry& b) const
{
    return std::tie(a.of.tries, a.isInForce, a.changes) == std::tie(b.of.tries, b.isInForce, b.changes);
}

} // namespace qd::ui
