#include "ui/execution/execution_page.h"

#include "ui/execution/execution_models.h"
#include "ui/execution/execution_tiles.h"
#include "ui/execution/stop_lab_card.h"
#include "ui/execution/trades_card.h"
#include "ui/execution/waterfall_chart.h"
#include "ui/models/hint_line.h"
#include "ui/questions.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QSplitter>
#include <QStackedWidget>
#include <QToolButton>

namespace qd::ui {

namespace {

const QString costsKey = QStringLiteral("execution/costs");
constexpr int againEveryMs = 60'000; // while it is looked at; calibration itself runs every quarter of an hour

} // namespace

ExecutionPage::ExecutionPage(const PageContext& context, QWidget* parent)
    : Page(context, parent),
      book_(context_),
      slippage_(new SlippageModel(book_, this)),
      fillRates_(new FillRateModel(this)),
      tiles_(new ExecutionTiles(context.theme, context.zone, this)),
      lab_(new StopLabCard(context_, this)),
      trades_(new TradesCard(context_, book_, this))
{
    auto* upper = new QSplitter(Qt::Horizontal, this);
    upper->addWidget(lab_);
    upper->addWidget(buildCosts());
    upper->setStretchFactor(0, 1);
    upper->setStretchFactor(1, 1);
    auto* all = new QSplitter(Qt::Vertical, this);
    all->addWidget(upper);
    all->addWidget(trades_);
    all->setStretchFactor(0, 1);
    all->setStretchFactor(1, 1);
    for (auto* splitter : {upper, all}) {
        splitter->setHandleWidth(cardGap);
        splitter->setChildrenCollapsible(false);
    }
    keepSplitter(upper, QStringLiteral("execution/splitter.upper"), {500, 560});
    keepSplitter(all, QStringLiteral("execution/splitter.trades"), {390, 390});
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->setSpacing(cardGap);
    layout->addWidget(tiles_);
    layout->addWidget(all, 1);

    connect(&book_, &InstrumentBook::learned, trades_, &TradesCard::tellInstruments);
    connect(trades_, &TradesCard::filterChanged, this, &ExecutionPage::askExecution);
    connect(trades_, &TradesCard::modelWished, this,
            [this](const QString& version) { Q_EMIT wantsPage(QStringLiteral("Models"), version); });
    again_.setInterval(againEveryMs);
    connect(&again_, &QTimer::timeout, this, &ExecutionPage::askExecution);
}

Card* ExecutionPage::buildCosts()
{
    costs_ = new Card(context_.theme, tr("Costs"), this);
    stack_ = new QStackedWidget(costs_);
    auto* group = new QButtonGroup(this);
    const auto add = [&](const QString& text, const QString& help, QWidget* page, DataTable* table) {
        auto* button = new PillButton(context_.theme, text, costs_);
        button->setCheckable(true);
        button->setToolTip(help);
        button->setAccessibleDescription(help);
        group->addButton(button, stack_->count());
        stack_->addWidget(page);
        costs_->addToHeader(button);
        tabs_.push_back(button);
        tables_.push_back(table);
    };
    add(tr("Waterfall"), tr("Where the money of the trades in the filter went"), buildWaterfall(), nullptr);
    auto* slippage =
        buildTable(QStringLiteral("execution.slippage"), *slippage_, tr("Slippage by instrument and side"),
                   tr("Nothing is learned yet. Every market order with a decision price and quotes or ticks "
                      "behind it is measured here, by instrument and side."));
    add(tr("Slippage, %"), tr("Learned from market orders, by instrument and side; positive is a cost"), slippage,
        slippage);
    auto* rates = buildTable(QStringLiteral("execution.fill_rates"), *fillRates_, tr("Fill rate by distance"),
                             tr("No limit order has come to its end yet. Strategies that enter by limit make them."));
    add(tr("Fill rate"), tr("Of limit entries by their distance, simulated"), withHint(rates), rates);
    for (auto* table : {slippage, rates}) {
        costs_->addToHeader(table->menuButton());
    }
    costs_->setContent(stack_);
    connect(group, &QButtonGroup::idClicked, this, &ExecutionPage::showCosts);
    const int shown = std::clamp(context_.memory.value(costsKey, 0).toInt(), 0, 2);
    tabs_[static_cast<std::size_t>(shown)]->setChecked(true);
    showCosts(shown);
    return costs_;
}

QWidget* ExecutionPage::buildWaterfall()
{
    auto* page = new QWidget(stack_);
    waterfall_ = new WaterfallChart(context_.theme, page);
    waterfall_->setEmptyText(tr("Asking where the money went …"));
    stopped_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted, {}, page);
    stopped_->setWordWrap(true);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(waterfall_, 1);
    column->addWidget(stopped_);
    return page;
}

QWidget* ExecutionPage::withHint(DataTable* rates)
{
    auto* page = new QWidget(stack_);
    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    column->addWidget(rates, 1);
    column->addWidget(new HintLine(context_, fillHint, page));
    return page;
}

DataTable* ExecutionPage::buildTable(const QString& key, TableModel& model, const QString& name, const QString& empty)
{
    auto* table = new DataTable(context_.theme, context_.memory, key, model, stack_);
    table->setRowHeight(29);
    table->setEmptyText(empty);
    table->view()->setAccessibleName(name);
    return table;
}

