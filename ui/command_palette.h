// Ctrl+K: type a few letters, Enter does it. Pages, instruments, strategies, actions. GUI thread; lies over the
// window's content and is owned by it.
#pragma once

#include "ui/theme.h"

#include <QAbstractListModel>
#include <QWidget>

#include <functional>
#include <vector>

class QLineEdit;
class QListView;

namespace qd::ui {

struct PaletteEntry {
    QString kind; // "Page", "Instrument", "Strategy", "Action"
    QString title;
    QString hint; // key, state
    std::function<void()> act;
    bool needsItsWords =
        false; // takes something away: scattered letters do not find it, each word must be in the title
};

/// The entries that match, best first; with nothing typed all in the given order.
class PaletteModel final : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role : int { KindRole = Qt::UserRole + 1, HintRole };
    explicit PaletteModel(QObject* parent = nullptr) : QAbstractListModel(parent) {}
    void setEntries(std::vector<PaletteEntry> entries);
    void setTyped(const QString& typed);
    [[nodiscard]] const PaletteEntry& entry(int row) const { return entries_[shown_[static_cast<std::size_t>(row)]]; }
    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<PaletteEntry> entries_;
    std::vector<std::size_t> shown_;
    QString typed_;
};

class CommandPalette final : public QWidget {
    Q_OBJECT
public:
    CommandPalette(const Theme& theme, QWidget* parent);
    void open(std::vector<PaletteEntry> entries);
    [[nodiscard]] PaletteModel& model() { return model_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void act(const QModelIndex& index);
    void dismiss();
    void step(int rows);

    const Theme& theme_;
    PaletteModel model_;
    QLineEdit* line_;
    QListView* list_;
    QWidget* before_ = nullptr; // had the focus
};

} // namespace qd::ui
