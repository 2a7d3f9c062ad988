#include "ui/models/detail_models.h"

#include "ui/models/model_words.h"

#include <algorithm>
#include <tuple>

namespace qd::ui {

namespace {

QVariant optional(const std::optional<double>& value)
{
    return value ? QVariant(*value) : QVariant();
}

QVariant toneIf(bool is, Meaning meaning)
{
    return is ? QVariant::fromValue(meaning) : QVariant();
}

} // namespace

ImportanceModel::ImportanceModel(bool isBrief, QObject* parent)
    : RowModel({{.title = tr("Feature"), .isStretched = isBrief},
                {.title = tr("Gain"),
                 .kind = CellKind::Bar,
                 .help = tr("What its splits took away from the loss; drawn beside the greatest one's."),
                 .width = isBrief ? 72 : 160},
                {.title = tr("%"),
                 .kind = CellKind::Figure,
                 .alignment = Qt::AlignRight,
                 .help = tr("% of all that splits took away."),
                 .width = isBrief ? 50 : 64},
                {.title = tr("Meaning"), .isStretched = !isBrief, .isHidden = isBrief}},
               parent)
{
}

void ImportanceModel::show(const std::vector<console::FeatureImportance>& features)
{
    double most = 0;
    for (const auto& feature : features) {
        most = std::max(most, feature.gain);
    }
    std::vector<ImportanceEntry> rows;
    for (const auto& feature : features) {
        rows.push_back({feature, most > 0 ? feature.gain / most : 0});
    }
    update(std::move(rows));
}

QVariant ImportanceModel::cell(const ImportanceEntry& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return column == Feature    ? QVariant(format::text(row.of.feature))
               : column == Share    ? QVariant(format::decimal(row.of.gain * 100, 1))
               : column == Meaning_ ? QVariant(format::text(row.of.meaning))
                                    : QVariant();
    case SortRole:
        return column == Share || column == Bar ? QVariant(row.of.gain) : cell(row, column, Qt::DisplayRole);
    case BarRole:
        return row.ofGreatest;
    case Qt::ToolTipRole:
        return tr("%1\n%2\n%3 of all gain")
            .arg(format::text(row.of.feature), format::text(row.of.meaning), format::percent(row.of.gain, 1));
    default:
        return {};
    }
}

bool ImportanceModel::isSame(const ImportanceEntry& a, const ImportanceEntry& b) const
{
    return a.of.feature == b.of.feature;
}

bool ImportanceModel::isEqual(const ImportanceEntry& a, const ImportanceEntry& b) const
{
    return a.of.gain == b.of.gain && a.ofGreatest == b.ofGreatest && a.of.meaning == b.of.meaning;
}

DriftModel::DriftModel(QObject* parent)
    : RowModel(
          {{.title = tr("Feature"), .isStretched = true},
           {.title = tr("PSI"),
            .kind = CellKind::Figure,
            .alignment = Qt::AlignRight,
            .help = tr("Population stability index of the newest rows against those of its training; without unit.")},
           {.title = tr("KS"),
            .kind = CellKind::Figure,
            .alignment = Qt::AlignRight,
            .help = tr("Greatest distance of the two distributions, 0 to 1.")},
           {.title = tr("Level"), .kind = CellKind::Tag, .alignment = Qt::AlignRight}},
          parent)
{
}

QVariant DriftModel::cell(const console::FeatureDrift& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return column == Feature ? format::text(row.feature)
               : column == Psi   ? format::decimal(row.psi, 3)
               : column == Ks    ? format::decimal(row.ks, 3)
                                 : say::level(row.level);
    case SortRole:
        return column == Psi     ? optional(row.psi)
               : column == Ks    ? optional(row.ks)
               : column == Level ? QVariant(static_cast<int>(row.level))
                                 : QVariant(format::text(row.feature));
    case ToneRole:
        return column == Level ? QVariant::fromValue(say::tone(row.level)) : QVariant();
    case Qt::ToolTipRole:
        return (column == Psi && !row.psi) || (column == Ks && !row.ks)
                   ? QVariant(tr("Undefined: too few rows, or it was constant in training"))
                   : QVariant();
    default:
        return {};
    }
}

bool DriftModel::isSame(const console::FeatureDrift& a, const console::FeatureDrift& b) const
{
    return a.feature == b.feature;
}

bool DriftModel::isEqual(const console::FeatureDrift& a, const console::FeatureDrift& b) const
{
    return std::tie(a.psi, a.ks, a.level) == std::tie(b.psi, b.ks, b.level);
}

