#include "ui/strategies/detail_pane.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/models/hint_line.h"
#include "ui/questions.h"
#include "ui/strategies/evidence_tab.h"
#include "ui/strategies/funnel_tab.h"
#include "ui/strategies/gates_tab.h"
#include "ui/strategies/long_run.h"
#include "ui/strategies/parameters_tab.h"
#include "ui/strategies/stage_actions.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/pill.h"
#include "ui/widgets/toggle_switch.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString tabKey = QStringLiteral("strategies/tab");
constexpr std::uint32_t pageOfTrades = 1'000;
constexpr std::uint64_t mostOfEquity = 20'000; // trades in one curve; more are told as a share
constexpr std::uint32_t newestTrades = 200;

/// What Execution is led to: the closed trades of that row.
QString tradesOf(const StrategyTradeEntry& row)
{
    return format::text(row.of.position.decision.strategy) + QLatin1Char(' ') + format::text(row.instrument.name);
}

} // namespace

std::optional<base::UtcMs> windowStart(std::uint32_t days, base::UtcMs now)
{
    return days == 0 ? std::nullopt : std::optional(base::bucketStart(now, base::oneDay) - base::oneDay * days);
}

DetailPane::DetailPane(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Strategy"), parent),
      context_(context)
{
    titleLabel()->hide();
    buildHead();
    buildTabs();
    actions_ = new StageActions(context, this);
    run_ = new LongRun(context, this);
    run_->putFirst(actions_);
    body()->addWidget(run_);
    connect(actions_, &StageActions::experimentWished, this, &DetailPane::experimentWished);
    connect(run_, &LongRun::nullDone, this, &DetailPane::nullDone);
    due_.setSingleShot(true);
    connect(&due_, &QTimer::timeout, this, &DetailPane::ask);
    connect(&context.commands, &CommandDesk::pendingChanged, this, [this] {
        showHead();
        showInstruments(evaluations_);
    });
    const auto askGatesAnew = [this] { // gates and sign-offs may stand otherwise now
        isStale_[Gates] = true;
        askedAt_[Gates] = {};
        ask();
    };
    connect(&context.commands, &CommandDesk::finished, this, askGatesAnew);
    connect(run_, &LongRun::found, this, askGatesAnew);
}

void DetailPane::buildHead()
{
    name_ = new TextLabel(context_.theme, FontRole::Heading, Meaning::Text);
    state_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    idea_ = new TextLabel(context_.theme, FontRole::Body, Meaning::TextMuted);
    idea_->setWordWrap(true);
    switch_ = new ToggleSwitch(context_.theme, tr("Switch of the strategy"), this);
    connect(switch_, &ToggleSwitch::asked, this,
            [this](bool isOn) { context_.commands.setStrategyEnabled(strategy(), isOn); });
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    stage_ = new Pill(context_.theme, this);
    stage_->setHasDot(false);
    stage_->setOutlined(true);
    stage_->setFocusPolicy(Qt::NoFocus);
    head->addWidget(name_);
    head->addWidget(stage_);
    head->addStretch(1);
    head->addWidget(state_);
    head->addWidget(switch_);
    body()->addLayout(head);
    body()->addWidget(idea_);
}

QWidget* DetailPane::buildTrades()
{
    auto* box = new QWidget;
    tradesTitle_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted);
    shadow_ = new PillButton(context_.theme, tr("With shadow"), box);
    shadow_->setCheckable(true);
    shadow_->setToolTip(tr("Trades that were made while it was off; they do not count"));
    connect(shadow_, &QAbstractButton::toggled, this, [this] {
        isStale_[Trades] = true;
        askedAt_[Trades] = {};
        ask();
    });
    auto* head = new QHBoxLayout;
    head->addWidget(tradesTitle_, 1);
    head->addWidget(shadow_);
    head->addWidget(tradeTable_->menuButton());
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(head);
    layout->addWidget(tradeTable_, 1);
    return box;
}

QWidget* DetailPane::buildInstruments()
{
    auto* box = new QWidget;
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(instrumentTable_, 1);
    layout->addWidget(new HintLine(context_, volatilityHint, box));
    return box;
}

