#include "ui/models/retrain_card.h"

#include "ui/command_desk.h"
#include "ui/models/detail_models.h"
#include "ui/models/model_words.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/progress_card.h"

#include <QComboBox>
#include <QHeaderView>
#include <QPushButton>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

/// Every model that can be trained, and a family of several as one.
void fillModels(QComboBox& box, const console::Models& models)
{
    std::optional<learning::Family> family;
    for (const auto& of : models.families) {
        const QString name = format::text(learning::name(of.key.family));
        if (!of.key.instrument.empty() && family != of.key.family) {
            const auto count = std::ranges::count(models.families, of.key.family,
                                                  [](const console::ModelFamily& f) { return f.key.family; });
            box.addItem(RetrainCard::tr("%1, all %2 instruments").arg(name).arg(count), name);
        }
        family = of.key.family;
        const QString key = format::text(governance::text(of.key));
        box.addItem(of.due.isDue ? RetrainCard::tr("%1 (due)").arg(key) : key, key);
    }
}

QString firstDue(const console::Models& models)
{
    const auto found = std::ranges::find_if(models.families, [](const auto& of) { return of.due.isDue; });
    return found == models.families.end() ? QString() : format::text(governance::text(found->key));
}

} // namespace

void askRetrain(const PageContext& context, const console::Models& models, const QStringList& wished, QWidget* window)
{
    const bool isOne = wished.size() < 2;
    auto* box = isOne ? new QComboBox : nullptr;
    if (box != nullptr) {
        box->setAccessibleName(RetrainCard::tr("Model"));
        box->setMaxVisibleItems(24);
        fillModels(*box, models);
        const int at = box->findData(wished.isEmpty() ? firstDue(models) : wished.first());
        box->setCurrentIndex(std::max(0, at));
    }
    const QString how = RetrainCard::tr(
        "It trains on what is archived, beside everything else and one at a time; what serves goes on "
        "serving. After the walk-forward and the audit it becomes a challenger (the first: champion), is "
        "quarantined, or the old one is kept; each with the reason. It pauses while the processor is hot "
        "or ticks lag, and can be cancelled.");
    auto* dialog = new ReasonDialog(
        context.theme,
        {isOne ? RetrainCard::tr("Retrain now") : RetrainCard::tr("Retrain %1 models now").arg(wished.size()),
         isOne ? how : wished.join(QStringLiteral(", ")) + QStringLiteral(".\n\n") + how, RetrainCard::tr("Retrain"),
         box},
        [&desk = context.commands, box, wished](const QString& reason) {
            box != nullptr ? desk.retrain(box->currentData().toString(), reason) : desk.retrain(wished, reason);
        },
        window);
    dialog->open();
}

RetrainCard::RetrainCard(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      progress_(new ProgressCard(context.theme, this)),
      queue_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      clear_(new PillButton(context.theme, tr("Clear"), this)),
      title_(new TextLabel(context.theme, FontRole::Title, Meaning::TextMuted, tr("Newest trainings"))),
      outcomes_(new OutcomesModel(context, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("models.outcomes"), *outcomes_)),
      retrain_(new QPushButton(tr("Retrain now…"), this))
{
    queue_->setWordWrap(true);
    clear_->setToolTip(tr("Nothing of the queue trains; what runs goes on"));
    clear_->setAccessibleName(tr("Clear the queue of trainings"));
    table_->setRowHeight(38);
    table_->view()->horizontalHeader()->hide();
    table_->setVisibleRows(1, 3);
    table_->view()->setAccessibleName(tr("Newest trainings"));
    table_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("No training has ended yet."));
    retrain_->setDefault(true);
    retrain_->setAutoDefault(false);
    retrain_->setToolTip(tr("Trains a model on what is archived; asks which and why"));
    auto* head = new QHBoxLayout;
    head->addWidget(title_, 1);
    head->addWidget(table_->menuButton());
    auto* waiting = new QHBoxLayout;
    waiting->addWidget(queue_, 1);
    waiting->addWidget(clear_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(head);
    layout->addWidget(table_);
    layout->addWidget(progress_);
    layout->addLayout(waiting);
    layout->addWidget(retrain_);
    progress_->setCancellable(true);
    progress_->hide();
    queue_->hide();
    clear_->hide();
    connect(progress_, &ProgressCard::cancelled, this, [this] { context_.commands.cancelRetrain(running_); });
    connect(clear_, &QAbstractButton::clicked, this, [this] {
        for (const auto& model : waiting_) {
            context_.commands.cancelRetrain(model);
        }
    });
    connect(retrain_, &QPushButton::clicked, this, &RetrainCard::retrainWished);
    connect(table_, &DataTable::opened, this, [this](int row) {
        const auto& outcome = outcomes_->row(row);
        Q_EMIT opened(format::text(outcome.version.empty() ? outcome.model : outcome.version));
    });
}

void RetrainCard::show(const console::LearningSnapshot& learning)
{
    running_ = learning.running ? format::text(learning.running->model) : QString();
    progress_->setVisible(learning.running.has_value());
    if (learning.running) {
        const auto& now = *learning.running;
        progress_->setProgress(tr("Retraining %1").arg(running_), say::step(now), now.fraction, say::details(now));
        progress_->setToolTip(
            tr("%1\nsince %2")
                .arg(format::text(now.trigger), format::moment(now.since, context_.now(), context_.zone)));
    }
    waiting_.clear();
    for (const auto& model : learning.waiting) {
        waiting_ << format::text(model);
    }
    queue_->setVisible(!waiting_.isEmpty());
    clear_->setVisible(!waiting_.isEmpty());
    queue_->setToolTip(waiting_.join(QLatin1Char('\n')));
    const auto more = waiting_.size() - 3;
    queue_->show(more > 0 ? tr("Then %1 and %2 more").arg(waiting_.mid(0, 3).join(QStringLiteral(", "))).arg(more)
                          : tr("Then %1").arg(waiting_.join(QStringLiteral(", "))));
    outcomes_->update(learning.outcomes);
}

QString RetrainCard::queue() const
{
    return queue_->isHidden() ? QString() : queue_->text();
}

void RetrainCard::restyle()
{
    outcomes_->repaintAll();
}

} // namespace qd::ui
