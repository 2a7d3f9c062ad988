#include "ui/health/gap_model.h"

#include <QCoreApplication>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;

QString tip(const char* source)
{
    return QCoreApplication::translate("gaps", source);
}

std::vector<Column> columns()
{
    return {
        {.title = tip("Instrument")},
        {.title = tip("From"), .kind = CellKind::Figure, .help = tip("The last trade before the gap.")},
        {.title = tip("To"), .kind = CellKind::Figure, .help = tip("The first trade after it.")},
        {.title = tip("Length"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("From the last trade before it to the first after it; s, m, h or d.")},
        {.title = tip("Cause"), .isStretched = true},
        {.title = tip("Found"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Trades that the exchange's REST gave back, a count.")},
        {.title = tip("Missing"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("Contracts that stayed missing.")},
        {.title = tip("Measured"), .kind = CellKind::Tag, .alignment = right, .width = 108},
    };
}

QString text(std::string_view utf8)
{
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

Meaning toneOf(const market::Gap& gap)
{
    if (gap.measure == market::GapMeasure::Open) {
        return Meaning::TextMuted;
    }
    const bool isWhole = gap.missing && gap.missing->value == 0;
    return isWhole ? Meaning::Gain : Meaning::Warning;
}

QString explanation(const market::Gap& gap)
{
    switch (gap.measure) {
    case market::GapMeasure::Open:
        return tip("Undefined: the exchange has not closed these minutes yet, or its REST does not answer");
    case market::GapMeasure::Exact:
        return tip("The ids run on without a hole: nothing is missing");
    case market::GapMeasure::ByVolume:
        return tip("The contracts of the exchange's one-minute candles, less ours");
    case market::GapMeasure::Unknown:
        return tip("Undefined: the exchange has no candles of that time any more");
    }
    return {};
}

} // namespace

GapModel::GapModel(const PageContext& context, QObject* parent) : RowModel(columns(), parent), context_(context) {}

QString GapModel::shown(const console::GapLine& row, int column) const
{
    switch (column) {
    case Instrument:
        return format::text(row.name);
    case From:
        return format::moment(row.gap.from, context_.now(), context_.zone);
    case To:
        return format::moment(row.gap.to, context_.now(), context_.zone);
    case Length:
        return format::duration(row.gap.to - row.gap.from);
    case Cause:
        return text(market::name(row.gap.cause));
    case Found:
        return format::count(static_cast<std::uint64_t>(row.gap.found));
    case Missing:
        return row.gap.missing ? format::text(row.missingText) : format::undefined();
    default:
        return text(market::name(row.gap.measure));
    }
}

QVariant GapModel::cell(const console::GapLine& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        switch (column) {
        case From:
            return static_cast<qlonglong>(row.gap.from.value);
        case To:
            return static_cast<qlonglong>(row.gap.to.value);
        case Length:
            return static_cast<qlonglong>((row.gap.to - row.gap.from).count());
        case Found:
            return static_cast<qlonglong>(row.gap.found);
        case Missing:
            return row.gap.missing ? QVariant(format::text(row.missingText).toDouble()) : QVariant();
        default:
            return shown(row, column);
        }
    case ToneRole:
        return column == Measure ? QVariant::fromValue(toneOf(row.gap)) : QVariant();
    case ExportRole:
        return column == From                         ? QVariant(format::text(base::isoText(row.gap.from)))
               : column == To                         ? QVariant(format::text(base::isoText(row.gap.to)))
               : column == Missing && row.gap.missing ? QVariant(format::text(row.missingText))
                                                      : QVariant();
    case Qt::ToolTipRole:
        return column == From                           ? QVariant(format::text(base::isoText(row.gap.from)))
               : column == To                           ? QVariant(format::text(base::isoText(row.gap.to)))
               : column == Missing || column == Measure ? QVariant(explanation(row.gap))
                                                        : QVariant();
    default:
        return {};
    }
}

bool GapModel::isSame(const console::GapLine& a, const console::GapLine& b) const
{
    return a.instrument == b.instrument && a.gap.number == b.gap.number;
}

bool GapModel::isEqual(const console::GapLine& a, const console::GapLine& b) const
{
    return a.gap == b.gap && a.name == b.name && a.missingText == b.missingText;
}

} // namespace qd::ui
