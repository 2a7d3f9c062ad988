// The parameters of a strategy as editable lines with meaning, range and default; coloured where a value is not legal
// or differs from those it began with. Changes nothing by itself. GUI thread; parent owns.
#pragma once

#include "trading/strategy_catalogue.h"
#include "ui/page.h"

#include <QWidget>

#include <expected>
#include <vector>

class QGridLayout;
class QLineEdit;

namespace qd::ui {

class TextLabel;

/// What was typed, if it is a legal value; otherwise why not, with the range: "stop_atr: from 0.1 to 20 ATR".
[[nodiscard]] std::expected<double, QString> typedParameter(const trading::Parameter& parameter, const QString& typed);
[[nodiscard]] QString rangeText(const trading::Parameter& parameter);
/// "slow 21 → 34, stop_atr 2 → 2.5"; empty where nothing differs.
[[nodiscard]] QString differences(const std::map<std::string, double, std::less<>>& from,
                                  const std::map<std::string, double, std::less<>>& to);
/// The parameters of the row as one object; names of another version are left out.
[[nodiscard]] trading::ParameterSet parametersOf(const trading::StrategyInfo& info, const console::StrategyRow& row);

class ParameterForm final : public QWidget {
    Q_OBJECT
public:
    explicit ParameterForm(const PageContext& context, QWidget* parent = nullptr);

    /// Null: one that this version does not know. `base`: what edits are compared with.
    void setStrategy(const trading::StrategyInfo* info, const QString& name, const trading::ParameterSet& base);
    /// Other values to compare with; what was typed stays.
    void setBase(const trading::ParameterSet& base);
    void fill(const trading::ParameterSet& set);
    void setReadOnly(bool isReadOnly);
    /// With all that is typed; why not, where something is not legal.
    [[nodiscard]] std::expected<trading::ParameterSet, QString> typed() const;
    [[nodiscard]] QLineEdit* editor(std::string_view name) const;
    void restyle();

Q_SIGNALS:
    void changed();
    void entered();

private:
    struct Editor {
        trading::Parameter parameter;
        QLineEdit* edit;
        TextLabel* range;
    };
    void addRow(const trading::Parameter& parameter);
    void colour();

    const PageContext context_;
    QGridLayout* grid_;
    std::vector<Editor> editors_;
    trading::ParameterSet base_;
    bool isFilling_ = false;
};

} // namespace qd::ui
