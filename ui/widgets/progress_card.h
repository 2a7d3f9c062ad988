// A long job: what, how far, how much longer, and a way to stop it. GUI thread; parent owns.
#pragma once

#include "ui/theme.h"

#include <QWidget>

class QPushButton;

namespace qd::ui {

class TextLabel;

class ProgressCard : public QWidget {
    Q_OBJECT
public:
    explicit ProgressCard(const Theme& theme, QWidget* parent = nullptr);
    /// `share` 0…1; `step` stands right of the title, `detail` under the bar.
    void setProgress(const QString& title, const QString& step, double share, const QString& detail);
    void setCancellable(bool can);
    [[nodiscard]] double share() const { return share_; }

Q_SIGNALS:
    void cancelled();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitTitle();
    const Theme& theme_;
    TextLabel* title_;
    TextLabel* step_;
    TextLabel* detail_;
    QWidget* bar_;
    QPushButton* cancel_;
    QString whole_; // the title; where it is too long its end gives way
    double share_ = 0;
};

} // namespace qd::ui
