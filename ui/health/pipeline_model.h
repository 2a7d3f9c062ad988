// The health of the pipeline, strategy by strategy: what its score is the mean of. GUI thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/table_model.h"

namespace qd::ui {

class PipelineModel final : public RowModel<console::HealthOfStrategy> {
    Q_OBJECT
public:
    enum ColumnId : int { Name, Score, Band, Edge, Drawdown, Convergence, Cap };
    explicit PipelineModel(QObject* parent);

protected:
    [[nodiscard]] QVariant cell(const console::HealthOfStrategy& row, int column, int role) const override;
    [[nodiscard]] bool isSame(const console::HealthOfStrategy& a, const console::HealthOfStrategy& b) const override;
    [[nodiscard]] bool isEqual(const console::HealthOfStrategy& a, const console::HealthOfStrategy& b) const override;
};

/// "Pipeline 74 · GOOD"
[[nodiscard]] QString pipelineText(const governance::PipelineHealth& pipeline);
[[nodiscard]] Meaning toneOf(health::Label label);

} // namespace qd::ui
