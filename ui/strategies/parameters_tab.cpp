#include "ui/strategies/parameters_tab.h"

#include "ui/command_desk.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int sideBySide = 820; // from this width on the tries stand beside the values

} // namespace

ParametersTab::ParametersTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      layout_(new QBoxLayout(QBoxLayout::TopToBottom, this)),
      area_(new QScrollArea(this)),
      hash_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      apply_(new QPushButton(tr("Apply…"), this)),
      defaults_(new QPushButton(tr("Defaults"), this)),
      discard_(new QPushButton(tr("Discard"), this)),
      trials_(new TrialsModel(context, this)),
      table_(new DataTable(context.theme, context_.memory, QStringLiteral("strategies.trials"), *trials_, this)),
      trialsTitle_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, tr("Tries"))),
      form_(new ParameterForm(context))
{
    area_->setWidget(form_);
    form_->setAutoFillBackground(false); // the card shows through
    area_->viewport()->setAutoFillBackground(false);
    area_->setWidgetResizable(true);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area_->setMinimumHeight(90);
    told_->setWordWrap(true);
    told_->setAccessibleName(tr("What the typed values would do"));
    hash_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    defaults_->setToolTip(tr("Fills in the defaults; nothing changes before Apply"));
    discard_->setToolTip(tr("Back to the values in force"));
    table_->setRowHeight(26);
    table_->view()->setAccessibleName(tr("Tries"));
    table_->setEmptyText(tr("Every parameter set that could have been chosen is listed here; the defaults are the "
                            "first once a trade was made."));
    table_->setMinimumHeight(84);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(apply_);
    buttons->addWidget(discard_);
    buttons->addWidget(defaults_);
    buttons->addStretch(1);
    buttons->addWidget(hash_);
    auto* head = new QHBoxLayout;
    head->addWidget(trialsTitle_, 1);
    head->addWidget(table_->menuButton());
    auto* rest = new QVBoxLayout;
    rest->setSpacing(8);
    rest->addWidget(told_);
    rest->addLayout(buttons);
    rest->addLayout(head);
    rest->addWidget(table_, 1);
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(cardGap);
    layout_->addWidget(area_, 5);
    layout_->addLayout(rest, 3);
    connect(apply_, &QPushButton::clicked, this, &ParametersTab::apply);
    connect(discard_, &QPushButton::clicked, this, [this] { form_->fill(inForce_); });
    connect(defaults_, &QPushButton::clicked, this, [this] {
        if (info_ != nullptr) {
            form_->fill(trading::ParameterSet(info_->name, info_->parameters));
        }
    });
    connect(form_, &ParameterForm::changed, this, &ParametersTab::judge);
    connect(form_, &ParameterForm::entered, this, [this] {
        if (apply_->isEnabled()) {
            apply();
        }
    });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ParametersTab::judge);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (request.parametersOf == format::text(row_.name)) {
            told_->setMeaning(Meaning::Loss);
            told_->show(format::sentence(error) + QLatin1Char(' ') + format::text(error.detail));
        }
    });
}

void ParametersTab::show(const console::StrategyRow& row)
{
    const bool isOther = row.name != row_.name;
    const bool isChanged = row.parameterHash != row_.parameterHash || row.parameters != row_.parameters;
    if (!isOther && !isChanged) {
        return;
    }
    row_ = row;
    info_ = trading::findStrategy(row.name);
    inForce_ = info_ != nullptr ? parametersOf(*info_, row) : trading::ParameterSet();
    if (isOther) {
        form_->setStrategy(info_, format::text(row.name), inForce_);
    } else {
        form_->setBase(inForce_);
        form_->fill(inForce_);
    }
    hash_->show(tr("hash %1").arg(format::text(row.parameterHash)));
    hash_->setToolTip(tr("Stamped on every trade that these parameters make"));
    showTrials();
    judge();
}

void ParametersTab::judge()
{
    const bool isPending = context_.commands.areParametersPending(format::text(row_.name));
    const auto set = form_->typed();
    const QString changes = set ? differences(inForce_.values(), set->values()) : QString();
    told_->setMeaning(set ? Meaning::TextMuted : Meaning::Loss);
    told_->show(isPending ? tr("Pending: waits for the engine.")
                : !set    ? tr("Not legal: %1.").arg(set.error())
                : changes.isEmpty()
                    ? tr("What runs now. A change starts the record at zero and counts as one more try.")
                    : tr("%1. New hash %2.").arg(changes, format::text(set->hash())));
    apply_->setEnabled(!isPending && set && !changes.isEmpty());
    apply_->setDefault(apply_->isEnabled());
    discard_->setEnabled(!isPending && (!set || !changes.isEmpty()));
    defaults_->setEnabled(!isPending && info_ != nullptr);
    form_->setReadOnly(isPending);
}

void ParametersTab::apply()
{
    const auto set = form_->typed();
    if (!set) {
        return;
    }
    const QString name = format::text(row_.name);
    const auto known =
        static_cast<std::uint64_t>(std::ranges::count(stored_.rows, row_.name, &trading::TrialRow::strategy));
    const QString consequences =
        tr("%1.\n\nThe record of %2 starts at zero; its %3 closed trades keep their hash, and their curve stays, "
           "dashed. It counts as one more try (%4 known), and its stage becomes paper. What is open keeps its exits.")
            .arg(differences(inForce_.values(), set->values()), name, format::count(row_.closed), format::count(known));
    auto* dialog = new ReasonDialog(
        context_.theme, {tr("Change the parameters of %1").arg(name), consequences, tr("Apply")},
        [this, strategy = row_.name, text = set->text()](const QString& reason) {
            context_.commands.setParameters({strategy, text, reason.toStdString()});
        },
        window());
    dialog->open();
}

void ParametersTab::setTrials(const console::Trials& trials)
{
    stored_ = trials;
    showTrials();
}

void ParametersTab::clearTrials()
{
    stored_ = {};
    trials_->update({});
}

void ParametersTab::showTrials()
{
    std::vector<TrialEntry> rows;
    std::uint64_t tries = 0;
    for (const auto& trial : stored_.rows) {
        tries += trial.tries;
        QString changes;
        if (info_ != nullptr && trial.strategy == row_.name) {
            const trading::ParameterSet defaults(info_->name, info_->parameters);
            auto set = defaults;
            changes =
                set.setText(trial.parameters) ? differences(defaults.values(), set.values()) : tr("of another version");
        }
        rows.push_back(
            {trial, trial.parameterHash == row_.parameterHash, changes.isEmpty() ? tr("the defaults") : changes});
    }
    trialsTitle_->show(rows.empty() ? tr("Tries")
                                    : tr("Tries: %1. The deflated Sharpe pays for each.").arg(format::count(tries)));
    trials_->update(std::move(rows));
}

void ParametersTab::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layout_->setDirection(width() >= sideBySide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void ParametersTab::restyle()
{
    form_->restyle();
    trials_->repaintAll();
}

QLineEdit* ParametersTab::editor(std::string_view name) const
{
    return form_->editor(name);
}

QString ParametersTab::told() const
{
    return told_->text();
}

} // namespace qd::ui
