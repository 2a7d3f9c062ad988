#include "ui/widgets/sparkline.h"

#include "ui/widgets/paint.h"

namespace qd::ui {

Sparkline::Sparkline(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void Sparkline::setValues(const std::vector<float>& values, Meaning tone)
{
    if (values != values_ || tone != tone_) {
        values_ = values;
        tone_ = tone;
        update();
    }
}

void Sparkline::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    paint::spark(p, rect(), values_, theme_.color(tone_));
}

} // namespace qd::ui