void ExecutionPage::showCosts(int index)
{
    stack_->setCurrentIndex(index);
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        if (tables_[i] != nullptr) {
            tables_[i]->menuButton()->setVisible(static_cast<int>(i) == index);
        }
    }
    context_.memory.setValue(costsKey, index);
}

void ExecutionPage::keepSplitter(QSplitter* splitter, const QString& key, const QList<int>& first)
{
    if (!splitter->restoreState(context_.memory.value(key).toByteArray())) {
        splitter->setSizes(first);
    }
    connect(splitter, &QSplitter::splitterMoved, this,
            [this, splitter, key] { context_.memory.setValue(key, splitter->saveState()); });
}

void ExecutionPage::showEvent(QShowEvent* event)
{
    Page::showEvent(event); // first: what filter and book know of instruments
    trades_->wake();
    if (!asked_) {
        askExecution();
    }
    again_.start();
}

void ExecutionPage::hideEvent(QHideEvent* event)
{
    again_.stop();
    Page::hideEvent(event);
}

void ExecutionPage::refresh(const Snapshots& snapshots, Changes changes)
{
    if (changes.testFlag(Change::Ingest) && snapshots.ingest) {
        book_.learn(*snapshots.ingest);
    }
    if (changes.testFlag(Change::Paper) && snapshots.paper) {
        lab_->setRoster(snapshots.paper);
        QStringList names;
        for (const auto& row : snapshots.paper->strategies) {
            names << format::text(row.name);
        }
        if (names != strategies_) {
            strategies_ = names;
            lab_->setStrategies(names);
            trades_->setStrategies(names);
        }
    }
}

void ExecutionPage::handle(const console::Event& event)
{
    if (const auto* closed = std::get_if<console::TradeClosed>(&event)) {
        trades_->noteClosed(closed->trade);
    }
}

void ExecutionPage::askExecution()
{
    if (!isVisible()) {
        return; // showEvent asks
    }
    if (asked_) {
        context_.questions.cancel(*asked_);
    }
    asked_ = context_.questions.ask(console::AskExecution{trades_->filter()}, this,
                                    [this](const console::Answer& answer) { take(answer); });
}

void ExecutionPage::take(const console::Answer& answer)
{
    if (asked_ != answer.id) {
        return;
    }
    asked_.reset();
    const auto* execution = std::get_if<console::Execution>(&answer.value);
    if (answer.error || execution == nullptr) {
        const auto why = format::sentence(answer.error.value_or(base::Error{}));
        if (!execution_) {
            tiles_->show(std::nullopt, why);
            waterfall_->setEmptyText(why);
        }
        costs_->setNote(tr("not read"));
        costs_->setNoteHelp(why);
        return;
    }
    execution_ = *execution;
    showExecution();
}

void ExecutionPage::showExecution()
{
    const auto& w = execution_->waterfall;
    tiles_->show(execution_, {});
    slippage_->setRules(execution_->rules);
    slippage_->update(execution_->slippage);
    fillRates_->setAssumed(execution_->assumedFillRate);
    fillRates_->update(execution_->fillRates);
    waterfall_->setEmptyText(trades_->filterWords().isEmpty()
                                 ? tr("No trade has ended yet: there is no money to follow.")
                                 : tr("No closed trade passes the filter below: there is no money to follow."));
    waterfall_->setWaterfall(w);
    costs_->setNote(tr("%1 trades").arg(format::count(w.trades)));
    const auto words = trades_->filterWords();
    costs_->setNoteHelp(words.isEmpty() ? tr("All closed trades that are not in shadow") : words);
    QStringList said;
    if (w.slippage.value < 0) {
        said << tr("Fills were, in sum, better than decided: a limit order that takes a better market is a gain here. "
                   "The slippage table measures market orders alone.");
    }
    if (w.stopped > 0) {
        said << tr("Stopped, then the target was reached: %1 (%2 of %3 stops).")
                    .arg(format::percent(static_cast<double>(w.stoppedThenTarget) / static_cast<double>(w.stopped), 1),
                         format::count(w.stoppedThenTarget), format::count(w.stopped));
    }
    if (w.left > 0) {
        said << tr("%1 older trades are left out: the decision price of their exit was not kept.")
                    .arg(format::count(w.left));
    }
    stopped_->show(said.join(QLatin1Char(' ')));
    stopped_->setVisible(!said.isEmpty());
}

bool ExecutionPage::reveal(const QString& thing)
{
    QString strategy;
    QString instrument;
    for (const auto& word : thing.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
        const bool isInstrument =
            std::ranges::any_of(book_.listed(), [&](const auto& listed) { return listed.first == word; });
        (isInstrument ? instrument : strategy) = word;
    }
    if (!strategy.isEmpty() && !strategies_.contains(strategy)) {
        return false;
    }
    trades_->reveal(strategy, instrument);
    return true;
}

void ExecutionPage::restyle()
{
    trades_->restyle();
    if (execution_) {
        showExecution();
    }
}

} // namespace qd::ui