FactsModel::FactsModel(bool isOfTwo, QObject* parent)
    : RowModel(isOfTwo ? std::vector<Column>{{.title = tr("About"), .width = 96},
                                             {.title = tr("What"), .isStretched = true},
                                             {.title = tr("This"), .alignment = Qt::AlignRight, .width = 150},
                                             {.title = tr("The other"), .alignment = Qt::AlignRight, .width = 150}}
                       : std::vector<Column>{{.title = tr("About"), .width = 96},
                                             {.title = tr("What"), .width = 220},
                                             {.title = tr("Value"), .isStretched = true}},
               parent),
      value_(isOfTwo ? tr("This") : tr("Value")),
      other_(tr("The other"))
{
}

void FactsModel::setNames(const QString& value, const QString& other)
{
    value_ = value;
    other_ = other;
    Q_EMIT headerDataChanged(Qt::Horizontal, Value, columnCount() - 1);
}

QVariant FactsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::DisplayRole && section >= Value && section < columnCount()) {
        return section == Value ? value_ : other_;
    }
    return TableModel::headerData(section, orientation, role);
}

QVariant FactsModel::cell(const ModelFact& row, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
    case SortRole:
        return column == Group   ? row.group
               : column == Name  ? row.name
               : column == Value ? (row.isBetter  ? QStringLiteral("▲ ")
                                    : row.isWorse ? QStringLiteral("▼ ")
                                                  : QString()) +
                                       row.value
                                 : row.other;
    case ExportRole:
        return column == Value && columnCount() == 3 && !row.help.isEmpty()
                   ? QVariant(row.value + QStringLiteral(" (") +
                              QString(row.help).replace(QLatin1Char('\n'), QStringLiteral(", ")) + QLatin1Char(')'))
               : column == Value ? QVariant(row.value)
                                 : QVariant();
    case ToneRole:
        return column == Group || column == Name ? QVariant::fromValue(Meaning::TextMuted)
               : column == Value ? (row.isBetter ? toneIf(true, Meaning::Gain) : toneIf(row.isWorse, Meaning::Loss))
                                 : QVariant();
    case Qt::ToolTipRole:
        return row.help.isEmpty() ? row.value : row.help;
    default:
        return {};
    }
}

bool FactsModel::isSame(const ModelFact& a, const ModelFact& b) const
{
    return a.group == b.group && a.name == b.name;
}

bool FactsModel::isEqual(const ModelFact& a, const ModelFact& b) const
{
    return std::tie(a.value, a.other, a.help, a.isBetter, a.isWorse) ==
           std::tie(b.value, b.other, b.help, b.isBetter, b.isWorse);
}

OutcomesModel::OutcomesModel(const PageContext& context, QObject* parent)
    : RowModel({{.title = tr("Training"), .isStretched = true},
                {.title = tr("Outcome"), .kind = CellKind::Tag, .alignment = Qt::AlignRight},
                {.title = tr("When"), .alignment = Qt::AlignRight, .isHidden = true},
                {.title = tr("Why"), .isHidden = true}},
               parent),
      context_(context)
{
}

QVariant OutcomesModel::cell(const console::RetrainOutcome& row, int column, int role) const
{
    const QString when = format::moment(row.at, context_.now(), context_.zone);
    const QString why = format::text(row.why);
    switch (role) {
    case Qt::DisplayRole:
        return column == Model     ? format::text(row.version.empty() ? row.model : row.version)
               : column == Outcome ? format::text(row.what)
               : column == When    ? when
                                   : why;
    case SortRole:
        return column == When ? QVariant::fromValue<qint64>(row.at.value) : cell(row, column, Qt::DisplayRole);
    case BelowRole:
        return column == Model ? QVariant(why.isEmpty() ? when : why) : QVariant();
    case ToneRole:
        return column == Outcome ? QVariant::fromValue(say::tone(row)) : QVariant();
    case Qt::ToolTipRole:
        return tr("%1, %2\n%3").arg(format::text(row.what), when, why);
    default:
        return {};
    }
}

bool OutcomesModel::isSame(const console::RetrainOutcome& a, const console::RetrainOutcome& b) const
{
    return a.model == b.model && a.at == b.at;
}

bool OutcomesModel::isEqual(const console::RetrainOutcome& a, const console::RetrainOutcome& b) const
{
    return std::tie(a.version, a.what, a.why, a.isFailure) == std::tie(b.version, b.what, b.why, b.isFailure);
}

} // namespace qd::ui
