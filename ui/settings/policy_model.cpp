#include "ui/settings/policy_model.h"

#include <QLocale>
#include <QRegularExpression>

#include <algorithm>
#include <charconv>

namespace qd::ui {

namespace {

const base::PolicyEntry* entryOf(const std::string& name)
{
    const auto entries = base::policyEntries();
    const auto found = std::ranges::find(entries, name, &base::PolicyEntry::name);
    return found == entries.end() ? nullptr : &*found;
}

bool isTimeOfDay(const base::PolicyEntry& entry)
{
    return entry.unit == "minutes of the day";
}

/// With thin groups, exact; a time of the day as a clock shows it.
QString shownNumber(const base::PolicyEntry& entry, const std::string& plain)
{
    return isTimeOfDay(entry)                     ? policyText(std::string(entry.name), plain)
           : plain.find('e') == std::string::npos ? format::grouped(format::text(plain))
                                                  : format::text(plain);
}

QString shownValue(const PolicyLine& line, const std::string& value)
{
    const auto* entry = entryOf(line.name);
    return entry != nullptr ? shownNumber(*entry, value)
           : value.empty()  ? PolicyModel::tr("empty")
                            : format::text(value);
}

} // namespace

QString policyText(const std::string& name, const std::string& value)
{
    const auto* entry = entryOf(name);
    bool isNumber = false;
    const int minutes = format::text(value).toInt(&isNumber);
    return entry != nullptr && isNumber && isTimeOfDay(*entry) ? QStringLiteral("%1:%2")
                                                                     .arg(minutes / 60, 2, 10, QLatin1Char('0'))
                                                                     .arg(minutes % 60, 2, 10, QLatin1Char('0'))
                                                               : format::text(value);
}

std::optional<std::string> policyTyped(const std::string& name, const QString& text)
{
    const auto* entry = entryOf(name);
    if (entry == nullptr) {
        return base::checkPolicyText(name, text.toStdString()) ? std::optional(text.toStdString()) : std::nullopt;
    }
    QString plain = format::plain(text.trimmed());
    if (const auto parts = plain.split(QLatin1Char(':')); isTimeOfDay(*entry) && parts.size() == 2) {
        const QRegularExpression digits(QStringLiteral("^[0-9]{1,2}$"));
        const int minutes = parts[1].toInt();
        if (!digits.match(parts[0]).hasMatch() || !digits.match(parts[1]).hasMatch() || minutes > 59) {
            return std::nullopt;
        }
        plain = QString::number(parts[0].toInt() * 60 + minutes);
    }
    plain.replace(QLatin1Char(','), QLatin1Char('.'));
    bool isNumber = false;
    const double value = QLocale::c().toDouble(plain, &isNumber);
    return isNumber && base::checkPolicyValue(name, value) ? std::optional(policyNumber(value)) : std::nullopt;
}

std::string policyNumber(double value)
{
    std::array<char, 400> out{};
    // The shortest form that reads back the same, without an exponent.
    const auto end = std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::fixed).ptr;
    return {out.data(), end};
}

std::string policyGroup(std::string_view name)
{
    return std::string(name.substr(0, name.find('.')));
}

std::vector<PolicyLine> policyLines(const console::PolicyView& view)
{
    std::vector<PolicyLine> out;
    for (const auto& entry : base::policyEntries()) {
        PolicyLine line{.name = std::string(entry.name),
                        .unit = isTimeOfDay(entry) ? "local time" : std::string(entry.unit),
                        .range = shownNumber(entry, policyNumber(entry.least)).toStdString() + " \u2013 " +
                                 shownNumber(entry, policyNumber(entry.most)).toStdString(),
                        .standard = policyNumber(entry.standard),
                        .meaning = std::string(entry.meaning),
                        .inForce = policyNumber(base::policyValue(view.numbers, entry.name)),
                        .typed = {}};
        line.typed = line.inForce;
        out.push_back(std::move(line));
    }
    for (const auto& text : base::policyTexts()) {
        const auto found = view.texts.find(std::string(text.name));
        PolicyLine line{.name = std::string(text.name),
                        .unit = std::string(text.form),
                        .range = {},
                        .standard = std::string(text.standard),
                        .meaning = std::string(text.meaning),
                        .inForce = found == view.texts.end() ? std::string(text.standard) : found->second,
                        .typed = {}};
        line.typed = line.inForce;
        out.push_back(std::move(line));
    }
    std::vector<std::string> groups;
    for (const auto& line : out) {
        if (std::ranges::find(groups, policyGroup(line.name)) == groups.end()) {
            groups.push_back(policyGroup(line.name));
        }
    }
    std::ranges::stable_sort(out, {}, [&](const PolicyLine& line) {
        return std::ranges::find(groups, policyGroup(line.name)) - groups.begin();
    });
    return out;
}

