#include "ui/overview/overview_page.h"

#include "base/policy.h"
#include "ui/charts/line_chart.h"
#include "ui/decision_words.h"
#include "ui/experiments/experiment_actions.h"
#include "ui/overview/attention_list.h"
#include "ui/overview/checklist_card.h"
#include "ui/overview/engines_list.h"
#include "ui/overview/night_pane.h"
#include "ui/overview/overview_models.h"
#include "ui/overview/road_card.h"
#include "ui/status_strip.h"
#include "ui/strategies/review_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"
#include "ui/widgets/metric_tile.h"
#include "ui/widgets/pill.h"
#include "ui/window_memory.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QShortcut>
#include <QStackedWidget>
#include <QTimeZone>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <ranges>
#include <set>

namespace qd::ui {

namespace {

const QString spanKey = QStringLiteral("overview/span");
constexpr int rosterRows = 4;

QTimeZone zoneOf(format::Zone zone)
{
    return zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone();
}

} // namespace

OverviewPage::OverviewPage(const PageContext& context, QWidget* parent) : Page(context, parent)
{
    auto* tables = new QVBoxLayout;
    tables->setSpacing(cardGap);
    tables->addWidget(rosterCard(), 0);
    tables->addWidget(rankingCard(), 1);
    auto* below = new QGridLayout;
    below->setSpacing(cardGap);
    below->addWidget(equityCard(), 0, 0);
    attentionCard_ = attentionCard();
    below->addLayout(tables, 1, 0);
    checklist_ = new ChecklistCard(context_, this);
    connect(checklist_, &ChecklistCard::opened, this, &OverviewPage::wantsPage);
    connect(checklist_, &ChecklistCard::putAwayChanged, this, &OverviewPage::placeChecklist);
    road_ = new RoadCard(context_, this);
    connect(road_, &RoadCard::opened, this, &OverviewPage::wantsPage);
    connect(road_, &RoadCard::gatesChanged, this, [this] {
        showNeeds();
        Q_EMIT waitingChanged();
    });
    enginesCard_ = enginesCard();
    grid_ = below;
    rightColumn_ = new QVBoxLayout;
    rightColumn_->setSpacing(cardGap);
    below->addLayout(rightColumn_, 0, 1, 2, 1);
    below->setColumnStretch(0, 74);
    below->setColumnStretch(1, 26);
    below->setRowStretch(0, 42);
    below->setRowStretch(1, 58);
    auto* now = new QWidget;
    auto* lines = new QVBoxLayout(now);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(cardGap);
    lines->addWidget(tiles());
    lines->addLayout(below, 1);
    night_ = new NightPane(context_);
    connect(night_, &NightPane::left, this, [this] { showNight(false); });
    views_ = new QStackedWidget;
    views_->addWidget(now);
    views_->addWidget(night_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, pageMargin, pageMargin, pageMargin);
    layout->addWidget(views_);
    // N from wherever the focus is, as after a click on the rail; Esc is the list's and the report's alone, because
    // palette, toasts and filters have one of their own.
    connect(new QShortcut(QKeySequence(Qt::Key_N), now), &QShortcut::activated, this, [this] { showNight(true); });
    connect(new QShortcut(QKeySequence(Qt::Key_Escape), night_, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
            &QShortcut::activated, this, [this] { showNight(false); });
    setSpan(static_cast<Span>(std::clamp(context.memory.value(spanKey, 0).toInt(), 0, 2)));
    placeChecklist();
    restyle();
}

// From above: what needs you, the checklist while it is there, the road to live, the engines. In a low window the
// engines give way, which the top strip shows too, of the checklist what is done, and a row of the roster.
void OverviewPage::placeChecklist()
{
    constexpr int heightForEngines = 860;
    const bool isThere = !checklist_->isPutAway();
    if (isChecklistPlaced_ != isThere) {
        isChecklistPlaced_ = isThere;
        for (auto* card : {attentionCard_, static_cast<Card*>(checklist_), static_cast<Card*>(road_), enginesCard_}) {
            rightColumn_->removeWidget(card);
        }
        rightColumn_->addWidget(attentionCard_, 3);
        rightColumn_->addWidget(checklist_);
        rightColumn_->addWidget(road_, 2);
        rightColumn_->addWidget(enginesCard_);
    }
    const bool isHigh = height() >= heightForEngines;
    checklist_->setVisible(isThere);
    checklist_->setCompact(!isHigh);
    rosterTable_->setVisibleRows(2, isHigh ? rosterRows : rosterRows - 1); // whole rows, none cut by the edge
    enginesCard_->setVisible(!isThere && isHigh);
}

void OverviewPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    placeChecklist();
}

void OverviewPage::showNight(bool is)
{
    views_->setCurrentIndex(is ? 1 : 0); // not remembered: a start shows what is now
}

bool OverviewPage::reveal(const QString& thing)
{
    const bool isNight = thing.compare(QStringLiteral("Night"), Qt::CaseInsensitive) == 0;
    if (!isNight && thing.compare(QStringLiteral("Now"), Qt::CaseInsensitive) != 0) {
        return false;
    }
    showNight(isNight);
    return true;
}

QWidget* OverviewPage::tiles()
{
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(cardGap);
    const auto add = [&](const QString& title) {
        auto* tile = new MetricTile(context_.theme, title);
        layout->addWidget(tile, 1);
        return tile;
    };
    equity_ = add(tr("Paper equity"));
    today_ = add(tr("Today"));
    profitFactor_ = add(tr("Profit factor"));
    drawdown_ = add(tr("Drawdown"));
    open_ = add(tr("Open positions"));
    lag_ = add(tr("Tick lag"));
    auto* night = new PillButton(context_.theme, tr("Night"));
    night->setObjectName(QStringLiteral("night"));
    night->setToolTip(tr("The report of the last night: N"));
    connect(night, &QAbstractButton::clicked, this, [this, night] {
        night->setChecked(false);
        showNight(true);
    });
    layout->addWidget(night, 0, Qt::AlignTop);
    return row;
}

Card* OverviewPage::equityCard()
{
    auto* card = new Card(context_.theme, tr("Paper equity"));
    chart_ = new LineChart;
    chart_->setTitle(tr("Paper equity, USDT"));
    chart_->setFormatter([](double value) { return format::decimal(value, 2); });
    chart_->setEmptyText(tr("The curve begins with the first minutes of paper trading."));
    chart_->setLeastSpan(base::Millis{600'000}); // the first points stand at the right, not drawn out over all of it
    chart_->setMinimumHeight(110);
    const std::array texts{tr("24 h"), tr("7 d"), tr("All")};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto* button = new PillButton(context_.theme, texts[i]);
        connect(button, &QAbstractButton::clicked, this, [this, i] { setSpan(static_cast<Span>(i)); });
        spans_.push_back(button);
        card->addToHeader(button);
    }
    card->setContent(chart_);
    return card;
}

Card* OverviewPage::rosterCard()
{
    rosterCard_ = new Card(context_.theme, tr("Strategies"));
    roster_ = new RosterModel(context_, this);
    rosterTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("overview.roster"), *roster_);
    auto* table = rosterTable_;
    table->setRowHeight(32);
    table->setVisibleRows(2, rosterRows);
    table->view()->setAccessibleName(tr("Strategies"));
    table->setEmptyText(tr("The roster comes with the first picture of the paper engine."));
    connect(table, &DataTable::switched, this, [this](int row) {
        const auto& strategy = roster_->row(row);
        context_.commands.setStrategyEnabled(format::text(strategy.name), !strategy.isEnabled);
    });
    connect(table, &DataTable::opened, this, [this] { Q_EMIT wantsPage(QStringLiteral("Strategies"), {}); });
    rosterCard_->addToHeader(table->menuButton());
    rosterCard_->setContent(table);
    return rosterCard_;
}

Card* OverviewPage::rankingCard()
{
    rankingCard_ = new Card(context_.theme, tr("Top strategies"));
    rankingCard_->setNote(tr("one row a strategy and instrument"));
    rankingCard_->setNoteHelp(tr("Ranked by the lower end of the Sharpe ratio's interval; rows that have none stand "
                                 "below, by more trades."));
    ranking_ = new RankingModel(this);
    rankingTable_ = new DataTable(context_.theme, context_.memory, QStringLiteral("overview.ranking"), *ranking_);
    rankingTable_->setRowHeight(32);
    rankingTable_->view()->setAccessibleName(tr("Top strategies"));
    rankingTable_->setEmptyText(tr("Each strategy and instrument gets its row with its first closed trade."));
    connect(rankingTable_, &DataTable::opened, this,
            [this](int row) { Q_EMIT wantsPage(QStringLiteral("Markets"), ranking_->row(row).instrument); });
    rankingCard_->addToHeader(rankingTable_->menuButton());
    rankingCard_->setContent(rankingTable_);
    rankingCard_->setMinimumHeight(204); // four rows, in the smallest window too
    return rankingCard_;
}

Card* OverviewPage::attentionCard()
{
    auto* card = new Card(context_.theme, tr("Needs you"));
    attentionCount_ = new Pill(context_.theme);
    attentionCount_->setOutlined(true);
    attentionCount_->setHasDot(false);
    attentionCount_->setFocusPolicy(Qt::NoFocus);
    attentionCount_->hide();
    card->addToHeader(attentionCount_);
    attention_ = new AttentionList(context_.theme);
    needsFilter_ = new QLineEdit;
    needsFilter_->setPlaceholderText(tr("Words that a row must hold. Esc ends."));
    needsFilter_->setAccessibleName(tr("Filter what needs you"));
    needsFilter_->hide();
    auto* content = new QWidget;
    auto* lines = new QVBoxLayout(content);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->setSpacing(6);
    lines->addWidget(needsFilter_);
    lines->addWidget(attention_, 1);
    card->setContent(content);
    connectNeeds();
    return card;
}

void OverviewPage::connectNeeds()
{
    connect(attention_, &AttentionList::opened, this, &OverviewPage::openItem);
    connect(attention_, &AttentionList::applied, this, &OverviewPage::apply);
    connect(attention_, &AttentionList::dismissed, this, &OverviewPage::dismiss);
    connect(attention_, &AttentionList::switchWished, this, [this](const Attention& item) {
        const auto name = item.strategy.toStdString();
        for (const auto& row : newest_.paper ? newest_.paper->strategies : std::vector<console::StrategyRow>{}) {
            if (row.name == name) {
                context_.commands.setStrategyEnabled(item.strategy, !row.isEnabled);
            }
        }
    });
    connect(attention_, &AttentionList::undoWished, this, [this] {
        if (last_) {
            context_.commands.takeBack(*std::exchange(last_, std::nullopt));
        }
    });
    connect(attention_, &AttentionList::filterWished, this, [this] {
        needsFilter_->show();
        needsFilter_->setFocus(Qt::ShortcutFocusReason);
        needsFilter_->selectAll();
    });
    connect(needsFilter_, &QLineEdit::textChanged, attention_, &AttentionList::setWords);
    connect(needsFilter_, &QLineEdit::returnPressed, this, [this] { attention_->step(1); });
    auto* escape = new QShortcut(QKeySequence(Qt::Key_Escape), needsFilter_, nullptr, nullptr, Qt::WidgetShortcut);
    connect(escape, &QShortcut::activated, this, [this] {
        needsFilter_->clear();
        needsFilter_->hide();
        attention_->step(1);
    });
    // The morning round begins with J or K from wherever the focus is on this page.
    for (const auto& [key, by] : {std::pair{Qt::Key_J, 1}, std::pair{Qt::Key_K, -1}}) {
        connect(new QShortcut(QKeySequence(key), this), &QShortcut::activated, attention_,
                [this, by] { attention_->step(by); });
    }
    connect(&context_.commands, &CommandDesk::pendingChanged, this, &OverviewPage::showNeeds);
    connect(&context_.commands, &CommandDesk::finished, this, [this](const Request& request) {
        if (request.canBeTakenBack()) {
            last_ = request;
        }
    });
}

void OverviewPage::showNeeds()
{
    const auto items = attention(newest_, road_ != nullptr ? road_->gates() : nullptr);
    std::set<QString> pending;
    for (const auto& item : items) {
        const auto& desk = context_.commands;
        const bool isPending = item.kind == AttentionKind::Proposal    ? desk.isProposalPending(item.id)
                               : item.kind == AttentionKind::Verdict   ? desk.isExperimentPending(item.id)
                               : item.kind == AttentionKind::Promotion ? desk.isPending(item.strategy)
                               : item.kind == AttentionKind::Alert     ? desk.isAlertPending(item.id)
                                                                       : false;
        if (isPending) {
            pending.insert(item.key);
        }
    }
    attention_->setItems(items, pending);
    attentionCount_->setState(QString::number(items.size()), {}, Meaning::Warning);
    attentionCount_->setVisible(!items.empty());
}

void OverviewPage::apply(const Attention& item)
{
    switch (item.kind) {
    case AttentionKind::Proposal:
        for (const auto& row : newest_.governance->proposals) {
            if (row.id == item.id) {
                applyProposal(context_, row, newest_.ingest.get(), window());
            }
        }
        break;
    case AttentionKind::Verdict:
        for (const auto& line : newest_.governance->experiments) {
            if (const auto how = say::supported(line.advice); line.id == item.id && how) {
                askToEndExperiment(context_, {line.id, format::text(line.subject), {}, line.verdict, line.advice}, *how,
                                   window());
            }
        }
        break;
    case AttentionKind::Promotion:
        context_.commands.setStage(item.strategy, governance::Stage::Ready, tr("all gates are passed"));
        break;
    case AttentionKind::Alert:
        context_.commands.acknowledgeAlert(item.id, item.title);
        break;
    case AttentionKind::SignOff:
    case AttentionKind::Model:
    case AttentionKind::Trouble:
        openItem(item);
        break;
    }
}

void OverviewPage::dismiss(const Attention& item)
{
    if (item.kind == AttentionKind::Proposal) {
        dismissProposals(context_, {item.id}, item.title, window());
    } else {
        openItem(item);
    }
}

void OverviewPage::openItem(const Attention& item)
{
    Q_EMIT wantsPage(item.page, item.thing);
}

int OverviewPage::waiting() const
{
    const auto items = attention(newest_, road_->gates());
    return static_cast<int>(std::ranges::count(items, AttentionKind::Promotion, &Attention::kind));
}

Card* OverviewPage::enginesCard()
{
    auto* card = new Card(context_.theme, tr("Engines"));
    card->setNote(tr("last minute"));
    engines_ = new EnginesList(context_.theme);
    card->setContent(engines_);
    return card;
}

void OverviewPage::restyle()
{
    chart_->setColors(chartColors(context_.theme));
    chart_->setZone(zoneOf(context_.zone));
    if (newest_.paper) {
        refreshPaper(newest_);
    }
    night_->restyle();
}

void OverviewPage::setSpan(Span span)
{
    span_ = span;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        spans_[i]->setChecked(i == static_cast<std::size_t>(span));
    }
    context_.memory.setValue(spanKey, static_cast<int>(span));
    refreshCurve();
}

