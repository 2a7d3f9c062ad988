#include "ui/execution/trade_detail.h"

#include "ui/charts/candle_chart.h"
#include "ui/execution/trade_figures.h"
#include "ui/questions.h"
#include "ui/widgets/card.h"
#include "ui/window_memory.h"

#include "trading/strategy_catalogue.h"

#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QTimeZone>

namespace qd::ui {

namespace {

const QString geometryKey = QStringLiteral("execution/detail.geometry");
constexpr int factsWidth = 348;

} // namespace

TradeDetailDialog::TradeDetailDialog(const PageContext& context, QWidget* parent)
    : QDialog(parent),
      context_(context),
      chart_(new CandleChart(this))
{
    setWindowTitle(tr("Trade"));
    setAccessibleName(tr("Trade detail"));
    auto* middle = new QHBoxLayout;
    middle->setSpacing(cardGap);
    auto* drawing = new Card(context.theme, {}, this);
    drawing->titleLabel()->hide();
    drawing->setContent(chart_);
    middle->addWidget(drawing, 1);
    middle->addWidget(buildFacts());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(pageMargin, cardGap, pageMargin, pageMargin);
    layout->setSpacing(cardGap);
    layout->addWidget(buildHead());
    layout->addLayout(middle, 1);
    chart_->setShown({.ema = false, .bollinger = false, .vwap = false, .trades = true});
    resize(1120, 660);
    setMinimumSize(760, 420);
    restoreGeometry(context.memory.value(geometryKey).toByteArray());
    connect(&context.theme, &Theme::changed, this, &TradeDetailDialog::restyle);
    restyle();
}

QWidget* TradeDetailDialog::buildHead()
{
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    title_ = new TextLabel(context_.theme, FontRole::Heading, Meaning::Text, {}, head);
    net_ = new TextLabel(context_.theme, FontRole::Figure, Meaning::Text, {}, head);
    place_ = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted, {}, head);
    row->addWidget(title_);
    row->addSpacing(4);
    row->addWidget(net_);
    row->addStretch(1);
    row->addWidget(place_);
    const auto button = [&](const QString& text, const QString& help, auto act) {
        auto* made = new QPushButton(text, head);
        made->setAutoDefault(false);
        made->setToolTip(help);
        connect(made, &QPushButton::clicked, this, act);
        row->addWidget(made);
        return made;
    };
    previous_ = button(tr("Previous"), tr("The row above (K or Page Up)"), [this] { step(-1); });
    next_ = button(tr("Next"), tr("The row below (J or Page Down)"), [this] { step(1); });
    button(tr("Copy"), tr("Everything on the right as text (Ctrl+C)"),
           [this] { QApplication::clipboard()->setText(text()); });
    button(tr("Close"), tr("Esc"), [this] { close(); });
    return head;
}

QWidget* TradeDetailDialog::buildFacts()
{
    auto* card = new Card(context_.theme, {}, this);
    card->titleLabel()->hide();
    facts_ = new QScrollArea(card);
    facts_->setFrameShape(QFrame::NoFrame);
    facts_->setWidgetResizable(true);
    facts_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    facts_->setAccessibleName(tr("What is known of the trade"));
    facts_->viewport()->setAutoFillBackground(false);
    card->setContent(facts_);
    card->setFixedWidth(factsWidth);
    return card;
}

void TradeDetailDialog::showTrade(const trading::ClosedTrade& trade, const market::Instrument* instrument)
{
    market::Instrument unknown;
    unknown.id = trade.position.decision.instrument;
    unknown.name = "—";
    const bool isOther = !story_ || !story_->closed || story_->closed->position.decision != trade.position.decision;
    story_ = TradeStory{.position = trade.position,
                        .closed = trade,
                        .last = {},
                        .unrealised = {},
                        .instrument = instrument != nullptr ? *instrument : unknown,
                        .now = context_.now(),
                        .model = isOther ? std::nullopt : story_->model};
    drawn_.reset();
    if (isOther) {
        chart_->setEmptyText(tr("Fetching its candles …"));
        chart_->setSnapshot(nullptr, story_->instrument);
    }
    showStory();
    const auto& decision = trade.position.decision;
    asked_ = context_.questions.ask(console::AskTrade{decision.instrument, decision.strategy, decision.number}, this,
                                    [this](const console::Answer& answer) { take(answer); });
    askModel();
}