QString policyTrouble(const std::string& name, const QString& text)
{
    if (policyTyped(name, text)) {
        return {};
    }
    const auto* entry = entryOf(name);
    if (entry == nullptr) {
        return format::text(name) + QStringLiteral(": ") +
               format::text(base::checkPolicyText(name, text.toStdString()).error().detail);
    }
    return PolicyModel::tr("%1 takes %2 to %3 %4")
        .arg(format::text(name), shownNumber(*entry, policyNumber(entry->least)),
             shownNumber(*entry, policyNumber(entry->most)),
             isTimeOfDay(*entry) ? PolicyModel::tr("local time") : format::text(entry->unit));
}

PolicyModel::PolicyModel(QObject* parent)
    : RowModel({{.title = tr("Name"), .width = 212},
                {.title = tr("In force"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("What the rules go by now, in the unit of the range; under it what you typed, not in force "
                            "before it is saved."),
                 .width = 118},
                {.title = tr("Range"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("Legal values, both ends inside; under them the unit."),
                 .width = 158,
                 .givesWay = 1},
                {.title = tr("Default"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("What the program comes with, in the unit of the range."),
                 .width = 104,
                 .givesWay = 2},
                {.title = tr("Meaning"), .isStretched = true}},
               parent)
{
}

int PolicyModel::rowOf(const std::string& name) const
{
    const auto found = std::ranges::find(rows(), name, &PolicyLine::name);
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QVariant PolicyModel::cell(const PolicyLine& row, int column, int role) const
{
    const bool isOwn = row.inForce != row.standard;
    switch (role) {
    case Qt::DisplayRole:
        return column == Name       ? QVariant(format::text(row.name))
               : column == Value    ? QVariant(shownValue(row, row.inForce))
               : column == Range    ? QVariant(row.range.empty() ? tr("words") : format::text(row.range))
               : column == Standard ? QVariant(row.range.empty() ? tr("words") : shownValue(row, row.standard))
                                    : QVariant(format::text(row.meaning));
    case SortRole: {
        const auto number = [&](const std::string& value) {
            return row.range.empty() ? QVariant(format::text(value)) : QVariant(format::text(value).toDouble());
        };
        return column == Value      ? number(row.inForce)
               : column == Standard ? number(row.standard)
                                    : cell(row, column, Qt::DisplayRole);
    }
    case BelowRole:
        if (column == Range && !row.range.empty()) {
            return format::text(row.unit);
        }
        return column != Value || !(row.isPending || row.isEdited) ? QVariant()
               : row.isPending ? QVariant(tr("pending %1").arg(shownValue(row, row.typed)))
                               : QVariant(tr("→ %1").arg(shownValue(row, row.typed)));
    case BelowToneRole:
        return QVariant::fromValue(column == Value ? Meaning::Warning : Meaning::TextFaint);
    case ToneRole:
        return column == Value  ? QVariant::fromValue(isOwn ? Meaning::Focus : Meaning::Text)
               : column == Name ? QVariant()
                                : QVariant::fromValue(Meaning::TextMuted);
    case Qt::ToolTipRole:
        return format::text(row.meaning) + QLatin1Char('\n') +
               (row.range.empty()
                    ? format::text(row.unit)
                    : tr("%1 %2, default %3")
                          .arg(format::text(row.range), format::text(row.unit), shownValue(row, row.standard)));
    case ExportRole:
        return column == Value ? QVariant(format::text(row.inForce)) : QVariant();
    default:
        return {};
    }
}

} // namespace qd::ui
