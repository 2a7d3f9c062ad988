// The list of experiments, and the arms of one. GUI thread; owned by the page. Money in USDT.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

/// "breakout, paired, parameters against parameters".
[[nodiscard]] QString experimentTitle(const governance::ExperimentPlan& plan);
/// "Running · 128 + 131 trades", "B promoted".
[[nodiscard]] QString experimentState(const console::ExperimentRow& row);

class ExperimentsModel final : public RowModel<console::ExperimentRow> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, State };
    ExperimentsModel(const PageContext& context, QObject* parent);
    [[nodiscard]] int rowOf(std::int64_t id) const;

protected:
    [[nodiscard]] QVariant cell(const console::ExperimentRow& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::ExperimentRow& a, const console::ExperimentRow& b) const override;
    [[nodiscard]] bool isEqual(const console::ExperimentRow& a, const console::ExperimentRow& b) const override;

private:
    const PageContext context_;
};

class ArmsModel final : public RowModel<console::ExperimentArm> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Trades, Won, Sharpe, Expectancy, Net, Hash };
    explicit ArmsModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::ExperimentArm& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::ExperimentArm& a, const console::ExperimentArm& b) const override;
    [[nodiscard]] bool isEqual(const console::ExperimentArm& a, const console::ExperimentArm& b) const override;
};

} // namespace qd::ui
