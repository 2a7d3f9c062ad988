#include "ui/experiments/experiment_actions.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/strategies/reason_dialog.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QSpinBox>

namespace qd::ui {

using console::ExperimentEnd;

namespace {

QString consequences(ExperimentEnd how, const EndingExperiment& of)
{
    switch (how) {
    case ExperimentEnd::PromoteB:
        if (of.comparison == governance::Comparison::Models) {
            return ExperimentActions::tr(
                       "The experiment ends. B's model is champion and serves %1 from now on; A's goes "
                       "on in shadow.")
                .arg(of.subject);
        }
        return of.comparison == governance::Comparison::OnOff
                   ? ExperimentActions::tr("The experiment ends and %1 is on.").arg(of.subject)
                   : ExperimentActions::tr(
                         "The experiment ends. %1 runs B's parameters from now on, on paper, with the "
                         "trades that B made here as its record.")
                         .arg(of.subject);
    case ExperimentEnd::KeepA:
        if (of.comparison == governance::Comparison::OnOff) {
            return ExperimentActions::tr("The experiment ends. The switch of %1 stays as it is.").arg(of.subject);
        }
        return ExperimentActions::tr("The experiment ends and %1 goes on as it is. B's trades stay for reading.")
            .arg(of.subject);
    case ExperimentEnd::Stop:
        return ExperimentActions::tr("The experiment ends without an outcome. What B has open is closed at the next "
                                     "quote.");
    }
    return {};
}

QString nameOf(ExperimentEnd how)
{
    return how == ExperimentEnd::PromoteB ? ExperimentActions::tr("Promote B")
           : how == ExperimentEnd::KeepA  ? ExperimentActions::tr("Keep A")
                                          : ExperimentActions::tr("Stop");
}

} // namespace

void askToEndExperiment(const PageContext& context, const EndingExperiment& of, ExperimentEnd how, QWidget* parent)
{
    const bool isSupported = say::supported(of.advice) == how;
    auto* dialog = new ReasonDialog(
        context.theme,
        {.title = ExperimentActions::tr("%1: %2").arg(nameOf(how), of.subject),
         .consequences = ExperimentActions::tr("The verdict is: %1. %2\n\n%3 %4")
                             .arg(say::verdict(of.verdict), say::advice(of.advice), consequences(how, of),
                                  ExperimentActions::tr("It cannot be taken up again.")),
         .button = nameOf(how),
         .reason = isSupported ? say::advice(of.advice) : QString()},
        [&commands = context.commands, of, how](const QString& reason) {
            commands.endExperiment(of.id, of.subject, how, reason);
        },
        parent);
    dialog->open();
}

ExperimentActions::ExperimentActions(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      promote_(new QPushButton(tr("Promote B…"), this)),
      keep_(new QPushButton(tr("Keep A…"), this)),
      extend_(new QPushButton(tr("Extend…"), this)),
      stop_(new QPushButton(tr("Stop…"), this))
{
    auto* buttons = new QHBoxLayout(this);
    buttons->setContentsMargins(0, 4, 0, 0);
    buttons->setSpacing(8);
    for (auto* button : {promote_, keep_, extend_, stop_}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    connect(promote_, &QPushButton::clicked, this, [this] { end(ExperimentEnd::PromoteB); });
    connect(keep_, &QPushButton::clicked, this, [this] { end(ExperimentEnd::KeepA); });
    connect(stop_, &QPushButton::clicked, this, [this] { end(ExperimentEnd::Stop); });
    connect(extend_, &QPushButton::clicked, this, &ExperimentActions::extend);
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ExperimentActions::showState);
    showState();
}

QPushButton* ExperimentActions::button(ExperimentEnd how) const
{
    return how == ExperimentEnd::PromoteB ? promote_ : how == ExperimentEnd::KeepA ? keep_ : stop_;
}

void ExperimentActions::show(const console::ExperimentRow* row)
{
    row_ = row != nullptr ? std::optional(*row) : std::nullopt;
    showState();
}

void ExperimentActions::showState()
{
    const bool runs = row_ && !row_->ended;
    setVisible(runs);
    if (!runs) {
        return;
    }
    const bool isPending = context_.commands.isExperimentPending(row_->plan.id);
    const auto supported = say::supported(row_->assessment.advice);
    for (const auto& [how, words] :
         {std::pair{ExperimentEnd::PromoteB, tr("Promote B")}, std::pair{ExperimentEnd::KeepA, tr("Keep A")},
          std::pair{ExperimentEnd::Stop, tr("Stop")}}) {
        auto* one = button(how);
        const bool isIt = supported == how;
        one->setText(words + QStringLiteral("…"));
        one->setDefault(isIt && !isPending);
        one->setEnabled(!isPending);
        one->setToolTip(isIt ? say::advice(row_->assessment.advice) : tr("Against the verdict; asks why"));
    }
    // A gate that is red cannot be overruled: the interval can, with a reason.
    const bool canPromote = row_->assessment.gatesPass();
    promote_->setEnabled(!isPending && canPromote);
    if (!canPromote) {
        promote_->setToolTip(tr("B's gates are not passed yet"));
    }
    const bool isTimeUp = row_->assessment.isOver && !supported;
    extend_->setEnabled(!isPending);
    extend_->setDefault(isTimeUp && !isPending);
    extend_->setToolTip(isTimeUp ? tr("Its days have passed without a verdict") : tr("More days than were planned"));
}

void ExperimentActions::end(ExperimentEnd how)
{
    if (row_) {
        askToEndExperiment(context_,
                           {row_->plan.id, format::text(row_->plan.subject), row_->plan.comparison,
                            row_->assessment.verdict, row_->assessment.advice},
                           how, window());
    }
}

void ExperimentActions::extend()
{
    if (!row_) {
        return;
    }
    auto* days = new QSpinBox;
    days->setRange(1, 365);
    days->setValue(14);
    days->setSuffix(tr(" days more"));
    days->setAccessibleName(tr("Days more"));
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Extend the experiment on %1").arg(format::text(row_->plan.subject)),
         tr("It ends later than was planned; its interval holds however often and long one looks."), tr("Extend"),
         days},
        [this, days, id = row_->plan.id, subject = format::text(row_->plan.subject)](const QString& reason) {
            Request request;
            request.what = tr("Experiment on %1 extended by %2 days").arg(subject).arg(days->value());
            request.experiment = id;
            context_.commands.send(
                console::ExtendExperiment{id, static_cast<std::uint32_t>(days->value()), reason.toStdString()},
                std::move(request));
        },
        window());
    dialog->open();
}

} // namespace qd::ui
