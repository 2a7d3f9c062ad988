#include "ui/markets/markets_page.h"

#include "ui/command_desk.h"
#include "ui/execution/trade_detail.h"
#include "ui/markets/chart_panel.h"
#include "ui/markets/instruments_dialog.h"
#include "ui/markets/markets_models.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace qd::ui {

namespace {

const QString instrumentKey = QStringLiteral("markets/instrument");
const QString ledgerKey = QStringLiteral("markets/ledger");
constexpr base::Millis detailEvery{1'000}; // an open position's detail is read, not watched
constexpr base::Millis patience{3'000};    // before the chart is asked for again: its engine may have been restarted

} // namespace

MarketsPage::MarketsPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      instruments_(new InstrumentsModel(this)),
      positions_(new PositionsModel(context.zone, this)),
      trades_(new TradesModel(context.zone, context.now, this)),
      wished_(context.memory.value(instrumentKey).toString())
{
    panel_ = new ChartPanel(context_, this);
    auto* upper = new QSplitter(Qt::Horizontal, this);
    upper->addWidget(buildInstruments());
    upper->addWidget(panel_);
    upper->setStretchFactor(1, 1);
    auto* all = new QSplitter(Qt::Vertical, this);
    all->addWidget(upper);
    all->addWidget(buildLedger());
    all->setStretchFactor(0, 1);
    for (auto* splitter : {upper, all}) {
        splitter->setHandleWidth(cardGap);
        splitter->setChildrenCollapsible(false);
    }
    keepSplitter(upper, QStringLiteral("markets/splitter.instruments"), {314, 1000});
    keepSplitter(all, QStringLiteral("markets/splitter.ledger"), {650, 230});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(all);

    connect(panel_, &ChartPanel::timeframeChosen, this, &MarketsPage::askForChart);
    connect(instrumentTable_, &DataTable::currentRowChanged, this, &MarketsPage::choose);
    connect(positionTable_, &DataTable::opened, this, &MarketsPage::openPosition);
    connect(tradeTable_, &DataTable::opened, this, &MarketsPage::openTrade);
}

QWidget* MarketsPage::buildInstruments()
{
    auto* card = new Card(context_.theme, tr("Instruments"), this);
    instrumentTable_ =
        new DataTable(context_.theme, context_.memory, QStringLiteral("markets.instruments"), *instruments_, card);
    auto* view = instrumentTable_->view();
    view->horizontalHeader()->hide();
    view->setSelectionMode(QAbstractItemView::SingleSelection);
    view->setAccessibleName(tr("Instruments"));
    instrumentTable_->setRowHeight(30);
    instrumentTable_->setEmptyText(
        tr("Instruments appear here as soon as the feed is connected. Health says how far it is."));
    filter_ = new QLineEdit(card);
    filter_->setPlaceholderText(tr("Filter"));
    filter_->setClearButtonEnabled(true);
    filter_->setAccessibleName(tr("Filter instruments"));
    filter_->installEventFilter(this);
    view->installEventFilter(this);
    connect(filter_, &QLineEdit::textChanged, this, &MarketsPage::filterInstruments);
    instrumentCard_ = card;
    if (context_.console.info().feed != "imported") { // files have no exchange that could be asked
        auto* choose = new PillButton(context_.theme, tr("Add or remove…"), card);
        choose->setToolTip(tr("What the exchange offers, by volume (Ctrl+I). Del removes the chosen one."));
        connect(choose, &QAbstractButton::clicked, this, &MarketsPage::chooseInstruments);
        card->addToHeader(choose);
    }
    card->addToHeader(instrumentTable_->menuButton());
    card->body()->addWidget(filter_);
    card->setContent(instrumentTable_);
    card->setMinimumWidth(296); // no name is cut
    return card;
}

QWidget* MarketsPage::buildLedger()
{
    auto* card = new Card(context_.theme, tr("Positions and trades"), this);
    ledger_ = new QStackedWidget(card);
    auto* group = new QButtonGroup(this);
    const auto tab = [&](const QString& text, const QString& help, int index) {
        auto* button = new PillButton(context_.theme, text, card);
        button->setCheckable(true);
        button->setToolTip(help);
        group->addButton(button, index);
        card->addToHeader(button);
        return button;
    };
    openButton_ = tab(tr("Open"), tr("Positions that are held now, in shadow too"), 0);
    closedButton_ = tab(tr("Closed"), tr("The newest 200 trades that ended"), 1);
    connect(group, &QButtonGroup::idClicked, this, &MarketsPage::showLedger);
    closeButton_ = new QPushButton(tr("Close…"), card);
    card->addToHeader(closeButton_);
    positionTable_ = addLedgerTable(
        card, new DataTable(context_.theme, context_.memory, QStringLiteral("markets.positions"), *positions_, card));
    positionTable_->setEmptyText(
        tr("No position is open. A strategy that is on opens one when its rule holds as a candle closes; "
           "the switches are on Overview."));
    tradeTable_ = addLedgerTable(
        card, new DataTable(context_.theme, context_.memory, QStringLiteral("markets.trades"), *trades_, card));
    tradeTable_->setEmptyText(
        tr("No trade has ended yet. Each position appears here when its stop, target or time limit closes it."));
    connect(closeButton_, &QPushButton::clicked, this, &MarketsPage::closePosition);
    connect(&context_.commands, &CommandDesk::pendingChanged, this, &MarketsPage::showPending);
    connect(positionTable_, &DataTable::currentRowChanged, this, &MarketsPage::showPending);
    connect(
        new QShortcut(QKeySequence(Qt::Key_Delete), positionTable_, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
        &QShortcut::activated, this, &MarketsPage::closePosition);
    positionTable_->view()->setAccessibleName(tr("Open positions"));
    tradeTable_->view()->setAccessibleName(tr("Closed trades"));
    card->setContent(ledger_);
    card->setMinimumHeight(150);
    const int shown = context_.memory.value(ledgerKey, 0).toInt() == 1 ? 1 : 0;
    group->button(shown)->setChecked(true);
    showLedger(shown);
    return card;
}

void MarketsPage::filterInstruments(const QString& words)
{
    // A table whose current row is filtered away makes another one current; that is nobody's choice.
    isFiltering_ = true;
    static_cast<TableFilter*>(instrumentTable_->proxy())->setWords(words);
    instrumentTable_->view()->selectionModel()->clear();
    if (chosen_) {
        instrumentTable_->selectRow(instruments_->rowOf(*chosen_));
    }
    isFiltering_ = false;
}

DataTable* MarketsPage::addLedgerTable(Card* card, DataTable* table)
{
    table->setRowHeight(31);
    card->addToHeader(table->menuButton());
    ledger_->addWidget(table);
    return table;
}

void MarketsPage::showLedger(int index)
{
    ledger_->setCurrentIndex(index);
    closeButton_->setVisible(index == 0);
    positionTable_->menuButton()->setVisible(index == 0);
    tradeTable_->menuButton()->setVisible(index == 1);
    context_.memory.setValue(ledgerKey, index);
}

void MarketsPage::keepSplitter(QSplitter* splitter, const QString& key, const QList<int>& first)
{
    if (!splitter->restoreState(context_.memory.value(key).toByteArray())) {
        splitter->setSizes(first);
    }
    connect(splitter, &QSplitter::splitterMoved, this,
            [this, splitter, key] { context_.memory.setValue(key, splitter->saveState()); });
}

void MarketsPage::refresh(const Snapshots& snapshots, Changes changes)
{
    ingest_ = snapshots.ingest;
    const bool isOtherList = changes.testFlag(Change::Ingest) && snapshots.ingest && showInstruments(*snapshots.ingest);
    if ((changes.testFlag(Change::Paper) || isOtherList) && snapshots.paper) {
        shownTrades_ = isOtherList ? std::nullopt : shownTrades_;
        showPositions(*snapshots.paper);
        showTrades(*snapshots.paper);
        renewDetail();
    }
    // A chart that came before its instrument was known is shown now.
    if (snapshots.chart && (changes.testFlag(Change::Chart) || (changes.testFlag(Change::Ingest) && chosen_))) {
        showChart(snapshots.chart);
        renewDetail();
    }
}

void MarketsPage::chooseInstruments()
{
    if (dialog_) {
        dialog_->raise();
        return;
    }
    dialog_ = new InstrumentsDialog(context_, window());
    dialog_->setAttribute(Qt::WA_DeleteOnClose);
    if (ingest_) {
        dialog_->refresh(*ingest_);
    }
    dialog_->open();
}

void MarketsPage::removeCurrent()
{
    const int row = instrumentTable_->currentRow();
    if (row >= 0 && !instruments_->row(row).isLeaving && context_.console.info().feed != "imported") {
        context_.commands.changeInstruments({}, {format::text(instruments_->row(row).instrument.name)});
    }
}

void MarketsPage::showPending()
{
    instrumentCard_->setNote(context_.commands.isChangingInstruments() ? tr("changing…") : QString());
    const int row = positionTable_->currentRow();
    const auto* decision = row >= 0 ? &positions_->row(row).of.position.decision : nullptr;
    const bool isClosing =
        decision != nullptr && context_.commands.isClosing(format::text(decision->strategy), decision->instrument);
    closeButton_->setEnabled(decision != nullptr && !isClosing);
    closeButton_->setText(isClosing ? tr("Pending") : tr("Close…"));
    closeButton_->setToolTip(decision == nullptr ? tr("Choose a position to close it.")
                                                 : tr("Closes the chosen paper position at the next quote; Del"));
}

bool MarketsPage::showInstruments(const console::IngestSnapshot& ingest)
{
    if (dialog_) {
        dialog_->refresh(ingest);
    }
    const int before = instruments_->rowCount();
    instruments_->update(ingest.instruments);
    if (chosen_ && instruments_->rowOf(*chosen_) < 0) {
        chosen_.reset();
        panel_->showInstrument(std::nullopt);
        panel_->showChart(nullptr);
    }
    if (instruments_->rowCount() > 0) {
        if (!chosen_) {
            const int row = std::max(0, instruments_->rowOf(wished_));
            instrumentTable_->selectRow(row);
            choose(row); // the table tells only of a row that differs from the one before
        }
        panel_->showInstrument(instruments_->row(instruments_->rowOf(*chosen_)));
    }
    return instruments_->rowCount() != before;
}

bool MarketsPage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (watched == instrumentTable_->view() &&
            (key->text() == QLatin1String("/") || key->matches(QKeySequence::Find))) {
            filter_->setFocus();
            return true;
        }
        if (watched == instrumentTable_->view() && key->matches(QKeySequence::Delete)) {
            removeCurrent();
            return true;
        }
        if (watched == filter_ && (key->key() == Qt::Key_Return || key->key() == Qt::Key_Down)) {
            instrumentTable_->view()->setCurrentIndex(instrumentTable_->proxy()->index(0, 0));
            instrumentTable_->setFocus();
            return true;
        }
        if (watched == filter_ && key->key() == Qt::Key_Escape) {
            filter_->clear();
            instrumentTable_->setFocus();
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void MarketsPage::showPositions(const console::PaperSnapshot& paper)
{
    std::vector<PositionEntry> entries;
    entries.reserve(paper.positions.size());
    for (const auto& row : paper.positions) {
        const int at = instruments_->rowOf(row.position.decision.instrument);
        const auto newest = at < 0 ? base::UtcMs{} : instruments_->row(at).lastTime;
        entries.push_back(
            {row, instrumentOf(row.position.decision.instrument), newest.value > 0 ? newest : context_.now()});
    }
    positions_->update(std::move(entries));
    openButton_->setText(tr("Open %1").arg(format::count(paper.positions.size())));
    showPending();
}

void MarketsPage::showTrades(const console::PaperSnapshot& paper)
{
    closedButton_->setText(tr("Closed %1").arg(format::count(paper.closedTotal)));
    const std::pair newest{paper.closedTotal, paper.recent.size()};
    if (newest == shownTrades_) {
        return;
    }
    std::vector<TradeEntry> entries;
    entries.reserve(paper.recent.size());
    for (const auto& trade : paper.recent) {
        entries.push_back({trade, instrumentOf(trade.position.decision.instrument)});
    }
    trades_->update(std::move(entries));
    shownTrades_ = newest;
}

void MarketsPage::showChart(const std::shared_ptr<const console::ChartSnapshot>& chart)
{
    panel_->showChart(chart);
    chart_ = chart;
    const bool isOther = chosen_ && (chart->instrument != *chosen_ || chart->timeframe != panel_->timeframe());
    if (isOther && askedAt_ && context_.now() - *askedAt_ >= patience) {
        askForChart();
    }
}

void MarketsPage::choose(int row)
{
    if (isFiltering_ || row < 0 || row >= instruments_->rowCount()) {
        return; // the chart stays
    }
    const auto& chosen = instruments_->row(row);
    if (chosen_ == chosen.instrument.id) {
        return;
    }
    chosen_ = chosen.instrument.id;
    wished_ = format::text(chosen.instrument.name);
    context_.memory.setValue(instrumentKey, wished_);
    panel_->showInstrument(chosen);
    panel_->showChart(nullptr);
    askForChart();
}

void MarketsPage::chooseInstrumentOf(base::InstrumentId id)
{
    const int row = instruments_->rowOf(id);
    if (row < 0) {
        return;
    }
    filter_->clear();
    instrumentTable_->selectRow(row);
}

/// Its chart first: the detail is drawn on those candles.
void MarketsPage::openPosition(int row)
{
    const auto entry = positions_->row(row);
    chooseInstrumentOf(entry.of.position.decision.instrument);
    openDetail(positionTable_, row);
    detailShownAt_ = context_.now();
    detail_->showPosition(entry.of, entry.instrument, entry.now, chart_);
}

void MarketsPage::closePosition()
{
    const int row = positionTable_->currentRow();
    if (row < 0 || !closeButton_->isEnabled()) {
        return;
    }
    const auto entry = positions_->row(row);
    const auto& decision = entry.of.position.decision;
    const QString strategy = format::text(decision.strategy);
    const QString name = format::text(entry.instrument.name);
    auto* dialog = new ReasonDialog(
        context_.theme,
        {tr("Close %1 on %2").arg(strategy, name),
         tr("This paper position leaves at the next quote, at what the market then gives: now %1 USDT. Orders of %2 "
            "that "
            "rest on %3 are withdrawn. The strategy goes on and may enter again. It cannot be taken back.")
             .arg(format::signedMoney(entry.of.unrealised), strategy, name),
         tr("Close")},
        [this, strategy, name, id = decision.instrument](const QString& reason) {
            context_.commands.closePosition(strategy, id, name, reason);
        },
        window());
    dialog->open();
}

void MarketsPage::openTrade(int row)
{
    const auto entry = trades_->row(row);
    chooseInstrumentOf(entry.of.position.decision.instrument);
    openDetail(tradeTable_, row);
    const bool isKnown = instruments_->rowOf(entry.instrument.id) >= 0;
    detail_->showTrade(entry.of, isKnown ? &entry.instrument : nullptr);
}

void MarketsPage::openDetail(DataTable* table, int row)
{
    if (detail_ == nullptr) {
        detail_ = new TradeDetailDialog(context_, window());
        connect(detail_, &TradeDetailDialog::stepped, this, &MarketsPage::stepDetail);
        connect(detail_, &TradeDetailDialog::modelWished, this,
                [this](const QString& version) { Q_EMIT wantsPage(QStringLiteral("Models"), version); });
    }
    detailOf_ = table;
    const auto* proxy = table->proxy();
    const int at = proxy->mapFromSource(proxy->sourceModel()->index(row, 0)).row();
    detail_->setPlace(tr("%1 of %2").arg(at + 1).arg(proxy->rowCount()), at > 0, at + 1 < proxy->rowCount());
    detail_->show();
    detail_->raise();
    detail_->activateWindow();
}

void MarketsPage::stepDetail(int by)
{
    const auto* proxy = detailOf_->proxy();
    const auto to = proxy->index(detailOf_->view()->currentIndex().row() + by, 0);
    if (to.isValid()) {
        detailOf_->view()->setCurrentIndex(to);
        const int row = proxy->mapToSource(to).row();
        detailOf_ == positionTable_ ? openPosition(row) : openTrade(row);
    }
}

/// An open position goes on while its detail is read; one that has closed becomes a closed trade.
void MarketsPage::renewDetail()
{
    if (detail_ == nullptr || !detail_->isVisible() || !detail_->story() || detail_->story()->closed) {
        return;
    }
    const bool isChartHere =
        chart_ && detail_->chart()->scene().isEmpty() && chart_->instrument == detail_->story()->instrument.id;
    if (!isChartHere && context_.now() - detailShownAt_ < detailEvery) {
        return;
    }
    detailShownAt_ = context_.now();
    const auto decision = detail_->story()->position.decision;
    const auto open =
        std::ranges::find(positions_->rows(), decision, [](const auto& row) { return row.of.position.decision; });
    if (open != positions_->rows().end()) {
        detail_->showPosition(open->of, open->instrument, open->now, chart_);
        return;
    }
    const auto closed =
        std::ranges::find(trades_->rows(), decision, [](const auto& row) { return row.of.position.decision; });
    if (closed != trades_->rows().end()) {
        detail_->showTrade(closed->of, &closed->instrument);
        detail_->setPlace({}, false, false);
    }
}

void MarketsPage::askForChart()
{
    if (chosen_) {
        askedAt_ = context_.now();
        context_.console.send(console::WatchChart{*chosen_, panel_->timeframe()});
    }
}

market::Instrument MarketsPage::instrumentOf(base::InstrumentId id) const
{
    const int row = instruments_->rowOf(id);
    if (row >= 0) {
        return instruments_->row(row).instrument;
    }
    market::Instrument unknown;
    unknown.id = id;
    unknown.name = "—";
    return unknown;
}

bool MarketsPage::reveal(const QString& thing)
{
    const int row = instruments_->rowOf(thing);
    if (row < 0) {
        wished_ = thing; // the list may come later
        return false;
    }
    chooseInstrumentOf(instruments_->row(row).instrument.id);
    return true;
}

void MarketsPage::restyle()
{
    panel_->restyle();
    positions_->repaintAll();
    trades_->repaintAll();
    if (detail_ != nullptr) {
        detail_->restyle();
    }
}

} // namespace qd::ui
