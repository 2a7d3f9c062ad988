#include "ui/experiments/experiment_models.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"

#include <algorithm>
#include <tuple>

namespace qd::ui {

namespace {

std::vector<Column> armColumns()
{
    const auto tr = [](const char* source) { return ArmsModel::tr(source); };
    const auto figure = [&](const char* title, const char* help, int givesWay = 0) {
        return Column{.title = tr(title),
                      .kind = CellKind::Figure,
                      .alignment = Qt::AlignRight,
                      .help = tr(help),
                      .givesWay = givesWay};
    };
    return {{.title = tr("Arm"), .help = tr("A is what ran before, B the challenger."), .isStretched = true},
            figure("Trades", "Closed in this arm's book since it began, a count."),
            figure("Won", "Share of trades won, %.", 1),
            figure("Sharpe", "Daily, a year, once there are days enough."),
            figure("Expectancy", "Mean net of a trade, USDT."),
            {.title = tr("Net, USDT"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tr("USDT, after fees and funding."),
             .isHidden = true},
            {.title = tr("Parameters"),
             .help = tr("First digits of the hash, or the model."),
             .width = 96,
             .isHidden = true}};
}

QVariant measure(const statistics::Measure& value)
{
    return value ? QVariant(*value) : QVariant();
}

} // namespace

QString experimentTitle(const governance::ExperimentPlan& plan)
{
    const QString subject = format::text(plan.subject);
    switch (plan.comparison) {
    case governance::Comparison::OnOff:
        return ExperimentsModel::tr("%1: on against off").arg(subject);
    case governance::Comparison::Models:
        return ExperimentsModel::tr("%1: model %2 against %3").arg(subject, format::text(plan.b), format::text(plan.a));
    case governance::Comparison::Parameters:
        break;
    }
    return ExperimentsModel::tr("%1: %2 (B) against %3 (A)")
        .arg(subject, format::text(plan.b).left(8), format::text(plan.a).left(8));
}

QString experimentState(const console::ExperimentRow& row)
{
    if (row.ended) {
        return row.outcome.empty() ? ExperimentsModel::tr("Ended") : format::text(row.outcome);
    }
    return say::verdict(row.assessment.verdict);
}

ExperimentsModel::ExperimentsModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tr("Experiment"), .isStretched = true},
                {.title = tr("Verdict"), .kind = CellKind::Tag, .width = 118}},
               parent),
      context_(context)
{
    connect(&context.commands, &CommandDesk::pendingChanged, this, [this] { repaintAll(); });
}

int ExperimentsModel::rowOf(std::int64_t id) const
{
    const auto found = std::ranges::find(rows(), id, [](const console::ExperimentRow& row) { return row.plan.id; });
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QVariant ExperimentsModel::cell(const console::ExperimentRow& row, int column, int role) const
{
    const bool isPending = context_.commands.isExperimentPending(row.plan.id);
    const QString name = format::text(row.plan.subject);
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return column == Name ? QVariant(name) : QVariant(isPending ? tr("pending") : experimentState(row));
    case BelowRole:
        if (column != Name) {
            return {};
        }
        return row.ended ? tr("ended %1").arg(format::day(*row.ended, context_.zone))
                         : (row.plan.begins > context_.now()
                                ? tr("begins %1").arg(format::day(row.plan.begins, context_.zone))
                                : tr("since %1").arg(format::day(row.plan.begins, context_.zone)));
    case ToneRole:
        return column == State ? QVariant::fromValue(row.ended ? Meaning::TextMuted : say::tone(row.assessment.verdict))
                               : QVariant::fromValue(row.ended ? Meaning::TextMuted : Meaning::Text);
    case Qt::ToolTipRole:
        return experimentTitle(row.plan) + QLatin1Char('\n') + format::text(row.why);
    default:
        return {};
    }
}

bool ExperimentsModel::isSame(const console::ExperimentRow& a, const console::ExperimentRow& b) const
{
    return a.plan.id == b.plan.id;
}

bool ExperimentsModel::isEqual(const console::ExperimentRow& a, const console::ExperimentRow& b) const
{
    return std::tie(a.outcome, a.ended, a.assessment.at, a.assessment.verdict) ==
           std::tie(b.outcome, b.ended, b.assessment.at, b.assessment.verdict);
}

ArmsModel::ArmsModel(QObject* parent) : RowModel(armColumns(), parent) {}

QVariant ArmsModel::cell(const console::ExperimentArm& row, int column, int role) const
{
    const double net = row.net;
    const auto toneOf = [](double value) {
        return QVariant::fromValue(value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text);
    };
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Name:
            return format::text(row.name);
        case Trades:
            return format::count(row.trades);
        case Won:
            return row.winRate ? format::percent(*row.winRate, 1) : format::undefined();
        case Sharpe:
            return row.sharpe ? format::decimal(*row.sharpe, 2) : format::undefined();
        case Expectancy:
            return row.expectancy ? format::signedDecimal(*row.expectancy, 2) : format::undefined();
        case Net:
            return format::signedDecimal(net, 2);
        default:
            return row.hash == "off"                 ? tr("off")
                   : governance::versionOf(row.hash) ? format::text(row.hash) // a model, not a hash
                                                     : format::text(row.hash.substr(0, 8));
        }
    case SortRole:
        return column == Trades       ? QVariant::fromValue(row.trades)
               : column == Won        ? measure(row.winRate)
               : column == Sharpe     ? measure(row.sharpe)
               : column == Expectancy ? measure(row.expectancy)
               : column == Net        ? QVariant(net)
                                      : cell(row, column, Qt::DisplayRole);
    case ToneRole:
        return column == Net                            ? toneOf(net)
               : column == Expectancy && row.expectancy ? toneOf(*row.expectancy)
               : column == Name && row.name == "B"      ? QVariant::fromValue(Meaning::Focus)
                                                        : QVariant();
    case MutedRole:
        return column == Name ? QVariant(row.name == "A" ? tr("incumbent") : tr("challenger")) : QVariant();
    case ExportRole:
        return column == Hash ? QVariant(format::text(row.hash)) : QVariant();
    case Qt::ToolTipRole: {
        const auto why = [](const statistics::Measure& m) {
            return m ? QString() : format::text(statistics::sentence(m.error()));
        };
        return column == Won          ? QVariant(why(row.winRate))
               : column == Sharpe     ? QVariant(why(row.sharpe))
               : column == Expectancy ? QVariant(why(row.expectancy))
               : column == Hash ? QVariant(format::text(row.parameters).replace(QLatin1Char('|'), QLatin1Char('\n')))
                                : QVariant();
    }
    default:
        return {};
    }
}

bool ArmsModel::isSame(const console::ExperimentArm& a, const console::ExperimentArm& b) const
{
    return a.name == b.name;
}

bool ArmsModel::isEqual(const console::ExperimentArm& a, const console::ExperimentArm& b) const
{
    return std::tie(a.hash, a.trades, a.won, a.net, a.sharpe, a.parameters) ==
           std::tie(b.hash, b.trades, b.won, b.net, b.sharpe, b.parameters);
}

} // namespace qd::ui
