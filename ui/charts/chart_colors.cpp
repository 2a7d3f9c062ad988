#include "ui/charts/chart_colors.h"

#include "ui/theme.h"

namespace qd::ui {

ChartColors chartColors(const Theme& theme)
{
    return {.surface = theme.color(Meaning::Card),
            .raised = theme.color(Meaning::Raised),
            .hairline = theme.color(Meaning::Hairline),
            .text = theme.color(Meaning::Text),
            .textSecond = theme.color(Meaning::TextMuted),
            .textFaint = theme.color(Meaning::TextFaint),
            .focus = theme.color(Meaning::Focus),
            .gain = theme.color(Meaning::Gain),
            .loss = theme.color(Meaning::Loss),
            .warning = theme.color(Meaning::Warning),
            .second = theme.color(Meaning::SecondSeries),
            .tag = theme.color(Meaning::Primary),
            .onTag = theme.color(Meaning::OnPrimary),
            .words = theme.font(FontRole::Caption),
            .figures = theme.font(FontRole::FigureSmall)};
}

QColor ChartColors::tint(const QColor& over, double share) const
{
    return mixed(surface, over, share);
}

} // namespace qd::ui
