// One page of a window that watches: a table of what its path answers, what of it is asked (lists, words, pages of a
// hundred), and what the API has against the question. GUI thread; owned by the window.
#pragma once

#include "console/watched.h"
#include "ui/watch/watch_pages.h"
#include "ui/widgets/card.h"

#include <QTimer>

#include <set>

class QComboBox;
class QLineEdit;
class QPushButton;

namespace qd::ui {

class DataTable;
class WindowMemory;

class WatchPane final : public Card {
    Q_OBJECT
public:
    WatchPane(const Theme& theme, WindowMemory& memory, const WatchPage& page, QWidget* parent = nullptr);

    /// What is to be asked for it now, with its parameters.
    [[nodiscard]] std::string path() const;
    /// An answer to path(); the same one again is no work. Another path's is dropped.
    void take(const console::WatchedPage& answer, const WatchTime& time);

    [[nodiscard]] DataTable* table() { return table_; }
    [[nodiscard]] WatchModel& model() { return *model_; }
    [[nodiscard]] QComboBox* choice(int index) { return choices_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] QLineEdit* field(int index) { return fields_[static_cast<std::size_t>(index)]; }
    [[nodiscard]] QPushButton* newer() { return newer_; }
    [[nodiscard]] QPushButton* older() { return older_; }
    /// "Rows 1 to 100 of 4 312"; what the API has against the question.
    [[nodiscard]] QString told() const;
    [[nodiscard]] QString wrong() const;

Q_SIGNALS:
    /// Something else is wanted.
    void pathChanged();

private:
    void addChoices(WindowMemory& memory);
    void readFields();
    void tellSeveral();
    [[nodiscard]] QStringList namesWith(std::size_t field, const QString& part) const;
    void addPager();
    void askAnew();
    void forget();
    void sayWaiting();
    void turn(bool isOlder);
    void showRows(const QJsonObject& answer);
    void showWrong(int status, const QJsonObject& answer);
    void showPager();

    const Theme& theme_;
    const WatchPage& page_;
    WatchModel* model_;
    DataTable* table_;
    std::vector<QComboBox*> choices_;
    std::vector<QLineEdit*> fields_;
    std::vector<QString> typed_;          // what the fields asked for last
    std::vector<std::set<QString>> seen_; // the names of each field's column in all rows so far
    QTimer pause_;                        // of the typing
    bool isSeveral_ = false;              // told that what is typed is a part of several names
    TextLabel* wrong_;
    TextLabel* told_ = nullptr;
    QPushButton* newer_ = nullptr;
    QPushButton* older_ = nullptr;
    QStringList cursors_;     // of the pages before this one and of this one; empty: the first
    QString next_;            // cursor of the page after
    std::int64_t before_ = 0; // rows on the pages before this one
    std::vector<std::int64_t> counts_;
    std::int64_t total_ = 0;
    WatchTime time_;
    std::shared_ptr<const std::string> shown_; // the newest answer to what is asked now; null: none yet
    std::string shownPath_;
};

} // namespace qd::ui