void DetailPane::buildTabs()
{
    evidence_ = new EvidenceTab(context_);
    gates_ = new GatesTab(context_);
    funnel_ = new FunnelTab(context_);
    parameters_ = new ParametersTab(context_);
    instruments_ = new StrategyInstrumentsModel(this);
    trades_ = new StrategyTradesModel(context_, this);
    instrumentTable_ =
        new DataTable(context_.theme, context_.memory, QStringLiteral("strategies.instruments"), *instruments_);
    instrumentTable_->setRowHeight(40);
    instrumentTable_->view()->setAccessibleName(tr("Instruments of the strategy"));
    instrumentTable_->setEmptyText(tr("One row for each instrument, once a trade of it has ended in this window."));
    tradeTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("strategies.trades"), *trades_);
    tradeTable_->setRowHeight(38);
    tradeTable_->view()->setAccessibleName(tr("Trades of the strategy"));
    tradeTable_->setEmptyText(tr("No trade has ended yet. Trades of a strategy that is off are in shadow: press With "
                                 "shadow to see them."));
    connect(tradeTable_, &DataTable::opened, this,
            [this](int row) { Q_EMIT wantsPage(QStringLiteral("Execution"), tradesOf(trades_->row(row))); });
    connect(instrumentTable_, &DataTable::switched, this, &DetailPane::switchInstrument);
    connect(instrumentTable_, &DataTable::opened, this, [this](int row) {
        if (!instruments_->row(row).isPooled) {
            Q_EMIT wantsPage(QStringLiteral("Markets"), instruments_->row(row).name);
        }
    });
    stack_ = new QStackedWidget(this);
    stack_->setMinimumHeight(200); // what is higher scrolls
    auto* bar = new QHBoxLayout;
    bar->setSpacing(6);
    group_ = new QButtonGroup(this);
    const auto scrolled = [this](QWidget* content) {
        auto* area = new QScrollArea(this);
        area->setWidget(content);
        area->setWidgetResizable(true);
        area->setFrameShape(QFrame::NoFrame);
        content->setAutoFillBackground(false); // the card shows through
        area->viewport()->setAutoFillBackground(false);
        area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        area->setFocusPolicy(Qt::NoFocus);
        return area;
    };
    const auto add = [&](int id, const QString& text, const QString& help, QWidget* page) {
        auto* button = new PillButton(context_.theme, text, this);
        button->setCheckable(true);
        button->setToolTip(help);
        group_->addButton(button, id);
        bar->addWidget(button);
        stack_->addWidget(page);
    };
    add(Evidence, tr("Evidence"), tr("Equity, figures with their intervals, noise null"), scrolled(evidence_));
    add(Gates, tr("Gates"), tr("What is missing to ready, and about when"), scrolled(gates_));
    add(Funnel, tr("Funnel"), tr("From signals to trades, and why not"), scrolled(funnel_));
    add(Instruments, tr("Instruments"), tr("One row an instrument, and all together"), buildInstruments());
    add(Trades, tr("Trades"), tr("The newest trades that ended"), buildTrades());
    add(Parameters, tr("Parameters"), tr("Values, ranges, hash and tries"), scrolled(parameters_));
    bar->addStretch(1);
    bar->addWidget(instrumentTable_->menuButton());
    told_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::Loss);
    told_->setWordWrap(true);
    told_->hide();
    body()->addLayout(bar);
    body()->addWidget(told_);
    body()->addWidget(stack_, 1);
    connect(group_, &QButtonGroup::idClicked, this, &DetailPane::showTab);
    showTab(context_.memory.value(tabKey, 0).toInt());
}

void DetailPane::showTab(int tab)
{
    const int shown = std::clamp(tab, 0, static_cast<int>(Parameters));
    group_->button(shown)->setChecked(true);
    stack_->setCurrentIndex(shown);
    instrumentTable_->menuButton()->setVisible(shown == Instruments);
    context_.memory.setValue(tabKey, shown);
    ask();
}

