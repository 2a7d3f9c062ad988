// One decision: what changed from what to what, why, on which evidence, what happened next, and the way back. GUI
// thread; owned by the page.
#pragma once

#include "console/queries.h"
#include "ui/page.h"
#include "ui/widgets/card.h"

class QBoxLayout;
class QPushButton;
class QVBoxLayout;

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
    [[nodiscard]] QLabel* evidence() { return evidence_; }

Q_SIGNALS:
    /// The one that this decision took back, or its strategy.
    void wantsDecision(qint64 id);
    void wantsPage(const QString& page, const QString& thing);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    TextLabel* add(QVBoxLayout& column, const QString& title);
    void showUndo();
    void fit();

    const PageContext context_;
    QWidget* content_;
    QBoxLayout* columns_; // what was decided, and what was known; they scroll where they are long
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
