// What the models in service say of each instrument now: volatility ahead, direction, fills and stops. Hints, which
// decide nothing. Asked when it is shown, and once a minute while it is. GUI thread; owned by the detail.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

#include <QWidget>

namespace qd::ui {

class DataTable;
class PatientQuestion;
class TextLabel;

class HintsModel final : public RowModel<console::InstrumentHint> {
    Q_OBJECT
public:
    enum ColumnId : int { Instrument, Volatility, Percentile, Rises, Fills, StopHit, At };
    HintsModel(const PageContext& context, QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::InstrumentHint& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::InstrumentHint& a, const console::InstrumentHint& b) const override;
    [[nodiscard]] bool isEqual(const console::InstrumentHint& a, const console::InstrumentHint& b) const override;

private:
    const PageContext context_;
};

class HintsTab final : public QWidget {
    Q_OBJECT
public:
    explicit HintsTab(const PageContext& context, QWidget* parent = nullptr);
    [[nodiscard]] HintsModel& hints() { return *model_; }
    [[nodiscard]] QString note() const;

protected:
    void showEvent(QShowEvent* event) override;

private:
    void take(const console::Answer& answer);

    const PageContext context_;
    HintsModel* model_;
    DataTable* table_;
    TextLabel* note_;
    PatientQuestion* question_;
};

} // namespace qd::ui
