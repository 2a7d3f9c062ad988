#include "ui/journal/journal_detail.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/journal/journal_model.h"
#include "ui/strategies/reason_dialog.h"

#include <QPushButton>
#include <QScrollArea>

namespace qd::ui {

namespace {

constexpr int twoColumnsFrom = 700;

/// Whose page the decision leads to: the strategy of its first change; empty for others.
QString strategyOf(const governance::Decision& decision)
{
    using governance::ChangeKind;
    for (const auto& change : decision.changes) {
        if (change.kind == ChangeKind::Switch || change.kind == ChangeKind::Stage ||
            change.kind == ChangeKind::Record) {
            return format::text(change.subject).section(QLatin1Char('@'), 0, 0);
        }
    }
    return {};
}

/// Why a decision has no changes that could be taken back.
QString nothingChanged(governance::DecisionKind kind)
{
    using governance::DecisionKind;
    switch (kind) {
    case DecisionKind::Note:
        return JournalDetail::tr("Nothing: it is a note.");
    case DecisionKind::Experiment:
        return JournalDetail::tr("No switch, stage or parameter: the experiment itself. It stands on Experiments.");
    case DecisionKind::SignOff:
        return JournalDetail::tr("A sign-off of these parameters; other parameters want their own.");
    case DecisionKind::Dismissal:
        return JournalDetail::tr(
            "Nothing: the proposal was set aside. The next review proposes it again if the figures "
            "still say so.");
    case DecisionKind::Position:
        return JournalDetail::tr("A paper position ended; it is among the closed trades.");
    case DecisionKind::Instruments:
        return JournalDetail::tr("The list of instruments; it is changed back on Markets.");
    default:
        return JournalDetail::tr("Nothing that could be taken back.");
    }
}

} // namespace

JournalDetail::JournalDetail(const PageContext& context, QWidget* parent)
    : Card(context.theme, tr("Decision"), parent),
      context_(context),
      what_(new TextLabel(context.theme, FontRole::Heading, Meaning::Text)),
      when_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted))
{
    content_ = new QWidget;
    columns_ = new QBoxLayout(QBoxLayout::TopToBottom, content_);
    columns_->setContentsMargins(0, 0, 8, 0);
    columns_->setSpacing(0);
    auto* decided = new QVBoxLayout;
    auto* known = new QVBoxLayout;
    decided->setSpacing(0); // unset, it would be the one between the columns
    known->setSpacing(0);
    columns_->addLayout(decided);
    columns_->addLayout(known, 1);
    auto* area = new QScrollArea(this);
    area->setWidget(content_);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    content_->setAutoFillBackground(false);
    area->viewport()->setAutoFillBackground(false);
    body()->addWidget(area, 1);
    what_->setWordWrap(true);
    decided->addWidget(what_);
    decided->addWidget(when_);
    changes_ = add(*decided, tr("Changes"));
    why_ = add(*decided, tr("Reason"));
    evidence_ = add(*known, tr("Evidence of that moment"));
    next_ = add(*known, tr("What happened next"));
    decided->addStretch(1);
    known->addStretch(1);
    told_ = new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted);
    told_->setWordWrap(true);
    body()->addWidget(told_);
    undo_ = new QPushButton(tr("Undo…"), this);
    undo_->setToolTip(tr("Takes it back; key U"));
    undone_ = new QPushButton(tr("What it undid"), this);
    strategy_ = new QPushButton(tr("Show the strategy"), this);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(undo_);
    buttons->addWidget(undone_);
    buttons->addWidget(strategy_);
    buttons->addStretch(1);
    body()->addLayout(buttons);
    connect(undo_, &QPushButton::clicked, this, &JournalDetail::undo);
    connect(undone_, &QPushButton::clicked, this, [this] {
        if (row_ && row_->decision.undoes) {
            Q_EMIT wantsDecision(*row_->decision.undoes);
        }
    });
    connect(strategy_, &QPushButton::clicked, this, [this] {
        if (row_) {
            Q_EMIT wantsPage(QStringLiteral("Strategies"), strategyOf(row_->decision));
        }
    });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &JournalDetail::showUndo);
    connect(&context.commands, &CommandDesk::failed, this, [this](const Request& request, const base::Error& error) {
        if (row_ && request.decision == row_->decision.id) {
            told_->setMeaning(Meaning::Loss);
            told_->show(tr("Not taken back, nothing was changed: %1")
                            .arg(error.detail.empty() ? format::sentence(error) : format::text(error.detail)));
        }
    });
    show(nullptr, nullptr);
}

