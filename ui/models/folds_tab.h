// How a version did out of sample: quality or loss by fold beside its baselines, and the calibration of its
// probabilities. GUI thread; owned by the detail.
#pragma once

#include "base/policy.h"
#include "console/queries.h"
#include "ui/charts/figure_chart.h"
#include "ui/page.h"

#include <QWidget>

namespace qd::ui {

class PillButton;
class TextLabel;

/// Quality by fold with its interval, the majority (chance) and the family's own rule dashed; or loss by fold, with the
/// majority's and the champion's dashed.
[[nodiscard]] std::vector<FigureChart::Line> foldLines(const learning::Lineage& lineage, bool ofLoss);
/// Frequency by mean prediction, and the diagonal; empty for a regression.
[[nodiscard]] std::vector<FigureChart::Line> calibrationLines(const learning::Lineage& lineage);

class FoldsTab final : public QWidget {
    Q_OBJECT
public:
    explicit FoldsTab(const PageContext& context, QWidget* parent = nullptr);
    void show(const console::ModelDetail& detail, const base::PolicyValues& policy);
    using QWidget::show;
    void restyle();
    void setOfLoss(bool ofLoss);
    [[nodiscard]] FigureChart& folds() { return *folds_; }
    [[nodiscard]] FigureChart& calibration() { return *calibration_; }
    [[nodiscard]] QString told() const;

private:
    void showFolds();

    const PageContext context_;
    std::optional<console::ModelDetail> detail_;
    bool ofLoss_ = false;
    TextLabel* told_;
    TextLabel* foldNote_;
    TextLabel* calibrationNote_;
    PillButton* quality_;
    PillButton* loss_;
    FigureChart* folds_;
    FigureChart* calibration_;
};

} // namespace qd::ui
