#include "ui/widgets/empty_state.h"

namespace qd::ui {

EmptyState::EmptyState(const Theme& theme, const QString& title, const QString& sentence, QWidget* parent)
    : QWidget(parent),
      buttons_(new QHBoxLayout)
{
    auto* heading = new TextLabel(theme, FontRole::Heading, Meaning::Text, title);
    heading->setAlignment(Qt::AlignCenter);
    auto* words = new TextLabel(theme, FontRole::Body, Meaning::TextMuted, sentence);
    words->setAlignment(Qt::AlignCenter);
    words->setWordWrap(true);
    words->setMinimumWidth(300);
    words->setMaximumWidth(560);
    buttons_->setSpacing(8);
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addStretch(2);
    layout->addWidget(heading);
    auto* row = new QHBoxLayout;
    row->addStretch(1);
    row->addWidget(words, 4);
    row->addStretch(1);
    layout->addLayout(row);
    auto* below = new QHBoxLayout;
    below->addStretch(1);
    below->addLayout(buttons_);
    below->addStretch(1);
    layout->addSpacing(4);
    layout->addLayout(below);
    layout->addStretch(3);
}

QPushButton* EmptyState::addButton(const QString& text)
{
    auto* button = new QPushButton(text);
    button->setDefault(buttons_->count() == 0);
    button->setAutoDefault(false);
    buttons_->addWidget(button);
    return button;
}

} // namespace qd::ui
