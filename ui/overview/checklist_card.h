// The checklist of the first days on Overview. It stays until all five lines are done and the operator puts it away;
// that is remembered in the data directory. GUI thread; the page
// owns it.
#pragma once

#include "ui/overview/checklist.h"
#include "ui/widgets/card.h"

class QPushButton;

namespace qd::ui {

class ChecklistCard final : public Card {
    Q_OBJECT
public:
    explicit ChecklistCard(const PageContext& context, QWidget* parent = nullptr);

    void refresh(const Snapshots& snapshots);
    [[nodiscard]] bool isPutAway() const;
    void setPutAway(bool isPutAway);
    /// In a low window: the steps to do alone, the first of them with its reason.
    void setCompact(bool isCompact);
    [[nodiscard]] const std::array<Check, 5>& checks() const { return checks_; }

Q_SIGNALS:
    /// A page, and what of it.
    void opened(const QString& page, const QString& thing);
    /// It was put away, or brought back.
    void putAwayChanged();

private:
    struct Line {
        QWidget* mark;
        TextLabel* title;
        TextLabel* reason;
        QPushButton* button;
    };
    [[nodiscard]] Line addLine(CheckLine which);
    void act(CheckLine which);
    void rebuild();
    void showLines();

    const PageContext context_;
    std::array<Line, 5> lines_{};
    std::array<Check, 5> checks_;
    QPushButton* done_;
    Snapshots newest_;
    bool isCompact_ = false;
    bool isBuilt_ = false;
};

} // namespace qd::ui
