// The result of what the operator just did, for some seconds, with a way back or the technical part. Lies in the corner
// of the window. GUI thread; the window owns it.
#pragma once

#include "ui/theme.h"

#include <QTimer>
#include <QWidget>

#include <functional>

class QPushButton;

namespace qd::ui {

class TextLabel;

class Toast final : public QWidget {
    Q_OBJECT
public:
    Toast(const Theme& theme, QWidget* parent);
    /// Replaces what is shown. Without `action` there is no button.
    void tell(const QString& text, Meaning tone, const QString& button = {}, std::function<void()> action = {});
    /// Back into the corner after the parent changed its size.
    void place();
    [[nodiscard]] QString text() const;
    [[nodiscard]] QPushButton* button() { return button_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    const Theme& theme_;
    TextLabel* text_;
    QPushButton* button_;
    QPushButton* close_;
    QTimer away_;
    std::function<void()> action_;
    Meaning tone_ = Meaning::Text;
};

} // namespace qd::ui
