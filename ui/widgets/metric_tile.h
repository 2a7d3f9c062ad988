// One figure of the first row of a page: name, value, one line of context. GUI thread; parent owns.
#pragma once

#include "ui/widgets/card.h"

namespace qd::ui {

class MetricTile : public Card {
    Q_OBJECT
public:
    MetricTile(const Theme& theme, const QString& title, QWidget* parent = nullptr);
    /// An undefined value (an em dash) wants `why` to say why; it becomes the tooltip.
    void setFigure(const QString& value, const QString& context, Meaning tone = Meaning::Text, const QString& why = {});
    [[nodiscard]] QString value() const { return value_->text(); }
    [[nodiscard]] QString context() const { return context_->text(); }

private:
    TextLabel* value_;
    TextLabel* context_;
};

} // namespace qd::ui
