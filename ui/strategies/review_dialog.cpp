#include "ui/strategies/review_dialog.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/strategies/reason_dialog.h"
#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QPainter>
#include <QPushButton>
#include <QScrollArea>

#include <algorithm>

namespace qd::ui {

namespace {

/// An outlined box on the dialog's ground.
class Box final : public QWidget {
public:
    explicit Box(const Theme& theme) : theme_(theme) {}

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter p(this);
        paint::box(p, rect(), theme_.color(Meaning::Card), theme_.color(Meaning::Hairline), 6);
    }

private:
    const Theme& theme_;
};

QString stateWord(const console::ProposalRow& row)
{
    const QString note = row.note.empty() ? QString() : QStringLiteral(": ") + format::text(row.note);
    switch (row.state) {
    case console::ProposalState::Applied:
        return ReviewDialog::tr("applied") + note;
    case console::ProposalState::Dismissed:
        return ReviewDialog::tr("dismissed") + note;
    case console::ProposalState::Gone:
        return ReviewDialog::tr("its verdict has changed") + note;
    case console::ProposalState::Open:
        break;
    }
    return note.isEmpty() ? QString() : format::text(row.note);
}

// Why only the operator applies it; empty if the policy may.
QString onlyByHand(const governance::Proposal& proposal)
{
    switch (proposal.onlyByHand) {
    case governance::OnlyByHand::No:
        break;
    case governance::OnlyByHand::ReversesOperator:
        return ReviewDialog::tr("It changes back what you set by hand not long ago.");
    case governance::OnlyByHand::TakenBackAlready:
        return ReviewDialog::tr("The rules have turned it on before, not long ago: it may only flap.");
    }
    return {};
}

} // namespace

std::vector<const console::ProposalRow*> openProposals(const console::GovernanceSnapshot& governance)
{
    std::vector<const console::ProposalRow*> out;
    for (const auto& row : governance.proposals) {
        if (row.state == console::ProposalState::Open) {
            out.push_back(&row);
        }
    }
    return out;
}

QString journalSubject(const governance::Proposal& proposal)
{
    return format::text(proposal.changes.empty() ? proposal.subject.strategy : proposal.changes.front().subject);
}

void applyProposal(const PageContext& context, const console::ProposalRow& row, const console::IngestSnapshot* ingest,
                   QWidget* window)
{
    const QString subject = journalSubject(row.proposal);
    auto* desk = &context.commands;
    const QString warning = onlyByHand(row.proposal);
    if (warning.isEmpty()) {
        desk->applyProposals({row.id}, {subject}, QStringLiteral("nightly review"));
        return;
    }
    auto* dialog = new ReasonDialog(
        context.theme,
        {say::title(row.proposal, ingest), QStringLiteral("%1\n\n%2").arg(warning, say::evidence(row.proposal)),
         ReviewDialog::tr("Apply")},
        [desk, id = row.id, subject](const QString& reason) { desk->applyProposals({id}, {subject}, reason); }, window);
    dialog->open();
}

void dismissProposals(const PageContext& context, const std::vector<std::int64_t>& ids, const QString& what,
                      QWidget* window)
{
    auto* desk = &context.commands;
    auto* dialog = new ReasonDialog(
        context.theme,
        {ReviewDialog::tr("Dismiss: %1").arg(what),
         ReviewDialog::tr("Nothing changes. The next review proposes it again if its figures still say so."),
         ReviewDialog::tr("Dismiss")},
        [desk, ids](const QString& reason) { desk->dismissProposals(ids, reason); }, window);
    dialog->open();
}

ReviewDialog::ReviewDialog(const PageContext& context, QWidget* parent)
    : QDialog(parent),
      context_(context),
      title_(new TextLabel(context.theme, FontRole::Heading, Meaning::Text, {}, this)),
      note_(new TextLabel(context.theme, FontRole::Body, Meaning::TextMuted, {}, this)),
      area_(new QScrollArea(this)),
      all_(new QPushButton(tr("Apply all"), this))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Quarterdeck · Review"));
    setAccessibleName(tr("Review"));
    note_->setWordWrap(true);
    area_->setWidgetResizable(true);
    area_->setFrameShape(QFrame::NoFrame);
    area_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* close = new QPushButton(tr("Close"), this);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(all_);
    buttons->addStretch(1);
    buttons->addWidget(close);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(20, 16, 20, 16);
    layout->setSpacing(cardGap);
    layout->addWidget(title_);
    layout->addWidget(note_);
    layout->addWidget(area_, 1);
    layout->addLayout(buttons);
    resize(760, 620);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(all_, &QPushButton::clicked, this, &ReviewDialog::applyAll);
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ReviewDialog::rebuild);
}

void ReviewDialog::show(const console::GovernanceSnapshot& governance)
{
    isDry_ = false;
    shown_ = governance;
    rebuild();
}

void ReviewDialog::showDry(const governance::Review& review)
{
    isDry_ = true;
    shown_ = {};
    shown_.reviewed = review.at;
    shown_.abstains = review.abstains;
    shown_.gapShare = review.gapShare;
    shown_.held = review.held;
    for (const auto& proposal : review.proposals) {
        shown_.proposals.push_back({0, proposal, console::ProposalState::Open, {}});
    }
    rebuild();
}

