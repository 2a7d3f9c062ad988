#include "ui/first_start/first_start_dialog.h"

#include "ui/quarterdeck_style.h"
#include "ui/widgets/card.h"

#include <QPainter>
#include <QPushButton>

namespace qd::ui {

FirstStartDialog::FirstStartDialog(QWidget* parent) : QDialog(parent)
{
    dressApplication(theme_);
    setWindowTitle(tr("Quarterdeck · first start"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 20, 24, 24);
    layout->setSpacing(cardGap);
    layout->addWidget(
        new TextLabel(theme_, FontRole::Heading, Meaning::Text, tr("Which market do you want to begin with?")));
    auto* words =
        new TextLabel(theme_, FontRole::Body, Meaning::TextMuted,
                      tr("You can change it at any time on Settings. Each has its own database; no real money moves."));
    layout->addWidget(words);
    auto* row = new QHBoxLayout;
    row->setSpacing(cardGap);
    row->addWidget(card(
        tr("Demo"),
        tr("A simulated market inside the program with 200 days behind it, the newest 60 traded tick by tick. Making "
           "them takes some minutes, once. No exchange is asked, and no edge is to be had."),
        tr("Start the demo"), FirstChoice::Demo));
    row->addWidget(card(tr("BloFin"),
                        tr("The exchange's public feed, by internet: 20 usual instruments, or those that you pick by "
                           "volume on Markets, "
                           "with 200 days of candles. No account and no key are needed."),
                        tr("Connect to BloFin"), FirstChoice::BloFin));
    row->addWidget(card(
        tr("Import"),
        tr("Recorded trades or candles from a CSV file. They are kept apart from the feeds and traded on at once."),
        tr("Choose a file…"), FirstChoice::Import));
    layout->addLayout(row);
    setMinimumWidth(860);
}

QWidget* FirstStartDialog::card(const QString& title, const QString& sentence, const QString& button,
                                FirstChoice choice)
{
    auto* card = new Card(theme_, title);
    auto* words = new TextLabel(theme_, FontRole::Body, Meaning::TextMuted, sentence);
    words->setWordWrap(true);
    words->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    card->body()->addWidget(words, 1);
    auto* act = new QPushButton(button);
    act->setObjectName(title);
    act->setDefault(choice == FirstChoice::Demo);
    connect(act, &QPushButton::clicked, this, [this, choice] {
        choice_ = choice;
        accept();
    });
    card->body()->addWidget(act);
    card->setMinimumHeight(190);
    return card;
}

void FirstStartDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), theme_.color(Meaning::Background));
}

} // namespace qd::ui
