// One trade in a window of its own: drawn on its candles, with a list of everything that is known of it. A closed trade
// asks the desk for its candles; an open position is drawn on those of the chart. J and K (or Page Down and Up) step
// through the table that it was opened from. GUI thread; owned by a page, which makes it once.
#pragma once

#include "ui/execution/trade_story.h"
#include "ui/page.h"

#include <QDialog>

class QGridLayout;
class QPushButton;
class QScrollArea;

namespace qd::ui {

class CandleChart;
class TextLabel;

class TradeDetailDialog final : public QDialog {
    Q_OBJECT
public:
    explicit TradeDetailDialog(const PageContext& context, QWidget* parent);

    /// `instrument` may be null: then the answer brings it.
    void showTrade(const trading::ClosedTrade& trade, const market::Instrument* instrument);
    void showPosition(const console::PositionRow& row, const market::Instrument& instrument, base::UtcMs now,
                      const std::shared_ptr<const console::ChartSnapshot>& chart);
    /// "3 of 33 400"; an empty text hides the steps.
    void setPlace(const QString& place, bool hasPrevious, bool hasNext);
    void restyle();
    [[nodiscard]] const std::optional<TradeStory>& story() const { return story_; }
    [[nodiscard]] CandleChart* chart() { return chart_; }
    /// What the clipboard gets.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    /// +1 next, −1 previous row of the table.
    void stepped(int by);
    /// A version, to be looked at on Models.
    void modelWished(const QString& version);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildHead();
    QWidget* buildFacts();
    void step(int by);
    void take(const console::Answer& answer);
    void askModel();
    void showStory();
    void showFacts();
    void drawLines();
    void addFact(QGridLayout* grid, int row, const Fact& fact);

    const PageContext context_;
    std::optional<TradeStory> story_;
    std::optional<console::QueryId> asked_; // newest question; answers to others are stale
    std::optional<console::QueryId> modelAsked_;
    CandleChart* chart_;
    TextLabel* title_ = nullptr;
    TextLabel* net_ = nullptr;
    TextLabel* place_ = nullptr;
    QPushButton* previous_ = nullptr;
    QPushButton* next_ = nullptr;
    QScrollArea* facts_ = nullptr;
    std::shared_ptr<const console::ChartSnapshot> drawn_; // what an open position is drawn on
};

} // namespace qd::ui
