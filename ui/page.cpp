#include "ui/page.h"

namespace qd::ui {

void Page::deliver(const Snapshots& snapshots, Changes changes)
{
    newest_ = snapshots;
    stale_ |= changes;
    if (isVisible() && stale_ != Changes()) {
        refresh(newest_, std::exchange(stale_, Changes()));
    }
}

void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (stale_ != Changes()) {
        refresh(newest_, std::exchange(stale_, Changes()));
    }
}

} // namespace qd::ui
