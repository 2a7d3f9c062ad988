#include "ui/models/registry_model.h"

#include "ui/command_desk.h"
#include "ui/models/model_words.h"

#include <algorithm>
#include <tuple>

namespace qd::ui {

using governance::ModelStage;

namespace {

QString trainingOf(const console::LearningSnapshot* learning, const std::string& model)
{
    if (learning == nullptr) {
        return {};
    }
    if (learning->running && learning->running->model == model) {
        return RegistryModel::tr("trains %1").arg(format::percent(learning->running->fraction, 0));
    }
    return std::ranges::find(learning->waiting, model) != learning->waiting.end() ? RegistryModel::tr("queued")
                                                                                  : QString();
}

std::vector<Column> columns()
{
    const auto tr = [](const char* source) { return RegistryModel::tr(source); };
    const auto hidden = [&](const char* title, const char* help, CellKind kind = CellKind::Text) {
        return Column{.title = tr(title),
                      .kind = kind,
                      .alignment = kind == CellKind::Figure ? Qt::AlignRight : Qt::AlignLeft,
                      .help = tr(help),
                      .isHidden = true};
    };
    return {{.title = tr("Model"), .isStretched = true},
            {.title = tr("Stage"), .kind = CellKind::Tag, .alignment = Qt::AlignRight},
            {.title = tr("AUC, R²"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tr("Out of sample, over all folds, without unit: AUC, or R² of the volatility forecaster. 0.5 and "
                        "0 are chance."),
             .width = 66},
            {.title = tr("Age"),
             .kind = CellKind::Figure,
             .alignment = Qt::AlignRight,
             .help = tr("Since it was trained; m, h or d.")},
            hidden("Version", "Its whole name."),
            hidden("Interval", "95% interval of AUC or R², without unit.", CellKind::Figure),
            hidden("Rows", "That it was trained on, a count.", CellKind::Figure),
            hidden("Features", "The set that it was trained on."),
            hidden("Stage since", "When it came to its stage.")};
}

} // namespace

QString age(base::Millis length)
{
    const auto minutes = std::max<std::int64_t>(0, length.count()) / 60'000;
    return minutes >= 1'440 ? RegistryModel::tr("%1 d").arg(minutes / 1'440)
           : minutes >= 60  ? RegistryModel::tr("%1 h").arg(minutes / 60)
                            : RegistryModel::tr("%1 m").arg(minutes);
}

QString RegistryEntry::name() const
{
    return isFamily ? format::text(learning::name(key.family))
           : line   ? format::text(governance::versionName(line->record.name.key, line->record.name.number))
                    : format::text(governance::text(key));
}

std::vector<RegistryEntry> registryEntries(const console::Models& models, const console::LearningSnapshot* learning,
                                           bool isGrouped, bool withRetired, base::UtcMs now)
{
    std::vector<RegistryEntry> out;
    std::optional<learning::Family> family;
    for (const auto& of : models.families) {
        const bool isOfMany = !of.key.instrument.empty();
        RegistryEntry head;
        head.key = of.key;
        head.purpose = format::text(of.purpose);
        if (isGrouped && isOfMany && family != of.key.family) {
            auto whole = head;
            whole.isFamily = true;
            whole.due.clear();
            whole.next = RegistryModel::tr("one for each instrument");
            whole.training = trainingOf(learning, std::string(learning::name(of.key.family)));
            out.push_back(std::move(whole));
        }
        family = of.key.family;
        head.due =
            say::due(of.due) + (of.hasConverged ? RegistryModel::tr("; its versions have converged") : QString());
        head.next = of.due.isDue  ? RegistryModel::tr("training is due")
                    : of.due.next ? RegistryModel::tr("next training in %1").arg(age(*of.due.next - now))
                                  : QString();
        head.training = trainingOf(learning, governance::text(of.key));
        const auto isIts = [&](const console::ModelLine& line) {
            return line.record.name.key == of.key && (withRetired || line.record.stage != ModelStage::Retired);
        };
        const bool hasNone = std::ranges::none_of(models.rows, isIts);
        if (hasNone) {
            const auto retired = std::ranges::count_if(
                models.rows, [&](const console::ModelLine& line) { return line.record.name.key == of.key; });
            head.next = retired > 0 ? RegistryModel::tr("none serves; retired: %1").arg(retired)
                                    : RegistryModel::tr("no version yet");
        }
        if (isGrouped && (!isOfMany || hasNone || !head.training.isEmpty())) {
            out.push_back(head);
        }
        for (const auto& line : models.rows) {
            if (isIts(line)) {
                auto entry = head;
                entry.line = line;
                entry.isGrouped = isGrouped;
                entry.training.clear();
                out.push_back(std::move(entry));
            }
        }
    }
    for (const auto& line : models.rows) { // of an instrument that is no more
        const bool isKnown = std::ranges::find(models.families, line.record.name.key, &console::ModelFamily::key) !=
                             models.families.end();
        if (!isKnown && (withRetired || line.record.stage != ModelStage::Retired)) {
            RegistryEntry entry;
            entry.key = line.record.name.key;
            entry.line = line;
            entry.isGrouped = isGrouped;
            out.push_back(std::move(entry));
        }
    }
    return out;
}

QString waitingWords(const console::Models& models)
{
    struct Group {
        QStringList names;
        QString why;
    };
    std::vector<Group> groups; // of a family for one reason
    std::optional<learning::Family> family;
    for (const auto& of : models.families) {
        const auto isIts = [&](const console::ModelLine& line) { return line.record.name.key == of.key; };
        if (std::ranges::any_of(models.rows, isIts)) {
            continue;
        }
        const QString why = say::due(of.due);
        if (groups.empty() || family != of.key.family || groups.back().why != why) {
            groups.push_back({{}, why});
        }
        groups.back().names << format::text(governance::text(of.key));
        family = of.key.family;
    }
    QStringList out;
    for (const auto& group : groups) {
        const QString who =
            group.names.size() == 1
                ? group.names.first()
                : RegistryModel::tr("%1 and %2 more").arg(group.names.first()).arg(group.names.size() - 1);
        if (out.size() < 3) {
            out << (group.why.isEmpty() ? RegistryModel::tr("%1 has no version yet").arg(who)
                                        : RegistryModel::tr("%1: %2").arg(who, group.why));
        }
    }
    if (groups.size() > 3) {
        out << RegistryModel::tr("and %1 more").arg(groups.size() - 3);
    }
    return out.join(QLatin1Char('\n'));
}

RegistryModel::RegistryModel(const PageContext& context, QObject* parent)
    : RowModel(columns(), parent),
      context_(context)
{
    connect(&context.commands, &CommandDesk::pendingChanged, this, [this] { repaintAll(); });
}

void RegistryModel::setLimits(double maxAuc, double expiryDays)
{
    if (maxAuc_ != maxAuc || expiryDays_ != expiryDays) {
        maxAuc_ = maxAuc;
        expiryDays_ = expiryDays;
        repaintAll();
    }
}

int RegistryModel::rowOf(const QString& name) const
{
    const auto found = std::ranges::find_if(rows(), [&](const RegistryEntry& row) { return row.name() == name; });
    return found == rows().end() ? -1 : static_cast<int>(found - rows().begin());
}

QVariant RegistryModel::headCell(const RegistryEntry& row, int column, int role) const
{
    const bool isOfMany = !row.key.instrument.empty() && !row.isFamily;
    switch (role) {
    case Qt::DisplayRole:
        return column == Name    ? QVariant(isOfMany ? format::text(row.key.instrument) : row.name())
               : column == Stage ? QVariant(row.training)
               : column == Full  ? QVariant(row.name())
                                 : QVariant();
    case SortRole:
        return column == Name || column == Full ? QVariant(row.name()) : QVariant();
    case BelowRole:
        return column == Name ? QVariant(row.next) : QVariant();
    case ToneRole:
        return column == Stage ? QVariant::fromValue(Meaning::Focus) : QVariant::fromValue(Meaning::TextMuted);
    case Qt::ToolTipRole:
        return row.due.isEmpty() ? row.purpose : row.purpose + QLatin1Char('\n') + row.due;
    default:
        return {};
    }
}

QString RegistryModel::shown(const RegistryEntry& row, int column) const
{
    const auto& record = row.line->record;
    switch (column) {
    case Name:
        return !row.isGrouped ? row.name()
               : record.name.key.instrument.empty()
                   ? tr("version %1").arg(record.name.number)
                   : tr("%1 %2").arg(format::text(record.name.key.instrument)).arg(record.name.number);
    case Stage:
        return context_.commands.isModelPending(row.name()) ? tr("pending") : say::stage(record.stage);
    case Quality:
        return record.quality.value ? format::decimal(*record.quality.value, 3) : format::undefined();
    case Age:
        return age(context_.now() - record.trained);
    case Full:
        return row.name();
    case Interval:
        return record.quality.interval ? format::decimal(record.quality.interval->lower, 3) + QStringLiteral(" … ") +
                                             format::decimal(record.quality.interval->upper, 3)
                                       : format::undefined();
    case Rows:
        return format::count(record.rows);
    case Features:
        return format::text(record.featureSet);
    case Since:
        return format::moment(record.stageSince, context_.now(), context_.zone);
    default:
        return {};
    }
}

QString RegistryModel::below(const RegistryEntry& row, int column) const
{
    const auto& record = row.line->record;
    const auto family = record.name.key.family;
    return column == Name                         ? say::worthWords(family, say::worth(family, record.quality, maxAuc_))
           : column == Age && row.line->isExpired ? tr("expired")
                                                  : QString();
}

QString RegistryModel::help(const RegistryEntry& row) const
{
    const auto& record = row.line->record;
    QStringList out{row.name(), say::quality(record.name.key.family, record.quality)};
    out << tr("trained %1; knows nothing after %2")
               .arg(format::moment(record.trained, context_.now(), context_.zone),
                    format::moment(record.knows, context_.now(), context_.zone));
    const auto old = context_.now() - record.trained;
    const auto left = base::Millis{static_cast<std::int64_t>(expiryDays_ * 86'400'000.0)} - old;
    out << (row.line->isExpired ? tr("expired: too old to decide (limit %1 days)").arg(format::decimal(expiryDays_, 0))
                                : tr("expires in %1").arg(age(left)));
    out << tr("%1 since %2")
               .arg(say::stage(record.stage), format::moment(record.stageSince, context_.now(), context_.zone));
    if (!record.spansRegimes) {
        out << tr("regime-limited: it has not seen both calm and storm");
    }
    if (!row.line->why.empty()) {
        out << format::text(row.line->why);
    }
    return out.join(QLatin1Char('\n'));
}

QVariant RegistryModel::tone(const RegistryEntry& row, int column) const
{
    const auto& record = row.line->record;
    const bool isRetired = record.stage == ModelStage::Retired;
    switch (column) {
    case Stage:
        return QVariant::fromValue(context_.commands.isModelPending(row.name()) ? Meaning::Warning
                                                                                : say::tone(record.stage));
    case Quality:
        return QVariant::fromValue(say::tone(say::worth(record.name.key.family, record.quality, maxAuc_)));
    case Age:
        return QVariant::fromValue(row.line->isExpired ? Meaning::Warning : Meaning::TextMuted);
    default:
        return QVariant::fromValue(isRetired ? Meaning::TextMuted : Meaning::Text);
    }
}

QVariant RegistryModel::raw(const RegistryEntry& row, int column) const
{
    const auto& record = row.line->record;
    switch (column) {
    case Quality:
        return record.quality.value ? QVariant(*record.quality.value) : QVariant();
    case Interval:
        return record.quality.interval ? QVariant(record.quality.interval->lower) : QVariant();
    case Age:
        return QVariant::fromValue<qint64>((context_.now() - record.trained).count());
    case Rows:
        return QVariant::fromValue<qulonglong>(record.rows);
    case Since:
        return QVariant::fromValue<qint64>(record.stageSince.value);
    default:
        return shown(row, column);
    }
}

QVariant RegistryModel::cell(const RegistryEntry& row, int column, int role) const
{
    if (!row.line) {
        return headCell(row, column, role);
    }
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, column);
    case SortRole:
        return raw(row, column);
    case BelowRole:
        return below(row, column);
    case BelowToneRole: {
        const bool isSuspect =
            column == Name && say::worth(row.key.family, row.line->record.quality, maxAuc_) == say::Worth::Suspect;
        return isSuspect                              ? QVariant::fromValue(Meaning::Loss)
               : column == Age && row.line->isExpired ? QVariant::fromValue(Meaning::Warning)
                                                      : QVariant();
    }
    case ToneRole:
        return tone(row, column);
    case ExportRole:
        return column == Name ? QVariant(row.name()) : QVariant();
    case Qt::ToolTipRole:
        return help(row);
    default:
        return {};
    }
}

bool RegistryModel::isSame(const RegistryEntry& a, const RegistryEntry& b) const
{
    return a.isFamily == b.isFamily && a.line.has_value() == b.line.has_value() && a.key == b.key &&
           (!a.line || a.line->record.name == b.line->record.name);
}

bool RegistryModel::isEqual(const RegistryEntry& a, const RegistryEntry& b) const
{
    if (std::tie(a.due, a.next, a.training, a.isGrouped) != std::tie(b.due, b.next, b.training, b.isGrouped)) {
        return false;
    }
    if (!a.line) {
        return true;
    }
    const auto& x = a.line->record;
    const auto& y = b.line->record;
    return std::tie(x.stage, x.stageSince, x.trained, x.signedOff, a.line->isExpired, a.line->why, x.rows) ==
               std::tie(y.stage, y.stageSince, y.trained, y.signedOff, b.line->isExpired, b.line->why, y.rows) &&
           x.quality.value == y.quality.value;
}

} // namespace qd::ui
