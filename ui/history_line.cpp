#include "ui/history_line.h"

#include "ui/command_desk.h"
#include "ui/widgets/card.h"

#include <QPainter>
#include <QToolButton>

#include <algorithm>

namespace qd::ui {

using console::HistoryState;

QString timeLeft(base::Millis left)
{
    const auto minutes = (left.count() + 30'000) / 60'000;
    return minutes < 1    ? HistoryLine::tr("under a minute left")
           : minutes < 60 ? HistoryLine::tr("%1 min left").arg(minutes)
                          : HistoryLine::tr("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
}

HistoryLine::HistoryLine(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      words_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      bar_(new QWidget),
      left_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      button_(new QToolButton)
{
    bar_->setFixedSize(72, 6);
    button_->setAutoRaise(true);
    button_->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button_->setFont(context.theme.font(FontRole::Caption));
    button_->setFocusPolicy(Qt::TabFocus);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 0, 0, 0);
    layout->setSpacing(7);
    layout->addWidget(words_);
    layout->addWidget(bar_);
    layout->addWidget(left_);
    layout->addWidget(button_);
    hide();
    connect(button_, &QAbstractButton::clicked, this, [this] {
        button_->setEnabled(false); // until the engine shows what it does now
        context_.commands.setHistoryCancelled(!isCancelled_);
    });
    connect(&context.theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QString HistoryLine::text() const
{
    return words_->text() + QLatin1Char(' ') + left_->text();
}

void HistoryLine::refresh(const console::HistoryProgress* history)
{
    const bool isShown = history != nullptr && history->state != HistoryState::Done && history->total > 0;
    setVisible(isShown);
    if (!isShown) {
        return;
    }
    const bool isCancelled = history->state == HistoryState::Cancelled;
    if (isCancelled != isCancelled_ || button_->text().isEmpty() || !context_.commands.pendingCount()) {
        isCancelled_ = isCancelled;
        button_->setEnabled(true);
        button_->setText(isCancelled ? tr("Go on") : tr("Cancel"));
        button_->setAccessibleName(isCancelled ? tr("Go on fetching candles") : tr("Stop fetching candles"));
    }
    const double share = static_cast<double>(history->done) / history->total;
    words_->show(tr("Candles %1").arg(format::percent(share, 0)));
    left_->show(isCancelled                               ? tr("stopped")
                : history->state == HistoryState::Waiting ? tr("waits")
                : history->left                           ? timeLeft(*history->left)
                                                          : QString());
    left_->setMeaning(history->state == HistoryState::Waiting ? Meaning::Warning : Meaning::TextMuted);
    QStringList lines{tr("%1 of %2 days of candles are fetched from the exchange, the newest first. Charts show them; "
                         "strategies decide on ticks alone.")
                          .arg(format::count(history->done), format::count(history->total))};
    if (!history->detail.empty()) {
        lines << tr("It waits and asks again: %1").arg(format::text(history->detail));
    }
    for (const auto& row : history->instruments) {
        lines << tr("%1: %2 of %3").arg(format::text(row.name)).arg(row.done).arg(row.total);
    }
    setToolTip(lines.join(QLatin1Char('\n')));
    setAccessibleName(tr("History of candles, %1 done").arg(format::percent(share, 0)));
    if (share != share_) {
        share_ = share;
        update();
    }
}

void HistoryLine::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.setRenderHint(QPainter::Antialiasing);
    p.setPen(Qt::NoPen);
    const QRectF bar = bar_->geometry();
    p.setBrush(context_.theme.color(Meaning::Track));
    p.drawRoundedRect(bar, 3, 3);
    p.setBrush(context_.theme.color(Meaning::Focus));
    p.drawRoundedRect(QRectF(bar.topLeft(), QSizeF(bar.width() * std::clamp(share_, 0.0, 1.0), bar.height())), 3, 3);
}

} // namespace qd::ui
