// One figure of the detail pane: its name, the value, its interval or n. GUI thread; parent owns.
#pragma once

#include "ui/strategies/figures.h"
#include "ui/widgets/card.h"

namespace qd::ui {

class FigureBlock final : public QWidget {
    Q_OBJECT
public:
    FigureBlock(const Theme& theme, const QString& name, QWidget* parent = nullptr);
    void setName(const QString& name) { name_->show(name); }
    void setFigure(const ShownFigure& figure);
    [[nodiscard]] QString value() const { return value_->text(); }
    [[nodiscard]] QString context() const { return below_->text(); }

private:
    TextLabel* name_;
    TextLabel* value_;
    TextLabel* below_;
};

} // namespace qd::ui
