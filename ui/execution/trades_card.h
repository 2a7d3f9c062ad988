// Closed trades of any number: filter bar, table that pages through the desk, export, the way to one trade's detail.
// What closes while one looks is brought in at the top, or told where that would move what is looked at. GUI thread;
// owned by the Execution page.
#pragma once

#include "ui/execution/trade_export.h"
#include "ui/execution/trade_pages_model.h"
#include "ui/widgets/card.h"

#include <QTimer>

class QPushButton;

namespace qd::ui {

class DataTable;
class PillButton;
class TradeDetailDialog;
class TradeFilterBar;

class TradesCard final : public Card {
    Q_OBJECT
public:
    TradesCard(const PageContext& context, InstrumentBook& book, QWidget* parent);

    /// Asks for the first page, once; later for what closed meanwhile.
    void wake();
    void setStrategies(const QStringList& names);
    void tellInstruments();
    void noteClosed(const trading::ClosedTrade& trade);
    void restyle();
    /// Of one strategy, one instrument or both; empty means all.
    void reveal(const QString& strategy, const QString& instrument);
    [[nodiscard]] const trading::TradeFilter& filter() const { return model_->filter(); }
    [[nodiscard]] QString filterWords() const;
    [[nodiscard]] TradePagesModel& model() { return *model_; }
    [[nodiscard]] DataTable* table() { return table_; }
    [[nodiscard]] TradeDetailDialog* detail() { return detail_; }
    void exportTo(const QString& path);

Q_SIGNALS:
    /// What the waterfall stands on is another now.
    void filterChanged();
    /// A version of the trade's model, to be looked at.
    void modelWished(const QString& version);

private:
    void buildTable();
    void buildHeader();
    void applyFilter();
    void keepSortable();
    void lookAround();
    void tellTotal();
    void tellNewer();
    void renew();
    void open(int row);
    void stepTo(int row);
    void askPath();
    void tellExport(quint64 written, quint64 total);
    void endExport(quint64 written, const QString& why);
    [[nodiscard]] bool isAtTop() const;

    const PageContext context_;
    InstrumentBook& book_;
    TradePagesModel* model_;
    TradeFilterBar* bar_;
    DataTable* table_;
    TradeExport* export_;
    TradeDetailDialog* detail_ = nullptr; // of the window; made when first wanted
    PillButton* newerButton_ = nullptr;
    PillButton* exportButton_ = nullptr;
    PillButton* againButton_ = nullptr;
    QTimer soon_; // closed trades come in bursts
    int newer_ = 0;
    int openRow_ = -1;              // shown in the detail
    std::optional<int> steppingTo_; // its row is on its way
    std::pair<int, Qt::SortOrder> sorted_{-1, Qt::DescendingOrder};
    std::optional<QString> failure_;
};

} // namespace qd::ui
