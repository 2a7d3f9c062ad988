// The tables of what execution costs: slippage by instrument and side, fill rate of limit orders by distance. GUI
// thread; owned by the Execution page. Slippage is shown in % of the decision price, a cost is positive.
#pragma once

#include "ui/execution/instrument_book.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class SlippageModel final : public RowModel<console::SlippageRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Instrument, Side, Fills, Status, Mean, Median, P95, Prior, Applied, Stress };
    SlippageModel(const InstrumentBook& book, QObject* parent);
    /// What a status wants; before update().
    void setRules(const statistics::SlippageOptions& rules) { rules_ = rules; }

protected:
    [[nodiscard]] QVariant cell(const console::SlippageRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::SlippageRow& a, const console::SlippageRow& b) const override;
    [[nodiscard]] bool isEqual(const console::SlippageRow& a, const console::SlippageRow& b) const override;

private:
    [[nodiscard]] QVariant shown(const console::SlippageRow& row, int column) const;
    [[nodiscard]] QVariant raw(const console::SlippageRow& row, int column) const;
    [[nodiscard]] QVariant help(const console::SlippageRow& row, int column) const;

    const InstrumentBook& book_;
    statistics::SlippageOptions rules_;
};

class FillRateModel final : public RowModel<console::FillRateRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Distance, Orders, Touched, Filled, Through };
    explicit FillRateModel(QObject* parent);
    /// Share of limit orders that fill where none was measured.
    void setAssumed(double share) { assumed_ = share; }

protected:
    [[nodiscard]] QVariant cell(const console::FillRateRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::FillRateRow& a, const console::FillRateRow& b) const override;
    [[nodiscard]] bool isEqual(const console::FillRateRow& a, const console::FillRateRow& b) const override;

private:
    double assumed_ = 0;
};

/// "CALIBRATED" and the colour that goes with it.
[[nodiscard]] Meaning toneOf(statistics::Calibration calibration);
/// What it means, with the numbers behind it.
[[nodiscard]] QString sentence(statistics::Calibration calibration, const statistics::SlippageOptions& limits);
/// "0.052": basis points as per cent.
[[nodiscard]] QString bpsText(double bps);

} // namespace qd::ui
