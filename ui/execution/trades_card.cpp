#include "ui/execution/trades_card.h"

#include "ui/execution/trade_detail.h"
#include "ui/execution/trade_filter_bar.h"
#include "ui/questions.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"

#include <QFileDialog>
#include <QHeaderView>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QToolButton>

namespace qd::ui {

namespace {

constexpr int rowHeight = 31;
constexpr int renewAfterMs = 1'000;

} // namespace

TradesCard::TradesCard(const PageContext& context, InstrumentBook& book, QWidget* parent)
    : Card(context.theme, tr("Closed trades"), parent),
      context_(context),
      book_(book),
      model_(new TradePagesModel(context, book, this)),
      bar_(new TradeFilterBar(context, book, this)),
      table_(new DataTable(context.theme, context.memory, QStringLiteral("execution.trades"), *model_, this)),
      export_(new TradeExport(context, book, this))
{
    buildTable();
    buildHeader();
    body()->addWidget(bar_);
    setContent(table_);
    setMinimumHeight(190);
    connect(bar_, &TradeFilterBar::changed, this, &TradesCard::applyFilter);
    connect(model_, &TradePagesModel::wished, this, [this] {
        newer_ = 0;
        tellNewer();
        table_->view()->verticalScrollBar()->setValue(0);
        table_->view()->clearSelection();
        failure_.reset();
        tellTotal();
    });
    connect(model_, &TradePagesModel::arrived, this, [this] {
        failure_.reset();
        tellTotal();
        lookAround();
        if (steppingTo_ && model_->isLoaded(*steppingTo_)) {
            stepTo(*std::exchange(steppingTo_, std::nullopt));
        }
    });
    connect(model_, &TradePagesModel::failed, this, [this](const base::Error& error) {
        failure_ = format::sentence(error);
        tellTotal();
    });
    connect(export_, &TradeExport::progressed, this, &TradesCard::tellExport);
    connect(export_, &TradeExport::ended, this, &TradesCard::endExport);
    soon_.setSingleShot(true);
    soon_.setInterval(renewAfterMs);
    connect(&soon_, &QTimer::timeout, this, [this] {
        if (isVisible() && newer_ > 0 && isAtTop() && model_->isNewestFirst()) {
            renew();
        } else {
            tellNewer();
        }
    });
    tellTotal();
}

void TradesCard::buildTable()
{
    table_->setServed();
    table_->setRowHeight(rowHeight);
    auto* view = table_->view();
    view->setAccessibleName(tr("Closed trades"));
    sorted_ = {view->horizontalHeader()->sortIndicatorSection(), view->horizontalHeader()->sortIndicatorOrder()};
    connect(view->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, &TradesCard::keepSortable);
    connect(view->verticalScrollBar(), &QScrollBar::valueChanged, this, &TradesCard::lookAround);
    connect(view->verticalScrollBar(), &QScrollBar::rangeChanged, this, &TradesCard::lookAround);
    connect(table_, &DataTable::opened, this, &TradesCard::open);
    connect(table_, &DataTable::filterWished, bar_, &TradeFilterBar::focus);
    connect(table_, &DataTable::exportWished, this, &TradesCard::askPath);
}

void TradesCard::buildHeader()
{
    newerButton_ = new PillButton(context_.theme, {}, this);
    newerButton_->setToolTip(tr("Closed since this was asked for: show them"));
    connect(newerButton_, &QAbstractButton::clicked, this, &TradesCard::renew);
    newerButton_->hide();
    againButton_ = new PillButton(context_.theme, tr("Try again"), this);
    connect(againButton_, &QAbstractButton::clicked, this, &TradesCard::renew);
    againButton_->hide();
    exportButton_ = new PillButton(context_.theme, tr("Export CSV…"), this);
    connect(exportButton_, &QAbstractButton::clicked, this,
            [this] { export_->isRunning() ? export_->cancel() : askPath(); });
    exportButton_->setToolTip(tr("All trades that pass the filter, in the columns of quarterdeck export trades"));
    for (QWidget* widget :
         std::initializer_list<QWidget*>{againButton_, newerButton_, exportButton_, table_->menuButton()}) {
        addToHeader(widget);
    }
}

/// A column that the desk cannot sort by leaves the order and its arrow as they are.
void TradesCard::keepSortable()
{
    auto* header = table_->view()->horizontalHeader();
    const std::pair now{header->sortIndicatorSection(), header->sortIndicatorOrder()};
    if (TradePagesModel::orderOf(now.first)) {
        sorted_ = now;
        return;
    }
    header->setSortIndicator(sorted_.first, sorted_.second);
}

void TradesCard::wake()
{
    if (!model_->isAsking() && !model_->isKnown()) {
        applyFilter();
        if (!model_->isAsking()) {
            model_->renew(); // the same failed before
        }
    } else if (newer_ > 0) {
        soon_.start();
    }
}

void TradesCard::setStrategies(const QStringList& names)
{
    bar_->setStrategies(names);
}

void TradesCard::tellInstruments()
{
    bar_->showInstruments();
}

void TradesCard::noteClosed(const trading::ClosedTrade& trade)
{
    if (model_->isKnown() && passes(model_->filter(), trade)) {
        ++newer_;
        if (!soon_.isActive()) {
            soon_.start();
        }
    }
}

void TradesCard::reveal(const QString& strategy, const QString& instrument)
{
    bar_->choose(strategy, instrument);
    applyFilter();
}

QString TradesCard::filterWords() const
{
    return bar_->words();
}

void TradesCard::applyFilter()
{
    const auto before = model_->filter();
    const bool wasKnown = model_->isKnown() || model_->isAsking();
    model_->setFilter(bar_->filter());
    if (!wasKnown || before != model_->filter()) {
        Q_EMIT filterChanged();
    }
}

void TradesCard::renew()
{
    newer_ = 0;
    tellNewer();
    model_->renew();
}

bool TradesCard::isAtTop() const
{
    return table_->view()->verticalScrollBar()->value() == 0;
}

/// The rows that can be seen, and half a page around them.
void TradesCard::lookAround()
{
    auto* view = table_->view();
    const int height = std::max(1, view->verticalHeader()->defaultSectionSize());
    const int first = view->verticalScrollBar()->value() / height;
    model_->want(first, first + view->viewport()->height() / height + 1);
}

void TradesCard::tellTotal()
{
    againButton_->setVisible(failure_.has_value());
    if (failure_) {
        setNote(tr("not read"));
        setNoteHelp(*failure_);
        table_->setEmptyText(*failure_);
        return;
    }
    setNoteHelp({});
    if (!export_->isRunning()) {
        const auto words = bar_->words();
        const auto count = model_->isKnown()
                               ? tr("%1 trades").arg(format::count(static_cast<std::uint64_t>(model_->rowCount())))
                               : tr("asking …");
        setNote(words.isEmpty() ? count : count + QStringLiteral(" · ") + words);
    }
    table_->setEmptyText(!model_->isKnown() ? tr("Asking for the closed trades …")
                         : bar_->words().isEmpty()
                             ? tr("No trade has ended yet. Each one appears here when its stop, target or time limit "
                                  "closes it.")
                             : tr("No closed trade passes this filter. Clear brings all of them back."));
}

void TradesCard::tellNewer()
{
    newerButton_->setVisible(newer_ > 0);
    newerButton_->setText(tr("%1 newer").arg(newer_));
}

void TradesCard::open(int row)
{
    const auto* trade = model_->trade(row);
    if (trade == nullptr) {
        return;
    }
    if (detail_ == nullptr) {
        detail_ = new TradeDetailDialog(context_, window());
        connect(detail_, &TradeDetailDialog::modelWished, this, &TradesCard::modelWished);
        connect(detail_, &TradeDetailDialog::stepped, this, [this](int by) {
            const int next = openRow_ + by;
            if (next >= 0 && next < model_->rowCount()) {
                model_->isLoaded(next) ? stepTo(next) : (steppingTo_ = next, model_->want(next, next));
            }
        });
    }
    openRow_ = row;
    detail_->showTrade(*trade, book_.find(trade->position.decision.instrument));
    detail_->setPlace(tr("%1 of %2")
                          .arg(format::count(static_cast<std::uint64_t>(row) + 1),
                               format::count(static_cast<std::uint64_t>(model_->rowCount()))),
                      row > 0, row + 1 < model_->rowCount());
    detail_->show();
    detail_->raise();
    detail_->activateWindow();
}

void TradesCard::stepTo(int row)
{
    table_->selectRow(row); // scrolls to it, too
    open(row);
}

void TradesCard::askPath()
{
    if (export_->isRunning()) {
        return;
    }
    const auto path = QFileDialog::getSaveFileName(this, tr("Export closed trades as CSV"),
                                                   QStringLiteral("closed-trades.csv"), tr("Comma separated (*.csv)"));
    if (!path.isEmpty()) {
        exportTo(path);
    }
}

void TradesCard::exportTo(const QString& path)
{
    exportButton_->setText(tr("Stop export"));
    tellExport(0, static_cast<quint64>(model_->rowCount()));
    export_->start(path, model_->filter());
}

void TradesCard::tellExport(quint64 written, quint64 total)
{
    setNote(tr("writing %1 of %2").arg(format::count(written), format::count(total)));
}

void TradesCard::endExport(quint64 written, const QString& why)
{
    exportButton_->setText(tr("Export CSV…"));
    tellTotal();
    setNote(why.isEmpty() ? tr("%1 trades written").arg(format::count(written)) : tr("export: %1").arg(why));
    setNoteHelp(why.isEmpty() ? export_->path() : tr("%1 was not written: %2").arg(export_->path(), why));
}

void TradesCard::restyle()
{
    model_->repaintAll();
    if (detail_ != nullptr) {
        detail_->restyle();
    }
}

} // namespace qd::ui
