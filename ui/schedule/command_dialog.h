// An outside command as a job: its name, what the shell is to run, when, and how long it may take. What the scheduler
// would refuse is said while it is typed. GUI thread; parent owns.
#pragma once

#include "console/commands.h"

#include <QDialog>

class QLineEdit;
class QPushButton;
class QSpinBox;

namespace qd::ui {

class TextLabel;
class Theme;

class CommandDialog final : public QDialog {
    Q_OBJECT
public:
    explicit CommandDialog(const Theme& theme, QWidget* parent = nullptr);
    [[nodiscard]] console::AddJob wish() const;

private:
    void check();
    QLineEdit* name_;
    QLineEdit* command_;
    QLineEdit* times_;
    QSpinBox* minutes_;
    TextLabel* problem_;
    QPushButton* add_ = nullptr;
};

} // namespace qd::ui
