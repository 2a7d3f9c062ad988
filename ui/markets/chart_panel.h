// The card of the chart on Markets: name, price and change, timeframes, overlays, the chart. Remembers timeframe and
// overlays. GUI thread; parent owns.
#pragma once

#include "ui/charts/candle_chart.h"
#include "ui/page.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

class QButtonGroup;

namespace qd::ui {

class ChartPanel final : public Card {
    Q_OBJECT
public:
    ChartPanel(const PageContext& context, QWidget* parent);

    [[nodiscard]] market::Timeframe timeframe() const { return timeframe_; }
    [[nodiscard]] CandleChart* chart() { return chart_; }
    /// Head line; empty: no instrument is chosen.
    void showInstrument(const std::optional<console::InstrumentRow>& row);
    /// Shows it if it is of the chosen instrument and timeframe, else that they are on their way.
    void showChart(const std::shared_ptr<const console::ChartSnapshot>& snapshot);
    void restyle();

Q_SIGNALS:
    void timeframeChosen(qd::market::Timeframe timeframe);

private:
    QWidget* buildHead();
    void buildTimeframes(QWidget* head);
    PillButton* overlayButton(QWidget* head, const QString& text, const QString& key, bool isOn, Meaning tone,
                              const QString& help);
    void chooseOverlays();
    void tellMarks(const console::ChartSnapshot& snapshot);
    [[nodiscard]] bool isWanted(const console::ChartSnapshot& snapshot) const;

    const PageContext context_;
    market::Timeframe timeframe_;
    std::optional<market::Instrument> instrument_;
    CandleChart* chart_;
    std::shared_ptr<const std::vector<console::TradeMark>> toldMarks_;
    TextLabel* name_ = nullptr;
    TextLabel* price_ = nullptr;
    TextLabel* change_ = nullptr;
    PillButton* ema_ = nullptr;
    PillButton* bollinger_ = nullptr;
    PillButton* vwap_ = nullptr;
    PillButton* trades_ = nullptr;
};

} // namespace qd::ui
