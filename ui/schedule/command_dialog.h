// An outside command as a job: its name, what the shell is to run, when, and how long it may take. What the scheduler
// would refuse, and a name that is taken, is said while it is typed. GUI thread; parent owns.
#pragma once

#include "console/commands.h"

#include <QDialog>

#include <functional>
#include <string>

class QLineEdit;
class QPushButton;
class QSpinBox;

namespace qd::ui {

class TextLabel;
class Theme;

class CommandDialog final : public QDialog {
    Q_OBJECT
public:
    /// `isTaken`: whether there is a job of that name. It is asked at each change, and once more at *Add*.
    CommandDialog(const Theme& theme, std::function<bool(const std::string&)> isTaken, QWidget* parent = nullptr);
    [[nodiscard]] console::AddJob wish() const;

    void accept() override;

private:
    void check();
    std::function<bool(const std::string&)> isTaken_;
    QLineEdit* name_;
    QLineEdit* command_;
    QLineEdit* times_;
    QSpinBox* minutes_;
    TextLabel* problem_;
    QPushButton* add_ = nullptr;
};

} // namespace qd::ui
