#include "ui/strategies/long_run.h"

#include "trading/strategy_catalogue.h"
#include "ui/questions.h"
#include "ui/strategies/replay_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/progress_card.h"

#include <QPushButton>

#include <algorithm>

namespace qd::ui {

namespace {

constexpr std::uint32_t nullSeeds = 200;

QString notCounted(const std::string& why)
{
    return why.empty() ? QString()
                       : QLatin1Char(' ') + LongRun::tr("It does not count for a sign-off: %1.").arg(format::text(why));
}

/// One that cannot speak without a model is not held against a null of bars.
bool asksModel(const QString& strategy)
{
    const auto* info = trading::findStrategy(strategy.toStdString());
    return info != nullptr && info->asksModel;
}

bool isSilent(const console::NullTable& table, const QString& strategy)
{
    return std::ranges::any_of(table.rows, [&](const console::NullRow& row) {
        return format::text(row.strategy) == strategy && (!row.real || row.expectancies.empty());
    });
}

} // namespace

LongRun::LongRun(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      replay_(new QPushButton(tr("Replay 30 d"), this)),
      null_(new QPushButton(tr("Run noise null"), this)),
      lookAhead_(new QPushButton(tr("Look-ahead test"), this)),
      progress_(new ProgressCard(context.theme, this)),
      told_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted, {}, this))
{
    told_->setWordWrap(true);
    progress_->setCancellable(true);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(replay_);
    buttons->addWidget(null_);
    buttons->addWidget(lookAhead_);
    buttons->addStretch(1);
    head_ = new QBoxLayout(QBoxLayout::TopToBottom);
    head_->setSpacing(8);
    head_->addLayout(buttons);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(8);
    layout->addLayout(head_);
    layout->addWidget(progress_);
    layout->addWidget(told_);
    connect(replay_, &QPushButton::clicked, this, [this] {
        const QString strategy = strategy_;
        start(console::RunReplay{{strategy.toStdString()}, replayDays, true}, tr("Replaying %1").arg(strategy),
              [this, strategy](const console::Answer& answer) {
                  if (const auto* figures = std::get_if<console::ReplayFigures>(&answer.value)) {
                      tell(tr("The replay of %1 is done.").arg(strategy) + notCounted(figures->notKept));
                      (new ReplayDialog(context_, strategy, *figures, window()))->open();
                      Q_EMIT found();
                  }
              });
    });
    connect(null_, &QPushButton::clicked, this, [this] {
        const QString strategy = strategy_;
        start(console::RunNull{{strategy.toStdString()}, nullSeeds}, tr("Noise null of %1").arg(strategy),
              [this, strategy](const console::Answer& answer) {
                  const auto* table = std::get_if<console::NullTable>(&answer.value);
                  tell(tr("The noise null of %1 is done.").arg(strategy) +
                       (table != nullptr && isSilent(*table, strategy)
                            ? notCounted("strategy or mirrored runs made no trade, so it has shown nothing")
                            : QString()));
                  Q_EMIT nullDone();
                  Q_EMIT found();
              });
    });
    connect(lookAhead_, &QPushButton::clicked, this, [this] {
        const QString strategy = strategy_;
        start(console::RunLookAhead{strategy.toStdString()}, tr("Look-ahead test of %1").arg(strategy),
              [this](const console::Answer& answer) {
                  if (const auto* figures = std::get_if<console::LookAheadFigures>(&answer.value)) {
                      showLookAhead(*figures);
                      Q_EMIT found();
                  }
              });
    });
    connect(progress_, &ProgressCard::cancelled, this, [this] {
        if (query_) {
            context_.questions.cancel(*query_);
            progress_->setCancellable(false);
            progress_->setProgress(title_, tr("ending…"), progress_->share(), tr("It ends at its next step."));
        }
    });
    tell({});
    showState();
}

void LongRun::putFirst(QWidget* other)
{
    head_->insertWidget(0, other);
}

