#include "ui/health/backup_model.h"

#include <QCoreApplication>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("backups", source);
}

std::vector<Column> columns()
{
    return {
        {.title = tip("Begun"), .kind = CellKind::Figure, .help = tip("The moment that it holds.")},
        {.title = tip("By"), .givesWay = 2},
        {.title = tip("Size"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Of the file, in kB, MB or GB.")},
        {.title = tip("Took"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Copying, restoring into a scratch file, and comparing; s, m, h or d."),
         .givesWay = 3},
        {.title = tip("Result"), .kind = CellKind::Tag, .width = 96},
        {.title = tip("Where"), .isStretched = true, .givesWay = 1},
    };
}

QString result(const health::BackupRow& row)
{
    return row.isCancelled() ? tip("cancelled")
           : !row.isGood()   ? tip("failed")
           : row.removed     ? tip("rotated")
                             : tip("proven");
}

QString explanation(const health::BackupRow& row)
{
    if (!row.isGood()) {
        return format::text(row.error);
    }
    return format::text(row.proof) +
           (row.removed ? QLatin1Char('\n') + tip("Removed since, by the policy of how many are kept") : QString());
}

} // namespace

BackupModel::BackupModel(const PageContext& context, QObject* parent) : RowModel(columns(), parent), context_(context)
{
}

QString BackupModel::shown(const health::BackupRow& row, int column) const
{
    switch (column) {
    case When:
        return format::moment(row.began, context_.now(), context_.zone);
    case By:
        return format::text(row.by);
    case Size:
        return row.isGood() ? format::bytes(row.bytes) : format::undefined();
    case Took:
        return format::milliseconds(static_cast<double>(row.took.count()));
    case Result:
        return result(row);
    default:
        return format::text(row.file);
    }
}

QVariant BackupModel::cell(const health::BackupRow& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        switch (column) {
        case When:
            return static_cast<qlonglong>(row.began.value);
        case Size:
            return static_cast<qulonglong>(row.bytes);
        case Took:
            return static_cast<qlonglong>(row.took.count());
        default:
            return shown(row, column);
        }
    case ToneRole:
        if (column != Result) {
            return {};
        }
        return QVariant::fromValue(row.isCancelled() || row.removed ? Meaning::TextMuted
                                   : row.isGood()                   ? Meaning::Gain
                                                                    : Meaning::Loss);
    case ExportRole:
        return column == When ? QVariant(format::text(base::isoText(row.began))) : QVariant();
    case Qt::ToolTipRole:
        return column == When   ? QVariant(format::text(base::isoText(row.began)))
               : column == File ? QVariant(format::text(row.file))
                                : QVariant(explanation(row));
    default:
        return {};
    }
}

bool BackupModel::isSame(const health::BackupRow& a, const health::BackupRow& b) const
{
    return a.id == b.id;
}

bool BackupModel::isEqual(const health::BackupRow& a, const health::BackupRow& b) const
{
    return a == b;
}

} // namespace qd::ui