void ReviewDialog::rebuild()
{
    const auto open = openProposals(shown_).size();
    title_->show(isDry_ ? tr("Dry run of tonight — %1 proposals").arg(open)
                        : tr("Review — %1 open proposals").arg(open));
    const QString when =
        shown_.reviewed ? format::moment(*shown_.reviewed, context_.now(), context_.zone) : format::undefined();
    note_->show(shown_.abstains ? tr("It abstains: %1 of its window is gap, so nothing is proposed.")
                                      .arg(format::percent(shown_.gapShare, 1))
                : isDry_    ? tr("As things stand at %1. It changes nothing; figures may differ tonight.").arg(when)
                : open == 0 ? tr("Held %1. Nothing is open.").arg(when)
                            : tr("Held %1. Each is checked again as it is applied; one that no longer holds is left "
                                 "out, the others go on.")
                                  .arg(when));
    buttons_.clear();
    auto* content = new QWidget;
    lines_ = new QVBoxLayout(content);
    lines_->setContentsMargins(0, 0, 8, 0);
    lines_->setSpacing(8);
    for (const auto& row : shown_.proposals) {
        addBox(row);
    }
    addHeld(shown_.held);
    lines_->addStretch(1);
    area_->setWidget(content);
    content->setAutoFillBackground(false);
    area_->viewport()->setAutoFillBackground(false);
    all_->setVisible(!isDry_ && open > 1);
    all_->setDefault(open > 1);
}

void ReviewDialog::addBox(const console::ProposalRow& row)
{
    const bool isPending = !isDry_ && context_.commands.isProposalPending(row.id);
    const bool isOpen = row.state == console::ProposalState::Open;
    auto* box = new Box(context_.theme);
    auto* lines = new QVBoxLayout(box);
    lines->setContentsMargins(13, 10, 13, 10);
    lines->setSpacing(4);
    auto* head = new QHBoxLayout;
    const QString title = say::title(row.proposal, ingest_.get());
    head->addWidget(new TextLabel(context_.theme, FontRole::Strong, Meaning::Text, title), 1);
    lines->addLayout(head);
    const auto add = [&](const QString& text, Meaning tone) {
        auto* label = new TextLabel(context_.theme, FontRole::Caption, tone, text);
        label->setWordWrap(true);
        lines->addWidget(label);
    };
    add(format::text(governance::sentence(row.proposal.rule)), Meaning::TextMuted);
    for (const auto& figure : row.proposal.figures) {
        add(say::line(figure), Meaning::Text);
    }
    if (row.proposal.lookingBack) {
        add(say::lookingBack(*row.proposal.lookingBack), Meaning::TextMuted);
    } else if (row.proposal.rule == governance::Rule::Candidate) {
        add(tr("Candidacy changes nothing that is traded: with and without it the past is the same."),
            Meaning::TextMuted);
    }
    add(say::record(row.proposal.record), Meaning::TextMuted);
    if (const QString warning = onlyByHand(row.proposal); !warning.isEmpty()) {
        add(tr("%1 It is never applied by itself.").arg(warning), Meaning::Warning);
    }
    if (isDry_) {
        buttons_.push_back({0, nullptr, nullptr});
    } else {
        auto* state = new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted,
                                    isPending ? tr("pending") : stateWord(row));
        auto* apply = new QPushButton(tr("Apply"), box);
        auto* dismiss = new QPushButton(tr("Dismiss…"), box);
        apply->setAccessibleName(tr("Apply: %1").arg(title));
        dismiss->setAccessibleName(tr("Dismiss: %1").arg(title));
        for (auto* button : {apply, dismiss}) {
            button->setVisible(isOpen);
            button->setEnabled(!isPending);
            button->setAutoDefault(false);
        }
        head->addWidget(state);
        head->addWidget(apply);
        head->addWidget(dismiss);
        connect(apply, &QPushButton::clicked, this, [this, row] { applyProposal(context_, row, ingest_.get(), this); });
        connect(dismiss, &QPushButton::clicked, this,
                [this, row, title] { dismissProposals(context_, {row.id}, title, this); });
        buttons_.push_back({row.id, apply, dismiss});
    }
    lines_->addWidget(box);
}

void ReviewDialog::addHeld(const std::vector<governance::Held>& held)
{
    if (held.empty()) {
        return;
    }
    lines_->addWidget(
        new TextLabel(context_.theme, FontRole::Caption, Meaning::TextFaint, tr("Held back, not proposed")));
    for (const auto& one : held) {
        auto* label =
            new TextLabel(context_.theme, FontRole::Caption, Meaning::TextMuted,
                          tr("%1, %2: %3")
                              .arg(say::subject(one.subject, ingest_.get()), format::text(governance::name(one.rule)),
                                   format::text(governance::sentence(one.why))));
        label->setWordWrap(true);
        lines_->addWidget(label);
    }
}

void ReviewDialog::applyAll()
{
    std::vector<std::int64_t> ids;
    QStringList subjects;
    for (const auto* row : openProposals(shown_)) {
        ids.push_back(row->id);
        subjects << journalSubject(row->proposal);
    }
    context_.commands.applyProposals(ids, subjects, QStringLiteral("nightly review"));
}

QPushButton* ReviewDialog::applyButton(std::int64_t id) const
{
    const auto found = std::ranges::find(buttons_, id, &Buttons::id);
    return found == buttons_.end() ? nullptr : found->apply;
}

QString ReviewDialog::headline() const
{
    return title_->text();
}

void ReviewDialog::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), context_.theme.color(Meaning::Background));
}

} // namespace qd::ui
