// The parameters in force, editable within their ranges, with hash and tries. Apply asks for a reason and says what it
// costs; the committed values come back by the snapshot. GUI thread; owned by the detail pane.
#pragma once

#include "ui/strategies/parameter_form.h"
#include "ui/strategies/strategy_models.h"

class QBoxLayout;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace qd::ui {

class DataTable;
class TextLabel;

class ParametersTab final : public QWidget {
    Q_OBJECT
public:
    explicit ParametersTab(const PageContext& context, QWidget* parent = nullptr);

    void show(const console::StrategyRow& row);
    using QWidget::show;
    void setTrials(const console::Trials& trials);
    void clearTrials();
    void restyle();
    [[nodiscard]] QLineEdit* editor(std::string_view name) const;
    [[nodiscard]] QPushButton* applyButton() { return apply_; }
    [[nodiscard]] QString told() const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void judge();
    void apply();
    void showTrials();

    const PageContext context_;
    QBoxLayout* layout_;
    QScrollArea* area_;
    TextLabel* hash_;
    TextLabel* told_;
    QPushButton* apply_;
    QPushButton* defaults_;
    QPushButton* discard_;
    TrialsModel* trials_;
    DataTable* table_;
    TextLabel* trialsTitle_;
    ParameterForm* form_;
    const trading::StrategyInfo* info_ = nullptr;
    console::StrategyRow row_;
    trading::ParameterSet inForce_;
    console::Trials stored_;
};

} // namespace qd::ui
