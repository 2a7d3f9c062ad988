#include "ui/strategies/review_card.h"

#include "ui/command_desk.h"
#include "ui/decision_words.h"
#include "ui/questions.h"
#include "ui/widgets/card.h"
#include "ui/widgets/paint.h"

#include <QPainter>
#include <QPushButton>

namespace qd::ui {

namespace {

constexpr std::size_t mostNamed = 3;

} // namespace

ReviewCard::ReviewCard(const PageContext& context, QWidget* parent)
    : QWidget(parent),
      context_(context),
      title_(new TextLabel(context.theme, FontRole::Strong, Meaning::Text)),
      text_(new TextLabel(context.theme, FontRole::Caption, Meaning::TextMuted)),
      apply_(new QPushButton(tr("Apply"), this)),
      choose_(new QPushButton(tr("Choose…"), this)),
      dismiss_(new QPushButton(tr("Dismiss…"), this)),
      dry_(new QPushButton(tr("Dry run of tonight"), this)),
      now_(new QPushButton(tr("Review now"), this))
{
    text_->setWordWrap(true);
    dry_->setToolTip(tr("What tonight's review would propose as things stand; changes nothing"));
    now_->setToolTip(tr("Holds the review now; its proposals take the place of those before"));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    for (auto* button : {apply_, choose_, dismiss_}) {
        buttons->addWidget(button);
    }
    buttons->addStretch(1);
    buttons->addWidget(dry_);
    buttons->addWidget(now_);
    for (auto* button : {apply_, choose_, dismiss_, dry_, now_}) {
        button->setAutoDefault(false);
    }
    layout_ = new QBoxLayout(QBoxLayout::TopToBottom, this);
    layout_->setContentsMargins(13, 9, 13, 9);
    layout_->setSpacing(5);
    layout_->addWidget(title_);
    layout_->addWidget(text_);
    layout_->addLayout(buttons, 1);
    setAccessibleName(tr("Review"));
    connect(apply_, &QPushButton::clicked, this, &ReviewCard::applyAll);
    connect(choose_, &QPushButton::clicked, this, &ReviewCard::choose);
    connect(dismiss_, &QPushButton::clicked, this, &ReviewCard::dismissAll);
    connect(dry_, &QPushButton::clicked, this, &ReviewCard::dryRun);
    connect(now_, &QPushButton::clicked, this, [this] { context_.commands.reviewNow(); });
    connect(&context.commands, &CommandDesk::pendingChanged, this, &ReviewCard::showState);
    connect(&context.theme, &Theme::changed, this, qOverload<>(&QWidget::update));
    showState();
}

void ReviewCard::setCompact(bool isCompact)
{
    layout_->setDirection(isCompact ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    layout_->setSpacing(isCompact ? 12 : 5);
    text_->setVisible(!isCompact);
}

void ReviewCard::show(const Snapshots& snapshots)
{
    const bool isSame = newest_.governance == snapshots.governance && newest_.governance != nullptr;
    newest_ = snapshots;
    if (isSame) {
        return;
    }
    showState();
    if (dialog_ && !isDryShown_ && newest_.governance) {
        dialog_->setIngest(newest_.ingest);
        dialog_->show(*newest_.governance);
    }
}

void ReviewCard::showState()
{
    const auto* now = newest_.governance.get();
    const auto proposals = now != nullptr ? openProposals(*now) : std::vector<const console::ProposalRow*>{};
    const auto waiting = std::ranges::count_if(
        proposals, [this](const auto* row) { return context_.commands.isProposalPending(row->id); });
    const bool isPending = waiting > 0;
    const bool has = !proposals.empty();
    title_->setMeaning(has ? Meaning::Warning : Meaning::TextMuted);
    title_->show(!has                    ? tr("Nightly review: nothing is proposed")
                 : proposals.size() == 1 ? tr("Review proposes 1 change")
                                         : tr("Review proposes %1 changes").arg(proposals.size()));
    QStringList words;
    if (now == nullptr) {
        words << tr("It proposes whom to drop, take back or promote, by the policy's rules.");
    } else if (now->state == console::EngineState::Failed || !now->detail.empty()) {
        words << format::text(now->detail);
    } else if (now->abstains) {
        words << tr("It abstains: %1 of its window is gap.").arg(format::percent(now->gapShare, 1));
    } else {
        for (std::size_t i = 0; i < std::min(mostNamed, proposals.size()); ++i) {
            const auto& of = proposals[i]->proposal;
            const auto* figure = say::weightiest(of.figures);
            words << say::title(of, newest_.ingest.get()) +
                         (figure == nullptr ? QString()
                                            : tr(" (%1 %2)").arg(format::text(figure->name), say::value(*figure)));
        }
        if (proposals.size() > mostNamed) {
            words << tr("and %1 more").arg(proposals.size() - mostNamed);
        }
    }
    QString text = words.join(QStringLiteral("; "));
    if (now != nullptr && !has && now->reviewed) {
        text += (text.isEmpty() ? QString() : QStringLiteral(" ")) +
                tr("Last held %1.").arg(format::moment(*now->reviewed, context_.now(), context_.zone));
    }
    if (now != nullptr && now->nextReview.value > 0 && !has) {
        text += QLatin1Char(' ') + tr("Next %1.").arg(format::moment(now->nextReview, context_.now(), context_.zone));
    }
    text_->show(text.trimmed());
    for (auto* button : {apply_, choose_, dismiss_}) {
        button->setVisible(has);
        button->setEnabled(!isPending);
    }
    apply_->setText(isPending               ? tr("Pending")
                    : proposals.size() == 2 ? tr("Apply both")
                    : proposals.size() > 2  ? tr("Apply all")
                                            : tr("Apply"));
    apply_->setDefault(has && !isPending);
    now_->setEnabled(!context_.commands.isReviewPending());
    now_->setText(context_.commands.isReviewPending() ? tr("Reviewing…") : tr("Review now"));
    dry_->setEnabled(!isDryAsked_);
    update();
}

ReviewDialog& ReviewCard::open()
{
    if (!dialog_) {
        dialog_ = new ReviewDialog(context_, window());
    }
    dialog_->setIngest(newest_.ingest);
    return *dialog_;
}

void ReviewCard::choose()
{
    if (newest_.governance) {
        isDryShown_ = false;
        auto& dialog = open();
        dialog.show(*newest_.governance);
        dialog.open();
    }
}

void ReviewCard::applyAll()
{
    if (!newest_.governance) {
        return;
    }
    const auto proposals = openProposals(*newest_.governance);
    if (proposals.size() == 1) {
        applyProposal(context_, *proposals.front(), newest_.ingest.get(), window());
        return;
    }
    std::vector<std::int64_t> ids;
    QStringList subjects;
    for (const auto* row : proposals) {
        ids.push_back(row->id);
        subjects << journalSubject(row->proposal);
    }
    context_.commands.applyProposals(ids, subjects, QStringLiteral("nightly review"));
}

void ReviewCard::dismissAll()
{
    if (!newest_.governance) {
        return;
    }
    std::vector<std::int64_t> ids;
    for (const auto* row : openProposals(*newest_.governance)) {
        ids.push_back(row->id);
    }
    if (!ids.empty()) {
        dismissProposals(context_, ids, ids.size() == 1 ? tr("the proposal") : tr("%1 proposals").arg(ids.size()),
                         window());
    }
}

void ReviewCard::dryRun()
{
    if (isDryAsked_) {
        return;
    }
    isDryAsked_ = true;
    dry_->setText(tr("Computing…"));
    showState();
    context_.questions.ask(console::AskReview{}, this, [this](const console::Answer& answer) {
        isDryAsked_ = false;
        dry_->setText(tr("Dry run of tonight"));
        showState();
        const auto* dry = std::get_if<console::DryReview>(&answer.value);
        if (answer.error || dry == nullptr) {
            text_->show(tr("The dry run failed: %1").arg(format::sentence(answer.error.value_or(base::Error{}))));
            return;
        }
        isDryShown_ = true;
        auto& dialog = open();
        dialog.showDry(dry->review);
        dialog.open();
    });
}

QString ReviewCard::title() const
{
    return title_->text();
}

void ReviewCard::paintEvent(QPaintEvent*)
{
    const bool has = newest_.governance && !openProposals(*newest_.governance).empty();
    const auto& theme = context_.theme;
    QPainter p(this);
    const auto edge = theme.color(has ? Meaning::Warning : Meaning::Hairline);
    const auto card = theme.color(Meaning::Card);
    paint::box(p, rect(), has ? mixed(card, edge, 0.06) : card, has ? mixed(card, edge, 0.45) : edge, 6);
}

} // namespace qd::ui