void OverviewPage::refreshCurve()
{
    LineChart::Series series;
    if (curve_ && !curve_->empty()) {
        const base::UtcMs end = curve_->back().time;
        const base::UtcMs from = span_ == Span::Day    ? end - base::oneDay
                                 : span_ == Span::Week ? end - base::oneDay * 7
                                                       : curve_->front().time;
        const auto first =
            std::lower_bound(curve_->begin(), curve_->end(), from,
                             [](const console::EquityPoint& point, base::UtcMs t) { return point.time < t; });
        for (auto it = first; it != curve_->end(); ++it) {
            series.emplace_back(it->time, base::toUsdt(it->equity));
        }
    }
    chart_->setSeries(std::move(series));
}

void OverviewPage::refreshPaper(const Snapshots& snapshots)
{
    const auto& now = *snapshots.paper;
    equity_->setFigure(
        format::money(now.equity),
        now.since ? tr("%1 since %2").arg(format::signedPercent(now.gain, 2), format::day(*now.since, context_.zone))
                  : tr("USDT, nothing traded yet"),
        Meaning::Text,
        tr("USDT: the capital of the rows that are switched on, %1, and all that was gained. The percentage adds up "
           "gains as shares of the capital of their moments, so a switch does not change it.")
            .arg(format::money(now.startEquity)));
    today_->setFigure(format::signedMoney(now.today), tr("%1 closed · %2 won").arg(now.closedToday).arg(now.wonToday),
                      context_.theme.toneOf(static_cast<double>(now.today.value)),
                      tr("Since 00:00 UTC, marked to market, USDT"));
    profitFactor_->setFigure(format::decimal(now.profitFactor, 2), tr("active roster, 7 days"), Meaning::Text,
                             now.profitFactor ? QString() : tr("Undefined: no losing trade in the last 7 days"));
    drawdown_->setFigure(format::percent(now.drawdown, 1), tr("max %1").arg(format::percent(now.maxDrawdown, 1)),
                         Meaning::Text, tr("From the highest, as a share of the capital of each moment"));
    base::Money unrealised;
    for (const auto& position : now.positions) {
        unrealised += position.unrealised;
    }
    open_->setFigure(format::count(now.positions.size()),
                     tr("%1 USDT unrealised").arg(format::signedMoney(unrealised)));
    lag_->setFigure(now.tickLagP99 ? format::milliseconds(*now.tickLagP99) : format::undefined(), tr("p99 over 5 min"),
                    Meaning::Text,
                    now.tickLagP99 ? tr("Exchange time to decision") : tr("Undefined: no tick yet, or recorded times"));
    if (now.curve != curve_) {
        curve_ = now.curve;
        refreshCurve();
    }
    refreshTables(snapshots);
}

