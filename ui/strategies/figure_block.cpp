#include "ui/strategies/figure_block.h"

namespace qd::ui {

FigureBlock::FigureBlock(const Theme& theme, const QString& name, QWidget* parent)
    : QWidget(parent),
      name_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted, name, this)),
      value_(new TextLabel(theme, FontRole::FigureGauge, Meaning::Text, QStringLiteral("—"), this)),
      below_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted, QStringLiteral(" "), this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(1);
    layout->addWidget(name_);
    layout->addWidget(value_);
    layout->addWidget(below_);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FigureBlock::setFigure(const ShownFigure& figure)
{
    value_->show(figure.text);
    value_->setMeaning(figure.tone);
    below_->show(figure.below.isEmpty() ? QStringLiteral(" ") : figure.below);
    below_->setMeaning(figure.belowTone == Meaning::TextFaint ? Meaning::TextMuted : figure.belowTone);
    if (toolTip() != figure.help) {
        setToolTip(figure.help);
    }
    const QString spoken = name_->text() + QStringLiteral(": ") + figure.text + QStringLiteral(", ") + figure.below;
    if (accessibleName() != spoken) {
        setAccessibleName(spoken);
        setAccessibleDescription(figure.help);
    }
}

} // namespace qd::ui
