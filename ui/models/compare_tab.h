// Two versions side by side: figures, what differs in data and parameters, and their loss in shadow by day. GUI thread;
// owned by the detail.
#pragma once

#include "console/queries.h"
#include "ui/charts/line_chart.h"
#include "ui/page.h"

#include <QWidget>

class QComboBox;

namespace qd::ui {

class DataTable;
class FactsModel;
class TextLabel;

/// Loss by day of a version in shadow, and of what it is held against: the other's own days, else the champion's on the
/// same rows where the other is the champion.
struct ShadowCourse {
    LineChart::Series mine;
    LineChart::Series others;
    std::uint64_t rows = 0;
};
[[nodiscard]] ShadowCourse shadowCourse(const console::ModelDetail& detail, const console::ModelDetail* other);

class CompareTab final : public QWidget {
    Q_OBJECT
public:
    explicit CompareTab(const PageContext& context, QWidget* parent = nullptr);
    /// `models`: to choose the other from.
    void show(const console::ModelDetail& detail, const console::Models& models);
    using QWidget::show;
    void restyle();
    [[nodiscard]] QComboBox* other() { return other_; }
    [[nodiscard]] FactsModel& model() { return *model_; }
    [[nodiscard]] LineChart& chart() { return *chart_; }

private:
    void choose();
    void showBoth();

    const PageContext context_;
    std::optional<console::ModelDetail> detail_;
    std::optional<console::ModelDetail> second_;
    int generation_ = 0; // of the question
    QComboBox* other_;
    TextLabel* note_;
    FactsModel* model_;
    DataTable* table_;
    TextLabel* chartNote_;
    LineChart* chart_;
};

} // namespace qd::ui
