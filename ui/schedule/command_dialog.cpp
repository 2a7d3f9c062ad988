#include "ui/schedule/command_dialog.h"

#include "governance/job.h"
#include "ui/format.h"
#include "ui/widgets/card.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

namespace qd::ui {

CommandDialog::CommandDialog(const Theme& theme, std::function<bool(const std::string&)> isTaken, QWidget* parent)
    : QDialog(parent),
      isTaken_(std::move(isTaken)),
      name_(new QLineEdit),
      command_(new QLineEdit),
      times_(new QLineEdit(QStringLiteral("daily 03:30"))),
      minutes_(new QSpinBox),
      problem_(new TextLabel(theme, FontRole::Caption, Meaning::Warning))
{
    setWindowTitle(tr("Add a command"));
    setMinimumWidth(520);
    name_->setObjectName(QStringLiteral("name"));
    command_->setObjectName(QStringLiteral("command"));
    times_->setObjectName(QStringLiteral("times"));
    command_->setPlaceholderText(QStringLiteral("rsync -av /data/qd/ nas:qd/"));
    minutes_->setRange(0, 7 * 24 * 60);
    minutes_->setValue(60);
    minutes_->setSuffix(tr(" min"));
    minutes_->setSpecialValueText(tr("as long as it speaks"));
    auto* form = new QFormLayout;
    form->addRow(tr("&Name"), name_);
    form->addRow(problem_); // most often of the name
    form->addRow(tr("&Command"), command_);
    form->addRow(tr("&When"), times_);
    form->addRow(tr("&Longest"), minutes_);
    auto* help = new TextLabel(
        theme, FontRole::Caption, Meaning::TextMuted,
        tr("The shell runs it in the data directory. When: by hand, every 15 min, every 6 h, daily 03:30, weekly Sat "
           "03:00. It has failed when it dies, answers another code than 0, or says nothing at all; silent for "
           "jobs.heartbeat_s it is ended."));
    for (auto* label : {help, problem_}) {
        label->setWordWrap(true);
    }
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    add_ = buttons->addButton(tr("Add"), QDialogButtonBox::AcceptRole);
    add_->setObjectName(QStringLiteral("accept"));
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(help);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    for (auto* line : {name_, command_, times_}) {
        connect(line, &QLineEdit::textChanged, this, &CommandDialog::check);
    }
    check();
}

void CommandDialog::check()
{
    const auto wished = wish();
    const auto times = governance::jobTimesFrom(wished.times);
    const bool hasName = governance::isJobName(wished.name);
    const bool isTaken = hasName && isTaken_(wished.name);
    problem_->show(
        !hasName  ? tr("A name begins with a letter and has letters, digits, - and _.")
        : isTaken ? tr("There is a job %1. Take another name, or remove that job first.").arg(format::text(wished.name))
        : wished.command.empty() ? tr("What is the shell to run?")
        : !times                 ? format::text(times.error().detail)
                                 : QString());
    add_->setEnabled(hasName && !isTaken && !wished.command.empty() && times.has_value());
}

// A job of that name may have come while the dialog was open.
void CommandDialog::accept()
{
    check();
    if (add_->isEnabled()) {
        QDialog::accept();
    }
}

console::AddJob CommandDialog::wish() const
{
    return {.name = name_->text().trimmed().toStdString(),
            .command = command_->text().trimmed().toStdString(),
            .times = times_->text().simplified().toStdString(),
            .most = minutes_->value() > 0 ? std::optional(base::Millis{minutes_->value() * 60'000LL}) : std::nullopt};
}

} // namespace qd::ui
