#include "ui/markets/instruments_dialog.h"

#include "ui/command_desk.h"
#include "ui/markets/offer_model.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace qd::ui {

InstrumentsDialog::InstrumentsDialog(const PageContext& context, QWidget* parent)
    : QDialog(parent),
      context_(context),
      model_(new OfferModel(this)),
      table_(new DataTable(context.theme, context_.memory, QStringLiteral("markets.offer"), *model_, this)),
      search_(new QLineEdit(this)),
      told_(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted)),
      apply_(new QPushButton(tr("Apply"))),
      again_(new QPushButton(tr("Ask again")))
{
    setWindowTitle(tr("Quarterdeck · instruments"));
    setAccessibleName(tr("Instruments of the feed"));
    table_->setRowHeight(30);
    table_->view()->setAccessibleName(tr("Offered instruments"));
    table_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setEmptyText(tr("The exchange is asked what it offers…"));
    connect(table_, &DataTable::switched, this, &InstrumentsDialog::toggle);
    connect(table_, &DataTable::opened, this, &InstrumentsDialog::toggle);
    auto* cancel = new QPushButton(tr("Cancel"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(told_, 1);
    buttons->addWidget(again_);
    buttons->addWidget(cancel);
    buttons->addWidget(apply_);
    apply_->setDefault(true);
    told_->setWordWrap(true);
    for (auto* button : {cancel, again_}) {
        button->setAutoDefault(false);
    }
    again_->hide();
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(apply_, &QPushButton::clicked, this, &InstrumentsDialog::apply);
    connect(again_, &QPushButton::clicked, this, [this] { context_.console.send(console::AskOffer{}); });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(new TextLabel(context.theme, FontRole::Heading, Meaning::Text, tr("Instruments of this feed")));
    layout->addLayout(choices());
    layout->addWidget(table_, 1);
    layout->addLayout(buttons);
    resize(760, 620);
    context_.console.send(console::AskOffer{});
    tellChange();
    search_->setFocus();
}

QLayout* InstrumentsDialog::choices()
{
    search_->setPlaceholderText(tr("Search"));
    search_->setClearButtonEnabled(true);
    search_->setAccessibleName(tr("Search instruments"));
    search_->installEventFilter(this);
    connect(search_, &QLineEdit::textChanged, this,
            [this](const QString& words) { static_cast<TableFilter*>(table_->proxy())->setWords(words); });
    auto* defaults = new PillButton(context_.theme, tr("The 20 defaults"));
    defaults->setToolTip(tr("Chooses the 20 instruments that the console begins with, as far as they are offered"));
    auto* largest = new PillButton(context_.theme, tr("20 by volume"));
    largest->setToolTip(tr("Chooses the 20 with the largest turnover of the last 24 hours"));
    connect(defaults, &QAbstractButton::clicked, this, [this] {
        std::set<std::string> names;
        for (const auto& row : model_->rows()) {
            if (row.of.isDefault) {
                names.insert(row.of.name);
            }
        }
        choose(names);
    });
    connect(largest, &QAbstractButton::clicked, this, [this] {
        std::set<std::string> names;
        for (const auto& row : model_->rows()) { // they come by turnover
            if (names.size() < usual && row.of.turnover24h) {
                names.insert(row.of.name);
            }
        }
        choose(names);
    });
    auto* row = new QHBoxLayout;
    row->addWidget(search_, 1);
    row->addWidget(defaults);
    row->addWidget(largest);
    row->addWidget(table_->menuButton());
    return row;
}

void InstrumentsDialog::refresh(const console::IngestSnapshot& ingest)
{
    std::set<std::string> present;
    std::set<std::string> leaving;
    for (const auto& row : ingest.instruments) {
        (row.isLeaving ? leaving : present).insert(row.instrument.name);
    }
    if (offer_ == ingest.offer && present == present_ && leaving == leaving_) {
        return;
    }
    offer_ = ingest.offer;
    present_ = std::move(present);
    leaving_ = std::move(leaving);
    isListGiven_ = ingest.isListGiven;
    rebuild();
}

void InstrumentsDialog::rebuild()
{
    std::vector<OfferRow> rows;
    if (offer_) {
        const auto& chosen = chosen_ ? *chosen_ : present_;
        for (const auto& one : offer_->instruments) {
            rows.push_back({one, chosen.contains(one.name), present_.contains(one.name), leaving_.contains(one.name)});
        }
    }
    const bool isWaiting = !offer_ || offer_->isAsking;
    if (!isWaiting || model_->rowCount() == 0) { // while it is asked again, the list stays
        model_->update(std::move(rows));
    }
    const bool hasFailed = !isWaiting && !offer_->error.empty();
    table_->setEmptyText(isWaiting   ? tr("The exchange is asked what it offers…")
                         : hasFailed ? tr("The exchange did not answer: %1").arg(format::text(offer_->error))
                                     : tr("The exchange offers nothing."));
    again_->setVisible(hasFailed);
    tellChange();
}

void InstrumentsDialog::toggle(int row)
{
    auto chosen = chosen_ ? *chosen_ : present_;
    const auto& name = model_->row(row).of.name;
    if (chosen.erase(name) == 0) {
        chosen.insert(name);
    }
    choose(chosen);
}

void InstrumentsDialog::choose(const std::set<std::string>& names)
{
    chosen_ = names;
    rebuild();
}

QStringList InstrumentsDialog::changed(bool isAdded) const
{
    QStringList out;
    for (const auto& row : model_->rows()) {
        if (row.isChosen != row.wasChosen && row.isChosen == isAdded) {
            out << format::text(row.of.name);
        }
    }
    return out;
}

void InstrumentsDialog::tellChange()
{
    const auto count = std::ranges::count_if(model_->rows(), [](const OfferRow& row) { return row.isChosen; });
    const auto more = added().size();
    const auto fewer = removed().size();
    QString text = tr("%1 in the feed").arg(count);
    if (more + fewer > 0) {
        text += tr(": %1 added, %2 removed.").arg(more).arg(fewer);
        if (fewer > 0) {
            text +=
                QLatin1Char(' ') + tr("A removed one takes no new entries, leaves once its positions have ended, and "
                                      "keeps its archive.");
        }
        if (isListGiven_) {
            text += QLatin1Char(' ') + tr("For this run only, because --instruments was given.");
        }
    }
    if (count == 0 && model_->rowCount() > 0) {
        text = tr("A feed needs at least one instrument.");
    }
    told_->show(text);
    apply_->setEnabled(more + fewer > 0 && count > 0);
}

void InstrumentsDialog::apply()
{
    context_.commands.changeInstruments(added(), removed());
    accept();
}

bool InstrumentsDialog::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == search_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const bool isIntoTable = key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter;
        if (isIntoTable && table_->proxy()->rowCount() > 0) {
            table_->view()->setCurrentIndex(table_->proxy()->index(0, OfferModel::Name));
            table_->view()->setFocus();
            return true;
        }
        if (key == Qt::Key_Escape && !search_->text().isEmpty()) {
            search_->clear();
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

void InstrumentsDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), context_.theme.color(Meaning::Background));
}

} // namespace qd::ui