TextLabel* JournalDetail::add(QVBoxLayout& column, const QString& title)
{
    auto* head = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, title);
    head->setContentsMargins(0, 8, 0, 0);
    auto* words = new TextLabel(context_.theme, FontRole::Body, Meaning::Text);
    words->setWordWrap(true);
    words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column.addWidget(head);
    column.addWidget(words);
    return words;
}

// Wide and low, as under the table, its two halves stand side by side: none begins below the edge.
void JournalDetail::resizeEvent(QResizeEvent* event)
{
    Card::resizeEvent(event);
    const bool isWide = width() >= twoColumnsFrom;
    columns_->setDirection(isWide ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    columns_->setSpacing(isWide ? 2 * cardGap : 0);
    columns_->setStretch(0, isWide ? 1 : 0);
    fit();
}

// A scroll area asks for no height that goes by the width: it would press the lines together in place of scrolling.
void JournalDetail::fit()
{
    content_->setMinimumHeight(columns_->heightForWidth(content_->width()));
}

void JournalDetail::show(const console::JournalRow* row, const console::IngestSnapshot* ingest)
{
    const bool isOther =
        (row == nullptr) != !row_.has_value() || (row != nullptr && row->decision.id != row_->decision.id);
    row_ = row != nullptr ? std::optional(*row) : std::nullopt;
    if (isOther) {
        told_->show({});
    }
    if (!row_) {
        what_->show(tr("No decision is chosen"));
        when_->show({});
        changes_->show(tr("Choose a row to see what changed and how to take it back."));
        for (auto* label : {why_, evidence_, next_}) {
            label->show(format::undefined());
        }
        showUndo();
        fit();
        return;
    }
    const auto& of = row_->decision;
    what_->show(format::text(of.what));
    const auto kind = governance::kindOf(of);
    when_->show(tr("%1 · %2 · by %3 · decision %4")
                    .arg(say::kind(kind), format::moment(of.time, context_.now(), context_.zone),
                         of.by == governance::Actor::Operator ? tr("you") : tr("policy"))
                    .arg(of.id));
    QStringList changes;
    for (const auto& one : of.changes) {
        changes << say::change(one, ingest);
    }
    changes_->show(changes.isEmpty() ? nothingChanged(kind) : changes.join(QLatin1Char('\n')));
    why_->show(of.why.empty() ? format::undefined() : format::text(of.why));
    evidence_->show(of.evidence.empty() ? format::undefined() : evidenceLines(format::text(of.evidence)));
    next_->show(row_->next.empty() ? tr("Too early to say, or it is about no strategy.") : format::text(row_->next));
    showUndo();
    fit();
}

void JournalDetail::showUndo()
{
    const bool isPending = row_ && context_.commands.isDecisionPending(row_->decision.id);
    const bool can = row_ && row_->cannotUndo.empty() && !row_->isUndone && !isPending;
    undo_->setEnabled(can);
    undo_->setText(isPending ? tr("Pending") : tr("Undo…"));
    undo_->setDefault(can);
    undo_->setToolTip(can || !row_     ? tr("Takes it back; key U")
                      : row_->isUndone ? tr("It was taken back already")
                                       : format::text(row_->cannotUndo));
    undone_->setVisible(row_ && row_->decision.undoes);
    strategy_->setVisible(row_ && !strategyOf(row_->decision).isEmpty());
    if (row_ && !isPending && told_->text().isEmpty()) {
        told_->setMeaning(Meaning::TextMuted);
        told_->show(row_->isUndone             ? tr("It was taken back.")
                    : row_->cannotUndo.empty() ? QString()
                    : row_->decision.changes.empty() &&
                            governance::kindOf(row_->decision) == governance::DecisionKind::Execution
                        ? tr("A calibration is measured, not decided: the next one replaces it.")
                    : row_->decision.changes.empty() &&
                            governance::kindOf(row_->decision) == governance::DecisionKind::Experiment
                        ? tr("An experiment is not taken back; while it runs it is ended on Experiments.")
                        : tr("It cannot be taken back: %1").arg(format::text(row_->cannotUndo)));
    }
}

void JournalDetail::undo()
{
    if (!row_ || !undo_->isEnabled()) {
        return;
    }
    const auto changes = governance::takingBack(row_->decision.changes);
    const QString consequences =
        tr("%1\n\nIt becomes a decision of its own. If something else changed the same since, nothing is done and you "
           "are told what.")
            .arg(format::text(governance::text(changes)));
    const QString what = format::text(row_->decision.what);
    auto* dialog = new ReasonDialog(
        context_.theme, {tr("Take back: %1").arg(what), consequences, tr("Undo")},
        [this, id = row_->decision.id, what](const QString& reason) {
            told_->show({});
            context_.commands.undoDecision(id, what, reason);
        },
        window());
    dialog->open();
}

} // namespace qd::ui
