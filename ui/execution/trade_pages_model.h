// Closed trades of any number as a table: it holds the pages that are looked at and asks the desk for the others as the
// view scrolls; filter and sort are the desk's too. Answers to an older wish are dropped by generation. Rows that are
// asked for again stay until the new ones are here. GUI thread; owned by its card.
#pragma once

#include "ui/execution/instrument_book.h"
#include "ui/widgets/table_model.h"

#include <map>

namespace qd::ui {

class TradePagesModel final : public TableModel {
    Q_OBJECT
public:
    enum ColumnId : int {
        Closed,
        Strategy,
        Instrument,
        Side,
        Entry,
        Exit,
        Return,
        Net,
        Slippage,
        Held,
        Excursion,
        Reason,
        Marks,
        Why
    };
    static constexpr std::uint32_t pageSize = 200;
    static constexpr std::size_t pagesKept = 40;

    TradePagesModel(const PageContext& context, InstrumentBook& book, QObject* parent);

    void setFilter(const trading::TradeFilter& filter);
    [[nodiscard]] const trading::TradeFilter& filter() const { return filter_; }
    /// Asks the desk; columns that it cannot sort by leave the order as it is, -1 is newest first.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;
    [[nodiscard]] static std::optional<trading::TradeOrder> orderOf(int column);
    [[nodiscard]] bool isNewestFirst() const;
    /// The rows that are looked at; they and the next page are asked for.
    void want(int first, int last);
    /// The same again: something may have closed since.
    void renew();
    void repaintAll();

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] bool isLoaded(int row) const override { return trade(row) != nullptr; }
    /// Null while it is not here.
    [[nodiscard]] const trading::ClosedTrade* trade(int row) const;
    [[nodiscard]] const InstrumentBook& book() const { return book_; }
    [[nodiscard]] bool isAsking() const { return isRenewing_ || !asked_.empty(); }
    /// The first answer of all has come.
    [[nodiscard]] bool isKnown() const { return isKnown_; }
    [[nodiscard]] std::size_t pagesHeld() const { return pages_.size(); }

Q_SIGNALS:
    /// Another wish was sent: filter or order.
    void wished();
    /// Rows came.
    void arrived();
    void failed(const qd::base::Error& error);

private:
    using Page = std::vector<trading::ClosedTrade>;
    void start(bool isNewWish);
    void ask(std::size_t page);
    void askForWanted();
    void take(std::uint64_t generation, const console::Answer& answer);
    void replaceAll(const console::TradesPage& first);
    void setTotal(int total, int atTop);
    [[nodiscard]] int newAtTop(const console::TradesPage& first) const;
    void forgetFarPages();
    void tellRows(std::size_t page);
    [[nodiscard]] QVariant shown(const trading::ClosedTrade& trade, int column) const;
    [[nodiscard]] QVariant help(const trading::ClosedTrade& trade, int column) const;
    [[nodiscard]] QVariant toneOf(const trading::ClosedTrade& trade, int column) const;

    const PageContext context_;
    InstrumentBook& book_;
    trading::TradeFilter filter_;
    trading::TradeOrder order_ = trading::TradeOrder::Exit;
    bool isDescending_ = true;
    std::uint64_t generation_ = 0;
    std::map<console::QueryId, std::size_t> asked_; // of this generation: which page
    std::map<std::size_t, Page> pages_;
    int total_ = 0;
    int wantedFirst_ = 0;
    int wantedLast_ = 0;
    bool isRenewing_ = false; // what is shown is of an older generation
    bool isKnown_ = false;
};

/// Whether a trade that just closed belongs to what the filter asks for.
[[nodiscard]] bool passes(const trading::TradeFilter& filter, const trading::ClosedTrade& trade);

} // namespace qd::ui
