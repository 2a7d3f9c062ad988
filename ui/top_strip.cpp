#include "ui/top_strip.h"

#include "ui/decision_words.h"
#include "ui/models/model_words.h"
#include "ui/widgets/card.h"
#include "ui/widgets/pill.h"

#include <QPainter>

namespace qd::ui {

using console::EngineState;
using console::FeedState;
using console::HealthLabel;

Meaning toneOf(EngineState state)
{
    switch (state) {
    case EngineState::Running:
        return Meaning::Gain;
    case EngineState::Starting:
        return Meaning::Focus;
    case EngineState::Struggling:
        return Meaning::Warning;
    case EngineState::Failed:
        return Meaning::Loss;
    case EngineState::Idle:
    case EngineState::Stopped:
        return Meaning::TextFaint;
    }
    return Meaning::TextFaint;
}

Meaning toneOf(HealthLabel label)
{
    switch (label) {
    case HealthLabel::Excellent:
    case HealthLabel::Good:
        return Meaning::Gain;
    case HealthLabel::Fair:
        return Meaning::Warning;
    case HealthLabel::Poor:
    case HealthLabel::Critical:
        return Meaning::Loss;
    case HealthLabel::Unknown:
        return Meaning::TextFaint;
    }
    return Meaning::TextFaint;
}

namespace {

/// While an engine runs its pill shows its figure, else its state in words.
QString figureOr(EngineState state, const QString& figure)
{
    return state == EngineState::Running || state == EngineState::Struggling ? figure : format::word(state).toLower();
}

} // namespace

TopStrip::TopStrip(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      name_(new TextLabel(context.theme, FontRole::Heading, Meaning::Text, QStringLiteral("Quarterdeck"))),
      feed_(new Pill(context.theme)),
      ingest_(new Pill(context.theme)),
      paper_(new Pill(context.theme)),
      store_(new Pill(context.theme)),
      retrain_(new Pill(context.theme)),
      search_(new Pill(context.theme)),
      help_(new Pill(context.theme)),
      health_(new Pill(context.theme)),
      clock_(new TextLabel(context.theme, FontRole::Figure, Meaning::TextMuted))
{
    setFixedHeight(48);
    const QString waiting = format::undefined();
    ingest_->setState(tr("Ingest"), waiting, Meaning::TextFaint);
    paper_->setState(tr("Paper"), waiting, Meaning::TextFaint);
    store_->setState(tr("Store"), waiting, Meaning::TextFaint);
    retrain_->setState(tr("Retrain"), waiting, Meaning::TextFaint);
    health_->setState(tr("Health"), waiting, Meaning::TextFaint);
    ingest_->setFigureRoom(QStringLiteral("1 284/s"));
    store_->setFigureRoom(QStringLiteral("0.0 ms"));
    search_->setState(tr("Ctrl+K  Search or run a command"), {}, Meaning::TextMuted);
    search_->setHasDot(false);
    search_->setAccessibleName(tr("Search or run a command"));
    search_->setCursor(Qt::PointingHandCursor);
    help_->setState(QStringLiteral("?"), {}, Meaning::TextMuted);
    help_->setHasDot(false);
    help_->setAccessibleName(tr("Help"));
    help_->setToolTip(tr("Help on this page (F1)"));
    help_->setCursor(Qt::PointingHandCursor);
    health_->setCursor(Qt::PointingHandCursor);
    feed_->setTonedLabel(true);
    showFeed();
    connect(search_, &Pill::clicked, this, &TopStrip::paletteAsked);
    connect(help_, &Pill::clicked, this, &TopStrip::helpAsked);
    for (auto* pill : {ingest_, store_, health_, feed_}) {
        connect(pill, &Pill::clicked, this, [this] { Q_EMIT pageAsked(QStringLiteral("Health")); });
    }
    connect(retrain_, &Pill::clicked, this, [this] { Q_EMIT pageAsked(QStringLiteral("Models")); });
    connect(paper_, &Pill::clicked, this, [this] { Q_EMIT pageAsked(QStringLiteral("Overview")); });

    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(16, 0, 16, 1);
    layout->setSpacing(12);
    layout->addWidget(name_);
    name_->setMinimumWidth(156);
    for (auto* pill : {feed_, ingest_, paper_, store_, retrain_}) {
        layout->addWidget(pill);
    }
    layout->addStretch(1);
    layout->addWidget(search_);
    layout->addWidget(help_);
    layout->addWidget(health_);
    layout->addWidget(clock_);
    connect(&context.theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    tick();
}

void TopStrip::showFeed()
{
    const auto info = context_.console.info();
    const QString state = feedState_ == FeedState::Online ? QString() : format::word(feedState_).toLower();
    if (info.feed == "demo") {
        feed_->setState(tr("DEMO FEED"), state, Meaning::Warning);
        feed_->setToolTip(tr("Simulated market inside the application. No exchange is asked."));
        return;
    }
    if (info.feed == "imported") {
        feed_->setState(info.isSimulated ? tr("SIMULATED · PAPER") : tr("IMPORTED · PAPER"), {}, Meaning::Warning);
        feed_->setToolTip(info.isSimulated
                              ? tr("A simulated market. No exchange is asked, and no new prices come.")
                              : tr("Recorded data from files. No exchange is asked, and no new prices come."));
        return;
    }
    const QString name = info.feed == "blofin" ? tr("BLOFIN · PAPER")
                         : info.isSimulated    ? tr("%1 · SIMULATED").arg(tr("OTHER FEED"))
                                               : tr("%1 · PAPER").arg(tr("OTHER FEED"));
    feed_->setState(name, state, feedState_ == FeedState::Online ? Meaning::Gain : Meaning::Warning);
    feed_->setToolTip(tr("%1. Paper only: no order leaves this machine.").arg(format::text(info.feed)));
}

void TopStrip::refresh(const Snapshots& snapshots, Changes changes)
{
    if ((changes & Change::Ingest) && snapshots.ingest) {
        const auto& now = *snapshots.ingest;
        feedState_ = now.feed;
        showFeed();
        ingest_->setState(tr("Ingest"), figureOr(now.state, format::rate(now.ticksPerSecond) + QStringLiteral("/s")),
                          toneOf(now.state));
        ingest_->setToolTip(tr("%1: %2 ticks since start").arg(format::word(now.state), format::count(now.ticks)));
    }
    if ((changes & Change::Paper) && snapshots.paper) {
        const auto& now = *snapshots.paper;
        const bool isPaused = now.policy && say::isPaused(*now.policy);
        const QString open = tr("%1 open").arg(now.positions.size());
        paper_->setState(tr("Paper"), figureOr(now.state, isPaused ? tr("entries paused") : open),
                         isPaused && toneOf(now.state) == Meaning::Gain ? Meaning::Warning : toneOf(now.state));
        paper_->setToolTip(
            tr("%1: %2, %3 trades closed").arg(format::word(now.state), open, format::count(now.closedTotal)) +
            (isPaused ? tr("\nEntries are paused by you; Ctrl+Shift+P takes them again.") : QString()));
    }
    if ((changes & Change::Store) && snapshots.store) {
        const auto& now = *snapshots.store;
        const QString figure = now.making ? tr("making %1").arg(format::percent(*now.making, 0))
                                          : figureOr(now.state, format::milliseconds(now.writeLagMs));
        store_->setState(tr("Store"), figure, toneOf(now.state));
        store_->setToolTip(now.making ? tr("The past of the simulated market is being made")
                                      : tr("%1: write lag, worst of 5 s").arg(format::word(now.state)));
    }
    if ((changes & Change::Learning) && snapshots.learning) {
        showRetrain(*snapshots.learning);
    }
    if ((changes & Change::Health) && snapshots.health) {
        const auto& now = *snapshots.health;
        health_->setState(tr("Health"), now.score ? format::decimal(*now.score, 0) : format::undefined(),
                          toneOf(now.label));
        health_->setToolTip(format::word(now.label) +
                            (now.cap.empty() ? QString() : QStringLiteral("\n") + format::text(now.cap)));
    }
}

void TopStrip::showRetrain(const console::LearningSnapshot& now)
{
    if (now.running) {
        const auto& running = *now.running;
        const bool waits = !running.waits.empty();
        retrain_->setState(tr("Retrain"), waits ? tr("waits") : format::percent(running.fraction, 0),
                           waits ? Meaning::Warning : Meaning::Gain);
        const QString details = say::details(running);
        retrain_->setToolTip(tr("%1: %2").arg(format::text(running.model), say::step(running)) +
                             (details.isEmpty() ? QString() : QLatin1Char('\n') + details));
        return;
    }
    const bool isWell = now.state == EngineState::Running || now.state == EngineState::Idle;
    retrain_->setState(tr("Retrain"), isWell ? tr("idle") : format::word(now.state).toLower(),
                       isWell ? Meaning::TextFaint : toneOf(now.state));
    retrain_->setToolTip(now.detail.empty() ? tr("No model trains.") : format::text(now.detail));
}

void TopStrip::tick()
{
    const auto now = context_.now();
    const auto other = context_.zone == format::Zone::Utc ? format::Zone::Local : format::Zone::Utc;
    clock_->show(format::clock(now, context_.zone));
    clock_->setToolTip(format::clock(now, other));
}

void TopStrip::paintEvent(QPaintEvent*)
{
    QPainter p(this);
    p.fillRect(rect(), context_.theme.color(Meaning::Rail));
    p.fillRect(QRect(0, height() - 1, width(), 1), context_.theme.color(Meaning::Hairline));
}

void TopStrip::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    // A narrow window keeps every pill whole: the invitation shortens first.
    search_->setState(width() < 1360 ? tr("Ctrl+K") : tr("Ctrl+K  Search or run a command"), {}, Meaning::TextMuted);
    search_->setAccessibleName(tr("Search or run a command"));
    retrain_->setVisible(width() >= 1180);
}

} // namespace qd::ui
