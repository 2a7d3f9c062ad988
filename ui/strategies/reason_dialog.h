// Asks for one line of reason before something is done that is journalled or cannot be had back, and says what will
// happen. Nothing happens without a reason. GUI thread; deletes itself when it is closed.
#pragma once

#include "ui/page.h"

#include <QDialog>

#include <functional>

class QLineEdit;
class QPushButton;

namespace qd::ui {

struct ReasonQuestion {
    QString title;            // "Switch 3 strategies off"
    QString consequences;     // what will happen, in sentences
    QString button;           // "Switch off"
    QWidget* extra = nullptr; // over the line of the reason; the dialog's from then on
    QString reason = {};      // filled in at first: what the evidence says
};

class ReasonDialog final : public QDialog {
    Q_OBJECT
public:
    ReasonDialog(const Theme& theme, const ReasonQuestion& question, std::function<void(const QString&)> done,
                 QWidget* parent);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    QLineEdit* reason_;
    QPushButton* go_;
};

} // namespace qd::ui