void DetailPane::show(const StrategyEntry& entry, const console::NullRow* null,
                      const std::shared_ptr<const console::Evaluations>& evaluations)
{
    const bool isOther = entry.of.name != entry_.of.name;
    const auto counted = [](const console::StrategyRow& r) {
        return std::tuple(r.closed, r.blocked, r.signals, r.parameterHash);
    };
    if (isOther || counted(entry.of) != counted(entry_.of)) {
        isStale_.fill(true);
    }
    const auto seen =
        std::tuple(counted(entry.of), entry.of.isEnabled, entry.of.enabledSince, entry.of.open, entry.of.silence,
                   entry.figures.get(), evaluations.get(), null != nullptr ? null->time : base::UtcMs{},
                   null != nullptr ? null->parameterHash : std::string(), ingest_ ? ingest_->instruments.size() : 0U,
                   entry.of.stage, entry.of.instruments);
    const bool isSame = !isOther && seen == seen_; // snapshots come 30 times a second
    seen_ = seen;
    evaluations_ = evaluations;
    entry_ = entry;
    if (isSame) {
        ask();
        return;
    }
    if (isOther) {
        forget();
    }
    showHead();
    evidence_->show(entry, null);
    funnel_->show(entry.of);
    parameters_->show(entry.of);
    actions_->show(entry.of);
    showInstruments(evaluations);
    run_->setStrategy(strategy());
    ask();
}

void DetailPane::setWindow(std::uint32_t days)
{
    if (days != days_) {
        days_ = days;
        forget();
        ask();
    }
}

void DetailPane::forget()
{
    ++generation_;
    isStale_.fill(true);
    isAsked_.fill(false);
    askedAt_.fill({});
    coming_.clear();
    evidence_->clearTrades();
    funnel_->clear();
    gates_->clear();
    actions_->setGates(nullptr);
    parameters_->clearTrials();
    trades_->update({});
    tradesTitle_->show({});
    told_->hide();
}

void DetailPane::showHead()
{
    const auto& row = entry_.of;
    const bool isPending = context_.commands.isPending(strategy());
    name_->show(strategy());
    idea_->show(format::text(row.idea));
    switch_->setOn(row.isEnabled);
    switch_->setPending(isPending);
    switch_->setEnabled(row.stage != governance::Stage::Archived);
    stage_->setState(say::stage(row.stage), {}, say::tone(row.stage));
    stage_->setToolTip(row.passedRed ? tr("Promoted against red gates") : QString());
    state_->show(isPending                                  ? tr("pending")
                 : row.stage == governance::Stage::Archived ? tr("does not run")
                 : row.isEnabled                            ? tr("on")
                                 : StrategiesModel::offText(row, context_.now(), context_.zone));
    setAccessibleName(tr("Strategy %1").arg(strategy()));
}

void DetailPane::ask()
{
    askTab();
    // Whether promoting is supported is said on every tab.
    const bool isWanted = entry_.of.stage == governance::Stage::Candidate && stack_->currentIndex() != Gates;
    if (isWanted && isVisible() && isStale_[Gates] && !isAsked_[Gates] &&
        context_.now() - askedAt_[Gates] >= askPatience) {
        isStale_[Gates] = false;
        isAsked_[Gates] = true;
        askedAt_[Gates] = context_.now();
        askGates();
    }
}

void DetailPane::askTab()
{
    const auto tab = static_cast<std::size_t>(stack_->currentIndex());
    if (entry_.of.name.empty() || !isVisible() || !isStale_[tab] || isAsked_[tab] || tab == Instruments) {
        return;
    }
    const auto waited = context_.now() - askedAt_[tab];
    if (waited < askPatience) {
        if (!due_.isActive()) {
            due_.start(askPatience - waited);
        }
        return;
    }
    isStale_[tab] = false;
    isAsked_[tab] = true;
    askedAt_[tab] = context_.now();
    switch (tab) {
    case Evidence:
        coming_.clear();
        askEquity(0);
        break;
    case Funnel:
        askSignals();
        break;
    case Trades:
        askTrades();
        break;
    case Gates:
        askGates();
        break;
    default:
        askTrials();
        break;
    }
}

