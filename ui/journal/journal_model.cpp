#include "ui/journal/journal_model.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/questions.h"

#include <QRegularExpression>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr std::size_t mostOutstanding = 3;

std::vector<Column> columns()
{
    const auto tr = [](const char* source) { return JournalModel::tr(source); };
    return {{.title = tr("When"), .kind = CellKind::Figure},
            {.title = tr("By"), .kind = CellKind::Tag, .help = tr("Operator: you. Policy: by itself."), .width = 86},
            {.title = tr("Kind"), .kind = CellKind::Tag, .help = tr("What it is about."), .width = 104},
            {.title = tr("Decision"), .help = tr("What changed.")},
            {.title = tr("Reason")},
            {.title = tr("Evidence"), .help = tr("The figures of that moment."), .isStretched = true},
            {.title = tr("Undo"), .help = tr("Whether it was taken back, or can be. Press U."), .width = 84}};
}

QString quoted(QString text)
{
    const bool isPlain =
        !text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n'));
    return isPlain ? text
                   : QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

/// "label: figure" where every part between commas is a figure with its name or unit; else as it is.
QStringList figuresIn(const QString& piece)
{
    static const QRegularExpression named(QStringLiteral("^(\\p{L}[\\p{L} ]*) ([+\\-−]?\\d\\S*)$"));
    static const QRegularExpression counted(QStringLiteral("^\\d\\S* \\p{L}+$"));
    QStringList out;
    const auto parts = piece.split(QStringLiteral(", "));
    for (const auto& part : parts) {
        if (const auto is = named.match(part); is.hasMatch()) {
            out << QStringLiteral("%1: %2").arg(is.captured(1), is.captured(2));
        } else if (counted.match(part).hasMatch()) {
            out << part;
        } else {
            return {piece};
        }
    }
    return out;
}

} // namespace

QString evidenceLines(const QString& evidence)
{
    // One figure of the execution calibration: "BTC-USDT buy 5.00 → 1.52 bps, n 122, CALIBRATED".
    static const QRegularExpression charge(QStringLiteral("^(\\S+ (?:buy|sell)) (.+ bps), n (\\d+), ([A-Z]+)$"));
    QStringList out;
    const auto lines = evidence.split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (const auto& line : lines) {
        const auto pieces = line.split(QStringLiteral("; "), Qt::SkipEmptyParts);
        for (const auto& piece : pieces) {
            if (const auto is = charge.match(piece); is.hasMatch()) {
                const bool isUsual = is.captured(4) == QLatin1String("CALIBRATED"); // the decision's own words say it
                out << JournalModel::tr("%1: %2, %3 fills").arg(is.captured(1), is.captured(2), is.captured(3)) +
                           (isUsual ? QString() : QStringLiteral(", ") + is.captured(4).toLower());
            } else {
                out << figuresIn(piece);
            }
        }
    }
    return out.join(QLatin1Char('\n'));
}

JournalModel::JournalModel(const PageContext& context, QObject* parent)
    : TableModel(columns(), parent),
      context_(context)
{
    connect(&context.commands, &CommandDesk::pendingChanged, this, &JournalModel::repaintAll);
}

void JournalModel::setFilter(const console::AskJournal& filter)
{
    filter_ = filter;
    first_ = 0;
    last_ = 0;
    renew();
}

void JournalModel::renew()
{
    ++generation_;
    isRenewing_ = true;
    asked_.clear();
    ask(static_cast<std::size_t>(first_) / pageSize);
}

void JournalModel::want(int first, int last)
{
    first_ = std::max(0, first);
    last_ = std::max(first_, last);
    if (!isRenewing_) {
        askForWanted();
    }
}

void JournalModel::askForWanted()
{
    if (total_ == 0) {
        return;
    }
    const auto newest = static_cast<std::size_t>(total_ - 1) / pageSize;
    const auto from = std::min(newest, static_cast<std::size_t>(first_) / pageSize);
    const auto to = std::min(newest, static_cast<std::size_t>(last_) / pageSize + 1);
    for (auto page = from; page <= to && asked_.size() < mostOutstanding; ++page) {
        if (!pages_.contains(page) && std::ranges::find(asked_, page) == asked_.end()) {
            ask(page);
        }
    }
}

void JournalModel::ask(std::size_t page)
{
    auto query = filter_;
    query.offset = page * pageSize;
    query.limit = pageSize;
    asked_.push_back(page);
    context_.questions.ask(query, this, [this, page, generation = generation_](const console::Answer& answer) {
        take(generation, page, answer);
    });
}

