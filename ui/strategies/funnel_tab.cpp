#include "ui/strategies/funnel_tab.h"

#include "ui/decision_words.h"
#include "ui/widgets/card.h"
#include "ui/widgets/data_table.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolButton>
#include <QToolTip>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr int stepHeight = 24;
constexpr int nameWidth = 72;
constexpr int countWidth = 120;
constexpr int sideBySide = 820; // from this width on the log stands beside the bars

} // namespace

std::vector<FunnelStep> funnelOf(const console::StrategyRow& row, std::uint64_t notFilled)
{
    const auto tr = [](const char* source) { return FunnelTab::tr(source); };
    const std::uint64_t all = row.signals;
    const std::uint64_t blocked = std::min<std::uint64_t>(row.blocked, all);
    const std::uint64_t atOrder = std::min<std::uint64_t>(notFilled, blocked); // they were ordered, and not filled
    const std::uint64_t ordered = all - (blocked - atOrder);
    const std::uint64_t filled = std::min<std::uint64_t>(std::uint64_t{row.open} + row.closed, ordered);
    return {{tr("Signals"), all, tr("Decisions of the rule, on all instruments, since its record began")},
            {tr("Blocked"), blocked - atOrder, tr("Signals that became no order; the reasons are below")},
            {tr("Ordered"), ordered, tr("Signals that became an order")},
            {tr("Filled"), filled, tr("Orders that became a position; limit orders may wait in vain")},
            {tr("Closed"), std::min<std::uint64_t>(row.closed, filled), tr("Positions that have ended")}};
}

FunnelBars::FunnelBars(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Funnel"));
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FunnelBars::setSteps(std::vector<FunnelStep> steps)
{
    if (steps == steps_) {
        return;
    }
    steps_ = std::move(steps);
    QStringList said;
    for (const auto& step : steps_) {
        said << step.name + QLatin1Char(' ') + format::count(step.count);
    }
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    updateGeometry();
    update();
}

QSize FunnelBars::sizeHint() const
{
    return {260, static_cast<int>(steps_.size()) * stepHeight};
}

void FunnelBars::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    const double room = std::max(20, width() - nameWidth - countWidth);
    const double all = steps_.empty() ? 0 : static_cast<double>(steps_.front().count);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const auto& step = steps_[i];
        const bool isLost = i == 1; // what fell out
        const double y = static_cast<double>(i) * stepHeight;
        const double share = all > 0 ? static_cast<double>(step.count) / all : 0;
        p.setFont(theme_.font(FontRole::Body));
        p.setPen(theme_.color(Meaning::TextMuted));
        p.drawText(QRectF(0, y, nameWidth, stepHeight), Qt::AlignVCenter | Qt::AlignLeft, step.name);
        p.setPen(Qt::NoPen);
        p.setBrush(theme_.color(Meaning::Track));
        p.drawRoundedRect(QRectF(nameWidth, y + 8, room, 8), 4, 4);
        if (share > 0) {
            // What was blocked stands where it fell out: at the end of the bar of what came in.
            const double length = std::max(3.0, room * share);
            const double left = isLost ? nameWidth + room - length : nameWidth;
            p.setBrush(theme_.color(isLost ? Meaning::Warning : Meaning::Focus));
            p.drawRoundedRect(QRectF(left, y + 8, length, 8), 4, 4);
        }
        p.setFont(theme_.font(FontRole::FigureSmall));
        p.setPen(theme_.color(Meaning::Text));
        const QRectF figures(width() - countWidth + 4, y, countWidth - 58, stepHeight);
        p.drawText(figures, Qt::AlignVCenter | Qt::AlignRight, format::count(step.count));
        p.setPen(theme_.color(Meaning::TextFaint));
        p.drawText(QRectF(width() - 52, y, 52, stepHeight), Qt::AlignVCenter | Qt::AlignRight,
                   all > 0 ? format::percent(share, 0) : format::undefined());
    }
}

bool FunnelBars::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto at = static_cast<std::size_t>(std::max(0, help->pos().y() / stepHeight));
        if (at < steps_.size()) {
            QToolTip::showText(help->globalPos(), steps_[at].help, this);
            return true;
        }
    }
    return QWidget::event(event);
}