/// Which model made it, if one did.
void TradeDetailDialog::askModel()
{
    const auto& decision = story_->position.decision;
    const auto* info = trading::findStrategy(decision.strategy);
    modelAsked_ =
        context_.questions.ask(console::AskTradeModel{decision.instrument, decision.strategy, decision.number}, this,
                               [this, isTold = info != nullptr && info->asksModel](const console::Answer& answer) {
                                   const auto* model = std::get_if<console::TradeModel>(&answer.value);
                                   if (modelAsked_ == answer.id && story_ && !answer.error && model != nullptr &&
                                       (isTold || !model->version.empty())) { // others may ask one by a parameter
                                       story_->model = *model;
                                       showFacts();
                                   }
                               });
}

void TradeDetailDialog::take(const console::Answer& answer)
{
    if (asked_ != answer.id) {
        return; // of a trade that is no longer shown
    }
    asked_.reset();
    const auto* detail = std::get_if<console::TradeDetail>(&answer.value);
    if (answer.error || detail == nullptr) {
        chart_->setEmptyText(
            tr("Its candles could not be read. %1").arg(format::sentence(answer.error.value_or(base::Error{}))));
        return;
    }
    story_->position = detail->trade.position;
    story_->closed = detail->trade;
    story_->instrument = detail->instrument;
    showStory();
    auto chart = std::make_shared<console::ChartSnapshot>();
    chart->instrument = detail->instrument.id;
    chart->timeframe = detail->timeframe;
    chart->closed = std::make_shared<const std::vector<market::Candle>>(detail->candles);
    chart->marks = std::make_shared<const std::vector<console::TradeMark>>(tradeMarksOf(*story_));
    chart_->setEmptyText(tr("No candle of that time is stored: its archive does not reach so far."));
    chart_->setSnapshot(std::move(chart), detail->instrument);
    drawLines();
    chart_->showAll();
}

void TradeDetailDialog::showPosition(const console::PositionRow& row, const market::Instrument& instrument,
                                     base::UtcMs now, const std::shared_ptr<const console::ChartSnapshot>& chart)
{
    asked_.reset();
    const bool isSame = story_ && !story_->closed && story_->position.decision == row.position.decision;
    const auto model = isSame ? story_->model : std::nullopt;
    story_ = TradeStory{.position = row.position,
                        .closed = {},
                        .last = row.last,
                        .unrealised = row.unrealised,
                        .instrument = instrument,
                        .now = now,
                        .model = model};
    if (!isSame) {
        askModel();
    }
    showStory();
    const bool isIts = chart && chart->instrument == instrument.id;
    if (!isIts) {
        chart_->setEmptyText(tr("Fetching the candles of %1 …").arg(format::text(instrument.name)));
        chart_->setSnapshot(nullptr, instrument);
        drawn_.reset();
        return;
    }
    auto own = std::make_shared<console::ChartSnapshot>(*chart);
    own->marks = std::make_shared<const std::vector<console::TradeMark>>(tradeMarksOf(*story_));
    const bool isFirst = !drawn_ || drawn_->instrument != chart->instrument || drawn_->timeframe != chart->timeframe;
    drawn_ = chart;
    chart_->setSnapshot(std::move(own), instrument);
    drawLines();
    if (isFirst) {
        chart_->showSince(row.position.entry.time - 20 * market::length(chart->timeframe));
    }
}

void TradeDetailDialog::drawLines()
{
    chart_->setLines(levelsOf(*story_), momentsOf(*story_));
}

