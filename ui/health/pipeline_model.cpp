#include "ui/health/pipeline_model.h"

#include <tuple>

namespace qd::ui {

namespace {

QString shown(const std::optional<double>& score)
{
    return score ? QString::number(health::shownScore(*score)) : format::undefined();
}

std::vector<Column> columns()
{
    const auto tr = [](const char* source) { return PipelineModel::tr(source); };
    const auto score = [&](const char* title, const char* help) {
        return Column{
            .title = tr(title), .kind = CellKind::Figure, .alignment = Qt::AlignRight, .help = tr(help), .width = 110};
    };
    return {{.title = tr("Strategy"), .width = 190},
            score("Health", "0 to 100, on the scale of the host's: weighted mean of the three beside it."),
            {.title = tr("Label"), .kind = CellKind::Tag, .width = 110},
            score("Edge", "0 to 100, by the probability that its true Sharpe ratio is over 0; counts three times."),
            score("Drawdown", "0 to 100: how far its fall from the peak is within the policy's limit; counts twice."),
            score("Convergence", "0 to 100: share of its newest windows that earn; counts once."),
            {.title = tr("Held down by"), .isStretched = true}};
}

} // namespace

QString pipelineText(const governance::PipelineHealth& pipeline)
{
    return PipelineModel::tr("Pipeline (strategies) %1 · %2")
        .arg(shown(pipeline.whole.score), format::text(health::name(pipeline.whole.label)));
}

Meaning toneOf(health::Label label)
{
    switch (label) {
    case health::Label::Excellent:
    case health::Label::Good:
        return Meaning::Gain;
    case health::Label::Fair:
        return Meaning::Warning;
    case health::Label::Poor:
    case health::Label::Critical:
        return Meaning::Loss;
    case health::Label::Unknown:
        break;
    }
    return Meaning::TextFaint;
}

PipelineModel::PipelineModel(QObject* parent) : RowModel(columns(), parent) {}

QVariant PipelineModel::cell(const console::HealthOfStrategy& row, int column, int role) const
{
    const auto& of = row.health;
    const auto scoreOf = [&](int at) {
        return at == Score ? of.whole.score : of.parts[static_cast<std::size_t>(at - Edge)].score;
    };
    const bool isScore = column == Score || (column >= Edge && column <= Convergence);
    switch (role) {
    case Qt::DisplayRole:
        return isScore          ? shown(scoreOf(column))
               : column == Name ? format::text(row.strategy)
               : column == Band ? format::text(health::name(of.whole.label))
               : of.cap.empty() ? QString()
                                : format::text(of.cap);
    case SortRole:
        return isScore ? (scoreOf(column) ? QVariant(*scoreOf(column)) : QVariant())
                       : cell(row, column, Qt::DisplayRole);
    case ToneRole:
        return column == Band  ? QVariant::fromValue(toneOf(of.whole.label))
               : column == Cap ? QVariant::fromValue(Meaning::Warning)
                               : QVariant();
    case Qt::ToolTipRole:
        return isScore && !scoreOf(column) ? QVariant(tr("Not known yet: too little has closed to judge by."))
                                           : QVariant();
    default:
        return {};
    }
}

bool PipelineModel::isSame(const console::HealthOfStrategy& a, const console::HealthOfStrategy& b) const
{
    return a.strategy == b.strategy;
}

bool PipelineModel::isEqual(const console::HealthOfStrategy& a, const console::HealthOfStrategy& b) const
{
    const auto key = [](const console::HealthOfStrategy& row) {
        const auto& of = row.health;
        return std::tuple(of.whole.score, of.parts[0].score, of.parts[1].score, of.parts[2].score, of.cap);
    };
    return key(a) == key(b);
}

} // namespace qd::ui