FunnelTab::FunnelTab(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      layout_(new QBoxLayout(QBoxLayout::TopToBottom, this)),
      bars_(new FunnelBars(context.theme, this)),
      title_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      logTitle_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, tr("Signals that did not trade"))),
      reasons_(new ReasonsModel(this)),
      signals_(new SignalsModel(context, this)),
      reasonTable_(new DataTable(context.theme, context.memory, QStringLiteral("strategies.reasons"), *reasons_, this)),
      signalTable_(new DataTable(context.theme, context.memory, QStringLiteral("strategies.signals"), *signals_, this))
{
    reasonTable_->setRowHeight(26);
    reasonTable_->setVisibleRows(2, 5);
    reasonTable_->view()->setAccessibleName(tr("Reasons"));
    reasonTable_->view()->setSelectionMode(QAbstractItemView::SingleSelection);
    reasonTable_->setEmptyText(tr("No signal was refused."));
    signalTable_->setRowHeight(38);
    signalTable_->view()->setAccessibleName(tr("Signals that did not trade"));
    signalTable_->setEmptyText(tr("Every signal so far became an order, or there was none yet. What is refused is kept "
                                  "here with its reason."));
    auto* head = new QHBoxLayout;
    head->addWidget(logTitle_, 1);
    head->addWidget(signalTable_->menuButton());
    auto* steps = new QVBoxLayout;
    steps->setSpacing(6);
    steps->addWidget(title_);
    steps->addWidget(bars_);
    steps->addWidget(reasonTable_);
    steps->addStretch(1);
    auto* log = new QVBoxLayout;
    log->setSpacing(6);
    log->addLayout(head);
    log->addWidget(signalTable_, 1);
    layout_->setContentsMargins(0, 0, 0, 0);
    layout_->setSpacing(cardGap);
    layout_->addLayout(steps);
    layout_->addLayout(log, 1);
    reasonTable_->menuButton()->hide();
    signalTable_->setMinimumHeight(90);
    connect(reasonTable_->view()->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const bool isChosen = !reasonTable_->view()->selectionModel()->selectedRows().isEmpty();
        const int row = isChosen ? reasonTable_->currentRow() : -1;
        const QString word = row >= 0 ? format::text(trading::name(reasons_->row(row).reason)) : QString();
        static_cast<TableFilter*>(signalTable_->proxy())->setWords(word);
        logTitle_->show(word.isEmpty() ? tr("Signals that did not trade")
                                       : tr("Signals that did not trade: %1").arg(word));
    });
}

void FunnelTab::show(const console::StrategyRow& row)
{
    row_ = row;
    showSteps();
}

void FunnelTab::setSignals(const console::SignalsPage& page, const console::IngestSnapshot* ingest)
{
    std::vector<ReasonEntry> reasons;
    std::uint64_t all = 0;
    for (const auto& [reason, count] : page.byReason) {
        all += count;
    }
    for (const auto& [reason, count] : page.byReason) {
        reasons.push_back({reason, count, all});
    }
    std::ranges::stable_sort(reasons, std::ranges::greater{}, &ReasonEntry::count);
    const auto notFilled = page.byReason.find(trading::NotTraded::NotFilled);
    notFilled_ = notFilled == page.byReason.end() ? 0 : notFilled->second;
    reasons_->update(std::move(reasons));
    std::vector<SignalEntry> rows;
    rows.reserve(page.rows.size());
    for (const auto& row : page.rows) {
        rows.push_back({row, format::text(feedInstrument(ingest, row.decision.instrument).name)});
    }
    signals_->update(std::move(rows));
    showSteps();
}

void FunnelTab::clear()
{
    reasonTable_->view()->clearSelection();
    reasons_->update({});
    signals_->update({});
    notFilled_ = 0;
}

void FunnelTab::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool isWide = width() >= sideBySide;
    layout_->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    layout_->setStretch(0, isWide ? 1 : 0);
}

void FunnelTab::restyle()
{
    signals_->repaintAll();
}

void FunnelTab::showSteps()
{
    title_->show(row_.silence.empty()
                     ? tr("From signal to trade, all instruments")
                     : tr("Silent: %1").arg(say::silence(row_.silence, context_.now(), context_.zone)));
    title_->setMeaning(row_.silence.empty() ? Meaning::TextMuted : Meaning::Warning);
    bars_->setSteps(funnelOf(row_, notFilled_));
}

} // namespace qd::ui
