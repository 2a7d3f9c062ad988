#include "ui/schedule/schedule_models.h"

#include "ui/widgets/paint.h"

#include <algorithm>

namespace qd::ui {

using governance::JobState;

namespace {

constexpr qsizetype longestTag = 30;
constexpr base::Millis dueFor{-10'000}; // a job that is due for longer waits for something

/// The first part of a result, which says what matters.
QString clipped(const QString& result)
{
    const auto text = result.section(QLatin1Char(';'), 0, 0);
    return text.size() > longestTag ? text.left(longestTag - 1) + QChar(0x2026) : text;
}

QString capital(QString words)
{
    words[0] = words[0].toUpper();
    return words;
}

std::vector<Column> jobColumns()
{
    const auto tr = [](const char* source) { return JobsModel::tr(source); };
    const auto figure = [&](const char* title, const char* help, int width, int givesWay) {
        return Column{.title = tr(title),
                      .kind = CellKind::Figure,
                      .alignment = Qt::AlignRight,
                      .help = tr(help),
                      .width = width,
                      .givesWay = givesWay};
    };
    return {{.title = tr("Job"), .isStretched = true},
            {.title = tr("When"), .help = tr("Local times are those of display.zone."), .width = 216, .givesWay = 1},
            {.title = tr("On"), .kind = CellKind::Switch, .alignment = Qt::AlignRight, .width = 60},
            figure("Next", "When it begins by itself: the time, or how far off it is.", 130, 0),
            figure("Last run", "The time at which its newest run began.", 136, 2),
            figure("Took", "Without the time that the machine slept; s, m, h or d.", 80, 3),
            {.title = tr("Result"), .kind = CellKind::Tag, .alignment = Qt::AlignRight, .width = 200},
            {.title = {},
             .kind = CellKind::Tag,
             .alignment = Qt::AlignRight,
             .help = tr("R runs the chosen job now"),
             .width = 96}};
}

} // namespace

QString stateWord(JobState state)
{
    QString word = format::text(governance::name(state));
    word[0] = word[0].toUpper();
    return word;
}

Meaning toneOf(JobState state)
{
    return governance::isBad(state)       ? Meaning::Loss
           : state == JobState::Succeeded ? Meaning::Gain
           : state == JobState::Running   ? Meaning::Focus
                                          : Meaning::TextMuted;
}

QString nextText(base::UtcMs next, base::UtcMs now, format::Zone zone)
{
    const auto left = next - now;
    if (left <= base::Millis{0}) { // due; what holds it up shows in its result, or is the exchange's ticks
        return left > dueFor ? JobsModel::tr("now") : JobsModel::tr("when it can");
    }
    return left < base::oneDay ? JobsModel::tr("in %1").arg(format::duration(left)) : format::moment(next, now, zone);
}

JobsModel::JobsModel(const PageContext& context, QObject* parent) : RowModel(jobColumns(), parent), context_(context) {}

void JobsModel::setPending(const std::set<std::string>& names)
{
    if (names != pending_) {
        pending_ = names;
        repaintAll();
    }
}

int JobsModel::rowOf(const std::string& name) const
{
    const auto found = std::ranges::find(rows(), name, &console::JobLine::name);
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QString JobsModel::shown(const console::JobLine& row, int column) const
{
    switch (column) {
    case Title:
        return format::text(row.title);
    case When:
        return format::text(row.times);
    case Next:
        return row.isPaused ? tr("paused")
               : row.next   ? nextText(*row.next, context_.now(), context_.zone)
                            : format::undefined();
    case Last:
        return row.last ? format::moment(row.last->begun.value_or(row.last->staged), context_.now(), context_.zone)
                        : format::undefined();
    case Took:
        return row.now && row.now->begun ? format::duration(row.now->awake)
               : row.last                ? format::duration(row.last->awake)
                                         : format::undefined();
    case Result:
        if (row.now) {
            if (row.now->state < JobState::Running && !row.now->phase.empty()) {
                return clipped(capital(format::text(row.now->phase))); // what it waits for
            }
            return row.now->progress
                       ? tr("%1 %2").arg(stateWord(row.now->state), format::percent(*row.now->progress, 0))
                       : stateWord(row.now->state);
        }
        if (!row.last) {
            return tr("never ran");
        }
        return row.last->state == JobState::Succeeded && !row.last->result.empty()
                   ? clipped(format::text(row.last->result))
                   : stateWord(row.last->state);
    case Action:
        return row.now ? tr("Cancel") : row.cannotRun.empty() ? tr("Run now") : QString();
    default:
        return {};
    }
}

QVariant JobsModel::sorted(const console::JobLine& row, int column) const
{
    const auto time = [](const std::optional<base::UtcMs>& at) {
        return at ? QVariant(static_cast<qlonglong>(at->value)) : QVariant();
    };
    switch (column) {
    case On:
        return row.isPaused ? 0 : 1;
    case Next:
        return time(row.isPaused ? std::nullopt : row.next);
    case Last:
        return time(row.last ? std::optional(row.last->begun.value_or(row.last->staged)) : std::nullopt);
    case Took:
        return row.last ? QVariant(static_cast<qlonglong>(row.last->awake.count())) : QVariant();
    default:
        return shown(row, column);
    }
}

QString JobsModel::tip(const console::JobLine& row, int column) const
{
    if (column == Result && row.now) {
        return format::text(row.now->phase);
    }
    if (column == Result && row.last) {
        return tr("%1: %2").arg(stateWord(row.last->state), format::text(row.last->result));
    }
    if (column == Title && !row.command.empty()) {
        return QStringLiteral("$ ") + format::text(row.command);
    }
    if (column == Next && !row.waits.empty()) {
        return tr("waits: %1").arg(format::text(row.waits));
    }
    if (column == Next) { // the cell says how far it is
        return row.isPaused ? tr("It begins when it is resumed, or by Run now")
               : row.next   ? format::moment(*row.next, context_.now(), context_.zone)
                            : tr("Nothing is due: %1").arg(format::text(row.times));
    }
    if (column == Action && !row.cannotRun.empty()) {
        return format::text(row.cannotRun);
    }
    return column == On && !row.canPause ? tr("It is always on") : QString();
}

QVariant JobsModel::cell(const console::JobLine& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return column == On ? QVariant() : QVariant(shown(row, column));
    case SortRole:
        return sorted(row, column);
    case ExportRole:
        return column == On       ? QVariant(row.isPaused ? tr("paused") : tr("on"))
               : column == Action ? QVariant(QString())
                                  : QVariant();
    case SwitchRole:
        return static_cast<int>(!row.canPause                 ? paint::SwitchState::Locked
                                : pending_.contains(row.name) ? paint::SwitchState::Pending
                                : row.isPaused                ? paint::SwitchState::Off
                                                              : paint::SwitchState::On);
    case ToneRole:
        if (column == Result) {
            return QVariant::fromValue(row.now    ? toneOf(row.now->state)
                                       : row.last ? toneOf(row.last->state)
                                                  : Meaning::TextFaint);
        }
        return column == Action                   ? QVariant::fromValue(Meaning::Text)
               : column == When || column == Last ? QVariant::fromValue(Meaning::TextMuted)
                                                  : QVariant();
    case MutedRole:
        return column == Title && !row.command.empty() ? QVariant(tr("outside")) : QVariant();
    case Qt::AccessibleTextRole:
        return column == On ? QVariant(row.isPaused ? tr("paused") : tr("on")) : QVariant();
    case Qt::ToolTipRole:
        return tip(row, column);
    default:
        return {};
    }
}

bool JobsModel::isSame(const console::JobLine& a, const console::JobLine& b) const
{
    return a.name == b.name;
}

bool JobsModel::isEqual(const console::JobLine& a, const console::JobLine& b) const
{
    return a == b && !a.next; // what is next is told by how far it is
}

JobRunsModel::JobRunsModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tr("Run"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("Its number."),
                 .width = 70},
                {.title = tr("Began"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("The time at which it began."),
                 .width = 150},
                {.title = tr("Why"), .width = 120, .givesWay = 1},
                {.title = tr("Took"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("Without the time that the machine slept; s, m, h or d."),
                 .width = 80},
                {.title = tr("State"), .kind = CellKind::Tag, .width = 104},
                {.title = tr("Result"), .isStretched = true}},
               parent),
      context_(context)
{
}

int JobRunsModel::rowOf(std::int64_t run) const
{
    const auto found = std::ranges::find(rows(), run, &governance::JobRunRow::id);
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QVariant JobRunsModel::cell(const governance::JobRunRow& row, int column, int role) const
{
    const auto began = row.begun.value_or(row.staged);
    switch (role) {
    case Qt::DisplayRole:
        return column == Run        ? QString::number(row.id)
               : column == Began    ? format::moment(began, context_.now(), context_.zone)
               : column == Trigger  ? format::text(row.trigger)
               : column == Took     ? (row.begun ? format::duration(row.awake) : format::undefined())
               : column == State    ? stateWord(row.state)
               : row.result.empty() ? format::text(row.phase)
                                    : format::text(row.result);
    case SortRole:
        return column == Run     ? QVariant(static_cast<qlonglong>(row.id))
               : column == Began ? QVariant(static_cast<qlonglong>(began.value))
               : column == Took  ? QVariant(static_cast<qlonglong>(row.awake.count()))
                                 : cell(row, column, Qt::DisplayRole);
    case ToneRole:
        return column == State || (column == Result && governance::isBad(row.state))
                   ? QVariant::fromValue(toneOf(row.state))
                   : QVariant();
    case Qt::ToolTipRole:
        return column == Result ? QVariant(format::text(row.result)) : QVariant();
    default:
        return {};
    }
}

bool JobRunsModel::isSame(const governance::JobRunRow& a, const governance::JobRunRow& b) const
{
    return a.id == b.id;
}

bool JobRunsModel::isEqual(const governance::JobRunRow& a, const governance::JobRunRow& b) const
{
    return a == b;
}

JobLogModel::JobLogModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tr("Time"), .kind = CellKind::Figure, .width = 120},
                {.title = tr("What it said"), .isStretched = true}},
               parent),
      context_(context)
{
}

QVariant JobLogModel::cell(const governance::JobLogLine& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return column == Time ? format::timeOfDay(row.time, context_.zone) +
                                    QStringLiteral(".%1").arg(row.time.value % 1'000, 3, 10, QLatin1Char('0'))
                              : format::text(row.text);
    case SortRole:
        return static_cast<qlonglong>(column == Time ? row.time.value : row.line);
    case ExportRole:
        return column == Time ? QVariant(format::text(base::isoText(row.time))) : QVariant();
    case ToneRole:
        return QVariant::fromValue(column == Time ? Meaning::TextMuted : row.isError ? Meaning::Loss : Meaning::Text);
    case Qt::ToolTipRole:
        return column == Text ? QVariant(format::text(row.text)) : QVariant();
    default:
        return {};
    }
}

bool JobLogModel::isSame(const governance::JobLogLine& a, const governance::JobLogLine& b) const
{
    return a.run == b.run && a.line == b.line;
}

bool JobLogModel::isEqual(const governance::JobLogLine& a, const governance::JobLogLine& b) const
{
    return a == b;
}

} // namespace qd::ui
