#include "ui/watch/watch_model.h"

#include "ui/watch/watch_words.h"
#include "ui/widgets/gauge.h"

namespace qd::ui {

using watching::tip;

namespace {

Meaning toneOf(double value)
{
    return value > 0 ? Meaning::Gain : value < 0 ? Meaning::Loss : Meaning::Text;
}

} // namespace

QVariant WatchModel::cell(const WatchRow& row, int column, int role) const
{
    const auto at = static_cast<std::size_t>(column);
    if (at >= row.cells.size()) {
        return {};
    }
    const auto& cell = row.cells[at];
    const auto orNothing = [](const QString& text) { return text.isEmpty() ? QVariant() : QVariant(text); };
    switch (role) {
    case Qt::DisplayRole:
        return cell.text;
    case SortRole:
        return cell.sort.isValid() ? cell.sort : QVariant(cell.text);
    case MutedRole:
        return orNothing(cell.below);
    case ExportRole:
        return orNothing(cell.exported);
    case Qt::ToolTipRole:
        return orNothing(cell.help);
    case ToneRole:
        return cell.tone ? QVariant::fromValue(*cell.tone) : QVariant();
    default:
        return {};
    }
}

base::UtcMs timeIn(const QJsonValue& value)
{
    const auto text = value.toString().toStdString();
    const auto time = text.empty() ? base::Result<base::UtcMs>(base::UtcMs{}) : base::parseUtc(text);
    return time ? *time : base::UtcMs{};
}

QString textIn(const QJsonObject& object, const char* name)
{
    return object.value(QLatin1String(name)).toString();
}

WatchLine& WatchLine::put(WatchCell cell)
{
    row_.cells.push_back(std::move(cell));
    return *this;
}

WatchLine& WatchLine::text(const char* field, std::optional<Meaning> tone)
{
    const auto value = at(field).toString();
    return put({.text = value, .help = value, .tone = tone}); // a long one is cut by its column
}

WatchLine& WatchLine::number(const char* field, const QString& shown, std::optional<Meaning> tone, const QString& below)
{
    const auto value = at(field);
    if (!value.isDouble()) {
        const auto why = object_.value(QLatin1String("undefined")).toObject().value(QLatin1String(field)).toString();
        return put({.text = format::undefined(),
                    .help = why.isEmpty()
                                ? tip("Undefined")
                                : tip("Undefined: %1").arg(QString(why).replace(QLatin1Char('_'), QLatin1Char(' '))),
                    .tone = Meaning::TextFaint});
    }
    return put({.text = shown, .below = below, .sort = value.toDouble(), .tone = tone});
}

WatchLine& WatchLine::whole(const char* field)
{
    return number(field, format::integer(at(field).toInteger()), {}, {});
}

WatchLine& WatchLine::exact(const char* field)
{
    const auto value = at(field).toString();
    if (value.isEmpty()) {
        return put({.text = format::undefined(),
                    .help = tip("Undefined: the feed has this instrument no more"),
                    .tone = Meaning::TextFaint});
    }
    return put({.text = format::grouped(value), .sort = value.toDouble(), .exported = value});
}

WatchLine& WatchLine::figure(const char* field, int decimals, const char* interval)
{
    const auto ends = interval == nullptr ? QJsonArray() : at(interval).toArray();
    return number(field, format::decimal(at(field).toDouble(), decimals), {},
                  ends.size() == 2 ? QStringLiteral("%1 – %2").arg(format::decimal(ends[0].toDouble(), decimals),
                                                                   format::decimal(ends[1].toDouble(), decimals))
                                   : QString());
}

WatchLine& WatchLine::share(const char* field, int decimals, const char* interval)
{
    const auto ends = interval == nullptr ? QJsonArray() : at(interval).toArray();
    return number(field, format::percent(at(field).toDouble(), decimals), {},
                  ends.size() == 2 ? format::percentInterval(ends[0].toDouble(), ends[1].toDouble()) : QString());
}

WatchLine& WatchLine::gain(const char* field, int decimals, const char* interval)
{
    const auto value = at(field).toDouble();
    const auto ends = interval == nullptr ? QJsonArray() : at(interval).toArray();
    return number(field, format::signedPercent(value, decimals), toneOf(value),
                  ends.size() == 2 ? QStringLiteral("%1 – %2").arg(format::signedPercent(ends[0].toDouble(), decimals),
                                                                   format::signedPercent(ends[1].toDouble(), decimals))
                                   : QString());
}

WatchLine& WatchLine::money(const char* field)
{
    const auto value = at(field).toDouble();
    return number(field, format::signedDecimal(value, 2), toneOf(value), {});
}

WatchLine& WatchLine::moment(const char* field)
{
    const auto iso = at(field).toString();
    const auto time = timeIn(at(field));
    if (time.value == 0) {
        return put({.text = format::undefined(), .sort = 0.0, .help = tip("Not yet"), .tone = Meaning::TextFaint});
    }
    return put({.text = format::moment(time, time_.now, time_.zone),
                .sort = static_cast<qlonglong>(time.value),
                .exported = iso,
                .help = iso});
}

WatchLine& WatchLine::seconds(const char* field)
{
    constexpr double millis = 1'000;
    return number(field, format::duration(base::Millis{static_cast<std::int64_t>(at(field).toDouble() * millis)}), {},
                  {});
}

WatchLine& WatchLine::inUnit(const char* field, const QString& unit)
{
    const auto value = at(field).toDouble();
    number(field, probeFigure(value, unit), {}, {});
    if (at(field).isDouble()) {
        row_.cells.back().exported = QString::number(value, 'g', QLocale::FloatingPointShortest);
    }
    return *this;
}

WatchLine& WatchLine::yes(const char* field, const QString& word, Meaning tone)
{
    const bool isSo = at(field).toBool();
    return put({.text = isSo ? word : QString(), .sort = isSo, .tone = tone});
}

} // namespace qd::ui
