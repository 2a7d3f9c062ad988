// What the newest review proposes, in short: apply all, choose, dismiss; a dry run of tonight and a review now. GUI
// thread; owned by the page.
#pragma once

#include "ui/strategies/review_dialog.h"

#include <QPointer>

class QBoxLayout;
class QPushButton;

namespace qd::ui {

class TextLabel;

class ReviewCard final : public QWidget {
    Q_OBJECT
public:
    explicit ReviewCard(const PageContext& context, QWidget* parent = nullptr);

    void show(const Snapshots& snapshots);
    using QWidget::show;
    /// In a low window: one line, without the names.
    void setCompact(bool isCompact);
    void applyAll();
    void choose();
    void dismissAll();
    void dryRun();
    [[nodiscard]] ReviewDialog* dialog() { return dialog_; }
    [[nodiscard]] QString title() const;
    [[nodiscard]] QPushButton* applyButton() { return apply_; }
    [[nodiscard]] QPushButton* dryButton() { return dry_; }
    [[nodiscard]] QPushButton* nowButton() { return now_; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ReviewDialog& open();
    void showState();

    const PageContext context_;
    Snapshots newest_;
    QBoxLayout* layout_;
    TextLabel* title_;
    TextLabel* text_;
    QPushButton* apply_;
    QPushButton* choose_;
    QPushButton* dismiss_;
    QPushButton* dry_;
    QPushButton* now_;
    QPointer<ReviewDialog> dialog_;
    bool isDryAsked_ = false;
    bool isDryShown_ = false; // in the dialog
};

} // namespace qd::ui
