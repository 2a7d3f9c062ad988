#include "ui/models/hints_tab.h"

#include "ui/patient_question.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QHBoxLayout>
#include <QToolButton>
#include <QVBoxLayout>

#include <tuple>

namespace qd::ui {

namespace {

constexpr base::Millis patience{60'000};

std::optional<double> valueOf(const console::InstrumentHint& row, int column)
{
    switch (column) {
    case HintsModel::Volatility:
        return row.volatility;
    case HintsModel::Percentile:
        return row.volatilityPercentile;
    case HintsModel::Rises:
        return row.rises;
    case HintsModel::Fills:
        return row.fills;
    case HintsModel::StopHit:
        return row.stopHit;
    default:
        return std::nullopt;
    }
}

Column figure(const QString& title, const QString& help)
{
    return {.title = title, .kind = CellKind::Figure, .alignment = Qt::AlignRight, .help = help};
}

} // namespace

HintsModel::HintsModel(const PageContext& context, QObject* parent)
    : RowModel(
          {{.title = tr("Instrument"), .isStretched = true},
           figure(tr("Volatility"), tr("Of the next hour, % a year; by volatility_forecaster.")),
           figure(tr("Percentile"),
                  tr("0 to 100, of the instrument's own past; how many days, and where calm and storm begin, is "
                     "under convergence in Settings. A size that risks the same shrinks as it grows.")),
           figure(tr("Rises"), tr("Probability, %, that the next hour ends higher; by its direction_predictor.")),
           figure(tr("Fills"), tr("Probability, %, that a limit order at the usual distance fills within its "
                                  "patience; by fill_predictor.")),
           figure(tr("Stop hit"), tr("Probability, %, that a stop at the usual distance is hit within two hours; by "
                                     "stop_hit_predictor.")),
           {.title = tr("Seen at"),
            .kind = CellKind::Figure,
            .alignment = Qt::AlignRight,
            .help = tr("Time of the candle that they saw."),
            .givesWay = 1}},
          parent),
      context_(context)
{
}

QVariant HintsModel::cell(const console::InstrumentHint& row, int column, int role) const
{
    const auto value = valueOf(row, column);
    switch (role) {
    case Qt::DisplayRole:
        return column == Instrument   ? format::text(row.name)
               : column == At         ? format::moment(row.at, context_.now(), context_.zone)
               : column == Percentile ? format::decimal(value, 0)
                                      : format::percent(value, column == Volatility ? 1 : 0);
    case SortRole:
        return column == Instrument ? QVariant(format::text(row.name))
               : column == At       ? QVariant(static_cast<qlonglong>(row.at.value))
               : value              ? QVariant(*value)
                                    : QVariant();
    case Qt::ToolTipRole:
        return column != Instrument && column != At && !value
                   ? QVariant(tr("No model in service says it, or the newest candles touch a gap"))
                   : QVariant();
    default:
        return {};
    }
}

bool HintsModel::isSame(const console::InstrumentHint& a, const console::InstrumentHint& b) const
{
    return a.instrument == b.instrument;
}

bool HintsModel::isEqual(const console::InstrumentHint& a, const console::InstrumentHint& b) const
{
    const auto all = [](const console::InstrumentHint& row) {
        return std::tie(row.name, row.at, row.volatility, row.volatilityPercentile, row.rises, row.fills, row.stopHit);
    };
    return all(a) == all(b);
}

HintsTab::HintsTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      model_(new HintsModel(context, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("models.hints"), *model_)),
      note_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted))
{
    note_->setWordWrap(true);
    note_->show(tr("Asking the models in service…"));
    table_->setRowHeight(30);
    table_->view()->setAccessibleName(tr("Hints of the models in service"));
    table_->setEmptyText(
        tr("No model in service says anything yet. It takes a champion of volatility, direction, fills "
           "or stops, and hours of candles without a gap."));
    auto* head = new QHBoxLayout;
    head->addWidget(note_, 1);
    head->addWidget(table_->menuButton());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(head);
    layout->addWidget(table_, 1);
    question_ = new PatientQuestion(
        context, this, patience, [] { return console::AskModelHints{}; },
        [this](const console::Answer& answer) { take(answer); });
}

QString HintsTab::note() const
{
    return note_->text();
}

void HintsTab::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    question_->ask();
}

void HintsTab::take(const console::Answer& answer)
{
    question_->renew(); // after its patience, while it is seen
    const auto* hints = std::get_if<console::ModelHints>(&answer.value);
    if (answer.error || hints == nullptr) {
        note_->show(format::sentence(answer.error.value_or(base::Error{})));
        return;
    }
    QStringList versions;
    for (const auto& version : hints->versions) {
        versions << format::text(version);
    }
    note_->show(
        versions.isEmpty()
            ? tr("Hints, which decide nothing.")
            : tr("Hints of %1, which decide nothing. A limit order %2 ATR away, a stop %3 ATR away.")
                  .arg(versions.size() > 4 ? tr("%1 models").arg(versions.size()) : versions.join(QStringLiteral(", ")),
                       format::decimal(hints->fillDistance, 1), format::decimal(hints->stopDistance, 1)));
    model_->update(hints->rows);
}

} // namespace qd::ui