template <typename Value>
const Value* DetailPane::taken(const console::Answer& answer, int generation)
{
    if (generation != generation_) {
        return nullptr;
    }
    told_->setVisible(answer.error.has_value());
    if (answer.error) {
        isAsked_.fill(false);
        isStale_.fill(true); // asked again with the next snapshot, after the usual patience
        told_->show(format::sentence(*answer.error));
        told_->setToolTip(format::text(base::sentence(*answer.error)));
        return nullptr;
    }
    return std::get_if<Value>(&answer.value);
}

void DetailPane::askEquity(std::uint64_t offset)
{
    console::AskTrades query;
    query.filter.strategy = entry_.of.name;
    query.filter.from = windowStart(days_, context_.now());
    query.offset = offset;
    query.limit = pageOfTrades;
    context_.questions.ask(query, this, [this, offset, generation = generation_](const console::Answer& answer) {
        const auto* page = taken<console::TradesPage>(answer, generation);
        if (page == nullptr) {
            return;
        }
        coming_.insert(coming_.end(), page->rows.begin(), page->rows.end());
        const std::uint64_t next = offset + page->rows.size();
        if (!page->rows.empty() && next < std::min(page->total, mostOfEquity)) {
            askEquity(next);
            return;
        }
        isAsked_[Evidence] = false;
        evidence_->setTrades(std::exchange(coming_, {}), page->total);
    });
}

void DetailPane::askSignals()
{
    console::AskSignals query;
    query.strategy = entry_.of.name;
    context_.questions.ask(query, this, [this, generation = generation_](const console::Answer& answer) {
        if (const auto* page = taken<console::SignalsPage>(answer, generation)) {
            isAsked_[Funnel] = false;
            funnel_->setSignals(*page, ingest_.get());
        }
    });
}

void DetailPane::askTrades()
{
    console::AskTrades query;
    query.filter.strategy = entry_.of.name;
    query.filter.from = windowStart(days_, context_.now());
    query.filter.withShadow = shadow_->isChecked();
    query.limit = newestTrades;
    context_.questions.ask(query, this, [this, generation = generation_](const console::Answer& answer) {
        if (const auto* page = taken<console::TradesPage>(answer, generation)) {
            isAsked_[Trades] = false;
            std::vector<StrategyTradeEntry> rows;
            rows.reserve(page->rows.size());
            for (const auto& trade : page->rows) {
                rows.push_back({trade, feedInstrument(ingest_.get(), trade.position.decision.instrument)});
            }
            tradesTitle_->show(rows.size() < page->total
                                   ? tr("The newest %1 of %2; Execution has all of them")
                                         .arg(format::count(rows.size()), format::count(page->total))
                                   : tr("%1 trades of the window").arg(format::count(page->total)));
            trades_->update(std::move(rows));
            ask(); // shadow may have been pressed meanwhile
        }
    });
}

void DetailPane::askGates()
{
    context_.questions.ask(
        console::AskGates{entry_.of.name}, this, [this, generation = generation_](const console::Answer& answer) {
            const auto* gates = taken<console::Gates>(answer, generation);
            if (gates == nullptr) {
                return;
            }
            isAsked_[Gates] = false;
            const auto found = std::ranges::find(gates->rows, entry_.of.name,
                                                 [](const console::StrategyGates& row) { return row.row.strategy; });
            if (found != gates->rows.end()) {
                gates_->show(*found);
                actions_->setGates(&*found);
            }
        });
}

void DetailPane::askTrials()
{
    context_.questions.ask(console::AskTrials{entry_.of.name}, this,
                           [this, generation = generation_](const console::Answer& answer) {
                               if (const auto* trials = taken<console::Trials>(answer, generation)) {
                                   isAsked_[Parameters] = false;
                                   parameters_->setTrials(*trials);
                               }
                           });
}

void DetailPane::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    run_->setBeside(width() >= 820);
}

void DetailPane::restyle()
{
    evidence_->restyle();
    funnel_->restyle();
    parameters_->restyle();
    trades_->repaintAll();
    showHead();
}

} // namespace qd::ui
