#include "ui/widgets/card.h"

#include "ui/widgets/paint.h"

namespace qd::ui {

TextLabel::TextLabel(const Theme& theme, FontRole role, Meaning meaning, const QString& text, QWidget* parent)
    : QLabel(text, parent),
      theme_(theme),
      role_(role),
      meaning_(meaning)
{
    setTextFormat(Qt::PlainText);
    restyle();
    connect(&theme, &Theme::changed, this, &TextLabel::restyle);
}

void TextLabel::setMeaning(Meaning meaning)
{
    if (meaning != meaning_) {
        meaning_ = meaning;
        restyle();
    }
}

void TextLabel::show(const QString& text)
{
    if (text != this->text()) {
        setText(text);
    }
}

void TextLabel::restyle()
{
    setFont(theme_.font(role_));
    QPalette p = palette();
    p.setColor(QPalette::WindowText, theme_.color(meaning_));
    setPalette(p);
}

Card::Card(const Theme& theme, const QString& title, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      title_(new TextLabel(theme, FontRole::Title, Meaning::TextMuted, title, this)),
      note_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted, {}, this)),
      header_(new QHBoxLayout),
      body_(new QVBoxLayout)
{
    setAccessibleName(title);
    note_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    note_->hide();
    title_->setMinimumHeight(24); // as high as what may stand beside it, so that titles of neighbours are level
    header_->setContentsMargins(0, 0, 0, 0);
    header_->setSpacing(6);
    header_->addWidget(title_);
    header_->addStretch(1);
    header_->addWidget(note_);
    body_->setContentsMargins(0, 0, 0, 0);
    body_->setSpacing(8);

    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(cardPadding, 9, cardPadding, 12);
    outer->setSpacing(6);
    outer->addLayout(header_);
    outer->addLayout(body_, 1);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Card::setNote(const QString& note)
{
    note_->show(note);
    note_->setVisible(!note.isEmpty());
}

void Card::addToHeader(QWidget* widget)
{
    header_->addWidget(widget);
}

void Card::setContent(QWidget* content)
{
    body_->addWidget(content, 1);
}

void Card::setBodyInset(int inset)
{
    body_->setContentsMargins(inset, 0, inset, 0);
}

void Card::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    paint::box(p, rect(), theme_.color(Meaning::Card), theme_.color(Meaning::Hairline));
}

} // namespace qd::ui
