// Health › Storage: the backups, how the database file stands, and the ways to back up now, to choose the folder and to
// restore. A restore is checked and made ready first; it takes force when the console starts again. GUI thread; owned
// by the page.
#pragma once

#include "ui/page.h"

#include <functional>

class QPushButton;

namespace qd::ui {

class BackupModel;
class DataTable;
class ProgressCard;
class TextLabel;

class StoragePane final : public QWidget {
    Q_OBJECT
public:
    explicit StoragePane(const PageContext& context, QWidget* parent = nullptr);

    /// Either may be null: not known yet.
    void show(const console::CareSnapshot* care, const console::StoreSnapshot* store);
    using QWidget::show;
    void restyle();
    [[nodiscard]] DataTable* table() { return table_; }
    [[nodiscard]] QString facts() const;
    [[nodiscard]] QString note() const; // for the card's header
    [[nodiscard]] QPushButton* backUpButton() { return backUp_; }
    [[nodiscard]] QPushButton* folderButton() { return choose_; }
    [[nodiscard]] QPushButton* restoreButton() { return restore_; }
    [[nodiscard]] QPushButton* restartButton() { return restart_; }
    [[nodiscard]] QPushButton* dropButton() { return drop_; }
    [[nodiscard]] ProgressCard* progress() { return progress_; }
    /// Now; where there is no folder yet it is asked for, and the first one follows by itself.
    void backUp();
    /// Dialogs, unless a test puts its own here; empty: none was chosen.
    std::function<QString()> askFolder;
    std::function<QString()> askFile;

Q_SIGNALS:
    /// What was made ready shall take force.
    void restartWished();

private:
    void layOut();
    void chooseFolder();
    void restore();
    void showState();
    [[nodiscard]] QStringList backupFacts() const;
    [[nodiscard]] QStringList storeFacts() const;

    const PageContext context_;
    std::optional<console::CareSnapshot> care_;
    std::optional<console::StoreSnapshot> store_;
    BackupModel* backups_;
    DataTable* table_;
    TextLabel* backupFacts_;
    TextLabel* storeFacts_;
    TextLabel* staged_;
    ProgressCard* progress_;
    QPushButton* backUp_;
    QPushButton* choose_;
    QPushButton* restore_;
    QPushButton* restart_;
    QPushButton* drop_;
};

} // namespace qd::ui
