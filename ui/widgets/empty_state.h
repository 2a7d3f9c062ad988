// Where nothing is yet: what would be here, what to do meanwhile, and where it fits a button that brings it. GUI
// thread.
#pragma once

#include "ui/widgets/card.h"

#include <QPushButton>

namespace qd::ui {

class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const Theme& theme, const QString& title, const QString& sentence, QWidget* parent = nullptr);
    /// The first one is the primary one.
    QPushButton* addButton(const QString& text);

private:
    QHBoxLayout* buttons_;
};

} // namespace qd::ui
