// Markets: instruments on the left, the chart of the chosen one, open positions and closed trades below. Choosing an
// instrument or a timeframe asks the engine for that chart. GUI thread; owned by the window.
#pragma once

#include "ui/page.h"

#include <QPointer>

class QLineEdit;
class QPushButton;
class QSplitter;
class QStackedWidget;

namespace qd::ui {

class Card;
class ChartPanel;
class InstrumentsDialog;
class DataTable;
class InstrumentsModel;
class PillButton;
class PositionsModel;
class TradeDetailDialog;
class TradesModel;

class MarketsPage final : public Page {
    Q_OBJECT
public:
    explicit MarketsPage(const PageContext& context, QWidget* parent = nullptr);

    void restyle() override;
    bool reveal(const QString& thing) override;
    /// Opens the dialog of what the exchange offers.
    void chooseInstruments();
    /// Null before it was first wanted.
    [[nodiscard]] TradeDetailDialog* detail() { return detail_; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void refresh(const Snapshots& snapshots, Changes changes) override;

private:
    QWidget* buildInstruments();
    QWidget* buildLedger();
    DataTable* addLedgerTable(Card* card, DataTable* table);
    void filterInstruments(const QString& words);
    void keepSplitter(QSplitter* splitter, const QString& key, const QList<int>& first);
    void showLedger(int index);
    /// True if instruments came or went.
    bool showInstruments(const console::IngestSnapshot& ingest);
    void showPositions(const console::PaperSnapshot& paper);
    void showTrades(const console::PaperSnapshot& paper);
    void showChart(const std::shared_ptr<const console::ChartSnapshot>& chart);
    void choose(int row);
    void removeCurrent();
    void showPending();
    void chooseInstrumentOf(base::InstrumentId id);
    void askForChart();
    /// The one that is current, after a reason.
    void closePosition();
    void openPosition(int row);
    void openTrade(int row);
    void openDetail(DataTable* table, int row);
    void stepDetail(int by);
    void renewDetail();
    [[nodiscard]] market::Instrument instrumentOf(base::InstrumentId id) const;

    InstrumentsModel* instruments_;
    PositionsModel* positions_;
    TradesModel* trades_;
    DataTable* instrumentTable_ = nullptr;
    DataTable* positionTable_ = nullptr;
    DataTable* tradeTable_ = nullptr;
    QLineEdit* filter_ = nullptr;
    Card* instrumentCard_ = nullptr;
    QPointer<InstrumentsDialog> dialog_; // while it is open
    std::shared_ptr<const console::IngestSnapshot> ingest_;
    ChartPanel* panel_ = nullptr;
    QStackedWidget* ledger_ = nullptr;
    PillButton* openButton_ = nullptr;
    PillButton* closedButton_ = nullptr;
    QPushButton* closeButton_ = nullptr; // of a position

    TradeDetailDialog* detail_ = nullptr; // of the window
    DataTable* detailOf_ = nullptr;       // the table that it steps through
    std::shared_ptr<const console::ChartSnapshot> chart_;
    base::UtcMs detailShownAt_;

    QString wished_; // name of the instrument that the chart shall show
    std::optional<base::InstrumentId> chosen_;
    std::optional<base::UtcMs> askedAt_;
    bool isFiltering_ = false;
    std::optional<std::pair<std::uint32_t, std::size_t>>
        shownTrades_; // closedTotal and count of the trades in the table
};

} // namespace qd::ui
