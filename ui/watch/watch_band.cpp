#include "ui/watch/watch_band.h"

#include "ui/watch/watch_words.h"
#include "ui/widgets/card.h"

#include <QPainter>
#include <QPushButton>

#include <algorithm>

namespace qd::ui {

using console::WatchSnapshot;
using console::WatchTrouble;
using watching::tip;
using namespace std::chrono_literals;

namespace {

constexpr auto answerIsOld = 4'500ms; // told within 5 s, with a look each quarter of a second

/// "headless instance (process 4711)"
QString ownerOf(const WatchSnapshot& seen, const QString& more = {})
{
    return (seen.isHeadless ? tip("headless instance (process %1%2)") : tip("console with a window (process %1%2)"))
        .arg(QString::number(seen.process), more);
}

/// ", version 0.1.0, since 14:02", or with its day where that is not today's.
QString versionAndSince(const WatchSnapshot& seen, base::UtcMs wallClock, format::Zone zone)
{
    QString out;
    if (!seen.version.empty()) {
        out += tip(", version %1").arg(format::text(seen.version));
    }
    if (seen.since.value != 0) {
        const bool isToday = format::day(seen.since, zone) == format::day(wallClock, zone);
        out += tip(", since %1")
                   .arg(isToday ? format::hourMinute(seen.since, zone) : format::moment(seen.since, wallClock, zone));
    }
    return out;
}

QString logAdvice(const WatchSnapshot& seen)
{
    return seen.isHeadless ? tip("Its log says more: journalctl --user -u quarterdeck, where it runs as the service.")
                           : tip("Look at its window.");
}

/// What is wrong and what to do; `what` follows "The headless instance (process 4711)".
struct Wrong {
    QString what;
    QString toDo;
};

Wrong wrongOf(const WatchSnapshot& seen, std::int64_t silentSeconds)
{
    const auto why = seen.detail.empty() ? QString() : format::text(seen.detail);
    switch (seen.trouble) {
    case WatchTrouble::NobodyOwns:
        return {tip("has ended, and nobody owns this data now. Nothing is recorded or traded meanwhile."),
                tip("Open it here, or start the instance again: this window then goes on watching. %1")
                    .arg(logAdvice(seen))};
    case WatchTrouble::OwnerSilent:
        return {tip("does not answer at all: it hangs, or it was stopped."),
                tip("Wait a moment. %1 If it stays so, end it with kill %2, then open the data here.")
                    .arg(logAdvice(seen))
                    .arg(seen.process)};
    case WatchTrouble::ApiOff:
        return {tip("runs without its HTTP API, so it cannot be watched."),
                tip("Start it again with --api-port 8888, or take over.")};
    case WatchTrouble::NotListening:
        return {why.isEmpty() ? tip("has not opened its HTTP API yet.") : tip("cannot be watched: it %1.").arg(why),
                tip("It tries again by itself. Start it with another --api-port, or take over.")};
    case WatchTrouble::ApiSilent:
        return {
            why.isEmpty()
                ? tip("runs, but its HTTP API has not answered for %1 s.").arg(std::max<std::int64_t>(1, silentSeconds))
                : tip("runs, but its HTTP API cannot be read: %1.").arg(why),
            tip("Wait a moment. %1 If it stays so, take over.").arg(logAdvice(seen))};
    case WatchTrouble::None:
        break;
    }
    return {tip("has not answered for %1 s.").arg(silentSeconds), tip("Wait a moment; it is asked again and again.")};
}

} // namespace

WatchWords watchWords(const WatchSnapshot& seen, WatchSnapshot::Time now, base::UtcMs wallClock, format::Zone zone)
{
    const auto silence = now - seen.answered;
    const bool hasAnswered = seen.status.body != nullptr;
    const bool isFound = seen.trouble == WatchTrouble::NotListening && seen.detail.empty(); // asked with the next look
    const bool isWell = seen.trouble == WatchTrouble::None || isFound;
    WatchWords out;
    out.button = seen.trouble == WatchTrouble::NobodyOwns ? tip("&Open it here") : tip("&Take over");
    if (isWell && silence <= answerIsOld) {
        const auto owner = ownerOf(seen, versionAndSince(seen, wallClock, zone));
        out.what = tip("%1%2 owns this data. You are watching; nothing can be changed here.")
                       .arg(owner.left(1).toUpper(), owner.mid(1));
        return out;
    }
    out.isAlarm = true;
    const auto wrong = wrongOf(seen, std::chrono::duration_cast<std::chrono::seconds>(silence).count());
    out.what = tip("The %1 %2").arg(ownerOf(seen), wrong.what);
    out.toDo = wrong.toDo;
    if (hasAnswered) {
        out.what += tip(" What is shown is of %1.").arg(format::moment(seen.status.at, wallClock, zone));
    }
    return out;
}

WatchBand::WatchBand(const Theme& theme, QWidget* parent)
    : QWidget(parent),
      theme_(theme),
      what_(new TextLabel(theme, FontRole::Strong, Meaning::Text)),
      toDo_(new TextLabel(theme, FontRole::Body, Meaning::Text)),
      button_(new QPushButton)
{
    setAccessibleName(tr("Who owns the data"));
    for (auto* label : {what_, toDo_}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    button_->setToolTip(tr("Ends the other console cleanly and opens this window on its data"));
    auto* words = new QVBoxLayout;
    words->setSpacing(2);
    words->addWidget(what_);
    words->addWidget(toDo_);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(pageMargin, 10, pageMargin, 10);
    layout->setSpacing(cardGap);
    layout->addLayout(words, 1);
    layout->addWidget(button_, 0, Qt::AlignVCenter);
    toDo_->hide();
}

void WatchBand::tell(const WatchWords& words)
{
    if (words == words_) {
        return;
    }
    words_ = words;
    what_->show(words.what);
    toDo_->show(words.toDo);
    toDo_->setVisible(!words.toDo.isEmpty());
    button_->setText(words.button);
    setAccessibleDescription(words.what + QLatin1Char(' ') + words.toDo);
    update();
}

void WatchBand::paintEvent(QPaintEvent*)
{
    constexpr double tint = 0.22;
    constexpr int edge = 4;
    const auto tone = theme_.color(words_.isAlarm ? Meaning::Loss : Meaning::Warning);
    QPainter p(this);
    p.fillRect(rect(), mixed(theme_.color(Meaning::Rail), tone, tint));
    p.fillRect(QRect(0, 0, edge, height()), tone);
    p.fillRect(QRect(0, height() - 1, width(), 1), theme_.color(Meaning::Hairline));
}

} // namespace qd::ui
