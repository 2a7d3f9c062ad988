#include "ui/strategies/reason_dialog.h"

#include "ui/widgets/card.h"

#include <QLineEdit>
#include <QPainter>
#include <QPushButton>

namespace qd::ui {

ReasonDialog::ReasonDialog(const Theme& theme, const ReasonQuestion& question, std::function<void(const QString&)> done,
                           QWidget* parent)
    : QDialog(parent),
      theme_(theme),
      reason_(new QLineEdit(this)),
      go_(new QPushButton(question.button, this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Quarterdeck · %1").arg(question.title));
    setAccessibleName(question.title);
    setAccessibleDescription(question.consequences);
    reason_->setPlaceholderText(tr("Why, in one line; the journal keeps it"));
    reason_->setAccessibleName(tr("Reason"));
    reason_->setMaxLength(200);
    auto* words = new TextLabel(theme, FontRole::Body, Meaning::TextMuted, question.consequences, this);
    words->setWordWrap(true);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setAutoDefault(false);
    go_->setDefault(true);
    go_->setEnabled(false);
    go_->setToolTip(tr("Needs a reason"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(go_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(new TextLabel(theme, FontRole::Heading, Meaning::Text, question.title, this));
    layout->addWidget(words);
    if (question.extra != nullptr) {
        layout->addWidget(question.extra);
    }
    layout->addWidget(reason_);
    layout->addLayout(buttons);
    setMinimumWidth(460);
    connect(reason_, &QLineEdit::textChanged, this, [this](const QString& text) {
        go_->setEnabled(!text.trimmed().isEmpty());
        go_->setToolTip(go_->isEnabled() ? QString() : tr("Needs a reason"));
    });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(go_, &QPushButton::clicked, this, [this, done = std::move(done)] {
        done(reason_->text().trimmed());
        accept();
    });
    reason_->setText(question.reason);
    reason_->selectAll();
    reason_->setFocus();
}

void ReasonDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

} // namespace qd::ui
