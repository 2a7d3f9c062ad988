#include "ui/status_strip.h"

#include "ui/history_line.h"
#include "ui/models/model_words.h"
#include "ui/widgets/card.h"

#include <QPainter>

#include <algorithm>

namespace qd::ui {

namespace {

const market::Instrument* find(const Snapshots& snapshots, base::InstrumentId id)
{
    if (!snapshots.ingest) {
        return nullptr;
    }
    const auto& rows = snapshots.ingest->instruments;
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.instrument.id == id; });
    return found == rows.end() ? nullptr : &found->instrument;
}

} // namespace

QString instrumentName(const Snapshots& snapshots, base::InstrumentId id)
{
    const auto* instrument = find(snapshots, id);
    return instrument != nullptr ? format::text(instrument->name) : QStringLiteral("instrument %1").arg(id.value);
}

std::optional<double> returnOf(const Snapshots& snapshots, const trading::ClosedTrade& trade)
{
    const auto* instrument = find(snapshots, trade.position.decision.instrument);
    if (instrument == nullptr) {
        return std::nullopt;
    }
    const auto notional = instrument->notional(trade.position.entry.price, trade.position.size);
    if (!notional || notional->value == 0) {
        return std::nullopt;
    }
    return base::toUsdt(trade.net) / base::toUsdt(*notional);
}

StatusStrip::StatusStrip(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      event_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, tr("No event yet"))),
      eventFigure_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::Text)),
      history_(new HistoryLine(context)),
      task_(new TextLabel(context.theme, FontRole::Caption, Meaning::Focus)),
      training_(new TextLabel(context.theme, FontRole::Caption, Meaning::Focus)),
      ticks_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted, format::undefined())),
      archive_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted, format::undefined())),
      lag_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted, format::undefined())),
      backup_(new TextLabel(context.theme, FontRole::FigureSmall, Meaning::TextMuted, format::undefined()))
{
    setFixedHeight(28);
    event_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    event_->setMinimumWidth(60);
    backup_->setToolTip(tr("No backup is scheduled."));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 1, 16, 0);
    layout->setSpacing(6);
    auto* left = new QHBoxLayout;
    left->setSpacing(6);
    left->addWidget(event_, 1);
    left->addWidget(eventFigure_);
    layout->addLayout(left, 1);
    layout->addWidget(history_);
    layout->addWidget(task_);
    task_->hide();
    layout->addWidget(training_);
    training_->hide();
    const auto add = [&](const QString& title, TextLabel* figure) {
        layout->addSpacing(14);
        layout->addWidget(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, title));
        layout->addWidget(figure);
    };
    ticks_->setToolTip(tr("Trades of the exchange that are stored"));
    lag_->setToolTip(tr("From hand-over to committed, worst of 5 s"));
    add(tr("Ticks"), ticks_);
    add(tr("Archive"), archive_);
    add(tr("Write lag"), lag_);
    add(tr("Backup"), backup_);
    connect(&context.theme, &Theme::changed, this, qOverload<>(&QWidget::update));
}

QString StatusStrip::lastEvent() const
{
    return event_->text();
}

QString StatusStrip::backup() const
{
    return backup_->text();
}

void StatusStrip::refresh(const Snapshots& snapshots, Changes changes)
{
    if ((changes & Change::Ingest) && snapshots.ingest) {
        history_->refresh(snapshots.ingest->history.get());
    }
    if ((changes & Change::Governance) && snapshots.governance) {
        const auto& now = *snapshots.governance;
        task_->setVisible(!now.phase.empty());
        task_->show(tr("%1 %2").arg(format::text(now.phase), format::percent(now.progress, 0)));
    }
    if ((changes & Change::Learning) && snapshots.learning) {
        const auto& running = snapshots.learning->running;
        training_->setVisible(running.has_value());
        if (running) {
            training_->show(
                tr("Retraining %1, %2: %3")
                    .arg(format::text(running->model), say::step(*running), format::percent(running->fraction, 0)));
            training_->setToolTip(say::details(*running));
        }
    }
    if (changes & (Changes(Change::Health) | Change::Jobs)) {
        showBackup(snapshots);
    }
    if ((changes & Change::Store) && snapshots.store) {
        ticks_->show(format::count(snapshots.store->ticks));
        archive_->show(format::bytes(snapshots.store->bytes));
        lag_->show(format::milliseconds(snapshots.store->writeLagMs));
        archive_->setToolTip(format::text(snapshots.store->path));
    }
}

void StatusStrip::showBackup(const Snapshots& snapshots)
{
    if (!snapshots.health || !snapshots.health->care) {
        return;
    }
    const auto& care = *snapshots.health->care;
    const bool isPaused = snapshots.jobs && std::ranges::any_of(snapshots.jobs->jobs, [](const console::JobLine& job) {
                              return job.name == "backup" && job.isPaused;
                          });
    backup_->show(care.isBusy && !care.phase.empty() ? format::percent(care.done, 0)
                  : isPaused                         ? tr("paused")
                  : care.next ? tr("next %1").arg(format::moment(*care.next, context_.now(), context_.zone))
                              : format::undefined());
    backup_->setMeaning(care.detail.empty() && !isPaused ? Meaning::TextMuted : Meaning::Warning);
    backup_->setToolTip(care.isBusy ? format::text(care.phase)
                        : isPaused  ? tr("No backup is made by itself until the job is switched on again on Schedule.")
                                    : tr("Backups: %1").arg(format::text(care.standing.note)));
}

void StatusStrip::tell(base::UtcMs time, const QString& text, const QString& figure, Meaning tone)
{
    const QString line = tr("Last event %1 · %2").arg(format::moment(time, context_.now(), context_.zone), text);
    event_->show(line);
    event_->setToolTip(line);
    event_->setMeaning(figure.isEmpty() ? tone : Meaning::TextMuted);
    // The words keep their own width, so that the figure stands right behind them.
    event_->setMaximumWidth(event_->fontMetrics().horizontalAdvance(line) + 2);
    eventFigure_->show(figure);
    eventFigure_->setMeaning(tone);
}

void StatusStrip::handle(const console::Event& event, const Snapshots& snapshots)
{
    if (const auto* closed = std::get_if<console::TradeClosed>(&event)) {
        const auto& trade = closed->trade;
        const auto share = returnOf(snapshots, trade);
        const QString figure =
            share ? format::signedPercent(*share, 2) : format::signedMoney(trade.net) + QStringLiteral(" USDT");
        tell(trade.exit.time,
             tr("%1 closed %2 %3%4")
                 .arg(format::text(trade.position.decision.strategy),
                      instrumentName(snapshots, trade.position.decision.instrument),
                      format::word(trade.position.decision.side).toLower(),
                      trade.position.inShadow ? tr(" in shadow") : QString()),
             figure, context_.theme.toneOf(static_cast<double>(trade.net.value)));
    } else if (const auto* notice = std::get_if<console::Notice>(&event)) {
        const Meaning tone = notice->severity == console::Severity::Error     ? Meaning::Loss
                             : notice->severity == console::Severity::Warning ? Meaning::Warning
                                                                              : Meaning::TextMuted;
        tell(notice->time, format::text(notice->text), {}, tone);
    } else if (const auto* failure = std::get_if<console::EngineFailed>(&event)) {
        tell(context_.now(), tr("%1 failed: %2").arg(format::text(failure->engine), format::text(failure->what)), {},
             Meaning::Loss);
    }
}

void StatusStrip::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), context_.theme.color(Meaning::Rail));
    p.fillRect(QRect(0, 0, width(), 1), context_.theme.color(Meaning::Hairline));
}

} // namespace qd::ui
