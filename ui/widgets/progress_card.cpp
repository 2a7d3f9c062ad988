#include "ui/widgets/progress_card.h"

#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QPushButton>

#include <algorithm>

namespace qd::ui {

ProgressCard::ProgressCard(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      title_(new TextLabel(theme, FontRole::Strong, Meaning::Text)),
      step_(new TextLabel(theme, FontRole::FigureSmall, Meaning::TextMuted)),
      detail_(new TextLabel(theme, FontRole::Caption, Meaning::TextMuted)),
      bar_(new QWidget),
      cancel_(new QPushButton(tr("Cancel")))
{
    bar_->setFixedHeight(6);
    detail_->setWordWrap(true);
    auto* head = new QHBoxLayout;
    title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    head->addWidget(title_, 1);
    head->addWidget(step_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 10);
    layout->setSpacing(7);
    layout->addLayout(head);
    layout->addWidget(bar_);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(8);
    foot->addWidget(detail_, 1);
    foot->addWidget(cancel_);
    layout->addLayout(foot);
    cancel_->hide();
    connect(cancel_, &QPushButton::clicked, this, &ProgressCard::cancelled);
    connect(&theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ProgressCard::setProgress(const QString& title, const QString& step, double share, const QString& detail)
{
    whole_ = title;
    step_->show(step);
    fitTitle();
    detail_->show(detail);
    share_ = std::clamp(share, 0.0, 1.0);
    setAccessibleName(tr("%1, %2 percent").arg(title).arg(static_cast<int>(share_ * 100)));
    update();
}

void ProgressCard::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitTitle();
}

void ProgressCard::fitTitle()
{
    layout()->activate();
    const QString fitting = title_->fontMetrics().elidedText(whole_, Qt::ElideRight, std::max(title_->width(), 40));
    title_->show(fitting);
    title_->setToolTip(fitting == whole_ ? QString() : whole_);
}

void ProgressCard::setCancellable(bool can)
{
    cancel_->setVisible(can);
}

void ProgressCard::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    paint::box(p, rect(), theme_.color(Meaning::Card), theme_.color(Meaning::Hairline));
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    const QRectF bar = bar_->geometry();
    p.setBrush(theme_.color(Meaning::Track));
    p.drawRoundedRect(bar, 3, 3);
    p.setBrush(theme_.color(Meaning::Focus));
    p.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(bar.width() * share_, bar.height())), 3, 3);
}

} // namespace qd::ui
