// The tables of Markets: instruments with their prices, open positions, trades that closed. GUI thread; owned by the
// page. Prices with the instrument's own decimals; sizes in coins, contracts in the tooltip; money in USDT.
#pragma once

#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

/// A change as one decimal of a per cent shows it: what is too small to print has no colour either.
[[nodiscard]] double shownChange(double fraction);

class InstrumentsModel final : public RowModel<console::InstrumentRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Last, Change };
    explicit InstrumentsModel(QObject* parent);

    /// -1 if there is none of that id or name.
    [[nodiscard]] int rowOf(base::InstrumentId id) const;
    [[nodiscard]] int rowOf(const QString& name) const;

protected:
    [[nodiscard]] QVariant cell(const console::InstrumentRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::InstrumentRow& a, const console::InstrumentRow& b) const override;
    [[nodiscard]] bool isEqual(const console::InstrumentRow& a, const console::InstrumentRow& b) const override;
};

/// An open position with its instrument; `now` is the newest time known of that market.
struct PositionEntry {
    console::PositionRow of;
    market::Instrument instrument;
    base::UtcMs now;
};

class PositionsModel final : public RowModel<PositionEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Strategy, Instrument, Side, Size, Entry, Last, StopTarget, Unrealised, Held, Why };
    PositionsModel(const format::Zone& zone, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const PositionEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const PositionEntry& a, const PositionEntry& b) const override;
    [[nodiscard]] bool isEqual(const PositionEntry& a, const PositionEntry& b) const override;

private:
    [[nodiscard]] QVariant shown(const PositionEntry& row, int column) const;
    [[nodiscard]] QVariant raw(const PositionEntry& row, int column) const;
    [[nodiscard]] QVariant help(const PositionEntry& row, int column) const;

    const format::Zone& zone_;
};

struct TradeEntry {
    trading::ClosedTrade of;
    market::Instrument instrument;
};

class TradesModel final : public RowModel<TradeEntry> {
    Q_OBJECT
public:
    enum ColumnId : int { Closed, Strategy, Instrument, Side, Size, Entry, Exit, Reason, Net, Held, Why };
    TradesModel(const format::Zone& zone, base::UtcMs (*now)(), QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const TradeEntry& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const TradeEntry& a, const TradeEntry& b) const override;
    [[nodiscard]] bool isEqual(const TradeEntry& a, const TradeEntry& b) const override;

private:
    [[nodiscard]] QVariant shown(const TradeEntry& row, int column) const;
    [[nodiscard]] QVariant raw(const TradeEntry& row, int column) const;
    [[nodiscard]] QVariant help(const TradeEntry& row, int column) const;

    const format::Zone& zone_;
    base::UtcMs (*now_)();
};

/// "1.2": the size in coins, exactly; in contracts where that does not fit a number.
[[nodiscard]] QString coinsText(const market::Instrument& instrument, market::Quantity size);
/// "1.2 ETH, 1 200 contracts of 0.001 ETH".
[[nodiscard]] QString sizeHelp(const market::Instrument& instrument, market::Quantity size);

} // namespace qd::ui