void OverviewPage::refreshTables(const Snapshots& snapshots)
{
    const auto& now = *snapshots.paper;
    const auto on =
        std::count_if(now.strategies.begin(), now.strategies.end(), [](const auto& row) { return row.isEnabled; });
    rosterCard_->setTitle(tr("Strategies — %1 of %2 on").arg(on).arg(now.strategies.size()));
    roster_->update(now.strategies);
    const base::PolicyValues standard;
    const auto& policy = now.policy ? now.policy->numbers : standard;
    const auto most = std::lround(base::policyValue(policy, "ranking.top_n"));
    ranking_->setMinTrades(static_cast<std::uint32_t>(base::policyValue(policy, "sharpe.min_trades")));
    std::vector<RankedRow> ranked;
    for (const auto& row : now.evaluations | std::views::take(most)) {
        ranked.push_back({row, instrumentName(snapshots, row.instrument)});
    }
    const bool isRanked = std::ranges::any_of(
        now.evaluations, [](const auto& row) { return row.sharpe && row.sharpeLow && row.sharpeHigh; });
    rankingCard_->setNote(ranked.empty() || isRanked ? tr("one row a strategy and instrument")
                                                     : tr("by trades: none has an interval yet"));
    ranking_->update(std::move(ranked));
}

void OverviewPage::refresh(const Snapshots& snapshots, Changes changes)
{
    newest_ = snapshots;
    if ((changes & Change::Paper) && snapshots.paper) {
        refreshPaper(snapshots);
    }
    engines_->refresh(snapshots, changes);
    if (changes & (Changes(Change::Ingest) | Change::Health | Change::Store | Change::Governance | Change::Paper |
                   Change::Learning)) {
        showNeeds();
    }
    if (changes.testFlag(Change::Jobs) && snapshots.jobs) {
        night_->follow(*snapshots.jobs);
    }
    if (changes & (Changes(Change::Governance) | Change::Paper)) {
        road_->refresh(snapshots);
    }
    if (changes & (Changes(Change::Ingest) | Change::Health | Change::Store)) {
        checklist_->refresh(snapshots);
    }
}

} // namespace qd::ui
