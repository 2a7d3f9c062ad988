#include "ui/models/audit_tab.h"

#include "ui/command_desk.h"
#include "ui/models/model_words.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"

#include <QPushButton>

#include <algorithm>

namespace qd::ui {

AuditTab::AuditTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      verdict_(new TextLabel(context.theme, FontRole::Body, Meaning::Text)),
      list_(new GateList(context.theme, this)),
      never_(new TextLabel(context.theme, FontRole::Body, Meaning::Loss)),
      box_(new QWidget(this))
{
    verdict_->setWordWrap(true);
    never_->setWordWrap(true);
    lines_ = new QVBoxLayout(box_);
    lines_->setContentsMargins(0, 4, 0, 0);
    lines_->setSpacing(6);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 8, 0);
    layout->setSpacing(8);
    layout->addWidget(verdict_);
    layout->addWidget(list_);
    layout->addWidget(never_);
    layout->addWidget(box_);
    layout->addStretch(1);
    connect(&context.commands, &CommandDesk::pendingChanged, this, &AuditTab::showButtons);
}

void AuditTab::show(const console::ModelDetail& detail)
{
    detail_ = detail;
    const auto verdict = detail.lineage.verdict;
    verdict_->setMeaning(verdict == learning::AuditVerdict::Clean ? Meaning::Text : Meaning::Warning);
    QString words = verdict == learning::AuditVerdict::Clean ? tr("Clean: no detector found a leak.")
                    : verdict == learning::AuditVerdict::WantsSignature
                        ? tr("Flagged. It may serve after each flag was looked at and signed off.")
                        : tr("Flagged, and at least one flag can never be signed off: it never serves.");
    if (!detail.lineage.hasSignal) {
        words += QLatin1Char(' ') + tr("It has no signal either: shuffled labels teach as much, or over all folds it "
                                       "does no better than chance.");
    }
    verdict_->show(words);
    list_->setLines(say::auditLines(detail));
    const auto never = say::neverSigned(detail);
    QStringList names;
    for (const auto detector : never) {
        names << say::detector(detector).toLower();
    }
    never_->setVisible(!never.empty());
    never_->show(
        tr("Never signed off: %1. Such a model knows what it cannot know when it serves; train it anew once the "
           "cause is found.")
            .arg(names.join(QStringLiteral("; "))));
    showButtons();
}

void AuditTab::showButtons()
{
    for (const auto& [detector, button] : buttons_) {
        delete button->parentWidget();
    }
    buttons_.clear();
    if (!detail_ || detail_->line.record.stage != governance::ModelStage::Quarantined) {
        box_->hide();
        return;
    }
    const auto& name = detail_->line.record.name;
    const bool isPending =
        context_.commands.isModelPending(format::text(governance::versionName(name.key, name.number)));
    for (const auto detector : say::toSignOff(*detail_)) {
        auto* line = new QWidget(box_);
        auto* row = new QHBoxLayout(line);
        row->setContentsMargins(0, 0, 0, 0);
        auto* words = new TextLabel(context_.theme, FontRole::Body, Meaning::Text, say::detector(detector));
        words->setWordWrap(true);
        auto* button = new QPushButton(isPending ? tr("pending") : tr("Sign off…"), line);
        button->setAutoDefault(false);
        button->setEnabled(!isPending);
        button->setAccessibleName(tr("Sign off: %1").arg(say::detector(detector)));
        row->addWidget(words, 1);
        row->addWidget(button);
        lines_->addWidget(line);
        buttons_.emplace_back(detector, button);
        connect(button, &QPushButton::clicked, this, [this, detector] { signOff(detector); });
    }
    box_->setVisible(!buttons_.empty());
}

void AuditTab::signOff(learning::Detector detector)
{
    const auto& name = detail_->line.record.name;
    const QString version = format::text(governance::versionName(name.key, name.number));
    const auto found = std::ranges::find(detail_->lineage.audit, detector, &learning::AuditFinding::detector);
    const bool isLast = say::toSignOff(*detail_).size() == 1 && say::neverSigned(*detail_).empty();
    QString consequences =
        found != detail_->lineage.audit.end() ? format::text(found->evidence) + QStringLiteral("\n\n") : QString();
    consequences += tr("You have looked at it and believe the figures. Most often the future leaked in.");
    consequences += QLatin1Char(' ') + (isLast ? tr("It is the last flag: %1 becomes a challenger.").arg(version)
                                               : tr("Other flags remain; until then it stays quarantined."));
    auto* dialog = new ReasonDialog(
        context_.theme, {tr("Sign off: %1").arg(say::detector(detector)), consequences, tr("Sign off")},
        [this, version, detector](const QString& reason) { context_.commands.signOffModel(version, detector, reason); },
        window());
    dialog->open();
}

QString AuditTab::told() const
{
    return verdict_->text() + (never_->isHidden() ? QString() : QLatin1Char('\n') + never_->text());
}

QPushButton* AuditTab::signOffButton(learning::Detector detector) const
{
    const auto found = std::ranges::find(buttons_, detector, &std::pair<learning::Detector, QPushButton*>::first);
    return found == buttons_.end() ? nullptr : found->second;
}

} // namespace qd::ui
