#include "ui/settings/manifest_key_card.h"

#include "ui/format.h"
#include "ui/questions.h"

#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QFileDialog>
#include <QPushButton>
#include <QSaveFile>

namespace qd::ui {

namespace {

constexpr qsizetype lineLength = 30; // half of the key: as wide as a narrow card is

/// What stands between the two frames of a PEM file, in lines.
QString linesOf(const std::string& pem)
{
    QString letters;
    for (const auto& line : format::text(pem).split(QLatin1Char('\n'))) {
        if (!line.startsWith(QLatin1Char('-'))) {
            letters += line.trimmed();
        }
    }
    for (auto at = lineLength; at < letters.size(); at += lineLength + 1) {
        letters.insert(at, QLatin1Char('\n'));
    }
    return letters;
}

} // namespace

ManifestKeyCard::ManifestKeyCard(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Manifest key"), parent),
      context_(context),
      key_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::Text, format::undefined())),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      copy_(new QPushButton(tr("Copy"))),
      save_(new QPushButton(tr("Save public key…")))
{
    askFile = [this](const QString& proposed) {
        return QFileDialog::getSaveFileName(window(), tr("Save the public key"), QDir::home().filePath(proposed),
                                            tr("PEM (*.pem)"));
    };
    auto* help =
        new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted,
                      tr("Whoever gets a deployment manifest needs this public key to check its signature. Send it by "
                         "another way than the manifest. The secret half stays in the data directory."));
    help->setWordWrap(true);
    key_->setAccessibleName(tr("Public key"));
    key_->setToolTip(tr("Ed25519, public: as in a manifest's .pub.pem"));
    key_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    told_->setWordWrap(true);
    told_->hide();
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (auto* button : {copy_, save_}) {
        button->setEnabled(false);
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    copy_->setToolTip(tr("The text of the PEM file"));
    for (auto* label : {help, key_}) {
        body()->addWidget(label);
    }
    body()->addLayout(buttons);
    body()->addWidget(told_);
    connect(copy_, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(format::text(pem_)); });
    connect(save_, &QPushButton::clicked, this, &ManifestKeyCard::save);
}

void ManifestKeyCard::showEvent(QShowEvent* event)
{
    Card::showEvent(event);
    ask();
}

// Once, unless it could not be read: then it is asked again when it is shown again.
void ManifestKeyCard::ask()
{
    if (!isAsked_) {
        isAsked_ = true;
        context_.questions.ask(console::AskManifestKey{}, this,
                               [this](const console::Answer& answer) { take(answer); });
    }
}

void ManifestKeyCard::take(const console::Answer& answer)
{
    const auto* key = std::get_if<console::ManifestKey>(&answer.value);
    if (answer.error || key == nullptr) {
        isAsked_ = false;
        tell(format::sentence(answer.error.value_or(base::Error{})), Meaning::Loss);
        return;
    }
    pem_ = key->publicPem;
    key_->show(linesOf(pem_));
    key_->setMinimumSize(key_->sizeHint()); // a key that is cut is none
    copy_->setEnabled(true);
    save_->setEnabled(true);
    told_->hide();
}

void ManifestKeyCard::save()
{
    const auto path = askFile(QStringLiteral("quarterdeck.pub.pem"));
    if (path.isEmpty()) {
        return;
    }
    QSaveFile file(path);
    const auto bytes = QByteArray::fromStdString(pem_);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit()) {
        tell(tr("%1 could not be written: %2").arg(path, file.errorString()), Meaning::Loss);
        return;
    }
    tell(tr("Written to %1").arg(path), Meaning::TextMuted);
}

void ManifestKeyCard::tell(const QString& text, Meaning meaning)
{
    told_->setMeaning(meaning);
    told_->show(text);
    told_->setVisible(true);
}

} // namespace qd::ui
