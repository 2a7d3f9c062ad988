// How far the back-fill of candles is, in the strip under every page: words, a bar, and a button that stops it or takes
// it up again. Hidden where there is nothing to fetch. GUI thread; the strip owns it.
#pragma once

#include "ui/page.h"

#include <QWidget>

class QToolButton;

namespace qd::ui {

class TextLabel;

class HistoryLine final : public QWidget {
    Q_OBJECT
public:
    explicit HistoryLine(const PageContext& context, QWidget* parent = nullptr);
    void refresh(const console::HistoryProgress* history);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QToolButton* button() { return button_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const PageContext context_;
    TextLabel* words_;
    QWidget* bar_;
    TextLabel* left_;
    QToolButton* button_;
    double share_ = 0;
    bool isCancelled_ = false;
};

/// "12 min left", "1 h 5 min left", "under a minute left".
[[nodiscard]] QString timeLeft(base::Millis left);

} // namespace qd::ui
