// The proposals of a review, one box each: what, by which figures, how it would have been looking back, what happened
// after this rule's past decisions; apply, apply all, dismiss. Of a dry run they are only shown. GUI thread; deletes
// itself when it is closed.
#pragma once

#include "console/snapshots.h"
#include "ui/page.h"

#include <QDialog>

class QPushButton;
class QScrollArea;
class QVBoxLayout;

namespace qd::ui {

class TextLabel;

class ReviewDialog final : public QDialog {
    Q_OBJECT
public:
    ReviewDialog(const PageContext& context, QWidget* parent);

    void setIngest(std::shared_ptr<const console::IngestSnapshot> ingest) { ingest_ = std::move(ingest); }
    /// Those that may be decided.
    void show(const console::GovernanceSnapshot& governance);
    using QDialog::show;
    /// What tonight's review would propose as things stand.
    void showDry(const governance::Review& review);
    [[nodiscard]] int boxes() const { return static_cast<int>(buttons_.size()); }
    [[nodiscard]] QPushButton* applyButton(std::int64_t id) const;
    [[nodiscard]] QString headline() const;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void rebuild();
    void addBox(const console::ProposalRow& row);
    void addHeld(const std::vector<governance::Held>& held);
    void applyAll();

    struct Buttons {
        std::int64_t id;
        QPushButton* apply;
        QPushButton* dismiss;
    };
    const PageContext context_;
    std::shared_ptr<const console::IngestSnapshot> ingest_;
    console::GovernanceSnapshot shown_;
    bool isDry_ = false;
    TextLabel* title_;
    TextLabel* note_;
    QScrollArea* area_;
    QVBoxLayout* lines_ = nullptr;
    QPushButton* all_;
    std::vector<Buttons> buttons_;
};

/// Applies one; asks why where it changes back what was set by hand.
void applyProposal(const PageContext& context, const console::ProposalRow& row, const console::IngestSnapshot* ingest,
                   QWidget* window);
/// Asks why, and dismisses.
void dismissProposals(const PageContext& context, const std::vector<std::int64_t>& ids, const QString& what,
                      QWidget* window);
/// What the journal will name, once it is applied: "breakout", "breakout@7".
[[nodiscard]] QString journalSubject(const governance::Proposal& proposal);
[[nodiscard]] std::vector<const console::ProposalRow*> openProposals(const console::GovernanceSnapshot& governance);

} // namespace qd::ui
