#include "ui/overview/checklist_card.h"

#include "ui/command_desk.h"
#include "ui/window_memory.h"

#include <QPainter>
#include <QPushButton>

#include <algorithm>

namespace qd::ui {

namespace {

const QString awayKey = QStringLiteral("checklist/away");

/// A tick in a full circle when done, an empty circle to do, a broken one while waiting.
class Mark final : public QWidget {
public:
    explicit Mark(const Theme& theme) : theme_(theme) { setFixedSize(16, 16); }
    void setState(CheckState state)
    {
        state_ = state;
        setAccessibleName(word(state));
        setToolTip(word(state));
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter p(this);
        p.setRenderHint(QPainter::Antialiasing);
        const QRectF circle = QRectF(rect()).adjusted(2, 2, -2, -2);
        if (state_ == CheckState::Ok) {
            p.setPen(Qt::NoPen);
            p.setBrush(theme_.color(Meaning::Gain));
            p.drawEllipse(circle);
            p.setPen(QPen(theme_.color(Meaning::Card), 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            p.drawPolyline(QPolygonF({{5.2, 8.3}, {7.2, 10.3}, {10.9, 6}}));
            return;
        }
        const bool isToDo = state_ == CheckState::ToDo;
        p.setBrush(Qt::NoBrush);
        p.setPen(QPen(theme_.color(isToDo ? Meaning::Warning : Meaning::TextFaint), 1.6,
                      isToDo ? Qt::SolidLine : Qt::DotLine));
        p.drawEllipse(circle);
    }

private:
    const Theme& theme_;
    CheckState state_ = CheckState::Waiting;
};

} // namespace

ChecklistCard::ChecklistCard(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("First steps"), parent),
      context_(context),
      done_(new QPushButton(tr("Put this list away")))
{
    auto* content = new QWidget;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(7);
    for (const auto which :
         {CheckLine::Feed, CheckLine::Disk, CheckLine::Backups, CheckLine::Alerts, CheckLine::Clock}) {
        auto* row = new QHBoxLayout;
        row->setSpacing(8);
        const auto line = addLine(which);
        auto* words = new QVBoxLayout;
        words->setSpacing(1);
        words->addWidget(line.title);
        words->addWidget(line.reason);
        row->addWidget(line.mark, 0, Qt::AlignTop);
        row->addLayout(words, 1);
        row->addWidget(line.button, 0, Qt::AlignVCenter);
        layout->addLayout(row);
        lines_[static_cast<std::size_t>(which)] = line;
    }
    done_->setDefault(true);
    done_->hide();
    layout->addWidget(done_);
    layout->addStretch(1);
    setContent(content);
    setAccessibleName(tr("First steps"));
    connect(done_, &QPushButton::clicked, this, [this] { setPutAway(true); });
    rebuild();
}

ChecklistCard::Line ChecklistCard::addLine(CheckLine which)
{
    Line line{.mark = new Mark(context_.theme),
              .title = new TextLabel(context_.theme, FontRole::Strong, Meaning::Text),
              .reason = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted),
              .button = new QPushButton};
    line.reason->setWordWrap(true);
    line.button->hide();
    connect(line.button, &QPushButton::clicked, this, [this, which] { act(which); });
    return line;
}

bool ChecklistCard::isPutAway() const
{
    return context_.memory.value(awayKey, false).toBool();
}

void ChecklistCard::setPutAway(bool isPutAway)
{
    context_.memory.setValue(awayKey, isPutAway);
    Q_EMIT putAwayChanged();
}

void ChecklistCard::refresh(const Snapshots& snapshots)
{
    newest_ = snapshots;
    rebuild();
}

void ChecklistCard::rebuild()
{
    auto checks = checklist(newest_);
    if (isBuilt_ && checks == checks_) {
        return;
    }
    isBuilt_ = true;
    checks_ = std::move(checks);
    for (const auto& check : checks_) {
        const auto& line = lines_[static_cast<std::size_t>(check.line)];
        static_cast<Mark*>(line.mark)->setState(check.state);
        line.title->show(check.title);
        line.reason->show(check.reason);
        line.title->setToolTip(check.reason);
        line.reason->setToolTip(check.reason);
        line.button->setText(check.button);
        line.button->setAccessibleName(check.title + QStringLiteral(": ") + check.button);
    }
    showLines();
    const auto done = std::ranges::count(checks_, CheckState::Ok, &Check::state);
    setNote(tr("%1 of %2 done").arg(done).arg(checks_.size()));
    done_->setVisible(done == static_cast<std::ptrdiff_t>(checks_.size()));
}

void ChecklistCard::setCompact(bool isCompact)
{
    if (isCompact_ != isCompact) {
        isCompact_ = isCompact;
        showLines();
    }
}

void ChecklistCard::showLines()
{
    bool isFirst = true; // of a low window's: only it has room for its reason, the others have it as a tooltip
    for (const auto& check : checks_) {
        const auto& line = lines_[static_cast<std::size_t>(check.line)];
        const bool isShown = !isCompact_ || check.state != CheckState::Ok;
        line.mark->setVisible(isShown);
        line.title->setVisible(isShown);
        line.reason->setVisible(isShown && (!isCompact_ || isFirst));
        isFirst = isFirst && !isShown;
        line.button->setVisible(isShown && !check.button.isEmpty());
    }
}

void ChecklistCard::act(CheckLine which)
{
    switch (checks_[static_cast<std::size_t>(which)].act) {
    case CheckAct::None:
        return;
    case CheckAct::Reconnect:
        context_.commands.send(console::ReconnectNow{}, {tr("The feed was asked to reconnect"), {}, std::nullopt});
        return;
    case CheckAct::OpenHealth:
        Q_EMIT opened(QStringLiteral("Health"), {});
        return;
    case CheckAct::OpenStorage:
        Q_EMIT opened(QStringLiteral("Health"), QStringLiteral("Storage"));
        return;
    case CheckAct::OpenAlerts:
        Q_EMIT opened(QStringLiteral("Health"), QStringLiteral("Alerts"));
        return;
    }
}

} // namespace qd::ui
