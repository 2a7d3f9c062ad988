#include "ui/strategies/stage_actions.h"

#include "ui/command_desk.h"
#include "ui/questions.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"

#include <QDir>
#include <QFileDialog>
#include <QPushButton>
#include <QSaveFile>

namespace qd::ui {

using governance::Stage;

StageActions::StageActions(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      promote_(new QPushButton(tr("Promote…"), this)),
      archive_(new QPushButton(tr("Archive…"), this)),
      experiment_(new QPushButton(tr("Start A/B…"), this)),
      manifest_(new QPushButton(tr("Manifest…"), this)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted))
{
    askFolder = [this] { return QFileDialog::getExistingDirectory(window(), tr("Where shall the manifest go?")); };
    experiment_->setToolTip(tr("Other parameters against those of now, or on against off"));
    manifest_->setToolTip(tr("The signed deployment manifest: three files, verifiable with openssl"));
    told_->setWordWrap(true);
    told_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    told_->hide();
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (auto* button : {promote_, experiment_, archive_, manifest_}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(told_);
    layout->addLayout(buttons);
    connect(promote_, &QPushButton::clicked, this, &StageActions::promote);
    connect(archive_, &QPushButton::clicked, this, &StageActions::archive);
    connect(manifest_, &QPushButton::clicked, this, &StageActions::exportManifest);
    connect(experiment_, &QPushButton::clicked, this, [this] { Q_EMIT experimentWished(format::text(row_.name)); });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &StageActions::showState);
}

void StageActions::show(const console::StrategyRow& row)
{
    if (row.name != row_.name) {
        gates_.reset();
        told_->hide();
    }
    row_ = row;
    showState();
}

void StageActions::setGates(const console::StrategyGates* gates)
{
    gates_ = gates != nullptr && gates->row.strategy == row_.name ? std::optional(*gates) : std::nullopt;
    showState();
}

void StageActions::showState()
{
    const bool isPending = context_.commands.isPending(format::text(row_.name));
    const bool isArchived = row_.stage == Stage::Archived;
    const bool isCandidate = row_.stage == Stage::Candidate;
    const bool isSupported = isCandidate && gates_ && gates_->checklist.isPassed();
    promote_->setVisible(row_.stage == Stage::Paper || isCandidate);
    promote_->setEnabled(!isPending);
    promote_->setText(isSupported ? tr("Promote") : tr("Promote…"));
    promote_->setDefault(isSupported && !isPending);
    promote_->setToolTip(isSupported   ? tr("All gates are passed: ready for live")
                         : isCandidate ? tr("Against red gates; asks why and marks it for ever")
                                       : tr("Makes it a candidate by hand; the review does so by itself"));
    archive_->setText(isArchived ? tr("Revive…") : tr("Archive…"));
    archive_->setEnabled(!isPending);
    archive_->setToolTip(isArchived ? tr("It runs again, on paper, with a new record; one more try")
                                    : tr("It runs no more; what is open is closed at the next quote"));
    experiment_->setEnabled(!isArchived);
    manifest_->setVisible(row_.stage == Stage::Ready);
}

void StageActions::promote()
{
    const QString name = format::text(row_.name);
    if (row_.stage == Stage::Paper) {
        auto* dialog = new ReasonDialog(
            context_.theme,
            {tr("Make %1 a candidate").arg(name),
             tr("The nightly review proposes candidates by their figures; this one was not proposed. Its sensitivity "
                "nights begin."),
             tr("Promote")},
            [this, name](const QString& reason) { context_.commands.setStage(name, Stage::Candidate, reason); },
            window());
        dialog->open();
        return;
    }
    if (gates_ && gates_->checklist.isPassed()) {
        context_.commands.setStage(name, Stage::Ready, tr("all gates are passed"));
        return;
    }
    const QString red = gates_ ? format::text(gates_->checklist.red()) : tr("not computed yet");
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Promote %1 against red gates").arg(name),
         tr("Not passed: %1.\n\nIt becomes ready for live all the same, and is marked for ever as promoted against red "
            "gates.")
             .arg(red),
         tr("Promote")},
        [this, name](const QString& reason) { context_.commands.setStage(name, Stage::Ready, reason); }, window());
    dialog->open();
}

void StageActions::archive()
{
    const QString name = format::text(row_.name);
    const bool isArchived = row_.stage == Stage::Archived;
    auto* dialog = new ReasonDialog(
        context_.theme,
        {isArchived ? tr("Revive %1").arg(name) : tr("Archive %1").arg(name),
         isArchived ? tr("It runs again on paper. Its record starts anew and it counts as one more try.")
                    : tr("It runs no more, not even in shadow; %1 open positions are closed at the next quote. Its "
                         "trades stay.")
                          .arg(row_.open),
         isArchived ? tr("Revive") : tr("Archive")},
        [this, name, isArchived](const QString& reason) {
            context_.commands.setStage(name, isArchived ? Stage::Paper : Stage::Archived, reason);
        },
        window());
    dialog->open();
}

void StageActions::exportManifest()
{
    const QString folder = askFolder();
    if (folder.isEmpty()) {
        return;
    }
    tell(tr("The manifest is being made and signed…"), false);
    context_.questions.ask(console::AskManifest{row_.name}, this, [this, folder](const console::Answer& answer) {
        const auto* manifest = std::get_if<console::SignedManifest>(&answer.value);
        if (answer.error || manifest == nullptr) {
            const auto error = answer.error.value_or(base::Error{});
            tell(tr("No manifest: %1").arg(error.detail.empty() ? format::sentence(error) : format::text(error.detail)),
                 true);
        } else {
            writeManifest(folder, *manifest);
        }
    });
}

void StageActions::writeManifest(const QString& folder, const console::SignedManifest& manifest)
{
    const QString base = QDir(folder).filePath(format::text(row_.name));
    const std::array files{std::pair{base + QStringLiteral(".json"), &manifest.json},
                           std::pair{base + QStringLiteral(".json.sig"), &manifest.signature},
                           std::pair{base + QStringLiteral(".pub.pem"), &manifest.publicPem}};
    for (const auto& [path, bytes] : files) {
        QSaveFile file(path);
        if (!file.open(QIODevice::WriteOnly) ||
            file.write(bytes->data(), static_cast<qint64>(bytes->size())) != static_cast<qint64>(bytes->size()) ||
            !file.commit()) {
            tell(tr("%1 could not be written: %2").arg(path, file.errorString()), true);
            return;
        }
    }
    const QString name = format::text(row_.name);
    tell(tr("Written to %1. Verify: openssl pkeyutl -verify -pubin -inkey %2.pub.pem -rawin -in %2.json -sigfile "
            "%2.json.sig")
             .arg(folder, name),
         false);
}

void StageActions::tell(const QString& text, bool isBad)
{
    told_->setMeaning(isBad ? Meaning::Loss : Meaning::TextMuted);
    told_->show(text);
    told_->setVisible(true);
}

QString StageActions::told() const
{
    return told_->text();
}

} // namespace qd::ui
