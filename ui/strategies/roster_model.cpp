#include "ui/strategies/roster_model.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/widgets/paint.h"

#include <tuple>

namespace qd::ui {

namespace {

std::vector<Column> columns()
{
    const auto tr = [](const char* source) { return StrategiesModel::tr(source); };
    std::vector<Column> out{
        {.title = tr("Strategy"), .isStretched = true},
        {.title = tr("On"),
         .kind = CellKind::Switch,
         .help = tr("Off: it goes on in shadow and is scored, but does not count in the roster's equity."),
         .width = 46},
        {.title = tr("Stage"),
         .kind = CellKind::Tag,
         .help = tr("Paper, candidate, ready for live, or archived: then it does not run."),
         .width = 100}};
    for (const auto figure :
         {Figure::Equity, Figure::Trades, Figure::Won, Figure::Sharpe, Figure::Deflated, Figure::ProfitFactor,
          Figure::Drawdown, Figure::Expectancy, Figure::Null, Figure::Band, Figure::Net}) {
        out.push_back(columnOf(figure));
        // What a first look does without, so that the table fits beside the detail.
        out.back().isHidden = out.back().isHidden || figure == Figure::Null || figure == Figure::Deflated;
    }
    out.push_back({.title = tr("Idea"), .isHidden = true});
    return out;
}

} // namespace

StrategiesModel::StrategiesModel(const PageContext& context, QObject* parent)
    : RowModel(columns(), parent),
      context_(context)
{
    connect(&context.commands, &CommandDesk::pendingChanged, this, [this] { repaintAll(); });
}

int StrategiesModel::rowOf(const QString& strategy) const
{
    for (int i = 0; i < rowCount(); ++i) {
        if (format::text(row(i).of.name) == strategy) {
            return i;
        }
    }
    return -1;
}

QString StrategiesModel::offText(const console::StrategyRow& row, base::UtcMs now, format::Zone zone)
{
    if (row.isEnabled) {
        return {};
    }
    const QString who = row.enabledBy == "operator" ? tr("off by you")
                        : row.enabledBy == "policy" ? tr("off by policy")
                                                    : tr("off from the start");
    if (row.enabledSince.value <= 0) {
        return who;
    }
    const QString day = format::day(row.enabledSince, zone);
    return tr("%1 since %2").arg(who, day == format::day(now, zone) ? format::hourMinute(row.enabledSince, zone) : day);
}

QVariant StrategiesModel::nameCell(const StrategyEntry& row, int role) const
{
    const QString name = format::text(row.of.name);
    const bool isPending = context_.commands.isPending(name);
    const QString silence = say::silence(row.of.silence, context_.now(), context_.zone);
    const QString off = offText(row.of, context_.now(), context_.zone);
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return name;
    case ToneRole:
        return QVariant::fromValue(row.of.isEnabled ? Meaning::Text : Meaning::TextMuted);
    case BelowRole:
        return isPending           ? QVariant(tr("pending"))
               : !off.isEmpty()    ? QVariant(off)
               : silence.isEmpty() ? QVariant()
                                   : QVariant(say::shortSilence(row.of.silence, context_.now(), context_.zone));
    case BelowToneRole:
        return QVariant::fromValue(isPending ? Meaning::Warning : Meaning::TextFaint);
    case ExportRole:
        return name;
    case Qt::ToolTipRole: {
        QStringList lines{format::text(row.of.idea), tr("Parameters %1").arg(format::text(row.of.parameterHash))};
        for (const auto& line : {off, silence}) {
            if (!line.isEmpty()) {
                lines << line;
            }
        }
        return lines.join(QLatin1Char('\n'));
    }
    default:
        return {};
    }
}

QVariant StrategiesModel::switchCell(const StrategyEntry& row, int role) const
{
    const QString name = format::text(row.of.name);
    const bool isPending = context_.commands.isPending(name);
    const QString off = offText(row.of, context_.now(), context_.zone);
    const bool isArchived = row.of.stage == governance::Stage::Archived;
    const QString state = isPending ? tr("pending") : isArchived ? tr("archived") : row.of.isEnabled ? tr("on") : off;
    switch (role) {
    case SortRole:
        return row.of.isEnabled && !isArchived;
    case SwitchRole:
        return static_cast<int>(isPending          ? paint::SwitchState::Pending
                                : isArchived       ? paint::SwitchState::Disabled
                                : row.of.isEnabled ? paint::SwitchState::On
                                                   : paint::SwitchState::Off);
    case ExportRole:
        return state;
    case Qt::AccessibleTextRole:
        return QString(name + QLatin1Char(' ') + state);
    case Qt::ToolTipRole:
        return isPending          ? tr("Waiting for the engine")
               : isArchived       ? tr("Archived: it does not run. Revive it to switch it.")
               : row.of.isEnabled ? tr("On: it trades and counts. A click switches it off; shadow trading goes on.")
                                  : tr("%1: shadow trading goes on. A click switches it on.").arg(state);
    default:
        return {};
    }
}

QVariant StrategiesModel::stageCell(const StrategyEntry& row, int role) const
{
    const auto stage = row.of.stage;
    switch (role) {
    case Qt::DisplayRole:
        return say::stage(stage) + (row.of.passedRed ? QStringLiteral(" !") : QString());
    case SortRole:
        return static_cast<int>(stage);
    case ToneRole:
        return QVariant::fromValue(say::tone(stage));
    case Qt::ToolTipRole: {
        QString text =
            row.of.stageSince.value > 0
                ? tr("%1 since %2")
                      .arg(say::stage(stage), format::moment(row.of.stageSince, context_.now(), context_.zone))
                : say::stage(stage);
        return row.of.passedRed ? text + QLatin1Char('\n') + tr("Promoted against red gates") : text;
    }
    default:
        return {};
    }
}

QVariant StrategiesModel::cell(const StrategyEntry& row, int column, int role) const
{
    switch (column) {
    case Name:
        return nameCell(row, role);
    case On:
        return switchCell(row, role);
    case Stage:
        return stageCell(row, role);
    case Idea:
        return role == Qt::DisplayRole || role == SortRole || role == Qt::ToolTipRole
                   ? QVariant(format::text(row.of.idea))
               : role == ToneRole ? QVariant::fromValue(Meaning::TextMuted)
                                  : QVariant();
    default:
        return figureCell(row.figures.get(), static_cast<Figure>(column - Equity), role);
    }
}

bool StrategiesModel::isSame(const StrategyEntry& a, const StrategyEntry& b) const
{
    return a.of.name == b.of.name;
}

bool StrategiesModel::isEqual(const StrategyEntry& a, const StrategyEntry& b) const
{
    const auto seen = [](const StrategyEntry& r) {
        return std::tie(r.of.idea, r.of.isEnabled, r.of.enabledSince, r.of.enabledBy, r.of.parameterHash, r.of.silence,
                        r.of.stage, r.of.stageSince, r.of.passedRed, r.figures);
    };
    return seen(a) == seen(b);
}

} // namespace qd::ui
