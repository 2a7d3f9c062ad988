// "Needs you": one box a cause, gravest first, each leading to where it can be looked at. J and K go to the next and
// the one before, Enter opens. GUI thread; parent owns.
#pragma once

#include "ui/attention.h"

#include <QScrollArea>

class QVBoxLayout;

namespace qd::ui {

class AttentionList final : public QScrollArea {
    Q_OBJECT
public:
    explicit AttentionList(const Theme& theme, QWidget* parent = nullptr);
    /// Rebuilds only if something differs.
    void setItems(const std::vector<Attention>& items);
    [[nodiscard]] const std::vector<Attention>& items() const { return items_; }

Q_SIGNALS:
    void opened(const QString& page);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    [[nodiscard]] QWidget* box(const Attention& item);
    void showCalm();

    const Theme& theme_;
    std::vector<Attention> items_;
    std::vector<QWidget*> buttons_;
    QVBoxLayout* layout_;
    bool isBuilt_ = false;
};

} // namespace qd::ui
