#include "ui/health/health_models.h"

#include "ui/top_strip.h"

#include <QCoreApplication>

#include <algorithm>
#include <tuple>

namespace qd::ui {

namespace {

constexpr auto right = Qt::AlignRight;
constexpr std::size_t noticesKept = 500;

QString tip(const char* source)
{
    return QCoreApplication::translate("health", source);
}

std::vector<Column> serviceColumns()
{
    return {
        {.title = tip("Service"), .isStretched = true},
        {.title = tip("State"),
         .kind = CellKind::Tag,
         .alignment = right,
         .help = tip("By its own heartbeat, never by a report of it."),
         .width = 104},
        {.title = tip("Uptime"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("How long it has been running; s, m, h or d."),
         .width = 96},
        {.title = tip("Last beat"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("How long ago it last showed that it is alive; s, m, h or d."),
         .width = 84},
        {.title = tip("Restarts"),
         .kind = CellKind::Figure,
         .alignment = right,
         .help = tip("How often it was started again after it failed, since the start; a count."),
         .width = 84},
        {.title = tip("Detail"), .isHidden = true},
    };
}

std::vector<Column> noticeColumns()
{
    return {
        {.title = tip("When"), .kind = CellKind::Figure},
        {.title = tip("What"), .isStretched = true},
        {.title = tip("Detail")},
        {.title = tip("Severity"),
         .kind = CellKind::Tag,
         .alignment = right,
         .help = tip("Note, warning or failure."),
         .width = 100},
    };
}

QVariant spanText(const std::optional<base::Millis>& length)
{
    return length ? format::duration(*length) : format::undefined();
}

QVariant rawSpan(const std::optional<base::Millis>& length)
{
    return length ? QVariant(static_cast<qlonglong>(length->count())) : QVariant();
}

} // namespace

ServiceModel::ServiceModel(QObject* parent) : RowModel(serviceColumns(), parent) {}

QVariant ServiceModel::cell(const console::ServiceRow& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Name:
            return format::text(row.name);
        case State:
            return format::word(row.state);
        case Uptime:
            return spanText(row.uptime);
        case Beat:
            return spanText(row.sinceBeat);
        case Restarts:
            return format::count(row.restarts);
        default:
            return format::text(row.detail);
        }
    case SortRole:
        switch (column) {
        case Name:
            return format::text(row.name);
        case State:
            return static_cast<int>(row.state);
        case Uptime:
            return rawSpan(row.uptime);
        case Beat:
            return rawSpan(row.sinceBeat);
        case Restarts:
            return row.restarts;
        default:
            return format::text(row.detail);
        }
    case ToneRole:
        return column == State    ? QVariant::fromValue(toneOf(row.state))
               : column == Detail ? QVariant::fromValue(Meaning::TextMuted)
                                  : QVariant();
    case Qt::ToolTipRole:
        if (!row.detail.empty()) {
            return format::text(row.detail);
        }
        return (column == Uptime && !row.uptime) || (column == Beat && !row.sinceBeat)
                   ? QVariant(tr("Undefined: it is not running"))
                   : QVariant();
    default:
        return {};
    }
}

bool ServiceModel::isSame(const console::ServiceRow& a, const console::ServiceRow& b) const
{
    return a.name == b.name;
}

bool ServiceModel::isEqual(const console::ServiceRow& a, const console::ServiceRow& b) const
{
    const auto seen = [](const console::ServiceRow& r) {
        return std::tie(r.state, r.uptime, r.sinceBeat, r.restarts, r.detail);
    };
    return seen(a) == seen(b);
}

NoticeModel::NoticeModel(const PageContext& context, QObject* parent)
    : RowModel(noticeColumns(), parent),
      context_(context)
{
}

void NoticeModel::add(NoticeRow row)
{
    row.serial = next_++;
    auto next = rows();
    next.insert(next.begin(), std::move(row));
    if (next.size() > noticesKept) {
        next.resize(noticesKept);
    }
    update(std::move(next));
}

int NoticeModel::count(console::Severity severity) const
{
    return static_cast<int>(
        std::count_if(rows().begin(), rows().end(), [&](const auto& row) { return row.severity == severity; }));
}

QVariant NoticeModel::cell(const NoticeRow& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case When:
            return format::moment(row.time, context_.now(), context_.zone);
        case What:
            return row.what;
        case Cause:
            return row.detail;
        default:
            return format::word(row.severity);
        }
    case SortRole:
        switch (column) {
        case When:
            return static_cast<qlonglong>(row.time.value);
        case What:
            return row.what;
        case Cause:
            return row.detail;
        default:
            return static_cast<int>(row.severity);
        }
    case ToneRole:
        if (column == Gravity) {
            return QVariant::fromValue(row.severity == console::Severity::Error     ? Meaning::Loss
                                       : row.severity == console::Severity::Warning ? Meaning::Warning
                                                                                    : Meaning::TextMuted);
        }
        return column == Cause ? QVariant::fromValue(Meaning::TextMuted) : QVariant();
    case ExportRole:
        return column == When ? QVariant(format::text(base::isoText(row.time))) : QVariant();
    case Qt::ToolTipRole:
        return column == When    ? QVariant(format::text(base::isoText(row.time)))
               : column == What  ? row.what
               : column == Cause ? row.detail
                                 : QVariant();
    default:
        return {};
    }
}

} // namespace qd::ui
