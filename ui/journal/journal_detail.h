// One decision: what changed from what to what, why, on which evidence, what happened next, and the way back. GUI
// thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

class QPushButton;

namespace qd::ui {

class JournalDetail final : public Card {
    Q_OBJECT
public:
    explicit JournalDetail(const PageContext& context, QWidget* parent = nullptr);

    /// Null: none is chosen.
    void show(const console::JournalRow* row, const console::IngestSnapshot* ingest);
    using QWidget::show;
    /// Asks for the reason and takes it back; nothing where that cannot be.
    void undo();
    [[nodiscard]] QPushButton* undoButton() { return undo_; }
    [[nodiscard]] QString told() const { return told_->text(); }

Q_SIGNALS:
    /// The one that this decision took back, or its strategy.
    void wantsDecision(qint64 id);
    void wantsPage(const QString& page, const QString& thing);

private:
    TextLabel* add(const QString& title);
    void showUndo();

    const PageContext context_;
    QVBoxLayout* lines_; // scroll where they are many
    std::optional<console::JournalRow> row_;
    TextLabel* what_;
    TextLabel* when_;
    TextLabel* changes_;
    TextLabel* why_;
    TextLabel* evidence_;
    TextLabel* next_;
    TextLabel* told_;
    QPushButton* undo_;
    QPushButton* undone_;
    QPushButton* strategy_;
};

} // namespace qd::ui