void JournalModel::take(std::uint64_t generation, std::size_t page, const console::Answer& answer)
{
    if (generation != generation_) {
        return; // of an older filter
    }
    std::erase(asked_, page);
    const auto* value = std::get_if<console::JournalPage>(&answer.value);
    if (answer.error || value == nullptr) {
        isRenewing_ = false;
        Q_EMIT failed(answer.error.value_or(base::Error{}));
        return;
    }
    if (std::exchange(isRenewing_, false)) {
        pages_.clear();
    }
    isKnown_ = true;
    pages_[page] = value->rows; // before the rows are told: columns are fitted as they come
    setTotal(static_cast<int>(std::min<std::uint64_t>(value->total, 100'000'000)));
    repaintAll();
    Q_EMIT arrived();
    askForWanted();
}

void JournalModel::setTotal(int total)
{
    if (total > total_) {
        beginInsertRows({}, total_, total - 1);
        total_ = total;
        endInsertRows();
    } else if (total < total_) {
        beginRemoveRows({}, total, total_ - 1);
        total_ = total;
        endRemoveRows();
    }
}

void JournalModel::repaintAll()
{
    if (total_ > 0) {
        Q_EMIT dataChanged(index(0, 0), index(total_ - 1, columnCount() - 1));
    }
}

int JournalModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : total_;
}

const console::JournalRow* JournalModel::at(int row) const
{
    if (row < 0) {
        return nullptr;
    }
    const auto page = pages_.find(static_cast<std::size_t>(row) / pageSize);
    const auto offset = static_cast<std::size_t>(row) % pageSize;
    return page == pages_.end() || offset >= page->second.size() ? nullptr : &page->second[offset];
}

int JournalModel::rowOf(std::int64_t decision) const
{
    for (const auto& [page, rows] : pages_) {
        const auto found =
            std::ranges::find(rows, decision, [](const console::JournalRow& row) { return row.decision.id; });
        if (found != rows.end()) {
            return static_cast<int>(page * pageSize + static_cast<std::size_t>(found - rows.begin()));
        }
    }
    return -1;
}

QString JournalModel::undoText(const console::JournalRow& row) const
{
    return context_.commands.isDecisionPending(row.decision.id) ? tr("pending")
           : row.isUndone                                       ? tr("taken back")
           : row.cannotUndo.empty()                             ? tr("possible")
                                                                : format::undefined();
}

QVariant JournalModel::shown(const console::JournalRow& row, int column) const
{
    switch (column) {
    case When:
        return format::moment(row.decision.time, context_.now(), context_.zone);
    case By:
        return row.decision.by == governance::Actor::Operator ? tr("operator") : tr("policy");
    case Kind:
        return say::kind(governance::kindOf(row.decision));
    case What:
        return format::text(row.decision.what);
    case Why:
        return format::text(row.decision.why);
    case Evidence:
        return format::text(row.decision.evidence);
    default:
        return undoText(row);
    }
}

QVariant JournalModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const int column = index.column();
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(this->column(column).alignment | Qt::AlignVCenter);
    }
    const auto* row = at(index.row());
    if (row == nullptr) {
        return role == Qt::DisplayRole && column == What ? QVariant(tr("…")) : QVariant();
    }
    switch (role) {
    case Qt::DisplayRole:
        return shown(*row, column);
    case SortRole:
        return column == When ? QVariant::fromValue(row->decision.time.value) : shown(*row, column);
    case ExportRole:
        return column == When ? QVariant(format::text(base::isoText(row->decision.time))) : QVariant();
    case ToneRole:
        return column == By ? QVariant::fromValue(row->decision.by == governance::Actor::Operator ? Meaning::TextMuted
                                                                                                  : Meaning::Focus)
               : column == Kind ? QVariant::fromValue(Meaning::TextMuted)
               : column == What ? QVariant::fromValue(row->isUndone ? Meaning::TextMuted : Meaning::Text)
               : column == When ? QVariant()
                                : QVariant::fromValue(Meaning::TextMuted);
    case Qt::ToolTipRole:
        return column == Undone && !row->cannotUndo.empty() ? QVariant(format::text(row->cannotUndo))
               : column == Evidence ? QVariant(evidenceLines(format::text(row->decision.evidence)))
                                    : QVariant(shown(*row, column).toString());
    default:
        return {};
    }
}

QString journalCsvHeader()
{
    return QStringLiteral("id,time,by,kind,what,changes,why,evidence,undoes,undone,next\n");
}

QString journalCsv(const console::JournalRow& row)
{
    const auto& of = row.decision;
    const QStringList cells{QString::number(of.id),
                            format::text(base::isoText(of.time)),
                            format::text(governance::name(of.by)),
                            format::text(governance::name(governance::kindOf(of))),
                            quoted(format::text(of.what)),
                            quoted(format::text(governance::text(of.changes))),
                            quoted(format::text(of.why)),
                            quoted(format::text(of.evidence)),
                            of.undoes ? QString::number(*of.undoes) : QString(),
                            row.isUndone ? QStringLiteral("yes") : QString(),
                            quoted(format::text(row.next))};
    return cells.join(QLatin1Char(',')) + QLatin1Char('\n');
}

} // namespace qd::ui