void TradeDetailDialog::showStory()
{
    setWindowTitle(titleOf(*story_));
    title_->show(titleOf(*story_));
    const auto money = story_->closed ? story_->closed->net : story_->unrealised;
    net_->show(tr("%1 USDT %2").arg(format::signedMoney(money), story_->closed ? tr("net") : tr("unrealised")));
    net_->setMeaning(context_.theme.toneOf(base::toUsdt(money)));
    showFacts();
}

void TradeDetailDialog::showFacts()
{
    const int scrolled = facts_->verticalScrollBar()->value();
    auto* page = new QWidget;
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 8, 0);
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(5);
    grid->setColumnStretch(1, 1);
    int row = 0;
    for (const auto& fact : factsOf(*story_, context_.zone)) {
        addFact(grid, row++, fact);
    }
    grid->setRowStretch(row, 1);
    facts_->setWidget(page); // the old one goes
    page->setAutoFillBackground(false);
    facts_->verticalScrollBar()->setValue(scrolled);
}

void TradeDetailDialog::addFact(QGridLayout* grid, int row, const Fact& fact)
{
    if (fact.isHead) {
        auto* head = new TextLabel(context_.theme, FontRole::Title, Meaning::TextMuted, fact.name);
        head->setContentsMargins(0, row == 0 ? 0 : 8, 0, 0);
        grid->addWidget(head, row, 0, 1, 2);
        return;
    }
    auto* value = new TextLabel(context_.theme, fact.name.isEmpty() ? FontRole::Body : FontRole::FigureSmall, fact.tone,
                                fact.value);
    value->setToolTip(fact.help);
    if (fact.name.isEmpty()) {
        value->setWordWrap(true);
        grid->addWidget(value, row, 0, 1, 2);
        return;
    }
    if (!fact.link.isEmpty()) {
        delete value;
        auto* link = new QPushButton(fact.value, facts_);
        link->setAutoDefault(false);
        link->setToolTip(fact.help);
        link->setAccessibleName(fact.name + QLatin1Char(' ') + fact.value);
        connect(link, &QPushButton::clicked, this, [this, to = fact.link] {
            close(); // it would lie over the page
            Q_EMIT modelWished(to);
        });
        grid->addWidget(new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, fact.name), row, 0);
        grid->addWidget(link, row, 1, Qt::AlignRight);
        return;
    }
    auto* name = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, fact.name);
    name->setToolTip(fact.help);
    value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    value->setAccessibleName(fact.name + QLatin1Char(' ') + fact.value);
    grid->addWidget(name, row, 0);
    grid->addWidget(value, row, 1);
}

void TradeDetailDialog::setPlace(const QString& place, bool hasPrevious, bool hasNext)
{
    place_->show(place);
    previous_->setVisible(!place.isEmpty());
    next_->setVisible(!place.isEmpty());
    previous_->setEnabled(hasPrevious);
    next_->setEnabled(hasNext);
}

void TradeDetailDialog::step(int by)
{
    auto* button = by < 0 ? previous_ : next_;
    if (!button->isHidden() && button->isEnabled()) {
        Q_EMIT stepped(by);
    }
}

void TradeDetailDialog::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(text());
    } else if (event->key() == Qt::Key_J || event->key() == Qt::Key_PageDown) {
        step(1);
    } else if (event->key() == Qt::Key_K || event->key() == Qt::Key_PageUp) {
        step(-1);
    } else {
        QDialog::keyPressEvent(event);
    }
}

QString TradeDetailDialog::text() const
{
    return story_ ? textOf(*story_, context_.zone) : QString();
}

void TradeDetailDialog::hideEvent(QHideEvent* event)
{
    context_.memory.setValue(geometryKey, saveGeometry());
    QDialog::hideEvent(event);
}

void TradeDetailDialog::restyle()
{
    chart_->setColors(chartColors(context_.theme));
    chart_->setZone(context_.zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone());
    if (story_) {
        showFacts();
    }
}

void TradeDetailDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), context_.theme.color(Meaning::Background));
}

} // namespace qd::ui