void LongRun::setBeside(bool isBeside)
{
    head_->setDirection(isBeside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void LongRun::tell(const QString& words)
{
    told_->show(words);
    told_->setVisible(!words.isEmpty()); // an empty line would take room
}

void LongRun::setStrategy(const QString& strategy)
{
    if (strategy != strategy_) {
        strategy_ = strategy;
        if (!isRunning()) {
            tell({});
        }
        showState();
    }
}

void LongRun::start(console::Query query, const QString& title, std::function<void(const console::Answer&)> done)
{
    if (isRunning() || strategy_.isEmpty()) {
        return;
    }
    title_ = title;
    done_ = std::move(done);
    tell({});
    progress_->setCancellable(true);
    progress_->setProgress(title_, tr("0%"), 0, tr("Waits for its turn; long runs go one at a time."));
    query_ = context_.questions.ask(
        std::move(query), this, [this](const console::Answer& answer) { finish(answer); },
        [this](const console::QueryProgress& p) {
            progress_->setProgress(title_, format::percent(p.fraction, 0), p.fraction, format::text(p.phase));
        });
    showState();
}

void LongRun::finish(const console::Answer& answer)
{
    query_.reset();
    const auto done = std::exchange(done_, {});
    told_->setMeaning(Meaning::TextMuted);
    told_->setToolTip({});
    if (!answer.error) {
        done(answer);
    } else if (answer.error->code == base::ErrorCode::Cancelled) {
        tell(tr("%1: cancelled. Nothing was kept.").arg(title_));
    } else {
        told_->setMeaning(Meaning::Loss);
        tell(tr("%1: %2").arg(title_, format::sentence(*answer.error)));
        told_->setToolTip(format::text(base::sentence(*answer.error)));
    }
    showState();
}

void LongRun::showLookAhead(const console::LookAheadFigures& figures)
{
    const QString of = format::text(figures.strategy);
    told_->setMeaning(figures.mismatch.empty() ? Meaning::TextMuted : Meaning::Loss);
    tell((!figures.mismatch.empty() ? tr("%1 has seen the future: %2.").arg(of, format::text(figures.mismatch))
          : figures.trades == 0
              ? tr("No trade of %1 had closed before any of the %2 moments: the test has shown nothing, and does not "
                   "count for a sign-off.")
                    .arg(of)
                    .arg(figures.cuts)
              : tr("%1 has not seen the future: cut off at %2 moments of %3 days, all %4 compared trades were the "
                   "same.")
                    .arg(of)
                    .arg(figures.cuts)
                    .arg(figures.days)
                    .arg(format::count(figures.trades))) +
         (figures.notKept.empty() || (figures.trades == 0 && figures.mismatch.empty()) ? QString()
          : figures.mismatch.empty()
              ? notCounted(figures.notKept)
              : QLatin1Char(' ') + tr("An earlier result still counts for the sign-off, for this one was not kept: "
                                      "%1. Run it again.")
                                       .arg(format::text(figures.notKept))));
}

void LongRun::showState()
{
    progress_->setVisible(isRunning());
    for (auto* button : {replay_, null_, lookAhead_}) {
        button->setEnabled(!isRunning() && !strategy_.isEmpty());
    }
    const bool hasNoNull = asksModel(strategy_);
    null_->setEnabled(null_->isEnabled() && !hasNoNull);
    const QString busy = isRunning() ? tr("%1; long runs go one at a time").arg(title_) : QString();
    replay_->setToolTip(isRunning() ? busy
                                    : tr("The newest 30 days of the archive through %1 under today's parameters; "
                                         "nothing is stored")
                                          .arg(strategy_));
    null_->setToolTip(
        hasNoNull ? tr("A null has no model, so it never trades there; its model is held against its own null in the "
                       "audit, on Models.")
        : isRunning() ? busy
                      : tr("%1 on 200 mirrored histories, where there is nothing to find; the figures are "
                           "kept. Counts as no try.")
                            .arg(strategy_));
    lookAhead_->setToolTip(isRunning()
                               ? busy
                               : tr("Whether a trade of %1 would have been another one without what came later: the "
                                    "newest 14 days, cut off at 50 moments")
                                     .arg(strategy_));
}

} // namespace qd::ui
