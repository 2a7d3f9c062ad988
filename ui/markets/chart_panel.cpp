#include "ui/markets/chart_panel.h"

#include "ui/markets/markets_models.h"
#include "ui/window_memory.h"

#include <QButtonGroup>
#include <QHBoxLayout>

#include <algorithm>

namespace qd::ui {

namespace {

const QString timeframeKey = QStringLiteral("markets/timeframe");

market::Timeframe timeframeOf(const QString& name)
{
    for (const auto tf : market::allTimeframes) {
        if (format::text(market::name(tf)) == name) {
            return tf;
        }
    }
    return market::Timeframe::M5;
}

QString minutes(market::Timeframe tf)
{
    const auto count = market::length(tf) / base::Millis{60'000};
    return count < 60 ? QObject::tr("Candles of %n minute(s)", nullptr, static_cast<int>(count))
                      : QObject::tr("Candles of %n hour(s)", nullptr, static_cast<int>(count / 60));
}

} // namespace

ChartPanel::ChartPanel(const PageContext& context, QWidget* parent)
    : Card(context.theme, {}, parent),
      context_(context),
      timeframe_(timeframeOf(context.memory.value(timeframeKey).toString())),
      chart_(new CandleChart(this))
{
    setAccessibleName(tr("Chart"));
    titleLabel()->hide();
    body()->addWidget(buildHead());
    setContent(chart_);
    chooseOverlays();
    restyle();
    showInstrument(std::nullopt);
    showChart(nullptr);
    connect(&context.theme, &Theme::changed, this, &ChartPanel::restyle);
}

QWidget* ChartPanel::buildHead()
{
    auto* head = new QWidget(this);
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    name_ = new TextLabel(context_.theme, FontRole::Heading, Meaning::Text, {}, head);
    price_ = new TextLabel(context_.theme, FontRole::Figure, Meaning::Text, {}, head);
    change_ = new TextLabel(context_.theme, FontRole::Figure, Meaning::Text, {}, head);
    row->addWidget(name_);
    row->addSpacing(10);
    row->addWidget(price_);
    row->addSpacing(4);
    row->addWidget(change_);
    row->addStretch(1);
    buildTimeframes(head);
    row->addSpacing(8);
    ema_ = overlayButton(head, tr("EMA 26"), QStringLiteral("markets/ema"), true, Meaning::Warning,
                         tr("Exponential moving average of 26 candles"));
    bollinger_ = overlayButton(head, tr("Bollinger"), QStringLiteral("markets/bollinger"), false, Meaning::Focus,
                               tr("Bollinger bands: mean of 20 candles and two standard deviations on either side"));
    vwap_ = overlayButton(head, tr("VWAP"), QStringLiteral("markets/vwap"), false, Meaning::SecondSeries,
                          tr("Volume-weighted average price of the last 60 candles"));
    trades_ = overlayButton(head, tr("Trades"), QStringLiteral("markets/trades"), true, Meaning::Focus,
                            tr("Paper trades: entries under their candle, exits above it; hollow in shadow"));
    return head;
}

void ChartPanel::buildTimeframes(QWidget* head)
{
    auto* group = new QButtonGroup(this);
    for (const auto tf : market::allTimeframes) {
        auto* button = new PillButton(context_.theme, format::text(market::name(tf)), head);
        button->setCheckable(true);
        button->setChecked(tf == timeframe_);
        button->setToolTip(minutes(tf));
        button->setAccessibleName(minutes(tf));
        group->addButton(button, static_cast<int>(tf));
        head->layout()->addWidget(button);
    }
    connect(group, &QButtonGroup::idClicked, this, [this](int id) {
        const auto chosen = static_cast<market::Timeframe>(id);
        if (chosen != timeframe_) {
            timeframe_ = chosen;
            context_.memory.setValue(timeframeKey, format::text(market::name(chosen)));
            showChart(nullptr);
            Q_EMIT timeframeChosen(chosen);
        }
    });
}

PillButton* ChartPanel::overlayButton(QWidget* head, const QString& text, const QString& key, bool isOn, Meaning tone,
                                      const QString& help)
{
    auto* button = new PillButton(context_.theme, text, head);
    button->setCheckable(true);
    button->setTone(tone);
    button->setChecked(context_.memory.value(key, isOn).toBool());
    button->setToolTip(help);
    button->setAccessibleDescription(help);
    head->layout()->addWidget(button);
    connect(button, &QAbstractButton::toggled, this, [this, key](bool on) {
        context_.memory.setValue(key, on);
        chooseOverlays();
    });
    return button;
}

void ChartPanel::chooseOverlays()
{
    chart_->setShown({.ema = ema_->isChecked(),
                      .bollinger = bollinger_->isChecked(),
                      .vwap = vwap_->isChecked(),
                      .trades = trades_->isChecked()});
}

void ChartPanel::showInstrument(const std::optional<console::InstrumentRow>& row)
{
    instrument_ = row ? std::optional(row->instrument) : std::nullopt;
    name_->show(row ? format::text(row->instrument.name) : tr("No instrument"));
    price_->show(row ? format::price(row->instrument, row->last) : QString());
    price_->setToolTip(row && row->quote ? tr("USDT; bid %1, ask %2")
                                               .arg(format::price(row->instrument, row->quote->bid),
                                                    format::price(row->instrument, row->quote->ask))
                                         : tr("Price of the newest trade, USDT"));
    change_->show(row && row->change24h ? format::signedPercent(*row->change24h, 1) : QString());
    change_->setToolTip(
        tr("Change within 24 hours, as the exchange tells it; the demo market counts from its start until it "
           "has run for a day"));
    const auto tone = row && row->change24h ? context_.theme.toneOf(shownChange(*row->change24h)) : Meaning::Text;
    price_->setMeaning(tone);
    change_->setMeaning(tone);
}

bool ChartPanel::isWanted(const console::ChartSnapshot& snapshot) const
{
    return instrument_ && snapshot.instrument == instrument_->id && snapshot.timeframe == timeframe_;
}

void ChartPanel::showChart(const std::shared_ptr<const console::ChartSnapshot>& snapshot)
{
    if (snapshot && isWanted(*snapshot)) {
        chart_->setEmptyText(tr("No candle of %1 yet. The first appears with the next trade.").arg(name_->text()));
        chart_->setSnapshot(snapshot, *instrument_);
        tellMarks(*snapshot);
        return;
    }
    chart_->setEmptyText(
        instrument_ ? tr("Fetching the candles of %1, %2 …").arg(name_->text(), format::text(market::name(timeframe_)))
                    : tr("Candles, volume and trades of the instrument chosen on the left."));
    chart_->setSnapshot(nullptr, instrument_.value_or(market::Instrument{}));
}

/// Long records are cut by the engine: how many are drawn is told, and where the others are.
void ChartPanel::tellMarks(const console::ChartSnapshot& snapshot)
{
    if (snapshot.marks == toldMarks_) {
        return;
    }
    toldMarks_ = snapshot.marks;
    const auto entries = std::ranges::count_if(*snapshot.marks, &console::TradeMark::isEntry);
    trades_->setToolTip(
        tr("Paper trades: entries under their candle, exits above it; hollow in shadow.\n%1 are on this "
           "chart, the newest of the instrument; Execution has all that closed.")
            .arg(format::count(static_cast<std::uint64_t>(entries))));
}

void ChartPanel::restyle()
{
    chart_->setColors(chartColors(context_.theme));
    auto figures = context_.theme.font(FontRole::Figure);
    figures.setPixelSize(context_.theme.font(FontRole::Heading).pixelSize());
    price_->setFont(figures);
    change_->setFont(figures);
    chart_->setZone(context_.zone == format::Zone::Utc ? QTimeZone::utc() : QTimeZone::systemTimeZone());
}

} // namespace qd::ui
