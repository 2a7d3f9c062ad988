#include "ui/overview/overview_models.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/format.h"
#include "ui/widgets/paint.h"

#include <QCoreApplication>

#include <cmath>
#include <tuple>
#include <utility>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("overview", source);
}

std::vector<Column> rosterColumns()
{
    return {
        {.title = tip("Strategy"), .isStretched = true},
        {.title = tip("On"),
         .kind = CellKind::Switch,
         .alignment = Qt::AlignLeft,
         .help = tip("Off: it goes on in shadow and is scored, but does not count in the roster's equity."),
         .width = 64},
        {.title = tip("Open"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Positions that are open now, a count.")},
        {.title = tip("Closed"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Trades that have ended, a count.")},
        {.title = tip("Won"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Share of closed trades with a net gain, in percent.")},
        {.title = tip("Net, USDT"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("USDT, of all trades closed outside shadow since the ledger began, whatever the parameters; after "
                     "fees and funding.")},
        {.title = tip("Signals"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Decisions of its rule, a count.")},
        {.title = tip("Blocked"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Signals that were not traded, a count; each has its reason.")},
        {.title = tip("Idea"), .isHidden = true},
    };
}

std::vector<Column> rankingColumns()
{
    return {
        {.title = tip("Strategy / instrument"), .isStretched = true},
        {.title = tip("Equity"),
         .kind = CellKind::Spark,
         .alignment = right,
         .help = tip("Cumulated net after each trade, USDT."),
         .width = 72,
         .givesWay = 1},
        {.title = tip("Trades"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Trades that have ended, a count.")},
        {.title = tip("Won (95% CI)"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Share of trades won, %, with its Wilson 95% interval.")},
        {.title = tip("Sharpe (95% CI)"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Of the daily gains on the row's capital, a year, from 30 complete UTC days; before that a "
                     "provisional one, marked p. Not shown under 30 trades: 12/30 counts them. The table is ranked by "
                     "the lower end of its interval: daily ones first, then provisional ones, then rows without any; "
                     "ties by more trades, then by name.")},
        {.title = tip("PF"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Profit factor, a ratio: gains divided by losses."),
         .givesWay = 2},
        {.title = tip("Max DD"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Worst fall from a peak, % of the row's capital.")},
        {.title = tip("Net, USDT"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("USDT, of trades closed under the parameters in force, after fees and funding."),
         .isHidden = true},
    };
}

QVariant ifThere(const std::optional<double>& value)
{
    return value && std::isfinite(*value) ? QVariant(*value) : QVariant();
}

/// "−0.4 to 3.1", a provisional one marked with p.
QString sharpeInterval(const console::EvaluationRow& row)
{
    if (!row.sharpe || !row.sharpeLow || !row.sharpeHigh) {
        return {};
    }
    const auto ends = QCoreApplication::translate("overview", "%1 to %2")
                          .arg(format::decimal(*row.sharpeLow, 1), format::decimal(*row.sharpeHigh, 1));
    return row.isProvisional ? ends + QStringLiteral(" p") : ends;
}

QVariant tone(Meaning meaning)
{
    return QVariant::fromValue(meaning);
}

} // namespace

RosterModel::RosterModel(const PageContext& context, QObject* parent)
    : RowModel(rosterColumns(), parent),
      context_(context)
{
    connect(&context_.commands, &CommandDesk::pendingChanged, this, [this] { repaintAll(); });
}

QVariant RosterModel::cell(const console::StrategyRow& row, int column, int role) const
{
    const QString name = format::text(row.name);
    const bool isPending = context_.commands.isPending(name);
    const double net = base::toUsdt(row.net);
    const QString state = isPending ? tr("pending") : row.isEnabled ? tr("on") : tr("off, in shadow");
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Name:
            return name;
        case Open:
            return format::count(row.open);
        case Closed:
            return format::count(row.closed);
        case Won:
            return row.closed > 0 ? format::percent(static_cast<double>(row.won) / row.closed, 1) : format::undefined();
        case Net:
            return format::signedMoney(row.net);
        case Signals:
            return format::count(row.signals);
        case Blocked:
            return format::count(row.blocked);
        case Idea:
            return format::text(row.idea);
        default:
            return {};
        }
    case SortRole:
        switch (column) {
        case Name:
            return name;
        case On:
            return row.isEnabled;
        case Open:
            return row.open;
        case Closed:
            return row.closed;
        case Won:
            return row.closed > 0 ? QVariant(static_cast<double>(row.won) / row.closed) : QVariant();
        case Net:
            return net;
        case Signals:
            return row.signals;
        case Blocked:
            return row.blocked;
        default:
            return format::text(row.idea);
        }
    case SwitchRole:
        return static_cast<int>(isPending       ? paint::SwitchState::Pending
                                : row.isEnabled ? paint::SwitchState::On
                                                : paint::SwitchState::Off);
    case MutedRole:
        if (column != Name || isPending) {
            return {};
        }
        return !row.isEnabled ? QVariant(tr("in shadow"))
               : !row.silence.empty()
                   ? QVariant(format::text(row.silence).section(QLatin1Char(':'), 0, 0)) // until when: on hover
                   : QVariant();
    case ToneRole:
        return column == Net    ? tone(net > 0   ? Meaning::Gain
                                       : net < 0 ? Meaning::Loss
                                                 : Meaning::Text)
               : column == Idea ? tone(Meaning::TextMuted)
                                : QVariant();
    case ExportRole:
        return column == On ? QVariant(state) : QVariant();
    case Qt::AccessibleTextRole:
        return column == On ? QVariant(name + QLatin1Char(' ') + state) : QVariant();
    case Qt::ToolTipRole:
        if (column == On) {
            return isPending ? tr("Waiting for the engine") : tr("%1, by %2").arg(state, format::text(row.enabledBy));
        }
        return column == Name
                   ? QVariant(format::text(row.idea) + QStringLiteral("\n") +
                              tr("parameters %1").arg(format::text(row.parameterHash)) +
                              (row.silence.empty()
                                   ? QString()
                                   : QStringLiteral("\n") + say::silence(row.silence, context_.now(), context_.zone)))
                   : QVariant();
    default:
        return {};
    }
}

bool RosterModel::isSame(const console::StrategyRow& a, const console::StrategyRow& b) const
{
    return a.name == b.name;
}

bool RosterModel::isEqual(const console::StrategyRow& a, const console::StrategyRow& b) const
{
    const auto seen = [](const console::StrategyRow& r) {
        return std::tie(r.idea, r.isEnabled, r.enabledBy, r.parameterHash, r.silence, r.signals, r.blocked, r.open,
                        r.closed, r.won, r.net);
    };
    return seen(a) == seen(b);
}

RankingModel::RankingModel(QObject* parent) : RowModel(rankingColumns(), parent) {}

void RankingModel::setMinTrades(std::uint32_t trades)
{
    if (std::exchange(minTrades_, trades) != trades) {
        repaintAll(); // rows that are the same are told anew
    }
}

QVariant RankingModel::shown(const RankedRow& row, int column) const
{
    const auto& of = row.of;
    switch (column) {
    case Name:
        return format::text(of.strategy);
    case Trades:
        return format::count(of.trades);
    case Won:
        return of.trades > 0 ? format::percent(static_cast<double>(of.won) / of.trades, 1) : format::undefined();
    case Sharpe:
        return of.sharpe                ? format::decimal(*of.sharpe, 2)
               : of.trades < minTrades_ ? format::ofNeeded(of.trades, minTrades_)
                                        : format::undefined();
    case ProfitFactor:
        return format::decimal(of.profitFactor, 2);
    case Drawdown:
        return format::percent(of.maxDrawdown, 1);
    case Net:
        return format::signedMoney(of.net);
    default:
        return {};
    }
}

QVariant RankingModel::raw(const RankedRow& row, int column) const
{
    const auto& of = row.of;
    switch (column) {
    case Name:
        return QString(format::text(of.strategy) + QLatin1Char(' ') + row.instrument);
    case Trades:
        return of.trades;
    case Won:
        return of.trades > 0 ? QVariant(static_cast<double>(of.won) / of.trades) : QVariant();
    case Sharpe:
        return ifThere(of.sharpe);
    case ProfitFactor:
        return ifThere(of.profitFactor);
    case Drawdown:
        return ifThere(of.maxDrawdown);
    default:
        return base::toUsdt(of.net);
    }
}

QVariant RankingModel::why(const RankedRow& row, int column) const
{
    if (column == Sharpe && !row.of.sharpe) {
        return row.of.trades < minTrades_
                   ? tr("%1 of the %2 trades that a Sharpe ratio needs").arg(row.of.trades).arg(minTrades_)
                   : tr("Undefined after %n complete days: too few of them, or no spread among them", nullptr,
                        static_cast<int>(row.of.sharpeDays));
    }
    if (column == Sharpe) {
        return row.of.isProvisional ? tr("Provisional, from %1 clusters of overlapping trades").arg(row.of.sharpeDays)
                                    : tr("Daily, from %1 complete UTC days").arg(row.of.sharpeDays);
    }
    if (column == ProfitFactor && !row.of.profitFactor) {
        return tr("Undefined: no losing trade yet");
    }
    if (column == Drawdown && !row.of.maxDrawdown) {
        return tr("Undefined: no closed trade yet");
    }
    return {};
}

QVariant RankingModel::cell(const RankedRow& row, int column, int role) const
{
    const double net = base::toUsdt(row.of.net);
    const Meaning netTone = net > 0 ? Meaning::Gain : net < 0 ? Meaning::Loss : Meaning::Text;
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return raw(row, column);
    case MutedRole:
        return column == Name     ? QVariant(row.instrument)
               : column == Won    ? QVariant(format::percentInterval(row.of.winLow, row.of.winHigh))
               : column == Sharpe ? QVariant(sharpeInterval(row.of))
                                  : QVariant();
    case SparkRole:
        return column == Equity ? QVariant::fromValue(row.of.equity) : QVariant();
    case ToneRole:
        return column == Equity || column == Net    ? tone(netTone)
               : column == Sharpe && !row.of.sharpe ? tone(Meaning::TextFaint)
                                                    : QVariant();
    case Qt::ToolTipRole:
        return why(row, column);
    default:
        return {};
    }
}

bool RankingModel::isSame(const RankedRow& a, const RankedRow& b) const
{
    return a.of.strategy == b.of.strategy && a.of.instrument == b.of.instrument;
}

bool RankingModel::isEqual(const RankedRow& a, const RankedRow& b) const
{
    const auto seen = [](const RankedRow& r) {
        return std::tie(r.of.trades, r.of.won, r.of.winLow, r.of.winHigh, r.of.profitFactor, r.of.sharpe,
                        r.of.sharpeLow, r.of.sharpeHigh, r.of.sharpeDays, r.of.isProvisional, r.of.net,
                        r.of.maxDrawdown, r.of.equity, r.instrument);
    };
    return seen(a) == seen(b);
}

} // namespace qd::ui
