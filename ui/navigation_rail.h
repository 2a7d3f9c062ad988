// The ten pages, at the left edge. A small amber count where something waits. GUI thread; parent owns.
#pragma once

#include "ui/theme.h"

#include <QAbstractButton>

#include <vector>

namespace qd::ui {

class RailButton final : public QAbstractButton {
    Q_OBJECT
public:
    RailButton(const Theme& theme, const QString& title, QWidget* parent = nullptr);
    void setCount(int count);
    [[nodiscard]] int count() const { return count_; }
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    const Theme& theme_;
    int count_ = 0;
};

class NavigationRail final : public QWidget {
    Q_OBJECT
public:
    /// The last title stands at the bottom.
    NavigationRail(const Theme& theme, const QStringList& titles, QWidget* parent = nullptr);
    void setCurrent(int page);
    /// Case does not matter; -1: it has no page of that name.
    [[nodiscard]] int indexOf(const QString& title) const;
    void setCount(int page, int count);
    [[nodiscard]] RailButton* button(int page) { return buttons_[static_cast<std::size_t>(page)]; }

Q_SIGNALS:
    void chosen(int page);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    const Theme& theme_;
    std::vector<RailButton*> buttons_;
};

} // namespace qd::ui
