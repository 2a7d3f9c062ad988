#include "ui/widgets/metric_tile.h"

namespace qd::ui {

MetricTile::MetricTile(const Theme& theme, const QString& title, QWidget* parent)
    : Card(theme, title, parent),
      value_(new TextLabel(theme, FontRole::FigureLarge, Meaning::Text, QStringLiteral("—"))),
      context_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted, QStringLiteral(" ")))
{
    body()->setSpacing(2);
    body()->addWidget(value_);
    body()->addWidget(context_);
    body()->addStretch(1);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void MetricTile::setFigure(const QString& value, const QString& context, Meaning tone, const QString& why)
{
    value_->show(value);
    value_->setMeaning(tone);
    context_->show(context);
    if (toolTip() != why) {
        setToolTip(why);
    }
    const QString spoken = titleLabel()->text() + QStringLiteral(": ") + value + QStringLiteral(", ") + context;
    if (accessibleName() != spoken) {
        setAccessibleName(spoken);
    }
}

} // namespace qd::ui
