// The parameters in force, editable within their ranges, with hash and tries. Apply asks for a reason and says what it
// costs; the committed values come back by the snapshot. GUI thread; owned by the detail pane.
#pragma once

#include "trading/strategy_catalogue.h"
#include "ui/strategies/strategy_models.h"

class QBoxLayout;
class QGridLayout;
class QLineEdit;
class QPushButton;
class QScrollArea;

namespace qd::ui {

class DataTable;
class TextLabel;

/// What was typed, if it is a legal value; otherwise why not, with the range: "stop_atr: from 0.1 to 20 ATR".
[[nodiscard]] std::expected<double, QString> typedParameter(const trading::Parameter& parameter, const QString& typed);
[[nodiscard]] QString rangeText(const trading::Parameter& parameter);
/// "slow 21 → 34, stop_atr 2 → 2.5"; empty where nothing differs.
[[nodiscard]] QString differences(const std::map<std::string, double, std::less<>>& from,
                                  const std::map<std::string, double, std::less<>>& to);

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
    struct Editor {
        trading::Parameter parameter;
        QLineEdit* edit;
        TextLabel* range;
    };
    void build(const console::StrategyRow& row);
    void buildRow(QGridLayout& grid, int at, const trading::Parameter& parameter);
    void fill(const trading::ParameterSet& set);
    void judge();
    void apply();
    void showTrials();
    /// With all that is typed; why not, where something is not legal.
    [[nodiscard]] std::expected<trading::ParameterSet, QString> typed() const;

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
    std::vector<Editor> editors_;
    const trading::StrategyInfo* info_ = nullptr;
    console::StrategyRow row_;
    trading::ParameterSet inForce_;
    console::Trials stored_;
};

} // namespace qd::ui
